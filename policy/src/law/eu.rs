//! The Union's directives, regulations and judgments.
//!
//! Where a duty stands written, who read it where and when, and why no rule checks it; no wording.

use super::Law;
use crate::Citation;

pub(super) static EU_LAW: Law = Law {
    name: "European Union",
    prefix: "eu-",
    citations: &[
        &EU_EPRIVACY_13_1,
        &EU_EPRIVACY_13_2,
        &EU_EPRIVACY_13_4,
        &EU_EPRIVACY_13_5,
        &EU_ECOMMERCE_5,
        &EU_ECOMMERCE_6,
        &EU_ECOMMERCE_7,
        &EU_GDPR_4_7,
        &EU_GDPR_4_11,
        &EU_GDPR_5_1_B,
        &EU_GDPR_5_1_D,
        &EU_GDPR_5_1_E,
        &EU_GDPR_5_1_F,
        &EU_GDPR_5_2,
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
        &EU_GDPR_19,
        &EU_GDPR_20,
        &EU_GDPR_21_2,
        &EU_GDPR_21_3,
        &EU_GDPR_21_4,
        &EU_GDPR_25,
        &EU_GDPR_28,
        &EU_GDPR_30,
        &EU_GDPR_32,
        &EU_GDPR_33,
        &EU_GDPR_83,
        &EU_C654_23,
    ],
    not_covered: &[
        (
            "eu-2002-58-13-5",
            "legal persons: each state chooses; the packs say how (b2b.exempt-corporate)",
        ),
        ("eu-gdpr-4-7", "says who the controller is; a fact of policy.toml, not a duty"),
        ("eu-gdpr-12", "answering requests; the consent store and its pages"),
        ("eu-gdpr-15", "access; the consent store's export"),
        ("eu-gdpr-16", "rectification; the consent store"),
        ("eu-gdpr-17", "erasure; the consent store keeps a refusal as a keyed hash"),
        ("eu-gdpr-19", "telling others of an erasure; the relay passes contacts on to nobody"),
        ("eu-gdpr-20", "portability; the consent store's export"),
        (
            "eu-gdpr-25",
            "data protection by design; how the relay is built, not what a message says",
        ),
        ("eu-gdpr-28", "processors; a contract between the operator and the controller"),
        ("eu-gdpr-30", "records of processing; kept by the controller"),
        ("eu-gdpr-32", "security; how the relay is run, not what a message says"),
        ("eu-gdpr-33", "telling of a breach; the operator's duty"),
        ("eu-gdpr-83", "the fine itself; the packs' penalty note quotes it"),
    ],
};

pub static EU_EPRIVACY_13_1: Citation =
    Citation { id: "eu-2002-58-13-1", at: "art. 13(1)", ..EPRIVACY };
pub static EU_EPRIVACY_13_2: Citation = Citation {
    id: "eu-2002-58-13-2",
    at: "art. 13(2)",
    read: "2025-11-13",
    source: "CJEU C-654/23 (dpcuria.eu, taylorwessing.com)",
    ..EPRIVACY
};
pub static EU_EPRIVACY_13_4: Citation = Citation {
    id: "eu-2002-58-13-4",
    at: "art. 13(4)",
    read: "2009-12-19",
    source: "wordscope.be (as amended)",
    unverified: false,
    ..EPRIVACY
};
pub static EU_EPRIVACY_13_5: Citation =
    Citation { id: "eu-2002-58-13-5", at: "art. 13(5)", ..EPRIVACY };
