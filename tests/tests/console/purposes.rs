//! Purposes: added with their doubts, assigned to many after a count, closed for good; and the yearly
//! review.

use outside::{
    api::Answer,
    console::{Browser, WITHOUT_FACTOR, between, heading},
    postgres::Database,
    souhlas::{POLICY, Setup, Souhlas},
};

use crate::contacts::sent;

const JANA: &str = "jana@posta.example";
const PETR: &str = "petr@posta.example";

fn setup() -> Setup {
    let form = "\n[form.web]\ncontroller = \"kavarna\"\npurpose = \"novinky\"\n\
                wording = \"Chci novinky z kavárny\"\nprivacy-url = \"https://kavarna.example/soukromi\"\n";
    let other = "\n[controller.pekarna]\nname = \"Pekárna s.r.o.\"\ncountry = \"CZ\"\n\
                 domains = [\"pekarna.example\"]\n";
    let policy = format!("{POLICY}{form}{other}");
    Setup { web: WITHOUT_FACTOR.into(), policy, ..Setup::default() }
}

fn on_both(test: impl Fn(&Souhlas)) {
    let database = Database::create();
    for url in [Setup::default().database, database.url.clone()] {
        test(&Souhlas::start(&Setup { database: url, ..setup() }).unwrap());
    }
}

const NEWS: [(&str, &str); 9] = [
    ("controller", "kavarna"),
    ("id", "novinky"),
    ("name", "Novinky z kavárny"),
    ("basis", "consent"),
    ("count", "3"),
    ("unit", "years"),
    ("channel", "email"),
    ("expiring_days", "30"),
    ("note", "novinky a slevy"),
];

fn add(browser: &mut Browser, more: &[(&str, &str)]) -> Answer {
    browser.get("/purposes/new?controller=kavarna");
    browser.post("/purposes/new", &[&NEWS[..], more].concat())
}

#[test]
fn a_purpose_is_added_once_its_doubts_are_known() {
    on_both(|relay| {
        let mut admin = Browser::first(relay);
        let page = admin.get("/purposes");
        assert!(page.text.contains("There is no purpose yet"), "{}", page.text);
        assert!(page.text.contains("Form “web” asks for the purpose “novinky”"), "{}", page.text);
        let page = add(&mut admin, &[]);
        assert_eq!(page.status, 422);
        for doubt in ["Without confirmation by a click", "whether the person is of age"] {
            assert!(page.text.contains(doubt), "{doubt}: {}", page.text);
        }
        assert!(relay.must(&["purpose", "list"]).lines().count() <= 1, "nothing was added");
        let topics = ("topics", "semena = Semena\nnaradi = Nářadí");
        let page = add(&mut admin, &[("sure", "yes"), topics]);
        assert_eq!(heading(&page), "Novinky z kavárny");
        for said in
            ["Saved.", "3 years", "naradi = Nářadí", "Chci novinky z kavárny", "novinky</dd>"]
        {
            assert!(page.text.contains(said), "{said}: {}", page.text);
        }
        assert!(!admin.get("/purposes").text.contains("Form “web”"));
        let page = add(&mut admin, &[("sure", "yes")]);
        assert!(page.text.contains("There is a purpose with this short name"), "{}", page.text);
        for (field, wrong) in [("id", "Ne!"), ("count", "0"), ("basis", "x"), ("topics", "nic")] {
            let mut fields: Vec<_> =
                NEWS.iter().filter(|(name, _)| *name != field).copied().collect();
            fields.extend([(field, wrong), ("sure", "yes")]);
            let page = admin.post("/purposes/new", &fields);
            assert_eq!(page.status, 422, "{field}: {}", page.text);
        }
        let place = "/purposes/novinky?controller=kavarna";
        admin.get(place);
        let own = ("controller", "kavarna");
        let page = admin.post("/purposes/novinky/topics", &[own, ("topics", "kava = Káva")]);
        assert!(page.text.contains("kava = Káva") && !page.text.contains("naradi"));
        let page = admin.post("/purposes/novinky/topics", &[own, ("topics", "a = X\na = Y")]);
        assert_eq!(page.status, 422, "{}", page.text);
        let trail = admin.get("/audit").text;
        assert!(trail.contains("purpose added") && trail.contains("topics of a purpose set"));
    });
}

