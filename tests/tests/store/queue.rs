//! The queue by domain, and orders about it.

use std::{collections::BTreeSet, sync::Arc};

use outside::store::{Fresh, on_both};
use relay::{
    db::{int, uuid},
    smtp::envelope::Path,
    spool::{
        Asked, Delivery, How, Message, Order, Settle, Settlement, Spool, Stand, State, What, Which,
    },
};
use uuid::Uuid;

use crate::make::{at, delivery, message, secret};

async fn open(fresh: &Fresh, node: &str) -> Spool {
    Spool::open(fresh.db.clone(), &secret(), node, at(0)).await.unwrap()
}

fn to(message: &Message, domain: &str, state: State) -> Delivery {
    let mut one = delivery(message, "jana", state);
    one.recipient.path = Path { local: "jana".into(), domain: domain.into() };
    one
}

async fn keep(spool: &Spool, login: &str, domains: &[&str], state: State) -> Vec<Delivery> {
    let mut one = message(b"Subject: x\r\n\r\nbody\r\n");
    Arc::make_mut(&mut one).login = login.to_owned();
    let list = domains.iter().map(|domain| to(&one, domain, state)).collect();
    spool.keep(one, list, vec![]).await.unwrap()
}

fn on(domain: &str) -> Which {
    Which { domain: Some(domain.to_owned()), ..Which::default() }
}

async fn give(spool: &Spool, what: What, which: Which) -> Order {
    spool
        .give(at(1), (what, which), ("staff/x", "server is down"), How::default())
        .await
        .unwrap()
        .unwrap()
}

/// What the worker does with what it may not try.
async fn aside(spool: &Spool, one: &Delivery, pause: Uuid) {
    spool.settle(Settlement::bare(one.id, one.message, Settle::Aside { pause }), drop);
    spool.note(vec![]).await.unwrap();
}

async fn stands(spool: &Spool, now: i64, domain: &str) -> Vec<u64> {
    let asked = Asked { which: on(domain), ..Asked::default() };
    let sums = spool.sums(at(now), &asked).await.unwrap();
    Stand::ALL.into_iter().map(|stand| sums.of(stand)).collect()
}

#[tokio::test]
async fn the_queue_is_seen_by_domain_and_one_by_one() {
    on_both(async |fresh| {
        let spool = open(fresh, "a").await;
        keep(&spool, "shop", &["a.cz", "A.CZ", "příklad.cz"], State::Ready).await;
        keep(&spool, "erp", &["a.cz"], State::Held).await;
        let tried = keep(&spool, "shop", &["b.cz"], State::Claimed).await;
        let later = Settle::Later { due_at: at(60), last: "451 4.7.1 grey".into() };
        spool.settle(crate::make::settlement(&tried[0], later), drop);
        keep(&spool, "shop", &["b.cz"], State::Claimed).await;
        let (sums, groups) = spool.groups(at(5), &Asked::default(), None, 10).await.unwrap();
        let names: Vec<_> = groups.iter().map(|one| one.domain.as_deref().unwrap()).collect();
        assert_eq!(names, ["a.cz", "b.cz", "xn--pklad-zsa96e.cz"]);
        let b = &groups[1];
        assert_eq!((b.oldest, b.next, b.attempts), (Some(at(0)), Some(at(60)), 1));
        assert_eq!(b.last, Some((at(1), "451 4.7.1 grey".to_owned())));
        assert_eq!(stands(&spool, 5, "a.cz").await, [2, 0, 0, 0, 1]);
        assert_eq!(stands(&spool, 5, "b.cz").await, [0, 1, 0, 1, 0]);
        assert_eq!(stands(&spool, 60, "B.cz").await, [1, 0, 0, 1, 0]);
        assert_eq!(stands(&spool, 5, "příklad.cz").await, [1, 0, 0, 0, 0]);

        let all = [(Stand::Due, 3), (Stand::Waiting, 1), (Stand::Claimed, 1), (Stand::Held, 1)];
        assert!(all.iter().all(|(stand, count)| sums.of(*stand) == *count), "{sums:?}");

        let behind = Some(groups[0].place);
        let (second_sums, second) =
            spool.groups(at(5), &Asked::default(), behind, 1).await.unwrap();
        assert_eq!(second_sums, sums, "of all pages");
        assert_eq!(second[0].domain.as_deref(), Some("b.cz"), "pages go on");
        let last = spool.groups(at(5), &Asked::default(), Some((0, 0)), 1).await.unwrap();
        assert_eq!((last.0, last.1.len()), (sums, 0), "and behind the last of them");
        let of = |asked| async move { (open_each(&spool_of(fresh), &asked).await).len() };
        let erp = Which { login: Some("erp".into()), ..Which::default() };
        assert_eq!(of(Asked { which: erp, ..Asked::default() }).await, 1);
        assert_eq!(of(Asked { stand: Some(Stand::Held), ..Asked::default() }).await, 1);
        assert_eq!(of(Asked { which: on("b.cz"), ..Asked::default() }).await, 2);
        let own = |streams: &[&str], logins: &[&str]| Asked {
            scope: Some((
                streams.iter().map(|one| (*one).to_owned()).collect(),
                logins.iter().map(|one| (*one).to_owned()).collect(),
            )),
            ..Asked::default()
        };
        assert_eq!(of(own(&[], &["erp"])).await, 1);
        assert_eq!(of(own(&["news"], &[])).await, 6);
        assert_eq!(of(own(&[], &[])).await, 0, "who may see nothing sees nothing");
    })
    .await;
}

