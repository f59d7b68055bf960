//! `/policy/drafts/{id}/…`: proposes a draft, answers to it, takes it back, activates it.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    Answer, Visit, draft_edit,
    draft_show::{Said, again, edition, found, subject},
    guest::{Path, Posted, redirect},
    problem::{CONFLICT, UNREADABLE},
};
use crate::{
    drafts::{Draft, Refused, State, WHY_MAX},
    staff::{Act, Entry},
};

/// Where one person's word is enough, it may be activated at once.
pub(super) async fn propose(visit: Visit, Path(id): Path<Uuid>, posted: Posted) -> Answer {
    let (draft, text) = found(&visit, id).await?;
    let why = match said(&posted, "why") {
        Some(why) if !why.is_empty() => why,
        Some(_) | None => {
            let fault = Some("console-draft-fault-why");
            return again(&visit, draft, Said { text, fault }).await;
        }
    };
    let console = &visit.shared.console;
    let business = console.business.load_full();
    let review = &business.review;
    let two = review.four_eyes_policy;
    let valid_for = two.then_some(review.proposal_valid_for);
    let by = visit.by().actor;
    let who = (by.as_str(), why.as_str(), business.policy.version.as_str());
    let came = console.drafts.propose(visit.now, (id, edition(&posted)), who, valid_for).await;
    let done = if two { "proposed" } else { "draft-approved" };
    after(&visit, (draft, text), came, (Act::DraftProposed, json!({ "why": why })), done).await
}

/// The second person's word.
pub(super) async fn answer(visit: Visit, Path(id): Path<Uuid>, posted: Posted) -> Answer {
    let (draft, text) = found(&visit, id).await?;
    let agrees = match posted.value("word") {
        "approve" => true,
        "decline" => false,
        _ => return Err(UNREADABLE),
    };
    let said = match said(&posted, "answer") {
        Some(said) if agrees || !said.is_empty() => said,
        Some(_) | None => {
            let fault = Some("console-draft-fault-answer");
            return again(&visit, draft, Said { text, fault }).await;
        }
    };
    let console = &visit.shared.console;
    let in_force = console.business.load().policy.version.clone();
    let by = visit.by().actor;
    let at = (id, edition(&posted));
    let who = (by.as_str(), in_force.as_str());
    let came = console.drafts.answer(visit.now, at, who, (agrees, &said)).await;
    let proposed = draft.proposal.as_ref().map(|proposal| proposal.by.clone());
    let detail = json!({ "proposed": proposed, "said": said });
    let (act, done) = match agrees {
        true => (Act::DraftApproved, "draft-approved"),
        false => (Act::DraftDeclined, "draft-declined"),
    };
    after(&visit, (draft, text), came, (act, detail), done).await
}

pub(super) async fn withdraw(visit: Visit, Path(id): Path<Uuid>, posted: Posted) -> Answer {
    let (draft, text) = found(&visit, id).await?;
    let came = visit.shared.console.drafts.withdraw((id, edition(&posted))).await;
    let noted = (Act::DraftWithdrawn, Value::Null);
    after(&visit, (draft, text), came, noted, "draft-withdrawn").await
}

/// Only by a relay that may write the file: where none may, nothing would come of it.
pub(super) async fn activate(visit: Visit, Path(id): Path<Uuid>, posted: Posted) -> Answer {
    let (draft, text) = found(&visit, id).await?;
    let console = &visit.shared.console;
    if !console.settings.activates_policy {
        return Err(CONFLICT);
    }
    let in_force = console.business.load().policy.version.clone();
    let by = visit.by().actor;
    let at = (id, edition(&posted));
    let came = console.drafts.activate(visit.now, at, (&by, &in_force)).await;
    let again = json!(draft.state == State::Active);
    let noted = (Act::DraftActivated, json!({ "again": again }));
    after(&visit, (draft, text), came, noted, "draft-activated").await
}

/// What came of it is written down, or said beside the draft.
async fn after(
    visit: &Visit,
    (draft, text): (Draft, String),
    came: Result<(), Refused>,
    (act, detail): (Act, Value),
    done: &str,
) -> Answer {
    let fault = match came {
        Ok(()) => {
            let mut detail = detail;
            let versions = json!({ "before": draft.base, "after": draft.version });
            if let (Value::Object(versions), Some(fields)) = (versions, detail.as_object_mut()) {
                fields.extend(versions);
            }
            let id = draft.id;
            visit.note(&Entry::new(act, subject(id)).with(detail)).await?;
            return Ok(redirect(&format!("/policy/drafts/{id}?done={done}")));
        }
        Err(Refused::Unsound) => "console-draft-fault-unsound",
        Err(Refused::Outdated) => "console-draft-fault-moved",
        Err(Refused::Own) => "console-draft-fault-own",
        Err(Refused::Late) => "console-draft-fault-late",
        Err(Refused::Changed) => "console-draft-fault-changed",
        Err(refused @ (Refused::Away(_) | Refused::Gone | Refused::Full)) => {
            return Err(draft_edit::no(refused));
        }
    };
    again(visit, draft, Said { text, fault: Some(fault) }).await
}

/// One line of it; `None` where it is too long.
fn said(posted: &Posted, name: &str) -> Option<String> {
    let said = posted.value(name).trim();
    (said.chars().count() <= WHY_MAX).then(|| said.replace(['\r', '\n'], " "))
}
