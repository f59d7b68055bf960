//! Where a person says that the program was wrong: once for a message and a rule, without a word of it, and
//! with the message for as long as it may be kept.

use jiff::SignedDuration;
use outside::store::on_both;
use policy::Class;
use relay::{
    mistake::{Case, Sign, Wrong},
    review::{Code, Way, Word},
    sample,
};
use uuid::Uuid;

use crate::{
    make::{at, secret},
    review::scene,
};

fn wrong(controller: &str, rule: &str) -> Wrong {
    Wrong {
        message: Uuid::now_v7(),
        rule: rule.into(),
        controller: controller.into(),
        login: "shop".into(),
        stream: "orders".into(),
        campaign: 7,
        took: Class::Mixed,
        is: Some(Class::Transactional),
        by: "staff/1".into(),
    }
}

#[tokio::test]
async fn a_release_for_a_wrong_class_is_kept_with_its_signs_and_its_message() {
    on_both(async |fresh| {
        let scene = scene(fresh).await;
        let one = scene.held("orders", "shop", at(0)).await;
        let two = scene.held("orders", "shop", at(0)).await;
        let mistakes = &scene.review.mistakes;
        let word = |code, second: bool| Word {
            by: "a".into(),
            code,
            reason: "je to objednávka".into(),
            second: second.then(|| "b".to_owned()),
            bulk: None,
        };
        let said = word(Code::LegalDuty, true);
        scene.review.release(at(5), two.id, Way::AsIs, &said).await.unwrap();
        assert!(mistakes.list(None, None, None, 10).await.unwrap().is_empty());
        let alone = word(Code::FalsePositive, false);
        assert!(scene.review.release(at(5), one.id, Way::AsIs, &alone).await.is_err());
        assert!(mistakes.list(None, None, None, 10).await.unwrap().is_empty(), "it did not go");
        let said = word(Code::FalsePositive, true);
        scene.review.release(at(6), one.id, Way::AsIs, &said).await.unwrap();
        let [kept] = &mistakes.list(None, None, None, 10).await.unwrap()[..] else { panic!() };
        assert_eq!((kept.wrong.message, kept.wrong.rule.as_str()), (one.message, "class-mismatch"));
        assert_eq!((kept.wrong.controller.as_str(), kept.at), ("garden", at(6)));
        assert!(kept.signs.iter().any(|sign| sign.name == "discount"), "{:?}", kept.signs);
        let found = sample::find(&fresh.db, &secret(), at(7), one.message).await.unwrap();
        assert!(found.unwrap().1.starts_with(b"From: Zahrada"));
        let sql = "SELECT signs FROM mistake";
        let rows = fresh.db.read().await.unwrap().rows(sql, vec![]).await.unwrap();
        let signs = rows[0].text(0).unwrap();
        assert!(!signs.contains("VYPRODEJ") && !signs.contains("JARO50"), "{signs}");
        // It goes with the person's data, and with its time.
        assert_eq!(sample::erase(&fresh.db, one.key).await.unwrap(), 1);
        assert!(sample::find(&fresh.db, &secret(), at(7), one.message).await.unwrap().is_none());
        assert_eq!(mistakes.list(None, None, None, 10).await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn each_rule_is_counted_for_those_who_may_see_it() {
    on_both(async |fresh| {
        let scene = scene(fresh).await;
        let mistakes = &scene.review.mistakes;
        let first = wrong("garden", "class-mismatch");
        let sign = Sign { name: "discount".into(), speaks_for: Class::Commercial, weight: 30 };
        let case = Case { bytes: "x".into(), signs: vec![sign.clone()], recipient: None };
        mistakes.note(at(0), &first, Some(&case)).await.unwrap();
        let again = Wrong { is: None, by: "staff/2".into(), ..first.clone() };
        mistakes.note(at(1), &again, None).await.unwrap();
        mistakes.note(at(2), &wrong("garden", "class-mismatch"), None).await.unwrap();
        mistakes.note(at(3), &wrong("other", "label-missing"), None).await.unwrap();
        let all = mistakes.list(None, None, None, 10).await.unwrap();
        let said: Vec<_> = all.iter().map(|one| (one.at, one.wrong.is)).collect();
        let transactional = Some(Class::Transactional);
        assert_eq!(said, [(at(3), transactional), (at(2), transactional), (at(1), None)]);
        assert_eq!((all[2].wrong.by.as_str(), &all[2].signs), ("staff/2", &vec![sign]));
        let counts = mistakes.counts(None).await.unwrap();
        let told: Vec<_> =
            counts.iter().map(|one| (one.rule.as_str(), one.messages, one.of_campaigns)).collect();
        assert_eq!(
            told,
            [("class-mismatch", 1, 1), ("class-mismatch", 1, 1), ("label-missing", 1, 1)]
        );
        let own = ["other".to_owned()];
        assert_eq!(mistakes.counts(Some(&own)).await.unwrap().len(), 1);
        assert_eq!(mistakes.list(Some(&own), None, None, 10).await.unwrap().len(), 1);
        assert!(mistakes.list(Some(&[]), None, None, 10).await.unwrap().is_empty());
        let rule = Some("class-mismatch");
        let page = mistakes.list(None, rule, None, 1).await.unwrap();
        assert_eq!(mistakes.list(None, rule, Some(page[0].id), 9).await.unwrap().len(), 1);
        let late = at(0) + SignedDuration::from_hours(48);
        sample::forget(&fresh.db, late).await.unwrap();
        assert!(sample::find(&fresh.db, &secret(), at(1), first.message).await.unwrap().is_none());
    })
    .await;
}
