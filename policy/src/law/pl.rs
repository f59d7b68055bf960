//! Polish acts and judgments.
//!
//! Where a duty stands written, who read it where and when, and why no rule checks it; no wording.

use super::Law;
use crate::Citation;

pub(super) static PL_LAW: Law = Law {
    name: "Poland",
    prefix: "pl-",
    citations: &[
        &PL_PKE_398_1,
        &PL_PKE_398_CONSENT,
        &PL_PKE_PEN,
        &PL_USUDE_2_2,
        &PL_USUDE_9_1,
        &PL_USUDE_9_2,
        &PL_USUDE_10,
        &PL_KSH_206,
        &PL_SN_REQUEST,
    ],
    not_covered: &[
        ("pl-pke-penalty", "the fine itself; the pack's penalty note quotes it"),
        ("pl-usude-10", "replaced by art. 398 of the Prawo komunikacji elektronicznej"),
    ],
};

pub static PL_PKE_398_1: Citation = Citation { id: "pl-pke-398-1", at: "art. 398(1)", ..PKE };
pub static PL_PKE_398_CONSENT: Citation = Citation {
    id: "pl-pke-398-consent",
    at: "art. 398, how consent is given and withdrawn",
    ..PKE
};
pub static PL_PKE_PEN: Citation = Citation {
    id: "pl-pke-penalty",
    at: "administrative fines: up to 3 % of revenue",
    read: "",
    source: "",
    unverified: true,
    ..PKE
};
pub static PL_USUDE_2_2: Citation = Citation {
    id: "pl-usude-2-2",
    at: "art. 2(2)",
    source: "radcaprawny.kirp.pl; prawo.vagla.pl (2003)",
    ..USUDE
};
pub static PL_USUDE_9_1: Citation = Citation { id: "pl-usude-9-1", at: "art. 9(1)", ..USUDE };
pub static PL_USUDE_9_2: Citation = Citation { id: "pl-usude-9-2", at: "art. 9(2)", ..USUDE };
pub static PL_USUDE_10: Citation = Citation {
    id: "pl-usude-10",
    at: "art. 10 (until 9 Nov 2024)",
    source: "radcaprawny.kirp.pl",
    ..USUDE
};
pub static PL_KSH_206: Citation =
    Citation { id: "pl-ksh-206", at: "art. 206", act: "Kodeks spółek handlowych", ..USUDE };
pub static PL_SN_REQUEST: Citation = Citation {
    id: "pl-sn-iii-szp-7-15",
    at: "asking for consent is itself commercial",
    act: "SN III SZP 7/15",
    source: "kreatywnyprawnik.pl",
    ..USUDE
};

const PKE: Citation = Citation {
    id: "",
    act: "Prawo komunikacji elektronicznej",
    at: "",
    country: "PL",
    read: "2024-11-10",
    source: "radcaprawny.kirp.pl; prawo.pl; sprm.org.pl; kbzlegal.pl",
    unverified: true,
};
const USUDE: Citation = Citation {
    id: "",
    act: "Ustawa o świadczeniu usług drogą elektroniczną",
    at: "",
    country: "PL",
    read: "",
    source: "",
    unverified: true,
};
