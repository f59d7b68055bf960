//! The way in and out: link, password, second factor, recovery codes, lock-out, sessions.

use jiff::Timestamp;
use outside::{
    console::{Browser, PASSWORD, WITHOUT_FACTOR, first_link, heading},
    postgres::Database,
    souhlas::{Setup, Souhlas},
};
use relay::staff::totp;

fn relay(web: &str) -> Souhlas {
    Souhlas::start(&Setup { web: web.into(), ..Setup::default() }).unwrap()
}

#[test]
fn the_first_account_is_made_by_the_printed_link_which_then_is_gone() {
    let postgres = Database::create();
    for database in [&Setup::default().database, &postgres.url] {
        made_by_the_link(database);
    }
}

fn made_by_the_link(database: &str) {
    let setup = Setup { database: database.to_owned(), ..Setup::default() };
    let mut relay = Souhlas::start(&setup).unwrap();
    let old = first_link(&relay);
    relay.kill_and_restart().unwrap();
    let link = first_link(&relay);
    assert_ne!(link, old);
    let mut browser = Browser::new(&relay);
    let path = |link: &str| link[link.find("/link/").unwrap()..].to_owned();
    assert_eq!(browser.get(&path(&old)).status, 410, "each start makes a new one");
    for _ in 0..3 {
        assert_eq!(browser.get(&path(&link)).status, 200, "looking uses nothing up");
    }
    let weak = [("name", "admin"), ("password", "short"), ("again", "short")];
    let answer = browser.post(&path(&link), &weak);
    assert_eq!(answer.status, 422);
    assert!(answer.text.contains("Use at least 12 characters."), "{}", answer.text);
    let differs = [("name", "admin"), ("password", PASSWORD), ("again", "other")];
    assert_eq!(browser.post(&path(&link), &differs).status, 422);
    let answer = browser.follow_link(&link, &[("name", "Admin")]);
    assert_eq!(heading(&answer), "Set up your second factor", "it is asked for by default");
    assert_eq!(heading(&browser.get("/accounts")), "Set up your second factor", "no way past it");
    let (key, used, codes) = browser.enrol("/sign-in/enrol");
    assert_eq!(codes.len(), 10);
    assert_eq!(heading(&browser.get("/")), "Hello, admin");
    assert_eq!(Browser::new(&relay).get(&path(&link)).status, 410);
    relay.kill_and_restart().unwrap();
    assert!(!relay.said().contains("first account"), "there is one");
    let mut other = Browser::new(&relay);
    let page = other.sign_in("admin", PASSWORD);
    assert_eq!(heading(&page), "Second factor");
    assert_eq!(heading(&other.get("/own")), "Second factor", "no way around it");
    assert_eq!(other.post_as_is("/own/codes", &[]).status, 303);
    let again = format!("{:06}", totp::code(&key, used));
    assert_eq!(other.post("/sign-in/factor", &[("code", &again)]).status, 401, "it was used");
    let fresh = format!("{:06}", totp::code(&key, totp::step(Timestamp::now()).max(used + 1)));
    let page = other.post("/sign-in/factor", &[("code", &fresh), ("then", "/own")]);
    assert_eq!(heading(&page), "My account");
    let mut third = Browser::new(&relay);
    third.sign_in("admin", PASSWORD);
    assert_eq!(heading(&third.post("/sign-in/factor", &[("code", &codes[3])])), "Hello, admin");
    assert!(third.get("/own").text.contains("9 recovery codes are left."));
}

#[test]
fn a_session_is_a_new_one_after_each_step_and_dies_with_its_cookie() {
    let relay = relay("");
    let mut browser = Browser::first(&relay);
    let half = browser.session().unwrap().to_owned();
    browser.enrol("/sign-in/enrol");
    let whole = browser.session().unwrap().to_owned();
    assert_ne!(half, whole);
    let with = |token: &str| {
        let mut browser = Browser::new(&relay);
        browser.cookies.insert("souhlas-session".into(), token.into());
        browser
    };
    assert_eq!(heading(&with(&half).get("/own")), "Sign in", "the half one is over");
    assert_eq!(heading(&with(&whole).get("/own")), "My account");
    // What a browser brings is never made a session.
    let planted = "A".repeat(43);
    let mut victim = with(&planted);
    victim.sign_in("admin", PASSWORD);
    assert_ne!(victim.session(), Some(planted.as_str()));
    browser.get("/own");
    let page = browser.post("/sign-out", &[]);
    assert!(page.text.contains("You have signed out."), "{}", page.text);
    assert_eq!(browser.session(), None);
    assert_eq!(heading(&with(&whole).get("/own")), "Sign in", "it is over here, too");
}

