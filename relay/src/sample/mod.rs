//! What was kept from people, one message of it: of each campaign that a rule refused, one a day is
//! kept for a time, sealed, so that staff see what was blocked and the sender's tool can be mended.
//!
//! Only what advertises, and only where it was refused whole messages long: what is sent stands in the
//! spool until it left, and what was refused before its text came has none. How much is kept is limited
//! by number and by bytes a day; one of each campaign and rule says as much as ten thousand.

mod store;

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::{
    at_rest::{self, Column, Part},
    db::{Arg, int, text, uuid},
    seal::{AddressKey, BodyKey, Secret},
};

pub(crate) use store::write;
pub use store::{Sample, erase, find, forget, is_kept, newest};

/// Chooses what is kept; cheap to clone.
#[derive(Clone)]
pub struct Samples {
    secret: Secret,
    keep_for: SignedDuration,
    taken: Arc<Mutex<Taken>>,
}

/// A message that a rule refused.
#[derive(Clone, Copy, Debug)]
pub struct Refused<'a> {
    pub message: Uuid,
    pub campaign: i64,
    pub rule: &'static str,
    pub controller: &'a str,
    pub login: &'a str,
}

/// Of this day, in this process.
#[derive(Default)]
struct Taken {
    day: i64,
    known: HashSet<(i64, &'static str)>,
    bytes: usize,
}

/// One to be kept: its row, and the keys of its recipients.
#[derive(Debug)]
pub struct Fresh {
    id: Uuid,
    row: Vec<Arg<'static>>,
    recipients: Vec<AddressKey>,
    size: usize,
}

impl Samples {
    /// `keep_for`: nothing is kept where it is zero.
    pub fn new(secret: &Secret, keep_for: Duration) -> Self {
        let keep_for = SignedDuration::try_from(keep_for).unwrap_or_default();
        Self { secret: secret.clone(), keep_for, taken: Arc::default() }
    }

    /// The first of its campaign and rule today, as far as this process knows, and room is left.
    /// `recipients` are asked for only then.
    pub fn of<'r>(
        &self,
        now: Timestamp,
        refused: &Refused<'_>,
        bytes: &Bytes,
        recipients: impl IntoIterator<Item = &'r AddressKey>,
    ) -> Option<Fresh> {
        if self.keep_for <= SignedDuration::ZERO || !self.takes(now, refused, bytes.len()) {
            return None;
        }
        let Refused { message, campaign, rule, controller, login } = *refused;
        let key = BodyKey::random();
        let sealed = at_rest::seal(&self.secret, COLUMN, &[Part::Uuid(message)], key.as_bytes());
        let (sealed_bytes, until) =
            (key.seal(bytes), now.checked_add(self.keep_for).unwrap_or(now));
        let recipients: Vec<AddressKey> = recipients.into_iter().copied().collect();
        let size = sealed_bytes.len() + recipients.len() * size_of::<AddressKey>();
        let row = vec![
            uuid(message),
            int(campaign),
            text(rule),
            int(day(now)),
            int(now.as_millisecond()),
            int(until.as_millisecond()),
            text(controller.to_owned()),
            text(login.to_owned()),
            Arg::bytes(sealed),
            Arg::bytes(sealed_bytes),
        ];
        Some(Fresh { id: message, row, recipients, size })
    }

    fn takes(&self, now: Timestamp, refused: &Refused<'_>, bytes: usize) -> bool {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let day = day(now);
        if taken.day != day {
            *taken = Taken { day, ..Taken::default() };
        }
        let room = taken.known.len() < DAY_COUNT_MAX && taken.bytes + bytes <= DAY_BYTES_MAX;
        let is_new = room
            && bytes <= MESSAGE_BYTES_MAX
            && taken.known.insert((refused.campaign, refused.rule));
        if is_new {
            taken.bytes += bytes;
        }
        is_new
    }
}

impl Fresh {
    /// About so many bytes.
    pub(crate) fn size(&self) -> usize {
        self.size
    }
}

fn day(now: Timestamp) -> i64 {
    now.as_second().div_euclid(86_400)
}

const COLUMN: Column = Column::SampleKey;
/// What advertises is rarely larger; a larger one is a file that somebody sent.
const MESSAGE_BYTES_MAX: usize = 1 << 20;
/// More campaigns than anybody reviews in a day.
const DAY_COUNT_MAX: usize = 1_000;
const DAY_BYTES_MAX: usize = 64 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_each_campaign_and_rule_a_day_and_no_more_than_there_is_room() {
        let secret = Secret::from_bytes([1; 32]);
        let samples = Samples::new(&secret, Duration::from_hours(24));
        let at = |hours: i64| Timestamp::from_second(hours * 3_600).unwrap();
        let is = |now, campaign, rule, length: usize| {
            let (controller, login) = ("kavarna", "local");
            let refused = Refused { message: Uuid::nil(), campaign, rule, controller, login };
            samples.of(now, &refused, &Bytes::from(vec![0; length]), []).is_some()
        };
        assert!(is(at(1), 1, "refused", 10) && !is(at(2), 1, "refused", 10));
        assert!(is(at(2), 1, "consent-missing", 10) && is(at(2), 2, "refused", 10));
        assert!(is(at(25), 1, "refused", 10), "another day");
        assert!(!is(at(25), 3, "refused", MESSAGE_BYTES_MAX + 1));
        let taken = (0..100).filter(|number| is(at(49), *number, "refused", 1 << 20)).count();
        assert_eq!(taken, 64);
        let taken = (0..5_000).filter(|number| is(at(73), *number, "refused", 1)).count();
        assert_eq!(taken, DAY_COUNT_MAX);
        let none = Samples::new(&secret, Duration::ZERO);
        let refused = Refused {
            message: Uuid::nil(),
            campaign: 1,
            rule: "refused",
            controller: "kavarna",
            login: "local",
        };
        assert!(none.of(at(1), &refused, &Bytes::new(), []).is_none());
    }
}
