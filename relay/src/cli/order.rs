//! `souhlas queue domains|orders|pause|resume|retry|rebind|bounce`: the queue by domain, and a person's orders
//! about many deliveries at once. A running relay carries them out.

use anyhow::{anyhow, bail};
use clap::Args;
use jiff::{Span, Timestamp, tz::TimeZone};
use uuid::Uuid;

use super::{
    arguments::span,
    open::{Place, Store},
    remark, say,
    table::{Table, maybe_seconds, seconds},
};
use crate::{
    config,
    spool::{Asked, How, ORDERS_MAX, Order, Spool, Stand, What, Which},
    staff::{Act, By, Entry, Staff},
};

/// Which deliveries; all that is said has to fit.
#[derive(Args, Debug)]
#[group(required = true, multiple = true)]
pub(super) struct Chosen {
    /// One delivery
    id: Option<Uuid>,
    /// To this domain
    #[arg(long)]
    domain: Option<String>,
    /// On this stream
    #[arg(long)]
    stream: Option<String>,
    /// By this login
    #[arg(long)]
    login: Option<String>,
    /// Every delivery
    #[arg(long, conflicts_with_all = ["id", "domain", "stream", "login"])]
    all: bool,
}

#[derive(Args, Debug)]
pub(super) struct Give {
    #[command(flatten)]
    chosen: Chosen,
    /// Why
    #[arg(long)]
    reason: String,
    /// Only say how many there are
    #[arg(long)]
    dry_run: bool,
}

#[derive(Args, Debug)]
pub(super) struct Pause {
    #[command(flatten)]
    give: Give,
    /// For how long (`2h`, `3 days`); until it is ended where nothing is said
    #[arg(long = "for", value_parser = span, value_name = "DURATION")]
    lasts: Option<Span>,
}

#[derive(Args, Debug)]
pub(super) struct Rebind {
    #[command(flatten)]
    give: Give,
    /// A route's name, `otherwise`, or `default`: the one that relay.toml chooses
    #[arg(long, value_name = "ROUTE")]
    to: String,
}

#[derive(Args, Debug)]
pub(super) struct Retry {
    #[command(flatten)]
    chosen: Chosen,
    /// Why
    #[arg(long, default_value = "")]
    reason: String,
    /// Only say how many there are
    #[arg(long)]
    dry_run: bool,
}

/// The database, and the trail in it.
pub(super) struct Desk<'a> {
    pub place: &'a Place,
    pub store: &'a Store,
    pub spool: &'a Spool,
    pub now: Timestamp,
}

