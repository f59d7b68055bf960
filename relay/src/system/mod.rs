//! What stands behind the console: nodes, jobs, keys, the database, the disk, listeners, the
//! certificate. Read for people and changed by nobody.

mod certificate;

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::{
    at_rest,
    config::{Address, Config, Mode},
    db::{Db, Error, Row, int},
    job,
    seal::{DataKey, Secret},
    sign::{self, KeyInfo},
};

pub use crate::job::Listed as Job;

/// Where on this machine there is something to be read.
#[derive(Clone, Debug)]
pub struct Machine {
    data: PathBuf,
    keys: PathBuf,
    /// `None`: no listener speaks TLS.
    certificate: Option<PathBuf>,
    /// Name and address.
    listeners: Vec<(String, Address)>,
}

/// All of it at one moment.
#[derive(Debug)]
pub struct System {
    /// Of this program.
    pub version: &'static str,
    pub nodes: Vec<Node>,
    pub jobs: Vec<Job>,
    pub data_keys: Vec<DataKey>,
    /// Id of the data key that seals now, and since when; `None`: from the beginning.
    pub sealing: (u8, Option<Timestamp>),
    /// Of DKIM; or why they cannot be read.
    pub signing: Result<Vec<KeyInfo>, String>,
    pub database: Database,
    /// Free and all octets where the relay keeps its files; `None`: the machine does not say.
    pub disk: Option<(u64, u64)>,
    pub listeners: Vec<(String, Address)>,
    /// Until when the certificate is valid; or why that cannot be read. `None`: there is none.
    pub certificate: Option<Result<Timestamp, String>>,
}

/// What was read on the disk, as [`System`] has it.
struct Files {
    signing: Result<Vec<KeyInfo>, String>,
    disk: Option<(u64, u64)>,
    certificate: Option<Result<Timestamp, String>>,
}

/// A running relay on this database.
#[derive(Clone, Debug)]
pub struct Node {
    pub name: String,
    pub version: String,
    /// What it holds is free for others from then on, unless it says that it lives.
    pub alive_until: Timestamp,
    /// Deliveries that are under way there.
    pub claimed: u64,
    /// Id of the data key that it seals with.
    pub sealing: u8,
}

#[derive(Clone, Debug)]
pub struct Database {
    /// `SQLite 3.50.4`.
    pub name: String,
    pub size_bytes: u64,
}

impl Machine {
    /// As it is configured; `listeners` with the ports that were found.
    pub fn of(config: &Config, listeners: Vec<(String, Address)>) -> Self {
        let speaks_tls = config.listeners.iter().any(|one| one.mode != Mode::Loopback);
        Self {
            data: config.data.clone(),
            keys: config.keys.clone(),
            certificate: speaks_tls.then(|| config.tls.certificate.clone()),
            listeners,
        }
    }

    /// As relay.toml names them.
    pub fn listeners(config: &Config) -> Vec<(String, Address)> {
        config.listeners.iter().map(|one| (one.name.clone(), one.address.clone())).collect()
    }

    /// # Errors
    /// Where the database does not answer. What else cannot be read says so in its place.
    pub async fn read(&self, db: &Db, secret: &Secret) -> Result<System, Error> {
        let mut conn = db.read().await?;
        let since = at_rest::current_since(&mut conn).await?;
        let jobs = job::all(&mut conn).await?;
        drop(conn);
        let here = self.clone();
        let read = tokio::task::spawn_blocking(move || here.files()).await;
        let files = read.map_err(|error| Error::Bug(error.to_string()))?;
        Ok(System {
            version: env!("CARGO_PKG_VERSION"),
            nodes: nodes(db).await?,
            jobs,
            data_keys: secret.data_keys(),
            sealing: (secret.sealing(), since),
            signing: files.signing,
            database: database(db).await?,
            disk: files.disk,
            listeners: self.listeners.clone(),
            certificate: files.certificate,
        })
    }

    /// Waits for the disk.
    fn files(&self) -> Files {
        Files {
            signing: sign::list(&self.keys).map_err(|fault| format!("{fault:#}")),
            disk: space(&self.data),
            certificate: self.certificate.as_deref().map(certificate::valid_until),
        }
    }
}

async fn nodes(db: &Db) -> Result<Vec<Node>, Error> {
    let sql = "SELECT n.name, n.version, n.alive_until, n.sealing_key, (SELECT COUNT(*) FROM \
               delivery d WHERE d.state = 'claimed' AND d.node = n.id) FROM node n ORDER BY n.name";
    let rows = db.read().await?.rows(sql, vec![]).await?;
    let node = |row: &Row| {
        Ok(Node {
            name: row.text(0)?,
            version: row.text(1)?,
            alive_until: row.time(2)?,
            sealing: u8::try_from(row.int(3)?).unwrap_or_default(),
            claimed: row.count(4)?,
        })
    };
    rows.iter().map(node).collect()
}

async fn database(db: &Db) -> Result<Database, Error> {
    let (name, sql) = if db.is_sqlite() {
        let size = "(SELECT page_count FROM pragma_page_count()) * \
                    (SELECT page_size FROM pragma_page_size())";
        ("SQLite", format!("SELECT sqlite_version(), {size} + $1"))
    } else {
        let size = "pg_database_size(current_database())";
        ("PostgreSQL", format!("SELECT current_setting('server_version'), {size} + $1"))
    };
    let rows = db.read().await?.rows(&sql, vec![int(0)]).await?;
    let row = rows.first().ok_or_else(|| Error::Bug("the database says nothing".into()))?;
    Ok(Database { name: format!("{name} {}", row.text(0)?), size_bytes: row.count(1)? })
}

fn space(folder: &Path) -> Option<(u64, u64)> {
    let found = rustix::fs::statvfs(folder).ok()?;
    let octets = |blocks: u64| blocks.saturating_mul(found.f_frsize);
    Some((octets(found.f_bavail), octets(found.f_blocks)))
}
