//! Tests only: the topics of a purpose on the page of preferences.

use jiff::Timestamp;
use policy::{LinkKind, Topic};

use super::Site;
use crate::consent::{Topics, TopicsSet};

const NEWS: &str = "zahrada-novinky";
const KEEP: &str = "what=keep&shown=zahrada-novinky&keep=zahrada-novinky";
const BOTH: &str = "topic-shown=zahrada-novinky/seeds&topic-shown=zahrada-novinky/tools";

async fn offer(site: &Site, ids: &[&str]) {
    let topic = |id: &&str| Topic { id: (*id).to_owned(), name: format!("O <{id}>") };
    let topics: Vec<Topic> = ids.iter().map(topic).collect();
    let what = Topics { controller: "zahrada", purpose: NEWS, topics: &topics, actor: "test" };
    let set = site.consent.purpose_topics(Timestamp::now(), &what).await.unwrap();
    assert_eq!(set, TopicsSet::New);
}

/// What the person picked of the one purpose, where anything.
async fn picked(site: &Site) -> Option<Vec<String>> {
    let preferences = site.standing().await.preferences;
    assert!(preferences.len() < 2, "{preferences:?}");
    let own = preferences.into_iter().find(|one| one.purpose.as_deref() == Some(NEWS));
    Some(own?.topics?.into_iter().collect())
}

#[tokio::test]
async fn all_topics_come_until_some_are_unticked() {
    let site = Site::open().await;
    site.grant(NEWS).await;
    offer(&site, &["seeds", "tools"]).await;
    let path = site.link(&LinkKind::Preferences, NEWS);
    let page = site.get(&path).await;
    let ticked = |id: &str| format!("name=\"topic\" value=\"{NEWS}/{id}\" checked");
    assert!(page.contains(&ticked("seeds")) && page.contains(&ticked("tools")), "{page}");
    assert!(page.contains("O &#60;seeds&#62;"), "escaped: {page}");
    // As the page came: nothing is narrowed, and nothing written.
    let as_it_was = format!("{KEEP}&{BOTH}&topic={NEWS}/seeds&topic={NEWS}/tools");
    site.post(&path, &as_it_was).await;
    assert_eq!(picked(&site).await, None);
    assert!(!site.past().await.contains("\"preference\""));
    let saved = site.post(&path, &format!("{KEEP}&{BOTH}&topic={NEWS}/tools")).await;
    assert!(!saved.contains(&ticked("seeds")) && saved.contains(&ticked("tools")), "{saved}");
    assert_eq!(picked(&site).await, Some(vec!["tools".to_owned()]));
    assert!(site.past().await.contains("\"topics\":[\"tools\"]"), "{}", site.past().await);
    site.post(&path, &format!("{KEEP}&{BOTH}")).await;
    assert_eq!(picked(&site).await, Some(vec![]), "none is a choice");
    assert_eq!(site.refused().await, [], "of the purpose nothing is refused");
    site.post(&path, &as_it_was).await;
    assert_eq!(picked(&site).await, None);
}

#[tokio::test]
async fn what_the_page_did_not_show_stays_as_it_is() {
    let site = Site::open().await;
    site.grant(NEWS).await;
    offer(&site, &["seeds", "tools"]).await;
    let path = site.link(&LinkKind::Preferences, NEWS);
    // Came while the page was open.
    offer(&site, &["seeds", "tools", "herbs"]).await;
    let saved = site.post(&path, &format!("{KEEP}&{BOTH}&topic={NEWS}/tools")).await;
    assert!(saved.contains(&format!("value=\"{NEWS}/herbs\" checked")), "{saved}");
    assert_eq!(picked(&site).await, Some(vec!["herbs".to_owned(), "tools".to_owned()]));
    // Who has picked gets no more by what is new.
    offer(&site, &["seeds", "tools", "herbs", "roses"]).await;
    site.post(&path, &format!("{KEEP}&{BOTH}&topic={NEWS}/tools&topic={NEWS}/roses")).await;
    assert_eq!(picked(&site).await, Some(vec!["herbs".to_owned(), "tools".to_owned()]));
    // A form that shows none of them, a topic of another purpose, one that is gone.
    offer(&site, &["tools", "herbs"]).await;
    for more in ["", "&topic-shown=zahrada-katalog/herbs", &format!("&topic-shown={NEWS}/seeds")] {
        site.post(&path, &format!("{KEEP}{more}")).await;
        assert_eq!(
            picked(&site).await,
            Some(vec!["herbs".to_owned(), "tools".to_owned()]),
            "{more}"
        );
    }
}

#[tokio::test]
async fn a_choice_leaves_how_often_alone() {
    let site = Site::open().await;
    site.grant(NEWS).await;
    offer(&site, &["seeds", "tools"]).await;
    let path = site.link(&LinkKind::Preferences, NEWS);
    site.post(&path, &format!("{KEEP}&{BOTH}&topic={NEWS}/tools&at-most=1+in+30+days")).await;
    let asked = site.standing().await.preferences;
    let [all, one] = asked.as_slice() else { panic!("{asked:?}") };
    assert_eq!((all.purpose.as_deref(), one.purpose.as_deref()), (None, Some(NEWS)));
    assert!(all.at_most.is_some() && all.topics.is_none(), "{all:?}");
    assert!(one.at_most.is_none() && one.topics.is_some(), "{one:?}");
    // Of what is refused no topic is asked.
    site.post(&path, &format!("what=keep&shown={NEWS}&{BOTH}&topic={NEWS}/seeds")).await;
    let after = site.standing().await.preferences;
    assert_eq!(after.last(), asked.last());
}
