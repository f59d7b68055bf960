//! An SMTP server that takes messages and does as it is told: offers what the script offers,
//! refuses what it refuses, hangs up where it says so, and remembers all it was given.
//!
//! It is written apart from the product's own session on purpose, so that both cannot be wrong in
//! the same way. Loopback only.

use std::{
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::Notify,
    time::timeout,
};
use tokio_rustls::TlsAcceptor;

/// How long a test waits for something to happen before it fails.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// What the server says and does.
#[derive(Clone, Debug, Default)]
pub struct Script {
    /// EHLO keywords, `SIZE 1000` with their values. `STARTTLS` needs `Sink::start_tls`.
    pub offers: Vec<String>,
    /// The first rule that matches the command is used, and used up where it has a count.
    pub rules: Vec<Rule>,
}

/// What to do on a command.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Start of the line in any case; `CONNECT` for the greeting, `.` for the message's end.
    pub on: String,
    pub does: Does,
    /// How often; `None`: always.
    pub times: Option<usize>,
}

#[derive(Clone, Debug)]
pub enum Does {
    /// Whole lines without the last CRLF. After 421 the connection closes.
    Reply(String),
    HangUp,
    /// At DATA or BDAT: after so many octets of the message.
    HangUpAfter(usize),
    /// Nothing more is said on this connection until [`Sink::release`].
    Wait,
}

/// One message that was taken.
#[derive(Clone, Debug)]
pub struct Taken {
    /// Which connection, from 0.
    pub connection: usize,
    /// The whole command lines.
    pub mail: String,
    pub rcpts: Vec<String>,
    /// Dots undone.
    pub bytes: Vec<u8>,
    pub tls: bool,
    /// Where the connection came from, and how it called itself.
    pub from: IpAddr,
    pub hello: String,
    /// Said by AUTH, decoded: `\0user\0password`, or `user\0password`.
    pub login: Option<String>,
}

/// A running server. It stops when it is dropped.
#[derive(Debug)]
pub struct Sink {
    pub address: SocketAddr,
    shared: Arc<Shared>,
    task: tokio::task::JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Shared {
    script: Mutex<Script>,
    taken: Mutex<Vec<Taken>>,
    /// Every line of every connection, in order.
    lines: Mutex<Vec<String>>,
    connections: Mutex<usize>,
    /// Open now, and at most so far.
    open: Mutex<(usize, usize)>,
    changed: Notify,
    released: Notify,
}

impl Script {
    /// Offers what every modern server does, and takes everything.
    pub fn modern() -> Self {
        let offers = ["PIPELINING", "8BITMIME", "SMTPUTF8", "DSN", "SIZE 50000000"];
        Self { offers: offers.map(str::to_owned).to_vec(), rules: Vec::new() }
    }

    /// Takes no connection.
    pub fn closed() -> Self {
        Self::modern().reply("CONNECT", "421 4.3.2 closed for tonight")
    }

    pub fn offering(offers: &[&str]) -> Self {
        Self { offers: offers.iter().map(ToString::to_string).collect(), rules: Vec::new() }
    }

    pub fn on(mut self, on: &str, does: Does) -> Self {
        self.rules.push(Rule { on: on.to_owned(), does, times: None });
        self
    }

    pub fn once(mut self, on: &str, does: Does) -> Self {
        self.rules.push(Rule { on: on.to_owned(), does, times: Some(1) });
        self
    }

    pub fn reply(self, on: &str, reply: &str) -> Self {
        self.on(on, Does::Reply(reply.to_owned()))
    }
}

impl Sink {
    pub async fn start(script: Script) -> Self {
        Self::start_with(script, None).await
    }

    /// Also answers STARTTLS, with this certificate and key.
    pub async fn start_tls(script: Script, tls: Arc<rustls::ServerConfig>) -> Self {
        Self::start_with(script, Some(TlsAcceptor::from(tls))).await
    }

    async fn start_with(script: Script, tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
        let address = listener.local_addr().expect("a bound socket has an address");
        let shared = Arc::new(Shared { script: Mutex::new(script), ..Shared::default() });
        let own = shared.clone();
        let task = tokio::spawn(async move {
            while let Ok((stream, from)) = listener.accept().await {
                let number = {
                    let mut connections = own.connections.lock().unwrap();
                    *connections += 1;
                    *connections - 1
                };
                own.changed.notify_waiters();
                let (own, tls) = (own.clone(), tls.clone());
                tokio::spawn(async move {
                    {
                        let mut open = own.open.lock().unwrap();
                        *open = (open.0 + 1, open.1.max(open.0 + 1));
                    }
                    serve(own.clone(), tls, (stream, from.ip()), number).await;
                    own.open.lock().unwrap().0 -= 1;
                });
            }
        });
        Self { address, shared, task }
    }

    /// From now on.
    pub fn rewrite(&self, script: Script) {
        *self.shared.script.lock().unwrap() = script;
    }

    /// Connections that wait go on.
    pub fn release(&self) {
        self.shared.released.notify_waiters();
    }

    pub fn taken(&self) -> Vec<Taken> {
        self.shared.taken.lock().unwrap().clone()
    }

