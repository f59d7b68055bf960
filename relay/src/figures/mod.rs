//! Figures of the whole, for those who answer for it: what was blocked, who may be written to, what
//! waits. Read from counts that others keep; nothing here decides.

mod coverage;
mod decided;
mod overview;
mod work;

use jiff::Timestamp;

pub use coverage::{Coverages, Covered};
pub use decided::{Day, Decided, Sum};
pub use overview::{Days, Figures, For, Owner, Rates, Reports, scope};
pub use work::Worked;

/// From a moment on, up to now.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Span {
    pub from: Timestamp,
    pub until: Timestamp,
}
