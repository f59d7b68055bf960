//! A person's word on one held delivery: released, or kept from its recipient.

use std::sync::Arc;

use jiff::Timestamp;
use policy::{Action, Language};
use serde_json::json;
use uuid::Uuid;

use super::{
    Code, Refused, Review,
    trial::{Bench, Trial, Waived, Way},
};
use crate::{
    delivery::bounce::{self, About},
    journal::{
        Event, Kind,
        reason::{self, Cause},
    },
    mistake::Wrong,
    spool::{self, Delivery, Message, Settle, Settlement},
};

/// Who says so, and why: the journal keeps it.
#[derive(Clone, Debug)]
pub struct Word {
    pub by: String,
    pub code: Code,
    pub reason: String,
    /// Who agreed to it, where two had to.
    pub second: Option<String>,
    /// The bulk that it was spoken in.
    pub bulk: Option<Uuid>,
}

/// What came of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Done {
    /// With what was waived.
    Released(Waived),
    /// Whether the sender is told.
    Rejected { is_told: bool },
    /// Decided again, it goes by itself.
    Free,
    /// Decided again, the law keeps it from the recipient; whether the sender is told.
    Forbidden { rule: String, is_told: bool },
    /// Decided again, it is held still: by this rule.
    Held { rule: String },
}

/// The sender hears of it, or does not.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Ending<'a> {
    /// A person kept it from the recipient.
    Rejected { tells: bool },
    /// Nobody decided in time.
    Expired,
    /// The law says no by now.
    Forbidden(&'a [String]),
}

impl Review {
    /// A held delivery with its message.
    pub async fn find(&self, id: Uuid) -> Result<(Message, Delivery), Refused> {
        let (message, delivery) = self.spool.show(id).await?.ok_or(Refused::Gone)?;
        match delivery.state {
            spool::State::Held => Ok((message, delivery)),
            spool::State::Ready | spool::State::Claimed => Err(Refused::NotHeld),
        }
    }

    /// What would come of it now. Writes nothing.
    pub async fn try_out(
        &self,
        now: Timestamp,
        message: Message,
        delivery: &Delivery,
    ) -> Result<Trial, Refused> {
        Bench::of(message).try_out(self, now, delivery).await
    }

    /// Waives what holds it and decides again: what no person may waive still stands in the way.
    pub async fn release(
        &self,
        now: Timestamp,
        id: Uuid,
        way: Way,
        word: &Word,
    ) -> Result<Done, Refused> {
        let (message, delivery) = self.open(now, id, &word.by).await?;
        let mut bench = Bench::of(message);
        self.release_on(now, &mut bench, &delivery, way, word).await
    }

    pub(super) async fn release_on(
        &self,
        now: Timestamp,
        bench: &mut Bench,
        delivery: &Delivery,
        way: Way,
        word: &Word,
    ) -> Result<Done, Refused> {
        let trial = bench.try_out(self, now, delivery).await?;
        let Some(waived) = trial.by(way) else {
            return Err(Refused::Stands(Box::new(trial.stands)));
        };
        if word.second.is_none() && self.wants_two(&bench.message, delivery, waived) {
            return Err(Refused::NeedsTwo);
        }
        if word.code == Code::FalsePositive {
            self.note_mistake(now, bench, delivery, word).await?;
        }
        self.let_go(now, delivery, waived, word).await?;
        Ok(Done::Released(waived.clone()))
    }

    /// Before it leaves: afterwards there is no message to learn from. Once for all its recipients.
    async fn note_mistake(
        &self,
        now: Timestamp,
        bench: &mut Bench,
        delivery: &Delivery,
        word: &Word,
    ) -> Result<(), Refused> {
        let rule = delivery.rule.clone().unwrap_or_default();
        if !bench.mistaken.insert(rule.clone()) {
            return Ok(());
        }
        let message = &bench.message;
        let business = self.business.load();
        let stream = business.stream(&message.stream);
        let wrong = Wrong {
            message: message.id,
            rule,
            controller: stream.map(|own| own.controller.id.clone()).unwrap_or_default(),
            login: message.login.clone(),
            stream: message.stream.clone(),
            campaign: message.campaign,
            took: message.class,
            is: message.declared.filter(|declared| *declared != message.class),
            by: word.by.clone(),
        };
        let case = bench.case(delivery.key);
        Ok(self.mistakes.note(now, &wrong, Some(&case)).await?)
    }

    /// Drops it, with a report to the sender in the same transaction where one is wanted.
    pub async fn reject(
        &self,
        now: Timestamp,
        id: Uuid,
        tells: bool,
        word: &Word,
    ) -> Result<Done, Refused> {
        let (message, delivery) = self.open(now, id, &word.by).await?;
        let is_told =
            self.end(now, &message, &delivery, Ending::Rejected { tells }, Some(word)).await?;
        Ok(Done::Rejected { is_told })
    }

