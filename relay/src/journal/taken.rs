//! How intake took a message in for one recipient: the word that it notes beside the verdict, which
//! may ask for something else where recipients of one message cannot be answered apart.

/// In the field [`Taken::FIELD`] of a `decided` line.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Taken {
    /// To be sent on.
    Kept,
    /// Handed on at once: the next hop, or the mail server that asked, has it or answers for it.
    Passed,
    /// For a person to look at.
    Held,
    /// Not kept; the client was told.
    Refused,
    /// The same, before there was a message.
    RefusedEarly,
    /// Not kept; the sender was told by a report.
    Reported,
    /// Not kept; the client was asked to come again.
    Deferred,
}

impl Taken {
    pub const FIELD: &str = "fate";
    const ALL: [Self; 7] = [
        Self::Kept,
        Self::Passed,
        Self::Held,
        Self::Refused,
        Self::RefusedEarly,
        Self::Reported,
        Self::Deferred,
    ];

    /// The journal's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Passed => "passed",
            Self::Held => "held",
            Self::Refused => "refused",
            Self::RefusedEarly => "refused at RCPT",
            Self::Reported => "reported",
            Self::Deferred => "deferred",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|taken| taken.as_str() == word)
    }
}
