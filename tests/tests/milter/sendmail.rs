//! Sendmail, over a port and over a socket file.

use outside::{
    sendmail::{self, Sendmail},
    sink::{Script, Sink, Taken},
    souhlas::{Setup, Souhlas, on_both},
    submit::{submit, submit_as, submit_in_turn, submit_to_all},
    verifiers,
};
use serde_json::Value;
use tokio::runtime::Runtime;

use super::{
    JANA, LINKED, NEW_COFFEE, NEWS, OFFER, ORDER, ORDERS, PETR, TILL, fated, free_address, grant,
    is_repaired, listener, message, samples, signs,
};

/// Sendmail that asks the relay, and where its mail goes.
struct Both {
    sendmail: Sendmail,
    relay: Souhlas,
    hop: Sink,
    runtime: Runtime,
}

/// `terms`: more lines of the listener; `trusted`: of its login.
fn both(database: &str, terms: &str, trusted: &str) -> Both {
    let asked = free_address();
    let listener =
        listener(asked).replace("[listener.trusted]", &format!("{terms}\n[listener.trusted]"));
    let relay = super::relay(database, listener + trusted);
    let port = format!("inet:{}@127.0.0.1", asked.port());
    let more = samples("sendmail")[0].replace("inet:8891@127.0.0.1", &port);
    started(Sendmail::folder().unwrap(), relay, more, !terms.is_empty())
}

/// The same over a socket file.
fn both_by_file(database: &str) -> Both {
    let folder = Sendmail::folder().unwrap();
    std::fs::create_dir_all(folder.path().join("run/souhlas")).unwrap();
    let at = format!("unix:{}/run/souhlas", folder.path().display());
    let listener = samples("toml")[1].replace("unix:/var/spool/postfix/souhlas", &at);
    let relay = super::relay(database, listener);
    started(folder, relay, samples("sendmail").remove(1), false)
}

fn started(folder: tempfile::TempDir, relay: Souhlas, more: String, logins: bool) -> Both {
    let runtime = Runtime::new().unwrap();
    let hop = runtime.block_on(Sink::start(Script::modern()));
    let next_hop = hop.address.port();
    let sendmail = Sendmail::start(folder, &sendmail::Settings { more, next_hop, logins });
    let sendmail = sendmail.expect("Sendmail starts (as root, unpacked by tests/run)");
    Both { sendmail, relay, hop, runtime }
}

impl Both {
    fn submit(&self, from: &str, to: &str, message: &str) -> String {
        submit(self.sendmail.address, from, to, message)
    }

    /// Accepted, with the id in its queue.
    fn accepted(&self, said: &str) -> String {
        let id = said.strip_prefix("250 2.0.0 ").and_then(|rest| rest.split_once(' '));
        let (id, _) = id.unwrap_or_else(|| panic!("{said}\n{}", self.sendmail.traffic()));
        id.to_owned()
    }

    fn sent(&self, count: usize) -> Vec<Taken> {
        self.runtime.block_on(self.hop.messages(count))
    }
}

/// With line feeds alone.
fn text(taken: &Taken) -> String {
    String::from_utf8(taken.bytes.clone()).unwrap().replace("\r\n", "\n")
}

#[test]
fn what_may_go_goes_as_it_came() {
    on_both(|database| {
        let both = both(database, "", "");
        let order = message(ORDERS, "Objednavka 117", ORDER);
        both.accepted(&both.submit(ORDERS, JANA, &order));
        let sent = text(&both.sent(1)[0]);
        assert!(sent.ends_with(&order.replace("\r\n", "\n")), "{sent}");
        assert_eq!(fated(&both.relay, "passed")["detail"]["login"], "postfix");
        assert!(both.relay.must(&["journal", "verify"]).contains("journal: whole"));
    });
}

#[test]
fn whom_the_address_alone_refuses_is_refused_at_rcpt_and_a_repair_is_made_by_sendmail() {
    on_both(|database| {
        let both = both(database, "", "");
        let news = message(NEWS, "Nova kava", NEW_COFFEE);
        let said = both.submit(NEWS, JANA, &news);
        let expected = "550 5.7.1 <jana@posta.example>... consent-missing: not sent, journal ";
        assert!(said.starts_with(expected), "{said}");
        assert_eq!(fated(&both.relay, "refused at RCPT")["detail"]["login"], "postfix");
        grant(&both.relay, JANA);
        both.accepted(&both.submit(NEWS, JANA, &news));
        is_repaired(&text(&both.sent(1)[0]));
    });
}

/// What Sendmail was told to change is what was signed.
#[test]
fn a_signed_repair_holds_behind_sendmail() {
    on_both(|database| {
        let both = both(database, "", "");
        grant(&both.relay, JANA);
        let records = signs(&both.relay);
        let news = message(NEWS, "Nova kava", NEW_COFFEE);
        // A header that only the relay knows goes, and one that is new comes in.
        let news = format!("Souhlas-Stream: novinky\r\n{news}");
        both.accepted(&both.submit(NEWS, JANA, &news));
        let sent = both.sent(1).remove(0);
        let shown = text(&sent);
        assert!(shown.starts_with("DKIM-Signature:") && !shown.contains("Souhlas-"), "{shown}");
        is_repaired(&shown);
        let found = verifiers::dkimpy(&records, &[sent.bytes]);
        assert_eq!(found, [vec![Value::Bool(true)]], "{shown}");
    });
}

