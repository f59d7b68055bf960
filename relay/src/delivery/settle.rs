//! What became of each delivery, written down: the spool's new state, the journal line, the DSN.
//!
//! Nobody waits for the commit, so connections go on meanwhile; the message's slot is held until
//! it is durable.

use std::sync::Arc;

use arc_swap::ArcSwap;
use jiff::{SignedDuration, Timestamp};
use policy::Language;
use serde_json::{Value, json};
use tokio::sync::Notify;
use uuid::Uuid;

use super::{
    bounce::{About, Action, Refusal, Reporter},
    outcome::{Fate, Outcome, without_addresses},
    prepare::{Staying, Stays, detail},
    schedule::Schedule,
};
use crate::{
    config::Business,
    journal::{Event, Kind},
    seal::hex,
    spool::{Delivery, Left, Message, Settle, Settlement, Slot, Spool},
};

/// Settles in the background; cheap to clone.
#[derive(Clone, Debug)]
pub struct Settler {
    pub spool: Spool,
    pub reporter: Reporter,
    pub schedule: Schedule,
    pub business: Arc<ArcSwap<Business>>,
    /// Tells the worker that the spool has something new and due (a DSN).
    pub wake: Arc<Notify>,
}

/// One conversation about one message, for the journal and the DSN.
#[derive(Clone, Copy, Debug)]
pub struct Said<'a> {
    /// `mx.example.cz [192.0.2.1]`; empty where there was no connection.
    pub peer: &'a str,
    /// Its name alone.
    pub host: &'a str,
    /// It sends its own reports.
    pub dsn: bool,
    pub tls: bool,
    /// SHA-256 of what was sent.
    pub digest: Option<[u8; 32]>,
}

/// No connection came about.
pub const NOBODY: Said<'static> = Said { peer: "", host: "", dsn: false, tls: false, digest: None };

/// A missing fact is usually there a little later.
const FACT_PAUSE: SignedDuration = SignedDuration::from_mins(1);

impl Settler {
    /// After an attempt: one outcome per delivery of one message.
    pub fn attempted(
        &self,
        now: Timestamp,
        message: &Arc<Message>,
        results: &[(&Delivery, Outcome)],
        said: &Said<'_>,
        slot: &Arc<Slot>,
    ) {
        let mut settlements = Vec::with_capacity(results.len());
        let mut about = Vec::new();
        for (delivery, outcome) in results {
            let (settle, kind, report) = self.judge(now, message, delivery, outcome, said);
            about.extend(report);
            let detail = json!({
                "peer": said.peer,
                "tls": said.tls,
                "reply": outcome.journal_text(),
                "status": outcome.status_text(),
                "attempt": delivery.attempts + 1,
                "sha256": said.digest.map(|digest| hex(&digest)),
            });
            count(kind);
            let mut settlement = settlement(now, delivery, settle, kind, detail);
            if let (Fate::Delivered, Some(counted)) = (outcome.fate, &delivery.counted) {
                settlement.left =
                    Some(Left { key: delivery.key, at: now, counted: counted.clone() });
            }
            settlements.push(settlement);
        }
        if !about.is_empty() {
            let language = self.language(message);
            self.bring(&mut settlements, self.reporter.report(now, message, &about, language));
        }
        self.settle(settlements, slot);
    }

