//! What people said is found at once, proved for ever, and never forgotten by accident.

use std::time::Duration;

use jiff::{Span, Timestamp, tz::TimeZone};
use outside::{
    postgres::Cluster,
    store::{Fresh, on_both},
};
use policy::{
    Activity, Address, Basis, Method, Purpose, Relation, RelationKind, Scope, Source, Validity,
};
use relay::{
    consent::{self, Consent, Lookup, NewGrant, Proof, PurposeFault, Recorded, State, Who, state},
    db::Db,
    journal::Why,
};

use crate::make::{at, secret};

pub(crate) async fn store(db: &Db) -> Consent {
    let consent = Consent::new(db.clone(), secret(), "test");
    fill(&consent).await;
    consent
}

/// With purposes.
pub(crate) async fn fill(consent: &Consent) {
    let any = Activity::ALL.to_vec();
    let validities = [
        ("news", "shop", Validity::Fixed(Span::new().years(3))),
        ("offers", "shop", Validity::SinceActivity { span: Span::new().days(10), kinds: any }),
        ("other", "club", Validity::Fixed(Span::new().years(1))),
    ];
    for (id, controller, validity) in validities {
        let purpose = Purpose::new(controller, id, "Name", Basis::Consent, validity);
        consent.purpose_add(at(0), &purpose, "test").await.unwrap();
    }
}

pub(crate) fn address(text: &str) -> Address {
    text.parse().unwrap()
}

pub(crate) fn who(text: &str) -> Who {
    Who::address("shop", address(text))
}

pub(crate) fn proof(second: i64) -> Proof {
    let evidence = serde_json::json!({ "ip": "192.0.2.1", "wording": "Ano, \0 chci" });
    Proof { actor: "page".into(), at: at(second), evidence }
}

pub(crate) fn yes(purpose: &str, from: Timestamp) -> NewGrant {
    NewGrant {
        purpose: purpose.into(),
        from,
        until: None,
        method: Method::DoubleOptIn,
        source: Source::Own,
        confirmed_at: None,
        age_declared: false,
        lifts_refusal: false,
    }
}

pub(crate) async fn grant(consent: &Consent, to: &str, grant: &NewGrant) -> Recorded {
    consent.grant(at(1), &TimeZone::UTC, &who(to), grant, &proof(1)).await.unwrap()
}

async fn refuse(consent: &Consent, to: &Who, scope: Scope, second: i64) -> Recorded {
    consent.refuse(at(second), to, &scope, &proof(second)).await.unwrap()
}

pub(crate) fn ask(consent: &Consent) -> Lookup {
    consent.lookup(Duration::from_secs(5))
}

pub(crate) async fn standing(lookup: &Lookup, to: &str) -> policy::Standing {
    lookup.records("shop", &[address(to)], false).await.unwrap().remove(0).standing
}

#[tokio::test]
async fn purposes_are_kept_and_never_replaced() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        let all = consent.purposes().await.unwrap();
        assert_eq!(
            all.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(),
            ["other", "news", "offers"]
        );
        assert!(matches!(all[2].validity, Validity::SinceActivity { .. }));
        let again = consent.purpose_add(at(0), &all[0], "test").await;
        assert!(matches!(again, Err(PurposeFault::Exists)), "{again:?}");
        let endless =
            Purpose { id: "x".into(), validity: Validity::Fixed(Span::new()), ..all[0].clone() };
        let endless = consent.purpose_add(at(0), &endless, "test").await;
        assert!(matches!(endless, Err(PurposeFault::Duration)), "{endless:?}");
    })
    .await;
}

#[tokio::test]
async fn a_grant_is_found_under_every_spelling_by_its_controller_only() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        let lookup = ask(&consent);
        assert_eq!(standing(&lookup, "a@příklad.cz").await, policy::Standing::default());
        let new = grant(&consent, "A@Příklad.cz", &yes("news", at(0))).await;
        let Recorded::New(event) = new else { panic!("{new:?}") };
        assert_eq!(grant(&consent, "a@příklad.cz", &yes("news", at(0))).await, Recorded::Already);
        assert_eq!(grant(&consent, "a@příklad.cz", &yes("none", at(0))).await, Recorded::NoPurpose);
        let found = standing(&lookup, "a@xn--pklad-zsa96e.cz").await;
        let [one] = found.grants.as_slice() else { panic!("{found:?}") };
        assert_eq!(one.event, event);
        assert_eq!(one.from, at(0));
        let until = at(0).to_zoned(TimeZone::UTC).checked_add(Span::new().years(3)).unwrap();
        assert_eq!(one.until, until.timestamp());
        assert_eq!(
            (one.method, one.source, one.basis),
            (Method::DoubleOptIn, Source::Own, Basis::Consent)
        );
        let other = lookup.records("club", &[address("a@příklad.cz")], false).await.unwrap();
        assert!(other[0].standing.grants.is_empty());
    })
    .await;
}

