//! Credentials: kept, changed, found, and checked against whatever the database says now.

use std::{net::IpAddr, time::Duration};

use jiff::Timestamp;
use outside::store::on_both;
use relay::{
    config,
    login::{
        Credential, Login, Logins, Mixed, Outcome, Refusals,
        store::{self, Changed},
    },
    seal::Secret,
};

const PASSWORD: &str = "a good password";

fn shop() -> Login {
    Login {
        name: "shop".into(),
        senders: vec!["@shop.cz".into(), "news@other.cz".into()],
        refusals: Refusals::Suppress,
        mixed: Mixed::Refuse,
    }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + seconds).unwrap()
}

#[tokio::test]
async fn what_is_stored_is_found_changed_and_removed() {
    let credential = Credential::of(PASSWORD).unwrap();
    on_both(async |fresh| {
        let db = &fresh.db;
        assert_eq!(store::add(db, at(0), &shop(), &credential).await, Ok(Changed::Done));
        let again = Login { senders: vec![], ..shop() };
        assert_eq!(store::add(db, at(1), &again, &credential).await, Ok(Changed::Not));
        let found = store::find(db, "shop").await.unwrap().unwrap();
        assert_eq!((&*found.login, &found.credential), (&shop(), &credential));
        assert_eq!((found.created_at, found.last_used_at, found.disabled), (at(0), None, false));

        let other = Login { senders: vec!["*".into()], mixed: Mixed::Split, ..shop() };
        assert_eq!(store::set_rights(db, at(1), &other).await, Ok(Changed::Done));
        assert_eq!(store::set_disabled(db, at(2), "shop", true).await, Ok(Changed::Done));
        store::note_used(db, at(3), "shop").await.unwrap();
        let listed = store::list(db).await.unwrap();
        assert_eq!(listed.len(), 1);
        assert_eq!((&*listed[0].login, &listed[0].credential), (&other, &credential));
        assert_eq!((listed[0].changed_at, listed[0].last_used_at), (at(2), Some(at(3))));
        assert!(listed[0].disabled);

        assert_eq!(store::remove(db, "shop").await, Ok(Changed::Done));
        assert_eq!(store::remove(db, "shop").await, Ok(Changed::Not));
        assert_eq!(store::set_disabled(db, at(4), "shop", true).await, Ok(Changed::Not));
        assert_eq!(store::set_password(db, at(4), "shop", &credential).await, Ok(Changed::Not));
        assert_eq!(store::find(db, "shop").await, Ok(None));
    })
    .await;
}

#[tokio::test]
async fn a_new_password_counts_within_seconds() {
    let (old, new) = (Credential::of(PASSWORD).unwrap(), Credential::of("another one!").unwrap());
    on_both(async |fresh| {
        let db = &fresh.db;
        store::add(db, at(0), &shop(), &old).await.unwrap();
        let settings = config::Logins {
            remembered: Duration::from_secs(300),
            checks_at_once: 2,
            failures_max: 10,
            slowed: Duration::from_secs(60),
        };
        let logins = Logins::new(db.clone(), &Secret::from_bytes([1; 32]), settings);
        let peer = IpAddr::from([192, 0, 2, 1]);
        let outcome = logins.verify_plain(at(0), peer, "shop", PASSWORD).await;
        assert!(matches!(outcome, Outcome::Verified { .. }), "{outcome:?}");
        store::set_password(db, at(1), "shop", &new).await.unwrap();
        let outcome = logins.verify_plain(at(6), peer, "shop", PASSWORD).await;
        assert_eq!(outcome, Outcome::Wrong);
        let outcome = logins.verify_plain(at(6), peer, "shop", "another one!").await;
        assert!(matches!(outcome, Outcome::Verified { .. }), "{outcome:?}");
    })
    .await;
}
