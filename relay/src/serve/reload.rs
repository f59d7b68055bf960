//! Replaces policy and keys while messages flow: whole, or not at all.

use std::{path::Path, sync::Arc};

use arc_swap::ArcSwap;
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use crate::{
    config::{Business, Complaint},
    consent::{Consent, strays},
    db::{Db, Unavailable},
    journal::{Event, Kind, policies},
    sign::Signer,
    spool::Spool,
    web::public::lacking,
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
    let now = Timestamp::now();
    let announced = announce(db, spool, now, &read).await;
    announced.map_err(|fault| vec![fault.to_string()])?;
    warn(&read.warnings(folder, now));
    business.store(Arc::new(read));
    Ok(version)
}

/// What the files have in them that gets messages refused.
pub(super) fn warn<'w>(warnings: impl IntoIterator<Item = &'w Complaint>) {
    for warning in warnings {
        tracing::warn!("{warning}");
    }
}

/// Which purposes of forms nobody can agree to (S66), and which topics of streams nobody can pick.
pub(super) async fn warn_of_lacks(
    business: &Business,
    consent: &Consent,
) -> Result<(), Unavailable> {
    for lack in lacking(business, consent).await? {
        tracing::warn!(
            form = lack.form,
            purpose = lack.purpose,
            "a form offers a purpose that is not there or closed: nobody is asked for it"
        );
    }
    let streams = business.streams.iter().map(|mapping| &*mapping.stream);
    for stream in strays(streams, &consent.purposes().await?) {
        tracing::warn!(
            stream = stream.id,
            topic = stream.topic,
            "a stream's topic is none of its purpose's: nobody can pick it"
        );
    }
    Ok(())
}

/// Keeps its text and notes it in the journal before it comes into force: no verdict may name a
/// version that nobody has heard of.
pub(super) async fn announce(
    db: &Db,
    spool: &Spool,
    now: Timestamp,
    business: &Business,
) -> Result<(), Unavailable> {
    let version = &business.policy.version;
    policies::keep(db, now, version, &business.text).await?;
    spool.note(vec![event(now, version)]).await
}

fn event(now: Timestamp, version: &str) -> Event {
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