/// The same address, the same purpose id, and yet nothing that one learns of the other.
#[tokio::test]
async fn two_controllers_share_nothing() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        let lookup = ask(&consent);
        let news = consent.purpose("shop", "news").await.unwrap().unwrap();
        let theirs = Purpose { controller: "club".into(), name: "Clubovky".into(), ..news };
        consent.purpose_add(at(0), &theirs, "test").await.unwrap();
        let club = Who::address("club", address("a@b.cz"));
        grant(&consent, "a@b.cz", &yes("news", at(0))).await;
        let new = consent.grant(at(1), &TimeZone::UTC, &club, &yes("news", at(0)), &proof(1)).await;
        assert!(matches!(new.unwrap(), Recorded::New(_)), "it is not on record for the club");
        consent.refuse(at(5), &club, &Scope::Everything, &proof(5)).await.unwrap();
        consent.touch(at(6), &TimeZone::UTC, &club, Activity::Login, &proof(6)).await.unwrap();
        let found = standing(&lookup, "a@b.cz").await;
        assert_eq!((found.refusals.len(), found.last_activity), (0, None));
        assert_eq!(found.grants[0].withdrawn_at, None);
        let of_club = lookup.records("club", &[address("a@b.cz")], false).await.unwrap();
        let of_club = &of_club[0].standing;
        assert_eq!((of_club.refusals.len(), of_club.last_activity), (1, Some(at(6))));
        assert_eq!(of_club.grants[0].withdrawn_at, Some(at(5)));
        let shops = consent.contact(&who("a@b.cz")).await.unwrap().unwrap();
        let clubs = consent.contact(&club).await.unwrap().unwrap();
        assert_ne!((shops.brief.id, shops.brief.key), (clubs.brief.id, clubs.brief.key));
        assert_eq!((shops.past.len(), clubs.past.len()), (1, 3));
        let names = consent.purposes_of("club").await.unwrap();
        assert_eq!(
            names.iter().map(|own| own.name.as_str()).collect::<Vec<_>>(),
            ["Clubovky", "Name"]
        );
    })
    .await;
}

#[tokio::test]
async fn many_addresses_are_answered_in_order() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        for n in [1, 3] {
            grant(&consent, &format!("a{n}@b.cz"), &yes("news", at(n))).await;
        }
        let asked: Vec<_> = (0..300).map(|n| address(&format!("a{}@b.cz", n % 5))).collect();
        let records = ask(&consent).records("shop", &asked, false).await.unwrap();
        let from: Vec<_> = records
            .iter()
            .map(|record| record.standing.grants.first().map(|grant| grant.from))
            .collect();
        let expected: Vec<_> =
            (0..300).map(|n| [1, 3].contains(&(n % 5)).then(|| at(n % 5))).collect();
        assert_eq!(from, expected);
    })
    .await;
}

#[tokio::test]
async fn a_refusal_counts_at_once_and_ends_grants() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        let lookup = ask(&consent);
        let to = who("a@b.cz");
        grant(&consent, "a@b.cz", &yes("news", at(0))).await;
        grant(&consent, "a@b.cz", &yes("offers", at(0))).await;
        let first = refuse(&consent, &to, Scope::Purpose("news".into()), 5).await;
        assert!(matches!(first, Recorded::New(_)));
        let found = standing(&lookup, "a@b.cz").await;
        let purposes: Vec<_> = found.grants.iter().map(|grant| grant.purpose.as_str()).collect();
        assert_eq!(purposes, ["news", "offers"], "one order on both databases");
        assert_eq!(found.refusals[0].scope, Scope::Purpose("news".into()));
        assert_eq!(found.grants[0].withdrawn_at, Some(at(5)));
        assert_eq!(found.grants[1].withdrawn_at, None);
        refuse(&consent, &to, Scope::Everything, 6).await;
        assert_eq!(refuse(&consent, &to, Scope::Everything, 7).await, Recorded::Already);
        let found = standing(&lookup, "a@b.cz").await;
        assert_eq!(found.refusals.len(), 2);
        assert!(
            found.refusals.iter().any(|one| one.scope == Scope::Everything && one.since == at(6))
        );
        assert_eq!(found.grants[1].withdrawn_at, Some(at(6)));
    })
    .await;
}

