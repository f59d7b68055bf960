//! The index of verdicts: what it finds is what the journal says, a page at a time.

use outside::store::{Fresh, on_both};
use relay::{
    decisions::{
        Campaigns, Cursor, Decision, Fate, Filter, Indexed, Indexer, Scope, Search, Told, campaign,
    },
    journal::{Event, Kind},
    seal::AddressKey,
    spool::Spool,
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::make::{at, secret};

const SALE: &str = "Sleva 20 % do 31. 12.";

/// What the journal says of a verdict, as far as the index reads it.
pub(crate) fn verdict(stream: &str, class: &str, action: &str, rule: Option<&str>) -> Value {
    json!({
        "action": action,
        "rule": rule,
        "facts": {
            "class": class, "stream": stream, "controller": "garden", "purpose": "news"
        },
        "outcomes": {},
    })
}

fn line(second: i64, person: u8, detail: Value) -> Event {
    Event {
        id: Uuid::now_v7(),
        at: at(second),
        kind: Kind::Decided,
        message: Some(Uuid::now_v7()),
        delivery: None,
        recipient: Some(AddressKey([person; 32])),
        detail: detail.into(),
    }
}

/// A decided line of a campaign that is on record.
pub(crate) fn sent(
    spool: &Spool,
    second: i64,
    person: u8,
    subject: &str,
    mut detail: Value,
) -> Event {
    let told = Told::new("news@garden.cz", subject, None);
    let stream = detail["facts"]["stream"].as_str().unwrap().to_owned();
    let sender = ("garden", "shop", stream.as_str());
    let (id, fresh) = Campaigns::new(&secret()).of(at(second), sender, &told);
    if let Some(fresh) = fresh {
        spool.name(fresh);
    }
    detail["login"] = "shop".into();
    detail["campaign"] = campaign::hex(id).into();
    line(second, person, detail)
}

pub(crate) async fn indexed(fresh: &Fresh) -> usize {
    let indexer = Indexer::new(fresh.db.clone(), "one");
    let mut lines = 0;
    loop {
        let step = indexer.tick(at(10_000)).await.unwrap();
        lines += step.lines;
        if !step.more {
            return lines;
        }
    }
}

pub(crate) async fn spool(fresh: &Fresh) -> Spool {
    Spool::open(fresh.db.clone(), &secret(), "a", at(0)).await.unwrap()
}

async fn search(fresh: &Fresh, filter: &Filter) -> Search {
    Search::open(&fresh.db, &secret(), filter.clone()).await.unwrap()
}

async fn all(fresh: &Fresh, filter: &Filter) -> Vec<Decision> {
    search(fresh, filter).await.page(None, 1_000).await.unwrap().decisions
}

async fn in_groups(fresh: &Fresh, filter: &Filter) -> usize {
    let groups = search(fresh, filter).await.groups(10).await.unwrap();
    groups.iter().map(|one| usize::try_from(one.count).unwrap()).sum()
}

#[tokio::test]
async fn each_filter_finds_what_the_journal_says() {
    on_both(async |fresh| {
        let spool = spool(fresh).await;
        let no = verdict("news", "commercial", "reject", Some("consent-missing"));
        let yes = verdict("orders", "transactional", "send", None);
        let fixed = verdict("news", "commercial", "send-edited", None);
        let lines = vec![
            sent(&spool, 1, 1, SALE, no.clone()),
            sent(&spool, 2, 2, SALE, fixed),
            sent(&spool, 3, 1, "Objednávka č. 4711", yes.clone()),
            sent(&spool, 4, 3, "Objednávka č. 4712", yes),
        ];
        let message = lines[0].message;
        spool.note(lines).await.unwrap();
        assert_eq!(indexed(fresh).await, 4);
        let at_seconds = async |filter: Filter| -> Vec<i64> {
            let found = all(fresh, &filter).await;
            found.iter().map(|one| one.at.as_second() - at(0).as_second()).collect()
        };
        let none = Filter::default();
        assert_eq!(at_seconds(none.clone()).await, [4, 3, 2, 1]);
        let some = |word: &str| Some(word.to_owned());
        let scoped = |controller: &str, login: &str| Filter {
            scope: Some(Scope { controllers: vec![controller.into()], logins: vec![login.into()] }),
            ..Filter::default()
        };
        let cases: Vec<(Filter, &[i64])> = vec![
            (Filter { stream: some("news"), ..none.clone() }, &[2, 1]),
            (Filter { class: some("transactional"), ..none.clone() }, &[4, 3]),
            (Filter { fates: vec![Fate::Refused, Fate::Repaired], ..none.clone() }, &[2, 1]),
            (Filter { rules: vec!["consent-missing".into()], ..none.clone() }, &[1]),
            (Filter { login: some("shop"), ..none.clone() }, &[4, 3, 2, 1]),
            (Filter { scope: Some(Scope::default()), ..none.clone() }, &[]),
            (scoped("other", "shop"), &[4, 3, 2, 1]),
            (scoped("garden", "other"), &[4, 3, 2, 1]),
            (scoped("other", "other"), &[]),
            (Filter { controller: some("other"), ..none.clone() }, &[]),
            (Filter { words: some("50% SLEVA"), ..none.clone() }, &[2, 1]),
            (Filter { words: some("objednavka"), ..none.clone() }, &[4, 3]),
            (Filter { words: some("garden.cz"), ..none.clone() }, &[4, 3, 2, 1]),
            (Filter { words: some("nothing"), ..none.clone() }, &[]),
            (Filter { words: some("sleva"), fates: vec![Fate::Sent], ..none.clone() }, &[]),
            (Filter { recipients: vec![AddressKey([1; 32])], ..none.clone() }, &[3, 1]),
            (
                Filter {
                    recipients: vec![AddressKey([1; 32])],
                    fates: vec![Fate::Sent],
                    ..none.clone()
                },
                &[3],
            ),
            (Filter { message, ..none.clone() }, &[1]),
            (Filter { from: Some(at(2)), until: Some(at(4)), ..none.clone() }, &[3, 2]),
            (Filter { until: Some(at(-7_200)), ..none.clone() }, &[]),
            (Filter { words: some("sleva"), from: Some(at(7_200)), ..none.clone() }, &[]),
        ];
        for (filter, wanted) in cases {
            assert_eq!(at_seconds(filter.clone()).await, wanted, "{filter:?}");
            // Groups are of whole hours, and of everybody.
            let is_whole = filter.recipients.is_empty() && filter.message.is_none();
            if wanted.is_empty() || is_whole && filter.from.is_none() {
                assert_eq!(in_groups(fresh, &filter).await, wanted.len(), "{filter:?}");
            }
        }
        let found = all(fresh, &none).await;
        let told = &found[0].campaign.as_ref().unwrap().told;
        assert_eq!(told.subject, "Objednávka č. #", "no figure is kept");
        assert_eq!(found[0].campaign, found[1].campaign, "one campaign");
        assert_eq!(found[3].kind.rule, "consent-missing");
        assert_eq!((found[3].message, found[3].recipient), (message, Some(AddressKey([1; 32]))));
    })
    .await;
}

/// One recipient's verdict may have decided on all of a message; what came of it counts.
#[tokio::test]
async fn what_intake_did_counts_and_not_what_the_verdict_alone_asks_for() {
    on_both(async |fresh| {
        let spool = spool(fresh).await;
        let cases = [
            ("send", None, "kept", Fate::Sent, ""),
            ("send-edited", None, "kept", Fate::Repaired, ""),
            ("send", None, "refused", Fate::Refused, ""),
            ("send-edited", None, "deferred", Fate::Deferred, ""),
            ("hold", Some("label-missing"), "held", Fate::Held, "label-missing"),
            ("hold", Some("label-missing"), "refused", Fate::Refused, ""),
            ("reject", Some("refused"), "refused", Fate::Refused, "refused"),
            ("reject", Some("refused"), "reported", Fate::Refused, "refused"),
            ("reject", Some("refused"), "refused at RCPT", Fate::Refused, "refused"),
            ("reject", Some("refused"), "deferred", Fate::Deferred, ""),
            ("defer", Some("refused"), "deferred", Fate::Deferred, "refused"),
        ];
        let mut lines = Vec::new();
        for (second, (action, rule, noted, ..)) in (1..).zip(cases) {
            let mut detail = verdict("news", "commercial", action, rule);
            detail["fate"] = noted.into();
            lines.push(line(second, 1, detail));
        }
        spool.note(lines).await.unwrap();
        indexed(fresh).await;
        let found = all(fresh, &Filter::default()).await;
        assert_eq!(found.len(), cases.len());
        for (one, (action, _, noted, fate, rule)) in found.iter().rev().zip(cases) {
            let told = (one.kind.fate, one.kind.rule.as_str());
            assert_eq!(told, (fate, rule), "{action}, {noted}");
            let is_alone = matches!(fate, Fate::Sent | Fate::Repaired) || !rule.is_empty();
            assert_eq!(one.kind.is_together(), !is_alone, "{action}, {noted}");
        }
    })
    .await;
}

#[tokio::test]
async fn pages_lose_nothing_and_repeat_nothing_while_more_comes_in() {
    on_both(async |fresh| {
        let spool = spool(fresh).await;
        let no = verdict("news", "commercial", "reject", Some("consent-missing"));
        // Many at one moment: the id is what tells them apart.
        let many = |from: i64, count: i64| -> Vec<Event> {
            (0..count).map(|one| sent(&spool, from + one / 50, 1, SALE, no.clone())).collect()
        };
        spool.note(many(100, 1_100)).await.unwrap();
        assert_eq!(indexed(fresh).await, 1_100, "in more than one step");
        let said = Filter { words: Some("sleva".into()), ..Filter::default() };
        for (filter, wanted) in [(Filter::default(), 1_100), (said, 1_101)] {
            let (mut seen, mut next): (Vec<Uuid>, Option<Cursor>) = (Vec::new(), None);
            let search = search(fresh, &filter).await;
            loop {
                let page = search.page(next, 70).await.unwrap();
                seen.extend(page.decisions.iter().map(|one| one.id));
                if seen.len() == 140 {
                    spool.note(many(900, 1)).await.unwrap();
                    assert_eq!(indexed(fresh).await, 1);
                }
                next = page.next;
                if next.is_none() {
                    break;
                }
            }
            assert_eq!(seen.len(), wanted);
            seen.sort_unstable();
            seen.dedup();
            assert_eq!(seen.len(), wanted);
        }
    })
    .await;
}

#[tokio::test]
async fn pages_of_many_campaigns_are_whole_however_they_lie_in_their_hours() {
    on_both(async |fresh| {
        let spool = spool(fresh).await;
        // More of them than verdicts in an hour.
        let subject = |number: usize| {
            let what = if number.is_multiple_of(2) { "Sleva" } else { "Novinky" };
            format!("{what} {}", char::from(b'a' + u8::try_from(number % 23).unwrap()))
        };
        // Eight an hour, and hours without any.
        let moment = |number: usize| i64::try_from(number * 450 + number / 60 * 20_000).unwrap();
        let is_kept = |number: usize| number.is_multiple_of(3);
        let events: Vec<Event> = (0..400)
            .map(|number| {
                let no = verdict("news", "commercial", "reject", Some("consent-missing"));
                let yes = verdict("news", "commercial", "send", None);
                let detail = if is_kept(number) { yes } else { no };
                let mut one = sent(&spool, 0, 1, &subject(number), detail);
                one.at = at(moment(number));
                one
            })
            .collect();
        let ids: Vec<Uuid> = events.iter().map(|one| one.id).collect();
        spool.note(events).await.unwrap();
        assert_eq!(indexed(fresh).await, ids.len());
        let (from, until) = (moment(33) + 1, moment(371));
        let filter = Filter {
            words: Some("sleva".into()),
            fates: vec![Fate::Refused],
            from: Some(at(from)),
            until: Some(at(until)),
            ..Filter::default()
        };
        let is_asked = |number: &usize| {
            subject(*number).contains("Sleva")
                && !is_kept(*number)
                && (from..until).contains(&moment(*number))
        };
        let wanted: Vec<Uuid> =
            (0..ids.len()).rev().filter(is_asked).map(|number| ids[number]).collect();
        assert!(wanted.len() > 90);
        let search = search(fresh, &filter).await;
        for limit in [1, 7, 50] {
            let (mut seen, mut next) = (Vec::new(), None);
            loop {
                let page = search.page(next, limit).await.unwrap();
                seen.extend(page.decisions.iter().map(|one| one.id));
                next = page.next;
                if next.is_none() {
                    break;
                }
            }
            assert_eq!(seen, wanted, "pages of {limit}");
        }
    })
    .await;
}

#[tokio::test]
async fn counts_are_those_of_the_lines_and_no_step_counts_twice() {
    on_both(async |fresh| {
        let spool = spool(fresh).await;
        let no = verdict("news", "commercial", "reject", Some("consent-missing"));
        let yes = verdict("news", "commercial", "send", None);
        let hour = 3_600;
        let mut lines = Vec::new();
        for one in 0..5 {
            lines.push(sent(&spool, one * hour, 1, SALE, no.clone()));
            lines.push(sent(&spool, one, 2, SALE, yes.clone()));
        }
        lines.push(line(9, 3, verdict("news", "commercial", "reject", Some("erased"))));
        spool.note(lines).await.unwrap();
        let (one, two) =
            (Indexer::new(fresh.db.clone(), "one"), Indexer::new(fresh.db.clone(), "two"));
        let both = tokio::join!(one.tick(at(0)), two.tick(at(0)));
        assert_eq!(both.0.unwrap().lines + both.1.unwrap().lines, 11);
        assert_eq!(one.tick(at(1)).await.unwrap(), Indexed::default());
        let everything = search(fresh, &Filter::default()).await;
        let groups = everything.groups(10).await.unwrap();
        let told: Vec<_> = groups
            .iter()
            .map(|one| (one.campaign.is_some(), one.kind.fate, one.kind.rule.as_str(), one.count))
            .collect();
        let wanted = [
            (true, Fate::Refused, "consent-missing", 5),
            (false, Fate::Refused, "erased", 1),
            (true, Fate::Sent, "", 5),
        ];
        assert!(wanted.iter().all(|one| told.contains(one)) && told.len() == 3, "{told:?}");
        assert_eq!(told[0].2, "consent-missing", "the latest first");
        let latest = everything.groups(1).await.unwrap();
        assert_eq!(latest, [groups[0].clone()]);
        let late = Filter { from: Some(at(2 * hour)), ..Filter::default() };
        let hours = search(fresh, &late).await.hours().await.unwrap();
        let told: Vec<_> = hours.iter().map(|one| (one.at, one.count)).collect();
        assert_eq!(told, [(at(2 * hour), 1), (at(3 * hour), 1), (at(4 * hour), 1)]);
        let early = Filter {
            until: Some(at(hour)),
            fates: vec![Fate::Sent],
            rules: vec!["consent-missing".into(), String::new()],
            ..Filter::default()
        };
        let sums = search(fresh, &early).await;
        let mut sums: Vec<_> =
            sums.sums().await.unwrap().iter().map(|(kind, n)| (kind.fate, *n)).collect();
        sums.sort_unstable();
        assert_eq!(sums, [(Fate::Sent, 5), (Fate::Refused, 1)], "whatever came of them");
    })
    .await;
}

#[tokio::test]
async fn a_group_of_many_hours_hides_none_behind_it() {
    on_both(async |fresh| {
        let spool = spool(fresh).await;
        let (first, hour) = (verdict("news", "commercial", "reject", Some("erased")), 3_600);
        spool.note(vec![line(9, 3, first)]).await.unwrap();
        let one =
            |at: i64| sent(&spool, at * hour, 1, SALE, verdict("news", "commercial", "send", None));
        spool.note((1..=500).map(one).collect()).await.unwrap();
        let indexer = Indexer::new(fresh.db.clone(), "one");
        while indexer.tick(at(0)).await.unwrap().lines > 0 {}
        let everything = search(fresh, &Filter::default()).await;
        let groups = everything.groups(2).await.unwrap();
        let told: Vec<_> = groups.iter().map(|one| (one.kind.fate, one.count)).collect();
        assert_eq!(told, [(Fate::Sent, 500), (Fate::Refused, 1)]);
    })
    .await;
}

#[tokio::test]
async fn what_was_stopped_later_belongs_to_its_campaign() {
    on_both(async |fresh| {
        let spool = spool(fresh).await;
        let came = sent(&spool, 1, 1, SALE, verdict("news", "commercial", "send", None));
        let mut gone = line(
            60,
            1,
            json!({ "verdict": verdict("news", "commercial", "reject", Some("refused")) }),
        );
        gone.kind = Kind::Suppressed;
        gone.message = came.message;
        let mut left = line(61, 1, json!({ "reply": "250 ok" }));
        left.kind = Kind::Delivered;
        spool.note(vec![came, gone, left]).await.unwrap();
        indexed(fresh).await;
        let found = all(fresh, &Filter { words: Some("sleva".into()), ..Filter::default() }).await;
        let told: Vec<_> =
            found.iter().map(|one| (one.kind.fate, one.kind.login.as_str())).collect();
        assert_eq!(told, [(Fate::Stopped, "shop"), (Fate::Sent, "shop")]);
        let theirs = Filter { recipients: vec![AddressKey([1; 32])], ..Filter::default() };
        assert_eq!(all(fresh, &theirs).await, found, "and is found by whom it was for");
        let others = Filter { recipients: vec![AddressKey([2; 32])], ..Filter::default() };
        assert_eq!(all(fresh, &others).await, []);
    })
    .await;
}

#[tokio::test]
async fn a_campaign_is_forgotten_400_days_after_its_last_decision() {
    on_both(async |fresh| {
        let spool = spool(fresh).await;
        let day = 24 * 3_600;
        let yes = verdict("news", "commercial", "send", None);
        let old = sent(&spool, 0, 1, "Jaro", yes.clone());
        let lasting = sent(&spool, 0, 1, SALE, yes.clone());
        let late = sent(&spool, 300 * day, 2, SALE, yes);
        spool.note(vec![old, lasting, late]).await.unwrap();
        indexed(fresh).await;
        let indexer = Indexer::new(fresh.db.clone(), "one");
        assert_eq!(indexer.forget(at(399 * day)).await.unwrap(), 0);
        assert_eq!(indexer.forget(at(401 * day)).await.unwrap(), 1);
        let told = all(fresh, &Filter::default()).await;
        let named: Vec<bool> = told.iter().map(|one| one.campaign.is_some()).collect();
        assert_eq!(named.iter().filter(|named| **named).count(), 2, "the decisions stay");
        assert_eq!(named.len(), 3);
    })
    .await;
}