fn spool_of(fresh: &Fresh) -> Spool {
    Spool::visit(fresh.db.clone(), &secret(), "cli/test").unwrap()
}

async fn open_each(spool: &Spool, asked: &Asked) -> Vec<Uuid> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        // Small pages: nothing is left out or comes twice.
        let page = spool.each(at(5), asked, after, 2).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.delivery.id);
        all.extend(page.iter().map(|one| one.delivery.id));
    }
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
    all
}

#[tokio::test]
async fn a_pause_outlives_a_restart_and_holds_for_every_node() {
    on_both(async |fresh| {
        let spool = open(fresh, "a").await;
        let order = give(&spool, What::Pause, on("Slow.cz")).await;
        drop(spool);
        let spool = open(fresh, "a").await;
        let (orders, _) = spool.tend_orders(at(2)).await.unwrap();
        let [found] = orders.as_slice() else { panic!("{orders:?}") };
        assert_eq!(
            (found.id, found.by.as_str(), found.why.as_str()),
            (order.id, "staff/x", "server is down")
        );
        assert!(found.which.holds(Uuid::nil(), "slow.cz", "news", "shop"));
        assert!(!found.which.holds(Uuid::nil(), "fast.cz", "news", "shop"));
        let row = "SELECT id FROM queue_order WHERE domain IS NULL OR domain = 0";
        let rows = fresh.db.read().await.unwrap().rows(row, vec![]).await.unwrap();
        assert!(rows.is_empty(), "its domain stands there as a hash");
    })
    .await;
}

#[tokio::test]
async fn what_is_paused_blocks_no_other_and_goes_on_when_the_pause_ends() {
    on_both(async |fresh| {
        let spool = open(fresh, "a").await;
        let order = give(&spool, What::Pause, on("slow.cz")).await;
        for _ in 0..3 {
            keep(&spool, "shop", &["slow.cz", "slow.cz"], State::Ready).await;
        }
        for (_, list) in spool.claim(at(2), 100).await.unwrap() {
            for one in &list {
                aside(&spool, one, order.id).await;
            }
        }
        keep(&spool, "shop", &["fast.cz"], State::Ready).await;
        assert_eq!(stands(&spool, 2, "slow.cz").await, [0, 0, 6, 0, 0]);
        let claimed = spool.claim(at(500), 1).await.unwrap();
        assert_eq!(claimed[0].1[0].recipient.path.domain, "fast.cz", "nothing stands before it");
        assert!(spool.claim(at(999), 10).await.unwrap().is_empty());
        let due = spool.claim(at(1000), 1).await.unwrap();
        assert_eq!(due[0].1[0].attempts, 0, "it expires all the same, and was never tried");

        assert!(spool.end_order(at(1001), order.id).await.unwrap());
        assert!(!spool.end_order(at(1001), order.id).await.unwrap(), "once");
        let (orders, _) = spool.tend_orders(at(1002)).await.unwrap();
        assert!(orders.is_empty());
        assert_eq!(stands(&spool, 1002, "slow.cz").await, [5, 0, 0, 1, 0]);
    })
    .await;
}

#[tokio::test]
async fn a_pause_ends_by_itself_when_its_time_is_over_or_its_delivery_gone() {
    on_both(async |fresh| {
        let spool = open(fresh, "a").await;
        let list = keep(&spool, "shop", &["a.cz", "b.cz"], State::Claimed).await;
        let until = How { until: Some(at(100)), route: None };
        let all = (What::Pause, Which::default());
        let timed = spool.give(at(1), all, ("x", ""), until).await.unwrap().unwrap();
        let one = Which { delivery: Some(list[1].id), ..Which::default() };
        give(&spool, What::Pause, one).await;
        aside(&spool, &list[0], timed.id).await;
        assert_eq!(spool.tend_orders(at(99)).await.unwrap().0.len(), 2);
        assert_eq!(stands(&spool, 99, "a.cz").await, [0, 0, 1, 0, 0]);
        spool.settle(crate::make::settlement(&list[1], Settle::Done), drop);
        spool.note(vec![]).await.unwrap();
        assert_eq!(spool.tend_orders(at(99)).await.unwrap().0.len(), 1, "its delivery is gone");
        assert!(spool.tend_orders(at(100)).await.unwrap().0.is_empty());
        assert_eq!(stands(&spool, 100, "a.cz").await, [1, 0, 0, 0, 0]);
        assert_eq!(spool.past_orders(10).await.unwrap().len(), 2);
        assert_eq!(spool.forget_orders(at(100)).await.unwrap(), 0, "kept for those who ask");
    })
    .await;
}

