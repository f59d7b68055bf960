//! The real binary towards a Postfix that a signed zone vouches for, and towards one that it does not.

use std::fs;

use outside::{
    authority::{Authority, Certified, tlsa},
    postfix::{self, Postfix},
    souhlas::{Setup, Souhlas, wait},
    submit::submit,
    zone::{Records, Zone},
};

const FROM: &str = "objednavky@kavarna.example";

fn message(to: &str) -> String {
    format!(
        "From: Kavarna <{FROM}>\r\nTo: {to}\r\nSubject: Objednavka 117\r\n\
         Date: Mon, 02 Nov 2026 08:00:00 +0100\r\nMessage-ID: <117@kavarna.example>\r\n\
         MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nOdesleme zitra.\r\n"
    )
}

/// One that offers STARTTLS with this certificate, and keeps what comes for either domain.
fn mailbox(certified: &Certified) -> Postfix {
    let (chain, key) = &certified.pem;
    let file = tempfile::Builder::new().suffix(".pem").tempfile().unwrap();
    fs::write(file.path(), format!("{key}{chain}")).unwrap();
    let file = file.into_temp_path().keep().unwrap();
    let postfix = Postfix::start(&postfix::Settings {
        mailbox_domains: vec!["znami.test".into(), "podvrh.test".into()],
        main: vec![
            "smtpd_tls_security_level = may".into(),
            format!("smtpd_tls_chain_files = {}", file.display()),
            "smtpd_relay_restrictions = reject_unauth_destination".into(),
        ],
        ..postfix::Settings::default()
    });
    postfix.expect("Postfix starts (as root, with the package postfix)")
}

#[test]
fn postfix_gets_what_its_zone_vouches_for_and_nothing_where_it_does_not() {
    let certified = Authority::new().certify(&["mx.znami.test"]);
    let postfix = mailbox(&certified);
    let port = postfix.address.port();
    let mut signed = Vec::new();
    for (domain, key) in [("znami.test", &certified.public_key[..]), ("podvrh.test", b"other")] {
        signed.push(format!("{domain}. 300 IN MX 10 mx.{domain}."));
        signed.push(format!("mx.{domain}. 300 IN A 127.0.0.1"));
        signed.push(format!("_{port}._tcp.mx.{domain}. 300 IN TLSA {}", tlsa(3, 1, key)));
    }
    let zone = Zone::start(&Records { signed: &signed, ..Records::default() });
    let relay = Souhlas::start(&Setup {
        otherwise: format!("next-hop = \"mx\"\nport = {port}"),
        more: format!(
            "[delivery]\ndns = [\"{}\"]\ndnssec-anchor = \"{}\"\nretry = [\"1h\"]",
            zone.address,
            zone.anchor().display()
        ),
        ..Setup::default()
    })
    .unwrap();
    for to in ["jana@podvrh.test", "jana@znami.test"] {
        let reply = submit(relay.smtp, FROM, to, &message(to));
        assert!(reply.starts_with("250"), "{reply}");
    }
    let stored = wait(|| postfix.delivered().into_iter().next());
    let stored = stored.unwrap_or_else(|| panic!("{}\n{}", postfix.log(), relay.said()));
    let stored = String::from_utf8(stored).unwrap();
    assert!(
        stored.contains("To: jana@znami.test") && stored.contains("with ESMTPS id"),
        "{stored}"
    );
    // The other one waits, for a reason that everybody can read.
    let waiting = wait(|| {
        let shown = relay.must(&["queue", "list"]);
        shown.contains("tls-failed: the certificate matches none").then_some(shown)
    });
    assert!(waiting.is_some(), "{}\n{}", relay.must(&["queue", "list"]), relay.said());
    assert_eq!(postfix.delivered().len(), 1);
    let line = relay.must(&["journal", "list", "--kind", "delivered", "--json"]);
    assert!(line.contains("\"proof\":\"dane\""), "{line}");
}
