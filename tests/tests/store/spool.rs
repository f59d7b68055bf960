//! Keep, claim, settle, rescue, hold, release.

use std::{collections::BTreeSet, sync::Arc};

use outside::{
    postgres::Cluster,
    store::{Fresh, on_both},
};
use policy::{CannotEdit, Class, Waiver};
use relay::{
    db::{Db, uuid},
    journal::{self, Kind},
    spool::{Counts, Delivery, Filter, Hold, LEASE, Message, Settle, Settlement, Spool, State},
};

use crate::make::{at, delivery, event, message, secret, settlement};

async fn open(fresh: &Fresh, node: &str) -> Spool {
    Spool::open(fresh.db.clone(), &secret(), node, at(0)).await.unwrap()
}

#[tokio::test]
async fn what_is_kept_comes_back_as_it_was() {
    on_both(async |fresh| {
        let spool = open(fresh, "a").await;
        let one = message(b"Subject: x\r\n\r\nbody\0\xff\r\n");
        let list = vec![delivery(&one, "b", State::Ready), delivery(&one, "c", State::Ready)];
        spool.keep(one.clone(), list.clone(), vec![]).await.unwrap();
        assert!(spool.claim(at(-1), 10).await.unwrap().is_empty(), "not due yet");
        let claimed = spool.claim(at(0), 10).await.unwrap();
        let [(message, deliveries)] = claimed.as_slice() else { panic!("{claimed:?}") };
        assert_eq!(format!("{message:?}"), format!("{one:?}"));
        let expected: Vec<_> = list
            .into_iter()
            .map(|mut one| {
                one.state = State::Claimed;
                format!("{one:?}")
            })
            .collect();
        let found: Vec<_> = deliveries.iter().map(|one| format!("{one:?}")).collect();
        assert_eq!(found, expected);
        assert!(spool.claim(at(5), 10).await.unwrap().is_empty(), "taken only once");
    })
    .await;
}

/// Of commercial mail, of an order, and of what is urgent.
fn of_priority(class: Class, asked: Option<i8>) -> Arc<Message> {
    let mut one = (*message(b"Subject: x\r\n\r\nx")).clone();
    (one.class, one.params.priority) = (class, asked);
    Arc::new(one)
}