#[test]
fn of_several_only_the_lawful_get_it_and_their_senders_hear_of_the_others() {
    on_both(|database| {
        let both = both(database, "", "refusals = \"suppress\"");
        both.relay.must(&["refuse", JANA, "--controller", "kavarna"]);
        grant(&both.relay, PETR);
        let news = message(NEWS, "Nova kava", LINKED);
        let said = submit_to_all(both.sendmail.address, NEWS, &[JANA, PETR], &news, || ());
        both.accepted(&said);
        let sent = both.sent(1).remove(0);
        assert_eq!(sent.rcpts.len(), 1, "{sent:?}");
        assert!(sent.rcpts[0].contains(PETR), "{sent:?}");
        let report = String::from_utf8(both.relay.wait_for_captured(1).remove(0)).unwrap();
        assert!(report.contains("jana@posta.example") && report.contains("refused"), "{report}");
        // Nobody may have it: Sendmail takes it and sends it to nobody.
        both.accepted(&both.submit(NEWS, JANA, &news));
        both.relay.wait_for_captured(2);
        let queue = both.sendmail.command(&["-bp"]).unwrap();
        let queue = String::from_utf8_lossy(&queue.stdout).into_owned();
        assert!(queue.contains("is empty"), "{queue}");
        assert_eq!(both.hop.count(), 1);
    });
}

#[test]
fn what_is_refused_at_its_end_is_refused_to_sendmails_client_and_the_next_goes() {
    on_both(|database| {
        let both = both(database, "", "");
        grant(&both.relay, JANA);
        grant(&both.relay, PETR);
        let news = message(NEWS, "Nova kava", NEW_COFFEE);
        let order = message(ORDERS, "Objednavka 117", ORDER);
        // All in one connection of the client's, and so of the milter's.
        let said = submit_in_turn(
            both.sendmail.address,
            &[
                (NEWS, &[JANA, PETR], &news),
                (ORDERS, &[JANA, PETR], &order),
                (NEWS, &[PETR], &news),
            ],
        );
        let expected = "550 5.7.1 links-are-personal: not sent, send to one recipient at a time";
        assert!(said[0].starts_with(expected), "{said:?}");
        assert_eq!(fated(&both.relay, "refused")["kind"], "decided");
        both.accepted(&said[1]);
        both.accepted(&said[2]);
        let sent = both.sent(2);
        let of = |subject: &str| sent.iter().find(|one| text(one).contains(subject)).unwrap();
        assert_eq!(of("Objednavka 117").rcpts.len(), 2, "{sent:?}");
        is_repaired(&text(of("Nova kava")));
    });
}

#[test]
fn what_a_person_has_to_see_lies_in_sendmails_quarantine() {
    on_both(|database| {
        let both = both(database, "", "");
        grant(&both.relay, JANA);
        let offer = message(TILL, "VYPRODEJ: slevy az 50 %", OFFER);
        let id = both.accepted(&both.submit(TILL, JANA, &offer));
        let shown = both.sendmail.command(&["-bp", "-qQ"]).unwrap();
        let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
        assert!(shown.contains(&id) && shown.contains("QUARANTINE: class-mismatch"), "{shown}");
        assert_eq!(fated(&both.relay, "held")["detail"]["rule"], "class-mismatch");
        both.sendmail.command(&["-q"]).unwrap();
        assert_eq!(both.hop.count(), 0);
        // As the guide says it is let go.
        for line in samples("sh")[0].lines() {
            let words: Vec<String> = line.split(' ').map(|word| word.replace("ID", &id)).collect();
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            assert_eq!(words[0], "sendmail");
            both.sendmail.command(&words[1..]).unwrap();
        }
        assert!(text(&both.sent(1)[0]).contains("VYPRODEJ"));
    });
}

#[test]
fn a_milter_that_is_not_there_defers() {
    let Both { sendmail, relay, .. } = both(&Setup::default().database, "", "");
    drop(relay);
    let said = submit(sendmail.address, ORDERS, JANA, &message(ORDERS, "Objednavka 117", ORDER));
    assert!(said.starts_with("451 4.3.2 "), "{said}\n{}", sendmail.traffic());
}

#[test]
fn who_logged_in_at_sendmail_is_the_login_of_that_name() {
    on_both(|database| {
        let both = both(database, "auth-is-login = true", "");
        both.relay.add_login("obchod", "velmi-tajne-heslo-42");
        let order = message(ORDERS, "Objednavka 117", ORDER);
        let submit = |name: &str| {
            let auth = relay::seal::base64(format!("\0{name}\0heslo").as_bytes());
            submit_as(both.sendmail.address, &auth, ORDERS, JANA, &order)
        };
        both.accepted(&submit("obchod"));
        both.sent(1);
        assert_eq!(fated(&both.relay, "passed")["detail"]["login"], "obchod");
        let said = submit("nikdo");
        assert!(said.starts_with("550 5.7.8 ") && said.contains("no such login"), "{said}");
    });
}

#[test]
fn sendmail_asks_over_a_socket_file_too() {
    on_both(|database| {
        let mut both = both_by_file(database);
        grant(&both.relay, JANA);
        let news = message(NEWS, "Nova kava", NEW_COFFEE);
        both.accepted(&both.submit(NEWS, JANA, &news));
        is_repaired(&text(&both.sent(1)[0]));
        both.relay.kill().unwrap();
        let said = both.submit(NEWS, JANA, &news);
        assert!(said.starts_with("451 4.3.2 "), "{said}");
    });
}