impl Desk<'_> {
    pub(super) async fn domains(&self, limit: usize) -> anyhow::Result<()> {
        let head =
            ["DOMAIN", "DUE", "WAITING", "PAUSED", "CLAIMED", "HELD", "OLDEST", "NEXT", "LAST"];
        let mut table = Table::new(&head);
        let (_, groups) = self.spool.groups(self.now, &Asked::default(), None, limit).await?;
        for group in groups {
            let mut row = vec![group.domain.unwrap_or_else(|| "?".to_owned())];
            row.extend(Stand::ALL.map(|stand| group.sums.of(stand).to_string()));
            row.extend([group.oldest, group.next].map(maybe_seconds));
            row.push(group.last.map_or_else(|| "-".to_owned(), |(_, text)| text));
            table.row(row);
        }
        if table.is_empty() {
            remark("the queue is empty");
            return Ok(());
        }
        say(table)
    }

    pub(super) async fn orders(&self) -> anyhow::Result<()> {
        let mut table =
            Table::new(&["ORDER", "WHAT", "WHICH", "BY", "SINCE", "UNTIL", "DONE", "WHY"]);
        for order in self.spool.orders().await? {
            table.row([
                order.id.to_string(),
                what(&order),
                named(&order.which),
                order.by.clone(),
                seconds(order.at),
                maybe_seconds(order.how.until),
                order.done.to_string(),
                order.why.clone(),
            ]);
        }
        if table.is_empty() {
            remark("no order is under way");
            return Ok(());
        }
        say(table)
    }

    pub(super) async fn pause(&self, ask: Pause) -> anyhow::Result<()> {
        let until = match ask.lasts {
            None => None,
            Some(span) => Some(self.now.to_zoned(TimeZone::UTC).checked_add(span)?.timestamp()),
        };
        let how = How { until, route: None };
        let Some(given) = self.give(What::Pause, &ask.give, how).await? else {
            return Ok(());
        };
        say(format!(
            "paused: {} of them wait now, what comes is put aside; `souhlas queue resume {}` ends it",
            given.1, given.0.id
        ))
    }

    pub(super) async fn bounce(&self, ask: Give) -> anyhow::Result<()> {
        let Some((_, count)) = self.give(What::Bounce, &ask, How::default()).await? else {
            return Ok(());
        };
        say(format!("{count} are given up by the running relay, and their senders told"))
    }

    pub(super) async fn retry(&self, ask: Retry) -> anyhow::Result<()> {
        let Retry { chosen, reason, dry_run } = ask;
        let ask = Give { chosen, reason, dry_run };
        let Some(given) = self.give(What::Retry, &ask, How::default()).await? else {
            return Ok(());
        };
        let due = self.begin(given).await?;
        say(format!("{due} due now"))
    }

    pub(super) async fn rebind(&self, ask: Rebind) -> anyhow::Result<()> {
        let route = self.place.config()?.delivery.way(&ask.to).map_err(|fault| anyhow!(fault))?;
        let how = How { until: None, route };
        let Some(given) = self.give(What::Rebind, &ask.give, how).await? else {
            return Ok(());
        };
        let sent = self.begin(given).await?;
        say(format!("{sent} go by `{}` now", ask.to))
    }

    /// The first step at once, though no relay runs; how many it was about.
    async fn begin(&self, (order, count): (Order, u64)) -> anyhow::Result<u64> {
        let step = self.spool.carry_out(self.now, &order).await?;
        if step.more && count > step.due {
            remark("the running relay goes on with the others");
        }
        Ok(step.due)
    }

    pub(super) async fn resume(&self, id: Uuid) -> anyhow::Result<()> {
        if !self.spool.end_order(self.now, id).await? {
            bail!("no order `{id}` is under way: see `souhlas queue orders`");
        }
        self.note(&Entry::new(Act::QueueEnded, format!("order/{id}"))).await?;
        say("ended: what it paused goes on within seconds, so many at a time")
    }

    /// The order, and how many wait that it is about; `None`: it was only asked.
    async fn give(&self, what: What, ask: &Give, how: How) -> anyhow::Result<Option<(Order, u64)>> {
        let which = ask.chosen.which();
        let asked = Asked { which: which.clone(), ..Asked::default() };
        let sums = self.spool.sums(self.now, &asked).await?;
        let count = sums.waiting_for(what);
        if ask.dry_run {
            say(format!("{count} wait there; {} are on their way", sums.of(Stand::Claimed)))?;
            return Ok(None);
        }
        match what {
            What::Bounce if count == 0 => {
                bail!("nothing waits there: held deliveries want `souhlas queue reject`")
            }
            What::Retry | What::Rebind if count == 0 => {
                bail!("nothing waits there: held deliveries want `souhlas queue release`")
            }
            What::Pause | What::Bounce | What::Retry | What::Rebind => {}
        }
        let by = format!("cli/{}", super::queue::user());
        let given = self.spool.give(self.now, (what, which), (&by, &ask.reason), how).await?;
        let order = given.ok_or_else(|| {
            anyhow!("{ORDERS_MAX} orders are under way: end one of `souhlas queue orders` first")
        })?;
        let entry = Entry::new(Act::QueueOrdered, format!("order/{}", order.id));
        self.note(&entry.with(order.detail(count))).await?;
        Ok(Some((order, count)))
    }

    async fn note(&self, entry: &Entry) -> anyhow::Result<()> {
        let Store { db, secret } = self.store;
        let staff = Staff::new(db.clone(), secret.clone(), self.place.config()?.web.console);
        Ok(staff.note(self.now, &By::command_line(), entry).await?)
    }
}

impl Chosen {
    fn which(&self) -> Which {
        Which {
            domain: self.domain.clone(),
            stream: self.stream.clone(),
            login: self.login.clone(),
            delivery: self.id,
        }
    }
}

/// In a word; of a rebind also where to.
fn what(order: &Order) -> String {
    match order.what {
        What::Rebind => {
            format!("rebind to {}", order.how.route.as_deref().unwrap_or(config::CHOSEN))
        }
        what @ (What::Pause | What::Retry | What::Bounce) => what.as_str().to_owned(),
    }
}

/// In a line.
fn named(which: &Which) -> String {
    let delivery = which.delivery.map(|id| id.to_string());
    let parts = [
        ("domain", &which.domain),
        ("stream", &which.stream),
        ("login", &which.login),
        ("delivery", &delivery),
    ];
    let said = parts.iter().filter_map(|(name, value)| Some(format!("{name} {}", value.as_ref()?)));
    let said: Vec<String> = said.collect();
    if said.is_empty() { "all".to_owned() } else { said.join(", ") }
}
