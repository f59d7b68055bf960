//! Refusals of which people are to be told: each once, whoever wrote it down, by one relay at a time.

use outside::store::on_both;
use policy::Scope;
use relay::consent::{Consent, NewGrant, Proof, Who, clock::Clock, refused::Round};

use crate::{
    clock::{run, terms},
    consent::{grant, proof, store, who, yes},
    import::{plan, run as run_import},
    make::at,
};

const DAY: i64 = 86_400;

async fn refuse(consent: &Consent, to: &Who, purpose: Option<&str>, said: i64, written: i64) {
    let scope = purpose.map_or(Scope::Everything, |purpose| Scope::Purpose(purpose.to_owned()));
    let proof = Proof { actor: "hook:x".into(), ..proof(said) };
    consent.refuse(at(written), to, &scope, &proof).await.unwrap();
}

/// Whom and what a round tells: `a@b.cz news`.
fn told(round: &Round) -> Vec<String> {
    let purpose = |purpose: &Option<(String, String)>| match purpose {
        Some((id, _)) => id.clone(),
        None => "everything".to_owned(),
    };
    round.refused.iter().map(|one| format!("{} {}", one.address, purpose(&one.purpose))).collect()
}

#[tokio::test]
async fn each_refusal_is_told_once_and_again_only_where_the_teller_was_stopped() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        assert!(consent.refusals(at(9), "one").await.unwrap().is_none());
        grant(&consent, "a@b.cz", &yes("news", at(0))).await;
        refuse(&consent, &who("a@b.cz"), Some("news"), 10, 10).await;
        assert!(consent.refusals(at(10), "one").await.unwrap().is_none(), "more may follow");
        refuse(&consent, &who("a@b.cz"), Some("offers"), 10, 10).await;
        refuse(&consent, &who("a@b.cz"), Some("offers"), 10, 10).await;
        // Whose address nobody knows, and what was said before the sender came here.
        let unknown = relay::seal::AddressKey([7; 32]);
        refuse(&consent, &Who::key("shop", unknown), None, 10, 10).await;
        refuse(&consent, &who("old@b.cz"), None, -60 * DAY, 10).await;
        let first = consent.refusals(at(12), "one").await.unwrap().unwrap();
        assert_eq!(told(&first), ["a@b.cz news", "a@b.cz offers"]);
        assert_eq!(first.refused[0].purpose.as_ref().unwrap().1, "Name");
        // Another one waits; it takes over where the first was stopped, the same and no more.
        assert!(consent.refusals(at(13), "two").await.unwrap().is_none());
        refuse(&consent, &who("c@b.cz"), None, 13, 13).await;
        let again = consent.refusals(at(80), "two").await.unwrap().unwrap();
        assert_eq!(told(&again), told(&first));
        assert_eq!(again.refused[0].event, first.refused[0].event);
        consent.refusals_told(again).await.unwrap();
        // The first one comes back to life: what it had is closed already.
        consent.refusals_told(first).await.unwrap();
        let next = consent.refusals(at(90), "two").await.unwrap().unwrap();
        assert_eq!(told(&next), ["c@b.cz everything"]);
        consent.refusals_told(next).await.unwrap();
        grant(&consent, "d@b.cz", &yes("news", at(100))).await;
        assert!(consent.refusals(at(9_000), "one").await.unwrap().is_none(), "nobody refused");
    })
    .await;
}

#[tokio::test]
async fn what_comes_with_a_file_was_confirmed_by_whoever_kept_it() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        let file = b"email,unsub_time\nfile@b.cz,2027-01-15\n";
        let done = run_import(&consent, file, &plan()).await.unwrap().0;
        assert_eq!(done.counts.refused, 1);
        refuse(&consent, &who("own@b.cz"), None, 10, 10).await;
        let round = consent.refusals(at(20), "one").await.unwrap().unwrap();
        assert_eq!(told(&round), ["own@b.cz everything"]);
    })
    .await;
}

#[tokio::test]
async fn whom_the_clock_unsubscribes_is_told_so() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        let long = NewGrant { until: Some(at(4_000 * DAY)), ..yes("news", at(0)) };
        grant(&consent, "a@b.cz", &long).await;
        let clock = Clock::new(consent.clone(), "one");
        // Silent for three years, asked, and silent still.
        assert_eq!(run(&clock, at(1_100 * DAY), &[terms()]).await.inactive, 1);
        let ticked = run(&clock, at(1_200 * DAY), &[terms()]).await;
        let mut refused = Vec::new();
        while let Some(round) = consent.refusals(at(1_201 * DAY), "one").await.unwrap() {
            refused.extend(round.refused.clone());
            consent.refusals_told(round).await.unwrap();
        }
        assert_eq!(refused.len() as u64, ticked.unsubscribed);
        assert!(refused.iter().all(|one| one.silent), "{refused:?}");
        assert_eq!(refused.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn many_events_without_a_refusal_keep_none_back() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        let mut file = String::from("email,granted_at\n");
        for number in 0..2_100 {
            file.push_str(&format!("a{number}@b.cz,2026-03-01 14:30\n"));
        }
        run_import(&consent, file.as_bytes(), &plan()).await.unwrap();
        refuse(&consent, &who("a7@b.cz"), None, 10 * DAY, 10 * DAY).await;
        let (mut all, mut rounds) = (Vec::new(), 0);
        while let Some(round) = consent.refusals(at(11 * DAY), "one").await.unwrap() {
            all.extend(told(&round));
            rounds += 1;
            consent.refusals_told(round).await.unwrap();
        }
        assert_eq!((all, rounds), (vec!["a7@b.cz everything".to_owned()], 3));
    })
    .await;
}
