//! The present is what the events make of it, and whoever changes a row beside them is found out.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use outside::store::{Fresh, on_both, on_each};
use policy::{
    Activity, Basis, Country, Ended, Method, Pack, Preference, Purpose, Relation, RelationKind,
    Scope, Subscriber, Term, Topic, Validity,
};
use relay::consent::{
    About, Assignment, Clocks, Closing, Compared, Consent, Correction, Erasure, Filter, NewGrant,
    Notice, NoticeKind, Order, Proven, Recorded, Start, Target, Topics, TopicsSet,
    clock::{Clock, Review, Terms},
    compare,
};

use crate::{
    consent::{grant, proof, store, who, yes},
    import::{plan, run},
    make::{at, secret},
};

const DAY: i64 = 86_400;
const JANA: &str = "jana@b.cz";
const PETR: &str = "petr@b.cz";

fn relation(kind: RelationKind, day: i64, ended: Option<i64>) -> Relation {
    Relation {
        kind,
        at: at(day * DAY),
        ended_at: ended.map(|day| at(day * DAY)),
        categories: vec!["coffee".into(), "tea".into()],
        wide_assortment: true,
        objection_offered: true,
        event: String::new(),
    }
}

fn name(recorded: Recorded) -> String {
    let Recorded::New(event) = recorded else { panic!("{recorded:?}") };
    event
}

/// Everything that makes or changes a row of the present.
async fn filled(fresh: &Fresh) -> Consent {
    let consent = store(&fresh.db).await;
    for (id, basis) in [("rental", Basis::Contract), ("customers", Basis::LegitimateInterest)] {
        let years = Validity::Fixed(jiff::Span::new().years(2));
        let purpose = Purpose::new("shop", id, "Name", basis, years);
        consent.purpose_add(at(0), &purpose, "test").await.unwrap();
    }
    let other = Consent::new(fresh.db.clone(), secret(), "other");
    topics(&consent, &other).await;
    people(&consent).await;
    customers(&consent).await;
    many(&consent).await;
    consent
}

/// By two relays, one after the other: the last edition counts, on whichever chain it is.
async fn topics(consent: &Consent, other: &Consent) {
    let topic = |id: &str| Topic { id: id.into(), name: format!("About {id}") };
    for (by, second, ids) in [(other, 9, vec!["tools"]), (consent, 2, vec!["seeds", "tools"])] {
        let topics: Vec<Topic> = ids.into_iter().map(topic).collect();
        let what = Topics { controller: "shop", purpose: "news", topics: &topics, actor: "cli" };
        assert_eq!(by.purpose_topics(at(second), &what).await.unwrap(), TopicsSet::New);
    }
}

async fn people(consent: &Consent) {
    let made = name(grant(consent, JANA, &yes("news", at(0))).await);
    let confirmed =
        NewGrant { confirmed_at: Some(at(1)), age_declared: true, ..yes("offers", at(1)) };
    grant(consent, JANA, &confirmed).await;
    let by = Correction { until: Some(at(900 * DAY)), ..Correction::default() };
    consent.correct(at(2), &who(JANA), &made, &by, &proof(2)).await.unwrap();
    let zone = TimeZone::UTC;
    consent.touch(at(DAY), &zone, &who(JANA), Activity::Click, &proof(DAY)).await.unwrap();
    let wish = Preference {
        purpose: Some("news".into()),
        at_most: Some("2 in 30 days".parse().unwrap()),
        paused_until: Some(at(40 * DAY)),
        topics: Some(["seeds".to_owned()].into()),
    };
    consent.prefer(at(3), &who(JANA), &wish, &proof(3)).await.unwrap();
    let about = About {
        country: Some(Country(*b"CZ")),
        subscriber: Some(Subscriber::Individual),
        published: Some(true),
    };
    consent.describe(at(3), &who(JANA), &about, &proof(3)).await.unwrap();
    let notice = Notice { version: "2026".into(), kind: NoticeKind::Own, url: None };
    consent.inform(at(4), &who(JANA), &notice, &proof(4)).await.unwrap();
    // A no to everything, lifted for one purpose.
    grant(consent, PETR, &yes("news", at(0))).await;
    consent.refuse(at(5), &who(PETR), &Scope::Everything, &proof(5)).await.unwrap();
    let again = NewGrant { lifts_refusal: true, ..yes("offers", at(6)) };
    consent.grant(at(6), &zone, &who(PETR), &again, &proof(6)).await.unwrap();
    consent.refuse(at(7), &who("no@b.cz"), &Scope::Everything, &proof(7)).await.unwrap();
    consent.object(at(8), &who("no@b.cz"), &proof(8)).await.unwrap();
}

