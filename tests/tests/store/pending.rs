//! Double opt-in: nobody is on record before the click, and what was not confirmed is gone.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use outside::store::{Fresh, on_both};
use policy::{Method, Scope};
use relay::consent::{
    Consent,
    pending::{Agreed, Asked, Bounds, Click, Collected, Pending, Ticket},
};

use crate::{
    consent::{address, ask, proof, standing, store, who},
    make::{at, secret},
};

const BOUNDS: Bounds = Bounds {
    confirm_within: SignedDuration::from_secs(1_000),
    again_after: SignedDuration::from_secs(100),
    letters_per_hour: 3,
};
const CLICK: Click<'static> = Click { ip: "192.0.2.9", user_agent: "Browser" };

fn collected(to: &str, purposes: &[&str], at: Timestamp) -> Collected {
    let agreed = |purpose: &&str| Agreed {
        purpose: (*purpose).to_owned(),
        wording: format!("I want {purpose}"),
    };
    Collected {
        form: "footer".into(),
        address: to.into(),
        at,
        ip: "192.0.2.1".into(),
        user_agent: "Form".into(),
        page: Some("https://www.shop.example/".into()),
        language: "cs".into(),
        agreed: purposes.iter().map(agreed).collect(),
        of_age: Some(16),
        privacy_url: Some("https://www.shop.example/privacy".into()),
        notice: "kept by the shop".into(),
        letter: "<1@relay.test>".into(),
    }
}

async fn asked(consent: &Consent, second: i64, to: &str, purposes: &[&str]) -> Asked {
    let what = collected(to, purposes, at(second));
    consent.ask(at(second), "shop", &address(to), &what, BOUNDS).await.unwrap()
}

pub(crate) async fn ticket(consent: &Consent, second: i64, to: &str) -> Ticket {
    let asked = asked(consent, second, to, &["news", "offers"]).await;
    let Asked::Send(ticket) = asked else { panic!("{asked:?}") };
    ticket
}

async fn confirm(consent: &Consent, second: i64, ticket: &Ticket) -> Pending {
    consent.confirm(at(second), &TimeZone::UTC, ticket, CLICK).await.unwrap()
}

async fn rows(fresh: &Fresh, table: &str) -> i64 {
    let sql = format!("SELECT COUNT(*) FROM {table}");
    let rows = fresh.db.read().await.unwrap().rows(&sql, vec![]).await.unwrap();
    rows[0].int(0).unwrap()
}

#[tokio::test]
async fn the_click_makes_contact_grants_and_evidence_once() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        let ticket = ticket(&consent, 0, "Jana@b.cz").await;
        assert_eq!((rows(fresh, "contact").await, rows(fresh, "consent_event").await), (0, 0));
        let before = consent.pending(at(5), &ticket).await.unwrap();
        assert!(matches!(&before, Pending::Open(what) if what.address == "Jana@b.cz"));
        assert_eq!(rows(fresh, "contact").await, 0, "looking changes nothing");
        assert!(matches!(confirm(&consent, 9, &ticket).await, Pending::Open(_)));
        let found = standing(&ask(&consent), "jana@b.cz").await;
        let grants: Vec<_> =
            found.grants.iter().map(|one| (one.method, one.confirmed_at)).collect();
        assert_eq!(grants, [(Method::DoubleOptIn, Some(at(9))); 2]);
        let past = consent.contact(&who("jana@b.cz")).await.unwrap().unwrap().past;
        let evidence = past[0].evidence.as_ref().unwrap().to_string();
        for part in ["192.0.2.1", "192.0.2.9", "I want news", "kept by the shop", "wording_version"]
        {
            assert!(evidence.contains(part), "{part}: {evidence}");
        }
        assert_eq!(confirm(&consent, 10, &ticket).await, Pending::Confirmed);
        assert_eq!(rows(fresh, "consent_event").await, 2);
    })
    .await;
}

