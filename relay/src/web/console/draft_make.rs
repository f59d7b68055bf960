//! Makes a draft: of the policy in force, of one that was (to go back to it), or of a file.

use serde_json::{Map, Value, json};

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
    let of = Map::from_iter([("of".to_owned(), json!(posted.value("of")))]);
    make(&visit, text, "", of).await
}

/// With what it is wanted for, as far as that is known, and what the trail has of it beside its
/// versions.
pub(super) async fn make(
    visit: &Visit,
    text: String,
    why: &str,
    mut detail: Map<String, Value>,
) -> Answer {
    let console = &visit.shared.console;
    let in_force = console.business.load().policy.version.clone();
    let new = draft_edit::written(text, &in_force);
    let made = console.drafts.make(visit.now, (&visit.by().actor, why), &new).await;
    let id = match made {
        Ok(id) => id,
        Err(Refused::Full) => return Err(FULL_DRAFTS),
        Err(refused) => return Err(draft_edit::no(refused)),
    };
    detail.insert("before".to_owned(), json!(in_force));
    detail.insert("after".to_owned(), json!(new.version));
    visit.note(&Entry::new(Act::DraftMade, subject(id)).with(detail.into())).await?;
    Ok(redirect(&format!("/policy/drafts/{id}")))
}
