//! Slovak acts.
//!
//! Where a duty stands written and when somebody read it; no wording.

use crate::Citation;

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
