//! Right before the bytes leave: decide again with fresh facts, render, convert, sign.
//!
//! A verdict that became stricter keeps the message here; one that became milder or asks for other
//! edits counts too, for it is the newest (promise 3). Reads the consent store once for all that
//! is prepared together, and changes nothing: what comes of it is returned.

use std::{collections::BTreeMap, sync::Arc};

use arc_swap::ArcSwap;
use jiff::Timestamp;
use policy::{
    Action, Address, CannotEdit, Class, Decider, Edit, Known, Outcome, Reading, Stream, Verdict,
};
use serde_json::{Value, json};

use super::{
    convert,
    render::is_personal,
    return_path::{self, Back},
    signed::{Chains, signing_domain},
    turns::{Given, Taken},
};
use crate::{
    config::Business,
    consent::{Answer, Lookup, Record, link::Maker},
    facts::{Case, STORE_SILENT},
    journal::{
        Detail,
        reason::{Cause, no_edit},
    },
    seal::{self, AddressKey},
    sign::{Chain, Signer},
    smtp::{
        client::{Capabilities, Transaction, mailbox},
        envelope::{MailParams, Recipient},
    },
    spool::{Counted, Delivery, Message, Slot, Turns},
};

/// One message to some recipients over one next hop, not yet decided on again.
#[derive(Debug)]
pub struct Work {
    pub message: Arc<Message>,
    pub reading: Option<Arc<Reading>>,
    pub decider: Decider,
    pub deliveries: Vec<Delivery>,
    pub slot: Arc<Slot>,
    /// How often it came back because a connection ended under it.
    pub returned: u32,
    /// Its ARC chain as it came, once it was looked at.
    pub chain: Option<Chain>,
}

/// What is needed to decide and to render; cheap to clone.
#[derive(Clone, Debug)]
pub struct Desk {
    pub lookup: Lookup,
    pub business: Arc<ArcSwap<Business>>,
    pub signer: Arc<Signer>,
    /// `None`: nothing is sealed.
    pub chains: Option<Chains>,
    /// `None` where no public address is configured: no links can be made.
    pub links: Option<Maker>,
    /// `None`: reports go to the senders' own addresses.
    pub back: Option<Back>,
    pub recipients_max: usize,
    /// Who gets a counted message just now.
    pub turns: Turns,
}

/// The same bytes for some recipients, ready to be sent.
#[derive(Debug)]
pub struct Parcel {
    pub message: Arc<Message>,
    pub reading: Option<Arc<Reading>>,
    pub deliveries: Vec<Delivery>,
    /// Taken when it is sent.
    pub transaction: Option<Transaction>,
    /// SHA-256 of all octets of the message as sent.
    pub digest: [u8; 32],
    pub slot: Arc<Slot>,
    pub returned: u32,
}

/// Why a delivery does not leave now.
#[derive(Clone, Debug)]
pub enum Stays {
    /// Not now; with the id of a text that says more, where there is one.
    Later(Cause, &'static str),
    Hold {
        rule: String,
        verdict: Detail,
    },
    /// It may leave with its edits only, and they cannot be made: for a person.
    Unedited(CannotEdit),
    /// The law, or the recipient, says no by now. With the rules and their law.
    Refused {
        rules: Vec<String>,
        verdict: Detail,
    },
    /// It cannot be sent in a form that the peer takes.
    Bounce {
        status: [u16; 3],
        cause: Cause,
    },
}

/// What comes of one piece of work: parcels to send and deliveries that stay.
#[derive(Debug, Default)]
pub struct Prepared {
    pub parcels: Vec<Parcel>,
    pub staying: Vec<Staying>,
}

/// Deliveries of one message that do not leave now.
#[derive(Debug)]
pub struct Staying {
    pub message: Arc<Message>,
    pub deliveries: Vec<(Delivery, Stays)>,
    pub slot: Arc<Slot>,
}

impl Prepared {
    fn stays(&mut self, work: &Work, delivery: Delivery, stays: Stays) {
        match self.staying.last_mut().filter(|last| last.message.id == work.message.id) {
            Some(last) => last.deliveries.push((delivery, stays)),
            None => self.staying.push(Staying {
                message: work.message.clone(),
                deliveries: vec![(delivery, stays)],
                slot: work.slot.clone(),
            }),
        }
    }
}

type Records = BTreeMap<AddressKey, Record>;

/// The policy in force, and what the consent store said under it.
struct Looked {
    business: Arc<Business>,
    /// `None` where it did not answer: nothing is known then.
    records: Option<Records>,
}

impl Desk {
    /// Prepares all of it with one look into the consent store; another one for those of whom the
    /// first look says that messages to them are counted.
    pub async fn prepare(
        &self,
        now: Timestamp,
        mut work: Vec<Work>,
        peer: &Capabilities,
    ) -> Prepared {
        let mut prepared = Prepared::default();
        let business = self.business.load_full();
        for one in &mut work {
            self.find_anew(&business, one);
        }
        self.validate_chains(&mut work).await;
        if let Some(back) = &self.back {
            back.learn(now, work.iter().filter_map(|one| one.message.from.as_ref())).await;
        }
        let surely = keys(work.iter().filter(|one| counts_for_all(&business, one)));
        let counted = self.prepare_all(now, (&business, surely), work, peer, &mut prepared).await;
        if !counted.is_empty() {
            let surely = keys(counted.iter());
            self.prepare_all(now, (&business, surely), counted, peer, &mut prepared).await;
        }
        prepared
    }

