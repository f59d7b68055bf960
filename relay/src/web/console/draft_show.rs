//! `/policy/drafts/{id}`: one draft: what is wrong with it, what it changes, how far it is, and what to
//! do next; and `…/file`, its text as a file.

use askama::Template;
use uuid::Uuid;

use super::{
    Answer, Frame, Visit,
    audit_export::attached,
    audit_list::Names,
    guest::{Path, Posted},
    policy_show::sees_text,
    problem::{MISSING, Problem, REFUSED},
};
use crate::{
    config::{Business, Complaint},
    content::{self, Diff},
    drafts::{Came, Draft, State, Taken},
    journal::policies,
    rotation,
    staff::Action,
    web::html::form,
};

#[derive(Template)]
#[template(path = "console/draft_show.html")]
struct Page {
    frame: Frame,
    draft: Draft,
    names: Names,
    /// As it is kept, or as somebody just wrote it.
    text: String,
    /// In the order of the file.
    complaints: Vec<Complaint>,
    /// Against what is in force; of one that came to its end, against what it replaced.
    diff: Diff,
    /// What came into force since it was written, where that is not what it replaces.
    moved: Option<Diff>,
    /// Version.
    in_force: String,
    needs_two: bool,
    /// Its proposal is void.
    is_late: bool,
    may_be_proposed: bool,
    may_change: bool,
    /// Somebody else's proposal.
    may_answer: bool,
    /// This relay writes its policy.toml itself.
    activates: bool,
    taken: Vec<Taken>,
    /// Relays of which nothing is known yet.
    open: Vec<String>,
    fault: Option<&'static str>,
}

/// What somebody wrote, and why it was not taken.
pub(super) struct Said {
    pub text: String,
    /// A text's id.
    pub fault: Option<&'static str>,
}

pub(super) async fn page(visit: Visit, Path(id): Path<Uuid>) -> Answer {
    let (draft, text) = found(&visit, id).await?;
    again(&visit, draft, Said { text, fault: None }).await
}

pub(super) async fn file(visit: Visit, Path(id): Path<Uuid>) -> Answer {
    let (_, text) = found(&visit, id).await?;
    Ok(attached("policy.toml", "application/toml", text))
}

/// With its text: it speaks of all controllers.
pub(super) async fn found(visit: &Visit, id: Uuid) -> Result<(Draft, String), Problem> {
    if !sees_text(visit) {
        return Err(REFUSED);
    }
    visit.shared.console.drafts.find(id).await?.ok_or(MISSING)
}

/// Its page, where something was not taken.
pub(super) async fn again(visit: &Visit, draft: Draft, said: Said) -> Answer {
    let console = &visit.shared.console;
    let business = console.business.load_full();
    let in_force = business.policy.version.clone();
    let complaints = Business::proposed("policy.toml", &said.text).err().unwrap_or_default();
    let is_outdated = draft.is_outdated(&in_force);
    let base = if is_outdated || !draft.state.is_live() {
        policies::find(&console.db, &draft.base).await?.map(|base| base.text)
    } else {
        None
    };
    let against =
        if draft.state.is_live() { &*business.text } else { base.as_deref().unwrap_or_default() };
    let taken = console.drafts.taken(draft.id).await?;
    let by = visit.by().actor;
    let page = Page {
        frame: visit.frame(),
        names: Names::read(visit).await?,
        complaints,
        diff: content::diff(against, &said.text),
        moved: base.filter(|_| is_outdated).map(|base| content::diff(&base, &business.text)),
        in_force,
        needs_two: business.review.four_eyes_policy,
        is_late: draft.is_late(visit.now),
        may_be_proposed: draft.may_be_proposed(visit.now),
        may_change: visit.may(Action::ChangePolicy),
        may_answer: draft.may_answer(&by),
        activates: console.settings.activates_policy,
        open: if draft.state == State::Active { open(visit, &taken).await? } else { Vec::new() },
        taken,
        text: said.text,
        draft,
        fault: said.fault,
    };
    Ok(form(said.fault.is_some(), &page))
}

/// Relays at work that have not told what came of it.
async fn open(visit: &Visit, taken: &[Taken]) -> Result<Vec<String>, Problem> {
    let nodes = rotation::nodes(&visit.shared.console.db, visit.now).await?;
    let mut open: Vec<String> = nodes.into_iter().map(|node| node.name).collect();
    open.retain(|name| !taken.iter().any(|one| one.node == *name));
    open.dedup();
    Ok(open)
}

/// The edition that a form is about; 0 is none.
pub(super) fn edition(posted: &Posted) -> i64 {
    posted.value("edition").parse().unwrap_or_default()
}

/// What the trail calls it.
pub(super) fn subject(id: Uuid) -> String {
    format!("draft/{id}")
}

impl Page {
    /// It can be proposed now, and something comes of it.
    fn is_fit(&self) -> bool {
        self.may_be_proposed && self.complaints.is_empty() && self.moved.is_none()
    }

    fn is_waiting(&self) -> bool {
        self.draft.state == State::Proposed && !self.is_late
    }

    /// Some relay could not take it.
    fn has_failed(&self) -> bool {
        self.taken.iter().any(|one| one.came != Came::InForce)
    }

    fn until(&self) -> String {
        let until = self.draft.proposal.as_ref().map(|proposal| proposal.until);
        self.frame.maybe_moment(&until)
    }

    fn proposer(&self) -> &str {
        self.draft.proposal.as_ref().map_or("", |proposal| self.names.of(&proposal.by))
    }
}

/// What pages of drafts say alike.
impl Frame {
    /// How a state looks beside its word.
    pub(super) fn draft_look(&self, draft: &Draft) -> &'static str {
        match draft.state {
            State::Active | State::Approved => "go",
            State::Written | State::Proposed => "wait",
            State::Declined | State::Withdrawn => "stop",
        }
    }
}
