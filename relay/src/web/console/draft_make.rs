//! Makes a draft: of the policy in force, of one that was (to go back to it), or of a file.

use serde_json::json;

use super::{
    Answer, Visit, draft_edit,
    draft_list::show,
    draft_show::subject,
    guest::{Posted, redirect},
    policy_try,
    problem::{FULL_DRAFTS, MISSING},
};
use crate::{
    drafts::Refused,
    journal::policies,
    staff::{Act, Entry},
};

pub(super) async fn act(visit: Visit, posted: Posted) -> Answer {
    let console = &visit.shared.console;
    let text = match posted.value("of") {
        "" => match policy_try::text(&posted)? {
            Ok(text) => text,
            Err(fault) => return show(&visit, Some(fault)).await,
        },
        version => policies::find(&console.db, version).await?.ok_or(MISSING)?.text,
    };
    let in_force = console.business.load().policy.version.clone();
    let new = draft_edit::written(text, &in_force);
    let made = console.drafts.make(visit.now, &visit.by().actor, &new).await;
    let id = match made {
        Ok(id) => id,
        Err(Refused::Full) => return Err(FULL_DRAFTS),
        Err(refused) => return Err(draft_edit::no(refused)),
    };
    let detail = json!({ "before": in_force, "after": new.version, "of": posted.value("of") });
    visit.note(&Entry::new(Act::DraftMade, subject(id)).with(detail)).await?;
    Ok(redirect(&format!("/policy/drafts/{id}")))
}
