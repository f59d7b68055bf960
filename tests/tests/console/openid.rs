//! The organisation's own sign-in: a real provider, in Chromium.

use outside::{
    console::{Browser, WITHOUT_FACTOR, heading},
    openid::{Provider, sign_in},
    postgres::Database,
    souhlas::{Setup, Souhlas},
};
use tempfile::{TempDir, tempdir};

fn relay(secrets: &TempDir, issuer: &str, database: &str) -> Souhlas {
    let file = secrets.path().join("openid.secret");
    std::fs::write(&file, "tajne/+ heslo:%\n").unwrap();
    let more = format!(
        "[openid]\nissuer = \"{issuer}\"\nclient = \"souhlas\"\nsecret-file = \"{}\"\n\
         label = \"Kavárna\"\n",
        file.display()
    );
    let setup = Setup {
        more,
        database: database.to_owned(),
        web: WITHOUT_FACTOR.into(),
        ..Setup::default()
    };
    Souhlas::start(&setup).unwrap()
}

#[test]
fn staff_sign_in_where_their_organisation_knows_them() {
    let postgres = Database::create();
    for database in [&Setup::default().database, &postgres.url] {
        let mut provider = Provider::start();
        let secrets = tempdir().unwrap();
        let relay = relay(&secrets, &provider.issuer, database);
        provider.knows(&relay, "tajne/+ heslo:%");
        let mut admin = Browser::first(&relay);
        relay.must(&["account", "add", "jana@kavarna.example", "--role", "reviewer"]);
        relay.must(&["account", "add", "petr@kavarna.example", "--role", "dpo"]);
        relay.must(&["account", "disable", "petr@kavarna.example"]);
        let people = [
            "jana@kavarna.example",
            "jana@kavarna.example",
            "jana@kavarna.example#2",
            "!admin",
            "petr@kavarna.example",
            "eva@kavarna.example",
        ];
        let unknown = "Sign in | You are known to your organisation, but no account here has your \
                       name. Ask an administrator of Souhlas to add one.";
        let others = "Sign in | The account with your name belongs to another person of your \
                      organisation. Ask an administrator of Souhlas to reset it.";
        let ends = sign_in(&relay, &people);
        assert_eq!(ends, ["My account", "My account", others, unknown, unknown, unknown]);
        let trail = admin.get("/audit").text;
        for act in ["bound to the organisation&#39;s sign-in", "failed to sign in"] {
            assert!(trail.contains(act), "{act}: {trail}");
        }
        assert!(!trail.contains("eva@"), "nobody's name stays who is not one of ours");
    }
}

#[test]
fn nobody_comes_back_who_did_not_leave() {
    let mut provider = Provider::start();
    let secrets = tempdir().unwrap();
    let relay = relay(&secrets, &provider.issuer, &Setup::default().database);
    let mut browser = Browser::new(&relay);
    let page = browser.get("/sign-in");
    assert!(page.text.contains("Sign in with Kavárna"), "{}", page.text);
    provider.knows(&relay, "tajne/+ heslo:%");
    let away = |browser: &mut Browser| {
        let answer = browser.ask("GET", "/sign-in/provider?then=/own", &[], "");
        assert_eq!(answer.status, 303);
        let to = answer.header("location").unwrap().to_owned();
        assert!(to.starts_with(&provider.issuer) && to.contains("code_challenge_method=S256"));
        let state = to.split("state=").nth(1).unwrap();
        state.split('&').next().unwrap().to_owned()
    };
    let state = away(&mut browser);
    let issuer = provider.issuer.replace('/', "%2F").replace(':', "%3A");
    let back = |state: &str, more: &str| format!("/sign-in/provider/return?state={state}&{more}");
    for (path, told) in [
        (back(&state, &format!("code=made-up&iss={issuer}")), "did not let you through"),
        (back(&state, &format!("error=access_denied&iss={issuer}")), "did not let you through"),
        (back(&state, "code=made-up&iss=https%3A%2F%2Fother.cz"), "did not let you through"),
        (back(&state, "code=made-up"), "did not let you through"),
        (back(&state[..state.len() - 2], "code=made-up"), "took too long"),
        ("/sign-in/provider/return".to_owned(), "took too long"),
    ] {
        let page = browser.get(&path);
        assert_eq!(heading(&page), "Sign in", "{path}");
        assert!(page.text.contains(told), "{path}: {}", page.text);
    }
    let mut other = Browser::new(&relay);
    away(&mut other);
    let page = other.get(&back(&state, &format!("code=made-up&iss={issuer}")));
    assert!(page.text.contains("took too long"), "another browser's: {}", page.text);
    drop(provider);
    let other = self::relay(&secrets, "http://127.0.0.1:1/staff", &Setup::default().database);
    let page = Browser::new(&other).get("/sign-in/provider");
    assert_eq!(page.status, 502);
    assert!(page.text.contains("does not answer"), "{}", page.text);
}
