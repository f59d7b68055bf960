//! Technical standards and the mailbox providers' rules: not law, but asked of every sender.
//!
//! Where a duty stands written, who read it where and when, and why no rule checks it; no wording.

use super::Law;
use crate::Citation;

pub(super) static TECHNICAL_LAW: Law = Law {
    name: "Technical standards",
    prefix: "",
    citations: &[&RFC_2369, &RFC_2919, &RFC_5322, &RFC_2045, &RFC_8058, &PROVIDERS],
    not_covered: &[],
};

pub static RFC_2369: Citation = Citation { id: "rfc-2369", at: "§ 3.2", act: "RFC 2369", ..RFC };
pub static RFC_2919: Citation = Citation { id: "rfc-2919", at: "§ 2", act: "RFC 2919", ..RFC };
pub static RFC_5322: Citation = Citation { id: "rfc-5322", at: "§ 3.6", act: "RFC 5322", ..RFC };
pub static RFC_2045: Citation = Citation { id: "rfc-2045", at: "§ 5", act: "RFC 2045", ..RFC };
pub static RFC_8058: Citation = Citation { id: "rfc-8058", at: "§ 3", act: "RFC 8058", ..RFC };
pub static PROVIDERS: Citation = Citation {
    id: "providers-2024",
    at: "one-click unsubscribe, visible link",
    act: "Gmail and Yahoo rules for bulk senders",
    source: "support.google.com/a/answer/14229414",
    ..RFC
};

const RFC: Citation = Citation {
    id: "",
    act: "",
    at: "",
    country: "--",
    read: "2026-01-11",
    source: "the standard's own text",
    unverified: false,
};
