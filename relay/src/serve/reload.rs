//! Replaces policy and keys while messages flow: whole, or not at all.

use std::{path::Path, sync::Arc};

use arc_swap::ArcSwap;
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use crate::{
    config::Business,
    journal::{Event, Kind},
    sign::Signer,
    spool::Spool,
};

/// The version now in force, or every complaint; then the old ones stay in force.
pub(super) async fn reload(
    folder: &Path,
    business: &ArcSwap<Business>,
    signer: &Signer,
    spool: &Spool,
) -> Result<String, Vec<String>> {
    let read = Business::load(folder)
        .map_err(|found| found.iter().map(ToString::to_string).collect::<Vec<String>>())?;
    signer.reload().map_err(|error| vec![format!("{error:#}")])?;
    let version = read.policy.version.clone();
    if version == business.load().policy.version {
        return Ok(version);
    }
    // The journal first: no verdict may name a version that it has not heard of.
    let note = spool.note(vec![event(Timestamp::now(), &version)]).await;
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
