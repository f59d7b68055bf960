//! Tests only: the pages over real sockets, with a database behind them.

mod topics;

use std::sync::Arc;

use arc_swap::ArcSwap;
use jiff::{Span, Timestamp};
use policy::{
    Address, Basis, LinkKind, Method, Purpose, Refusal, Scope, Source, Standing, Validity,
};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use uuid::Uuid;

use super::{Desk, Public, router};
use crate::web::Post;
use crate::{
    config::Business,
    consent::{Consent, NewGrant, Proof, Who, link::Maker},
    db::Db,
    seal::{AddressKey, Secret},
    spool::Spool,
};

const SHOWN: &str = "shown=zahrada-novinky&shown=zahrada-katalog";
const POLICY: &str = include_str!("../../../../config/policy.toml");

pub(super) struct Site {
    address: std::net::SocketAddr,
    secret: Secret,
    business: Arc<ArcSwap<Business>>,
    pub(super) consent: Consent,
    pub(super) db: Db,
    pub(super) public: Public,
    _folder: tempfile::TempDir,
}

impl Site {
    pub(super) async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("x.db").display());
        let db = Db::open(&url).await.unwrap();
        let secret = Secret::from_bytes([3; 32]);
        let consent = Consent::new(db.clone(), secret.clone(), "test");
        for id in ["zahrada-novinky", "zahrada-katalog"] {
            let (name, validity) = (format!("Účel <{id}>"), Validity::Fixed(Span::new().years(3)));
            let purpose = Purpose::new("zahrada", id, &name, Basis::Consent, validity);
            consent.purpose_add(Timestamp::now(), &purpose, "test").await.unwrap();
        }
        let business = Business::read("policy.toml", POLICY).unwrap();
        let business = Arc::new(ArcSwap::from_pointee(business));
        let public = Public {
            secret: secret.clone(),
            business: Arc::clone(&business),
            desk: Desk::new(consent.clone()),
            base: Some("https://x.example".into()),
            post: Post {
                spool: Spool::visit(db.clone(), &secret, "test").unwrap(),
                hostname: "relay.test".into(),
            },
            proxy_from: Arc::new([]),
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let pages = router(public.clone());
        tokio::spawn(crate::web::serve(listener, pages, std::future::pending()));
        Self { address, secret, business, consent, db, public, _folder: folder }
    }

    fn key(&self) -> AddressKey {
        self.secret.address_key("zahrada", &Address::parse("jana@posta.example").unwrap())
    }

    /// Path of a link, as in a message of that stream.
    fn link(&self, kind: &LinkKind, stream: &str) -> String {
        let business = self.business.load();
        let maker = Maker::new("https://x.example", self.secret.clone());
        let now = Timestamp::now();
        let stream = business.stream(stream).unwrap();
        let link = maker.link(kind, stream, self.key(), Uuid::from_u128(1), now);
        link.strip_prefix("https://x.example").unwrap().to_owned()
    }

    async fn grant(&self, purpose: &str) {
        let now = Timestamp::now();
        let grant = NewGrant {
            purpose: purpose.to_owned(),
            from: now,
            until: None,
            method: Method::Form,
            source: Source::Own,
            confirmed_at: None,
            age_declared: false,
            lifts_refusal: false,
        };
        let who = Who::address("zahrada", Address::parse("jana@posta.example").unwrap());
        let proof = Proof { actor: "test".into(), at: now, evidence: serde_json::Value::Null };
        let zone = jiff::tz::TimeZone::UTC;
        self.consent.grant(now, &zone, &who, &grant, &proof).await.unwrap();
    }

    async fn standing(&self) -> Standing {
        let desk = Desk::new(self.consent.clone());
        desk.standing(self.key()).await.unwrap()
    }

    /// All that is on record of the contact, as JSON.
    async fn past(&self) -> String {
        let found = self.consent.contact(&Who::key("zahrada", self.key())).await.unwrap().unwrap();
        let past = found.past.into_iter().map(|one| json!([one.kind, one.detail, one.evidence]));
        past.map(|one| one.to_string()).collect::<Vec<_>>().join("\n")
    }

    async fn refused(&self) -> Vec<Scope> {
        let refusals: Vec<Refusal> = self.standing().await.refusals;
        refusals.into_iter().map(|refusal| refusal.scope).collect()
    }

    async fn ask(&self, head: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let length = body.len();
        let request = format!(
            "{head}\r\nHost: x\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        String::from_utf8(answer).unwrap()
    }

    /// Every row of every table.
    async fn everything(&self) -> Vec<String> {
        let mut db = self.db.read().await.unwrap();
        let tables = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name";
        let mut all = Vec::new();
        for table in db.rows(tables, vec![]).await.unwrap() {
            let table = table.text(0).unwrap();
            let columns = format!("SELECT name FROM pragma_table_info('{table}')");
            let columns = db.rows(&columns, vec![]).await.unwrap();
            let columns: Vec<String> =
                columns.iter().map(|row| format!("quote(\"{}\")", row.text(0).unwrap())).collect();
            let rows =
                format!("SELECT {} FROM \"{table}\" ORDER BY 1", columns.join(" || ' ' || "));
            for row in db.rows(&rows, vec![]).await.unwrap() {
                all.push(format!("{table}: {}", row.text(0).unwrap()));
            }
        }
        all
    }

    async fn get(&self, path: &str) -> String {
        self.ask(&format!("GET {path} HTTP/1.1"), "").await
    }

    async fn post(&self, path: &str, body: &str) -> String {
        let kind = "application/x-www-form-urlencoded";
        self.ask(&format!("POST {path} HTTP/1.1\r\nContent-Type: {kind}"), body).await
    }
}

