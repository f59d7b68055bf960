//! The pages as people see them: in Chromium, on a phone and on a desk, light and dark, in every
//! language, by keyboard, without JavaScript; axe finds no fault (WCAG 2.2 AA) on any.
//!
//! Screenshots of all are in `target/screenshots`.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use jiff::{SignedDuration, Span, Timestamp, tz::TimeZone};
use outside::souhlas::{Setup, Souhlas};
use policy::{
    Address, Basis, LinkKind, Method, Purpose, Requires, Scope, Source, Stream, Validity,
};
use relay::{
    config::Business,
    consent::{
        Consent, NewGrant, Proof, Who,
        link::Maker,
        pending::{Agreed, Asked, Bounds, Collected},
    },
    db::Db,
    seal::Secret,
};
use serde_json::{Value, json};
use uuid::Uuid;

fn policy(lang: &str) -> String {
    format!(
        r#"
[controller.shop]
name = "Zahrada Pod Strání s.r.o."
company-id = "99900017"
seat = "Ke Stráni 14, 190 00 Praha 9"
register = "zapsaná v obchodním rejstříku vedeném Městským soudem v Praze, oddíl C, vložka 99817"
country = "CZ"
language = "{lang}"
domains = ["zahrada.example"]
contact = "info@zahrada.example"
privacy-url = "https://www.zahrada.example/osobni-udaje"

[stream.news]
controller = "shop"
purpose = "news"
class = "commercial"
[stream.news.match]
from = ["news@zahrada.example"]

[form.odber]
controller = "shop"
purpose = "news"
embed-from = ["https://www.zahrada.example"]
[[form.odber.box]]
purpose = "catalogue"
[[form.odber.box]]
purpose = "events"
"#
    )
}

/// The relay with people on record, and what makes links for them.
struct Site {
    relay: Souhlas,
    lang: &'static str,
    secret: Secret,
    consent: Consent,
    db: Db,
    stream: Stream,
}

impl Site {
    async fn open(lang: &'static str) -> Self {
        let policy = policy(lang);
        let stream = Business::read("policy.toml", &policy).unwrap().stream("news").unwrap().clone();
        let relay = Souhlas::start(&Setup { policy, ..Setup::default() }).unwrap();
        let (secret, _) = Secret::open_or_create(&relay.path("data/secret.key")).unwrap();
        let url = format!("sqlite:{}", relay.path("data/souhlas.db").display());
        let db = Db::open(&url).await.unwrap();
        let consent = Consent::new(db.clone(), secret.clone(), "test");
        for (id, name) in [
            ("news", "Novinky ze zahrady"),
            ("catalogue", "Jarní a podzimní katalog rostlin, semen a nářadí"),
            ("events", "Pozvánky na kurzy"),
        ] {
            let validity = Validity::Fixed(Span::new().years(3));
            let requires = Requires { double_opt_in: true, age_declared: true, once: false };
            let purpose = Purpose::new("shop", id, name, Basis::Consent, validity);
            let purpose = Purpose { requires, ..purpose };
            consent.purpose_add(Timestamp::now(), &purpose).await.unwrap();
        }
        Self { relay, lang, secret, consent, db, stream: (*stream).clone() }
    }

    fn who(&self, to: &str) -> Who {
        Who::address("shop", Address::parse(to).unwrap())
    }

    /// Somebody with two consents and a link of this kind.
    async fn member(&self, to: &str, kind: &LinkKind, at: Timestamp) -> String {
        for purpose in ["news", "catalogue"] {
            let grant = NewGrant {
                purpose: purpose.into(),
                from: at,
                until: None,
                method: Method::DoubleOptIn,
                source: Source::Own,
                confirmed_at: Some(at),
                age_declared: true,
                lifts_refusal: false,
            };
            let zone = TimeZone::UTC;
            self.consent.grant(at, &zone, &self.who(to), &grant, &proof(at)).await.unwrap();
        }
        let key = self.secret.address_key("shop", &Address::parse(to).unwrap());
        let maker = Maker::new("", self.secret.clone());
        maker.link(kind, &self.stream, key, Uuid::now_v7(), at)
    }

    /// The link in the letter that a form sent at that time.
    async fn asked(&self, to: &str, at: Timestamp) -> String {
        let agreed = |(purpose, wording): (&str, &str)| Agreed {
            purpose: purpose.into(),
            wording: wording.into(),
        };
        let wordings = [
            ("news", "Chci dostávat novinky ze Zahrady Pod Strání, nejvýš dvakrát za měsíc."),
            ("catalogue", "Chci dostávat katalog."),
        ];
        let collected = Collected {
            form: "odber".into(),
            address: to.into(),
            at,
            ip: "192.0.2.1".into(),
            user_agent: String::new(),
            page: None,
            language: self.lang.into(),
            agreed: wordings.map(agreed).to_vec(),
            of_age: Some(16),
            privacy_url: None,
            notice: String::new(),
            letter: String::new(),
        };
        let bounds = Bounds {
            confirm_within: SignedDuration::from_hours(24),
            again_after: SignedDuration::from_hours(1),
            letters_per_hour: 100,
        };
        let address = Address::parse(to).unwrap();
        let asked = self.consent.ask(at, "shop", &address, &collected, bounds).await.unwrap();
        let Asked::Send(ticket) = asked else { panic!("{asked:?}") };
        format!("/c/{}", ticket.seal(&self.secret))
    }

