//! What came of a message, as far as two policies can differ in it, and the difference in one line.

use std::collections::BTreeMap;

use policy::{Action, OnBroken, Outcome, Verdict};

use super::Judged;

/// One decision.
#[derive(Clone, Debug, PartialEq)]
pub struct Shape {
    pub action: Told,
    /// Refused before any rule was asked.
    pub refused: Option<String>,
    /// Rules that found something; every other one was kept or had nothing to say.
    pub rules: BTreeMap<String, State>,
}

/// An action, or between which two it lies.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Told {
    pub least: Action,
    pub most: Action,
}

/// What a rule found.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum State {
    /// And what that asks for.
    Broken(OnBroken),
    Waived,
    Undecided,
}

impl Told {
    pub fn is_certain(self) -> bool {
        self.least == self.most
    }

    pub fn holds(self, action: Action) -> bool {
        (self.least..=self.most).contains(&action)
    }

    pub fn exactly(action: Action) -> Self {
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
    pub fn of(judged: &Judged) -> Self {
        match judged {
            Judged::Refused(because) => Self::refused(because.to_string()),
            Judged::Verdict(judged) => Self::of_verdict(&judged.verdict),
        }
    }

    pub fn refused(because: String) -> Self {
        let action = Told::exactly(Action::Reject);
        Self { action, refused: Some(because), rules: BTreeMap::new() }
    }

    /// On the message as it came.
    pub fn of_verdict(verdict: &Verdict) -> Self {
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
    pub fn differs(&self, other: &Self) -> bool {
        self.action != other.action
            || self.refused.is_some() != other.refused.is_some()
            || !self.finds_the_same(other)
    }

    /// The same rules are broken, whatever that asks for.
    pub fn finds_the_same(&self, other: &Self) -> bool {
        let found = |shape: &Self| -> Vec<(String, bool)> {
            let each = shape.rules.iter();
            each.map(|(id, state)| (id.clone(), *state == State::Undecided)).collect()
        };
        found(self) == found(other)
    }

    /// Rules that find something in one of the two and not the same in both.
    pub fn changed<'s>(&'s self, new: &'s Self) -> impl Iterator<Item = &'s str> {
        let added = new.rules.keys().filter(|id| !self.rules.contains_key(*id));
        let all = self.rules.keys().chain(added);
        all.filter(|id| self.rules.get(*id) != new.rules.get(*id)).map(String::as_str)
    }

    /// `send-edited -> hold`, then each rule that changed.
    pub fn against(&self, new: &Self) -> String {
        let mut changes: Vec<String> = Vec::new();
        if self.refused.is_none() {
            for id in self.changed(new) {
                let (old, new) = (self.rules.get(id), new.rules.get(id));
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

/// The word for a value of a closed list.
pub fn as_word<T: serde::Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        Ok(other) => other.to_string(),
        Err(_) => String::new(),
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
