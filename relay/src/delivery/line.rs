//! One connection's life: dial, take work, decide again, send, hand the answers on, go.

mod paced;

use std::{collections::VecDeque, sync::Arc};

use jiff::Timestamp;
use tokio::{
    task::JoinHandle,
    time::{Duration, Instant, timeout},
};
use uuid::Uuid;

use self::paced::admitted;
pub(super) use self::paced::{heed, learn};
use super::{
    attempt::{Connection, Event},
    capture,
    destination::{BATCH_MAX, Office, Queue},
    outcome::{Fate, Outcome, Problem},
    pace::{Flight, Pass, Terms},
    prepare::{Parcel, Prepared, Work},
    route::Destination,
    settle::{NOBODY, Said},
};
use crate::{
    journal::reason::Cause,
    smtp::client::{Answer, Capabilities, Transaction, Why},
    spool::{Delivery, Message, Slot},
};

/// A message that loses its connection so often, before it was sent, is no longer tried at once.
const RETURNS_MAX: u32 = 2;
/// What was decided longer ago is decided again before it leaves: somebody may have said no while
/// a slow peer was thinking about the message before.
const FRESH: Duration = Duration::from_secs(1);

/// Serves the queue until there is nothing to do, then leaves it.
pub(super) async fn run(queue: Arc<Queue>, office: Office, seed: u64) {
    if let Destination::Capture(folder) = &queue.heading.destination {
        queue.asked();
        capture::run(&queue, &office, folder).await;
        queue.leave(false, None);
        return queue.serve(&office);
    }
    let kind = queue.heading.destination.kind();
    let (connected, problem) = match opened(&queue, &office, seed).await {
        Ok(None) => (false, None),
        Ok(Some((connection, terms, pass))) => {
            metrics::counter!("souhlas_connections_out_total", "kind" => kind).increment(1);
            queue.connected();
            let line = Line::new(&queue, &office, connection, (terms, pass));
            (true, line.talk().await.map(Problem::Closed))
        }
        Err(problem) => (false, Some(problem)),
    };
    if !connected && problem.is_some() {
        metrics::counter!("souhlas_connections_out_failed_total", "kind" => kind).increment(1);
    }
    let failed = queue.leave(connected, problem.as_ref());
    if let Some(problem) = &problem {
        let outcome = Outcome::of_problem(problem);
        // Parts of one message share a report.
        for parts in failed.chunk_by(|one, next| one.message.id == next.message.id) {
            give_up(&office, parts, &outcome);
        }
    }
    queue.serve(&office);
}

/// The first connection that limits allow and that comes about, counted for the host that it is to.
/// `None`: not now.
async fn opened(
    queue: &Arc<Queue>,
    office: &Office,
    seed: u64,
) -> Result<Option<(Connection, Terms, Pass)>, Problem> {
    let (destination, source) = (&queue.heading.destination, &queue.heading.source);
    let found = office.dialer.find(Timestamp::now(), destination, seed).await;
    let hosts = found.inspect_err(|_| queue.asked())?.apart();
    let mut last = None;
    for host in hosts {
        let admitted = admitted(queue, office, &host).await;
        queue.asked();
        let Some((terms, pass)) = admitted else { return Ok(None) };
        // Those that are still needed ask at the same time as this one connects.
        queue.serve(office);
        match office.dialer.reach(Timestamp::now(), destination, source, &host).await {
            Ok(connection) => return Ok(Some((connection, terms, pass))),
            Err(problem) => last = Some((problem, terms)),
        }
    }
    let Some((problem, terms)) = last else {
        return Err(Problem::Connect("no host".to_owned()));
    };
    heed(office, &terms, &Outcome::of_problem(&problem));
    Err(problem)
}

/// All of one message.
fn give_up(office: &Office, parts: &[Work], outcome: &Outcome) {
    let Some(work) = parts.first() else { return };
    let deliveries = parts.iter().flat_map(|part| &part.deliveries);
    let results: Vec<_> = deliveries.map(|delivery| (delivery, outcome.clone())).collect();
    office.settler.attempted(Timestamp::now(), &work.message, &results, &NOBODY, &work.slot);
}

