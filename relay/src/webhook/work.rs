//! The work itself: events become deliveries, deliveries are sent until they are taken or given up.
//!
//! Several relays on one database share it: a mark moves for one of them alone, and so does the
//! time before which nobody else makes an attempt. Whoever dies in the middle of one leaves it to
//! be made again, under the same id.

use std::{collections::BTreeSet, time::Duration};

use jiff::{SignedDuration, Timestamp};
use tokio::{sync::watch, task::JoinSet};
use uuid::Uuid;

use super::{
    Answer, Event, State, Webhook, Webhooks,
    event::{Head, Told, body},
    group,
    send::{Parcel, send},
    signed, store,
};
use crate::{
    consent::{Fed, Who},
    db::{Arg, Error, Row, Tx, int, text, uuid},
    news::What,
    seal,
};

/// A delivery that this relay makes an attempt at.
struct Claimed {
    id: Uuid,
    event: String,
    place: Option<Place>,
    created_at: Timestamp,
    attempts: i64,
}

/// The line that it is about, or the first of those that are alike.
#[derive(Clone, Copy)]
struct Place {
    chain: i64,
    seq: i64,
    /// Up to which line others like it were looked for.
    last: i64,
}

/// Something to be told, before it is known to whom.
struct Item {
    event: Event,
    seq: i64,
    last: Option<i64>,
}

impl Webhooks {
    /// Until told to stop; what is under way then is finished.
    pub async fn run(self, mut stopping: watch::Receiver<bool>) {
        let (mut busy, mut at_work) = (JoinSet::new(), BTreeSet::new());
        let mut forgot = Timestamp::MIN;
        loop {
            let now = Timestamp::now();
            match self.collect(now).await {
                Ok(0) => {}
                Ok(count) => tracing::debug!(count, "webhooks have something to be told"),
                Err(fault) => tracing::warn!(%fault, "cannot read what webhooks are to be told"),
            }
            match self.due(now).await {
                Ok(due) => {
                    for id in due.into_iter().filter(|id| at_work.insert(*id)) {
                        let own = self.clone();
                        busy.spawn(async move { (id, own.serve(id).await) });
                    }
                }
                Err(fault) => tracing::warn!(%fault, "cannot see which webhooks wait"),
            }
            if let Err(fault) = self.part(now).await {
                tracing::warn!(%fault, "addresses that were erased are kept until the next look");
            }
            if now.duration_since(forgot) >= FORGET {
                forgot = now;
                self.forget(now).await;
            }
            let done = tokio::select! {
                _ = stopping.wait_for(|stop| *stop) => break,
                Some(done) = busy.join_next() => Some(done),
                () = tokio::time::sleep(TICK) => None,
            };
            match done {
                None => {}
                Some(Ok((id, Ok(())))) => drop(at_work.remove(&id)),
                Some(Ok((id, Err(fault)))) => {
                    at_work.remove(&id);
                    tracing::warn!(%fault, webhook = %id, "a webhook could not be told");
                    tokio::time::sleep(TICK).await;
                }
                // INVARIANT: nobody stops these tasks, and they do not panic.
                Some(Err(_)) => at_work.clear(),
            }
        }
        while busy.join_next().await.is_some() {}
    }

    /// Makes deliveries of what was written down since; how many.
    pub async fn collect(&self, now: Timestamp) -> Result<u64, Error> {
        let rows = self.db.read_briefly().await?.rows(&behind(), vec![]).await?;
        let mut count = 0;
        for row in rows {
            let webhook = row.uuid(0)?;
            let (chain, head, is_journal) = (row.int(1)?, row.int(2)?, row.int(4)? == 1);
            let mut seen = row.opt_int(3)?;
            let Some(hook) = self.find(webhook).await? else { continue };
            for _ in 0..LOOKS {
                let after = seen.unwrap_or(0);
                let last = head.min(after.saturating_add(WINDOW));
                if last <= after {
                    break;
                }
                let items = self.items(&hook, is_journal, (chain, after, last)).await?;
                let Some(made) = self.note(now, &hook, (chain, seen, last), &items).await? else {
                    break;
                };
                count += made;
                seen = Some(last);
            }
        }
        Ok(count)
    }