#[tokio::test]
async fn only_a_knowing_yes_lifts_a_refusal_and_for_its_purpose_alone() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        let lookup = ask(&consent);
        grant(&consent, "a@b.cz", &yes("offers", at(0))).await;
        refuse(&consent, &who("a@b.cz"), Scope::Everything, 5).await;
        assert_eq!(grant(&consent, "a@b.cz", &yes("news", at(6))).await, Recorded::RefusalStands);
        assert!(!standing(&lookup, "a@b.cz").await.refusals.is_empty());
        let knowing = NewGrant { lifts_refusal: true, ..yes("news", at(6)) };
        assert!(matches!(grant(&consent, "a@b.cz", &knowing).await, Recorded::New(_)));
        let found = standing(&lookup, "a@b.cz").await;
        let [all] = &found.refusals[..] else { panic!("{found:?}") };
        assert_eq!((&all.scope, &all.except[..]), (&Scope::Everything, &["news".to_owned()][..]));
        let offers = found.grants.iter().find(|grant| grant.purpose == "offers").unwrap();
        assert_eq!(offers.withdrawn_at, Some(at(5)), "what was refused stays ended");
    })
    .await;
}

/// Art. 21: a yes to one thing is none to what comes later.
#[tokio::test]
async fn an_objection_goes_on_for_all_but_what_was_agreed_to_since() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        let lookup = ask(&consent);
        let to = "a@b.cz";
        assert!(matches!(
            consent.object(at(5), &who(to), &proof(5)).await.unwrap(),
            Recorded::New(_)
        ));
        let knowing = NewGrant { lifts_refusal: true, ..yes("news", at(6)) };
        assert!(matches!(grant(&consent, to, &knowing).await, Recorded::New(_)));
        let span = Validity::Fixed(Span::new().years(3));
        let late = Purpose::new("shop", "late", "Name", Basis::LegitimateInterest, span);
        consent.purpose_add(at(7), &late, "test").await.unwrap();
        assert_eq!(grant(&consent, to, &yes("late", at(8))).await, Recorded::RefusalStands);
        assert_eq!(grant(&consent, to, &yes("offers", at(8))).await, Recorded::RefusalStands);
        assert!(matches!(grant(&consent, to, &yes("news", at(8))).await, Recorded::New(_)));
        let now = standing(&lookup, to).await;
        assert_eq!(state(at(9), "news", &now), State::RenewedGiven);
        assert_eq!(state(at(9), "late", &now), State::Refused);
        // Said of that one purpose, then once more of everything.
        let news = Scope::Purpose("news".into());
        assert!(matches!(refuse(&consent, &who(to), news, 10).await, Recorded::New(_)));
        assert_eq!(state(at(11), "news", &standing(&lookup, to).await), State::Withdrawn);
        let again = NewGrant { lifts_refusal: true, ..yes("news", at(12)) };
        assert!(matches!(grant(&consent, to, &again).await, Recorded::New(_)));
        assert!(matches!(
            refuse(&consent, &who(to), Scope::Everything, 13).await,
            Recorded::New(_)
        ));
        let now = standing(&lookup, to).await;
        assert!(now.refusals.iter().all(|one| one.except.is_empty()), "{now:?}");
        assert_eq!(state(at(14), "news", &now), State::Withdrawn);
        assert_eq!(refuse(&consent, &who(to), Scope::Everything, 15).await, Recorded::Already);
        let objected = consent.object(at(16), &who(to), &proof(16)).await.unwrap();
        assert_eq!(objected, Recorded::Already, "the objection was never taken back");
    })
    .await;
}

