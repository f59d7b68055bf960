//! Whoever was erased is written to no more and noted no more, until they come back by themselves.

use jiff::{Timestamp, tz::TimeZone};
use outside::store::{Fresh, on_both};
use policy::{Activity, Ended, Method, Relation, RelationKind, Scope, Source, Term};
use relay::{
    consent::{
        About, Assigned, Assignment, Clocks, Consent, Contact, Erasure, Kept, NewGrant, Notice,
        NoticeKind, Proof, Proven, Recorded, Start, Target, clock::Clock,
    },
    spool::Spool,
};
use serde_json::json;

use crate::{
    assign::clocks,
    clock::{run, terms},
    consent::{address, ask, proof, standing, store, who, yes},
    make::{at, secret},
    pending::ticket,
    standing::leaves,
};

const JANA: &str = "jana@b.cz";

async fn grant(consent: &Consent, second: i64, grant: &NewGrant) -> Recorded {
    let (zone, proof) = (TimeZone::UTC, proof(second));
    consent.grant(at(second), &zone, &who(JANA), grant, &proof).await.unwrap()
}

fn order(second: i64) -> Relation {
    Relation {
        kind: RelationKind::Purchase,
        at: at(second),
        ended_at: Some(at(second)),
        categories: vec!["coffee".into()],
        wide_assortment: false,
        objection_offered: true,
        event: String::new(),
    }
}

async fn buy(consent: &Consent, second: i64) -> Recorded {
    let (zone, proof) = (TimeZone::UTC, proof(second));
    consent.relate(at(second), &zone, &who(JANA), &order(second), &proof).await.unwrap()
}

/// The proof is kept.
async fn erase(consent: &Consent, second: i64, how: Erasure) -> Vec<Kept> {
    let proven = Proven { zone: TimeZone::UTC, kept_for: Some(Term::years(4)) };
    let asked = Proof { evidence: serde_json::Value::Null, ..proof(second) };
    let erased = consent.erase(at(second), &who(JANA), how, &proven, &asked).await.unwrap();
    erased.expect("it is known").kept
}

async fn known(consent: &Consent) -> Contact {
    consent.contact(&who(JANA)).await.unwrap().unwrap()
}

async fn is_gone(consent: &Consent, after: &str) {
    let contact = known(consent).await;
    assert_eq!(contact.brief.address, None, "{after}");
    assert_eq!(contact.brief.erased_at, Some(at(10)), "{after}");
    let late = contact.past.iter().filter(|one| one.recorded_at > at(10));
    assert!(late.clone().all(|one| one.evidence.is_none()), "{after}");
}

#[tokio::test]
async fn what_is_kept_as_proof_carries_no_message() {
    for how in [Erasure::Delete, Erasure::Anonymise] {
        on_both(async |fresh| {
            let consent = store(&fresh.db).await;
            grant(&consent, 1, &yes("news", at(1))).await;
            buy(&consent, 2).await;
            let kept = erase(&consent, 10, how).await;
            assert!(matches!(kept[..], [Kept::Evidence { .. }]), "{kept:?}");
            let left = standing(&ask(&consent), JANA).await;
            let ended: Vec<_> =
                left.grants.iter().map(|one| (one.withdrawn_at, one.ended)).collect();
            assert_eq!(ended, [(Some(at(10)), Ended::Terminated)], "the proof is there");
            assert_eq!(left.forgotten_at, Some(at(10)), "no purchase of before counts");
        })
        .await;
    }
}

async fn assign(consent: &Consent, now: i64, start: Start) -> Assigned {
    let what = Assignment {
        controller: "shop".into(),
        purpose: "news".into(),
        start,
        until: None,
        method: Method::Manual,
        source: Source::Own,
        confirmed_at: None,
        of_age: false,
        evidence: json!({ "note": "paper" }),
        actor: "cli".into(),
        dry_run: false,
    };
    let clocks: Clocks = clocks(at(now));
    let target = Target::Addresses(vec![address(JANA)]);
    consent.assign(&|| clocks.now, &TimeZone::UTC, &clocks, &what, &target, |_| ()).await.unwrap()
}

