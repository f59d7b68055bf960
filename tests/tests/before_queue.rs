//! Postfix asks the relay before its queue (`smtpd_proxy_filter`), and gets back over a second port
//! what may go: as docs/milter.md sets it up.

use std::net::SocketAddr;

use outside::{
    guide, port,
    postfix::{self, Postfix},
    souhlas::{Setup, Souhlas, wait},
    submit::submit,
};

const ORDERS: &str = "objednavky@kavarna.example";
const NEWS: &str = "novinky@kavarna.example";
const TO: &str = "zakaznik@posta.example";

fn message(from: &str, body: &str) -> String {
    format!(
        "From: <{from}>\r\nTo: <{TO}>\r\nSubject: Objednavka 117\r\n\
         Date: Mon, 02 Nov 2026 08:00:00 +0100\r\nMessage-ID: <117@kavarna.example>\r\n\r\n{body}\r\n"
    )
}

/// Postfix with the relay before its queue; both end with the test.
fn both() -> (Postfix, Souhlas) {
    let [asked, back] = [(); 2].map(|()| SocketAddr::from(([127, 0, 0, 1], port::free().unwrap())));
    // Those before are the milter's.
    let sample = |language: &str, at: usize| {
        let text = guide::samples(include_str!("../../docs/milter.md"), language).remove(at);
        text.replace("10025", &asked.port().to_string()).replace("10026", &back.port().to_string())
    };
    let settings = sample("toml", 2);
    let (more, otherwise) = settings.split_once("[delivery.otherwise]").expect("both are there");
    let (more, otherwise) = (more.to_owned(), otherwise.to_owned());
    let relay = Souhlas::start(&Setup { more, otherwise, ..Setup::default() }).unwrap();
    let postfix = Postfix::start(&postfix::Settings {
        main: vec![sample("postfix", 2)],
        master: vec![sample("postfix", 3)],
        mailbox_domains: vec!["posta.example".into()],
        ..postfix::Settings::default()
    });
    let postfix = postfix.expect("Postfix starts (as root, with the package postfix)");
    outside::bench::load::wait_for(back).unwrap();
    relay.add_purpose();
    (postfix, relay)
}

#[test]
fn what_may_go_is_in_postfixs_queue_before_the_client_hears_250() {
    let (postfix, relay) = both();
    let order = message(ORDERS, "Dobry den, objednavku c. 117 odesleme zitra.");
    let said = submit(postfix.address, ORDERS, TO, &order);
    assert!(said.starts_with("250 2.0.0 Ok: "), "{said}\n{}", postfix.log());
    let stored = wait(|| postfix.delivered().into_iter().next());
    let stored = stored.unwrap_or_else(|| panic!("{}\n{}", postfix.log(), relay.said()));
    let stored = String::from_utf8(stored).unwrap();
    // XFORWARD: the client of Postfix, and not Postfix, stands in the trace.
    assert!(
        stored.contains("Received: from tool.example ([127.0.0.1])\n\tby localhost"),
        "{stored}"
    );
    // And the way back tells it what it knew.
    let log = postfix.log();
    assert!(log.contains("orig_client=localhost[127.0.0.1]"), "{log}");
    let waiting = relay.must(&["queue", "list"]);
    assert!(!waiting.contains('@'), "{waiting}");
}

#[test]
fn what_the_law_refuses_is_refused_to_postfixs_client() {
    let (postfix, relay) = both();
    let news = message(NEWS, "Dobry den, mame novou kavu z Etiopie.");
    let said = submit(postfix.address, NEWS, TO, &news);
    assert!(said.starts_with("550 5.7.1 consent-missing: not sent"), "{said}\n{}", postfix.log());
    relay.must(&["grant", TO, "--purpose", "novinky", "--evidence", "formulář"]);
    let said = submit(postfix.address, NEWS, TO, &news);
    assert!(said.starts_with("250 "), "{said}\n{}", postfix.log());
    let stored = wait(|| postfix.delivered().into_iter().next()).expect("it is stored");
    let stored = String::from_utf8(stored).unwrap();
    assert!(stored.contains("List-Unsubscribe: <https://odhlasit.kavarna.cz/"), "{stored}");
}
