//! One connection of a sink.

use std::{net::IpAddr, sync::Arc};

use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader},
    net::TcpStream,
    time::{sleep, timeout},
};
use tokio_rustls::TlsAcceptor;

use super::{Does, Manner, PATIENCE, Shared, Taken};

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
pub(super) type Go = Option<()>;

pub(super) async fn serve(
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
                if !talk.positive(&line, "220 go ahead").await? {
                    continue;
                }
                if let fault @ Some(_) = talk.rule("HANDSHAKE") {
                    // What came before the client's first word would be no part of the handshake.
                    talk.wire.fill_buf().await.ok()?;
                    talk.act(fault, "").await?;
                    return talk.read_on().await;
                }
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
            Some(_) | None => usize::MAX,
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
        let is_refused = matches!(rule, Some(Does::Reply(_) | Does::HangUp | Does::HangUpAfter(_)));
        if !is_refused {
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
        let plain = line.to_ascii_uppercase();
        let inside = if self.tls { format!("TLS {plain}") } else { plain.clone() };
        let rule = script.rules.iter_mut().find(|rule| {
            let on = rule.on.to_ascii_uppercase();
            rule.times != Some(0) && (plain.starts_with(&on) || inside.starts_with(&on))
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
            Some(Does::HangUp | Does::TakeAndHangUp) => return None,
            Some(Does::Oddly(manner)) => {
                self.say_oddly(otherwise, manner).await?;
                return Some(otherwise.starts_with('2'));
            }
            Some(Does::Shut) => {
                self.wire.shutdown().await.ok()?;
                return self.read_on().await.map(|()| false);
            }
            Some(Does::Garbage) => {
                self.write(b"\x16\x03\x00\xffHTTP/1.1 400 Bad\0Request\r\n\r\n<html>\r\n").await?;
                return Some(false);
            }
            Some(Does::Wait) => {
                let shared = self.shared.clone();
                timeout(PATIENCE, shared.released.notified()).await.ok()?;
                otherwise.to_owned()
            }
            Some(Does::ReadNoMore) => {
                self.say(otherwise).await?;
                sleep(PATIENCE).await;
                return None;
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
            Some(Does::Garbage) => {
                self.act(Some(Does::Garbage), otherwise).await?;
                Some(None)
            }
            rule => {
                self.act(rule, otherwise).await?;
                Some(Some(usize::MAX))
            }
        }
    }

    async fn say(&mut self, reply: &str) -> Go {
        self.write(format!("{reply}\r\n").as_bytes()).await
    }

    async fn say_oddly(&mut self, reply: &str, manner: Manner) -> Go {
        let whole = format!("{reply}\r\n");
        let (code, _) = reply.split_at(3);
        let last = reply.rfind('\n').map_or(0, |at| at + 1);
        let (before, last) = reply.split_at(last);
        match manner {
            Manner::Octets(pause) => self.dribble(whole.as_bytes(), pause).await,
            Manner::Endless(pause) => {
                self.dribble(reply.as_bytes(), pause).await?;
                loop {
                    self.dribble(b"x", pause).await?;
                }
            }
            Manner::Lines(count) => {
                let more = format!("{code}-one more\r\n").repeat(count);
                self.write(format!("{before}{more}{last}\r\n").as_bytes()).await
            }
            Manner::Wide(count) => {
                self.write(format!("{reply} {}\r\n", "x".repeat(count)).as_bytes()).await
            }
            Manner::Binary => {
                self.write(&[reply.as_bytes(), b" \0\x01\x1b\x80\xc3\xff\r\n"].concat()).await
            }
        }
    }

    async fn dribble(&mut self, bytes: &[u8], pause: std::time::Duration) -> Go {
        for byte in bytes {
            self.write(&[*byte]).await?;
            sleep(pause).await;
        }
        Some(())
    }

    async fn write(&mut self, bytes: &[u8]) -> Go {
        self.wire.write_all(bytes).await.ok()?;
        self.wire.flush().await.ok()
    }

    /// Until the client goes.
    async fn read_on(&mut self) -> Go {
        let mut gone = tokio::io::sink();
        let _ = timeout(PATIENCE, tokio::io::copy(&mut self.wire, &mut gone)).await;
        None
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