async fn customers(consent: &Consent) {
    let to = who("customer@b.cz");
    let order = |relation, grants: &str, ends: Option<&str>| Order {
        relation,
        grants: Some(grants.into()),
        ends: ends.map(Into::into),
        objected: false,
    };
    let runs = order(relation(RelationKind::Contract, 1, None), "rental", None);
    consent.order(at(DAY), &TimeZone::UTC, &to, &runs, &proof(DAY)).await.unwrap();
    let over = order(relation(RelationKind::Contract, 1, Some(9)), "customers", Some("rental"));
    consent.order(at(9 * DAY), &TimeZone::UTC, &to, &over, &proof(9 * DAY)).await.unwrap();
    let bought = relation(RelationKind::Purchase, 10, Some(10));
    consent.relate(at(10 * DAY), &TimeZone::UTC, &to, &bought, &proof(10 * DAY)).await.unwrap();
    for (index, how) in [Ended::Withdrawn, Ended::Revoked, Ended::Invalidated].iter().enumerate() {
        let to = format!("ended{index}@b.cz");
        grant(consent, &to, &yes("news", at(0))).await;
        consent.end(at(20), &who(&to), "news", *how, &proof(20)).await.unwrap();
    }
    for (to, how) in [("gone@b.cz", Erasure::Delete), ("nobody@b.cz", Erasure::Anonymise)] {
        grant(consent, to, &yes("news", at(0))).await;
        let proven = Proven { zone: TimeZone::UTC, kept_for: None };
        consent.refuse(at(30), &who(to), &Scope::Everything, &proof(30)).await.unwrap();
        consent.erase(at(31), &who(to), how, &proven, &proof(31)).await.unwrap();
    }
}

async fn many(consent: &Consent) {
    // One of them refused before, and one is on record without a country.
    let file = b"email,granted_at,country\nimport@b.cz,2026-03-01 14:30,SK\n\
                 no@b.cz,2026-03-01 14:30,AT\ncustomer@b.cz,2026-03-01 14:30,AT\n";
    run(consent, file, &plan()).await.unwrap();
    let pack = Pack::in_force(&Pack::builtin(), "cz", at(50)).unwrap().clone();
    let clocks = Clocks::new(at(50), &pack, &TimeZone::UTC, &BTreeMap::new());
    let what = Assignment {
        confirmed_at: None,
        of_age: false,
        controller: "shop".into(),
        purpose: "customers".into(),
        start: Start::Now,
        until: None,
        method: Method::Manual,
        source: policy::Source::Own,
        evidence: serde_json::json!({ "note": "contract" }),
        actor: "cli".into(),
        dry_run: false,
    };
    let all = Target::Filter(Filter::everybody());
    consent.assign(&|| clocks.now, &TimeZone::UTC, &clocks, &what, &all, |_| ()).await.unwrap();
    let figures = consent.review_figures("shop", &clocks).await.unwrap();
    let review = Review { at: at(60), actor: "Jana".into(), note: "all right".into(), figures };
    consent.review_sign("shop", &review).await.unwrap();
    let closing = Closing { controller: "club", purpose: "other", actor: "cli", why: "over" };
    assert!(consent.purpose_close(at(70), &closing).await.unwrap());
}

fn terms() -> Terms {
    let term = |text: &str| -> Term { text.parse().unwrap() };
    Terms {
        controller: "shop".into(),
        zone: TimeZone::UTC,
        max_inactive: term("2 years"),
        reactivate_within: Some(term("30 days")),
        evidence_for: term("4 years"),
        purge_evidence: true,
        review_every: term("1 year"),
    }
}

