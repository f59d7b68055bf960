//! Every byte of every hashed column, of the evidence and of the salts, changed one at a time:
//! `verify` names the line. On SQLite all bytes, on PostgreSQL some of each column.

use outside::store::{Fresh, on_both};
use policy::Scope;
use relay::{
    consent,
    db::{Arg, Row, int},
    journal::{self, Kind, Verified},
    seal::Secret,
    spool::{Spool, State},
};
use uuid::Uuid;

use crate::{
    consent::{grant, proof, store, who, yes},
    make::{at, delivery, event, message},
};

/// How a column is read and written.
#[derive(Clone, Copy, Debug)]
enum Holds {
    Int,
    Text,
    Bytes,
    Uuid,
}

use Holds::{Bytes, Int, Text};

const JOURNAL: &[(&str, Holds)] = &[
    ("seq", Int),
    ("id", Holds::Uuid),
    ("at", Int),
    ("kind", Text),
    ("message", Holds::Uuid),
    ("delivery", Holds::Uuid),
    ("recipient", Bytes),
    ("detail", Text),
    ("hash", Bytes),
];
const EVENTS: &[(&str, Holds)] = &[
    ("seq", Int),
    ("contact", Holds::Uuid),
    ("kind", Text),
    ("controller", Text),
    ("purpose", Text),
    ("at", Int),
    ("recorded_at", Int),
    ("actor", Text),
    ("detail", Text),
    ("evidence", Bytes),
    ("commitment", Bytes),
    ("hash", Bytes),
];

fn read(row: &Row, holds: Holds) -> Option<Vec<u8>> {
    match holds {
        Int => row.opt_int(0).unwrap().map(|number| number.to_be_bytes().to_vec()),
        Text => row.opt_text(0).unwrap().map(String::into_bytes),
        Bytes => row.opt_bytes(0).unwrap(),
        Holds::Uuid => row.opt_uuid(0).unwrap().map(|id| id.as_bytes().to_vec()),
    }
}

fn bound(holds: Holds, bytes: &[u8]) -> Arg<'_> {
    match holds {
        Int => int(i64::from_be_bytes(bytes.try_into().unwrap())),
        Text | Bytes => Arg::bytes(bytes),
        Holds::Uuid => Arg::Uuid(Some(Uuid::from_slice(bytes).unwrap())),
    }
}

/// A table as somebody has it who writes into the database past all that it checks.
async fn unchecked(fresh: &Fresh, table: &str) {
    let mut tx = fresh.db.begin().await.unwrap();
    for sql in [
        format!("CREATE TABLE plain AS SELECT * FROM {table}"),
        format!("DROP TABLE {table}"),
        format!("ALTER TABLE plain RENAME TO {table}"),
    ] {
        tx.run(&sql, vec![]).await.unwrap();
    }
    tx.commit().await.unwrap();
}

async fn put(fresh: &Fresh, sql: &str, args: Vec<Arg<'_>>) {
    let mut tx = fresh.db.begin().await.unwrap();
    assert_eq!(tx.run(sql, args).await.unwrap(), 1, "{sql}");
    tx.commit().await.unwrap();
}

/// Changes each byte of the column in the row with that number, looks, and puts it back; how many
/// changes there were.
async fn each_byte(
    fresh: &Fresh,
    table: &str,
    (column, holds): (&str, Holds),
    row: &str,
    line: i64,
    verify: impl AsyncFn() -> Verified,
) -> usize {
    let mut conn = fresh.db.read().await.unwrap();
    let sql = format!("SELECT {column} FROM {table} WHERE {row}");
    let rows = conn.rows(&sql, vec![]).await.unwrap();
    drop(conn);
    let Some(old) = read(&rows[0], holds) else { return 0 };
    let value = match (holds, fresh.db.is_sqlite()) {
        (Text, true) => "CAST($1 AS TEXT)",
        (Text, false) => "convert_from($1, 'UTF8')",
        (Int | Bytes | Holds::Uuid, _) => "$1",
    };
    let every = if fresh.db.is_sqlite() { 1 } else { old.len().div_ceil(3) };
    let mut tried = 0;
    for at in (0..old.len()).step_by(every) {
        // The highest bit makes what is no text, which PostgreSQL does not take.
        let bit = if fresh.db.is_sqlite() && at % 2 == 0 { 0x80 } else { 0x01 };
        let mut new = old.clone();
        new[at] ^= bit;
        let set = format!("UPDATE {table} SET {column} = {value} WHERE ");
        put(fresh, &format!("{set}{row}"), vec![bound(holds, &new)]).await;
        let found = verify().await;
        let named = found.broken.first().map(|broken| broken.seq);
        assert_eq!(named, Some(line), "{table}.{column} byte {at} ^ {bit:#x}: {found:?}");
        // The number is what the row is found by.
        let row = if column == "seq" {
            format!("seq = {}", i64::from_be_bytes(new.try_into().unwrap()))
        } else {
            row.to_owned()
        };
        put(fresh, &format!("{set}{row}"), vec![bound(holds, &old)]).await;
        tried += 1;
    }
    assert_eq!(verify().await.broken, [], "{table}.{column} is as it was");
    tried
}

#[tokio::test]
async fn each_changed_byte_of_the_journal_is_found_with_its_line() {
    on_both(async |fresh| {
        let spool =
            Spool::open(fresh.db.clone(), &Secret::from_bytes([9; 32]), "a", at(0)).await.unwrap();
        let one = message(b"x");
        let to = delivery(&one, "b", State::Ready);
        let events = vec![event(Kind::Decided, Some(&to)), event(Kind::Operator, None)];
        spool.keep(one, vec![to], events).await.unwrap();
        unchecked(fresh, "journal").await;
        let mut tried = 0;
        for line in [1, 2] {
            for column in JOURNAL {
                let verify = async || journal::verify(&fresh.db).await.unwrap();
                let row = format!("seq = {line}");
                tried += each_byte(fresh, "journal", *column, &row, line, verify).await;
            }
        }
        assert!(tried > if fresh.db.is_sqlite() { 300 } else { 40 }, "{tried}");
    })
    .await;
}

#[tokio::test]
async fn each_changed_byte_of_an_event_of_its_evidence_and_salt_is_found_with_its_line() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        grant(&consent, "a@b.cz", &yes("news", at(0))).await;
        let scope = Scope::Everything;
        consent.refuse(at(2), &who("a@b.cz"), &scope, &proof(2)).await.unwrap();
        unchecked(fresh, "consent_event").await;
        let verify =
            async || consent::verify(&fresh.db, &Secret::from_bytes([9; 32])).await.unwrap();
        let mut tried = 0;
        for line in [1, 2] {
            for column in EVENTS {
                let row = format!("seq = {line}");
                tried += each_byte(fresh, "consent_event", *column, &row, line, verify).await;
            }
        }
        tried += each_byte(fresh, "contact", ("salt", Bytes), "1 = 1", 1, verify).await;
        assert!(tried > if fresh.db.is_sqlite() { 600 } else { 60 }, "{tried}");
    })
    .await;
}
