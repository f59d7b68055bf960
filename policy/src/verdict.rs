//! The answer: one action, and every reason for it.

use serde::{Deserialize, Serialize};

use crate::{Class, Edit, OnBroken, Outcome, Rule};

#[derive(Clone, Debug)]
pub struct Verdict {
    pub action: Action,
    /// The first rule that asked for the action: what the wire and the lists name. `None` where
    /// none had to ask.
    pub rule: Option<&'static Rule>,
    pub class: Class,
    /// One per rule, in the order of the rules, kept ones included: on the message as it came.
    pub findings: Vec<Finding>,
    /// What makes it lawful; empty unless `action` is [`Action::SendEdited`].
    pub edits: Vec<Edit>,
    /// The rules run again on the repaired message; `None` where nothing was repaired.
    pub repaired: Option<Vec<Finding>>,
}

impl Verdict {
    /// The id of the rule that it names; `policy` where none had to ask.
    pub fn rule_id(&self) -> &'static str {
        self.rule.map_or("policy", |rule| rule.id)
    }
}

#[derive(Clone, Debug)]
pub struct Finding {
    pub rule: &'static Rule,
    pub outcome: Outcome,
    /// What policy.toml (or the rule) asks for when it is broken.
    pub on_broken: OnBroken,
    /// It is the stream's own setting that asks for it.
    pub by_stream: bool,
    /// A waiver covers it.
    pub waived: bool,
}

/// From mildest to strictest. The strictest that any rule asks for is taken.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    Send,
    SendEdited,
    /// Answer 451: a fact is missing, ask again later.
    Defer,
    /// Keep it for a person to look at.
    Hold,
    Reject,
}