fn said(compared: &Compared) -> Vec<String> {
    compared.differences.iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn what_was_written_through_years_is_what_the_events_say() {
    on_both(async |fresh| {
        let consent = filled(fresh).await;
        let clock = Clock::new(consent, "a");
        for step in 1..45 {
            while clock.tick(at(step * 60 * DAY), &[terms()]).await.unwrap().more {}
        }
        let compared = compare(&fresh.db).await.unwrap();
        assert_eq!(said(&compared), Vec::<String>::new());
        assert!(compared.contacts >= 9 && compared.records == 7, "{compared:?}");
    })
    .await;
}

/// Each changes one table, and what is said of it has to hold the word.
const CHANGES: [(&str, &str, &str); 51] = [
    ("grant_now", "UPDATE {t} SET purpose = 'rental' WHERE purpose = 'offers'", "`purpose`"),
    ("grant_now", "UPDATE {t} SET valid_from = valid_from - 1", "`valid_from`"),
    ("grant_now", "UPDATE {t} SET valid_until = valid_until + 1", "`valid_until`"),
    ("grant_now", "UPDATE {t} SET method = 'chat'", "`method`"),
    ("grant_now", "UPDATE {t} SET source = 'public'", "`source`"),
    ("grant_now", "UPDATE {t} SET withdrawn_at = NULL", "`withdrawn_at`"),
    ("grant_now", "UPDATE {t} SET withdrawn_at = 7 WHERE withdrawn_at IS NULL", "`withdrawn_at`"),
    ("grant_now", "UPDATE {t} SET ended = 'terminated' WHERE ended = 'withdrawn'", "`ended`"),
    ("grant_now", "UPDATE {t} SET confirmed_at = 5 WHERE confirmed_at IS NULL", "`confirmed_at`"),
    ("grant_now", "UPDATE {t} SET of_age = 1 - of_age", "`of_age`"),
    ("grant_now", "UPDATE {t} SET evidence = 'none'", "`evidence`"),
    ("grant_now", "UPDATE {t} SET seq = seq + 1000", "no event made"),
    ("grant_now", "UPDATE {t} SET told = 2", "`told`"),
    ("grant_now", "DELETE FROM {t} WHERE purpose = 'news'", "is gone"),
    ("refusal_now", "UPDATE {t} SET since = since + 1", "`since`"),
    ("refusal_now", "UPDATE {t} SET scope = 'none' WHERE scope = ''", "no event made `none`"),
    ("refusal_now", "UPDATE {t} SET chain = chain + 1", "`chain`"),
    ("refusal_now", "UPDATE {t} SET seq = seq + 1", "`seq`"),
    ("refusal_now", "DELETE FROM {t}", "`` is gone"),
    ("refusal_now", "DELETE FROM {t} WHERE lifted = 1", "`offers` is gone"),
    ("refusal_now", "UPDATE {t} SET lifted = 1 - lifted", "`lifted`"),
    ("relation_now", "UPDATE {t} SET kind = 'enquiry'", "`kind`"),
    ("relation_now", "UPDATE {t} SET at = at + 1", "`at`"),
    ("relation_now", "UPDATE {t} SET ended_at = NULL", "`ended_at`"),
    ("relation_now", "UPDATE {t} SET categories = '[]'", "`categories`"),
    ("relation_now", "UPDATE {t} SET wide_assortment = 0", "`wide_assortment`"),
    ("relation_now", "UPDATE {t} SET objection_offered = 0", "`objection_offered`"),
    ("relation_now", "DELETE FROM {t}", "is gone"),
    ("preference_now", "UPDATE {t} SET purpose = 'none'", "no event made `none`"),
    ("preference_now", "UPDATE {t} SET at_most = '9 in 30 days'", "`at_most`"),
    ("preference_now", "UPDATE {t} SET paused_until = NULL", "`paused_until`"),
    ("preference_now", "UPDATE {t} SET topics = NULL", "`topics`"),
    ("preference_now", "UPDATE {t} SET topics = '[\"tools\"]'", "`topics`"),
    ("preference_now", "DELETE FROM {t}", "is gone"),
    ("activity_now", "UPDATE {t} SET at = at + 1", "`at`"),
    ("activity_now", "DELETE FROM {t}", "is gone"),
    ("notice_now", "UPDATE {t} SET version = '2027'", "`version`"),
    ("notice_now", "DELETE FROM {t}", "is gone"),
    ("purpose", "UPDATE {t} SET basis = 'contract' WHERE id = 'news'", "`basis`"),
    ("purpose", "UPDATE {t} SET double_opt_in = 1 WHERE id = 'news'", "`double_opt_in`"),
    ("purpose", "UPDATE {t} SET duration = 'P9Y' WHERE id = 'news'", "`duration`"),
    ("purpose", "UPDATE {t} SET topics = '[]' WHERE id = 'news'", "`topics`"),
    ("purpose", "UPDATE {t} SET edition = 9 WHERE id = 'news'", "`edition`"),
    ("purpose", "UPDATE {t} SET closed_at = NULL", "`closed_at`"),
    ("purpose", "UPDATE {t} SET closed_at = 7 WHERE id = 'news'", "`closed_at`"),
    ("purpose", "DELETE FROM {t} WHERE id = 'other'", "`club/other` is gone"),
    ("import", "UPDATE {t} SET attested_by = 'Nobody'", "`attested_by`"),
    ("import", "UPDATE {t} SET source = 'bought'", "`source`"),
    ("review", "UPDATE {t} SET figures = '{}'", "`figures`"),
    ("review", "UPDATE {t} SET actor = 'Nobody'", "`actor`"),
    ("review", "DELETE FROM {t}", "is gone"),
];

#[tokio::test]
async fn a_row_changed_beside_the_events_is_named() {
    on_each(async |fresh| {
        filled(fresh).await;
        let run = async |sql: String| {
            let mut tx = fresh.db.begin().await.unwrap();
            let changed = tx.run(&sql, vec![]).await.unwrap();
            tx.commit().await.unwrap();
            changed
        };
        let mut kept = String::new();
        for (table, change, word) in CHANGES {
            if kept != table {
                run(format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}")).await;
                table.clone_into(&mut kept);
            }
            let change = change.replace("{t}", table);
            assert!(run(change.clone()).await > 0, "{change}");
            let compared = compare(&fresh.db).await.unwrap();
            let named = compared.differences.iter().any(|one| {
                one.table == table && one.what.contains(word) && one.to_string().contains(table)
            });
            assert!(named, "{change}: {:#?}", said(&compared));
            run(format!("DELETE FROM {table}")).await;
            run(format!("INSERT INTO {table} SELECT * FROM kept_{table}")).await;
            assert_eq!(said(&compare(&fresh.db).await.unwrap()), Vec::<String>::new(), "{change}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_contact_s_own_row_is_compared_too() {
    on_each(async |fresh| {
        filled(fresh).await;
        for (change, word) in [
            ("country = 'XX' WHERE country = 'CZ'", "`country`"),
            ("country = 'XX' WHERE country = 'SK'", "`country`"),
            ("country = 'XX' WHERE country IS NULL", "`country`"),
            ("country = NULL WHERE country = 'AT'", "`country`"),
            ("subscriber = 'corporate' WHERE subscriber IS NULL", "`subscriber`"),
            ("published = 1 WHERE published = 0", "`published`"),
            ("last_activity = 5 WHERE last_activity IS NULL", "`last_activity`"),
            ("prefers = 0", "`prefers`"),
            (
                "erased_at = 5, erasure = 'delete', forgotten_at = 5 WHERE erased_at IS NULL",
                "no event says",
            ),
        ] {
            let named = async || {
                let found = said(&compare(&fresh.db).await.unwrap());
                found.iter().filter(|one| one.contains(word)).count()
            };
            let before = named().await;
            let mut tx = fresh.db.begin().await.unwrap();
            tx.run(&format!("UPDATE contact SET {change}"), vec![]).await.unwrap();
            tx.commit().await.unwrap();
            assert!(named().await > before, "{change}");
        }
    })
    .await;
}

#[tokio::test]
async fn who_is_waited_for_is_compared_too() {
    on_each(async |fresh| {
        let consent = store(&fresh.db).await;
        let long = NewGrant { until: Some(at(4_000 * DAY)), ..yes("news", at(0)) };
        grant(&consent, JANA, &long).await;
        let clock = Clock::new(consent, "a");
        while clock.tick(at(1_100 * DAY), &[terms()]).await.unwrap().more {}
        assert_eq!(said(&compare(&fresh.db).await.unwrap()), Vec::<String>::new());
        for (change, word) in [
            ("UPDATE reactivation_now SET until = until + 1", "`until`"),
            ("DELETE FROM reactivation_now", "is gone"),
        ] {
            let mut tx = fresh.db.begin().await.unwrap();
            assert_eq!(tx.run(change, vec![]).await.unwrap(), 1);
            tx.commit().await.unwrap();
            let found = said(&compare(&fresh.db).await.unwrap());
            assert!(found.iter().any(|one| one.contains(word)), "{change}: {found:#?}");
        }
    })
    .await;
}

#[tokio::test]
async fn differences_are_counted_where_there_are_too_many_to_name() {
    let fresh = Fresh::sqlite().await;
    let consent = store(&fresh.db).await;
    let mut file = String::from("email,granted_at\n");
    (0..1_200).for_each(|i| file.push_str(&format!("a{i}@b.cz,2026-03-01 14:30\n")));
    run(&consent, file.as_bytes(), &plan()).await.unwrap();
    let mut tx = fresh.db.begin().await.unwrap();
    tx.run("UPDATE grant_now SET valid_until = valid_until + 1", vec![]).await.unwrap();
    tx.commit().await.unwrap();
    let compared = compare(&fresh.db).await.unwrap();
    assert_eq!((compared.contacts, compared.differences.len(), compared.more), (1_200, 1_000, 200));
}
