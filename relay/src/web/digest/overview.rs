//! The letter about a week or a month: what was decided and blocked, by what, and how the consent stands.
//! The figures are the overview's, of the whole days that are over.

use jiff::{Timestamp, ToSpan};

use super::{Digests, zone};
use crate::{
    db::Unavailable,
    figures::{Days, Decided, For, Owner, Reports, Sum},
    staff::{Rhythm, Wanted},
    web::post::{Button, Said, Table},
    words::Words,
};

impl Digests {
    /// Of what the account may see, also where that is nothing: whoever asked for it knows then that
    /// the relay writes.
    pub(super) async fn overview(
        &self,
        now: Timestamp,
        at: Timestamp,
        words: &'static Words,
        wanted: &Wanted,
    ) -> Result<Option<Said>, Unavailable> {
        let zone = zone(&self.business.load());
        let yesterday = at.to_zoned(zone.clone()).date().saturating_sub(1.day());
        let first = match wanted.rhythm {
            Rhythm::Monthly => yesterday.first_of_month(),
            Rhythm::Hourly | Rhythm::Daily | Rhythm::Weekly => yesterday.saturating_sub(6.days()),
        };
        let days = Days::between(first, yesterday, zone);
        let asks = For { rights: &wanted.account.rights, controller: None };
        let decided = self.figures.decided(asks, &days).await?;
        let reports = self.figures.reports(now, asks, &days).await?;
        let Decided { whole, .. } = &decided;
        let (from, until) = (words.day(days.first), words.day(days.last));
        let lead = [
            ("from", from.as_str().into()),
            ("until", until.as_str().into()),
            ("all", whole.all.to_string().into()),
            ("blocked", whole.blocked().to_string().into()),
            ("share", words.share(whole.blocked(), whole.all).into()),
            ("repaired", whole.repaired.to_string().into()),
        ];
        let dates = [("from", from.as_str().into()), ("until", until.as_str().into())];
        Ok(Some(Said {
            subject: words.with("console-letter-overview-subject", &dates),
            before: vec![words.with("console-letter-overview-lead", &lead)],
            tables: tables(words, &decided, &reports),
            button: Some(Button {
                label: words.say("console-letter-overview-button").into_owned(),
                url: format!("{}/?days={}", self.console, if days.count > 7 { 30 } else { 7 }),
            }),
            after: vec![
                words.say("console-letter-why").into_owned(),
                format!("{}/own", self.console),
            ],
        }))
    }
}

fn tables(words: &Words, decided: &Decided, reports: &Reports) -> Vec<Table> {
    let sums = [
        ("console-overview-by-rule", "console-decision-rule", &decided.rules),
        ("console-overview-by-stream", "console-decision-stream", &decided.streams),
        ("console-overview-by-login", "console-decision-login", &decided.logins),
    ];
    let blocked = sums.map(|(title, name, sums)| blocked(words, title, name, sums));
    let lacked = Table {
        title: words.say("console-overview-lacked").into_owned(),
        head: head(words, &["console-decision-rule", "console-overview-messages"]),
        rows: decided
            .lacked
            .iter()
            .take(ROWS_MAX)
            .map(|(rule, count)| (vec![rule.clone(), count.to_string()], None))
            .collect(),
    };
    let all = blocked.into_iter().chain([lacked, outcomes(words, reports)]);
    let all = all.chain(reports.owners.iter().map(|owner| consent(words, owner)));
    all.filter(|table| !table.rows.is_empty()).collect()
}

fn blocked(words: &Words, title: &str, name: &str, sums: &[(String, Sum)]) -> Table {
    let row = |(name, sum): &(String, Sum)| {
        let name = if name.is_empty() { "–" } else { name };
        let share = words.share(sum.blocked(), sum.all);
        (vec![name.to_owned(), sum.blocked().to_string(), share], None)
    };
    let some = sums.iter().filter(|(_, sum)| sum.blocked() > 0);
    Table {
        title: words.say(title).into_owned(),
        head: head(words, &[name, "console-overview-blocked", "console-overview-share"]),
        rows: some.take(ROWS_MAX).map(row).collect(),
    }
}

fn outcomes(words: &Words, reports: &Reports) -> Table {
    let rates = reports.outcomes;
    let share = words.share(rates.bounced, rates.delivered + rates.bounced);
    let counts = [rates.delivered, rates.bounced, rates.expired, reports.complaints()];
    let cells = counts.iter().map(ToString::to_string).chain([share]).collect();
    let names = [
        "console-overview-delivered",
        "console-overview-bounced",
        "console-overview-expired",
        "console-overview-complaints",
        "console-letter-bounced-share",
    ];
    let is_some = counts.iter().any(|count| *count > 0);
    Table {
        title: words.say("console-overview-outcomes").into_owned(),
        head: head(words, &names),
        rows: if is_some { vec![(cells, None)] } else { Vec::new() },
    }
}

fn consent(words: &Words, owner: &Owner) -> Table {
    let coverage = &owner.covered.coverage;
    let all = (words.say("console-letter-any-purpose").into_owned(), coverage.covered, None);
    let each = owner.purposes.iter().map(|(purpose, held)| {
        let [_, month, _] = held.ends;
        (purpose.name.clone(), held.now, Some(month))
    });
    let row = |(name, valid, ends): (String, u64, Option<u64>)| {
        let ends = ends.map_or_else(|| "–".to_owned(), |ends| ends.to_string());
        (vec![name, valid.to_string(), words.share(valid, coverage.contacts), ends], None)
    };
    let names = ["console-overview-purpose", "console-overview-valid", "console-overview-share"];
    let mut names = head(words, &names);
    names.push(words.with("console-overview-ends", &[("count", 30_u64.into())]));
    let name = [("name", (&owner.controller.name).into())];
    Table {
        title: words.with("console-overview-consent", &name),
        head: names,
        rows: if coverage.contacts == 0 {
            Vec::new()
        } else {
            std::iter::once(all).chain(each).take(ROWS_MAX).map(row).collect()
        },
    }
}

fn head(words: &Words, names: &[&str]) -> Vec<String> {
    names.iter().map(|name| words.say(name).into_owned()).collect()
}

/// Of one table; the console shows the others.
const ROWS_MAX: usize = 15;