    /// Of the lines of one chain, what a webhook wants to hear.
    async fn items(
        &self,
        hook: &Webhook,
        is_journal: bool,
        (chain, after, last): (i64, i64, i64),
    ) -> Result<Vec<Item>, Error> {
        let mut items: Vec<Item> = if is_journal {
            let mut conn = self.db.read_briefly().await?;
            let all = group::read(&mut conn, &hook.controller, (chain, after, last)).await?;
            let item = |one: &group::Group| Item {
                event: Event::Of(one.what),
                seq: one.first,
                last: Some(one.last),
            };
            all.iter().map(item).collect()
        } else {
            let fed = self.consent.feed(&hook.controller, chain, after, last).await?;
            let item = |one: &Fed| Some(Item { event: Event::of(one)?, seq: one.seq, last: None });
            fed.iter().filter_map(item).collect()
        };
        items.retain(|item| hook.events.contains(&item.event));
        Ok(items)
    }

    /// Deliveries and the mark in one transaction; `None` where another relay was first.
    async fn note(
        &self,
        now: Timestamp,
        hook: &Webhook,
        (chain, seen, last): (i64, Option<i64>, i64),
        items: &[Item],
    ) -> Result<Option<u64>, Error> {
        let mut tx = self.db.begin().await?;
        let moved = match seen {
            Some(seen) => {
                let sql = "UPDATE webhook_seen SET seq = $4 \
                           WHERE webhook = $1 AND chain = $2 AND seq = $3";
                let args = vec![uuid(hook.id), int(chain), int(seen), int(last)];
                tx.run(sql, args).await?
            }
            None => {
                let columns = &["webhook", "chain", "seq"];
                let row = vec![uuid(hook.id), int(chain), int(last)];
                tx.insert("webhook_seen", columns, row, "ON CONFLICT (webhook, chain) DO NOTHING")
                    .await?
            }
        };
        if moved == 0 {
            return Ok(None);
        }
        let mut rows = Vec::new();
        for item in items {
            rows.extend([
                uuid(Uuid::now_v7()),
                uuid(hook.id),
                text(item.event.as_str()),
                int(chain),
                int(item.seq),
                Arg::Int(item.last),
                int(now.as_millisecond()),
                text(State::Waiting.as_str()),
                int(now.as_millisecond()),
            ]);
        }
        let twice = "ON CONFLICT (webhook, chain, seq) DO NOTHING";
        let made = tx.insert("webhook_delivery", DELIVERY, rows, twice).await?;
        tx.commit().await?;
        Ok(Some(made))
    }

    /// Webhooks for which something is due.
    async fn due(&self, now: Timestamp) -> Result<Vec<Uuid>, Error> {
        let args = vec![int(now.as_millisecond())];
        let rows = self.db.read_briefly().await?.rows(DUE, args).await?;
        rows.iter().map(|row| row.uuid(0)).collect()
    }

    /// Sends what is due, a few at a time; one at a time to whom it failed.
    async fn serve(&self, id: Uuid) -> Result<(), Error> {
        let now = Timestamp::now();
        let Some(hook) = self.find(id).await?.filter(|hook| hook.off.is_none()) else {
            return Ok(());
        };
        let most = if hook.failures > 0 { 1 } else { AT_ONCE };
        let claimed = self.claim(now, id, most).await?;
        let keys = store::keys(self, now, id).await?;
        let mut sending = JoinSet::new();
        for one in claimed {
            let parcel = self.parcel(&hook, &one, keys.clone()).await?;
            let (client, url) = (self.client.clone(), hook.url.clone());
            sending.spawn(async move { (one, send(&client, now, &url, parcel).await) });
        }
        while let Some(sent) = sending.join_next().await {
            // INVARIANT: nobody stops these tasks, and they do not panic.
            let Ok((one, answer)) = sent else { continue };
            self.settle(Timestamp::now(), &hook, &one, answer).await?;
        }
        Ok(())
    }

    /// Sends a test by its own hand, whatever else waits.
    pub(super) async fn send_test(&self, now: Timestamp, hook: &Webhook) -> Result<Answer, Error> {
        let later = now.checked_add(LEASE).unwrap_or(now);
        let id = store::test(&self.db, now, hook.id, later).await?;
        let event = Event::Test.as_str().to_owned();
        let one = Claimed { id, event, place: None, created_at: now, attempts: 0 };
        let parcel = self.parcel(hook, &one, store::keys(self, now, hook.id).await?).await?;
        let answer = send(&self.client, now, &hook.url, parcel).await;
        let mut tx = self.db.begin().await?;
        note_attempt(&mut tx, now, &one, answer).await?;
        let state = if answer.error.is_none() { State::Taken } else { State::GivenUp };
        put(&mut tx, &one, state, now).await?;
        tx.commit().await?;
        Ok(answer)
    }