    /// Decides as if it came now: what was said of the person since may let it go, or forbid it.
    pub async fn decide_again(&self, now: Timestamp, id: Uuid, by: &str) -> Result<Done, Refused> {
        let (message, delivery) = self.open(now, id, by).await?;
        let mut bench = Bench::of(message);
        let trial = bench.try_out(self, now, &delivery).await?;
        let rule = trial.rule.to_owned();
        match trial.explanation.action {
            Action::Send | Action::SendEdited => {
                let word = Word {
                    by: by.to_owned(),
                    code: Code::Other,
                    reason: "decided again".to_owned(),
                    second: None,
                    bulk: None,
                };
                let waived = trial.as_is.clone().unwrap_or_default();
                self.let_go(now, &delivery, &waived, &word).await?;
                Ok(Done::Free)
            }
            Action::Reject => {
                let ending = Ending::Forbidden(&trial.reasons);
                let is_told = self.end(now, &bench.message, &delivery, ending, None).await?;
                Ok(Done::Forbidden { rule, is_told })
            }
            Action::Hold => {
                let detail = json!({ "by": by, "rule": rule });
                let settlement = Settlement {
                    events: vec![event(&delivery, Kind::Held, detail, now)],
                    ..Settlement::bare(
                        delivery.id,
                        delivery.message,
                        Settle::Hold(spool::Hold::Rule(rule.clone())),
                    )
                };
                self.settled(settlement).await?;
                Ok(Done::Held { rule })
            }
            // What could not be learned says nothing about it.
            Action::Defer => Err(Refused::Stands(Box::new(trial.stands))),
        }
    }

    /// Whether one person's word is not enough.
    pub fn wants_two(&self, message: &Message, delivery: &Delivery, waived: &Waived) -> bool {
        if waived.is_nothing() {
            return false;
        }
        let business = self.business.load();
        let rules = waived.all().chain(delivery.rule.as_deref());
        business.review.wants_two(rules, message.recipients)
    }

    /// Held, and nobody else's at the moment.
    pub(super) async fn open(
        &self,
        now: Timestamp,
        id: Uuid,
        by: &str,
    ) -> Result<(Message, Delivery), Refused> {
        let found = self.find(id).await?;
        match self.lock_of(now, id).await? {
            Some(lock) if lock.by != by => Err(Refused::Locked(lock.by)),
            Some(_) | None => Ok(found),
        }
    }

    async fn let_go(
        &self,
        now: Timestamp,
        delivery: &Delivery,
        waived: &Waived,
        word: &Word,
    ) -> Result<(), Refused> {
        let waiver = (!waived.is_nothing()).then(|| waived.waiver(&word.by, &word.reason, now));
        let settle = Settle::Ready { waiver, edits: waived.edits.clone(), due_at: now };
        let mut detail = word.told();
        if let Some(fields) = detail.as_object_mut() {
            fields.insert("rules".into(), json!(waived.rules));
            if !waived.repairs.is_empty() {
                fields.insert("repairs".into(), json!(waived.repairs));
            }
        }
        let events = vec![event(delivery, Kind::Released, detail, now)];
        let bare = Settlement::bare(delivery.id, delivery.message, settle);
        self.settled(Settlement { events, ..bare }).await
    }

    /// It leaves the spool unsent; whether its sender is told.
    pub(super) async fn end(
        &self,
        now: Timestamp,
        message: &Message,
        delivery: &Delivery,
        ending: Ending<'_>,
        word: Option<&Word>,
    ) -> Result<bool, Refused> {
        let ended =
            self.end_all(now, message, std::slice::from_ref(delivery), ending, word).await?;
        // Somebody was faster.
        ended.first().copied().flatten().ok_or(Refused::NotHeld)
    }