#[tokio::test]
async fn looking_changes_nothing_and_shows_the_controller() {
    let site = Site::open().await;
    let path = site.link(&LinkKind::Unsubscribe, "zahrada-novinky");
    let page = site.get(&path).await;
    assert!(page.starts_with("HTTP/1.1 200"), "{page}");
    for text in ["lang=\"cs\"", "Zahrada Pod Strání s.r.o.", "99900017", "Ke Stráni 14", "Odhlásit"]
    {
        assert!(page.contains(text), "{text}: {page}");
    }
    assert!(page.contains("Účel &#60;zahrada-novinky&#62;"), "escaped: {page}");
    assert!(page.contains("default-src 'none'") && !page.contains("<script"));
    let head = site.ask(&format!("HEAD {path} HTTP/1.1"), "").await;
    assert!(head.starts_with("HTTP/1.1 200") && head.ends_with("\r\n\r\n"), "{head}");
    for kind in [LinkKind::Preferences, LinkKind::Renew { purpose: "zahrada-novinky".into() }] {
        assert!(site.get(&site.link(&kind, "zahrada-novinky")).await.starts_with("HTTP/1.1 200"));
    }
    assert_eq!(site.standing().await, Standing::default());
}

/// Scanners of links, and browsers that look ahead: every route, those of the future too.
#[tokio::test]
async fn no_get_and_no_head_changes_anything() {
    let site = Site::open().await;
    site.grant("zahrada-novinky").await;
    let form = "address=petr%40posta.example&box=zahrada-katalog";
    assert!(site.post("/f/zahrada-odber", form).await.starts_with("HTTP/1.1 200"));
    let purpose = || "zahrada-novinky".into();
    let links = [
        LinkKind::Unsubscribe,
        LinkKind::Preferences,
        LinkKind::Renew { purpose: purpose() },
        LinkKind::Confirm { purpose: purpose() },
    ];
    let link = |kind| site.link(&kind, "zahrada-novinky");
    let mut paths: Vec<String> = links.into_iter().map(link).collect();
    paths.extend(["/f/zahrada-odber", "/style.css", "/nowhere"].map(str::to_owned));
    for route in include_str!("mod.rs").split(".route(\"").skip(1) {
        let begin = route.split(['{', '"']).next().unwrap();
        assert!(paths.iter().any(|path| path.starts_with(begin)), "`{begin}` is not looked at");
    }
    let before = site.everything().await;
    assert!(before.len() > 8, "{before:?}");
    for path in &paths {
        for end in ["", "?lang=de", "?what=nothing&scope=everything&List-Unsubscribe=One-Click"] {
            for method in ["GET", "HEAD"] {
                site.ask(&format!("{method} {path}{end} HTTP/1.1"), "").await;
                assert_eq!(site.everything().await, before, "{method} {path}{end}");
            }
        }
    }
    site.post(&paths[0], "").await;
    assert_ne!(site.everything().await, before, "the test sees what a POST does");
}

