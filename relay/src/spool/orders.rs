//! Orders about the queue, given and carried out: a bounded step at a time, each of which commits
//! together with how far it came, so that any relay goes on where another one stopped.
//!
//! A pause moves nothing by itself: what is due is claimed like everything else and put aside, so
//! claims never look through what is paused, and nothing waits behind it.

use std::{collections::BTreeSet, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::{
    Delivery, Message, Spool,
    domain::{UNKNOWN, UNREAD, domain},
    order::{COLUMNS, How, Order, READ, What, Which},
    store,
};
use crate::db::{Arg, Conditions, Conn, Error, Tx, Unavailable, int, size, text, uuid};

/// What came of one step.
#[derive(Debug, Default)]
pub struct Step {
    /// To be bounced: they are this node's now.
    pub claimed: Vec<(Arc<Message>, Vec<Delivery>)>,
    /// How many were made due.
    pub due: u64,
    /// There may be more to do.
    pub more: bool,
}

/// Deliveries that a step looked at.
struct Window {
    ids: Vec<Uuid>,
    /// The last one, of those that are not meant too; `None`: there are none left.
    last: Option<Uuid>,
}

impl Spool {
    /// Gives an order; `None`: as many are under way as there may be.
    pub async fn give(
        &self,
        now: Timestamp,
        (what, which): (What, Which),
        (by, why): (&str, &str),
        how: How,
    ) -> Result<Option<Order>, Error> {
        let How { until, route } = how;
        let how = How {
            until: until.filter(|_| what == What::Pause),
            route: route.filter(|_| what == What::Rebind),
        };
        let order = Order {
            id: Uuid::now_v7(),
            at: now,
            by: by.to_owned(),
            what,
            which,
            why: why.to_owned(),
            how,
            done: 0,
            ended_at: None,
        };
        let mut tx = self.db.begin().await?;
        let live = tx.rows("SELECT id FROM queue_order WHERE ended_at IS NULL", vec![]).await?;
        if live.len() >= ORDERS_MAX {
            return Ok(None);
        }
        let row = order.row(&self.secret, self.domain_of(&order.which));
        tx.insert("queue_order", COLUMNS, row, "").await?;
        tx.commit().await?;
        Ok(Some(order))
    }

    /// Ends one before it is over; false where it was over.
    pub async fn end_order(&self, now: Timestamp, id: Uuid) -> Result<bool, Error> {
        let mut tx = self.db.begin().await?;
        let sql = "UPDATE queue_order SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL";
        let ended = tx.run(sql, vec![uuid(id), int(now.as_millisecond())]).await?;
        tx.commit().await?;
        Ok(ended == 1)
    }

    /// Those under way, oldest first.
    pub async fn orders(&self) -> Result<Vec<Order>, Error> {
        let sql = format!("SELECT {READ} FROM queue_order WHERE ended_at IS NULL ORDER BY id");
        let rows = self.db.read().await?.rows(&sql, vec![]).await?;
        rows.iter().map(|row| Order::read(&self.secret, row)).collect()
    }

    /// Those that are over, newest first.
    pub async fn past_orders(&self, limit: usize) -> Result<Vec<Order>, Error> {
        let sql = format!(
            "SELECT {READ} FROM queue_order WHERE ended_at IS NOT NULL ORDER BY id DESC LIMIT $1"
        );
        let limit = size(limit);
        let rows = self.db.read().await?.rows(&sql, vec![limit]).await?;
        rows.iter().map(|row| Order::read(&self.secret, row)).collect()
    }

    /// What can be done without any delivery being sent: pauses that are over end, what a pause left
    /// goes on, and domains that nobody read yet are. The orders under way, and whether there is more
    /// to do at once.
    ///
    /// # Errors
    /// Where the database does not answer: what was known before goes on.
    pub async fn tend_orders(&self, now: Timestamp) -> Result<(Vec<Order>, bool), Unavailable> {
        let mut orders = self.orders().await?;
        if orders.iter().any(|one| is_over(one, now) || one.which.delivery.is_some()) {
            self.end_pauses(now).await?;
            orders = self.orders().await?;
        }
        let unread = self.read_domains().await?;
        self.let_go(now, &orders).await?;
        Ok((orders, unread))
    }

    /// One step of an order to retry, to bounce or to rebind.
    ///
    /// # Errors
    /// Where the database does not answer: nothing came of the step.
    pub async fn carry_out(&self, now: Timestamp, order: &Order) -> Result<Step, Unavailable> {
        let mut step = Step::default();
        let mut tx = self.db.begin().await?;
        let lock = if tx.is_sqlite() { "" } else { " FOR UPDATE" };
        let sql =
            format!("SELECT after, met FROM queue_order WHERE id = $1 AND ended_at IS NULL{lock}");
        let rows = tx.rows(&sql, vec![uuid(order.id)]).await?;
        let Some(row) = rows.first() else { return Ok(step) };
        let (after, met) = (row.uuid(0)?, row.int(1)?);
        let Window { ids, last } = self.window(&mut tx, order, after).await?;
        let mut taken = Vec::new();
        let count = match (order.what, &self.node) {
            (What::Pause, _) | (What::Bounce, None) => return Ok(step),
            (What::Retry, _) => {
                step.due = due(&mut tx, now, ids).await?;
                step.due
            }
            (What::Rebind, _) => {
                step.due = rebind(&mut tx, now, &order.how.route, ids).await?;
                step.due
            }
            (What::Bounce, Some(node)) => {
                taken = store::claim_these(&mut tx, &self.secret, node.id, ids).await?;
                u64::try_from(taken.len()).unwrap_or_default()
            }
        };
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        // What was under way, or a relay that died had begun with, waits again: looked for from the
        // start, until nothing is met.
        let again = last.is_none()
            && match order.what {
                What::Pause | What::Retry => false,
                What::Bounce => met > 0,
                What::Rebind => met > 0 || self.is_under_way(&mut tx, order).await?,
            };
        let (after, met) =
            if again { (Uuid::nil(), 0) } else { (last.unwrap_or(after), met + count) };
        let ended = (last.is_none() && !again).then(|| now.as_millisecond());
        let sql = "UPDATE queue_order SET after = $2, met = $3, done = done + $4, ended_at = $5 \
                   WHERE id = $1";
        let args = vec![uuid(order.id), uuid(after), int(met), int(count), Arg::Int(ended)];
        tx.run(sql, args).await?;
        tx.commit().await?;
        step.more = ended.is_none();
        if !taken.is_empty() {
            let mut conn = self.db.read().await?;
            step.claimed = self.with_messages(now, &mut conn, taken).await?;
        }
        Ok(step)
    }

    /// Orders that were over long ago: the trail knows them.
    pub async fn forget_orders(&self, now: Timestamp) -> Result<u64, Error> {
        let before = now.checked_sub(KEPT).unwrap_or(Timestamp::MIN);
        let mut tx = self.db.begin().await?;
        let sql = "DELETE FROM queue_order WHERE ended_at < $1";
        let gone = tx.run(sql, vec![int(before.as_millisecond())]).await?;
        tx.commit().await?;
        Ok(gone)
    }

    /// As deliveries have it.
    pub(super) fn domain_of(&self, which: &Which) -> Option<i64> {
        which.domain.as_deref().map(|domain| self.domains.named(domain))
    }

    /// The next deliveries that an order is about: of those that waited when it was given.
    async fn window(&self, tx: &mut Tx<'_>, order: &Order, after: Uuid) -> Result<Window, Error> {
        let Which { stream, login, delivery, .. } = &order.which;
        let mut asked = Conditions::new(vec![int(STEP), uuid(after), uuid(order.id)]);
        asked.ask("id = $", delivery.map(uuid));
        if let Some(domain) = self.domain_of(&order.which) {
            // Named, or the index is not for it.
            asked.also("state <> 'claimed'");
            asked.ask("domain = $", Some(int(domain)));
        }
        if order.what == What::Rebind {
            elsewhere(&mut asked, order);
        }
        let (asked, args) = asked.finish();
        let sql = format!(
            "SELECT id, stream, login FROM delivery WHERE {asked} AND state = 'ready' \
             AND id > $2 AND id < $3 ORDER BY id LIMIT $1"
        );
        let rows = tx.rows(&sql, args).await?;
        let mut window = Window { ids: Vec::new(), last: None };
        let is = |asked: &Option<String>, own: &str| asked.as_ref().is_none_or(|one| one == own);
        for row in &rows {
            let id = row.uuid(0)?;
            window.last = Some(id);
            if is(stream, row.str(1)?) && is(login, row.str(2)?) {
                window.ids.push(id);
            }
        }
        Ok(window)
    }

    /// Whether some that a rebind is about are tried the old way just now.
    async fn is_under_way(&self, tx: &mut Tx<'_>, order: &Order) -> Result<bool, Error> {
        let Which { stream, login, delivery, .. } = &order.which;
        let mut asked = Conditions::new(vec![uuid(order.id)]);
        asked.ask("domain = $", self.domain_of(&order.which).map(int));
        asked.ask("stream = $", stream.as_deref().map(text));
        asked.ask("login = $", login.as_deref().map(text));
        asked.ask("id = $", delivery.map(uuid));
        elsewhere(&mut asked, order);
        let (asked, args) = asked.finish();
        let sql = format!(
            "SELECT 1 FROM delivery WHERE {asked} AND state = 'claimed' AND id < $1 LIMIT 1"
        );
        Ok(!tx.rows(&sql, args).await?.is_empty())
    }

    /// The routes that deliveries are ordered to.
    pub async fn ordered_routes(&self) -> Result<Vec<String>, Error> {
        let sql = "SELECT route FROM delivery WHERE route IS NOT NULL AND route > $1 \
                   ORDER BY route LIMIT 1";
        let mut conn = self.db.read().await?;
        let mut routes: Vec<String> = Vec::new();
        // From one to the next: there are few, whatever waits.
        loop {
            let last = routes.last().cloned().unwrap_or_default();
            let rows = conn.rows(sql, vec![text(last)]).await?;
            let Some(row) = rows.first() else { return Ok(routes) };
            routes.push(row.text(0)?);
        }
    }

    /// Pauses whose time is over, or whose one delivery is gone.
    async fn end_pauses(&self, now: Timestamp) -> Result<(), Error> {
        let sql = "UPDATE queue_order SET ended_at = $1 WHERE ended_at IS NULL AND what = 'pause' \
                   AND (until <= $1 OR delivery IS NOT NULL AND NOT EXISTS \
                   (SELECT 1 FROM delivery d WHERE d.id = queue_order.delivery))";
        let mut tx = self.db.begin().await?;
        tx.run(sql, vec![int(now.as_millisecond())]).await?;
        tx.commit().await
    }

    /// What was put aside goes on where its pause is over: so many at a time, the oldest first, that
    /// no server is run over.
    async fn let_go(&self, now: Timestamp, orders: &[Order]) -> Result<(), Error> {
        let live: BTreeSet<Uuid> = orders.iter().map(|one| one.id).collect();
        let mut conn = self.db.read().await?;
        let mut after = Uuid::nil();
        while let Some(pause) = next_pause(&mut conn, after).await? {
            after = pause;
            if live.contains(&pause) {
                continue;
            }
            let mut tx = self.db.begin().await?;
            let skip = if tx.is_sqlite() { "" } else { " FOR UPDATE SKIP LOCKED" };
            let sql = format!(
                "UPDATE delivery SET pause = NULL, due_at = $2 WHERE id IN (SELECT id FROM \
                 delivery WHERE pause = $1 AND state = 'ready' ORDER BY id LIMIT $3{skip})"
            );
            let args = vec![uuid(pause), int(now.as_millisecond()), int(STEP)];
            tx.run(&sql, args).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// Reads the domains of what an earlier release kept; whether there may be more.
    async fn read_domains(&self) -> Result<bool, Error> {
        let sql = format!(
            "SELECT {} FROM delivery WHERE domain = {UNKNOWN} AND state <> 'claimed' ORDER BY id LIMIT $1",
            store::DELIVERY
        );
        let rows = self.db.read().await?.rows(&sql, vec![int(STEP)]).await?;
        if rows.is_empty() {
            return Ok(false);
        }
        let mut tx = self.db.begin().await?;
        for row in &rows {
            let key = store::delivery(&self.secret, row)
                .map_or(UNREAD, |one| self.domains.key(&domain(&one.recipient.path)));
            let sql = "UPDATE delivery SET domain = $2 WHERE id = $1";
            tx.run(sql, vec![uuid(row.uuid(0)?), int(key)]).await?;
        }
        tx.commit().await?;
        Ok(true)
    }
}

/// Makes waiting deliveries due that no pause put aside; how many.
async fn due(tx: &mut Tx<'_>, now: Timestamp, ids: Vec<Uuid>) -> Result<u64, Error> {
    let sql = "UPDATE delivery SET due_at = $1 WHERE state = 'ready' AND pause IS NULL \
               AND due_at > $1 AND id {in}";
    let changed = tx.run_each(sql, &[int(now.as_millisecond())], ids).await?;
    Ok(u64::try_from(changed.len()).unwrap_or_default())
}

/// Sends waiting deliveries by this route from now on, and makes due what no pause put aside; how many.
async fn rebind(
    tx: &mut Tx<'_>,
    now: Timestamp,
    route: &Option<String>,
    ids: Vec<Uuid>,
) -> Result<u64, Error> {
    let sql = "UPDATE delivery SET route = $2, due_at = CASE WHEN pause IS NULL AND due_at > $1 \
               THEN $1 ELSE due_at END WHERE state = 'ready' AND id {in}";
    let route = Arg::Text(route.as_deref().map(Into::into));
    let changed = tx.run_each(sql, &[int(now.as_millisecond()), route], ids).await?;
    Ok(u64::try_from(changed.len()).unwrap_or_default())
}

/// Those alone that do not go the ordered way yet.
fn elsewhere<'a>(asked: &mut Conditions<'a>, order: &'a Order) {
    match &order.how.route {
        Some(route) => asked.ask("route IS DISTINCT FROM $", Some(text(route.as_str()))),
        None => asked.also("route IS NOT NULL"),
    }
}

/// The next of those that put something aside: there are few, whatever they put aside.
async fn next_pause(conn: &mut Conn<'_>, after: Uuid) -> Result<Option<Uuid>, Error> {
    let sql = "SELECT pause FROM delivery WHERE pause IS NOT NULL AND pause > $1 \
               ORDER BY pause LIMIT 1";
    let rows = conn.rows(sql, vec![uuid(after)]).await?;
    rows.first().map(|row| row.uuid(0)).transpose()
}

fn is_over(order: &Order, now: Timestamp) -> bool {
    order.what == What::Pause && order.how.until.is_some_and(|until| until <= now)
}

/// Orders under way at once: every delivery is compared with the pauses among them.
pub const ORDERS_MAX: usize = 100;
/// Deliveries of one step.
const STEP: i64 = 500;
const KEPT: SignedDuration = SignedDuration::from_hours(366 * 24);
