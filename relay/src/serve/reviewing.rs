//! Does what is to be done about held deliveries beside people, one bounded step after the other.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

use crate::review::{Refused, Review};

/// Until told to stop. What a step cannot do is tried again with the next.
pub(super) async fn tend(review: Review, holder: String, mut stopping: watch::Receiver<bool>) {
    let mut forgot = Timestamp::MIN;
    loop {
        let now = Timestamp::now();
        if now.duration_since(forgot) >= FORGET {
            forgot = now;
            if let Err(fault) = review.forget(now).await {
                tracing::warn!(%fault, "cannot forget what was decided on long ago");
            }
        }
        let more = match review.tend(now, &holder).await {
            Ok(more) => more,
            Err(Refused::Away(fault)) => {
                tracing::warn!(%fault, "held messages wait longer than they should");
                false
            }
            Err(fault) => {
                tracing::error!(?fault, "held messages wait longer than they should");
                false
            }
        };
        // Others want to write, too.
        let pause = if more { BREATH } else { IDLE };
        tokio::select! {
            _ = stopping.wait_for(|stop| *stop) => return,
            () = tokio::time::sleep(pause) => {}
        }
    }
}

const BREATH: Duration = Duration::from_millis(5);
/// How long a bulk waits to be begun at most.
const IDLE: Duration = Duration::from_secs(1);
const FORGET: SignedDuration = SignedDuration::from_hours(6);
