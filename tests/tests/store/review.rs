//! What people do about held deliveries: who sees what, one at a time, two where the policy says so,
//! and what happens when nobody decides.

use std::sync::Arc;

use arc_swap::ArcSwap;
use jiff::{SignedDuration, Timestamp};
use outside::store::{Fresh, on_both};
use policy::Class;
use relay::{
    config::Business,
    consent::Consent,
    decisions::Scope,
    delivery::Reporter,
    journal::{self, Kind},
    mistake::Mistakes,
    review::{Code, Filter, Made, Refused, Review, Stage, State, Way, What, Word},
    sample::Samples,
    seal::AddressKey,
    sign::Signer,
    spool::{self, Delivery, Message, Spool, State as Stands},
};
use uuid::Uuid;

use crate::make::{at, delivery, message, secret};

pub(crate) const POLICY: &str = r#"
[controller.garden]
name = "Zahrada s.r.o."
country = "CZ"
domains = ["garden.cz"]
[controller.other]
name = "Jiná s.r.o."
country = "CZ"
domains = ["other.cz"]
[stream.orders]
controller = "garden"
class = "transactional"
[stream.bills]
controller = "other"
class = "transactional"
[review]
four-eyes = ["class-mismatch"]
"#;

const SHOUTS: &[u8] = b"From: Zahrada <a@garden.cz>\r\nSubject: VYPRODEJ: slevy az 50 %\r\n\
    Date: Mon, 02 Nov 2026 08:00:00 +0100\r\nMessage-ID: <a@garden.cz>\r\n\r\n\
    VYPRODEJ, slevy az 50 %! Kupte dva pytle a treti mate zdarma. Slevovy kod JARO50.\r\n";

pub(crate) struct Scene {
    pub review: Review,
    pub spool: Spool,
}

pub(crate) async fn scene(fresh: &Fresh) -> Scene {
    let spool = Spool::open(fresh.db.clone(), &secret(), "a", at(0)).await.unwrap();
    let consent = Consent::new(fresh.db.clone(), secret(), "test");
    let nothing = tempfile::tempdir().unwrap();
    let review = Review {
        db: fresh.db.clone(),
        secret: secret(),
        spool: spool.clone(),
        lookup: consent.lookup(std::time::Duration::from_secs(5)),
        business: Arc::new(ArcSwap::from_pointee(Business::read("p", POLICY).unwrap())),
        signer: Arc::new(Signer::load(nothing.path()).unwrap()),
        links: true,
        reporter: Reporter::new("relay.test", secret()),
        mistakes: Mistakes {
            db: fresh.db.clone(),
            samples: Samples::new(&secret(), std::time::Duration::from_secs(86_400)),
        },
    };
    Scene { review, spool }
}

impl Scene {
    /// One message of a stream, held for one recipient since then.
    pub(crate) async fn held(&self, stream: &str, login: &str, since: Timestamp) -> Delivery {
        let all = self.held_for(&["jana"], stream, login, since).await;
        all.into_iter().next().unwrap()
    }

    /// The same for several.
    async fn held_for(
        &self,
        whom: &[&str],
        stream: &str,
        login: &str,
        since: Timestamp,
    ) -> Vec<Delivery> {
        let (class, rule) = (Class::Transactional, "class-mismatch");
        let own = Message {
            id: Uuid::now_v7(),
            stream: stream.into(),
            login: login.into(),
            received_at: since,
            campaign: 7,
            class,
            declared: Some(class),
            recipients: whom.len(),
            ..(*message(SHOUTS)).clone()
        };
        let expires_at = since + SignedDuration::from_hours(1);
        let held = |name: &&str| {
            let one = delivery(&own, name, Stands::Held);
            Delivery { rule: Some(rule.into()), expires_at, ..one }
        };
        let all: Vec<Delivery> = whom.iter().map(held).collect();
        self.spool.keep(Arc::new(own), all, vec![]).await.unwrap()
    }

