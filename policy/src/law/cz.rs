//! Czech acts and guidance.
//!
//! Where a duty stands written and when somebody read it; no wording.

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