#[tokio::test]
async fn a_complaint_refuses_everything_and_is_counted_once_until_there_is_a_new_yes() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        let complain = async |to, second| {
            consent.complain(at(second), &who(to), &proof(second)).await.unwrap()
        };
        let count = async || consent.complaints("shop", at(0), at(100)).await.unwrap();
        grant(&consent, "a@b.cz", &yes("news", at(1))).await;
        assert!(matches!(complain("a@b.cz", 5).await, Recorded::New(_)));
        assert_eq!(complain("a@b.cz", 6).await, Recorded::Already);
        let now = standing(&ask(&consent), "a@b.cz").await;
        assert_eq!(state(at(7), "news", &now), State::Withdrawn);
        // Who unsubscribed before may still complain of what came afterwards.
        refuse(&consent, &who("c@b.cz"), Scope::Everything, 8).await;
        assert_eq!(count().await, 1, "a refusal alone is none");
        assert!(matches!(complain("c@b.cz", 9).await, Recorded::New(_)));
        assert_eq!(complain("c@b.cz", 10).await, Recorded::Already);
        assert_eq!(count().await, 2);
        let knowing = NewGrant { lifts_refusal: true, ..yes("news", at(20)) };
        assert!(matches!(grant(&consent, "a@b.cz", &knowing).await, Recorded::New(_)));
        assert!(matches!(complain("a@b.cz", 30).await, Recorded::New(_)));
        assert_eq!(count().await, 3);
        assert_eq!(consent.complaints("shop", at(0), at(7)).await.unwrap(), 1, "in their time");
        assert_eq!(consent.complaints("other", at(0), at(100)).await.unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn a_link_refuses_for_an_address_nobody_has_on_record() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        let key = secret().address_key("shop", &address("new@b.cz"));
        refuse(&consent, &Who::key("shop", key), Scope::Everything, 5).await;
        let found = standing(&ask(&consent), "new@b.cz").await;
        assert_eq!(found.refusals.len(), 1);
        let contact = consent.contact(&Who::key("shop", key)).await.unwrap().unwrap();
        assert_eq!(contact.brief.address, None);
        assert_eq!(contact.past[0].evidence.as_ref().unwrap()["ip"], "192.0.2.1");
        assert_eq!(grant(&consent, "new@b.cz", &yes("news", at(6))).await, Recorded::RefusalStands);
    })
    .await;
}

#[tokio::test]
async fn activity_moves_ahead_what_is_still_valid() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        let lookup = ask(&consent);
        let day = 86_400;
        grant(&consent, "a@b.cz", &yes("offers", at(0))).await;
        grant(&consent, "a@b.cz", &yes("news", at(0))).await;
        let until = async || {
            let found = standing(&lookup, "a@b.cz").await;
            found.grants.iter().find(|grant| grant.purpose == "offers").unwrap().until
        };
        assert_eq!(until().await, at(10 * day));
        let touch = async |second| {
            let proof = Proof { evidence: serde_json::Value::Null, ..proof(second) };
            let (to, zone) = (who("a@b.cz"), TimeZone::UTC);
            consent.touch(at(second), &zone, &to, Activity::Login, &proof).await.unwrap()
        };
        touch(5 * day).await;
        assert_eq!(until().await, at(15 * day));
        assert_eq!(touch(4 * day).await, Recorded::Already);
        touch(20 * day).await;
        assert_eq!(until().await, at(15 * day), "what ended does not come back");
    })
    .await;
}

#[tokio::test]
async fn relations_and_withdrawals_are_on_record() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        let mut relation = Relation {
            kind: RelationKind::Purchase,
            at: at(2),
            ended_at: Some(at(2)),
            categories: vec!["boty".into(), "tkaničky".into()],
            wide_assortment: false,
            objection_offered: true,
            event: String::new(),
        };
        let to = who("a@b.cz");
        let new = consent.relate(at(3), &TimeZone::UTC, &to, &relation, &proof(3)).await.unwrap();
        let Recorded::New(event) = new else { panic!("{new:?}") };
        let again = consent.relate(at(4), &TimeZone::UTC, &to, &relation, &proof(4)).await.unwrap();
        assert_eq!(again, Recorded::Already);
        relation.event = event;
        assert_eq!(standing(&ask(&consent), "a@b.cz").await.relations, [relation]);

        let none = consent.withdraw(at(5), &to, "news", &proof(5)).await.unwrap();
        assert_eq!(none, Recorded::Already);
        grant(&consent, "a@b.cz", &yes("news", at(0))).await;
        let done = consent.withdraw(at(5), &to, "news", &proof(5)).await.unwrap();
        assert!(matches!(done, Recorded::New(_)));
        let found = standing(&ask(&consent), "a@b.cz").await;
        assert_eq!(found.grants[0].withdrawn_at, Some(at(5)));
        assert!(found.refusals.is_empty());
        let kinds: Vec<_> = consent
            .contact(&to)
            .await
            .unwrap()
            .unwrap()
            .past
            .into_iter()
            .map(|one| one.kind)
            .collect();
        assert_eq!(kinds, ["granted", "relation", "withdrawn"]);
    })
    .await;
}