    pub fn count(&self) -> usize {
        self.shared.taken.lock().unwrap().len()
    }

    /// How many connections were opened so far.
    pub fn connections(&self) -> usize {
        *self.shared.connections.lock().unwrap()
    }

    /// How many of them were open at the same time at most.
    pub fn open_max(&self) -> usize {
        self.shared.open.lock().unwrap().1
    }

    /// Every line that was said to it.
    pub fn lines(&self) -> Vec<String> {
        self.shared.lines.lock().unwrap().clone()
    }

    /// Waits until it holds; fails the test where it never does.
    pub async fn until(&self, what: &str, holds: impl Fn(&Self) -> bool) {
        let waiting = async {
            loop {
                let changed = self.shared.changed.notified();
                tokio::pin!(changed);
                changed.as_mut().enable();
                if holds(self) {
                    return;
                }
                changed.await;
            }
        };
        assert!(timeout(PATIENCE, waiting).await.is_ok(), "never happened: {what}");
    }

    /// Waits for so many messages, and gives them.
    pub async fn messages(&self, count: usize) -> Vec<Taken> {
        self.until(&format!("{count} messages"), |sink| sink.count() >= count).await;
        self.taken()
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.task.abort();
    }
}

trait Wire: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Wire for T {}

struct Talk {
    shared: Arc<Shared>,
    number: usize,
    wire: BufReader<Box<dyn Wire>>,
    tls: bool,
    from: IpAddr,
    hello: String,
    login: Option<String>,
    mail: Option<String>,
    rcpts: Vec<String>,
    chunks: Vec<u8>,
}

/// `None` ends the connection.
type Go = Option<()>;

async fn serve(
    shared: Arc<Shared>,
    tls: Option<TlsAcceptor>,
    (stream, from): (TcpStream, IpAddr),
    number: usize,
) -> Go {
    let _ = stream.set_nodelay(true);
    let mut talk = Talk {
        shared,
        number,
        wire: BufReader::new(Box::new(stream)),
        tls: false,
        from,
        hello: String::new(),
        login: None,
        mail: None,
        rcpts: Vec::new(),
        chunks: Vec::new(),
    };
    talk.obey("CONNECT", "220 sink.test ESMTP").await?;
    loop {
        let line = talk.line().await?;
        talk.shared.lines.lock().unwrap().push(line.clone());
        talk.shared.changed.notify_waiters();
        let verb = line.split(' ').next().unwrap_or_default().to_ascii_uppercase();
        match verb.as_str() {
            "STARTTLS" if tls.is_some() && !talk.tls => {
                talk.say("220 go ahead").await?;
                // Nothing is read ahead here: the client waits for the 220.
                let stream = talk.wire.into_inner();
                let stream = tls.as_ref()?.accept(stream).await.ok()?;
                talk.wire = BufReader::new(Box::new(stream));
                talk.tls = true;
            }
            _ => talk.command(&verb, &line).await?,
        }
    }
}

impl Talk {
    async fn command(&mut self, verb: &str, line: &str) -> Go {
        match verb {
            "EHLO" => {
                line.get(5..).unwrap_or_default().clone_into(&mut self.hello);
                let offers = self.shared.script.lock().unwrap().offers.clone();
                let mut reply = "250-sink.test".to_owned();
                for offer in offers.iter().filter(|offer| !self.tls || *offer != "STARTTLS") {
                    reply.push_str(&format!("\r\n250-{offer}"));
                }
                self.obey(line, &format!("{reply}\r\n250 HELP")).await
            }
            "AUTH" => self.auth(line).await,
            "MAIL" => {
                let fine = self.mail.is_none();
                let reply = if fine { "250 2.1.0 ok" } else { "503 5.5.1 nested MAIL" };
                if self.positive(line, reply).await? && fine {
                    self.mail = Some(line.to_owned());
                }
                Some(())
            }
            "RCPT" => {
                let reply = if self.mail.is_some() { "250 2.1.5 ok" } else { "503 5.5.1 no MAIL" };
                if self.positive(line, reply).await? {
                    self.rcpts.push(line.to_owned());
                }
                Some(())
            }
            "DATA" => self.data(line).await,
            "BDAT" => self.bdat(line).await,
            "RSET" => {
                self.forget();
                self.obey(line, "250 2.0.0 ok").await
            }
            "QUIT" => {
                self.obey(line, "221 2.0.0 bye").await;
                None
            }
            _ => self.obey(line, "250 2.0.0 ok").await,
        }
    }

    async fn auth(&mut self, line: &str) -> Go {
        let mut words = line.split(' ').skip(1);
        let mechanism = words.next().unwrap_or_default().to_ascii_uppercase();
        let login = if mechanism == "PLAIN" {
            unbase64(words.next()?)
        } else {
            self.say("334 VXNlcm5hbWU6").await?;
            let user = unbase64(&self.line().await?);
            self.say("334 UGFzc3dvcmQ6").await?;
            format!("{user}\0{}", unbase64(&self.line().await?))
        };
        if self.positive("AUTH", "235 2.7.0 ok").await? {
            self.login = Some(login);
        }
        Some(())
    }

