//! Why an address may be used: name, legal basis, duration (S2, S17).

use crate::Requires;

/// The six bases of GDPR art. 6(1), no others.
#[derive(
    Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    Consent,
    Contract,
    LegalObligation,
    VitalInterest,
    PublicInterest,
    LegitimateInterest,
}

/// From when a grant's duration counts.
#[derive(Clone, Debug)]
pub enum Validity {
    /// From the start of the grant.
    Fixed(jiff::Span),
    /// From the last activity of the contact (S46).
    SinceActivity(jiff::Span),
}

#[derive(Clone, Debug)]
pub struct Purpose {
    /// Short, stable, chosen by the admin: `newsletter`.
    pub id: String,
    /// Id of the controller that uses it.
    pub controller: String,
    pub name: String,
    pub basis: Basis,
    pub validity: Validity,
    /// What it asks of each of its grants beyond the law.
    pub requires: Requires,
    pub note: String,
}
