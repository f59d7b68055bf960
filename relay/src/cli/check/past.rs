//! `--against journal`: what was decided, judged again by policy.toml as it stands.
//!
//! A message that is still in the spool is decided anew in full, on the standing that its line has.
//! Of every other one there is only what was found: it is judged by what its rules ask for today, and
//! what cannot be seen that way is said.

use std::collections::BTreeMap;

use jiff::Timestamp;
use policy::{Address, Decider, Known, Reading};

use super::{
    super::{judge::Judge, remark, say},
    Count,
    rejudge::{Decided, Held},
    shape::Shape,
};
use crate::{
    config::{Business, sections_changed},
    db::Error,
    facts::{Case, Declared},
    journal::{self, Filter, Kind, Line, policies},
    spool::{Delivery, Message, Spool},
};

struct Past<'a> {
    judge: &'a Judge,
    new: &'a Business,
    spool: Spool,
    /// What changed since each policy that a line names.
    changes: BTreeMap<String, Vec<String>>,
    /// What could not be seen, and in how many decisions.
    unseen: BTreeMap<String, usize>,
    in_full: usize,
    unread: usize,
    count: Count,
}

/// One line for each decision that would fall otherwise, or might; then how much was seen.
pub(super) async fn compare(
    judge: &Judge,
    new: &Business,
    since: Option<Timestamp>,
    limit: usize,
) -> anyhow::Result<Count> {
    let filter = Filter { kind: Some(Kind::Decided), from: since, ..Filter::default() };
    let mut lines = journal::list(&judge.store.db, &filter, limit).await?;
    lines.reverse();
    let mut past = Past {
        judge,
        new,
        spool: Spool::visit(judge.store.db.clone(), &judge.store.secret, "cli/check")?,
        changes: BTreeMap::new(),
        unseen: BTreeMap::new(),
        in_full: 0,
        unread: 0,
        count: Count::default(),
    };
    for line in &lines {
        past.look(line).await?;
    }
    past.tell()?;
    Ok(past.count)
}

impl Past<'_> {
    async fn look(&mut self, line: &Line) -> anyhow::Result<()> {
        let Some(decided) = Decided::read(&line.event.detail.value()) else {
            self.unread += 1;
            return Ok(());
        };
        let before = decided.shape();
        let after = match self.message(line).await? {
            Some((message, delivery)) => {
                self.in_full += 1;
                self.anew(&message, &delivery, &decided).await?
            }
            None => self.by_outcomes(&decided).await?,
        };
        self.count.decided += 1;
        if !before.differs(&after) {
            return Ok(());
        }
        let open = after.finds_the_same(&before) && after.action.holds(before.action.least);
        let perhaps = if open && !after.action.is_certain() {
            self.count.unclear += 1;
            "perhaps "
        } else {
            self.count.differ += 1;
            ""
        };
        let at = line.event.at.strftime("%Y-%m-%d %H:%M:%SZ");
        say(format!("{at} {}: {perhaps}{}", line.event.id, before.against(&after)))
    }

    /// Where it has not left yet.
    async fn message(&self, line: &Line) -> anyhow::Result<Option<(Message, Delivery)>> {
        let Some(delivery) = line.event.delivery else { return Ok(None) };
        match self.spool.show(delivery).await {
            Ok(found) => Ok(found),
            // Its bytes are gone, or cannot be read.
            Err(Error::Bug(_) | Error::Taken(_)) => Ok(None),
            Err(error @ Error::Away(_)) => Err(error.into()),
        }
    }

    async fn anew(
        &self,
        message: &Message,
        delivery: &Delivery,
        decided: &Decided,
    ) -> anyhow::Result<Shape> {
        let reading = Reading::of(message.bytes.clone());
        let declared = Declared::of(&reading);
        let Some(stream) = declared.stream(self.new, &message.login) else {
            return Ok(Shape::refused("no stream in policy.toml matches it".to_owned()));
        };
        let class = declared.class.and_then(Result::ok);
        let facts = &decided.facts;
        let case = Case::new(self.new, stream, &reading, class, message.recipients)
            .with(facts.signs, facts.links);
        let to = Address::parse(&delivery.recipient.path.to_mailbox_string())
            .map_err(|fault| anyhow::anyhow!("delivery {}: {fault}", delivery.id))?;
        let (controller, counted) = (&stream.controller.id, case.counts_for_all());
        let lookup = &self.judge.lookup;
        let records = lookup.records(controller, std::slice::from_ref(&to), counted).await?;
        let mut record = records.into_iter().next().unwrap_or_default();
        let known = match &facts.standing {
            // Of another controller nothing is in the line: what is on record now has to do.
            _ if facts.controller != *controller => Known::Is(&record),
            Held::Known(standing) => {
                record.standing = (**standing).clone();
                Known::Is(&record)
            }
            Held::Not { .. } => Known::Not("the consent store did not answer"),
        };
        let at = Timestamp::from_millisecond(decided.at)?;
        let packs = case.packs(at, &to, Some(&record));
        let facts = case.facts(at, &to, known, &packs, None);
        Ok(Shape::of_verdict(&Decider::default().verdict(&self.new.policy, &facts)))
    }

    async fn by_outcomes(&mut self, decided: &Decided) -> anyhow::Result<Shape> {
        let facts = &decided.facts;
        let Some(stream) = self.new.stream(&facts.stream) else {
            return Ok(Shape::refused(format!("policy.toml has no stream `{}`", facts.stream)));
        };
        let mut own =
            vec![format!("controller.{}", facts.controller), format!("stream.{}", facts.stream)];
        let ids = facts.packs.iter().filter_map(|pack| pack.split(' ').next());
        own.extend(ids.map(|id| format!("packs.{id}")));
        for section in self.changes(&decided.policy).await? {
            // What is no section concerns every message.
            if !section.contains('.') || section.contains(' ') || own.contains(&section) {
                *self.unseen.entry(section).or_default() += 1;
            }
        }
        Ok(decided.again(&self.new.policy, stream))
    }

    /// Of what a verdict rests on, beside what broken rules ask for.
    async fn changes(&mut self, version: &str) -> anyhow::Result<Vec<String>> {
        if let Some(known) = self.changes.get(version) {
            return Ok(known.clone());
        }
        let changes = match policies::find(&self.judge.store.db, version).await? {
            None => vec![format!("whatever changed since policy {version}, which is not kept")],
            Some(old) => {
                let mut changes = sections_changed(&old.text, &self.new.text);
                if old.program != policies::PROGRAM {
                    changes.push(format!(
                        "the rules, packs and words of release {}, in place of those of {}",
                        policies::PROGRAM,
                        old.program
                    ));
                }
                changes
            }
        };
        self.changes.insert(version.to_owned(), changes.clone());
        Ok(changes)
    }

    fn tell(&self) -> anyhow::Result<()> {
        let Count { decided, differ, unclear } = self.count;
        say(format!(
            "{decided} decision(s), {} anew in full, {} by the outcomes in their journal lines: \
             {differ} would fall otherwise, {unclear} might",
            self.in_full,
            decided - self.in_full
        ))?;
        for (what, count) in &self.unseen {
            say(format!("not seen without the message, in {count} decision(s): {what}"))?;
        }
        if self.unread > 0 {
            remark(format!("{} line(s) of another release cannot be read", self.unread));
        }
        Ok(())
    }
}
