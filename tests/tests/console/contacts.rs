//! Contacts: whom a controller has on record, why they may be written to, and what staff write down.

use outside::{
    api::{Answer, Client},
    console::{Browser, WITHOUT_FACTOR, between, heading},
    postgres::Database,
    souhlas::{POLICY, Setup, Souhlas, wait},
    submit::submit,
};

const JANA: &str = "jana@posta.example";
const PETR: &str = "petr@posta.example";

fn setup() -> Setup {
    let other = "\n[controller.pekarna]\nname = \"Pekárna s.r.o.\"\ncountry = \"CZ\"\n\
                 domains = [\"pekarna.example\"]\n";
    Setup { web: WITHOUT_FACTOR.into(), policy: format!("{POLICY}{other}"), ..Setup::default() }
}

fn on_both(test: impl Fn(&Souhlas)) {
    let database = Database::create();
    for url in [Setup::default().database, database.url.clone()] {
        let relay = Souhlas::start(&Setup { database: url, ..setup() }).unwrap();
        relay.add_purpose();
        test(&relay);
    }
}

/// Jana agreed and bought, Petr refused everything; the baker's Jana is another contact.
pub(crate) fn people(relay: &Souhlas) {
    let own = ["--controller", "kavarna"];
    let agreed =
        ["--purpose", "novinky", "--evidence", "formulář 117", "--wording", "Chci novinky"];
    relay.must(&[&["grant", JANA][..], &own, &agreed].concat());
    let order = ["--at", "2026-05-01", "--category", "kava", "--objection-offered"];
    relay.must(&[&["relation", "add", JANA][..], &own, &order].concat());
    relay.must(&[&["refuse", PETR][..], &own, &["--evidence", "telefon"]].concat());
    relay.must(&["refuse", JANA, "--controller", "pekarna"]);
}

/// Where the rows of a list lead.
fn rows(page: &Answer) -> Vec<String> {
    let links = page.text.split("<a href=\"/contacts/").skip(1);
    let ids = links.filter_map(|rest| rest.split('"').next());
    ids.filter(|id| id.len() == 36).map(|id| format!("/contacts/{id}")).collect()
}

fn found(browser: &mut Browser, address: &str) -> Answer {
    browser.get("/contacts");
    browser.post("/contacts/find", &[("address", address)])
}

/// The page of one that is found by the address.
fn place(browser: &mut Browser, address: &str) -> String {
    browser.get("/contacts");
    let answer = browser.post_as_is("/contacts/find", &[("address", address)]);
    answer.header("location").expect("it is found").to_owned()
}

#[test]
fn somebody_is_found_by_the_address_and_shown_with_everything_that_was_said() {
    on_both(|relay| {
        people(relay);
        let mut admin = Browser::first(relay);
        let page = found(&mut admin, JANA);
        assert_eq!(heading(&page), JANA);
        for said in [
            "Kavárna Pod Lípou s.r.o.",
            "Novinky z kavárny",
            "<span class=\"badge go\">counts</span>",
            "entered by hand",
            "Chci novinky",
            "formulář 117",
            "purchase",
            "kava",
            "staff of the controller",
            "href=\"/contacts/",
            "Pekárna s.r.o.",
        ] {
            assert!(page.text.contains(said), "{said}: {}", page.text);
        }
        let page = found(&mut admin, PETR);
        assert!(page.text.contains("everything that advertises") && page.text.contains("telefon"));
        let page = found(&mut admin, "nobody@posta.example");
        assert_eq!(page.status, 404);
        assert!(page.text.contains("Nobody with this address is on record"), "{}", page.text);
        let trail = admin.get("/audit?act=contact-seen");
        assert!(trail.text.contains("contact looked at"), "{}", trail.text);
        assert!(!admin.get("/audit").text.contains("posta.example"), "no address in the trail");
        assert!(!relay.said().contains("posta.example"), "nor in the log");
    });
}

