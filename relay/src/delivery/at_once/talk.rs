//! The talk with the next hop while the client waits: as limits allow, over a connection that was kept or
//! a new one. What is lost with one that was kept is said again over a new one.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use jiff::Timestamp;
use tokio::time::sleep;

use super::{AtOnce, Handed, Passed, kept::Call, reply::told};
use crate::{
    delivery::{
        attempt::Event as Heard,
        heading::Heading,
        line::{heed, learn, refused},
        outcome::{Fate, Outcome, Problem},
        pace::{Flight, Terms, Why as Wait},
        prepare::{Parcel, Work},
        settle::{NOBODY, Said},
    },
    smtp::{
        client::{Answer, PeerReply, Why},
        xforward::Attributes,
    },
};

/// How long a rate is waited for: the client comes again for what takes longer.
const NEAR: Duration = Duration::from_secs(2);
/// Until it looks again whether fewer messages are on their way.
const CROWDED: Duration = Duration::from_millis(20);

/// One connection's part of it.
struct Talk<'a> {
    at_once: &'a AtOnce,
    call: Call,
    /// It may have ended before anybody said anything.
    was_kept: bool,
    forward: Option<Arc<Attributes>>,
    ready: VecDeque<Parcel>,
    flying: Vec<(u64, Parcel, Flight)>,
    /// Answered, but why the connection ended is not known yet.
    unclear: Vec<(Parcel, Vec<Answer>)>,
    /// For another connection.
    back: Vec<Work>,
    found: &'a mut Vec<Passed>,
}

impl AtOnce {
    /// Until each delivery has its answer in `found`.
    pub(super) async fn talk(&self, hop: &Heading, handed: Handed, found: &mut Vec<Passed>) {
        let slot = Arc::new(self.room.wait(handed.message.bytes.len()).await);
        let (message, forward) = (handed.message.clone(), handed.forward.clone());
        let mut left = vec![handed.work(slot)];
        let mut kept = self.kept.take(hop).await;
        while !left.is_empty() {
            let was_kept = kept.is_some();
            let wanted = left.iter().map(|one| one.deliveries.len()).sum::<usize>();
            let wanted = u32::try_from(wanted).unwrap_or(u32::MAX);
            let call = match kept.take() {
                Some(call) => {
                    let granted = self.granted(&call.terms, wanted).await;
                    Ok((call, granted))
                }
                None => self.call(hop, message.id.as_u64_pair().1, wanted).await,
            };
            let (call, granted) = match call {
                Ok(call) => call,
                Err(outcome) => return self.give_up(left, &outcome, found),
            };
            let work = self.paced(granted, left, found);
            let mut talk = Talk {
                at_once: self,
                call,
                was_kept,
                forward: forward.clone(),
                ready: VecDeque::new(),
                flying: Vec::new(),
                unclear: Vec::new(),
                back: Vec::new(),
                found,
            };
            talk.prepare(work).await;
            let is_open = talk.run().await;
            let Talk { call, back, .. } = talk;
            left = back;
            if is_open {
                self.keep(hop, call);
            }
        }
    }

    /// A new connection that limits allow, and how many of those that are `wanted` may go over it now.
    async fn call(&self, hop: &Heading, seed: u64, wanted: u32) -> Result<(Call, u32), Outcome> {
        let (office, now) = (&self.office, Timestamp::now());
        let found = office.dialer.find(now, &hop.destination, seed).await;
        let hosts = found.map_err(|problem| Outcome::of_problem(&problem))?.apart();
        let mut last = Outcome::of_problem(&Problem::Connect("no host".to_owned()));
        for host in hosts {
            let terms = office.pacer.terms(&hop.lane(host.best()));
            let pass = office.pacer.admit(&terms).await.map_err(|(_, why)| not_now(why))?;
            let granted = self.granted(&terms, wanted).await;
            if granted == 0 {
                return Err(not_now(Wait::Rate));
            }
            match office.dialer.reach(now, &hop.destination, &hop.source, &host).await {
                Ok(connection) => {
                    metrics::counter!("souhlas_connections_out_total", "kind" => "proxy")
                        .increment(1);
                    return Ok((Call { connection, terms, pass, sent: 0 }, granted));
                }
                Err(problem) => {
                    office.pacer.give_back(now, &terms, granted);
                    last = Outcome::of_problem(&problem);
                    heed(office, &terms, &last);
                }
            }
        }
        Err(last)
    }

    /// So much of it as was granted: who is over it comes again.
    fn paced(&self, granted: u32, work: Vec<Work>, found: &mut Vec<Passed>) -> Vec<Work> {
        let (mut within, mut over) = (Vec::new(), Vec::new());
        let mut left = usize::try_from(granted).unwrap_or(usize::MAX);
        for mut one in work {
            over.extend(one.split_off(left));
            left = left.saturating_sub(one.deliveries.len());
            within.push(one);
        }
        within.retain(|one| !one.deliveries.is_empty());
        self.give_up(over, &not_now(Wait::Rate), found);
        within
    }

    /// How many may go within the time that is worth a wait.
    async fn granted(&self, terms: &Terms, wanted: u32) -> u32 {
        let pacer = &self.office.pacer;
        loop {
            let now = Timestamp::now();
            // Nobody was asked for a connection that was kept.
            if pacer.paused(now, terms).is_some() {
                return 0;
            }
            match pacer.take(now, terms, wanted).await {
                Ok(granted) => return granted,
                Err(next) => match Duration::try_from(next.duration_since(now)) {
                    Ok(rest) if rest <= NEAR => sleep(rest).await,
                    _ => return 0,
                },
            }
        }
    }

