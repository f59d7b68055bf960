//! The Union's directives, regulations and judgments.
//!
//! Where a duty stands written and when somebody read it; no wording.

use crate::Citation;

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
