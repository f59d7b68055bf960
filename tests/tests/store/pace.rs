//! What relays that share a database know together of their pace.

use outside::store::{Fresh, on_both};
use relay::{
    db::Db,
    delivery::pace::{Lane, Limit, Pacer},
    spool::{Paces, Slowed, Spool},
};

use crate::make::{at, secret};

async fn open(db: &Db, name: &str) -> (Spool, Paces) {
    let spool = Spool::open(db.clone(), &secret(), name, at(0)).await.unwrap();
    let paces = spool.paces().unwrap();
    (spool, paces)
}

fn names(all: &[&str]) -> Vec<String> {
    all.iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn a_rates_mark_is_where_it_was_left() {
    on_both(async |fresh| {
        let (_spool, paces) = open(&fresh.db, "a").await;
        assert_eq!(paces.relays().await.unwrap(), 1, "alone");
        let both = names(&["z", "a"]);
        let first = paces.marks(&both, |marks| std::mem::replace(marks, vec![7, 9])).await.unwrap();
        assert_eq!(first, [0, 0]);
        let found = paces.marks(&names(&["a", "z", "m"]), |marks| marks.clone()).await.unwrap();
        assert_eq!(found, [9, 7, 0], "each by its name, whatever the order");
        // Marks are microseconds: both are long over.
        paces.forget(at(1)).await.unwrap();
        let found = paces.marks(&both, |marks| marks.clone()).await.unwrap();
        assert_eq!(found, [0, 0]);
    })
    .await;
}

#[tokio::test]
async fn connections_of_all_relays_count_together_until_their_relay_is_gone() {
    let fresh = Fresh::postgres().await;
    let beside = Db::open(&fresh.url).await.unwrap();
    let (first, of_first) = open(&beside, "a").await;
    let (_second, of_second) = open(&fresh.db, "b").await;
    assert_eq!((of_first.relays().await.unwrap(), of_second.relays().await.unwrap()), (2, 2));
    let wanted =
        |name: &str, own: u32| vec![("wide".to_owned(), 9, own), (name.to_owned(), 2, own)];
    assert!(of_first.open(&wanted("gmail", 0)).await.unwrap());
    assert!(of_second.open(&wanted("gmail", 0)).await.unwrap());
    assert!(!of_first.open(&wanted("gmail", 1)).await.unwrap(), "two are open");
    assert!(of_first.open(&wanted("seznam", 1)).await.unwrap(), "another provider");
    of_second.opened(&[("gmail".to_owned(), 0)]).await.unwrap();
    assert!(of_first.open(&wanted("gmail", 1)).await.unwrap());
    assert!(!of_second.open(&wanted("gmail", 0)).await.unwrap());
    // The first one dies with its connections, and starts again under its name.
    drop(first);
    beside.close().await;
    let (_again, of_again) = open(&fresh.db, "a").await;
    assert!(of_second.open(&wanted("gmail", 0)).await.unwrap());
    assert!(of_again.open(&wanted("gmail", 0)).await.unwrap());
}

#[tokio::test]
async fn who_asked_for_less_is_known_to_all_until_it_is_over() {
    on_both(async |fresh| {
        let (spool, paces) = open(&fresh.db, "a").await;
        let slowed = |provider: &str, level, second| Slowed {
            provider: provider.into(),
            source: String::new(),
            level,
            until: at(second + 60),
            at: at(second),
        };
        let changed = |one: &Slowed| (one.provider.clone(), one.source.clone(), Some(one.clone()));
        let (gmail, seznam) = (slowed("google.com", 1, 10), slowed("seznam.cz", 3, 10));
        paces.slow(&[changed(&gmail), changed(&seznam)]).await.unwrap();
        assert_eq!(spool.slowed().await.unwrap(), [seznam.clone(), gmail.clone()]);
        assert_eq!((gmail.times(), seznam.times()), (2, 8));
        // What another relay noted before changes nothing.
        paces.slow(&[changed(&slowed("google.com", 9, 5))]).await.unwrap();
        assert_eq!(paces.slowed().await.unwrap(), [seznam, gmail.clone()]);
        paces.slow(&[("seznam.cz".into(), String::new(), None)]).await.unwrap();
        assert_eq!(paces.slowed().await.unwrap(), [gmail]);
        paces.forget(at(71)).await.unwrap();
        assert!(paces.slowed().await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn relays_share_what_may_be_on_its_way_at_once() {
    let fresh = Fresh::postgres().await;
    let (_first, of_first) = open(&fresh.db, "a").await;
    let limit = |name: &str, is_own| Limit {
        name: name.into(),
        at_once: Some(5),
        is_own,
        ..Limit::default()
    };
    let pacer = |limit| Pacer::new(vec![limit], Some(of_first.clone()));
    let (all, own) = (pacer(limit("all", false)), pacer(limit("own", true)));
    let at_once = async |pacer: &Pacer| {
        pacer.follow(at(0)).await.unwrap();
        let terms = pacer.terms(&Lane::default());
        (0..9).map_while(|_| pacer.fly(&terms)).collect::<Vec<_>>().len()
    };
    assert_eq!((at_once(&all).await, at_once(&own).await), (5, 5));
    let (_second, _) = open(&fresh.db, "b").await;
    // Five for two: rather one too many than none for somebody.
    assert_eq!((at_once(&all).await, at_once(&own).await), (3, 5));
}
