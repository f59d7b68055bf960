//! One file per rule, one page beside each, one line here.

use crate::Rule;

/// Every rule, sorted by id.
pub static ALL: &[&Rule] = &[];
