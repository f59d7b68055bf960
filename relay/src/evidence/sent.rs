//! The message of a case: as it left, where somebody kept it; as it came, while it waits in the
//! spool; else the digests of what left.

use std::collections::BTreeSet;

use anyhow::{Context as _, ensure};
use serde_json::Value;

use super::{
    archive,
    case::{Proven, Sent, SentIs},
    gather::Ask,
};
use crate::{
    journal::{Kind, hex::Digest, written::Written},
    seal,
    spool::Spool,
};

/// Puts it into the archive where it is at hand.
pub(super) async fn sent(
    ask: &Ask<'_>,
    spool: &Spool,
    lines: &[Proven<Written>],
    files: &mut archive::Files,
) -> anyhow::Result<Option<Sent>> {
    let Some(id) = ask.message else {
        ensure!(ask.original.is_none(), "of which message? Name it with --message");
        return Ok(None);
    };
    let left = left(lines);
    let sha256: Vec<Digest> = left.iter().copied().collect();
    if let Some(original) = &ask.original {
        let digest = Digest(seal::digest(original));
        let (file, is) = if left.contains(&digest) {
            (MESSAGE, SentIs::Left)
        } else {
            let came = came(lines);
            let all = |some: &BTreeSet<Digest>| {
                some.iter().map(Digest::to_string).collect::<Vec<_>>().join(", ")
            };
            ensure!(
                came.contains(&digest),
                "the file is not the message, neither as it came nor as it left: its SHA-256 is \
                 {digest}; what came had {}, and what left {}",
                all(&came),
                if left.is_empty() { "none, because nothing did".to_owned() } else { all(&left) }
            );
            (RECEIVED, SentIs::Received)
        };
        files.insert(file.to_owned(), original.clone());
        return Ok(Some(Sent { file: Some(file.to_owned()), is, sha256 }));
    }
    let waits = spool.message(id).await.context(
        "the message is in the spool and cannot be read: name your own copy of what left with \
         --original",
    )?;
    let (file, is) = match waits {
        Some(message) => {
            files.insert(RECEIVED.to_owned(), message.bytes.to_vec());
            (Some(RECEIVED.to_owned()), SentIs::Received)
        }
        None if left.is_empty() => (None, SentIs::NeverLeft),
        None => (None, SentIs::NotKept),
    };
    Ok(Some(Sent { file, is, sha256 }))
}

/// Digests of what left, by the lines.
pub(super) fn left(lines: &[Proven<Written>]) -> BTreeSet<Digest> {
    digests(lines, Kind::Delivered)
}

/// Digests of what came, by the lines.
pub(super) fn came(lines: &[Proven<Written>]) -> BTreeSet<Digest> {
    digests(lines, Kind::Decided)
}

fn digests(lines: &[Proven<Written>], kind: Kind) -> BTreeSet<Digest> {
    let of_kind = lines.iter().filter(|line| line.says.kind == kind.as_str());
    of_kind
        .filter_map(|line| {
            let detail: Value = serde_json::from_str(&line.says.detail).ok()?;
            let digest = seal::from_hex(detail.get("sha256")?.as_str()?)?;
            Some(Digest(digest.try_into().ok()?))
        })
        .collect()
}

const MESSAGE: &str = "message.eml";
const RECEIVED: &str = "received.eml";
