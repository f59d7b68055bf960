//! German acts and judgments.
//!
//! Where a duty stands written, who read it where and when, and why no rule checks it; no wording.

use super::Law;
use crate::Citation;

pub(super) static DE_LAW: Law = Law {
    name: "Germany",
    prefix: "de-",
    citations: &[
        &DE_UWG_7_2_2,
        &DE_UWG_7_2_3,
        &DE_UWG_7_3,
        &DE_UWG_7A,
        &DE_UWG_20,
        &DE_DDG_5,
        &DE_DDG_6_1,
        &DE_DDG_6_2,
        &DE_DDG_33,
        &DE_GMBHG_35A,
        &DE_HGB_37A,
        &DE_BGH_DOI,
        &DE_BGH_SURVEY,
        &DE_COURTS_AGE,
        &DE_IMPRESSUM,
    ],
    not_covered: &[
        ("de-uwg-7a", "proof of consent to calls; the relay sends e-mail"),
        (
            "de-uwg-20",
            "the fine for calls; advertising by e-mail is stopped by the courts, not fined",
        ),
        ("de-ddg-33", "the fine itself; the pack's penalty note quotes it"),
    ],
};

pub static DE_UWG_7_2_2: Citation = Citation { id: "de-uwg-7-2-2", at: "§ 7(2) no. 2", ..UWG };
pub static DE_UWG_7_2_3: Citation = Citation { id: "de-uwg-7-2-3", at: "§ 7(2) no. 3", ..UWG };
pub static DE_UWG_7_3: Citation = Citation { id: "de-uwg-7-3", at: "§ 7(3)", ..UWG };
pub static DE_UWG_7A: Citation =
    Citation { id: "de-uwg-7a", at: "§ 7a", read: "", source: "", unverified: true, ..UWG };
pub static DE_UWG_20: Citation =
    Citation { id: "de-uwg-20", at: "§ 20", read: "", source: "", unverified: true, ..UWG };
pub static DE_DDG_5: Citation = Citation { id: "de-ddg-5", at: "§ 5", ..DDG };
pub static DE_DDG_6_1: Citation = Citation {
    id: "de-ddg-6-1",
    at: "§ 6(1)",
    source: "it-recht-onlinekommentar.de (TMG § 6, which it replaced); kanzlei-erlewein.de",
    ..DDG
};
pub static DE_DDG_6_2: Citation = Citation {
    id: "de-ddg-6-2",
    at: "§ 6(2)",
    source: "it-recht-onlinekommentar.de (TMG § 6, which it replaced); kanzlei-erlewein.de",
    ..DDG
};
pub static DE_DDG_33: Citation =
    Citation { id: "de-ddg-33", at: "§ 33", read: "", source: "", unverified: true, ..DDG };
pub static DE_GMBHG_35A: Citation =
    Citation { id: "de-gmbhg-35a", at: "§ 35a", act: "GmbHG", ..ELSE };
pub static DE_HGB_37A: Citation = Citation { id: "de-hgb-37a", at: "§ 37a", act: "HGB", ..ELSE };
pub static DE_BGH_DOI: Citation = Citation {
    id: "de-bgh-i-zr-164-09",
    at: "double opt-in as proof",
    act: "BGH I ZR 164/09",
    ..ELSE
};
pub static DE_BGH_SURVEY: Citation = Citation {
    id: "de-bgh-vi-zr-721-15",
    at: "a survey beside an invoice is advertising",
    act: "BGH VI ZR 721/15",
    ..ELSE
};
pub static DE_COURTS_AGE: Citation = Citation {
    id: "de-courts-age",
    at: "after about two years without use",
    act: "Courts on the age of an address",
    ..ELSE
};
pub static DE_IMPRESSUM: Citation = Citation {
    id: "de-impressum-link",
    at: "a link to it is enough",
    act: "Prevailing view on the Impressum in e-mail",
    source: "absolit.de",
    ..ELSE
};

const UWG: Citation = Citation {
    id: "",
    act: "UWG",
    at: "",
    country: "DE",
    read: "2024-05-14",
    source: "lxgesetze.de/uwg/7",
    unverified: false,
};
const DDG: Citation = Citation {
    id: "",
    act: "DDG",
    at: "",
    country: "DE",
    read: "2024-05-14",
    source: "mailradar.eu; impressum-recht.de; kanzlei-erlewein.de",
    unverified: true,
};
const ELSE: Citation =
    Citation { id: "", act: "", at: "", country: "DE", read: "", source: "", unverified: true };
