//! The real binary, serving on loopback from a folder of its own.

use std::{
    fs,
    io::{self, BufRead, BufReader, Write},
    net::{SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::{binary, port, postgres::Database};

/// How long a condition is waited for before the test says what it saw instead.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// What to serve.
#[derive(Clone, Debug)]
pub struct Setup {
    /// `sqlite:data/souhlas.db` below the folder, or another database's URL.
    pub database: String,
    /// Lines of relay.toml's `[delivery.otherwise]`; capture where empty.
    pub otherwise: String,
    /// The relay's own name.
    pub hostname: String,
    /// More keys of relay.toml, before its sections.
    pub keys: String,
    /// More sections of relay.toml.
    pub more: String,
    /// All of policy.toml.
    pub policy: String,
    /// Lines of the trusted login: refusals, mixed.
    pub trusted: String,
    /// More lines of `[web]`.
    pub web: String,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            database: "sqlite:data/souhlas.db".into(),
            otherwise: "next-hop = \"capture\"\nfolder = \"data/captured\"".into(),
            hostname: "localhost".into(),
            keys: String::new(),
            more: String::new(),
            policy: POLICY.into(),
            trusted: String::new(),
            web: String::new(),
        }
    }
}

impl Setup {
    /// Every message goes to a next hop at this port of loopback, without TLS.
    pub fn towards(port: u16) -> Self {
        let otherwise =
            format!("next-hop = \"smarthost\"\nhost = \"127.0.0.1\"\nport = {port}\ntls = \"off\"");
        Self { otherwise, ..Self::default() }
    }
}

/// A controller with one stream of each kind, and nothing that leaves the machine.
pub const POLICY: &str = r#"
[controller.kavarna]
name = "Kavárna Pod Lípou s.r.o."
company-id = "99900017"
seat = "Lipová 12, 602 00 Brno"
register = "zapsaná v obchodním rejstříku vedeném Krajským soudem v Brně, oddíl C, vložka 99817"
country = "CZ"
domains = ["kavarna.example"]

[stream.novinky]
controller = "kavarna"
purpose = "novinky"
class = "commercial"
categories = ["kava"]
[stream.novinky.match]
from = ["novinky@kavarna.example"]

[stream.objednavky]
controller = "kavarna"
class = "transactional"
[stream.objednavky.match]
from = ["objednavky@kavarna.example"]
"#;

/// For behind it: receipts, whose recipients may have agreed to offers too.
pub const RECEIPTS: &str = r#"
[stream.pokladna]
controller = "kavarna"
purpose = "novinky"
class = "transactional"
[stream.pokladna.match]
from = ["pokladna@kavarna.example"]
"#;

/// A running relay; killed when dropped.
pub struct Souhlas {
    pub folder: Arc<TempDir>,
    child: Child,
    said: Arc<Mutex<String>>,
    /// The loopback listener without TLS that trusts its clients.
    pub smtp: SocketAddr,
    /// STARTTLS with logins.
    pub submission: SocketAddr,
    /// TLS from the first byte with logins.
    pub submissions: SocketAddr,
    pub web: SocketAddr,
    pub ops: SocketAddr,
    pub api: SocketAddr,
    pub console: SocketAddr,
}

impl Souhlas {
    /// Writes the two files, starts the binary, and returns when it is ready.
    pub fn start(setup: &Setup) -> io::Result<Self> {
        let folder = Arc::new(tempfile::Builder::new().prefix("souhlas-test-").tempdir()?);
        let mut ports = Vec::new();
        for _ in 0..7 {
            ports.push(SocketAddr::from(([127, 0, 0, 1], port::free()?)));
        }
        let [smtp, submission, submissions, web, ops, api, console] = ports[..] else {
            return Err(io::Error::other("seven ports"));
        };
        fs::create_dir(folder.path().join("config"))?;
        let relay = relay_toml(setup, [smtp, submission, submissions, web, ops, api, console]);
        fs::write(folder.path().join("config/relay.toml"), relay)?;
        fs::write(folder.path().join("config/policy.toml"), &setup.policy)?;
        let (child, said) = spawn(folder.path())?;
        let mut this =
            Self { folder, child, said, smtp, submission, submissions, web, ops, api, console };
        this.wait_until_ready()?;
        Ok(this)
    }

    /// Kills it as a power cut would, and starts it again on the same folder.
    pub fn kill_and_restart(&mut self) -> io::Result<()> {
        self.kill()?;
        self.restart()
    }

    pub fn kill(&mut self) -> io::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    pub fn restart(&mut self) -> io::Result<()> {
        let (child, said) = spawn(self.folder.path())?;
        self.child = child;
        self.said = said;
        self.wait_until_ready()
    }

    /// Asks it to stop (SIGTERM) and waits for its end.
    pub fn stop(&mut self) -> io::Result<std::process::ExitStatus> {
        self.signal("TERM");
        self.child.wait()
    }

    /// Where a hook's reports go, as the command prints it, below the address of the pages.
    pub fn hook_path(&self, hook: &str) -> String {
        let said = self.must(&["hook", "list"]);
        let line = said.lines().find(|line| line.starts_with(hook)).expect("the hook is listed");
        let url = line.split_whitespace().last().expect("it has a URL");
        url.strip_prefix("https://odhlasit.kavarna.cz").expect("the pages' address").to_owned()
    }

