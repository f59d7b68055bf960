//! Letters to staff: to which address, at which moments, once, and about what the account may see.

use std::{net::IpAddr, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use outside::store::{Fresh, on_both};
use relay::{
    config::{Business, Console},
    consent::Consent,
    db::text,
    figures::{Coverages, Figures},
    review::{Code, Word},
    staff::{Act, By, Changed, Held, Letter, New, Rhythm, Rights, Sent, Staff, Token, audit},
    web::{Post, digest::Digests},
};
use uuid::Uuid;

use crate::{
    decisions::{indexed, sent, verdict},
    make::{at, secret},
    review::{self, Scene, scene},
};

fn by(id: Uuid) -> By {
    By::staff(id, IpAddr::from([192, 0, 2, 1]))
}

fn staff(fresh: &Fresh) -> Staff {
    Staff::new(fresh.db.clone(), secret(), Console::default())
}

async fn account(staff: &Staff, name: &str, role: &str) -> Uuid {
    let rights = Rights { held: vec![Held::parse(role).unwrap()], logins: vec![] };
    let new = New { name: name.into(), email: None, language: "cs".into(), rights };
    staff.add_account(at(0), &By::command_line(), &new).await.unwrap().unwrap()
}

async fn link(staff: &Staff, now: Timestamp, id: Uuid, email: &str) -> Option<Token> {
    match staff.set_email(now, &by(id), id, email).await.unwrap() {
        Sent::Link(token) => Some(token),
        Sent::Nothing => None,
        Sent::Wrong => panic!("{email}"),
    }
}

/// One whose letters go to its own address.
async fn reader(staff: &Staff, name: &str, role: &str, wants: &[(Letter, Rhythm)]) -> Uuid {
    let id = account(staff, name, role).await;
    let token = link(staff, at(0), id, &format!("{name}@posta.example")).await.unwrap();
    assert!(staff.confirm_email(at(1), &by(id), id, &token).await.unwrap());
    staff.choose_letters(at(1), &by(id), id, wants).await.unwrap();
    id
}

fn digests(fresh: &Fresh, scene: &Scene, holder: &str) -> Digests {
    let consent = Consent::new(fresh.db.clone(), secret(), "test");
    Digests {
        db: fresh.db.clone(),
        secret: secret(),
        staff: staff(fresh),
        review: scene.review.clone(),
        business: Arc::clone(&scene.review.business),
        figures: Figures {
            db: fresh.db.clone(),
            secret: secret(),
            consent: consent.clone(),
            coverages: Coverages::new(consent),
            spool: scene.spool.clone(),
            staff: staff(fresh),
            business: Arc::clone(&scene.review.business),
        },
        post: Post { spool: scene.spool.clone(), hostname: "relay.test".into() },
        console: "https://souhlas.garden.cz".into(),
        holder: holder.into(),
    }
}

async fn letters(fresh: &Fresh) -> i64 {
    let sql = "SELECT COUNT(*) FROM journal WHERE kind = $1";
    let rows = fresh.db.read().await.unwrap().rows(sql, vec![text("reported")]).await.unwrap();
    rows[0].int(0).unwrap()
}

/// All that waits to be sent: to whom, and what it says.
async fn waiting(scene: &Scene, now: Timestamp) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for (message, deliveries) in scene.spool.claim(now, 10_000).await.unwrap() {
        let read = policy::Message::parse(message.bytes.clone());
        let part = read.parts().iter().find(|part| part.media_type == "text/plain").unwrap();
        let text = format!("{}\n{}", read.subject(), read.text(part).unwrap());
        all.push((deliveries[0].recipient.path.local.to_string(), text));
    }
    all.sort();
    all
}

