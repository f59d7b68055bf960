//! What a webhook is told of people who are erased or fall silent, and how long that is kept.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use outside::{
    receiver::{Answers, Receiver},
    store::{Fresh, on_both},
};
use policy::{Address, Scope, Term};
use relay::{
    consent::{
        Consent, Erasure, Proof, Proven, Who,
        clock::{Clock, Terms},
    },
    rotation,
    webhook::{Event, NewWebhook, Webhook, Webhooks},
};
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::work::{grant, hooks, purpose};

async fn add(hooks: &Webhooks, to: &Receiver, events: &[Event], with_address: bool) -> Webhook {
    let (controller, url, events) = ("shop".to_owned(), to.url(), events.to_vec());
    let new = NewWebhook { controller, url, events, with_address };
    hooks.add(Timestamp::now(), &new).await.unwrap().0
}

fn who(number: usize) -> Who {
    Who::address("shop", Address::parse(&format!("a{number}@example.cz")).unwrap())
}

fn proof(now: Timestamp) -> Proof {
    Proof { actor: "test".into(), at: now, evidence: Value::Null }
}

async fn erase(consent: &Consent, number: usize) {
    let now = Timestamp::now();
    let proven = Proven { zone: TimeZone::UTC, kept_for: None };
    let erased = consent.erase(now, &who(number), Erasure::Delete, &proven, &proof(now)).await;
    erased.unwrap().expect("it was on record");
}

/// How many addresses are kept for webhooks.
async fn kept(fresh: &Fresh) -> i64 {
    let rows = fresh.db.read().await.unwrap().rows("SELECT COUNT(*) FROM farewell", vec![]).await;
    rows.unwrap()[0].int(0).unwrap()
}

