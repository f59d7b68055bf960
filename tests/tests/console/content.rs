//! What stands in a message: seen by those who may, and harmless whatever it is.

use std::{
    fs,
    io::{Read, Write},
    net::TcpListener,
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use outside::{
    console::{Browser, WITHOUT_FACTOR, between, heading},
    node, port,
    postgres::Database,
    souhlas::{self, Setup, Souhlas, wait},
    submit::submit,
};
use serde_json::json;

use crate::look::{look, pages, scene};

const TILL: &str = "pokladna@kavarna.example";
const NEWS: &str = "novinky@kavarna.example";
const JANA: &str = "jana@posta.example";
const PETR: &str = "petr@posta.example";

/// With receipts, whose recipients may have agreed to offers too: what advertises in one is held.
fn policy() -> String {
    let till = "[stream.pokladna]\ncontroller = \"kavarna\"\npurpose = \"novinky\"\n\
                class = \"transactional\"\n[stream.pokladna.match]\nfrom = [\"pokladna@kavarna.example\"]\n";
    format!("{}{till}", souhlas::POLICY)
}

/// A receipt that advertises, with whatever stands in its HTML, a file and a picture.
fn receipt(html: &str) -> String {
    format!(
        "From: Kavarna <{TILL}>\r\nTo: {JANA}\r\nSubject: =?utf-8?Q?V=C3=BDprodej?=\r\n\
         Date: Mon, 02 Nov 2026 08:00:00 +0100\r\nMessage-ID: <ucet@kavarna.example>\r\n\
         MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=m\r\n\r\n\
         --m\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n\
         --a\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{SALE}\r\n\
         --a\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\
         <html><body>{html}<p>{SALE}</p></body></html>\r\n--a--\r\n\
         --m\r\nContent-Type: application/pdf; name=\"=?utf-8?Q?=C3=BA=C4=8Det.pdf?=\"\r\n\
         Content-Disposition: attachment\r\nContent-Transfer-Encoding: base64\r\n\r\n{FILE}\r\n--m--\r\n"
    )
}

const SALE: &str = "VÝPRODEJ, slevy až 50 %! Jen do neděle: kupte dva pytle kávy a třetí máte zdarma. \
                    Doprava zdarma, slevový kód KAVA50, poslední kusy za akční ceny. Ušetřete!";
const FILE: &str = "dGFqbnkgdWNldA==";
/// Of what it says: `printf 'tajny ucet' | sha256sum`.
const FILE_HASH: &str = "f924685d75141341a403d6ed715de1085e5ded681e989c892a423e21ff2750a2";

/// The next hop is not there: what is sent waits.
fn setup() -> Setup {
    Setup { policy: policy(), web: WITHOUT_FACTOR.into(), ..Setup::towards(port::free().unwrap()) }
}

/// Relays on either database, where Jana gets the news.
fn on_both(more: &str, test: impl Fn(&Souhlas)) {
    let database = Database::create();
    for url in [Setup::default().database, database.url.clone()] {
        let relay = Souhlas::start(&Setup { database: url, more: more.into(), ..setup() }).unwrap();
        ready(&relay);
        test(&relay);
    }
}

fn ready(relay: &Souhlas) {
    relay.add_purpose();
    relay.must(&["grant", JANA, "--purpose", "novinky", "--evidence", "form"]);
}

fn hold(relay: &Souhlas, html: &str) {
    let said = submit(relay.smtp, TILL, JANA, &receipt(html));
    assert!(said.contains("held for review"), "{said}");
}

fn news(subject: &str) -> String {
    format!(
        "From: Kavarna <{NEWS}>\r\nTo: x@posta.example\r\nSubject: {subject}\r\n\
         Date: Mon, 02 Nov 2026 08:00:00 +0100\r\nMessage-ID: <kava@kavarna.example>\r\n\
         MIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\
         Content-Transfer-Encoding: 8bit\r\n\r\n<html><body><p>Máme novou kávu.</p></body></html>\r\n"
    )
}

/// The first link on a page that begins so.
fn link(page: &str, begin: &str) -> Option<String> {
    let at = page.find(&format!("href=\"{begin}"))?;
    let url = page[at + 6..].split('"').next()?;
    Some(url.replace("&#38;", "&").replace("&amp;", "&"))
}

/// Where the message of the newest decision with that outcome is seen.
fn message(browser: &mut Browser, what: &str) -> String {
    let list = format!("/decisions?view=each&what={what}");
    let one = wait(|| link(&browser.get(&list).text, "/decisions/0")).expect("it is decided on");
    let page = browser.get(&one);
    link(&page.text, "/messages/").unwrap_or_else(|| panic!("no content: {}", page.text))
}

#[test]
fn what_stands_in_a_message_is_seen_in_tabs_with_what_rules_found() {
    on_both("", |relay| {
        hold(relay, "<p>Děkujeme</p><a href=\"https://shop.example/?u=1\">obchod</a>");
        let mut admin = Browser::first(relay);
        let url = message(&mut admin, "held");
        let rendered = admin.get(&url);
        assert!(heading(&rendered).contains("Výprodej"), "{}", rendered.text);
        for said in ["sandbox=\"\"", "no-referrer", "class-mismatch", "/frame?"] {
            assert!(rendered.text.contains(said), "{said}: {}", rendered.text);
        }
        let frame = admin.get(&url.replacen('?', "/frame?", 1));
        let policy = frame.header("content-security-policy").unwrap().to_owned();
        assert!(
            policy.starts_with("default-src 'none'") && policy.ends_with("; sandbox"),
            "{policy}"
        );
        assert_eq!(frame.header("x-frame-options"), Some("SAMEORIGIN"));
        for said in ["<p>Děkujeme</p>", "class=\"link\">obchod", "shop.example", "<mark id=\"e"] {
            assert!(frame.text.contains(said), "{said}: {}", frame.text);
        }
        assert!(!frame.text.contains("href"), "{}", frame.text);
        let mut tab = |name: &str| admin.get(&format!("{url}&tab={name}")).text;
        let text = tab("text");
        assert!(text.contains("<mark id=\"e") && text.contains("Text of part 1.1"), "{text}");
        let headers = tab("headers");
        for said in ["Výprodej", "=?utf-8?Q?V=C3=BDprodej?=", "Message-ID"] {
            assert!(headers.contains(said), "{said}: {headers}");
        }
        let source = tab("source");
        assert!(source.contains("multipart/mixed") && source.contains("<mark id=\"e"), "{source}");
        assert!(
            source.contains("&lt;p&gt;Děkujeme") || source.contains("&#60;p&#62;Děkujeme"),
            "{source}"
        );
        let files = tab("attachments");
        for said in ["účet.pdf", "application/pdf", FILE_HASH, ">10<"] {
            assert!(files.contains(said), "{said}: {files}");
        }
        let seen = admin.get("/audit?act=content-seen").text;
        for what in ["content looked at", "frame", "headers", "source", "attachments"] {
            assert!(seen.contains(what), "{what}: {seen}");
        }
        assert!(!seen.contains("prodej") && !seen.contains(JANA), "{seen}");
    });
}

#[test]
fn what_the_relay_changes_stands_beside_what_was() {
    let relay = Souhlas::start(&setup()).unwrap();
    ready(&relay);
    let said = submit(relay.smtp, NEWS, JANA, &news("Sleva"));
    assert!(said.starts_with("250 "), "{said}");
    let mut admin = Browser::first(&relay);
    let url = message(&mut admin, "repaired");
    let page = admin.get(&format!("{url}&tab=changes")).text;
    for said in
        ["[link]", "List-Unsubscribe", "Kavárna Pod Lípou", "class=\"new\"", "class=\"gone\""]
    {
        assert!(page.contains(said), "{said}: {page}");
    }
    assert!(!page.contains("odhlasit.kavarna.cz"), "the link is the person's own: {page}");
}

#[test]
fn nobody_reads_what_is_not_theirs() {
    let other = "[controller.jina]\nname = \"Jiná s.r.o.\"\ncountry = \"CZ\"\ndomains = [\"jina.example\"]\n";
    let policy = format!("{}{other}", policy());
    let relay = Souhlas::start(&Setup { policy, ..setup() }).unwrap();
    ready(&relay);
    hold(&relay, "<p>Tajné</p>");
    let mut admin = Browser::first(&relay);
    let url = message(&mut admin, "held");
    let frame = url.replacen('?', "/frame?", 1);
    let sender = |login: &str| {
        let said = relay.must(&["account", "add", login, "--role", "sender", "--login", login]);
        let link = said.lines().find_map(|line| line.strip_prefix("link: ")).unwrap().to_owned();
        let mut browser = Browser::new(&relay);
        browser.follow_link(&link, &[]);
        browser
    };
    let (mut own, mut other) = (sender("local"), sender("other"));
    let mut reviewer = Browser::with_roles(&relay, "jiri", &["reviewer:kavarna"]);
    let mut auditor = Browser::with_roles(&relay, "eva", &["auditor"]);
    let mut foreign = Browser::with_roles(&relay, "olga", &["reviewer:jina"]);
    for (who, is) in [
        (&mut own, 200),
        (&mut reviewer, 200),
        (&mut auditor, 200),
        (&mut other, 404),
        (&mut foreign, 404),
    ] {
        for path in [url.as_str(), &frame, &format!("{url}&tab=source")] {
            let page = who.get(path);
            assert_eq!(page.status, is, "{path}: {}", page.text);
            assert!(is == 200 || !page.text.contains("Tajn"), "{}", page.text);
        }
    }
    let nobody = Browser::new(&relay).get(&frame);
    assert_eq!(heading(&nobody), "Sign in");
    let none = admin.get("/messages/00000000-0000-7000-8000-000000000000");
    assert_eq!(none.status, 404);
}

#[test]
fn one_of_a_refused_campaign_is_kept_for_a_time() {
    on_both("[samples]\nkeep-for = \"5s\"", |relay| {
        let mut admin = Browser::first(relay);
        for number in 1..4 {
            let said =
                submit(relay.smtp, "posta@kavarna.example", PETR, &news(&format!("Akce {number}")));
            assert!(said.starts_with("550 5.7.1 consent-missing"), "{said}");
        }
        let list = "/decisions?view=each&what=refused";
        let all = wait(|| {
            let page = admin.get(list).text;
            let found: Vec<String> = page
                .split("href=\"")
                .filter_map(|rest| rest.split('"').next())
                .map(str::to_owned)
                .collect();
            let found: Vec<String> =
                found.into_iter().filter(|url| url.starts_with("/decisions/0")).collect();
            (found.len() == 3).then_some(found)
        });
        let all = all.expect("three were refused");
        let mut own = 0;
        let mut last = String::new();
        for one in &all {
            let page = admin.get(one).text;
            let url = link(&page, "/messages/").unwrap_or_else(|| panic!("{page}"));
            own += usize::from(page.contains(">The message<"));
            assert!(
                page.contains(">The message<") || page.contains("A message of the same campaign")
            );
            let seen = admin.get(&url);
            assert!(heading(&seen).contains("Akce 1"), "{}", seen.text);
            assert!(seen.text.contains("It was refused and nobody got it"), "{}", seen.text);
            last = url;
        }
        assert_eq!(own, 1);
        let gone = wait(|| Some(admin.get(&last)).filter(|page| page.status == 410));
        assert!(gone.expect("its time is over").text.contains("never kept"));
        assert_eq!(link(&admin.get(&all[0]).text, "/messages/"), None);
    });
}

#[test]
fn who_is_erased_takes_the_sample_along() {
    on_both("", |relay| {
        let mut admin = Browser::first(relay);
        submit(relay.smtp, "posta@kavarna.example", PETR, &news("Akce"));
        let url = message(&mut admin, "refused");
        assert_eq!(admin.get(&url).status, 200);
        let said = relay.command(&["contact", "erase", PETR, "--how", "delete"]);
        let said = String::from_utf8_lossy(&said.stderr).into_owned();
        assert!(said.contains("nothing is on record"), "there was but the sample: {said}");
        assert_eq!(admin.get(&url).status, 410);
    });
}

/// All that a message may try, towards a listener of ours and names of nobody.
fn hostile(at: &str) -> String {
    let bad = format!("http://{at}/");
    let pieces = [
        "<script src=BADs1></script><script>fetch('BADs2');top.location='BADs3';alert(1)</script>",
        "<svg onload=\"fetch('BADs4')\"><script>fetch('BADs5')</script><image href=BADi1 /><use href=BADi2 /></svg>",
        "<img src=BADi3 onerror=\"fetch('BADs6')\" srcset='BADi4 2x' lowsrc=BADi5><picture><source srcset=BADi6></picture>",
        "<img src=x onerror=\"fetch('BADs7')\"><input type=image src=BADi7><video src=BADv1 poster=BADi8 autoplay></video>",
        "<audio src=BADv2 autoplay></audio><link rel=stylesheet href=BADc1><link rel=prefetch href=BADp1>",
        "<link rel=preconnect href=BADp2><link rel=dns-prefetch href=//evil.example><base href=BADb1>",
        "<meta http-equiv=refresh content='0;url=BADm1'><iframe src=BADf1 srcdoc='<img src=BADf2>'></iframe>",
        "<object data=BADo1></object><embed src=BADo2><form action=BADq1 id=q><input name=a autofocus onfocus=\"fetch('BADs8')\">",
        "<button formaction=BADq2>Potvrdit</button></form><style>@import url(BADc2);body{background:url(BADc3)}</style>",
        "<style>@font-face{font-family:x;src:url(BADc4)}p{font-family:x}</style>",
        "<p style=\"background:url(BADc5)\">a</p><p style=\"b\\61ckground:\\75rl(BADc6)\">b</p>",
        "<p style=\"background-image:image-set('BADc7' 1x);list-style:url(BADc8);cursor:url(BADc9),auto\">c</p>",
        "<table background=BADt1><td background=BADt2 style='border-image:url(BADc10) 1'>d</td></table>",
        "<a href=BADa1 ping=BADa2 target=_top style='display:block;width:800px;padding:200px'>klikni</a>",
        "<a href=\"javascript:fetch('BADs9')\">js</a><details open ontoggle=\"fetch('BADs10')\"><summary>x</summary></details>",
        "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=BADx1 onerror=fetch(1)&gt;'>",
        "<noscript><p title='</noscript><img src=BADx2>'></noscript><template><img src=BADx3></template>",
        "<img src=//evil.example/a.gif><img src=http://evil.example/b.gif><bgsound src=BADv3><body background=BADt3 onload=\"fetch('BADs11')\">",
    ];
    pieces.concat().replace("BAD", &bad)
}

/// Every connection that anybody makes to it.
fn listener() -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap().to_string();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&heard);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut stream = stream;
            let mut first = [0; 200];
            let _ = stream.set_read_timeout(Some(Duration::from_secs(1)));
            let count = stream.read(&mut first).unwrap_or(0);
            told.lock().unwrap().push(String::from_utf8_lossy(&first[..count]).into_owned());
            let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n");
        }
    });
    (at, heard)
}