#[test]
fn every_filter_narrows_the_list_and_the_count() {
    on_both(|relay| {
        people(relay);
        relay.must(&[
            "relation",
            "add",
            "eva@posta.example",
            "--controller",
            "kavarna",
            "--at",
            "2026-10-01",
            "--kind",
            "enquiry",
        ]);
        let mut admin = Browser::first(relay);
        for (filter, count) in [
            ("", 3),
            ("state=holds", 1),
            ("state=holds&purpose=novinky", 1),
            ("state=nothing", 2),
            ("state=ends&days=30", 0),
            ("state=ends&days=3000", 1),
            ("state=expired", 0),
            ("state=refused", 1),
            ("state=refused-everything", 1),
            ("state=uninformed", 3),
            ("state=informed", 0),
            ("purpose=novinky", 2),
            ("state=holds&purpose=nonsense", 0),
            ("customer=active", 1),
            ("customer=never", 2),
            ("country=DE", 0),
            ("until=2020-01-01", 0),
            ("from=2020-01-01", 3),
            ("controller=pekarna", 1),
        ] {
            let page = admin.get(&format!("/contacts?{filter}"));
            assert_eq!(rows(&page).len(), count, "{filter}: {}", page.text);
            let told =
                if count == 1 { "One contact".to_owned() } else { format!("{count} contacts") };
            assert!(page.text.contains(&told), "{filter}: {}", page.text);
        }
    });
}

#[test]
fn nobody_sees_the_contacts_of_another_controller() {
    let relay = Souhlas::start(&setup()).unwrap();
    relay.add_purpose();
    people(&relay);
    let mut admin = Browser::first(&relay);
    let jana = place(&mut admin, JANA);
    let mut baker = Browser::with_roles(&relay, "baker", &["dpo:pekarna"]);
    assert_eq!(baker.get(&jana).status, 404);
    assert_eq!(baker.get("/contacts?controller=kavarna").status, 404);
    assert_eq!(baker.get("/contacts/export?controller=kavarna").status, 404);
    assert_eq!(rows(&baker.get("/contacts")).len(), 1);
    let own = found(&mut baker, JANA);
    assert!(!own.text.contains("Kavárna"), "{}", own.text);
    assert_eq!(found(&mut baker, PETR).status, 404);
    let mut reviewer = Browser::with_roles(&relay, "jiri", &["reviewer"]);
    let page = reviewer.get(&jana);
    assert_eq!(page.status, 200);
    for hidden in ["/grant\"", "/erase\"", "/copy?", "/case\""] {
        assert!(!page.text.contains(hidden), "{hidden}");
    }
    assert_eq!(reviewer.get("/contacts/export").status, 403);
    let mut sender = Browser::with_roles(&relay, "shop", &["sender"]);
    assert_eq!(sender.get("/contacts").status, 403);
    assert_eq!(sender.get(&jana).status, 403);
}

#[test]
fn what_is_exported_is_what_the_api_exports() {
    on_both(|relay| {
        people(relay);
        let mut admin = Browser::first(relay);
        let api = Client::all(relay, "kavarna");
        let same = |own: &str, theirs: &str| {
            assert_eq!(
                own.replace("\r\n", "\n").trim_end(),
                theirs.replace("\r\n", "\n").trim_end()
            );
        };
        let own = admin.get("/contacts/export?controller=kavarna&format=json");
        same(&own.text, &api.get("/v1/export/contacts").text);
        let own = admin.get("/contacts/export?controller=kavarna&format=csv");
        same(&own.text, &api.get("/v1/export/contacts?format=csv").text);
        let some = admin.get("/contacts/export?state=refused-everything&format=csv");
        assert!(some.text.contains(PETR) && !some.text.contains(JANA), "{}", some.text);
        let trail = admin.get("/audit?act=contacts-exported");
        assert!(between(&trail.text, "contacts exported</td>", "</tr>").is_some());
    });
}

const NEWS: &str = "From: Kavarna <novinky@kavarna.example>\r\nTo: nekdo@posta.example\r\n\
    Subject: Sleva 20 procent\r\nDate: Mon, 02 Nov 2026 08:00:00 +0100\r\n\
    Message-ID: <kava@kavarna.example>\r\nMIME-Version: 1.0\r\n\
    Content-Type: text/plain; charset=utf-8\r\n\r\nMame novou kavu z Etiopie.\r\n";

/// What the relay answers to the news.
pub(crate) fn sent(relay: &Souhlas, to: &str) -> String {
    submit(relay.smtp, "novinky@kavarna.example", to, NEWS)
}

