//! What is handed on while somebody waits, and never queued: to a next hop whose reply is the
//! client's (proxy mode), or back to the mail server that asked.
//!
//! Decided and rendered as what is queued. What came of it is returned: nothing is written here.

mod kept;
mod reply;
mod talk;

use std::sync::Arc;

use jiff::Timestamp;
use policy::{Decider, Reading};
use tokio::time::timeout;
use uuid::Uuid;

use self::{
    kept::Kept,
    reply::{own_reply, reply_of},
};
use super::{
    bounce::{About, Action},
    destination::Office,
    heading::Heading,
    line::everything,
    ordered,
    outcome::{Fate, Outcome},
    prepare::{Parcel, Stays, Work, detail},
    route::Wish,
    schedules::Schedules,
    settle::{NOBODY, Said, Settler},
};
use crate::{
    db::Error,
    journal::{
        Event, Kind,
        reason::{self, Cause},
    },
    smtp::{client::PeerReply, envelope::Path, reply::Reply, xforward::Attributes},
    spool::{self, Delivery, Left, Message, Room, Slot, State},
};

/// Hands on at once; cheap to clone.
#[derive(Clone, Debug)]
pub struct AtOnce {
    office: Office,
    /// Of its own: a full queue keeps nobody waiting.
    room: Room,
    kept: Kept,
}

/// One message to some of its recipients, decided on just now.
#[derive(Debug)]
pub struct Handed {
    pub message: Arc<Message>,
    pub reading: Arc<Reading>,
    pub decider: Decider,
    pub deliveries: Vec<Delivery>,
    /// Whose it is, for a next hop that asks.
    pub forward: Option<Arc<Attributes>>,
}

/// One recipient, and what came of handing on.
#[derive(Debug)]
pub struct Passed {
    pub delivery: Delivery,
    pub became: Became,
    /// The next hop's own, where it said something.
    pub reply: Reply,
    pub event: Event,
    /// To be counted: it left.
    pub left: Option<Left>,
    outcome: Outcome,
    host: String,
}

/// What became of the message for one recipient.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Became {
    /// The next hop answers for it.
    Taken,
    /// By the next hop; or the recipient said no meanwhile.
    Refused,
    /// Nobody has it, as far as is known.
    Later,
    /// Fresh facts ask for a person: the delivery is `Held`.
    Held,
}

/// What a mail server that asked is to send.
#[derive(Debug)]
pub enum Rendered {
    /// To everybody: `head` on top of `body`; and what is counted once it is told so.
    Same { head: bytes::Bytes, body: bytes::Bytes, left: Vec<(Uuid, Left)> },
    /// Each recipient would get other bytes.
    Apart,
    /// Not now: a fact is missing, or changed meanwhile.
    Later,
    /// A person has to look at it.
    Held,
}

impl AtOnce {
    /// With the limits of what is queued, and beside it.
    pub(super) fn new(office: Office) -> Self {
        let settings = &office.settings;
        let (_, room, _) = spool::handover(settings.in_flight_max, settings.in_flight_bytes_max);
        Self { office, room, kept: Kept::default() }
    }

    /// Learns what is paused, before anything is taken in.
    ///
    /// # Errors
    /// Where the database does not answer.
    pub async fn begin(&self) -> Result<(), Error> {
        ordered::read(&self.office).await
    }

    /// Of what is queued, by it or beside it.
    pub fn schedules(&self) -> Schedules {
        self.office.settler.schedules.clone()
    }

    /// Who is asked while the client waits; `None`: the message is queued for this recipient.
    pub fn hop(&self, message: &Message, to: &Path) -> Option<Heading> {
        let way = self.office.settings.way(None, &message.stream, &spool::domain(to));
        way.next_hop.proxy()?;
        // It waits in the queue until the pause is over, as what is held.
        if self.office.is_paused(message, to) {
            return None;
        }
        Some(self.office.heading_to(message, to, (None, 0), Wish::Usual))
    }

    /// Hands it to the next hop, within the time that a client waits. One for each delivery, in order.
    pub async fn pass(&self, hop: &Heading, handed: Handed) -> Vec<Passed> {
        let (message, all) = (handed.message.clone(), handed.deliveries.clone());
        let mut found = Vec::with_capacity(all.len());
        let in_time =
            timeout(self.office.settings.timeouts.proxy, self.talk(hop, handed, &mut found));
        let cause = if in_time.await.is_ok() { Cause::ConnectionLost } else { Cause::NotAnswered };
        let late = Outcome::own(Fate::Later, [4, 4, 2], cause);
        let now = Timestamp::now();
        let each = all.into_iter().map(|delivery| {
            match found.iter().position(|passed: &Passed| passed.delivery.id == delivery.id) {
                Some(at) => found.swap_remove(at),
                None => self.answered(now, &message, delivery, (&late, None), &NOBODY),
            }
        });
        each.collect()
    }

    fn answered(
        &self,
        now: Timestamp,
        message: &Message,
        delivery: Delivery,
        (outcome, word): (&Outcome, Option<&PeerReply>),
        said: &Said<'_>,
    ) -> Passed {
        let became = match outcome.fate {
            Fate::Delivered => Became::Taken,
            Fate::Bounce => Became::Refused,
            Fate::Later | Fate::Again => Became::Later,
        };
        let counted = delivery.counted.clone().filter(|_| became == Became::Taken);
        let event = self.office.settler.line(now, message, &delivery, outcome, said);
        Passed {
            became,
            reply: word.map_or_else(|| own_reply(outcome, &event), reply_of),
            left: counted.map(|counted| Left { key: delivery.key, at: now, counted }),
            event,
            delivery,
            outcome: outcome.clone(),
            host: if outcome.is_said() { said.host.to_owned() } else { String::new() },
        }
    }

