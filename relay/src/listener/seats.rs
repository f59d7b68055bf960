//! How many connections there are, in all and per address, and how many message bytes they hold.
//!
//! Counts only; what is said to a client without a seat is the accept loop's affair.

use std::{
    collections::BTreeMap,
    net::IpAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

/// The counts of all listeners together; cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Seats {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    total_max: usize,
    per_address_max: usize,
    held_bytes_max: usize,
    held_bytes: AtomicUsize,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    total: usize,
    by_address: BTreeMap<IpAddr, usize>,
}

/// Why there is no seat.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Full {
    Total,
    Address,
}

/// One connection's place; given back when dropped.
#[derive(Debug)]
pub(super) struct Seat {
    seats: Seats,
    address: Option<IpAddr>,
    held_bytes: usize,
}

/// How much is held by messages on their way in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Room {
    Enough,
    /// Messages that have begun go on; no other begins.
    Little,
    /// Whoever asks for more has to come again later.
    None,
}

impl Seats {
    pub(super) fn new(total_max: usize, per_address_max: usize, held_bytes_max: usize) -> Self {
        let (held_bytes, taken) = (AtomicUsize::new(0), Mutex::default());
        let inner = Inner { total_max, per_address_max, held_bytes_max, held_bytes, taken };
        Self { inner: Arc::new(inner) }
    }

    /// A seat among all, not yet anybody's: a proxy says later who is there.
    pub(super) fn take(&self) -> Result<Seat, Full> {
        let mut taken = self.taken();
        if taken.total >= self.inner.total_max {
            return Err(Full::Total);
        }
        taken.total += 1;
        Ok(Seat { seats: self.clone(), address: None, held_bytes: 0 })
    }

    fn taken(&self) -> std::sync::MutexGuard<'_, Taken> {
        self.inner.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seat {
    /// Counts it for an address; IPv6 ones count by their /64.
    pub(super) fn belongs_to(&mut self, address: IpAddr) -> Result<(), Full> {
        let address = network(address);
        self.leave_address();
        let mut taken = self.seats.taken();
        let count = taken.by_address.entry(address).or_insert(0);
        if *count >= self.seats.inner.per_address_max {
            return Err(Full::Address);
        }
        *count += 1;
        drop(taken);
        self.address = Some(address);
        Ok(())
    }

    /// Counts bytes of a message that is on its way in.
    pub(super) fn hold(&mut self, bytes: usize) {
        self.held_bytes += bytes;
        self.seats.inner.held_bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// The message is in, or given up.
    pub(super) fn let_go(&mut self) {
        if self.held_bytes > 0 {
            self.seats.inner.held_bytes.fetch_sub(self.held_bytes, Ordering::Relaxed);
            self.held_bytes = 0;
        }
    }

    pub(super) fn room(&self) -> Room {
        let (held, max) =
            (self.seats.inner.held_bytes.load(Ordering::Relaxed), self.seats.inner.held_bytes_max);
        if held < max {
            Room::Enough
        } else if held < max.saturating_mul(2) {
            Room::Little
        } else {
            Room::None
        }
    }

    fn leave_address(&mut self) {
        let Some(address) = self.address.take() else { return };
        let mut taken = self.seats.taken();
        if let Some(count) = taken.by_address.get_mut(&address) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                taken.by_address.remove(&address);
            }
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.let_go();
        self.leave_address();
        let mut taken = self.seats.taken();
        taken.total = taken.total.saturating_sub(1);
    }
}

fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6((address.to_bits() >> 64 << 64).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_seat_is_given_back_when_dropped() {
        let seats = Seats::new(2, 2, 0);
        let one = seats.take().unwrap();
        let two = seats.take().unwrap();
        assert_eq!(seats.take().unwrap_err(), Full::Total);
        drop(one);
        let three = seats.take().unwrap();
        drop((two, three));
        assert_eq!(seats.taken().total, 0);
    }

    #[test]
    fn an_address_has_its_own_limit_and_a_64_counts_as_one() {
        let seats = Seats::new(10, 1, 0);
        let seat = |address| {
            let mut seat = seats.take().unwrap();
            seat.belongs_to(ip(address)).map(|()| seat)
        };
        let one = seat("2001:db8::1").unwrap();
        assert_eq!(seat("2001:db8::2").unwrap_err(), Full::Address);
        let other = seat("2001:db8:0:1::1").unwrap();
        let four = seat("192.0.2.1").unwrap();
        assert_eq!(seat("::ffff:192.0.2.1").unwrap_err(), Full::Address);
        drop(one);
        let mut one = seat("2001:db8::2").unwrap();
        one.belongs_to(ip("2001:db8:0:2::1")).unwrap();
        seat("2001:db8::3").unwrap();
        drop((one, other, four));
        assert!(seats.taken().by_address.is_empty());
    }

    #[test]
    fn held_bytes_are_counted_together_and_let_go_alone() {
        let seats = Seats::new(10, 10, 100);
        let (mut one, mut two) = (seats.take().unwrap(), seats.take().unwrap());
        one.hold(60);
        assert_eq!(two.room(), Room::Enough);
        two.hold(60);
        assert_eq!(one.room(), Room::Little);
        two.hold(80);
        assert_eq!(one.room(), Room::None);
        one.let_go();
        one.let_go();
        assert_eq!(one.room(), Room::Little);
        drop(two);
        assert_eq!(one.room(), Room::Enough);
    }
}
