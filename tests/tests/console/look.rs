//! The pages as people see them: in Chromium, on a phone and on a desk, light and dark, by keyboard,
//! without a script; axe finds no fault (WCAG 2.2 AA) on any.
//!
//! Screenshots of all are in `target/screenshots`.

use outside::{
    browser::{Sizes, look_at},
    console::{PASSWORD, first_link},
    souhlas::{Setup, Souhlas},
};
use serde_json::{Value, json};

use crate::decisions;

/// Steps that end on a page; with `all` it is looked at in every way.
fn scene(name: &str, all: bool, steps: Value) -> Value {
    json!({ "name": format!("console-{name}"), "all": all, "steps": steps })
}

/// From the printed link to signing in a second time.
fn way_in(link: &str) -> Vec<Value> {
    let path = &link[link.find("/link/").unwrap()..];
    let send = json!(["press", "main button"]);
    let open = json!(["open", path]);
    let chosen = |name: &str, password: &str| {
        let fill = |at: &str, text: &str| json!(["fill", at, text]);
        json!([
            open,
            fill("#name", name),
            fill("#password", password),
            fill("#again", password),
            send
        ])
    };
    let then = |steps: &Value, more: &[Value]| {
        Value::Array([steps.as_array().unwrap().as_slice(), more].concat())
    };
    let signing = json!([
        ["open", "/sign-in"],
        ["fill", "#name", "admin"],
        ["fill", "#password", PASSWORD],
        send
    ]);
    let enrol =
        [json!(["keep", "#secret", "secret"]), json!(["totp", "#code", "secret"]), send.clone()];
    vec![
        scene("first", true, json!([open])),
        scene("first-wrong", false, chosen("-admin", PASSWORD)),
        scene("enrol", true, chosen("admin", PASSWORD)),
        scene(
            "enrol-wrong",
            false,
            json!([["open", "/sign-in/enrol"], ["fill", "#code", "1"], send]),
        ),
        scene("codes", true, then(&json!([["open", "/sign-in/enrol"]]), &enrol)),
        scene("home", true, json!([["open", "/"]])),
        scene("signed-out", false, json!([["open", "/"], ["press", ".own button"]])),
        scene("sign-in", true, json!([["open", "/sign-in"]])),
        scene(
            "sign-in-wrong",
            false,
            json!([["open", "/sign-in"], ["fill", "#name", "x"], ["fill", "#password", "y"], send]),
        ),
        scene("factor", true, signing.clone()),
        scene("factor-wrong", false, json!([["open", "/"], ["fill", "#code", "123456"], send])),
        scene("home-again", false, json!([["open", "/"], ["totp", "#code", "secret"], send])),
    ]
}

/// What an admin sees, signed in.
fn inside() -> Vec<Value> {
    let pages = [
        ("own", "/own"),
        ("accounts", "/accounts"),
        ("account-new", "/accounts/new"),
        ("decisions", "/decisions?what=any"),
        ("decisions-each", "/decisions?view=each&what=any"),
        ("decisions-none", "/decisions?until=2020-01-01"),
        ("audit", "/audit"),
        ("audit-none", "/audit?until=2020-01-01"),
        ("nothing", "/nothing"),
    ];
    let mut scenes: Vec<Value> =
        pages.iter().map(|(name, path)| scene(name, true, json!([["open", path]]))).collect();
    let decision = json!([["open", "/decisions?view=each"], ["press", "tbody a"]]);
    scenes.push(scene("decision", true, decision));
    let account = json!([["open", "/accounts"], ["press", "tbody a"]]);
    scenes.push(scene("account", true, account));
    let link = json!([["open", "/accounts"], ["press", "tbody a"], ["press", ".columns button"]]);
    scenes.push(scene("link", false, link));
    scenes.push(scene("menu", false, json!([["open", "/audit#menu"]])));
    for lang in ["cs", "sk"] {
        let choose = json!(["press", format!("footer button[value={lang}]")]);
        scenes.push(scene(&format!("own-{lang}"), false, json!([["open", "/own"], choose])));
        for (name, path) in pages {
            let name = format!("{name}-{lang}");
            scenes.push(scene(&name, false, json!([["open", path]])));
        }
    }
    scenes
}

#[test]
fn every_page_is_for_everybody_on_the_staff() {
    let relay = Souhlas::start(&Setup::default()).unwrap();
    relay.add_purpose();
    decisions::grant(&relay);
    decisions::send(&relay);
    let link = first_link(&relay);
    let scenes = [way_in(&link), inside()].concat();
    let all = scenes.iter().filter(|scene| scene["all"] == true).count();
    let looks = scenes.len() + 4 * all;
    let said = look_at(&format!("http://{}", relay.console), &[scenes], Sizes::OF_STAFF);
    assert_eq!(said, format!("looked {looks} times"), "{}", relay.said());
}
