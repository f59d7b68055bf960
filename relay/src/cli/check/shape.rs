//! What came of a message, as far as two policies can differ in it, and the difference in one line.

use std::collections::BTreeMap;

use policy::{Action, OnBroken, Outcome, Verdict};

use super::super::{arguments::as_word, judge::Judged};

/// One decision.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Shape {
    pub action: Told,
    /// Refused before any rule was asked.
    pub refused: Option<String>,
    /// Rules that found something; every other one was kept or had nothing to say.
    pub rules: BTreeMap<String, State>,
}

/// An action, or between which two it lies.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Told {
    pub least: Action,
    pub most: Action,
}

/// What a rule found.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum State {
    /// And what that asks for.
    Broken(OnBroken),
    Waived,
    Undecided,
}

impl Told {
    pub(super) fn is_certain(self) -> bool {
        self.least == self.most
    }

    pub(super) fn holds(self, action: Action) -> bool {
        (self.least..=self.most).contains(&action)
    }

    pub(super) fn exactly(action: Action) -> Self {
        Self { least: action, most: action }
    }

    fn words(self) -> String {
        if self.is_certain() {
            as_word(&self.least)
        } else {
            format!("{} to {}", as_word(&self.least), as_word(&self.most))
        }
    }
}

impl Shape {
    pub(super) fn of(judged: &Judged) -> Self {
        match judged {
            Judged::Refused { because } => Self::refused(because.clone()),
            Judged::Verdict(judged) => Self::of_verdict(&judged.0),
        }
    }

    pub(super) fn refused(because: String) -> Self {
        let action = Told::exactly(Action::Reject);
        Self { action, refused: Some(because), rules: BTreeMap::new() }
    }

    /// On the message as it came.
    pub(super) fn of_verdict(verdict: &Verdict) -> Self {
        let found = verdict.findings.iter().filter_map(|finding| {
            let state = match finding.outcome {
                Outcome::Outside | Outcome::Kept => return None,
                Outcome::Broken(_) if finding.waived => State::Waived,
                Outcome::Broken(_) => State::Broken(finding.on_broken),
                Outcome::Undecided { .. } => State::Undecided,
            };
            Some((finding.rule.id.to_owned(), state))
        });
        let action = Told::exactly(verdict.action);
        Self { action, refused: None, rules: found.collect() }
    }

    /// Whether another action is taken, or other rules are broken.
    pub(super) fn differs(&self, other: &Self) -> bool {
        self.action != other.action
            || self.refused.is_some() != other.refused.is_some()
            || !self.finds_the_same(other)
    }

    /// The same rules are broken, whatever that asks for.
    pub(super) fn finds_the_same(&self, other: &Self) -> bool {
        let found = |shape: &Self| -> Vec<(String, bool)> {
            let each = shape.rules.iter();
            each.map(|(id, state)| (id.clone(), *state == State::Undecided)).collect()
        };
        found(self) == found(other)
    }

    /// `send-edited -> hold`, then each rule that changed.
    pub(super) fn against(&self, new: &Self) -> String {
        let mut changes: Vec<String> = Vec::new();
        for id in
            self.rules.keys().chain(new.rules.keys().filter(|id| !self.rules.contains_key(*id)))
        {
            let (old, new) = (self.rules.get(id), new.rules.get(id));
            if old != new && self.refused.is_none() {
                changes.push(format!("{id} {} -> {}", state(old), state(new)));
            }
        }
        if let Some(because) = &new.refused {
            changes = vec![because.clone()];
        } else if let Some(because) = &self.refused {
            changes = vec![format!("before: {because}")];
        }
        let (from, to) = (self.action.words(), new.action.words());
        let action = if from == to { from } else { format!("{from} -> {to}") };
        if changes.is_empty() { action } else { format!("{action}: {}", changes.join(", ")) }
    }
}

fn state(found: Option<&State>) -> String {
    match found {
        None => "kept".to_owned(),
        Some(State::Waived) => "waived".to_owned(),
        Some(State::Undecided) => "undecided".to_owned(),
        Some(State::Broken(on_broken)) => format!("broken ({})", as_word(on_broken)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(action: Action, rules: &[(&str, OnBroken)]) -> Shape {
        let state = |set: &OnBroken| State::Broken(*set);
        let rules = rules.iter().map(|(id, set)| ((*id).to_owned(), state(set))).collect();
        Shape { action: Told::exactly(action), refused: None, rules }
    }

    #[test]
    fn a_difference_is_told_in_one_line() {
        let old = shape(Action::SendEdited, &[("label-missing", OnBroken::Repair)]);
        let stricter = shape(Action::Hold, &[("label-missing", OnBroken::Hold)]);
        assert!(old.differs(&stricter) && !old.differs(&old));
        assert_eq!(
            old.against(&stricter),
            "send-edited -> hold: label-missing broken (repair) -> broken (hold)"
        );
        let more = shape(Action::SendEdited, &[("refused", OnBroken::Reject)]);
        assert_eq!(
            old.against(&more),
            "send-edited: label-missing broken (repair) -> kept, refused kept -> broken (reject)"
        );
        let gone = Shape::refused("no stream".to_owned());
        assert_eq!(old.against(&gone), "send-edited -> reject: no stream");
        assert_eq!(gone.against(&old), "reject -> send-edited: before: no stream");
    }
}
