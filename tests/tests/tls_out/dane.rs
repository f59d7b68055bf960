//! DANE (RFC 7672): what a signed zone says of a host's certificate.

use outside::{
    authority::{Authority, tlsa},
    sink::{Script, Sink},
    store::Fresh,
    worker::settings,
    zone::{Records, Zone},
};
use relay::delivery::{Dnssec, Settings};

use crate::caller::Caller;

/// Names and certificates of all cases, and servers with them.
struct Scene {
    authority: Authority,
    /// Under the authority, for `mx.anchor.test`.
    good: Sink,
    good_key: Vec<u8>,
    good_whole: Vec<u8>,
    expired: Sink,
    expired_key: Vec<u8>,
    /// No STARTTLS.
    clear: Sink,
}

impl Scene {
    async fn new() -> Self {
        let authority = Authority::new();
        let good = authority.certify(&["mx.anchor.test"]);
        let expired = authority.expired(&["mx.expired-anchor.test"]);
        let offers = || Script::offering(&["PIPELINING", "STARTTLS"]);
        Self {
            good: Sink::start_tls(offers(), good.config).await,
            good_key: good.public_key,
            good_whole: good.der,
            expired: Sink::start_tls(offers(), expired.config).await,
            expired_key: expired.public_key,
            clear: Sink::start(Script::offering(&["PIPELINING"])).await,
            authority,
        }
    }
}

/// A domain with one host, and what it says of it on the sink's port.
fn domain(name: &str, sink: &Sink, records: &[String]) -> Vec<String> {
    let port = sink.address.port();
    let mut lines =
        vec![format!("{name}. 300 IN MX 10 mx.{name}."), format!("mx.{name}. 300 IN A 127.0.0.1")];
    lines.extend(records.iter().map(|tlsa| format!("_{port}._tcp.mx.{name}. 300 IN TLSA {tlsa}")));
    lines
}

fn validating(zone: &Zone) -> Settings {
    let dnssec = Dnssec::Auto { anchor: Some(zone.anchor()) };
    Settings { resolvers: vec![zone.address], dnssec, ..settings(None) }
}

#[tokio::test]
async fn a_signed_zone_says_whose_certificate_it_must_be() {
    let scene = Scene::new().await;
    let Scene { good, expired, clear, .. } = &scene;
    let key = tlsa(3, 1, &scene.good_key);
    let other = tlsa(3, 1, b"another key");
    let anchor = tlsa(2, 0, &scene.authority.der());
    let full = format!("3 1 0 {}", relay::seal::hex(&scene.good_key));
    let cases = [
        ("key.test", good, vec![key.clone()], "authenticated"),
        ("whole.test", good, vec![tlsa(3, 0, &scene.good_whole)], "authenticated"),
        ("full.test", good, vec![full], "authenticated"),
        ("rollover.test", good, vec![other.clone(), key.clone()], "authenticated"),
        // The key is what counts, not the dates.
        ("expired.test", expired, vec![tlsa(3, 1, &scene.expired_key)], "authenticated"),
        ("wrong.test", good, vec![other.clone()], "later 4.7.5"),
        ("anchor.test", good, vec![anchor.clone()], "authenticated"),
        // Under an anchor the name counts, and so do the dates.
        ("other-name.test", good, vec![anchor.clone()], "later 4.7.5"),
        ("expired-anchor.test", expired, vec![anchor], "later 4.7.5"),
        // A server that offers no TLS any more is no reason to go without.
        ("downgrade.test", clear, vec![key.clone()], "later 4.7.10"),
        // Records for others: TLS, and any certificate.
        ("useless.test", good, vec![tlsa(1, 1, b"x")], "tls"),
        ("useless-clear.test", clear, vec![tlsa(0, 0, b"x")], "later 4.7.10"),
        ("silent.test", good, vec![], "tls"),
        ("silent-clear.test", clear, vec![], "clear"),
    ];
    let mut signed: Vec<String> =
        cases.iter().flat_map(|(name, sink, records, _)| domain(name, sink, records)).collect();
    let marked = tlsa(3, 1, b"forged later");
    let forged = (marked[6..].to_owned(), key[6..].to_owned());
    signed.extend(domain("forged.test", good, &[marked]));
    signed.push("forged-mx.test. 300 IN MX 10 elsewhere.test.".to_owned());
    let forged_mx = ("MX\t10 elsewhere.test.".to_owned(), "MX\t10 mx.key.test.".to_owned());
    let plain = domain("plain.test", good, &[other]);
    let zone = Zone::start(&Records {
        signed: &signed,
        unsigned: &[("plain.test.", plain)],
        forged: &[forged, forged_mx],
    });
    let fresh = Fresh::sqlite().await;
    let caller = Caller::new(validating(&zone), &fresh);
    for (name, sink, _, expected) in &cases {
        assert_eq!(caller.call(name, sink).await, *expected, "{name}");
        // Again, with what is remembered by now: sessions, and answers.
        assert_eq!(caller.call(name, sink).await, *expected, "{name}, again");
    }
    assert_eq!(caller.call("forged.test", good).await, "later 4.4.3");
    assert_eq!(caller.call("forged-mx.test", good).await, "later 4.4.3");
    // Whatever a zone says that nobody signed, it says nothing.
    assert_eq!(caller.call("plain.test", good).await, "tls");
    let told = caller.told();
    for expected in [
        "tlsa success 2",
        "tlsa certificate-expired 2",
        "tlsa certificate-host-mismatch 2",
        "tlsa certificate-not-trusted 2",
        "tlsa starttls-not-supported 2",
        "tlsa tlsa-invalid 2",
        "no-policy-found success 2",
        "no-policy-found starttls-not-supported 2",
    ] {
        assert!(told.iter().any(|told| told == expected), "{expected}: {told:?}");
    }
}

#[tokio::test]
async fn without_dnssec_from_the_servers_dane_rests_unless_it_is_required() {
    let scene = Scene::new().await;
    let lines = domain("key.test", &scene.good, &[tlsa(3, 1, b"another key")]);
    let zone = Zone::start(&Records { signed: &lines, ..Records::default() });
    let fresh = Fresh::sqlite().await;
    // The root's own key is another one: as from servers that cut the signatures off.
    let mut settings = Settings { dnssec: Dnssec::Auto { anchor: None }, ..validating(&zone) };
    let caller = Caller::new(settings.clone(), &fresh);
    assert_eq!(caller.call("key.test", &scene.good).await, "tls");
    settings.dnssec = Dnssec::Required { anchor: None };
    let caller = Caller::new(settings.clone(), &fresh);
    assert_eq!(caller.call("key.test", &scene.good).await, "later 4.4.3");
    settings.dnssec = Dnssec::Off;
    let caller = Caller::new(settings, &fresh);
    assert_eq!(caller.call("key.test", &scene.good).await, "tls");
}
