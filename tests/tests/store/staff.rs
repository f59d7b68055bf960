//! Accounts, sessions, links and the trail.

use std::net::IpAddr;

use jiff::SignedDuration;
use outside::store::{Fresh, on_both};
use relay::{
    config::Console,
    staff::{
        Act, Action, By, Changed, Followed, From, Held, How, New, Offer, Purpose, Reach, Rights,
        Role, SignIn, Staff, Stage, Token,
        audit::{self, Filter},
        totp,
    },
};
use uuid::Uuid;

use crate::make::{at, secret};

const PASSWORD: &str = "správný kůň baterie";

fn staff(fresh: &Fresh) -> Staff {
    Staff::new(fresh.db.clone(), secret(), Console::default())
}

fn here() -> From {
    From { ip: IpAddr::from([192, 0, 2, 1]), program: "Test/1".into() }
}

fn new(name: &str, roles: &[&str]) -> New {
    let held = roles.iter().map(|role| Held::parse(role).unwrap()).collect();
    New {
        name: name.into(),
        email: Some("jana@posta.example".into()),
        language: "cs".into(),
        rights: Rights { held, logins: vec![] },
    }
}

/// The first account, without a second factor.
async fn first(staff: &Staff) -> (Uuid, Token) {
    let link = staff.first_link(at(0)).await.unwrap().unwrap();
    let new = new("admin", &["admin"]);
    let followed = staff.follow_first(at(1), &here(), &link, (&new, PASSWORD)).await.unwrap();
    let Followed::Opened(token) = followed else { panic!("{followed:?}") };
    let session = staff.session(at(1), &token).await.unwrap().unwrap();
    (session.account.id, token)
}

/// The same with one: its secret, the step that was used, the recovery codes.
async fn enrolled(staff: &Staff) -> (Uuid, Vec<u8>, i64, Vec<String>) {
    let (id, token) = first(staff).await;
    let session = staff.session(at(2), &token).await.unwrap().unwrap();
    let offer = Offer::generate();
    let url = offer.url("x", "y");
    let (_, rest) = url.split_once("secret=").unwrap();
    let key = from_base32(rest.split_once('&').unwrap().0);
    let code = |step| format!("{:06}", totp::code(&key, step));
    let step = totp::step(at(2));
    let wrong = code(step + 9);
    assert!(staff.enrol(at(2), &here(), &session, &offer, &wrong).await.unwrap().is_none());
    let done = staff.enrol(at(2), &here(), &session, &offer, &code(step)).await.unwrap();
    let done = done.unwrap();
    assert!(staff.session(at(2), &token).await.unwrap().is_none(), "another took its place");
    let whole = staff.session(at(2), &done.token.unwrap()).await.unwrap().unwrap();
    assert_eq!(staff.stage(&whole.account, whole.how), Stage::Whole);
    (id, key, step, done.codes)
}

fn from_base32(text: &str) -> Vec<u8> {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let bits: Vec<u8> = text
        .bytes()
        .flat_map(|letter| {
            let value = LETTERS.iter().position(|own| *own == letter).unwrap() as u8;
            (0..5).rev().map(move |at| value >> at & 1)
        })
        .collect();
    bits.chunks_exact(8).map(|bits| bits.iter().fold(0, |all, bit| all << 1 | bit)).collect()
}

async fn half(staff: &Staff, second: i64) -> Token {
    let said = staff.sign_in(at(second), &here(), " Admin ", PASSWORD).await.unwrap();
    let SignIn::Opened(token) = said else { panic!("{said:?}") };
    token
}

async fn with_code(staff: &Staff, second: i64, code: &str) -> SignIn {
    let token = half(staff, second).await;
    let session = staff.session(at(second), &token).await.unwrap().unwrap();
    assert_eq!(staff.stage(&session.account, session.how), Stage::Factor);
    let said = staff.sign_in_with_factor(at(second), &here(), &session, code).await.unwrap();
    let waits = staff.session(at(second), &token).await.unwrap().is_some();
    assert_eq!(waits, !matches!(said, SignIn::Opened(_)), "another takes its place");
    said
}

