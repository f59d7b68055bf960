//! What the relay itself writes to one recipient, as the spool keeps it: reports, letters to
//! people. Envelope and first state; the bytes are their writers'.
//!
//! It has the null sender, so that nothing answers it and it bounces to nobody, and no stream:
//! nothing is decided on it.

use bytes::Bytes;
use jiff::Timestamp;
use policy::Class;
use uuid::Uuid;

use crate::{
    seal::AddressKey,
    smtp::envelope::{BodyType, MailParams, Notify, Path, Recipient},
    spool::{Delivery, Message, State},
};

pub(crate) struct Own {
    pub id: Uuid,
    pub to: Path,
    pub key: AddressKey,
    pub class: Class,
    pub bytes: Bytes,
    /// An address in it, or a header, is not ASCII (RFC 6531).
    pub smtputf8: bool,
    /// It is no use after that.
    pub expires_at: Timestamp,
}

impl Own {
    /// Ready to be kept, and to leave at once.
    pub(crate) fn at(self, now: Timestamp) -> (Message, Vec<Delivery>) {
        let Self { id, to, key, class, bytes, smtputf8, expires_at } = self;
        let body = if bytes.is_ascii() { BodyType::SevenBit } else { BodyType::EightBitMime };
        let message = Message {
            id,
            received_at: now,
            login: String::new(),
            from: None,
            params: MailParams { body, smtputf8, ..MailParams::default() },
            bytes,
            trace: String::new(),
            stream: String::new(),
            declared: None,
            class,
            policy_version: String::new(),
            recipients: 1,
            campaign: 0,
        };
        let delivery = Delivery {
            id: Uuid::now_v7(),
            message: id,
            recipient: Recipient {
                path: to,
                // RFC 3461 §5.2.7: never a report about a report.
                notify: Notify { success: false, failure: false, delay: false },
                orcpt: None,
            },
            key,
            state: State::Ready,
            action: policy::Action::Send,
            edits: Vec::new(),
            rule: None,
            waiver: None,
            attempts: 0,
            due_at: now,
            expires_at,
            last: None,
            route: None,
            counted: None,
        };
        (message, vec![delivery])
    }
}

/// A message of somebody else, for one of the controller's own people, as it came: tried for as long
/// as a report.
pub fn pass_on(
    now: Timestamp,
    to: Path,
    key: AddressKey,
    bytes: Bytes,
) -> (Message, Vec<Delivery>) {
    let life = jiff::SignedDuration::from_hours(LIFE_HOURS);
    let own = Own {
        id: Uuid::now_v7(),
        smtputf8: !to.is_ascii(),
        to,
        key,
        class: Class::Transactional,
        bytes,
        expires_at: now.checked_add(life).unwrap_or(now),
    };
    own.at(now)
}

const LIFE_HOURS: i64 = 5 * 24;
