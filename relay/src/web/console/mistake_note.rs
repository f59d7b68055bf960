//! `/decisions/{id}/mistake`: a person says that the program took the message for what it is not.

use bytes::Bytes;
use policy::{Class, Reading};
use serde_json::json;
use uuid::Uuid;

use super::{
    Answer, Visit, decision_show,
    guest::{Path, Posted, redirect},
    problem::{FAULT, MISSING, Problem, REFUSED, UNREADABLE},
};
use crate::{
    journal,
    mistake::{Case, Wrong},
    sample,
    seal::AddressKey,
    staff::{Act, Action, Entry},
};

pub(super) async fn act(visit: Visit, Path(id): Path<Uuid>, posted: Posted) -> Answer {
    let console = &visit.shared.console;
    let line = journal::show(&console.db, id).await?.ok_or(MISSING)?;
    let decision = decision_show::of(&visit, &line).await?.ok_or(MISSING)?;
    let kind = &decision.kind;
    if !visit.reach(Action::Decide).holds(&kind.controller, &kind.login) {
        return Err(REFUSED);
    }
    let message = decision.message.ok_or(MISSING)?;
    let is = match posted.value("class") {
        "" => None,
        word => Some(word.parse::<Class>().map_err(|()| UNREADABLE)?),
    };
    let took = kind.class.parse().map_err(|()| MISSING)?;
    let wrong = Wrong {
        message,
        rule: kind.rule.clone(),
        controller: kind.controller.clone(),
        login: kind.login.clone(),
        stream: kind.stream.clone(),
        campaign: decision.campaign.as_ref().map_or(0, |one| one.id),
        took,
        is: is.filter(|is| *is != took),
        by: visit.by().actor,
    };
    let case = case(&visit, message, line.event.recipient).await?;
    console.review.mistakes.note(visit.now, &wrong, case.as_ref()).await?;
    let detail = json!({ "rule": wrong.rule, "took": wrong.took, "is": wrong.is });
    let entry = Entry::new(Act::MistakeNoted, format!("decision/{id}")).of(&*wrong.controller);
    visit.note(&entry.with(detail)).await?;
    Ok(redirect(&format!("/decisions/{id}?done=mistake")))
}

/// The message, where the relay still has it.
async fn case(
    visit: &Visit,
    message: Uuid,
    recipient: Option<AddressKey>,
) -> Result<Option<Case>, Problem> {
    let Some(bytes) = bytes(visit, message).await? else { return Ok(None) };
    // Hostile bytes are read beside what others wait for.
    let read = tokio::task::spawn_blocking(move || {
        let reading = Reading::of(bytes.clone());
        Case::of(&reading, bytes, recipient)
    });
    read.await.map(Some).map_err(|_| FAULT)
}

async fn bytes(visit: &Visit, message: Uuid) -> Result<Option<Bytes>, Problem> {
    let console = &visit.shared.console;
    if let Some(found) = console.spool.message(message).await? {
        return Ok(Some(found.bytes));
    }
    let kept = sample::find(&console.db, &console.secret, visit.now, message).await?;
    Ok(kept.map(|(_, bytes)| bytes))
}
