//! Checkpoints: written once for all, linked, and what finds a chain that somebody wrote anew.

use jiff::Timestamp;
use outside::store::{Fresh, on_both};
use relay::{
    evidence::{Audit, Clerk, Deposit, Which, audit},
    journal::{self, Kind, chain::Head},
    seal::Secret,
    spool::{Spool, State},
};

use crate::make::{at, delivery, event, message};

fn secret() -> Secret {
    Secret::from_bytes([9; 32])
}

/// That many lines in the chain of relay `a`.
async fn lines(fresh: &Fresh, count: usize) {
    let spool = Spool::open(fresh.db.clone(), &secret(), "a", at(0)).await.unwrap();
    let one = message(b"x");
    let to = delivery(&one, "b", State::Ready);
    let events = (0..count).map(|_| event(Kind::Decided, Some(&to))).collect();
    spool.keep(one, vec![to], events).await.unwrap();
}

/// Ticks until there is nothing more to do; how many lines were signed.
async fn wind(clerk: &Clerk, now: Timestamp) -> u64 {
    let mut signed = 0;
    loop {
        let ticked = clerk.tick(now).await.unwrap();
        signed += ticked.lines;
        if !ticked.more {
            return signed;
        }
    }
}

async fn change(fresh: &Fresh, sql: &str) {
    let mut tx = fresh.db.begin().await.unwrap();
    tx.run(sql, vec![]).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn new_lines_are_signed_every_hour_by_one_of_many() {
    on_both(async |fresh| {
        let (a, b) = (
            Clerk::new(fresh.db.clone(), &secret(), "a"),
            Clerk::new(fresh.db.clone(), &secret(), "b"),
        );
        lines(fresh, 3).await;
        assert_eq!(wind(&a, at(0)).await, 3);
        lines(fresh, 2).await;
        assert_eq!(wind(&b, at(60)).await, 0, "the hour is not over");
        assert_eq!(wind(&b, at(3601)).await, 2);
        assert_eq!(wind(&a, at(7300)).await, 0, "nothing is new");
        let found = audit(&fresh.db, &secret()).await.unwrap();
        assert_eq!(found, Audit { checkpoints: 2, lines: 5, faults: vec![] });
    })
    .await;
}

#[tokio::test]
async fn a_long_chain_is_signed_in_bounded_pieces_also_after_a_stop() {
    on_both(async |fresh| {
        lines(fresh, 20_000).await;
        let clerk = |name: &str| Clerk::new(fresh.db.clone(), &secret(), name);
        let first = clerk("a").tick(at(0)).await.unwrap();
        assert_eq!((first.lines, first.more), (16_384, true));
        // The first relay is gone; its turn ends by itself.
        assert_eq!(wind(&clerk("b"), at(10)).await, 0);
        assert_eq!(wind(&clerk("b"), at(600)).await, 20_000 - 16_384);
        let found = audit(&fresh.db, &secret()).await.unwrap();
        assert_eq!(found, Audit { checkpoints: 2, lines: 20_000, faults: vec![] });
    })
    .await;
}

#[tokio::test]
async fn what_is_broken_is_not_signed() {
    on_both(async |fresh| {
        let clerk = Clerk::new(fresh.db.clone(), &secret(), "a");
        lines(fresh, 4).await;
        change(fresh, "UPDATE journal SET at = at + 1 WHERE seq = 3").await;
        let ticked = clerk.tick(at(0)).await.unwrap();
        assert_eq!((ticked.lines, ticked.more), (0, false));
        assert_eq!(ticked.broken.first().map(|broken| broken.seq), Some(3));
        assert_eq!(audit(&fresh.db, &secret()).await.unwrap(), Audit::default());
    })
    .await;
}

/// Whoever writes into the database can make a chain that is whole, and not the one signed.
#[tokio::test]
async fn a_chain_written_anew_is_not_the_one_that_was_signed() {
    for (sql, why) in [
        ("DELETE FROM checkpoint WHERE from_seq = 1", "the checkpoint before is gone"),
        ("UPDATE checkpoint SET at = at + 1 WHERE from_seq = 1", "not signed by this installation"),
        ("UPDATE checkpoint SET upto_seq = 2 WHERE from_seq = 1", "not signed"),
        ("UPDATE chain SET name = 'relay/b'", "not signed by this installation"),
        ("DELETE FROM journal WHERE seq = 2", "not those that were signed"),
        ("UPDATE journal SET hash = id WHERE seq = 5", "not those that were signed"),
    ] {
        let fresh = Fresh::sqlite().await;
        let clerk = Clerk::new(fresh.db.clone(), &secret(), "a");
        for hour in 0..2 {
            lines(&fresh, 3).await;
            wind(&clerk, at(hour * 4000)).await;
        }
        assert_eq!(audit(&fresh.db, &secret()).await.unwrap().faults, Vec::<String>::new());
        change(&fresh, sql).await;
        let found = audit(&fresh.db, &secret()).await.unwrap();
        let [fault] = found.faults.as_slice() else { panic!("{sql}: {found:?}") };
        assert!(fault.contains(why), "{sql}: {fault}");
    }
    let fresh = Fresh::sqlite().await;
    lines(&fresh, 3).await;
    wind(&Clerk::new(fresh.db.clone(), &secret(), "a"), at(0)).await;
    // The same number of lines, hashed rightly, in the place of those.
    change(&fresh, "DELETE FROM journal").await;
    let start = Head::start(1, "relay/a").hash;
    let mut tx = fresh.db.begin().await.unwrap();
    let sql = "UPDATE chain SET head_seq = 0, head_hash = $1";
    tx.run(sql, vec![relay::db::key(&start)]).await.unwrap();
    tx.commit().await.unwrap();
    lines(&fresh, 3).await;
    assert_eq!(journal::verify(&fresh.db).await.unwrap().broken, []);
    let found = audit(&fresh.db, &secret()).await.unwrap();
    assert_eq!(
        found.faults,
        ["chain `relay/a`: lines 1 to 3: they are not those that were signed"]
    );
}

/// Whoever has the secret, too, can sign it anew; what was deposited elsewhere they cannot change.
#[tokio::test]
async fn a_chain_written_and_signed_anew_is_not_the_one_that_was_deposited() {
    on_both(async |fresh| {
        lines(fresh, 3).await;
        let deposit = async |hour: i64| {
            Deposit::make(at(hour * 4000), &fresh.db, &secret(), Which::Last).await.unwrap().0
        };
        let (first, report) = (deposit(0).await, async |deposit: &Deposit| {
            deposit.compare(&fresh.db, &secret()).await.unwrap()
        });
        lines(fresh, 2).await;
        let second = deposit(1).await;
        for deposit in [&first, &second] {
            let read = Deposit::read(deposit.text().unwrap().as_bytes()).unwrap();
            assert_eq!(&read, deposit);
            let found = report(deposit).await;
            assert_eq!((found.faults.len(), found.proved.len()), (0, 1), "{found:?}");
        }
        assert_eq!(report(&first).await.unproved, ["chain `relay/a`: lines 4 to 5 are newer"]);
        let other = Secret::from_bytes([8; 32]);
        let found = first.compare(&fresh.db, &other).await.unwrap().faults;
        assert_eq!(found, ["the installation has another key than the one deposited"]);

        change(fresh, "DELETE FROM journal").await;
        change(fresh, "DELETE FROM checkpoint").await;
        let mut tx = fresh.db.begin().await.unwrap();
        let sql = "UPDATE chain SET head_seq = 0, head_hash = $1";
        tx.run(sql, vec![relay::db::key(&Head::start(1, "relay/a").hash)]).await.unwrap();
        tx.commit().await.unwrap();
        lines(fresh, 5).await;
        let again = deposit(2).await;
        assert_eq!(audit(&fresh.db, &secret()).await.unwrap().faults, Vec::<String>::new());
        assert_eq!(report(&again).await.faults, Vec::<String>::new());
        for deposit in [&first, &second] {
            let found = report(deposit).await.faults;
            assert!(found.len() == 1 && found[0].contains("were written anew"), "{found:?}");
        }
        change(fresh, "DELETE FROM journal WHERE seq > 2").await;
        let found = report(&second).await.faults;
        assert_eq!(found, ["chain `relay/a`: line 3 is gone"]);
        change(fresh, "UPDATE chain SET name = 'relay/b'").await;
        assert_eq!(report(&first).await.faults, ["chain `relay/a` is gone: 3 lines were signed"]);
    })
    .await;
}