    /// Decided again, and it does not leave.
    fn stays(
        &self,
        now: Timestamp,
        message: &Message,
        mut delivery: Delivery,
        stays: Stays,
    ) -> Passed {
        let told = detail(&stays);
        let (became, kind, outcome) = match stays {
            Stays::Bounce { status, cause } => {
                let outcome = Outcome::own(Fate::Bounce, status, cause);
                return self.answered(now, message, delivery, (&outcome, None), &NOBODY);
            }
            Stays::Later(cause, because) => {
                let outcome = Outcome::own(Fate::Later, [4, 3, 0], cause).with(because);
                (Became::Later, Kind::Deferred, outcome)
            }
            Stays::Refused { rules, .. } => {
                let outcome = Outcome::own(Fate::Bounce, [5, 7, 1], Cause::NotAllowedNow)
                    .with(rules.join(", "));
                (Became::Refused, Kind::Suppressed, outcome)
            }
            Stays::Hold { rule, .. } => {
                let outcome =
                    Outcome::own(Fate::Later, [4, 7, 1], Cause::NotDecided).with(rule.as_str());
                (delivery.state, delivery.rule) = (State::Held, Some(rule));
                (Became::Held, Kind::Held, outcome)
            }
            Stays::Unedited(why) => {
                let outcome = Outcome::own(Fate::Later, [4, 7, 1], Cause::CannotEdit)
                    .with(reason::no_edit(why));
                let last = reason::line(Cause::CannotEdit.as_str(), reason::no_edit(why));
                (delivery.state, delivery.last) = (State::Held, Some(last));
                (Became::Held, Kind::Held, outcome)
            }
        };
        let event = Settler::noted(now, kind, &delivery, told);
        let reply = own_reply(&outcome, &event);
        Passed { delivery, became, reply, event, left: None, outcome, host: String::new() }
    }

    /// What the next hop puts off for this recipient alone, while another one has it already: queued,
    /// because the client cannot come again for one of them.
    pub fn queued(&self, now: Timestamp, message: &Message, passed: Passed) -> Delivery {
        let Passed { mut delivery, outcome, .. } = passed;
        delivery.attempts += 1;
        let spread = delivery.id.as_u64_pair().1;
        let to = &delivery.recipient.path;
        let schedule = self.office.settler.schedules.of(&message.stream, None, to);
        let due = schedule.next(now, delivery.attempts, delivery.expires_at, spread);
        delivery.due_at = due.unwrap_or(now);
        delivery.state = State::Ready;
        delivery.last = Some(self.office.settler.last(&outcome));
        delivery
    }

    /// The report to the sender of those whom the next hop refused, where others have it.
    pub fn report(
        &self,
        now: Timestamp,
        message: &Message,
        refused: &[&Passed],
    ) -> Option<(Message, Vec<Delivery>)> {
        let about: Vec<About<'_>> = refused
            .iter()
            .map(|passed| About {
                recipient: &passed.delivery.recipient,
                action: Action::Failed,
                status: passed.outcome.status_text(),
                reason: self.office.settler.reason(&passed.outcome).to_owned(),
                text: passed.outcome.text(),
                remote: Some(passed.host.as_str()).filter(|host| !host.is_empty()),
                until: None,
            })
            .collect();
        let language = self.office.settler.language(message);
        self.office.settler.reporter.report(now, message, &about, language)
    }

    /// Renders it for a mail server that sends it on itself, to all deliveries in one.
    pub async fn render(&self, now: Timestamp, handed: Handed) -> Rendered {
        let slot = Arc::new(self.room.wait(handed.message.bytes.len()).await);
        let work = vec![handed.work(slot)];
        let mut prepared = self.office.desk.prepare(now, work, &everything()).await;
        let staying: Vec<Stays> = prepared
            .staying
            .into_iter()
            .flat_map(|staying| staying.deliveries)
            .map(|(_, stays)| stays)
            .collect();
        let is_held = |stays: &Stays| matches!(stays, Stays::Hold { .. } | Stays::Unedited(_));
        if !staying.is_empty() {
            // What is missing is asked again; what changed a moment ago is decided anew then.
            let held = staying.iter().all(is_held);
            return if held { Rendered::Held } else { Rendered::Later };
        }
        let Some(Parcel { deliveries, transaction: Some(transaction), .. }) =
            prepared.parcels.pop().filter(|_| prepared.parcels.is_empty())
        else {
            return Rendered::Apart;
        };
        let left = deliveries.into_iter().filter_map(|delivery| {
            let counted = delivery.counted?;
            Some((delivery.id, Left { key: delivery.key, at: now, counted }))
        });
        let left = left.collect();
        Rendered::Same { head: transaction.head, body: transaction.body, left }
    }
}

impl Handed {
    fn work(self, slot: Arc<Slot>) -> Work {
        Work {
            message: self.message,
            reading: Some(self.reading),
            decider: self.decider,
            deliveries: self.deliveries,
            slot,
            returned: 0,
            chain: None,
        }
    }
}
