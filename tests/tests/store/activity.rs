//! Which sign of life moves the end of which grant.

use jiff::{Span, tz::TimeZone};
use outside::store::on_both;
use policy::{
    Activity, Basis, Channel, Ended, Purpose, Relation, RelationKind, Requires, Validity,
};
use relay::consent::{PurposeFault, Recorded};

use crate::{
    consent::{ask, grant, proof, standing, store, who, yes},
    make::at,
};

const DAY: i64 = 86_400;

#[tokio::test]
async fn only_the_purposes_own_kinds_of_activity_extend_it() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        let lookup = ask(&consent);
        let span = Span::new().days(10);
        for (id, kinds) in
            [("buys", vec![Activity::Purchase]), ("reads", vec![Activity::Click, Activity::Open])]
        {
            let validity = Validity::SinceActivity { span, kinds };
            let purpose = Purpose::new("shop", id, "Name", Basis::Consent, validity);
            consent.purpose_add(at(0), &purpose, "test").await.unwrap();
            grant(&consent, "a@b.cz", &yes(id, at(0))).await;
        }
        let until = async || {
            let found = standing(&lookup, "a@b.cz").await;
            let days: Vec<_> =
                found.grants.iter().map(|one| (one.until.as_second()) / DAY).collect();
            (days, found.last_activity.map(|at| at.as_second() / DAY))
        };
        let touch = async |kind, day: i64| {
            let (to, zone) = (who("a@b.cz"), TimeZone::UTC);
            consent.touch(at(day * DAY), &zone, &to, kind, &proof(day * DAY)).await.unwrap()
        };
        let start = until().await.0[0] - 10;
        let (days, last) = until().await;
        assert_eq!((days, last), (vec![start + 10, start + 10], None));
        touch(Activity::Login, 2).await;
        assert_eq!(until().await, (vec![start + 10, start + 10], Some(start + 2)));
        touch(Activity::Open, 4).await;
        assert_eq!(until().await, (vec![start + 10, start + 14], Some(start + 4)));
        assert_eq!(touch(Activity::Open, 3).await, Recorded::Already, "there is a newer one");
        // Older than the newest of all, and the first of its kind.
        assert!(matches!(touch(Activity::Click, 3).await, Recorded::New(_)));
        assert_eq!(until().await, (vec![start + 10, start + 14], Some(start + 4)));
        let relation = Relation {
            kind: RelationKind::Purchase,
            at: at(6 * DAY),
            ended_at: Some(at(6 * DAY)),
            categories: vec![],
            wide_assortment: true,
            objection_offered: true,
            event: String::new(),
        };
        let to = who("a@b.cz");
        consent.relate(at(7 * DAY), &TimeZone::UTC, &to, &relation, &proof(6 * DAY)).await.unwrap();
        assert_eq!(until().await, (vec![start + 16, start + 14], Some(start + 6)));
        let past = consent.contact(&to).await.unwrap().unwrap().past;
        assert_eq!(past.last().unwrap().detail["extended"], 1);
        // A grant made now counts from the activity of its kinds, too.
        grant(&consent, "a@b.cz", &yes("buys", at(1))).await;
        assert_eq!(until().await.0[1], start + 16);
    })
    .await;
}

#[tokio::test]
async fn a_purpose_says_what_it_asks_and_by_what_way_it_speaks() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        let years = Validity::Fixed(Span::new().years(3));
        let calls = Purpose {
            channel: Channel::Phone,
            sensitive: true,
            requires: Requires { double_opt_in: true, ..Requires::default() },
            expiring_days: 14,
            ..Purpose::new("shop", "calls", "Name", Basis::Consent, years.clone())
        };
        consent.purpose_add(at(0), &calls, "test").await.unwrap();
        let found = consent.purpose("shop", "calls").await.unwrap().unwrap();
        assert_eq!(
            (found.channel, found.sensitive, found.expiring_days, found.closed_at),
            (Channel::Phone, true, 14, None)
        );
        let delicate = Purpose {
            sensitive: true,
            ..Purpose::new("shop", "delicate", "Name", Basis::Consent, years)
        };
        let fault = consent.purpose_add(at(0), &delicate, "test").await;
        assert!(matches!(fault, Err(PurposeFault::Unconfirmed)), "{fault:?}");
        for kinds in [vec![], vec![Activity::Open, Activity::Open]] {
            let validity = Validity::SinceActivity { span: Span::new().years(1), kinds };
            let purpose = Purpose::new("shop", "idle", "Name", Basis::Consent, validity);
            let fault = consent.purpose_add(at(0), &purpose, "test").await;
            assert!(matches!(fault, Err(PurposeFault::Activity)), "{fault:?}");
        }
        grant(&consent, "a@b.cz", &yes("calls", at(0))).await;
        let found = standing(&ask(&consent), "a@b.cz").await;
        assert_eq!(
            (found.grants[0].channel, found.grants[0].ended, found.grants[0].requires),
            (Channel::Phone, Ended::Withdrawn, calls.requires)
        );
    })
    .await;
}
