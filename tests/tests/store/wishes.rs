//! What people wrote back: kept once, read once, shown to whom it may be shown, and gone with the person or
//! after its time.

use jiff::SignedDuration;
use outside::store::{Fresh, on_both};
use policy::Scope;
use relay::{
    seal::AddressKey,
    wish::{self, About, KEPT_DAYS, Kept, Read, Told, Wishes},
};
use uuid::Uuid;

use crate::make::{at, secret};

fn wishes(fresh: &Fresh) -> Wishes {
    Wishes { db: fresh.db.clone(), secret: secret() }
}

fn about(message: u128, controller: &str, recipient: Option<u8>) -> About {
    About {
        message: Uuid::from_u128(message),
        controller: controller.into(),
        stream: "news".into(),
        login: "shop".into(),
        recipient: recipient.map(|byte| AddressKey([byte; 32])),
    }
}

fn told(text: &str) -> Told {
    Told { from: Some("jana@posta.example".into()), text: text.into(), ..Told::default() }
}

#[tokio::test]
async fn a_letter_that_comes_twice_is_one_and_is_read_once() {
    on_both(async |fresh| {
        let wishes = wishes(fresh);
        let jana = about(1, "garden", Some(1));
        for now in [at(0), at(1)] {
            let kept = wishes.keep(now, &jana, &told("Už ne."), b"letter one").await.unwrap();
            assert_eq!(kept, Kept::Yes);
        }
        wishes.keep(at(2), &jana, &told("Kdy?"), b"letter two").await.unwrap();
        wishes.keep(at(3), &about(2, "other", None), &told("Stop"), b"letter").await.unwrap();
        let texts = |all: Vec<wish::Wish>| -> Vec<String> {
            all.into_iter().map(|one| one.told.text).collect()
        };
        let all = wishes.list(None, false, None, 10).await.unwrap();
        let (first, second) = (all[0].id, all[1].id);
        assert_eq!(all[0].at, at(0));
        assert_eq!(all[0].about.recipient, jana.recipient);
        assert_eq!(texts(all), ["Už ne.", "Kdy?", "Stop"], "the oldest first");
        let garden = ["garden".to_owned()];
        let page = wishes.list(Some(&garden), false, Some(first), 10).await.unwrap();
        assert_eq!(texts(page), ["Kdy?"]);
        assert_eq!(wishes.unread(Some(&garden)).await.unwrap(), 2);
        assert_eq!(wishes.unread(Some(&[])).await.unwrap(), 0);
        let purpose = Some(Scope::Purpose("news".into()));
        let read = Read { at: at(5), by: "staff/a".into(), refuses: purpose };
        assert!(wishes.read(first, &read).await.unwrap());
        let other = Read { refuses: None, by: "staff/b".into(), ..read.clone() };
        assert!(!wishes.read(first, &other).await.unwrap(), "somebody was faster");
        assert!(wishes.read(second, &other).await.unwrap());
        assert_eq!(wishes.show(first).await.unwrap().unwrap().read, Some(read));
        assert_eq!(wishes.show(second).await.unwrap().unwrap().read, Some(other));
        let read = wishes.list(Some(&garden), true, None, 10).await.unwrap();
        assert_eq!(texts(read), ["Kdy?", "Už ne."], "the newest first");
        assert_eq!(wishes.unread(None).await.unwrap(), 1);
    })
    .await;
}

#[tokio::test]
async fn nobody_fills_the_list_with_answers_to_one_message() {
    on_both(async |fresh| {
        let wishes = wishes(fresh);
        let mut kept = 0;
        for number in 0..80_u8 {
            let about = about(1, "garden", Some(number));
            let came = wishes.keep(at(0), &about, &told("x"), &[number]).await.unwrap();
            kept += u32::from(came == Kept::Yes);
        }
        assert_eq!(kept, 50);
        let another = about(2, "garden", Some(1));
        let came = wishes.keep(at(0), &another, &told("x"), b"x").await.unwrap();
        assert_eq!(came, Kept::Yes);
    })
    .await;
}

#[tokio::test]
async fn a_letter_goes_with_its_writer_or_after_its_time() {
    on_both(async |fresh| {
        let wishes = wishes(fresh);
        for writer in [1, 2, 3] {
            let about = about(1, "garden", Some(writer));
            wishes.keep(at(0), &about, &told("x"), &[writer]).await.unwrap();
        }
        assert_eq!(wishes.of(AddressKey([1; 32])).await.unwrap().len(), 1);
        assert_eq!(wish::erase(&fresh.db, AddressKey([1; 32])).await.unwrap(), 1);
        assert!(wishes.of(AddressKey([1; 32])).await.unwrap().is_empty());
        let [read, _] = &wishes.list(None, false, None, 10).await.unwrap()[..] else { panic!() };
        let said = Read { at: at(0), by: "staff/a".into(), refuses: None };
        assert!(wishes.read(read.id, &said).await.unwrap());
        let days = |days: i64| at(0).checked_add(SignedDuration::from_hours(24 * days)).unwrap();
        assert_eq!(wish::forget(&fresh.db, days(KEPT_DAYS - 1)).await.unwrap(), 0);
        assert_eq!(wish::forget(&fresh.db, days(KEPT_DAYS)).await.unwrap(), 1);
        assert_eq!(wish::forget(&fresh.db, days(10 * KEPT_DAYS)).await.unwrap(), 0);
        assert_eq!(wishes.unread(None).await.unwrap(), 1, "what nobody has read stays");
    })
    .await;
}
