//! Every route, asked by every role and by nobody; and forms that are not the console's own.

use outside::{
    api,
    console::{Browser, WITHOUT_FACTOR, heading},
    souhlas::{Setup, Souhlas},
};
use relay::{
    staff::{Action, Rights, Role},
    web::console::{Asks, routes},
};

fn relay() -> Souhlas {
    Souhlas::start(&Setup { web: WITHOUT_FACTOR.into(), ..Setup::default() }).unwrap()
}

/// With something in place of each parameter.
fn path(route: &str) -> String {
    route.replace("{id}", "019ab4c0-0000-7000-8000-000000000000").replace("{token}", "abc")
}

#[test]
fn each_role_comes_to_what_the_table_says_and_nowhere_else() {
    let relay = relay();
    Browser::first(&relay);
    for role in Role::ALL {
        let mut browser =
            Browser::with_roles(&relay, &format!("a-{}", role.as_str()), &[role.as_str()]);
        browser.get("/own");
        let rights = Rights::whole(role);
        for (method, route, asks) in routes() {
            // It would end the session that asks.
            if route == "/sign-out" || route == "/own/sessions" {
                continue;
            }
            let path = path(&route);
            let answer = match method.as_str() {
                "GET" => browser.ask("GET", &path, &[], ""),
                _ => browser.post_as_is(&path, &[]),
            };
            let may = match asks {
                Asks::May(action) => rights.may(action),
                Asks::Nothing | Asks::Factor | Asks::Enrol => true,
            };
            let said = format!("{role:?} {method} {path}: {} {}", answer.status, heading(&answer));
            assert_eq!(answer.status != 403, may, "{said}");
            assert!(answer.status < 500, "{said}");
        }
    }
}

#[test]
fn nobody_comes_to_anything_but_the_way_in() {
    let relay = relay();
    Browser::first(&relay);
    for (method, route, asks) in routes() {
        let mut browser = Browser::new(&relay);
        browser.get("/sign-in");
        let path = path(&route);
        let answer = match method.as_str() {
            "GET" => browser.ask("GET", &path, &[], ""),
            _ => browser.post_as_is(&path, &[]),
        };
        let said = format!("{method} {path}: {answer:?}");
        match asks {
            Asks::Nothing => assert_ne!(answer.status, 403, "{said}"),
            Asks::Factor | Asks::Enrol | Asks::May(_) if method == "GET" => {
                let to = answer.header("location").unwrap_or_default();
                assert!(to.starts_with("/sign-in?then="), "{said}");
            }
            Asks::Factor | Asks::Enrol | Asks::May(_) => assert_eq!(answer.status, 401, "{said}"),
        }
        assert_eq!(answer.header("x-frame-options"), Some("DENY"), "{said}");
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{said}");
    }
    let beside = Browser::new(&relay).get("/no/such/page");
    assert_eq!((beside.status, heading(&beside)), (404, "Nothing is here"));
    let mut admin = Browser::with_roles(&relay, "boss", &["admin"]);
    for path in ["/held/xyz", "/decisions/1", "/contacts/%00"] {
        let beside = admin.get(path);
        assert_eq!((beside.status, heading(&beside)), (404, "Nothing is here"), "{path}");
    }
    let answer = Browser::new(&relay).ask("DELETE", "/", &[], "");
    assert_eq!(answer.status, 405);
}

#[test]
fn a_role_for_one_controller_does_not_reach_the_whole_installation() {
    let relay = relay();
    Browser::first(&relay);
    let mut browser = Browser::with_roles(&relay, "part", &["admin:kavarna"]);
    assert_eq!(browser.get("/").status, 200);
    assert_eq!(browser.get("/accounts").status, 403);
    assert_eq!(browser.get("/audit").status, 403);
    assert!(!browser.get("/").text.contains("href=\"/accounts\""), "nor is it shown");
    let part = Rights { held: vec![], logins: vec![] };
    assert!(!part.may(Action::Own));
}

#[test]
fn a_form_without_its_token_or_from_elsewhere_changes_nothing() {
    let relay = relay();
    let mut browser = Browser::first(&relay);
    browser.get("/accounts/new");
    let key = browser.form_key.clone();
    let mut other = Browser::with_roles(&relay, "other", &["admin"]);
    other.get("/own");
    let theirs = other.form_key.clone();
    assert_ne!(key, theirs);
    let kind = ("content-type", "application/x-www-form-urlencoded");
    let fields = "name=x&language=en&held=auditor";
    let own = format!("http://{}", relay.console);
    let good = format!("{fields}&form-key={key}");
    let cases = [
        ("no token", fields.to_owned(), vec![]),
        ("an empty one", format!("{fields}&form-key="), vec![]),
        ("another's", format!("{fields}&form-key={theirs}"), vec![]),
        ("another origin", good.clone(), vec![("origin", "https://evil.example")]),
        ("no origin", good.clone(), vec![("origin", "null")]),
        ("another site", good.clone(), vec![("sec-fetch-site", "cross-site")]),
        ("a neighbour", good.clone(), vec![("origin", &own), ("sec-fetch-site", "same-site")]),
        ("another page of the host", good.clone(), vec![("origin", "http://127.0.0.1:1")]),
    ];
    for (what, body, more) in cases {
        let headers = [&[kind][..], &more].concat();
        let answer = browser.ask("POST", "/accounts/new", &headers, &body);
        assert_eq!((answer.status, heading(&answer)), (403, "The form was not accepted"), "{what}");
    }
    assert!(!relay.must(&["account", "list"]).contains("auditor"), "nothing was added");
    let headers = [kind, ("origin", own.as_str()), ("sec-fetch-site", "same-origin")];
    let answer = browser.ask("POST", "/accounts/new", &headers, &good);
    assert_eq!(answer.status, 200, "{}", answer.text);
    let large = format!("{good}&more={}", "x".repeat(70_000));
    assert_eq!(browser.ask("POST", "/accounts/new", &headers, &large).status, 413);
    let json = [("content-type", "application/json")];
    assert_eq!(browser.ask("POST", "/accounts/new", &json, "{}").status, 400);
}

#[test]
fn a_link_from_another_site_finds_who_is_signed_in() {
    let relay = relay();
    let mut browser = Browser::first(&relay);
    // The browser keeps the cookie back, and then follows our own page.
    let elsewhere = [("sec-fetch-site", "cross-site")];
    let answer = api::ask(relay.console, "GET", "/audit?act=signed-in", &elsewhere, "");
    assert_eq!(answer.status, 200);
    assert!(answer.text.contains("content=\"0;url=/audit?act=signed-in\""), "{}", answer.text);
    assert_eq!(browser.get("/audit?act=signed-in").status, 200);
}
