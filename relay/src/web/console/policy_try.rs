//! Another policy, tried on what was decided lately: what is wrong with its file, or what would have
//! fallen otherwise. It is not kept, and does not come into force by that.

use std::collections::BTreeMap;

use askama::Template;
use jiff::SignedDuration;
use serde_json::json;

use super::{
    Answer, Frame, Visit,
    guest::Posted,
    policy_show::sees_text,
    problem::{LARGE, Problem},
};
use crate::{
    config::{Business, Complaint},
    content::{self, Diff},
    decisions::Fate,
    drafts,
    judge::{self, Compared, Difference, Told},
    staff::{Act, Action, Entry, Reach},
    web::html::form,
};

#[derive(Template)]
#[template(path = "console/policy_try.html")]
struct Page {
    frame: Frame,
    came: Came,
    /// The page that asked for it.
    back: String,
}

enum Came {
    /// A text's id.
    Fault(&'static str),
    /// What is wrong, in the order of the file.
    Wrong(Vec<Complaint>),
    Compared {
        version: String,
        compared: Compared,
        /// Where the role sees the file in force.
        diff: Option<Diff>,
    },
}

/// Which decisions it is tried on: the last so many of the last so many days.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Span {
    pub last: usize,
    /// `None`: however old they are.
    pub days: Option<i64>,
}

impl Span {
    /// What a rule that only reports would have done lately.
    pub(super) const SHADOW: Self = Self { last: 10_000, days: Some(30) };

    /// As a form or a URL says it: what it does not say, and what is not offered, is the first choice.
    pub(super) fn read(last: &str, days: &str) -> Self {
        let last = LAST.into_iter().find(|one| one.to_string() == last);
        let days = DAYS.into_iter().find(|one| one.to_string() == days);
        Self { last: last.unwrap_or(LAST_FIRST), days }
    }
}

pub(super) async fn act(visit: Visit, posted: Posted) -> Answer {
    let span = Span::read(posted.value("last"), posted.value("days"));
    match text(&posted)? {
        Ok(text) => tried(&visit, &text, span, "/policy#try".to_owned()).await,
        Err(id) => {
            let (frame, back) = (visit.frame(), "/policy#try".to_owned());
            let page = Page { frame, came: Came::Fault(id), back };
            Ok(form(true, &page))
        }
    }
}

/// The policy that a form brings, as a file or as text; or the id of what to say.
pub(super) fn text(posted: &Posted) -> Result<Result<String, &'static str>, Problem> {
    let text = match posted.file("file") {
        Some(file) => match std::str::from_utf8(&file.bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => return Ok(Err("console-policy-fault-text")),
        },
        // Browsers write every line's end so (HTML, 4.10.21.4); the file has its own.
        None => posted.value("text").replace("\r\n", "\n"),
    };
    if text.len() > drafts::BYTES_MAX {
        return Err(LARGE);
    }
    if text.contains('\0') {
        return Ok(Err("console-policy-fault-text"));
    }
    Ok(if text.trim().is_empty() { Err("console-policy-fault-none") } else { Ok(text) })
}

/// What would have fallen otherwise by it.
pub(super) async fn tried(visit: &Visit, text: &str, span: Span, back: String) -> Answer {
    let came = came(visit, text, span).await?;
    let is_wrong = !matches!(came, Came::Compared { .. });
    Ok(form(is_wrong, &Page { frame: visit.frame(), came, back }))
}

async fn came(visit: &Visit, text: &str, span: Span) -> Result<Came, Problem> {
    let new = match Business::proposed("policy.toml", text) {
        Ok(new) => new,
        Err(complaints) => return Ok(Came::Wrong(complaints)),
    };
    let compared = compared(visit, &new, span).await?;
    let (differ, unclear) = compared.counts();
    let detail = json!({
        "policy": new.policy.version,
        "decided": compared.decided,
        "differ": differ,
        "unclear": unclear,
    });
    visit.note(&Entry::new(Act::PolicyTried, "").with(detail)).await?;
    let in_force = visit.shared.console.business.load_full();
    let diff = sees_text(visit).then(|| content::diff(&in_force.text, text));
    Ok(Came::Compared { version: new.policy.version, compared, diff })
}

