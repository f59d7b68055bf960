//! The facts behind a standing beside yes and no: what a grant proves, who stands behind an address,
//! how often a person wants to hear, what was sent; and the policies that verdicts name.

use std::sync::Arc;

use jiff::tz::TimeZone;
use outside::store::{Fresh, on_both};
use policy::{
    Class, Country, EvidenceField, Method, Preference, Purpose, Relation, RelationKind, Requires,
    Sent, Subscriber,
};
use relay::{
    consent::{self, About, NewGrant, Proof, Recorded},
    journal::policies,
    spool::{Counted, Left, Settle, Settlement, Spool, State},
};

use crate::{
    consent::{address, ask, grant, proof, standing, store, who, yes},
    make::{at, delivery, message, secret},
    spool::settled,
};

const DAY: i64 = 86_400;

#[tokio::test]
async fn a_grant_says_what_its_evidence_holds_and_what_its_purpose_asks() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        let requires = Requires { double_opt_in: true, age_declared: true, once: false };
        let news = consent.purpose("shop", "news").await.unwrap().unwrap();
        let strict = Purpose { id: "strict".into(), requires, ..news };
        consent.purpose_add(at(0), &strict, "test").await.unwrap();
        assert_eq!(consent.purpose("shop", "strict").await.unwrap().unwrap().requires, requires);
        let form = NewGrant {
            method: Method::Form,
            age_declared: true,
            confirmed_at: Some(at(3)),
            ..yes("strict", at(0))
        };
        grant(&consent, "a@b.cz", &form).await;
        let bare = Proof { evidence: serde_json::Value::Null, ..proof(1) };
        let zone = TimeZone::UTC;
        let news = yes("news", at(0));
        consent.grant(at(1), &zone, &who("a@b.cz"), &news, &bare).await.unwrap();
        let grants = standing(&ask(&consent), "a@b.cz").await.grants;
        let [plain, full] = grants.as_slice() else { panic!("{grants:?}") };
        assert_eq!((plain.confirmed_at, plain.age_declared), (None, false));
        assert_eq!(plain.requires, Requires::default());
        assert!(!plain.evidence.contains(&EvidenceField::Record));
        assert_eq!((full.confirmed_at, full.age_declared), (Some(at(3)), true));
        assert_eq!(full.requires, requires);
        let all = [
            EvidenceField::GrantedAt,
            EvidenceField::Method,
            EvidenceField::Source,
            EvidenceField::Record,
            EvidenceField::Wording,
        ];
        assert_eq!(full.evidence, all);
    })
    .await;
}

#[tokio::test]
async fn a_declaration_of_age_goes_on_with_the_persons_own_click() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        for (to, declared) in [("old@b.cz", true), ("new@b.cz", false)] {
            let form =
                NewGrant { method: Method::Form, age_declared: declared, ..yes("news", at(0)) };
            grant(&consent, to, &form).await;
            for (method, second) in [(Method::RenewalClick, 5), (Method::Import, 6)] {
                let confirmed_at = (method == Method::RenewalClick).then_some(at(second));
                let again = NewGrant { method, confirmed_at, ..yes("news", at(second)) };
                grant(&consent, to, &again).await;
            }
            let grants = standing(&ask(&consent), to).await.grants;
            let ages: Vec<bool> = grants.iter().map(|grant| grant.age_declared).collect();
            assert_eq!(ages, [declared, declared, false], "{to}");
        }
    })
    .await;
}

