//! `/held/bulk/{id}/…`: begins a bulk, agrees to it, stops it.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    Answer, Visit,
    bulk_show::seen,
    guest::{Path, redirect},
    problem::{CONFLICT, MISSING, Problem, REFUSED},
};
use crate::{
    review::Refused,
    staff::{Act, Action, Entry},
};

pub(super) async fn begin(visit: Visit, Path(id): Path<Uuid>) -> Answer {
    seen(&visit, id, Action::Decide).await?;
    let review = &visit.shared.console.review;
    let two = review.begin(visit.now, id, &visit.by().actor).await.map_err(no)?;
    let (act, done) =
        if two { (Act::BulkProposed, "proposed") } else { (Act::BulkBegun, "bulk-begun") };
    after(&visit, id, (act, Value::Null), done).await
}

pub(super) async fn agree(visit: Visit, Path(id): Path<Uuid>) -> Answer {
    seen(&visit, id, Action::Decide).await?;
    let review = &visit.shared.console.review;
    let bulk = review.agree(visit.now, id, &visit.by().actor).await.map_err(no)?;
    after(&visit, id, (Act::BulkApproved, json!({ "proposed": bulk.by })), "bulk-begun").await
}

pub(super) async fn cancel(visit: Visit, Path(id): Path<Uuid>) -> Answer {
    seen(&visit, id, Action::Decide).await?;
    visit.shared.console.review.cancel(visit.now, id).await.map_err(no)?;
    after(&visit, id, (Act::BulkCancelled, Value::Null), "bulk-cancelled").await
}

async fn after(visit: &Visit, id: Uuid, (act, detail): (Act, Value), done: &str) -> Answer {
    visit.note(&Entry::new(act, format!("bulk/{id}")).with(detail)).await?;
    Ok(redirect(&format!("/held/bulk/{id}?done={done}")))
}

fn no(refused: Refused) -> Problem {
    match refused {
        Refused::Away(away) => away.into(),
        Refused::Gone => MISSING,
        // One's own proposal, or another one's bulk.
        Refused::Own | Refused::Locked(_) => REFUSED,
        Refused::NotHeld
        | Refused::Stands(_)
        | Refused::NeedsTwo
        | Refused::NoProposal
        | Refused::NoStream(_)
        | Refused::NoAddress => CONFLICT,
    }
}
