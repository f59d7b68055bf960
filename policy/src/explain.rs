//! A verdict in words and in JSON: what the CLI, the console, the API and the journal show.

use serde::Serialize;

use crate::{Facts, Verdict};

#[derive(Clone, Debug, Serialize)]
pub struct Explanation {}

pub fn explain(_facts: &Facts<'_>, _verdict: &Verdict) -> Explanation {
    Explanation {}
}