    /// Sends it a signal: `HUP`.
    pub fn signal(&self, name: &str) {
        let signal = format!("-{name}");
        let sent = Command::new("kill").args([&signal, &self.child.id().to_string()]).status();
        assert!(sent.is_ok_and(|status| status.success()), "it runs");
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// All that it printed and logged.
    pub fn said(&self) -> String {
        self.said.lock().expect("the reader does not panic").clone()
    }

    pub fn path(&self, below: &str) -> PathBuf {
        self.folder.path().join(below)
    }

    /// Runs another command of the binary on the same folder.
    pub fn command(&self, arguments: &[&str]) -> Output {
        Command::new(binary::path())
            .current_dir(self.folder.path())
            .args(arguments)
            .output()
            .expect("the binary starts")
    }

    /// The same in the background.
    pub fn spawn(&self, arguments: &[&str]) -> io::Result<Child> {
        Command::new(binary::path())
            .current_dir(self.folder.path())
            .args(arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
    }

    /// The same, where anything but success fails the test; returns what it printed.
    pub fn must(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments);
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "souhlas {arguments:?}: {}: {error}", output.status);
        String::from_utf8(output.stdout).expect("the output is UTF-8")
    }

    /// Adds the purpose that the stream `novinky` of [`POLICY`] asks for.
    pub fn add_purpose(&self) {
        let why = ["--controller", "kavarna", "--name", "Novinky z kavárny"];
        let how = ["--basis", "consent", "--duration", "3 years"];
        self.must(&[&["purpose", "add", "novinky"][..], &why, &how].concat());
    }

    /// One that sends for kavarna.example, with a password of its own.
    pub fn add_login(&self, name: &str, password: &str) {
        let mut adding = Command::new(binary::path())
            .current_dir(self.folder.path())
            .args(["login", "add", name, "--sender", "@kavarna.example", "--password-stdin"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("the binary starts");
        let input = adding.stdin.take();
        writeln!(input.expect("it is piped"), "{password}").expect("it reads the password");
        assert!(adding.wait().expect("it ends").success(), "the login {name} is added");
    }

    /// The messages that the capturing next hop wrote, oldest first.
    pub fn captured(&self) -> Vec<Vec<u8>> {
        let mut files: Vec<PathBuf> = fs::read_dir(self.path("data/captured"))
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| path.extension().is_some_and(|ext| ext == "eml"))
            .collect();
        files.sort();
        files.iter().filter_map(|file| fs::read(file).ok()).collect()
    }

    /// Waits until so many messages are captured.
    pub fn wait_for_captured(&self, count: usize) -> Vec<Vec<u8>> {
        wait(|| Some(self.captured()).filter(|messages| messages.len() >= count)).unwrap_or_else(
            || {
                panic!(
                    "{} of {count} messages were captured\n{}",
                    self.captured().len(),
                    self.said()
                )
            },
        )
    }

    fn wait_until_ready(&mut self) -> io::Result<()> {
        let started = Instant::now();
        loop {
            if TcpStream::connect(self.smtp).is_ok()
                && http_status(self.ops, "/readyz") == Some(200)
            {
                return Ok(());
            }
            if let Some(status) = self.child.try_wait()? {
                return Err(io::Error::other(format!(
                    "souhlas ended with {status}\n{}",
                    self.said()
                )));
            }
            if started.elapsed() > PATIENCE {
                return Err(io::Error::other(format!("souhlas is not ready\n{}", self.said())));
            }
            thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Souhlas {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The same test on SQLite and on PostgreSQL, with the database's URL.
pub fn on_both(test: impl Fn(&str)) {
    let database = Database::create();
    for url in [&Setup::default().database, &database.url] {
        test(url);
    }
}

/// Asks again until there is an answer; `None` when patience ends.
pub fn wait<T>(mut ask: impl FnMut() -> Option<T>) -> Option<T> {
    let started = Instant::now();
    while started.elapsed() < PATIENCE {
        if let Some(answer) = ask() {
            return Some(answer);
        }
        thread::sleep(Duration::from_millis(10));
    }
    None
}

/// The status of a plain GET.
pub fn http_status(at: SocketAddr, path: &str) -> Option<u16> {
    let mut stream = TcpStream::connect(at).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").ok()?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).ok()?;
    line.split(' ').nth(1)?.parse().ok()
}

fn spawn(folder: &Path) -> io::Result<(Child, Arc<Mutex<String>>)> {
    let mut child = Command::new(binary::path())
        .current_dir(folder)
        .arg("serve")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let said = Arc::new(Mutex::new(String::new()));
    let outputs: [Box<dyn io::Read + Send>; 2] = [
        Box::new(child.stdout.take().ok_or_else(|| io::Error::other("no stdout"))?),
        Box::new(child.stderr.take().ok_or_else(|| io::Error::other("no stderr"))?),
    ];
    for output in outputs {
        let said = Arc::clone(&said);
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                let mut said = said.lock().expect("nobody panics with the text in hand");
                said.push_str(&line);
                said.push('\n');
            }
        });
    }
    Ok((child, said))
}

fn relay_toml(
    setup: &Setup,
    [smtp, submission, submissions, web, ops, api, console]: [SocketAddr; 7],
) -> String {
    let Setup { hostname, database, otherwise, keys, more, trusted, web: web_more, .. } = setup;
    format!(
        r#"hostname = "{hostname}"
database = "{database}"
{keys}

[[listener]]
name = "local"
address = "{smtp}"
mode = "loopback"
[listener.trusted]
networks = ["127.0.0.0/8"]
login = "local"
senders = ["@kavarna.example"]
{trusted}

[[listener]]
name = "submission"
address = "{submission}"
mode = "starttls"

[[listener]]
name = "submissions"
address = "{submissions}"
mode = "implicit-tls"

[delivery.otherwise]
{otherwise}

[web]
address = "{web}"
url = "https://odhlasit.kavarna.cz"
ops-address = "{ops}"
api-address = "{api}"
console-address = "{console}"
{web_more}

{more}
"#
    )
}
