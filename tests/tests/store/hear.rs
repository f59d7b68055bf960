//! What other systems say again and again prolongs nothing and brings nothing back.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use outside::store::on_both;
use policy::Method;
use relay::consent::{Consent, Proof, Recorded, Said};

use crate::{
    consent::{ask, proof, standing, store, who, yes},
    make::at,
};

/// So many days after the first grant.
fn day(number: i64) -> Timestamp {
    at(0) + SignedDuration::from_hours(24 * number)
}

fn said(actor: &str, at: Timestamp) -> Proof {
    Proof { actor: actor.into(), at, ..proof(0) }
}

async fn hear(consent: &Consent, to: &str, by: Said, on: Timestamp) -> Recorded {
    hear_late(consent, to, by, (on, on)).await
}

async fn hear_late(
    consent: &Consent,
    to: &str,
    by: Said,
    (from, now): (Timestamp, Timestamp),
) -> Recorded {
    let mut new = yes("news", from);
    new.method = Method::Api;
    let proof = said("hook/a", from);
    consent.hear_yes(now, &TimeZone::UTC, &who(to), &new, (by, &proof)).await.unwrap()
}

#[tokio::test]
async fn a_yes_that_is_heard_again_prolongs_nothing() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        let lookup = ask(&consent);
        for (to, by) in [("act@b.cz", Said::Act), ("flag@b.cz", Said::Flag)] {
            assert!(matches!(hear(&consent, to, by, day(0)).await, Recorded::New(_)));
            for again in [2, 400, 1_000] {
                assert_eq!(hear(&consent, to, by, day(again)).await, Recorded::Already, "{to}");
            }
            assert_eq!(standing(&lookup, to).await.grants.len(), 1, "{to}");
        }
        // After its end somebody may subscribe anew; a flag that still stands is no new act.
        assert!(matches!(
            hear(&consent, "act@b.cz", Said::Act, day(1_200)).await,
            Recorded::New(_)
        ));
        let again = hear(&consent, "flag@b.cz", Said::Flag, day(1_200)).await;
        assert_eq!(again, Recorded::Already);
    })
    .await;
}

#[tokio::test]
async fn a_flag_takes_back_what_it_gave_and_nothing_else() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        let lookup = ask(&consent);
        let no = async |to: &str, on: i64| {
            consent.hear_no(day(on), &who(to), "news", &said("hook/a", day(on))).await.unwrap()
        };
        assert_eq!(no("nobody@b.cz", 1).await, Recorded::Already);
        assert!(consent.contact(&who("nobody@b.cz")).await.unwrap().is_none(), "no trace");
        let form = said("page", day(0));
        let zone = TimeZone::UTC;
        consent.grant(day(0), &zone, &who("a@b.cz"), &yes("news", day(0)), &form).await.unwrap();
        assert_eq!(no("a@b.cz", 1).await, Recorded::Already, "it never said yes");
        assert!(matches!(hear(&consent, "c@b.cz", Said::Flag, day(5)).await, Recorded::New(_)));
        assert_eq!(no("c@b.cz", 4).await, Recorded::Already, "it is from before the yes");
        assert!(matches!(no("c@b.cz", 6).await, Recorded::New(_)));
        assert_eq!(no("c@b.cz", 7).await, Recorded::Already);
        assert_eq!(standing(&lookup, "c@b.cz").await.grants[0].withdrawn_at, Some(day(6)));
        // What was said before the end and comes late brings nothing back.
        for by in [Said::Act, Said::Flag] {
            let said = (day(5) + SignedDuration::from_hours(1), day(8));
            assert_eq!(hear_late(&consent, "c@b.cz", by, said).await, Recorded::Already);
        }
        assert!(matches!(hear(&consent, "c@b.cz", Said::Flag, day(9)).await, Recorded::New(_)));
    })
    .await;
}

/// Two reports of one moment make one grant.
#[tokio::test(flavor = "multi_thread")]
async fn reports_that_come_together_grant_once() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        let beside = fresh.beside().await;
        let other = Consent::new(beside.db.clone(), crate::make::secret(), "other");
        let (one, two) = tokio::join!(
            hear_late(&consent, "a@b.cz", Said::Act, (day(1), day(3))),
            hear_late(&other, "a@b.cz", Said::Act, (day(2), day(3))),
        );
        let new = [&one, &two].into_iter().filter(|one| matches!(one, Recorded::New(_))).count();
        assert_eq!(new, 1, "{one:?} {two:?}");
        beside.db.close().await;
    })
    .await;
}
