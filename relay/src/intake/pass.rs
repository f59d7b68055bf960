//! Proxy mode: the next hop is asked while the client waits, and its reply is the client's.
//!
//! The verdict is in the journal before anything is sent. Where one reply has to do for several
//! recipients, what cannot be said in it is done otherwise: a report tells of those whom the next hop
//! refused, and whom it puts off is queued, once another one has the message already.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;

use super::{Intake, Judged, keep::One, plan::Fate, reply};
use crate::{
    db::Unavailable,
    delivery::{Became, Handed, Heading, Passed},
    journal::Taken,
    smtp::{reply::Reply, xforward::Attributes},
    spool::{Message, State},
};

/// What becomes of the whole message once the next hop has answered.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Whole {
    /// Each recipient has a reply of its own (PRDR).
    Each,
    /// It is taken: what the one reply cannot say is reported or queued.
    Taken,
    /// Nobody has it and nothing is kept: this one's reply is for all.
    Nothing(usize),
}

impl Intake {
    /// Whether a next hop is to be asked while the client waits.
    pub(super) fn is_proxied(&self, message: &Message, ones: &[One]) -> bool {
        ones.iter().any(|one| self.hop(message, one).is_some())
    }

    fn hop(&self, message: &Message, one: &One) -> Option<Heading> {
        let hop = || self.0.at_once.hop(message, &one.recipient.path);
        // What is kept back waits in the queue.
        (one.fate == Fate::Send && message.params.hold.is_none()).then(hop).flatten()
    }

    /// `forward`: whose message it is; `replies`: what would be said if all were queued.
    pub(super) async fn pass(
        &self,
        now: Timestamp,
        message: Arc<Message>,
        forward: Arc<Attributes>,
        mut judged: Judged,
        (ones, mut replies): (Vec<One>, Vec<Reply>),
    ) -> Result<Vec<Reply>, Unavailable> {
        let prdr = message.params.prdr;
        let (asked, mut others) = self.ask(now, &message, &forward, &mut judged, ones).await?;
        let (places, passed): (Vec<usize>, Vec<Passed>) = asked.into_iter().unzip();
        let keeps = |one: &One| matches!(one.fate, Fate::Send | Fate::Hold);
        let whole = whole(passed.iter().map(|one| one.became), others.iter().any(keeps), prdr);
        match whole {
            Whole::Each => {
                for (place, passed) in places.iter().zip(&passed) {
                    let said = if passed.became == Became::Held {
                        reply::accepted(message.id, true)
                    } else {
                        passed.reply.clone()
                    };
                    replies.get_mut(*place).into_iter().for_each(|own| *own = said.clone());
                }
                // The last is the one for all.
                replies.pop();
                let all = replies.iter().find(|reply| reply.is_positive()).or(replies.first());
                replies.extend(all.cloned());
            }
            Whole::Taken => {
                let taken = passed.iter().find(|one| one.became == Became::Taken);
                let said = taken.map(|one| one.reply.clone());
                let held = others.iter().all(|one| one.fate != Fate::Send);
                replies = vec![said.unwrap_or_else(|| reply::accepted(message.id, held))];
            }
            Whole::Nothing(at) => {
                let said = passed.get(at).map(|one| one.reply.clone());
                let said = said.unwrap_or_else(reply::unavailable);
                let fate = if said.code >= 500 { Fate::Refuse } else { Fate::Defer };
                others.iter_mut().for_each(|one| one.fate = fate);
                replies = vec![said];
            }
        }
        self.settle(now, message, judged, (whole, passed), others).await?;
        Ok(replies)
    }