#[tokio::test]
async fn who_stands_behind_an_address_is_set_by_an_event() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        let about = About {
            country: Some(Country(*b"SK")),
            subscriber: Some(Subscriber::Corporate),
            published: Some(true),
        };
        let set = async |about: &About| {
            consent.describe(at(2), &who("a@b.cz"), about, &proof(2)).await.unwrap()
        };
        assert!(matches!(set(&about).await, Recorded::New(_)));
        assert_eq!(set(&about).await, Recorded::Already);
        let lookup = ask(&consent);
        let record = lookup.records("shop", &[address("a@b.cz")], false).await.unwrap().remove(0);
        assert_eq!(record.country, about.country);
        let found = &record.standing;
        assert_eq!((found.subscriber, found.published), (Subscriber::Corporate, true));
        let private = About { subscriber: Some(Subscriber::Unknown), ..About::default() };
        assert!(matches!(set(&private).await, Recorded::New(_)));
        let found = standing(&lookup, "a@b.cz").await;
        assert_eq!((found.subscriber, found.published), (Subscriber::Unknown, true));
        let contact = consent.contact(&who("a@b.cz")).await.unwrap().unwrap();
        assert_eq!(contact.brief.country.as_deref(), Some("SK"));
        let details: Vec<String> =
            contact.past.iter().map(|past| format!("{} {}", past.kind, past.detail)).collect();
        assert_eq!(
            details,
            [
                r#"corrected {"country":"SK","published":true,"subscriber":"corporate"}"#,
                r#"corrected {"subscriber":"unknown"}"#
            ]
        );
        assert_eq!(consent::verify(&fresh.db, &secret()).await.unwrap().broken, []);
    })
    .await;
}

#[tokio::test]
async fn a_wish_takes_the_place_of_the_one_before_and_can_be_taken_back() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        let lookup = ask(&consent);
        let says = async |wish: &Preference| {
            consent.prefer(at(2), &who("a@b.cz"), wish, &proof(2)).await.unwrap()
        };
        let wish = |purpose: Option<&str>, at_most: Option<&str>, paused: Option<i64>| Preference {
            purpose: purpose.map(Into::into),
            at_most: at_most.map(|text| text.parse().unwrap()),
            paused_until: paused.map(at),
            topics: None,
        };
        let rare = wish(None, Some("2 in 30 days"), None);
        let news = wish(Some("news"), None, Some(9));
        assert!(matches!(says(&rare).await, Recorded::New(_)));
        assert_eq!(says(&rare).await, Recorded::Already);
        assert!(matches!(says(&news).await, Recorded::New(_)));
        assert_eq!(says(&wish(Some("none"), None, None)).await, Recorded::NoPurpose);
        assert_eq!(standing(&lookup, "a@b.cz").await.preferences, [rare.clone(), news.clone()]);
        let club = lookup.records("club", &[address("a@b.cz")], false).await.unwrap();
        assert_eq!(club[0].standing.preferences, [], "it was said to the shop");
        let rarer = wish(None, Some("1 in 1 year"), Some(20));
        says(&rarer).await;
        assert_eq!(standing(&lookup, "a@b.cz").await.preferences, [rarer, news]);
        says(&wish(None, None, None)).await;
        says(&wish(Some("news"), None, None)).await;
        assert_eq!(standing(&lookup, "a@b.cz").await.preferences, []);
        assert_eq!(says(&wish(None, None, None)).await, Recorded::Already);
        let past = consent.contact(&who("a@b.cz")).await.unwrap().unwrap().past;
        assert_eq!(past.len(), 5);
        assert!(past.iter().all(|one| one.kind == "preference"));
        assert_eq!(consent::verify(&fresh.db, &secret()).await.unwrap().broken, []);
    })
    .await;
}

#[tokio::test]
async fn who_took_part_in_a_contest_is_on_record_as_such() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        let relation = Relation {
            kind: RelationKind::Contest,
            at: at(2),
            ended_at: Some(at(2)),
            categories: vec![],
            wide_assortment: false,
            objection_offered: false,
            event: String::new(),
        };
        consent.relate(at(3), &TimeZone::UTC, &who("a@b.cz"), &relation, &proof(3)).await.unwrap();
        let found = standing(&ask(&consent), "a@b.cz").await.relations;
        assert_eq!(found[0].kind, RelationKind::Contest);
    })
    .await;
}

/// One message that left for the address and is settled so.
pub(crate) async fn leaves(spool: &Spool, to: &str, purpose: Option<&str>, second: i64) {
    let key = secret().address_key("shop", &address(to));
    let message = message(b"Subject: x\r\n\r\n");
    let mut one = delivery(&message, "a", State::Claimed);
    one.key = key;
    let kept = spool.keep(message, vec![one], vec![]).await.unwrap();
    let turn = spool.turns().take(vec![key]).await.unwrap().remove(&key).unwrap();
    let counted = purpose.map(|purpose| {
        Arc::new(Counted { purpose: Some(purpose.into()), class: Class::Commercial, turn })
    });
    let left = counted.map(|counted| Left { key, at: at(second), counted });
    let settlement =
        Settlement { left, ..Settlement::bare(kept[0].id, kept[0].message, Settle::Done) };
    assert!(settled(spool, settlement).await);
}

