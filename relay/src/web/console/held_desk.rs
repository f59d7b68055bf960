//! `/held/{id}/…`: who looks at a held delivery, and what they say to each other about it.

use serde_json::json;
use uuid::Uuid;

use super::{
    Answer, Visit,
    guest::{Path, Posted, redirect},
    held_decide::{REASON_MAX, decides, no},
    held_show::{again, subject},
};
use crate::staff::{Act, Entry};

/// Takes it; with `over` from whoever has it.
pub(super) async fn lock(visit: Visit, Path(id): Path<Uuid>, posted: Posted) -> Answer {
    let controller = decides(&visit, id).await?;
    let over = posted.value("over") == "yes";
    let review = &visit.shared.console.review;
    match review.lock(visit.now, id, &visit.by().actor, over).await {
        Ok(from) => {
            let detail = json!({ "from": from });
            let entry = Entry::new(Act::HeldLocked, subject(id)).of(controller).with(detail);
            visit.note(&entry).await?;
            Ok(redirect(&format!("/held/{id}")))
        }
        Err(refused) => no(&visit, id, &posted, refused).await,
    }
}

pub(super) async fn unlock(visit: Visit, Path(id): Path<Uuid>, posted: Posted) -> Answer {
    decides(&visit, id).await?;
    match visit.shared.console.review.unlock(id, &visit.by().actor).await {
        Ok(()) => Ok(redirect(&format!("/held/{id}"))),
        Err(refused) => no(&visit, id, &posted, refused).await,
    }
}

pub(super) async fn comment(visit: Visit, Path(id): Path<Uuid>, posted: Posted) -> Answer {
    let controller = decides(&visit, id).await?;
    let said = posted.value("comment").trim();
    if said.is_empty() || said.chars().count() > REASON_MAX {
        let fault = visit.words.say("console-held-comment-missing").into_owned();
        return again(&visit, id, &posted, fault).await;
    }
    let review = &visit.shared.console.review;
    match review.comment(visit.now, id, &visit.by().actor, said).await {
        Ok(()) => {
            visit.note(&Entry::new(Act::HeldCommented, subject(id)).of(controller)).await?;
            Ok(redirect(&format!("/held/{id}#comments")))
        }
        Err(refused) => no(&visit, id, &posted, refused).await,
    }
}
