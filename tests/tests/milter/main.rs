//! `souhlas milter` behind real mail servers, set up as docs/milter.md says: a verdict for each message,
//! the client's reply, fields and body changed, recipients dropped, quarantine.

mod postfix;
mod sendmail;

use std::net::SocketAddr;

use outside::{
    guide, port,
    souhlas::{POLICY, RECEIPTS, Setup, Souhlas, wait},
    verifiers::Records,
};
use relay::sign::{self, Algorithm};
use serde_json::Value;

const ORDERS: &str = "objednavky@kavarna.example";
const NEWS: &str = "novinky@kavarna.example";
const TILL: &str = "pokladna@kavarna.example";
const JANA: &str = "jana@posta.example";
const PETR: &str = "petr@posta.example";

const ORDER: &str = "Dobrý den, objednávku č. 117 odešleme zítra.";
const NEW_COFFEE: &str = "Dobrý den, máme novou kávu z Etiopie.";
const LINKED: &str = "Dobrý den, máme novou kávu. Odhlásit: https://www.kavarna.example/odhlasit";
const OFFER: &str = "VÝPRODEJ, slevy až 50 %! Jen do neděle: kupte dva pytle kávy a třetí máte \
    zdarma.\r\nDoprava zdarma, slevový kód KAVA50, poslední kusy za akční ceny.\r\n\
    Nakoupit: https://www.kavarna.example/vyprodej?utm_source=mail&utm_campaign=jaro";

fn message(from: &str, subject: &str, body: &str) -> String {
    format!(
        "From: Kavarna <{from}>\r\nTo: nekdo@posta.example\r\nSubject: {subject}\r\n\
         Date: Mon, 02 Nov 2026 08:00:00 +0100\r\nMessage-ID: <zprava@kavarna.example>\r\n\
         MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\
         Content-Transfer-Encoding: 8bit\r\n\r\n{body}\r\n"
    )
}

/// What came of the news about new coffee; lines end with a line feed alone.
fn is_repaired(stored: &str) {
    for expected in [
        "\nSubject: [OS] Nova kava\n",
        "\nList-Unsubscribe: <https://odhlasit.kavarna.cz/",
        "\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\n",
        NEW_COFFEE,
        "Kavárna Pod Lípou s.r.o.",
        "https://odhlasit.kavarna.cz/",
    ] {
        assert!(stored.contains(expected), "{expected} is not in\n{stored}");
    }
    assert_eq!(stored.matches("\nSubject:").count(), 1, "{stored}");
}

fn samples(language: &str) -> Vec<String> {
    guide::samples(include_str!("../../../docs/milter.md"), language)
}

/// Where the relay is asked: on loopback.
fn free_address() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port::free().unwrap()))
}

/// The guide's first listener, at the test's address.
fn listener(asked: SocketAddr) -> String {
    samples("toml")[0].replace("127.0.0.1:8891", &asked.to_string())
}

/// With this listener, and the purpose that news need.
fn relay(database: &str, listener: String) -> Souhlas {
    let policy = format!("{POLICY}{RECEIPTS}");
    let setup = Setup { database: database.into(), more: listener, policy, ..Setup::default() };
    let relay = Souhlas::start(&setup).unwrap();
    relay.add_purpose();
    relay
}

fn grant(relay: &Souhlas, who: &str) {
    relay.must(&["grant", who, "--purpose", "novinky", "--evidence", "formulář"]);
}

/// From now on with a DKIM key, which is published so.
fn signs(relay: &Souhlas) -> Records {
    let (keys, now) = (relay.path("data/keys"), jiff::Timestamp::now());
    let record = sign::create(&keys, "kavarna.example", Algorithm::Rsa, None, now).unwrap();
    relay.signal("HUP");
    wait(|| relay.said().contains("is in force").then_some(())).expect("it reads its keys");
    Records::from([(record.name, record.value)])
}

/// The first line of the journal about a message with this fate.
fn fated(relay: &Souhlas, fate: &str) -> Value {
    let lines = relay.must(&["journal", "list", "--json", "--kind", "decided"]);
    let mut lines = lines.lines().map(|line| serde_json::from_str(line).unwrap());
    let found = lines.find(|line: &Value| line["detail"]["fate"] == fate);
    found.unwrap_or_else(|| panic!("nothing was {fate}"))
}
