//! Puts on disk what the replies answer for, then hands over to the worker.

use std::sync::Arc;

use jiff::Timestamp;
use policy::{Action, Verdict};
use uuid::Uuid;

use super::{Intake, Judged, Peer, plan::Fate, trace};
use crate::{
    db::Unavailable,
    delivery::Refusal,
    journal::{Event, Taken},
    smtp::envelope::{Envelope, Notify, Recipient},
    spool::{Delivery, Job, Message, State},
};

/// One recipient, decided on.
pub(super) struct One {
    pub recipient: Recipient,
    pub verdict: Verdict,
    pub rules: Vec<String>,
    pub event: Event,
    pub fate: Fate,
}

impl Judged {
    /// Its recipients one by one, in the envelope's order.
    pub(super) fn ones(&mut self, envelope: &mut Envelope, fates: &[Fate]) -> Vec<One> {
        let verdicts = self.verdicts.drain(..).zip(self.reasons.drain(..));
        let decided = verdicts.zip(self.events.drain(..)).zip(fates);
        let each = envelope.recipients.drain(..).zip(decided);
        each.map(|(recipient, (((verdict, rules), event), fate))| One {
            recipient,
            verdict,
            rules,
            event,
            fate: *fate,
        })
        .collect()
    }
}

impl Intake {
    /// Durable when it returns `Ok`. What may go on at once is claimed for this node's worker,
    /// who gets it from memory; without room there it waits in the spool. `kept`: deliveries of
    /// the message that are to be kept besides.
    pub(super) async fn keep(
        &self,
        now: Timestamp,
        message: Arc<Message>,
        judged: Judged,
        ones: Vec<One>,
        kept: Vec<Delivery>,
    ) -> Result<(), Unavailable> {
        let sends = ones.iter().any(|one| one.fate == Fate::Send);
        let slot = if sends { self.0.handover.reserve(message.bytes.len()) } else { None };
        let state = if slot.is_some() { State::Claimed } else { State::Ready };
        let Split { mut deliveries, refused, events } = self.split(now, &message, ones, state);
        deliveries.extend(kept);
        let Judged { reading, decider, language, .. } = judged;
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
    pub(super) fn split(
        &self,
        now: Timestamp,
        message: &Message,
        ones: Vec<One>,
        ready: State,
    ) -> Split {
        let mut split = Split::default();
        for mut one in ones {
            one.event.detail.note(Taken::FIELD, one.fate.taken().as_str());
            match one.fate {
                Fate::Send | Fate::Hold => {
                    let state = if one.fate == Fate::Hold { State::Held } else { ready };
                    split.deliveries.extend(self.delivery(now, message, &mut one, state));
                }
                Fate::Report => split.refused.push(Refused {
                    recipient: one.recipient,
                    rules: one.rules,
                    journal: one.event.id,
                }),
                Fate::Pass | Fate::Refuse | Fate::Defer => {}
            }
            split.events.push(one.event);
        }
        split
    }

    /// The message to one recipient; its line in the journal names it from now on.
    pub(super) fn delivery(
        &self,
        now: Timestamp,
        message: &Message,
        one: &mut One,
        state: State,
    ) -> Option<Delivery> {
        let key = one.event.recipient?;
        let id = Uuid::now_v7();
        let params = &message.params;
        // What is kept back waits in the spool.
        let hold = params.hold.map(|hold| hold.ends(now)).filter(|ends| *ends > now);
        let state = if hold.is_some() && state == State::Claimed { State::Ready } else { state };
        let due_at = hold.unwrap_or(now);
        let schedule = self.0.schedules.of(&message.stream, None, &one.recipient.path);
        let life = schedule.expires_at(due_at, message.class.is_commercial());
        let wanted = params.by.and_then(|by| by.returns_at(now));
        let mut recipient = one.recipient.clone();
        // Whoever wants to hear of a delay says so by BY, too (RFC 2852).
        let hears = params.by.is_some_and(|by| by.notifies_at(now).is_some());
        recipient.notify.delay |= hears && recipient.notify == Notify::default();
        one.event.delivery = Some(id);
        Some(Delivery {
            id,
            message: message.id,
            recipient,
            key,
            state,
            action: one.verdict.action,
            rule: (state == State::Held && one.verdict.action >= Action::Hold)
                .then(|| one.verdict.rule_id().to_owned()),
            edits: std::mem::take(&mut one.verdict.edits),
            waiver: None,
            attempts: 0,
            due_at,
            expires_at: wanted.map_or(life, |wanted| wanted.min(life)),
            last: None,
            route: None,
            counted: None,
        })
    }

    pub(super) fn message_of(
        &self,
        now: Timestamp,
        peer: &Peer,
        envelope: &mut Envelope,
        judged: &Judged,
    ) -> Message {
        let smtputf8 = envelope.params.smtputf8;
        Message {
            id: judged.id,
            received_at: now,
            login: peer.login.name.clone(),
            from: envelope.from.take(),
            params: std::mem::take(&mut envelope.params),
            bytes: judged.reading.message.bytes().clone(),
            trace: trace::field(peer, smtputf8, &self.0.hostname, judged.id, now),
            stream: judged.stream.clone(),
            declared: judged.declared,
            class: judged.class,
            policy_version: judged.policy_version.clone(),
            recipients: envelope.recipients.len(),
            campaign: judged.campaign,
        }
    }
}

/// What becomes of a message's recipients; the lines of all.
#[derive(Default)]
pub(super) struct Split {
    pub deliveries: Vec<Delivery>,
    pub refused: Vec<Refused>,
    pub events: Vec<Event>,
}

/// A recipient to report, the rules of the verdict with their law, and its journal line.
pub(super) struct Refused {
    recipient: Recipient,
    rules: Vec<String>,
    journal: Uuid,
}

impl Refused {
    pub(super) fn told(&self) -> Refusal<'_> {
        let rules = self.rules.join(", ");
        Refusal { recipient: &self.recipient, rules, journal: self.journal }
    }
}
