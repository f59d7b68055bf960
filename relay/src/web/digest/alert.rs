//! The letter that comes at once: too much is held, for too long, a login is blocked too often, or too
//! many call its mail spam. To everybody who wants letters about held messages and may see all of them.
//!
//! It is written when a threshold is crossed, and again only after the figure was a fifth below it.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Digests, addressed, letter_id, words};
use crate::{
    complaints,
    config::Alerts,
    db::Unavailable,
    decisions::Search,
    figures, job,
    review::Filter,
    staff::Letter,
    web::post::{Button, Said},
    words::Words,
};

/// What is over its threshold, as it was looked at last.
#[derive(Default, Serialize, Deserialize)]
struct State {
    /// When that changed.
    since: i64,
    over: BTreeSet<String>,
}

/// One figure that may be too high.
struct Figure {
    /// `held`, `older`, `blocked` and a login, or `complained`, a stream and a login.
    name: String,
    value: u64,
    limit: u64,
    told: Told,
}

enum Told {
    Held,
    Older,
    Blocked { login: String },
    Complained { stream: String, login: String },
}

impl Digests {
    /// Looks at the figures and writes where one crossed its threshold; how many letters.
    ///
    /// # Errors
    /// Where the database or the spool does not answer: the next look tries again, and writes nobody a
    /// second letter.
    pub async fn alert(&self, now: Timestamp) -> Result<u64, Unavailable> {
        let alerts = self.business.load().review.alerts;
        if alerts.is_none() || !job::claim(&self.db, now, JOB, &self.holder, LEASE).await? {
            return Ok(0);
        }
        let old = job::read(&mut self.db.read().await?, JOB).await?;
        let state: State =
            old.as_deref().and_then(|old| serde_json::from_str(old).ok()).unwrap_or_default();
        let figures = self.alarming(now, alerts).await?;
        let is_over = |one: &&Figure| {
            let was = state.over.contains(&one.name);
            // A fifth below the threshold it is over.
            if was { one.value * 5 > one.limit * 4 } else { one.value > one.limit }
        };
        let over: BTreeSet<String> =
            figures.iter().filter(is_over).map(|one| one.name.clone()).collect();
        if over == state.over {
            return Ok(0);
        }
        let new: Vec<&Figure> = figures
            .iter()
            .filter(|one| over.contains(&one.name) && !state.over.contains(&one.name))
            .collect();
        let count = if new.is_empty() { 0 } else { self.tell(now, state.since, &new).await? };
        let state = State { since: now.as_millisecond(), over };
        // INVARIANT: names and a number are always JSON.
        let state = serde_json::to_string(&state).unwrap_or_default();
        let mut tx = self.db.begin().await?;
        job::swap(&mut tx, JOB, old.as_deref(), Some(&state)).await?;
        tx.commit().await?;
        Ok(count)
    }

    async fn tell(&self, now: Timestamp, since: i64, new: &[&Figure]) -> Result<u64, Unavailable> {
        let business = self.business.load_full();
        let Some(sender) = business.controllers.first() else { return Ok(0) };
        let mut count = 0;
        for one in self.staff.wanted(|letter, _, _| letter == Letter::Held).await? {
            if figures::scope(&one.account.rights).is_some() {
                continue;
            }
            let id = letter_id("alert", one.account.id, since.max(0));
            let email = one.account.email.as_deref().unwrap_or_default();
            let Some(to) = addressed(&self.secret, sender, email, (id, "alert")) else { continue };
            if self.post.has_sent(id).await? {
                continue;
            }
            let said = said(words(&one.account.language), new, &self.console);
            self.post.send(now, words(&one.account.language), sender, to, &said).await?;
            count += 1;
        }
        Ok(count)
    }

    /// Each figure that has a threshold.
    async fn alarming(&self, now: Timestamp, alerts: Alerts) -> Result<Vec<Figure>, Unavailable> {
        let mut all = Vec::new();
        if let Some(limit) = alerts.held {
            let value = self.review.count(now, &Filter::default()).await?.all();
            all.push(Figure { name: "held".into(), value, limit, told: Told::Held });
        }
        if let Some(limit) = alerts.held_hours {
            let oldest = self.review.groups(now, &Filter::default(), 1).await?.pop();
            let hours = oldest.map_or(0, |group| now.duration_since(group.first).as_hours());
            let value = u64::try_from(hours).unwrap_or(0);
            all.push(Figure { name: "older".into(), value, limit, told: Told::Older });
        }
        if let Some(limit) = alerts.blocked_percent {
            let hour = now.checked_sub(SignedDuration::from_hours(1)).unwrap_or(now);
            let asked = crate::decisions::Filter { from: Some(hour), ..Default::default() };
            let search = Search::open(&self.db, &self.secret, asked).await?;
            let zone = super::zone(&self.business.load());
            let hours = search.hours().await?;
            let (first, last) = (hour.to_zoned(zone.clone()), now.to_zoned(zone.clone()));
            let decided = figures::Decided::of(&hours, first.date(), last.date(), &zone);
            for (login, sum) in decided.logins.into_iter().filter(|(_, sum)| sum.all >= FEW) {
                let value = sum.blocked() * 100 / sum.all.max(1);
                let name = format!("blocked {login}");
                all.push(Figure { name, value, limit, told: Told::Blocked { login } });
            }
        }
        if let Some(limit) = alerts.complained {
            let days = SignedDuration::from_hours(i64::try_from(limit.days).unwrap_or(1) * 24);
            let from = now.checked_sub(days).unwrap_or(Timestamp::MIN);
            let shares = complaints::shares(&self.db, from, now).await?;
            for one in shares.into_iter().filter(|one| one.complained >= limit.least) {
                // Over it is who reached it.
                let (value, limit) = (one.share(), limit.share.saturating_sub(1));
                let (stream, login) = (one.stream, one.login);
                let name = format!("complained {stream} {login}");
                all.push(Figure { name, value, limit, told: Told::Complained { stream, login } });
            }
        }
        Ok(all)
    }
}

/// Of a hundred thousand, as a share of a hundred.
fn percent(share: u64) -> String {
    format!("{}.{:02}", share / 1_000, share % 1_000 / 10)
}

fn said(words: &'static Words, new: &[&Figure], console: &str) -> Said {
    let line = |one: &&Figure| {
        let values = [("count", one.value.into()), ("limit", one.limit.into())];
        match &one.told {
            Told::Held => words.with("console-letter-alert-held", &values),
            Told::Older => words.with("console-letter-alert-older", &values),
            Told::Blocked { login } => {
                let [count, limit] = values;
                let values = [count, limit, ("login", login.into())];
                words.with("console-letter-alert-blocked", &values)
            }
            Told::Complained { stream, login } => {
                let values = [
                    ("count", percent(one.value).into()),
                    ("stream", stream.into()),
                    ("login", login.into()),
                ];
                words.with("console-letter-alert-complained", &values)
            }
        }
    };
    Said {
        subject: words.say("console-letter-alert-subject").into_owned(),
        before: new.iter().map(line).collect(),
        tables: Vec::new(),
        button: Some(Button {
            label: words.say("console-letter-held-button").into_owned(),
            url: format!("{console}/held"),
        }),
        after: vec![words.say("console-letter-why").into_owned(), format!("{console}/own")],
    }
}

const JOB: &str = "staff/alerts";
const LEASE: SignedDuration = SignedDuration::from_mins(5);
/// Of fewer decisions a share says nothing.
const FEW: u64 = 20;