/// The decisions within reach, as another policy would have them.
pub(super) async fn compared(
    visit: &Visit,
    new: &Business,
    span: Span,
) -> Result<Compared, Problem> {
    let console = &visit.shared.console;
    let controllers = match visit.reach(Action::SeePolicy) {
        Reach::Everything => None,
        Reach::Part { controllers, .. } => Some(controllers),
    };
    let since = span.days.and_then(|days| {
        visit.now.checked_sub(SignedDuration::from_hours(days.saturating_mul(24))).ok()
    });
    let asked = judge::Asked { since, limit: span.last, controllers };
    Ok(judge::compare(&console.judge, &console.spool, new, &asked).await?)
}

impl Page {
    /// The newest ones first, as far as they are shown.
    fn shown<'c>(&self, compared: &'c Compared) -> impl Iterator<Item = &'c Difference> {
        compared.differences.iter().rev().take(SHOWN_MAX)
    }

    fn is_cut(&self, compared: &Compared) -> bool {
        compared.differences.len() > SHOWN_MAX
    }

    fn summed(&self, compared: &Compared) -> String {
        let (differ, unclear) = compared.counts();
        let values = [
            ("decided", compared.decided.into()),
            ("differ", differ.into()),
            ("unclear", unclear.into()),
        ];
        self.frame.with("console-policy-summed", &values)
    }

    fn rules(&self, one: &Difference) -> String {
        one.before.changed(&one.after).collect::<Vec<_>>().join(", ")
    }

    /// Each rule that is broken otherwise: what it was, what it would be, and in how many decisions.
    fn by_rule<'c>(&self, compared: &'c Compared) -> Vec<(&'c str, String, String, u64)> {
        let mut counted: BTreeMap<(&str, String, String), u64> = BTreeMap::new();
        for one in &compared.differences {
            for rule in one.before.changed(&one.after) {
                let state = |shape: &judge::Shape| self.frame.found(shape.rules.get(rule));
                let (was, would) = (state(&one.before), state(&one.after));
                *counted.entry((rule, was, would)).or_default() += 1;
            }
        }
        counted.into_iter().map(|((rule, was, would), count)| (rule, was, would, count)).collect()
    }
}

impl Frame {
    /// What a rule found in a message; `None`: nothing.
    fn found(&self, state: Option<&judge::State>) -> String {
        let id = match state {
            Some(judge::State::Broken(set)) => return self.on_broken(set).into_owned(),
            None => "console-policy-state-kept",
            Some(judge::State::Waived) => "console-policy-state-waived",
            Some(judge::State::Undecided) => "console-policy-state-undecided",
        };
        self.say(id).into_owned()
    }

    /// One, or between which two it lies.
    pub(super) fn fates(&self, told: &Told) -> Vec<Fate> {
        let mut fates = vec![Fate::from(told.least)];
        if !told.is_certain() {
            fates.push(Fate::from(told.most));
        }
        fates
    }

    /// What a dry run can be asked for.
    pub(super) fn spans(&self) -> ([usize; 2], [i64; 4]) {
        (LAST, DAYS)
    }

    pub(super) fn last_said(&self, last: &usize) -> String {
        let count = self.count(&u64::try_from(*last).unwrap_or(u64::MAX));
        self.with("console-policy-last-count", &[("count", count.into())])
    }

    pub(super) fn days_said(&self, days: &i64) -> String {
        self.with("console-policy-days-count", &[("days", (*days).into())])
    }
}

const LAST: [usize; 2] = [LAST_FIRST, 10_000];
const LAST_FIRST: usize = 1_000;
const DAYS: [i64; 4] = [1, 7, 30, 90];
const SHOWN_MAX: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dry_run_takes_what_is_offered_and_nothing_else() {
        let first = Span { last: 1_000, days: None };
        for (last, days, span) in [
            ("", "", first),
            ("10000", "7", Span { last: 10_000, days: Some(7) }),
            ("99999999", "-1", first),
        ] {
            assert_eq!(Span::read(last, days), span, "{last} {days}");
        }
    }
}
