//! Whose turn it is to send something counted to an address.

use outside::store::{Fresh, on_both};
use relay::{
    db::Db,
    seal::AddressKey,
    spool::{LEASE, Spool, Turn, Turns},
};

use crate::make::{at, secret};

const ONE: AddressKey = AddressKey([1; 32]);
const OTHER: AddressKey = AddressKey([2; 32]);

async fn open(db: &Db, name: &str) -> (Spool, Turns) {
    let spool = Spool::open(db.clone(), &secret(), name, at(0)).await.unwrap();
    let turns = spool.turns();
    (spool, turns)
}

async fn take(turns: &Turns, keys: &[AddressKey]) -> Vec<Turn> {
    turns.take(keys.to_vec()).await.unwrap().into_values().collect()
}

async fn rows(db: &Db) -> i64 {
    let rows = db.read().await.unwrap().rows("SELECT COUNT(*) FROM turn", vec![]).await.unwrap();
    rows[0].int(0).unwrap()
}

#[tokio::test]
async fn an_address_gets_one_counted_message_at_a_time() {
    on_both(async |fresh| {
        let (_spool, turns) = open(&fresh.db, "a").await;
        let taken = take(&turns, &[ONE, OTHER, ONE]).await;
        assert_eq!(taken.len(), 2, "the second of one address waits");
        assert!(take(&turns, &[OTHER, ONE]).await.is_empty(), "they are on their way");
        drop(taken);
        assert_eq!(take(&turns, &[ONE]).await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn two_relays_on_one_postgres_take_turns() {
    let fresh = Fresh::postgres().await;
    let (first, of_first) = open(&fresh.db, "a").await;
    let beside = fresh.beside().await;
    let (second, of_second) = open(&beside.db, "b").await;
    let taken = take(&of_first, &[ONE]).await;
    assert_eq!(taken.len(), 1);
    let others = take(&of_second, &[ONE, OTHER]).await;
    assert_eq!(others.len(), 1, "one of the two is with the first relay");
    drop(taken);
    // Behind what was given back.
    first.note(vec![]).await.unwrap();
    let taken = take(&of_second, &[ONE]).await;
    assert_eq!(taken.len(), 1);
    assert!(take(&of_first, &[ONE, OTHER]).await.is_empty());
    drop((taken, others));
    second.note(vec![]).await.unwrap();
    assert_eq!(rows(&fresh.db).await, 0, "nothing is left behind");
}

#[tokio::test]
async fn a_turn_taken_anew_outlives_the_one_before() {
    let fresh = Fresh::postgres().await;
    let (first, of_first) = open(&fresh.db, "a").await;
    let beside = fresh.beside().await;
    let (_second, of_second) = open(&beside.db, "b").await;
    for _ in 0..20 {
        drop(take(&of_first, &[ONE]).await);
        let again = take(&of_first, &[ONE]).await;
        assert_eq!(again.len(), 1, "its own row is in nobody's way");
        first.note(vec![]).await.unwrap();
        assert!(take(&of_second, &[ONE]).await.is_empty());
    }
}

#[tokio::test]
async fn the_turns_of_a_dead_relay_are_given_back() {
    let fresh = Fresh::postgres().await;
    let (_first, of_first) = open(&fresh.db, "a").await;
    let beside = fresh.beside().await;
    let (second, of_second) = open(&beside.db, "b").await;
    let taken = take(&of_first, &[ONE]).await;
    second.rescue(at(1)).await.unwrap();
    assert!(take(&of_second, &[ONE]).await.is_empty(), "it is alive");
    second.rescue(at(0) + LEASE).await.unwrap();
    assert_eq!(take(&of_second, &[ONE]).await.len(), 1);
    drop(taken);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn relays_that_take_and_give_back_the_same_turns_never_have_one_twice() {
    let fresh = Fresh::postgres().await;
    let beside = fresh.beside().await;
    let (_first, of_first) = open(&fresh.db, "a").await;
    let (_second, of_second) = open(&beside.db, "b").await;
    let keys: Vec<AddressKey> = (0..20).map(|at| AddressKey([at; 32])).collect();
    let busy = std::sync::Arc::new(std::sync::Mutex::new(std::collections::BTreeSet::new()));
    let run = |turns: Turns, keys: Vec<AddressKey>| {
        let busy = busy.clone();
        tokio::spawn(async move {
            let (mut rounds, mut count) = (0, 0);
            // Whoever had none yet goes on: the other one ends.
            while rounds < 40 || count == 0 {
                rounds += 1;
                let taken = turns.take(keys.clone()).await.unwrap();
                count += taken.len();
                for key in taken.keys() {
                    assert!(busy.lock().unwrap().insert(*key), "two have it");
                }
                tokio::task::yield_now().await;
                for (key, turn) in taken {
                    busy.lock().unwrap().remove(&key);
                    drop(turn);
                }
            }
        })
    };
    let backwards = keys.iter().rev().copied().collect();
    let (one, other) = tokio::join!(run(of_first, keys), run(of_second, backwards));
    assert!(one.is_ok() && other.is_ok(), "{one:?} {other:?}");
}