#[tokio::test]
async fn changed_evidence_is_found_and_erased_evidence_is_not_missed() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        for n in 0..4 {
            grant(&consent, &format!("a{n}@b.cz"), &yes("news", at(0))).await;
        }
        let run = async |sql: &str| {
            let mut tx = fresh.db.begin().await.unwrap();
            tx.run(sql, vec![]).await.unwrap();
            tx.commit().await.unwrap();
            consent::verify(&fresh.db, &secret()).await.unwrap()
        };
        let erased = run("UPDATE consent_event SET evidence = NULL WHERE seq = 2").await;
        assert_eq!((erased.lines, erased.broken), (4, vec![]));
        let changed =
            run("UPDATE consent_event SET evidence = substr(evidence, 1, 30) WHERE seq = 3")
                .await
                .broken;
        assert_eq!((changed[0].seq, changed[0].why), (3, Why::Evidence));
        let changed = run("UPDATE consent_event SET at = at - 1 WHERE seq = 1").await.broken;
        assert_eq!((changed[0].seq, changed[0].why), (1, Why::Changed));
        assert_eq!(changed[0].chain, "consent/test");
    })
    .await;
}

#[tokio::test]
async fn another_secret_is_refused() {
    on_both(async |fresh| {
        fresh.db.bind_secret("one").await.unwrap();
        fresh.db.bind_secret("one").await.unwrap();
        let other = fresh.db.bind_secret("two").await.unwrap_err();
        assert!(other.to_string().contains("the key file does not belong"), "{other}");
    })
    .await;
}

#[tokio::test]
async fn two_processes_write_to_one_database_at_once() {
    on_both(async |fresh| {
        let ours = store(&fresh.db).await;
        let other = Db::open(&fresh.url).await.unwrap();
        let theirs = Consent::new(other, secret(), "cli");
        let many = async |consent: &Consent| {
            for n in 0..20 {
                grant(consent, &format!("a{n}@b.cz"), &yes("news", at(0))).await;
            }
        };
        tokio::join!(many(&ours), many(&theirs));
        let found = consent::verify(&fresh.db, &secret()).await.unwrap();
        assert_eq!((found.lines, found.broken), (20, vec![]), "each grant once");
    })
    .await;
}

#[tokio::test]
async fn a_stopped_postgres_leaves_no_answer_and_comes_back() {
    let cluster = Cluster::start();
    let db = Db::open(&cluster.create("stopped")).await.unwrap();
    let consent = store(&db).await;
    grant(&consent, "a@b.cz", &yes("news", at(0))).await;
    let lookup = consent.lookup(Duration::from_millis(500));
    assert_eq!(standing(&lookup, "a@b.cz").await.grants.len(), 1);
    cluster.stop();
    assert!(lookup.records("shop", &[address("a@b.cz")], false).await.is_err());
    cluster.go();
    assert_eq!(standing(&lookup, "a@b.cz").await.grants.len(), 1);
}

#[tokio::test]
async fn a_refusal_is_seen_by_a_lookup_in_another_process() {
    let fresh = Fresh::sqlite().await;
    let consent = store(&fresh.db).await;
    let other = Db::open(&fresh.url).await.unwrap();
    let lookup = Consent::new(other, secret(), "b").lookup(Duration::from_secs(5));
    assert!(standing(&lookup, "a@b.cz").await.refusals.is_empty());
    refuse(&consent, &who("a@b.cz"), Scope::Everything, 5).await;
    assert_eq!(standing(&lookup, "a@b.cz").await.refusals.len(), 1);
}