    /// The reports that wait to be sent.
    async fn reports(&self, now: Timestamp) -> Vec<String> {
        let claimed = self.spool.claim(now, 100).await.unwrap();
        let text = |(report, _): (Arc<Message>, _)| String::from_utf8_lossy(&report.bytes).into();
        claimed.into_iter().map(text).collect()
    }

    async fn ids(&self, now: Timestamp, filter: &Filter) -> Vec<Uuid> {
        let found = self.review.list(now, filter, None, 100).await.unwrap();
        found.iter().map(|one| one.id).collect()
    }
}

fn word(by: &str) -> Word {
    let (code, reason) = (Code::FalsePositive, "je to objednávka".to_owned());
    Word { by: by.into(), code, reason, second: None, bulk: None }
}

#[tokio::test]
async fn each_filter_finds_what_is_held() {
    on_both(async |fresh| {
        let scene = scene(fresh).await;
        let one = scene.held("orders", "shop", at(0)).await;
        let two = scene.held("bills", "shop", at(100)).await;
        let three = scene.held("gone", "till", at(200)).await;
        let none = Filter::default();
        let some = |word: &str| Some(word.to_owned());
        let scoped = |controllers: &[&str], logins: &[&str]| {
            let owned = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect();
            let scope = Scope { controllers: owned(controllers), logins: owned(logins) };
            Filter { scope: Some(scope), ..Filter::default() }
        };
        let all = [one.id, two.id, three.id];
        let outer = [one.id, three.id];
        let cases: Vec<(Filter, &[Uuid])> = vec![
            (none.clone(), &all),
            (scoped(&["garden"], &[]), &all[..1]),
            (scoped(&["garden"], &["till"]), &outer),
            (scoped(&[], &[]), &[]),
            (Filter { controller: some("other"), ..none.clone() }, &all[1..2]),
            (Filter { stream: some("orders"), ..none.clone() }, &all[..1]),
            (Filter { login: some("shop"), ..none.clone() }, &all[..2]),
            (Filter { rule: some("class-mismatch"), ..none.clone() }, &all),
            (Filter { rule: some("refused"), ..none.clone() }, &[]),
            (Filter { campaigns: Some(vec![7, 8]), ..none.clone() }, &all),
            (Filter { campaigns: Some(vec![]), ..none.clone() }, &[]),
            (Filter { until: Some(at(150)), ..none.clone() }, &all[..2]),
            (Filter { message: Some(two.message), ..none.clone() }, &all[1..2]),
            (Filter { recipients: Some(vec![AddressKey([4; 32])]), ..none.clone() }, &all),
            (Filter { recipients: Some(vec![]), ..none.clone() }, &[]),
            (Filter { state: Some(State::New), ..none.clone() }, &all),
            (Filter { state: Some(State::InReview), ..none.clone() }, &[]),
            (Filter { ids: vec![three.id], ..none.clone() }, &all[2..]),
        ];
        for (filter, wanted) in cases {
            assert_eq!(scene.ids(at(300), &filter).await, wanted, "{filter:?}");
        }
        let groups = scene.review.groups(at(300), &none, 10).await.unwrap();
        let told: Vec<_> = groups.iter().map(|one| (one.stream.as_str(), one.count)).collect();
        assert_eq!(told, [("orders", 1), ("bills", 1), ("gone", 1)]);
        assert_eq!((groups[0].campaign, groups[0].first), (7, at(0)));
        let behind = scene.review.list(at(300), &none, Some(one.id), 1).await.unwrap();
        assert_eq!(behind[0].id, two.id);
    })
    .await;
}

