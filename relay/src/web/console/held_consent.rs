//! `/held/{id}/consent`: what the recipient said elsewhere is written down with its evidence, and the
//! held delivery decided on again.

use jiff::{Timestamp, civil::Date};
use policy::{Address, Method, Source};
use serde_json::json;
use uuid::Uuid;

use super::{
    Answer, Visit,
    guest::{Path, Posted, redirect},
    held_decide::decided_again,
    held_show::{again, seen, subject},
    problem::{MISSING, Problem, REFUSED, UNREADABLE},
};
use crate::{
    consent::{NewGrant, Proof, Recorded, Who},
    smtp::client::mailbox,
    staff::{Act, Action, Entry},
};

pub(super) async fn act(visit: Visit, Path(id): Path<Uuid>, posted: Posted) -> Answer {
    let (held, controller) = seen(&visit, id).await?;
    let grants = posted.value("what") == "grant";
    let action = if grants { Action::ChangeContacts } else { Action::Refuse };
    if !visit.reach(action).holds_controller(&controller) {
        return Err(REFUSED);
    }
    let evidence = posted.value("evidence").trim();
    if evidence.is_empty() || evidence.chars().count() > EVIDENCE_MAX {
        return say(&visit, id, &posted, "console-held-evidence-missing").await;
    }
    let Some(at) = said_at(&visit, &posted) else {
        return say(&visit, id, &posted, "console-held-said-wrong").await;
    };
    let evidence = json!({ "note": evidence, "held": id });
    let proof = Proof { actor: visit.by().actor, at, evidence };
    let who = who(&visit, id, &controller).await?;
    let (act, recorded) = match posted.value("what") {
        "grant" => (Act::HeldGranted, grant(&visit, &held.stream, &who, &proof).await?),
        "refuse" => {
            let consent = &visit.shared.console.consent;
            let scope = policy::Scope::Everything;
            (Act::HeldRefused, consent.refuse(visit.now, &who, &scope, &proof).await?)
        }
        _ => return Err(UNREADABLE),
    };
    match recorded {
        Recorded::New(_) | Recorded::Already => {}
        Recorded::RefusalStands => {
            return say(&visit, id, &posted, "console-held-refusal-stands").await;
        }
        Recorded::NoPurpose | Recorded::NoTopic | Recorded::Closed | Recorded::WrongBasis => {
            return say(&visit, id, &posted, "console-held-no-purpose").await;
        }
    }
    visit.note(&Entry::new(act, subject(id)).of(&*controller)).await?;
    if visit.reach(Action::Decide).holds(&controller, &held.login) {
        return decided_again(&visit, id, controller, &posted).await;
    }
    Ok(redirect(&format!("/held/{id}?done=saved")))
}

async fn grant(visit: &Visit, stream: &str, who: &Who, proof: &Proof) -> Result<Recorded, Problem> {
    let console = &visit.shared.console;
    let business = console.business.load_full();
    let stream = business.stream(stream).ok_or(MISSING)?;
    let Some(purpose) = stream.purpose.clone() else { return Ok(Recorded::NoPurpose) };
    let grant = NewGrant {
        purpose,
        from: proof.at,
        until: None,
        method: Method::Manual,
        source: Source::Own,
        confirmed_at: None,
        age_declared: false,
        // Who refused takes it back themselves.
        lifts_refusal: false,
    };
    let zone = &stream.controller.time_zone;
    Ok(console.consent.grant(visit.now, zone, who, &grant, proof).await?)
}

/// The recipient.
async fn who(visit: &Visit, id: Uuid, controller: &str) -> Result<Who, Problem> {
    let found = visit.shared.console.review.find(id).await;
    let (_, delivery) = found.map_err(|_| MISSING)?;
    let address = Address::parse(&mailbox(&delivery.recipient.path)).map_err(|_| MISSING)?;
    Ok(Who::address(controller, address))
}

/// The day on which it was said, now where none is named; `None` where it is none, or not yet.
fn said_at(visit: &Visit, posted: &Posted) -> Option<Timestamp> {
    let said = posted.value("said").trim();
    if said.is_empty() {
        return Some(visit.now);
    }
    let day: Date = said.parse().ok()?;
    let noon = day.to_datetime(jiff::civil::time(12, 0, 0, 0));
    let at = visit.zone().to_zoned(noon).ok()?.timestamp();
    let today = visit.now.to_zoned(visit.zone()).date();
    (day <= today).then(|| at.min(visit.now))
}

async fn say(visit: &Visit, id: Uuid, posted: &Posted, fault: &str) -> Answer {
    let fault = visit.words.say(fault).into_owned();
    again(visit, id, posted, fault).await
}

const EVIDENCE_MAX: usize = 2_000;