    /// Nobody else makes an attempt at these for a while.
    async fn claim(&self, now: Timestamp, id: Uuid, most: i64) -> Result<Vec<Claimed>, Error> {
        let sql = "SELECT id, event, chain, seq, upto, created_at, attempts FROM webhook_delivery \
                   WHERE webhook = $1 AND state = 'waiting' AND next_at <= $2 \
                   ORDER BY next_at, id LIMIT $3";
        let args = vec![uuid(id), int(now.as_millisecond()), int(most)];
        let rows = self.db.read_briefly().await?.rows(sql, args).await?;
        let found: Vec<Claimed> = rows.iter().map(read).collect::<Result<_, _>>()?;
        let later = now.checked_add(LEASE).unwrap_or(now);
        let sql = "UPDATE webhook_delivery SET next_at = $1 \
                   WHERE state = 'waiting' AND next_at <= $2 AND id {in}";
        let args = [int(later.as_millisecond()), int(now.as_millisecond())];
        let mut tx = self.db.begin().await?;
        let ids = found.iter().map(|one| one.id).collect();
        let mine = tx.run_each(sql, &args, ids).await?;
        tx.commit().await?;
        Ok(found.into_iter().filter(|one| mine.contains(&one.id)).collect())
    }

    async fn parcel(
        &self,
        hook: &Webhook,
        one: &Claimed,
        secrets: Vec<String>,
    ) -> Result<Parcel, Error> {
        let event = Event::parse(&one.event).unwrap_or(Event::Test);
        let told = self.told(hook, event, one.place).await?;
        let head = Head {
            delivery: one.id,
            event,
            controller: &hook.controller,
            addresses: self.addresses(hook, &told).await?,
            created_at: one.created_at,
        };
        let body = body(&head, &told);
        Ok(Parcel { delivery: one.id.to_string(), event: event.as_str(), body, secrets })
    }

    /// Of those of whom it is told; none where it is not to be told any.
    async fn addresses(&self, hook: &Webhook, told: &Told) -> Result<Vec<Option<String>>, Error> {
        let (keys, erased) = match told {
            Told::Fed(fed) => (vec![Some(fed.contact)], fed.erased.clone()),
            Told::Group(group) => (group.each.iter().map(|one| one.recipient).collect(), None),
            Told::Nothing => return Ok(Vec::new()),
        };
        if !hook.with_address {
            return Ok(vec![None; keys.len()]);
        }
        let mut all = Vec::with_capacity(keys.len());
        for key in keys {
            let address = match key {
                Some(key) => self.consent.address(&Who::key(&hook.controller, key)).await?,
                None => None,
            };
            all.push(address.or_else(|| erased.clone()));
        }
        Ok(all)
    }

    /// Read anew for each attempt.
    async fn told(
        &self,
        hook: &Webhook,
        event: Event,
        place: Option<Place>,
    ) -> Result<Told, Error> {
        let Some(Place { chain, seq, last }) = place else { return Ok(Told::Nothing) };
        let before = seq.saturating_sub(1);
        if event.is_of_journal() {
            let mut conn = self.db.read_briefly().await?;
            let all = group::read(&mut conn, &hook.controller, (chain, before, last)).await?;
            let first = all.into_iter().find(|one| one.first == seq);
            return Ok(first.map_or(Told::Nothing, |group| Told::Group(Box::new(group))));
        }
        let fed = self.consent.feed(&hook.controller, chain, before, seq).await?.pop();
        Ok(fed.map_or(Told::Nothing, |fed| Told::Fed(Box::new(fed))))
    }

