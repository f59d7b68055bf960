//! Finding, opening and protecting the connection to the next hop, against a DNS server and SMTP
//! servers on loopback.

use std::{net::Ipv4Addr, sync::Arc, time::Duration};

use jiff::Timestamp;
use outside::{
    dns::{Dns, Record, Trouble},
    sink::{Does, Script, Sink},
    store::Fresh,
    worker::settings,
};
use relay::{
    delivery::{
        Credentials, Destination, Settings, Smarthost, Timeouts, Tls,
        attempt::{Connection, Event},
        dialer::Dialer,
        outcome::{Fate, Outcome, Problem},
        source::Source,
        tally::Tally,
    },
    seal::Secret,
    smtp::{
        client::{Answer, Transaction, Why},
        envelope::{MailParams, Notify, Path, Recipient},
    },
};

const LOOPBACK: std::net::IpAddr = std::net::IpAddr::V4(Ipv4Addr::LOCALHOST);

/// With the database that policies would be in.
struct Caller {
    dialer: Dialer,
    _fresh: Fresh,
}

async fn dialer(settings: Settings) -> Caller {
    let fresh = Fresh::sqlite().await;
    let place = (fresh.db.clone(), Secret::from_bytes([7; 32]));
    let dialer = Dialer::new(Arc::new(settings), place, Tally::default()).unwrap();
    Caller { dialer, _fresh: fresh }
}

impl Caller {
    async fn dial(&self, to: &Destination, seed: u64) -> Result<Connection, Problem> {
        let (now, source) = (Timestamp::now(), Source::system());
        let found = self.dialer.find(now, to, seed).await?;
        self.dialer.reach(now, to, &source, &found).await
    }
}

fn mx(domain: &str, sink: &Sink) -> Destination {
    let (domain, port) = (domain.to_owned(), sink.address.port());
    Destination::Mx { domain, port, tls: Tls::Off, require_tls: false }
}

fn smarthost(sink: &Sink, host: &str, tls: Tls, login: bool) -> Destination {
    let credentials =
        login.then(|| Credentials { user: "user".to_owned(), password: "secret".to_owned() });
    Destination::Smarthosts(Arc::new(vec![Smarthost {
        host: host.to_owned(),
        port: sink.address.port(),
        tls,
        credentials,
        order: 1,
        weight: 1,
    }]))
}

async fn send(connection: &mut Connection) -> Vec<Answer> {
    let path = |local: &str| Path { local: local.to_owned(), domain: "shop.test".to_owned() };
    let recipient = Recipient { path: path("b"), notify: Notify::default(), orcpt: None };
    connection.transact(
        1,
        Transaction {
            from: Some(path("a")),
            params: MailParams::default(),
            recipients: vec![recipient],
            head: "Received: here\r\n".into(),
            body: "Subject: x\r\n\r\n.dots\r\n".into(),
            forward: None,
        },
    );
    match connection.next().await {
        Event::Done { answers, .. } => answers,
        Event::Closed(why) => panic!("{why:?}"),
    }
}

#[tokio::test]
async fn mail_exchangers_are_tried_in_order() {
    let (dns, sink) = (Dns::start().await, Sink::start(Script::modern()).await);
    dns.add_mx("shop.test", 10, "dead.shop.test", "127.0.0.2".parse().unwrap());
    dns.add_mx("shop.test", 20, "none.shop.test", LOOPBACK);
    dns.trouble("none.shop.test", Trouble::ServFail);
    dns.add_mx("shop.test", 30, "mx.shop.test", LOOPBACK);
    let mut connection =
        dialer(settings(Some(&dns))).await.dial(&mx("shop.test", &sink), 1).await.unwrap();
    assert_eq!(connection.peer, "mx.shop.test [127.0.0.1]");
    let answers = send(&mut connection).await;
    assert_eq!(Outcome::of(&answers[0], None).fate, Fate::Delivered);
    connection.quit().await;
    let taken = sink.messages(1).await;
    assert_eq!(taken[0].bytes, b"Received: here\r\nSubject: x\r\n\r\n.dots\r\n");
    assert_eq!(sink.lines().last().map(String::as_str), Some("QUIT"));
}

