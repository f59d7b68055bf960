//! Czech acts and guidance.
//!
//! Where a duty stands written, who read it where and when, and why no rule checks it; no wording.

use super::Law;
use crate::Citation;

pub(super) static CZ_LAW: Law = Law {
    name: "Czech Republic",
    prefix: "cz-",
    citations: &[
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
        &CZ_480_12,
        &CZ_110_7,
        &CZ_127_96,
        &CZ_374,
        &CZ_89_435,
        &CZ_UOOU_2019,
        &CZ_UOOU_FAQ,
        &CZ_GUIDE,
    ],
    not_covered: &[
        (
            "cz-480-8",
            "regulated professions answer to their chamber; the relay does not know professions",
        ),
        ("cz-480-10", "names the supervising authority; no duty of the sender"),
        ("cz-480-12", "how offences are tried; no duty of the sender"),
        ("cz-127-96", "calls and directories; not e-mail"),
        ("cz-374-2021", "changed the rules on calls and cookies; Act 480/2004 it left alone"),
    ],
};

pub static CZ_480_2_F: Citation = Citation { id: "cz-480-2-f", at: "§ 2(f)", ..ACT_480 };
pub static CZ_480_7_1: Citation = Citation { id: "cz-480-7-1", at: "§ 7(1)", ..ACT_480 };
pub static CZ_480_7_2: Citation = Citation { id: "cz-480-7-2", at: "§ 7(2)", ..ACT_480 };
pub static CZ_480_7_3: Citation = Citation { id: "cz-480-7-3", at: "§ 7(3)", ..ACT_480 };
pub static CZ_480_7_4_A: Citation = Citation { id: "cz-480-7-4-a", at: "§ 7(4)(a)", ..ACT_480 };
pub static CZ_480_7_4_B: Citation = Citation { id: "cz-480-7-4-b", at: "§ 7(4)(b)", ..ACT_480 };
pub static CZ_480_7_4_C: Citation = Citation { id: "cz-480-7-4-c", at: "§ 7(4)(c)", ..ACT_480 };
pub static CZ_480_8: Citation =
    Citation { id: "cz-480-8", at: "§ 8", read: "", source: "", unverified: true, ..ACT_480 };
pub static CZ_480_10: Citation =
    Citation { id: "cz-480-10", at: "§ 10", read: "", source: "", unverified: true, ..ACT_480 };
pub static CZ_480_11: Citation = Citation { id: "cz-480-11", at: "§ 11", ..ACT_480 };
pub static CZ_480_12: Citation =
    Citation { id: "cz-480-12", at: "§ 12", read: "", source: "", unverified: true, ..ACT_480 };
pub static CZ_110_7: Citation =
    Citation { id: "cz-110-7", at: "§ 7", act: "Act 110/2019 Sb.", ..ELSE };
pub static CZ_127_96: Citation = Citation {
    id: "cz-127-96",
    at: "§ 96",
    act: "Act 127/2005 Sb.",
    read: "2022-01-01",
    source: "pravniprostor.cz; tschopl.cz",
    ..ELSE
};
pub static CZ_374: Citation = Citation {
    id: "cz-374-2021",
    at: "amends Act 127/2005 § 96",
    act: "Act 374/2021 Sb.",
    read: "2022-01-01",
    source: "pravniprostor.cz; tschopl.cz",
    ..ELSE
};
pub static CZ_89_435: Citation =
    Citation { id: "cz-89-435", at: "§ 435", act: "Act 89/2012 Sb.", ..ELSE };
pub static CZ_UOOU_2019: Citation = Citation {
    id: "cz-uoou-2019",
    at: "label, identity, proof",
    act: "ÚOOÚ, Unsolicited commercial communications (2019)",
    ..UOOU
};
pub static CZ_UOOU_FAQ: Citation =
    Citation { id: "cz-uoou-faq", at: "commercial, replies, reviews", ..UOOU };
pub static CZ_GUIDE: Citation = Citation {
    id: "cz-guide-label",
    at: "labels, notices, retention",
    act: "Lawyers' guide to e-mailing (Ecomail, Legitas)",
    read: "2026-01-11",
    source: "the guide itself; no law",
    ..ELSE
};

const ACT_480: Citation = Citation {
    id: "",
    act: "Act 480/2004 Sb.",
    at: "",
    country: "CZ",
    read: "2023-03-23",
    source: "novyepis.cz (compiled 11 Jan 2026, partly legible); uoou.gov.cz",
    unverified: true,
};
const UOOU: Citation = Citation {
    id: "",
    act: "ÚOOÚ, questions on Act 480/2004",
    at: "",
    country: "CZ",
    read: "2026-01-11",
    source: "uoou.gov.cz",
    unverified: false,
};
const ELSE: Citation =
    Citation { id: "", act: "", at: "", country: "CZ", read: "", source: "", unverified: true };