#[test]
fn a_consent_with_proof_lets_the_news_go_and_a_refusal_stops_it() {
    on_both(|relay| {
        let mut admin = Browser::first(relay);
        assert!(sent(relay, JANA).starts_with("550 5.7.1 consent-missing"));
        let new = "/contacts/new?controller=kavarna";
        admin.get(new);
        let (whose, to) = (("controller", "kavarna"), ("address", JANA));
        let purpose = ("purpose", "novinky");
        let page = admin.post("/contacts/new", &[whose, to, purpose]);
        assert_eq!(page.status, 422);
        assert!(page.text.contains("Write down what proves it"), "{}", page.text);
        assert!(sent(relay, JANA).starts_with("550 "), "nothing was written");
        let proof = ("evidence", "Řekla to Aleně u pultu");
        let page = admin.post("/contacts/new", &[whose, to, purpose, proof, ("start", "now")]);
        assert_eq!(heading(&page), JANA);
        assert!(page.text.contains("The consent is on record"), "{}", page.text);
        assert!(page.text.contains("Řekla to Aleně u pultu") && page.text.contains("· admin ·"));
        assert!(sent(relay, JANA).starts_with("250 "), "{}", sent(relay, JANA));
        let jana = place(&mut admin, JANA);
        admin.get(&format!("{jana}/refuse"));
        let everything = ("purpose", "*");
        let page = admin.post(&format!("{jana}/refuse"), &[everything, ("evidence", "telefon")]);
        assert!(page.text.contains("The refusal is on record"), "{}", page.text);
        assert!(sent(relay, JANA).starts_with("550 5.7.1 "), "and nothing goes");
        admin.get(&format!("{jana}/grant"));
        let page = admin.post(&format!("{jana}/grant"), &[purpose, proof]);
        assert_eq!(page.status, 422);
        assert!(page.text.contains("This address refused before"), "{}", page.text);
        let lifts = ("lifts_refusal", "yes");
        let page = admin.post(&format!("{jana}/grant"), &[purpose, proof, lifts]);
        assert!(page.text.contains("The consent is on record"), "{}", page.text);
        assert!(sent(relay, JANA).starts_with("250 "));
        let trail = admin.get("/audit");
        for act in ["consent written down", "refusal written down", "contact looked at"] {
            assert!(trail.text.contains(act), "{act}");
        }
        assert!(!trail.text.contains("pultu") && !trail.text.contains("posta.example"));
    });
}

#[test]
fn what_was_granted_is_corrected_and_ended_and_people_are_told() {
    on_both(|relay| {
        people(relay);
        let mut admin = Browser::first(relay);
        let jana = place(&mut admin, JANA);
        let page = admin.get(&jana);
        let event = between(&page.text, "/correct?event=", "\"").unwrap().to_owned();
        assert_eq!(admin.get(&format!("{jana}/correct?event=c1-999")).status, 404);
        let form = admin.get(&format!("{jana}/correct?event={event}"));
        assert!(form.text.contains("On record: entered by hand"), "{}", form.text);
        let fields = [("event", event.as_str()), ("method", "form"), ("evidence", "překlep")];
        let early = [&fields[..], &[("until", "2020-01-01T00:00")]].concat();
        let page = admin.post(&format!("{jana}/correct"), &early);
        assert!(page.text.contains("It would end before it begins"), "{}", page.text);
        let page = admin.post(&format!("{jana}/correct"), &fields);
        assert!(page.text.contains("It is corrected") && page.text.contains("překlep"));
        admin.get(&format!("{jana}/inform"));
        let told = [("version", "2026-05"), ("evidence", "leták u pokladny"), ("kind", "own")];
        let page = admin.post(&format!("{jana}/inform"), &told);
        assert!(page.text.contains("<dd>2026-05, "), "{}", page.text);
        let ends = [("purpose", "novinky"), ("how", "revoked"), ("evidence", "konec akce")];
        admin.get(&format!("{jana}/end?purpose=novinky"));
        let page = admin.post(&format!("{jana}/end"), &[ends[0], ("how", "terminated"), ends[2]]);
        assert_eq!(page.status, 422, "that is closing a purpose");
        let page = admin.post(&format!("{jana}/end"), &ends);
        assert!(page.text.contains("no: taken back by the controller on"), "{}", page.text);
        assert!(rows(&admin.get("/contacts?state=holds")).is_empty());
        assert_eq!(rows(&admin.get("/contacts?state=informed")).len(), 1);
    });
}

