//! The SQL of checkpoints, and of the hashes that they cover.

use super::{checkpoint::Checkpoint, merkle::Hash};
use crate::{
    consent,
    db::{Arg, Conn, Db, Error, Row, int, key, text},
    journal::{
        self, Step, Walk, Why,
        chain::{Head, Table},
        hex::{Bytes, Digest},
    },
    staff,
};

/// A chain: of the journal, of consent's events, or of what staff did.
#[derive(Clone, Debug)]
pub(super) struct Chain {
    pub name: String,
    pub table: Table,
    pub head: Head,
}

/// Every chain with its head, as it stands now.
pub(super) async fn chains(conn: &mut Conn<'_>) -> Result<Vec<Chain>, Error> {
    let mut all = Vec::new();
    for table in Table::ALL {
        let heads = journal::heads(conn, table).await?;
        all.extend(heads.into_iter().map(|(name, head)| Chain { name, table, head }));
    }
    Ok(all)
}

impl Chain {
    /// Goes on with a walk up to a line, each hash shown to `see`; it ends at the first fault.
    pub(super) async fn walk(
        &self,
        conn: &mut Conn<'_>,
        walk: &mut Walk,
        upto: i64,
        mut see: impl FnMut(&Hash) + Send,
    ) -> Result<(), Error> {
        while walk.at.seq < upto && walk.broken.is_none() {
            let page = upto.min(walk.at.seq.saturating_add(PAGE));
            let steps = self.steps(conn, walk.at.seq, page).await?;
            if steps.is_empty() {
                walk.note(walk.at.seq + 1, Why::Missing);
            }
            for step in &steps {
                walk.step(step);
                see(&walk.at.hash);
            }
        }
        Ok(())
    }

    /// Lines after `seq` up to `upto`, in order.
    async fn steps(&self, conn: &mut Conn<'_>, seq: i64, upto: i64) -> Result<Vec<Step>, Error> {
        let range = (self.head.chain, seq, upto);
        match self.table {
            Table::Journal => journal::written::steps(conn, range).await,
            // A commitment is signed whatever became of what it commits to.
            Table::Consent => consent::written::steps(conn, None, range).await,
            Table::Audit => staff::audit::steps(conn, range).await,
        }
    }

    /// The stored hashes of the lines after `seq` up to `upto`, in order.
    pub(super) async fn hashes(
        &self,
        conn: &mut Conn<'_>,
        seq: i64,
        upto: i64,
    ) -> Result<Vec<Hash>, Error> {
        let sql = format!(
            "SELECT hash FROM {} WHERE chain = $1 AND seq > $2 AND seq <= $3 ORDER BY seq",
            self.table.as_str()
        );
        let args = vec![int(self.head.chain), int(seq), int(upto)];
        conn.rows(&sql, args).await?.iter().map(|row| row.key(0)).collect()
    }

    /// The checkpoints that begin after line `seq`, in order.
    pub(super) async fn checkpoints(
        &self,
        conn: &mut Conn<'_>,
        seq: i64,
        limit: i64,
    ) -> Result<Vec<Checkpoint>, Error> {
        let sql = format!("{SELECT} WHERE chain = $1 AND from_seq > $2 ORDER BY from_seq LIMIT $3");
        let rows = conn.rows(&sql, vec![int(self.head.chain), int(seq), int(limit)]).await?;
        rows.iter().map(|row| self.read(row)).collect()
    }

    /// All that begin after one line and not after another, in order.
    pub(super) async fn between(
        &self,
        conn: &mut Conn<'_>,
        mut seq: i64,
        upto: i64,
    ) -> Result<Vec<Checkpoint>, Error> {
        let mut all = Vec::new();
        loop {
            let page = self.checkpoints(conn, seq, PAGE).await?;
            let Some(last) = page.last().map(|one| one.from) else { return Ok(all) };
            all.extend(page.into_iter().filter(|one| one.from <= upto));
            if last >= upto {
                return Ok(all);
            }
            seq = last;
        }
    }

    pub(super) async fn last(&self, conn: &mut Conn<'_>) -> Result<Option<Checkpoint>, Error> {
        let sql = format!("{SELECT} WHERE chain = $1 ORDER BY from_seq DESC LIMIT 1");
        let rows = conn.rows(&sql, vec![int(self.head.chain)]).await?;
        rows.first().map(|row| self.read(row)).transpose()
    }

    /// The one that covers a line.
    pub(super) async fn covering(
        &self,
        conn: &mut Conn<'_>,
        seq: i64,
    ) -> Result<Option<Checkpoint>, Error> {
        let sql = format!(
            "{SELECT} WHERE chain = $1 AND from_seq <= $2 AND upto_seq >= $2 \
             ORDER BY from_seq DESC LIMIT 1"
        );
        let rows = conn.rows(&sql, vec![int(self.head.chain), int(seq)]).await?;
        rows.first().map(|row| self.read(row)).transpose()
    }

    /// Whether nobody else wrote one from that line on.
    pub(super) async fn keep(&self, db: &Db, one: &Checkpoint) -> Result<bool, Error> {
        let mut tx = db.begin().await?;
        let row = vec![
            int(self.head.chain),
            int(one.from),
            int(one.upto),
            key(&one.head.0),
            key(&one.root.0),
            key(&one.previous.0),
            int(one.at),
            text(one.key.as_str()),
            Arg::bytes(one.signature.0.as_slice()),
        ];
        let mine = "ON CONFLICT (chain, from_seq) DO NOTHING";
        let kept = tx.insert("checkpoint", COLUMNS, row, mine).await?;
        tx.commit().await?;
        Ok(kept == 1)
    }

    fn read(&self, row: &Row) -> Result<Checkpoint, Error> {
        Ok(Checkpoint {
            chain: self.name.clone(),
            from: row.int(0)?,
            upto: row.int(1)?,
            head: Digest(row.key(2)?),
            root: Digest(row.key(3)?),
            previous: Digest(row.key(4)?),
            at: row.int(5)?,
            key: row.text(6)?,
            signature: Bytes(row.bytes(7)?),
        })
    }
}

/// Lines or checkpoints that are read at once.
const PAGE: i64 = 1_000;
const COLUMNS: &[&str] =
    &["chain", "from_seq", "upto_seq", "head", "root", "previous", "at", "key", "signature"];
const SELECT: &str =
    "SELECT from_seq, upto_seq, head, root, previous, at, key, signature FROM checkpoint";
