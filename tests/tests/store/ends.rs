//! Grants end in four ways, are put right, and never vanish.

use jiff::{Span, tz::TimeZone};
use outside::store::on_both;
use policy::{Ended, Method, Scope, Source};
use relay::consent::{
    self, Closing, Corrected, Correction, NewGrant, Recorded, Start, Who, clock::Clock,
};

use crate::{
    assign::many,
    clock::run,
    consent::{ask, grant, proof, standing, store, who, yes},
    make::{at, secret},
};

#[tokio::test]
async fn a_grant_ends_by_the_person_or_the_controller_or_as_void() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        let lookup = ask(&consent);
        let ways = [
            (Ended::Withdrawn, "withdrawn"),
            (Ended::Revoked, "revoked"),
            (Ended::Invalidated, "invalidated"),
        ];
        for (number, (how, kind)) in (0..).zip(ways) {
            let to = format!("a{number}@b.cz");
            grant(&consent, &to, &yes("news", at(0))).await;
            let new = consent.end(at(9), &who(&to), "news", how, &proof(8)).await.unwrap();
            assert!(matches!(new, Recorded::New(_)));
            let again = consent.end(at(9), &who(&to), "news", how, &proof(8)).await.unwrap();
            assert_eq!(again, Recorded::Already);
            let found = standing(&lookup, &to).await;
            assert_eq!((found.grants[0].withdrawn_at, found.grants[0].ended), (Some(at(8)), how));
            assert!(found.refusals.is_empty(), "it is no refusal");
            let past = consent.contact(&who(&to)).await.unwrap().unwrap().past;
            let kinds: Vec<_> = past.iter().map(|one| one.kind.as_str()).collect();
            assert_eq!(kinds, ["granted", kind]);
            assert!(past[0].evidence.is_some(), "the evidence stays");
        }
    })
    .await;
}

/// 1,200 contacts are three batches; some took it back before, one while it is being closed.
#[tokio::test]
async fn a_closed_purpose_ends_its_grants_at_once_and_says_so_to_each() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        let lookup = ask(&consent);
        many(&consent, 1_200, "news").await;
        grant(&consent, "a0@b.cz", &yes("offers", at(0))).await;
        let other = Who::address("club", crate::consent::address("a0@b.cz"));
        let zone = TimeZone::UTC;
        consent.grant(at(1), &zone, &other, &yes("other", at(0)), &proof(1)).await.unwrap();
        consent.withdraw(at(3), &who("a7@b.cz"), "news", &proof(3)).await.unwrap();
        let what =
            Closing { controller: "shop", purpose: "news", actor: "cli", why: "moved to offers" };
        assert!(consent.purpose_close(at(5), &what).await.unwrap());
        assert!(!consent.purpose_close(at(6), &what).await.unwrap());
        let found = standing(&lookup, "a8@b.cz").await.grants.remove(0);
        assert_eq!((found.withdrawn_at, found.ended), (Some(at(5)), Ended::Terminated), "at once");
        assert_eq!(grant(&consent, "new@b.cz", &yes("news", at(6))).await, Recorded::Closed);
        consent.withdraw(at(7), &who("a9@b.cz"), "news", &proof(7)).await.unwrap();
        let mut steps = Vec::new();
        let ended = consent.terminate(at(8), &what, |count| steps.push(count)).await.unwrap();
        assert_eq!((ended, steps.len()), (1_198, 3));
        assert_eq!(consent.terminate(at(9), &what, |_| ()).await.unwrap(), 0);
        let kinds = async |to: &str| {
            let past = consent.contact(&who(to)).await.unwrap().unwrap().past;
            past.into_iter().map(|one| one.kind).collect::<Vec<_>>()
        };
        assert_eq!(kinds("a0@b.cz").await, ["granted", "granted", "terminated"]);
        assert_eq!(kinds("a7@b.cz").await, ["granted", "withdrawn"]);
        assert_eq!(kinds("a9@b.cz").await, ["granted", "withdrawn"]);
        let first = standing(&lookup, "a0@b.cz").await.grants;
        assert_eq!((first[0].ended, first[1].withdrawn_at), (Ended::Terminated, None));
        assert!(consent::verify(&fresh.db, &secret()).await.unwrap().broken.is_empty());
    })
    .await;
}