    /// A stream may have another controller by now, who finds the recipients under other keys.
    fn find_anew(&self, business: &Business, work: &mut Work) {
        let Some(stream) = business.stream(&work.message.stream) else { return };
        for delivery in &mut work.deliveries {
            if let Ok(address) = Address::parse(&mailbox(&delivery.recipient.path)) {
                delivery.key = self.lookup.key(&stream.controller.id, &address);
            }
        }
    }

    /// Takes the turns of `surely`, looks, decides. What turns out to be counted without a turn is
    /// given back.
    async fn prepare_all(
        &self,
        now: Timestamp,
        (business, surely): (&Arc<Business>, Vec<AddressKey>),
        work: Vec<Work>,
        peer: &Capabilities,
        prepared: &mut Prepared,
    ) -> Vec<Work> {
        let mut turns = Taken::of(&self.turns, surely).await;
        let records = self.records(business, &work).await;
        let looked = Looked { business: business.clone(), records };
        let counted = work
            .into_iter()
            .filter_map(|one| self.prepare_one(now, &looked, &mut turns, one, peer, prepared));
        counted.collect()
    }

    /// `None` where the store did not answer. Addresses are read where there are lists of digests
    /// and nowhere else.
    async fn records(&self, business: &Business, work: &[Work]) -> Option<Records> {
        let (mut people, mut counted) = (BTreeMap::new(), false);
        for one in work {
            if let Some(stream) = business.stream(&one.message.stream) {
                let asks = one.message.class == Class::ReconsentRequest;
                counted |= asks || business.caps(stream);
                let whose = &stream.controller.id;
                let each = one.deliveries.iter();
                people.extend(each.map(|one| (one.key, (whose, &one.recipient.path))));
            }
        }
        let keys = || people.keys().copied();
        let Answer { records, lists } = self.lookup.answer(keys().collect(), counted).await.ok()?;
        let mut records: Records = keys().zip(records).collect();
        for list in &lists {
            let theirs = people.iter().filter(|(_, (whose, _))| *whose == list);
            let named = theirs
                .filter_map(|(key, (_, path))| Some((*key, Address::parse(&mailbox(path)).ok()?)));
            let (keys, addresses): (Vec<AddressKey>, Vec<Address>) = named.unzip();
            for (at, refusal) in self.lookup.listed(list, &addresses).await.ok()? {
                let record = keys.get(at).and_then(|key| records.get_mut(key));
                record.into_iter().for_each(|record| record.refuse(refusal.clone()));
            }
        }
        Some(records)
    }

