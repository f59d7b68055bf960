//! What is handed on while somebody waits, and never queued: to a next hop whose reply is the
//! client's (proxy mode), or back to the mail server that asked.
//!
//! Decided and rendered as what is queued. What came of it is returned: nothing is written here.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use policy::{Decider, Reading};
use tokio::{sync::Semaphore, time::timeout};
use uuid::Uuid;

use super::{
    attempt::{Connection, Event as Heard},
    bounce::{About, Action},
    dialer::Dialer,
    line::{everything, refused},
    outcome::{Fate, Outcome, Problem},
    prepare::{Desk, Parcel, Stays, Work, detail},
    route::Destination,
    schedules::Schedules,
    settings::{Settings, Smarthost},
    settle::{NOBODY, Said, Settler},
    tally::Tally,
};
use crate::{
    journal::{
        Event, Kind,
        reason::{self, Cause},
    },
    smtp::{
        client::{Answer, PeerReply, Why},
        envelope::Path,
        reply::Reply,
    },
    spool::{self, Delivery, Left, Message, Room, Slot, Spool, State},
};

/// Hands on at once; cheap to clone.
#[derive(Clone, Debug)]
pub struct AtOnce {
    settings: Arc<Settings>,
    dialer: Dialer,
    desk: Desk,
    settler: Settler,
    /// Of its own: a full queue keeps nobody waiting.
    room: Room,
    /// Connections that may still be opened to each next hop.
    calls: Arc<BTreeMap<Arc<Vec<Smarthost>>, Semaphore>>,
}

/// One message to some of its recipients, decided on just now.
#[derive(Debug)]
pub struct Handed {
    pub message: Arc<Message>,
    pub reading: Arc<Reading>,
    pub decider: Decider,
    pub deliveries: Vec<Delivery>,
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
    pub fn new(
        settings: Settings,
        spool: &Spool,
        desk: Desk,
        settler: Settler,
    ) -> anyhow::Result<Self> {
        let settings = Arc::new(settings);
        // Connections to the operator's own host are in nobody's report.
        let dialer = Dialer::new(settings.clone(), spool.place(), Tally::default())?;
        let (_, room, _) = spool::handover(settings.in_flight_max, settings.in_flight_bytes_max);
        let calls =
            settings.proxies().map(|hop| (hop.clone(), Semaphore::new(settings.connections_max)));
        let calls = Arc::new(calls.collect());
        Ok(Self { settings, dialer, desk, settler, room, calls })
    }

    /// Of what is queued, by it or beside it.
    pub fn schedules(&self) -> Schedules {
        self.settler.schedules.clone()
    }

    /// Who is asked while the client waits; `None`: the message is queued for this recipient.
    pub fn hop(&self, stream: &str, recipient: &Path) -> Option<Arc<Vec<Smarthost>>> {
        self.settings.way(None, stream, &spool::domain(recipient)).next_hop.proxy().cloned()
    }