#[tokio::test]
async fn a_retry_makes_each_due_once_and_leaves_what_is_paused() {
    on_both(async |fresh| {
        let spool = open(fresh, "a").await;
        let pause = give(&spool, What::Pause, on("slow.cz")).await;
        let list = keep(&spool, "shop", &["slow.cz", "a.cz", "b.cz"], State::Claimed).await;
        aside(&spool, &list[0], pause.id).await;
        for one in &list[1..] {
            let later = Settle::Later { due_at: at(500), last: "no".into() };
            spool.settle(crate::make::settlement(one, later), drop);
        }
        spool.note(vec![]).await.unwrap();
        let order = give(&spool, What::Retry, Which::default()).await;
        keep(&spool, "shop", &["late.cz"], State::Ready).await;
        let person = spool_of(fresh);
        let step = person.carry_out(at(2), &order).await.unwrap();
        assert_eq!((step.due, step.more), (2, true), "the command line may do it, too");
        let claimed = spool.claim(at(2), 10).await.unwrap();
        let failed = claimed.iter().flat_map(|(_, list)| list).filter(|one| one.id != list[0].id);
        for one in failed {
            let later = Settle::Later { due_at: at(900), last: "no".into() };
            spool.settle(crate::make::settlement(one, later), drop);
        }
        spool.note(vec![]).await.unwrap();
        let step = spool.carry_out(at(3), &order).await.unwrap();
        assert_eq!((step.due, step.more), (0, false), "no second time");
        let past = spool.past_orders(10).await.unwrap();
        assert_eq!((past[0].id, past[0].done), (order.id, 2));
    })
    .await;
}

#[tokio::test]
async fn a_bounce_takes_what_waits_and_what_a_dead_relay_had_begun_with() {
    on_both(async |fresh| {
        let spool = open(fresh, "a").await;
        let pause = give(&spool, What::Pause, on("dead.cz")).await;
        let list =
            keep(&spool, "shop", &["dead.cz", "dead.cz", "dead.cz", "a.cz"], State::Claimed).await;
        aside(&spool, &list[0], pause.id).await;
        let later = Settle::Later { due_at: at(500), last: "no".into() };
        spool.settle(crate::make::settlement(&list[1], later), drop);
        spool.note(vec![]).await.unwrap();
        let order = give(&spool, What::Bounce, on("dead.cz")).await;
        let late = keep(&spool, "shop", &["dead.cz"], State::Ready).await;
        let taken = spool.carry_out(at(2), &order).await.unwrap().claimed;
        let ids = |taken: &[(Arc<Message>, Vec<Delivery>)]| -> BTreeSet<Uuid> {
            taken.iter().flat_map(|(_, list)| list).map(|one| one.id).collect()
        };
        assert_eq!(taken.len(), 1, "one message, so one report");
        assert_eq!(ids(&taken), BTreeSet::from([list[0].id, list[1].id]), "not what is on its way");
        // It dies; the next one goes on.
        drop(spool);
        let spool = open(fresh, "a").await;
        let mut again = BTreeSet::new();
        while let step = spool.carry_out(at(3), &order).await.unwrap()
            && step.more
        {
            again.extend(ids(&step.claimed));
            for one in step.claimed.iter().flat_map(|(_, list)| list) {
                spool.settle(Settlement::bare(one.id, one.message, Settle::Done), drop);
            }
            spool.note(vec![]).await.unwrap();
        }
        let mine: BTreeSet<Uuid> = list[..3].iter().map(|one| one.id).collect();
        assert_eq!(again, mine, "and what failed meanwhile");
        assert!(spool.show(list[3].id).await.unwrap().is_some(), "the others stay");
        assert!(spool.show(late[0].id).await.unwrap().is_some(), "and what came after the order");
    })
    .await;
}

/// Due when nothing was due before.
async fn later(spool: &Spool, one: &Delivery, due: i64) {
    let later = Settle::Later { due_at: at(due), last: "no".into() };
    spool.settle(crate::make::settlement(one, later), drop);
    spool.note(vec![]).await.unwrap();
}

