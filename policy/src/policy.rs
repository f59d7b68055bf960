//! What the operator set: the packs in force and what each broken rule asks for.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Pack, Provider, Rule, Stream};

/// The resolved policy. `version` is what the journal notes.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Digest of all that can change a verdict, hexadecimal.
    pub version: String,
    /// By rule id; a rule not named has its own effect.
    pub rules: BTreeMap<String, OnBroken>,
    /// Every pack known, own tightenings applied.
    pub packs: Vec<Pack>,
    /// Every mailbox provider whose rules are known.
    pub providers: Vec<Provider>,
}

impl Policy {
    /// What is asked for when that rule is broken.
    pub fn on_broken(&self, rule: &Rule) -> OnBroken {
        self.rules.get(rule.id).copied().unwrap_or(rule.effect)
    }

    /// The same for a message of that stream: as the stream itself sets it, or else the policy. Where
    /// the stream only reports, what a person could waive is noted and no more.
    pub fn on_broken_in(&self, stream: &Stream, rule: &Rule) -> OnBroken {
        let own = stream.rules.get(rule.id).copied();
        match own.unwrap_or_else(|| self.on_broken(rule)) {
            OnBroken::Repair | OnBroken::Hold | OnBroken::Reject
                if stream.report_only && rule.waivable =>
            {
                OnBroken::Report
            }
            set @ (OnBroken::Repair
            | OnBroken::Hold
            | OnBroken::Reject
            | OnBroken::Report
            | OnBroken::Off) => set,
        }
    }
}

/// What a broken rule asks for.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnBroken {
    /// Edit and send; where no edit can keep the rule, what the rule says for that case.
    Repair,
    Hold,
    Reject,
    /// Send and note it.
    Report,
    Off,
}