async fn until_nothing_is_kept(fresh: &Fresh) {
    for _ in 0..1_000 {
        if kept(fresh).await == 0 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("an erased address is kept for nobody");
}

async fn told(receiver: &std::sync::Arc<Receiver>, count: usize) -> Vec<Value> {
    let own = std::sync::Arc::clone(receiver);
    let seen = tokio::task::spawn_blocking(move || own.wait_for(count)).await.unwrap();
    seen.iter().map(outside::receiver::Request::json).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_says_who_and_the_address_goes_when_it_was_told() {
    on_both(async |fresh| {
        let receiver = std::sync::Arc::new(Receiver::start(vec![Answers::Status(200)]));
        let blind = std::sync::Arc::new(Receiver::start(vec![Answers::Status(200)]));
        let (consent, hooks) = hooks(fresh, |_| {});
        purpose(&consent).await;
        for number in 0..3 {
            grant(&consent, number).await;
        }
        erase(&consent, 0).await;
        assert_eq!(kept(fresh).await, 0, "nobody is to be told");
        add(&hooks, &receiver, &[Event::Erased], true).await;
        add(&hooks, &blind, &[Event::Erased], false).await;
        let now = Timestamp::now();
        let no = consent.refuse(now, &who(1), &Scope::Everything, &proof(now)).await;
        no.unwrap();
        let keys: Vec<String> = {
            let lookup = consent.lookup(std::time::Duration::from_secs(5));
            let key = |number: usize| {
                let address = Address::parse(&format!("a{number}@example.cz")).unwrap();
                lookup.key("shop", &address).hex()
            };
            vec![key(1), key(2)]
        };
        erase(&consent, 1).await;
        erase(&consent, 2).await;
        assert_eq!(kept(fresh).await, 2);
        hooks.collect(Timestamp::now()).await.unwrap();
        assert_eq!(hooks.part(Timestamp::now()).await.unwrap(), 0, "they are on their way");
        // Sealed: nothing of it can be read, and the keys of the seal turn over.
        let used = rotation::used(&fresh.db).await.unwrap();
        assert!(used.values().sum::<u64>() >= 4, "{used:?}");
        let (stop, stopping) = watch::channel(false);
        let running = tokio::spawn(hooks.clone().run(stopping));
        let mut bodies = told(&receiver, 2).await;
        bodies.sort_by_key(|body| body["address"].to_string());
        for (body, number) in bodies.iter().zip([1, 2]) {
            assert_eq!(body["event"], "erased");
            assert_eq!(body["address"], format!("a{number}@example.cz"));
            assert_eq!(body["contact"], keys[number - 1], "as earlier events had it");
        }
        for body in told(&blind, 2).await {
            assert_eq!(body["address"], Value::Null);
            assert!(keys.iter().any(|key| body["contact"] == json!(key)));
        }
        until_nothing_is_kept(fresh).await;
        stop.send_replace(true);
        running.await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_never_takes_it_keeps_no_erased_address_for_ever() {
    on_both(async |fresh| {
        let receiver = Receiver::start(vec![Answers::Status(410)]);
        let (consent, hooks) = hooks(fresh, |_| {});
        purpose(&consent).await;
        grant(&consent, 1).await;
        let hook = add(&hooks, &receiver, &[Event::Erased], true).await;
        erase(&consent, 1).await;
        let (stop, stopping) = watch::channel(false);
        let running = tokio::spawn(hooks.clone().run(stopping));
        for _ in 0..1_000 {
            if hooks.find(hook.id).await.unwrap().unwrap().off.is_some() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        stop.send_replace(true);
        running.await.unwrap();
        // It may be resumed; but not for longer than anybody is waited for.
        assert_eq!(kept(fresh).await, 1);
        let later = |minutes| Timestamp::now() + SignedDuration::from_mins(minutes);
        assert_eq!(hooks.part(later(50)).await.unwrap(), 0);
        assert_eq!(hooks.part(later(70)).await.unwrap(), 1);
        assert_eq!(kept(fresh).await, 0);
        // One that is removed waits for nothing.
        grant(&consent, 2).await;
        erase(&consent, 2).await;
        assert_eq!(kept(fresh).await, 1);
        hooks.remove(hook.id).await.unwrap();
        assert_eq!(hooks.part(Timestamp::now()).await.unwrap(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_and_a_sign_of_life_are_told() {
    on_both(async |fresh| {
        let receiver = std::sync::Arc::new(Receiver::start(vec![Answers::Status(200)]));
        let (consent, hooks) = hooks(fresh, |_| {});
        purpose(&consent).await;
        grant(&consent, 1).await;
        add(&hooks, &receiver, &[Event::Inactive, Event::Reactivated], true).await;
        let (stop, stopping) = watch::channel(false);
        let running = tokio::spawn(hooks.clone().run(stopping));
        let terms = Terms {
            controller: "shop".into(),
            zone: TimeZone::UTC,
            max_inactive: Term::years(2),
            reactivate_within: Some(Term::days(60)),
            evidence_for: Term::years(4),
            purge_evidence: false,
            review_every: Term::years(1),
        };
        let clock = Clock::new(consent.clone(), "test");
        let tick = async |days: i64| {
            let now = Timestamp::now() + SignedDuration::from_hours(24 * days);
            while clock.tick(now, std::slice::from_ref(&terms)).await.unwrap().more {}
        };
        tick(740).await;
        let body = told(&receiver, 1).await.remove(0);
        assert_eq!(
            (&body["event"], &body["address"]),
            (&json!("inactive"), &json!("a1@example.cz"))
        );
        assert!(body["data"]["until"].is_string(), "{body}");
        let then = Timestamp::now() + SignedDuration::from_hours(24 * 750);
        let (kind, said) = (policy::Activity::Click, proof(then));
        consent.touch(then, &TimeZone::UTC, &who(1), kind, &said).await.unwrap();
        tick(751).await;
        let body = told(&receiver, 2).await.remove(1);
        assert_eq!((&body["event"], &body["purpose"]), (&json!("reactivated"), &Value::Null));
        stop.send_replace(true);
        running.await.unwrap();
    })
    .await;
}