#[tokio::test]
async fn one_has_it_for_a_quarter_of_an_hour_or_until_it_is_taken_over() {
    on_both(async |fresh| {
        let scene = scene(fresh).await;
        let review = &scene.review;
        let one = scene.held("orders", "shop", at(0)).await.id;
        assert_eq!(review.lock(at(0), one, "a", false).await.unwrap(), None);
        assert!(matches!(review.lock(at(1), one, "b", false).await, Err(Refused::Locked(by)) if by == "a"));
        let said = review.reject(at(1), one, true, &word("b")).await;
        assert!(matches!(said, Err(Refused::Locked(_))), "{said:?}");
        let locked = Filter { locked_by: Some("a".into()), ..Filter::default() };
        assert_eq!(scene.ids(at(1), &locked).await, [one]);
        let count = review.count(at(1), &Filter::default()).await.unwrap();
        assert_eq!((count.new, count.in_review, count.all()), (0, 1, 1));
        assert_eq!(review.lock(at(2), one, "b", true).await.unwrap().as_deref(), Some("a"));
        assert_eq!(review.lock(at(902), one, "a", false).await.unwrap(), None, "its time is over");
        review.comment(at(903), one, "a", "viděl jsem to").await.unwrap();
        let said = review.comments(one).await.unwrap();
        assert_eq!((said[0].by.as_str(), said[0].text.as_str()), ("a", "viděl jsem to"));
        review.unlock(one, "a").await.unwrap();
        review.reject(at(904), one, false, &word("b")).await.unwrap();
        assert!(review.comments(one).await.unwrap().is_empty(), "it goes with it");
        let gone = review.comment(at(905), one, "a", "x").await;
        assert!(matches!(gone, Err(Refused::Gone)), "{gone:?}");
    })
    .await;
}

#[tokio::test]
async fn two_agree_in_time_or_it_is_held_as_before() {
    on_both(async |fresh| {
        let scene = scene(fresh).await;
        let review = &scene.review;
        let one = scene.held("orders", "shop", at(0)).await;
        let id = one.id;
        let hour = |hours: i64| at(0) + SignedDuration::from_hours(hours);
        let alone = review.release(hour(0), id, Way::AsIs, &word("a")).await;
        assert!(matches!(alone, Err(Refused::NeedsTwo)), "{alone:?}");
        review.propose(hour(0), id, Way::AsIs, &word("a")).await.unwrap();
        let again = review.propose(hour(1), id, Way::AsIs, &word("b")).await;
        assert!(matches!(again, Err(Refused::NeedsTwo)), "one stands: {again:?}");
        let own = review.approve(hour(1), id, "a").await;
        assert!(matches!(own, Err(Refused::Own)), "{own:?}");
        let late = review.approve(hour(24), id, "b").await;
        assert!(matches!(late, Err(Refused::NoProposal)), "{late:?}");
        assert_eq!(review.count(hour(24), &Filter::default()).await.unwrap().new, 1);
        review.propose(hour(25), id, Way::AsIs, &word("b")).await.unwrap();
        review.decline(hour(25), id).await.unwrap();
        assert!(matches!(review.approve(hour(25), id, "a").await, Err(Refused::NoProposal)));
        review.propose(hour(26), id, Way::AsIs, &word("b")).await.unwrap();
        review.approve(hour(27), id, "a").await.unwrap();
        let claimed = scene.spool.claim(hour(27), 1).await.unwrap();
        let released = &claimed[0].1[0];
        let waiver = released.waiver.as_ref().unwrap();
        assert!(waiver.rules.contains(&"class-mismatch".to_owned()) && waiver.by == "b");
        assert_eq!(
            released.expires_at,
            one.expires_at + SignedDuration::from_hours(27),
            "waiting is no life"
        );
        let filter = journal::Filter { kind: Some(Kind::Released), ..Default::default() };
        let line = journal::list(&fresh.db, &filter, 1).await.unwrap().remove(0);
        let told = line.event.detail.value().into_owned();
        assert_eq!((&told["by"], &told["second"]), (&"b".into(), &"a".into()));
        assert_eq!(
            (&told["code"], &told["reason"]),
            (&"false-positive".into(), &"je to objednávka".into())
        );
    })
    .await;
}

