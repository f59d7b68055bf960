//! Work that takes a while, and what others write down in the middle of it: each stands in the order
//! in which it happened.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::tz::TimeZone;
use outside::store::on_both;
use policy::{Ended, Scope};
use relay::consent::{Consent, NewGrant, Target, import::import};
use tokio::{runtime::Handle, task::block_in_place};

use crate::{
    assign::{clocks, what},
    consent::{address, grant, proof, standing, store, who, yes},
    import::plan,
    make::{at, secret},
};

/// What another relay hears while the work stands between two parts: it has a chain of its own.
async fn hears(db: &relay::db::Db, second: i64) {
    let other = Consent::new(db.clone(), secret(), "other");
    let (late, said) = (who("late@b.cz"), proof(second));
    other.end(at(second), &late, "news", Ended::Withdrawn, &said).await.unwrap();
    other.refuse(at(second), &who("no@b.cz"), &Scope::Everything, &said).await.unwrap();
    let back = NewGrant { lifts_refusal: true, ..yes("news", at(second)) };
    let zone = TimeZone::UTC;
    other.grant(at(second), &zone, &who("back@b.cz"), &back, &said).await.unwrap();
}

/// The events say afterwards what stands there: `on_both` looks.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_between_two_chunks_of_an_import_keeps_its_place() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        for to in ["late@b.cz", "no@b.cz"] {
            grant(&consent, to, &yes("news", at(0))).await;
        }
        consent.refuse(at(2), &who("back@b.cz"), &Scope::Everything, &proof(2)).await.unwrap();
        let mut file = String::from("email,granted_at,state\n");
        (0..2_500).for_each(|n| file.push_str(&format!("a{n}@b.cz,2026-03-01,subscribed\n")));
        file.push_str("late@b.cz,2026-03-02,subscribed\nno@b.cz,2026-03-02,subscribed\n");
        file.push_str("back@b.cz,2026-03-02,unsubscribed\n");
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("contacts.csv");
        std::fs::write(&path, file).unwrap();
        let clock = AtomicI64::new(10);
        let mut chunks = 0;
        let (watch, plan) = (|| at(clock.load(Ordering::Relaxed)), plan());
        let done = import(&consent, &watch, &path, &plan, |_| {
            chunks += 1;
            if chunks == 1 {
                block_in_place(|| Handle::current().block_on(hears(&fresh.db, 20)));
                clock.store(30, Ordering::Relaxed);
            }
        });
        let counts = done.await.unwrap().counts;
        assert!(chunks > 1);
        assert_eq!((counts.granted, counts.refusal_stands, counts.refused), (2_501, 1, 1));
        let lookup = consent.lookup(std::time::Duration::from_secs(5));
        let open = async |to: &str| {
            let grants = standing(&lookup, to).await.grants;
            grants.iter().filter(|one| one.withdrawn_at.is_none()).count()
        };
        assert_eq!(open("late@b.cz").await, 1, "the file's came after the end of the other");
        assert_eq!((open("no@b.cz").await, open("back@b.cz").await), (0, 0));
        let past = consent.contact(&who("a2499@b.cz")).await.unwrap().unwrap().past;
        assert_eq!(past[0].recorded_at, at(30), "when it was written down");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_between_two_batches_of_an_assignment_keeps_its_place() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        for to in ["late@b.cz", "no@b.cz"] {
            let short = NewGrant { until: Some(at(25)), ..yes("news", at(0)) };
            grant(&consent, to, &short).await;
        }
        let mut list: Vec<_> = (0..600).map(|n| address(&format!("a{n}@b.cz"))).collect();
        list.extend(["late@b.cz", "no@b.cz"].map(address));
        let what = what();
        let clock = AtomicI64::new(10);
        let mut batches = 0;
        let target = Target::Addresses(list);
        let (watch, clocks) = (|| at(clock.load(Ordering::Relaxed)), clocks(at(10)));
        let zone = TimeZone::UTC;
        let done = consent.assign(&watch, &zone, &clocks, &what, &target, |_| {
            batches += 1;
            if batches == 1 {
                block_in_place(|| Handle::current().block_on(hears(&fresh.db, 20)));
                clock.store(30, Ordering::Relaxed);
            }
        });
        let counts = done.await.unwrap();
        assert_eq!((batches, counts.granted, counts.refusal_stands), (2, 601, 1));
    })
    .await;
}
