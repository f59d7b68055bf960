//! An OpenSMTPD of its own, on loopback.
//!
//! Debian gives one place to it and Postfix, and its paths are compiled in. So `tests/run` unpacks its
//! package below `target/`, with what it needs to run there, and each instance has a copy of that folder
//! as its root: with its own users, queue, socket and mailboxes. Needs root.

use std::{
    fs, io,
    net::SocketAddr,
    os::unix::fs::{PermissionsExt, chown},
    path::{Path, PathBuf},
    process::{Child, Command},
};

use tempfile::TempDir;

use crate::port;

/// A running OpenSMTPD; stopped when dropped.
#[derive(Debug)]
pub struct OpenSmtpd {
    folder: TempDir,
    daemon: Child,
    pub address: SocketAddr,
}

/// What it is to do.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The domain whose mail it keeps, any local part.
    pub keeps: &'static str,
    /// `relay ...` of smtpd.conf(5), for everything else; `None`: refused.
    pub onwards: Option<String>,
    /// More lines, before its rules.
    pub more: String,
}

/// Of the user who has all mailboxes; the others are the package's two.
const OWNER: u32 = 64_003;
const USERS: &str = "\
    root:x:0:0::/root:/bin/sh\n\
    opensmtpd:x:64001:64001::/var/lib/opensmtpd/empty:/bin/false\n\
    opensmtpq:x:64002:64002::/var/lib/opensmtpd/empty:/bin/false\n\
    posta:x:64003:64003::/home/posta:/bin/sh\n";
const GROUPS: &str = "root:x:0:\nopensmtpd:x:64001:\nopensmtpq:x:64002:\nposta:x:64003:\n";

impl OpenSmtpd {
    pub fn start(settings: &Settings) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("souhlas-opensmtpd-").tempdir()?;
        let unpacked = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/opensmtpd");
        let root = folder.path();
        for part in ["bin", "lib", "lib64", "usr"] {
            if unpacked.join(part).exists() {
                let from = unpacked.join(part);
                let copied = Command::new("cp").arg("-a").arg(from).arg(root).status()?;
                assert!(copied.success(), "room for {part}");
            }
        }
        for below in
            ["etc", "root", "tmp", "home/posta", "var/run", "var/lib/opensmtpd/empty", SPOOL]
        {
            fs::create_dir_all(root.join(below))?;
        }
        fs::set_permissions(root, fs::Permissions::from_mode(0o755))?;
        fs::set_permissions(root.join(SPOOL), fs::Permissions::from_mode(0o711))?;
        fs::set_permissions(root.join("tmp"), fs::Permissions::from_mode(0o1777))?;
        chown(root.join("home/posta"), Some(OWNER), Some(OWNER))?;
        fs::write(root.join("etc/passwd"), USERS)?;
        fs::write(root.join("etc/group"), GROUPS)?;
        let address = SocketAddr::from(([127, 0, 0, 1], port::free()?));
        fs::write(root.join("etc/smtpd.conf"), config(settings, address.port()))?;
        let log = fs::File::create(root.join("log"))?;
        let daemon = Command::new("chroot")
            .arg(root)
            .args(["/usr/sbin/smtpd", "-d"])
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()?;
        let this = Self { folder, daemon, address };
        crate::bench::load::wait_for(address)
            .map_err(|fault| io::Error::other(format!("{fault}: {}", this.log())))?;
        Ok(this)
    }

    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// The messages delivered to its mailboxes, with its headers on top.
    pub fn delivered(&self) -> Vec<String> {
        let new = self.folder.path().join("home/posta/mail/new");
        let files = fs::read_dir(new).into_iter().flatten().flatten();
        let mut files: Vec<PathBuf> = files.map(|file| file.path()).collect();
        files.sort();
        files.into_iter().filter_map(|file| fs::read_to_string(file).ok()).collect()
    }
}

const SPOOL: &str = "var/spool/smtpd";

impl Drop for OpenSmtpd {
    fn drop(&mut self) {
        // Its other processes go with the first.
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}

fn config(settings: &Settings, port: u16) -> String {
    let Settings { keeps, onwards, more } = settings;
    let mut text = format!(
        "table mailboxes {{ \"@{keeps}\" = \"posta\" }}\n\
         {more}\n\
         listen on 127.0.0.1 port {port} hostname opensmtpd.example\n\
         action \"keep\" maildir \"/home/posta/mail\" virtual <mailboxes>\n\
         match from any for domain \"{keeps}\" action \"keep\"\n"
    );
    if let Some(onwards) = onwards {
        text += &format!("action \"pass\" {onwards}\nmatch from any for any action \"pass\"\n");
    }
    text
}