    /// Asks each next hop, with the verdicts in the journal before. Gives who was asked, with their
    /// places in the envelope, and the others.
    async fn ask(
        &self,
        now: Timestamp,
        message: &Arc<Message>,
        forward: &Arc<Attributes>,
        judged: &mut Judged,
        ones: Vec<One>,
    ) -> Result<(Vec<(usize, Passed)>, Vec<One>), Unavailable> {
        let (mut hops, mut others, mut events) = (BTreeMap::new(), Vec::new(), Vec::new());
        for (place, mut one) in ones.into_iter().enumerate() {
            let asked = self.hop(message, &one).and_then(|hop| {
                Some((hop, self.delivery(now, message, &mut one, State::Claimed)?))
            });
            let Some((hop, delivery)) = asked else {
                others.push(one);
                continue;
            };
            one.event.detail.note(Taken::FIELD, Fate::Pass.taken().as_str());
            events.push(one.event);
            let (places, deliveries): &mut (Vec<_>, Vec<_>) = hops.entry(hop).or_default();
            places.push(place);
            deliveries.push(delivery);
        }
        self.0.spool.note(events).await?;
        let (mut asked, mut lines, mut left) = (Vec::new(), Vec::new(), Vec::new());
        for (hop, (places, deliveries)) in hops {
            let (message, reading) = (Arc::clone(message), Arc::clone(&judged.reading));
            let decider = std::mem::take(&mut judged.decider);
            let forward = Some(Arc::clone(forward));
            let handed = Handed { message, reading, decider, deliveries, forward };
            for (place, passed) in places.into_iter().zip(self.0.at_once.pass(&hop, handed).await) {
                lines.push(passed.event.clone());
                left.extend(passed.left.clone().map(|left| (passed.delivery.id, left)));
                asked.push((place, passed));
            }
        }
        if let Err(fault) = self.0.spool.passed(lines, left).await {
            // The next hop has the message all the same: to refuse it now would send it twice.
            tracing::error!(%fault, "what a next hop answered is not in the journal");
        }
        asked.sort_by_key(|(place, _)| *place);
        Ok((asked, others))
    }

    /// Keeps what is to be kept after the next hop's word.
    async fn settle(
        &self,
        now: Timestamp,
        message: Arc<Message>,
        judged: Judged,
        (whole, passed): (Whole, Vec<Passed>),
        others: Vec<One>,
    ) -> Result<(), Unavailable> {
        if whole == Whole::Taken {
            let refused = passed.iter().filter(|one| one.became == Became::Refused);
            let report = self.0.at_once.report(now, &message, &refused.collect::<Vec<_>>());
            if let Some((report, to)) = report {
                self.0.spool.keep(Arc::new(report), to, Vec::new()).await?;
            }
        }
        let nothing = matches!(whole, Whole::Nothing(_));
        let kept = passed.into_iter().filter_map(|one| match (one.became, whole) {
            (Became::Held, _) if !nothing => Some(one.delivery),
            (Became::Later, Whole::Taken) => Some(self.0.at_once.queued(now, &message, one)),
            _ => None,
        });
        let kept = kept.collect();
        self.keep(now, message, judged, others, kept).await
    }
}

/// `keeps`: the message is kept for somebody besides.
fn whole(became: impl Iterator<Item = Became>, keeps: bool, prdr: bool) -> Whole {
    let became: Vec<Became> = became.collect();
    let at = |what| became.iter().position(|own| *own == what);
    match (at(Became::Taken), at(Became::Later), at(Became::Held), at(Became::Refused)) {
        _ if prdr => Whole::Each,
        (Some(_), ..) => Whole::Taken,
        // The client comes again for all: nothing may be sent or held twice.
        (None, Some(later), ..) => Whole::Nothing(later),
        (None, None, None, Some(refused)) if !keeps => Whole::Nothing(refused),
        (None, None, ..) => Whole::Taken,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_reply_for_all_neither_loses_nor_doubles() {
        use Became::{Held, Later, Refused, Taken};
        for (became, keeps, expected) in [
            (vec![Taken], false, Whole::Taken),
            (vec![Refused, Taken, Later], true, Whole::Taken),
            (vec![Refused, Later], true, Whole::Nothing(1)),
            (vec![Held, Later], false, Whole::Nothing(1)),
            (vec![Refused, Refused], false, Whole::Nothing(0)),
            (vec![Refused], true, Whole::Taken),
            (vec![Refused, Held], false, Whole::Taken),
        ] {
            let told = format!("{became:?} {keeps}");
            assert_eq!(whole(became.iter().copied(), keeps, false), expected, "{told}");
            assert_eq!(whole(became.into_iter(), keeps, true), Whole::Each, "{told}");
        }
    }
}
