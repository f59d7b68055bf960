//! `/senders/{name}/…`: suspends a login, or lets it go on.

use super::{
    Answer, Visit,
    guest::{Path, redirect},
    problem::MISSING,
};
use crate::{
    login::{check_name, store::Changed},
    seal::escaped,
    staff::{Act, Entry},
};

pub(super) async fn suspend(visit: Visit, Path(name): Path<String>) -> Answer {
    change(&visit, &name, true).await
}

pub(super) async fn resume(visit: Visit, Path(name): Path<String>) -> Answer {
    change(&visit, &name, false).await
}

async fn change(visit: &Visit, name: &str, disabled: bool) -> Answer {
    check_name(name).map_err(|_| MISSING)?;
    match visit.shared.console.logins.set_disabled(visit.now, name, disabled).await? {
        Changed::Not => return Err(MISSING),
        Changed::Done => {}
    }
    let (act, done) =
        if disabled { (Act::LoginSuspended, "suspended") } else { (Act::LoginResumed, "resumed") };
    visit.note(&Entry::new(act, format!("login/{name}"))).await?;
    Ok(redirect(&format!("/senders/{}?done={done}", escaped(name))))
}
