//! `/accounts/<id>/…`: what an admin does to an account.

use uuid::Uuid;

use super::{
    Answer, Visit,
    account_invite::shown,
    account_show::{rights_of, show},
    guest::{Path, Posted, redirect},
    problem::{CONFLICT, MISSING, UNREADABLE},
};
use crate::staff::{Changed, Purpose};

pub(super) async fn rights(visit: Visit, Path(id): Path<Uuid>, posted: Posted) -> Answer {
    let rights = rights_of(&visit, &posted).ok_or(UNREADABLE)?;
    if rights.held.is_empty() {
        return show(&visit, id, Some("console-roles-none")).await;
    }
    let staff = &visit.shared.console.staff;
    let changed = staff.set_rights(visit.now, &visit.by(), id, &rights).await?;
    after(&visit, id, changed, "saved").await
}

pub(super) async fn disable(visit: Visit, Path(id): Path<Uuid>) -> Answer {
    let staff = &visit.shared.console.staff;
    let changed = staff.set_disabled(visit.now, &visit.by(), id, true).await?;
    after(&visit, id, changed, "disabled").await
}

pub(super) async fn enable(visit: Visit, Path(id): Path<Uuid>) -> Answer {
    let staff = &visit.shared.console.staff;
    let changed = staff.set_disabled(visit.now, &visit.by(), id, false).await?;
    after(&visit, id, changed, "enabled").await
}

/// A new password by a link; with `factor` the second factor is forgotten, too.
pub(super) async fn link(visit: Visit, Path(id): Path<Uuid>, posted: Posted) -> Answer {
    let staff = &visit.shared.console.staff;
    let account = staff.account(id).await?.ok_or(MISSING)?;
    let purpose = match posted.value("factor") {
        "forget" => Purpose::PasswordAndFactor,
        _ => Purpose::Password,
    };
    let made = staff.make_link(visit.now, &visit.by(), id, purpose).await?;
    shown(&visit, &account.name, id, &made.ok_or(CONFLICT)?)
}

pub(super) async fn sessions(visit: Visit, Path(id): Path<Uuid>) -> Answer {
    let staff = &visit.shared.console.staff;
    let own = (id == visit.id()).then_some(visit.session.id);
    staff.end_sessions(visit.now, &visit.by(), id, own).await?;
    Ok(redirect(&format!("/accounts/{id}?done=sessions")))
}

async fn after(visit: &Visit, id: Uuid, changed: Changed, done: &str) -> Answer {
    match changed {
        Changed::Done => Ok(redirect(&format!("/accounts/{id}?done={done}"))),
        Changed::LastAdmin => show(visit, id, Some("console-account-last")).await,
        Changed::Unknown => Err(MISSING),
        Changed::Taken | Changed::NameWrong => Err(CONFLICT),
    }
}
