//! What time does to consent, over simulated years.

use std::collections::BTreeMap;

use jiff::{Span, Timestamp, tz::TimeZone};
use outside::store::on_both;
use policy::{
    Activity, Basis, Ended, Pack, Purpose, Relation, RelationKind, Scope, Term, Validity,
};
use relay::consent::{
    self, Clocks, Consent, Correction, Filter, Recorded, Who,
    clock::{Clock, Figures, Review, Terms, Ticked},
};

use crate::{
    assign::{clocks, many},
    consent::{address, ask, grant, proof, standing, store, who, yes},
    make::{at, secret},
};

const DAY: i64 = 86_400;

pub(crate) fn terms() -> Terms {
    Terms {
        controller: "shop".into(),
        zone: TimeZone::UTC,
        max_inactive: Term::years(3),
        reactivate_within: Some(Term::days(60)),
        evidence_for: Term::years(4),
        purge_evidence: true,
        review_every: Term::years(1),
    }
}

/// Steps until there is nothing to do now.
pub(crate) async fn run(clock: &Clock, now: Timestamp, terms: &[Terms]) -> Ticked {
    let mut all = Ticked::default();
    for _ in 0..10_000 {
        let one = clock.tick(now, terms).await.unwrap();
        all.expiring += one.expiring;
        all.expired += one.expired;
        all.inactive += one.inactive;
        all.reactivated += one.reactivated;
        all.unsubscribed += one.unsubscribed;
        all.evidence += one.evidence;
        if !one.more {
            return all;
        }
    }
    panic!("it never comes to its end");
}

async fn past(consent: &Consent, to: &str) -> Vec<(String, i64)> {
    let past = consent.contact(&who(to)).await.unwrap().unwrap().past;
    past.into_iter().map(|one| (one.kind, (one.at.as_second() - at(0).as_second()) / DAY)).collect()
}

fn kinds(past: &[(String, i64)]) -> Vec<&str> {
    past.iter().map(|(kind, _)| kind.as_str()).collect()
}

#[tokio::test]
async fn an_end_is_announced_once_and_noted_once_on_its_day() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        let fixed = |days: i32| Validity::Fixed(Span::new().days(days));
        for (id, days, ahead) in [("month", 40, 10), ("quiet", 40, 0)] {
            let purpose = Purpose {
                expiring_days: ahead,
                ..Purpose::new("shop", id, "Name", Basis::Consent, fixed(days))
            };
            consent.purpose_add(at(0), &purpose, "test").await.unwrap();
        }
        grant(&consent, "a@b.cz", &yes("month", at(0))).await;
        grant(&consent, "b@b.cz", &yes("quiet", at(0))).await;
        // Renewed in time: the first grant's end is nobody's news.
        grant(&consent, "c@b.cz", &yes("month", at(0))).await;
        grant(&consent, "c@b.cz", &yes("month", at(20 * DAY))).await;
        // Taken back.
        grant(&consent, "d@b.cz", &yes("month", at(0))).await;
        consent.withdraw(at(5), &who("d@b.cz"), "month", &proof(5)).await.unwrap();
        let clock = Clock::new(consent.clone(), "one");
        let mut told = Vec::new();
        // Two relays on one database, in turn; once a day.
        let other = Clock::new(consent.clone(), "two");
        for day in 0..80 {
            let clock = if day % 2 == 0 { &clock } else { &other };
            let ticked = run(clock, at(day * DAY + 60), &[]).await;
            if (ticked.expiring, ticked.expired) != (0, 0) {
                told.push((day, ticked.expiring, ticked.expired));
            }
        }
        assert_eq!(told, [(30, 1, 0), (40, 0, 2), (50, 1, 0), (60, 0, 1)]);
        assert_eq!(
            past(&consent, "a@b.cz").await.split_off(1),
            [("expiring".to_owned(), 30), ("expired".to_owned(), 40)]
        );
        assert_eq!(kinds(&past(&consent, "b@b.cz").await), ["granted", "expired"]);
        assert_eq!(
            kinds(&past(&consent, "c@b.cz").await),
            ["granted", "granted", "expiring", "expired"]
        );
        assert_eq!(kinds(&past(&consent, "d@b.cz").await), ["granted", "withdrawn"]);
        assert!(consent::verify(&fresh.db, &secret()).await.unwrap().broken.is_empty());
    })
    .await;
}

