//! Keys of the API and answers that are given twice.

use jiff::SignedDuration;
use outside::store::on_both;
use relay::api_key::{
    Key, Scope, Token,
    store::{self, Answer, Begun, Once},
};

use crate::make::{at, secret};

fn key(token: &Token) -> Key {
    Key {
        id: token.id.clone(),
        controller: "kavarna".into(),
        name: "shop".into(),
        scopes: vec![Scope::ContactsWrite, Scope::Decide],
        created_at: at(0),
        expires_at: Some(at(1_000)),
        revoked_at: None,
        last_used_at: None,
    }
}

#[tokio::test]
async fn a_key_is_found_by_its_secret_while_it_counts() {
    on_both(async |fresh| {
        let (token, other) = (Token::generate(), Token::generate());
        let kept = key(&token);
        store::add(&fresh.db, &kept, &token).await.unwrap();
        let find = async |second, token| store::find(&fresh.db, at(second), token).await.unwrap();
        assert_eq!(find(1, &token).await, Some(kept.clone()));
        assert_eq!(find(1, &other).await, None);
        let forged = Token::parse(&other.reveal().replace(&other.id, &token.id)).unwrap();
        assert_eq!(find(1, &forged).await, None);
        let used = |key: Option<Key>| key.and_then(|key| key.last_used_at);
        assert_eq!(used(find(30, &token).await), Some(at(1)), "once a minute is enough");
        assert_eq!(used(find(61, &token).await), Some(at(1)));
        assert_eq!(used(find(62, &token).await), Some(at(61)));
        assert_eq!(find(1_000, &token).await, None, "its time is over");
        assert!(store::revoke(&fresh.db, at(70), &token.id).await.unwrap());
        assert!(!store::revoke(&fresh.db, at(71), &token.id).await.unwrap());
        assert_eq!(find(72, &token).await, None);
        let listed = store::list(&fresh.db).await.unwrap();
        assert_eq!((listed.len(), listed[0].revoked_at), (1, Some(at(70))));
    })
    .await;
}

#[tokio::test]
async fn an_answer_is_kept_for_a_day_and_for_its_own_request_alone() {
    on_both(async |fresh| {
        let once = Once { key: "a", name: [1; 32], request: [2; 32] };
        let answer = Answer { status: 201, kind: "application/json".into(), body: b"{}".to_vec() };
        let begin = async |second, once: &Once<'_>| {
            store::begin(&fresh.db, &secret(), at(second), once).await.unwrap()
        };
        assert_eq!(begin(0, &once).await, Begun::First);
        assert_eq!(begin(1, &once).await, Begun::Running);
        assert_eq!(begin(1, &Once { request: [3; 32], ..once }).await, Begun::Differs);
        assert_eq!(begin(1, &Once { key: "b", ..once }).await, Begun::First, "each key its own");
        store::finish(&fresh.db, &secret(), &once, &answer).await.unwrap();
        assert_eq!(begin(2, &once).await, Begun::Before(answer.clone()));
        assert_eq!(begin(2, &Once { request: [3; 32], ..once }).await, Begun::Differs);
        let day = SignedDuration::from_hours(24).as_secs();
        assert_eq!(begin(day, &once).await, Begun::Before(answer));
        assert_eq!(begin(day + 1, &once).await, Begun::First);
        // Its process died: after a while somebody else may try.
        assert_eq!(begin(day + 100, &once).await, Begun::Running);
        assert_eq!(begin(day + 200, &once).await, Begun::First);
        store::forget(&fresh.db, &once).await.unwrap();
        assert_eq!(begin(day + 201, &once).await, Begun::First, "nothing came of it");
    })
    .await;
}

#[tokio::test]
async fn of_two_that_come_at_once_one_is_answered() {
    on_both(async |fresh| {
        let (secret, once) = (secret(), Once { key: "a", name: [1; 32], request: [2; 32] });
        let begin = || store::begin(&fresh.db, &secret, at(0), &once);
        let (one, other) = tokio::join!(begin(), begin());
        let mut both = [one.unwrap(), other.unwrap()];
        both.sort_by_key(|begun| *begun == Begun::First);
        assert_eq!(both, [Begun::Running, Begun::First]);
    })
    .await;
}
