//! Data keys turned over: everything is sealed anew and still opens, goes on after a stop, and a
//! missing key defers and loses nothing.

use std::{fs, path::Path};

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use outside::store::{Fresh, on_both};
use relay::{
    api_key::store::{self as answers, Answer, Begun, Once},
    at_rest::{self, Column, Part},
    consent::{self, Consent, Erasure, Proven},
    db::uuid,
    rotation,
    seal::Secret,
    spool::{Filter, Settle, Spool, State},
};
use uuid::Uuid;

use crate::{
    consent::{fill, grant, proof, who, yes},
    make::{at, delivery, message, settlement},
    spool::settled,
};

/// What the database holds, with a key file of its own.
struct Scene<'f> {
    fresh: &'f Fresh,
    folder: tempfile::TempDir,
    secret: Secret,
    consent: Consent,
    spool: Spool,
}

const ONCE: Once<'static> = Once { key: "key", name: [1; 32], request: [2; 32] };

impl<'f> Scene<'f> {
    async fn new(fresh: &'f Fresh) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (secret, _) = Secret::open_or_create(&folder.path().join("secret.key")).unwrap();
        at_rest::bind(&fresh.db, &secret).await.unwrap();
        let consent = Consent::new(fresh.db.clone(), secret.clone(), "test");
        fill(&consent).await;
        for n in 0..20 {
            grant(&consent, &format!("a{n}@b.cz"), &yes("news", at(0))).await;
        }
        let spool = Spool::open(fresh.db.clone(), &secret, "a", at(0)).await.unwrap();
        for size in [100, 40_000] {
            let one = message(&vec![b'x'; size]);
            let to = delivery(&one, "jana", State::Ready);
            spool.keep(one, vec![to], vec![]).await.unwrap();
        }
        let answer = Answer { status: 200, kind: "text/plain".into(), body: b"a0@b.cz".to_vec() };
        answers::begin(&fresh.db, &secret, at(0), &ONCE).await.unwrap();
        answers::finish(&fresh.db, &secret, &ONCE, &answer).await.unwrap();
        let scene = Self { fresh, folder, secret, consent, spool };
        scene.says_farewell().await;
        scene
    }

    /// Somebody is erased of whom a webhook has not been told yet.
    async fn says_farewell(&self) {
        let mut tx = self.fresh.db.begin().await.unwrap();
        let sql = "INSERT INTO webhook (id, controller, url, events, address, created_at) \
                   VALUES ($1, 'shop', 'https://crm.example/hook', 'erased', 1, 0)";
        tx.run(sql, vec![uuid(Uuid::now_v7())]).await.unwrap();
        tx.commit().await.unwrap();
        grant(&self.consent, "gone@b.cz", &yes("news", at(0))).await;
        let proven = Proven { zone: TimeZone::UTC, kept_for: None };
        let (gone, by) = (who("gone@b.cz"), proof(5));
        self.consent.erase(at(5), &gone, Erasure::Delete, &proven, &by).await.unwrap().unwrap();
    }

    /// The address that is kept for the webhook.
    async fn farewell(&self) -> Vec<u8> {
        let sql = "SELECT contact, address FROM farewell";
        let rows = self.fresh.db.read().await.unwrap().rows(sql, vec![]).await.unwrap();
        let contact = [Part::Uuid(rows[0].uuid(0).unwrap())];
        let sealed = rows[0].bytes(1).unwrap();
        assert_eq!(sealed.first(), Some(&self.secret.sealing()), "by the key in use");
        at_rest::open(&self.secret, Column::FarewellAddress, &contact, sealed).unwrap()
    }

    fn file(&self) -> std::path::PathBuf {
        self.folder.path().join("secret.key")
    }

    /// As a run of `souhlas keys rotate` that nobody stops.
    async fn rotate(&self, now: Timestamp) -> u64 {
        let id = rotation::next(&self.fresh.db, &self.secret, &self.file(), now).await.unwrap();
        rotation::put_to_use(&self.fresh.db, &self.secret, now, id).await.unwrap();
        rotation::reseal(&self.fresh.db, &self.secret, |_| {}).await.unwrap()
    }

    async fn all_opens(&self) {
        let shown = self.consent.contact(&who("a3@b.cz")).await.unwrap().unwrap();
        assert_eq!(shown.brief.address.as_deref(), Some("a3@b.cz"));
        assert_eq!(shown.past[0].evidence.as_ref().unwrap()["ip"], "192.0.2.1");
        let verified = consent::verify(&self.fresh.db, &self.secret).await.unwrap();
        assert_eq!((verified.lines, verified.broken), (22, vec![]));
        assert_eq!(self.farewell().await, b"gone@b.cz");
        let listed = self.spool.list(&Filter::default(), 10).await.unwrap();
        assert_eq!(listed.len(), 2);
        for one in listed {
            assert_eq!(one.recipient.path.local, "jana");
            let (message, _) = self.spool.show(one.id).await.unwrap().unwrap();
            assert!(message.bytes.iter().all(|byte| *byte == b'x') && message.bytes.len() >= 100);
            assert_eq!(message.trace, "Received: from a\r\n");
        }
        let again = answers::begin(&self.fresh.db, &self.secret, at(1), &ONCE).await.unwrap();
        let Begun::Before(answer) = again else { panic!("{again:?}") };
        assert_eq!(answer.body, b"a0@b.cz");
    }

    async fn used(&self) -> Vec<(u8, u64)> {
        rotation::used(&self.fresh.db).await.unwrap().into_iter().collect()
    }
}

/// 20 contacts with two values each and an event, 2 messages with a delivery, one answer, one address of
/// who was erased.
const VALUES: u64 = 20 * 3 + 2 * 2 + 1 + 1;

