//! What staff did, account by account.

use std::{cmp::Reverse, collections::BTreeMap};

use jiff::Timestamp;

use crate::staff::{Act, Work};

/// One account's work.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Worked {
    /// `staff/<account>`.
    pub actor: String,
    /// Acts that say what becomes of a message.
    pub decided: u64,
    /// Messages, decisions and contacts looked at.
    pub seen: u64,
    /// Everything else but signing in.
    pub other: u64,
    pub last_at: Timestamp,
}

impl Worked {
    /// Who decided most comes first; whose only act was to sign in is not in it.
    pub fn of(work: Vec<Work>) -> Vec<Self> {
        let mut all: BTreeMap<String, Self> = BTreeMap::new();
        for Work { actor, act, count, last_at } in work {
            let about = about(&act);
            if about == About::Session {
                continue;
            }
            let one = all.entry(actor.clone()).or_insert(Self {
                actor,
                decided: 0,
                seen: 0,
                other: 0,
                last_at,
            });
            match about {
                About::Decided => one.decided += count,
                About::Seen => one.seen += count,
                About::Other | About::Session => one.other += count,
            }
            one.last_at = one.last_at.max(last_at);
        }
        let mut all: Vec<Self> = all.into_values().collect();
        all.sort_by_key(|one| Reverse((one.decided, one.seen, one.other)));
        all
    }
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum About {
    Decided,
    Seen,
    Session,
    Other,
}

/// By the trail's word, so that lines of another release count, too.
fn about(word: &str) -> About {
    let session = [
        Act::SignedIn,
        Act::SignInFailed,
        Act::SignedOut,
        Act::SessionEnded,
        Act::PasswordChanged,
        Act::FactorEnrolled,
        Act::CodesMade,
        Act::Forbidden,
    ];
    if session.iter().any(|act| act.as_str() == word) {
        return About::Session;
    }
    let is_of = |stems: &[&str]| stems.iter().any(|stem| word.starts_with(stem));
    if word.ends_with("-seen") {
        About::Seen
    } else if is_of(&["held-", "proposal-", "delivery-"]) {
        About::Decided
    } else {
        About::Other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signing_in_is_no_work() {
        let at = Timestamp::from_second(1_800_000_000).unwrap();
        let work = |actor: &str, act: &str, count| Work {
            actor: actor.into(),
            act: act.into(),
            count,
            last_at: at,
        };
        let told = Worked::of(vec![
            work("staff/a", "signed-in", 9),
            work("staff/b", "decision-seen", 5),
            work("staff/c", "held-released", 2),
            work("staff/c", "decision-seen", 1),
        ]);
        let told: Vec<(&str, u64, u64)> =
            told.iter().map(|one| (one.actor.as_str(), one.decided, one.seen)).collect();
        assert_eq!(told, [("staff/c", 2, 1), ("staff/b", 0, 5)]);
    }
}