#[tokio::test]
async fn the_first_account_is_made_once_and_by_the_newest_link() {
    on_both(async |fresh| {
        let staff = staff(fresh);
        let old = staff.first_link(at(0)).await.unwrap().unwrap();
        let link = staff.first_link(at(0)).await.unwrap().unwrap();
        assert!(staff.link(at(1), &old).await.unwrap().is_none());
        let day = SignedDuration::from_hours(24).as_secs();
        assert!(staff.link(at(day), &link).await.unwrap().is_none(), "a day is enough");
        assert_eq!(staff.link(at(1), &link).await.unwrap().unwrap().purpose, Purpose::First);
        let weak = (&new("admin", &["admin"]), "elevenchars");
        let said = staff.follow_first(at(1), &here(), &link, weak).await.unwrap();
        assert!(matches!(said, Followed::Weak(_)), "{said:?}");
        let odd = (&new("-", &["admin"]), PASSWORD);
        let said = staff.follow_first(at(1), &here(), &link, odd).await.unwrap();
        assert!(matches!(said, Followed::Name(Changed::NameWrong)), "{said:?}");
        let good = (&new("admin", &["admin"]), PASSWORD);
        let said = staff.follow_first(at(1), &here(), &link, good).await.unwrap();
        assert!(matches!(said, Followed::Opened(_)), "{said:?}");
        let again = staff.follow_first(at(1), &here(), &link, good).await.unwrap();
        assert!(matches!(again, Followed::Gone), "{again:?}");
        assert!(staff.first_link(at(2)).await.unwrap().is_none());
        let [admin] = &staff.accounts().await.unwrap()[..] else { panic!() };
        assert_eq!(admin.email.as_deref(), Some("jana@posta.example"));
        assert_eq!(admin.rights.reach(Action::ChangeAccounts), Reach::Everything);
    })
    .await;
}

#[tokio::test]
async fn a_password_alone_leads_to_the_second_factor_and_each_code_counts_once() {
    on_both(async |fresh| {
        let staff = staff(fresh);
        let (_, key, used, codes) = enrolled(&staff).await;
        let code = |step| format!("{:06}", totp::code(&key, step));
        assert!(matches!(with_code(&staff, 3, &code(used)).await, SignIn::Wrong), "it was used");
        let said = with_code(&staff, 3, &code(used + 1)).await;
        let SignIn::Opened(token) = said else { panic!("{said:?}") };
        let session = staff.session(at(4), &token).await.unwrap().unwrap();
        assert_eq!(session.how, How::Totp);
        assert!(matches!(with_code(&staff, 4, &code(used + 1)).await, SignIn::Wrong));
        assert_eq!(codes.len(), 10);
        let shouted = codes[0].to_uppercase().replace('-', " ");
        assert!(matches!(with_code(&staff, 5, &shouted).await, SignIn::Opened(_)));
        assert!(matches!(with_code(&staff, 5, &codes[0]).await, SignIn::Wrong), "each once");
        assert_eq!(staff.codes_left(session.account.id).await.unwrap(), 9);
        let by = By::command_line();
        let anew = staff.renew_codes(at(6), &by, session.account.id).await.unwrap();
        assert!(matches!(with_code(&staff, 6, &codes[1]).await, SignIn::Wrong), "replaced");
        assert!(matches!(with_code(&staff, 6, &anew[1]).await, SignIn::Opened(_)));
    })
    .await;
}

#[tokio::test]
async fn who_guesses_is_locked_out_longer_each_time_whether_the_name_is_there_or_not() {
    on_both(async |fresh| {
        let staff = staff(fresh);
        first(&staff).await;
        for (name, host) in [("admin", 7), ("nobody", 8)] {
            let from = |last| From { ip: IpAddr::from([192, 0, host, last]), ..here() };
            let try_it = async |second, last, password: &str| {
                staff.sign_in(at(second), &from(last), name, password).await.unwrap()
            };
            for last in 0..10 {
                assert!(matches!(try_it(10, last, "wrong").await, SignIn::Wrong), "{name}");
            }
            let quarter = SignedDuration::from_mins(15).as_secs();
            let said = try_it(11, 20, PASSWORD).await;
            let SignIn::Locked { until } = said else { panic!("{name}: {said:?}") };
            assert_eq!(until, at(10 + quarter), "{name}");
            assert_eq!(staff.locked_until(at(11), name).await.unwrap(), Some(until));
            assert!(matches!(try_it(10 + quarter, 21, "wrong").await, SignIn::Wrong));
            let said = try_it(11 + quarter, 22, PASSWORD).await;
            let SignIn::Locked { until } = said else { panic!("{name}: {said:?}") };
            assert_eq!(until, at(10 + 3 * quarter), "twice as long: {name}");
        }
        let quarter = SignedDuration::from_mins(15).as_secs();
        let said = staff.sign_in(at(10 + 3 * quarter), &here(), "admin", PASSWORD).await.unwrap();
        assert!(matches!(said, SignIn::Opened(_)), "{said:?}");
    })
    .await;
}

