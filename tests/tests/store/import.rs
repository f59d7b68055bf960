//! Files of consents, as mailing tools export them.

use jiff::tz::TimeZone;
use outside::store::{Fresh, on_both};
use policy::{Method, Scope, Term};
use relay::consent::{
    self, Consent, Erasure, Proof, Proven, Who,
    import::{Counts, Done, Fault, Mapping, Origin, Plan, import},
};

use crate::{
    consent::{address, store},
    make::{at, secret},
};

pub(crate) fn plan() -> Plan {
    Plan {
        controller: "shop".into(),
        format: None,
        purposes: Mapping::all("news"),
        origin: Origin::Own,
        source: "export of the shop".into(),
        attested_by: "Alena".into(),
        from: Some(at(-5000)),
        status: None,
        only: None,
        zone: TimeZone::UTC,
        actor: "import".into(),
        rejects: None,
        dry_run: false,
    }
}

/// What came of it, and the rejected lines.
pub(crate) async fn run(
    consent: &Consent,
    file: &[u8],
    plan: &Plan,
) -> Result<(Done, String), Fault> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("contacts.csv");
    std::fs::write(&path, file).unwrap();
    let rejects = folder.path().join("rejected.csv");
    let plan = Plan { rejects: Some(rejects.clone()), ..plan.clone() };
    let mut last = 0;
    let done = import(consent, &|| at(10), &path, &plan, |progress| {
        assert!(progress.bytes >= last && progress.bytes <= progress.bytes_total);
        last = progress.bytes;
    })
    .await?;
    assert_eq!(last, file.len() as u64, "the progress ends at the end");
    assert_eq!(rejects.exists(), done.counts.rejected > 0);
    Ok((done, std::fs::read_to_string(&rejects).unwrap_or_default()))
}

async fn counts(consent: &Consent, file: &[u8], plan: &Plan) -> Counts {
    run(consent, file, plan).await.unwrap().0.counts
}

pub(crate) async fn standing(consent: &Consent, to: &str) -> policy::Standing {
    let lookup = consent.lookup(std::time::Duration::from_secs(5));
    lookup.records("shop", &[address(to)], false).await.unwrap().remove(0).standing
}

#[tokio::test]
async fn every_dialect_says_the_same() {
    let windows = b"email;datum souhlasu;jm\xe9no\r\nz@b.cz;1.3.2026 14:30;\x8e\xeddek\r\n";
    let files: [(&str, &[u8]); 5] = [
        ("comma", b"email,granted_at,name\nz@b.cz,2026-03-01 14:30:00,\"x, y\"\n"),
        ("bom, semicolon", b"\xef\xbb\xbfE-mail;granted_at\r\nZ@B.cz;2026-03-01T14:30:00Z\r\n"),
        ("tab, no last line end", b"name\temail\tOPTIN_TIME\n\tz@b.cz\t2026-03-01 14:30"),
        ("windows-1250", windows),
        (
            "quoted line ends",
            b"email,note,granted_at\nz@b.cz,\"a\nb\n\"\"c\"\"\",2026-03-01 14:30\n",
        ),
    ];
    let fresh = Fresh::sqlite().await;
    let consent = store(&fresh.db).await;
    let mut expected = Counts { lines: 1, granted: 1, new_contacts: 1, ..Counts::default() };
    for (name, file) in files {
        let (done, rejects) = run(&consent, file, &plan()).await.unwrap();
        assert_eq!((done.counts, rejects.as_str()), (expected, ""), "{name}");
        // All of them name one address and one date: only the first is new.
        expected = Counts { lines: 1, already: 1, ..Counts::default() };
    }
    let found = standing(&consent, "z@b.cz").await;
    assert_eq!(found.grants[0].from, "2026-03-01T14:30:00Z".parse().unwrap());
    assert_eq!(found.grants[0].method, Method::Import);
    let past =
        consent.contact(&Who::address("shop", address("z@b.cz"))).await.unwrap().unwrap().past;
    let evidence = past[0].evidence.clone().unwrap();
    assert_eq!(evidence["row"]["name"], "x, y");
    assert_eq!(evidence["source"], "export of the shop");
    assert_eq!(evidence["attested_by"], "Alena");
    let import = consent.imports("shop").await.unwrap().pop().unwrap();
    assert_eq!(evidence["import"], import.id.to_string());
    assert_eq!((&evidence["file"], &evidence["line"]), (&"contacts.csv".into(), &2.into()));
}

#[tokio::test]
async fn windows_1250_is_read_as_such() {
    let fresh = Fresh::sqlite().await;
    let consent = store(&fresh.db).await;
    let file = b"email;jm\xe9no\nz@b.cz;\x8e\xeddek\n";
    run(&consent, file, &plan()).await.unwrap();
    let past =
        consent.contact(&Who::address("shop", address("z@b.cz"))).await.unwrap().unwrap().past;
    assert_eq!(past[0].evidence.as_ref().unwrap()["row"]["jméno"], "Žídek");
}

