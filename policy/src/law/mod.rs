//! Every act and section known, each cited by a rule or with a word why not.
//!
//! Only where a duty stands written and when somebody read it. Wordings are not pasted here, and
//! `unverified` says of each whether the official text was compared. LAW.md is made of this list.

mod cz;
mod eu;
mod sk;
mod technical;

pub use self::{cz::*, eu::*, sk::*, technical::*};
use crate::Citation;

/// Every citation, by country and act.
pub static ALL: &[&Citation] = &[
    &CZ_480_2_F,
    &CZ_480_7_1,
    &CZ_480_7_2,
    &CZ_480_7_3,
    &CZ_480_7_4_A,
    &CZ_480_7_4_B,
    &CZ_480_7_4_C,
    &CZ_480_8,
    &CZ_480_10,
    &CZ_480_11,
    &CZ_110_7,
    &CZ_127_96,
    &CZ_89_435,
    &CZ_UOOU_2019,
    &CZ_UOOU_FAQ,
    &CZ_GUIDE,
    &SK_452_116_1,
    &SK_452_116_2,
    &SK_452_116_3,
    &SK_452_116_4,
    &SK_452_116_5,
    &SK_452_116_EX,
    &SK_452_116_REF,
    &SK_452_116_ID,
    &SK_452_PEN,
    &SK_22_4,
    &SK_147_3,
    &SK_513_3A,
    &SK_18_15,
    &EU_EPRIVACY_13_1,
    &EU_EPRIVACY_13_2,
    &EU_EPRIVACY_13_4,
    &EU_EPRIVACY_13_5,
    &EU_ECOMMERCE_6,
    &EU_ECOMMERCE_7,
    &EU_GDPR_4_7,
    &EU_GDPR_4_11,
    &EU_GDPR_5_1_E,
    &EU_GDPR_5_1_F,
    &EU_GDPR_6,
    &EU_GDPR_7_1,
    &EU_GDPR_7_3,
    &EU_GDPR_8,
    &EU_GDPR_12,
    &EU_GDPR_13,
    &EU_GDPR_14,
    &EU_GDPR_15,
    &EU_GDPR_16,
    &EU_GDPR_17,
    &EU_GDPR_21_2,
    &EU_GDPR_21_3,
    &EU_GDPR_21_4,
    &EU_GDPR_83,
    &EU_C654_23,
    &RFC_2369,
    &RFC_2919,
    &RFC_5322,
    &RFC_2045,
    &RFC_8058,
    &PROVIDERS,
];

/// Known sections that no rule checks, and why.
pub static NOT_COVERED: &[(&str, &str)] = &[
    (
        "cz-480-8",
        "regulated professions answer to their chamber; the relay does not know professions",
    ),
    ("cz-480-10", "names the supervising authority; no duty of the sender"),
    ("cz-110-7", "the age of consent is checked where consent is collected, not in a message"),
    ("cz-127-96", "calls and directories; not e-mail (changed by Act 374/2021)"),
    ("sk-452-116-1", "definitions; the classes stand in class/"),
    ("sk-452-116-2", "automatic calls and fax; the relay sends e-mail"),
    ("sk-147-3", "content of advertising in general; the relay judges sending, not claims"),
    ("sk-18-15", "the age of consent is checked where consent is collected, not in a message"),
    ("eu-2002-58-13-5", "legal persons: both packs protect them, so nothing turns on it"),
    ("eu-gdpr-4-7", "says who the controller is; a fact of policy.toml, not a duty"),
    ("eu-gdpr-8", "the age of consent is checked where consent is collected, not in a message"),
    ("eu-gdpr-12", "answering requests; the consent store and its pages"),
    ("eu-gdpr-13", "information at collection; forms, not messages"),
    (
        "eu-gdpr-14",
        "information where data come from others; such sources are refused by source-forbidden",
    ),
    ("eu-gdpr-15", "access; the consent store's export"),
    ("eu-gdpr-16", "rectification; the consent store"),
    ("eu-gdpr-17", "erasure; the consent store keeps a refusal as a keyed hash"),
    ("eu-gdpr-83", "the fine itself; the packs' penalty note quotes it"),
];

/// The citation of that id.
pub fn find(id: &str) -> Option<&'static Citation> {
    ALL.iter().copied().find(|citation| citation.id == id)
}
