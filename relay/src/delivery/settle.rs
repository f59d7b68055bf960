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
    noted::{count, counted_by, event, settlement},
    outcome::{Fate, Outcome},
    prepare::{Staying, Stays, detail},
    schedules::Schedules,
};
use crate::{
    config::{Business, Replies},
    journal::{
        Event, Kind,
        reason::{self, Cause},
    },
    seal::hex,
    smtp::when::{By, Otherwise},
    spool::{Delivery, Hold, Left, Message, Order, Settle, Settlement, Slot, Spool},
};

/// Settles in the background; cheap to clone.
#[derive(Clone, Debug)]
pub struct Settler {
    pub spool: Spool,
    pub reporter: Reporter,
    pub schedules: Schedules,
    /// What the replies mean.
    pub replies: Arc<Replies>,
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
    /// It knows the time by which a message is wanted (RFC 2852).
    pub by: bool,
    pub tls: bool,
    /// What showed who the peer is: `dane`, `mta-sts` or `certificate`.
    pub proof: Option<&'static str>,
    /// SHA-256 of what was sent.
    pub digest: Option<[u8; 32]>,
}

/// How deliveries leave without an attempt.
struct End {
    kind: Kind,
    status: &'static str,
    reason: Cause,
    /// For the sender.
    text: &'static str,
    /// For the journal.
    detail: Value,
}