async fn informed(consent: &Consent, second: i64) -> Recorded {
    let notice = Notice { version: "1".into(), kind: NoticeKind::Own, url: None };
    consent.inform(at(second), &who(JANA), &notice, &proof(second)).await.unwrap()
}

#[tokio::test]
async fn no_report_brings_back_who_was_erased() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        grant(&consent, 1, &yes("news", at(1))).await;
        consent.refuse(at(9), &who(JANA), &Scope::Everything, &proof(9)).await.unwrap();
        erase(&consent, 10, Erasure::Delete).await;
        let (zone, jana) = (TimeZone::UTC, who(JANA));
        let touched = consent.touch(at(11), &zone, &jana, Activity::Open, &proof(11)).await;
        assert_eq!(touched.unwrap(), Recorded::Already);
        is_gone(&consent, "an open").await;
        let about = About { published: Some(true), ..About::default() };
        let told = consent.describe(at(12), &jana, &about, &proof(12)).await.unwrap();
        assert_eq!(told, Recorded::Already);
        is_gone(&consent, "a fact about it").await;
        assert_eq!(grant(&consent, 13, &yes("news", at(13))).await, Recorded::RefusalStands);
        is_gone(&consent, "a grant over the refusal").await;
        let done = assign(&consent, 14, Start::Now).await;
        assert_eq!((done.granted, done.refusal_stands), (0, 1));
        is_gone(&consent, "an assignment to many").await;
        let news = Scope::Purpose("news".into());
        let refused = consent.refuse(at(15), &jana, &news, &proof(15)).await.unwrap();
        assert!(matches!(refused, Recorded::New(_)), "a no is written down under the key");
        is_gone(&consent, "a refusal").await;
        let objected = consent.object(at(16), &jana, &proof(16)).await.unwrap();
        assert!(matches!(objected, Recorded::New(_)));
        is_gone(&consent, "an objection").await;
        assert_eq!(buy(&consent, 5).await, Recorded::RefusalStands, "told once more");
        assert_eq!(informed(&consent, 5).await, Recorded::RefusalStands);
        is_gone(&consent, "what was before").await;
        let left = standing(&ask(&consent), JANA).await;
        assert_eq!((left.relations.len(), left.last_activity), (0, None));
    })
    .await;
}

/// Nothing of before comes back with them.
async fn back(consent: &Consent, by: &str) {
    let contact = known(consent).await;
    assert_eq!(contact.brief.address.as_deref(), Some(JANA), "{by}");
    assert_eq!(contact.brief.erased_at, None, "{by}");
    assert!(contact.past.last().unwrap().evidence.is_some(), "{by}: with its proof");
    let old = NewGrant { lifts_refusal: true, ..yes("offers", at(2)) };
    assert_eq!(grant(consent, 2, &old).await, Recorded::RefusalStands, "{by}");
    assert_eq!(standing(&ask(consent), JANA).await.forgotten_at, Some(at(10)), "{by}");
}

#[tokio::test]
async fn a_new_consent_a_new_order_or_a_notice_brings_the_person_back() {
    for by in ["consent", "order", "notice", "assignment"] {
        on_both(async |fresh| {
            let consent = store(&fresh.db).await;
            grant(&consent, 1, &yes("news", at(1))).await;
            erase(&consent, 10, Erasure::Delete).await;
            let old = assign(&consent, 11, Start::At(at(5))).await;
            assert_eq!((old.granted, old.refusal_stands), (0, 1), "of before");
            let done = match by {
                "consent" => grant(&consent, 20, &yes("news", at(20))).await,
                "order" => buy(&consent, 20).await,
                "notice" => informed(&consent, 20).await,
                _ => {
                    assert_eq!(assign(&consent, 20, Start::Now).await.granted, 1);
                    Recorded::New(String::new())
                }
            };
            assert!(matches!(done, Recorded::New(_)), "{by}: {done:?}");
            back(&consent, by).await;
        })
        .await;
    }
}