struct Line<'a> {
    queue: &'a Arc<Queue>,
    office: &'a Office,
    connection: Connection,
    terms: Terms,
    pass: Pass,
    preparing: Option<Preparing>,
    ready: VecDeque<Parcel>,
    /// When deciding on what is ready began.
    decided: Instant,
    /// When the last message was begun.
    begun: Instant,
    /// How many messages are decided on at once: few for a slow peer, that they stay fresh.
    share: usize,
    flying: VecDeque<(u64, Parcel, Flight)>,
    /// Answered, but why the connection ended is not known yet.
    unclear: Vec<(Parcel, Vec<Answer>)>,
    sent: u32,
    /// The peer has said something about a message.
    useful: bool,
}

/// Deciding runs beside the connection; what it is about is remembered in case it breaks.
struct Preparing {
    task: JoinHandle<Prepared>,
    about: Vec<(Uuid, Uuid, Arc<Slot>)>,
}

enum Next {
    Heard(Event),
    Prepared(Option<Prepared>),
    News,
    Idle,
}

impl<'a> Line<'a> {
    fn new(
        queue: &'a Arc<Queue>,
        office: &'a Office,
        connection: Connection,
        (terms, pass): (Terms, Pass),
    ) -> Self {
        Self {
            queue,
            office,
            connection,
            terms,
            pass,
            preparing: None,
            ready: VecDeque::new(),
            decided: Instant::now(),
            begun: Instant::now(),
            share: BATCH_MAX,
            flying: VecDeque::new(),
            unclear: Vec::new(),
            sent: 0,
            useful: false,
        }
    }

    /// `Some`: the peer ended it before it had been of any use.
    async fn talk(mut self) -> Option<Why> {
        loop {
            self.take_work().await;
            while !self.send() {
                self.take_work().await;
            }
            if self.is_done() {
                if self.may_go_on() {
                    match self.wait_idle().await {
                        Next::News | Next::Prepared(_) => continue,
                        Next::Heard(Event::Done { .. }) => continue,
                        Next::Heard(Event::Closed(_)) => return None,
                        Next::Idle => {}
                    }
                }
                self.connection.quit().await;
                return None;
            }
            match self.next().await {
                Next::Heard(Event::Done { id, answers }) => self.answered(id, answers),
                Next::Heard(Event::Closed(why)) => return self.closed(why).await,
                Next::Prepared(prepared) => self.prepared(prepared),
                Next::News | Next::Idle => {}
            }
        }
    }

    fn is_done(&self) -> bool {
        // What is unclear waits for the word that the connection has ended, and why.
        self.preparing.is_none()
            && self.ready.is_empty()
            && self.flying.is_empty()
            && self.unclear.is_empty()
    }

    fn may_go_on(&self) -> bool {
        self.left() > 0 && !self.gives_way() && !*self.office.stopping.borrow()
    }

    /// Messages that may still be begun.
    fn left(&self) -> u32 {
        let most = self.connection.capabilities().messages_max.unwrap_or(u32::MAX);
        most.min(self.terms.messages_per_connection()).saturating_sub(self.sent)
    }

    /// Has the next messages decided on while the last ones are on their way.
    async fn take_work(&mut self) {
        // One at a time is decided on when nothing is in its way any more.
        let busy = self.share == 1 && !self.connection.is_idle();
        if busy || self.preparing.is_some() || !self.ready.is_empty() || !self.may_go_on() {
            return;
        }
        let now = Timestamp::now();
        if !self.may_take(now) {
            return;
        }
        let work = loop {
            let most = self.share.min(usize::try_from(self.left()).unwrap_or(usize::MAX));
            let taken = self.queue.take(self.office.settings.connections_max, most);
            if taken.is_empty() {
                return;
            }
            // A pause that began while it waited holds for it, too.
            let kept = taken.into_iter().filter_map(|one| self.office.unpaused(one));
            let kept: Vec<Work> = kept.collect();
            if !kept.is_empty() {
                break kept;
            }
        };
        let Some(work) = self.paced(now, work).await else { return };
        // More than one connection's share: somebody else may help.
        self.queue.serve(self.office);
        let about = work
            .iter()
            .flat_map(|one| one.deliveries.iter().map(|d| (d.id, d.message, one.slot.clone())))
            .collect();
        let desk = self.office.desk.clone();
        let offered = self.connection.capabilities().clone();
        let task =
            tokio::spawn(async move { desk.prepare(Timestamp::now(), work, &offered).await });
        self.decided = Instant::now();
        self.preparing = Some(Preparing { task, about });
    }

