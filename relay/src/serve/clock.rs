//! Winds the clock: what time does to consent, one bounded step after the other.

use std::{sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use jiff::Timestamp;
use tokio::sync::watch;

use crate::{
    config::Business,
    consent::{
        Consent,
        clock::{Clock, Terms},
    },
    evidence::Clerk,
};

/// Until told to stop. What a step cannot do is tried again with the next.
pub(super) async fn wind(
    consent: Consent,
    holder: String,
    clerk: Clerk,
    business: Arc<ArcSwap<Business>>,
    mut stopping: watch::Receiver<bool>,
) {
    let clock = Clock::new(consent.clone(), &holder);
    let mut reviewed = Timestamp::MIN;
    loop {
        let now = Timestamp::now();
        let terms = terms(&business.load(), now);
        let more = match clock.tick(now, &terms).await {
            Ok(ticked) => {
                let quiet = crate::consent::clock::Ticked {
                    more: ticked.more,
                    ..crate::consent::clock::Ticked::default()
                };
                if ticked != quiet {
                    tracing::info!(?ticked, "the clock of consent");
                }
                ticked.more
            }
            Err(fault) => {
                tracing::warn!(%fault, "the clock of consent stands still");
                false
            }
        };
        let more = more || signed(&clerk, now).await;
        if !more && now.duration_since(reviewed) >= DAY {
            reviewed = now;
            remind(&consent, now, &terms).await;
        }
        // Others want to write, too.
        let pause = if more { BREATH } else { IDLE };
        tokio::select! {
            _ = stopping.wait_for(|stop| *stop) => return,
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// Puts new lines of the chains under a signature, a bounded number at a time; whether there are
/// more.
async fn signed(clerk: &Clerk, now: Timestamp) -> bool {
    match clerk.tick(now).await {
        Ok(ticked) => {
            for broken in &ticked.broken {
                tracing::error!(%broken, "it is signed no more: `souhlas journal verify`");
            }
            ticked.more
        }
        Err(fault) => {
            tracing::warn!(%fault, "no checkpoint could be written");
            false
        }
    }
}

async fn remind(consent: &Consent, now: Timestamp, terms: &[Terms]) {
    for one in terms {
        match consent.review_due(now, one).await {
            Ok(None) => {}
            Ok(Some(since)) => tracing::warn!(
                controller = one.controller,
                %since,
                "the contacts are to be looked over: `souhlas contact review`"
            ),
            Err(fault) => tracing::warn!(%fault, "cannot tell whether a review is due"),
        }
    }
}

/// A controller of whose law nothing is known has no clock.
fn terms(business: &Business, now: Timestamp) -> Vec<Terms> {
    let mut all = Vec::new();
    for owner in &business.controllers {
        let Some(pack) = business.pack_of(owner, now) else { continue };
        let keeping = business.keeping(&owner.id);
        all.push(Terms {
            controller: owner.id.clone(),
            zone: owner.time_zone.clone(),
            max_inactive: pack.terms.retention.max_inactive,
            reactivate_within: keeping.reactivate_within,
            evidence_for: pack.terms.consent.evidence_kept_for,
            purge_evidence: keeping.purge_evidence,
            review_every: pack.terms.retention.review_every,
        });
    }
    all
}

const BREATH: Duration = Duration::from_millis(20);
const IDLE: Duration = Duration::from_secs(60);
const DAY: jiff::SignedDuration = jiff::SignedDuration::from_hours(24);
