//! A relay with several controllers, each with the same two purposes.

use std::collections::BTreeMap;

use outside::{
    postgres::Database,
    souhlas::{POLICY, Setup, Souhlas},
};
use serde_json::Value;

/// What every import says beside its file.
pub(crate) const WORD: [&str; 6] =
    ["--origin", "own", "--source", "export of the old system", "--attested-by", "Alena"];

/// The controllers are called `k0`, `k1` ...
pub(crate) fn on_both(controllers: usize, test: impl Fn(&Souhlas)) {
    test(&relay(controllers, Setup::default().database));
    let database = Database::create();
    test(&relay(controllers, database.url.clone()));
}

fn relay(controllers: usize, database: String) -> Souhlas {
    let mut policy = POLICY.to_owned();
    for number in 0..controllers {
        policy.push_str(&format!(
            "\n[controller.k{number}]\nname = \"Kavárna č. {number} s.r.o.\"\n\
             company-id = \"99900017\"\nseat = \"Lipová 12, 602 00 Brno\"\n\
             register = \"zapsaná v obchodním rejstříku, oddíl C, vložka 99817\"\n\
             country = \"CZ\"\ndomains = [\"k{number}.example\"]\n\
             privacy-url = \"https://k{number}.example/soukromi\"\n"
        ));
    }
    let relay = Souhlas::start(&Setup { policy, database, ..Setup::default() }).unwrap();
    for number in 0..controllers {
        let controller = format!("k{number}");
        for (id, name) in [("novinky", "Novinky"), ("akce", "Akce a slevy")] {
            let why = ["purpose", "add", id, "--controller", &controller, "--name", name];
            let how = ["--basis", "consent", "--duration", "3 years"];
            let topics = ["--topic", "kava=Káva", "--topic", "kurzy=Kurzy"];
            relay.must(&[&why[..], &how, &topics].concat());
        }
    }
    relay
}

/// The figures that an import printed, by their names.
pub(crate) fn counts(said: &str) -> BTreeMap<String, String> {
    let lines = said.lines().filter_map(|line| line.split_at_checked(20));
    lines.map(|(what, count)| (what.trim().to_owned(), count.trim().to_owned())).collect()
}

/// What the controller has on record, as lines of JSON.
pub(crate) fn exported(relay: &Souhlas, controller: &str) -> Vec<Value> {
    let said = relay.must(&["export", "--controller", controller, "--format", "json"]);
    said.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// In short: `jana: novinky+doi akce, petr: !novinky, karel: !*`.
pub(crate) fn standing(relay: &Souhlas, controller: &str) -> String {
    let mut all: Vec<String> = exported(relay, controller).iter().map(short).collect();
    all.sort();
    all.join(", ")
}

fn short(contact: &Value) -> String {
    let address = contact["address"].as_str().unwrap();
    let mut said = format!("{}:", address.split('@').next().unwrap());
    for grant in contact["grants"].as_array().unwrap() {
        let doi = if grant["confirmed_at"].is_null() { "" } else { "+doi" };
        let over = if grant["ended_at"].is_null() { "" } else { "+over" };
        said.push_str(&format!(" {}{doi}{over}", grant["purpose"].as_str().unwrap()));
    }
    for refusal in contact["refusals"].as_array().unwrap() {
        said.push_str(&format!(" !{}", refusal["purpose"].as_str().unwrap_or("*")));
    }
    said
}
