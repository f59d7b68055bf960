//! How each database is opened: durability, memory and waiting are set here and nowhere else.

use std::{path::PathBuf, str::FromStr, sync::Arc};

use anyhow::Context;
use sqlx::{
    ConnectOptions,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use super::{Db, PATIENCE, Pools, sqlite::File};
use crate::owned;

pub(super) async fn open(url: &str) -> anyhow::Result<Db> {
    if url.starts_with("sqlite:") {
        sqlite(url)
    } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
        postgres(url).await
    } else {
        anyhow::bail!(
            "the database URL has to begin with `sqlite:` or `postgres:`: \
             write `sqlite:data/souhlas.db` or `postgres://user@host/name`"
        )
    }
}

fn sqlite(url: &str) -> anyhow::Result<Db> {
    anyhow::ensure!(
        !url.contains(":memory:"),
        "a database in memory would be gone after a restart: name a file"
    );
    let path = url.strip_prefix("sqlite:").unwrap_or(url);
    let file = PathBuf::from(path.strip_prefix("//").unwrap_or(path));
    anyhow::ensure!(
        file.file_name().is_some() && !path.contains('?'),
        "`{url}` names no SQLite database: write `sqlite:path`"
    );
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        owned::folder(folder)
            .with_context(|| format!("the folder `{}` cannot be made", folder.display()))?;
    }
    // What lies beside it takes its mode from it.
    owned::options()
        .write(true)
        .create(true)
        .truncate(false)
        .open(&file)
        .with_context(|| format!("`{}` cannot be made", file.display()))?;
    let opened = File::open(file.clone());
    let opened = opened.with_context(|| format!("`{}` cannot be opened", file.display()))?;
    Ok(Db(Arc::new(Pools::Sqlite(Arc::new(opened)))))
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

const POSTGRES_CONNECTIONS: u32 = 8;
/// Every statement there is, and some room.
const STATEMENTS: usize = 256;