#[test]
fn a_hostile_message_asks_for_nothing_and_runs_nothing() {
    let relay = Souhlas::start(&setup()).unwrap();
    ready(&relay);
    let (at, heard) = listener();
    hold(&relay, &hostile(&at));
    let mut admin = Browser::first(&relay);
    let url = message(&mut admin, "held");
    let tabs = ["rendered", "text", "headers", "source", "attachments"];
    let mut paths: Vec<String> = tabs.iter().map(|tab| format!("{url}&tab={tab}")).collect();
    // Opened by itself it is as harmless.
    paths.push(url.replacen('?', "/frame?", 1));
    let log = relay.path("network.json");
    let cookies: Vec<_> =
        admin.cookies.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
    let base = format!("http://{}", relay.console);
    let ask = json!({ "base": base, "cookies": cookies, "paths": paths, "log": log });
    assert_eq!(node::ask("read_hostile.mjs", &ask), "6 pages, 7 frames");
    assert_eq!(*heard.lock().unwrap(), Vec::<String>::new());
    let log = fs::read_to_string(log).unwrap();
    assert!(log.contains(&base), "Chromium wrote down what it did");
    for name in [at.as_str(), "evil.example"] {
        assert!(!log.contains(name), "{name}: {:?}", between(&log, name, "}"));
    }
}

