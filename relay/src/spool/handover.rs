//! The way in memory from intake to the worker, bounded in messages and octets. A message that
//! finds no room is kept as `Ready` and claimed from the spool later; nothing is ever only here.

use std::sync::Arc;

use policy::{Decider, Reading};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use crate::spool::{Delivery, Message};

/// One message and its deliveries, `Claimed` by this node. The slot is free again when it drops.
#[derive(Debug)]
pub struct Job {
    pub message: Arc<Message>,
    /// What intake already read; `None` for what came from the spool.
    pub reading: Option<Arc<Reading>>,
    /// What intake's deciding remembers of it; a new one knows nothing.
    pub decider: Decider,
    pub deliveries: Vec<Delivery>,
    pub slot: Slot,
}

/// A place in memory, reserved.
#[derive(Debug)]
pub struct Slot {
    _count: OwnedSemaphorePermit,
    _octets: OwnedSemaphorePermit,
}

/// Intake's end; cheap to clone.
#[derive(Clone, Debug)]
pub struct Handover {
    room: Room,
    jobs: mpsc::UnboundedSender<Job>,
}

/// How much may be in flight; shared by what is handed over and what is claimed.
#[derive(Clone, Debug)]
pub struct Room {
    count: Arc<Semaphore>,
    octets: Arc<Semaphore>,
    messages_max: u32,
    octets_max: u32,
}

/// Makes both ends: for intake, and for the worker.
pub fn handover(
    messages_max: usize,
    octets_max: usize,
) -> (Handover, Room, mpsc::UnboundedReceiver<Job>) {
    let messages_max = u32::try_from(messages_max).unwrap_or(u32::MAX >> 3);
    let octets_max = u32::try_from(octets_max).unwrap_or(u32::MAX >> 3);
    let room = Room {
        count: Arc::new(Semaphore::new(messages_max as usize)),
        octets: Arc::new(Semaphore::new(octets_max as usize)),
        messages_max,
        octets_max,
    };
    // Bounded by the slots that every job holds, not by the channel.
    let (jobs, receiver) = mpsc::unbounded_channel();
    (Handover { room: room.clone(), jobs }, room, receiver)
}

impl Handover {
    /// A slot for a message of `octets`, before it is kept; `None`: keep it as `Ready`.
    pub fn reserve(&self, octets: usize) -> Option<Slot> {
        if self.jobs.is_closed() { None } else { self.room.reserve(octets) }
    }

    /// Hands over what was kept as `Claimed`. Where the worker has just gone, it is rescued after
    /// its lease.
    pub fn send(&self, job: Job) {
        let _ = self.jobs.send(job);
    }
}

impl Room {
    pub fn reserve(&self, octets: usize) -> Option<Slot> {
        // A message larger than the whole room goes alone rather than never.
        let octets = u32::try_from(octets).unwrap_or(u32::MAX).min(self.octets_max);
        let count = self.count.clone().try_acquire_owned().ok()?;
        let octets = self.octets.clone().try_acquire_many_owned(octets).ok()?;
        Some(Slot { _count: count, _octets: octets })
    }

    /// The same, as soon as there is some. Only for what is claimed: what is handed over must
    /// never wait, or both would wait for each other.
    pub async fn wait(&self, octets: usize) -> Slot {
        let octets = u32::try_from(octets).unwrap_or(u32::MAX).min(self.octets_max);
        loop {
            let count = self.count.clone().acquire_owned().await;
            let octets = self.octets.clone().acquire_many_owned(octets).await;
            if let (Ok(count), Ok(octets)) = (count, octets) {
                return Slot { _count: count, _octets: octets };
            }
            // INVARIANT: neither semaphore is ever closed, so this is not reached.
            std::future::pending::<()>().await;
        }
    }

    /// Returns when no message is in flight.
    pub async fn emptied(&self) {
        let _ = self.count.acquire_many(self.messages_max).await;
    }

    /// Messages that still find room.
    pub fn left(&self) -> usize {
        self.count.available_permits()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_counted_in_messages_and_octets_and_given_back() {
        let (handover, room, _jobs) = handover(2, 100);
        let first = handover.reserve(60).unwrap();
        assert!(handover.reserve(60).is_none(), "octets");
        let second = room.reserve(40).unwrap();
        assert!(handover.reserve(0).is_none(), "messages");
        drop((first, second));
        assert!(handover.reserve(1_000_000).is_some(), "a huge one goes alone");
    }

    #[test]
    fn without_a_worker_there_is_no_room() {
        let (handover, _room, jobs) = handover(2, 100);
        drop(jobs);
        assert!(handover.reserve(1).is_none());
    }
}