#[tokio::test]
async fn what_must_arrive_is_claimed_before_what_sells_and_leaves_some_room_for_it() {
    on_both(async |fresh| {
        let spool = open(fresh, "a").await;
        let sells = of_priority(Class::Commercial, Some(9));
        let order = of_priority(Class::Transactional, None);
        let urgent = of_priority(Class::Transactional, Some(4));
        for (one, count) in [(&sells, 40), (&order, 40), (&urgent, 10)] {
            let list = (0..count).map(|_| delivery(one, "b", State::Ready)).collect();
            spool.keep(one.clone(), list, vec![]).await.unwrap();
        }
        let mut claims = Vec::new();
        for _ in 0..5 {
            let claimed = spool.claim(at(0), 24).await.unwrap();
            let of = |wanted: &Arc<Message>| -> usize {
                let own = claimed.iter().filter(|(message, _)| message.id == wanted.id);
                own.map(|(_, deliveries)| deliveries.len()).sum()
            };
            claims.push((of(&urgent), of(&order), of(&sells)));
        }
        assert_eq!(claims, [(10, 11, 3), (0, 21, 3), (0, 8, 16), (0, 0, 18), (0, 0, 0)]);
        assert!(spool.claim(at(0), 1).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn large_messages_survive_a_restart_and_leave_nothing_behind() {
    on_both(async |fresh| {
        let spool = open(fresh, "a").await;
        let sizes = [100, 16 * 1024, 16 * 1024 + 1, 300_000];
        for (at, size) in sizes.into_iter().enumerate() {
            let one = message(&vec![at as u8; size]);
            let list = vec![delivery(&one, "b", State::Claimed)];
            spool.keep(one, list, vec![]).await.unwrap();
        }
        drop(spool);
        let spool = open(fresh, "a").await;
        let person = Spool::visit(fresh.db.clone(), &secret(), "cli/test").unwrap();
        let claimed = spool.claim(at(0), 10).await.unwrap();
        assert_eq!(claimed.len(), sizes.len());
        for (message, list) in &claimed {
            let value = message.bytes[0];
            assert_eq!(message.bytes.len(), sizes[usize::from(value)]);
            assert!(message.bytes.iter().all(|byte| *byte == value));
            let (seen, _) = person.show(list[0].id).await.unwrap().unwrap();
            assert_eq!(seen.bytes, message.bytes);
            assert!(settled(&spool, settlement(&list[0], Settle::Done)).await);
        }
        assert_eq!(count(&fresh.db, "message").await, 0);
        if let Some(file) = fresh.db.file() {
            let left = std::fs::read_dir(file.with_extension("bodies")).unwrap().count();
            assert_eq!(left, 0, "every file went with its last message");
        }
    })
    .await;
}

#[tokio::test]
async fn an_empty_message_is_kept_too() {
    on_both(async |fresh| {
        let spool = open(fresh, "a").await;
        let one = message(b"");
        let list = vec![delivery(&one, "b", State::Ready)];
        spool.keep(one, list, vec![]).await.unwrap();
        assert_eq!(spool.claim(at(0), 1).await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_message_without_its_bytes_is_never_sent_as_an_empty_one() {
    on_both(async |fresh| {
        let spool = open(fresh, "a").await;
        let mut kept = Vec::new();
        for size in [10, 20, 300_000] {
            let one = message(&vec![b'x'; size]);
            let list = vec![delivery(&one, "b", State::Ready)];
            kept.extend(spool.keep(one, list, vec![]).await.unwrap());
        }
        let mut tx = fresh.db.begin().await.unwrap();
        for one in [&kept[0], &kept[2]] {
            let sql = "UPDATE message SET bytes = NULL WHERE id = $1";
            tx.run(sql, vec![uuid(one.message)]).await.unwrap();
        }
        tx.commit().await.unwrap();
        if let Some(file) = fresh.db.file() {
            std::fs::remove_dir_all(file.with_extension("bodies")).unwrap();
        }
        let claimed = spool.claim(at(0), 10).await.unwrap();
        let [(whole, list)] = claimed.as_slice() else { panic!("{claimed:?}") };
        assert_eq!((whole.bytes.len(), list[0].id), (20, kept[1].id), "no other is kept back");
        for one in [&kept[0], &kept[2]] {
            assert!(spool.show(one.id).await.is_err());
        }
        // Behind what the claim put back.
        spool.note(vec![]).await.unwrap();
        let waits = spool.list(&Filter::default(), 10).await.unwrap();
        let waits: Vec<_> = waits.iter().filter(|one| one.state == State::Ready).collect();
        assert_eq!(waits.len(), 2, "they are not forgotten");
        assert!(waits.iter().all(|one| one.due_at > at(60) && one.last.is_some()));
    })
    .await;
}

#[tokio::test]
async fn settling_moves_a_delivery_once() {
    on_both(async |fresh| {
        let spool = open(fresh, "a").await;
        let one = message(b"x");
        let list: Vec<_> =
            ["b", "cc", "ddd"].iter().map(|to| delivery(&one, to, State::Claimed)).collect();
        let list = spool.keep(one, list, vec![]).await.unwrap();
        assert_eq!(spool.counts().await.unwrap(), Counts { claimed: 3, ..Counts::default() });

        let later = Settle::Later { due_at: at(60), last: "451 later".into() };
        assert!(settled(&spool, settlement(&list[0], Settle::Done)).await);
        assert!(!settled(&spool, settlement(&list[0], Settle::Done)).await, "only once");
        assert!(settled(&spool, settlement(&list[1], later)).await);
        let hold = Settle::Hold(Hold::Rule("consent-missing".into()));
        assert!(settled(&spool, settlement(&list[2], hold)).await);
        assert_eq!(spool.counts().await.unwrap(), Counts { ready: 1, claimed: 0, held: 1 });

        assert!(spool.claim(at(59), 10).await.unwrap().is_empty());
        let claimed = spool.claim(at(60), 10).await.unwrap();
        let again = &claimed[0].1[0];
        assert_eq!((again.id, again.attempts), (list[1].id, 1));
        assert_eq!(again.last.as_deref(), Some("451 later"));
        let lines = journal::list(&fresh.db, &journal::Filter::default(), 100).await.unwrap();
        assert_eq!(lines.len(), 3, "a settlement that did not apply leaves no line");
    })
    .await;
}

#[tokio::test]
async fn the_message_goes_with_its_last_delivery_and_a_dsn_comes() {
    on_both(async |fresh| {
        let spool = open(fresh, "a").await;
        let one = message(b"x");
        let list: Vec<_> = ["b", "c"].iter().map(|to| delivery(&one, to, State::Claimed)).collect();
        let list = spool.keep(one, list, vec![]).await.unwrap();
        assert!(settled(&spool, settlement(&list[0], Settle::Done)).await);
        assert!(spool.show(list[1].id).await.unwrap().is_some());
        let dsn = message(b"dsn");
        let mut last = settlement(&list[1], Settle::Done);
        let to = delivery(&dsn, "sender", State::Ready);
        last.brings = Some(((*dsn).clone(), vec![to]));
        assert!(settled(&spool, last).await);
        assert!(spool.show(list[1].id).await.unwrap().is_none());
        let claimed = spool.claim(at(0), 10).await.unwrap();
        assert_eq!(claimed.len(), 1);
        assert_eq!(claimed[0].0.bytes, "dsn");
        assert_eq!(count(&fresh.db, "message").await, 1);
    })
    .await;
}

/// Whether it applied.
pub(crate) async fn settled(spool: &Spool, settlement: Settlement) -> bool {
    let (heard, hears) = tokio::sync::oneshot::channel();
    spool.settle(settlement, |applied| heard.send(applied).unwrap());
    hears.await.unwrap()
}

async fn count(db: &Db, table: &str) -> i64 {
    let mut conn = db.read().await.unwrap();
    let rows = conn.rows(&format!("SELECT COUNT(*) FROM {table}"), vec![]).await.unwrap();
    rows[0].int(0).unwrap()
}

#[tokio::test]
async fn held_is_released_or_rejected_by_a_person_only() {
    on_both(async |fresh| {
        let spool = open(fresh, "a").await;
        let person = Spool::visit(fresh.db.clone(), &secret(), "cli/test").unwrap();
        let one = message(b"x");
        let list: Vec<_> = ["b", "c"].iter().map(|to| delivery(&one, to, State::Held)).collect();
        let list = spool.keep(one, list, vec![]).await.unwrap();
        assert!(spool.claim(at(0), 10).await.unwrap().is_empty());
        assert!(!settled(&spool, settlement(&list[0], Settle::Done)).await);
        let filter = Filter { rule: Some("label-missing".into()), ..Filter::default() };
        assert_eq!(person.list(&filter, 10).await.unwrap().len(), 2);

        let waiver = Waiver {
            rules: vec!["label-missing".into()],
            repairs: vec![],
            by: "jana".into(),
            reason: "checked".into(),
            at: at(3),
        };
        let ready = Settle::Ready { waiver: Some(waiver.clone()), edits: vec![], due_at: at(3) };
        assert!(person.settle_held(settlement(&list[0], ready.clone())).await.unwrap());
        assert!(!person.settle_held(settlement(&list[0], ready)).await.unwrap());
        assert!(person.settle_held(settlement(&list[1], Settle::Done)).await.unwrap());
        let claimed = spool.claim(at(3), 10).await.unwrap();
        assert_eq!(claimed[0].1[0].waiver, Some(waiver));
        assert!(claimed[0].1[0].edits.is_empty());
        let verified = journal::verify(&fresh.db).await.unwrap();
        assert_eq!((verified.lines, verified.broken), (2, vec![]));
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_edited_is_held_without_a_rule_but_not_without_a_word() {
    on_both(async |fresh| {
        let spool = open(fresh, "a").await;
        let one = message(b"x");
        let list = vec![delivery(&one, "b", State::Claimed)];
        let list = spool.keep(one.clone(), list, vec![]).await.unwrap();
        let hold = Settle::Hold(Hold::Unedited(CannotEdit::NoText));
        assert!(settled(&spool, settlement(&list[0], hold)).await);
        let (_, held) = spool.show(list[0].id).await.unwrap().unwrap();
        assert_eq!((held.state, held.rule), (State::Held, None));
        assert_eq!(held.last, Some("cannot-edit: no-edit-no-text".to_owned()));
        let mute = Delivery { rule: None, ..delivery(&one, "c", State::Held) };
        assert!(spool.keep(message(b"y"), vec![mute], vec![]).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn a_node_that_starts_anew_gets_back_what_it_had_claimed() {
    on_both(async |fresh| {
        let killed = open(fresh, "a").await;
        let one = message(b"x");
        let list = vec![delivery(&one, "b", State::Claimed)];
        killed.keep(one, list, vec![]).await.unwrap();
        drop(killed);
        let again = open(fresh, "a").await;
        assert_eq!(again.claim(at(0), 10).await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn two_relays_on_one_postgres_claim_disjointly_and_the_dead_one_is_rescued() {
    let fresh = Fresh::postgres().await;
    let other = Db::open(&fresh.url).await.unwrap();
    let a = open(&fresh, "a").await;
    let b = Spool::open(other, &secret(), "b", at(0)).await.unwrap();
    for _ in 0..40 {
        let one = message(b"x");
        let list = vec![delivery(&one, "b", State::Ready)];
        a.keep(one, list, vec![]).await.unwrap();
    }
    let mut seen = BTreeSet::new();
    loop {
        let (left, right) = tokio::join!(a.claim(at(0), 3), b.claim(at(0), 3));
        let both: Vec<_> = left.unwrap().into_iter().chain(right.unwrap()).collect();
        if both.is_empty() {
            break;
        }
        for (_, list) in both {
            assert!(list.iter().all(|one| seen.insert(one.id)), "claimed twice");
        }
    }
    assert_eq!(seen.len(), 40);
    assert_eq!(b.rescue(at(1)).await.unwrap(), 0, "both are alive");
    let later = at(0) + LEASE;
    let freed = b.rescue(later).await.unwrap();
    assert!(freed > 0 && freed < 40, "what a had, and nothing of b's: {freed}");
}

/// A commit that was under way when its relay was killed, and came through after the next one started.
#[tokio::test]
async fn what_a_killed_relay_kept_last_is_claimed_soon_and_not_with_the_next_start() {
    on_both(async |fresh| {
        let spool = open(fresh, "a").await;
        let one = message(b"x");
        let list = vec![delivery(&one, "b", State::Claimed)];
        let kept = spool.keep(one, list, vec![]).await.unwrap();
        let mut tx = fresh.db.begin().await.unwrap();
        let sql = "UPDATE delivery SET node = $1 WHERE id = $2";
        tx.run(sql, vec![uuid(uuid::Uuid::now_v7()), uuid(kept[0].id)]).await.unwrap();
        tx.commit().await.unwrap();
        assert!(spool.claim(at(1), 10).await.unwrap().is_empty());
        assert_eq!(spool.rescue(at(1)).await.unwrap(), 1);
        assert_eq!(spool.claim(at(1), 10).await.unwrap().len(), 1);
        assert_eq!(spool.rescue(at(2)).await.unwrap(), 0, "it is ours");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_relays_that_finish_a_message_together_leave_none_behind() {
    let fresh = Fresh::postgres().await;
    let a = open(&fresh, "a").await;
    let b = Spool::open(Db::open(&fresh.url).await.unwrap(), &secret(), "b", at(0)).await.unwrap();
    for _ in 0..50 {
        let mut as_own = Vec::new();
        for _ in 0..4 {
            let one = message(b"x");
            let list = vec![delivery(&one, "b", State::Claimed), delivery(&one, "c", State::Ready)];
            as_own.extend(a.keep(one, list, vec![]).await.unwrap().into_iter().next());
        }
        let claimed = b.claim(at(0), 4).await.unwrap();
        let bs_own = claimed.into_iter().flat_map(|(_, list)| list).collect();
        tokio::join!(finish_all(&a, as_own), finish_all(&b, bs_own));
    }
    assert_eq!(count(&fresh.db, "delivery").await, 0);
    assert_eq!(count(&fresh.db, "message").await, 0);
}

async fn finish_all(spool: &Spool, list: Vec<Delivery>) {
    let all = list.iter().map(|one| Box::pin(settled(spool, settlement(one, Settle::Done))));
    assert!(!join(all.collect()).await.contains(&false));
}

#[tokio::test]
async fn a_second_relay_of_the_same_name_is_refused() {
    let fresh = Fresh::postgres().await;
    let _first = open(&fresh, "a").await;
    let second = Spool::open(Db::open(&fresh.url).await.unwrap(), &secret(), "a", at(0)).await;
    assert!(second.unwrap_err().to_string().contains("another relay called `a`"));
}

#[tokio::test]
async fn a_bad_job_fails_alone() {
    on_both(async |fresh| {
        let spool = open(fresh, "a").await;
        let taken = message(b"x");
        spool.keep(taken.clone(), vec![], vec![]).await.unwrap();
        let good: Vec<_> = (0..20).map(|_| message(b"y")).collect();
        let mut all: Vec<_> =
            good.iter().map(|one| spool.keep(one.clone(), vec![], vec![])).collect();
        all.insert(10, spool.keep(taken, vec![], vec![event(Kind::Decided, None)]));
        let handles: Vec<_> = all.into_iter().map(Box::pin).collect();
        let mut failed = Vec::new();
        for (at, done) in join(handles).await.into_iter().enumerate() {
            if done.is_err() {
                failed.push(at);
            }
        }
        assert_eq!(failed, [10]);
        assert_eq!(count(&fresh.db, "message").await, 21);
        assert_eq!(count(&fresh.db, "journal").await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_chain_that_moved_fails_the_group_and_is_looked_at_again() {
    on_both(async |fresh| {
        let spool = open(fresh, "a").await;
        let note = || vec![event(Kind::Operator, None)];
        spool.note(note()).await.unwrap();
        let mut tx = fresh.db.begin().await.unwrap();
        tx.run("UPDATE chain SET head_seq = head_seq + 5", vec![]).await.unwrap();
        tx.commit().await.unwrap();
        let one = message(b"x");
        let list = vec![delivery(&one, "b", State::Claimed)];
        assert!(spool.keep(one, list, note()).await.is_err());
        assert_eq!(count(&fresh.db, "message").await, 0);
        assert_eq!(count(&fresh.db, "delivery").await, 0);
        spool.note(note()).await.unwrap();
        assert_eq!(count(&fresh.db, "journal").await, 2);
    })
    .await;
}

/// Polls all of them together, so that they meet in one group.
async fn join<F: Future + Unpin>(mut all: Vec<F>) -> Vec<F::Output> {
    let mut done: Vec<Option<F::Output>> = all.iter().map(|_| None).collect();
    std::future::poll_fn(move |cx| {
        for (one, done) in all.iter_mut().zip(&mut done) {
            if done.is_none()
                && let std::task::Poll::Ready(value) = std::pin::Pin::new(one).poll(cx)
            {
                *done = Some(value);
            }
        }
        if done.iter().all(Option::is_some) {
            std::task::Poll::Ready(done.iter_mut().map(|one| one.take().unwrap()).collect())
        } else {
            std::task::Poll::Pending
        }
    })
    .await
}

#[tokio::test]
async fn a_stopped_postgres_is_unavailable_and_heals_without_a_restart() {
    let cluster = Cluster::start();
    let db = Db::open(&cluster.create("stopped")).await.unwrap();
    let spool = Spool::open(db.clone(), &secret(), "a", at(0)).await.unwrap();
    let one = message(b"x");
    let list = vec![delivery(&one, "b", State::Ready)];
    spool.keep(one, list, vec![]).await.unwrap();
    let kept = message(b"s");
    let list = spool.keep(kept.clone(), vec![delivery(&kept, "b", State::Claimed)], vec![]);
    let list = list.await.unwrap();
    cluster.stop();
    let (heard, mut hears) = tokio::sync::oneshot::channel();
    spool.settle(settlement(&list[0], Settle::Done), |applied| heard.send(applied).unwrap());
    assert!(spool.keep(message(b"y"), vec![], vec![]).await.is_err());
    assert!(hears.try_recv().is_err(), "it is tried again");
    assert!(spool.claim(at(0), 1).await.is_err());
    assert!(spool.rescue(at(1)).await.is_err());
    cluster.go();
    spool.keep(message(b"z"), vec![], vec![]).await.unwrap();
    spool.rescue(at(1)).await.unwrap();
    assert_eq!(spool.claim(at(0), 10).await.unwrap().len(), 1);
    assert!(hears.await.unwrap(), "and settled then");
    assert_eq!(count(&db, "message").await, 2);
}
