//! What a person paused is not tried: it is put aside where it would have begun.

use std::sync::Arc;

use arc_swap::ArcSwap;
use jiff::Timestamp;
use uuid::Uuid;

use super::{destination::Office, prepare::Work};
use crate::{
    smtp::envelope::Path,
    spool::{Delivery, Message, Order, What, domain},
};

/// The orders to pause that are in force, as they were read last; cheap to clone.
#[derive(Clone, Debug, Default)]
pub(super) struct Pauses(Arc<ArcSwap<Vec<Order>>>);

impl Pauses {
    pub(super) fn set(&self, orders: &[Order]) {
        let pauses = orders.iter().filter(|one| one.what == What::Pause);
        self.0.store(Arc::new(pauses.cloned().collect()));
    }

    /// The one that concerns a delivery.
    fn over(orders: &[Order], message: &Message, delivery: &Delivery) -> Option<Uuid> {
        Self::of(orders, message, delivery.id, &delivery.recipient.path)
    }

    fn of(orders: &[Order], message: &Message, delivery: Uuid, to: &Path) -> Option<Uuid> {
        let (domain, stream, login) = (domain(to), &message.stream, &message.login);
        let mut all = orders.iter();
        all.find(|one| one.which.holds(delivery, &domain, stream, login)).map(|one| one.id)
    }
}

impl Office {
    /// Whether a new message to this recipient would be put aside.
    pub(super) fn is_paused(&self, message: &Message, to: &Path) -> bool {
        let pauses = self.pauses.0.load();
        // It has no delivery yet that an order could be about.
        !pauses.is_empty() && Pauses::of(&pauses, message, Uuid::nil(), to).is_some()
    }

    /// What of it may go on; the rest is put aside.
    pub(super) fn unpaused(&self, mut work: Work) -> Option<Work> {
        let pauses = self.pauses.0.load();
        if pauses.is_empty() {
            return Some(work);
        }
        let (mut paused, mut free) = (Vec::new(), Vec::new());
        for delivery in std::mem::take(&mut work.deliveries) {
            match Pauses::over(&pauses, &work.message, &delivery) {
                Some(pause) => paused.push((delivery, pause)),
                None => free.push(delivery),
            }
        }
        if !paused.is_empty() {
            self.settler.aside(Timestamp::now(), &work.message, paused, &work.slot);
        }
        work.deliveries = free;
        (!work.deliveries.is_empty()).then_some(work)
    }
}
