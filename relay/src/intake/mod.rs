//! The whole flow on one screen: read, gather facts, decide for each recipient, keep, reply.
//!
//! It keeps nothing in memory that is not on disk when it answers 250, and sends nothing itself but
//! what a client waits for (`pass`, proxy mode).

mod asked;
mod early;
mod keep;
mod learned;
mod pass;
mod plan;
mod reply;
mod trace;

use std::{net::IpAddr, sync::Arc};

use arc_swap::ArcSwap;
use bytes::Bytes;
use jiff::Timestamp;
use policy::{Action, Address, Class, Decider, Known, Language, Reading, Verdict};
use uuid::Uuid;

use crate::{
    config::Business,
    consent::Lookup,
    decisions::{Campaigns, Told, campaign},
    delivery::{AtOnce, Reporter, Schedules},
    facts::{Case, Declared, STORE_SILENT},
    journal::{Detail, Event, Kind},
    login::{self, Login, Seen},
    sample::{self, Samples},
    seal::{self, Secret},
    sign::Signer,
    smtp::{
        envelope::{Envelope, Path},
        reply::Reply,
        xforward::Attributes,
    },
    spool::{Handover, Spool},
};

pub use asked::Bidding;
pub use learned::Learned;

/// Takes messages in; cheap to clone.
#[derive(Clone)]
pub struct Intake(Arc<Parts>);

/// What intake works with.
pub struct Parts {
    /// Replaced whole when policy.toml changes; one message sees one of them.
    pub business: Arc<ArcSwap<Business>>,
    pub lookup: Lookup,
    pub spool: Spool,
    pub campaigns: Campaigns,
    pub samples: Samples,
    pub seen: Seen,
    pub handover: Handover,
    pub secret: Secret,
    pub signer: Arc<Signer>,
    pub schedules: Schedules,
    pub reporter: Reporter,
    pub at_once: AtOnce,
    pub hostname: String,
    /// The base of the unsubscribe pages is configured.
    pub links: bool,
}

/// Who is on the other end, for the trace header and the verdict.
#[derive(Clone, Debug)]
pub struct Peer {
    pub address: IpAddr,
    pub helo: String,
    pub tls: bool,
    pub login: Arc<Login>,
    /// What a mail server said of its own client, where one did; address and HELO are that one's then.
    pub forwarded: Option<Arc<Attributes>>,
}

/// What is known of a message once every recipient is decided on; lists in the envelope's order.
struct Judged {
    id: Uuid,
    campaign: i64,
    controller: String,
    stream: String,
    class: Class,
    declared: Option<Class>,
    policy_version: String,
    /// The controller's, for reports.
    language: Language,
    reading: Arc<Reading>,
    decider: Decider,
    verdicts: Vec<Verdict>,
    /// Of each verdict that keeps the message from a recipient.
    reasons: Vec<Vec<String>>,
    events: Vec<Event>,
}

impl Peer {
    /// Whose message it is, for a next hop that asks.
    fn attributes(&self) -> Arc<Attributes> {
        let own = || {
            let (address, helo) = (Some(self.address), Some(self.helo.clone()));
            Arc::new(Attributes { address, helo, ..Attributes::default() })
        };
        self.forwarded.clone().unwrap_or_else(own)
    }
}

impl Intake {
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// MAIL FROM: may this login use this sender? The null sender names nobody; header From is
    /// checked in any case.
    pub fn sender(&self, peer: &Peer, from: Option<&Path>) -> Reply {
        match from {
            Some(path) if !peer.login.may_send_as(&path.to_mailbox_string()) => {
                reply::sender_not_allowed()
            }
            _ => reply::sender_ok(),
        }
    }

    /// The end of the message: one reply; with PRDR one per recipient and one for all. `learned`
    /// is of the same transaction's [`Intake::recipients`].
    pub async fn message(
        &self,
        now: Timestamp,
        peer: &Peer,
        mut envelope: Envelope,
        bytes: Bytes,
        learned: Learned,
    ) -> Vec<Reply> {
        let prdr = envelope.params.prdr;
        let due = if prdr { envelope.recipients.len() + 1 } else { 1 };
        let (mut judged, fates) = match self.decided(now, peer, &envelope, bytes, learned).await {
            Ok(judged) => judged,
            Err(refusal) => return vec![refusal; due],
        };
        let replies = plan::replies(judged.id, &judged.verdicts, &fates, prdr);
        let message = Arc::new(self.message_of(now, peer, &mut envelope, &judged));
        let ones = judged.ones(&mut envelope, &fates);
        let answered = if self.is_proxied(&message, &ones) {
            self.pass(now, message, peer.attributes(), judged, (ones, replies)).await
        } else {
            self.keep(now, message, judged, ones, Vec::new()).await.map(|()| replies)
        };
        answered.unwrap_or_else(|_unavailable| vec![reply::unavailable(); due])
    }

    /// What is decided, and what becomes of each recipient.
    async fn decided(
        &self,
        now: Timestamp,
        peer: &Peer,
        envelope: &Envelope,
        bytes: Bytes,
        learned: Learned,
    ) -> Result<(Judged, Vec<plan::Fate>), Reply> {
        let judged = self.judge(now, peer, envelope, bytes, learned).await?;
        let fates = plan::fates(&judged.verdicts, &peer.login, envelope.params.prdr);
        self.sample(now, peer, &judged, &fates);
        Ok((judged, fates))
    }

