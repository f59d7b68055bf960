//! Which letters of the relay an account wants, how often, and how far they were written. What stands in
//! them, `web::digest` knows.

use jiff::{
    Timestamp, ToSpan,
    civil::{Date, Weekday},
    tz::TimeZone,
};
use serde_json::json;
use uuid::Uuid;

use super::{Account, Act, By, Entry, Staff, subject};
use crate::db::{Error, Row, Unavailable, int, text, uuid};

/// About what it is.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Letter {
    /// Messages that wait for a person.
    Held,
    /// What was decided, and how the consent stands.
    Overview,
}

/// How often.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Rhythm {
    /// At each full hour.
    Hourly,
    /// At seven in the morning.
    Daily,
    /// On Mondays at seven.
    Weekly,
    /// On the first of the month at seven.
    Monthly,
}

/// A letter that an account wants, and may get: its address is confirmed.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub account: Account,
    pub letter: Letter,
    pub rhythm: Rhythm,
    /// The moment that the last one was for.
    pub last_at: Timestamp,
}

impl Letter {
    pub const ALL: [Self; 2] = [Self::Held, Self::Overview];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Overview => "overview",
        }
    }

    /// Of its word for people.
    pub fn text_id(self) -> &'static str {
        match self {
            Self::Held => "console-letter-held",
            Self::Overview => "console-letter-overview",
        }
    }

    pub fn rhythms(self) -> &'static [Rhythm] {
        match self {
            Self::Held => &[Rhythm::Hourly, Rhythm::Daily],
            Self::Overview => &[Rhythm::Weekly, Rhythm::Monthly],
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|letter| letter.as_str() == word)
    }
}

impl Rhythm {
    const ALL: [Self; 4] = [Self::Hourly, Self::Daily, Self::Weekly, Self::Monthly];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hourly => "hourly",
            Self::Daily => "daily",
            Self::Weekly => "weekly",
            Self::Monthly => "monthly",
        }
    }

    /// Of its word for people.
    pub fn text_id(self) -> &'static str {
        match self {
            Self::Hourly => "console-rhythm-hourly",
            Self::Daily => "console-rhythm-daily",
            Self::Weekly => "console-rhythm-weekly",
            Self::Monthly => "console-rhythm-monthly",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rhythm| rhythm.as_str() == word)
    }

    /// The newest of its moments that is not after `now`: whoever was away for a week has missed one
    /// letter and not seven.
    pub fn newest(self, now: Timestamp, zone: &TimeZone) -> Timestamp {
        let local = now.to_zoned(zone.clone());
        if self == Self::Hourly {
            let hour = local.start_of_day().and_then(|day| {
                let whole = local.duration_since(&day).as_hours();
                day.checked_add(whole.hours())
            });
            return hour.map_or(now, |hour| hour.timestamp());
        }
        let today = local.date();
        let morning = |date: Date| {
            let at = zone.to_zoned(date.at(MORNING, 0, 0, 0));
            at.map_or(now, |at| at.timestamp())
        };
        let newest = self.begins(today);
        if morning(newest) <= now {
            return morning(newest);
        }
        morning(self.begins(newest.saturating_sub(1.day())))
    }

    /// The first day of the day, week or month.
    fn begins(self, date: Date) -> Date {
        match self {
            Self::Hourly | Self::Daily => date,
            Self::Weekly => {
                let since = date.weekday().since(Weekday::Monday);
                date.saturating_sub(i64::from(since).days())
            }
            Self::Monthly => date.first_of_month(),
        }
    }
}

impl Staff {
    /// What an account wants.
    pub async fn letters(&self, id: Uuid) -> Result<Vec<(Letter, Rhythm)>, Unavailable> {
        let sql = "SELECT account, what, rhythm, last_at FROM account_letter WHERE account = $1";
        let rows = self.db().read().await?.rows(sql, vec![uuid(id)]).await?;
        let read = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        Ok(read.into_iter().flatten().map(|row| (row.letter, row.rhythm)).collect())
    }