    fn prepare_one(
        &self,
        now: Timestamp,
        looked: &Looked,
        turns: &mut Taken,
        mut work: Work,
        peer: &Capabilities,
        prepared: &mut Prepared,
    ) -> Option<Work> {
        let deliveries = std::mem::take(&mut work.deliveries);
        let mut go: Vec<(Delivery, Vec<Edit>)> = Vec::new();
        if work.message.stream.is_empty() {
            // The relay's own reports: nothing to decide.
            go.extend(deliveries.into_iter().map(|delivery| (delivery, Vec::new())));
            self.render_all(now, None, &work, go, peer, prepared);
            return None;
        }
        let Some(stream) = looked.business.stream(&work.message.stream).cloned() else {
            for delivery in deliveries {
                prepared.stays(&work, delivery, Stays::Later(Cause::StreamUnknown, ""));
            }
            return None;
        };
        let bytes = work.message.bytes.clone();
        let reading = work.reading.get_or_insert_with(|| Arc::new(Reading::of(bytes))).clone();
        let mut turnless = Vec::new();
        for delivery in deliveries {
            let asked = Asked { now, looked, stream: &stream, delivery: &delivery };
            match self.decide(&asked, &work.message, &reading, &mut work.decider) {
                Ok((edits, None)) => go.push((delivery, edits)),
                Ok((edits, Some(class))) => match turns.give(delivery.key) {
                    Given::Turn(turn) => {
                        let purpose = stream.purpose.clone();
                        let counted = Some(Arc::new(Counted { purpose, class, turn }));
                        go.push((Delivery { counted, ..delivery }, edits));
                    }
                    Given::NotAsked => turnless.push(delivery),
                    Given::Later(cause) => {
                        prepared.stays(&work, delivery, Stays::Later(cause, ""));
                    }
                },
                Err(stays) => prepared.stays(&work, delivery, stays),
            }
        }
        self.render_all(now, Some((&stream, &reading)), &work, go, peer, prepared);
        (!turnless.is_empty()).then_some(Work { deliveries: turnless, ..work })
    }

    /// The edits to make, and as what it is counted, if it is.
    fn decide(
        &self,
        asked: &Asked<'_>,
        message: &Message,
        reading: &Reading,
        decider: &mut Decider,
    ) -> Result<(Vec<Edit>, Option<Class>), Stays> {
        let Asked { now, looked, stream, delivery } = *asked;
        let business = &*looked.business;
        let to = mailbox(&delivery.recipient.path);
        let Ok(recipient) = Address::parse(&to) else {
            return Err(Stays::Bounce { status: [5, 1, 3], cause: Cause::RecipientNotValid });
        };
        let signs = signing_domain(reading).is_some_and(|domain| self.signer.has(&domain));
        let case = Case::new(business, stream, reading, message.declared, message.recipients)
            .with(signs, self.links.is_some());
        let nobody = Record::default();
        let records = looked.records.as_ref();
        let record = records.map(|records| records.get(&delivery.key).unwrap_or(&nobody));
        let packs = case.packs(now, &recipient, record);
        let known = record.map_or(Known::Not(STORE_SILENT), Known::Is);
        let facts = case.facts(now, &recipient, known, &packs, delivery.waiver.as_ref());
        let verdict = decider.verdict(&business.policy, &facts);
        let told =
            || Detail::Text(policy::journal_detail(&business.policy.version, &facts, &verdict));
        match verdict.action {
            Action::Send | Action::SendEdited => {
                let counted = case.counts(&facts).then_some(case.class);
                Ok((verdict.edits, counted))
            }
            Action::Defer => Err(Stays::Later(Cause::FactMissing, missing(&verdict))),
            Action::Hold => {
                let rule = verdict.rule_id().to_owned();
                Err(Stays::Hold { rule, verdict: told() })
            }
            Action::Reject => {
                let rules = policy::reasons(&facts, &verdict);
                Err(Stays::Refused { rules, verdict: told() })
            }
        }
    }

    /// Recipients who get the same bytes share a parcel.
    fn render_all(
        &self,
        now: Timestamp,
        about: Option<(&Arc<Stream>, &Arc<Reading>)>,
        work: &Work,
        go: Vec<(Delivery, Vec<Edit>)>,
        peer: &Capabilities,
        prepared: &mut Prepared,
    ) {
        let most = peer.recipients_max.unwrap_or(usize::MAX).min(self.recipients_max).max(1);
        let mut groups: Vec<(Vec<Edit>, Vec<Delivery>)> = Vec::new();
        for (delivery, edits) in go {
            let shared = groups.iter_mut().find(|(other, list)| {
                list.len() < most && *other == edits && !edits.iter().any(is_personal)
            });
            match shared {
                Some((_, list)) => list.push(delivery),
                None => groups.push((edits, vec![delivery])),
            }
        }
        for (edits, deliveries) in groups {
            match self.parcel(now, about, work, &edits, &deliveries, peer) {
                Ok((transaction, digest)) => prepared.parcels.push(Parcel {
                    message: work.message.clone(),
                    reading: work.reading.clone(),
                    deliveries,
                    transaction: Some(transaction),
                    digest,
                    slot: work.slot.clone(),
                    returned: work.returned,
                }),
                Err(stays) => {
                    for delivery in deliveries {
                        prepared.stays(work, delivery, stays.clone());
                    }
                }
            }
        }
    }

