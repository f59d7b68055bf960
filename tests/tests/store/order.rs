//! What a shop tells: relations, the purposes that begin and end with them, the notice that was given.

use jiff::{Span, Timestamp, tz::TimeZone};
use outside::store::on_both;
use policy::{Basis, Ended, Method, Purpose, Relation, RelationKind, Scope, Validity};
use relay::consent::{Consent, Filter, Notice, NoticeKind, Order, Ordered, Recorded, state};

use crate::{
    assign::clocks,
    consent::{ask, proof, standing, store, who, yes},
    make::{at, secret},
};

const DAY: i64 = 86_400;

fn relation(kind: RelationKind, day: i64, ended: Option<i64>) -> Relation {
    Relation {
        kind,
        at: at(day * DAY),
        ended_at: ended.map(|day| at(day * DAY)),
        categories: vec!["cars".into()],
        wide_assortment: false,
        objection_offered: true,
        event: String::new(),
    }
}

async fn shop(consent: &Consent) {
    for (id, basis) in [("customers", Basis::LegitimateInterest), ("rental", Basis::Contract)] {
        let years = Validity::Fixed(Span::new().years(2));
        let purpose = Purpose::new("shop", id, "Name", basis, years);
        consent.purpose_add(at(0), &purpose, "test").await.unwrap();
    }
}

async fn order(
    consent: &Consent,
    to: &str,
    relation: Relation,
    grants: Option<&str>,
    ends: Option<&str>,
) -> Ordered {
    let now: Timestamp = relation.ended_at.unwrap_or(relation.at);
    let order = Order {
        relation,
        grants: grants.map(Into::into),
        ends: ends.map(Into::into),
        objected: false,
    };
    consent.order(now, &TimeZone::UTC, &who(to), &order, &proof(1)).await.unwrap()
}

#[tokio::test]
async fn a_contract_completed_becomes_legitimate_interest() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        shop(&consent).await;
        let lookup = ask(&consent);
        let runs = relation(RelationKind::Contract, 1, None);
        let first = order(&consent, "a@b.cz", runs.clone(), Some("rental"), None).await;
        let Recorded::New(event) = &first.relation else { panic!("{first:?}") };
        assert!(matches!(first.granted, Some(Recorded::New(_))));
        let again = order(&consent, "a@b.cz", runs, Some("rental"), None).await;
        let nothing = Ordered {
            relation: Recorded::Already,
            granted: Some(Recorded::Already),
            refused: None,
            ended: 0,
        };
        assert_eq!(again, nothing);
        let over = relation(RelationKind::Contract, 1, Some(90));
        let done = order(&consent, "a@b.cz", over.clone(), Some("customers"), Some("rental")).await;
        assert_eq!(done.ended, 1);
        let found = standing(&lookup, "a@b.cz").await;
        let [one] = found.relations.as_slice() else { panic!("one contract: {found:?}") };
        assert_eq!((one.ended_at, &one.event), (Some(at(90 * DAY)), event));
        let [customer, rental] = found.grants.as_slice() else { panic!("{found:?}") };
        assert_eq!((customer.basis, customer.method), (Basis::LegitimateInterest, Method::Order));
        assert_eq!(customer.from, at(90 * DAY));
        assert_eq!((rental.withdrawn_at, rental.ended), (Some(at(90 * DAY)), Ended::Terminated));
        let past = consent.contact(&who("a@b.cz")).await.unwrap().unwrap().past;
        let kinds: Vec<_> = past.iter().map(|one| one.kind.as_str()).collect();
        assert_eq!(kinds, ["relation", "granted", "relation", "terminated", "granted"]);
        assert_eq!(past[2].detail["completes"], event.as_str());
        let again = order(&consent, "a@b.cz", over, Some("customers"), Some("rental")).await;
        assert_eq!(again, nothing);
        assert!(relay::consent::verify(&fresh.db, &secret()).await.unwrap().broken.is_empty());
    })
    .await;
}

/// GDPR art. 21 lets people object to advertising and to what rests on an interest, art. 7(3) take
/// back a consent; neither ends a contract or a duty.
#[tokio::test]
async fn a_refusal_of_a_contract_s_purpose_ends_no_contract() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        shop(&consent).await;
        let (to, zone) = ("a@b.cz", TimeZone::UTC);
        for purpose in ["rental", "customers", "news"] {
            consent.grant(at(1), &zone, &who(to), &yes(purpose, at(1)), &proof(1)).await.unwrap();
            let scope = Scope::Purpose(purpose.into());
            consent.refuse(at(2), &who(to), &scope, &proof(2)).await.unwrap();
        }
        let found = standing(&ask(&consent), to).await;
        assert_eq!(found.refusals.len(), 3, "nothing that advertises goes under the names");
        for grant in &found.grants {
            let runs = grant.purpose == "rental";
            assert_eq!(grant.withdrawn_at.is_none(), runs, "{}", grant.purpose);
            assert_eq!(state(at(3), &grant.purpose, &found).is_valid(), runs, "{}", grant.purpose);
        }
        let next = relation(RelationKind::Contract, 5, None);
        let done = order(&consent, to, next, Some("rental"), None).await;
        assert!(matches!(done.granted, Some(Recorded::New(_))), "{done:?}");
        let by = proof(9 * DAY);
        let end = consent.end(at(9 * DAY), &who(to), "rental", Ended::Revoked, &by).await.unwrap();
        assert!(matches!(end, Recorded::New(_)), "the controller ends it");
    })
    .await;
}

