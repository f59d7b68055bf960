//! Acts and regulations of the United Kingdom.
//!
//! Where a duty stands written, who read it where and when, and why no rule checks it; no wording.

use super::Law;
use crate::Citation;

pub(super) static UK_LAW: Law = Law {
    name: "United Kingdom",
    prefix: "uk-",
    citations: &[
        &UK_PECR_2,
        &UK_PECR_22_2,
        &UK_PECR_22_3,
        &UK_PECR_22_3A,
        &UK_PECR_23,
        &UK_PECR_PEN_OLD,
        &UK_DUAA_110,
        &UK_DUAA_114,
        &UK_DUAA_PEN,
        &UK_GDPR_5,
        &UK_GDPR_7,
        &UK_GDPR_8,
        &UK_GDPR_21,
        &UK_ECR_2,
        &UK_ECR_7,
        &UK_ECR_8,
        &UK_NAMES_2015,
    ],
    not_covered: &[
        ("uk-duaa-110", "defines direct marketing anew; the classes stand in class/"),
        ("uk-pecr-penalty-2003", "the fine itself; the pack's penalty note quotes it"),
        ("uk-duaa-penalty", "the fine itself; the pack's penalty note quotes it"),
    ],
};

pub static UK_PECR_2: Citation = Citation { id: "uk-pecr-2", at: "reg. 2", ..PECR };
pub static UK_PECR_22_2: Citation = Citation {
    id: "uk-pecr-22-2",
    at: "reg. 22(2)",
    read: "2003-12-11",
    source: "the regulation quoted in full (martialarts-coventry.com/antispam), before the change of 2026",
    unverified: false,
    ..PECR
};
pub static UK_PECR_22_3: Citation = Citation {
    id: "uk-pecr-22-3",
    at: "reg. 22(3)",
    read: "2003-12-11",
    source: "the regulation quoted in full (martialarts-coventry.com/antispam), before the change of 2026",
    unverified: false,
    ..PECR
};
pub static UK_PECR_22_3A: Citation = Citation {
    id: "uk-pecr-22-3a",
    at: "reg. 22(3A)",
    source: "mondaq.com 1755702; mills-reeve.com",
    ..PECR
};
pub static UK_PECR_23: Citation = Citation { id: "uk-pecr-23", at: "reg. 23", ..PECR };
pub static UK_PECR_PEN_OLD: Citation = Citation {
    id: "uk-pecr-penalty-2003",
    at: "monetary penalty until 4 Feb 2026: up to £500,000",
    ..PECR
};
pub static UK_DUAA_110: Citation = Citation { id: "uk-duaa-110", at: "s. 110", ..DUAA };
pub static UK_DUAA_114: Citation = Citation { id: "uk-duaa-114", at: "s. 114", ..DUAA };
pub static UK_DUAA_PEN: Citation = Citation {
    id: "uk-duaa-penalty",
    at: "PECR penalties since 5 Feb 2026: up to £17.5 million or 4 %",
    source: "consenttrail.co.uk; employmentbuddy.com",
    ..DUAA
};
pub static UK_GDPR_5: Citation = Citation { id: "uk-gdpr-5", at: "art. 5", act: "UK GDPR", ..ELSE };
pub static UK_GDPR_7: Citation = Citation { id: "uk-gdpr-7", at: "art. 7", act: "UK GDPR", ..ELSE };
pub static UK_GDPR_8: Citation = Citation { id: "uk-gdpr-8", at: "art. 8", act: "UK GDPR", ..ELSE };
pub static UK_GDPR_21: Citation =
    Citation { id: "uk-gdpr-21", at: "art. 21", act: "UK GDPR", ..ELSE };
pub static UK_ECR_2: Citation = Citation {
    id: "uk-ecr-2",
    at: "reg. 2(1), commercial communication",
    read: "2002-08-21",
    source: "legislation.gov.uk (as made)",
    unverified: false,
    ..ECR
};
pub static UK_ECR_7: Citation = Citation { id: "uk-ecr-7", at: "reg. 7", ..ECR };
pub static UK_ECR_8: Citation = Citation {
    id: "uk-ecr-8",
    at: "reg. 8",
    source: "marketinglaw.osborneclarke.com (on the duty, not on its number)",
    ..ECR
};
pub static UK_NAMES_2015: Citation = Citation {
    id: "uk-names-2015",
    at: "business e-mail: name, number, registered office",
    act: "Names and Trading Disclosures Regulations 2015",
    ..ELSE
};

const PECR: Citation = Citation {
    id: "",
    act: "PECR 2003",
    at: "",
    country: "GB",
    read: "2026-02-05",
    source: "consenttrail.co.uk; blakemorgan.co.uk; brabners.com",
    unverified: true,
};
const DUAA: Citation = Citation {
    id: "",
    act: "Data (Use and Access) Act 2025",
    at: "",
    country: "GB",
    read: "2026-02-05",
    source: "blakemorgan.co.uk; mondaq.com 1755702; mills-reeve.com",
    unverified: true,
};
const ECR: Citation = Citation {
    id: "",
    act: "E-Commerce Regulations 2002",
    at: "",
    country: "GB",
    read: "",
    source: "",
    unverified: true,
};
const ELSE: Citation =
    Citation { id: "", act: "", at: "", country: "GB", read: "", source: "", unverified: true };