    /// In place of what it wanted before; the first comes at the next of its moments.
    pub async fn choose_letters(
        &self,
        now: Timestamp,
        by: &By,
        id: Uuid,
        wanted: &[(Letter, Rhythm)],
    ) -> Result<(), Unavailable> {
        let mut before = self.letters(id).await?;
        before.sort_by_key(|(letter, _)| *letter);
        let mut wanted: Vec<(Letter, Rhythm)> = wanted.to_vec();
        wanted.sort_by_key(|(letter, _)| *letter);
        if before == wanted {
            return Ok(());
        }
        let mut tx = self.db().begin().await?;
        tx.run("DELETE FROM account_letter WHERE account = $1", vec![uuid(id)]).await?;
        let rows = wanted.iter().flat_map(|(letter, rhythm)| {
            let [what, rhythm] = [letter.as_str(), rhythm.as_str()].map(text);
            [uuid(id), what, rhythm, int(now.as_millisecond())]
        });
        let columns = ["account", "what", "rhythm", "last_at"];
        tx.insert("account_letter", &columns, rows.collect(), "").await?;
        let told: serde_json::Map<_, _> = wanted
            .iter()
            .map(|(letter, rhythm)| (letter.as_str().to_owned(), json!(rhythm.as_str())))
            .collect();
        let entry = Entry::new(Act::LettersChosen, subject(id)).with(told.into());
        self.note_in(&mut tx, now, by, &entry).await?;
        Ok(tx.commit().await?)
    }

    /// Of all accounts that may sign in and whose address is confirmed; those that are asked for by
    /// letter, rhythm and the moment that the last one was for.
    pub async fn wanted(
        &self,
        asked: impl Fn(Letter, Rhythm, Timestamp) -> bool,
    ) -> Result<Vec<Wanted>, Unavailable> {
        let sql =
            "SELECT account, what, rhythm, last_at FROM account_letter ORDER BY account, what";
        let rows = self.db().read().await?.rows(sql, vec![]).await?;
        let read = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let mut all = Vec::new();
        for Chosen { account, letter, rhythm, last_at } in read.into_iter().flatten() {
            if !asked(letter, rhythm, last_at) {
                continue;
            }
            let Some(account) = self.account(account).await? else { continue };
            if account.disabled_at.is_none() && account.email_confirmed {
                all.push(Wanted { account, letter, rhythm, last_at });
            }
        }
        Ok(all)
    }

    /// The letter for that moment is written, or there was nothing to say. One that was chosen anew
    /// meanwhile begins anew.
    pub async fn letter_done(&self, wanted: &Wanted, at: Timestamp) -> Result<(), Unavailable> {
        let sql = "UPDATE account_letter SET last_at = $4 \
                   WHERE account = $1 AND what = $2 AND last_at = $3";
        let mut tx = self.db().begin().await?;
        let args = vec![
            uuid(wanted.account.id),
            text(wanted.letter.as_str()),
            int(wanted.last_at.as_millisecond()),
            int(at.as_millisecond()),
        ];
        tx.run(sql, args).await?;
        Ok(tx.commit().await?)
    }
}

struct Chosen {
    account: Uuid,
    letter: Letter,
    rhythm: Rhythm,
    last_at: Timestamp,
}

/// `None` for a word of a newer release.
fn read(row: &Row) -> Result<Option<Chosen>, Error> {
    let (letter, rhythm) = (Letter::parse(&row.text(1)?), Rhythm::parse(&row.text(2)?));
    let Some((letter, rhythm)) = letter.zip(rhythm) else { return Ok(None) };
    let last_at = row.time(3)?;
    Ok(Some(Chosen { account: row.uuid(0)?, letter, rhythm, last_at }))
}

/// The hour at which letters of a day, a week or a month are written.
const MORNING: i8 = 7;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rhythm_has_its_moments_in_the_zone() {
        let zone = TimeZone::get("Europe/Prague").unwrap();
        for (rhythm, now, newest) in [
            (Rhythm::Hourly, "2026-11-22T09:59:59Z", "2026-11-22T09:00:00Z"),
            (Rhythm::Hourly, "2026-10-25T00:30:00Z", "2026-10-25T00:00:00Z"),
            (Rhythm::Hourly, "2026-10-25T01:30:00Z", "2026-10-25T01:00:00Z"),
            (Rhythm::Daily, "2026-11-22T06:00:00Z", "2026-11-22T06:00:00Z"),
            (Rhythm::Daily, "2026-11-22T05:59:59Z", "2026-11-21T06:00:00Z"),
            (Rhythm::Daily, "2026-03-29T05:00:00Z", "2026-03-29T05:00:00Z"),
            (Rhythm::Weekly, "2026-11-22T12:00:00Z", "2026-11-16T06:00:00Z"),
            (Rhythm::Weekly, "2026-11-23T05:00:00Z", "2026-11-16T06:00:00Z"),
            (Rhythm::Monthly, "2026-11-01T05:00:00Z", "2026-10-01T05:00:00Z"),
            (Rhythm::Monthly, "2026-11-30T05:00:00Z", "2026-11-01T06:00:00Z"),
        ] {
            let found = rhythm.newest(now.parse().unwrap(), &zone);
            assert_eq!(found.to_string(), newest, "{rhythm:?} {now}");
        }
    }
}
