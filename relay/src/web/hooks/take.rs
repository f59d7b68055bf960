//! A report becomes a statement of the ledger: a refusal always, a grant where the hook says so.

use jiff::{SignedDuration, Timestamp};
use policy::{Method, Scope, Source, UnsubscribeScope};
use serde_json::{Value, json};

use super::{
    AWAY, Hooks, NO_PURPOSE, Problem,
    report::{Report, What},
};
use crate::{
    config::{Hook, HookKind},
    consent::{NewGrant, Proof, Recorded, Who},
    db::{Error, int, key, moment, text},
};

/// What was done, in a word for the reporter.
pub(super) async fn take(
    hooks: &Hooks,
    hook: &Hook,
    report: &Report,
    body: &[u8],
    now: Timestamp,
) -> Result<&'static str, Problem> {
    let own = report.list.as_ref().and_then(|list| hook.lists.get(list));
    let purpose = own.or(hook.purpose.as_ref());
    let who = Who::address(&hook.controller.id, report.address.clone());
    let done = match report.what {
        What::Subscribed => match purpose.filter(|_| hook.grants) {
            Some(purpose) => {
                let seen = seen(hooks, hook, body, now).await;
                let seen = seen.map_err(|fault| away(hook, &fault))?;
                let from = report.at.filter(|at| *at <= now).unwrap_or(seen);
                let proof = proof(hook, report, body, from);
                let grant = grant(hook, purpose, from);
                let zone = &hook.controller.time_zone;
                let said = (report.said, &proof);
                hooks.consent.hear_yes(now, zone, &who, &grant, said).await
            }
            None => return Ok("ignored"),
        },
        What::Disagreed => match purpose {
            Some(purpose) => {
                let at = report.at.filter(|at| *at <= now).unwrap_or(now);
                let proof = proof(hook, report, body, at);
                hooks.consent.hear_no(now, &who, purpose, &proof).await
            }
            None => return Ok("ignored"),
        },
        What::Complained => {
            let at = report.at.filter(|at| *at <= now).unwrap_or(now);
            hooks.consent.complain(now, &who, &proof(hook, report, body, at)).await
        }
        What::Unsubscribed => {
            // Of a list that has no purpose here: better too much than too little.
            let scope = match (purpose, hook.unsubscribe) {
                (Some(id), UnsubscribeScope::Purpose) => Scope::Purpose(id.clone()),
                (Some(_) | None, UnsubscribeScope::Purpose | UnsubscribeScope::Everything) => {
                    Scope::Everything
                }
            };
            let at = report.at.filter(|at| *at <= now).unwrap_or(now);
            hooks.consent.refuse(now, &who, &scope, &proof(hook, report, body, at)).await
        }
    };
    match done.map_err(|fault| away(hook, &fault))? {
        Recorded::New(_) => Ok(match report.what {
            What::Subscribed => "granted",
            What::Disagreed => "withdrawn",
            What::Unsubscribed | What::Complained => "refused",
        }),
        // Who never agreed took nothing back.
        Recorded::Already if report.what == What::Disagreed => Ok("ignored"),
        Recorded::Already => Ok("already"),
        Recorded::RefusalStands => Ok("refusal-stands"),
        Recorded::NoPurpose | Recorded::NoTopic | Recorded::Closed | Recorded::WrongBasis => {
            tracing::warn!(hook = hook.id, "a hook grants a purpose that is not there, or closed");
            Err(Problem(NO_PURPOSE))
        }
    }
}

fn away(hook: &Hook, fault: &Error) -> Problem {
    tracing::warn!(%fault, hook = hook.id, "what was reported could not be stored");
    Problem(AWAY)
}

fn grant(hook: &Hook, purpose: &str, from: Timestamp) -> NewGrant {
    let method = match hook.kind {
        HookKind::Smartsupp => Method::Chat,
        HookKind::Ecomail | HookKind::Mailchimp | HookKind::Listmonk | HookKind::Json => {
            Method::Api
        }
    };
    NewGrant {
        purpose: purpose.to_owned(),
        from,
        until: None,
        method,
        source: Source::Own,
        confirmed_at: None,
        age_declared: false,
        lifts_refusal: false,
    }
}

/// The event as it came.
fn proof(hook: &Hook, report: &Report, body: &[u8], at: Timestamp) -> Proof {
    let text = String::from_utf8_lossy(body);
    let whole = text.chars().count() <= EVIDENCE_MAX;
    let raw: String = text.chars().take(EVIDENCE_MAX).collect();
    let mut evidence = json!({ "hook": hook.id, "event": raw });
    if let Some(fields) = evidence.as_object_mut() {
        if !whole {
            fields.insert("cut".into(), Value::Bool(true));
        }
        if let Some(list) = &report.list {
            fields.insert("list".into(), json!(list));
        }
    }
    Proof { actor: format!("hook/{}", hook.id), at, evidence }
}

/// When this body first came: sent again within a day, it says the same thing and not a new one.
async fn seen(hooks: &Hooks, hook: &Hook, body: &[u8], now: Timestamp) -> Result<Timestamp, Error> {
    let body = hooks.secret.mac_key("hook body").sign(body);
    let before = now.checked_sub(DAY).unwrap_or(now).as_millisecond();
    let mut tx = hooks.db.begin().await?;
    tx.run("DELETE FROM hook_seen WHERE at < $1", vec![int(before)]).await?;
    let owner = hook.controller.id.as_str();
    let row = vec![text(owner), text(hook.id.as_str()), key(&body), int(now.as_millisecond())];
    let twice = "ON CONFLICT (controller, hook, body) DO NOTHING";
    tx.insert("hook_seen", &["controller", "hook", "body", "at"], row, twice).await?;
    let sql = "SELECT at FROM hook_seen WHERE controller = $1 AND hook = $2 AND body = $3";
    let rows = tx.rows(sql, vec![text(owner), text(hook.id.as_str()), key(&body)]).await?;
    let at = rows.first().map_or(Ok(now.as_millisecond()), |row| row.int(0))?;
    tx.commit().await?;
    moment(at)
}

const DAY: SignedDuration = SignedDuration::from_hours(24);
/// Letters of a body that are kept.
const EVIDENCE_MAX: usize = 8_000;