#[tokio::test]
async fn an_address_counts_when_its_owner_followed_the_link_that_was_sent_there() {
    on_both(async |fresh| {
        let staff = staff(fresh);
        let own = account(&staff, "jana", "reviewer").await;
        let other = account(&staff, "petr", "reviewer").await;
        for wrong in ["jana", "jana@", "a b@posta.example", "jana@posta.example\r\nBcc: x@x.cz"] {
            let said = staff.set_email(at(0), &by(own), own, wrong).await.unwrap();
            assert!(matches!(said, Sent::Wrong), "{wrong}: {said:?}");
        }
        let wants = [(Letter::Held, Rhythm::Daily)];
        staff.choose_letters(at(0), &by(own), own, &wants).await.unwrap();
        let first = link(&staff, at(0), own, "jana@posta.example").await.unwrap();
        assert!(link(&staff, at(59), own, "jana@posta.example").await.is_none(), "a moment ago");
        let token = link(&staff, at(61), own, "jana@posta.example").await.unwrap();
        for (who, token, now) in
            [(own, &first, 62), (other, &token, 62), (own, &token, 61 + 24 * 3_600)]
        {
            assert!(!staff.may_confirm(at(now), who, token).await.unwrap());
            assert!(!staff.confirm_email(at(now), &by(who), who, token).await.unwrap());
        }
        assert!(staff.wanted(|_, _, _| true).await.unwrap().is_empty());
        assert!(staff.may_confirm(at(62), own, &token).await.unwrap(), "to look changes nothing");
        assert!(staff.confirm_email(at(63), &by(own), own, &token).await.unwrap());
        assert!(!staff.confirm_email(at(64), &by(own), own, &token).await.unwrap(), "once");
        assert_eq!(staff.wanted(|_, _, _| true).await.unwrap().len(), 1);
        assert!(link(&staff, at(200), own, "jana@posta.example").await.is_none(), "it is known");
        link(&staff, at(201), own, "jana@jinde.example").await.unwrap();
        assert!(
            staff.wanted(|_, _, _| true).await.unwrap().is_empty(),
            "another one is not confirmed"
        );
        let asked = audit::Filter { act: Some(Act::EmailConfirmed), ..audit::Filter::default() };
        assert_eq!(staff.trail(&asked, 10).await.unwrap().len(), 1);
        let sql = "SELECT COUNT(*) FROM account WHERE CAST(email AS TEXT) LIKE '%posta%'";
        let rows = fresh.db.read().await.unwrap().rows(sql, vec![]).await.unwrap();
        assert_eq!(rows[0].int(0).unwrap(), 0, "it lies sealed");
    })
    .await;
}

#[tokio::test]
async fn a_year_of_mornings_brings_one_letter_each_while_something_is_held() {
    on_both(async |fresh| {
        let scene = scene(fresh).await;
        let staff = staff(fresh);
        reader(&staff, "jana", "reviewer", &[(Letter::Held, Rhythm::Daily)]).await;
        let (one, two) = (digests(fresh, &scene, "one"), digests(fresh, &scene, "two"));
        let day = |days: i64| at(0) + SignedDuration::from_hours(24 * days);
        for now in 1..=30 {
            one.tick(day(now)).await.unwrap();
        }
        assert_eq!(letters(fresh).await, 0, "nothing is held");
        scene.held("orders", "shop", day(30)).await;
        let mornings = (30..=365).step_by(7).skip(1);
        for now in mornings.clone() {
            // Two relays at the same moment, and one of them again after a stop.
            let (first, second) = tokio::join!(one.tick(day(now)), two.tick(day(now)));
            assert_eq!(first.unwrap() + second.unwrap(), 1, "who was away for a week missed one");
            assert_eq!(one.tick(day(now)).await.unwrap(), 0);
        }
        assert_eq!(letters(fresh).await, i64::try_from(mornings.count()).unwrap());
    })
    .await;
}

