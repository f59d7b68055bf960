//! How often a key may ask: a bucket that fills steadily and holds so many requests at once.
//!
//! Each relay of several counts for itself.

use std::{collections::BTreeMap, sync::Mutex};

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use jiff::Timestamp;

use crate::config;

#[derive(Debug)]
pub(super) struct Buckets {
    settings: config::Api,
    /// When a bucket will be full again, in milliseconds: all that has to be known of one.
    full_at: Mutex<BTreeMap<String, i64>>,
}

/// How a bucket stands after a request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Level {
    pub is_over: bool,
    /// Requests that may come at once.
    pub left: u32,
    /// Seconds until there is one more; until all are there.
    pub next: u64,
    pub full: u64,
    burst: u32,
    window: u64,
}

impl Buckets {
    pub(super) fn new(settings: config::Api) -> Self {
        Self { settings, full_at: Mutex::default() }
    }

    pub(super) fn take(&self, key: &str, now: Timestamp) -> Level {
        let now = now.as_millisecond();
        let each = i64::from((60_000 / self.settings.requests_per_minute.max(1)).max(1));
        let all = each.saturating_mul(self.settings.burst.into());
        let mut buckets = self.full_at.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if buckets.len() >= KEYS_MAX {
            buckets.retain(|_, full_at| *full_at > now);
        }
        let full_at = buckets.entry(key.to_owned()).or_insert(now);
        let before = (*full_at).max(now);
        let is_over = before - now + each > all.max(each);
        if !is_over {
            *full_at = before + each;
        }
        let waits = (*full_at).max(now) - now;
        let left = (all - waits).max(0) / each;
        let next = if is_over { waits + each - all.max(each) } else { 0 };
        let seconds = |millis: i64| u64::try_from(millis.max(0)).unwrap_or(0).div_ceil(1_000);
        Level {
            is_over,
            left: u32::try_from(left).unwrap_or(u32::MAX),
            next: seconds(next).max(1),
            full: seconds(waits),
            burst: self.settings.burst,
            window: seconds(all).max(1),
        }
    }
}

impl Level {
    /// As draft-ietf-httpapi-ratelimit-headers has them.
    pub(super) fn note(&self, headers: &mut HeaderMap) {
        let Self { left, full, burst, window, .. } = self;
        let policy = format!("\"key\";q={burst};w={window}");
        let level = format!("\"key\";r={left};t={full}");
        for (name, text) in [("ratelimit-policy", policy), ("ratelimit", level)] {
            if let Ok(value) = HeaderValue::from_str(&text) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
    }
}

/// Then those that are full are forgotten.
const KEYS_MAX: usize = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_gives_its_burst_and_then_one_at_a_time() {
        let settings =
            config::Api { address: ([127, 0, 0, 1], 0).into(), requests_per_minute: 60, burst: 3 };
        let buckets = Buckets::new(settings);
        let at = |millis: i64| Timestamp::from_millisecond(1_800_000_000_000 + millis).unwrap();
        let left = |level: Level| (!level.is_over).then_some(level.left);
        assert_eq!(left(buckets.take("a", at(0))), Some(2));
        assert_eq!(left(buckets.take("a", at(0))), Some(1));
        assert_eq!(left(buckets.take("a", at(0))), Some(0));
        let over = buckets.take("a", at(10));
        assert!(over.is_over && over.next == 1, "{over:?}");
        assert_eq!(left(buckets.take("b", at(10))), Some(2), "another key has its own");
        assert_eq!(left(buckets.take("a", at(1_000))), Some(0));
        assert!(buckets.take("a", at(1_500)).is_over);
        assert_eq!(left(buckets.take("a", at(60_000))), Some(2));
    }
}