#[tokio::test]
async fn one_address_that_tries_many_names_is_locked_out_and_others_are_not() {
    on_both(async |fresh| {
        let staff = staff(fresh);
        first(&staff).await;
        for number in 0..30 {
            let name = format!("name{number}");
            let said = staff.sign_in(at(10), &here(), &name, "wrong").await.unwrap();
            assert!(matches!(said, SignIn::Wrong), "{number}: {said:?}");
        }
        let said = staff.sign_in(at(10), &here(), "admin", PASSWORD).await.unwrap();
        assert!(matches!(said, SignIn::Locked { .. }), "{said:?}");
        let other = From { ip: IpAddr::from([198, 51, 100, 1]), ..here() };
        let said = staff.sign_in(at(10), &other, "admin", PASSWORD).await.unwrap();
        assert!(matches!(said, SignIn::Opened(_)), "{said:?}");
    })
    .await;
}

#[tokio::test]
async fn a_session_ends_by_time_by_silence_and_by_its_owner() {
    on_both(async |fresh| {
        let staff = staff(fresh);
        let (id, ..) = enrolled(&staff).await;
        let open =
            async |second, how| staff.open_session(at(second), id, how, &here()).await.unwrap();
        let lives =
            async |second, token: &Token| staff.session(at(second), token).await.unwrap().is_some();
        let minute = 60;
        let one = open(0, How::Provider).await;
        assert!(lives(29 * minute, &one).await);
        assert!(lives(58 * minute, &one).await, "it was seen meanwhile");
        assert!(!lives(88 * minute, &one).await, "half an hour of silence");
        let two = open(0, How::Totp).await;
        for quarter in 1..48 {
            assert!(lives(quarter * 15 * minute, &two).await, "{quarter}");
        }
        assert!(!lives(12 * 60 * minute, &two).await, "twelve hours are over");
        let three = open(0, How::Password).await;
        assert!(lives(9 * minute, &three).await && !lives(10 * minute, &three).await);
        let (four, five) = (open(0, How::Totp).await, open(0, How::Totp).await);
        let session = staff.session(at(1), &four).await.unwrap().unwrap();
        let listed = staff.sessions(at(1), id).await.unwrap();
        assert!(listed.iter().any(|one| one.id == session.id && one.ip == "192.0.2.1"));
        let by = By::staff(id, here().ip);
        let end = async |account| {
            let one = (account, session.id);
            staff.end_session(at(1), &by, one, Act::SessionEnded).await.unwrap()
        };
        assert!(!end(Uuid::now_v7()).await, "nobody ends another's");
        assert!(end(id).await && !lives(1, &four).await && lives(1, &five).await);
        assert!(staff.end_sessions(at(1), &by, id, None).await.unwrap() > 0);
        assert!(!lives(1, &five).await);
    })
    .await;
}

#[tokio::test]
async fn a_link_sets_the_password_once_and_the_second_factor_stays_unless_it_says_so() {
    on_both(async |fresh| {
        let staff = staff(fresh);
        let (id, ..) = enrolled(&staff).await;
        let by = By::command_line();
        for (purpose, stage) in
            [(Purpose::Password, Stage::Factor), (Purpose::PasswordAndFactor, Stage::Enrol)]
        {
            let old = staff.make_link(at(10), &by, id, purpose).await.unwrap().unwrap();
            let link = staff.make_link(at(10), &by, id, purpose).await.unwrap().unwrap();
            let before = half(&staff, 10).await;
            let follow = async |link| staff.follow(at(11), &here(), link, PASSWORD).await.unwrap();
            assert!(matches!(follow(&old).await, Followed::Gone), "a new one replaces it");
            let Followed::Opened(token) = follow(&link).await else { panic!() };
            assert!(staff.session(at(11), &before).await.unwrap().is_none());
            let session = staff.session(at(11), &token).await.unwrap().unwrap();
            assert_eq!(staff.stage(&session.account, session.how), stage);
            assert!(matches!(follow(&link).await, Followed::Gone), "used");
        }
    })
    .await;
}

