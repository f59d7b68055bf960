//! Another name for a saved filter, or its end.

use uuid::Uuid;

use super::{
    Answer, Visit,
    filter_save::back,
    guest::{Path, Posted, redirect},
    problem::{FULL, MISSING, UNREADABLE},
};
use crate::staff::{Kept, Saved};

pub(super) async fn rename(visit: Visit, Path(id): Path<Uuid>, posted: Posted) -> Answer {
    let own = own(&visit, id).await?;
    let staff = &visit.shared.console.staff;
    let came = staff.rename_filter(visit.id(), id, posted.value("name")).await?;
    answer(came, &back(&own.path, &own.query))
}

pub(super) async fn delete(visit: Visit, Path(id): Path<Uuid>) -> Answer {
    let own = own(&visit, id).await?;
    let came = visit.shared.console.staff.forget_filter(visit.id(), id).await?;
    answer(came, &back(&own.path, ""))
}

async fn own(visit: &Visit, id: Uuid) -> Result<Saved, super::problem::Problem> {
    let all = visit.shared.console.staff.saved(visit.id()).await?;
    all.into_iter().find(|one| one.id == id).ok_or(MISSING)
}

fn answer(came: Kept, to: &str) -> Answer {
    match came {
        Kept::Done => Ok(redirect(to)),
        Kept::Unknown => Err(MISSING),
        Kept::Full => Err(FULL),
        Kept::NameWrong | Kept::TooLong => Err(UNREADABLE),
    }
}