#[tokio::test]
async fn a_stop_behind_the_letter_writes_no_second_one() {
    on_both(async |fresh| {
        let scene = scene(fresh).await;
        let staff = staff(fresh);
        reader(&staff, "jana", "reviewer", &[(Letter::Held, Rhythm::Hourly)]).await;
        scene.held("orders", "shop", at(0)).await;
        let one = digests(fresh, &scene, "one");
        let wanted = staff.wanted(|_, _, _| true).await.unwrap().remove(0);
        let hour = at(0) + SignedDuration::from_hours(2);
        assert_eq!(one.tick(hour).await.unwrap(), 1);
        // As if the relay had been killed before it noted how far it came.
        let mut tx = fresh.db.begin().await.unwrap();
        let args = vec![relay::db::int(wanted.last_at.as_millisecond())];
        tx.run("UPDATE account_letter SET last_at = $1", args).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(one.tick(hour).await.unwrap(), 0);
        assert_eq!(letters(fresh).await, 1);
    })
    .await;
}

#[tokio::test]
async fn each_reads_of_what_its_roles_reach_and_of_nobody_by_name() {
    on_both(async |fresh| {
        let scene = scene(fresh).await;
        let staff = staff(fresh);
        let wants = [(Letter::Held, Rhythm::Hourly)];
        reader(&staff, "all", "reviewer", &wants).await;
        reader(&staff, "bills", "reviewer:other", &wants).await;
        reader(&staff, "none", "reviewer:nobody", &wants).await;
        account(&staff, "admin", "admin").await;
        let gone = reader(&staff, "gone", "reviewer", &wants).await;
        let done = staff.set_disabled(at(2), &By::command_line(), gone, true).await.unwrap();
        assert_eq!(done, Changed::Done);
        scene.held("orders", "shop", at(0)).await;
        scene.held("orders", "shop", at(10)).await;
        scene.held("bills", "till", at(20)).await;
        let now = at(0) + SignedDuration::from_hours(12 * 24);
        assert_eq!(digests(fresh, &scene, "one").tick(now).await.unwrap(), 2);
        let letters = waiting(&scene, now).await;
        let [(to, all), (other, bills)] = &letters[..] else { panic!("{letters:?}") };
        assert_eq!((to.as_str(), other.as_str()), ("all", "bills"));
        for said in [
            "Na rozhodnutí čekají 3 zprávy",
            "class-mismatch; Proud: orders; Přihlášení: shop; Zprávy: 2",
            "3 z nich budou do tří dnů odmítnuty",
            "https://souhlas.garden.cz/held?view=each&campaign=0000000000000007&rule=class-mismatch",
        ] {
            assert!(all.contains(said), "{said}: {all}");
        }
        assert!(bills.contains("jedna") && !bills.contains("orders"), "{bills}");
        for said in ["VYPRODEJ", "příklad.cz", "jana"] {
            assert!(!all.contains(said), "{said}: {all}");
        }
    })
    .await;
}

#[tokio::test]
async fn an_overview_has_the_figures_of_the_days_that_are_over() {
    on_both(async |fresh| {
        let scene = scene(fresh).await;
        let staff = staff(fresh);
        reader(&staff, "all", "dpo", &[(Letter::Overview, Rhythm::Weekly)]).await;
        reader(&staff, "month", "auditor", &[(Letter::Overview, Rhythm::Monthly)]).await;
        reader(&staff, "other", "auditor:other", &[(Letter::Overview, Rhythm::Weekly)]).await;
        let no = verdict("orders", "commercial", "reject", Some("consent-missing"));
        let yes = verdict("orders", "transactional", "send", None);
        // On Friday, and on the Monday on which the letter is written.
        let lines = vec![
            sent(&scene.spool, 1, 1, "Sleva", no.clone()),
            sent(&scene.spool, 2, 2, "Objednávka", yes),
            sent(&scene.spool, 250_000, 3, "Sleva", no),
        ];
        scene.spool.note(lines).await.unwrap();
        indexed(fresh).await;
        let monday: Timestamp = "2027-01-18T06:00:00Z".parse().unwrap();
        let one = digests(fresh, &scene, "one");
        assert_eq!(one.tick(monday - SignedDuration::from_secs(1)).await.unwrap(), 0);
        assert_eq!(one.tick(monday).await.unwrap(), 2);
        let letters = waiting(&scene, monday).await;
        let [(_, all), (_, other)] = &letters[..] else { panic!("{letters:?}") };
        for said in [
            "Přehled: 11. 1. 2027 až 17. 1. 2027",
            "rozhodlo o zprávách: 2. Z nich bylo zastaveno 1 (50,00 %)",
            "consent-missing; Zastaveno: 1",
            "https://souhlas.garden.cz/?days=7",
        ] {
            assert!(all.contains(said), "{said}: {all}");
        }
        assert!(other.contains("rozhodlo o zprávách: 0") && !other.contains("consent-missing"));
        let february: Timestamp = "2027-02-01T06:00:00Z".parse().unwrap();
        assert_eq!(one.tick(february).await.unwrap(), 3);
        let letters = waiting(&scene, february).await;
        let month = letters.iter().find(|(to, _)| to == "month").unwrap();
        assert!(month.1.contains("1. 1. 2027 až 31. 1. 2027"), "{month:?}");
        assert!(month.1.contains("rozhodlo o zprávách: 3"), "{month:?}");
    })
    .await;
}

