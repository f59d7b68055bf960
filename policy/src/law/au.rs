//! Australia's Spam Act and its regulations.
//!
//! Where a duty stands written, who read it where and when, and why no rule checks it; no wording.

use super::Law;
use crate::Citation;

pub(super) static AU_LAW: Law = Law {
    name: "Australia",
    prefix: "au-",
    citations: &[
        &AU_SPAM_16,
        &AU_SPAM_17,
        &AU_SPAM_18,
        &AU_SPAM_SCH_1,
        &AU_SPAM_SCH_2,
        &AU_SPAM_WITHDRAWAL,
        &AU_REGS,
        &AU_PEN,
    ],
    not_covered: &[("au-penalty", "the fine itself; the pack's penalty note quotes it")],
};

pub static AU_SPAM_16: Citation = Citation { id: "au-spam-16", at: "s. 16", ..SPAM };
pub static AU_SPAM_17: Citation = Citation { id: "au-spam-17", at: "s. 17", ..SPAM };
pub static AU_SPAM_18: Citation =
    Citation { id: "au-spam-18", at: "s. 18", source: "classic.austlii.edu.au", ..SPAM };
pub static AU_SPAM_SCH_1: Citation = Citation {
    id: "au-spam-sch-1",
    at: "sch. 1",
    source: "zoelaw.ai; mvsbusinesspartners.org",
    ..SPAM
};
pub static AU_SPAM_SCH_2: Citation = Citation {
    id: "au-spam-sch-2",
    at: "sch. 2, cl. 2 and 4",
    source: "classic.austlii.edu.au",
    ..SPAM
};
pub static AU_SPAM_WITHDRAWAL: Citation = Citation {
    id: "au-spam-withdrawal",
    at: "sch. 2, withdrawal within five working days",
    source: "mvsbusinesspartners.org",
    unverified: true,
    ..SPAM
};
pub static AU_REGS: Citation = Citation { id: "au-regs-2021", at: "how to unsubscribe", ..REGS };
pub static AU_PEN: Citation = Citation {
    id: "au-penalty",
    at: "civil penalty units for each day",
    read: "",
    source: "",
    unverified: true,
    ..SPAM
};

const SPAM: Citation = Citation {
    id: "",
    act: "Spam Act 2003",
    at: "",
    country: "AU",
    read: "2026-03-30",
    source: "zoelaw.ai/legislation/spam-act-2003",
    unverified: false,
};
const REGS: Citation = Citation {
    id: "",
    act: "Spam Regulations 2021",
    at: "",
    country: "AU",
    read: "",
    source: "cliclaw",
    unverified: true,
};
