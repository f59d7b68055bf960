//! Gives a draft another text. What stands in force when it is saved is what it replaces from then on:
//! whoever saves has seen the difference to it.

use serde_json::json;
use uuid::Uuid;

use super::{
    Answer, Visit,
    draft_show::{Said, again, edition, found, subject},
    guest::{Path, Posted, redirect},
    policy_try,
    problem::{CONFLICT, MISSING, Problem, REFUSED},
};
use crate::{
    config::Business,
    drafts::{Refused, Written},
    staff::{Act, Entry},
};

pub(super) async fn act(visit: Visit, Path(id): Path<Uuid>, posted: Posted) -> Answer {
    let (draft, old) = found(&visit, id).await?;
    let drafts = &visit.shared.console.drafts;
    let text = match policy_try::text(&posted)? {
        Ok(text) => text,
        Err(fault) => return again(&visit, draft, Said { text: old, fault: Some(fault) }).await,
    };
    let in_force = visit.shared.console.business.load().policy.version.clone();
    // They have not seen it.
    if posted.value("base") != in_force {
        let fault = Some("console-draft-fault-moved");
        return again(&visit, draft, Said { text, fault }).await;
    }
    let new = written(text, &in_force);
    match drafts.edit(visit.now, (id, edition(&posted)), &visit.by().actor, &new).await {
        Ok(()) => {}
        Err(Refused::Changed) if draft.state.is_live() => {
            let said = Said { text: new.text, fault: Some("console-draft-fault-changed") };
            return again(&visit, draft, said).await;
        }
        Err(refused) => return Err(no(refused)),
    }
    let detail = json!({ "before": draft.version, "after": new.version, "replaces": in_force });
    visit.note(&Entry::new(Act::DraftEdited, subject(id)).with(detail)).await?;
    Ok(redirect(&format!("/policy/drafts/{id}?done=saved")))
}

/// With the version that it would have, where nothing in it is wrong.
pub(super) fn written(text: String, in_force: &str) -> Written {
    let version = Business::proposed("policy.toml", &text).map(|new| new.policy.version);
    Written { base: in_force.to_owned(), version: version.unwrap_or_default(), text }
}

pub(super) fn no(refused: Refused) -> Problem {
    match refused {
        Refused::Away(away) => away.into(),
        Refused::Gone => MISSING,
        Refused::Own => REFUSED,
        Refused::Changed | Refused::Unsound | Refused::Outdated | Refused::Late | Refused::Full => {
            CONFLICT
        }
    }
}