#[tokio::test]
async fn too_much_is_told_once_until_it_was_well_below() {
    on_both(async |fresh| {
        let scene = scene(fresh).await;
        let more = format!("{}alert-when-held = 5\nalert-when-held-hours = 48\n", review::POLICY);
        let business = Business::read("p", &more).unwrap();
        scene.review.business.store(Arc::new(business));
        let staff = staff(fresh);
        reader(&staff, "jana", "reviewer", &[(Letter::Held, Rhythm::Daily)]).await;
        reader(&staff, "part", "reviewer:other", &[(Letter::Held, Rhythm::Daily)]).await;
        reader(&staff, "dpo", "dpo", &[(Letter::Overview, Rhythm::Weekly)]).await;
        let (one, two) = (digests(fresh, &scene, "one"), digests(fresh, &scene, "two"));
        let minute = |minutes: i64| at(0) + SignedDuration::from_mins(minutes);
        let mut held = Vec::new();
        for _ in 0..5 {
            held.push(scene.held("orders", "shop", minute(10)).await.id);
        }
        assert_eq!(one.alert(minute(11)).await.unwrap(), 0, "not more than five");
        held.push(scene.held("orders", "shop", minute(12)).await.id);
        assert_eq!(one.alert(minute(12)).await.unwrap(), 1);
        assert_eq!(one.alert(minute(13)).await.unwrap() + two.alert(minute(13)).await.unwrap(), 0);
        let word = |by: &str| Word {
            by: by.into(),
            code: Code::NotLawful,
            reason: "x".into(),
            second: None,
            bulk: None,
        };
        let reject =
            async |id| scene.review.reject(minute(14), id, false, &word("a")).await.unwrap();
        // Five are no more than the threshold, and not a fifth below it.
        reject(held.pop().unwrap()).await;
        assert_eq!(one.alert(minute(15)).await.unwrap(), 0);
        scene.held("orders", "shop", minute(16)).await;
        assert_eq!(one.alert(minute(16)).await.unwrap(), 0, "it hardly was below");
        reject(held.pop().unwrap()).await;
        reject(held.pop().unwrap()).await;
        assert_eq!(one.alert(minute(17)).await.unwrap(), 0);
        for _ in 0..2 {
            scene.held("orders", "shop", minute(18)).await;
        }
        assert_eq!(one.alert(minute(18)).await.unwrap(), 1, "it was");
        let late = minute(10) + SignedDuration::from_hours(49);
        assert_eq!(two.alert(late).await.unwrap(), 1, "another relay, and the other threshold");
        let letters = waiting(&scene, late).await;
        assert!(letters.iter().all(|(to, _)| to == "jana"), "{letters:?}");
        assert!(letters.iter().any(|(_, text)| text.contains("49 h")), "{letters:?}");
    })
    .await;
}