#[tokio::test]
async fn the_language_is_the_persons_choice() {
    let site = Site::open().await;
    let path = site.link(&LinkKind::Unsubscribe, "zahrada-novinky");
    let german = site.get(&format!("{path}?lang=de")).await;
    for part in ["lang=\"de\"", "Abmelden", "?lang=cs", "Čeština", "?lang=de\">"] {
        assert!(german.contains(part), "{part}: {german}");
    }
    assert!(site.get(&format!("{path}?lang=xx")).await.contains("lang=\"cs\""));
    let done = site.post(&format!("{path}?lang=pl"), "scope=purpose").await;
    assert!(done.contains("lang=\"pl\""), "{done}");
    let past = site.past().await;
    assert!(past.contains("\"language\":\"pl\""), "what was shown is what is kept: {past}");
}

#[tokio::test]
async fn an_objection_refuses_everything_and_says_so_once() {
    let site = Site::open().await;
    site.grant("zahrada-novinky").await;
    let path = site.link(&LinkKind::Preferences, "zahrada-novinky");
    assert!(site.get(&path).await.contains("čl. 21 GDPR"));
    for _ in 0..2 {
        let answer = site.post(&path, "what=object").await;
        assert!(answer.contains("Vaši námitku jsme zaznamenali"), "{answer}");
    }
    assert_eq!(site.refused().await, [Scope::Everything]);
    let past = site.past().await;
    assert_eq!(past.matches("\"objection\":true").count(), 1, "{past}");
    assert!(past.contains("Vznáším námitku"), "{past}");
}

#[tokio::test]
async fn how_often_and_a_pause_are_kept_until_they_are_chosen_anew() {
    let site = Site::open().await;
    site.grant("zahrada-novinky").await;
    let path = site.link(&LinkKind::Preferences, "zahrada-novinky");
    let keep = "what=keep&shown=zahrada-novinky&keep=zahrada-novinky";
    let saved = site.post(&path, &format!("{keep}&at-most=1+in+30+days&pause=30")).await;
    assert!(saved.contains("<option value=\"1 in 30 days\" selected>"), "{saved}");
    assert!(saved.contains("<option value=\"keep\" selected>"), "{saved}");
    let asked = site.standing().await.preferences;
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].at_most, Some("1 in 30 days".parse().unwrap()));
    let until = asked[0].paused_until.unwrap().duration_since(Timestamp::now()).as_hours();
    assert_eq!(until, 30 * 24 - 1);
    site.post(&path, &format!("{keep}&at-most=&pause=keep")).await;
    let asked = site.standing().await.preferences;
    assert!(asked[0].at_most.is_none() && asked[0].paused_until.is_some(), "{asked:?}");
    site.post(&path, &format!("{keep}&at-most=&pause=")).await;
    assert_eq!(site.standing().await.preferences, []);
    let bad = site.post(&path, &format!("{keep}&at-most=often")).await;
    assert!(bad.starts_with("HTTP/1.1 400"), "{bad}");
}

#[tokio::test]
async fn one_click_refuses_at_once_without_redirect_or_cookie() {
    let multipart = "--b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b--\r\n";
    for (kind, body) in [
        ("application/x-www-form-urlencoded", "List-Unsubscribe=One-Click"),
        ("multipart/form-data; boundary=b", multipart),
        ("application/x-www-form-urlencoded", ""),
    ] {
        let site = Site::open().await;
        let path = site.link(&LinkKind::Unsubscribe, "zahrada-novinky");
        let answer = site.ask(&format!("POST {path} HTTP/1.1\r\nContent-Type: {kind}"), body).await;
        let lower = answer.to_lowercase();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(!lower.contains("set-cookie") && !lower.contains("location:"), "{answer}");
        assert_eq!(site.refused().await, [Scope::Everything], "{kind}");
    }
}

