//! Puts on disk what the replies answer for, then hands over to the worker.

use std::sync::Arc;

use jiff::Timestamp;
use uuid::Uuid;

use super::{Intake, Judged, Peer, plan::Fate, trace};
use crate::{
    db::Unavailable,
    delivery::Refusal,
    journal::Taken,
    smtp::envelope::{Envelope, Notify, Recipient},
    spool::{Delivery, Job, Message, State},
};

impl Intake {
    /// Durable when it returns `Ok`. What may go on at once is claimed for this node's worker,
    /// who gets it from memory; without room there it waits in the spool.
    pub(super) async fn keep(
        &self,
        now: Timestamp,
        peer: &Peer,
        mut envelope: Envelope,
        mut judged: Judged,
        fates: &[Fate],
    ) -> Result<(), Unavailable> {
        let sends = fates.contains(&Fate::Send);
        let octets = judged.reading.message.bytes().len();
        let slot = if sends { self.0.handover.reserve(octets) } else { None };
        let state = if slot.is_some() { State::Claimed } else { State::Ready };
        let (deliveries, refused) = self.split(now, &mut envelope, &mut judged, fates, state);
        if deliveries.is_empty() && refused.is_empty() {
            return self.0.spool.note(judged.events).await;
        }
        let message = Arc::new(self.message_of(now, peer, envelope, &judged, fates.len()));
        let Judged { events, reading, decider, language, .. } = judged;
        let refusals: Vec<_> = refused.iter().map(Refused::told).collect();
        let report = self.0.reporter.policy_report(now, &message, &refusals, language);
        let kept = match report {
            None if deliveries.is_empty() => return self.0.spool.note(events).await,
            None => self.0.spool.keep(Arc::clone(&message), deliveries, events).await?,
            Some(report) => {
                let kept = (!deliveries.is_empty()).then(|| (Arc::clone(&message), deliveries));
                self.0.spool.keep_reporting(kept, report, events).await?
            }
        };
        if let Some(slot) = slot {
            let deliveries =
                kept.into_iter().filter(|delivery| delivery.state == State::Claimed).collect();
            let reading = Some(reading);
            self.0.handover.send(Job { message, reading, decider, deliveries, slot });
        }
        Ok(())
    }

    /// What is kept, and who may not get the message though the client does not hear of it:
    /// MAIL FROM gets a report.
    fn split(
        &self,
        now: Timestamp,
        envelope: &mut Envelope,
        judged: &mut Judged,
        fates: &[Fate],
        ready: State,
    ) -> (Vec<Delivery>, Vec<Refused>) {
        let hold = envelope.params.hold.map(|hold| hold.ends(now)).filter(|ends| *ends > now);
        let due_at = hold.unwrap_or(now);
        // What is kept back waits in the spool.
        let ready = if hold.is_some() { State::Ready } else { ready };
        let life = self.0.schedule.expires_at(due_at, judged.class.is_commercial());
        let hears = envelope.params.by.is_some_and(|by| by.notifies_at(now).is_some());
        let wanted = envelope.params.by.and_then(|by| by.returns_at(now));
        let expires_at = wanted.map_or(life, |wanted| wanted.min(life));
        let (mut deliveries, mut refused) = (Vec::with_capacity(fates.len()), Vec::new());
        let decided = judged.verdicts.drain(..).zip(judged.reasons.drain(..));
        let decided = decided.zip(&mut judged.events).zip(fates);
        let recipients = envelope.recipients.drain(..);
        for (mut recipient, (((verdict, rules), event), fate)) in recipients.zip(decided) {
            // Whoever wants to hear of a delay says so by BY, too (RFC 2852).
            recipient.notify.delay |= hears && recipient.notify == Notify::default();
            event.detail.note(Taken::FIELD, fate.taken().as_str());
            let state = match fate {
                Fate::Send => ready,
                Fate::Hold => State::Held,
                Fate::Report => {
                    refused.push(Refused { recipient, rules, journal: event.id });
                    continue;
                }
                Fate::Refuse | Fate::Defer => continue,
            };
            let Some(key) = event.recipient else { continue };
            let id = Uuid::now_v7();
            event.delivery = Some(id);
            deliveries.push(Delivery {
                id,
                message: judged.id,
                recipient,
                key,
                state,
                action: verdict.action,
                rule: (*fate == Fate::Hold).then(|| verdict.rule_id().to_owned()),
                edits: verdict.edits,
                waiver: None,
                attempts: 0,
                due_at,
                expires_at,
                last: None,
                counted: None,
            });
        }
        (deliveries, refused)
    }

    fn message_of(
        &self,
        now: Timestamp,
        peer: &Peer,
        envelope: Envelope,
        judged: &Judged,
        recipients: usize,
    ) -> Message {
        let trace = trace::field(peer, envelope.params.smtputf8, &self.0.hostname, judged.id, now);
        Message {
            id: judged.id,
            received_at: now,
            login: peer.login.name.clone(),
            from: envelope.from,
            params: envelope.params,
            bytes: judged.reading.message.bytes().clone(),
            trace,
            stream: judged.stream.clone(),
            declared: judged.declared,
            class: judged.class,
            policy_version: judged.policy_version.clone(),
            recipients,
            campaign: judged.campaign,
        }
    }
}

/// A recipient to report, the rules of the verdict with their law, and its journal line.
struct Refused {
    recipient: Recipient,
    rules: Vec<String>,
    journal: Uuid,
}

impl Refused {
    fn told(&self) -> Refusal<'_> {
        let rules = self.rules.join(", ");
        Refusal { recipient: &self.recipient, rules, journal: self.journal }
    }
}
