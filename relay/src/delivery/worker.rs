//! The main loop: takes jobs from intake and from the spool, and puts each into the queue of its
//! destination. Rescues what dead nodes left. Stops in order: what is under way is finished,
//! the rest is put back.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use policy::Decider;
use tokio::{
    sync::{Notify, mpsc, watch},
    time::{Instant, interval, sleep, timeout},
};

use super::{
    AtOnce,
    destination::{Office, Queue},
    dialer::Dialer,
    dns::Resolver,
    heading::Heading,
    ordered,
    pace::Pacer,
    paused::Pauses,
    prepare::{Desk, Work},
    settings::Settings,
    settle::Settler,
    tally::Tally,
    tls_required,
};
use crate::{
    spool::{self, Job, Room, Slot, Spool},
    tls::Tls,
};

/// The delivery worker; [`Worker::run`] it once.
#[derive(Debug)]
pub struct Worker {
    office: Office,
    spool: Spool,
    room: Room,
    jobs: mpsc::UnboundedReceiver<Job>,
    wake: Arc<Notify>,
    queues: Queues,
}

/// The queue of each destination.
#[derive(Clone, Debug, Default)]
struct Queues(Arc<Mutex<BTreeMap<Heading, Arc<Queue>>>>);

/// Messages that may wait for one destination, however many there are.
const SHARE_MIN: usize = 4;
/// How often the spool is asked for what is due.
const TICK: Duration = Duration::from_secs(1);
/// Until it looks again whether there is room for what is due.
const CROWDED: Duration = Duration::from_millis(20);
/// How often this node says that it is alive; well within the lease.
const RESCUE: Duration = Duration::from_secs(15);
/// Deliveries claimed at a time.
const CLAIM: usize = 256;
/// Claims in a row of which everything was put off, before the next look.
const IN_VAIN_MAX: usize = 8;
/// How long what is under way may take when the relay stops.
const FINISH: Duration = Duration::from_secs(20);
/// And how long its last commits.
const COMMIT: Duration = Duration::from_secs(10);

impl Worker {
    /// `wake` is notified by whoever makes something due at once: a released message, a DSN.
    pub fn new(
        settings: Settings,
        spool: Spool,
        desk: Desk,
        settler: Settler,
        (room, jobs): (Room, mpsc::UnboundedReceiver<Job>),
        (stopping, tally): (watch::Receiver<bool>, Tally),
    ) -> anyhow::Result<Self> {
        let settings = Arc::new(settings);
        let dialer = Dialer::new(settings.clone(), spool.place(), tally)?;
        let wake = settler.wake.clone();
        let pauses = Pauses::default();
        let pacer = Pacer::new(settings.limits.clone(), spool.paces());
        let office = Office { settings, dialer, desk, settler, pauses, pacer, stopping };
        Ok(Self { office, spool, room, jobs, wake, queues: Queues::default() })
    }

    /// What it asks DNS with, and how it shakes hands.
    pub fn ways_out(&self) -> (Resolver, Tls) {
        let dialer = &self.office.dialer;
        (dialer.resolver.clone(), dialer.tls.clone())
    }

    /// What is never queued: as fast as what is, by the same limits.
    pub fn at_once(&self) -> AtOnce {
        AtOnce::new(self.office.clone())
    }

    /// Until `stopping` says true; then returns when all is settled or given back.
    pub async fn run(mut self) {
        // What is paused is known before anything is sent.
        ordered::begin(&self.office).await;
        let orderly = tokio::spawn(ordered::follow(self.office.clone(), self.room.clone()));
        let claimer = tokio::spawn(claim_all(
            self.spool.clone(),
            self.room.clone(),
            self.wake.clone(),
            self.queues.clone(),
            self.office.clone(),
        ));
        let rescuer = tokio::spawn(rescue_all(self.spool.clone(), self.wake.clone()));
        let mut stopping = self.office.stopping.clone();
        let mut jobs = Vec::with_capacity(64);
        loop {
            tokio::select! {
                count = self.jobs.recv_many(&mut jobs, 64) => {
                    if count == 0 {
                        break;
                    }
                    for job in jobs.drain(..) {
                        self.queues.add(&self.office, job);
                    }
                }
                _ = stopping.wait_for(|stopping| *stopping) => break,
            }
        }
        // Without intake there is still the spool to be served.
        let _ = stopping.wait_for(|stopping| *stopping).await;
        claimer.abort();
        orderly.abort();
        let _ = (claimer.await, orderly.await);
        self.jobs.close();
        while let Ok(job) = self.jobs.try_recv() {
            self.queues.add(&self.office, job);
        }
        self.finish().await;
        rescuer.abort();
    }

