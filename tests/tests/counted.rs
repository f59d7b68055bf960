//! Two relays that share one PostgreSQL send one address no more than it may get.

use jiff::{Timestamp, tz::TimeZone};
use outside::{
    sink::{Does, Script, Sink},
    souhlas::POLICY,
    store::Fresh,
    worker::{Running, to_sink},
};
use policy::{Address, Basis, Class, Method, Purpose, Source, Validity};
use relay::{
    consent::{NewGrant, Proof, Who},
    db::Db,
    journal::{self, Filter, Kind},
    spool::{How, State, What, Which},
};

const JANA: &str = "jana@posta.example";
const NEWS: &str = "From: novinky@kavarna.example\r\nTo: jana@posta.example\r\nSubject: Kava\r\n\
    Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\
    Dobrý den, máme novou kávu z Etiopie.\r\n";

async fn agrees(relay: &Running) {
    let now = Timestamp::now();
    let validity = Validity::Fixed(jiff::Span::new().years(1));
    let purpose = Purpose::new("kavarna", "novinky", "Novinky", Basis::Consent, validity);
    relay.consent.purpose_add(now, &purpose, "test").await.unwrap();
    let grant = NewGrant {
        purpose: "novinky".into(),
        from: now,
        until: None,
        method: Method::DoubleOptIn,
        source: Source::Own,
        confirmed_at: Some(now),
        age_declared: false,
        lifts_refusal: false,
    };
    let who = Who::address("kavarna", Address::parse(JANA).unwrap());
    let evidence = serde_json::json!({ "form": "web" });
    let proof = Proof { actor: "test".into(), at: now, evidence };
    relay.consent.grant(now, &TimeZone::UTC, &who, &grant, &proof).await.unwrap();
}

async fn sends_news(relay: &Running) {
    let mut message = relay.message("novinky", NEWS);
    message.class = Class::Commercial;
    let delivery = relay.delivery(&message, JANA, State::Claimed);
    relay.hand_over(message, vec![delivery]).await;
}

/// What the journal says of this kind, once it says it.
async fn told(db: &Db, kind: Kind) -> String {
    let until = Timestamp::now() + jiff::SignedDuration::from_secs(20);
    loop {
        let filter = Filter { kind: Some(kind), ..Filter::default() };
        if let Some(line) = journal::list(db, &filter, 1).await.unwrap().pop() {
            return line.event.detail.value().to_string();
        }
        assert!(Timestamp::now() < until, "no line of {kind:?}");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn two_relays_do_not_send_one_each_over_a_cap_of_one() {
    let policy = POLICY.replace("categories", "at-most = \"1 in 30 days\"\ncategories");
    let sink = Sink::start(Script::modern().once("DATA", Does::Wait)).await;
    let fresh = Fresh::postgres().await;
    let beside = fresh.beside().await;
    let named = |name: &str| {
        let mut settings = to_sink(&sink);
        settings.hostname = name.to_owned();
        settings
    };
    let first = Running::start_on(fresh, named("one.test"), &policy).await;
    let second = Running::start_on(beside, named("two.test"), &policy).await;
    agrees(&first).await;
    sends_news(&first).await;
    sink.until("the first message", |sink| sink.lines().iter().any(|line| line == "DATA")).await;

    sends_news(&second).await;
    let why = told(&second.fresh.db, Kind::Deferred).await;
    assert!(why.contains("turn-taken"), "{why}");
    sink.release();
    told(&first.fresh.db, Kind::Delivered).await;

    let all = (What::Retry, Which::default());
    second.spool.give(Timestamp::now(), all, ("test", ""), How::default()).await.unwrap();
    let why = told(&second.fresh.db, Kind::Suppressed).await;
    assert!(why.contains("frequency-exceeded"), "{why}");
    second.stop().await;
    first.stop().await;
    let got = |one: &&outside::sink::Taken| one.rcpts[0].contains(JANA);
    assert_eq!(sink.taken().iter().filter(got).count(), 1);
}