    fn prepared(&mut self, prepared: Option<Prepared>) {
        let about = self.preparing.take().map(|preparing| preparing.about).unwrap_or_default();
        let now = Timestamp::now();
        let Some(prepared) = prepared else {
            tracing::error!("deciding on a message broke: it is tried again later");
            for (delivery, message, slot) in about {
                self.office.settler.broken(now, delivery, message, &slot);
            }
            return;
        };
        for staying in &prepared.staying {
            let unused = u32::try_from(staying.deliveries.len()).unwrap_or(0);
            self.office.pacer.give_back(now, &self.terms, unused);
            self.office.settler.stays(now, staying);
        }
        self.ready.extend(prepared.parcels);
    }

    /// Begins what is ready and still fresh; `false`: the rest was given back, to be decided on
    /// again.
    fn send(&mut self) -> bool {
        while self.connection.has_room() && !self.ready.is_empty() {
            if self.share > 1 && self.decided.elapsed() > FRESH {
                self.share = 1;
                self.give_back();
                return false;
            }
            // Recipients of one message may need a transaction each.
            if self.left() == 0 {
                self.give_back();
                return false;
            }
            let Some(flight) = self.office.pacer.fly(&self.terms) else { break };
            let Some(mut parcel) = self.ready.pop_front() else { break };
            let Some(mut transaction) = parcel.transaction.take() else { continue };
            transaction.params.by = parcel.message.by_left(Timestamp::now());
            if let Some(outcome) = refused(&self.connection, &parcel.message, &transaction) {
                self.settle(&parcel, |_| outcome.clone());
                continue;
            }
            // Not asked of a host that may be anybody.
            transaction.params.require_tls &= self.connection.takes_require_tls();
            self.sent += 1;
            let id = u64::from(self.sent);
            self.begun = Instant::now();
            self.connection.transact(id, transaction);
            self.flying.push_back((id, parcel, flight));
        }
        true
    }

    fn give_back(&mut self) {
        let mut back: Vec<Work> = Vec::new();
        self.unused(self.ready.iter().map(|parcel| &parcel.deliveries));
        for parcel in std::mem::take(&mut self.ready) {
            let deliveries = parcel.deliveries.clone();
            back.extend(parcel.work(deliveries, parcel.returned));
        }
        self.queue.put_back(back);
    }

    async fn next(&mut self) -> Next {
        match &mut self.preparing {
            Some(preparing) => tokio::select! {
                biased;
                prepared = &mut preparing.task => Next::Prepared(prepared.ok()),
                event = self.connection.next() => Next::Heard(event),
            },
            // With room left, new work may follow at once what is on its way.
            None if self.connection.has_room() => {
                let rested = self.queue.rested().is_some();
                // What limits keep back is no work for who waits here.
                if !rested {
                    self.queue.idle(true);
                }
                let again = self.again();
                let next = tokio::select! {
                    event = self.connection.next() => Next::Heard(event),
                    () = self.queue.news.notified(), if !rested => Next::News,
                    () = again => Next::News,
                };
                if !rested {
                    self.queue.idle(false);
                }
                next
            }
            None => Next::Heard(self.connection.next().await),
        }
    }

    async fn wait_idle(&mut self) -> Next {
        let mut stopping = self.office.stopping.clone();
        if self.queue.rested().is_some() {
            let again = self.again();
            return tokio::select! {
                event = self.connection.next() => Next::Heard(event),
                () = again => Next::News,
                _ = stopping.wait_for(|stopping| *stopping) => Next::Idle,
            };
        }
        self.queue.idle(true);
        let news = self.queue.news.notified();
        // Work that came between the last look and this line.
        let next = if self.queue.has_work() {
            Next::News
        } else {
            let waiting = async {
                tokio::select! {
                    event = self.connection.next() => Next::Heard(event),
                    () = news => Next::News,
                    () = self.pass.wanted() => Next::Idle,
                    _ = stopping.wait_for(|stopping| *stopping) => Next::Idle,
                }
            };
            timeout(self.office.settings.idle, waiting).await.unwrap_or(Next::Idle)
        };
        self.queue.idle(false);
        next
    }

    fn answered(&mut self, id: u64, answers: Vec<Answer>) {
        let Some(at) = self.flying.iter().position(|(own, ..)| *own == id) else { return };
        let Some((_, parcel, _)) = self.flying.remove(at) else { return };
        if answers.iter().all(|answer| matches!(answer, Answer::Said(_))) {
            self.useful = true;
            self.queue.useful();
            if self.begun.elapsed() < FRESH {
                self.share = (self.share * 2).min(BATCH_MAX);
            }
            let mut answers = answers.iter();
            self.settle(&parcel, |_| {
                answers.next().map_or_else(unanswered, |a| Outcome::of(a, None))
            });
        } else {
            self.unclear.push((parcel, answers));
        }
    }

