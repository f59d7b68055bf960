//! The overview: its figures are what was sent, for those who may see them.

use outside::{
    api::{Answer, ask},
    console::{Browser, WITHOUT_FACTOR, between},
    postgres::Database,
    souhlas::{POLICY, Setup, Souhlas, wait},
    submit::submit,
};
use serde_json::Value;

use crate::decisions::{NEWS, PETR, grant, send};

/// A second controller with a stream of its own.
pub(crate) const OTHER: &str = r#"
[controller.zahrada]
name = "Zahrada s.r.o."
company-id = "99900025"
seat = "Polní 1, 602 00 Brno"
register = "zapsaná v obchodním rejstříku vedeném Krajským soudem v Brně, oddíl C, vložka 99818"
country = "CZ"
domains = ["zahrada.example"]

[stream.semena]
controller = "zahrada"
purpose = "semena"
class = "commercial"
[stream.semena.match]
from = ["semena@kavarna.example"]
"#;

const HOOK: &str = "[hook.listmonk]\ncontroller = \"kavarna\"\nkind = \"listmonk\"\n";

/// One message of the second controller, to whom nobody agreed.
fn send_other(relay: &Souhlas) {
    let message = NEWS.replace("Kavarna <novinky@", "Zahrada <semena@");
    let said = submit(relay.smtp, "posta@kavarna.example", PETR, &message);
    assert!(said.starts_with("550 5.7.1"), "{said}");
}

/// The table as it is taken away.
fn table(browser: &mut Browser, name: &str, more: &str) -> Vec<Value> {
    let file = browser.get(&format!("/reports?table={name}&format=json{more}"));
    let Value::Array(lines) = file.json() else { panic!("{}", file.text) };
    lines
}

/// The numbers at the top of the page.
fn sums(page: &Answer) -> Vec<String> {
    let list = between(&page.text, "<ul class=\"sums\"", "</ul>").expect("sums");
    let each = list.split("<strong class=\"number\">").skip(1);
    each.filter_map(|rest| Some(rest.split('<').next()?.to_owned())).collect()
}

#[test]
fn figures_are_what_was_sent() {
    let postgres = Database::create();
    for database in [&Setup::default().database, &postgres.url] {
        let relay = Souhlas::start(&Setup {
            web: WITHOUT_FACTOR.into(),
            database: database.clone(),
            policy: [POLICY, OTHER, HOOK].concat(),
            ..Setup::default()
        });
        let relay = relay.unwrap();
        relay.add_purpose();
        grant(&relay);
        send(&relay);
        send_other(&relay);
        relay.wait_for_captured(1);
        let mut admin = Browser::first(&relay);
        let all = || (sums(&admin.get("/")) == ["3", "3", "4", "1"]).then_some(());
        wait(all).expect("all is counted");
        let delivered = |admin: &mut Browser| table(admin, "outcomes", "")[0]["delivered"] == 1;
        wait(|| delivered(&mut admin).then_some(())).expect("one left");

        let rules = table(&mut admin, "rules", "");
        assert_eq!(rules[0]["rule"], "consent-missing");
        assert_eq!((&rules[0]["blocked"], &rules[0]["refused"]), (&3.into(), &3.into()));
        let streams = table(&mut admin, "streams", "&days=7");
        let named = |name: &str| streams.iter().find(|line| line["stream"] == name).unwrap();
        assert_eq!(
            (&named("novinky")["decided"], &named("semena")["blocked"]),
            (&3.into(), &1.into())
        );
        let days = table(&mut admin, "days", "&days=90");
        assert_eq!((days.len(), &days[89]["decided"]), (90, &4.into()));
        let consent = table(&mut admin, "consent", "&controller=kavarna");
        assert_eq!((&consent[0]["contacts"], &consent[0]["valid"]), (&1.into(), &1.into()));
        assert_eq!(
            (&consent[1]["purpose"], &consent[1]["ends_90"]),
            (&"novinky".into(), &0.into())
        );
        let page = admin.get("/");
        for said in ["Blocked by rule", "class=\"chart\"", "1 of 1 contacts (100.00 %)"] {
            assert!(page.text.contains(said), "{said}: {}", page.text);
        }
        let csv = admin.get("/reports?table=logins&format=csv").text;
        assert!(csv.starts_with("login,decided,blocked,"), "{csv}");
        assert!(csv.contains("\r\nlocal,4,3,3,0,0,1,0"), "{csv}");
        assert_eq!(admin.get("/reports?table=nothing").status, 404);
        let complaint = r#"{ "email": "zdenka@posta.example", "type": "complaint" }"#;
        let json = [("content-type", "application/json")];
        let said = ask(relay.web, "POST", &relay.hook_path("listmonk"), &json, complaint);
        assert_eq!(said.status, 200, "{}", said.text);
        assert_eq!(table(&mut admin, "outcomes", "")[0]["complaints"], 1);
        let trail = admin.get("/audit?act=report-exported");
        assert!(trail.text.contains("figures exported"));
    }
}

#[test]
fn another_controllers_figures_are_not_in_mine() {
    let policy = [POLICY, OTHER].concat();
    let setup = Setup { web: WITHOUT_FACTOR.into(), policy, ..Setup::default() };
    let relay = Souhlas::start(&setup).unwrap();
    relay.add_purpose();
    grant(&relay);
    send(&relay);
    send_other(&relay);
    let mut own = Browser::with_roles(&relay, "jana", &["reviewer:zahrada"]);
    wait(|| (sums(&own.get("/")) == ["1", "1", "1", "0"]).then_some(())).expect("one alone");
    let page = own.get("/");
    assert!(page.text.contains("Zahrada") && !page.text.contains("Kavárna Pod"), "{}", page.text);
    assert_eq!(sums(&own.get("/?controller=kavarna")), ["0", "0", "0", "0"]);
    assert!(table(&mut own, "consent", "&controller=kavarna").is_empty());
    let streams = table(&mut own, "streams", "");
    assert!(streams.iter().all(|line| line["stream"] == "semena"), "{streams:?}");

    let said = relay.must(&["account", "add", "shop", "--role", "sender", "--login", "other"]);
    let link = said.lines().find_map(|line| line.strip_prefix("link: ")).unwrap();
    let mut sender = Browser::new(&relay);
    sender.follow_link(link, &[]);
    let page = sender.get("/");
    assert_eq!(sums(&page), ["0", "0", "0", "0"]);
    assert!(!page.text.contains("Work of staff"), "{}", page.text);
    assert_eq!(sender.get("/reports?table=rules").status, 403);
}
