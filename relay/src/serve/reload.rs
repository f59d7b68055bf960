//! Replaces policy and keys while messages flow: whole, or not at all.

use std::{path::Path, sync::Arc};

use arc_swap::ArcSwap;
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use crate::{
    config::Business,
    db::Db,
    journal::{Event, Kind, policies},
    sign::Signer,
    spool::Spool,
};

/// The version now in force, or every complaint; then the old ones stay in force.
pub(super) async fn reload(
    folder: &Path,
    business: &ArcSwap<Business>,
    signer: &Signer,
    (db, spool): (&Db, &Spool),
) -> Result<String, Vec<String>> {
    let read = Business::load(folder)
        .map_err(|found| found.iter().map(ToString::to_string).collect::<Vec<String>>())?;
    signer.reload().map_err(|error| vec![format!("{error:#}")])?;
    let version = read.policy.version.clone();
    if version == business.load().policy.version {
        return Ok(version);
    }
    // Text and journal first: no verdict may name a version that nobody has heard of.
    let now = Timestamp::now();
    let kept = policies::keep(db, now, &version, &read.text).await;
    kept.map_err(|fault| vec![fault.to_string()])?;
    let note = spool.note(vec![event(now, &version)]).await;
    note.map_err(|fault| vec![fault.to_string()])?;
    business.store(Arc::new(read));
    Ok(version)
}

pub(super) fn event(now: Timestamp, version: &str) -> Event {
    Event {
        id: Uuid::now_v7(),
        at: now,
        kind: Kind::PolicyLoaded,
        message: None,
        delivery: None,
        recipient: None,
        detail: json!({ "policy": version }).into(),
    }
}
