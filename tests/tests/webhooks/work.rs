//! Several relays on one database, and what time does to a webhook that takes nothing.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use outside::{
    receiver::{Answers, Receiver},
    store::{Fresh, on_both},
};
use policy::{Address, Basis, Method, Purpose, Source, Validity};
use relay::{
    config::{self, Network},
    consent::{Consent, NewGrant, Proof, Recorded, Who},
    seal::Secret,
    webhook::{Event, NewWebhook, State, Webhook, Webhooks},
};
use serde_json::json;
use tokio::sync::watch;

pub(crate) fn hooks(
    fresh: &Fresh,
    settings: impl FnOnce(&mut config::Webhook),
) -> (Consent, Webhooks) {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let secret = Secret::from_bytes([7; 32]);
    let consent = Consent::new(fresh.db.clone(), secret.clone(), "test");
    let mut own = config::Webhook {
        private_networks: vec![Network::parse("127.0.0.0/8").unwrap()],
        ca_file: None,
        give_up_after: Duration::from_secs(3_600),
        off_after: Duration::from_secs(3_600),
        log_kept: Duration::from_secs(3_600),
        both_keys: Duration::from_secs(3_600),
    };
    settings(&mut own);
    let hooks = Webhooks::new(fresh.db.clone(), secret, consent.clone(), own).unwrap();
    (consent, hooks)
}

async fn add(hooks: &Webhooks, receiver: &Receiver) -> Webhook {
    let new = NewWebhook {
        controller: "shop".into(),
        url: receiver.url(),
        events: Event::usual(),
        with_address: true,
    };
    hooks.add(Timestamp::now(), &new).await.unwrap().0
}

pub(crate) async fn purpose(consent: &Consent) {
    let validity = Validity::Fixed(jiff::Span::new().years(3));
    let purpose = Purpose::new("shop", "news", "News", Basis::Consent, validity);
    consent.purpose_add(Timestamp::now(), &purpose, "test").await.unwrap();
}

pub(crate) async fn grant(consent: &Consent, number: usize) {
    let now = Timestamp::now();
    let who = Who::address("shop", Address::parse(&format!("a{number}@example.cz")).unwrap());
    let grant = NewGrant {
        purpose: "news".into(),
        from: now,
        until: None,
        method: Method::Form,
        source: Source::Own,
        confirmed_at: None,
        age_declared: false,
        lifts_refusal: false,
    };
    let proof = Proof { actor: "test".into(), at: now, evidence: json!({ "form": 1 }) };
    let done = consent.grant(now, &jiff::tz::TimeZone::UTC, &who, &grant, &proof).await.unwrap();
    assert!(matches!(done, Recorded::New(_)));
}

#[tokio::test(flavor = "multi_thread")]
async fn several_relays_tell_each_event_once() {
    on_both(async |fresh| {
        let receiver = Receiver::start(vec![Answers::Status(200)]);
        let (consent, first) = hooks(fresh, |_| {});
        let hook = add(&first, &receiver).await;
        purpose(&consent).await;
        let (stop, stopping) = watch::channel(false);
        let mut others = Vec::new();
        let mut running = vec![tokio::spawn(first.clone().run(stopping.clone()))];
        for _ in 0..2 {
            let beside = fresh.beside().await;
            let (_, own) = hooks(&beside, |_| {});
            running.push(tokio::spawn(own.run(stopping.clone())));
            others.push(beside);
        }
        for number in 0..60 {
            grant(&consent, number).await;
        }
        let seen = tokio::task::spawn_blocking(move || receiver.wait_for(60)).await.unwrap();
        let mut about: Vec<String> =
            seen.iter().map(|request| request.json()["address"].to_string()).collect();
        about.sort();
        about.dedup();
        assert_eq!((seen.len(), about.len()), (60, 60));
        stop.send_replace(true);
        for task in running {
            task.await.unwrap();
        }
        let log = first.log(hook.id, None, 100).await.unwrap();
        assert!(log.iter().all(|one| one.state == State::Taken && one.attempts.len() == 1));
        assert_eq!(log.len(), 60);
        // The log is let go of.
        let later = Timestamp::now() + SignedDuration::from_hours(1);
        first.forget_before(later).await.unwrap();
        assert!(first.log(hook.id, None, 100).await.unwrap().is_empty());
        for other in others {
            other.db.close().await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_takes_is_given_up_and_the_webhook_switched_off() {
    on_both(async |fresh| {
        let receiver = Receiver::start(vec![Answers::Status(503)]);
        let (consent, hooks) = hooks(fresh, |settings| {
            settings.give_up_after = Duration::from_secs(6);
            settings.off_after = Duration::from_secs(1);
        });
        let hook = add(&hooks, &receiver).await;
        purpose(&consent).await;
        grant(&consent, 1).await;
        let (stop, stopping) = watch::channel(false);
        let running = tokio::spawn(hooks.clone().run(stopping));
        let (own, id) = (hooks.clone(), hook.id);
        for _ in 0..2_000 {
            if own.find(id).await.unwrap().unwrap().off.is_some() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let off = own.find(id).await.unwrap().unwrap().off.expect("it is off").1;
        assert!(off.contains("nothing was taken since"), "{off}");
        let log = own.log(id, None, 10).await.unwrap();
        assert_eq!(log[0].state, State::GivenUp);
        assert_eq!(log[0].attempts.len(), 2);
        assert_eq!(log[0].attempts[0].status, Some(503));
        stop.send_replace(true);
        running.await.unwrap();
    })
    .await;
}
