//! A Sendmail of its own, on loopback.
//!
//! Debian gives one place to it and Postfix. So `tests/run` unpacks its packages below `target/`, and each
//! instance has a copy as its root, with its own configuration, queue and names of hosts: it asks no DNS.
//! Needs root, and m4, which makes its configuration.

use std::{
    fs, io,
    io::{Read as _, Write as _},
    net::SocketAddr,
    os::unix::net::UnixListener,
    path::{Path, PathBuf},
    process::{Child, Command, Output},
    thread,
};

use tempfile::TempDir;

use crate::port;

/// A running Sendmail; stopped when dropped.
#[derive(Debug)]
pub struct Sendmail {
    folder: TempDir,
    daemon: Child,
    pub address: SocketAddr,
}

/// What it is to do.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Lines of sendmail.mc.
    pub more: String,
    /// The port of loopback where all mail goes.
    pub next_hop: u16,
    /// Clients may log in: with any name and any password.
    pub logins: bool,
}

impl Sendmail {
    /// In this [`Sendmail::folder`].
    pub fn start(folder: TempDir, settings: &Settings) -> io::Result<Self> {
        let root = folder.path();
        let from = unpacked().join("root/.");
        let copied = Command::new("cp").arg("-a").arg(from).arg(root).status()?;
        assert!(copied.success(), "Sendmail is unpacked by tests/run, and there is room for it");
        for below in ["dev", "etc/sasl2", "var/spool/mqueue", "var/run/saslauthd"] {
            fs::create_dir_all(root.join(below))?;
        }
        let machine = fs::read_to_string("/proc/sys/kernel/hostname")?;
        let hosts = format!("127.0.0.1 sendmail.example localhost {machine}");
        let address = SocketAddr::from(([127, 0, 0, 1], port::free()?));
        for (file, text) in [
            ("dev/null", ""),
            ("etc/hosts", &hosts),
            ("etc/passwd", "root:x:0:0::/:/bin/false\n"),
            ("etc/group", "root:x:0:\n"),
            ("etc/resolv.conf", "nameserver 127.0.0.1\n"),
            ("etc/service.switch", "hosts files\naliases files\n"),
            ("etc/sasl2/Sendmail.conf", SASL),
            ("etc/sendmail.cf", &config(address.port(), settings)?),
        ] {
            fs::write(root.join(file), text)?;
        }
        if settings.logins {
            let daemon = UnixListener::bind(root.join(SASL_SOCKET))?;
            thread::spawn(move || check_passwords(&daemon));
        }
        let daemon = command(root).args(["-X", "/var/traffic", "-bD"]).spawn()?;
        let this = Self { folder, daemon, address };
        crate::bench::load::wait_for(address)?;
        Ok(this)
    }

    /// To be its root: whom it asks over a socket file, listens there before it starts.
    pub fn folder() -> io::Result<TempDir> {
        tempfile::Builder::new().prefix("souhlas-sendmail-").tempdir()
    }

    /// All that was said to it and by it.
    pub fn traffic(&self) -> String {
        let bytes = fs::read(self.folder.path().join("var/traffic")).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// `sendmail` with these arguments.
    pub fn command(&self, arguments: &[&str]) -> io::Result<Output> {
        command(self.folder.path()).args(arguments).output()
    }

    /// Below its root.
    pub fn path(&self, below: &str) -> PathBuf {
        self.folder.path().join(below)
    }
}

impl Drop for Sendmail {
    fn drop(&mut self) {
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}

/// What Cyrus SASL, which checks passwords for Sendmail, is told.
const SASL: &str =
    "pwcheck_method: saslauthd\nsaslauthd_path: /var/run/saslauthd/mux\nmech_list: PLAIN\n";
const SASL_SOCKET: &str = "var/run/saslauthd/mux";

/// saslauthd(8) that likes everybody: the answer to one question is two octets of length and `OK`.
fn check_passwords(daemon: &UnixListener) {
    for mut asked in daemon.incoming().flatten() {
        let _ = asked.read(&mut [0; 1024]).and_then(|_| asked.write_all(b"\0\x02OK"));
    }
}

fn unpacked() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/sendmail")
}

fn command(root: &Path) -> Command {
    let mut command = Command::new("chroot");
    command.arg(root).args(["/sbin/sendmail", "-C", "/etc/sendmail.cf"]);
    command
}

/// sendmail.cf, as m4 makes it.
fn config(port: u16, settings: &Settings) -> io::Result<String> {
    let Settings { more, next_hop, logins } = settings;
    let auth = if *logins { "define(`confAUTH_MECHANISMS', `PLAIN')" } else { "" };
    let text = format!(
        "OSTYPE(`linux')\n\
         define(`confDOMAIN_NAME', `sendmail.example')\n\
         define(`confSERVICE_SWITCH_FILE', `/etc/service.switch')\n\
         define(`STATUS_FILE', `/var/status')\n\
         define(`confPID_FILE', `/var/pid')\n\
         define(`ALIAS_FILE', `')\n\
         define(`confTO_IDENT', `0')\n\
         define(`SMART_HOST', `relay:[127.0.0.1]')\n\
         define(`RELAY_MAILER_ARGS', `TCP $h {next_hop}')\n\
         FEATURE(`no_default_msa')\n\
         FEATURE(`nocanonify')\n\
         FEATURE(`accept_unresolvable_domains')\n\
         DAEMON_OPTIONS(`Addr=127.0.0.1, Port={port}')\n\
         {auth}\n\
         {more}\n\
         MAILER(`smtp')\n"
    );
    let source = tempfile::NamedTempFile::new()?;
    fs::write(source.path(), text)?;
    let cf = unpacked().join("cf");
    let made = Command::new("m4")
        .arg(format!("-D_CF_DIR_={}/", cf.display()))
        .arg(cf.join("m4/cf.m4"))
        .arg(source.path())
        .output()?;
    assert!(made.status.success(), "m4: {}", String::from_utf8_lossy(&made.stderr));
    String::from_utf8(made.stdout).map_err(io::Error::other)
}