#[test]
fn an_idle_session_is_over_and_the_page_comes_back_after_signing_in() {
    let relay = relay(&format!("{WITHOUT_FACTOR}\nconsole-idle = \"1s\""));
    let mut browser = Browser::first(&relay);
    let start = std::time::Instant::now();
    let over = outside::souhlas::wait(|| {
        // Asking does not keep it alive for longer than a minute's resolution allows.
        (start.elapsed().as_millis() > 1_100).then(|| browser.get("/audit?act=signed-in"))
    });
    let page = over.unwrap();
    assert_eq!(heading(&page), "Sign in");
    assert!(page.text.contains("name=\"then\" value=\"/audit?act=signed-in\""), "{}", page.text);
    let fields = [("name", "admin"), ("password", PASSWORD), ("then", "/audit?act=signed-in")];
    let page = browser.post("/sign-in", &fields);
    assert_eq!(heading(&page), "Audit trail");
    for elsewhere in ["//evil.example", "https://evil.example", "/\\evil.example", "evil"] {
        let mut browser = Browser::new(&relay);
        browser.get("/sign-in");
        let fields = [("name", "admin"), ("password", PASSWORD), ("then", elsewhere)];
        let answer = browser.post_as_is("/sign-in", &fields);
        assert_eq!(answer.header("location"), Some("/"), "{elsewhere}");
    }
}

#[test]
fn who_guesses_waits_and_learns_nothing() {
    let relay = relay(WITHOUT_FACTOR);
    Browser::first(&relay);
    let mut page = String::new();
    for name in ["admin", "nobody"] {
        let mut browser = Browser::new(&relay);
        for _ in 0..10 {
            let answer = browser.sign_in(name, "wrong");
            assert_eq!(answer.status, 401);
            assert!(answer.text.contains("Wrong name or password."));
            page = answer.text;
        }
        let answer = browser.sign_in(name, PASSWORD);
        assert_eq!(answer.status, 429, "{name}");
        let wait: u64 = answer.header("retry-after").unwrap().parse().unwrap();
        assert!((850..=900).contains(&wait), "{wait}");
    }
    assert!(!page.contains("disabled") && !page.contains("unknown"));
    let mut admin = Browser::with_roles(&relay, "second", &["admin"]);
    let list = admin.get("/audit?act=sign-in-failed");
    assert_eq!(list.text.matches("=\"No.\" class=\"number\">").count(), 20);
    assert!(!list.text.contains("<td>nobody"), "a name that was tried is not written down");
    assert!(!relay.said().contains("nobody"), "nor logged");
}

#[test]
fn the_own_account_is_changed_by_who_knows_its_password() {
    let relay = relay(WITHOUT_FACTOR);
    let mut browser = Browser::first(&relay);
    let mut second = Browser::new(&relay);
    second.sign_in("admin", PASSWORD);
    browser.get("/own");
    let change = |old, new| [("password", old), ("new", new), ("again", new)];
    let better = "ještě lepší heslo";
    let answer = browser.post("/own/password", &change("not this one", better));
    assert_eq!(answer.status, 422);
    assert!(answer.text.contains("This is not your password."));
    assert_eq!(browser.post("/own/password", &change(PASSWORD, "short")).status, 422);
    let page = browser.post("/own/password", &change(PASSWORD, better));
    assert!(page.text.contains("The password is changed."), "{}", page.text);
    assert_eq!(heading(&second.get("/own")), "Sign in", "all other sessions are over");
    assert_eq!(second.sign_in("admin", PASSWORD).status, 401);
    assert_eq!(heading(&second.sign_in("admin", better)), "Hello, admin");
    browser.get("/own");
    let page = browser.post("/own/sessions", &[("session", "others")]);
    assert!(page.text.contains("The sessions have ended."), "{}", page.text);
    assert_eq!(heading(&second.get("/own")), "Sign in");
    browser.post("/language", &[("language", "cs"), ("then", "/own")]);
    assert_eq!(heading(&browser.get("/own")), "Můj účet");
    assert_eq!(browser.post("/language", &[("language", "de")]).status, 400);
}
