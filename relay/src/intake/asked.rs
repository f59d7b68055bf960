//! A mail server asks about a message that it keeps (milter): what it is to do with it.
//!
//! Judged as any other message, and in the journal before it is answered. Nothing is kept here: what
//! goes, goes through the server's own queue, and what is held lies there.

use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use uuid::Uuid;

use super::{
    Intake, Judged, Learned, Peer,
    keep::{One, Split},
    plan::{self, Fate},
    reply,
};
use crate::{
    db::Unavailable,
    delivery::{Handed, Rendered},
    smtp::{envelope::Envelope, reply::Reply},
    spool::{Left, Message, State},
};

/// What the mail server is to do.
#[derive(Clone, Debug)]
pub enum Bidding {
    /// Send it on to all but those dropped (places in the envelope); `Some`: with these bytes.
    Go { bytes: Option<Bytes>, dropped: Vec<usize> },
    /// Keep it from everybody until a person has looked at it; `rule` says why.
    Quarantine { rule: String, dropped: Vec<usize> },
    /// Take it, and send it to nobody: a report tells the sender.
    Discard,
    /// Tell its client so.
    Reply(Reply),
}

impl Intake {
    /// The end of a message that the server keeps. `learned` is of the same transaction's
    /// [`Intake::recipients`].
    pub async fn asked(
        &self,
        now: Timestamp,
        peer: &Peer,
        mut envelope: Envelope,
        bytes: Bytes,
        learned: Learned,
    ) -> Bidding {
        let (mut judged, fates) = match self.decided(now, peer, &envelope, bytes, learned).await {
            Ok(judged) => judged,
            Err(refusal) => return Bidding::Reply(refusal),
        };
        let said = plan::replies(judged.id, &judged.verdicts, &fates, false).pop();
        let said = said.filter(|reply| !reply.is_positive());
        let mut message = self.message_of(now, peer, &mut envelope, &judged);
        // The server writes its own.
        message.trace = String::new();
        let ones = judged.ones(&mut envelope, &fates);
        let told = match said {
            Some(reply) => self
                .note(now, &message, &judged, ones, Vec::new())
                .await
                .map(|()| Bidding::Reply(reply)),
            None => self.tell(now, message, judged, ones).await,
        };
        told.unwrap_or_else(|_unavailable| Bidding::Reply(reply::unavailable()))
    }

    /// Where somebody at least may have it, or nobody is told but by a report.
    async fn tell(
        &self,
        now: Timestamp,
        message: Message,
        mut judged: Judged,
        mut ones: Vec<One>,
    ) -> Result<Bidding, Unavailable> {
        let message = Arc::new(message);
        let dropped: Vec<usize> = places(&ones, |fate| fate == Fate::Report);
        if dropped.len() == ones.len() {
            return self
                .note(now, &message, &judged, ones, Vec::new())
                .await
                .map(|()| Bidding::Discard);
        }
        if let Some(rule) = held(&ones) {
            // The server has one place for a message, whoever it is for.
            all(&mut ones, Fate::Hold);
            self.note(now, &message, &judged, ones, Vec::new()).await?;
            return Ok(Bidding::Quarantine { rule, dropped });
        }
        let mut deliveries = Vec::with_capacity(ones.len());
        for one in ones.iter_mut().filter(|one| one.fate == Fate::Send) {
            deliveries.extend(self.delivery(now, &message, one, State::Claimed));
        }
        let (reading, decider) = (Arc::clone(&judged.reading), std::mem::take(&mut judged.decider));
        let forward = None;
        let handed =
            Handed { message: Arc::clone(&message), reading, decider, deliveries, forward };
        let (fate, left, told) = match self.0.at_once.render(now, handed).await {
            Rendered::Same { head, body, left } => {
                let same = head.is_empty() && body == message.bytes;
                let bytes = (!same).then(|| Bytes::from([head, body].concat()));
                (Fate::Pass, left, Bidding::Go { bytes, dropped })
            }
            Rendered::Apart => {
                let reply = reply::links_are_personal(message.id);
                (Fate::Refuse, Vec::new(), Bidding::Reply(reply))
            }
            Rendered::Later => {
                let reply = reply::not_decided(message.id);
                (Fate::Defer, Vec::new(), Bidding::Reply(reply))
            }
            Rendered::Held => {
                let rule = "repair-impossible".to_owned();
                (Fate::Hold, Vec::new(), Bidding::Quarantine { rule, dropped })
            }
        };
        all(&mut ones, fate);
        if matches!(told, Bidding::Reply(_)) {
            // Its client hears it: nobody is told by a report.
            ones.iter_mut().for_each(|one| one.fate = fate);
        }
        self.note(now, &message, &judged, ones, left).await?;
        Ok(told)
    }

    /// The lines of all, what is counted, and the report of those who are dropped.
    async fn note(
        &self,
        now: Timestamp,
        message: &Message,
        judged: &Judged,
        ones: Vec<One>,
        left: Vec<(Uuid, Left)>,
    ) -> Result<(), Unavailable> {
        let Split { refused, events, .. } = self.split(now, message, ones, State::Held);
        let refusals: Vec<_> = refused.iter().map(super::keep::Refused::told).collect();
        let language = judged.language;
        match self.0.reporter.policy_report(now, message, &refusals, language) {
            None => self.0.spool.passed(events, left).await,
            Some(report) => {
                self.0.spool.keep_reporting(None, report, events).await?;
                self.0.spool.passed(Vec::new(), left).await
            }
        }
    }
}

/// The rule that asks for a person.
fn held(ones: &[One]) -> Option<String> {
    let one = ones.iter().find(|one| one.fate == Fate::Hold)?;
    Some(one.verdict.rule_id().to_owned())
}

/// Of those who were to have it.
fn all(ones: &mut [One], fate: Fate) {
    let lawful = ones.iter_mut().filter(|one| matches!(one.fate, Fate::Send | Fate::Hold));
    lawful.for_each(|one| one.fate = fate);
}

fn places(ones: &[One], which: impl Fn(Fate) -> bool) -> Vec<usize> {
    ones.iter().enumerate().filter(|(_, one)| which(one.fate)).map(|(at, _)| at).collect()
}
