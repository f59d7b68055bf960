//! The pages as people see them: in Chromium, on a phone and on a desk, light and dark, in every
//! language, by keyboard, without JavaScript; axe finds no fault (WCAG 2.2 AA) on any.
//!
//! Screenshots of all are in `target/screenshots`.

use jiff::{SignedDuration, Span, Timestamp, tz::TimeZone};
use outside::{
    browser::look,
    souhlas::{Setup, Souhlas},
};
use policy::{
    Address, Basis, LinkKind, Method, Purpose, Requires, Scope, Source, Stream, Topic, Validity,
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

const POLICY: &str = r#"
[controller.shop]
name = "Zahrada Pod Strání s.r.o."
company-id = "99900017"
seat = "Ke Stráni 14, 190 00 Praha 9"
register = "zapsaná v obchodním rejstříku vedeném Městským soudem v Praze, oddíl C, vložka 99817"
country = "CZ"
language = "cs"
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
"#;

/// The relay with people on record, and what makes links for them.
struct Site {
    relay: Souhlas,
    secret: Secret,
    consent: Consent,
    db: Db,
    stream: Stream,
}

impl Site {
    async fn open() -> Self {
        let stream = Business::read("policy.toml", POLICY).unwrap().stream("news").unwrap().clone();
        let relay = Souhlas::start(&Setup { policy: POLICY.into(), ..Setup::default() }).unwrap();
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
            let purpose = Purpose { requires, topics: topics(id), ..purpose };
            consent.purpose_add(Timestamp::now(), &purpose, "test").await.unwrap();
        }
        let validity = Validity::Fixed(Span::new().years(3));
        let bills = Purpose::new("shop", "bills", "Faktury", Basis::Contract, validity);
        consent.purpose_add(Timestamp::now(), &bills, "test").await.unwrap();
        Self { relay, secret, consent, db, stream: (*stream).clone() }
    }

    fn who(&self, to: &str) -> Who {
        Who::address("shop", Address::parse(to).unwrap())
    }

    /// Somebody with a contract, two consents and a link of this kind.
    async fn member(&self, to: &str, kind: &LinkKind, at: Timestamp) -> String {
        for purpose in ["bills", "news", "catalogue"] {
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
    async fn asked(&self, to: &str, lang: &str, at: Timestamp) -> String {
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
            language: lang.into(),
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

    /// Every page in every state, in one language.
    async fn scenes(&self, lang: &str) -> Vec<Value> {
        let now = Timestamp::now();
        let long_ago = now - SignedDuration::from_hours(24 * 800);
        let mut scenes = Vec::new();
        let mut scene = |name: &str, steps: Value| {
            let name = format!("{lang}-{name}");
            scenes.push(json!({ "name": name, "all": lang == "cs", "steps": steps }));
        };
        let open = |path: &str| json!(["open", format!("{path}?lang={lang}")]);
        let to = |person: &str| format!("{person}-{lang}@posta.example");
        let (form, send) = (open("/f/odber"), json!(["press", "main button"]));
        let fill = |text: &str| json!(["fill", "#address", text]);
        let (age, first) = (json!(["check", "#age"]), json!(["check", "[name=box]"]));
        scene("form", json!([form]));
        scene("form-wrong", json!([form, fill("jana"), first, send]));
        scene("form-typo", json!([form, fill("jana@gmial.com"), age, send]));
        scene("form-slip", json!([form, fill("jana@gmail,com"), age, send]));
        scene("form-sent", json!([form, fill(&to("jana")), age, send]));
        let link = open(&self.member(&to("a"), &LinkKind::Unsubscribe, now).await);
        scene("unsubscribe", json!([link]));
        scene("unsubscribed-one", json!([link, ["check", "[value=purpose]"], send]));
        scene("unsubscribed-all", json!([link, ["check", "[value=everything]"], send]));
        let link = open(&self.member(&to("b"), &LinkKind::Preferences, now).await);
        scene("preferences", json!([link]));
        scene("preferences-saved", json!([link, ["press", "[value=keep][type=submit]"]]));
        let link = open(&self.member(&to("j"), &LinkKind::Preferences, now).await);
        let (untick, save) = (
            ["press", "[value='news/tools'][type=checkbox]"],
            ["press", "[value=keep][type=submit]"],
        );
        scene("preferences-topics", json!([link, untick, save]));
        let link = open(&self.member(&to("c"), &LinkKind::Preferences, now).await);
        scene("preferences-none", json!([link, ["press", "[value=nothing]"]]));
        scene("objected", json!([link, ["press", "[value=object]"]]));
        let renew = &LinkKind::Renew { purpose: "news".into() };
        let link = open(&self.member(&to("d"), renew, now).await);
        scene("renew", json!([link]));
        scene("renewed", json!([link, send]));
        scene("expired", json!([open(&self.member(&to("e"), renew, long_ago).await)]));
        let other = &LinkKind::Confirm { purpose: "events".into() };
        let link = open(&self.member(&to("i"), other, now).await);
        scene("confirm-age-wrong", json!([link, send]));
        scene("confirm-age", json!([link]));
        let link = open(&self.asked(&to("f"), lang, now).await);
        scene("confirm", json!([link]));
        scene("confirmed", json!([link, send]));
        scene("confirmed-again", json!([link]));
        let no = self.who(&to("g"));
        self.consent.refuse(now, &no, &Scope::Everything, &proof(now)).await.unwrap();
        let link = open(&self.asked(&to("g"), lang, now).await);
        scene("confirm-after-refusal", json!([link]));
        scene("gone", json!([open(&self.asked(&to("h"), lang, long_ago).await)]));
        scene("forged", json!([open("/u/abc")]));
        scenes
    }

    async fn without_javascript(&self) -> Vec<Value> {
        let now = Timestamp::now();
        let send = json!(["press", "main button"]);
        let unsubscribe = self.member("x@posta.example", &LinkKind::Unsubscribe, now).await;
        let preferences = self.member("y@posta.example", &LinkKind::Preferences, now).await;
        let confirm = self.asked("z@posta.example", "cs", now).await;
        let address = ["fill", "#address", "petr@posta.example"];
        let form = json!([["open", "/f/odber"], address, ["check", "#age"], send]);
        let end =
            |title: &str, steps: Value| json!({ "name": title, "title": title, "steps": steps });
        vec![
            end("Podívejte se do e-mailu", form),
            end("Děkujeme", json!([["open", confirm], send])),
            end("Odhlášeno", json!([["open", unsubscribe], send])),
            end("Co chci dostávat", json!([["open", preferences], ["press", "[value=object]"]])),
        ]
    }
}

/// Of the one purpose that has some.
fn topics(purpose: &str) -> Vec<Topic> {
    let all = [
        ("seeds", "Semena a sazenice"),
        ("tools", "Nářadí, zahradní technika a všechno, co drží v ruce i ve svahu"),
        ("tips", "Rady na každý měsíc"),
    ];
    let topic = |(id, name): (&str, &str)| Topic { id: id.into(), name: name.into() };
    all.into_iter().filter(|_| purpose == "news").map(topic).collect()
}

fn proof(at: Timestamp) -> Proof {
    Proof { actor: "test".into(), at, evidence: Value::Null }
}

#[test]
fn every_page_is_for_everybody() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let site = runtime.block_on(Site::open());
    let groups = runtime.block_on(async {
        let mut groups = vec![site.without_javascript().await];
        for lang in ["cs", "sk", "en", "de", "pl"] {
            groups.push(site.scenes(lang).await);
        }
        groups
    });
    // Czech in four ways, the others in one.
    let looks: usize = groups.iter().skip(1).map(Vec::len).sum::<usize>() + 3 * groups[1].len();
    runtime.block_on(site.db.close());
    let said = look(&format!("http://{}", site.relay.web), &groups);
    assert_eq!(said, format!("looked {looks} times"), "{}", site.relay.said());
}
