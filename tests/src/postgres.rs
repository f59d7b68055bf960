//! A throwaway PostgreSQL: its own cluster in a temporary folder, fsync on, no network.
//!
//! Where `SOUHLAS_TEST_POSTGRES` names a server (`postgres://…/postgres`), databases are made there
//! and no cluster is started, except for tests that stop theirs.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::{Arc, Mutex, Weak},
};

/// A running server; gone with its files when it drops.
pub struct Cluster {
    folder: tempfile::TempDir,
}

/// A database of a test's own on a server that other tests share.
pub struct Database {
    pub url: String,
    _cluster: Option<Arc<Cluster>>,
}

impl Database {
    /// An empty one.
    pub fn create() -> Self {
        let name = fresh_name();
        if let Ok(server) = std::env::var(SERVER) {
            psql(&server, &format!("CREATE DATABASE {name}"));
            let (front, query) = server.split_once('?').unwrap_or((&server, ""));
            let base = front.rsplit_once('/').expect("a URL with a database").0;
            return Self { url: format!("{base}/{name}?{query}"), _cluster: None };
        }
        let cluster = shared();
        let url = cluster.create(&name);
        Self { url, _cluster: Some(cluster) }
    }
}

impl Cluster {
    /// Starts one of one's own: for a test that stops it in mid-flight.
    pub fn start() -> Self {
        assert!(
            tool("initdb").exists(),
            "PostgreSQL 15 is not installed: run tests/run, or `apt-get install postgresql`"
        );
        let folder = tempfile::Builder::new().prefix("souhlas-pg-").tempdir().expect("a folder");
        let owner = if is_root() { "postgres" } else { "" };
        if !owner.is_empty() {
            ok(Command::new("chown").arg(owner).arg(folder.path()));
        }
        let cluster = Self { folder };
        let data = cluster.data();
        ok(as_owner("initdb")
            .args(["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C"])
            .arg("--no-sync")
            .arg("--pgdata")
            .arg(&data));
        cluster.go();
        cluster
    }

    /// Starts it again after [`Self::stop`].
    pub fn go(&self) {
        let socket = self.folder.path().display();
        let options = format!(
            "-c listen_addresses='' -c unix_socket_directories='{socket}' -c fsync=on \
             -c max_connections=200 -c shared_buffers=64MB"
        );
        ok(as_owner("pg_ctl")
            .args(["start", "--wait", "--silent", "--options", &options, "--log"])
            .arg(self.folder.path().join("log"))
            .arg("--pgdata")
            .arg(self.data()));
    }

    /// As a crash would: connections break off in the middle.
    pub fn stop(&self) {
        ok(as_owner("pg_ctl").args(["stop", "--mode=immediate", "--pgdata"]).arg(self.data()));
    }

    /// Makes an empty database; its URL.
    pub fn create(&self, name: &str) -> String {
        psql(&self.url("postgres"), &format!("CREATE DATABASE {name}"));
        self.url(name)
    }

    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@localhost/{database}?host={}", self.folder.path().display())
    }

    /// Process id of the postmaster.
    pub fn pid(&self) -> Option<u32> {
        let text = std::fs::read_to_string(self.data().join("postmaster.pid")).ok()?;
        text.lines().next()?.trim().parse().ok()
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // A test that stopped it itself leaves nothing to stop.
        let _ = as_owner("pg_ctl")
            .args(["stop", "--mode=immediate", "--silent", "--pgdata"])
            .arg(self.data())
            .output();
    }
}

/// One cluster for all tests of a process, as long as one of them uses it.
fn shared() -> Arc<Cluster> {
    static CLUSTER: Mutex<Weak<Cluster>> = Mutex::new(Weak::new());
    let mut kept = CLUSTER.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(cluster) = kept.upgrade() {
        return cluster;
    }
    let cluster = Arc::new(Cluster::start());
    *kept = Arc::downgrade(&cluster);
    cluster
}

fn psql(url: &str, sql: &str) {
    ok(as_owner("psql").args(["--no-psqlrc", "--quiet", "--command", sql, url]));
}

/// Numbers of processes come round within one run of all tests, and a server may outlive one.
fn fresh_name() -> String {
    format!("souhlas_{}", uuid::Uuid::now_v7().simple())
}

/// PostgreSQL refuses to run as root.
fn as_owner(name: &str) -> Command {
    let path = tool(name);
    let mut command = if is_root() {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(path);
        command
    } else {
        Command::new(path)
    };
    command.current_dir("/");
    command
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|this| this.uid() == 0)
}

/// The environment variable that names a server to make databases on.
pub const SERVER: &str = "SOUHLAS_TEST_POSTGRES";

fn tool(name: &str) -> PathBuf {
    Path::new("/usr/lib/postgresql/15/bin").join(name)
}

fn ok(command: &mut Command) -> Output {
    // Inherited pipes would keep `output` waiting for the server that pg_ctl leaves behind.
    let log = tempfile::tempfile().expect("a file");
    let status = command
        .stdin(std::process::Stdio::null())
        .stdout(log.try_clone().expect("a file"))
        .stderr(log.try_clone().expect("a file"))
        .status()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let mut said = String::new();
    let mut log = log;
    use std::io::{Read, Seek};
    let _ = log.rewind();
    let _ = log.read_to_string(&mut said);
    assert!(status.success(), "{command:?}: {status}\n{said}");
    Output { status, stdout: said.into_bytes(), stderr: Vec::new() }
}