    fn parcel(
        &self,
        now: Timestamp,
        about: Option<(&Arc<Stream>, &Arc<Reading>)>,
        work: &Work,
        edits: &[Edit],
        deliveries: &[Delivery],
        peer: &Capabilities,
    ) -> Result<(Transaction, [u8; 32]), Stays> {
        let message = &work.message;
        let mut recipients: Vec<Recipient> =
            deliveries.iter().map(|delivery| delivery.recipient.clone()).collect();
        let mut bytes = message.bytes.clone();
        if let (Some((stream, reading)), false) = (about, edits.is_empty()) {
            let key = deliveries.first().map(|delivery| delivery.key);
            bytes = self.rendered(now, stream, reading, message, edits, key)?;
        }
        let mut params = MailParams { size: None, ..message.params.clone() };
        let own = about.map(|(stream, _)| stream.controller.domains.as_slice()).unwrap_or_default();
        let mut from = return_path::of(message, own, deliveries, self.back.as_ref());
        if let Some(converted) =
            convert::for_peer(&mut params, &mut from, &mut recipients, &bytes, peer)
                .map_err(|cannot| Stays::Bounce { status: cannot.status, cause: cannot.cause })?
        {
            bytes = converted;
        }
        if let Some(marked) = about.and_then(|(_, of)| self.marked(message, of, deliveries, &bytes))
        {
            bytes = marked;
        }
        let mut head = message.trace.clone().into_bytes();
        head.extend(match about {
            Some((_, reading)) => self.signatures(now, reading, work.chain, &bytes)?,
            // The relay's own, in a controller's name or in its own.
            None => self.signatures(now, &Reading::of(message.bytes.clone()), None, &bytes)?,
        });
        let mut digest = seal::Digest::new();
        digest.update(&head);
        digest.update(&bytes);
        let (head, forward) = (head.into(), None);
        let transaction = Transaction { from, params, recipients, head, body: bytes, forward };
        Ok((transaction, digest.finish()))
    }
}

/// Whether what goes to anybody is counted, as far as intake's class and policy.toml say.
fn counts_for_all(business: &Business, work: &Work) -> bool {
    work.message.class == Class::ReconsentRequest
        || (work.message.class.is_commercial()
            && business.stream(&work.message.stream).is_some_and(|stream| business.caps(stream)))
}

fn keys<'w>(work: impl Iterator<Item = &'w Work>) -> Vec<AddressKey> {
    work.flat_map(|one| one.deliveries.iter().map(|delivery| delivery.key)).collect()
}

/// One question to policy.
struct Asked<'a> {
    now: Timestamp,
    looked: &'a Looked,
    stream: &'a Stream,
    delivery: &'a Delivery,
}

/// What could not be learned: the id of its text.
fn missing(verdict: &Verdict) -> &'static str {
    let findings = verdict.repaired.as_ref().unwrap_or(&verdict.findings);
    let missing = findings.iter().find_map(|finding| match finding.outcome {
        Outcome::Undecided { missing } => Some(missing),
        Outcome::Broken(_) | Outcome::Outside | Outcome::Kept => None,
    });
    missing.unwrap_or_default()
}

/// For the journal: what decided against a delivery.
pub(super) fn detail(stays: &Stays) -> Value {
    match stays {
        Stays::Later(cause, "") => json!({ "reason": cause.as_str() }),
        Stays::Later(cause, because) => json!({ "reason": cause.as_str(), "because": because }),
        Stays::Hold { rule, verdict } => json!({ "rule": rule, "verdict": verdict.value() }),
        Stays::Refused { rules, verdict } => json!({ "rules": rules, "verdict": verdict.value() }),
        Stays::Unedited(why) => {
            json!({ "reason": Cause::CannotEdit.as_str(), "because": no_edit(*why) })
        }
        Stays::Bounce { cause, .. } => json!({ "reason": cause.as_str() }),
    }
}
