//! Messages, deliveries and events for the tests.

use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use policy::{Action, Class, Edit};
use relay::{
    journal::{Event, Kind},
    seal::{AddressKey, Secret},
    smtp::envelope::{MailParams, Notify, Path, Recipient},
    spool::{Delivery, Message, Settle, Settlement, State},
};
use uuid::Uuid;

pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

/// The installation's.
pub(crate) fn secret() -> Secret {
    Secret::from_bytes([9; 32])
}

pub(crate) fn path(local: &str) -> Path {
    Path { local: local.into(), domain: "příklad.cz".into() }
}

pub(crate) fn message(bytes: &[u8]) -> Arc<Message> {
    Arc::new(Message {
        id: Uuid::now_v7(),
        received_at: at(0),
        login: "shop".into(),
        from: Some(path("news")),
        params: MailParams { smtputf8: true, envid: Some("a b".into()), ..Default::default() },
        bytes: Bytes::copy_from_slice(bytes),
        trace: "Received: from a\r\n".into(),
        stream: "news".into(),
        declared: Some(Class::ReviewRequest),
        class: Class::Commercial,
        policy_version: "7f".into(),
        recipients: 2,
        campaign: 0,
    })
}

pub(crate) fn delivery(message: &Message, local: &str, state: State) -> Delivery {
    Delivery {
        id: Uuid::now_v7(),
        message: message.id,
        recipient: Recipient {
            path: path(local),
            notify: Notify::default(),
            orcpt: Some("rfc822;x@y".into()),
        },
        key: AddressKey([local.len() as u8; 32]),
        state,
        action: Action::SendEdited,
        edits: vec![Edit::AddListUnsubscribePost],
        rule: (state == State::Held).then(|| "label-missing".into()),
        waiver: None,
        attempts: 0,
        due_at: at(0),
        expires_at: at(1000),
        last: None,
        route: None,
        counted: None,
    }
}

pub(crate) fn event(kind: Kind, delivery: Option<&Delivery>) -> Event {
    Event {
        id: Uuid::now_v7(),
        at: at(1),
        kind,
        message: delivery.map(|delivery| delivery.message),
        delivery: delivery.map(|delivery| delivery.id),
        recipient: delivery.map(|delivery| delivery.key),
        detail: serde_json::json!({ "rule": "label-missing", "nul": "a\0b", "list": [1, 2] })
            .into(),
    }
}

pub(crate) fn settlement(delivery: &Delivery, settle: Settle) -> Settlement {
    Settlement {
        delivery: delivery.id,
        message: delivery.message,
        settle,
        events: vec![event(Kind::Delivered, Some(delivery))],
        brings: None,
        left: None,
    }
}