#[tokio::test]
async fn only_the_purpose_is_refused_where_that_is_chosen() {
    let site = Site::open().await;
    let path = site.link(&LinkKind::Unsubscribe, "zahrada-novinky");
    let answer = site.post(&path, "scope=purpose").await;
    assert!(answer.contains("Účel"), "{answer}");
    assert_eq!(site.refused().await, [Scope::Purpose("zahrada-novinky".into())]);
    site.post(&path, "scope=everything").await;
    assert!(site.refused().await.contains(&Scope::Everything));
}

#[tokio::test]
async fn preferences_keep_what_is_ticked_and_refuse_the_rest() {
    let site = Site::open().await;
    site.grant("zahrada-novinky").await;
    site.grant("zahrada-katalog").await;
    let path = site.link(&LinkKind::Preferences, "zahrada-novinky");
    let page = site.get(&path).await;
    assert_eq!(page.matches("type=\"checkbox\"").count(), 2, "{page}");
    let saved = site.post(&path, &format!("{SHOWN}&keep=zahrada-katalog&what=keep")).await;
    assert_eq!(saved.matches("type=\"checkbox\"").count(), 1, "{saved}");
    assert_eq!(site.refused().await, [Scope::Purpose("zahrada-novinky".into())]);
    for incomplete in ["what=ever", "keep=zahrada-katalog&what=keep"] {
        let bad = site.post(&path, incomplete).await;
        assert!(bad.starts_with("HTTP/1.1 400"), "{incomplete}: {bad}");
    }
    site.post(&path, "what=nothing").await;
    assert!(site.refused().await.contains(&Scope::Everything));
}

#[tokio::test]
async fn nobody_refuses_what_the_page_did_not_show() {
    let site = Site::open().await;
    site.grant("zahrada-katalog").await;
    let path = site.link(&LinkKind::Preferences, "zahrada-novinky");
    let page = site.get(&path).await;
    assert!(page.contains("name=\"shown\" value=\"zahrada-katalog\""), "{page}");
    // Granted while the page was open.
    site.grant("zahrada-novinky").await;
    site.post(&path, "shown=zahrada-katalog&what=keep").await;
    assert_eq!(site.refused().await, [Scope::Purpose("zahrada-katalog".into())]);
}

#[tokio::test]
async fn a_contract_is_listed_and_no_box_ends_it() {
    let site = Site::open().await;
    let validity = Validity::Fixed(Span::new().years(3));
    let invoices = Purpose::new("zahrada", "faktury", "Faktury", Basis::Contract, validity);
    site.consent.purpose_add(Timestamp::now(), &invoices, "test").await.unwrap();
    site.grant("faktury").await;
    site.grant("zahrada-novinky").await;
    let path = site.link(&LinkKind::Preferences, "zahrada-novinky");
    let page = site.get(&path).await;
    assert_eq!(page.matches("type=\"checkbox\"").count(), 1, "{page}");
    assert!(page.contains("Faktury <small>nezávisí na vaší volbě"), "{page}");
    let runs = async || {
        let grants = site.standing().await.grants;
        grants.iter().find(|grant| grant.purpose == "faktury").unwrap().withdrawn_at.is_none()
    };
    // Not even where somebody names it as shown.
    site.post(&path, "shown=zahrada-novinky&shown=faktury&what=keep").await;
    assert!(runs().await);
    assert_eq!(site.refused().await, [Scope::Purpose("zahrada-novinky".into())]);
    site.post(&path, "what=nothing").await;
    assert!(runs().await);
}

