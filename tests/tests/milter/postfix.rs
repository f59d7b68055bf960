//! Postfix, over a port and over a socket file.

use std::{fs, process::Command};

use outside::{
    postfix::{self, Postfix},
    souhlas::{Setup, Souhlas, on_both, wait},
    submit::{submit, submit_to_all},
    verifiers,
};
use serde_json::Value;

use super::{
    JANA, LINKED, NEW_COFFEE, NEWS, OFFER, ORDER, ORDERS, PETR, TILL, fated, free_address, grant,
    is_repaired, listener, message, samples, signs,
};

/// Postfix that asks the relay, which is stopped first.
struct Both {
    postfix: Postfix,
    relay: Souhlas,
}

/// `trusted`: more lines of the listener's login.
fn both(database: &str, trusted: &str) -> Both {
    let asked = free_address();
    let relay = super::relay(database, listener(asked) + trusted);
    let postfix = start(samples("postfix")[0].replace("127.0.0.1:8891", &asked.to_string()));
    Both { postfix, relay }
}

/// The same over a socket file in Postfix's own folder.
fn both_by_file(database: &str) -> Both {
    let postfix = start(samples("postfix").remove(1));
    let queue = postfix.path("queue").display().to_string();
    let of_test = |text: &str| text.replace("/var/spool/postfix", &queue);
    let made = of_test(&samples("sh")[1]).replace("-o souhlas", "-o root");
    assert!(Command::new("sh").args(["-ec", &made]).status().unwrap().success());
    let relay = super::relay(database, of_test(&samples("toml")[1]));
    Both { postfix, relay }
}

fn start(main: String) -> Postfix {
    let postfix = Postfix::start(&postfix::Settings {
        main: vec![main],
        mailbox_domains: vec!["posta.example".into()],
        ..postfix::Settings::default()
    });
    postfix.expect("Postfix starts (as root, with the package postfix)")
}

impl Both {
    fn submit(&self, from: &str, to: &str, message: &str) -> String {
        submit(self.postfix.address, from, to, message)
    }

    fn delivered(&self, count: usize) -> Vec<String> {
        let all = wait(|| Some(self.postfix.delivered()).filter(|all| all.len() >= count));
        let all = all.unwrap_or_else(|| panic!("{}\n{}", self.postfix.log(), self.relay.said()));
        all.into_iter().map(|bytes| String::from_utf8(bytes).unwrap()).collect()
    }
}

#[test]
fn what_may_go_goes_as_it_came() {
    on_both(|database| {
        let both = both(database, "");
        let said = both.submit(ORDERS, JANA, &message(ORDERS, "Objednavka 117", ORDER));
        assert!(said.starts_with("250 2.0.0 Ok: queued as "), "{said}\n{}", both.postfix.log());
        let stored = both.delivered(1).remove(0);
        let sent = message(ORDERS, "Objednavka 117", ORDER).replace("\r\n", "\n");
        assert!(stored.ends_with(&sent), "{stored}");
        assert_eq!(fated(&both.relay, "passed")["detail"]["login"], "postfix");
        assert!(both.relay.must(&["journal", "verify"]).contains("journal: whole"));
        let waiting = both.relay.must(&["queue", "list"]);
        assert!(!waiting.contains('@'), "{waiting}");
    });
}

#[test]
fn whom_the_address_alone_refuses_is_refused_at_rcpt_and_a_repair_is_made_by_postfix() {
    on_both(|database| {
        let both = both(database, "");
        let news = message(NEWS, "Nova kava", NEW_COFFEE);
        let said = both.submit(NEWS, JANA, &news);
        assert!(said.starts_with("550 5.7.1 consent-missing: not sent"), "{said}");
        assert_eq!(fated(&both.relay, "refused at RCPT")["detail"]["login"], "postfix");
        grant(&both.relay, JANA);
        let said = both.submit(NEWS, JANA, &news);
        assert!(said.starts_with("250 "), "{said}\n{}", both.postfix.log());
        let stored = both.delivered(1).remove(0);
        is_repaired(&stored);
    });
}

/// What Postfix was told to change is what was signed, to the byte.
#[test]
fn a_signed_repair_holds_behind_postfix() {
    on_both(|database| {
        let both = both(database, "");
        grant(&both.relay, JANA);
        let records = signs(&both.relay);
        let news = message(NEWS, "Nova kava", NEW_COFFEE);
        let said = both.submit(NEWS, JANA, &news);
        assert!(said.starts_with("250 "), "{said}\n{}", both.postfix.log());
        let stored = both.delivered(1).remove(0).replace('\n', "\r\n");
        assert!(stored.contains("\r\nDKIM-Signature:") && stored.contains("[OS]"), "{stored}");
        let found = verifiers::dkimpy(&records, &[stored.clone().into_bytes()]);
        assert_eq!(found, [vec![Value::Bool(true)]], "{stored}");
    });
}

