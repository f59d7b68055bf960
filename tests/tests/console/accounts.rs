//! What an admin does to accounts, on the pages and on the command line.

use outside::{
    console::{Browser, PASSWORD, WITHOUT_FACTOR, between, heading},
    souhlas::{Setup, Souhlas},
};

fn relay() -> Souhlas {
    Souhlas::start(&Setup { web: WITHOUT_FACTOR.into(), ..Setup::default() }).unwrap()
}

/// The page of an account, by the list.
fn page_of(admin: &mut Browser, name: &str) -> String {
    let list = admin.get("/accounts").text;
    let row = list.split("<tr>").skip(1).find(|row| row.contains(&format!(">{name}</a>"))).unwrap();
    between(row, "href=\"", "\"").unwrap().to_owned()
}

fn link_on(page: &str) -> String {
    between(page, "id=\"link\" translate=\"no\">", "<").expect("a link is shown").to_owned()
}

#[test]
fn an_account_is_added_changed_reset_and_disabled() {
    let relay = relay();
    let mut admin = Browser::first(&relay);
    admin.get("/accounts/new");
    let new = [
        ("name", "jana"),
        ("email", "jana@kavarna.example"),
        ("language", "cs"),
        ("held", "reviewer:kavarna"),
        ("held", "auditor"),
        ("held", "admin:nowhere"),
    ];
    let page = admin.post("/accounts/new", &new);
    let link = link_on(&page.text);
    let mut jana = Browser::new(&relay);
    assert_eq!(heading(&jana.follow_link(&link, &[])), "Dobrý den, jana");
    assert_eq!(jana.get("/audit").status, 200);
    assert_eq!(jana.get("/accounts/new").status, 403);
    admin.get("/accounts/new");
    assert_eq!(admin.post("/accounts/new", &new).status, 422, "the name is taken");
    let said = relay.must(&["account", "list"]);
    assert!(said.contains("auditor reviewer:kavarna") || said.contains("reviewer:kavarna auditor"));
    assert!(!said.contains("nowhere"), "{said}");
    let page = page_of(&mut admin, "jana");
    admin.get(&page);
    admin.post(&format!("{page}/rights"), &[("held", "reviewer:kavarna")]);
    assert_eq!(jana.get("/audit").status, 403, "at once");
    admin.get(&page);
    let shown = admin.post(&format!("{page}/link"), &[]);
    let link = link_on(&shown.text);
    assert_eq!(heading(&jana.follow_link(&link, &[])), "Dobrý den, jana");
    admin.get(&page);
    admin.post(&format!("{page}/disable"), &[]);
    assert_eq!(heading(&jana.get("/")), "Přihlásit se", "at once, too");
    assert_eq!(jana.sign_in("jana", PASSWORD).status, 401);
    admin.get(&page);
    assert_eq!(admin.post(&format!("{page}/link"), &[]).status, 409);
    admin.post(&format!("{page}/enable"), &[]);
    assert_eq!(heading(&jana.sign_in("jana", PASSWORD)), "Dobrý den, jana");
}

#[test]
fn the_last_admin_stays() {
    let relay = relay();
    let mut admin = Browser::first(&relay);
    let page = page_of(&mut admin, "admin");
    admin.get(&page);
    let answer = admin.post(&format!("{page}/disable"), &[]);
    assert_eq!(answer.status, 409);
    assert!(answer.text.contains("Nobody would be left"), "{}", answer.text);
    let answer = admin.post(&format!("{page}/rights"), &[("held", "auditor")]);
    assert_eq!(answer.status, 409);
    assert!(!relay.command(&["account", "disable", "admin"]).status.success());
}

#[test]
fn the_command_line_adds_resets_and_disables_without_the_console() {
    let relay = relay();
    let said = relay.must(&["account", "add", "eva", "--role", "dpo", "--language", "sk"]);
    assert!(said.starts_with(&format!("link: http://{}/link/", relay.console)), "{said}");
    assert!(relay.must(&["account", "list"]).contains("invited"));
    let mut eva = Browser::new(&relay);
    let link = said.trim().strip_prefix("link: ").unwrap();
    assert_eq!(heading(&eva.follow_link(link, &[])), "Dobrý deň, eva");
    for wrong in [
        &["account", "add", "eva", "--role", "dpo"][..],
        &["account", "add", "x", "--role", "owner"],
        &["account", "add", "x", "--role", "dpo:nowhere"],
        &["account", "add", "-x", "--role", "dpo"],
        &["account", "reset", "nobody"],
    ] {
        assert!(!relay.command(wrong).status.success(), "{wrong:?}");
    }
    relay.must(&["account", "add", "adam", "--role", "admin"]);
    relay.must(&["account", "disable", "eva"]);
    assert_eq!(heading(&eva.get("/")), "Prihlásiť sa");
    assert!(!relay.command(&["account", "reset", "eva"]).status.success());
    relay.must(&["account", "enable", "eva"]);
    let said = relay.must(&["account", "reset", "eva", "--second-factor"]);
    let link = said.trim().strip_prefix("link: ").unwrap();
    assert_eq!(heading(&eva.follow_link(link, &[])), "Dobrý deň, eva");
    let said = relay.must(&["journal", "verify"]);
    assert!(said.contains("audit: whole"), "{said}");
}
