//! Walks every chain from its first line to its head and names the first broken link.
//!
//! It reads; it never repairs. Consent's events hang on chains of their own and are walked with
//! the same steps.

use super::{
    chain::{Hashed, Head, Line, Stands, Table},
    written,
};
use crate::db::{Conn, Db, Error, int};

/// What a walk over the chains found.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Verified {
    pub chains: u64,
    pub lines: u64,
    /// The first broken link of each broken chain.
    pub broken: Vec<Broken>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Broken {
    pub chain: String,
    /// Number of the line.
    pub seq: i64,
    pub why: Why,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Why {
    /// The line is not what was written, or not after what it was written.
    Changed,
    /// The line is gone; later ones are there.
    Missing,
    /// The chain ends before its head: its last lines are gone.
    CutOff,
    /// Lines stand behind the head.
    Added,
    /// Evidence that is no longer what its commitment says.
    Evidence,
    /// Evidence sealed with a key that the key file does not have.
    NoKey,
}

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { chain, seq, why } = self;
        let why = match why {
            Why::Changed => "was changed, or something before it was",
            Why::Missing => "is gone",
            Why::CutOff => "and all after it are gone",
            Why::Added => "was added",
            Why::Evidence => "has evidence that was changed",
            Why::NoKey => "has evidence sealed with a key that the key file does not have",
        };
        write!(f, "chain `{chain}`: line {seq} {why}")
    }
}

/// The journal's chains.
pub async fn verify(db: &Db) -> Result<Verified, Error> {
    walk(db, Table::Journal, async |conn, range| written::steps(conn, range).await).await
}

/// Walks every chain of a table. `steps` reads those of a chain after one number up to another.
pub(crate) async fn walk(
    db: &Db,
    table: Table,
    steps: impl AsyncFn(&mut Conn<'_>, (i64, i64, i64)) -> Result<Vec<Step>, Error>,
) -> Result<Verified, Error> {
    let mut conn = db.read().await?;
    let mut found = Verified::default();
    for (name, end) in heads(&mut conn, table).await? {
        found.chains += 1;
        let mut walk = Walk::new(&name, end);
        loop {
            let upto = end.seq.min(walk.at.seq + PAGE);
            let steps = steps(&mut conn, (end.chain, walk.at.seq, upto)).await?;
            if steps.is_empty() {
                // Nothing in a whole page: the end, or a gap that the line after it will show.
                break;
            }
            for step in &steps {
                found.lines += 1;
                walk.step(step);
            }
            if walk.broken.is_some() {
                break;
            }
        }
        walk.close();
        if let Some(seq) = beyond(&mut conn, table, end).await? {
            walk.note(seq, Why::Added);
        }
        found.broken.extend(walk.broken);
    }
    Ok(found)
}

/// The first line that stands behind the chain's head, read again: others append meanwhile.
async fn beyond(conn: &mut Conn<'_>, table: Table, end: Head) -> Result<Option<i64>, Error> {
    let sql = format!(
        "SELECT MIN(seq) FROM {} WHERE chain = $1 AND seq > \
         (SELECT head_seq FROM chain WHERE id = $1)",
        table.as_str()
    );
    let rows = conn.rows(&sql, vec![int(end.chain)]).await?;
    rows.first().map_or(Ok(None), |row| row.opt_int(0))
}

/// A table's chains by name with their heads.
pub(crate) async fn heads(conn: &mut Conn<'_>, table: Table) -> Result<Vec<(String, Head)>, Error> {
    let sql = "SELECT name, id, head_seq, head_hash FROM chain ORDER BY id";
    let rows = conn.rows(sql, vec![]).await?;
    let own = rows.iter().filter(|row| row.str(0).is_ok_and(|name| Table::of(name) == table));
    own.map(|row| {
        Ok((row.text(0)?, Head { chain: row.int(1)?, seq: row.int(2)?, hash: row.key(3)? }))
    })
    .collect()
}

/// One line as a walk meets it.
#[derive(Debug)]
pub(crate) struct Step {
    pub seq: i64,
    /// What it says, and its hash as it is stored; `None`: its columns do not hold what such columns
    /// hold.
    pub kept: Option<(Line, [u8; 32])>,
    /// What is wrong with its evidence.
    pub fault: Option<Why>,
}

impl Step {
    /// A column that cannot be read is a line that was changed; a database that is away is not.
    pub(crate) fn of<T: Hashed>(
        seq: i64,
        read: Result<Stands<T>, Error>,
        fault: Option<Why>,
    ) -> Result<Self, Error> {
        let kept = match read {
            Ok(stands) => Some((stands.written.line(), stands.hash)),
            Err(Error::Bug(_)) => None,
            Err(error @ (Error::Away(_) | Error::Taken(_))) => return Err(error),
        };
        Ok(Self { seq, kept, fault })
    }
}

/// The walk over one chain.
#[derive(Debug)]
pub(crate) struct Walk {
    name: String,
    pub at: Head,
    end: Head,
    pub broken: Option<Broken>,
}

impl Walk {
    pub(crate) fn new(name: &str, end: Head) -> Self {
        Self::after(name, Head::start(end.chain, name), end)
    }

    /// From the line behind `at` on.
    pub(crate) fn after(name: &str, at: Head, end: Head) -> Self {
        Self { name: name.into(), at, end, broken: None }
    }

    /// The next line in order.
    pub(crate) fn step(&mut self, step: &Step) {
        let seq = step.seq;
        if seq != self.at.seq + 1 {
            self.note(self.at.seq + 1, Why::Missing);
        }
        if let Some((line, kept)) = &step.kept {
            self.at.append(line);
            if self.at.hash != *kept {
                self.note(seq, Why::Changed);
            }
            self.at.hash = *kept;
        } else {
            self.note(seq, Why::Changed);
        }
        if let Some(why) = step.fault {
            self.note(seq, why);
        }
        self.at.seq = seq;
    }

    pub(crate) fn note(&mut self, seq: i64, why: Why) {
        if self.broken.is_none() {
            self.broken = Some(Broken { chain: self.name.clone(), seq, why });
        }
    }

    /// There are no more lines up to the head.
    pub(crate) fn close(&mut self) {
        if self.at.seq < self.end.seq {
            self.note(self.at.seq + 1, Why::CutOff);
        } else if self.at.hash != self.end.hash {
            self.note(self.at.seq, Why::Changed);
        }
    }
}

const PAGE: i64 = 1000;