/// As tools send it.
const LETTER: &str = "<style>.x{color:red}</style><table width=600 align=center bgcolor=#f7f0e6 \
    cellpadding=16><tr><td align=center><img src=\"https://obrazky.kavarna.example/logo.png\" \
    alt=\"Kavárna Pod Lípou\" width=200 height=60><h1 style=\"color:#5a2d0c\">Děkujeme za nákup</h1>\
    </td></tr><tr><td>Účet č. 117: 2 × espresso. <a href=\"https://www.kavarna.example/ucet?id=117\">\
    Zobrazit účet</a></td></tr></table>";

#[test]
fn a_message_is_for_everybody_on_the_staff() {
    let relay = Souhlas::start(&setup()).unwrap();
    ready(&relay);
    hold(&relay, LETTER);
    submit(relay.smtp, NEWS, JANA, &news("Nová káva"));
    submit(relay.smtp, "posta@kavarna.example", PETR, &news("Akce"));
    let way = |what: &str| {
        vec![
            json!(["open", format!("/decisions?view=each&what={what}")]),
            json!(["press", "tbody a"]),
            json!(["press", ".head a.button"]),
        ]
    };
    let mut scenes = vec![
        scene("message", true, json!(way("held"))),
        scene("message-sample", false, json!(way("refused"))),
    ];
    for (what, tab) in [
        ("held", "text"),
        ("held", "headers"),
        ("held", "source"),
        ("held", "attachments"),
        ("repaired", "changes"),
    ] {
        let mut steps = way(what);
        steps.push(json!(["press", format!(".tabs a[href*='tab={tab}']")]));
        scenes.push(scene(&format!("message-{tab}"), true, json!(steps)));
    }
    scenes.extend(pages(&[("law", "/law")]));
    look(&relay, scenes);
}