    async fn data(&mut self, line: &str) -> Go {
        if self.rcpts.is_empty() {
            return self.obey(line, "554 5.5.1 no valid recipients").await;
        }
        let Some(limit) = self.limit(line, "354 go ahead").await? else { return Some(()) };
        let mut bytes = Vec::new();
        loop {
            let mut line = Vec::new();
            loop {
                line.push(self.wire.read_u8().await.ok()?);
                if bytes.len() + line.len() > limit {
                    return None;
                }
                if line.ends_with(b"\r\n") {
                    break;
                }
            }
            if line == b".\r\n" {
                break;
            }
            bytes.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
        }
        self.take(bytes).await
    }

    async fn bdat(&mut self, line: &str) -> Go {
        let mut words = line.split(' ').skip(1);
        let size: usize = words.next()?.parse().ok()?;
        let last = words.next().is_some_and(|word| word.eq_ignore_ascii_case("LAST"));
        let limit = match self.rule(line) {
            Some(Does::HangUpAfter(limit)) => limit,
            Some(Does::HangUp) => 0,
            Some(Does::Reply(_) | Does::Wait) | None => usize::MAX,
        };
        let mut chunk = vec![0; size.min(limit)];
        self.wire.read_exact(&mut chunk).await.ok()?;
        if size > limit {
            return None;
        }
        if self.rcpts.is_empty() {
            return self.say("503 5.5.1 no valid recipients").await;
        }
        self.chunks.extend_from_slice(&chunk);
        if !last {
            return self.say("250 2.0.0 ok").await;
        }
        let bytes = std::mem::take(&mut self.chunks);
        self.take(bytes).await
    }

    /// The end of a message: taken only where the reply is positive.
    async fn take(&mut self, bytes: Vec<u8>) -> Go {
        let taken = Taken {
            connection: self.number,
            mail: self.mail.take().unwrap_or_default(),
            rcpts: std::mem::take(&mut self.rcpts),
            bytes,
            tls: self.tls,
            from: self.from,
            hello: self.hello.clone(),
            login: self.login.clone(),
        };
        let rule = self.rule(".");
        if matches!(rule, None | Some(Does::Wait)) {
            self.shared.taken.lock().unwrap().push(taken);
            self.shared.changed.notify_waiters();
        }
        self.act(rule, "250 2.0.0 taken").await.map(|_| ())
    }

    fn forget(&mut self) {
        self.mail = None;
        self.rcpts.clear();
        self.chunks.clear();
    }

    /// The rule for a command, used up by one.
    fn rule(&self, line: &str) -> Option<Does> {
        let mut script = self.shared.script.lock().unwrap();
        let upper = line.to_ascii_uppercase();
        let rule = script.rules.iter_mut().find(|rule| {
            rule.times != Some(0) && upper.starts_with(&rule.on.to_ascii_uppercase())
        })?;
        if let Some(times) = &mut rule.times {
            *times -= 1;
        }
        Some(rule.does.clone())
    }

    async fn obey(&mut self, line: &str, otherwise: &str) -> Go {
        self.positive(line, otherwise).await.map(|_| ())
    }

    /// Whether what was said was positive.
    async fn positive(&mut self, line: &str, otherwise: &str) -> Option<bool> {
        let rule = self.rule(line);
        self.act(rule, otherwise).await
    }

    async fn act(&mut self, rule: Option<Does>, otherwise: &str) -> Option<bool> {
        let reply = match rule {
            None | Some(Does::HangUpAfter(_)) => otherwise.to_owned(),
            Some(Does::Reply(reply)) => reply,
            Some(Does::HangUp) => return None,
            Some(Does::Wait) => {
                let shared = self.shared.clone();
                timeout(PATIENCE, shared.released.notified()).await.ok()?;
                otherwise.to_owned()
            }
        };
        self.say(&reply).await?;
        if reply.starts_with("421") {
            return None;
        }
        Some(reply.starts_with('2'))
    }

    /// How much of the message is read before hanging up; `Some(None)` where it was refused.
    async fn limit(&mut self, line: &str, otherwise: &str) -> Option<Option<usize>> {
        match self.rule(line) {
            Some(Does::HangUpAfter(limit)) => {
                self.say(otherwise).await?;
                Some(Some(limit))
            }
            Some(Does::Reply(reply)) => {
                self.say(&reply).await?;
                (!reply.starts_with("421")).then_some(None)
            }
            rule @ (Some(Does::HangUp | Does::Wait) | None) => {
                self.act(rule, otherwise).await?;
                Some(Some(usize::MAX))
            }
        }
    }

    async fn say(&mut self, reply: &str) -> Go {
        self.wire.write_all(format!("{reply}\r\n").as_bytes()).await.ok()?;
        self.wire.flush().await.ok()
    }

    async fn line(&mut self) -> Option<String> {
        let mut line = Vec::new();
        while !line.ends_with(b"\r\n") {
            line.push(self.wire.read_u8().await.ok()?);
        }
        line.truncate(line.len() - 2);
        Some(String::from_utf8_lossy(&line).into_owned())
    }
}

fn unbase64(text: &str) -> String {
    let bytes = relay::seal::from_base64(text).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}
