//! What a purpose's messages may be about, and what a person picked of it: kept, proved, and never
//! wider than the person left it.

use std::collections::BTreeSet;

use outside::store::on_both;
use policy::{Preference, Purpose, Topic};
use relay::consent::{self, Closing, Consent, PurposeFault, Recorded, Topics, TopicsSet, compare};

use crate::{
    consent::{ask, proof, standing, store, who},
    make::{at, secret},
};

const JANA: &str = "jana@b.cz";

fn topics(ids: &[&str]) -> Vec<Topic> {
    ids.iter().map(|id| Topic { id: (*id).into(), name: format!("About {id}") }).collect()
}

async fn set(consent: &Consent, second: i64, ids: &[&str]) -> TopicsSet {
    let topics = topics(ids);
    let what = Topics { controller: "shop", purpose: "news", topics: &topics, actor: "cli" };
    consent.purpose_topics(at(second), &what).await.unwrap()
}

fn picked(ids: &[&str]) -> Preference {
    let topics: BTreeSet<String> = ids.iter().map(|id| (*id).to_owned()).collect();
    Preference { topics: Some(topics), ..Preference::about(Some("news")) }
}

async fn pick(consent: &Consent, second: i64, ids: &[&str]) -> Recorded {
    consent.prefer(at(second), &who(JANA), &picked(ids), &proof(second)).await.unwrap()
}

#[tokio::test]
async fn a_purpose_has_the_topics_that_it_was_given_last() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        let news = consent.purpose("shop", "news").await.unwrap().unwrap();
        let given = Purpose { id: "garden".into(), topics: topics(&["seeds"]), ..news };
        consent.purpose_add(at(0), &given, "test").await.unwrap();
        let found = async |id| consent.purpose("shop", id).await.unwrap().unwrap().topics;
        assert_eq!(found("garden").await, topics(&["seeds"]));
        assert_eq!(found("news").await, []);
        assert_eq!(set(&consent, 1, &["seeds", "tools"]).await, TopicsSet::New);
        assert_eq!(set(&consent, 2, &["seeds", "tools"]).await, TopicsSet::Already);
        assert_eq!(set(&consent, 3, &["tools", "herbs"]).await, TopicsSet::New);
        assert_eq!(found("news").await, topics(&["tools", "herbs"]));
        let unknown = Topics { controller: "club", purpose: "news", topics: &[], actor: "cli" };
        let none = consent.purpose_topics(at(4), &unknown).await.unwrap();
        assert_eq!(none, TopicsSet::NoPurpose, "the shop's is not the club's");
        let closing = Closing { controller: "shop", purpose: "news", actor: "cli", why: "" };
        assert!(consent.purpose_close(at(5), &closing).await.unwrap());
        assert_eq!(set(&consent, 6, &["seeds"]).await, TopicsSet::Closed);
        assert_eq!(found("news").await, topics(&["tools", "herbs"]));
        assert_eq!(compare(&fresh.db).await.unwrap().differences, []);
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_a_list_of_topics_is_none() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        let one = |id: &str, name: &str| Topic { id: id.into(), name: name.into() };
        let (long, many) =
            ("a".repeat(65), (0..21).map(|n| one(&format!("t{n}"), &format!("{n}"))));
        for topics in [
            vec![one("", "Name")],
            vec![one("Seeds", "Name")],
            vec![one("a/b", "Name")],
            vec![one(&long, "Name")],
            vec![one("seeds", "")],
            vec![one("seeds", &"a".repeat(101))],
            vec![one("seeds", "a\0b")],
            vec![one("seeds", "One"), one("seeds", "Other")],
            vec![one("seeds", "One"), one("tools", "One")],
            many.collect(),
        ] {
            let what =
                Topics { controller: "shop", purpose: "news", topics: &topics, actor: "cli" };
            let fault = consent.purpose_topics(at(1), &what).await;
            assert!(matches!(fault, Err(PurposeFault::Topics)), "{topics:?}: {fault:?}");
            let news = consent.purpose("shop", "news").await.unwrap().unwrap();
            let new = Purpose { id: "new".into(), topics, ..news };
            let fault = consent.purpose_add(at(1), &new, "test").await;
            assert!(matches!(fault, Err(PurposeFault::Topics)), "{fault:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn who_picks_narrows_and_who_picks_all_does_not() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        let lookup = ask(&consent);
        set(&consent, 1, &["seeds", "tools"]).await;
        let wishes = async || standing(&lookup, JANA).await.preferences;
        assert_eq!(pick(&consent, 2, &["seeds", "tools"]).await, Recorded::Already);
        assert!(matches!(pick(&consent, 3, &["seeds"]).await, Recorded::New(_)));
        assert_eq!(pick(&consent, 4, &["seeds"]).await, Recorded::Already);
        assert_eq!(wishes().await, [picked(&["seeds"])]);
        // New ones are nobody's pick; the one that was stays.
        set(&consent, 5, &["seeds", "tools", "herbs"]).await;
        assert_eq!(wishes().await, [picked(&["seeds"])]);
        for unknown in [&["seeds", "grapes"][..], &["grapes"]] {
            assert_eq!(pick(&consent, 6, unknown).await, Recorded::NoTopic);
        }
        let everything = Preference { purpose: None, ..picked(&[]) };
        let said = consent.prefer(at(6), &who(JANA), &everything, &proof(6)).await.unwrap();
        assert_eq!(said, Recorded::NoTopic, "topics are a purpose's");
        assert!(matches!(pick(&consent, 7, &[]).await, Recorded::New(_)));
        assert_eq!(wishes().await, [picked(&[])], "none is a choice, too");
        let all = ["herbs", "seeds", "tools"];
        assert!(matches!(pick(&consent, 8, &all).await, Recorded::New(_)));
        assert_eq!(wishes().await, []);
        let past = consent.contact(&who(JANA)).await.unwrap().unwrap().past;
        let said: Vec<String> = past.iter().map(|one| one.detail["topics"].to_string()).collect();
        assert_eq!(said, [r#"["seeds"]"#, "[]", "null"]);
        assert_eq!(consent::verify(&fresh.db, &secret()).await.unwrap().broken, []);
        assert_eq!(compare(&fresh.db).await.unwrap().differences, []);
    })
    .await;
}

#[tokio::test]
async fn a_choice_and_a_frequency_are_one_wish() {
    on_both(async |fresh| {
        let consent = store(&fresh.db).await;
        set(&consent, 1, &["seeds", "tools"]).await;
        let most = "2 in 30 days".parse().unwrap();
        let both = Preference { at_most: Some(most), ..picked(&["tools"]) };
        let say = async |wish: &Preference| {
            consent.prefer(at(2), &who(JANA), wish, &proof(2)).await.unwrap()
        };
        assert!(matches!(say(&both).await, Recorded::New(_)));
        assert_eq!(standing(&ask(&consent), JANA).await.preferences, std::slice::from_ref(&both));
        let all = Preference { at_most: Some(most), ..picked(&["seeds", "tools"]) };
        say(&all).await;
        let rest = Preference { topics: None, ..both };
        assert_eq!(standing(&ask(&consent), JANA).await.preferences, [rest]);
    })
    .await;
}