    async fn finish(&self) {
        let until = Instant::now() + FINISH;
        let queues = self.queues.all();
        // What waits is not even begun.
        for queue in &queues {
            self.release(queue);
        }
        while queues.iter().any(|queue| queue.lines() > 0) && Instant::now() < until {
            sleep(Duration::from_millis(20)).await;
            for queue in &queues {
                self.release(queue);
            }
        }
        if timeout(COMMIT, self.room.emptied()).await.is_err() {
            tracing::warn!(
                "stopped before all was settled: the rest is ready again at the next start"
            );
        }
    }

    fn release(&self, queue: &Queue) {
        for work in queue.take_all() {
            for delivery in &work.deliveries {
                self.office.settler.release(Timestamp::now(), delivery, &work.slot);
            }
        }
    }
}

/// Claims what is due, every second or when woken, as far as there is room; sooner where there was too
/// little room for all.
async fn claim_all(spool: Spool, room: Room, wake: Arc<Notify>, queues: Queues, office: Office) {
    let mut tick = interval(TICK);
    let enough = (office.settings.in_flight_max / 4).clamp(1, CLAIM / 4);
    let mut is_crowded = false;
    loop {
        let ticked = tokio::select! {
            _ = tick.tick() => true,
            () = wake.notified() => false,
            () = roomy(&room, enough), if is_crowded => false,
        };
        if ticked {
            queues.sweep();
            if let Err(fault) = office.pacer.follow(Timestamp::now()).await {
                tracing::warn!(%fault, "other relays do not learn how fast this one sends");
            }
        }
        is_crowded = false;
        let mut in_vain = 0;
        loop {
            let before = office.pacer.put_off();
            let limit = room.left().min(CLAIM);
            if limit == 0 {
                is_crowded = true;
                break;
            }
            let claimed = match spool.claim(Timestamp::now(), limit).await {
                Ok(claimed) => claimed,
                Err(fault) => {
                    tracing::warn!(%fault, "cannot claim what is due");
                    break;
                }
            };
            let count: usize = claimed.iter().map(|(_, deliveries)| deliveries.len()).sum();
            for (message, deliveries) in claimed {
                let slot = room.wait(message.bytes.len()).await;
                let decider = Decider::default();
                queues.add(&office, Job { message, reading: None, decider, deliveries, slot });
            }
            // What comes next is of the same destinations, perhaps: not all of it is asked for at once.
            let put_off = office.pacer.put_off().saturating_sub(before);
            in_vain += usize::from(put_off >= u64::try_from(count).unwrap_or(u64::MAX));
            if count < limit || in_vain >= IN_VAIN_MAX {
                break;
            }
        }
    }
}

/// Looks, and does not stand in line: what comes in finds room first.
async fn roomy(room: &Room, enough: usize) {
    while room.left() < enough {
        sleep(CROWDED).await;
    }
}

async fn rescue_all(spool: Spool, wake: Arc<Notify>) {
    let mut tick = interval(RESCUE);
    loop {
        tick.tick().await;
        match spool.rescue(Timestamp::now()).await {
            Ok(0) => {}
            Ok(count) => {
                tracing::info!(count, "took over what another node had left");
                wake.notify_one();
            }
            Err(fault) => tracing::warn!(%fault, "cannot renew the lease"),
        }
    }
}

impl Queues {
    /// Splits a job by destination.
    fn add(&self, office: &Office, job: Job) {
        let Job { message, reading, mut decider, deliveries, slot } = job;
        let slot: Arc<Slot> = Arc::new(slot);
        let wish = tls_required::wish(&message);
        let mut parts: BTreeMap<Heading, Vec<spool::Delivery>> = BTreeMap::new();
        for delivery in deliveries {
            let heading = office.heading(&message, &delivery, wish);
            parts.entry(heading).or_default().push(delivery);
        }
        for (heading, deliveries) in parts {
            let (queue, share) = self.queue(office, heading);
            let work = Work {
                message: message.clone(),
                reading: reading.clone(),
                // Its memory goes with the first part; the others make their own.
                decider: std::mem::take(&mut decider),
                deliveries,
                slot: slot.clone(),
                returned: 0,
                chain: None,
            };
            queue.push(office, work, share);
        }
    }

    /// With how many messages may wait in it: a slow one never fills the memory alone.
    fn queue(&self, office: &Office, heading: Heading) -> (Arc<Queue>, usize) {
        let mut queues = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let queue = queues.entry(heading.clone()).or_insert_with(|| Queue::new(heading)).clone();
        let all = office.settings.in_flight_max;
        // A quarter stays free for destinations that nothing waits for yet.
        (queue, (all - all / 4).div_ceil(queues.len()).max(SHARE_MIN))
    }

    fn all(&self) -> Vec<Arc<Queue>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// Forgets destinations that nobody uses: there is one for each domain ever written to.
    fn sweep(&self) {
        let mut queues = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        queues.retain(|_, queue| Arc::strong_count(queue) > 1 || !queue.is_quiet());
    }
}
