//! The pages about people, purposes and imports as staff see them in Chromium; see `look`.

use outside::{
    browser::{Sizes, look_at},
    console::{PASSWORD, WITHOUT_FACTOR, first_link},
    souhlas::{POLICY, Setup, Souhlas},
};
use serde_json::{Value, json};

use crate::{contacts, look::scene};

/// Jana's page, and on from there.
fn jana(more: &[&str]) -> Value {
    let mut steps = vec![
        json!(["open", "/contacts"]),
        json!(["fill", "#address", "jana@posta.example"]),
        json!(["press", ".seek button"]),
    ];
    steps.extend(more.iter().map(|at| json!(["press", at])));
    Value::Array(steps)
}

fn signing_in(link: &str) -> Value {
    let path = &link[link.find("/link/").unwrap()..];
    let fill = |at: &str, text: &str| json!(["fill", at, text]);
    json!([
        ["open", path],
        fill("#name", "admin"),
        fill("#password", PASSWORD),
        fill("#again", PASSWORD),
        ["press", "main button"]
    ])
}

fn scenes(link: &str) -> Vec<Value> {
    let mut scenes = vec![scene("people-in", false, signing_in(link))];
    let pages = [
        ("contacts", "/contacts"),
        ("contacts-none", "/contacts?state=expired"),
        ("contact-new", "/contacts/new"),
        ("yearly-review", "/yearly-review"),
        ("purposes", "/purposes"),
        ("purpose-new", "/purposes/new"),
        ("purpose", "/purposes/novinky"),
        ("purpose-close", "/purposes/novinky/close"),
        ("purpose-assign", "/purposes/novinky/assign"),
        ("import", "/import"),
    ];
    for (name, path) in pages {
        scenes.push(scene(name, true, json!([["open", path]])));
    }
    for (name, on) in [
        ("contact", &[][..]),
        ("contact-grant", &[".head .button"]),
        ("contact-refuse", &[".head .danger"]),
        ("contact-correct", &["a[href*='/correct']"]),
        ("contact-end", &["a[href*='/end']"]),
        ("contact-inform", &["a[href*='/inform']"]),
        ("contact-erase", &["a[href$='/erase']"]),
    ] {
        scenes.push(scene(name, true, jana(on)));
    }
    let counted = json!([
        ["open", "/purposes/novinky/assign"],
        ["fill", "#addresses", "jana@posta.example"],
        ["fill", "#evidence", "formulář"],
        ["press", "main form button"]
    ]);
    scenes.push(scene("purpose-assigned", true, counted));
    let doubtful = json!([
        ["open", "/purposes/new"],
        ["fill", "#name", "Katalog"],
        ["fill", "#id", "katalog"],
        ["press", "main form button"]
    ]);
    scenes.push(scene("purpose-doubtful", true, doubtful));
    for lang in ["cs", "sk"] {
        let choose = json!(["press", format!("footer button[value={lang}]")]);
        let chosen = json!([["open", "/contacts"], choose]);
        scenes.push(scene(&format!("contacts-{lang}"), false, chosen));
        scenes.push(scene(&format!("contact-{lang}"), false, jana(&[])));
        for (name, path) in pages {
            scenes.push(scene(&format!("{name}-{lang}"), false, json!([["open", path]])));
        }
    }
    scenes
}

#[test]
fn the_pages_about_people_are_for_everybody_on_the_staff() {
    let other = "\n[controller.pekarna]\nname = \"Pekárna s.r.o.\"\ncountry = \"CZ\"\n\
                 domains = [\"pekarna.example\"]\n";
    let policy = format!("{POLICY}{other}");
    let setup = Setup { web: WITHOUT_FACTOR.into(), policy, ..Setup::default() };
    let relay = Souhlas::start(&setup).unwrap();
    relay.add_purpose();
    contacts::people(&relay);
    contacts::sent(&relay, "jana@posta.example");
    let scenes = scenes(&first_link(&relay));
    let all = scenes.iter().filter(|scene| scene["all"] == true).count();
    let looks = scenes.len() + 4 * all;
    let said = look_at(&format!("http://{}", relay.console), &[scenes], Sizes::OF_STAFF);
    assert_eq!(said, format!("looked {looks} times"), "{}", relay.said());
}