/// The link of a message on a contract says no to what advertises under its name, and no more.
#[tokio::test]
async fn a_click_on_the_link_of_a_contract_ends_no_contract() {
    let site = Site::open().await;
    let validity = || Validity::Fixed(Span::new().years(3));
    for (id, basis) in [("zahrada-novinky", Basis::Contract), ("zajem", Basis::LegitimateInterest)]
    {
        let mut tx = site.db.begin().await.unwrap();
        let sql = "DELETE FROM purpose WHERE id = $1";
        tx.run(sql, vec![crate::db::text(id)]).await.unwrap();
        tx.commit().await.unwrap();
        let purpose = Purpose::new("zahrada", id, "Účel", basis, validity());
        site.consent.purpose_add(Timestamp::now(), &purpose, "test").await.unwrap();
        site.grant(id).await;
    }
    let path = site.link(&LinkKind::Unsubscribe, "zahrada-novinky");
    let open = async |id: &str| {
        let grants = site.standing().await.grants;
        grants.iter().any(|grant| grant.purpose == id && grant.withdrawn_at.is_none())
    };
    let done = site.post(&path, "List-Unsubscribe=One-Click&scope=purpose").await;
    assert!(done.contains("mohou chodit dál"), "the page says what goes on: {done}");
    assert!(open("zahrada-novinky").await, "a contract that runs goes on");
    assert_eq!(site.refused().await, [Scope::Purpose("zahrada-novinky".into())]);
    site.post(&path, "List-Unsubscribe=One-Click&scope=everything").await;
    assert!(open("zahrada-novinky").await && !open("zajem").await, "interest is objected to");
}

#[tokio::test]
async fn a_consent_is_renewed_by_the_button_alone_with_its_wording() {
    let site = Site::open().await;
    let renew = LinkKind::Renew { purpose: "zahrada-novinky".into() };
    let path = site.link(&renew, "zahrada-novinky");
    assert!(
        site.get(&path).await.contains("Souhlasím, aby mi odesílatel Zahrada Pod Strání s.r.o.")
    );
    assert_eq!(site.standing().await.grants.len(), 0);
    assert!(site.post(&path, "").await.starts_with("HTTP/1.1 200"));
    let grants = site.standing().await.grants;
    assert_eq!(grants.len(), 1);
    assert_eq!(grants[0].method, Method::RenewalClick);
    let gone = site.link(&LinkKind::Confirm { purpose: "neni".into() }, "zahrada-novinky");
    assert!(site.post(&gone, "").await.starts_with("HTTP/1.1 410"));
}

#[tokio::test]
async fn however_often_a_link_is_pressed_it_is_one_consent_while_that_counts() {
    let site = Site::open().await;
    let purpose = || "zahrada-novinky".to_owned();
    let renew = site.link(&LinkKind::Renew { purpose: purpose() }, "zahrada-novinky");
    let confirm = site.link(&LinkKind::Confirm { purpose: purpose() }, "zahrada-novinky");
    assert!(site.post(&renew, "").await.contains("Děkujeme"));
    for again in [site.post(&renew, "").await, site.get(&renew).await] {
        assert!(again.starts_with("HTTP/1.1 200") && again.contains("Už je potvrzeno"), "{again}");
    }
    let (one, two) = tokio::join!(site.post(&confirm, ""), site.post(&confirm, ""));
    assert!(one.contains("Děkujeme") != two.contains("Děkujeme"), "{one}{two}");
    assert_eq!(site.standing().await.grants.len(), 2, "one for each link");
    // Who refused and presses it again says yes again.
    let no = site.link(&LinkKind::Unsubscribe, "zahrada-novinky");
    site.post(&no, "scope=everything").await;
    assert!(site.post(&renew, "").await.contains("Děkujeme"));
    assert_eq!(site.standing().await.grants.len(), 3);
}

