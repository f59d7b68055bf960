//! How many contacts may be written to, counted anew when the last count is older than a hundred
//! times what counting took: however many contacts there are, it takes a hundredth of the time.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use jiff::{SignedDuration, Timestamp};

use crate::{
    consent::{Consent, Coverage},
    db::Error,
};

/// The last count of each controller; cheap to clone.
#[derive(Clone, Debug)]
pub struct Coverages {
    consent: Consent,
    last: Arc<Mutex<BTreeMap<String, Covered>>>,
}

/// A count, and when it was made.
#[derive(Clone, Debug)]
pub struct Covered {
    pub at: Timestamp,
    pub coverage: Arc<Coverage>,
    good_until: Timestamp,
}

impl Coverages {
    pub fn new(consent: Consent) -> Self {
        Self { consent, last: Arc::default() }
    }

    pub async fn of(&self, now: Timestamp, controller: &str) -> Result<Covered, Error> {
        let known = || self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(last) = known().get(controller)
            && last.good_until > now
        {
            return Ok(last.clone());
        }
        let begun = Instant::now();
        let coverage = Arc::new(self.consent.coverage(controller, now).await?);
        let took = SignedDuration::try_from(begun.elapsed()).unwrap_or(SignedDuration::MAX);
        let good_for = took.checked_mul(100).unwrap_or(LONGEST).min(LONGEST);
        let good_until = now.checked_add(good_for).unwrap_or(now);
        let covered = Covered { at: now, coverage, good_until };
        known().insert(controller.to_owned(), covered.clone());
        Ok(covered)
    }
}

const LONGEST: SignedDuration = SignedDuration::from_hours(1);
