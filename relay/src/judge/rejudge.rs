//! A decision judged again from its journal line: what was found stays, what that asks for may change.
//!
//! Whether an edit would repair what was not to be repaired then, only the message could say; where
//! that matters, the action is told as lying between two.

use policy::{Action, OnBroken, Policy, Rule, Standing, Stream, rules};
use serde::Deserialize;
use serde_json::Value;

use super::shape::{Shape, State, Told};

/// What a line of the journal says of a verdict (`policy::journal_detail`).
#[derive(Debug, Deserialize)]
pub(super) struct Decided {
    pub policy: String,
    /// Unix milliseconds.
    pub at: i64,
    action: Action,
    rule: Option<String>,
    pub facts: Given,
    outcomes: Outcomes,
    repaired: Option<Outcomes>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Given {
    pub stream: String,
    pub controller: String,
    /// `cz 2023-03-23`.
    pub packs: Vec<String>,
    pub signs: bool,
    pub links: bool,
    pub standing: Held,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Held {
    Known(Box<Standing>),
    Not {
        #[serde(rename = "unknown")]
        _why: String,
    },
}

#[derive(Debug, Deserialize)]
struct Outcomes {
    broken: Vec<Broken>,
    undecided: Vec<Undecided>,
}

#[derive(Debug, Deserialize)]
struct Broken {
    rule: String,
    on_broken: OnBroken,
    waived: bool,
}

#[derive(Debug, Deserialize)]
struct Undecided {
    rule: String,
}

impl Decided {
    /// `None`: another release wrote it, or somebody broke it.
    pub(super) fn read(detail: &Value) -> Option<Self> {
        Self::deserialize(detail).ok()
    }

    /// As it was decided.
    pub(super) fn shape(&self) -> Shape {
        let state = |broken: &Broken| broken.state(broken.on_broken);
        Shape { action: Told::exactly(self.action), refused: None, rules: self.states(state) }
    }

    /// As it would be decided by that policy on the same outcomes.
    pub(super) fn again(&self, policy: &Policy, stream: &Stream) -> Shape {
        let set = |id: &str| find(id).map(|rule| policy.on_broken_in(stream, rule));
        let now = |broken: &Broken| set(&broken.rule).unwrap_or(broken.on_broken);
        let Outcomes { broken, undecided } = &self.outcomes;
        let off = |one: &Undecided| set(&one.rule) == Some(OnBroken::Off);
        let asked = broken.iter().map(|one| self.asks(one, now(one)));
        let unknown = undecided.iter().map(|one| match off(one) {
            true => Told::exactly(Action::Send),
            false => Told::exactly(Action::Defer),
        });
        let same = broken.iter().all(|one| now(one) == one.on_broken) && !undecided.iter().any(off);
        let action = if same {
            Told::exactly(self.action)
        } else {
            let strictest = |one: Told, other: Told| Told {
                least: one.least.max(other.least),
                most: one.most.max(other.most),
            };
            asked.chain(unknown).fold(Told::exactly(self.unasked()), strictest)
        };
        let state = |broken: &Broken| broken.state(now(broken));
        Shape { action, refused: None, rules: self.states(state) }
    }

    fn states(
        &self,
        state: impl Fn(&Broken) -> State,
    ) -> std::collections::BTreeMap<String, State> {
        let Outcomes { broken, undecided } = &self.outcomes;
        let broken = broken.iter().map(|one| (one.rule.clone(), state(one)));
        let undecided = undecided.iter().map(|one| (one.rule.clone(), State::Undecided));
        broken.chain(undecided).collect()
    }

    /// What happens where no rule asks for anything: the relay's own links are filled in.
    fn unasked(&self) -> Action {
        match (self.action, &self.rule) {
            (Action::SendEdited, None) => Action::SendEdited,
            (
                Action::Send | Action::SendEdited | Action::Defer | Action::Hold | Action::Reject,
                _,
            ) => Action::Send,
        }
    }

    fn asks(&self, broken: &Broken, set: OnBroken) -> Told {
        match set {
            _ if broken.waived => Told::exactly(Action::Send),
            OnBroken::Off | OnBroken::Report => Told::exactly(Action::Send),
            OnBroken::Hold => Told::exactly(Action::Hold),
            OnBroken::Reject => Told::exactly(Action::Reject),
            OnBroken::Repair => self.repair(broken),
        }
    }

    /// A repair that was made, or not to be made, is on record; one that nobody tried is not.
    fn repair(&self, broken: &Broken) -> Told {
        let unrepaired = find(&broken.rule).map_or(Action::Reject, |rule| match rule.unrepaired {
            OnBroken::Reject => Action::Reject,
            OnBroken::Hold | OnBroken::Repair => Action::Hold,
            OnBroken::Report | OnBroken::Off => Action::Send,
        });
        let open = Told { least: Action::SendEdited, most: unrepaired.max(Action::Hold) };
        if broken.on_broken != OnBroken::Repair {
            return open;
        }
        match &self.repaired {
            Some(repaired) if repaired.broken.iter().any(|one| one.rule == broken.rule) => {
                Told::exactly(unrepaired)
            }
            Some(_) => Told::exactly(Action::SendEdited),
            None if self.rule.as_ref() == Some(&broken.rule) => Told::exactly(self.action),
            None => open,
        }
    }
}

impl Broken {
    fn state(&self, on_broken: OnBroken) -> State {
        if self.waived { State::Waived } else { State::Broken(on_broken) }
    }
}

fn find(id: &str) -> Option<&'static Rule> {
    rules::ALL.iter().copied().find(|rule| rule.id == id)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::config::Business;

    const POLICY: &str = include_str!("../../../config/policy.toml");

    fn line(action: &str, rule: &str, broken: &[(&str, &str)], repaired: Option<&[&str]>) -> Value {
        let broken: Vec<Value> = broken
            .iter()
            .map(|(id, set)| json!({ "rule": id, "on_broken": set, "waived": false }))
            .collect();
        let again = |ids: &[&str]| -> Value {
            let each = ids.iter();
            let each: Vec<Value> = each
                .map(|id| json!({ "rule": id, "on_broken": "repair", "waived": false }))
                .collect();
            json!({ "broken": each, "undecided": [] })
        };
        json!({
            "policy": "v", "at": 0, "action": action, "rule": rule,
            "facts": {
                "class": "commercial", "stream": "zahrada-novinky", "controller": "zahrada",
                "packs": ["cz 2023-03-23"], "signs": true, "links": true,
                "standing": { "grants": [], "refusals": [], "relations": [] },
            },
            "outcomes": { "broken": broken, "undecided": [] },
            "repaired": repaired.map(again),
        })
    }

    #[test]
    fn what_was_found_is_judged_by_the_new_settings() {
        let label = "label-missing";
        let mended = line("send-edited", label, &[(label, "repair")], Some(&[]));
        let failed = line("hold", label, &[(label, "repair")], Some(&[label]));
        let noted = line("send", label, &[(label, "report")], None);
        let both = [(label, "repair"), ("refused", "reject")];
        let refused = line("reject", "refused", &both, None);
        for (line, set, told) in [
            (&mended, "repair", "send-edited"),
            (&mended, "report", "send"),
            (&mended, "hold", "hold"),
            (&failed, "off", "send"),
            (&failed, "reject", "reject"),
            // Nobody tried to repair it.
            (&noted, "repair", "send-edited to reject"),
            (&noted, "hold", "hold"),
            (&refused, "report", "reject"),
        ] {
            let text = POLICY.replace("\n[rules]\n", &format!("\n[rules]\n{label} = \"{set}\"\n"));
            let business = Business::read("policy.toml", &text).unwrap();
            let stream = business.stream("zahrada-novinky").unwrap();
            let decided = Decided::read(line).unwrap();
            let shape = decided.again(&business.policy, stream);
            let shown = decided.shape().against(&shape);
            let action = shown.split(": ").next().unwrap().rsplit(" -> ").next().unwrap();
            assert_eq!(action, told, "{set}: {shown}");
        }
    }

    #[test]
    fn a_stream_that_reports_lets_go_of_what_no_law_binds() {
        let text = POLICY.replacen("# report-only = false", "report-only = true", 1);
        let business = Business::read("policy.toml", &text).unwrap();
        let stream = business.stream("zahrada-novinky").unwrap();
        assert!(stream.report_only);
        for (rule, set, action) in
            [("label-missing", "repair", Action::Send), ("refused", "reject", Action::Reject)]
        {
            let line = line("reject", rule, &[(rule, set)], None);
            let shape = Decided::read(&line).unwrap().again(&business.policy, stream);
            assert_eq!(shape.action, Told::exactly(action), "{rule}");
        }
    }
}