#[tokio::test]
async fn after_a_stop_of_years_the_clock_says_what_it_missed() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        many(&consent, 1_500, "offers").await;
        let clock = Clock::new(consent.clone(), "one");
        let first = clock.tick(at(3_000 * DAY), &[]).await.unwrap();
        assert!(first.more && first.expired <= 1_000, "a step is bounded: {first:?}");
        // Another relay waits while the first is at it, and goes on where that stopped.
        let other = Clock::new(consent.clone(), "two");
        let waits = other.tick(at(3_000 * DAY + 1), &[]).await.unwrap();
        assert_eq!(waits.expired, 0);
        let rest = run(&other, at(3_000 * DAY + 600), &[]).await;
        assert_eq!(first.expired + rest.expired, 1_500, "each once");
        assert_eq!(run(&clock, at(3_001 * DAY), &[]).await.expired, 0);
        assert_eq!(
            past(&consent, "a7@b.cz").await[1],
            ("expired".to_owned(), 10),
            "on the day that it ended"
        );
    })
    .await;
}

#[tokio::test]
async fn what_is_extended_or_corrected_is_announced_anew() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        let clock = Clock::new(consent.clone(), "one");
        let Recorded::New(event) = grant(&consent, "a@b.cz", &yes("offers", at(0))).await else {
            panic!("not granted")
        };
        assert_eq!(run(&clock, at(60), &[]).await.expiring, 1);
        let (to, zone) = (who("a@b.cz"), TimeZone::UTC);
        let day = 3 * DAY;
        consent.touch(at(day), &zone, &to, Activity::Click, &proof(day)).await.unwrap();
        assert_eq!(run(&clock, at(day + 60), &[]).await.expiring, 1);
        let by = Correction { until: Some(at(4 * DAY)), ..Correction::default() };
        consent.correct(at(day), &to, &event, &by, &proof(day)).await.unwrap();
        let ticked = run(&clock, at(5 * DAY), &[]).await;
        assert_eq!((ticked.expiring, ticked.expired), (0, 1));
    })
    .await;
}

#[tokio::test]
async fn the_silent_are_asked_and_then_left_alone() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        let lookup = ask(&consent);
        let zone = TimeZone::UTC;
        let long = Purpose::new(
            "shop",
            "long",
            "Name",
            Basis::Consent,
            Validity::Fixed(Span::new().years(10)),
        );
        consent.purpose_add(at(0), &long, "test").await.unwrap();
        for to in ["dead@b.cz", "alive@b.cz", "wakes@b.cz", "says-no@b.cz", "rents@b.cz"] {
            grant(&consent, to, &yes("long", at(0))).await;
        }
        let runs = Relation {
            kind: RelationKind::Contract,
            at: at(0),
            ended_at: None,
            categories: vec![],
            wide_assortment: false,
            objection_offered: true,
            event: String::new(),
        };
        consent.relate(at(1), &zone, &who("rents@b.cz"), &runs, &proof(1)).await.unwrap();
        consent.refuse(at(2), &who("says-no@b.cz"), &Scope::Everything, &proof(2)).await.unwrap();
        let touch = async |to: &str, day: i64| {
            let (kind, said) = (Activity::Click, proof(day * DAY));
            consent.touch(at(day * DAY), &zone, &who(to), kind, &said).await.unwrap();
        };
        touch("alive@b.cz", 900).await;
        let clock = Clock::new(consent.clone(), "one");
        let off = Terms { reactivate_within: None, purge_evidence: false, ..terms() };
        let on = Terms { purge_evidence: false, ..terms() };
        let quiet = run(&clock, at(1_090 * DAY), std::slice::from_ref(&on)).await;
        assert_eq!((quiet.inactive, quiet.unsubscribed), (0, 0), "not three years yet");
        assert_eq!(run(&clock, at(1_100 * DAY), &[off]).await.inactive, 0, "only where asked for");
        let asked = run(&clock, at(1_102 * DAY), std::slice::from_ref(&on)).await;
        assert_eq!((asked.inactive, asked.unsubscribed), (2, 0));
        let waits = Filter::parse(r#"{"reactivating":{}}"#).unwrap();
        let clocks = clocks(at(1_102 * DAY));
        assert_eq!(consent.count("shop", &waits, &clocks).await.unwrap(), 2);
        assert_eq!(
            run(&clock, at(1_110 * DAY), std::slice::from_ref(&on)).await.inactive,
            0,
            "once"
        );
        touch("wakes@b.cz", 1_130).await;
        let after = run(&clock, at(1_131 * DAY), std::slice::from_ref(&on)).await;
        assert_eq!((after.reactivated, after.unsubscribed), (1, 0));
        let late = run(&clock, at(1_163 * DAY), std::slice::from_ref(&on)).await;
        assert_eq!((late.reactivated, late.unsubscribed), (0, 1));
        let dead = standing(&lookup, "dead@b.cz").await;
        assert_eq!(dead.refusals[0].scope, Scope::Everything);
        assert_eq!(dead.grants[0].ended, Ended::Revoked);
        assert_eq!(kinds(&past(&consent, "dead@b.cz").await), ["granted", "inactive", "refused"]);
        let wakes = past(&consent, "wakes@b.cz").await;
        assert_eq!(kinds(&wakes), ["granted", "inactive", "activity", "reactivated"]);
        let rents = standing(&lookup, "rents@b.cz").await;
        assert!(rents.refusals.is_empty(), "a contract that runs is a sign of life");
        // Who woke falls silent again, years later.
        let again = run(&clock, at(2_300 * DAY), &[on]).await;
        assert_eq!(again.inactive, 2, "wakes and alive");
        assert!(consent::verify(&fresh.db, &secret()).await.unwrap().broken.is_empty());
    })
    .await;
}