    /// Every page in every state.
    async fn scenes(&self) -> Vec<Value> {
        let now = Timestamp::now();
        let long_ago = now - SignedDuration::from_hours(24 * 800);
        let all = self.lang == "cs";
        let mut scenes = Vec::new();
        let mut scene = |name: &str, steps: Value| {
            let name = format!("{}-{name}", self.lang);
            scenes.push(json!({ "name": name, "all": all, "steps": steps }));
        };
        let form = json!(["open", "/f/odber"]);
        let fill = |text: &str| json!(["fill", "#address", text]);
        let send = json!(["press", "main button"]);
        let (age, first) = (json!(["check", "#age"]), json!(["check", "[name=box]"]));
        scene("form", json!([form]));
        scene("form-wrong", json!([form, fill("jana"), first, send]));
        scene("form-typo", json!([form, fill("jana@gmial.com"), age, send]));
        scene("form-slip", json!([form, fill("jana@gmail,com"), age, send]));
        scene("form-sent", json!([form, fill("jana@posta.example"), age, send]));
        let unsubscribe = &LinkKind::Unsubscribe;
        let link = self.member("a@posta.example", unsubscribe, now).await;
        scene("unsubscribe", json!([["open", link]]));
        let one = json!(["check", "[value=purpose]"]);
        scene("unsubscribed-one", json!([["open", link], one, send]));
        scene("unsubscribed-all", json!([["open", link], ["check", "[value=everything]"], send]));
        let preferences = &LinkKind::Preferences;
        let link = self.member("b@posta.example", preferences, now).await;
        scene("preferences", json!([["open", link]]));
        scene("preferences-saved", json!([["open", link], ["press", "[value=keep][type=submit]"]]));
        let link = self.member("c@posta.example", preferences, now).await;
        scene("preferences-none", json!([["open", link], ["press", "[value=nothing]"]]));
        scene("objected", json!([["open", link], ["press", "[value=object]"]]));
        let renew = &LinkKind::Renew { purpose: "news".into() };
        let link = self.member("d@posta.example", renew, now).await;
        scene("renew", json!([["open", link]]));
        scene("renewed", json!([["open", link], send]));
        let link = self.member("d@posta.example", renew, long_ago).await;
        scene("expired", json!([["open", link]]));
        let link = self.asked("e@posta.example", now).await;
        scene("confirm", json!([["open", link]]));
        scene("confirmed", json!([["open", link], send]));
        scene("confirmed-again", json!([["open", link], ["open", link]]));
        let no = self.who("f@posta.example");
        self.consent.refuse(now, &no, &Scope::Everything, &proof(now)).await.unwrap();
        let link = self.asked("f@posta.example", now).await;
        scene("confirm-after-refusal", json!([["open", link]]));
        let link = self.asked("g@posta.example", long_ago).await;
        scene("gone", json!([["open", link]]));
        scene("forged", json!([["open", "/u/abc"]]));
        scenes.extend(self.without_javascript(now).await);
        scenes
    }

    async fn without_javascript(&self, now: Timestamp) -> Vec<Value> {
        if self.lang != "cs" {
            return Vec::new();
        }
        let send = json!(["press", "main button"]);
        let unsubscribe = self.member("x@posta.example", &LinkKind::Unsubscribe, now).await;
        let preferences = self.member("y@posta.example", &LinkKind::Preferences, now).await;
        let confirm = self.asked("z@posta.example", now).await;
        let (age, address) = (["check", "#age"], ["fill", "#address", "petr@posta.example"]);
        let form = json!([["open", "/f/odber"], address, age, send]);
        let lean = |title: &str, steps: Value| json!({ "name": title, "title": title, "steps": steps });
        vec![
            lean("Podívejte se do e-mailu", form),
            lean("Děkujeme", json!([["open", confirm], send])),
            lean("Odhlášeno", json!([["open", unsubscribe], send])),
            lean("Co chci dostávat", json!([["open", preferences], ["press", "[value=object]"]])),
        ]
    }
}

fn proof(at: Timestamp) -> Proof {
    Proof { actor: "test".into(), at, evidence: Value::Null }
}

fn look(lang: &'static str) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let site = runtime.block_on(Site::open(lang));
    let scenes = runtime.block_on(site.scenes());
    let least = scenes.len() * 2 - 8;
    runtime.block_on(site.db.close());
    let tools = concat!(env!("CARGO_MANIFEST_DIR"), "/tools");
    let shots = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/screenshots");
    let base = format!("http://{}", site.relay.web);
    let ask = json!({ "base": base, "shots": shots, "scenes": scenes }).to_string();
    let mut node = Command::new("node")
        .arg("look_at_pages.mjs")
        .current_dir(tools)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Node.js is there: tests/run installs it");
    node.stdin.take().unwrap().write_all(ask.as_bytes()).unwrap();
    let output = node.wait_with_output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let (faults, looked) = said.trim_end().rsplit_once('\n').unwrap_or(("", said.trim_end()));
    assert!(output.status.success() && faults.is_empty(), "\n{said}\n{}", site.relay.said());
    let times = looked.strip_prefix("looked ").and_then(|rest| rest.strip_suffix(" times"));
    assert!(times.unwrap().parse::<usize>().unwrap() >= least, "{looked}");
}

#[test]
fn czech_pages_have_no_fault() {
    look("cs");
}

#[test]
fn slovak_pages_have_no_fault() {
    look("sk");
}

#[test]
fn english_pages_have_no_fault() {
    look("en");
}

#[test]
fn german_pages_have_no_fault() {
    look("de");
}

#[test]
fn polish_pages_have_no_fault() {
    look("pl");
}