#[tokio::test]
async fn it_never_revives_a_refusal_and_knows_those_in_the_file() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        let proof = Proof { actor: "page".into(), at: at(-9), evidence: serde_json::Value::Null };
        for (to, scope) in
            [("all@b.cz", Scope::Everything), ("one@b.cz", Scope::Purpose("news".into()))]
        {
            let to = Who::address("shop", address(to));
            consent.refuse(at(-9), &to, &scope, &proof).await.unwrap();
        }
        let file = b"email,status,unsub_time\nALL@b.cz,subscribed,\none@b.cz,,\nok@b.cz,,\n\
            gone@b.cz,,2026-01-01 10:00:00\ngone@b.cz,,\nodh@b.cz,Odhl\xc3\xa1\xc5\xa1en,\n\
            later@b.cz,,\nlater@b.cz,unsubscribed,\n";
        let expected = Counts {
            lines: 8,
            granted: 2,
            refusal_stands: 3,
            refused: 3,
            new_contacts: 4,
            ..Counts::default()
        };
        let dry = Plan { dry_run: true, ..plan() };
        assert_eq!(counts(&consent, file, &dry).await, expected);
        assert!(standing(&consent, "ok@b.cz").await.grants.is_empty(), "a dry run writes nothing");
        assert_eq!(counts(&consent, file, &plan()).await, expected);
        for to in ["all@b.cz", "one@b.cz", "gone@b.cz", "odh@b.cz", "later@b.cz"] {
            let found = standing(&consent, to).await;
            assert!(!found.refusals.is_empty(), "{to}");
            assert!(found.grants.iter().all(|grant| grant.withdrawn_at.is_some()), "{to}");
        }
        assert_eq!(standing(&consent, "ok@b.cz").await.grants.len(), 1);
        let again = counts(&consent, file, &plan()).await;
        let expected = Counts { lines: 8, already: 4, refusal_stands: 4, ..Counts::default() };
        assert_eq!(again, expected, "twice is as once");
        let verified = consent::verify(&fresh.db, &secret()).await.unwrap();
        assert_eq!((verified.lines, verified.broken), (7, vec![]));
    })
    .await;
}

#[tokio::test]
async fn each_rejected_line_is_named_with_its_reason() {
    let fresh = Fresh::sqlite().await;
    let consent = store(&fresh.db).await;
    let file = b"email,granted_at,status\n\
        not an address,2026-01-01,\n\
        a@b.cz,01/02/2026,\n\
        \n\
        b@b.cz,2026-01-01\n\
        c@b.cz,2999-01-01,\n\
        d@b.cz,,pending\n\
        \"e@b.cz,2026-01-01,\n\
        ,2026-01-01,\n\
        ok@b.cz,2026-01-01,\n";
    let (done, rejects) = run(&consent, file, &plan()).await.unwrap();
    let counts = done.counts;
    assert_eq!((counts.lines, counts.rejected, counts.granted), (8, 7, 1));
    let lines: Vec<_> = rejects.lines().collect();
    let expected = [
        "2,not an address: write it as",
        "3,`01/02/2026` is no date",
        "5,2 fields where the header has 3",
        "6,the date of consent lies in the future",
        "7,the state is `pending`",
        "8,a quote is opened and not closed",
        "9,no address",
    ];
    for (line, expected) in lines.iter().zip(expected) {
        assert!(line.starts_with(expected), "{line}\nexpected {expected}");
    }
    assert_eq!(lines.len(), expected.len());
}

#[tokio::test]
async fn a_line_without_a_date_needs_one_from_the_plan() {
    let fresh = Fresh::sqlite().await;
    let consent = store(&fresh.db).await;
    let bare = Plan { from: None, ..plan() };
    let file = b"email,doi_date\na@b.cz,\nb@b.cz,2026-01-01\n";
    let (done, rejects) = run(&consent, file, &bare).await.unwrap();
    assert_eq!((done.counts.rejected, done.counts.granted), (1, 1));
    assert!(rejects.contains("no date of consent"), "{rejects}");
    assert_eq!(standing(&consent, "b@b.cz").await.grants[0].method, Method::DoubleOptIn);
}

#[tokio::test]
async fn what_cannot_begin_says_why() {
    let fresh = Fresh::sqlite().await;
    let consent = store(&fresh.db).await;
    let cases: [(&[u8], &str); 4] = [
        (
            b"name,phone\na,1\n",
            "no column holds an address: call one `email`; the first line has `name`, `phone`",
        ),
        (b"", "no column holds an address"),
        (b"\xff\xfee\0m\0", "the file is no text"),
        (b"email\nx@y\0.cz", "the file is no text"),
    ];
    for (file, expected) in cases {
        let error = run(&consent, file, &plan()).await.unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
    }
    let other = Plan { purposes: Mapping::all("nope"), ..plan() };
    let error = run(&consent, b"email\n", &other).await.unwrap_err().to_string();
    assert!(error.starts_with("there is no purpose `nope`"), "{error}");
}