    /// What came of an attempt, and what it means for the webhook.
    async fn settle(
        &self,
        now: Timestamp,
        hook: &Webhook,
        one: &Claimed,
        answer: Answer,
    ) -> Result<(), Error> {
        let mut tx = self.db.begin().await?;
        if !note_attempt(&mut tx, now, one, answer).await? {
            return Ok(());
        }
        if answer.error.is_none() {
            put(&mut tx, one, State::Taken, now).await?;
            let sql = "UPDATE webhook SET failures = 0, failing_since = NULL, rest_until = 0 \
                       WHERE id = $1 AND (failures > 0 OR failing_since IS NOT NULL)";
            tx.run(sql, vec![uuid(hook.id)]).await?;
            return tx.commit().await;
        }
        let next = now.checked_add(wait(one.attempts)).unwrap_or(now);
        let last = one.created_at.checked_add(signed(self.settings.give_up_after)).unwrap_or(now);
        let over = next > last;
        put(&mut tx, one, if over { State::GivenUp } else { State::Waiting }, next).await?;
        if over {
            tracing::warn!(webhook = %hook.id, delivery = %one.id, "a webhook's event is given up");
        }
        let rest = now.checked_add(rest(hook.failures + 1)).unwrap_or(now);
        let sql = "UPDATE webhook SET failures = failures + 1, \
                   failing_since = COALESCE(failing_since, $2), rest_until = $3 WHERE id = $1";
        let args = vec![uuid(hook.id), int(now.as_millisecond()), int(rest.as_millisecond())];
        tx.run(sql, args).await?;
        if let Some(why) = self.why_off(now, hook, answer) {
            tracing::warn!(webhook = %hook.id, why, "a webhook is switched off");
            let sql = "UPDATE webhook SET off_at = $2, off_why = $3 \
                       WHERE id = $1 AND off_at IS NULL";
            tx.run(sql, vec![uuid(hook.id), int(now.as_millisecond()), text(why)]).await?;
        }
        tx.commit().await
    }

    fn why_off(&self, now: Timestamp, hook: &Webhook, answer: Answer) -> Option<String> {
        if answer.status == Some(410) {
            return Some("the receiver answered that it is gone (410)".into());
        }
        let since = hook.failing_since?;
        let patience = signed(self.settings.off_after);
        (now.duration_since(since) >= patience).then(|| {
            let last = answer.error.unwrap_or_default();
            format!("nothing was taken since {}: {last}", since.strftime("%FT%TZ"))
        })
    }

    /// Lets go of the erased of whom everybody was told; how many.
    pub async fn part(&self, now: Timestamp) -> Result<u64, Error> {
        let patience = now.checked_sub(signed(self.settings.give_up_after));
        self.consent.part(patience.unwrap_or(Timestamp::MIN)).await
    }

    async fn forget(&self, now: Timestamp) {
        let before = now.checked_sub(signed(self.settings.log_kept)).unwrap_or(Timestamp::MIN);
        if let Err(fault) = self.forget_before(before).await {
            tracing::warn!(%fault, "the old log of webhooks stays until the next look");
        }
    }

    /// Lets go of what was taken or given up before.
    pub async fn forget_before(&self, before: Timestamp) -> Result<(), Error> {
        let mut tx = self.db.begin().await?;
        for sql in [
            "DELETE FROM webhook_attempt WHERE delivery IN (SELECT id FROM webhook_delivery \
                WHERE state <> 'waiting' AND tried_at < $1)",
            "DELETE FROM webhook_delivery WHERE state <> 'waiting' AND tried_at < $1",
        ] {
            tx.run(sql, vec![int(before.as_millisecond())]).await?;
        }
        tx.commit().await
    }
}

/// Whether the delivery still waits: it may have been removed meanwhile.
async fn note_attempt(
    tx: &mut Tx<'_>,
    now: Timestamp,
    one: &Claimed,
    answer: Answer,
) -> Result<bool, Error> {
    let sql = "UPDATE webhook_delivery SET attempts = attempts + 1, tried_at = $2 \
               WHERE id = $1 AND state = 'waiting'";
    if tx.run(sql, vec![uuid(one.id), int(now.as_millisecond())]).await? == 0 {
        return Ok(false);
    }
    let rows = tx.rows("SELECT attempts FROM webhook_delivery WHERE id = $1", vec![uuid(one.id)]);
    let number = rows.await?.first().map_or(Ok(1), |row| row.int(0))?;
    let row = vec![
        uuid(one.id),
        int(number),
        int(now.as_millisecond()),
        Arg::Int(answer.status.map(i64::from)),
        int(answer.ms),
        Arg::Text(answer.error.map(Into::into)),
    ];
    let columns = &["delivery", "number", "at", "status", "ms", "error"];
    tx.insert("webhook_attempt", columns, row, "").await?;
    Ok(true)
}

