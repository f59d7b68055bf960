//! Technical standards and the mailbox providers' rules: not law, but asked of every sender.
//!
//! Where a duty stands written, who read it where and when, and why no rule checks it; no wording.

use super::Law;
use crate::Citation;

pub(super) static TECHNICAL_LAW: Law = Law {
    name: "Technical standards",
    prefix: "",
    citations: &[
        &RFC_2369,
        &RFC_2919,
        &RFC_5322,
        &RFC_2045,
        &RFC_6376,
        &RFC_8058,
        &PROVIDERS,
        &PROVIDERS_AUTHENTICATION,
        &PROVIDERS_FORMAT,
        &PROVIDERS_COMPLAINTS,
        &MICROSOFT,
    ],
    not_covered: &[(
        "providers-2024-complaints",
        "the limit stands in packs/providers.toml; the console counts the complaints that tools report",
    )],
};

pub static RFC_2369: Citation = Citation { id: "rfc-2369", at: "§ 3.2", act: "RFC 2369", ..RFC };
pub static RFC_2919: Citation = Citation { id: "rfc-2919", at: "§ 2", act: "RFC 2919", ..RFC };
pub static RFC_5322: Citation = Citation { id: "rfc-5322", at: "§ 3.6", act: "RFC 5322", ..RFC };
pub static RFC_2045: Citation = Citation { id: "rfc-2045", at: "§ 5", act: "RFC 2045", ..RFC };
pub static RFC_6376: Citation = Citation {
    id: "rfc-6376",
    at: "§ 5.4",
    act: "RFC 6376",
    read: "",
    source: "",
    unverified: true,
    ..RFC
};
pub static RFC_8058: Citation = Citation { id: "rfc-8058", at: "§ 3", act: "RFC 8058", ..RFC };
pub static PROVIDERS: Citation = Citation {
    id: "providers-2024",
    at: "one-click unsubscribe, visible link",
    act: "Gmail and Yahoo rules for bulk senders",
    source: "support.google.com/a/answer/14229414",
    ..RFC
};

pub static PROVIDERS_AUTHENTICATION: Citation = Citation {
    id: "providers-2024-authentication",
    at: "SPF, DKIM, and From in the domain that they hold for",
    ..PROVIDERS_READ
};
pub static PROVIDERS_FORMAT: Citation = Citation {
    id: "providers-2024-format",
    at: "messages in the form of RFC 5322",
    ..PROVIDERS_READ
};
pub static PROVIDERS_COMPLAINTS: Citation = Citation {
    id: "providers-2024-complaints",
    at: "less than 0.3 % complaints",
    source: "netquery.tools",
    ..PROVIDERS_READ
};
pub static MICROSOFT: Citation = Citation {
    id: "microsoft-2025",
    at: "SPF, DKIM and DMARC; a From and Reply-To that work",
    act: "Outlook.com rules for senders of more than 5,000 messages a day",
    read: "2025-05-05",
    source: "dmarcian.com, suped.com",
    ..PROVIDERS_READ
};

/// Accounts of the providers' pages.
const PROVIDERS_READ: Citation = Citation {
    id: "",
    at: "",
    act: "Gmail and Yahoo rules for bulk senders",
    read: "2024-02-01",
    source: "support.google.com/a/answer/14229414",
    unverified: true,
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