/// The tables that know a contact.
async fn tables(fresh: &Fresh) -> Vec<String> {
    let mut conn = fresh.db.read().await.unwrap();
    let sql = match conn.is_sqlite() {
        true => {
            "SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c \
             WHERE m.type = 'table' AND c.name = 'contact' ORDER BY m.name"
        }
        false => {
            "SELECT CAST(table_name AS TEXT) FROM information_schema.columns \
             WHERE column_name = 'contact' AND table_schema = current_schema() ORDER BY 1"
        }
    };
    let rows = conn.rows(sql, vec![]).await.unwrap();
    rows.iter().map(|row| row.text(0).unwrap()).collect()
}

#[tokio::test]
async fn of_who_was_deleted_no_table_keeps_more_than_the_no_and_the_chain() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        let jana = who(JANA);
        let long = NewGrant { until: Some(at(4_000 * 86_400)), ..yes("news", at(1)) };
        grant(&consent, 1, &long).await;
        buy(&consent, 2).await;
        informed(&consent, 3).await;
        let wish =
            policy::Preference { paused_until: Some(at(99)), ..policy::Preference::about(None) };
        consent.prefer(at(4), &jana, &wish, &proof(4)).await.unwrap();
        let spool = Spool::open(fresh.db.clone(), &secret(), "test", at(0)).await.unwrap();
        leaves(&spool, JANA, Some("news"), 5).await;
        let silent = at(1_100 * 86_400);
        assert_eq!(run(&Clock::new(consent.clone(), "one"), silent, &[terms()]).await.inactive, 1);
        ticket(&consent, 1_100 * 86_400, JANA).await;
        let news = Scope::Purpose("news".into());
        consent.refuse(silent, &jana, &news, &proof(5)).await.unwrap();
        let mut tables = tables(fresh).await;
        tables.retain(|table| table != "farewell");
        tables.extend(["sent".to_owned(), "pending".to_owned()]);
        assert!(tables.contains(&"notice_now".to_owned()) && tables.len() > 9, "{tables:?}");
        let full = async |table: &str| {
            let mut conn = fresh.db.read().await.unwrap();
            let sql = format!("SELECT COUNT(*) FROM {table}");
            conn.rows(&sql, vec![]).await.unwrap()[0].int(0).unwrap() > 0
        };
        for table in &tables {
            assert!(full(table).await, "{table} knows nobody");
        }
        let proven = Proven { zone: TimeZone::UTC, kept_for: None };
        consent.erase(silent, &jana, Erasure::Delete, &proven, &proof(10)).await.unwrap();
        for table in tables {
            let stays = ["consent_event", "refusal_now"].contains(&table.as_str());
            assert_eq!(full(&table).await, stays, "{table}");
        }
    })
    .await;
}

fn year(number: i64) -> Timestamp {
    at(number * 366 * 86_400)
}

#[tokio::test]
async fn the_proof_is_kept_from_when_a_no_was_learned_of() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        grant(&consent, 1, &yes("news", at(1))).await;
        // Ten years before the grant, told one year after it.
        let said = Proof { at: year(-10), ..proof(0) };
        consent.refuse(year(1), &who(JANA), &Scope::Everything, &said).await.unwrap();
        let left = standing(&ask(&consent), JANA).await;
        assert_eq!(left.grants[0].withdrawn_at, Some(at(1)), "not before it began");
        let proven = Proven { zone: TimeZone::UTC, kept_for: Some(Term::years(4)) };
        let asked = proof(0);
        let erased = consent.erase(year(2), &who(JANA), Erasure::Delete, &proven, &asked).await;
        let kept = erased.unwrap().unwrap().kept;
        let until = Term::years(4).after(year(1), &TimeZone::UTC);
        assert_eq!(kept, [Kept::Evidence { events: 2, until }, Kept::Refusal]);
    })
    .await;
}