    fn judge<'a>(
        &self,
        now: Timestamp,
        message: &Message,
        delivery: &'a Delivery,
        outcome: &Outcome,
        said: &Said<'a>,
    ) -> (Settle, Kind, Option<About<'a>>) {
        let about = |action, status: String, text: String, until| About {
            recipient: &delivery.recipient,
            action,
            status,
            text,
            remote: (outcome.said && !said.host.is_empty()).then_some(said.host),
            until,
        };
        let plain = |action| about(action, outcome.status_text(), outcome.text.clone(), None);
        match outcome.fate {
            Fate::Delivered => {
                // Who takes over the reports, takes over this one too (RFC 3461 §5.2.1).
                (Settle::Done, Kind::Delivered, (!said.dsn).then(|| plain(Action::Relayed)))
            }
            Fate::Bounce => (Settle::Done, Kind::Bounced, Some(plain(Action::Failed))),
            Fate::Later | Fate::Again => {
                let attempts = delivery.attempts + 1;
                let next =
                    self.schedule.next(now, attempts, delivery.expires_at, spread(delivery.id));
                match next {
                    None => {
                        let text = format!("given up, the last attempt said: {}", outcome.text);
                        let failed = about(Action::Failed, "5.4.7".to_owned(), text, None);
                        (Settle::Done, Kind::Expired, Some(failed))
                    }
                    Some(due_at) => {
                        let last = outcome.journal_text();
                        let until = Some(delivery.expires_at);
                        let report = self.schedule.is_delay_due(now, message.received_at, delivery);
                        let report = report.then(|| {
                            let (status, text) = (outcome.status_text(), outcome.text.clone());
                            about(Action::Delayed, status, text, until)
                        });
                        (Settle::Later { due_at, last }, Kind::Deferred, report)
                    }
                }
            }
        }
    }

    /// Decided again, and some do not leave: one report to the sender tells of all that the law
    /// keeps back.
    pub fn stays(&self, now: Timestamp, staying: &Staying) {
        let Staying { message, deliveries, slot } = staying;
        let mut settlements = Vec::with_capacity(deliveries.len());
        let (mut refused, mut refusals) = (Vec::new(), Vec::new());
        for (delivery, stays) in deliveries {
            let (settle, kind, rules) = match stays {
                Stays::Bounce { status, why } => {
                    let outcome = Outcome::new(Fate::Bounce, *status, *why);
                    self.attempted(now, message, &[(delivery, outcome)], &NOBODY, slot);
                    continue;
                }
                Stays::Later(why) if now >= delivery.expires_at => {
                    (Settle::Done, Kind::Expired, Some(format!("expired: {why}")))
                }
                Stays::Later(why) => {
                    let due_at = now.checked_add(FACT_PAUSE).unwrap_or(now);
                    let last = without_addresses(why);
                    (Settle::Later { due_at, last }, Kind::Deferred, None)
                }
                Stays::Hold { rule, .. } => (Settle::Hold { rule: rule.clone() }, Kind::Held, None),
                Stays::Refused { rules, .. } => {
                    (Settle::Done, Kind::Suppressed, Some(rules.join(", ")))
                }
            };
            count(kind);
            let settlement = settlement(now, delivery, settle, kind, detail(stays));
            let Some((rules, event)) = rules.zip(settlement.events.first()) else {
                settlements.push(settlement);
                continue;
            };
            let recipient = &delivery.recipient;
            refusals.push(Refusal { recipient, rules, journal: event.id });
            refused.push(settlement);
        }
        if !refusals.is_empty() {
            let language = self.language(message);
            let report = self.reporter.policy_report(now, message, &refusals, language);
            self.bring(&mut refused, report);
        }
        settlements.append(&mut refused);
        self.settle(settlements, slot);
    }

    /// Puts it back, untouched: the relay stops.
    pub fn release(&self, now: Timestamp, delivery: &Delivery, slot: &Arc<Slot>) {
        let settle = Settle::Ready {
            waiver: delivery.waiver.clone(),
            edits: delivery.edits.clone(),
            due_at: now,
        };
        self.settle(vec![Settlement::bare(delivery.id, delivery.message, settle)], slot);
    }

    /// Deciding on it broke.
    pub fn broken(&self, now: Timestamp, delivery: Uuid, message: Uuid, slot: &Arc<Slot>) {
        self.settle(vec![Settlement::broken(now, delivery, message)], slot);
    }

    /// The report leaves with the last settlement's commit.
    fn bring(&self, settlements: &mut [Settlement], report: Option<(Message, Vec<Delivery>)>) {
        if let (Some(last), Some(report)) = (settlements.last_mut(), report) {
            let now = report.0.received_at;
            let event = event(now, Kind::Reported, last.delivery, &report.0.id, None, json!({}));
            last.events.push(event);
            last.brings = Some(report);
        }
    }

    fn settle(&self, settlements: Vec<Settlement>, slot: &Arc<Slot>) {
        for settlement in settlements {
            let slot = slot.clone();
            let wake = settlement.brings.is_some().then(|| self.wake.clone());
            self.spool.settle(settlement, move |applied| {
                drop(slot);
                match (applied, wake) {
                    (true, Some(wake)) => wake.notify_one(),
                    (true, None) => {}
                    (false, _) => {
                        metrics::counter!("souhlas_settled_by_others_total").increment(1);
                    }
                }
            });
        }
    }

    fn language(&self, message: &Message) -> Language {
        let business = self.business.load();
        business.stream(&message.stream).map_or(Language::English, |s| s.controller.language)
    }
}

fn settlement(
    now: Timestamp,
    delivery: &Delivery,
    settle: Settle,
    kind: Kind,
    detail: Value,
) -> Settlement {
    let event = event(now, kind, delivery.id, &delivery.message, Some(delivery.key), detail);
    Settlement { events: vec![event], ..Settlement::bare(delivery.id, delivery.message, settle) }
}

fn event(
    at: Timestamp,
    kind: Kind,
    delivery: Uuid,
    message: &Uuid,
    recipient: Option<crate::seal::AddressKey>,
    detail: Value,
) -> Event {
    let (message, delivery) = (Some(*message), Some(delivery));
    Event { id: Uuid::now_v7(), at, kind, message, delivery, recipient, detail: detail.into() }
}

fn spread(id: Uuid) -> u64 {
    id.as_u64_pair().1
}

fn count(kind: Kind) {
    let what = match kind {
        Kind::Delivered => "delivered",
        Kind::Deferred => "deferred",
        Kind::Bounced => "bounced",
        Kind::Expired => "expired",
        Kind::Held => "held",
        Kind::Suppressed => "suppressed",
        Kind::Decided
        | Kind::DecidedAgain
        | Kind::Released
        | Kind::Rejected
        | Kind::Reported
        | Kind::PolicyLoaded
        | Kind::Operator => "other",
    };
    metrics::counter!("souhlas_deliveries_total", "outcome" => what).increment(1);
}