#[tokio::test]
async fn one_who_may_change_accounts_is_always_left() {
    on_both(async |fresh| {
        let staff = staff(fresh);
        let (id, token) = first(&staff).await;
        let by = By::staff(id, here().ip);
        let auditor = Rights::whole(Role::Auditor);
        let set = async |rights: &Rights| staff.set_rights(at(3), &by, id, rights).await.unwrap();
        assert_eq!(set(&auditor).await, Changed::LastAdmin);
        assert_eq!(staff.set_disabled(at(3), &by, id, true).await.unwrap(), Changed::LastAdmin);
        let add = async |name, roles: &[&str]| {
            staff.add_account(at(3), &by, &new(name, roles)).await.unwrap()
        };
        let part = add("part", &["admin:kavarna"]).await.unwrap();
        assert_eq!(set(&auditor).await, Changed::LastAdmin, "of one controller is not enough");
        assert_eq!(add("Part", &["dpo"]).await, Err(Changed::Taken), "names have no case");
        add("other", &["admin"]).await.unwrap();
        assert_eq!(staff.set_disabled(at(4), &by, id, true).await.unwrap(), Changed::Done);
        assert!(staff.session(at(4), &token).await.unwrap().is_none(), "its sessions are over");
        let said = staff.sign_in(at(4), &here(), "admin", PASSWORD).await.unwrap();
        assert!(matches!(said, SignIn::Wrong), "{said:?}");
        assert_eq!(staff.set_disabled(at(5), &by, id, false).await.unwrap(), Changed::Done);
        let said = staff.sign_in(at(5), &here(), "admin", PASSWORD).await.unwrap();
        assert!(matches!(said, SignIn::Opened(_)), "{said:?}");
        let part = staff.account(part).await.unwrap().unwrap();
        assert_eq!(part.rights.held, [Held::parse("admin:kavarna").unwrap()]);
    })
    .await;
}

#[tokio::test]
async fn the_trail_is_found_by_each_filter_and_whoever_touches_it_is_found_out() {
    on_both(async |fresh| {
        let staff = staff(fresh);
        let (id, _) = first(&staff).await;
        staff.sign_in(at(5), &here(), "admin", "wrong").await.unwrap();
        let all = staff.trail(&Filter::default(), 100).await.unwrap();
        let acts: Vec<&str> = all.iter().map(|line| line.act.as_str()).collect();
        assert_eq!(acts, ["sign-in-failed", "password-changed", "account-added"]);
        assert_eq!(all[0].ip.as_deref(), Some("192.0.2.1"));
        assert_eq!(
            (all[0].actor.as_str(), all[0].detail["wrong"].as_str()),
            ("nobody", Some("password"))
        );
        let list = async |filter| staff.trail(&filter, 100).await.unwrap().len();
        let actor = Some(format!("staff/{id}"));
        assert_eq!(list(Filter { actor, ..Filter::default() }).await, 1);
        let act = Some(Act::AccountAdded);
        assert_eq!(list(Filter { act, ..Filter::default() }).await, 1);
        let subject = Some(format!("account/{id}"));
        assert_eq!(list(Filter { subject, ..Filter::default() }).await, 3);
        assert_eq!(list(Filter { from: Some(at(5)), ..Filter::default() }).await, 1);
        assert_eq!(list(Filter { until: Some(at(5)), ..Filter::default() }).await, 2);
        assert_eq!(list(Filter { before: Some(2), ..Filter::default() }).await, 1);
        assert!(audit::verify(&fresh.db).await.unwrap().broken.is_empty());
        let mut tx = fresh.db.begin().await.unwrap();
        tx.run("UPDATE audit SET actor = 'cli' WHERE seq = 2", vec![]).await.unwrap();
        tx.commit().await.unwrap();
        let found = audit::verify(&fresh.db).await.unwrap();
        assert_eq!(found.broken.len(), 1);
        assert_eq!(found.broken[0].seq, 2);
    })
    .await;
}

#[tokio::test]
async fn two_admins_who_disable_each_other_leave_one() {
    on_both(async |fresh| {
        let staff = staff(fresh);
        let (one, _) = first(&staff).await;
        let by = By::staff(one, here().ip);
        let two = staff.add_account(at(3), &by, &new("other", &["admin"])).await.unwrap().unwrap();
        for second in 4..14 {
            let set = |id, disabled| staff.set_disabled(at(second), &by, id, disabled);
            let (first, other) = tokio::join!(set(one, true), set(two, true));
            let done = [first, other].map(Result::unwrap);
            assert!(done.contains(&Changed::Done) && done.contains(&Changed::LastAdmin));
            for id in [one, two] {
                assert_eq!(set(id, false).await.unwrap(), Changed::Done);
            }
        }
    })
    .await;
}
