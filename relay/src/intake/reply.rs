//! The replies of intake: stable texts that a machine can parse, without personal data.

use policy::Verdict;
use uuid::Uuid;

use crate::{
    journal::reason::{self, Cause},
    smtp::reply::Reply,
};

pub(super) fn accepted(message: Uuid, held: bool) -> Reply {
    let text = if held {
        format!("{message} accepted, held for review")
    } else {
        format!("{message} accepted")
    };
    Reply::new(250, "2.0.0", text)
}

/// `550 5.7.1 <rule-id>: not sent, journal <id>`.
pub(super) fn refused(verdict: &Verdict, journal: Uuid) -> Reply {
    Reply::new(550, "5.7.1", format!("{}: not sent, journal {journal}", verdict.rule_id()))
}

pub(super) fn deferred(verdict: &Verdict, journal: Uuid) -> Reply {
    Reply::new(
        451,
        "4.3.0",
        format!("{}: not decided, try again, journal {journal}", verdict.rule_id()),
    )
}

/// One message for all recipients cannot hold what is each one's own.
pub(super) fn links_are_personal(journal: Uuid) -> Reply {
    own(550, "5.7.1", Cause::LinksPersonal, &format!("{SEND_APART}, journal {journal}"))
}

pub(super) fn not_decided(journal: Uuid) -> Reply {
    own(451, "4.3.0", Cause::NotDecided, &format!("try again, journal {journal}"))
}

pub(super) fn unavailable() -> Reply {
    own(451, "4.3.0", Cause::StorageUnavailable, "nothing was kept, try again")
}

pub(super) fn sender_ok() -> Reply {
    Reply::new(250, "2.1.0", "sender ok")
}

pub(super) fn recipient_ok() -> Reply {
    Reply::new(250, "2.1.5", "recipient ok")
}

pub(super) fn sender_not_allowed() -> Reply {
    plain(550, "5.7.1", Cause::SenderNotAllowed)
}

pub(super) fn from_not_allowed() -> Reply {
    plain(550, "5.7.1", Cause::FromNotAllowed)
}

pub(super) fn stream_unknown() -> Reply {
    plain(550, "5.7.1", Cause::StreamUnknown)
}

pub(super) fn class_unknown() -> Reply {
    plain(554, "5.6.0", Cause::ClassUnknown)
}

pub(super) fn recipient_not_valid() -> Reply {
    plain(553, "5.1.3", Cause::RecipientNotValid)
}

fn plain(code: u16, enhanced: &'static str, cause: Cause) -> Reply {
    own(code, enhanced, cause, cause.english())
}

/// The word first, for machines.
fn own(code: u16, enhanced: &'static str, cause: Cause, says: &str) -> Reply {
    Reply::new(code, enhanced, reason::line(cause.as_str(), says))
}

const SEND_APART: &str = "not sent, send to one recipient at a time";