#[tokio::test]
async fn what_dns_says_decides_between_later_and_never() {
    let (dns, sink) = (Dns::start().await, Sink::start(Script::modern()).await);
    dns.add("a.test", Record::Address(LOOPBACK));
    dns.add("null.test", Record::Mx(0, String::new()));
    dns.add("hostless.test", Record::Mx(10, "gone.test".to_owned()));
    dns.add("own.test", Record::Mx(10, "relay.test".to_owned()));
    dns.add("alias.test", Record::Cname("a.test".to_owned()));
    dns.add("loop.test", Record::Cname("loop2.test".to_owned()));
    dns.add("loop2.test", Record::Cname("loop.test".to_owned()));
    dns.add_mx("cut.test", 10, "mx.cut.test", LOOPBACK);
    dns.trouble("cut.test", Trouble::Truncated);
    dns.trouble("failed.test", Trouble::ServFail);
    dns.trouble("refused.test", Trouble::Refused);
    let dialer = dialer(settings(Some(&dns))).await;
    for (domain, expected) in [
        ("a.test", Ok(())),
        ("alias.test", Ok(())),
        ("cut.test", Ok(())),
        ("[127.0.0.1]", Ok(())),
        ("null.test", Err((Fate::Bounce, "5.1.10"))),
        ("missing.test", Err((Fate::Bounce, "5.1.2"))),
        ("hostless.test", Err((Fate::Bounce, "5.4.4"))),
        ("own.test", Err((Fate::Bounce, "5.4.6"))),
        ("failed.test", Err((Fate::Later, "4.4.3"))),
        ("refused.test", Err((Fate::Later, "4.4.3"))),
    ] {
        let dialed = dialer.dial(&mx(domain, &sink), 1).await.map(|_| ());
        let dialed = dialed.map_err(|problem| Outcome::of_problem(&problem));
        let dialed = dialed.map_err(|outcome| (outcome.fate, outcome.status_text()));
        assert_eq!(
            dialed,
            expected.map_err(|(fate, status)| (fate, status.to_owned())),
            "{domain}"
        );
    }
    // A loop of aliases ends, and nothing is delivered.
    assert!(dialer.dial(&mx("loop.test", &sink), 1).await.is_err());
}

#[tokio::test]
async fn a_host_that_does_not_want_us_is_passed_over() {
    let dns = Dns::start().await;
    let refusing =
        Sink::start(Script::modern().once("CONNECT", Does::Reply("554 no".into()))).await;
    dns.add_mx("shop.test", 10, "one.test", LOOPBACK);
    dns.add_mx("shop.test", 20, "two.test", LOOPBACK);
    let connection =
        dialer(settings(Some(&dns))).await.dial(&mx("shop.test", &refusing), 1).await.unwrap();
    assert_eq!(connection.host, "two.test");
}

/// A certificate for `mx.test`, and its PEM.
fn certificate() -> (Arc<rustls::ServerConfig>, String) {
    let made = rcgen::generate_simple_self_signed(vec!["mx.test".to_owned()]).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let config = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    (Arc::new(config), made.cert.pem())
}

