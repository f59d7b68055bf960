//! `souhlas milter` behind a real Postfix, set up as docs/milter.md says: a verdict for each message,
//! the client's reply, fields and body changed, recipients dropped, quarantine.

use std::{fs, net::SocketAddr};

use outside::{
    guide, port,
    postfix::{self, Postfix},
    souhlas::{POLICY, RECEIPTS, Setup, Souhlas, wait},
    submit::{submit, submit_to_all},
    verifiers::{self, Records},
};
use relay::sign::{self, Algorithm};
use serde_json::Value;

const ORDERS: &str = "objednavky@kavarna.example";
const NEWS: &str = "novinky@kavarna.example";
const TILL: &str = "pokladna@kavarna.example";
const JANA: &str = "jana@posta.example";
const PETR: &str = "petr@posta.example";

const ORDER: &str = "Dobrý den, objednávku č. 117 odešleme zítra.";
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

/// The guide's first sample in this language, with the test's address.
fn sample(language: &str, asked: SocketAddr) -> String {
    let all = guide::samples(include_str!("../../docs/milter.md"), language);
    all[0].replace("127.0.0.1:8891", &asked.to_string())
}

/// Postfix that asks the relay, which is stopped first.
struct Both {
    postfix: Postfix,
    relay: Souhlas,
}

/// `trusted`: more lines of the listener's login.
fn both(trusted: &str) -> Both {
    let asked = SocketAddr::from(([127, 0, 0, 1], port::free().unwrap()));
    let more = sample("toml", asked) + trusted;
    let policy = format!("{POLICY}{RECEIPTS}");
    let relay = Souhlas::start(&Setup { more, policy, ..Setup::default() }).unwrap();
    let postfix = Postfix::start(&postfix::Settings {
        main: vec![sample("postfix", asked)],
        mailbox_domains: vec!["posta.example".into()],
        ..postfix::Settings::default()
    });
    let postfix = postfix.expect("Postfix starts (as root, with the package postfix)");
    relay.add_purpose();
    Both { postfix, relay }
}

impl Both {
    fn submit(&self, from: &str, to: &str, message: &str) -> String {
        submit(self.postfix.address, from, to, message)
    }

    fn grant(&self, who: &str) {
        self.relay.must(&["grant", who, "--purpose", "novinky", "--evidence", "formulář"]);
    }

    fn delivered(&self, count: usize) -> Vec<String> {
        let all = wait(|| Some(self.postfix.delivered()).filter(|all| all.len() >= count));
        let all = all.unwrap_or_else(|| panic!("{}\n{}", self.postfix.log(), self.relay.said()));
        all.into_iter().map(|bytes| String::from_utf8(bytes).unwrap()).collect()
    }

    /// The first line of the journal about a message with this fate.
    fn fated(&self, fate: &str) -> Value {
        let lines = self.relay.must(&["journal", "list", "--json", "--kind", "decided"]);
        let mut lines = lines.lines().map(|line| serde_json::from_str(line).unwrap());
        let found = lines.find(|line: &Value| line["detail"]["fate"] == fate);
        found.unwrap_or_else(|| panic!("nothing was {fate}"))
    }
}

#[test]
fn what_may_go_goes_as_it_came() {
    let both = both("");
    let said = both.submit(ORDERS, JANA, &message(ORDERS, "Objednavka 117", ORDER));
    assert!(said.starts_with("250 2.0.0 Ok: queued as "), "{said}\n{}", both.postfix.log());
    let stored = both.delivered(1).remove(0);
    let sent = message(ORDERS, "Objednavka 117", ORDER).replace("\r\n", "\n");
    assert!(stored.ends_with(&sent), "{stored}");
    assert_eq!(both.fated("passed")["detail"]["login"], "postfix");
    assert!(both.relay.must(&["journal", "verify"]).contains("journal: whole"));
    let waiting = both.relay.must(&["queue", "list"]);
    assert!(!waiting.contains('@'), "{waiting}");
}

#[test]
fn whom_the_address_alone_refuses_is_refused_at_rcpt_and_a_repair_is_made_by_postfix() {
    let both = both("");
    let news = message(NEWS, "Nova kava", "Dobrý den, máme novou kávu z Etiopie.");
    let said = both.submit(NEWS, JANA, &news);
    assert!(said.starts_with("550 5.7.1 consent-missing: not sent"), "{said}");
    assert_eq!(both.fated("refused at RCPT")["detail"]["login"], "postfix");
    both.grant(JANA);
    let said = both.submit(NEWS, JANA, &news);
    assert!(said.starts_with("250 "), "{said}\n{}", both.postfix.log());
    let stored = both.delivered(1).remove(0);
    for expected in [
        "\nSubject: [OS] Nova kava\n",
        "\nList-Unsubscribe: <https://odhlasit.kavarna.cz/",
        "\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\n",
        "máme novou kávu z Etiopie.",
        "Kavárna Pod Lípou s.r.o.",
        "https://odhlasit.kavarna.cz/",
    ] {
        assert!(stored.contains(expected), "{expected} is not in\n{stored}");
    }
    assert_eq!(stored.matches("\nSubject:").count(), 1, "{stored}");
}

