//! What somebody looks for among the verdicts, and what they may see of them.

use jiff::Timestamp;
use uuid::Uuid;

use super::kind::{Fate, Kind};
use crate::seal::AddressKey;

/// What to find; everything asked for must hold.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Filter {
    /// `None`: whatever there is.
    pub scope: Option<Scope>,
    pub controller: Option<String>,
    pub login: Option<String>,
    pub stream: Option<String>,
    pub purpose: Option<String>,
    pub class: Option<String>,
    /// Any of these; empty: whatever came of it.
    pub fates: Vec<Fate>,
    /// Any of these; empty: whichever.
    pub rules: Vec<String>,
    pub campaign: Option<i64>,
    /// In the subject, the sender or the tool's name of the campaign.
    pub words: Option<String>,
    /// Any of these; empty: whoever.
    pub recipients: Vec<AddressKey>,
    pub message: Option<Uuid>,
    pub from: Option<Timestamp>,
    /// Before this moment.
    pub until: Option<Timestamp>,
}

/// What somebody may see: all of these controllers, and whatever came by one of these logins.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Scope {
    pub controllers: Vec<String>,
    pub logins: Vec<String>,
}

impl Scope {
    pub fn holds(&self, kind: &Kind) -> bool {
        self.controllers.contains(&kind.controller) || self.logins.contains(&kind.login)
    }
}

impl Filter {
    /// Whether a kind is asked for, whatever came of it.
    pub(super) fn takes_any(&self, kind: &Kind) -> bool {
        let is = |wanted: &Option<String>, has: &str| {
            wanted.as_deref().is_none_or(|wanted| wanted == has)
        };
        self.scope.as_ref().is_none_or(|scope| scope.holds(kind))
            && is(&self.controller, &kind.controller)
            && is(&self.login, &kind.login)
            && is(&self.stream, &kind.stream)
            && is(&self.purpose, &kind.purpose)
            && is(&self.class, &kind.class)
            && (self.rules.is_empty() || self.rules.contains(&kind.rule))
    }

    /// Whether a kind is asked for.
    pub(super) fn takes(&self, kind: &Kind) -> bool {
        self.takes_any(kind) && (self.fates.is_empty() || self.fates.contains(&kind.fate))
    }
}