#[test]
fn a_person_gets_a_copy_and_is_erased_with_what_stays_named() {
    on_both(|relay| {
        people(relay);
        sent(relay, JANA);
        let mut admin = Browser::first(relay);
        let jana = place(&mut admin, JANA);
        let copy = admin.get(&format!("{jana}/copy?format=json"));
        assert_eq!(
            copy.header("content-disposition"),
            Some("attachment; filename=\"person.json\"")
        );
        assert_eq!(copy.json()["address"], JANA);
        assert!(admin.get(&format!("{jana}/copy?format=csv")).text.contains("formulář 117"));
        assert!(admin.get(&format!("{jana}/copy?format=html")).text.contains("<!doctype html>"));
        admin.get(&format!("{jana}/erase"));
        let unsure = admin.post(&format!("{jana}/erase"), &[("how", "delete")]);
        assert_eq!(unsure.status, 422);
        assert_eq!(heading(&found(&mut admin, JANA)), JANA, "nothing was erased");
        admin.get(&format!("{jana}/erase"));
        let fields = [("how", "delete"), ("refuses", "yes"), ("sure", "yes")];
        let page = admin.post(&format!("{jana}/erase"), &fields);
        assert_eq!(heading(&page), "Erased");
        assert!(page.text.contains("GDPR art. 21(3)"), "{}", page.text);
        let page = admin.get(&jana);
        assert!(page.text.contains("This person was erased") && !page.text.contains(JANA));
        assert!(sent(relay, JANA).starts_with("550 "));
        let trail = admin.get("/audit");
        for act in ["contact erased", "copy of a person&#39;s data made"] {
            assert!(trail.text.contains(act), "{act}: {}", trail.text);
        }
    });
}

#[test]
fn who_may_only_look_changes_nothing() {
    let relay = Souhlas::start(&setup()).unwrap();
    relay.add_purpose();
    people(&relay);
    let mut admin = Browser::first(&relay);
    let jana = place(&mut admin, JANA);
    let refusal = [("purpose", "*"), ("evidence", "x")];
    for (name, role, status) in [
        ("a", "auditor", 403),
        ("r", "reviewer", 403),
        ("s", "sender", 403),
        ("d", "dpo:pekarna", 404),
    ] {
        let mut browser = Browser::with_roles(&relay, name, &[role]);
        browser.get("/own");
        for verb in ["grant", "refuse", "end", "correct", "inform", "erase"] {
            let path = format!("{jana}/{verb}");
            // A no is for everybody who hears one.
            let is_open = (role, verb) == ("reviewer", "refuse");
            let may_see = if is_open { 200 } else { status };
            assert_eq!(browser.get(&path).status, may_see, "{role} {path}");
            if is_open {
                continue;
            }
            browser.get("/own");
            assert_eq!(browser.post_as_is(&path, &refusal).status, status, "{role} {path}");
        }
    }
    assert!(sent(&relay, JANA).starts_with("250 "), "nothing was changed");
    let mut auditor = Browser::new(&relay);
    auditor.sign_in("a", outside::console::PASSWORD);
    assert_eq!(auditor.get(&format!("{jana}/copy")).status, 200, "but exported");
}

#[test]
fn a_case_file_of_one_person_is_whole() {
    let relay = Souhlas::start(&setup()).unwrap();
    relay.add_purpose();
    people(&relay);
    let mut admin = Browser::first(&relay);
    let jana = place(&mut admin, JANA);
    let cookies = format!("souhlas-session={}", admin.session().unwrap());
    let file = relay.path("case.zip");
    let url = format!("http://{}{jana}/case", relay.console);
    let got = std::process::Command::new("curl")
        .args(["-sf", "-H", &format!("cookie: {cookies}"), "-o", file.to_str().unwrap(), &url])
        .status();
    assert!(got.unwrap().success());
    let said = relay.must(&["evidence", "verify", file.to_str().unwrap()]);
    assert!(said.contains("the case file is whole"), "{said}");
    assert!(wait(|| admin.get("/audit").text.contains("case file made").then_some(())).is_some());
}
