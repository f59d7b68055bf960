//! Where staff say that a message was taken for what it is not: from the decision to the file for tuning.

use outside::{
    console::{Browser, WITHOUT_FACTOR, on_both},
    souhlas::{POLICY, RECEIPTS, Setup, Souhlas, wait},
};
use serde_json::Value;

use crate::held::mismatch;

/// A relay with a held order.
fn start(setup: Setup) -> Souhlas {
    let policy = format!("{POLICY}{RECEIPTS}{OTHER}");
    let relay = Souhlas::start(&Setup { policy, ..setup }).unwrap();
    relay.add_purpose();
    relay.must(&["grant", JANA, "--purpose", "novinky", "--evidence", "form"]);
    mismatch(&relay, JANA);
    relay
}

/// The page of the one decision.
fn decision(browser: &mut Browser) -> String {
    let found = wait(|| {
        let page = browser.get("/decisions?view=each&what=held").text;
        let (_, rest) = page.split_once("href=\"/decisions/0")?;
        Some(format!("/decisions/0{}", rest.split('"').next()?))
    });
    found.expect("it is decided")
}

#[test]
fn a_mistake_is_said_on_the_decision_and_leaves_as_a_line() {
    on_both(|setup| {
        let relay = start(setup);
        let mut admin = Browser::first(&relay);
        assert!(admin.get("/mistakes").text.contains("Nobody has said so yet"));
        let page = decision(&mut admin);
        assert!(admin.get(&page).text.contains("Was this a mistake?"));
        let said = admin.post(&format!("{page}/mistake"), &[("class", "no-such-class")]);
        assert_eq!(said.status, 400);
        admin.get(&page);
        let said = admin.post(&format!("{page}/mistake"), &[("class", "transactional")]);
        assert!(said.text.contains("it stands under Mistakes"), "{}", said.text);
        let list = admin.get("/mistakes").text;
        for said in ["class-mismatch", "1 of 1", "pokladna", "discount", "admin"] {
            assert!(list.contains(said), "{said}: {list}");
        }
        let line: Value = serde_json::from_str(&admin.get("/mistakes/export").text).unwrap();
        assert_eq!((&line["took"], &line["is"]), (&"mixed".into(), &"transactional".into()));
        let source = line["source"].as_str().expect("its message is kept");
        assert!(source.len() > 100 && !line["signs"].to_string().contains("KAVA50"), "{line}");
        assert!(admin.get("/audit?act=mistake-noted").text.contains("transactional"));
        assert!(admin.get("/audit?act=mistakes-exported").text.contains("messages"));
        // Whoever is erased takes the message along.
        relay.must(&["contact", "erase", JANA, "--controller", "kavarna", "--how", "delete"]);
        let line: Value = serde_json::from_str(&admin.get("/mistakes/export").text).unwrap();
        assert_eq!(line["source"], Value::Null, "{line}");
    });
}

#[test]
fn nobody_says_it_of_what_is_anothers() {
    let setup = Setup { web: WITHOUT_FACTOR.into(), ..Setup::default() };
    let relay = start(setup);
    let mut admin = Browser::first(&relay);
    let page = decision(&mut admin);
    let mut auditor = Browser::with_roles(&relay, "jana", &["auditor"]);
    assert!(!auditor.get(&page).text.contains("Was this a mistake?"));
    assert_eq!(auditor.post_as_is(&format!("{page}/mistake"), &[]).status, 403);
    let mut other = Browser::with_roles(&relay, "petr", &["reviewer:jiny", "sender"]);
    other.get("/own");
    assert_eq!(other.post_as_is(&format!("{page}/mistake"), &[]).status, 404);
    admin.get(&page);
    admin.post(&format!("{page}/mistake"), &[]);
    assert!(admin.get("/mistakes").text.contains("the rule is wrong"));
    let mut part = Browser::with_roles(&relay, "eva", &["dpo:jiny"]);
    assert!(part.get("/mistakes").text.contains("Nobody has said so yet"));
    assert_eq!(part.get("/mistakes/export").text, "");
}

const OTHER: &str = r#"
[controller.jiny]
name = "Jiný obchod s.r.o."
country = "CZ"
domains = ["jiny.example"]
"#;
const JANA: &str = "jana@posta.example";
