//! Import in the browser: tried, attested, written down; by those who may and only of lawful origin.

use outside::{
    api::Answer,
    console::{Browser, WITHOUT_FACTOR, between},
    postgres::Database,
    souhlas::{POLICY, Setup, Souhlas},
};

use crate::contacts::sent;

const JANA: &str = "jana@posta.example";
const FILE: &str = "email,consentdate\njana@posta.example,2026-09-01\nnic,2026-09-01\n\
                    petr@posta.example,2026-09-02\n";

fn on_both(test: impl Fn(&Souhlas)) {
    let database = Database::create();
    let other = "\n[controller.pekarna]\nname = \"Pekárna s.r.o.\"\ncountry = \"CZ\"\n\
                 domains = [\"pekarna.example\"]\n";
    for url in [Setup::default().database, database.url.clone()] {
        let policy = format!("{POLICY}{other}");
        let setup = Setup { database: url, web: WITHOUT_FACTOR.into(), policy, ..Setup::default() };
        let relay = Souhlas::start(&setup).unwrap();
        relay.add_purpose();
        test(&relay);
    }
}

/// The form of the page with a file.
fn import(browser: &mut Browser, (called, file): (&str, &str), fields: &[(&str, &str)]) -> Answer {
    browser.get("/import?controller=kavarna");
    let key = browser.form_key.clone();
    let own = [
        ("form-key", key.as_str()),
        ("controller", "kavarna"),
        ("purpose", "novinky"),
        ("source", "export z e-shopu"),
    ];
    let mut body = String::new();
    for (name, value) in own.iter().chain(fields) {
        let head = format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
        body.push_str(&format!("{head}{value}\r\n"));
    }
    body.push_str(&format!(
        "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{called}\"\r\n\
         Content-Type: text/csv\r\n\r\n{file}\r\n--x--\r\n"
    ));
    let kind = [("content-type", "multipart/form-data; boundary=x")];
    let answer = browser.ask("POST", "/import", &kind, &body);
    match answer.header("location").map(str::to_owned) {
        Some(to) => browser.get(&to),
        None => answer,
    }
}

fn figure(page: &Answer, text: &str) -> String {
    let found = between(&page.text, &format!("{text}</th><td class=\"number\">"), "<");
    found.unwrap_or_else(|| panic!("{text}: {}", page.text)).to_owned()
}

#[test]
fn a_file_is_tried_attested_and_imported() {
    on_both(|relay| {
        relay.must(&["refuse", "petr@posta.example", "--controller", "kavarna"]);
        let mut admin = Browser::first(relay);
        let page = admin.get("/import?controller=kavarna");
        assert!(page.text.contains("Nothing was imported yet") && page.text.contains("16 MB"));
        let own = ("origin", "own");
        let page = import(&mut admin, ("lide.csv", FILE), &[own, ("step", "try")]);
        assert!(page.text.contains("Tried; nothing was written"), "{}", page.text);
        for (text, count) in [
            ("Lines", "3"),
            ("Consents", "1"),
            ("Refused before: left alone", "1"),
            ("Not taken", "1"),
        ] {
            assert_eq!(figure(&page, text), count, "{text}");
        }
        assert!(page.text.contains("<td class=\"number\">3</td>"), "the line that is none");
        assert!(
            page.text.contains("email,consentdate") && page.text.contains("By attesting an import")
        );
        let rejected = import(&mut admin, ("lide.csv", FILE), &[own, ("step", "rejected")]);
        let line = FILE.lines().nth(2).unwrap();
        assert!(rejected.text.starts_with("3,") && rejected.text.contains(line), "{rejected:?}");
        assert_eq!((rejected.text.lines().count(), rejected.status), (1, 200));
        assert!(sent(relay, JANA).starts_with("550 "), "nothing was written");
        let digest = between(&page.text, "name=\"digest\" value=\"", "\"").unwrap().to_owned();
        let write = [own, ("step", "write"), ("digest", digest.as_str())];
        let page = import(&mut admin, ("lide.csv", FILE), &write);
        assert!(page.text.contains("Read the declaration and confirm it"), "{}", page.text);
        let more = format!("{FILE}eva@posta.example,2026-09-02\n");
        let attested = [&write[..], &[("attest", "yes")]].concat();
        let page = import(&mut admin, ("lide.csv", &more), &attested);
        assert!(page.text.contains("This is not the file that was tried"), "{}", page.text);
        let page = import(&mut admin, ("lide.csv", FILE), &attested);
        assert!(page.text.contains("<h2>Imported</h2>"), "{}", page.text);
        assert_eq!(figure(&page, "Consents"), "1");
        assert!(page.text.contains("lide.csv") && page.text.contains("export z e-shopu"));
        assert!(sent(relay, JANA).starts_with("250 "));
        let past = relay.must(&["import", "--past", "--controller", "kavarna"]);
        assert!(past.contains("lide.csv") && past.contains("admin"), "{past}");
        let trail = admin.get("/audit").text;
        assert!(trail.contains("import tried") && trail.contains("contacts imported"));
        assert!(!trail.contains("posta.example"));
        let left = std::fs::read_dir(std::env::temp_dir()).unwrap().flatten();
        let left = left.filter(|entry| entry.path().join("lide.csv").exists());
        assert_eq!(left.count(), 0, "no file stays behind");
    });
}

#[test]
fn addresses_of_another_origin_and_odd_files_are_not_imported() {
    on_both(|relay| {
        let mut admin = Browser::first(relay);
        let try_it = ("step", "try");
        for (file, fields, said) in [
            (FILE, &[("origin", "purchased"), try_it][..], "may not be imported"),
            (FILE, &[("origin", "own"), ("lists", "vip"), try_it], "LIST=PURPOSE"),
            ("name\nJana\n", &[("origin", "own"), try_it], "No column holds an address"),
            (FILE, &[("origin", "own"), ("only", "ano"), try_it], "There is no column “ano”"),
        ] {
            let page = import(&mut admin, ("odd.csv", file), fields);
            assert_eq!(page.status, 422, "{said}");
            assert!(page.text.contains(said), "{said}: {}", page.text);
        }
        assert!(sent(relay, JANA).starts_with("550 "));
        for (name, role, status) in
            [("r", "reviewer", 403), ("a", "auditor", 403), ("b", "dpo:pekarna", 404)]
        {
            let mut browser = Browser::with_roles(relay, name, &[role]);
            browser.get("/own");
            assert_eq!(browser.get("/import?controller=kavarna").status, status, "{role}");
            browser.get("/own");
            let own = [("controller", "kavarna")];
            assert_eq!(browser.post_as_is("/import", &own).status, status, "{role}");
        }
    });
}
