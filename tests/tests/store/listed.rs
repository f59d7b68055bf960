//! Lists of digests: whoever stands on one is refused by it when they come on record, and no entry
//! changes beside the journal.

use jiff::tz::TimeZone;
use outside::store::{Fresh, on_both, on_each};
use policy::{Basis, Purpose, Relation, RelationKind, Scope, Validity};
use relay::{
    consent::{
        Consent, Contact, List, NewGrant, Recorded, Who, compare,
        import::{Counts, Plan, import_suppressions},
    },
    db::{Arg, text},
};

use crate::{
    consent::{ask, grant, proof, standing, store, who, yes},
    import::{plan, run},
    make::at,
};

fn list() -> Plan {
    Plan { source: "list of the trade association".into(), ..plan() }
}

async fn take(consent: &Consent, lines: &str, plan: &Plan) -> Counts {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("suppressed.txt");
    std::fs::write(&path, lines).unwrap();
    import_suppressions(consent, &|| at(10), &path, plan, |_| ()).await.unwrap().counts
}

async fn bought(consent: &Consent, to: &str) {
    let relation = Relation {
        kind: RelationKind::Purchase,
        at: at(20),
        ended_at: Some(at(20)),
        categories: Vec::new(),
        wide_assortment: false,
        objection_offered: true,
        event: String::new(),
    };
    let zone = TimeZone::UTC;
    consent.relate(at(20), &zone, &who(to), &relation, &proof(20)).await.unwrap();
}

async fn known(consent: &Consent, to: &str) -> Contact {
    consent.contact(&who(to)).await.unwrap().expect("it is on record")
}

fn kinds(contact: &Contact) -> Vec<&str> {
    contact.past.iter().map(|one| one.kind.as_str()).collect()
}

/// The list behind the refusal of who has exactly one.
async fn behind(consent: &Consent, to: &str) -> Option<List> {
    let contact = known(consent, to).await;
    let refusals = consent.standing(contact.brief.key).await.unwrap().refusals;
    let [refusal] = refusals.as_slice() else { panic!("{to}: {refusals:?}") };
    assert_eq!(refusal.scope, Scope::Everything, "{to}");
    consent.lists(&[contact.brief.key]).await.unwrap().remove(&refusal.event)
}

#[tokio::test]
async fn who_comes_on_record_after_a_list_is_refused_by_it() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        grant(&consent, "before@b.cz", &yes("news", at(0))).await;
        let all = "before@b.cz\nafter@b.cz\nfile@b.cz\nown@b.cz\npart@b.cz\n";
        assert_eq!(take(&consent, all, &list()).await.refused, 1);
        bought(&consent, "after@b.cz").await;
        bought(&consent, "free@b.cz").await;
        let file = b"email,granted_at,country\nfile@b.cz,2026-03-01 14:30,CZ\n";
        let counts = run(&consent, file, &plan()).await.unwrap().0.counts;
        assert_eq!((counts.granted, counts.refusal_stands, counts.refused), (0, 1, 0));
        for (to, line) in [("before@b.cz", 1), ("after@b.cz", 2), ("file@b.cz", 3)] {
            let list = behind(&consent, to).await.expect("a list");
            let told = (list.file.as_str(), list.line, list.attested_by.as_str(), list.at);
            assert_eq!(told, ("suppressed.txt", line, "Alena", at(10)), "{to}");
            assert_eq!(list.source, "list of the trade association");
            let past = known(&consent, to).await.past;
            let no = past.iter().find(|one| one.kind == "refused").unwrap();
            let proof = &no.evidence.as_ref().unwrap()["suppression"];
            assert_eq!((&proof["attested_by"], &proof["line"]), (&"Alena".into(), &line.into()));
            assert!(!no.detail.to_string().contains("suppressed.txt"), "a name may be personal");
        }
        assert_eq!(kinds(&known(&consent, "after@b.cz").await), ["refused", "relation"]);
        assert_eq!(kinds(&known(&consent, "free@b.cz").await), ["relation"]);
        // What the person says themselves is theirs.
        consent.refuse(at(30), &who("own@b.cz"), &Scope::Everything, &proof(30)).await.unwrap();
        assert_eq!(behind(&consent, "own@b.cz").await, None);
        let part = Scope::Purpose("news".into());
        consent.refuse(at(30), &who("part@b.cz"), &part, &proof(30)).await.unwrap();
        assert_eq!(kinds(&known(&consent, "part@b.cz").await), ["refused", "refused"]);
        let again = grant(&consent, "after@b.cz", &yes("news", at(40))).await;
        assert_eq!(again, Recorded::RefusalStands);
        // Also by who knows the contact's key alone.
        let key = known(&consent, "after@b.cz").await.brief.key;
        let knowing = NewGrant { lifts_refusal: true, ..yes("news", at(40)) };
        let by_key = Who::key("shop", key);
        let again = consent.grant(at(40), &TimeZone::UTC, &by_key, &knowing, &proof(40)).await;
        assert_eq!(again.unwrap(), Recorded::RefusalStands);
        assert!(consent.contact(&who("nobody@b.cz")).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn a_list_is_about_advertising_and_ends_no_contract() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        let years = Validity::Fixed(jiff::Span::new().years(2));
        let rental = Purpose::new("shop", "rental", "Name", Basis::Contract, years);
        consent.purpose_add(at(0), &rental, "test").await.unwrap();
        take(&consent, "a@b.cz\n", &list()).await;
        assert!(matches!(grant(&consent, "a@b.cz", &yes("rental", at(1))).await, Recorded::New(_)));
        let found = standing(&ask(&consent), "a@b.cz").await;
        assert_eq!(found.grants[0].withdrawn_at, None);
        assert!(!found.refusals.is_empty());
    })
    .await;
}

