//! Addresses that return messages: from the journal's lines to the standing that rules see.

use jiff::{SignedDuration, Timestamp};
use outside::store::on_both;
use relay::{
    consent::Consent,
    journal::{Event, Kind},
    reach::Follower,
    seal::AddressKey,
    spool::Spool,
};
use serde_json::json;
use uuid::Uuid;

use crate::{
    consent::{ask, proof, standing, store, who, yes},
    decisions::verdict,
    make::{at, secret},
};

fn day(number: i64) -> Timestamp {
    at(0) + SignedDuration::from_hours(24 * number)
}

/// Somebody known to the store, and messages to them that came back.
struct Scene {
    consent: Consent,
    spool: Spool,
    follower: Follower,
    key: AddressKey,
}

impl Scene {
    async fn open(db: &relay::db::Db) -> Self {
        let consent = store(db).await;
        let zone = jiff::tz::TimeZone::UTC;
        let grant = yes("news", day(0));
        consent.grant(day(0), &zone, &who("a@b.cz"), &grant, &proof(0)).await.unwrap();
        let key = ask(&consent).key("shop", &policy::Address::parse("a@b.cz").unwrap());
        Self {
            spool: Spool::visit(db.clone(), &secret(), "cli/test").unwrap(),
            follower: Follower::new(db.clone(), consent.clone(), "one"),
            consent,
            key,
        }
    }

    /// One message, and what became of it.
    async fn returned(&self, on: i64, kind: Kind, class: &str) {
        let message = Some(Uuid::now_v7());
        let line = |kind, detail: serde_json::Value| Event {
            id: Uuid::now_v7(),
            at: day(on),
            kind,
            message,
            delivery: None,
            recipient: Some(self.key),
            detail: detail.into(),
        };
        let mut verdict = verdict("news", "commercial", "send", None);
        verdict["facts"]["controller"] = "shop".into();
        let came = line(Kind::Decided, verdict);
        let detail = json!({ "class": class, "status": "5.0.0" });
        self.spool.note(vec![came, line(kind, detail)]).await.unwrap();
        while self.follower.tick(day(on)).await.unwrap() {}
    }

    async fn since(&self) -> Option<Timestamp> {
        standing(&ask(&self.consent), "a@b.cz").await.undeliverable_since
    }
}

#[tokio::test]
async fn one_hard_bounce_is_enough_and_what_says_nothing_of_the_address_is_none() {
    on_both(async |fresh| {
        let scene = Scene::open(&fresh.db).await;
        for class in ["policy", "reputation", "content", "greylisted", "throttled", "too-large"] {
            scene.returned(1, Kind::Bounced, class).await;
        }
        scene.returned(1, Kind::Delivered, "hard").await;
        assert_eq!(scene.since().await, None);
        scene.returned(2, Kind::Bounced, "hard").await;
        assert_eq!(scene.since().await, Some(day(2)));
        // Said again later, it holds from then on.
        scene.returned(5, Kind::Bounced, "hard").await;
        assert_eq!(scene.since().await, Some(day(5)));
    })
    .await;
}

#[tokio::test]
async fn soft_ones_count_when_three_messages_come_back_within_a_season() {
    on_both(async |fresh| {
        let scene = Scene::open(&fresh.db).await;
        scene.returned(1, Kind::Bounced, "full").await;
        scene.returned(80, Kind::Expired, "soft").await;
        assert_eq!(scene.since().await, None);
        // The first is long ago by now.
        scene.returned(100, Kind::Bounced, "full").await;
        assert_eq!(scene.since().await, None);
        scene.returned(101, Kind::Bounced, "undecided").await;
        assert_eq!(scene.since().await, None);
        scene.returned(110, Kind::Expired, "full").await;
        assert_eq!(scene.since().await, Some(day(110)));
    })
    .await;
}

#[tokio::test]
async fn a_line_seen_twice_and_a_stranger_leave_no_trace() {
    on_both(async |fresh| {
        let scene = Scene::open(&fresh.db).await;
        scene.returned(1, Kind::Bounced, "full").await;
        let again = async || {
            let mut tx = fresh.db.begin().await.unwrap();
            let sql = "UPDATE job SET state = '{}' WHERE name = 'reach/follow'";
            tx.run(sql, vec![]).await.unwrap();
            tx.commit().await.unwrap();
            while scene.follower.tick(day(1)).await.unwrap() {}
        };
        again().await;
        again().await;
        assert_eq!(scene.since().await, None, "one message is one bounce");
        let Scene { consent, spool, follower, .. } = &scene;
        let stranger = Scene {
            key: AddressKey([3; 32]),
            consent: consent.clone(),
            spool: spool.clone(),
            follower: follower.clone(),
        };
        stranger.returned(2, Kind::Bounced, "hard").await;
        assert!(scene.consent.contact(&who("x@b.cz")).await.unwrap().is_none());
        assert_eq!(scene.since().await, None);
    })
    .await;
}
