//! Postfix as next hop: a smarthost with STARTTLS, and the MX of a domain that the test's own DNS
//! server names; what it stores is what was submitted. And as a client, with and without a login.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::TcpStream,
    process::Command,
};

use outside::{
    dns::Dns,
    postfix::{self, Postfix},
    souhlas::{Setup, Souhlas, on_both, wait},
    submit::{submit as hand_over, submit_to_all},
};

const FROM: &str = "objednavky@kavarna.example";
const TO: &str = "zakaznik@posta.example";
const MESSAGE: &str = "From: <objednavky@kavarna.example>\r\n\
    To: <zakaznik@posta.example>\r\n\
    Subject: =?utf-8?Q?Potvrzen=C3=AD_objedn=C3=A1vky_=C4=8D=2E?= 2026-118\r\n\
    Date: Mon, 02 Nov 2026 08:00:00 +0100\r\n\
    Message-ID: <objednavka-2026-118@kavarna.example>\r\n\
    MIME-Version: 1.0\r\n\
    Content-Type: text/plain; charset=utf-8\r\n\
    Content-Transfer-Encoding: 8bit\r\n\
    \r\n\
    Dobrý den,\r\n\
    ..přijali jsme Vaši objednávku č. 2026-118.\r\n";

#[test]
fn a_smarthost_gets_what_was_submitted_over_tls() {
    on_both(|database| {
        let postfix = mailbox();
        let relay = Souhlas::start(&Setup {
            database: database.into(),
            otherwise: format!(
                "next-hop = \"smarthost\"\nhost = \"127.0.0.1\"\nport = {}\ntls = \"opportunistic\"",
                postfix.address.port()
            ),
            ..Setup::default()
        })
        .unwrap();
        submit(&relay);
        let stored = arrived(&postfix, &relay);
        assert!(
            stored.ends_with(&MESSAGE.replace("\r\n", "\n").replace("\n..", "\n.")),
            "{stored}"
        );
        assert!(stored.contains("with ESMTPS id"), "the trace says TLS was used:\n{stored}");
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_domains_mx_is_found_and_gets_it() {
    let postfix = mailbox();
    let dns = Dns::start().await;
    // The preferred host is not there: the second one takes it.
    dns.add_mx("posta.example", 10, "mx1.posta.example", [127, 0, 0, 77].into());
    dns.add_mx("posta.example", 20, "mx2.posta.example", postfix.address.ip());
    let relay = Souhlas::start(&Setup {
        otherwise: format!("next-hop = \"mx\"\nport = {}", postfix.address.port()),
        more: format!("[delivery]\ndns = [\"{}\"]", dns.address),
        ..Setup::default()
    })
    .unwrap();
    tokio::task::block_in_place(|| {
        submit(&relay);
        let stored = arrived(&postfix, &relay);
        assert!(
            stored.ends_with(&MESSAGE.replace("\r\n", "\n").replace("\n..", "\n.")),
            "{stored}"
        );
    });
    assert!(dns.asked().iter().any(|asked| asked == "posta.example 15"), "{:?}", dns.asked());
}

#[test]
fn what_postfix_refuses_comes_back_as_a_report() {
    on_both(|database| {
        let postfix = mailbox();
        let relay = Souhlas::start(&Setup {
            database: database.into(),
            // Reports to the sender go another way, into files.
            more: "[[delivery.route]]\nname = \"reports\"\ndomains = [\"kavarna.example\"]\n\
                   next-hop = \"capture\"\nfolder = \"data/captured\""
                .into(),
            ..Setup::towards(postfix.address.port())
        })
        .unwrap();
        submit_to(&relay, "nikdo@neexistuje.example");
        let report = String::from_utf8(relay.wait_for_captured(1).remove(0)).unwrap();
        for expected in [
            "Content-Type: multipart/report; report-type=delivery-status",
            "Final-Recipient: rfc822; nikdo@neexistuje.example",
            "Action: failed",
            "Status: 5.7.1",
            "Diagnostic-Code: smtp; 554 5.7.1",
            "Message-ID: <objednavka-2026-118@kavarna.example>",
        ] {
            let unfolded = report.replace(";\r\n\t", "; ").replace(";\r\n ", "; ");
            assert!(unfolded.contains(expected), "`{expected}` is not in\n{report}");
        }
    });
}

#[test]
fn postfix_hands_on_to_whom_may_get_it_and_bounces_the_others() {
    on_both(|database| {
        let relay =
            Souhlas::start(&Setup { database: database.into(), ..Setup::default() }).unwrap();
        relay.add_purpose();
        relay.must(&["grant", "jana@posta.example", "--purpose", "novinky", "--evidence", "form"]);
        let postfix = client(relay.smtp.port(), &[]);
        let news = "From: <novinky@kavarna.example>\r\nTo: <zakaznici@kavarna.example>\r\n\
            Subject: Nova kava\r\nDate: Mon, 02 Nov 2026 08:00:00 +0100\r\n\
            Message-ID: <2@kavarna.example>\r\n\r\nNova kava je tu. Prijdte ochutnat.\r\n";
        let to = ["jana@posta.example", "petr@posta.example"];
        let said = submit_to_all(postfix.address, "novinky@kavarna.example", &to, news, || ());
        assert!(said.starts_with("250 2.0.0 Ok: queued"), "{said}");
        let sent = String::from_utf8(relay.wait_for_captured(1).remove(0)).unwrap();
        assert!(sent.contains("Nova kava je tu."), "{sent}");
        let back = arrived(&postfix, &relay);
        let why = "550 5.7.1 consent-missing";
        assert!(back.contains("petr@posta.example") && back.contains(why), "{back}");
        assert!(!back.contains("jana@posta.example"), "{back}");
        assert_eq!(relay.captured().len(), 1);
    });
}

#[test]
fn postfix_logs_in_over_tls_and_what_it_hands_on_is_untouched() {
    on_both(|database| {
        let relay =
            Souhlas::start(&Setup { database: database.into(), ..Setup::default() }).unwrap();
        relay.add_login("obchod", "velmi-tajne-heslo-42");
        let port = relay.submission.port();
        let password = format!("{{[127.0.0.1]:{port} = obchod:velmi-tajne-heslo-42}}");
        let postfix = client(
            port,
            &[
                "smtp_tls_security_level = encrypt",
                "smtp_sasl_auth_enable = yes",
                "smtp_sasl_security_options = noanonymous",
                &format!("smtp_sasl_password_maps = inline:{{ {password} }}"),
            ],
        );
        let said = hand_over(postfix.address, FROM, TO, MESSAGE);
        assert!(said.starts_with("250 "), "{said}");
        let sent = wait(|| relay.captured().into_iter().next());
        let sent = sent.unwrap_or_else(|| panic!("{}\n{}", postfix.log(), relay.said()));
        let sent = String::from_utf8(sent).unwrap();
        assert!(sent.ends_with(&MESSAGE.replace("\r\n..", "\r\n.")), "{sent}");
        assert!(sent.contains("with ESMTPSA"), "{sent}");
    });
}

/// A Postfix that keeps what comes back to the sender, and hands everything else to the relay.
fn client(port: u16, main: &[&str]) -> Postfix {
    let postfix = Postfix::start(&postfix::Settings {
        relayhost: Some(format!("[127.0.0.1]:{port}")),
        mailbox_domains: vec!["kavarna.example".into()],
        main: main.iter().map(ToString::to_string).collect(),
        ..postfix::Settings::default()
    });
    postfix.expect("Postfix starts (as root, with the package postfix)")
}

/// A Postfix that offers STARTTLS and keeps what comes for posta.example.
fn mailbox() -> Postfix {
    let keys = tempfile::tempdir().unwrap();
    let pem = |name: &str| keys.path().join(name).display().to_string();
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"])
        .args(["-subj", "/CN=postfix.example", "-keyout", &pem("key"), "-out", &pem("cert")])
        .output()
        .expect("openssl starts: tests/run installs it");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let both = fs::read_to_string(pem("key")).unwrap() + &fs::read_to_string(pem("cert")).unwrap();
    let chain = tempfile::Builder::new().suffix(".pem").tempfile().unwrap();
    fs::write(chain.path(), both).unwrap();
    let chain = chain.into_temp_path().keep().unwrap();
    let postfix = Postfix::start(&postfix::Settings {
        mailbox_domains: vec!["posta.example".into()],
        main: vec![
            "smtpd_tls_security_level = may".into(),
            format!("smtpd_tls_chain_files = {}", chain.display()),
            "smtpd_relay_restrictions = reject_unauth_destination".into(),
        ],
        ..postfix::Settings::default()
    });
    postfix.expect("Postfix starts (as root, with the package postfix)")
}

fn submit(relay: &Souhlas) {
    submit_to(relay, TO);
}

fn submit_to(relay: &Souhlas, to: &str) {
    let mut stream = TcpStream::connect(relay.smtp).unwrap();
    write!(
        stream,
        "EHLO test.example\r\nMAIL FROM:<{FROM}> BODY=8BITMIME\r\nRCPT TO:<{to}>\r\nDATA\r\n"
    )
    .unwrap();
    write!(stream, "{MESSAGE}.\r\nQUIT\r\n").unwrap();
    let lines: Vec<String> = BufReader::new(stream).lines().map_while(Result::ok).collect();
    let accepted = lines.iter().any(|line| line.starts_with("250 2.0.0"));
    assert!(accepted, "{lines:#?}");
}

fn arrived(postfix: &Postfix, relay: &Souhlas) -> String {
    let stored = wait(|| postfix.delivered().into_iter().next());
    let stored = stored.unwrap_or_else(|| panic!("{}\n{}", postfix.log(), relay.said()));
    String::from_utf8(stored).unwrap()
}
