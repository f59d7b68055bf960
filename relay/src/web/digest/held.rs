//! The letter about held messages: how many, since when, by which rules, and what ends soon.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::{Digests, zone};
use crate::{
    db::Unavailable,
    decisions::campaign,
    figures,
    review::{Filter, Group},
    seal::escaped,
    staff::Account,
    web::post::{Button, Said, Table},
    words::Words,
};

impl Digests {
    /// Of what the account may see; `None` where nothing of it is held.
    pub(super) async fn held(
        &self,
        now: Timestamp,
        words: &'static Words,
        account: &Account,
    ) -> Result<Option<Said>, Unavailable> {
        let filter = Filter { scope: figures::scope(&account.rights), ..Filter::default() };
        let groups = self.review.groups(now, &filter, ROWS_MAX + 1).await?;
        let Some(oldest) = groups.first().map(|group| group.first) else { return Ok(None) };
        let business = self.business.load();
        let zone = zone(&business);
        let keep = business.review.keep_held_for;
        let moment =
            |at: Timestamp| at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string();
        let count = self.review.count(now, &filter).await?.all();
        let soon = Filter { until: Some(since(now, keep)), ..filter };
        let soon = self.review.count(now, &soon).await?.all();
        let mut before = vec![words.with(
            "console-letter-held-lead",
            &[("count", count.into()), ("since", moment(oldest).into())],
        )];
        if soon > 0 {
            before.push(words.with("console-letter-held-soon", &[("count", soon.into())]));
        }
        let head = [
            "console-decision-rule",
            "console-decision-stream",
            "console-decision-login",
            "console-letter-count",
            "console-letter-since",
            "console-letter-until",
        ];
        let row = |group: &Group| {
            let rule = if group.rule.is_empty() { "–" } else { &group.rule };
            let cells = vec![
                rule.to_owned(),
                group.stream.clone(),
                group.login.clone(),
                group.count.to_string(),
                moment(group.first),
                moment(ends(group.first, keep)),
            ];
            (cells, Some(self.link_of(group)))
        };
        let table = Table {
            title: words.say("console-letter-held-groups").into_owned(),
            head: head.map(|name| words.say(name).into_owned()).to_vec(),
            rows: groups.iter().take(ROWS_MAX).map(row).collect(),
        };
        let mut after = Vec::new();
        if groups.len() > ROWS_MAX {
            after.push(words.say("console-letter-held-more").into_owned());
        }
        after.extend([
            words.say("console-letter-why").into_owned(),
            format!("{}/own", self.console),
        ]);
        Ok(Some(Said {
            subject: words.with("console-letter-held-subject", &[("count", count.into())]),
            before,
            tables: vec![table],
            button: Some(Button {
                label: words.say("console-letter-held-button").into_owned(),
                url: format!("{}/held", self.console),
            }),
            after,
        }))
    }

    /// The single ones of a group.
    fn link_of(&self, group: &Group) -> String {
        let rule = if group.rule.is_empty() { "-" } else { &group.rule };
        format!(
            "{}/held?view=each&campaign={}&rule={}&stream={}&login={}",
            self.console,
            campaign::hex(group.campaign),
            escaped(rule),
            escaped(&group.stream),
            escaped(&group.login),
        )
    }
}

/// When nobody's decision rejects it.
fn ends(first: Timestamp, keep: Duration) -> Timestamp {
    let keep = SignedDuration::try_from(keep).unwrap_or(SignedDuration::MAX);
    first.checked_add(keep).unwrap_or(Timestamp::MAX)
}

/// What is held since then or longer ends within [`SOON`].
fn since(now: Timestamp, keep: Duration) -> Timestamp {
    let keep = SignedDuration::try_from(keep).unwrap_or(SignedDuration::MAX);
    now.checked_sub(keep.saturating_sub(SOON)).unwrap_or(Timestamp::MIN)
}

const SOON: SignedDuration = SignedDuration::from_hours(3 * 24);
/// In a letter; the console shows the others.
const ROWS_MAX: usize = 30;