/// What Postfix was told to change is what was signed, to the byte.
#[test]
fn a_signed_repair_holds_behind_postfix() {
    let both = both("");
    both.grant(JANA);
    let keys = both.relay.path("data/keys");
    let now = jiff::Timestamp::now();
    let record = sign::create(&keys, "kavarna.example", Algorithm::Rsa, None, now).unwrap();
    both.relay.signal("HUP");
    wait(|| both.relay.said().contains("is in force").then_some(())).expect("it reads its keys");
    let news = message(NEWS, "Nova kava", "Dobrý den, máme novou kávu z Etiopie.");
    let said = both.submit(NEWS, JANA, &news);
    assert!(said.starts_with("250 "), "{said}\n{}", both.postfix.log());
    let stored = both.delivered(1).remove(0).replace('\n', "\r\n");
    assert!(stored.contains("\r\nDKIM-Signature:") && stored.contains("[OS]"), "{stored}");
    let records = Records::from([(record.name, record.value)]);
    let found = verifiers::dkimpy(&records, &[stored.clone().into_bytes()]);
    assert_eq!(found, [vec![Value::Bool(true)]], "{stored}");
}

#[test]
fn of_several_only_the_lawful_get_it_and_their_senders_hear_of_the_others() {
    let both = both("refusals = \"suppress\"");
    both.relay.must(&["refuse", JANA, "--controller", "kavarna"]);
    both.grant(PETR);
    let links = "Dobrý den, máme novou kávu. Odhlásit: https://www.kavarna.example/odhlasit";
    let news = message(NEWS, "Nova kava", links);
    let said = submit_to_all(both.postfix.address, NEWS, &[JANA, PETR], &news, || ());
    assert!(said.starts_with("250 "), "{said}\n{}", both.postfix.log());
    both.delivered(1);
    let done = || Some(both.postfix.log()).filter(|log| log.contains(": removed"));
    let log = wait(done).expect("Postfix is done with it");
    assert!(log.contains("to=<petr@posta.example>") && !log.contains("to=<jana@"), "{log}");
    let report = String::from_utf8(both.relay.wait_for_captured(1).remove(0)).unwrap();
    assert!(report.contains("jana@posta.example") && report.contains("refused"), "{report}");
    // Nobody may have it: Postfix takes it and sends it to nobody.
    let said = both.submit(NEWS, JANA, &news);
    assert!(said.starts_with("250 "), "{said}");
    both.relay.wait_for_captured(2);
    assert_eq!(both.delivered(1).len(), 1);
}

#[test]
fn links_of_ones_own_are_for_one_recipient_at_a_time() {
    let both = both("");
    both.grant(JANA);
    both.grant(PETR);
    let news = message(NEWS, "Nova kava", "Dobrý den, máme novou kávu z Etiopie.");
    let said = submit_to_all(both.postfix.address, NEWS, &[JANA, PETR], &news, || ());
    assert!(said.starts_with("550 5.7.1 links-are-personal: "), "{said}");
    assert_eq!(both.fated("refused")["kind"], "decided");
    let order = message(ORDERS, "Objednavka 117", ORDER);
    let said = submit_to_all(both.postfix.address, ORDERS, &[JANA, PETR], &order, || ());
    assert!(said.starts_with("250 "), "{said}");
    both.delivered(2);
}

#[test]
fn what_a_person_has_to_see_lies_in_postfixs_hold_queue() {
    let both = both("");
    both.grant(JANA);
    let said = both.submit(TILL, JANA, &message(TILL, "VYPRODEJ: slevy az 50 %", OFFER));
    assert!(said.starts_with("250 2.0.0 Ok: queued as "), "{said}\n{}", both.postfix.log());
    let id = said.rsplit(' ').next().unwrap().to_owned();
    let held = both.postfix.path("queue/hold").join(&id);
    wait(|| held.exists().then_some(())).unwrap_or_else(|| panic!("{}", both.postfix.log()));
    assert_eq!(both.fated("held")["detail"]["rule"], "class-mismatch");
    // As the guide says it is let go.
    both.postfix.superintend(&["-H", &id]).unwrap();
    both.postfix.flush().unwrap();
    both.delivered(1);
}

#[test]
fn a_milter_that_is_not_there_defers() {
    let Both { postfix, relay } = both("");
    drop(relay);
    let said = submit(postfix.address, ORDERS, JANA, &message(ORDERS, "Objednavka 117", ORDER));
    assert!(said.starts_with("451 4.7.1 "), "{said}\n{}", postfix.log());
}

#[test]
fn the_command_opens_nothing_but_milters() {
    let asked = SocketAddr::from(([127, 0, 0, 1], port::free().unwrap()));
    let more = sample("toml", asked);
    let mut relay = Souhlas::start(&Setup { more, ..Setup::default() }).unwrap();
    relay.kill().unwrap();
    let mut child = relay.spawn(&["milter"]).unwrap();
    let up = wait(|| std::net::TcpStream::connect(asked).ok());
    let submits = std::net::TcpStream::connect(relay.smtp).is_ok();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(up.is_some() && !submits);
    let file = relay.path("config/relay.toml");
    let text = fs::read_to_string(&file).unwrap().replace("takes = \"milter\"", "");
    fs::write(&file, text).unwrap();
    let output = relay.command(&["milter"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && said.contains("takes = \"milter\""), "{said}");
}