async fn put(tx: &mut Tx<'_>, one: &Claimed, state: State, next: Timestamp) -> Result<(), Error> {
    let sql = "UPDATE webhook_delivery SET state = $2, next_at = $3 WHERE id = $1";
    let args = vec![uuid(one.id), text(state.as_str()), int(next.as_millisecond())];
    tx.run(sql, args).await.map(drop)
}

fn read(row: &Row) -> Result<Claimed, Error> {
    Ok(Claimed {
        id: row.uuid(0)?,
        event: row.text(1)?,
        place: match (row.opt_int(2)?, row.opt_int(3)?, row.opt_int(4)?) {
            (Some(chain), Some(seq), last) => Some(Place { chain, seq, last: last.unwrap_or(seq) }),
            _ => None,
        },
        created_at: row.time(5)?,
        attempts: row.int(6)?,
    })
}

/// After so many attempts before: twice as long each time, and not at the same moment for all.
fn wait(attempts: i64) -> SignedDuration {
    let doubled = doubled(FIRST, attempts).min(LAST);
    let [byte] = seal::random::<1>();
    doubled + doubled * i32::from(byte) / 2_560
}

/// Whoever failed once or twice may have stumbled over one event; more is left alone for a while.
fn rest(failures: i64) -> SignedDuration {
    if failures < 3 { SignedDuration::ZERO } else { doubled(FIRST, failures - 3).min(REST) }
}

fn doubled(first: SignedDuration, times: i64) -> SignedDuration {
    let factor = 1_i32.checked_shl(u32::try_from(times.clamp(0, 20)).unwrap_or(20)).unwrap_or(1);
    first.checked_mul(factor).unwrap_or(LAST)
}

/// Who is behind in which chain, how far it came, and whether the chain is the journal's, which is for
/// those alone who hear of messages.
fn behind() -> String {
    let words = What::ALL.map(|what| format!("w.events LIKE '%{}%'", what.as_str()));
    format!(
        "SELECT w.id, c.id, c.head_seq, s.seq, \
         CASE WHEN c.name LIKE 'consent/%' THEN CAST(0 AS BIGINT) ELSE CAST(1 AS BIGINT) END \
         FROM webhook w JOIN chain c ON c.name LIKE 'consent/%' \
         OR (c.name NOT LIKE 'audit/%' AND ({})) \
         LEFT JOIN webhook_seen s ON s.webhook = w.id AND s.chain = c.id \
         WHERE w.off_at IS NULL AND c.head_seq > COALESCE(s.seq, 0) ORDER BY w.id, c.id",
        words.join(" OR ")
    )
}

const DUE: &str = "\
    SELECT w.id FROM webhook w WHERE w.off_at IS NULL AND w.rest_until <= $1 \
    AND EXISTS (SELECT 1 FROM webhook_delivery d WHERE d.webhook = w.id \
        AND d.state = 'waiting' AND d.next_at <= $1)";
const DELIVERY: &[&str] =
    &["id", "webhook", "event", "chain", "seq", "upto", "created_at", "state", "next_at"];
/// An event is on its way within this time.
const TICK: Duration = Duration::from_millis(500);
/// Longer than an attempt takes; then somebody else makes it.
const LEASE: SignedDuration = SignedDuration::from_secs(20);
/// Requests to one webhook.
const AT_ONCE: i64 = 8;
/// Events that one look takes in, and looks at one chain before the next one's turn.
const WINDOW: i64 = 1_000;
const LOOKS: usize = 20;
const FIRST: SignedDuration = SignedDuration::from_secs(5);
const LAST: SignedDuration = SignedDuration::from_hours(1);
const REST: SignedDuration = SignedDuration::from_mins(10);
const FORGET: SignedDuration = SignedDuration::from_hours(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_an_hour_and_rests_to_ten_minutes() {
        let between = |time: SignedDuration, low: i64, high: i64| {
            assert!((low..=high).contains(&time.as_secs()), "{time:?}");
        };
        between(wait(0), 5, 5);
        between(wait(3), 40, 44);
        between(wait(40), 3_600, 3_960);
        assert_eq!(rest(2), SignedDuration::ZERO);
        between(rest(3), 5, 5);
        between(rest(30), 600, 600);
    }
}