pub static EU_ECOMMERCE_5: Citation = Citation { id: "eu-2000-31-5", at: "art. 5", ..ECOMMERCE };
pub static EU_ECOMMERCE_6: Citation = Citation { id: "eu-2000-31-6", at: "art. 6", ..ECOMMERCE };
pub static EU_ECOMMERCE_7: Citation = Citation { id: "eu-2000-31-7", at: "art. 7", ..ECOMMERCE };
pub static EU_GDPR_4_7: Citation = Citation { id: "eu-gdpr-4-7", at: "art. 4(7)", ..GDPR };
pub static EU_GDPR_4_11: Citation = Citation { id: "eu-gdpr-4-11", at: "art. 4(11)", ..GDPR };
pub static EU_GDPR_5_1_B: Citation = Citation { id: "eu-gdpr-5-1-b", at: "art. 5(1)(b)", ..GDPR };
pub static EU_GDPR_5_1_D: Citation = Citation { id: "eu-gdpr-5-1-d", at: "art. 5(1)(d)", ..GDPR };
pub static EU_GDPR_5_1_E: Citation = Citation { id: "eu-gdpr-5-1-e", at: "art. 5(1)(e)", ..GDPR };
pub static EU_GDPR_5_1_F: Citation = Citation { id: "eu-gdpr-5-1-f", at: "art. 5(1)(f)", ..GDPR };
pub static EU_GDPR_5_2: Citation = Citation { id: "eu-gdpr-5-2", at: "art. 5(2)", ..GDPR };
pub static EU_GDPR_6: Citation = Citation { id: "eu-gdpr-6", at: "art. 6(1)", ..GDPR };
pub static EU_GDPR_7_1: Citation = Citation {
    id: "eu-gdpr-7-1",
    at: "art. 7(1)",
    read: "2016-05-04",
    source: "datenschutzgesetze.externer-datenschutzbeauftragter-dresden.de",
    unverified: false,
    ..GDPR
};
pub static EU_GDPR_7_3: Citation = Citation {
    id: "eu-gdpr-7-3",
    at: "art. 7(3)",
    read: "2016-05-04",
    source: "datenschutzgesetze.externer-datenschutzbeauftragter-dresden.de",
    unverified: false,
    ..GDPR
};
pub static EU_GDPR_8: Citation = Citation { id: "eu-gdpr-8", at: "art. 8", ..GDPR };
pub static EU_GDPR_12: Citation = Citation { id: "eu-gdpr-12", at: "art. 12", ..GDPR };
pub static EU_GDPR_13: Citation = Citation { id: "eu-gdpr-13", at: "art. 13", ..GDPR };
pub static EU_GDPR_14: Citation = Citation { id: "eu-gdpr-14", at: "art. 14", ..GDPR };
pub static EU_GDPR_15: Citation = Citation { id: "eu-gdpr-15", at: "art. 15", ..GDPR };
pub static EU_GDPR_16: Citation = Citation { id: "eu-gdpr-16", at: "art. 16", ..GDPR };
pub static EU_GDPR_17: Citation = Citation { id: "eu-gdpr-17", at: "art. 17", ..GDPR };
pub static EU_GDPR_19: Citation = Citation { id: "eu-gdpr-19", at: "art. 19", ..GDPR };
pub static EU_GDPR_20: Citation = Citation { id: "eu-gdpr-20", at: "art. 20", ..GDPR };
pub static EU_GDPR_21_2: Citation = Citation {
    id: "eu-gdpr-21-2",
    at: "art. 21(2)",
    read: "2016-05-04",
    source: "gdprhub.eu",
    unverified: false,
    ..GDPR
};
pub static EU_GDPR_21_3: Citation = Citation {
    id: "eu-gdpr-21-3",
    at: "art. 21(3)",
    read: "2016-05-04",
    source: "gdprhub.eu",
    unverified: false,
    ..GDPR
};
pub static EU_GDPR_21_4: Citation = Citation {
    id: "eu-gdpr-21-4",
    at: "art. 21(4)",
    read: "2016-05-04",
    source: "gdprhub.eu",
    unverified: false,
    ..GDPR
};
pub static EU_GDPR_25: Citation = Citation { id: "eu-gdpr-25", at: "art. 25", ..GDPR };
pub static EU_GDPR_28: Citation = Citation { id: "eu-gdpr-28", at: "art. 28", ..GDPR };
pub static EU_GDPR_30: Citation = Citation { id: "eu-gdpr-30", at: "art. 30", ..GDPR };
pub static EU_GDPR_32: Citation = Citation { id: "eu-gdpr-32", at: "art. 32", ..GDPR };
pub static EU_GDPR_33: Citation = Citation { id: "eu-gdpr-33", at: "art. 33", ..GDPR };
pub static EU_GDPR_83: Citation = Citation { id: "eu-gdpr-83", at: "art. 83(5)", ..GDPR };
pub static EU_C654_23: Citation = Citation {
    id: "eu-c-654-23",
    at: "newsletter to holders of a free account",
    act: "CJEU C-654/23 Inteligo (13 Nov 2025)",
    read: "2025-11-13",
    source: "dpcuria.eu, pearlcohen.com, taylorwessing.com, matheson.com",
    ..EPRIVACY
};

const EPRIVACY: Citation = Citation {
    id: "",
    act: "Directive 2002/58/EC",
    at: "",
    country: "EU",
    read: "",
    source: "",
    unverified: true,
};
const ECOMMERCE: Citation = Citation {
    id: "",
    act: "Directive 2000/31/EC",
    at: "",
    country: "EU",
    read: "",
    source: "",
    unverified: true,
};
const GDPR: Citation = Citation {
    id: "",
    act: "Regulation (EU) 2016/679",
    at: "",
    country: "EU",
    read: "",
    source: "",
    unverified: true,
};
