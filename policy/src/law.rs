//! Every act and section known, each cited by a rule or with a word why not.

use crate::Citation;

pub static ALL: &[&Citation] = &[];
