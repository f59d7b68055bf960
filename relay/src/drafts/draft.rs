//! One draft and the states that it goes through.

use jiff::Timestamp;
use uuid::Uuid;

/// How far it is. `Active` and `Withdrawn` are its ends; from every other state it can be edited,
/// and is `Written` again.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum State {
    Written,
    /// A second person has to agree.
    Proposed,
    /// It may be activated.
    Approved,
    Declined,
    /// Somebody activated it; whether it is in force each relay knows.
    Active,
    Withdrawn,
}

/// One of them, without its text.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Draft {
    pub id: Uuid,
    pub at: Timestamp,
    /// Who made it: `staff/<account>`, as all below.
    pub by: String,
    /// The version that it replaces.
    pub base: String,
    /// Empty while anything in it is wrong.
    pub version: String,
    /// As it was proposed; before, what the proposal begins with.
    pub why: String,
    /// What was said to it; empty where nobody said anything.
    pub answer: String,
    pub edition: i64,
    pub edited_at: Timestamp,
    pub edited_by: String,
    pub state: State,
    pub proposal: Option<Proposal>,
    /// Who agreed or declined; `None` where one person is enough, too.
    pub answered_by: Option<String>,
    pub activated: Option<(String, Timestamp)>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Proposal {
    pub by: String,
    /// Then it is void.
    pub until: Timestamp,
}

impl State {
    pub const ALL: [Self; 6] = [
        Self::Written,
        Self::Proposed,
        Self::Approved,
        Self::Declined,
        Self::Active,
        Self::Withdrawn,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Written => "written",
            Self::Proposed => "proposed",
            Self::Approved => "approved",
            Self::Declined => "declined",
            Self::Active => "active",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// Of its word for people.
    pub fn text_id(self) -> &'static str {
        match self {
            Self::Written => "console-draft-written",
            Self::Proposed => "console-draft-proposed",
            Self::Approved => "console-draft-approved",
            Self::Declined => "console-draft-declined",
            Self::Active => "console-draft-active",
            Self::Withdrawn => "console-draft-withdrawn",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// Somebody may still change it.
    pub fn is_live(self) -> bool {
        !matches!(self, Self::Active | Self::Withdrawn)
    }
}

impl Draft {
    /// It was proposed, and nobody answered in time.
    pub fn is_late(&self, now: Timestamp) -> bool {
        self.state == State::Proposed
            && self.proposal.as_ref().is_none_or(|proposal| proposal.until <= now)
    }

    /// It was agreed to or activated, and is what its reader's relay goes by.
    pub fn is_in_force(&self, in_force: &str) -> bool {
        matches!(self.state, State::Approved | State::Active) && self.version == in_force
    }

    /// What is in force is neither what it was based on nor itself.
    pub fn is_outdated(&self, in_force: &str) -> bool {
        self.state.is_live() && self.base != in_force && self.version != in_force
    }

    /// Whether this person's word is a second one.
    pub fn may_answer(&self, by: &str) -> bool {
        self.edited_by != by && self.proposal.as_ref().is_some_and(|proposal| proposal.by != by)
    }

    /// Whether it can be proposed: written, declined, or its proposal is void.
    pub fn may_be_proposed(&self, now: Timestamp) -> bool {
        matches!(self.state, State::Written | State::Declined) || self.is_late(now)
    }
}