#[tokio::test]
async fn everything_is_sealed_anew_and_still_opens() {
    on_both(async |fresh| {
        let scene = Scene::new(fresh).await;
        assert_eq!(scene.used().await, [(0, VALUES)]);
        assert_eq!(scene.rotate(at(0)).await, VALUES);
        assert_eq!(scene.used().await, [(1, VALUES)]);
        scene.all_opens().await;
        assert_eq!(scene.rotate(at(10)).await, VALUES);
        assert_eq!(scene.used().await, [(2, VALUES)]);
        scene.all_opens().await;
        let (db, secret, file) = (&fresh.db, &scene.secret, scene.file());
        let drop = async |second, id| {
            let moment = at(10).checked_add(SignedDuration::from_secs(second)).unwrap();
            let dropped = rotation::drop_key(db, secret, &file, (moment, id)).await;
            dropped.map_err(|error| error.to_string())
        };
        assert!(drop(3599, 1).await.unwrap_err().contains("may still seal"));
        assert!(drop(3600, 0).await.unwrap_err().contains("derived"));
        assert!(drop(3600, 2).await.unwrap_err().contains("in use"));
        drop(3600, 1).await.unwrap();
        assert!(drop(3600, 1).await.unwrap_err().contains("no data key 1"));
        scene.all_opens().await;
        assert!(!fs::read_to_string(&file).unwrap().contains("data 1 "));
    })
    .await;
}

#[tokio::test]
async fn a_key_that_seals_something_is_not_dropped() {
    on_both(async |fresh| {
        let scene = Scene::new(fresh).await;
        scene.rotate(at(0)).await;
        let id = rotation::next(&fresh.db, &scene.secret, &scene.file(), at(1)).await.unwrap();
        rotation::put_to_use(&fresh.db, &scene.secret, at(1), id).await.unwrap();
        let now = at(7200);
        let dropped = rotation::drop_key(&fresh.db, &scene.secret, &scene.file(), (now, 1)).await;
        let error = dropped.unwrap_err().to_string();
        assert!(error.contains(&format!("seals {VALUES} values")), "{error}");
    })
    .await;
}

#[tokio::test]
async fn a_rotation_that_was_stopped_goes_on_to_the_same_key() {
    on_both(async |fresh| {
        let scene = Scene::new(fresh).await;
        let (db, file) = (&fresh.db, scene.file());
        let id = rotation::next(db, &scene.secret, &file, at(0)).await.unwrap();
        assert_eq!(
            rotation::next(db, &scene.secret, &file, at(0)).await.unwrap(),
            id,
            "not in use"
        );
        rotation::put_to_use(db, &scene.secret, at(0), id).await.unwrap();
        // Stopped after the first column.
        let (told, tells) = tokio::sync::oneshot::channel();
        let mut told = Some(told);
        let begun = rotation::reseal(db, &scene.secret, |_| {
            let _ = told.take().map(|told| told.send(()));
        });
        tokio::select! {
            done = begun => { done.unwrap(); }
            _ = tells => {}
        }
        let (after, _) = Secret::open_or_create(&file).unwrap();
        at_rest::bind(db, &after).await.unwrap();
        assert_eq!(after.sealing(), id);
        if scene.used().await.len() > 1 {
            assert_eq!(rotation::next(db, &after, &file, at(5)).await.unwrap(), id);
            rotation::put_to_use(db, &after, at(5), id).await.unwrap();
            rotation::reseal(db, &after, |_| {}).await.unwrap();
        }
        assert_eq!(scene.used().await, [(id, VALUES)]);
        scene.all_opens().await;
    })
    .await;
}

/// Puts the file as it was in the place of the one that is there now.
fn swap(file: &Path, text: &str) -> String {
    let now = fs::read_to_string(file).unwrap();
    fs::write(file, text).unwrap();
    now
}

#[tokio::test]
async fn without_its_key_nothing_is_sent_and_nothing_is_lost() {
    on_both(async |fresh| {
        let scene = Scene::new(fresh).await;
        let file = scene.file();
        let before = fs::read_to_string(&file).unwrap();
        scene.rotate(at(0)).await;
        let whole = swap(&file, &before);
        let (poor, _) = Secret::open_or_create(&file).unwrap();
        let error = at_rest::bind(&fresh.db, &poor).await.unwrap_err().to_string();
        assert!(error.contains("data key 1") && error.contains("put back"), "{error}");
        let blind = Consent::new(fresh.db.clone(), poor.clone(), "b");
        let error = blind.contact(&who("a3@b.cz")).await.unwrap_err().to_string();
        assert!(error.contains("contact.address") && error.contains("data key 1"), "{error}");
        let verified = consent::verify(&fresh.db, &poor).await.unwrap();
        assert_eq!(verified.broken.len(), 1, "it cannot be told");
        drop(scene.spool);
        let spool = Spool::open(fresh.db.clone(), &poor, "b", at(100)).await.unwrap();
        assert!(spool.claim(at(100), 10).await.unwrap().is_empty());
        // The key is back: all of it is still there, a while later.
        swap(&file, &whole);
        let mut claimed = Vec::new();
        for _ in 0..100 {
            claimed.extend(spool.claim(at(10_000), 10).await.unwrap());
            if claimed.len() == 2 {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        assert_eq!(claimed.len(), 2);
        for (message, list) in claimed {
            assert_eq!((list.len(), list[0].recipient.path.local.as_str()), (1, "jana"));
            assert!(message.bytes.len() >= 100);
            assert!(settled(&spool, settlement(&list[0], Settle::Done)).await);
        }
    })
    .await;
}
