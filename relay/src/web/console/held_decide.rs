//! `/held/{id}/…`: what a reviewer decides about a held delivery.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    Answer, Visit,
    audit_list::Names,
    guest::{Path, Posted, redirect},
    held_show::{again, seen, subject},
    problem::{MISSING, Problem, REFUSED, UNREADABLE},
};
use crate::{
    review::{Code, Done, Refused, Way, Word},
    staff::{Act, Action, Entry},
};

pub(super) async fn release(visit: Visit, Path(id): Path<Uuid>, posted: Posted) -> Answer {
    let controller = decides(&visit, id).await?;
    let Some(way) = Way::parse(posted.value("way")) else { return Err(UNREADABLE) };
    let word = match word(&visit, &posted, Code::releases) {
        Ok(word) => word,
        Err(fault) => return again(&visit, id, &posted, fault).await,
    };
    let review = &visit.shared.console.review;
    let detail = json!({ "code": word.code.as_str(), "way": way.as_str() });
    match review.release(visit.now, id, way, &word).await {
        Ok(_) => after(&visit, id, controller, (Act::HeldReleased, detail), "released").await,
        Err(Refused::NeedsTwo) => match review.propose(visit.now, id, way, &word).await {
            Ok(()) => after(&visit, id, controller, (Act::HeldProposed, detail), "proposed").await,
            Err(refused) => no(&visit, id, &posted, refused).await,
        },
        Err(refused) => no(&visit, id, &posted, refused).await,
    }
}

pub(super) async fn reject(visit: Visit, Path(id): Path<Uuid>, posted: Posted) -> Answer {
    let controller = decides(&visit, id).await?;
    let tells = match posted.value("tell") {
        "sender" => true,
        "nobody" => false,
        _ => return Err(UNREADABLE),
    };
    let word = match word(&visit, &posted, Code::rejects) {
        Ok(word) => word,
        Err(fault) => return again(&visit, id, &posted, fault).await,
    };
    let detail = json!({ "code": word.code.as_str(), "tells": tells });
    match visit.shared.console.review.reject(visit.now, id, tells, &word).await {
        Ok(_) => after(&visit, id, controller, (Act::HeldRejected, detail), "rejected").await,
        Err(refused) => no(&visit, id, &posted, refused).await,
    }
}

/// As if it came now.
pub(super) async fn decide_again(visit: Visit, Path(id): Path<Uuid>, posted: Posted) -> Answer {
    let controller = decides(&visit, id).await?;
    decided_again(&visit, id, controller, &posted).await
}

pub(super) async fn decided_again(
    visit: &Visit,
    id: Uuid,
    controller: String,
    posted: &Posted,
) -> Answer {
    let review = &visit.shared.console.review;
    let (what, done) = match review.decide_again(visit.now, id, &visit.by().actor).await {
        Ok(Done::Free | Done::Released(_)) => ("free", "again-free"),
        Ok(Done::Forbidden { .. } | Done::Rejected { .. }) => ("forbidden", "again-forbidden"),
        Ok(Done::Held { .. }) => ("held", "again-held"),
        Err(refused) => return no(visit, id, posted, refused).await,
    };
    after(visit, id, controller, (Act::HeldAgain, json!({ "came": what })), done).await
}

pub(super) async fn approve(visit: Visit, Path(id): Path<Uuid>, posted: Posted) -> Answer {
    let controller = decides(&visit, id).await?;
    let review = &visit.shared.console.review;
    match review.approve(visit.now, id, &visit.by().actor).await {
        Ok((_, word)) => {
            let detail = json!({ "code": word.code.as_str(), "proposed": word.by });
            after(&visit, id, controller, (Act::HeldApproved, detail), "released").await
        }
        Err(refused) => no(&visit, id, &posted, refused).await,
    }
}

pub(super) async fn decline(visit: Visit, Path(id): Path<Uuid>, posted: Posted) -> Answer {
    let controller = decides(&visit, id).await?;
    match visit.shared.console.review.decline(visit.now, id).await {
        Ok(()) => after(&visit, id, controller, (Act::HeldDeclined, Value::Null), "declined").await,
        Err(refused) => no(&visit, id, &posted, refused).await,
    }
}

/// The controller, where the visitor may decide about its messages.
pub(super) async fn decides(visit: &Visit, id: Uuid) -> Result<String, Problem> {
    let (held, controller) = seen(visit, id).await?;
    if visit.reach(Action::Decide).holds(&controller, &held.login) {
        return Ok(controller);
    }
    Err(REFUSED)
}

/// What was said: a code that fits, and a reason. Or what is missing.
pub(super) fn word(
    visit: &Visit,
    posted: &Posted,
    fits: impl Fn(Code) -> bool,
) -> Result<Word, String> {
    let say = |id: &str| visit.words.say(id).into_owned();
    let code = Code::parse(posted.value("code")).filter(|code| fits(*code));
    let code = code.ok_or_else(|| say("console-held-code-missing"))?;
    let reason = posted.value("reason").trim();
    if reason.is_empty() || reason.chars().count() > REASON_MAX {
        return Err(say("console-held-reason-missing"));
    }
    let reason = reason.replace(['\r', '\n'], " ");
    Ok(Word { by: visit.by().actor, code, reason, second: None, bulk: None })
}

/// Written down; what is still held is shown again.
async fn after(
    visit: &Visit,
    id: Uuid,
    controller: String,
    (act, detail): (Act, Value),
    done: &str,
) -> Answer {
    visit.note(&Entry::new(act, subject(id)).of(controller).with(detail)).await?;
    let stays = ["proposed", "declined", "again-held"].contains(&done);
    let to = if stays { format!("/held/{id}?done={done}") } else { format!("/held?done={done}") };
    Ok(redirect(&to))
}

/// Why it was not done.
pub(super) async fn no(visit: &Visit, id: Uuid, posted: &Posted, refused: Refused) -> Answer {
    let fault = match refused {
        Refused::Away(away) => return Err(away.into()),
        Refused::Gone | Refused::NotHeld => return Err(MISSING),
        Refused::Locked(by) => {
            let names = Names::read(visit).await?;
            visit.words.with("console-held-locked", &[("name", names.of(&by).into())])
        }
        Refused::Stands(_) => visit.words.say("console-held-stands").into_owned(),
        Refused::NeedsTwo => visit.words.say("console-held-proposed-already").into_owned(),
        Refused::NoProposal => visit.words.say("console-held-no-proposal").into_owned(),
        Refused::Own => visit.words.say("console-held-own").into_owned(),
        Refused::NoStream(_) => visit.words.say("console-held-no-stream").into_owned(),
        Refused::NoAddress => visit.words.say("console-held-no-address").into_owned(),
    };
    again(visit, id, posted, fault).await
}

pub(super) const REASON_MAX: usize = 1_000;