#[tokio::test]
async fn what_was_wrong_about_a_grant_is_put_right_and_the_old_value_stays() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        let lookup = ask(&consent);
        let Recorded::New(event) = grant(&consent, "a@b.cz", &yes("news", at(5))).await else {
            panic!("not granted")
        };
        grant(&consent, "a@b.cz", &yes("news", at(9))).await;
        let correct = async |event: &str, by: &Correction| {
            consent.correct(at(20), &who("a@b.cz"), event, by, &proof(20)).await.unwrap()
        };
        let from = |second| Correction { from: Some(at(second)), ..Correction::default() };
        for (by, expected) in [
            (Correction::default(), Corrected::Already),
            (from(5), Corrected::Already),
            (from(9), Corrected::Taken),
            (Correction { until: Some(at(5)), ..Correction::default() }, Corrected::Empty),
        ] {
            assert_eq!(correct(&event, &by).await, expected, "{by:?}");
        }
        for click in [Method::DoubleOptIn, Method::RenewalClick] {
            let by = |method| Correction { method: Some(method), ..Correction::default() };
            let Recorded::New(typed) = grant(
                &consent,
                &format!("{click:?}@b.cz"),
                &NewGrant { method: Method::Manual, ..yes("news", at(5)) },
            )
            .await
            else {
                panic!("not granted");
            };
            let to = who(&format!("{click:?}@b.cz"));
            let done = consent.correct(at(20), &to, &typed, &by(click), &proof(20)).await.unwrap();
            assert_eq!(done, Corrected::NoClick, "{click:?}");
        }
        for nobody in ["c1-99", "c7-1", "x", "c1-", ""] {
            assert_eq!(correct(nobody, &from(3)).await, Corrected::NoGrant, "{nobody}");
        }
        let until = at(4) + Span::new().hours(1);
        let by = Correction {
            from: Some(at(4)),
            until: Some(until),
            method: Some(Method::Chat),
            source: Some(Source::Public),
        };
        let Corrected::New(made) = correct(&event, &by).await else { panic!("not corrected") };
        let found = standing(&lookup, "a@b.cz").await.grants;
        assert_eq!((found[0].from, found[0].until), (at(4), until));
        assert_eq!((found[0].method, found[0].source), (Method::Chat, Source::Public));
        assert_eq!((found[0].event.as_str(), found[1].from), (event.as_str(), at(9)));
        let past = consent.contact(&who("a@b.cz")).await.unwrap().unwrap().past;
        let last = past.last().unwrap();
        assert_eq!((last.event.as_str(), last.kind.as_str()), (made.as_str(), "corrected"));
        assert_eq!(last.detail["grant"], event.as_str());
        assert_eq!(last.detail["before"]["method"], "double-opt-in");
        assert_eq!(last.detail["after"]["method"], "chat");
        assert_eq!(last.detail["before"]["from"], at(5).to_string());
    })
    .await;
}

#[tokio::test]
async fn a_grant_may_begin_when_the_contact_came_on_record() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        grant(&consent, "a@b.cz", &yes("news", at(0))).await;
        let start = async |to: &str, start| consent.start(at(50), &who(to), start).await.unwrap();
        assert_eq!(start("a@b.cz", Start::Added).await, at(1));
        assert_eq!(start("new@b.cz", Start::Added).await, at(50));
        assert_eq!(start("a@b.cz", Start::Now).await, at(50));
        assert_eq!(start("a@b.cz", Start::At(at(7))).await, at(7));
    })
    .await;
}

/// Whoever changes grants takes the chain first: in two orders PostgreSQL would stop one of two.
#[tokio::test]
async fn who_refuses_while_grants_run_out_or_are_closed_is_not_turned_away() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        many(&consent, 100, "news").await;
        let everybody = async |purpose: &str, said: i64| {
            let scope = Scope::Purpose(purpose.to_owned());
            for number in 0..100 {
                let who = who(&format!("a{number}@b.cz"));
                consent.refuse(at(said), &who, &scope, &proof(said)).await.unwrap();
            }
        };
        many(&consent, 100, "offers").await;
        let what = Closing { controller: "shop", purpose: "offers", actor: "cli", why: "" };
        assert!(consent.purpose_close(at(5), &what).await.unwrap());
        let ended = consent.terminate(at(6), &what, |_| ());
        let (ended, ()) = tokio::join!(ended, everybody("offers", 6));
        assert!(ended.unwrap() > 0, "not all of them refused first");
        let clock = Clock::new(consent.clone(), "one");
        let late = 1_200 * 86_400;
        tokio::join!(run(&clock, at(late), &[]), everybody("news", late));
        assert!(consent::verify(&fresh.db, &secret()).await.unwrap().broken.is_empty());
    })
    .await;
}
