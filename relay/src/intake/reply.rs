//! The replies of intake: stable texts that a machine can parse, without personal data.

use policy::Verdict;
use uuid::Uuid;

use crate::smtp::reply::Reply;

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
    let text = "links-are-personal: not sent, send to one recipient at a time, journal";
    Reply::new(550, "5.7.1", format!("{text} {journal}"))
}

pub(super) fn not_decided(journal: Uuid) -> Reply {
    Reply::new(451, "4.3.0", format!("not-decided: try again, journal {journal}"))
}

pub(super) fn unavailable() -> Reply {
    Reply::new(451, "4.3.0", "storage-unavailable: nothing was kept, try again")
}

pub(super) fn sender_ok() -> Reply {
    Reply::new(250, "2.1.0", "sender ok")
}

pub(super) fn recipient_ok() -> Reply {
    Reply::new(250, "2.1.5", "recipient ok")
}

pub(super) fn sender_not_allowed() -> Reply {
    Reply::new(550, "5.7.1", "sender-not-allowed: this login may not send as this MAIL FROM")
}

pub(super) fn from_not_allowed() -> Reply {
    Reply::new(550, "5.7.1", "from-not-allowed: this login may not send as this header From")
}

pub(super) fn stream_unknown() -> Reply {
    Reply::new(550, "5.7.1", "stream-unknown: no stream of the policy takes this message")
}

pub(super) fn class_unknown() -> Reply {
    Reply::new(554, "5.6.0", "class-unknown: header Souhlas-Class names no class")
}

pub(super) fn recipient_not_valid() -> Reply {
    Reply::new(
        553,
        "5.1.3",
        "recipient-not-valid: the address has no form that consent can be found by",
    )
}
