//! `/own/password`: another password, for whoever knows the present one.

use super::{
    Answer, Visit,
    guest::{Posted, redirect},
    own_show::{self, Faults},
};
use crate::staff::PasswordFault;

pub(super) async fn act(visit: Visit, posted: Posted) -> Answer {
    let staff = &visit.shared.console.staff;
    let (old, new) = (posted.value("password"), posted.value("new"));
    let fault = |password, new| Faults { password, new, ..Faults::default() };
    if new != posted.value("again") {
        let differs = Some("console-password-differs");
        return own_show::show(&visit, fault(None, differs)).await;
    }
    if !staff.is_password(visit.now, &visit.from, &visit.session, old).await? {
        let wrong = Some("console-password-wrong");
        return own_show::show(&visit, fault(wrong, None)).await;
    }
    let own = (visit.id(), visit.session.id);
    match staff.change_password(visit.now, &visit.by(), own, new).await? {
        Ok(()) => Ok(redirect("/own?done=password")),
        Err(weak) => own_show::show(&visit, fault(None, Some(fault_text(weak)))).await,
    }
}

/// Why a text cannot be a password.
pub(super) fn fault_text(fault: PasswordFault) -> &'static str {
    match fault {
        PasswordFault::TooShort => "console-password-short",
        PasswordFault::TooLong => "console-password-long",
        PasswordFault::NotAscii | PasswordFault::NotComputed => "console-password-again",
    }
}
