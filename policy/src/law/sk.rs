//! Slovak acts.
//!
//! Where a duty stands written, who read it where and when, and why no rule checks it; no wording.

use super::Law;
use crate::Citation;

pub(super) static SK_LAW: Law = Law {
    name: "Slovakia",
    prefix: "sk-",
    citations: &[
        &SK_452_116_1,
        &SK_452_116_2,
        &SK_452_116_3,
        &SK_452_116_4,
        &SK_452_116_5,
        &SK_452_116_EX,
        &SK_452_116_BIZ,
        &SK_452_116_REF,
        &SK_452_116_ID,
        &SK_452_PEN,
        &SK_22_4,
        &SK_147_3,
        &SK_513_3A,
        &SK_18_15,
    ],
    not_covered: &[
        ("sk-452-116-2", "automatic calls and fax; the relay sends e-mail"),
        ("sk-147-3", "content of advertising in general; the relay judges sending, not claims"),
    ],
};

pub static SK_452_116_1: Citation = Citation {
    id: "sk-452-116-1",
    at: "§ 116(1)",
    read: "2026-02-28",
    source: "teraz.sk (TASR), refresher.sk",
    ..ACT_452
};
pub static SK_452_116_2: Citation = Citation { id: "sk-452-116-2", at: "§ 116(2)", ..ACT_452 };
pub static SK_452_116_3: Citation = Citation { id: "sk-452-116-3", at: "§ 116(3)", ..ACT_452 };
pub static SK_452_116_4: Citation = Citation { id: "sk-452-116-4", at: "§ 116(4)", ..ACT_452 };
pub static SK_452_116_5: Citation = Citation { id: "sk-452-116-5", at: "§ 116(5)", ..ACT_452 };
pub static SK_452_116_EX: Citation = Citation {
    id: "sk-452-116-exemption",
    at: "§ 116, customer exemption (since 12 Nov 2025: one year)",
    read: "2026-03-05",
    source: "refresher.sk; somi.sk",
    ..ACT_452
};
pub static SK_452_116_BIZ: Citation = Citation {
    id: "sk-452-116-business",
    at: "§ 116, published contacts of sole traders and legal persons",
    read: "2022-01-26",
    source: "somi.sk",
    ..ACT_452
};
pub static SK_452_116_REF: Citation = Citation {
    id: "sk-452-116-refusal",
    at: "§ 116, refusal: free, in every message, confirmed, kept four years",
    read: "2022-01-26",
    source: "somi.sk",
    ..ACT_452
};
pub static SK_452_116_ID: Citation = Citation {
    id: "sk-452-116-identity",
    at: "§ 116, identity and address of the sender known",
    read: "2022-01-26",
    source: "somi.sk",
    ..ACT_452
};
pub static SK_452_PEN: Citation = Citation {
    id: "sk-452-penalty",
    at: "administrative offences: EUR 200 to 5 % of turnover",
    read: "2026-03-05",
    source: "refresher.sk",
    ..ACT_452
};
pub static SK_22_4: Citation =
    Citation { id: "sk-22-4", at: "§ 4", act: "Act 22/2004 Z.z.", ..ELSE };
pub static SK_147_3: Citation =
    Citation { id: "sk-147-3", at: "§ 3", act: "Act 147/2001 Z.z.", ..ELSE };
pub static SK_513_3A: Citation =
    Citation { id: "sk-513-3a", at: "§ 3a", act: "Act 513/1991 Zb.", ..ELSE };
pub static SK_18_15: Citation =
    Citation { id: "sk-18-15", at: "§ 15", act: "Act 18/2018 Z.z.", ..ELSE };

const ACT_452: Citation = Citation {
    id: "",
    act: "Act 452/2021 Z.z.",
    at: "",
    country: "SK",
    read: "2022-11-01",
    source: "zakony.judikaty.info (before the change of 12 Nov 2025)",
    unverified: true,
};
const ELSE: Citation =
    Citation { id: "", act: "", at: "", country: "SK", read: "", source: "", unverified: true };
