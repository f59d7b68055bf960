//! The pages about people, purposes and imports as staff see them in Chromium; see `look`.

use outside::{
    console::WITHOUT_FACTOR,
    souhlas::{POLICY, Setup, Souhlas},
};
use serde_json::{Value, json};

use crate::{
    contacts,
    look::{look, pages, scene},
};

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

fn scenes() -> Vec<Value> {
    let mut scenes = Vec::new();
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
    scenes.extend(pages(&[
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
    ]));
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
    look(&relay, scenes());
}
