//! Senders by their numbers, as return addresses name them.

use jiff::SignedDuration;
use outside::store::on_both;
use relay::{returns::Senders, smtp::envelope::Path};

use crate::make::{at, secret};

#[tokio::test]
async fn a_sender_has_one_number_for_all_relays_until_nobody_uses_it() {
    on_both(async |fresh| {
        let one = Senders::new(fresh.db.clone(), &secret());
        let shop = Path::parse("news@shop.cz").unwrap();
        let other = Path::parse("\"a b\"@příklad.cz").unwrap();
        assert_eq!(one.number(&shop), None);
        for sender in [&shop, &other, &shop] {
            one.learn(at(0), sender).await.unwrap();
        }
        let (first, second) = (one.number(&shop).unwrap(), one.number(&other).unwrap());
        assert_ne!(first, second);
        let beside = Senders::new(fresh.db.clone(), &secret());
        beside.learn(at(1), &other).await.unwrap();
        assert_eq!(beside.number(&other), Some(second));
        assert_eq!(beside.sender(second).await.unwrap(), Some(other.clone()));
        assert_eq!(beside.sender(0).await.unwrap(), None);
        // The one is used on, the other is not.
        let day = |number: i64| at(0) + SignedDuration::from_hours(24 * number);
        one.learn(day(40), &shop).await.unwrap();
        assert_eq!(one.forget(day(59)).await.unwrap(), 0);
        assert_eq!(one.forget(day(61)).await.unwrap(), 1);
        assert_eq!(one.sender(second).await.unwrap(), None);
        assert_eq!(one.sender(first).await.unwrap(), Some(shop.clone()));
        let mut conn = fresh.db.read().await.unwrap();
        let rows = conn.rows("SELECT address FROM return_sender", vec![]).await.unwrap();
        let sealed = rows[0].bytes(0).unwrap();
        assert!(!sealed.windows(4).any(|four| four == b"shop"), "it lies there sealed");
    })
    .await;
}
