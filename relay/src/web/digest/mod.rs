//! Letters to staff who want them: what waits for a person, and how all stands. Each account gets what its
//! roles reach, in its language, at the address that it confirmed.
//!
//! A letter goes through two mail servers that are not the relay's, so it holds counts, names of
//! rules, streams and logins, and links; no recipient, and no subject, which may name one ("Your
//! order, Jana"). Who wants to see more follows the link and signs in.
//!
//! The relays that share a database take turns by a lease, and a letter's id is made of its account
//! and its moment: the journal has it with the letter, so none is written twice, by two relays or
//! after a stop in between. They are the relay's own, on which nothing is decided: never held.

mod alert;
mod held;
mod overview;

use std::{sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use policy::{Address, Class, Controller};
use tokio::sync::watch;
use uuid::{Builder, Uuid};

use super::post::{Button, Post, Said, To};
use crate::{
    config::Business,
    db::{Db, Unavailable},
    figures::Figures,
    job,
    review::Review,
    seal::{self, Secret},
    smtp::envelope::Path,
    staff::{Letter, Rhythm, Staff, Wanted},
    words::Words,
};

/// What letters to staff are made of; cheap to clone.
#[derive(Clone)]
pub struct Digests {
    pub db: Db,
    pub secret: Secret,
    pub staff: Staff,
    pub review: Review,
    pub business: Arc<ArcSwap<Business>>,
    pub figures: Figures,
    pub post: Post,
    /// Where links to the console begin, without a slash at the end.
    pub console: Arc<str>,
    /// One of its own for each process.
    pub holder: Arc<str>,
}

impl Digests {
    /// Until told to stop. What cannot be written now is tried again.
    pub async fn run(self, mut stopping: watch::Receiver<bool>) {
        let mut looked = Timestamp::MIN;
        loop {
            let now = Timestamp::now();
            if let Err(fault) = self.tick(now).await {
                tracing::warn!(%fault, "letters to staff wait: it is tried again");
            }
            if now.duration_since(looked) >= LOOK {
                looked = now;
                if let Err(fault) = self.alert(now).await {
                    tracing::warn!(%fault, "nobody looks whether too much is held");
                }
            }
            tokio::select! {
                _ = stopping.wait_for(|stop| *stop) => return,
                () = tokio::time::sleep(TICK) => {}
            }
        }
    }

    /// Writes what is due; how many letters.
    ///
    /// # Errors
    /// Where one could not be written: those of others were, and the next step tries it again.
    pub async fn tick(&self, now: Timestamp) -> Result<u64, Unavailable> {
        let zone = zone(&self.business.load());
        let is_due = |_, rhythm: Rhythm, last_at| rhythm.newest(now, &zone) > last_at;
        if self.staff.wanted(is_due).await?.is_empty()
            || !job::claim(&self.db, now, JOB, &self.holder, LEASE).await?
        {
            return Ok(0);
        }
        let (mut count, mut fault) = (0, None);
        // Another relay may have been at it just now.
        for one in self.staff.wanted(is_due).await? {
            match self.write(now, one.rhythm.newest(now, &zone), &one).await {
                Ok(true) => count += 1,
                Ok(false) => {}
                Err(away) => fault = Some(away),
            }
        }
        job::finish(&self.db, now, JOB, &self.holder).await?;
        fault.map_or(Ok(count), Err)
    }

    /// The letter for one moment; whether there was something to say.
    async fn write(
        &self,
        now: Timestamp,
        at: Timestamp,
        wanted: &Wanted,
    ) -> Result<bool, Unavailable> {
        let business = self.business.load_full();
        let what = wanted.letter.as_str();
        let id = letter_id(what, wanted.account.id, at.as_millisecond());
        let mut is_written = false;
        if let Some(sender) = business.controllers.first()
            && let Some(to) = self.to(sender, wanted, id)
            && !self.post.has_sent(id).await?
        {
            let words = words(&wanted.account.language);
            let said = match wanted.letter {
                Letter::Held => self.held(now, words, &wanted.account).await?,
                Letter::Overview => self.overview(now, at, words, wanted).await?,
            };
            if let Some(said) = said {
                self.post.send(now, words, sender, to, &said).await?;
                is_written = true;
            }
        }
        self.staff.letter_done(wanted, at).await?;
        Ok(is_written)
    }

    /// `None` where nothing can be sent there.
    fn to(&self, sender: &Controller, wanted: &Wanted, id: Uuid) -> Option<To> {
        let what = wanted.letter.as_str();
        addressed(&self.secret, sender, wanted.account.email.as_deref()?, (id, what))
    }
}

/// To somebody of the staff; `None` where nothing can be sent there.
fn addressed(
    secret: &Secret,
    sender: &Controller,
    email: &str,
    (id, what): (Uuid, &'static str),
) -> Option<To> {
    let address = Address::parse(email).ok()?;
    let key = secret.address_key(&sender.id, &address);
    let path = Path::parse(email).ok()?;
    Some(To { id, path, key, class: Class::NonBusiness, what, life: LIFE })
}

/// Asks whether an account's owner reads what is sent to its address; durable when it returns. Whether
/// there is somebody to send it for, and it can be sent there.
///
/// # Errors
/// Where the spool does not take it.
pub(super) async fn confirm(
    (post, secret): (&Post, &Secret),
    business: &Business,
    now: Timestamp,
    words: &'static Words,
    (name, email, url): (&str, &str, String),
) -> Result<bool, Unavailable> {
    let Some(sender) = business.controllers.first() else { return Ok(false) };
    let id = Uuid::now_v7();
    let Some(to) = addressed(secret, sender, email, (id, "staff-address")) else {
        return Ok(false);
    };
    let said = Said {
        subject: words.say("console-letter-confirm-subject").into_owned(),
        before: vec![words.with("console-letter-confirm-lead", &[("name", name.into())])],
        tables: Vec::new(),
        button: Some(Button {
            label: words.say("console-letter-confirm-button").into_owned(),
            url,
        }),
        after: vec![words.say("console-letter-confirm-end").into_owned()],
    };
    post.send(now, words, sender, to, &said).await?;
    Ok(true)
}

/// In which days begin and moments are written: as in the console.
fn zone(business: &Business) -> TimeZone {
    business.controllers.first().map_or(TimeZone::UTC, |first| first.time_zone.clone())
}

fn words(language: &str) -> &'static Words {
    Words::named(language).unwrap_or_else(|| Words::of(policy::Language::English))
}

/// The same for the same account and moment, in unix milliseconds.
fn letter_id(what: &str, account: Uuid, at: i64) -> Uuid {
    let named = format!("{what} {account} {at}");
    let random = seal::digest(named.as_bytes()).first_chunk().copied().unwrap_or_default();
    Builder::from_unix_timestamp_millis(u64::try_from(at).unwrap_or(0), &random).into_uuid()
}

const JOB: &str = "staff/letters";
/// Longer than all letters of a moment take; another relay takes over then.
const LEASE: SignedDuration = SignedDuration::from_mins(5);
const TICK: Duration = Duration::from_secs(5);
/// Between two looks at what may be too much.
const LOOK: SignedDuration = SignedDuration::from_mins(1);
/// As long as a letter is tried: after that the next one says more.
const LIFE: SignedDuration = SignedDuration::from_hours(24);