#[tokio::test]
async fn a_rebind_sends_what_waits_by_a_route_and_what_was_under_way_at_its_next_attempt() {
    on_both(async |fresh| {
        let spool = open(fresh, "a").await;
        let route = async |one: &Delivery| {
            let (_, found) = spool.show(one.id).await.unwrap().unwrap();
            (found.route, found.due_at)
        };
        let pause = give(&spool, What::Pause, on("paused.cz")).await;
        let domains = ["slow.cz", "slow.cz", "paused.cz", "a.cz"];
        let list = keep(&spool, "shop", &domains, State::Claimed).await;
        later(&spool, &list[0], 500).await;
        aside(&spool, &list[2], pause.id).await;
        later(&spool, &list[3], 500).await;
        let to = |route: Option<&str>| How { until: None, route: route.map(str::to_owned) };
        let by = ("staff/x", "provider is down");
        for domain in ["slow.cz", "paused.cz"] {
            let what = (What::Rebind, on(domain));
            spool.give(at(1), what, by, to(Some("backup"))).await.unwrap().unwrap();
        }
        let late = keep(&spool, "shop", &["slow.cz"], State::Ready).await;
        let orders = spool.tend_orders(at(2)).await.unwrap().0;
        let [_, slow, paused] = orders.as_slice() else { panic!("{orders:?}") };
        assert_eq!(slow.how.route.as_deref(), Some("backup"));
        assert_eq!(slow.detail(1)["route"], "backup");
        let step = spool.carry_out(at(2), slow).await.unwrap();
        assert_eq!((step.due, step.more), (1, true));
        assert_eq!(route(&list[0]).await, (Some("backup".into()), at(2)), "due at once");
        let step = spool.carry_out(at(3), slow).await.unwrap();
        assert_eq!((step.due, step.more), (0, true), "one is under way still");
        later(&spool, &list[1], 500).await;
        while spool.carry_out(at(4), slow).await.unwrap().more {}
        assert_eq!(route(&list[1]).await, (Some("backup".into()), at(4)));
        assert_eq!(route(&late[0]).await.0, None, "it came after the order");
        assert_eq!(route(&list[3]).await, (None, at(500)), "it is another domain's");
        while spool.carry_out(at(5), paused).await.unwrap().more {}
        let expires = at(1000);
        assert_eq!(route(&list[2]).await, (Some("backup".into()), expires), "it stays paused");
        assert_eq!(spool.ordered_routes().await.unwrap(), ["backup"]);

        let all = (What::Rebind, Which::default());
        let back = spool.give(at(6), all, by, to(None)).await.unwrap().unwrap();
        while spool.carry_out(at(6), &back).await.unwrap().more {}
        assert!(spool.ordered_routes().await.unwrap().is_empty());
        let past = spool.past_orders(10).await.unwrap();
        assert_eq!((past[0].id, past[0].done, &past[0].how), (back.id, 3, &to(None)));
    })
    .await;
}

#[tokio::test]
async fn a_rebind_ends_where_what_was_under_way_has_left() {
    on_both(async |fresh| {
        let spool = open(fresh, "a").await;
        let list = keep(&spool, "shop", &["a.cz"], State::Claimed).await;
        let how = How { until: None, route: Some("backup".into()) };
        let what = (What::Rebind, on("a.cz"));
        let order = spool.give(at(1), what, ("x", ""), how).await.unwrap().unwrap();
        assert!(spool.carry_out(at(2), &order).await.unwrap().more);
        spool.settle(crate::make::settlement(&list[0], Settle::Done), drop);
        spool.note(vec![]).await.unwrap();
        assert!(!spool.carry_out(at(3), &order).await.unwrap().more);
        assert_eq!(spool.past_orders(1).await.unwrap()[0].done, 0);
    })
    .await;
}

#[tokio::test]
async fn what_an_earlier_release_kept_is_found_by_its_domain_after_a_while() {
    on_both(async |fresh| {
        let spool = open(fresh, "a").await;
        let list = keep(&spool, "shop", &["a.cz", "b.cz"], State::Ready).await;
        let mut tx = fresh.db.begin().await.unwrap();
        tx.run("UPDATE delivery SET domain = 0", vec![]).await.unwrap();
        let sql = "UPDATE delivery SET recipient = $2 WHERE id = $1";
        let args = vec![uuid(list[1].id), relay::db::Arg::bytes(vec![1, 2, 3])];
        tx.run(sql, args).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(stands(&spool, 5, "a.cz").await, [0; 5]);
        assert!(spool.tend_orders(at(2)).await.unwrap().1, "it looks once more");
        assert!(!spool.tend_orders(at(2)).await.unwrap().1);
        assert_eq!(stands(&spool, 5, "a.cz").await, [1, 0, 0, 0, 0]);
        let sql = "SELECT COUNT(*) FROM delivery WHERE domain = $1";
        let rows = fresh.db.read().await.unwrap().rows(sql, vec![int(1)]).await.unwrap();
        assert_eq!(rows[0].int(0).unwrap(), 1, "what cannot be read keeps nobody");
    })
    .await;
}