    fn give_up(&self, work: Vec<Work>, outcome: &Outcome, found: &mut Vec<Passed>) {
        let now = Timestamp::now();
        for one in work {
            let (message, about) = (one.message, (outcome, None));
            let each = one.deliveries.into_iter();
            found.extend(each.map(|to| self.answered(now, &message, to, about, &NOBODY)));
        }
    }

    /// For the next message, unless it was the last that may go over it, or somebody waits for its place.
    fn keep(&self, hop: &Heading, call: Call) {
        let office = &self.office;
        let is_paused = office.pacer.paused(Timestamp::now(), &call.terms).is_some();
        if call.left() == 0 || call.pass.is_wanted() || is_paused {
            // The client does not wait for the goodbye.
            tokio::spawn(async move {
                let Call { connection, pass, .. } = call;
                connection.quit().await;
                drop(pass);
            });
            return;
        }
        self.kept.keep(hop.clone(), call, office.settings.idle, office.stopping.clone());
    }
}

impl Talk<'_> {
    /// Decides again, for this peer.
    async fn prepare(&mut self, work: Vec<Work>) {
        let offered = self.call.connection.capabilities().clone();
        let (now, office) = (Timestamp::now(), &self.at_once.office);
        let prepared = office.desk.prepare(now, work, &offered).await;
        for staying in prepared.staying {
            let unused = u32::try_from(staying.deliveries.len()).unwrap_or(0);
            office.pacer.give_back(now, &self.call.terms, unused);
            let each = staying.deliveries.into_iter();
            let told = each.map(|(to, why)| self.at_once.stays(now, &staying.message, to, why));
            self.found.extend(told);
        }
        self.ready.extend(prepared.parcels);
    }

    /// Until all is answered; whether the connection is there still.
    async fn run(&mut self) -> bool {
        loop {
            let is_crowded = !self.begin();
            if self.ready.is_empty() && self.flying.is_empty() && self.unclear.is_empty() {
                return true;
            }
            let heard = tokio::select! {
                heard = self.call.connection.next() => heard,
                () = sleep(CROWDED), if is_crowded => continue,
            };
            match heard {
                Heard::Done { id, answers } => {
                    let at = self.flying.iter().position(|(own, ..)| *own == id);
                    let Some(at) = at else { continue };
                    let (_, parcel, _) = self.flying.remove(at);
                    if answers.iter().all(|answer| matches!(answer, Answer::Said(_))) {
                        let all = answers.iter().map(|answer| told(answer, None)).collect();
                        self.heard(parcel, all);
                    } else {
                        self.unclear.push((parcel, answers));
                    }
                }
                Heard::Closed(why) => {
                    self.closed(&why);
                    return false;
                }
            }
        }
    }

    /// Begins what is ready; `false`: limits allow no more on its way.
    fn begin(&mut self) -> bool {
        while self.call.left() > 0 && !self.ready.is_empty() {
            let flight = self.at_once.office.pacer.fly(&self.call.terms);
            let Some(flight) = flight else { return false };
            let Some(mut parcel) = self.ready.pop_front() else { return true };
            let Some(mut transaction) = parcel.transaction.take() else { continue };
            transaction.params.by = parcel.message.by_left(Timestamp::now());
            let connection = &mut self.call.connection;
            if let Some(outcome) = refused(connection, &parcel.message, &transaction) {
                let all = vec![(outcome, None); parcel.deliveries.len()];
                self.heard(parcel, all);
                continue;
            }
            transaction.params.require_tls &= connection.takes_require_tls();
            transaction.forward = self.forward.clone();
            self.call.sent += 1;
            let id = u64::from(self.call.sent);
            connection.transact(id, transaction);
            self.flying.push((id, parcel, flight));
        }
        for parcel in std::mem::take(&mut self.ready) {
            self.go_back(&parcel, parcel.deliveries.clone());
        }
        true
    }

    fn go_back(&mut self, parcel: &Parcel, deliveries: Vec<crate::spool::Delivery>) {
        let unused = u32::try_from(deliveries.len()).unwrap_or(0);
        self.at_once.office.pacer.give_back(Timestamp::now(), &self.call.terms, unused);
        self.back.extend(parcel.work(deliveries, parcel.returned));
    }

    fn closed(&mut self, why: &Why) {
        for (parcel, answers) in std::mem::take(&mut self.unclear) {
            let all: Vec<_> = answers.iter().map(|answer| told(answer, Some(why))).collect();
            let is_again = |(outcome, _): &(Outcome, _)| outcome.fate == Fate::Again;
            if self.was_kept && all.iter().all(is_again) {
                self.go_back(&parcel, parcel.deliveries.clone());
            } else {
                self.heard(parcel, all);
            }
        }
        for parcel in std::mem::take(&mut self.ready) {
            self.go_back(&parcel, parcel.deliveries.clone());
        }
    }

    /// One answer for each of a parcel's deliveries.
    fn heard(&mut self, parcel: Parcel, answers: Vec<(Outcome, Option<PeerReply>)>) {
        let (at_once, connection) = (self.at_once, &self.call.connection);
        let outcomes = answers.iter().map(|(outcome, _)| outcome);
        learn(&at_once.office, &self.call.terms, outcomes);
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
            self.found.push(at_once.answered(now, &parcel.message, delivery, about, &said));
        }
    }
}

/// Limits say so.
fn not_now(why: Wait) -> Outcome {
    Outcome::own(Fate::Later, [4, 4, 5], why.cause())
}
