//! What was decided, judged again by another policy.
//!
//! A message that is still in the spool is decided anew in full, on the standing that its line has.
//! Of every other one there is only what was found: it is judged by what its rules ask for today, and
//! what cannot be seen that way is said.

use std::collections::BTreeMap;

use jiff::Timestamp;
use policy::{Address, Decider, Known, Reading};
use uuid::Uuid;

use super::{
    Judge,
    rejudge::{Decided, Held},
    shape::{Shape, State, Told},
};
use crate::{
    config::{Business, sections_changed},
    db::{Error, Unavailable},
    facts::{Case, Declared, STORE_SILENT},
    journal::{self, Filter, Kind, Line, policies},
    spool::{Delivery, Message, Spool},
};

/// Which decisions.
#[derive(Clone, Debug)]
pub struct Asked {
    pub since: Option<Timestamp>,
    /// The last so many.
    pub limit: usize,
    /// `None`: of everybody.
    pub controllers: Option<Vec<String>>,
}

/// What came of it, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Compared {
    pub differences: Vec<Difference>,
    pub decided: usize,
    /// As messages, not by what their lines say.
    pub in_full: usize,
    /// Lines of another release.
    pub unread: usize,
    /// What could not be seen without the message, and in how many decisions.
    pub unseen: BTreeMap<String, usize>,
    /// By each rule that the new policy finds broken, what comes of the message, and how often.
    pub broken: BTreeMap<(String, Told), u64>,
}

/// A decision that would fall otherwise.
#[derive(Clone, Debug)]
pub struct Difference {
    /// Of the journal's line.
    pub id: Uuid,
    pub at: Timestamp,
    /// It might; that cannot be told without the message.
    pub perhaps: bool,
    pub before: Shape,
    pub after: Shape,
}

struct Past<'a> {
    judge: &'a Judge,
    new: &'a Business,
    spool: &'a Spool,
    /// What changed since each policy that a line names.
    changes: BTreeMap<String, Vec<String>>,
    compared: Compared,
}

/// Nothing is written.
pub async fn compare(
    judge: &Judge,
    spool: &Spool,
    new: &Business,
    asked: &Asked,
) -> Result<Compared, Unavailable> {
    let filter = Filter { kind: Some(Kind::Decided), from: asked.since, ..Filter::default() };
    let mut lines = journal::list(&judge.db, &filter, asked.limit).await?;
    lines.reverse();
    let (changes, compared) = (BTreeMap::new(), Compared::default());
    let mut past = Past { judge, new, spool, changes, compared };
    for line in &lines {
        past.look(line, asked.controllers.as_deref()).await?;
    }
    Ok(past.compared)
}

impl Compared {
    /// How many would fall otherwise, and how many might.
    pub fn counts(&self) -> (usize, usize) {
        let unclear = self.differences.iter().filter(|one| one.perhaps).count();
        (self.differences.len() - unclear, unclear)
    }
}

impl Past<'_> {
    async fn look(&mut self, line: &Line, own: Option<&[String]>) -> Result<(), Unavailable> {
        let Some(decided) = Decided::read(&line.event.detail.value()) else {
            // Whose it is cannot be read either.
            self.compared.unread += usize::from(own.is_none());
            return Ok(());
        };
        if own.is_some_and(|own| !own.contains(&decided.facts.controller)) {
            return Ok(());
        }
        let before = decided.shape();
        let after = match self.message(line).await? {
            Some((message, delivery)) => {
                self.compared.in_full += 1;
                self.anew(&message, &delivery, &decided).await?
            }
            None => self.by_outcomes(&decided).await?,
        };
        self.compared.decided += 1;
        for (rule, state) in &after.rules {
            if matches!(state, State::Broken(_)) {
                *self.compared.broken.entry((rule.clone(), after.action)).or_default() += 1;
            }
        }
        if before.differs(&after) {
            let open = after.finds_the_same(&before) && after.action.holds(before.action.least);
            let perhaps = open && !after.action.is_certain();
            let (id, at) = (line.event.id, line.event.at);
            self.compared.differences.push(Difference { id, at, perhaps, before, after });
        }
        Ok(())
    }

    /// Where it has not left yet.
    async fn message(&self, line: &Line) -> Result<Option<(Message, Delivery)>, Unavailable> {
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
    ) -> Result<Shape, Unavailable> {
        let reading = Reading::of(message.bytes.clone());
        let declared = Declared::of(&reading);
        let Some(stream) = declared.stream(self.new, &message.login) else {
            return Ok(Shape::refused("no stream in policy.toml matches it".to_owned()));
        };
        let class = declared.class.and_then(Result::ok);
        let facts = &decided.facts;
        let case = Case::new(self.new, stream, &reading, class, message.recipients)
            .with(facts.signs, facts.links);
        let to = Address::parse(&delivery.recipient.path.to_mailbox_string());
        let to = to.map_err(|fault| Unavailable(format!("delivery {}: {fault}", delivery.id)))?;
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
            Held::Not { .. } => Known::Not(STORE_SILENT),
        };
        let at = Timestamp::from_millisecond(decided.at);
        let at = at.map_err(|fault| Unavailable(format!("delivery {}: {fault}", delivery.id)))?;
        let packs = case.packs(at, &to, Some(&record));
        let facts = case.facts(at, &to, known, &packs, None);
        Ok(Shape::of_verdict(&Decider::default().verdict(&self.new.policy, &facts)))
    }

    async fn by_outcomes(&mut self, decided: &Decided) -> Result<Shape, Unavailable> {
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
                *self.compared.unseen.entry(section).or_default() += 1;
            }
        }
        Ok(decided.again(&self.new.policy, stream))
    }

    /// Of what a verdict rests on, beside what broken rules ask for.
    async fn changes(&mut self, version: &str) -> Result<Vec<String>, Unavailable> {
        if let Some(known) = self.changes.get(version) {
            return Ok(known.clone());
        }
        let changes = match policies::find(&self.judge.db, version).await? {
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
}