#[tokio::test]
async fn a_consent_by_a_link_is_proved_as_one_by_a_form() {
    let site = Site::open().await;
    let path =
        site.link(&LinkKind::Confirm { purpose: "zahrada-novinky".into() }, "zahrada-novinky");
    let page = site.get(&path).await;
    let notice = "uloží e-mailovou adresu, vaši volbu a jako důkaz souhlasu její čas a IP adresu. \
                  Souhlas můžete kdykoli odvolat";
    assert!(page.contains(notice), "{page}");
    site.post(&path, "").await;
    let past = site.past().await;
    for part in [notice, "\"policy_url\":\"https://www.zahrada.example/osobni-udaje\""] {
        assert!(past.contains(part), "{part}: {past}");
    }
    let version = past.split("\"wording_version\":\"").nth(1).unwrap();
    assert_eq!(version.find('"'), Some(16), "{past}");
}

#[tokio::test]
async fn the_age_is_asked_where_the_purpose_wants_it_and_nobody_declared_it() {
    let site = Site::open().await;
    let validity = Validity::Fixed(Span::new().years(3));
    let adults = Purpose::new("zahrada", "vina", "Vína", Basis::Consent, validity);
    let requires = policy::Requires { age_declared: true, ..adults.requires };
    let adults = Purpose { requires, ..adults };
    site.consent.purpose_add(Timestamp::now(), &adults, "test").await.unwrap();
    let path = site.link(&LinkKind::Confirm { purpose: "vina".into() }, "zahrada-novinky");
    assert!(site.get(&path).await.contains("id=\"age\" name=\"age\" value=\"yes\">"));
    let without = site.post(&path, "").await;
    assert!(without.starts_with("HTTP/1.1 422"), "{without}");
    for part in ["aria-invalid=\"true\"", "href=\"#age\"", "Bez potvrzení věku"] {
        assert!(without.contains(part), "{part}: {without}");
    }
    assert_eq!(site.standing().await, Standing::default());
    assert!(site.post(&path, "age=yes").await.contains("Děkujeme"));
    let grants = site.standing().await.grants;
    assert!(grants.len() == 1 && grants[0].age_declared, "{grants:?}");
    assert!(site.past().await.contains("\"of_age\":15"));
    // Once declared it goes on.
    let renew = site.link(&LinkKind::Renew { purpose: "vina".into() }, "zahrada-novinky");
    assert!(!site.get(&renew).await.contains("name=\"age\""));
    assert!(site.post(&renew, "").await.contains("Děkujeme"));
    assert!(site.standing().await.grants.iter().all(|grant| grant.age_declared));
    let news = LinkKind::Confirm { purpose: "zahrada-katalog".into() };
    let asks_nobody = site.get(&site.link(&news, "zahrada-novinky")).await;
    assert!(!asks_nobody.contains("name=\"age\""), "{asks_nobody}");
}

#[tokio::test]
async fn a_link_that_is_none_gets_a_page_in_the_readers_language() {
    let site = Site::open().await;
    let ask = "GET /u/abc HTTP/1.1\r\nAccept-Language: sk-SK,en;q=0.5";
    let page = site.ask(ask, "").await;
    assert!(page.starts_with("HTTP/1.1 404") && page.contains("Tento odkaz neplatí"), "{page}");
    // A link to look at preferences is none to confirm with.
    let path = site.link(&LinkKind::Unsubscribe, "zahrada-novinky").replacen("/u/", "/c/", 1);
    assert!(site.post(&path, "").await.starts_with("HTTP/1.1 404"));
    assert!(site.get("/nothing/here").await.starts_with("HTTP/1.1 404"));
    assert!(site.get("/style.css").await.contains("text/css"));
    let long = "x".repeat(20_000);
    let path = site.link(&LinkKind::Unsubscribe, "zahrada-novinky");
    assert!(site.post(&path, &long).await.starts_with("HTTP/1.1 413"));
}

#[tokio::test]
async fn guessing_is_slowed_and_valid_links_are_not() {
    let site = Site::open().await;
    let mut last = String::new();
    for _ in 0..130 {
        last = site.get("/u/guess").await;
    }
    assert!(last.starts_with("HTTP/1.1 429"), "{last}");
    let path = site.link(&LinkKind::Unsubscribe, "hory-novinky");
    assert!(site.get(&path).await.contains("lang=\"sk\""));
}
