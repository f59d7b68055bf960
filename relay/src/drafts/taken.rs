//! What came of an activated draft on each relay that writes its policy.toml itself.

use jiff::Timestamp;
use uuid::Uuid;

use super::{Drafts, store::bug};
use crate::db::{Error, int, text, uuid};

/// The end of it on one relay. Whatever is not [`Self::InForce`] has left the old file as it was,
/// save [`Self::Unread`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Came {
    InForce,
    /// The file there was changed by hand: it is not the one that the draft replaces.
    Changed,
    /// The text names something that this machine does not have.
    Unsound,
    /// The file is a link to another one, which may be somebody else's.
    Linked,
    /// The file or its folder cannot be written.
    Unwritable,
    /// It is written, and the relay did not read it in time: something beside it is wrong.
    Unread,
}

/// By one relay.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Taken {
    pub node: String,
    pub at: Timestamp,
    pub came: Came,
}

impl Came {
    pub const ALL: [Self; 6] =
        [Self::InForce, Self::Changed, Self::Unsound, Self::Linked, Self::Unwritable, Self::Unread];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::InForce => "in-force",
            Self::Changed => "changed",
            Self::Unsound => "unsound",
            Self::Linked => "linked",
            Self::Unwritable => "unwritable",
            Self::Unread => "unread",
        }
    }

    /// Of what it means and what to do, for people.
    pub fn text_id(self) -> &'static str {
        match self {
            Self::InForce => "console-draft-came-in-force",
            Self::Changed => "console-draft-came-changed",
            Self::Unsound => "console-draft-came-unsound",
            Self::Linked => "console-draft-came-linked",
            Self::Unwritable => "console-draft-came-unwritable",
            Self::Unread => "console-draft-came-unread",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|came| came.as_str() == word)
    }
}

impl Drafts {
    /// By name of the relay.
    pub async fn taken(&self, draft: Uuid) -> Result<Vec<Taken>, Error> {
        let sql = "SELECT node, at, came FROM policy_draft_taken WHERE draft = $1 ORDER BY node";
        let rows = self.db.read().await?.rows(sql, vec![uuid(draft)]).await?;
        rows.iter()
            .map(|row| {
                let came = row.text(2)?;
                let came = Came::parse(&came).ok_or_else(|| bug(&came))?;
                Ok(Taken { node: row.text(0)?, at: row.time(1)?, came })
            })
            .collect()
    }

    /// Notes how it ended on a relay; the first word counts until somebody activates it again.
    pub async fn take(
        &self,
        now: Timestamp,
        draft: Uuid,
        node: &str,
        came: Came,
    ) -> Result<(), Error> {
        let mut tx = self.db.begin().await?;
        let row = vec![
            uuid(draft),
            text(node.to_owned()),
            int(now.as_millisecond()),
            text(came.as_str()),
        ];
        let columns = &["draft", "node", "at", "came"];
        tx.insert("policy_draft_taken", columns, row, "ON CONFLICT (draft, node) DO NOTHING")
            .await?;
        tx.commit().await
    }
}
