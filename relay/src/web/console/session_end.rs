//! `/own/sessions`: ends one of one's own sessions, or all others.

use uuid::Uuid;

use super::{
    Answer, Visit,
    guest::{Posted, redirect},
    problem::UNREADABLE,
};
use crate::staff::Act;

pub(super) async fn act(visit: Visit, posted: Posted) -> Answer {
    let staff = &visit.shared.console.staff;
    let by = visit.by();
    if posted.value("session") == "others" {
        staff.end_sessions(visit.now, &by, visit.id(), Some(visit.session.id)).await?;
        return Ok(redirect("/own?done=sessions"));
    }
    let id: Uuid = posted.value("session").parse().map_err(|_| UNREADABLE)?;
    // One that is over already is no fault.
    staff.end_session(visit.now, &by, (visit.id(), id), Act::SessionEnded).await?;
    Ok(redirect("/own?done=session"))
}
