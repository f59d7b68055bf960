//! Canada's federal anti-spam law.
//!
//! Where a duty stands written, who read it where and when, and why no rule checks it; no wording.

use super::Law;
use crate::Citation;

pub(super) static CA_LAW: Law = Law {
    name: "Canada",
    prefix: "ca-",
    citations: &[
        &CA_CASL_1,
        &CA_CASL_6_1,
        &CA_CASL_6_2,
        &CA_CASL_6_6,
        &CA_CASL_10,
        &CA_CASL_10_10,
        &CA_CASL_11,
        &CA_CASL_11_3,
        &CA_CASL_PEN,
        &CA_CRTC_2,
        &CA_CRTC_3,
        &CA_GIC,
        &CA_COMPETITION,
    ],
    not_covered: &[("ca-casl-penalty", "the fine itself; the pack's penalty note quotes it")],
};

pub static CA_CASL_1: Citation = Citation { id: "ca-casl-1", at: "s. 1", ..CASL };
pub static CA_CASL_6_1: Citation = Citation { id: "ca-casl-6-1", at: "s. 6(1)", ..CASL };
pub static CA_CASL_6_2: Citation = Citation { id: "ca-casl-6-2", at: "s. 6(2)", ..CASL };
pub static CA_CASL_6_6: Citation = Citation {
    id: "ca-casl-6-6",
    at: "s. 6(6)",
    source: "openparliament.ca (committee 42-1/76)",
    ..CASL
};
pub static CA_CASL_10: Citation = Citation { id: "ca-casl-10", at: "s. 10", ..CASL };
pub static CA_CASL_10_10: Citation = Citation {
    id: "ca-casl-10-10",
    at: "s. 10(10)",
    source: "crtc.gc.ca guide; wahnlaw.ca",
    ..CASL
};
pub static CA_CASL_11: Citation = Citation {
    id: "ca-casl-11",
    at: "s. 11(1) and (2)",
    read: "2023-03-20",
    source: "laws-lois.justice.gc.ca",
    unverified: false,
    ..CASL
};
pub static CA_CASL_11_3: Citation =
    Citation { id: "ca-casl-11-3", at: "s. 11(3)", source: "mondaq.com 301380", ..CASL };
pub static CA_CASL_PEN: Citation = Citation {
    id: "ca-casl-penalty",
    at: "administrative monetary penalties",
    source: "itbusiness.ca",
    ..CASL
};
pub static CA_CRTC_2: Citation = Citation {
    id: "ca-crtc-2",
    at: "s. 2",
    act: "SOR/2012-36",
    source: "mondaq.com 172290 and 301380",
    ..REGS
};
pub static CA_CRTC_3: Citation = Citation {
    id: "ca-crtc-3",
    at: "s. 3",
    act: "SOR/2012-36",
    source: "mondaq.com 172290",
    ..REGS
};
pub static CA_GIC: Citation =
    Citation { id: "ca-gic-2013-221", at: "exempted messages", act: "SOR/2013-221", ..REGS };
pub static CA_COMPETITION: Citation =
    Citation { id: "ca-competition", at: "misleading subjects", act: "Competition Act", ..REGS };

const CASL: Citation = Citation {
    id: "",
    act: "CASL, S.C. 2010, c. 23",
    at: "",
    country: "CA",
    read: "",
    source: "crtc.gc.ca guide; mondaq.com 301380",
    unverified: true,
};
const REGS: Citation =
    Citation { id: "", act: "", at: "", country: "CA", read: "", source: "", unverified: true };
