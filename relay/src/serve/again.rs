//! What is done again and again beside the messages, until the relay stops.

use std::{sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use jiff::Timestamp;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::sync::watch;

use crate::{
    complaints,
    config::Business,
    db::Db,
    decisions::Indexer,
    delivery::sts,
    reach::Follower,
    returns::Senders,
    sample,
    spool::Spool,
    staff::{Act, By, Entry, Staff},
    wish,
};

/// Keeps the histograms small.
pub(super) async fn tend(metrics: PrometheusHandle, mut stopping: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            _ = stopping.wait_for(|stop| *stop) => return,
            () = tokio::time::sleep(UPKEEP) => metrics.run_upkeep(),
        }
    }
}

/// Lets go of what need not be known any more.
pub(super) async fn forget(
    db: Db,
    spool: Spool,
    (indexer, senders): (Indexer, Senders),
    mut stopping: watch::Receiver<bool>,
) {
    loop {
        let now = Timestamp::now();
        if let Err(fault) = indexer.forget(now).await {
            tracing::warn!(%fault, "cannot forget campaigns that are over");
        }
        if let Err(fault) = senders.forget(now).await {
            tracing::warn!(%fault, "cannot forget senders that nobody uses");
        }
        if let Err(fault) = sample::forget(&db, now).await {
            tracing::warn!(%fault, "cannot take away samples whose time is over");
        }
        if let Err(fault) = wish::forget(&db, now).await {
            tracing::warn!(%fault, "cannot take away letters that were read long ago");
        }
        if let Err(fault) = spool.forget_orders(now).await {
            tracing::warn!(%fault, "cannot forget orders that were over long ago");
        }
        if let Err(fault) = sts::forget(&db, now).await {
            tracing::warn!(%fault, "cannot take away policies of domains that have ended");
        }
        match spool.forget_sent(now).await {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "forgot what left long ago"),
            Err(fault) => tracing::warn!(%fault, "cannot forget what left long ago"),
        }
        tokio::select! {
            _ = stopping.wait_for(|stop| *stop) => return,
            () = tokio::time::sleep(FORGET) => {}
        }
    }
}

/// What was decided can be found a moment later.
pub(super) async fn follow_journal(indexer: Indexer, mut stopping: watch::Receiver<bool>) {
    loop {
        let more = match indexer.tick(Timestamp::now()).await {
            Ok(indexed) => indexed.more,
            Err(fault) => {
                tracing::warn!(%fault, "the index of decisions stands still");
                false
            }
        };
        let pause = if more { BREATH } else { FOLLOW };
        tokio::select! {
            _ = stopping.wait_for(|stop| *stop) => return,
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// An address that returns messages is known before the next campaign.
pub(super) async fn follow_returned(follower: Follower, mut stopping: watch::Receiver<bool>) {
    loop {
        let more = match follower.tick(Timestamp::now()).await {
            Ok(more) => more,
            Err(fault) => {
                tracing::warn!(%fault, "what came back is not noted of its addresses yet");
                false
            }
        };
        let pause = if more { BREATH } else { FOLLOW };
        tokio::select! {
            _ = stopping.wait_for(|stop| *stop) => return,
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// What too many call spam is paused within seconds.
pub(super) async fn watch_complaints(
    watch: complaints::Watch,
    (staff, business): (Staff, Arc<ArcSwap<Business>>),
    mut stopping: watch::Receiver<bool>,
) {
    loop {
        let limit = business.load().review.alerts.complained;
        let now = Timestamp::now();
        let given = match limit {
            Some(limit) => watch.tick(now, limit).await,
            None => Ok(Vec::new()),
        };
        match given {
            Ok(given) => {
                for (order, share) in given {
                    let (stream, login) = (share.stream, share.login);
                    tracing::error!(stream, login, "paused: too many call it spam");
                    metrics::counter!("souhlas_complaint_pauses_total").increment(1);
                    let entry = Entry::new(Act::QueueOrdered, format!("order/{}", order.id));
                    let by = By { actor: complaints::BY.into(), ip: None };
                    if let Err(fault) = staff.note(now, &by, &entry.with(order.detail(0))).await {
                        tracing::warn!(%fault, "a pause is not in the trail");
                    }
                }
            }
            Err(fault) => tracing::warn!(%fault, "nobody looks whether too many complain"),
        }
        tokio::select! {
            _ = stopping.wait_for(|stop| *stop) => return,
            () = tokio::time::sleep(WATCH) => {}
        }
    }
}

/// Notices a changed key file and a rotation within seconds. A complaint is made once.
pub(super) async fn follow_keys(spool: Spool, mut stopping: watch::Receiver<bool>) {
    let mut said = String::new();
    loop {
        tokio::select! {
            _ = stopping.wait_for(|stop| *stop) => return,
            () = tokio::time::sleep(FOLLOW) => {}
        }
        match spool.follow_keys(Timestamp::now()).await {
            Ok(new) => {
                if new {
                    tracing::info!("the data keys have changed");
                }
                said.clear();
            }
            Err(error) => {
                let error = format!("{error:#}");
                if error != said {
                    tracing::error!(error, "the data keys cannot be followed");
                    said = error;
                }
            }
        }
    }
}

const WATCH: Duration = Duration::from_secs(5);
const UPKEEP: Duration = Duration::from_secs(5);
/// Others want to write, too.
const BREATH: Duration = Duration::from_millis(20);
/// How long a rotation waits for a relay at most, and a decision for its place in the index.
const FOLLOW: Duration = Duration::from_secs(2);
const FORGET: Duration = Duration::from_secs(6 * 60 * 60);
