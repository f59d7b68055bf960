//! One jurisdiction's parameters with their dates and citations (compliance.md 2.4).

/// A jurisdiction's parameters in force during one span of time.
#[derive(Clone, Debug)]
pub struct Pack {
    /// `cz`, `sk`.
    pub id: String,
}