#[test]
fn of_several_only_the_lawful_get_it_and_their_senders_hear_of_the_others() {
    on_both(|database| {
        let both = both(database, "refusals = \"suppress\"");
        both.relay.must(&["refuse", JANA, "--controller", "kavarna"]);
        grant(&both.relay, PETR);
        let news = message(NEWS, "Nova kava", LINKED);
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
    });
}

#[test]
fn links_of_ones_own_are_for_one_recipient_at_a_time() {
    on_both(|database| {
        let both = both(database, "");
        grant(&both.relay, JANA);
        grant(&both.relay, PETR);
        let news = message(NEWS, "Nova kava", NEW_COFFEE);
        let said = submit_to_all(both.postfix.address, NEWS, &[JANA, PETR], &news, || ());
        assert!(said.starts_with("550 5.7.1 links-are-personal: "), "{said}");
        assert_eq!(fated(&both.relay, "refused")["kind"], "decided");
        let order = message(ORDERS, "Objednavka 117", ORDER);
        let said = submit_to_all(both.postfix.address, ORDERS, &[JANA, PETR], &order, || ());
        assert!(said.starts_with("250 "), "{said}");
        both.delivered(2);
    });
}

#[test]
fn what_a_person_has_to_see_lies_in_postfixs_hold_queue() {
    on_both(|database| {
        let both = both(database, "");
        grant(&both.relay, JANA);
        let said = both.submit(TILL, JANA, &message(TILL, "VYPRODEJ: slevy az 50 %", OFFER));
        assert!(said.starts_with("250 2.0.0 Ok: queued as "), "{said}\n{}", both.postfix.log());
        let id = said.rsplit(' ').next().unwrap().to_owned();
        let held = both.postfix.path("queue/hold").join(&id);
        wait(|| held.exists().then_some(())).unwrap_or_else(|| panic!("{}", both.postfix.log()));
        assert_eq!(fated(&both.relay, "held")["detail"]["rule"], "class-mismatch");
        // As the guide says it is let go.
        both.postfix.superintend(&["-H", &id]).unwrap();
        both.postfix.flush().unwrap();
        both.delivered(1);
    });
}

#[test]
fn a_milter_that_is_not_there_defers() {
    let Both { postfix, relay } = both(&Setup::default().database, "");
    drop(relay);
    let said = submit(postfix.address, ORDERS, JANA, &message(ORDERS, "Objednavka 117", ORDER));
    assert!(said.starts_with("451 4.7.1 "), "{said}\n{}", postfix.log());
}

#[test]
fn a_socket_file_is_for_whom_its_folder_is_and_goes_with_the_relay() {
    on_both(|database| {
        let mut both = both_by_file(database);
        grant(&both.relay, JANA);
        for (from, text) in [(ORDERS, ORDER), (NEWS, NEW_COFFEE)] {
            let said = both.submit(from, JANA, &message(from, "Nova kava", text));
            assert!(said.starts_with("250 "), "{said}\n{}", both.postfix.log());
        }
        let mut stored = both.delivered(2);
        stored.retain(|one| one.contains("[OS]"));
        is_repaired(&stored.remove(0));
        assert_eq!(fated(&both.relay, "passed")["detail"]["login"], "postfix");
        let said = both.submit("podvodnik@jinde.example", JANA, &message(ORDERS, "x", ORDER));
        assert!(said.starts_with("550 5.7.1 ") && said.contains("sender-not-allowed"), "{said}");
        // What a power cut leaves is replaced; what stops in order leaves nothing.
        let file = both.postfix.path("queue/souhlas/milter.sock");
        both.relay.kill().unwrap();
        assert!(file.exists());
        both.relay.restart().unwrap();
        let said = both.submit(ORDERS, JANA, &message(ORDERS, "Objednavka 118", ORDER));
        assert!(said.starts_with("250 "), "{said}\n{}", both.postfix.log());
        assert!(both.relay.stop().unwrap().success() && !file.exists());
    });
}

#[test]
fn a_socket_file_that_is_used_is_nobody_elses() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("milter.sock").display().to_string();
    let listener = samples("toml")[1].replace("/var/spool/postfix/souhlas/milter.sock", &file);
    let _first = super::relay(&Setup::default().database, listener.clone());
    let second = Souhlas::start(&Setup { more: listener, ..Setup::default() });
    let said = second.err().expect("it does not start").to_string();
    assert!(said.contains(&format!("listener `postfix` cannot listen on `unix:{file}`")), "{said}");
    assert!(said.contains("somebody listens there already"), "{said}");
}

#[test]
fn the_command_opens_nothing_but_milters() {
    let asked = free_address();
    let more = listener(asked);
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