#[tokio::test]
async fn tls_is_as_strict_as_asked() {
    let dns = Dns::start().await;
    dns.add("mx.test", Record::Address(LOOPBACK));
    dns.add("other.test", Record::Address(LOOPBACK));
    let (config, pem) = certificate();
    let offers = Script::offering(&["PIPELINING", "STARTTLS", "AUTH PLAIN LOGIN"]);
    let sink = Sink::start_tls(offers, config).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    std::fs::write(&file, pem).unwrap();
    let trusting = dialer(Settings { ca_file: Some(file), ..settings(Some(&dns)) }).await;
    let strange = dialer(settings(Some(&dns))).await;

    for (dialer, host, tls, expected) in [
        (&strange, "mx.test", Tls::Off, Some(false)),
        (&strange, "mx.test", Tls::Opportunistic, Some(true)),
        (&strange, "other.test", Tls::Opportunistic, Some(true)),
        (&strange, "mx.test", Tls::Required, None),
        (&trusting, "mx.test", Tls::Required, Some(true)),
        (&trusting, "other.test", Tls::Required, None),
    ] {
        let login = expected == Some(true);
        let dialed = dialer.dial(&smarthost(&sink, host, tls, login), 1).await;
        match (dialed, expected) {
            (Ok(mut connection), Some(encrypted)) => {
                assert_eq!(connection.is_tls(), encrypted, "{host} {tls:?}");
                send(&mut connection).await;
                let taken = sink.taken().pop().unwrap();
                assert_eq!(taken.tls, encrypted);
                let said = login.then(|| "\0user\0secret".to_owned());
                assert_eq!(taken.login, said, "{host} {tls:?}");
            }
            (Err(Problem::Handshake(_)), None) => {}
            (other, _) => panic!("{host} {tls:?}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_broken_handshake_falls_back_only_where_clear_text_is_allowed() {
    // The sink offers STARTTLS, says 220 and then goes on in clear text.
    let sink = Sink::start(Script::offering(&["PIPELINING", "STARTTLS"])).await;
    sink.rewrite(Script::offering(&["STARTTLS"]).reply("STARTTLS", "220 go"));
    let slow = settings(Some(&Dns::start().await));
    let timeouts = Timeouts { command: Duration::from_millis(500), ..slow.timeouts };
    let dialer = dialer(Settings { timeouts, ..slow }).await;
    let dialed = dialer.dial(&smarthost(&sink, "127.0.0.1", Tls::Opportunistic, false), 1).await;
    assert!(!dialed.unwrap().is_tls());
    let dialed = dialer.dial(&smarthost(&sink, "127.0.0.1", Tls::Required, false), 1).await;
    assert!(matches!(dialed, Err(Problem::Handshake(_))), "{dialed:?}");
}

#[tokio::test]
async fn a_wrong_password_is_later_and_not_never() {
    let script = Script::offering(&["AUTH LOGIN"]).reply("AUTH", "535 5.7.8 no");
    let sink = Sink::start(script).await;
    let dialer = dialer(settings(Some(&Dns::start().await))).await;
    let problem = dialer.dial(&smarthost(&sink, "127.0.0.1", Tls::Off, true), 1).await.unwrap_err();
    assert!(matches!(&problem, Problem::Closed(Why::Login(reply)) if reply.code == 535));
    assert_eq!(Outcome::of_problem(&problem).fate, Fate::Later);
}

#[tokio::test]
async fn a_smarthost_without_address_never_bounces() {
    let dns = Dns::start().await;
    let sink = Sink::start(Script::modern()).await;
    let dialer = dialer(settings(Some(&dns))).await;
    let problem =
        dialer.dial(&smarthost(&sink, "gone.test", Tls::Off, false), 1).await.unwrap_err();
    assert_eq!(Outcome::of_problem(&problem).fate, Fate::Later);
}

#[tokio::test]
async fn a_peer_that_refuses_a_large_message_in_the_middle_is_heard() {
    let sink = Sink::start(Script::modern().on("DATA", Does::HangUpAfter(10_000))).await;
    let dialer = dialer(settings(Some(&Dns::start().await))).await;
    let mut connection =
        dialer.dial(&smarthost(&sink, "127.0.0.1", Tls::Off, false), 1).await.unwrap();
    let path = Path { local: "a".into(), domain: "x.test".into() };
    let recipient = Recipient { path: path.clone(), notify: Notify::default(), orcpt: None };
    connection.transact(
        7,
        Transaction {
            from: Some(path),
            params: MailParams::default(),
            recipients: vec![recipient],
            head: "H: x\r\n".into(),
            body: "0123456789abcdef0123456789abcd\r\n".repeat(500_000).into(),
            forward: None,
        },
    );
    let Event::Done { id: 7, answers } = connection.next().await else { panic!("no answer") };
    assert_eq!(answers, [Answer::Lost { maybe: false }]);
}
