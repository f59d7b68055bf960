//! What verdicts have in common, named by a small number.

use std::collections::BTreeMap;

use policy::Action;
use serde_json::Value;

use crate::{
    db::{Arg, Conn, Error, Row, Tx, int, text},
    journal::{self, Taken},
};

/// What became of a message for a recipient when it was decided.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Fate {
    Sent,
    /// Sent with edits that made it lawful.
    Repaired,
    Held,
    Refused,
    /// A fact was missing: the tool was asked to come again.
    Deferred,
    /// Taken in, and stopped before it left: a refusal came meanwhile.
    Stopped,
}

/// Verdicts alike. An empty text is none.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Kind {
    pub controller: String,
    pub login: String,
    pub stream: String,
    pub purpose: String,
    /// The class that it was taken as.
    pub class: String,
    pub fate: Fate,
    /// The first rule that asked for it; none where the message's other recipients did.
    pub rule: String,
}

/// All kinds there are, by their numbers.
#[derive(Clone, Debug, Default)]
pub struct Kinds(BTreeMap<i64, Kind>);

impl Fate {
    pub const ALL: [Self; 6] =
        [Self::Sent, Self::Repaired, Self::Held, Self::Refused, Self::Deferred, Self::Stopped];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Repaired => "repaired",
            Self::Held => "held",
            Self::Refused => "refused",
            Self::Deferred => "deferred",
            Self::Stopped => "stopped",
        }
    }

    /// Of its word for people.
    pub fn text_id(self) -> &'static str {
        match self {
            Self::Sent => "console-fate-sent",
            Self::Repaired => "console-fate-repaired",
            Self::Held => "console-fate-held",
            Self::Refused => "console-fate-refused",
            Self::Deferred => "console-fate-deferred",
            Self::Stopped => "console-fate-stopped",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fate| fate.as_str() == word)
    }

    /// What kept the message from its recipient, for a time or for good.
    pub fn is_blocked(self) -> bool {
        match self {
            Self::Held | Self::Refused | Self::Stopped => true,
            Self::Sent | Self::Repaired | Self::Deferred => false,
        }
    }

    /// What came of it, where a line says a verdict; beside it what the verdict alone asks for. The
    /// two differ where recipients of one message could not be answered apart.
    fn of(kind: journal::Kind, detail: &Value, verdict: &Value) -> Option<(Self, Self)> {
        let action: Action = serde_json::from_value(verdict.get("action")?.clone()).ok()?;
        let is_stopped = action == Action::Reject && kind != journal::Kind::Decided;
        let asked = if is_stopped { Self::Stopped } else { Self::from(action) };
        let noted = detail.get(Taken::FIELD).and_then(Value::as_str).and_then(Taken::parse);
        let came = match noted {
            None | Some(Taken::Kept | Taken::Passed) => asked,
            Some(Taken::Held) => Self::Held,
            Some(Taken::Deferred) => Self::Deferred,
            Some(Taken::Refused | Taken::RefusedEarly | Taken::Reported) => Self::Refused,
        };
        Some((came, asked))
    }
}

/// What a verdict asks for when a message comes.
impl From<Action> for Fate {
    fn from(action: Action) -> Self {
        match action {
            Action::Send => Self::Sent,
            Action::SendEdited => Self::Repaired,
            Action::Defer => Self::Deferred,
            Action::Hold => Self::Held,
            Action::Reject => Self::Refused,
        }
    }
}

impl Kind {
    /// Of a line of the journal, `None` where it holds no verdict; with the campaign that it names.
    pub(super) fn of(kind: journal::Kind, detail: &Value) -> Option<(Self, i64)> {
        let verdict = detail.get("verdict").unwrap_or(detail);
        let says = |from: &Value, at: &str| {
            from.pointer(at).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let class = verdict.get("class").or_else(|| verdict.pointer("/facts/class"))?.as_str()?;
        let (fate, asked) = Fate::of(kind, detail, verdict)?;
        let kind = Self {
            controller: says(verdict, "/facts/controller"),
            login: says(detail, "/login"),
            stream: says(verdict, "/facts/stream"),
            purpose: says(verdict, "/facts/purpose"),
            class: class.to_owned(),
            fate,
            rule: if fate == asked { says(verdict, "/rule") } else { String::new() },
        };
        let campaign = detail.get("campaign").and_then(Value::as_str);
        Some((kind, campaign.and_then(super::campaign::from_hex).unwrap_or(0)))
    }

    /// Whether it shares what came of another recipient of the same message.
    pub fn is_together(&self) -> bool {
        let is_asked_for = match self.fate {
            Fate::Sent | Fate::Repaired => false,
            Fate::Held | Fate::Refused | Fate::Deferred | Fate::Stopped => true,
        };
        is_asked_for && self.rule.is_empty()
    }

    fn row(&self) -> Vec<Arg<'_>> {
        let Self { controller, login, stream, purpose, class, fate, rule } = self;
        [controller, login, stream, purpose, class, fate.as_str(), rule].map(text).into()
    }

    pub(super) fn read(row: &Row) -> Result<(i64, Self), Error> {
        let fault = || Error::Bug("decision_kind: fate".into());
        let kind = Self {
            controller: row.text(1)?,
            login: row.text(2)?,
            stream: row.text(3)?,
            purpose: row.text(4)?,
            class: row.text(5)?,
            fate: Fate::parse(row.str(6)?).ok_or_else(fault)?,
            rule: row.text(7)?,
        };
        Ok((row.int(0)?, kind))
    }
}

impl Kinds {
    pub(super) async fn read(conn: &mut Conn<'_>) -> Result<Self, Error> {
        let sql = format!("SELECT id, {} FROM decision_kind", COLUMNS.join(", "));
        let rows = conn.rows(&sql, vec![]).await?;
        rows.iter().map(Kind::read).collect::<Result<_, _>>().map(Self)
    }

    pub fn get(&self, id: i64) -> Option<&Kind> {
        self.0.get(&id)
    }

    pub fn iter(&self) -> impl Iterator<Item = (i64, &Kind)> {
        self.0.iter().map(|(id, kind)| (*id, kind))
    }

    /// The numbers of `kinds`; new ones get one. One writer at a time.
    pub(super) async fn number<'k>(
        &self,
        tx: &mut Tx<'_>,
        kinds: impl IntoIterator<Item = &'k Kind>,
    ) -> Result<BTreeMap<&'k Kind, i64>, Error> {
        let known: BTreeMap<&Kind, i64> = self.iter().map(|(id, kind)| (kind, id)).collect();
        let mut last = self.0.last_key_value().map_or(0, |(id, _)| *id);
        let mut numbers = BTreeMap::new();
        let mut rows = Vec::new();
        for kind in kinds {
            if numbers.contains_key(kind) {
                continue;
            }
            let id = known.get(kind).copied().unwrap_or_else(|| {
                last += 1;
                rows.push(int(last));
                rows.extend(kind.row());
                last
            });
            numbers.insert(kind, id);
        }
        let columns: Vec<&str> = std::iter::once("id").chain(COLUMNS).collect();
        tx.insert("decision_kind", &columns, rows, "").await?;
        Ok(numbers)
    }
}

pub(super) const COLUMNS: [&str; 7] =
    ["controller", "login", "stream", "purpose", "class", "fate", "rule"];