/// More than two parts of a list, and two contacts of whom one stands in the first and one in the
/// last.
fn long() -> String {
    let mut lines = String::new();
    (0..4_500).for_each(|n| lines.push_str(&format!("x{n}@list.example\n")));
    lines
}

#[tokio::test]
async fn a_dry_run_of_a_long_list_says_what_would_come_of_it() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        for to in ["x3@list.example", "x4400@list.example", "free@b.cz"] {
            grant(&consent, to, &yes("news", at(0))).await;
        }
        // One entry is there, and one comes twice, in two parts.
        take(&consent, "x2100@list.example\n", &list()).await;
        let lines = format!("{}x7@list.example\n", long());
        let dry = Plan { dry_run: true, ..list() };
        let rehearsed = take(&consent, &lines, &dry).await;
        let said = |counts: &Counts| (counts.lines, counts.listed, counts.already, counts.refused);
        assert_eq!(said(&rehearsed), (4_501, 4_499, 2, 2));
        let nothing = standing(&ask(&consent), "x3@list.example").await;
        assert!(nothing.refusals.is_empty(), "nothing is written");
        assert_eq!(said(&take(&consent, &lines, &list()).await), said(&rehearsed));
    })
    .await;
}

async fn change(fresh: &Fresh, sql: &str, args: Vec<Arg<'_>>) {
    let mut tx = fresh.db.begin().await.unwrap();
    assert!(tx.run(sql, args).await.unwrap() > 0, "{sql}");
    tx.commit().await.unwrap();
}

async fn said(fresh: &Fresh) -> Vec<String> {
    let compared = compare(&fresh.db).await.unwrap();
    compared.differences.iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn an_entry_changed_beside_the_journal_is_found() {
    on_each(async |fresh| {
        let consent = store(&fresh.db).await;
        take(&consent, &long(), &list()).await;
        take(&consent, "@club.example\n", &Plan { controller: "club".into(), ..list() }).await;
        assert_eq!(said(fresh).await, Vec::<String>::new());
        for table in ["suppression", "suppressor"] {
            change_none(fresh, &format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}"))
                .await;
        }
        let shop = || vec![text("shop")];
        let other = vec![Arg::bytes(vec![7; 32])];
        let foreign = "INSERT INTO suppression SELECT 'shop', $1, import, line \
                       FROM suppression WHERE line = 9";
        for (sql, args, word) in [
            (
                "DELETE FROM suppression WHERE line = 2500",
                vec![],
                "lines 2001 to 4000: 1999 of 2000",
            ),
            ("DELETE FROM suppression", vec![], "lines 1 to 2000: 0 of 2000 entries are there"),
            ("UPDATE suppression SET digest = $1 WHERE line = 5", other.clone(), "are others"),
            ("UPDATE suppression SET line = 6 WHERE line = 5", vec![], "are others"),
            (foreign, other, "lines 1 to 2000: 2001 of 2000"),
            ("UPDATE suppression SET line = 9000 WHERE line = 5", vec![], "made 1 of its entries"),
            ("UPDATE suppression SET controller = 'x' WHERE line = 5", vec![], "made 1 of its"),
            ("DELETE FROM suppressor WHERE controller = $1", shop(), "`shop` is gone"),
            ("UPDATE suppressor SET controller = 'x' WHERE controller = $1", shop(), "made `x`"),
        ] {
            change(fresh, sql, args).await;
            let found = said(fresh).await;
            assert!(found.iter().any(|one| one.contains(word)), "{sql}: {found:#?}");
            for table in ["suppression", "suppressor"] {
                change_none(fresh, &format!("DELETE FROM {table}")).await;
                change_none(fresh, &format!("INSERT INTO {table} SELECT * FROM kept_{table}"))
                    .await;
            }
            assert_eq!(said(fresh).await, Vec::<String>::new(), "{sql}");
        }
    })
    .await;
}

async fn change_none(fresh: &Fresh, sql: &str) {
    let mut tx = fresh.db.begin().await.unwrap();
    tx.run(sql, vec![]).await.unwrap();
    tx.commit().await.unwrap();
}