#[tokio::test]
async fn what_left_is_counted_where_somebody_counts() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        let lookup = ask(&consent);
        let spool = Spool::open(fresh.db.clone(), &secret(), "test", at(0)).await.unwrap();
        // Nobody has heard of this address: a cap is for it too.
        leaves(&spool, "x@b.cz", Some("news"), 5).await;
        leaves(&spool, "x@b.cz", Some("offers"), 7).await;
        leaves(&spool, "x@b.cz", None, 8).await;
        let sent = async |controller: &str, counted: bool| {
            let found = lookup.records(controller, &[address("x@b.cz")], counted).await.unwrap();
            found[0].standing.sent.clone()
        };
        let one = |purpose: &str, second| Sent {
            purpose: purpose.into(),
            class: Class::Commercial,
            at: at(second),
        };
        let both = [one("offers", 7), one("news", 5)];
        assert_eq!(sent("shop", true).await, both);
        assert_eq!(sent("club", true).await, []);
        assert_eq!(sent("shop", false).await, [], "nothing on record asks for it");
        let most = "2 in 30 days".parse().unwrap();
        let wish = Preference { at_most: Some(most), ..Preference::about(None) };
        consent.prefer(at(9), &who("x@b.cz"), &wish, &proof(9)).await.unwrap();
        assert_eq!(sent("shop", false).await, both, "the person asks for it");
        let shown = consent.contact(&who("x@b.cz")).await.unwrap().unwrap().sent;
        assert_eq!(shown, both, "the newest first");
    })
    .await;
}

#[tokio::test]
async fn what_spent_a_grant_is_never_forgotten_and_everything_else_is() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        let news = consent.purpose("shop", "news").await.unwrap().unwrap();
        let requires = Requires { once: true, ..Requires::default() };
        let once = Purpose { id: "once".into(), requires, ..news };
        consent.purpose_add(at(0), &once, "test").await.unwrap();
        grant(&consent, "x@b.cz", &yes("once", at(0))).await;
        let spool = Spool::open(fresh.db.clone(), &secret(), "test", at(0)).await.unwrap();
        leaves(&spool, "x@b.cz", Some("once"), 5).await;
        leaves(&spool, "x@b.cz", Some("news"), 5).await;
        leaves(&spool, "x@b.cz", Some("news"), 30 * DAY).await;
        let purposes = async || {
            let sent = standing(&ask(&consent), "x@b.cz").await.sent;
            sent.into_iter().map(|one| one.purpose).collect::<Vec<_>>()
        };
        assert_eq!(purposes().await, ["news", "once", "news"]);
        assert_eq!(spool.forget_sent(at(360 * DAY)).await.unwrap(), 0);
        assert_eq!(spool.forget_sent(at(380 * DAY)).await.unwrap(), 1);
        assert_eq!(purposes().await, ["news", "once"]);
    })
    .await;
}

#[tokio::test]
async fn a_policy_is_kept_by_its_version_and_the_last_one_is_known() {
    on_both(async |Fresh { db, .. }| {
        assert_eq!(policies::last(db).await.unwrap(), None);
        for (second, version) in [(1, "a"), (2, "b"), (3, "a"), (2, "a")] {
            policies::keep(db, at(second), version, &format!("text of {version}")).await.unwrap();
        }
        let last = policies::last(db).await.unwrap().unwrap();
        assert_eq!((last.version.as_str(), last.text.as_str()), ("a", "text of a"));
        assert_eq!((last.first_at, last.last_at), (at(1), at(3)));
        assert_eq!(policies::find(db, "b").await.unwrap().unwrap().text, "text of b");
        assert_eq!(policies::find(db, "c").await.unwrap(), None);
    })
    .await;
}
