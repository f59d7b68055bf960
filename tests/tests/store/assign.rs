//! A purpose is assigned to many: whole, once, and never over a refusal.

use std::collections::BTreeMap;

use jiff::{Timestamp, tz::TimeZone};
use outside::store::on_both;
use policy::{Ended, Method, Pack, Scope, Source};
use relay::consent::{
    AssignFault, Assigned, Assignment, Clocks, Closing, Consent, Filter, Start, Target,
};

use crate::{
    consent::{address, ask, grant, proof, standing, store, who, yes},
    make::{at, secret},
};

pub(crate) fn clocks(now: Timestamp) -> Clocks {
    let pack = Pack::in_force(&Pack::builtin(), "cz", now).unwrap().clone();
    Clocks::new(now, &pack, &TimeZone::UTC, &BTreeMap::new())
}

pub(crate) fn what() -> Assignment {
    Assignment {
        controller: "shop".into(),
        purpose: "news".into(),
        start: Start::Now,
        until: None,
        method: Method::Manual,
        source: Source::Own,
        confirmed_at: None,
        of_age: false,
        evidence: serde_json::json!({ "note": "paper forms of 2026", "wording": "Ano" }),
        actor: "cli".into(),
        dry_run: false,
    }
}

/// `a0@b.cz` and so on, each with a grant from the first moment on.
pub(crate) async fn many(consent: &Consent, count: usize, purpose: &str) {
    let list = (0..count).map(|number| address(&format!("a{number}@b.cz"))).collect();
    let what = Assignment { purpose: purpose.into(), ..what() };
    let done = assign(consent, 0, &what, &Target::Addresses(list)).await;
    assert_eq!(done.granted, count as u64);
}

async fn assign(consent: &Consent, now: i64, what: &Assignment, target: &Target) -> Assigned {
    consent
        .assign(&|| at(now), &TimeZone::UTC, &clocks(at(now)), what, target, |_| ())
        .await
        .unwrap()
}

fn all(filter: &str) -> Target {
    Target::Filter(Filter::parse(filter).unwrap())
}

#[tokio::test]
async fn those_whom_a_filter_finds_are_granted_and_those_who_refused_are_not() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        let lookup = ask(&consent);
        many(&consent, 1_100, "offers").await;
        consent.refuse(at(2), &who("a1@b.cz"), &Scope::Everything, &proof(2)).await.unwrap();
        let news = Scope::Purpose("news".into());
        consent.refuse(at(2), &who("a2@b.cz"), &news, &proof(2)).await.unwrap();
        grant(&consent, "a3@b.cz", &yes("news", at(300))).await;
        consent.end(at(2), &who("a4@b.cz"), "offers", Ended::Revoked, &proof(2)).await.unwrap();
        let target = all(r#"{"or":[{"holds":"offers"},{"refused":"news"}]}"#);
        let expected =
            Assigned { seen: 1_099, granted: 1_096, already: 1, refusal_stands: 2, empty: 0 };
        let dry = Assignment { dry_run: true, ..what() };
        assert_eq!(assign(&consent, 300, &dry, &target).await, expected);
        assert_eq!(standing(&lookup, "a9@b.cz").await.grants.len(), 1, "nothing was written");
        let mut steps = Vec::new();
        let zone = TimeZone::UTC;
        let told = |counts: Assigned| steps.push(counts.seen);
        let done = consent
            .assign(&|| at(300), &zone, &clocks(at(300)), &what(), &target, told)
            .await
            .unwrap();
        assert_eq!(done, expected);
        assert_eq!(steps, [500, 1_000, 1_099], "in batches");
        let found = standing(&lookup, "a9@b.cz").await.grants.remove(0);
        assert_eq!((found.purpose.as_str(), found.from), ("news", at(300)));
        assert_eq!(found.evidence.len(), 5, "the wording is on record");
        for (to, count) in [("a1@b.cz", 1), ("a2@b.cz", 1), ("a3@b.cz", 2), ("a4@b.cz", 1)] {
            assert_eq!(standing(&lookup, to).await.grants.len(), count, "{to}");
        }
        let again = assign(&consent, 300, &what(), &target).await;
        assert_eq!((again.granted, again.already), (0, 1_097), "the same again");
        assert!(relay::consent::verify(&fresh.db, &secret()).await.unwrap().broken.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_list_of_addresses_is_granted_from_when_each_came_on_record() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        let lookup = ask(&consent);
        consent
            .describe(
                at(7),
                &who("old@b.cz"),
                &relay::consent::About { published: Some(true), ..Default::default() },
                &proof(7),
            )
            .await
            .unwrap();
        let list = ["old@b.cz", "new@b.cz", "NEW@b.cz"].map(address).to_vec();
        let added = Assignment { start: Start::Added, ..what() };
        let done = assign(&consent, 30, &added, &Target::Addresses(list)).await;
        assert_eq!((done.seen, done.granted), (2, 2), "one address twice is one contact");
        assert_eq!(standing(&lookup, "old@b.cz").await.grants[0].from, at(7));
        assert_eq!(standing(&lookup, "new@b.cz").await.grants[0].from, at(30));
        let ended = Assignment { until: Some(at(1)), ..added };
        let list = Target::Addresses(vec![address("third@b.cz")]);
        assert_eq!(assign(&consent, 30, &ended, &list).await.empty, 1);
    })
    .await;
}

