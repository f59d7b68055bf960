//! `souhlas keys rotate`, `list` and `drop`: the keys under which personal data lies in the database.

use std::{path::Path, process::ExitCode, time::Duration};

use anyhow::bail;
use jiff::Timestamp;

use super::{
    open::{Place, Store},
    remark, say,
    table::Table,
};
use crate::rotation::{self, Node, Progress};

/// Makes a key, waits until every relay has it, puts it to use, and seals everything anew. Stopped,
/// it goes on where it was when it is run again.
pub(super) async fn rotate(place: &Place) -> anyhow::Result<ExitCode> {
    let config = place.config()?;
    let store = place.store(&config).await?;
    let file = &config.secret_file;
    let id = rotation::next(&store.db, &store.secret, file, Timestamp::now()).await?;
    remark(format!("data key {id} is in `{}`: back the file up", file.display()));
    wait(&store, id, "have", |node| node.newest >= id).await?;
    rotation::put_to_use(&store.db, &store.secret, Timestamp::now(), id).await?;
    wait(&store, id, "seal with", |node| node.sealing == id).await?;
    let mut last = "";
    let told = |now: Progress| {
        if now.column != last {
            last = now.column;
            remark(format!("{}: {} values sealed anew so far", now.column, now.sealed));
        }
    };
    let count = rotation::reseal(&store.db, &store.secret, told).await?;
    remark(format!("{count} values were sealed anew with data key {id}"));
    table(&store, file).await?;
    Ok(ExitCode::SUCCESS)
}

/// Relays look for a changed key file and a rotation every two seconds.
async fn wait(
    store: &Store,
    id: u8,
    what: &str,
    ready: impl Fn(&Node) -> bool,
) -> anyhow::Result<()> {
    for round in 0..WAITS {
        let nodes = rotation::nodes(&store.db, Timestamp::now()).await?;
        let late: Vec<String> =
            nodes.into_iter().filter(|node| !ready(node)).map(|node| node.name).collect();
        if late.is_empty() {
            return Ok(());
        }
        let late = late.join("`, `");
        if round == FIRST {
            remark(format!("waiting for the relay `{late}` to {what} data key {id}"));
        }
        if round + 1 == WAITS {
            bail!(
                "the relay `{late}` does not {what} data key {id}: copy the key file to it and run \
                 `souhlas keys rotate` again; nothing is lost, and the former key seals on there"
            );
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok(())
}

pub(super) async fn list(place: &Place) -> anyhow::Result<ExitCode> {
    let config = place.config()?;
    let store = place.store(&config).await?;
    table(&store, &config.secret_file).await?;
    Ok(ExitCode::SUCCESS)
}

async fn table(store: &Store, file: &Path) -> anyhow::Result<()> {
    let used = rotation::used(&store.db).await?;
    let known = store.secret.data_keys();
    let mut table = Table::new(&["KEY", "SINCE", "VALUES", "STATE"]);
    for key in &known {
        let since = key.since.map_or_else(|| "the beginning".to_owned(), |at| at.to_string());
        let values = used.get(&key.id).copied().unwrap_or_default();
        let state = match (key.id, values) {
            (id, _) if id == store.secret.sealing() => "seals",
            (id, _) if id > store.secret.sealing() => "made, not in use yet",
            (0, 0) => "unused; part of the master secret",
            (_, 0) => "unused: `souhlas keys drop` removes it",
            _ => "opens",
        };
        table.row([&key.id.to_string(), &since, &values.to_string(), state]);
    }
    say(table)?;
    for (id, values) in used.iter().filter(|(id, _)| !known.iter().any(|key| key.id == **id)) {
        remark(format!(
            "{values} values are sealed with data key {id}, which `{}` does not have: put back the \
             key file that has it",
            file.display()
        ));
    }
    Ok(())
}

pub(super) async fn drop_key(place: &Place, id: u8) -> anyhow::Result<ExitCode> {
    let config = place.config()?;
    let store = place.store(&config).await?;
    let file = &config.secret_file;
    rotation::drop_key(&store.db, &store.secret, file, (Timestamp::now(), id)).await?;
    remark(format!(
        "data key {id} is gone; backups of the database that it sealed need a file with it"
    ));
    Ok(ExitCode::SUCCESS)
}

const PAUSE: Duration = Duration::from_millis(250);
/// Longer than a relay that was killed counts as alive, and the round in which it is said that
/// somebody is waited for.
const WAITS: u32 = 260;
const FIRST: u32 = 12;