#[tokio::test]
async fn a_purchase_never_buys_away_a_refusal() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        shop(&consent).await;
        let to = "a@b.cz";
        consent.refuse(at(2), &who(to), &Scope::Everything, &proof(2)).await.unwrap();
        let bought = relation(RelationKind::Purchase, 5, Some(5));
        let done = order(&consent, to, bought.clone(), Some("customers"), None).await;
        assert!(matches!(done.relation, Recorded::New(_)), "what was bought is a fact");
        assert_eq!(done.granted, Some(Recorded::RefusalStands));
        let found = standing(&ask(&consent), to).await;
        assert!(found.grants.is_empty() && found.relations.len() == 1);
        for (purpose, why) in [("unknown", Recorded::NoPurpose), ("news", Recorded::WrongBasis)] {
            let none = order(&consent, "new@b.cz", bought.clone(), Some(purpose), None).await;
            assert_eq!((none.relation, none.granted), (why.clone(), Some(why)));
            assert!(consent.contact(&who("new@b.cz")).await.unwrap().is_none(), "all or nothing");
        }
    })
    .await;
}

#[tokio::test]
async fn goods_of_another_kind_bought_at_the_same_moment_are_another_purchase() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        shop(&consent).await;
        let cars = relation(RelationKind::Purchase, 5, Some(5));
        let toys = Relation { categories: vec!["toys".into()], ..cars.clone() };
        for (bought, new) in [(&cars, true), (&toys, true), (&cars, false), (&toys, false)] {
            let done = order(&consent, "a@b.cz", bought.clone(), None, None).await;
            assert_eq!(matches!(done.relation, Recorded::New(_)), new, "{bought:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn whoever_objects_in_the_order_is_a_customer_and_refused() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        shop(&consent).await;
        let order = Order {
            objected: true,
            grants: Some("customers".into()),
            ..Order::from(relation(RelationKind::Purchase, 5, Some(5)))
        };
        let (to, now) = (who("a@b.cz"), at(5 * DAY));
        for new in [true, false] {
            let done = consent.order(now, &TimeZone::UTC, &to, &order, &proof(1)).await.unwrap();
            let written = matches!(done.relation, Recorded::New(_));
            let refused = matches!(done.refused, Some(Recorded::New(_)));
            assert_eq!((written, refused, done.granted), (new, new, None));
        }
        let found = standing(&ask(&consent), "a@b.cz").await;
        assert_eq!((found.relations.len(), found.refusals.len()), (1, 1));
    })
    .await;
}

#[tokio::test]
async fn a_notice_is_on_record_with_its_version_and_finds_those_who_got_none() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        shop(&consent).await;
        let bought = relation(RelationKind::Purchase, 5, Some(5));
        for to in ["told@b.cz", "not@b.cz"] {
            order(&consent, to, bought.clone(), Some("customers"), None).await;
        }
        let tell = async |version: &str, second| {
            let notice = Notice {
                version: version.into(),
                kind: NoticeKind::VendorGeneric,
                url: Some("https://shop.example/privacy".into()),
            };
            consent.inform(at(second), &who("told@b.cz"), &notice, &proof(second)).await.unwrap()
        };
        assert!(matches!(tell("2026-05", 10).await, Recorded::New(_)));
        assert_eq!(tell("2026-05", 10).await, Recorded::Already);
        assert!(matches!(tell("2026-06", 11).await, Recorded::New(_)));
        assert!(matches!(tell("2025-01", 9).await, Recorded::New(_)), "heard of late");
        assert_eq!(tell("2026-06", 11).await, Recorded::Already, "it is still the newest");
        let past = consent.contact(&who("told@b.cz")).await.unwrap().unwrap().past;
        let told: Vec<_> = past.iter().filter(|one| one.kind == "informed").collect();
        assert_eq!(told.last().unwrap().detail["notice"]["version"], "2026-06");
        assert_eq!(told.last().unwrap().detail["notice"]["kind"], "vendor-generic");
        let filter = r#"{"and":[{"holds":"customers"},{"not":{"informed":{}}}]}"#;
        let filter = Filter::parse(filter).unwrap();
        let now = clocks(at(20 * DAY));
        let page = consent.list("shop", &filter, &now, None, 9).await.unwrap();
        let found: Vec<_> = page.contacts.iter().map(|one| one.address.as_deref()).collect();
        assert_eq!(found, [Some("not@b.cz")]);
    })
    .await;
}
