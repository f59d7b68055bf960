//! The relay's own letters to people and the pages that they lead to, from outside: the real binary
//! on both databases, links made with its secret, letters captured where a mailbox would be.

use jiff::Timestamp;
use outside::{
    api::Client,
    postgres::Database,
    souhlas::{Setup, Souhlas, wait},
    submit::{get, post, submit},
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
[stream.kurzy]
controller = "kavarna"
purpose = "novinky"
topic = "kurzy"
class = "commercial"
[stream.kurzy.match]
from = ["kurzy@kavarna.example"]
[stream.zrnka]
controller = "kavarna"
purpose = "novinky"
topic = "zrnka"
class = "commercial"
[stream.zrnka.match]
from = ["zrnka@kavarna.example"]
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

/// A newsletter from this address of the café's.
fn news(relay: &Souhlas, from: &str, to: &str) -> String {
    let text = format!(
        "From: Kavarna <{from}@kavarna.example>\r\nTo: {to}\r\nSubject: Nova kava\r\n\
         Date: Mon, 02 Nov 2026 08:00:00 +0100\r\nMessage-ID: <{from}@kavarna.example>\r\n\
         MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\
         Mame novou kavu z Etiopie.\r\n"
    );
    submit(relay.smtp, &format!("{from}@kavarna.example"), to, &text)
}

/// Two topics, and two people who agreed to the purpose that has them.
fn two_topics(relay: &Souhlas) {
    let streams = relay.said().matches("a stream's topic is none of its purpose's").count();
    assert_eq!(streams, 2, "before the purpose has them: {}", relay.said());
    let set = ["purpose", "topics", "novinky", "--controller", "kavarna"];
    let one = relay.command(&[&set[..], &["--topic", "kurzy=Kurzy"]].concat());
    let told = String::from_utf8(one.stderr).unwrap();
    assert!(told.contains("stream `zrnka`: purpose `novinky` has no topic `zrnka`"), "{told}");
    relay.must(&[&set[..], &["--topic", "kurzy=Kurzy", "--topic", "zrnka=Zrnková káva"]].concat());
    for who in ["jana@posta.example", "petr@posta.example"] {
        let how = ["--controller", "kavarna", "--purpose", "novinky", "--evidence", "formulář"];
        relay.must(&[&["grant", who][..], &how].concat());
    }
}

#[test]
fn whoever_unticks_a_topic_gets_the_others() {
    on_both(|relay| {
        two_topics(relay);
        let (jana, petr) = ("jana@posta.example", "petr@posta.example");
        for from in ["kurzy", "zrnka", "novinky"] {
            let reply = news(relay, from, jana);
            assert!(reply.starts_with("250 "), "all topics until she picks: {from} {reply}");
        }
        let path = link(relay, "kavarna", jana, &LinkKind::Preferences);
        let page = get(relay.web, &path);
        assert!(
            page.contains("Zrnková káva") && page.contains("novinky/kurzy\" checked"),
            "{page}"
        );
        let saved = post(
            relay.web,
            &path,
            "what=keep&shown=novinky&keep=novinky&topic-shown=novinky/kurzy\
             &topic-shown=novinky/zrnka&topic=novinky/zrnka",
        );
        assert!(!saved.contains("novinky/kurzy\" checked"), "{saved}");
        let reply = news(relay, "kurzy", jana);
        assert!(reply.starts_with("550 5.7.1 topic-not-chosen: "), "{reply}");
        for (from, to) in [("zrnka", jana), ("novinky", jana), ("kurzy", petr)] {
            let reply = news(relay, from, to);
            assert!(reply.starts_with("250 "), "{from} {to}: {reply}");
        }
        assert_eq!(relay.wait_for_captured(6).len(), 6);
        let shown = relay.must(&["contact", "show", jana, "--controller", "kavarna"]);
        assert!(shown.contains("zrnka") && shown.contains("preferences"), "{shown}");
        for (lang, topics) in
            [("cs", "Témata"), ("sk", "Témy"), ("en", "Topics"), ("de", "Themen"), ("pl", "Tematy")]
        {
            let copy = ["contact", "export", jana, "--controller", "kavarna", "--format", "html"];
            let copy = relay.must(&[&copy[..], &["--language", lang]].concat());
            assert!(copy.contains(topics) && copy.contains("Zrnková káva"), "{lang}: {copy}");
        }
        let listed = relay.must(&["purpose", "list"]);
        assert!(listed.contains("kurzy, zrnka"), "{listed}");
        let prefer = ["contact", "prefer", jana, "--controller", "kavarna"];
        relay.must(&[&prefer[..], &["--purpose", "novinky", "--topics="]].concat());
        assert!(news(relay, "zrnka", jana).starts_with("550 5.7.1 topic-not-chosen: "));
        assert!(news(relay, "novinky", jana).starts_with("250 "), "it has no topic");
        let wrong = relay.command(&[&prefer[..], &["--purpose", "novinky", "--topics=x"]].concat());
        assert!(!wrong.status.success());
        assert!(relay.must(&["journal", "verify"]).contains("consent: whole"));
    });
}
