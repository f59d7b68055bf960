//! Hash chains: each line's hash is made over the one before, so none can be changed, added or
//! taken away unnoticed. One writer, one chain; who may append is not decided here.

use crate::{
    db::{Conn, Error, Tx, int, key, text},
    seal,
};

/// The end of a chain: where the next line goes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Head {
    pub chain: i64,
    pub seq: i64,
    pub hash: [u8; 32],
}

/// The tables whose rows hang on chains.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Table {
    Journal,
    /// Consent's events.
    Consent,
    /// What staff did.
    Audit,
}

impl Table {
    pub(crate) const ALL: [Self; 3] = [Self::Journal, Self::Consent, Self::Audit];

    /// In which the lines of a chain stand, by the chain's name.
    pub(crate) fn of(chain: &str) -> Self {
        match chain.split_once('/') {
            Some(("consent", _)) => Self::Consent,
            Some(("audit", _)) => Self::Audit,
            Some(_) | None => Self::Journal,
        }
    }

    /// Its name in SQL.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Journal => "journal",
            Self::Consent => "consent_event",
            Self::Audit => "audit",
        }
    }
}

/// Something whose hash stands in a chain.
pub trait Hashed {
    /// What is hashed.
    fn line(&self) -> Line;
}

/// Where it stands.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Stands<T> {
    pub chain: i64,
    pub seq: i64,
    pub hash: [u8; 32],
    pub written: T,
}

/// The bytes a line is hashed over: each field with its length, so that none can flow into the
/// next.
#[derive(Debug, Default)]
pub struct Line(Vec<u8>);

impl Line {
    pub fn field(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(&(bytes.len() as u64).to_be_bytes());
        self.0.extend_from_slice(bytes);
        self
    }

    /// A missing field is not an empty one.
    pub fn maybe(mut self, bytes: Option<&[u8]>) -> Self {
        match bytes {
            Some(bytes) => self.field(bytes),
            None => {
                self.0.extend_from_slice(&u64::MAX.to_be_bytes());
                self
            }
        }
    }

    pub fn number(self, number: i64) -> Self {
        self.field(&number.to_be_bytes())
    }
}

impl Head {
    /// Before the first line of the chain called `name`.
    pub fn start(chain: i64, name: &str) -> Self {
        Self { chain, seq: 0, hash: seal::digest(format!("souhlas chain {name}").as_bytes()) }
    }

    /// Takes the next line; afterwards `seq` and `hash` are that line's.
    pub fn append(&mut self, line: &Line) {
        self.seq += 1;
        let mut digest = seal::Digest::new();
        digest.update(&self.hash);
        digest.update(&self.seq.to_be_bytes());
        digest.update(&line.0);
        self.hash = digest.finish();
    }
}

/// The head of the chain called `name`, which is this transaction's until it ends. A chain that
/// does not exist is begun.
pub async fn head(tx: &mut Tx<'_>, name: &str) -> Result<Head, Error> {
    // SQLite's transactions that write come one after another anyway.
    let lock = if tx.is_sqlite() { "" } else { " FOR UPDATE" };
    let find = format!("SELECT id, head_seq, head_hash FROM chain WHERE name = $1{lock}");
    // Another may begin one at the same time, of this name or of another with this number.
    for _ in 0..TRIES {
        if let Some(row) = tx.rows(&find, vec![text(name)]).await?.first() {
            return Ok(Head { chain: row.int(0)?, seq: row.int(1)?, hash: row.key(2)? });
        }
        begin(tx, name).await?;
    }
    Err(Error::Bug(format!("the chain `{name}` cannot be begun")))
}

async fn begin(tx: &mut Conn<'_>, name: &str) -> Result<(), Error> {
    let start = Head::start(0, name);
    tx.run(
        "INSERT INTO chain (id, name, head_seq, head_hash) \
         SELECT COALESCE(MAX(id), 0) + 1, $1, 0, $2 FROM chain WHERE true \
         ON CONFLICT DO NOTHING",
        vec![text(name), key(&start.hash)],
    )
    .await?;
    Ok(())
}

/// Writes the new head, where the old one still stands.
pub async fn advance(tx: &mut Tx<'_>, old: &Head, new: &Head) -> Result<(), Error> {
    if old == new {
        return Ok(());
    }
    let changed = tx
        .run(
            "UPDATE chain SET head_seq = $1, head_hash = $2 WHERE id = $3 AND head_seq = $4",
            vec![int(new.seq), key(&new.hash), int(old.chain), int(old.seq)],
        )
        .await?;
    if changed == 1 { Ok(()) } else { Err(Error::Taken("the head of the chain".into())) }
}

const TRIES: u32 = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_do_not_flow_into_each_other() {
        let hash = |line: Line| {
            let mut head = Head::start(1, "a");
            head.append(&line);
            head.hash
        };
        let all = [
            hash(Line::default().field(b"ab").field(b"c")),
            hash(Line::default().field(b"a").field(b"bc")),
            hash(Line::default().field(b"abc").field(b"")),
            hash(Line::default().field(b"abc").maybe(None)),
            hash(Line::default().field(b"abc")),
        ];
        for (at, one) in all.iter().enumerate() {
            assert!(!all[at + 1..].contains(one), "{at}");
        }
    }

    #[test]
    fn a_line_of_one_chain_does_not_fit_another() {
        let (mut a, mut b) = (Head::start(1, "a"), Head::start(1, "b"));
        a.append(&Line::default());
        b.append(&Line::default());
        assert_ne!(a.hash, b.hash);
    }
}
