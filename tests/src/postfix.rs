//! A Postfix of its own: configuration, queue and log in a temporary folder, ports on loopback.
//!
//! Debian's package, nothing of the machine's own mail set-up is touched. Postfix's master must
//! be started by root.

use std::{
    fs, io,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use tempfile::TempDir;

use crate::port;

/// A running Postfix; stopped when dropped.
pub struct Postfix {
    folder: TempDir,
    pub address: SocketAddr,
}

/// What it is to do.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Lines of main.cf on top of what every instance has.
    pub main: Vec<String>,
    /// The next hop: `[127.0.0.1]:2525`; `None`: it delivers to its own mailboxes.
    pub relayhost: Option<String>,
    /// Lines of master.cf: services beside the one that takes mail.
    pub master: Vec<String>,
    /// Domains whose mail it keeps in the folder `mailboxes`, any local part.
    pub mailbox_domains: Vec<String>,
}

impl Postfix {
    pub fn start(settings: &Settings) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("souhlas-postfix-").tempdir()?;
        let port = port::free()?;
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        open_to_all(folder.path())?;
        for below in ["config", "queue", "data", "mailboxes"] {
            fs::create_dir(folder.path().join(below))?;
        }
        // The mailbox files belong to the user named in main.cf.
        for owned in ["data", "mailboxes"] {
            run(Command::new("chown").arg("postfix").arg(folder.path().join(owned)))?;
        }
        fs::write(folder.path().join("config/main.cf"), main_cf(folder.path(), settings))?;
        fs::write(folder.path().join("config/master.cf"), master_cf(address, settings))?;
        let this = Self { folder, address };
        this.command("start")?;
        crate::bench::load::wait_for(address)?;
        Ok(this)
    }

    /// Process id of the master.
    pub fn pid(&self) -> Option<u32> {
        let text = fs::read_to_string(self.folder.path().join("queue/pid/master.pid")).ok()?;
        text.trim().parse().ok()
    }

    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// The messages delivered to its own mailboxes, as written: with Postfix's headers on top.
    pub fn delivered(&self) -> Vec<Vec<u8>> {
        let mut files = vec![];
        collect(&self.folder.path().join("mailboxes"), &mut files);
        files.sort();
        files.into_iter().filter_map(|file| fs::read(file).ok()).collect()
    }

    pub fn path(&self, below: &str) -> PathBuf {
        self.folder.path().join(below)
    }

    /// `postsuper` with these arguments.
    pub fn superintend(&self, arguments: &[&str]) -> io::Result<Output> {
        run(Command::new("postsuper").arg("-c").arg(self.path("config")).args(arguments))
    }

    /// Tries all that waits, now.
    pub fn flush(&self) -> io::Result<Output> {
        self.command("flush")
    }

    fn command(&self, word: &str) -> io::Result<Output> {
        run(Command::new("postfix").arg("-c").arg(self.folder.path().join("config")).arg(word))
    }
}

impl Drop for Postfix {
    fn drop(&mut self) {
        let _ = self.command("stop");
    }
}

fn main_cf(folder: &Path, settings: &Settings) -> String {
    let at = folder.display();
    let relayhost = settings.relayhost.clone().unwrap_or_default();
    let domains = settings.mailbox_domains.join(" ");
    let own = settings.main.join("\n");
    format!(
        "compatibility_level = 3.6\n\
         queue_directory = {at}/queue\n\
         data_directory = {at}/data\n\
         command_directory = /usr/sbin\n\
         daemon_directory = /usr/lib/postfix/sbin\n\
         mail_owner = postfix\n\
         setgid_group = postdrop\n\
         myhostname = postfix.example\n\
         inet_interfaces = 127.0.0.1\n\
         inet_protocols = ipv4\n\
         mynetworks = 127.0.0.0/8\n\
         mydestination =\n\
         relayhost = {relayhost}\n\
         virtual_mailbox_domains = {domains}\n\
         virtual_mailbox_base = {at}/mailboxes\n\
         virtual_mailbox_maps = static:all/\n\
         virtual_uid_maps = static:{uid}\n\
         virtual_gid_maps = static:{uid}\n\
         virtual_minimum_uid = 1\n\
         maillog_file_prefixes = {at}\n\
         maillog_file = {at}/log\n\
         {own}\n",
        uid = user_id("postfix"),
    )
}

fn master_cf(address: SocketAddr, settings: &Settings) -> String {
    let mut text = format!("{address} inet n - n - - smtpd\n");
    for line in settings.master.iter().map(String::as_str).chain([
        "pickup unix n - n 60 1 pickup",
        "cleanup unix n - n - 0 cleanup",
        "qmgr unix n - n 300 1 qmgr",
        "tlsmgr unix - - n 1000? 1 tlsmgr",
        "rewrite unix - - n - - trivial-rewrite",
        "bounce unix - - n - 0 bounce",
        "defer unix - - n - 0 bounce",
        "trace unix - - n - 0 bounce",
        "verify unix - - n - 1 verify",
        "flush unix n - n 1000? 0 flush",
        "proxymap unix - - n - - proxymap",
        "proxywrite unix - - n - 1 proxymap",
        "smtp unix - - n - - smtp",
        "relay unix - - n - - smtp",
        "error unix - - n - - error",
        "retry unix - - n - - error",
        "discard unix - - n - - discard",
        "virtual unix - n n - - virtual",
        "anvil unix - - n - 1 anvil",
        "scache unix - - n - 1 scache",
        "postlog unix-dgram n - n - 1 postlogd",
    ]) {
        text.push_str(line);
        text.push('\n');
    }
    text
}

fn user_id(name: &str) -> String {
    fs::read_to_string("/etc/passwd")
        .unwrap_or_default()
        .lines()
        .find_map(|line| {
            line.strip_prefix(&format!("{name}:"))?.split(':').nth(1).map(str::to_owned)
        })
        .unwrap_or_else(|| {
            panic!("there is no user `{name}`: install the package postfix (tests/run does)")
        })
}

fn open_to_all(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755))
}

fn run(command: &mut Command) -> io::Result<Output> {
    let output = command.output()?;
    if output.status.success() {
        return Ok(output);
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(io::Error::other(format!("{command:?} ended with {}: {said}", output.status)))
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push(path);
        }
    }
}
