//! Why something became of a message, where neither a rule's id nor the class of a reply says it. The
//! words are the same in webhooks, in the log of events and in reports to senders.

/// No server could be reached, or none said why.
pub const UNREACHABLE: &str = "unreachable";
/// It was tried, or waited for a person, for as long as it may.
pub const EXPIRED: &str = "expired";
/// A person gave it up.
pub const GIVEN_UP: &str = "given-up";
/// The recipient called it spam.
pub const COMPLAINT: &str = "complaint";
/// It cannot be decided on before a fact is known.
pub const FACT_MISSING: &str = "fact-missing";
