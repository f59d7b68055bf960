//! What too many call spam is paused: once, until a person resumes it, and again only for what comes
//! after.

use outside::store::on_both;
use relay::{
    complaints::{Watch, shares},
    config::Complained,
    decisions::Indexer,
    journal::{Event, Kind},
    seal::AddressKey,
    spool::{What, Which},
};
use serde_json::json;
use uuid::Uuid;

use crate::{decisions::spool, make::at};

const HOUR: i64 = 3_600;
const LIMIT: Complained = Complained { share: 1_000, days: 7, least: 2 };

fn lines(kind: Kind, hour: i64, stream: &str, count: u64) -> Vec<Event> {
    let one = |_| Event {
        id: Uuid::now_v7(),
        at: at(hour * HOUR),
        kind,
        message: Some(Uuid::now_v7()),
        delivery: None,
        recipient: Some(AddressKey([1; 32])),
        detail: json!({ "stream": stream, "login": "shop" }).into(),
    };
    (0..count).map(one).collect()
}

#[tokio::test]
async fn too_many_complaints_pause_a_stream_of_a_login_until_a_person_resumes_it() {
    on_both(async |fresh| {
        let spool = spool(fresh).await;
        let indexer = Indexer::new(fresh.db.clone(), "one");
        let watch = Watch::new(fresh.db.clone(), spool.clone(), "one");
        let note = async |lines: Vec<Event>| {
            spool.note(lines).await.unwrap();
            while indexer.tick(at(0)).await.unwrap().lines > 0 {}
        };
        let pauses = async |hour: i64| -> Vec<Option<String>> {
            let given = watch.tick(at(hour * HOUR), LIMIT).await.unwrap();
            given.into_iter().map(|(order, _)| order.which.stream).collect()
        };
        note(lines(Kind::Delivered, 1, "news", 200)).await;
        note(lines(Kind::Delivered, 1, "orders", 200)).await;
        note(lines(Kind::Complained, 2, "news", 1)).await;
        note(lines(Kind::Complained, 2, "orders", 1)).await;
        assert_eq!(pauses(2).await, [], "one alone says nothing");
        note(lines(Kind::Complained, 3, "news", 1)).await;
        assert_eq!(pauses(3).await, [Some("news".to_owned())], "2 of 200 are one of a hundred");
        let live = spool.orders().await.unwrap();
        let [pause] = live.as_slice() else { panic!("one pause: {live:?}") };
        let login = Some("shop".to_owned());
        let news = Which { stream: Some("news".into()), login, ..Which::default() };
        assert_eq!((pause.what, &pause.which), (What::Pause, &news));
        assert_eq!(pause.why, "complaint-limit: 2/200");
        note(lines(Kind::Complained, 4, "news", 5)).await;
        assert_eq!(pauses(4).await, [], "it is paused");
        let other = Watch::new(fresh.db.clone(), spool.clone(), "one");
        assert_eq!(other.tick(at(4 * HOUR), LIMIT).await.unwrap().len(), 0);
        spool.end_order(at(5 * HOUR), pause.id).await.unwrap();
        assert_eq!(pauses(5).await, [], "a person looked at these");
        note(lines(Kind::Delivered, 6, "news", 100)).await;
        note(lines(Kind::Complained, 6, "news", 1)).await;
        assert_eq!(pauses(6).await, []);
        note(lines(Kind::Complained, 7, "news", 1)).await;
        assert_eq!(pauses(7).await, [Some("news".to_owned())], "and these are new");
        // Whatever there was before is over after the days that count.
        let late = 8 * 24;
        assert_eq!(pauses(late).await, []);
        let none = shares(&fresh.db, at((late - 24) * HOUR), at(late * HOUR)).await.unwrap();
        assert_eq!(none, []);
    })
    .await;
}