    /// Hands it to the next hop, within the time that a client waits. One for each delivery, in order.
    pub async fn pass(&self, hop: &Arc<Vec<Smarthost>>, handed: Handed) -> Vec<Passed> {
        let (message, all) = (handed.message.clone(), handed.deliveries.clone());
        let mut found = Vec::with_capacity(all.len());
        let in_time = timeout(self.settings.timeouts.proxy, self.talk(hop, handed, &mut found));
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

    async fn dial(&self, hop: &Arc<Vec<Smarthost>>, seed: u64) -> Result<Connection, Problem> {
        let (now, to) = (Timestamp::now(), Destination::Smarthosts(hop.clone()));
        let found = self.dialer.find(now, &to, seed).await?;
        self.dialer.reach(now, &to, &self.settings.no_source, &found).await
    }

    async fn talk(&self, hop: &Arc<Vec<Smarthost>>, handed: Handed, found: &mut Vec<Passed>) {
        let _call = match self.calls.get(hop) {
            Some(calls) => calls.acquire().await.ok(),
            None => None,
        };
        let slot = Arc::new(self.room.wait(handed.message.bytes.len()).await);
        let message = handed.message.clone();
        let dialed = self.dial(hop, message.id.as_u64_pair().1).await;
        let mut connection = match dialed {
            Ok(connection) => connection,
            Err(problem) => {
                let (now, outcome) = (Timestamp::now(), Outcome::of_problem(&problem));
                let each = handed.deliveries.into_iter();
                found.extend(each.map(|delivery| {
                    self.answered(now, &message, delivery, (&outcome, None), &NOBODY)
                }));
                return;
            }
        };
        metrics::counter!("souhlas_connections_out_total", "kind" => "proxy").increment(1);
        let offered = connection.capabilities().clone();
        let now = Timestamp::now();
        let prepared = self.desk.prepare(now, vec![handed.work(slot)], &offered).await;
        let staying = prepared.staying.into_iter().flat_map(|staying| staying.deliveries);
        found.extend(staying.map(|(delivery, stays)| self.stays(now, &message, delivery, stays)));
        let mut flying = Vec::new();
        for (id, mut parcel) in (0..).zip(prepared.parcels) {
            let Some(mut transaction) = parcel.transaction.take() else { continue };
            transaction.params.by = message.by_left(Timestamp::now());
            if let Some(outcome) = refused(&connection, &message, &transaction) {
                let all = vec![(outcome, None); parcel.deliveries.len()];
                self.heard(found, &connection, parcel, all);
                continue;
            }
            transaction.params.require_tls &= connection.takes_require_tls();
            connection.transact(id, transaction);
            flying.push((id, parcel));
        }
        if self.listen(&mut connection, flying, found).await {
            // The client does not wait for the goodbye.
            tokio::spawn(connection.quit());
        }
    }

    /// Until all is answered; whether the connection is there still.
    async fn listen(
        &self,
        connection: &mut Connection,
        mut flying: Vec<(u64, Parcel)>,
        found: &mut Vec<Passed>,
    ) -> bool {
        // Answered, but why the connection ended is not known yet.
        let mut unclear: Vec<(Parcel, Vec<Answer>)> = Vec::new();
        while !flying.is_empty() || !unclear.is_empty() {
            match connection.next().await {
                Heard::Done { id, answers } => {
                    let Some(at) = flying.iter().position(|(own, _)| *own == id) else { continue };
                    let (_, parcel) = flying.remove(at);
                    if answers.iter().all(|answer| matches!(answer, Answer::Said(_))) {
                        let all = answers.iter().map(|answer| told(answer, None)).collect();
                        self.heard(found, connection, parcel, all);
                    } else {
                        unclear.push((parcel, answers));
                    }
                }
                Heard::Closed(why) => {
                    for (parcel, answers) in unclear {
                        let all = answers.iter().map(|answer| told(answer, Some(&why))).collect();
                        self.heard(found, connection, parcel, all);
                    }
                    return false;
                }
            }
        }
        true
    }

    /// One answer for each of a parcel's deliveries.
    fn heard(
        &self,
        found: &mut Vec<Passed>,
        connection: &Connection,
        parcel: Parcel,
        answers: Vec<(Outcome, Option<PeerReply>)>,
    ) {
        let said = Said {
            peer: &connection.peer,
            host: &connection.host,
            dsn: connection.capabilities().dsn,
            by: connection.capabilities().deliver_by.is_some(),
            tls: connection.is_tls(),
            proof: connection.proof(),
            digest: Some(parcel.digest),
        };
        let now = Timestamp::now();
        for (delivery, (outcome, word)) in parcel.deliveries.into_iter().zip(answers) {
            let about = (&outcome, word.as_ref());
            found.push(self.answered(now, &parcel.message, delivery, about, &said));
        }
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
        let event = self.settler.line(now, message, &delivery, outcome, said);
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
        let schedule = self.settler.schedules.of(&message.stream, None, to);
        let due = schedule.next(now, delivery.attempts, delivery.expires_at, spread);
        delivery.due_at = due.unwrap_or(now);
        delivery.state = State::Ready;
        delivery.last = Some(self.settler.last(&outcome));
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
                reason: self.settler.reason(&passed.outcome).to_owned(),
                text: passed.outcome.text(),
                remote: Some(passed.host.as_str()).filter(|host| !host.is_empty()),
                until: None,
            })
            .collect();
        let language = self.settler.language(message);
        self.settler.reporter.report(now, message, &about, language)
    }

    /// Renders it for a mail server that sends it on itself, to all deliveries in one.
    pub async fn render(&self, now: Timestamp, handed: Handed) -> Rendered {
        let slot = Arc::new(self.room.wait(handed.message.bytes.len()).await);
        let work = vec![handed.work(slot)];
        let mut prepared = self.desk.prepare(now, work, &everything()).await;
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

/// What an answer means, and in whose words; `why` the connection ended, where it did.
fn told(answer: &Answer, why: Option<&Why>) -> (Outcome, Option<PeerReply>) {
    let word = match (answer, why) {
        (Answer::Said(reply), _) | (_, Some(Why::Refused(reply))) => Some(reply.clone()),
        (Answer::Unsent | Answer::Lost { .. }, _) => None,
    };
    (Outcome::of(answer, why), word)
}

/// The next hop's words, as they were said. 421 is about our connection to it and not about the
/// client's; what is no answer to a message asks the client to come again.
fn reply_of(word: &PeerReply) -> Reply {
    let code = match word.code {
        421 => 451,
        code if word.is_positive() || code >= 400 => code,
        _ => 451,
    };
    let enhanced = match word.enhanced {
        Some([class, subject, detail]) => format!("{class}.{subject}.{detail} "),
        None => String::new(),
    };
    let lines: Vec<String> =
        word.text.split('\n').map(|line| format!("{enhanced}{line}")).collect();
    Reply::new(code, "", lines.join("\n"))
}

/// Where the next hop said nothing about the message.
fn own_reply(outcome: &Outcome, event: &Event) -> Reply {
    let (journal, status) = (event.id, outcome.status_text());
    let why = outcome.cause.unwrap_or(Cause::ConnectionLost).as_str();
    match outcome.fate {
        Fate::Bounce => Reply::new(550, "", format!("{status} {why}: not sent, journal {journal}")),
        Fate::Later | Fate::Again | Fate::Delivered => {
            let text = format!("{status} {why}: nothing was kept, try again, journal {journal}");
            Reply::new(451, "", text)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_hops_words_are_passed_on_and_nothing_ends_the_clients_connection() {
        let word = |code, enhanced, text: &str| {
            reply_of(&PeerReply { code, enhanced, text: text.to_owned() }).to_wire()
        };
        assert_eq!(word(250, Some([2, 0, 0]), "Ok: queued"), "250 2.0.0 Ok: queued\r\n");
        assert_eq!(
            word(550, Some([5, 1, 1]), "no such user\nask us"),
            "550-5.1.1 no such user\r\n550 5.1.1 ask us\r\n"
        );
        assert_eq!(word(450, None, "later"), "450 later\r\n");
        assert_eq!(word(421, Some([4, 3, 2]), "closing"), "451 4.3.2 closing\r\n");
        assert_eq!(word(354, None, "go on"), "451 go on\r\n");
    }
}