    /// Reads the message, asks for the standing of all its recipients at once, and decides on
    /// each. The error is the reply to a message that belongs nowhere.
    async fn judge(
        &self,
        now: Timestamp,
        peer: &Peer,
        envelope: &Envelope,
        bytes: Bytes,
        mut learned: Learned,
    ) -> Result<Judged, Reply> {
        let business = self.0.business.load_full();
        let came = seal::hex(&seal::digest(&bytes));
        let reading = Arc::new(Reading::of(bytes));
        let declared = Declared::of(&reading);
        let case = self.case(&business, peer, &declared, &reading, envelope.recipients.len())?;
        let addresses: Option<Vec<Address>> =
            envelope.recipients.iter().map(|recipient| address_of(&recipient.path)).collect();
        let addresses = addresses.ok_or_else(reply::recipient_not_valid)?;
        let controller = &case.stream.controller.id;
        let counted = case.counts_for_all();
        let records = match learned.take(now, controller, counted, &addresses) {
            Some(records) => Some(records),
            None => self.0.lookup.records(controller, &addresses, counted).await.ok(),
        };

        let sender = (controller.as_str(), peer.login.name.as_str(), case.stream.id.as_str());
        let (campaign, fresh) = self.0.campaigns.of(now, sender, &Told::of(&reading));
        // Written before the lines that name it.
        if let Some(fresh) = fresh {
            self.0.spool.name(fresh);
        }
        let campaign_hex = campaign::hex(campaign);
        self.0.seen.note(now, &peer.login.name, || login::Told {
            address: peer.address,
            helo: peer.helo.clone(),
            tool: tool(&reading),
        });
        let id = Uuid::now_v7();
        let mut decider = Decider::default();
        let mut verdicts = Vec::with_capacity(addresses.len());
        let mut reasons = Vec::with_capacity(addresses.len());
        let mut events = Vec::with_capacity(addresses.len());
        for (at, address) in addresses.iter().enumerate() {
            let record = records.as_ref().and_then(|records| records.get(at));
            let packs = case.packs(now, address, record);
            let known = record.map_or(Known::Not(STORE_SILENT), Known::Is);
            let facts = case.facts(now, address, known, &packs, None);
            let verdict = decider.verdict(&business.policy, &facts);
            let mut event = self.event(now, Some(id), controller, address);
            let told = policy::journal_detail(&business.policy.version, &facts, &verdict);
            event.detail = Detail::Text(told);
            event.detail.note("login", &peer.login.name);
            event.detail.note("sha256", &came);
            event.detail.note("campaign", &campaign_hex);
            reasons.push(policy::reasons(&facts, &verdict));
            verdicts.push(verdict);
            events.push(event);
        }
        Ok(Judged {
            id,
            campaign,
            controller: controller.clone(),
            stream: case.stream.id.clone(),
            class: case.class,
            declared: case.declared,
            policy_version: business.policy.version.clone(),
            language: case.stream.controller.language,
            reading: Arc::clone(&reading),
            decider,
            verdicts,
            reasons,
            events,
        })
    }

    /// Of what was refused and advertises, one of each campaign and rule is kept for staff.
    fn sample(&self, now: Timestamp, peer: &Peer, judged: &Judged, fates: &[plan::Fate]) {
        let is_kept_from = |fate: &plan::Fate| match fate {
            plan::Fate::Refuse | plan::Fate::Report => true,
            plan::Fate::Send | plan::Fate::Pass | plan::Fate::Hold | plan::Fate::Defer => false,
        };
        for (verdict, fate) in judged.verdicts.iter().zip(fates) {
            let asks = verdict.action == Action::Reject && verdict.class.is_commercial();
            if !asks || !is_kept_from(fate) {
                continue;
            }
            let refused = sample::Refused {
                message: judged.id,
                campaign: judged.campaign,
                rule: verdict.rule_id(),
                controller: &judged.controller,
                login: &peer.login.name,
            };
            let bytes = judged.reading.message.bytes();
            let recipients = judged.events.iter().filter_map(|event| event.recipient.as_ref());
            if let Some(fresh) = self.0.samples.of(now, &refused, bytes, recipients) {
                self.0.spool.sample(fresh);
            }
        }
    }

    /// What the policy makes of the message, or the reply that refuses it.
    fn case<'a>(
        &self,
        business: &'a Business,
        peer: &Peer,
        declared: &'a Declared,
        reading: &'a Reading,
        recipients: usize,
    ) -> Result<Case<'a>, Reply> {
        if !peer.login.may_send_as(&declared.from) {
            return Err(reply::from_not_allowed());
        }
        let class = match &declared.class {
            Some(Err(_)) => return Err(reply::class_unknown()),
            Some(Ok(class)) => Some(*class),
            None => None,
        };
        let stream =
            declared.stream(business, &peer.login.name).ok_or_else(reply::stream_unknown)?;
        let from = Address::parse(&declared.from);
        let signs = from.is_ok_and(|from| self.0.signer.has(from.domain()));
        Ok(Case::new(business, stream, reading, class, recipients).with(signs, self.0.links))
    }

    fn event(
        &self,
        now: Timestamp,
        message: Option<Uuid>,
        controller: &str,
        address: &Address,
    ) -> Event {
        Event {
            id: Uuid::now_v7(),
            at: now,
            kind: Kind::Decided,
            message,
            delivery: None,
            recipient: Some(self.0.secret.address_key(controller, address)),
            detail: serde_json::Value::Null.into(),
        }
    }
}

/// As it calls itself in its messages.
fn tool(reading: &Reading) -> String {
    let message = &reading.message;
    let named = ["X-Mailer", "User-Agent"].iter().find_map(|name| message.header(name));
    named.map(|field| message.decoded(field).trim().to_owned()).unwrap_or_default()
}

fn address_of(path: &Path) -> Option<Address> {
    Address::parse(&path.to_mailbox_string()).ok()
}