/// No connection came about.
pub const NOBODY: Said<'static> =
    Said { peer: "", host: "", dsn: false, by: false, tls: false, proof: None, digest: None };

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
            let (settlement, report) = self.attempt(now, message, delivery, outcome, said);
            about.extend(report);
            settlements.push(settlement);
        }
        if !about.is_empty() {
            let language = self.language(message);
            self.bring(&mut settlements, self.reporter.report(now, message, &about, language));
        }
        self.settle(settlements, slot);
    }

    /// What becomes of one delivery after an attempt, and what its sender is told.
    fn attempt<'a>(
        &self,
        now: Timestamp,
        message: &Message,
        delivery: &'a Delivery,
        outcome: &Outcome,
        said: &Said<'a>,
    ) -> (Settlement, Option<About<'a>>) {
        let (settle, kind, report) = self.judge(now, message, delivery, outcome, said);
        count(kind);
        let detail = self.told(message, delivery, outcome, said);
        let mut settlement = settlement(now, delivery, settle, kind, detail);
        if let (Fate::Delivered, Some(counted)) = (outcome.fate, &delivery.counted) {
            settlement.left = Some(Left { key: delivery.key, at: now, counted: counted.clone() });
        }
        (settlement, report)
    }

    /// An attempt, for the journal.
    fn told(
        &self,
        message: &Message,
        delivery: &Delivery,
        outcome: &Outcome,
        said: &Said<'_>,
    ) -> Value {
        let detail = json!({
            "peer": said.peer,
            "tls": said.tls,
            "proof": said.proof,
            "reply": outcome.journal_text(),
            "status": outcome.status_text(),
            "class": self.class(outcome),
            "reason": (outcome.fate != Fate::Delivered).then(|| self.reason(outcome)),
            "attempt": delivery.attempts + 1,
            "sha256": said.digest.map(|digest| hex(&digest)),
        });
        counted_by(message, detail)
    }

    /// The journal's line of an attempt of what is not in the spool.
    pub(super) fn line(
        &self,
        now: Timestamp,
        message: &Message,
        delivery: &Delivery,
        outcome: &Outcome,
        said: &Said<'_>,
    ) -> Event {
        let kind = match outcome.fate {
            Fate::Delivered => Kind::Delivered,
            Fate::Bounce => ended(outcome),
            Fate::Later | Fate::Again => Kind::Deferred,
        };
        let detail = self.told(message, delivery, outcome, said);
        Self::noted(now, kind, delivery, detail)
    }

    /// The same of what was kept back without one.
    pub(super) fn noted(now: Timestamp, kind: Kind, delivery: &Delivery, detail: Value) -> Event {
        count(kind);
        event(now, kind, delivery.id, &delivery.message, Some(delivery.key), detail)
    }

    /// Of what is wrong with the address or the message; our own faults have none.
    fn class(&self, outcome: &Outcome) -> Option<&'static str> {
        let is_theirs = outcome.is_said() || outcome.fate == Fate::Bounce;
        let went = outcome.fate == Fate::Delivered;
        let class = || self.replies.class(&outcome.status_text(), &outcome.text()).word();
        (is_theirs && !went).then(class)
    }

    /// One word: what happened, or the class of what the peer said.
    pub(super) fn reason(&self, outcome: &Outcome) -> &'static str {
        let class = || self.class(outcome).unwrap_or_default();
        outcome.cause.map_or_else(class, Cause::as_str)
    }

    /// The same with what is to be said besides, for the queue's lists.
    pub(super) fn last(&self, outcome: &Outcome) -> String {
        reason::line(self.reason(outcome), &outcome.journal_detail())
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
            reason: if action.went_well() {
                String::new()
            } else {
                self.reason(outcome).to_owned()
            },
            text,
            remote: (outcome.is_said() && !said.host.is_empty()).then_some(said.host),
            until,
        };
        let plain = |action| about(action, outcome.status_text(), outcome.text(), None);
        match outcome.fate {
            Fate::Delivered => {
                let report = relayed(message, delivery, said).map(plain);
                (Settle::Done, Kind::Delivered, report)
            }
            Fate::Bounce => (Settle::Done, ended(outcome), Some(plain(Action::Failed))),
            Fate::Later | Fate::Again => {
                let attempts = delivery.attempts + 1;
                let spread = spread(delivery.id);
                let ordered = delivery.route.as_deref();
                let schedule =
                    self.schedules.of(&message.stream, ordered, &delivery.recipient.path);
                let next = schedule.next(now, attempts, delivery.expires_at, spread);
                match next {
                    None => {
                        let text = format!("given up, the last attempt said: {}", outcome.text());
                        let mut failed = about(Action::Failed, "5.4.7".to_owned(), text, None);
                        failed.reason = Cause::Expired.as_str().to_owned();
                        (Settle::Done, Kind::Expired, Some(failed))
                    }
                    Some(due_at) => {
                        let last = self.last(outcome);
                        let until = Some(delivery.expires_at);
                        let due = schedule.is_delay_due(now, message, delivery, spread);
                        let report = due.then(|| {
                            let (status, text) = (outcome.status_text(), outcome.text());
                            about(Action::Delayed, status, text, until)
                        });
                        (Settle::Later { due_at, last }, Kind::Deferred, report)
                    }
                }
            }
        }
    }

    /// Decided again, and some do not leave: one report to the sender tells of all that are given up.
    pub fn stays(&self, now: Timestamp, staying: &Staying) {
        let Staying { message, deliveries, slot } = staying;
        let mut settlements = Vec::with_capacity(deliveries.len());
        // Last, for the report leaves with the last one.
        let (mut ended, mut about) = (Vec::new(), Vec::new());
        for (delivery, stays) in deliveries {
            let (settle, kind, rules) = match stays {
                Stays::Bounce { status, cause } => {
                    let outcome = Outcome::own(Fate::Bounce, *status, *cause);
                    let (settlement, told) =
                        self.attempt(now, message, delivery, &outcome, &NOBODY);
                    about.extend(told);
                    ended.push(settlement);
                    continue;
                }
                Stays::Later(cause, because) if now >= delivery.expires_at => {
                    let last = reason::line(cause.as_str(), because);
                    let rules = reason::line(Cause::Expired.as_str(), &last);
                    (Settle::Done, Kind::Expired, Some(rules))
                }
                Stays::Later(cause, because) => {
                    let due_at = now.checked_add(FACT_PAUSE).unwrap_or(now);
                    let last = reason::line(cause.as_str(), because);
                    (Settle::Later { due_at, last }, Kind::Deferred, None)
                }
                Stays::Hold { rule, .. } => {
                    (Settle::Hold(Hold::Rule(rule.clone())), Kind::Held, None)
                }
                Stays::Unedited(why) => (Settle::Hold(Hold::Unedited(*why)), Kind::Held, None),
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
            about.push(Refusal { recipient, rules, journal: event.id }.about());
            ended.push(settlement);
        }
        if !about.is_empty() {
            let report = self.reporter.report(now, message, &about, self.language(message));
            self.bring(&mut ended, report);
        }
        settlements.append(&mut ended);
        self.settle(settlements, slot);
    }

    /// Pauses keep these here; one that expired meanwhile is given up, and its sender told.
    pub fn aside(
        &self,
        now: Timestamp,
        message: &Message,
        paused: Vec<(Delivery, Uuid)>,
        slot: &Arc<Slot>,
    ) {
        let (expired, waiting): (Vec<_>, Vec<_>) =
            paused.into_iter().partition(|(delivery, _)| now >= delivery.expires_at);
        let aside = waiting
            .into_iter()
            .map(|(one, pause)| Settlement::bare(one.id, one.message, Settle::Aside { pause }));
        self.settle(aside.collect(), slot);
        let expired: Vec<Delivery> = expired.into_iter().map(|(delivery, _)| delivery).collect();
        let end = End {
            kind: Kind::Expired,
            status: "5.4.7",
            reason: Cause::Expired,
            text: "given up: it was paused until it expired",
            detail: json!({}),
        };
        self.end(now, message, &expired, &end, slot);
    }

    /// These wait until then for their turn; one that expired meanwhile is given up, and its sender
    /// told.
    pub fn put_off(
        &self,
        now: Timestamp,
        message: &Message,
        deliveries: Vec<(Delivery, Timestamp)>,
        why: Cause,
        slot: &Arc<Slot>,
    ) {
        let (expired, waiting): (Vec<_>, Vec<_>) =
            deliveries.into_iter().partition(|(delivery, _)| now >= delivery.expires_at);
        let turns = waiting.into_iter().map(|(one, due_at)| {
            let due_at = due_at.min(one.expires_at);
            let settle = Settle::Turn { due_at, last: why.as_str().to_owned() };
            Settlement::bare(one.id, one.message, settle)
        });
        self.settle(turns.collect(), slot);
        let expired: Vec<Delivery> = expired.into_iter().map(|(delivery, _)| delivery).collect();
        let end = End {
            kind: Kind::Expired,
            status: "5.4.7",
            reason: Cause::Expired,
            text: "given up: its turn did not come before it expired",
            detail: json!({ "because": why.as_str() }),
        };
        self.end(now, message, &expired, &end, slot);
    }

    /// A person gave these up: one report tells their sender.
    pub fn bounce(
        &self,
        now: Timestamp,
        message: &Message,
        deliveries: &[Delivery],
        order: &Order,
        slot: &Arc<Slot>,
    ) {
        let end = End {
            kind: Kind::Bounced,
            status: "5.0.0",
            reason: Cause::GivenUp,
            text: "given up by a person who looks after the relay",
            detail: json!({ "by": order.by, "why": order.why, "order": order.id }),
        };
        self.end(now, message, deliveries, &end, slot);
    }

    /// They leave the spool without another attempt.
    fn end(
        &self,
        now: Timestamp,
        message: &Message,
        deliveries: &[Delivery],
        end: &End,
        slot: &Arc<Slot>,
    ) {
        let about: Vec<About<'_>> = deliveries
            .iter()
            .map(|one| About {
                recipient: &one.recipient,
                action: Action::Failed,
                status: end.status.to_owned(),
                reason: end.reason.as_str().to_owned(),
                text: end.text.to_owned(),
                remote: None,
                until: None,
            })
            .collect();
        let mut detail = end.detail.clone();
        if let Some(fields) = detail.as_object_mut() {
            fields.insert("reason".into(), end.reason.as_str().into());
            fields.insert("reply".into(), end.text.into());
            fields.insert("status".into(), end.status.into());
        }
        let mut settlements: Vec<Settlement> = deliveries
            .iter()
            .map(|one| {
                count(end.kind);
                let detail = counted_by(message, detail.clone());
                settlement(now, one, Settle::Done, end.kind, detail)
            })
            .collect();
        if !settlements.is_empty() {
            let report = self.reporter.report(now, message, &about, self.language(message));
            self.bring(&mut settlements, report);
        }
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

    pub(super) fn language(&self, message: &Message) -> Language {
        let business = self.business.load();
        business.stream(&message.stream).map_or(Language::English, |s| s.controller.language)
    }
}

/// Whether the sender is told that the next server has it.
fn relayed(message: &Message, delivery: &Delivery, said: &Said<'_>) -> Option<Action> {
    let unknown = |by: By| !said.by && by.otherwise == Otherwise::Notify;
    let asked = |by: By| by.trace || (unknown(by) && delivery.recipient.notify.delay);
    if message.params.by.is_some_and(asked) {
        return Some(Action::RelayedInTime);
    }
    // Who takes over the reports, takes over this one too (RFC 3461 §5.2.1).
    (!said.dsn).then_some(Action::Relayed)
}

/// How one that is not tried again left.
fn ended(outcome: &Outcome) -> Kind {
    if outcome.is_expired() { Kind::Expired } else { Kind::Bounced }
}

fn spread(id: Uuid) -> u64 {
    id.as_u64_pair().1
}

#[cfg(test)]
mod tests {
    use policy::{Address, CannotEdit, Class};

    use super::*;
    use crate::{
        db::Db,
        journal::{self, Detail},
        seal::Secret,
        smtp::envelope::{MailParams, Notify, Path, Recipient},
        spool::{State, handover},
    };

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + minutes * 60).unwrap()
    }

    struct Scene {
        settler: Settler,
        db: Db,
        slot: Arc<Slot>,
        message: Arc<Message>,
        _folder: tempfile::TempDir,
    }

    impl Scene {
        /// One message from `a@shop.test` in the spool's memory, and nothing in the spool.
        async fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let url = format!("sqlite:{}", folder.path().join("test.db").display());
            let db = Db::open(&url).await.unwrap();
            let policy = include_str!("../../../config/policy.toml");
            let business = Business::read("policy.toml", policy).unwrap();
            let settings = crate::delivery::tests::settings();
            let business = Arc::new(ArcSwap::from_pointee(business));
            let settler = Settler {
                spool: Spool::open(db.clone(), &Secret::from_bytes([1; 32]), "relay.test", at(0))
                    .await
                    .unwrap(),
                reporter: Reporter::new("relay.test", Secret::from_bytes([1; 32])),
                schedules: Schedules::new(&settings, &business),
                replies: Arc::new(Replies::shipped()),
                business,
                wake: Arc::default(),
            };
            let slot = Arc::new(handover(10, 1_000).1.reserve(1).unwrap());
            let message = Arc::new(Message {
                id: Uuid::now_v7(),
                received_at: at(0),
                login: "tool".to_owned(),
                from: Some(path("a")),
                params: MailParams::default(),
                bytes: "Subject: x\r\n\r\nbody\r\n".into(),
                trace: String::new(),
                stream: String::new(),
                declared: None,
                class: Class::Transactional,
                policy_version: String::new(),
                recipients: 1,
                campaign: 0,
            });
            Self { settler, db, slot, message, _folder: folder }
        }

        /// Kept and claimed.
        async fn delivery(&self, notify: Notify, spread: u64) -> Delivery {
            self.keep(vec![self.made(notify, spread)]).await.remove(0)
        }

        async fn keep(&self, list: Vec<Delivery>) -> Vec<Delivery> {
            self.settler.spool.keep(self.message.clone(), list, Vec::new()).await.unwrap()
        }

        fn made(&self, notify: Notify, spread: u64) -> Delivery {
            let address = Address::parse("b@shop.test").unwrap();
            Delivery {
                id: Uuid::from_u64_pair(Uuid::now_v7().as_u64_pair().0, spread),
                message: self.message.id,
                recipient: Recipient { path: path("b"), notify, orcpt: None },
                key: Secret::from_bytes([1; 32]).address_key("shop", &address),
                state: State::Claimed,
                action: policy::Action::Send,
                edits: Vec::new(),
                rule: None,
                waiver: None,
                attempts: 0,
                due_at: at(0),
                expires_at: at(5 * 24 * 60),
                last: None,
                route: None,
                counted: None,
            }
        }

        /// What was settled before is durable when it returns.
        async fn written(&self) {
            self.settler.spool.note(Vec::new()).await.unwrap();
        }
    }

    fn path(local: &str) -> Path {
        Path { local: local.to_owned(), domain: "shop.test".to_owned() }
    }

    #[tokio::test]
    async fn what_cannot_be_edited_is_held_by_no_rule_and_says_why() {
        let scene = Scene::new().await;
        let delivery = scene.delivery(Notify::default(), 0).await;
        let staying = Staying {
            message: scene.message.clone(),
            deliveries: vec![(delivery.clone(), Stays::Unedited(CannotEdit::Sealed))],
            slot: scene.slot.clone(),
        };
        scene.settler.stays(at(1), &staying);
        scene.written().await;
        let (_, held) = scene.settler.spool.show(delivery.id).await.unwrap().unwrap();
        let why = "cannot-edit: no-edit-sealed";
        assert_eq!((held.state, held.rule, held.last.as_deref()), (State::Held, None, Some(why)));
        let filter = journal::Filter { delivery: Some(delivery.id), ..Default::default() };
        let lines = journal::list(&scene.db, &filter, 10).await.unwrap();
        let told: Vec<_> = lines.iter().map(|line| (line.event.kind, &line.event.detail)).collect();
        let why = json!({ "reason": "cannot-edit", "because": "no-edit-sealed" });
        assert_eq!(told, [(Kind::Held, &Detail::from(why))]);
    }

    #[tokio::test]
    async fn all_that_are_given_up_at_once_stand_in_one_report() {
        let scene = Scene::new().await;
        let list = (0..4).map(|spread| scene.made(Notify::default(), spread));
        let list = scene.keep(list.collect()).await;
        let all = [
            Stays::Bounce { status: [5, 6, 7], cause: Cause::HeaderNotTaken },
            Stays::Refused { rules: vec!["refused".into()], verdict: json!({}).into() },
            Stays::Later(Cause::FactMissing, "store-silent"),
            Stays::Bounce { status: [5, 6, 7], cause: Cause::HeaderNotTaken },
        ];
        let staying = Staying {
            message: scene.message.clone(),
            deliveries: list.into_iter().zip(all).collect(),
            slot: scene.slot.clone(),
        };
        scene.settler.stays(at(1), &staying);
        scene.written().await;
        let claimed = scene.settler.spool.claim(at(1), 10).await.unwrap();
        let [(report, _)] = claimed.as_slice() else { panic!("{claimed:?}") };
        let text = String::from_utf8(report.bytes.to_vec()).unwrap();
        assert_eq!(text.matches("Final-Recipient:").count(), 3, "{text}");
        assert_eq!(text.matches("Status: 5.6.7").count(), 2, "{text}");
        assert_eq!(text.matches("X-Souhlas-Reason: refused").count(), 1, "{text}");
    }

    /// A message that is refused with a 4xx until it is given up: the minute and the text of each
    /// report that its sender gets.
    async fn reports(notify: Notify, spread: u64) -> Vec<(i64, String)> {
        let scene = Scene::new().await;
        let spool = &scene.settler.spool;
        let mut delivery = scene.delivery(notify, spread).await;
        let mut reports = Vec::new();
        let mut now = at(0);
        loop {
            let (fate, status) = (Fate::Later, [4, 7, 1]);
            let outcome = Outcome { fate, status, cause: None, detail: "451 4.7.1 grey".into() };
            let results = [(&delivery, outcome)];
            scene.settler.attempted(now, &scene.message, &results, &NOBODY, &scene.slot);
            scene.written().await;
            if let Some((_, waits)) = spool.show(delivery.id).await.unwrap() {
                now = waits.due_at;
            }
            let mut again = None;
            for (message, list) in spool.claim(now, 10).await.unwrap() {
                if message.id == scene.message.id {
                    again = list.into_iter().next();
                    continue;
                }
                let minute = message.received_at.duration_since(at(0)).as_mins();
                reports.push((minute, String::from_utf8(message.bytes.to_vec()).unwrap()));
                for one in list {
                    spool.settle(Settlement::bare(one.id, one.message, Settle::Done), drop);
                }
            }
            let Some(again) = again else { return reports };
            delivery = again;
        }
    }

    #[tokio::test]
    async fn who_asked_hears_once_of_a_delay_and_then_of_the_end() {
        let asked = Notify { success: false, failure: true, delay: true };
        for spread in [0, 100_000, 400_000, 600_000, 700_000, 1_400_000] {
            let reports = reports(asked, spread).await;
            let [(warned, warning), (ended, end)] = reports.as_slice() else {
                panic!("{spread}: {reports:?}");
            };
            assert!((4 * 60..9 * 60).contains(warned), "{spread}: {warned}");
            assert_eq!(*ended, 5 * 24 * 60, "{spread}");
            for line in [
                "Content-Type: multipart/report; report-type=delivery-status;\r\n",
                "Reporting-MTA: dns; relay.test\r\n",
                "Final-Recipient: rfc822; b@shop.test\r\n",
                "Action: delayed\r\n",
                "Status: 4.7.1\r\n",
                "Will-Retry-Until: Wed, 20 Jan 2027 08:00:00 +0000\r\n",
            ] {
                assert!(warning.contains(line), "{line:?} is missing in\n{warning}");
            }
            assert!(!warning.contains("\r\nbody"), "a warning brings the header alone: {warning}");
            assert!(end.contains("Action: failed\r\n") && end.contains("\r\nbody"), "{end}");
        }
    }

    #[tokio::test]
    async fn who_did_not_ask_hears_of_the_end_alone() {
        let reports = reports(Notify::default(), 0).await;
        let [(_, end)] = reports.as_slice() else { panic!("{reports:?}") };
        assert!(end.contains("Action: failed\r\n") && end.contains("Status: 5.4.7\r\n"), "{end}");
    }
}