    /// Deliveries of one message leave the spool unsent, and one report tells their sender of all. For
    /// each whether he is told; `None`: somebody was faster.
    pub(super) async fn end_all(
        &self,
        now: Timestamp,
        message: &Message,
        deliveries: &[Delivery],
        ending: Ending<'_>,
        word: Option<&Word>,
    ) -> Result<Vec<Option<bool>>, Refused> {
        let business = self.business.load();
        let stream = business.stream(&message.stream);
        let language = stream.map_or(Language::English, |stream| stream.controller.language);
        let ends: Vec<(Kind, About<'_>)> =
            deliveries.iter().map(|one| about(one, ending, word)).collect();
        let tells = !matches!(ending, Ending::Rejected { tells: false });
        let report = |of: &[About<'_>]| {
            tells.then(|| self.reporter.report(now, message, of, language)).flatten()
        };
        let all: Vec<About<'_>> = ends.iter().map(|(_, about)| about.clone()).collect();
        let mut brings = report(&all);
        let is_told = brings.is_some();
        let mut told = Vec::with_capacity(deliveries.len());
        let mut settlements = Vec::with_capacity(deliveries.len());
        for (delivery, (kind, about)) in deliveries.iter().zip(&ends) {
            let hears = is_told && about.recipient.notify.failure;
            let detail = detail(delivery, ending, word, hears);
            let bare = Settlement::bare(delivery.id, delivery.message, Settle::Done);
            let events = vec![event(delivery, *kind, detail, now)];
            settlements.push(Settlement { events, brings: brings.take(), ..bare });
            told.push(hears);
        }
        let applied = self.spool.settle_all_held(settlements).await?;
        if applied.first() == Some(&false) {
            // What would have brought the report did not apply: the others are still to be told of.
            let ended = all.into_iter().zip(&applied).filter(|(_, applied)| **applied);
            let ended: Vec<About<'_>> = ended.map(|(about, _)| about).collect();
            if let Some((report, to)) = report(&ended) {
                self.spool.keep(Arc::new(report), to, Vec::new()).await?;
            }
        }
        Ok(told.into_iter().zip(applied).map(|(hears, applied)| applied.then_some(hears)).collect())
    }

    async fn settled(&self, settlement: Settlement) -> Result<(), Refused> {
        // Somebody was faster.
        if self.spool.settle_held(settlement).await? { Ok(()) } else { Err(Refused::NotHeld) }
    }
}

/// How one ends, for the journal and for its sender.
fn about<'d>(delivery: &'d Delivery, ending: Ending<'_>, word: Option<&Word>) -> (Kind, About<'d>) {
    let held_by = delivery.rule.as_deref().or(delivery.last.as_deref()).unwrap_or("policy");
    let reason = match &ending {
        Ending::Forbidden(reasons) => reasons.first().cloned(),
        Ending::Rejected { .. } | Ending::Expired => {
            let unedited = || Some(reason::split(delivery.last.as_deref()?)?.0.to_owned());
            delivery.rule.clone().or_else(unedited)
        }
    };
    let (kind, status, text) = match (ending, word) {
        (Ending::Rejected { .. }, Some(word)) if word.code != Code::Other => {
            let code = word.code.as_str();
            let text = format!("rejected by a person ({code}); held by {held_by}");
            (Kind::Rejected, "5.7.1", text)
        }
        (Ending::Rejected { .. }, _) => {
            (Kind::Rejected, "5.7.1", format!("rejected by a person; held by {held_by}"))
        }
        (Ending::Expired, _) => {
            (Kind::Expired, "5.4.7", format!("nobody released it in time; held by {held_by}"))
        }
        (Ending::Forbidden(reasons), _) => (Kind::Suppressed, "5.7.1", reasons.join(", ")),
    };
    let about = About {
        recipient: &delivery.recipient,
        action: bounce::Action::Failed,
        status: status.to_owned(),
        reason: reason.unwrap_or_default(),
        text,
        remote: None,
        until: None,
    };
    (kind, about)
}

/// The same, all of it.
fn detail(
    delivery: &Delivery,
    ending: Ending<'_>,
    word: Option<&Word>,
    is_told: bool,
) -> serde_json::Value {
    let mut detail = word.map_or_else(|| json!({}), Word::told);
    if let Some(fields) = detail.as_object_mut() {
        fields.insert("rule".into(), json!(delivery.rule));
        fields.insert("told".into(), json!(is_told));
        match ending {
            Ending::Rejected { .. } => {}
            Ending::Expired => {
                fields.insert("reason".into(), json!(Cause::Expired.as_str()));
            }
            Ending::Forbidden(reasons) => {
                fields.insert("rules".into(), json!(reasons));
            }
        }
    }
    detail
}

impl Word {
    /// For the journal.
    fn told(&self) -> serde_json::Value {
        let mut told = json!({ "by": self.by, "code": self.code.as_str(), "reason": self.reason });
        if let Some(fields) = told.as_object_mut() {
            fields.extend(self.second.as_ref().map(|second| ("second".to_owned(), json!(second))));
            fields.extend(self.bulk.map(|bulk| ("bulk".to_owned(), json!(bulk))));
        }
        told
    }
}

fn event(delivery: &Delivery, kind: Kind, detail: serde_json::Value, now: Timestamp) -> Event {
    Event {
        id: Uuid::now_v7(),
        at: now,
        kind,
        message: Some(delivery.message),
        delivery: Some(delivery.id),
        recipient: Some(delivery.key),
        detail: detail.into(),
    }
}