/// Stopped in the middle (its future is dropped), it goes on as of when it began.
#[tokio::test]
async fn a_stopped_assignment_goes_on_where_it_was() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        let lookup = ask(&consent);
        let list: Vec<_> = (0..1_200).map(|n| address(&format!("a{n}@b.cz"))).collect();
        let target = Target::Addresses(list);
        let (zone, what) = (TimeZone::UTC, what());
        let (first, mut batch) = tokio::sync::mpsc::unbounded_channel();
        let now = clocks(at(10));
        let told = move |counts: Assigned| {
            let _ = first.send(counts.granted);
        };
        let watch = || now.now;
        tokio::select! {
            biased;
            granted = batch.recv() => assert_eq!(granted, Some(500)),
            done = consent.assign(&watch, &zone, &now, &what, &target, told) => panic!("{done:?}"),
        }
        let done = assign(&consent, 99, &what, &target).await;
        assert_eq!((done.seen, done.granted), (1_200, 1_200), "the first batches are counted, too");
        for to in ["a0@b.cz", "a1199@b.cz"] {
            let found = standing(&lookup, to).await.grants;
            assert_eq!((found.len(), found[0].from), (1, at(10)), "{to}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_assigned_says_why() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        let (zone, everybody) = (TimeZone::UTC, all(r#"{"and":[]}"#));
        let unknown = Assignment { purpose: "none".into(), ..what() };
        let fault =
            consent.assign(&|| at(1), &zone, &clocks(at(1)), &unknown, &everybody, |_| ()).await;
        assert!(matches!(fault, Err(AssignFault::NoPurpose)), "{fault:?}");
        let closing = Closing { controller: "shop", purpose: "news", actor: "cli", why: "" };
        consent.purpose_close(at(2), &closing).await.unwrap();
        let fault =
            consent.assign(&|| at(3), &zone, &clocks(at(3)), &what(), &everybody, |_| ()).await;
        assert!(matches!(fault, Err(AssignFault::Closed)), "{fault:?}");
    })
    .await;
}

#[tokio::test]
async fn what_many_confirmed_and_declared_is_on_record_for_each() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        let list = Target::Addresses(vec![address("a@b.cz"), address("c@b.cz")]);
        let what = Assignment {
            method: Method::DoubleOptIn,
            confirmed_at: Some(at(3)),
            of_age: true,
            ..what()
        };
        assert_eq!(assign(&consent, 9, &what, &list).await.granted, 2);
        for to in ["a@b.cz", "c@b.cz"] {
            let grant = standing(&ask(&consent), to).await.grants.remove(0);
            assert_eq!((grant.confirmed_at, grant.age_declared), (Some(at(3)), true), "{to}");
            let past = consent.contact(&who(to)).await.unwrap().unwrap().past;
            assert_eq!(past[0].detail["of_age"], true);
            assert_eq!(past[0].detail["confirmed_at"], at(3).to_string());
        }
    })
    .await;
}
