//! Austrian acts.
//!
//! Where a duty stands written, who read it where and when, and why no rule checks it; no wording.

use super::Law;
use crate::Citation;

pub(super) static AT_LAW: Law = Law {
    name: "Austria",
    prefix: "at-",
    citations: &[
        &AT_TKG_174_3,
        &AT_TKG_174_4,
        &AT_TKG_174_5,
        &AT_TKG_188,
        &AT_ECG_5,
        &AT_ECG_6,
        &AT_ECG_7_1,
        &AT_ECG_7,
        &AT_UGB_14,
    ],
    not_covered: &[("at-tkg-188", "the fine itself; the pack's penalty note quotes it")],
};

pub static AT_TKG_174_3: Citation = Citation { id: "at-tkg-174-3", at: "§ 174(3)", ..TKG };
pub static AT_TKG_174_4: Citation = Citation { id: "at-tkg-174-4", at: "§ 174(4)", ..TKG };
pub static AT_TKG_174_5: Citation = Citation { id: "at-tkg-174-5", at: "§ 174(5)", ..TKG };
pub static AT_TKG_188: Citation =
    Citation { id: "at-tkg-188", at: "§ 188", read: "", source: "", unverified: true, ..TKG };
pub static AT_ECG_5: Citation = Citation { id: "at-ecg-5", at: "§ 5", ..ECG };
pub static AT_ECG_6: Citation = Citation { id: "at-ecg-6", at: "§ 6", ..ECG };
pub static AT_ECG_7_1: Citation = Citation { id: "at-ecg-7-1", at: "§ 7(1)", ..ECG };
pub static AT_ECG_7: Citation = Citation {
    id: "at-ecg-7",
    at: "§ 7 (list kept by RTR)",
    source: "recht.werbungwien.at",
    ..ECG
};
pub static AT_UGB_14: Citation = Citation { id: "at-ugb-14", at: "§ 14", act: "UGB", ..ECG };

const TKG: Citation = Citation {
    id: "",
    act: "TKG 2021",
    at: "",
    country: "AT",
    read: "2021-11-01",
    source: "werbe.at; recht.werbungwien.at (older law)",
    unverified: true,
};
const ECG: Citation =
    Citation { id: "", act: "ECG", at: "", country: "AT", read: "", source: "", unverified: true };
