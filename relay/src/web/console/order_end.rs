//! `/queue/orders/{id}/end`: ends a pause, or stops a retry, a rebind or a bounce where it is.

use uuid::Uuid;

use super::{
    Answer, Visit,
    guest::{Path, redirect},
    problem::GONE,
};
use crate::staff::{Act, Entry};

pub(super) async fn act(visit: Visit, Path(id): Path<Uuid>) -> Answer {
    if !visit.shared.console.spool.end_order(visit.now, id).await? {
        return Err(GONE);
    }
    visit.note(&Entry::new(Act::QueueEnded, format!("order/{id}"))).await?;
    Ok(redirect("/queue?done=order-ended"))
}
