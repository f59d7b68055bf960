//! The relay's own letters to people and the pages that they lead to, from outside: the real binary
//! on both databases, links made with its secret, letters captured where a mailbox would be.

use jiff::Timestamp;
use outside::{
    api::Client,
    postgres::Database,
    souhlas::{Setup, Souhlas, wait},
    submit::post,
};
use policy::{Address, LinkKind};
use relay::{config::Business, consent::link::Maker, seal::Secret};
use serde_json::json;
use uuid::Uuid;

/// A Slovak and a Czech controller: the first one's law wants refusals confirmed.
const POLICY: &str = r#"
[controller.hory]
name = "Horský obchod, s. r. o."
company-id = "99901145"
seat = "Lipová 7, 010 01 Žilina"
register = "zapísaná v Obchodnom registri Okresného súdu Žilina, oddiel Sro, vložka č. 99123/L"
contact = "info@hory.example"
country = "SK"
domains = ["hory.example"]
privacy-url = "https://www.hory.example/ochrana-udajov"
[stream.hory]
controller = "hory"
purpose = "novinky"
class = "commercial"
[stream.hory.match]
from = ["novinky@hory.example"]
[hook.mailchimp]
controller = "hory"
kind = "mailchimp"

[controller.kavarna]
name = "Kavárna Pod Lípou s.r.o."
company-id = "99900017"
seat = "Lipová 12, 602 00 Brno"
register = "zapsaná v obchodním rejstříku vedeném Krajským soudem v Brně, oddíl C, vložka 99817"
country = "CZ"
domains = ["kavarna.example"]
[stream.kavarna]
controller = "kavarna"
purpose = "novinky"
class = "commercial"
[stream.kavarna.match]
from = ["novinky@kavarna.example"]
"#;

const URL: &str = "https://odhlasit.kavarna.cz";

fn start(database: Option<&Database>) -> Souhlas {
    let mut setup = Setup { policy: POLICY.into(), ..Setup::default() };
    if let Some(database) = database {
        setup.database.clone_from(&database.url);
    }
    let relay = Souhlas::start(&setup).unwrap();
    for controller in ["hory", "kavarna"] {
        let what = ["purpose", "add", "novinky", "--controller", controller];
        relay.must(
            &[&what[..], &["--name", "Novinky", "--basis", "consent", "--duration", "3 years"]]
                .concat(),
        );
    }
    relay
}

fn on_both(test: impl Fn(&Souhlas)) {
    test(&start(None));
    let database = Database::create();
    test(&start(Some(&database)));
}

/// The path of a link as a message of the stream would have it.
fn link(relay: &Souhlas, stream: &str, to: &str, kind: &LinkKind) -> String {
    let (secret, _) = Secret::open_or_create(&relay.path("data/secret.key")).unwrap();
    let business = Business::read("policy.toml", POLICY).unwrap();
    let stream = business.stream(stream).unwrap();
    let key = secret.address_key(&stream.controller.id, &Address::parse(to).unwrap());
    let link = Maker::new(URL, secret).link(kind, stream, key, Uuid::nil(), Timestamp::now());
    link.strip_prefix(URL).unwrap().to_owned()
}

/// Subject, text and HTML of a letter, decoded.
fn read(letter: &[u8]) -> (String, String, String) {
    let message = policy::Message::parse(letter.to_vec().into());
    let part = |at: usize| message.text(&message.parts()[at]).unwrap().to_string();
    (message.subject().to_owned(), part(1), part(2))
}

#[test]
fn a_refusal_is_confirmed_once_where_the_law_of_the_controller_asks_for_it() {
    on_both(|relay| {
        let jana = "jana@posta.example";
        for controller in ["hory", "kavarna"] {
            let how =
                ["--controller", controller, "--purpose", "novinky", "--evidence", "formulář"];
            relay.must(&[&["grant", jana][..], &how].concat());
        }
        // Of whom only the key is known nobody can be told.
        let unknown = link(relay, "hory", "nikdo@posta.example", &LinkKind::Unsubscribe);
        assert!(post(relay.web, &unknown, "").starts_with("HTTP/1.1 200"));
        let czech = link(relay, "kavarna", jana, &LinkKind::Unsubscribe);
        assert!(post(relay.web, &czech, "").starts_with("HTTP/1.1 200"));
        let slovak = link(relay, "hory", jana, &LinkKind::Unsubscribe);
        for body in ["scope=purpose", "scope=purpose"] {
            assert!(post(relay.web, &slovak, body).starts_with("HTTP/1.1 200"));
        }
        relay.wait_for_captured(1);
        for body in ["List-Unsubscribe=One-Click", "List-Unsubscribe=One-Click"] {
            assert!(post(relay.web, &slovak, body).starts_with("HTTP/1.1 200"));
        }
        let letters = relay.wait_for_captured(2);
        let (subject, text, html) = read(&letters[0]);
        assert_eq!(subject, "Potvrdenie odhlásenia");
        for words in
            ["prijali vaše odmietnutie", "„Novinky“", "Horský obchod, s. r. o.", "99901145"]
        {
            assert!(text.contains(words) && html.contains(words), "{words}: {text}\n{html}");
        }
        let (_, text, _) = read(&letters[1]);
        assert!(text.contains("Žiadne ďalšie reklamné správy"), "{text}");
        for letter in &letters {
            let letter = String::from_utf8_lossy(letter);
            assert!(letter.contains("\r\nAuto-Submitted: auto-generated\r\n"), "{letter}");
            assert!(letter.contains("<info@hory.example>\r\n"), "{letter}");
            assert!(letter.contains("\r\nTo: <jana@posta.example>\r\n"), "{letter}");
        }
        let told = || relay.must(&["journal", "list", "--kind", "reported"]);
        assert_eq!(wait(|| Some(told())).unwrap().matches("reported").count(), 2);
        assert_eq!(relay.captured().len(), 2, "one for each refusal");
    });
}

/// A command, a tool by the API, and a tool that reports: nobody clicked on a page.
#[test]
fn a_refusal_that_came_another_way_is_confirmed_too() {
    on_both(|relay| {
        relay.must(&["refuse", "cli@posta.example", "--controller", "hory"]);
        let api = Client::of(relay, "hory", &["contacts:write"]);
        let answer = api.post("/v1/refusals", &json!({ "address": "api@posta.example" }));
        assert_eq!(answer.status, 201, "{}", answer.text);
        let hooks = relay.must(&["hook", "list"]);
        let hook = hooks.split_whitespace().find_map(|word| word.strip_prefix(URL)).unwrap();
        let form = "type=unsubscribe&data%5Bemail%5D=hook%40posta.example";
        let answer = post(relay.web, hook, form);
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        relay.must(&["refuse", "cesko@posta.example", "--controller", "kavarna"]);
        let letters = relay.wait_for_captured(3);
        let mut to: Vec<String> = letters
            .iter()
            .map(|letter| {
                let letter = String::from_utf8_lossy(letter).into_owned();
                letter.split("\r\nTo: <").nth(1).unwrap().split('@').next().unwrap().to_owned()
            })
            .collect();
        to.sort();
        assert_eq!(to, ["api", "cli", "hook"]);
    });
}