#[test]
fn a_purpose_is_assigned_after_a_count_and_never_over_a_refusal() {
    on_both(|relay| {
        relay.add_purpose();
        relay.must(&["refuse", PETR, "--controller", "kavarna"]);
        let mut admin = Browser::first(relay);
        let path = "/purposes/novinky/assign";
        admin.get(&format!("{path}?controller=kavarna"));
        let list = format!("{JANA}\n{PETR}\n");
        let own = [("controller", "kavarna"), ("evidence", "papírové formuláře 2026-10")];
        let page = admin.post(path, &own);
        assert!(page.text.contains("Choose a condition or write down addresses"), "{}", page.text);
        let fields =
            [&own[..], &[("addresses", &list), ("start", "date"), ("begins", "2026-10-01")]]
                .concat();
        let page = admin.post(path, &fields);
        assert!(page.text.contains("Nothing is written yet"), "{}", page.text);
        let row = |page: &Answer, text: &str| {
            let rest = between(&page.text, &format!("{text}</th><td class=\"number\">"), "<");
            rest.unwrap_or_else(|| panic!("{text}: {}", page.text)).to_owned()
        };
        for (text, count) in [("looked at", "2"), ("get the purpose", "1"), ("left alone", "1")] {
            assert_eq!(row(&page, text), count, "{text}");
        }
        assert!(sent(relay, JANA).starts_with("550 "), "nothing was written");
        // Everything that was said goes on in the form.
        let kept = between(&page.text, "name=\"addresses\" value=\"", "\"").unwrap();
        assert!(kept.contains(JANA) && page.text.contains("name=\"begins\" value=\"2026-10-01\""));
        let page = admin.post(path, &[&fields[..], &[("sure", "yes")]].concat());
        assert!(page.text.contains("It is written down"), "{}", page.text);
        assert_eq!(row(&page, "get the purpose"), "1");
        assert!(sent(relay, JANA).starts_with("250 "));
        assert!(sent(relay, PETR).starts_with("550 "));
        // By a filter: who bought gets it.
        let eva = "eva@posta.example";
        relay.must(&["relation", "add", eva, "--controller", "kavarna", "--at", "2026-10-01"]);
        let some = [("customer", "active"), ("start", "added")];
        let page = admin.post(path, &[&own[..], &some].concat());
        assert_eq!(row(&page, "get the purpose"), "1", "{}", page.text);
        let filter = between(&page.text, "name=\"filter\" value=\"", "\"").unwrap();
        let filter = filter.replace("&#34;", "\"");
        let again = [&own[..], &some, &[("filter", &filter), ("sure", "yes")]].concat();
        assert_eq!(row(&admin.post(path, &again), "get the purpose"), "1");
        let shown = admin.get("/purposes/novinky?controller=kavarna");
        assert!(shown.text.contains("<strong class=\"number\">2</strong>"), "{}", shown.text);
        let trail = admin.get("/audit").text;
        assert!(trail.contains("purpose assigned to many") && !trail.contains("posta.example"));
    });
}

#[test]
fn a_closed_purpose_lets_nothing_go() {
    on_both(|relay| {
        relay.add_purpose();
        let proof = ["--purpose", "novinky", "--evidence", "form"];
        relay.must(&[&["grant", JANA][..], &proof].concat());
        assert!(sent(relay, JANA).starts_with("250 "));
        let mut admin = Browser::first(relay);
        let path = "/purposes/novinky/close";
        let page = admin.get(&format!("{path}?controller=kavarna"));
        assert!(page.text.contains("One contact") && page.text.contains("cannot be undone"));
        let own = ("controller", "kavarna");
        assert_eq!(admin.post(path, &[own, ("why", "konec")]).status, 422);
        assert_eq!(admin.post(path, &[own, ("sure", "yes")]).status, 422);
        assert!(sent(relay, JANA).starts_with("250 "), "it is open");
        let page = admin.post(path, &[own, ("sure", "yes"), ("why", "konec")]);
        assert!(page.text.contains("This purpose was closed on"), "{}", page.text);
        assert!(!page.text.contains("/assign") && !page.text.contains("/close?"));
        assert!(sent(relay, JANA).starts_with("550 "));
    });
}

#[test]
fn the_contacts_are_looked_over_and_signed_for() {
    on_both(|relay| {
        relay.add_purpose();
        crate::contacts::people(relay);
        let mut admin = Browser::first(relay);
        let page = admin.get("/yearly-review?controller=kavarna");
        assert!(page.text.contains("Nobody has looked the contacts over yet"), "{}", page.text);
        let row = between(&page.text, "all contacts</a></th><td class=\"number\">", "<");
        assert_eq!(row, Some("2"), "{}", page.text);
        let own = ("controller", "kavarna");
        assert_eq!(admin.post("/yearly-review", &[own]).status, 422);
        let page = admin.post("/yearly-review", &[own, ("note", "v pořádku")]);
        assert!(page.text.contains("v pořádku") && page.text.contains("The next one is due on"));
        assert!(
            relay.must(&["contact", "review", "--controller", "kavarna"]).contains("v pořádku")
        );
    });
}

#[test]
fn purposes_are_changed_by_those_who_may() {
    let relay = Souhlas::start(&setup()).unwrap();
    relay.add_purpose();
    Browser::first(&relay);
    let own = ("controller", "kavarna");
    for (name, role, seen, changed) in [
        ("reviewer", "reviewer", 200, 403),
        ("auditor", "auditor", 200, 403),
        ("sender", "sender", 403, 403),
        ("baker", "dpo:pekarna", 404, 404),
    ] {
        let mut browser = Browser::with_roles(&relay, name, &[role]);
        let page = browser.get("/purposes/novinky?controller=kavarna");
        assert_eq!(page.status, seen, "{role}");
        assert!(!page.text.contains("/assign") && !page.text.contains("/close"), "{role}");
        browser.get("/own");
        for verb in ["topics", "close", "assign"] {
            let path = format!("/purposes/novinky/{verb}");
            assert_eq!(browser.post_as_is(&path, &[own]).status, changed, "{role} {path}");
        }
        assert_eq!(browser.post_as_is("/purposes/new", &[own]).status, changed, "{role}");
        assert_eq!(browser.post_as_is("/yearly-review", &[own]).status, changed, "{role}");
    }
}
