//! Settlements with their lines of the journal, and the count of what became of deliveries.

use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use crate::{
    journal::{Event, Kind},
    spool::{Delivery, Message, Settle, Settlement},
};

/// With that by which outcomes are counted.
pub(super) fn counted_by(message: &Message, mut detail: Value) -> Value {
    if let (false, Some(fields)) = (message.stream.is_empty(), detail.as_object_mut()) {
        fields.insert("stream".into(), message.stream.as_str().into());
        fields.insert("login".into(), message.login.as_str().into());
    }
    detail
}

pub(super) fn settlement(
    now: Timestamp,
    delivery: &Delivery,
    settle: Settle,
    kind: Kind,
    detail: Value,
) -> Settlement {
    let event = event(now, kind, delivery.id, &delivery.message, Some(delivery.key), detail);
    Settlement { events: vec![event], ..Settlement::bare(delivery.id, delivery.message, settle) }
}

pub(super) fn event(
    at: Timestamp,
    kind: Kind,
    delivery: Uuid,
    message: &Uuid,
    recipient: Option<crate::seal::AddressKey>,
    detail: Value,
) -> Event {
    let (message, delivery) = (Some(*message), Some(delivery));
    Event { id: Uuid::now_v7(), at, kind, message, delivery, recipient, detail: detail.into() }
}

pub(super) fn count(kind: Kind) {
    let what = match kind {
        Kind::Delivered => "delivered",
        Kind::Deferred => "deferred",
        Kind::Bounced => "bounced",
        Kind::Expired => "expired",
        Kind::Held => "held",
        Kind::Suppressed => "suppressed",
        Kind::Decided
        | Kind::Complained
        | Kind::Released
        | Kind::Rejected
        | Kind::Reported
        | Kind::PolicyLoaded
        | Kind::Operator
        | Kind::PurposeAdded
        | Kind::PurposeTopics
        | Kind::PurposeClosed
        | Kind::ImportBegun
        | Kind::EntriesListed
        | Kind::Reviewed => "other",
    };
    metrics::counter!("souhlas_deliveries_total", "outcome" => what).increment(1);
}
