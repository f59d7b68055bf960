//! OpenSMTPD as the next hop, which neither pipelines nor takes pieces, and as a client.

use outside::{
    opensmtpd::{OpenSmtpd, Settings},
    souhlas::{Setup, Souhlas, on_both, wait},
    submit::{submit, submit_to_all},
};

const ORDERS: &str = "objednavky@kavarna.example";
const NEWS: &str = "novinky@kavarna.example";
const JANA: &str = "jana@posta.example";
const PETR: &str = "petr@posta.example";
const NOBODY: &str = "nikdo@jinde.example";

fn message(from: &str, subject: &str, body: &str) -> String {
    format!(
        "From: <{from}>\r\nTo: <jana@posta.example>\r\nSubject: {subject}\r\n\
         Date: Mon, 02 Nov 2026 08:00:00 +0100\r\nMessage-ID: <1@kavarna.example>\r\n\
         MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\
         Content-Transfer-Encoding: 8bit\r\n\r\n{body}"
    )
}

/// One that keeps what comes for posta.example, takes 100 KB at most, and refuses all else.
fn mailbox() -> OpenSmtpd {
    let more = "smtp max-message-size \"100K\"".to_owned();
    let settings = Settings { keeps: "posta.example", onwards: None, more };
    OpenSmtpd::start(&settings).expect("OpenSMTPD starts (as root, unpacked by tests/run)")
}

/// One that keeps what comes back to the sender, and hands everything else to the relay.
fn client(onwards: String, more: &str) -> OpenSmtpd {
    let more = more.to_owned();
    let settings = Settings { keeps: "kavarna.example", onwards: Some(onwards), more };
    OpenSmtpd::start(&settings).expect("OpenSMTPD starts (as root, unpacked by tests/run)")
}

/// The relay that it hands its messages to.
fn submissions(database: &str) -> Souhlas {
    Souhlas::start(&Setup { database: database.into(), ..Setup::default() }).unwrap()
}

/// The relay towards it; reports to senders are captured.
fn relay(database: &str, hop: &OpenSmtpd) -> Souhlas {
    let more = "[[delivery.route]]\nname = \"reports\"\ndomains = [\"kavarna.example\"]\n\
        next-hop = \"capture\"\nfolder = \"data/captured\"";
    let (database, more) = (database.to_owned(), more.to_owned());
    let towards = Setup::towards(hop.address.port());
    Souhlas::start(&Setup { database, more, ..towards }).unwrap()
}

#[test]
fn opensmtpd_gets_what_was_submitted_and_whom_it_refuses_the_sender_hears_of() {
    on_both(|database| {
        let hop = mailbox();
        let relay = relay(database, &hop);
        let body = ".\r\n..dve tecky\r\nŽluťoučký kůň\r\n".repeat(400);
        let order = message(ORDERS, "Objednavka 1", &body);
        // On the way in the dots are stuffed, as any client does it.
        let stuffed = order.replace("\r\n.", "\r\n..");
        let said = submit_to_all(relay.smtp, ORDERS, &[JANA, NOBODY, PETR], &stuffed, || ());
        assert!(said.starts_with("250"), "{said}");
        let all = wait(|| Some(hop.delivered()).filter(|all| all.len() == 2));
        for one in all.unwrap_or_else(|| panic!("{}\n{}", hop.log(), relay.said())) {
            assert!(one.ends_with(&order.replace("\r\n", "\n")), "{one}");
        }
        assert_eq!(hop.log().matches("smtp message msgid=").count(), 1, "{}", hop.log());
        let report = String::from_utf8(relay.wait_for_captured(1).remove(0)).unwrap();
        for expected in [
            "Final-Recipient: rfc822; nikdo@jinde.example",
            "Action: failed",
            "Diagnostic-Code: smtp; 550 Invalid recipient",
        ] {
            assert!(report.contains(expected), "`{expected}` is not in\n{report}");
        }
        assert!(!report.contains("Final-Recipient: rfc822; jana@"), "{report}");
    });
}

#[test]
fn what_is_larger_than_opensmtpd_takes_comes_back_untried() {
    on_both(|database| {
        let hop = mailbox();
        let relay = relay(database, &hop);
        let large = message(ORDERS, "Objednavka 2", &"Dobrý den.\r\n".repeat(20_000));
        assert!(submit(relay.smtp, ORDERS, JANA, &large).starts_with("250"));
        let report = String::from_utf8(relay.wait_for_captured(1).remove(0)).unwrap();
        assert!(report.contains("Status: 5.3.4\r\n"), "{report}");
        assert!(
            !hop.log().contains("failed-command") && hop.delivered().is_empty(),
            "{}",
            hop.log()
        );
    });
}

#[test]
fn what_opensmtpd_hands_on_is_decided_on_and_its_sender_hears_of_a_no() {
    on_both(|database| {
        let relay = submissions(database);
        relay.add_purpose();
        relay.must(&["grant", JANA, "--purpose", "novinky", "--evidence", "form"]);
        let onwards = format!("relay host smtp://127.0.0.1:{}", relay.smtp.port());
        let client = client(onwards, "");
        let text = "Dobrý den, máme novou kávu.\r\n..\r\nVaše kavárna\r\n";
        let news = message(NEWS, "Nova kava", text);
        let said = submit_to_all(client.address, NEWS, &[JANA, PETR], &news, || ());
        assert!(said.starts_with("250"), "{said}");
        let sent = String::from_utf8(relay.wait_for_captured(1).remove(0)).unwrap();
        assert!(sent.contains("máme novou kávu.\r\n.\r\nVaše kavárna\r\n"), "{sent}");
        let back = wait(|| client.delivered().into_iter().next());
        let back = back.unwrap_or_else(|| panic!("{}\n{}", client.log(), relay.said()));
        assert!(back.contains(PETR) && back.contains("550 5.7.1 consent-missing"), "{back}");
        assert!(!back.contains(&format!("{JANA}:")), "{back}");
        assert_eq!(relay.captured().len(), 1);
    });
}

#[test]
fn opensmtpd_logs_in_over_tls_and_what_it_hands_on_is_untouched() {
    on_both(|database| {
        let relay = submissions(database);
        relay.add_login("obchod", "velmi-tajne-heslo-42");
        let port = relay.submission.port();
        let client = client(
            format!("relay host smtp+tls://shop@127.0.0.1:{port} tls no-verify auth <passwords>"),
            "table passwords { shop = \"obchod:velmi-tajne-heslo-42\" }",
        );
        // It sends 8-bit text without a word about it.
        let order = message(ORDERS, "Objednavka 3", "Dobrý den,\r\n.tečka\r\nodesíláme.\r\n");
        let stuffed = order.replace("\r\n.", "\r\n..");
        let said = submit(client.address, ORDERS, JANA, &stuffed);
        assert!(said.starts_with("250"), "{said}");
        let sent = wait(|| relay.captured().into_iter().next());
        let sent = sent.unwrap_or_else(|| panic!("{}\n{}", client.log(), relay.said()));
        let sent = String::from_utf8(sent).unwrap();
        assert!(sent.ends_with(&order), "{sent}");
        assert!(sent.contains("with ESMTPSA"), "{sent}");
    });
}
