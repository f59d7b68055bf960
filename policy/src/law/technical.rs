//! Technical standards and the mailbox providers' rules: not law, but asked of every sender.
//!
//! Where a duty stands written and when somebody read it; no wording.

use crate::Citation;

pub static RFC_2369: Citation = Citation {
    id: "rfc-2369",
    act: "RFC 2369",
    at: "§ 3.2",
    country: "--",
    read: "2026-01-11",
    unverified: false,
};
pub static RFC_2919: Citation = Citation {
    id: "rfc-2919",
    act: "RFC 2919",
    at: "§ 2",
    country: "--",
    read: "2026-01-11",
    unverified: false,
};
pub static RFC_5322: Citation = Citation {
    id: "rfc-5322",
    act: "RFC 5322",
    at: "§ 3.6",
    country: "--",
    read: "2026-01-11",
    unverified: false,
};
pub static RFC_2045: Citation = Citation {
    id: "rfc-2045",
    act: "RFC 2045",
    at: "§ 5",
    country: "--",
    read: "2026-01-11",
    unverified: false,
};
pub static RFC_8058: Citation = Citation {
    id: "rfc-8058",
    act: "RFC 8058",
    at: "§ 3",
    country: "--",
    read: "2026-01-11",
    unverified: false,
};
pub static PROVIDERS: Citation = Citation {
    id: "providers-2024",
    act: "Gmail and Yahoo rules for bulk senders",
    at: "one-click unsubscribe, visible link",
    country: "--",
    read: "2026-01-11",
    unverified: false,
};
