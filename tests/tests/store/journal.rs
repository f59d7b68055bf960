//! The journal is append-only, and whoever touches it is found out.

use outside::store::{Fresh, on_both};
use relay::{
    journal::{self, Filter, Kind, Why},
    spool::{Spool, State},
};

use crate::make::{at, delivery, event, message, secret};

/// Ten lines in the chain of relay `a`.
async fn filled(fresh: &Fresh) {
    let spool = Spool::open(fresh.db.clone(), &secret(), "a", at(0)).await.unwrap();
    for _ in 0..5 {
        let one = message(b"x");
        let to = delivery(&one, "b", State::Ready);
        let events = vec![event(Kind::Decided, Some(&to)), event(Kind::Deferred, Some(&to))];
        spool.keep(one, vec![to], events).await.unwrap();
    }
}

#[tokio::test]
async fn lines_are_found_by_each_filter_newest_first() {
    on_both(async |fresh| {
        filled(fresh).await;
        let list =
            async |filter: Filter, limit| journal::list(&fresh.db, &filter, limit).await.unwrap();
        let all = list(Filter::default(), 100).await;
        assert_eq!(all.len(), 10);
        assert!(all.is_sorted_by(|a, b| a.event.id > b.event.id));
        let page = list(Filter { before: Some(all[3].event.id), ..Filter::default() }, 2).await;
        assert_eq!(page[0].event.id, all[4].event.id);
        assert_eq!(page.len(), 2);
        let of = Filter { message: all[0].event.message, ..Filter::default() };
        assert_eq!(list(of, 100).await.len(), 2);
        let kind = Filter { kind: Some(Kind::Decided), ..Filter::default() };
        assert_eq!(list(kind, 100).await.len(), 5);
        let to = Filter {
            recipients: all[0].event.recipient.into_iter().collect(),
            ..Filter::default()
        };
        assert_eq!(list(to, 100).await.len(), 10);
        let time = Filter { from: Some(at(2)), ..Filter::default() };
        assert!(list(time, 100).await.is_empty());
        let one = journal::show(&fresh.db, all[0].event.id).await.unwrap().unwrap();
        assert_eq!(one.event.detail.value()["nul"], "a\0b");
    })
    .await;
}

#[tokio::test]
async fn every_kind_of_tampering_is_found_with_its_line() {
    let cases: [(&str, i64, Why); 6] = [
        ("UPDATE journal SET detail = '{}' WHERE seq = 4", 4, Why::Changed),
        ("UPDATE journal SET at = at + 1 WHERE seq = 1", 1, Why::Changed),
        ("DELETE FROM journal WHERE seq = 7", 7, Why::Missing),
        ("DELETE FROM journal WHERE seq > 8", 9, Why::CutOff),
        (
            "INSERT INTO journal SELECT chain, 11, id, at, kind, message, delivery, recipient, \
             detail, hash FROM journal WHERE seq = 10",
            11,
            Why::Added,
        ),
        (
            "UPDATE chain SET head_seq = 8, head_hash = (SELECT hash FROM journal WHERE seq = 8)",
            9,
            Why::Added,
        ),
    ];
    on_both(async |fresh| {
        filled(fresh).await;
        let clean = journal::verify(&fresh.db).await.unwrap();
        assert_eq!((clean.chains, clean.lines, clean.broken), (1, 10, vec![]));
    })
    .await;
    for (sql, seq, why) in cases {
        let fresh = Fresh::sqlite().await;
        filled(&fresh).await;
        let mut tx = fresh.db.begin().await.unwrap();
        tx.run(sql, vec![]).await.unwrap();
        tx.commit().await.unwrap();
        let found = journal::verify(&fresh.db).await.unwrap();
        let [broken] = found.broken.as_slice() else { panic!("{sql}: {found:?}") };
        assert_eq!((broken.seq, broken.why), (seq, why), "{sql}");
        assert!(broken.to_string().starts_with("chain `relay/a`: line "), "{broken}");
    }
}