#[tokio::test]
async fn evidence_goes_when_it_was_kept_for_long_enough_and_the_chain_stays_whole() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        grant(&consent, "gone@b.cz", &yes("offers", at(0))).await;
        consent.withdraw(at(DAY), &who("gone@b.cz"), "offers", &proof(DAY)).await.unwrap();
        grant(&consent, "runs@b.cz", &yes("news", at(0))).await;
        let other = Who::address("club", address("gone@b.cz"));
        let zone = TimeZone::UTC;
        consent.grant(at(1), &zone, &other, &yes("other", at(0)), &proof(1)).await.unwrap();
        let clock = Clock::new(consent.clone(), "one");
        let only = Terms { reactivate_within: None, ..terms() };
        let held = async |who: &Who| {
            let past = consent.contact(who).await.unwrap().unwrap().past;
            past.iter().filter(|one| one.evidence.is_some()).count()
        };
        // Four years after the withdrawal, and not a day before.
        assert_eq!(run(&clock, at(1_460 * DAY), std::slice::from_ref(&only)).await.evidence, 0);
        assert_eq!(run(&clock, at(1_463 * DAY), std::slice::from_ref(&only)).await.evidence, 2);
        assert_eq!(held(&who("gone@b.cz")).await, 0);
        // Its three years were over in the third, so four years later.
        assert_eq!(held(&who("runs@b.cz")).await, 1);
        assert_eq!(run(&clock, at(2_550 * DAY), std::slice::from_ref(&only)).await.evidence, 0);
        assert_eq!(run(&clock, at(2_560 * DAY), &[only]).await.evidence, 1);
        assert_eq!(held(&other).await, 1, "another controller's is its own");
        let gone = past(&consent, "gone@b.cz").await;
        assert_eq!(kinds(&gone), ["granted", "withdrawn", "erased"]);
        let verified = consent::verify(&fresh.db, &secret()).await.unwrap();
        assert!(verified.broken.is_empty(), "{verified:?}");
    })
    .await;
}

#[tokio::test]
async fn a_review_falls_due_every_year_and_is_signed() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        let due = async |day: i64| {
            let due = consent.review_due(at(day * DAY), &terms()).await.unwrap();
            due.map(|due| (due.as_second() - at(0).as_second()) / DAY)
        };
        assert_eq!(due(5_000).await, None, "there is nobody to look at");
        grant(&consent, "a@b.cz", &yes("news", at(0))).await;
        grant(&consent, "b@b.cz", &yes("news", at(0))).await;
        consent.refuse(at(2), &who("b@b.cz"), &Scope::Everything, &proof(2)).await.unwrap();
        assert_eq!((due(364).await, due(366).await), (None, Some(365)));
        let now = at(370 * DAY);
        let pack = Pack::in_force(&Pack::builtin(), "cz", now).unwrap().clone();
        let clocks = Clocks::new(now, &pack, &TimeZone::UTC, &BTreeMap::new());
        let figures = consent.review_figures("shop", &clocks).await.unwrap();
        let expected = Figures {
            contacts: 2,
            holding_nothing: 1,
            refused_everything: 1,
            never_customers: 2,
            silent: 2,
            ..Figures::default()
        };
        assert_eq!(figures, expected);
        let review =
            Review { at: now, actor: "Jana".into(), note: "nothing to delete".into(), figures };
        consent.review_sign("shop", &review).await.unwrap();
        let second = Review { actor: "Petr".into(), ..review.clone() };
        consent.review_sign("shop", &second).await.unwrap();
        assert_eq!(consent.reviews("shop").await.unwrap(), [second, review], "at one moment");
        assert_eq!((due(700).await, due(736).await), (None, Some(736)));
    })
    .await;
}