#[tokio::test]
async fn many_batches_are_one_import() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        let mut file = String::from("email,granted_at\n");
        for n in 0..5000 {
            file.push_str(&format!("a{}@b.cz,2026-01-01\n", n % 4500));
        }
        let expected = Counts {
            lines: 5000,
            granted: 4500,
            already: 500,
            new_contacts: 4500,
            ..Counts::default()
        };
        let dry = Plan { dry_run: true, ..plan() };
        let dry = counts(&consent, file.as_bytes(), &dry).await;
        assert_eq!((dry.granted, dry.already), (4500, 500));
        assert_eq!(counts(&consent, file.as_bytes(), &plan()).await, expected);
        let verified = consent::verify(&fresh.db, &secret()).await.unwrap();
        assert_eq!((verified.lines, verified.broken), (4500, vec![]));
    })
    .await;
}

#[tokio::test]
async fn an_old_file_does_not_bring_back_who_was_erased() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        let old = b"email,granted_at\nz@b.cz,2026-03-01\n";
        assert_eq!(counts(&consent, old, &plan()).await.granted, 1);
        let who = Who::address("shop", address("z@b.cz"));
        let proven = Proven { zone: TimeZone::UTC, kept_for: Some(Term::years(4)) };
        let proof = Proof { actor: "page".into(), at: at(-100), evidence: Default::default() };
        consent.erase(at(-100), &who, Erasure::Delete, &proven, &proof).await.unwrap();
        let again = counts(&consent, old, &plan()).await;
        assert_eq!((again.granted, again.refusal_stands), (0, 1));
        let known = async || consent.contact(&who).await.unwrap().unwrap();
        assert_eq!(known().await.brief.address, None);
        let no = b"email,unsub_time\nz@b.cz,2026-03-01\n";
        assert_eq!(counts(&consent, no, &plan()).await.refused, 1);
        let kept = known().await;
        assert_eq!(kept.brief.address, None);
        let shown = kept.past.iter().filter(|past| past.evidence.is_some());
        let kinds: Vec<&str> = shown.map(|past| past.kind.as_str()).collect();
        assert_eq!(kinds, ["granted"], "the proof of before; of the no, that it was said");
        // Who comes back of their own will is there again, with another address in this test: the
        // first one has refused now.
        let fresh = b"email,granted_at\ny@b.cz,2026-03-01\n";
        counts(&consent, fresh, &plan()).await;
        let who = Who::address("shop", address("y@b.cz"));
        consent.erase(at(-100), &who, Erasure::Delete, &proven, &proof).await.unwrap();
        let newer = format!("email,granted_at\ny@b.cz,{}\n", at(-50));
        assert_eq!(counts(&consent, newer.as_bytes(), &plan()).await.granted, 1);
        let back = consent.contact(&who).await.unwrap().unwrap();
        assert_eq!((back.brief.address.as_deref(), back.brief.erased_at), (Some("y@b.cz"), None));
    })
    .await;
}

#[tokio::test]
async fn what_a_line_proves_beside_its_date_is_taken_over() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        let before = b"email;granted_at\nold@b.cz;2026-01-01\n";
        run(&consent, before, &plan()).await.unwrap();
        let file = "email;granted_at;doi_date;of age;country;text souhlasu\n\
                    a@b.cz;2026-03-01;2026-03-02 10:00;Ano;sk;Chci novinky\n\
                    old@b.cz;2026-03-01;;;CZ;\n"
            .as_bytes();
        let (done, rejects) = run(&consent, file, &plan()).await.unwrap();
        assert_eq!((done.counts.granted, rejects.as_str()), (2, ""));
        let full = standing(&consent, "a@b.cz").await.grants.remove(0);
        assert_eq!(full.method, Method::DoubleOptIn);
        assert_eq!(full.confirmed_at, Some("2026-03-02T10:00:00Z".parse().unwrap()));
        assert!(full.age_declared);
        assert!(full.evidence.contains(&policy::EvidenceField::Wording));
        let bare = standing(&consent, "old@b.cz").await.grants.remove(1);
        assert_eq!((bare.confirmed_at, bare.age_declared), (None, false));
        assert!(!bare.evidence.contains(&policy::EvidenceField::Wording));
        for (to, country) in [("a@b.cz", "SK"), ("old@b.cz", "CZ")] {
            let contact =
                consent.contact(&Who::address("shop", address(to))).await.unwrap().unwrap();
            assert_eq!(contact.brief.country.as_deref(), Some(country), "{to}");
        }
        let past =
            consent.contact(&Who::address("shop", address("a@b.cz"))).await.unwrap().unwrap().past;
        assert_eq!(past[0].evidence.as_ref().unwrap()["wording"], "Chci novinky");
        assert_eq!(past[0].detail["of_age"], true);
    })
    .await;
}
