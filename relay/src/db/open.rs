//! How each database is opened: durability, memory and waiting are set here and nowhere else.

use std::{str::FromStr, sync::Arc, time::Duration};

use anyhow::Context;
use sqlx::{
    ConnectOptions,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::{Db, PATIENCE, Pools};

pub(super) async fn open(url: &str) -> anyhow::Result<Db> {
    if url.starts_with("sqlite:") {
        sqlite(url).await
    } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
        postgres(url).await
    } else {
        anyhow::bail!(
            "the database URL has to begin with `sqlite:` or `postgres:`: \
             write `sqlite:data/souhlas.db` or `postgres://user@host/name`"
        )
    }
}

async fn sqlite(url: &str) -> anyhow::Result<Db> {
    anyhow::ensure!(
        !url.contains(":memory:"),
        "a database in memory would be gone after a restart: name a file"
    );
    let options = SqliteConnectOptions::from_str(url)
        .with_context(|| format!("`{url}` names no SQLite database: write `sqlite:path`"))?;
    let file = options.get_filename().to_path_buf();
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("the folder `{}` cannot be made", folder.display()))?;
    }
    let options = options
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // An answered message survives a power cut: each commit is on disk when it returns.
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .pragma("temp_store", "MEMORY")
        .pragma("wal_autocheckpoint", CHECKPOINT_PAGES.to_string())
        .pragma("journal_size_limit", "67108864")
        .statement_cache_capacity(STATEMENTS)
        .disable_statement_logging();
    // Waiting for another process's write happens in `conn::begin`, without SQLite's growing
    // pauses, so that a long import beside the relay cannot starve it.
    let writer = options
        .clone()
        .busy_timeout(Duration::from_millis(5))
        .pragma("cache_size", format!("-{WRITE_CACHE_KIB}"))
        .thread_name(|_| "sqlite-writer".into());
    let write = SqlitePoolOptions::new()
        .max_connections(1)
        .min_connections(1)
        .acquire_timeout(PATIENCE)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .connect_with(writer)
        .await
        .with_context(|| format!("`{}` cannot be opened", file.display()))?;
    let reader = options
        .read_only(true)
        .busy_timeout(PATIENCE)
        .pragma("cache_size", format!("-{READ_CACHE_KIB}"))
        .thread_name(|_| "sqlite-reader".into());
    let read = SqlitePoolOptions::new()
        .max_connections(READERS)
        .acquire_timeout(PATIENCE)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .connect_lazy_with(reader);
    Ok(Db(Arc::new(Pools::Sqlite { write, read, file })))
}

async fn postgres(url: &str) -> anyhow::Result<Db> {
    let options = PgConnectOptions::from_str(url)
        .context("the database URL is not one: write `postgres://user@host/name`")?
        .application_name("souhlas")
        .statement_cache_capacity(STATEMENTS)
        // A prepared statement is planned once: its lists have no statistics worth a new plan.
        .options([
            ("plan_cache_mode", "force_generic_plan"),
            // And planned while the tables are still empty, or without their statistics: what is
            // right then (reading all of a table, hashing all of it) is ruinous a minute later.
            // Every statement here has an index to go by; where one has not, this is no ban.
            ("enable_seqscan", "off"),
            ("enable_hashjoin", "off"),
            ("enable_mergejoin", "off"),
            ("jit", "off"),
        ])
        .disable_statement_logging();
    let pool = PgPoolOptions::new()
        .max_connections(POSTGRES_CONNECTIONS)
        .acquire_timeout(PATIENCE)
        .connect_with(options)
        .await
        .context("PostgreSQL cannot be reached")?;
    Ok(Db(Arc::new(Pools::Postgres(pool))))
}

/// Connections that read while one writes.
const READERS: u32 = 4;
const POSTGRES_CONNECTIONS: u32 = 8;
/// Every statement in every list size it is used with, and some room.
const STATEMENTS: usize = 256;
/// 4 + 4 x 32 MiB at most at the reader's side would be too much for 200 MB in all.
const WRITE_CACHE_KIB: u32 = 16 * 1024;
const READ_CACHE_KIB: u32 = 8 * 1024;
/// 16 MiB of log: rarer checkpoints write a page that changed often only once.
const CHECKPOINT_PAGES: u32 = 4096;
