//! RCPT TO: what the address alone decides, before there is a message (architecture 7).

use std::sync::LazyLock;

use bytes::Bytes;
use jiff::Timestamp;
use policy::{Action, Address, Class, Known, Reading};

use super::{Intake, Peer, address_of, learned::Learned, reply};
use crate::{
    config::{Business, Refusals},
    consent::Record,
    facts::Case,
    journal::{Detail, Event, Taken},
    smtp::{
        envelope::{Envelope, Recipient},
        reply::Reply,
    },
};

impl Intake {
    /// One reply for each recipient that was pipelined. Where login and MAIL FROM make the stream
    /// certain and it is commercial, who may not get it is refused here; otherwise after DATA.
    pub async fn recipients(
        &self,
        now: Timestamp,
        peer: &Peer,
        envelope: &Envelope,
        asked: &[Recipient],
        learned: &mut Learned,
    ) -> Vec<Reply> {
        let addresses: Vec<Option<Address>> =
            asked.iter().map(|recipient| address_of(&recipient.path)).collect();
        let business = self.0.business.load_full();
        let Some(case) = early_case(&business, peer, envelope) else {
            return addresses.iter().map(valid).collect();
        };
        let known: Vec<Address> = addresses.iter().flatten().cloned().collect();
        let counted = case.counts_for_all();
        let Ok(records) = self.0.lookup.records(&case.stream.controller.id, &known, counted).await
        else {
            return vec![reply::unavailable(); asked.len()];
        };
        let mut found = records.iter();
        let mut events = Vec::new();
        let mut replies = Vec::with_capacity(asked.len());
        for address in &addresses {
            let reply = match address.as_ref().zip(address.as_ref().and_then(|_| found.next())) {
                None => valid(address),
                Some((address, record)) => {
                    self.decide_early(now, peer, &case, address, record, &mut events)
                }
            };
            replies.push(reply);
        }
        // Whoever is refused here is never seen again: it must be in the journal first.
        if !events.is_empty() && self.0.spool.note(events).await.is_err() {
            return vec![reply::unavailable(); asked.len()];
        }
        learned.add(now, &case.stream.controller.id, counted, known.into_iter().zip(records));
        replies
    }

    fn decide_early(
        &self,
        now: Timestamp,
        peer: &Peer,
        case: &Case<'_>,
        address: &Address,
        record: &Record,
        events: &mut Vec<Event>,
    ) -> Reply {
        let packs = case.packs(now, address, Some(record));
        let facts = case.facts(now, address, Known::Is(record), &packs, None);
        let policy = &case.business.policy;
        let verdict = policy::decide_recipient(policy, &facts);
        if verdict.action < Action::Reject {
            return reply::recipient_ok();
        }
        let mut event = self.event(now, None, &case.stream.controller.id, address);
        event.detail = Detail::Text(policy::journal_detail(&policy.version, &facts, &verdict));
        event.detail.note("login", &peer.login.name);
        event.detail.note(Taken::FIELD, Taken::RefusedEarly.as_str());
        let reply = reply::refused(&verdict, event.id);
        events.push(event);
        reply
    }
}

/// The case that the envelope alone makes, where it makes one; a login that suppresses never
/// hears of a refusal here.
fn early_case<'a>(business: &'a Business, peer: &Peer, envelope: &Envelope) -> Option<Case<'a>> {
    let from = envelope.from.as_ref().filter(|_| peer.login.refusals == Refusals::Reply)?;
    let stream = business
        .stream_by_envelope(&peer.login.name, &from.to_mailbox_string())
        .filter(|stream| stream.class.is_some_and(Class::is_commercial))?;
    Some(Case::new(business, stream, &NOTHING, None, 1))
}

/// The message that is not there yet.
static NOTHING: LazyLock<Reading> = LazyLock::new(|| Reading::of(Bytes::new()));

fn valid(address: &Option<Address>) -> Reply {
    match address {
        Some(_) => reply::recipient_ok(),
        None => reply::recipient_not_valid(),
    }
}
