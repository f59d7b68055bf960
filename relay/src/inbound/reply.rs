//! What is said to those who bring something back: stable texts without personal data.

use crate::{
    journal::reason::{self, Cause},
    smtp::reply::Reply,
};

pub(super) fn recipient_ok() -> Reply {
    Reply::new(250, "2.1.5", "recipient ok")
}

pub(super) fn no_such_address() -> Reply {
    own(550, "5.1.1", Cause::NoSuchAddress)
}

pub(super) fn malformed() -> Reply {
    own(554, "5.6.0", Cause::Malformed)
}

pub(super) fn unavailable() -> Reply {
    Reply::new(451, "4.3.0", reason::line(Cause::StorageUnavailable.as_str(), KEPT_NOTHING))
}

/// The address is ours, and nothing is on record of its message any more.
pub(super) fn forgotten() -> Reply {
    own(550, "5.1.6", Cause::Forgotten)
}

pub(super) fn taken() -> Reply {
    Reply::new(250, "2.0.0", "taken, thank you")
}

/// A letter to an address that only machines read: its writer hears of it at once.
pub(super) fn nobody_reads() -> Reply {
    own(550, "5.7.1", Cause::NobodyReadsThis)
}

fn own(code: u16, enhanced: &'static str, cause: Cause) -> Reply {
    Reply::new(code, enhanced, reason::line(cause.as_str(), cause.english()))
}

const KEPT_NOTHING: &str = "nothing was kept, try again";
