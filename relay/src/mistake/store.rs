//! The mistakes' SQL. Who may see which is asked for by controllers.

use jiff::Timestamp;
use policy::Class;
use uuid::Uuid;

use super::{Mistakes, Sign, Wrong};
use crate::{
    db::{Arg, Conditions, Db, Error, Row, int, size, text, uuid, word},
    sample,
};

/// One of them.
#[derive(Clone, Debug)]
pub struct Mistake {
    pub id: Uuid,
    pub at: Timestamp,
    pub wrong: Wrong,
    pub signs: Vec<Sign>,
}

/// Those of one rule that are alike.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Count {
    pub rule: String,
    pub took: Class,
    pub is: Option<Class>,
    pub messages: u64,
    /// In which it was wrong, and of how many that the rule kept from people or asked to repair.
    pub campaigns: u64,
    pub of_campaigns: u64,
    pub last_at: Timestamp,
}

/// The last one of the page before.
pub type Cursor = Uuid;

pub(super) async fn write(
    db: &Db,
    now: Timestamp,
    wrong: &Wrong,
    signs: &[Sign],
    sample: Option<&sample::Fresh>,
) -> Result<(), Error> {
    // INVARIANT: names and numbers are always JSON.
    let signs = serde_json::to_string(signs).unwrap_or_default();
    let row = vec![
        uuid(Uuid::now_v7()),
        uuid(wrong.message),
        text(&wrong.rule),
        int(now.as_millisecond()),
        text(&wrong.by),
        text(&wrong.controller),
        text(&wrong.login),
        text(&wrong.stream),
        int(wrong.campaign),
        text(word(&wrong.took)),
        Arg::Text(wrong.is.map(|class| word(&class).into())),
        text(signs),
    ];
    let mut tx = db.begin().await?;
    let again = "ON CONFLICT (message, rule) DO UPDATE SET at = excluded.at, \
                 actor = excluded.actor, took = excluded.took, is_class = excluded.is_class";
    tx.insert("mistake", COLUMNS, row, again).await?;
    if let Some(sample) = sample {
        sample::write(&mut tx, &[sample]).await?;
    }
    tx.commit().await
}

impl Mistakes {
    /// Newest first. `controllers`: of these; `None`: of whomever.
    pub async fn list(
        &self,
        controllers: Option<&[String]>,
        rule: Option<&str>,
        before: Option<Cursor>,
        limit: usize,
    ) -> Result<Vec<Mistake>, Error> {
        let mut asked = Conditions::new(vec![size(limit)]);
        asked.within("controller", controllers);
        asked.ask("rule = $", rule.map(|rule| text(rule.to_owned())));
        asked.ask("id < $", before.map(uuid));
        let (asked, args) = asked.finish();
        let sql = format!(
            "SELECT {} FROM mistake WHERE {asked} ORDER BY id DESC LIMIT $1",
            COLUMNS.join(", ")
        );
        let rows = self.db.read().await?.rows(&sql, args).await?;
        rows.iter().map(read).collect()
    }

    /// How often each rule was wrong, the most often first.
    pub async fn counts(&self, controllers: Option<&[String]>) -> Result<Vec<Count>, Error> {
        let mut asked = Conditions::new(vec![]);
        asked.within("controller", controllers);
        let (asked, args) = asked.finish();
        let sql = format!(
            "SELECT rule, took, is_class, COUNT(*), COUNT(DISTINCT campaign), MAX(at) \
             FROM mistake WHERE {asked} GROUP BY rule, took, is_class \
             ORDER BY COUNT(*) DESC, rule, took, is_class"
        );
        let mut conn = self.db.read().await?;
        let rows = conn.rows(&sql, args).await?;
        let mut asked = Conditions::new(vec![]);
        asked.within("controller", controllers);
        let (asked, args) = asked.finish();
        let sql = format!(
            "SELECT k.rule, COUNT(DISTINCT c.campaign) FROM decision_count c \
             JOIN decision_kind k ON k.id = c.kind WHERE {asked} AND k.rule <> '' GROUP BY k.rule"
        );
        let spoke = conn.rows(&sql, args).await?;
        let spoke: Vec<(String, u64)> = spoke
            .iter()
            .map(|row| Ok((row.text(0)?, row.count(1)?)))
            .collect::<Result<_, Error>>()?;
        rows.iter()
            .map(|row| {
                let (rule, campaigns) = (row.text(0)?, row.count(4)?);
                let all = spoke.iter().find(|(own, _)| *own == rule).map_or(0, |(_, all)| *all);
                Ok(Count {
                    took: class(row.text(1)?)?,
                    is: row.opt_text(2)?.map(class).transpose()?,
                    messages: row.count(3)?,
                    campaigns,
                    // The index is a moment behind.
                    of_campaigns: all.max(campaigns),
                    last_at: row.time(5)?,
                    rule,
                })
            })
            .collect()
    }
}

fn read(row: &Row) -> Result<Mistake, Error> {
    let fault = |error: serde_json::Error| Error::Bug(format!("mistake: {error}"));
    Ok(Mistake {
        id: row.uuid(0)?,
        at: row.time(3)?,
        wrong: Wrong {
            message: row.uuid(1)?,
            rule: row.text(2)?,
            by: row.text(4)?,
            controller: row.text(5)?,
            login: row.text(6)?,
            stream: row.text(7)?,
            campaign: row.int(8)?,
            took: class(row.text(9)?)?,
            is: row.opt_text(10)?.map(class).transpose()?,
        },
        signs: serde_json::from_str(&row.text(11)?).map_err(fault)?,
    })
}

fn class(word: String) -> Result<Class, Error> {
    word.parse().map_err(|()| Error::Bug(format!("mistake: class `{word}`")))
}

const COLUMNS: &[&str] = &[
    "id",
    "message",
    "rule",
    "at",
    "actor",
    "controller",
    "login",
    "stream",
    "campaign",
    "took",
    "is_class",
    "signs",
];