#[tokio::test]
async fn those_of_one_message_that_are_given_up_at_once_stand_in_one_report() {
    on_both(async |fresh| {
        let scene = scene(fresh).await;
        let whom = ["eva", "jana", "tomas"];
        let list = scene.held_for(&whom, "orders", "shop", at(0)).await;
        scene.held_for(&["petra1", "petra12"], "orders", "shop", at(1)).await;
        // Somebody looks at it: it is left to him, and no report tells of it.
        scene.review.lock(at(5), list[2].id, "petr", false).await.unwrap();
        let rejects = What::Reject { tells: true };
        let all = Filter::default();
        let made = scene.review.bulk(at(5), &all, rejects, &word("jana")).await.unwrap();
        let Made::Bulk(id) = made else { panic!("{made:?}") };
        scene.review.begin(at(6), id, "jana").await.unwrap();
        while scene.review.tend(at(7), "h").await.unwrap() {}
        let bulk = scene.review.bulk_of(id).await.unwrap().unwrap();
        assert_eq!(bulk.stage, Stage::Done);
        let mut reports = scene.reports(at(7)).await;
        reports.sort_by_key(|report| report.contains("petra1"));
        let [first, second] = reports.as_slice() else { panic!("{reports:#?}") };
        for (report, named) in [(first, ["eva@", "jana@"]), (second, ["petra1@", "petra12@"])] {
            assert_eq!(report.matches("Final-Recipient:").count(), 2, "{report}");
            assert!(named.iter().all(|name| report.contains(name)), "{report}");
        }
        assert_eq!(scene.ids(at(7), &all).await, [list[2].id]);
        let filter = journal::Filter { message: Some(list[0].message), ..Default::default() };
        let lines = journal::list(&fresh.db, &filter, 10).await.unwrap();
        let told = lines.iter().filter(|line| line.event.detail.value()["told"] == true);
        assert_eq!(told.count(), 2);
        // Nobody decides on the last one in time.
        scene.held_for(&["a", "ab"], "orders", "shop", at(2)).await;
        let end = at(3) + SignedDuration::from_hours(14 * 24);
        scene.review.tend(end, "h").await.unwrap();
        let reports = scene.reports(end).await;
        let mut counts: Vec<usize> =
            reports.iter().map(|one| one.matches("Final-Recipient:").count()).collect();
        counts.sort_unstable();
        assert_eq!(counts, [1, 2]);
    })
    .await;
}

#[tokio::test]
async fn what_nobody_decides_on_is_rejected_in_time_and_its_sender_told() {
    on_both(async |fresh| {
        let scene = scene(fresh).await;
        let old = scene.held("orders", "shop", at(0)).await;
        let young = scene.held("orders", "shop", at(3_600)).await;
        let end = at(0) + SignedDuration::from_hours(14 * 24);
        scene.review.tend(end - SignedDuration::from_millis(1), "h").await.unwrap();
        assert_eq!(scene.ids(end, &Filter::default()).await, [old.id, young.id]);
        scene.review.tend(end, "h").await.unwrap();
        assert_eq!(scene.ids(end, &Filter::default()).await, [young.id]);
        let filter = journal::Filter { delivery: Some(old.id), ..Default::default() };
        let line = journal::list(&fresh.db, &filter, 1).await.unwrap().remove(0);
        assert_eq!(line.event.kind, Kind::Expired);
        let claimed = scene.spool.claim(end, 10).await.unwrap();
        let [(report, _)] = claimed.as_slice() else { panic!("{claimed:?}") };
        assert!(String::from_utf8_lossy(&report.bytes).contains("nobody released it in time"));
        assert!(scene.spool.show(young.id).await.unwrap().is_some());
        let counts = scene.spool.counts().await.unwrap();
        assert_eq!(counts, spool::Counts { held: 1, claimed: 1, ready: 0 });
    })
    .await;
}
