//! The next hop for trying out: messages become files, `<id>.eml` with the envelope in `<id>.json`
//! beside it. Nothing leaves the machine. Not an archive: nothing is synced to the disk.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use super::{
    destination::{BATCH_MAX, Office, Queue},
    line::everything,
    outcome::{Fate, Outcome},
    prepare::Parcel,
    settle::Said,
};
use crate::{journal::reason::Cause, owned, smtp::client::Transaction, smtp::client::mailbox};

/// Writes what waits until nothing does.
pub(super) async fn run(queue: &Arc<Queue>, office: &Office, folder: &Path) {
    loop {
        let work = if *office.stopping.borrow() { Vec::new() } else { queue.take(1, BATCH_MAX) };
        if work.is_empty() {
            return;
        }
        let prepared = office.desk.prepare(Timestamp::now(), work, &everything()).await;
        for staying in &prepared.staying {
            office.settler.stays(Timestamp::now(), staying);
        }
        for parcel in prepared.parcels {
            let outcome = match write(folder, &parcel).await {
                Ok(name) => Outcome {
                    fate: Fate::Delivered,
                    status: [2, 0, 0],
                    cause: None,
                    detail: format!("captured {name}"),
                },
                Err(fault) => Outcome::own(Fate::Later, [4, 3, 0], Cause::CaptureFailed)
                    .with(fault.kind().to_string()),
            };
            let results: Vec<_> =
                parcel.deliveries.iter().map(|one| (one, outcome.clone())).collect();
            let said = Said {
                peer: "capture",
                host: "",
                dsn: false,
                by: true,
                tls: false,
                proof: None,
                digest: Some(parcel.digest),
            };
            let now = Timestamp::now();
            office.settler.attempted(now, &parcel.message, &results, &said, &parcel.slot);
        }
    }
}

/// Both files appear whole: written under another name, then renamed, the message last.
async fn write(folder: &Path, parcel: &Parcel) -> std::io::Result<String> {
    let Some(transaction) = &parcel.transaction else { return Ok(String::new()) };
    let name = Uuid::now_v7().to_string();
    let envelope = envelope(transaction, parcel).to_string();
    make(folder.to_owned()).await?;
    put(folder, &format!("{name}.json"), &[envelope.as_bytes()]).await?;
    put(folder, &format!("{name}.eml"), &[&transaction.head, &transaction.body]).await?;
    Ok(name)
}

async fn put(folder: &Path, name: &str, pieces: &[&[u8]]) -> std::io::Result<()> {
    let partial = folder.join(format!("{name}.part"));
    let (bytes, whole) = (pieces.concat(), folder.join(name));
    blocking(move || {
        owned::write(&partial, &bytes)?;
        std::fs::rename(partial, whole)
    })
    .await
}

async fn make(folder: PathBuf) -> std::io::Result<()> {
    blocking(move || owned::folder(&folder)).await
}

async fn blocking(
    work: impl FnOnce() -> std::io::Result<()> + Send + 'static,
) -> std::io::Result<()> {
    tokio::task::spawn_blocking(work).await.map_err(std::io::Error::other)?
}

fn envelope(transaction: &Transaction, parcel: &Parcel) -> serde_json::Value {
    let to: Vec<String> =
        transaction.recipients.iter().map(|recipient| mailbox(&recipient.path)).collect();
    json!({
        "message": parcel.message.id,
        "stream": parcel.message.stream,
        "from": transaction.from.as_ref().map(mailbox).unwrap_or_default(),
        "to": to,
    })
}
