//! An Exim of its own: configuration, queue, mailboxes and log in a temporary folder, on loopback.
//!
//! Debian gives one place to Exim and Postfix, so `tests/run` unpacks its package below `target/`
//! instead of installing it. Needs root, and the user that the package would make.

use std::{
    fs, io,
    io::Write as _,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

use tempfile::TempDir;

use crate::{guide, port};

/// A running Exim; stopped when dropped.
#[derive(Debug)]
pub struct Exim {
    folder: TempDir,
    daemon: Child,
    pub address: SocketAddr,
}

impl Exim {
    /// Keeps what comes for posta.example, once it is there refuses it for `plny`, and sends everything else to this port of loopback.
    pub fn start(next_hop: u16) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("souhlas-exim-").tempdir()?;
        for below in ["", "spool", "log", "mail"] {
            let own = folder.path().join(below);
            fs::create_dir_all(&own)?;
            let chown = Command::new("chown").arg("Debian-exim").arg(&own).status()?;
            assert!(chown.success(), "root, and the user Debian-exim of tests/run");
        }
        let address = SocketAddr::from(([127, 0, 0, 1], port::free()?));
        let text = config(folder.path(), address.port(), next_hop);
        fs::write(folder.path().join("exim.conf"), text)?;
        let daemon = command(folder.path())
            .args(["-bdf", "-oX", &format!("127.0.0.1.{}", address.port())])
            .stderr(fs::File::create(folder.path().join("said"))?)
            .spawn()?;
        let this = Self { folder, daemon, address };
        crate::bench::load::wait_for(address)?;
        Ok(this)
    }

    /// Sends a message as a program on its machine would; returns when it was tried.
    pub fn send(&self, from: &str, to: &[&str], message: &str) -> io::Result<Output> {
        let mut program = command(self.folder.path())
            .args(["-odf", "-oi", "-f", from])
            .args(to)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        program.stdin.take().ok_or(io::ErrorKind::BrokenPipe)?.write_all(message.as_bytes())?;
        program.wait_with_output()
    }

    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log/mainlog")).unwrap_or_default()
    }

    /// The messages delivered to its mailboxes, with its headers on top.
    pub fn delivered(&self) -> Vec<String> {
        let new = self.folder.path().join("mail/new");
        let files = fs::read_dir(new).into_iter().flatten().flatten();
        files.filter_map(|file| fs::read_to_string(file.path()).ok()).collect()
    }
}

impl Drop for Exim {
    fn drop(&mut self) {
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}

fn program() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/exim/usr/sbin/exim4")
}

fn command(folder: &Path) -> Command {
    let mut command = Command::new(program());
    command.arg("-C").arg(folder.join("exim.conf"));
    command
}

/// Router and transport are those of the guide; what comes over SMTP stays here.
fn config(folder: &Path, port: u16, next_hop: u16) -> String {
    let at = folder.display();
    let program = program();
    let program = program.display();
    let sample = guide::samples(include_str!("../../docs/milter.md"), "exim").remove(0);
    let sample = sample.replace("port = 2525", &format!("port = {next_hop}"));
    let (router, transport) = sample.split_once("\n\n").unwrap();
    format!(
        "exim_path = {program}\n\
         primary_hostname = exim.example\n\
         daemon_smtp_ports = {port}\n\
         local_interfaces = 127.0.0.1\n\
         spool_directory = {at}/spool\n\
         log_file_path = {at}/log/%slog\n\
         pid_file_path = {at}/pid\n\
         domainlist local_domains = ${{if eq{{$sender_host_address}}{{127.0.0.1}}{{posta.example}}{{exim.example}}}}\n\
         acl_smtp_rcpt = accept\n\
         acl_smtp_data = accept\n\
         acl_smtp_data_prdr = each\n\
         prdr_enable = true\n\
         chunking_advertise_hosts = *\n\
         tls_advertise_hosts =\n\
         trusted_users = root\n\
         deliver_drop_privilege = true\n\
         keep_environment =\n\
         begin acl\n\
         each:\n  deny local_parts = plny\n  accept\n\
         begin routers\n\
         {router}\n\
         ours:\n  driver = accept\n  domains = +local_domains\n  transport = folder\n\
         begin transports\n\
         {transport}\n\
         folder:\n  driver = appendfile\n  directory = {at}/mail\n  maildir_format\n  user = Debian-exim\n\
         begin retry\n\
         * * F,1h,1m\n"
    )
}
