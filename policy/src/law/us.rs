//! Federal acts and rules of the United States.
//!
//! Where a duty stands written, who read it where and when, and why no rule checks it; no wording.

use super::Law;
use crate::Citation;

pub(super) static US_LAW: Law = Law {
    name: "United States",
    prefix: "us-",
    citations: &[
        &US_7702,
        &US_7704_A_1,
        &US_7704_A_2,
        &US_7704_A_3,
        &US_7704_A_4,
        &US_7704_A_5,
        &US_7704_B,
        &US_7704_D,
        &US_7706,
        &US_316_3,
        &US_316_4,
        &US_316_5,
        &US_PEN,
    ],
    not_covered: &[
        (
            "us-15-7704-b",
            "harvesting addresses aggravates a violation; such sources are refused by source-forbidden where consent is asked for",
        ),
        ("us-15-7706", "enforcement, other laws, wireless domains; no duty of the single message"),
        ("us-penalty", "the fine itself; the pack's penalty note quotes it"),
    ],
};

pub static US_7702: Citation = Citation { id: "us-15-7702", at: "§ 7702", ..CAN_SPAM };
pub static US_7704_A_1: Citation = Citation {
    id: "us-15-7704-a-1",
    at: "§ 7704(a)(1)",
    read: "2024-11-22",
    source: "checkoutapi.com (U.S. Code, C.F.R.)",
    unverified: false,
    ..CAN_SPAM
};
pub static US_7704_A_2: Citation = Citation {
    id: "us-15-7704-a-2",
    at: "§ 7704(a)(2)",
    read: "2024-11-22",
    source: "checkoutapi.com (U.S. Code, C.F.R.)",
    unverified: false,
    ..CAN_SPAM
};
pub static US_7704_A_3: Citation = Citation {
    id: "us-15-7704-a-3",
    at: "§ 7704(a)(3)",
    source: "emailexplained.com; certstation.com, myrhc.com (30 days)",
    ..CAN_SPAM
};
pub static US_7704_A_4: Citation = Citation {
    id: "us-15-7704-a-4",
    at: "§ 7704(a)(4)",
    source: "emailexplained.com; certstation.com, myrhc.com (10 business days)",
    ..CAN_SPAM
};
pub static US_7704_A_5: Citation =
    Citation { id: "us-15-7704-a-5", at: "§ 7704(a)(5)", ..CAN_SPAM };
pub static US_7704_B: Citation = Citation {
    id: "us-15-7704-b",
    at: "§ 7704(b)",
    read: "",
    source: "",
    unverified: true,
    ..CAN_SPAM
};
pub static US_7704_D: Citation = Citation { id: "us-15-7704-d", at: "§ 7704(d)", ..CAN_SPAM };
pub static US_7706: Citation = Citation { id: "us-15-7706", at: "§§ 7706 to 7713", ..CAN_SPAM };
pub static US_316_3: Citation = Citation { id: "us-16-316-3", at: "§ 316.3", ..RULE };
pub static US_316_4: Citation = Citation {
    id: "us-16-316-4",
    at: "§ 316.4",
    read: "2024-11-22",
    source: "checkoutapi.com (U.S. Code, C.F.R.)",
    unverified: false,
    ..RULE
};
pub static US_316_5: Citation = Citation {
    id: "us-16-316-5",
    at: "§ 316.5",
    source: "law.lawstack.com",
    unverified: false,
    ..RULE
};
pub static US_PEN: Citation = Citation {
    id: "us-penalty",
    at: "civil penalty for each e-mail, as adjusted for 2025",
    act: "FTC",
    source: "myrhc.com",
    ..CAN_SPAM
};

const CAN_SPAM: Citation = Citation {
    id: "",
    act: "15 U.S.C.",
    at: "",
    country: "US",
    read: "",
    source: "emailexplained.com; lexisnexis.com (CAN-SPAM Act)",
    unverified: true,
};
const RULE: Citation = Citation {
    id: "",
    act: "16 CFR",
    at: "",
    country: "US",
    read: "",
    source: "laws9.com/cfr/text/16/316",
    unverified: true,
};