#[tokio::test]
async fn what_is_not_confirmed_in_time_is_gone() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        let ticket = ticket(&consent, 0, "a@b.cz").await;
        assert_eq!(confirm(&consent, 1_000, &ticket).await, Pending::Gone);
        assert_eq!(consent.purge_pending(at(999)).await.unwrap(), 0);
        assert_eq!(consent.purge_pending(at(1_000)).await.unwrap(), 1);
        assert_eq!((rows(fresh, "pending").await, rows(fresh, "contact").await), (0, 0));
        assert_eq!(consent.pending(at(1), &ticket).await.unwrap(), Pending::Gone);
    })
    .await;
}

#[tokio::test]
async fn one_address_gets_one_letter_in_a_time_and_a_form_sends_so_many() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        let first = ticket(&consent, 0, "a@b.cz").await;
        assert_eq!(asked(&consent, 99, "A@b.cz", &["news"]).await, Asked::TooSoon);
        let second = ticket(&consent, 100, "a@b.cz").await;
        assert_eq!(confirm(&consent, 101, &first).await, Pending::Gone, "the newer one counts");
        ticket(&consent, 101, "b@b.cz").await;
        ticket(&consent, 101, "c@b.cz").await;
        assert_eq!(asked(&consent, 102, "d@b.cz", &["news"]).await, Asked::TooMany);
        assert!(matches!(confirm(&consent, 103, &second).await, Pending::Open(_)));
        ticket(&consent, 3_800, "d@b.cz").await;
        let third = asked(&consent, 3_801, "d@b.cz", &["news"]).await;
        assert_eq!(third, Asked::TooSoon);
        let last = ticket(&consent, 3_801, "e@b.cz").await;
        consent.unask(&last).await.unwrap();
        assert_ne!(last, ticket(&consent, 3_801, "e@b.cz").await, "at once");
    })
    .await;
}

#[tokio::test]
async fn nobody_reads_what_was_collected_without_the_link() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        let ticket = ticket(&consent, 0, "jana-tajna@b.cz").await;
        let sql = "SELECT sealed FROM pending";
        let rows = fresh.db.read().await.unwrap().rows(sql, vec![]).await.unwrap();
        let sealed = rows[0].opt_bytes(0).unwrap().unwrap();
        for secret in [&b"tajna"[..], b"192.0.2.1", b"I want"] {
            assert!(!sealed.windows(secret.len()).any(|part| part == secret));
        }
        // The same row under another opener, as whoever has database and secret would make one.
        let mut link = secret().open_token(&ticket.seal(&secret())).unwrap();
        link[17..49].fill(7);
        let forged = Ticket::open(&secret(), &secret().seal_token(&link)).unwrap();
        assert!(forged.id == ticket.id && forged != ticket);
        assert_eq!(consent.pending(at(1), &forged).await.unwrap(), Pending::Gone);
        assert_eq!(confirm(&consent, 1, &forged).await, Pending::Gone);
        assert!(matches!(confirm(&consent, 1, &ticket).await, Pending::Open(_)));
    })
    .await;
}

/// 100 s, then 400 s.
#[tokio::test]
async fn whoever_does_not_answer_is_asked_less_and_less() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        let sent = async |second| {
            matches!(asked(&consent, second, "a@b.cz", &["news"]).await, Asked::Send(_))
        };
        assert!(sent(0).await && sent(100).await);
        assert!(!sent(200).await && !sent(499).await && sent(500).await);
        assert!(!sent(1_399).await && sent(1_400).await);
    })
    .await;
}

/// S72, S93: only the person, from the mailbox itself.
#[tokio::test]
async fn who_refused_everything_comes_back_by_the_click_alone() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        let lookup = ask(&consent);
        let all = Scope::Everything;
        consent.refuse(at(1), &who("a@b.cz"), &all, &proof(1)).await.unwrap();
        let ticket = ticket(&consent, 5, "a@b.cz").await;
        assert_eq!(standing(&lookup, "a@b.cz").await.refusals.len(), 1);
        assert!(matches!(confirm(&consent, 9, &ticket).await, Pending::Open(_)));
        let found = standing(&lookup, "a@b.cz").await;
        assert_eq!((found.refusals[0].except.len(), found.grants.len()), (2, 2));
        let past = consent.contact(&who("a@b.cz")).await.unwrap().unwrap().past;
        assert_eq!(past[0].kind, "refused", "the refusal stays on record");
    })
    .await;
}