    fn settle(&self, parcel: &Parcel, mut outcome: impl FnMut(usize) -> Outcome) {
        let results: Vec<_> = parcel
            .deliveries
            .iter()
            .enumerate()
            .map(|(at, delivery)| (delivery, outcome(at)))
            .collect();
        learn(self.office, &self.terms, results.iter().map(|(_, outcome)| outcome));
        self.attempted(parcel, &results);
    }

    fn attempted(&self, parcel: &Parcel, results: &[(&Delivery, Outcome)]) {
        let said = Said {
            peer: &self.connection.peer,
            host: &self.connection.host,
            dsn: self.connection.capabilities().dsn,
            by: self.connection.capabilities().deliver_by.is_some(),
            tls: self.connection.is_tls(),
            proof: self.connection.proof(),
            digest: Some(parcel.digest),
        };
        let settler = &self.office.settler;
        settler.attempted(Timestamp::now(), &parcel.message, results, &said, &parcel.slot);
    }

    /// The peer ended it: what was asked is settled, what was not goes back.
    async fn closed(mut self, why: Why) -> Option<Why> {
        let mut back: Vec<Work> = Vec::new();
        if !self.unclear.is_empty() || !self.useful {
            heed(self.office, &self.terms, &Outcome::of_problem(&Problem::Closed(why.clone())));
        }
        for (parcel, answers) in std::mem::take(&mut self.unclear) {
            let outcomes = answers.iter().map(|answer| Outcome::of(answer, Some(&why)));
            let (again, settled): (Vec<_>, Vec<_>) =
                parcel.deliveries.iter().zip(outcomes).partition(|(_, outcome)| {
                    outcome.fate == Fate::Again && parcel.returned < RETURNS_MAX
                });
            self.attempted(&parcel, &settled);
            let again: Vec<_> = again.into_iter().map(|(delivery, _)| delivery.clone()).collect();
            self.unused(std::iter::once(&again));
            back.extend(parcel.work(again, parcel.returned + 1));
        }
        if let Some(preparing) = self.preparing.as_mut() {
            let prepared = (&mut preparing.task).await.ok();
            self.prepared(prepared);
        }
        self.give_back();
        self.queue.put_back(back);
        (!self.useful).then_some(why)
    }
}

/// What need not be tried: too large for the peer, or asks for TLS or a time that is not to be had there.
pub(super) fn refused(
    connection: &Connection,
    message: &Message,
    transaction: &Transaction,
) -> Option<Outcome> {
    let octets = u64::try_from(transaction.octets()).unwrap_or(u64::MAX);
    if connection.capabilities().size_max.is_some_and(|most| octets > most) {
        return Some(Outcome::own(Fate::Bounce, [5, 3, 4], Cause::TooLarge));
    }
    // A report goes on without, rather than not at all (RFC 8689 §5).
    let asks = message.params.require_tls && message.from.is_some();
    if asks && !connection.takes_require_tls() {
        return Some(Outcome::own(Fate::Bounce, [5, 7, 30], Cause::RequireTlsNotOffered));
    }
    let least = connection.capabilities().deliver_by;
    transaction.params.by.and_then(|by| by.forbids(least)).map(Outcome::not_in_time)
}

fn unanswered() -> Outcome {
    Outcome::own(Fate::Later, [4, 5, 0], Cause::NotAnswered)
}

impl Parcel {
    /// Back to what it was before it was prepared; it is decided on again.
    pub(super) fn work(&self, mut deliveries: Vec<Delivery>, returned: u32) -> Option<Work> {
        for delivery in &mut deliveries {
            delivery.counted = None;
        }
        (!deliveries.is_empty()).then(|| Work {
            message: self.message.clone(),
            reading: self.reading.clone(),
            decider: policy::Decider::default(),
            deliveries,
            slot: self.slot.clone(),
            returned,
            chain: None,
        })
    }
}

/// A peer that offers everything: what a folder is.
pub(super) fn everything() -> Capabilities {
    Capabilities {
        pipelining: true,
        eight_bit: true,
        smtputf8: true,
        chunking: true,
        binary: true,
        deliver_by: Some(0),
        ..Capabilities::default()
    }
}
