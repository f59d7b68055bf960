//! Another policy, tried on what was decided lately: what is wrong with its file, or what would have
//! fallen otherwise. It is not kept, and never comes into force from here.

use askama::Template;
use axum::http::StatusCode;
use serde_json::json;

use super::{Answer, Frame, Visit, guest::Posted, policy_show::sees_text};
use crate::{
    config::{Business, Complaint},
    content::{self, Diff},
    decisions::Fate,
    judge::{self, Compared, Difference, Told},
    staff::{Act, Action, Entry, Reach},
    web::html::html,
};

#[derive(Template)]
#[template(path = "console/policy_try.html")]
struct Page {
    frame: Frame,
    came: Came,
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

pub(super) async fn act(visit: Visit, posted: Posted) -> Answer {
    let came = came(&visit, &posted).await?;
    let status = match &came {
        Came::Fault(_) | Came::Wrong(_) => StatusCode::UNPROCESSABLE_ENTITY,
        Came::Compared { .. } => StatusCode::OK,
    };
    Ok(html(status, &Page { frame: visit.frame(), came }))
}

async fn came(visit: &Visit, posted: &Posted) -> Result<Came, super::problem::Problem> {
    let console = &visit.shared.console;
    let text = match posted.file("file") {
        Some(file) => match std::str::from_utf8(&file.bytes) {
            Ok(text) => text,
            Err(_) => return Ok(Came::Fault("console-policy-fault-text")),
        },
        None => posted.value("text"),
    };
    if text.trim().is_empty() {
        return Ok(Came::Fault("console-policy-fault-none"));
    }
    let new = match Business::proposed("policy.toml", text) {
        Ok(new) => new,
        Err(complaints) => return Ok(Came::Wrong(complaints)),
    };
    let controllers = match visit.reach(Action::SeePolicy) {
        Reach::Everything => None,
        Reach::Part { controllers, .. } => Some(controllers),
    };
    let asked = judge::Asked { since: None, limit: DECISIONS_MAX, controllers };
    let compared = judge::compare(&console.judge, &console.spool, &new, &asked).await?;
    let (differ, unclear) = compared.counts();
    let detail = json!({
        "policy": new.policy.version,
        "decided": compared.decided,
        "differ": differ,
        "unclear": unclear,
    });
    visit.note(&Entry::new(Act::PolicyTried, "").with(detail)).await?;
    let diff = sees_text(visit).then(|| content::diff(&console.business.load().text, text));
    Ok(Came::Compared { version: new.policy.version, compared, diff })
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
        let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX).into();
        let values = [
            ("decided", count(compared.decided)),
            ("differ", count(differ)),
            ("unclear", count(unclear)),
        ];
        self.frame.with("console-policy-summed", &values)
    }

    /// One, or between which two it lies.
    fn fates(&self, told: &Told) -> Vec<Fate> {
        let mut fates = vec![Fate::from(told.least)];
        if !told.is_certain() {
            fates.push(Fate::from(told.most));
        }
        fates
    }

    fn rules(&self, one: &Difference) -> String {
        one.before.changed(&one.after).collect::<Vec<_>>().join(", ")
    }
}

/// The last so many decisions.
const DECISIONS_MAX: usize = 1_000;
const SHOWN_MAX: usize = 200;
