//! Every act and section known, each cited by a rule or with a word why not.
//!
//! Only where a duty stands written and when somebody read it. Wordings are not pasted here, and
//! `unverified` says of each whether the official text was compared. LAW.md is made of this list.

use crate::Citation;

pub static CZ_480_2_F: Citation = Citation {
    id: "cz-480-2-f",
    act: "Act 480/2004 Sb.",
    at: "§ 2(f)",
    country: "CZ",
    read: "2026-01-11",
    unverified: false,
};
pub static CZ_480_7_1: Citation = Citation {
    id: "cz-480-7-1",
    act: "Act 480/2004 Sb.",
    at: "§ 7(1)",
    country: "CZ",
    read: "2026-01-11",
    unverified: false,
};
pub static CZ_480_7_2: Citation = Citation {
    id: "cz-480-7-2",
    act: "Act 480/2004 Sb.",
    at: "§ 7(2)",
    country: "CZ",
    read: "2026-01-11",
    unverified: false,
};
pub static CZ_480_7_3: Citation = Citation {
    id: "cz-480-7-3",
    act: "Act 480/2004 Sb.",
    at: "§ 7(3)",
    country: "CZ",
    read: "2026-01-11",
    unverified: false,
};
pub static CZ_480_7_4_A: Citation = Citation {
    id: "cz-480-7-4-a",
    act: "Act 480/2004 Sb.",
    at: "§ 7(4)(a)",
    country: "CZ",
    read: "2026-01-11",
    unverified: false,
};
pub static CZ_480_7_4_B: Citation = Citation {
    id: "cz-480-7-4-b",
    act: "Act 480/2004 Sb.",
    at: "§ 7(4)(b)",
    country: "CZ",
    read: "2026-01-11",
    unverified: false,
};
pub static CZ_480_7_4_C: Citation = Citation {
    id: "cz-480-7-4-c",
    act: "Act 480/2004 Sb.",
    at: "§ 7(4)(c)",
    country: "CZ",
    read: "2026-01-11",
    unverified: false,
};
pub static CZ_480_8: Citation = Citation {
    id: "cz-480-8",
    act: "Act 480/2004 Sb.",
    at: "§ 8",
    country: "CZ",
    read: "",
    unverified: true,
};
pub static CZ_480_10: Citation = Citation {
    id: "cz-480-10",
    act: "Act 480/2004 Sb.",
    at: "§ 10",
    country: "CZ",
    read: "",
    unverified: true,
};
pub static CZ_480_11: Citation = Citation {
    id: "cz-480-11",
    act: "Act 480/2004 Sb.",
    at: "§ 11",
    country: "CZ",
    read: "2026-01-11",
    unverified: false,
};
pub static CZ_110_7: Citation = Citation {
    id: "cz-110-7",
    act: "Act 110/2019 Sb.",
    at: "§ 7",
    country: "CZ",
    read: "",
    unverified: true,
};
pub static CZ_127_96: Citation = Citation {
    id: "cz-127-96",
    act: "Act 127/2005 Sb.",
    at: "§ 96",
    country: "CZ",
    read: "",
    unverified: true,
};
pub static CZ_89_435: Citation = Citation {
    id: "cz-89-435",
    act: "Act 89/2012 Sb.",
    at: "§ 435",
    country: "CZ",
    read: "",
    unverified: true,
};
pub static CZ_UOOU_2019: Citation = Citation {
    id: "cz-uoou-2019",
    act: "ÚOOÚ, Unsolicited commercial communications (2019)",
    at: "label, identity, proof",
    country: "CZ",
    read: "2026-01-11",
    unverified: false,
};
pub static CZ_UOOU_FAQ: Citation = Citation {
    id: "cz-uoou-faq",
    act: "ÚOOÚ, questions on Act 480/2004",
    at: "commercial, replies, reviews",
    country: "CZ",
    read: "2026-01-11",
    unverified: false,
};
pub static CZ_GUIDE: Citation = Citation {
    id: "cz-guide-label",
    act: "Lawyers' guide to e-mailing (Ecomail, Legitas)",
    at: "labels, notices, retention",
    country: "CZ",
    read: "2026-01-11",
    unverified: true,
};
pub static SK_452_116_1: Citation = Citation {
    id: "sk-452-116-1",
    act: "Act 452/2021 Z.z.",
    at: "§ 116(1)",
    country: "SK",
    read: "2026-01-11",
    unverified: true,
};
pub static SK_452_116_2: Citation = Citation {
    id: "sk-452-116-2",
    act: "Act 452/2021 Z.z.",
    at: "§ 116(2)",
    country: "SK",
    read: "2026-01-11",
    unverified: true,
};
pub static SK_452_116_3: Citation = Citation {
    id: "sk-452-116-3",
    act: "Act 452/2021 Z.z.",
    at: "§ 116(3)",
    country: "SK",
    read: "2022-11-01",
    unverified: false,
};
pub static SK_452_116_4: Citation = Citation {
    id: "sk-452-116-4",
    act: "Act 452/2021 Z.z.",
    at: "§ 116(4)",
    country: "SK",
    read: "2022-11-01",
    unverified: false,
};
pub static SK_452_116_5: Citation = Citation {
    id: "sk-452-116-5",
    act: "Act 452/2021 Z.z.",
    at: "§ 116(5)",
    country: "SK",
    read: "2022-11-01",
    unverified: false,
};
pub static SK_452_116_EX: Citation = Citation {
    id: "sk-452-116-exemption",
    act: "Act 452/2021 Z.z.",
    at: "§ 116, customer exemption (since 12 Nov 2025: one year)",
    country: "SK",
    read: "2026-03-05",
    unverified: true,
};
pub static SK_452_116_REF: Citation = Citation {
    id: "sk-452-116-refusal",
    act: "Act 452/2021 Z.z.",
    at: "§ 116, refusal: free, in every message, confirmed, kept four years",
    country: "SK",
    read: "2022-01-26",
    unverified: true,
};
pub static SK_452_116_ID: Citation = Citation {
    id: "sk-452-116-identity",
    act: "Act 452/2021 Z.z.",
    at: "§ 116, identity and address of the sender known",
    country: "SK",
    read: "2022-01-26",
    unverified: true,
};
pub static SK_452_PEN: Citation = Citation {
    id: "sk-452-penalty",
    act: "Act 452/2021 Z.z.",
    at: "administrative offences: EUR 200 to 5 % of turnover",
    country: "SK",
    read: "2026-03-05",
    unverified: true,
};
pub static SK_22_4: Citation = Citation {
    id: "sk-22-4",
    act: "Act 22/2004 Z.z.",
    at: "§ 4",
    country: "SK",
    read: "",
    unverified: true,
};
pub static SK_147_3: Citation = Citation {
    id: "sk-147-3",
    act: "Act 147/2001 Z.z.",
    at: "§ 3",
    country: "SK",
    read: "",
    unverified: true,
};
pub static SK_513_3A: Citation = Citation {
    id: "sk-513-3a",
    act: "Act 513/1991 Zb.",
    at: "§ 3a",
    country: "SK",
    read: "",
    unverified: true,
};
pub static SK_18_15: Citation = Citation {
    id: "sk-18-15",
    act: "Act 18/2018 Z.z.",
    at: "§ 15",
    country: "SK",
    read: "",
    unverified: true,
};
pub static EU_EPRIVACY_13_1: Citation = Citation {
    id: "eu-2002-58-13-1",
    act: "Directive 2002/58/EC",
    at: "art. 13(1)",
    country: "EU",
    read: "",
    unverified: true,
};
pub static EU_EPRIVACY_13_2: Citation = Citation {
    id: "eu-2002-58-13-2",
    act: "Directive 2002/58/EC",
    at: "art. 13(2)",
    country: "EU",
    read: "2025-11-13",
    unverified: false,
};
pub static EU_EPRIVACY_13_4: Citation = Citation {
    id: "eu-2002-58-13-4",
    act: "Directive 2002/58/EC",
    at: "art. 13(4)",
    country: "EU",
    read: "",
    unverified: true,
};
pub static EU_EPRIVACY_13_5: Citation = Citation {
    id: "eu-2002-58-13-5",
    act: "Directive 2002/58/EC",
    at: "art. 13(5)",
    country: "EU",
    read: "",
    unverified: true,
};
pub static EU_ECOMMERCE_6: Citation = Citation {
    id: "eu-2000-31-6",
    act: "Directive 2000/31/EC",
    at: "art. 6",
    country: "EU",
    read: "",
    unverified: true,
};
pub static EU_ECOMMERCE_7: Citation = Citation {
    id: "eu-2000-31-7",
    act: "Directive 2000/31/EC",
    at: "art. 7",
    country: "EU",
    read: "",
    unverified: true,
};
pub static EU_GDPR_4_7: Citation = Citation {
    id: "eu-gdpr-4-7",
    act: "Regulation (EU) 2016/679",
    at: "art. 4(7)",
    country: "EU",
    read: "",
    unverified: true,
};
pub static EU_GDPR_4_11: Citation = Citation {
    id: "eu-gdpr-4-11",
    act: "Regulation (EU) 2016/679",
    at: "art. 4(11)",
    country: "EU",
    read: "",
    unverified: true,
};
pub static EU_GDPR_5_1_E: Citation = Citation {
    id: "eu-gdpr-5-1-e",
    act: "Regulation (EU) 2016/679",
    at: "art. 5(1)(e)",
    country: "EU",
    read: "",
    unverified: true,
};
pub static EU_GDPR_5_1_F: Citation = Citation {
    id: "eu-gdpr-5-1-f",
    act: "Regulation (EU) 2016/679",
    at: "art. 5(1)(f)",
    country: "EU",
    read: "",
    unverified: true,
};
pub static EU_GDPR_6: Citation = Citation {
    id: "eu-gdpr-6",
    act: "Regulation (EU) 2016/679",
    at: "art. 6(1)",
    country: "EU",
    read: "",
    unverified: true,
};
pub static EU_GDPR_7_1: Citation = Citation {
    id: "eu-gdpr-7-1",
    act: "Regulation (EU) 2016/679",
    at: "art. 7(1)",
    country: "EU",
    read: "",
    unverified: true,
};
pub static EU_GDPR_7_3: Citation = Citation {
    id: "eu-gdpr-7-3",
    act: "Regulation (EU) 2016/679",
    at: "art. 7(3)",
    country: "EU",
    read: "",
    unverified: true,
};
pub static EU_GDPR_8: Citation = Citation {
    id: "eu-gdpr-8",
    act: "Regulation (EU) 2016/679",
    at: "art. 8",
    country: "EU",
    read: "",
    unverified: true,
};
pub static EU_GDPR_12: Citation = Citation {
    id: "eu-gdpr-12",
    act: "Regulation (EU) 2016/679",
    at: "art. 12",
    country: "EU",
    read: "",
    unverified: true,
};
pub static EU_GDPR_13: Citation = Citation {
    id: "eu-gdpr-13",
    act: "Regulation (EU) 2016/679",
    at: "art. 13",
    country: "EU",
    read: "",
    unverified: true,
};
pub static EU_GDPR_14: Citation = Citation {
    id: "eu-gdpr-14",
    act: "Regulation (EU) 2016/679",
    at: "art. 14",
    country: "EU",
    read: "",
    unverified: true,
};
pub static EU_GDPR_15: Citation = Citation {
    id: "eu-gdpr-15",
    act: "Regulation (EU) 2016/679",
    at: "art. 15",
    country: "EU",
    read: "",
    unverified: true,
};
pub static EU_GDPR_16: Citation = Citation {
    id: "eu-gdpr-16",
    act: "Regulation (EU) 2016/679",
    at: "art. 16",
    country: "EU",
    read: "",
    unverified: true,
};
pub static EU_GDPR_17: Citation = Citation {
    id: "eu-gdpr-17",
    act: "Regulation (EU) 2016/679",
    at: "art. 17",
    country: "EU",
    read: "",
    unverified: true,
};
pub static EU_GDPR_21_2: Citation = Citation {
    id: "eu-gdpr-21-2",
    act: "Regulation (EU) 2016/679",
    at: "art. 21(2)",
    country: "EU",
    read: "",
    unverified: true,
};
pub static EU_GDPR_21_3: Citation = Citation {
    id: "eu-gdpr-21-3",
    act: "Regulation (EU) 2016/679",
    at: "art. 21(3)",
    country: "EU",
    read: "",
    unverified: true,
};
pub static EU_GDPR_21_4: Citation = Citation {
    id: "eu-gdpr-21-4",
    act: "Regulation (EU) 2016/679",
    at: "art. 21(4)",
    country: "EU",
    read: "",
    unverified: true,
};
pub static EU_GDPR_83: Citation = Citation {
    id: "eu-gdpr-83",
    act: "Regulation (EU) 2016/679",
    at: "art. 83(5)",
    country: "EU",
    read: "",
    unverified: true,
};
pub static EU_C654_23: Citation = Citation {
    id: "eu-c-654-23",
    act: "CJEU C-654/23 Inteligo (13 Nov 2025)",
    at: "newsletter to holders of a free account",
    country: "EU",
    read: "2025-11-13",
    unverified: false,
};
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
