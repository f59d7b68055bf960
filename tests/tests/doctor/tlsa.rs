//! TLSA records against what hosts present: a signed zone (NSD), and mail servers that offer TLS, break
//! it, refuse it, or say nothing.

use std::time::Duration;

use outside::{
    authority::{Authority, tlsa},
    sink::{Does, Manner, Script, Sink},
    souhlas::{Setup, Souhlas},
    zone::{Records, Zone},
};
use relay::seal::{digest, hex};

use crate::{examined_at, exchangers, has};

/// A mail server at `mx.key.test`, a signed zone about it, and a relay that believes the zone.
struct Scene {
    sink: Sink,
    relay: Souhlas,
    key: String,
    _zone: Zone,
}

fn offers() -> Script {
    Script::offering(&["PIPELINING", "STARTTLS"])
}

impl Scene {
    async fn new() -> Self {
        let authority = Authority::new();
        let certified = authority.certify(&["mx.anchor.test"]);
        let sink = Sink::start_tls(offers(), certified.config).await;
        let own = tlsa(3, 1, &certified.public_key);
        let other = tlsa(3, 1, b"another key");
        let anchor = tlsa(2, 0, &authority.der());
        let port = sink.address.port();
        let domain = |name: &str, records: &[&String]| {
            let mut lines = vec![
                format!("{name}. 300 IN MX 10 mx.{name}."),
                format!("mx.{name}. 300 IN A 127.0.0.1"),
            ];
            let at = format!("_{port}._tcp.mx.{name}.");
            lines.extend(records.iter().map(|tlsa| format!("{at} 300 IN TLSA {tlsa}")));
            lines
        };
        let mut signed = [
            domain("key.test", &[&own]),
            domain("rollover.test", &[&other, &own]),
            domain("wrong.test", &[&other]),
            domain("anchor.test", &[&anchor]),
            domain("other-name.test", &[&anchor]),
            domain("useless.test", &[&tlsa(1, 1, b"x")]),
            domain("none.test", &[]),
        ]
        .concat();
        // Nobody listens at the second address.
        signed.extend(domain("half.test", &[&own]));
        signed.push("mx.half.test. 300 IN A 127.0.0.9".to_owned());
        let unsigned = [("plain.test.", domain("plain.test", &[&own]))];
        let records = Records { signed: &signed, unsigned: &unsigned, ..Records::default() };
        let zone = Zone::start(&records);
        let more = format!(
            "[delivery]\ndns = [\"{}\"]\ndnssec-anchor = \"{}\"\n\
             [delivery.waits]\ngreeting = \"1s\"\ncommand = \"1s\"\n",
            zone.address,
            zone.anchor().display()
        );
        let setup = Setup { otherwise: exchangers(port), more, ..Setup::default() };
        let relay = Souhlas::start(&setup).unwrap();
        let key = hex(&digest(&certified.public_key));
        Self { sink, relay, key, _zone: zone }
    }

    fn tlsa(&self, domain: &str) -> Vec<(String, String)> {
        let (_, mut found) = examined_at(&self.relay, domain, &[]);
        found.retain(|(check, _)| check == "tlsa");
        found
    }

    /// One finding, that begins and holds so.
    fn says(&self, domain: &str, begins: &str, holds: &str) {
        let found = self.tlsa(domain);
        assert_eq!(found.len(), 1, "{domain}: {found:#?}");
        has(&found, "tlsa", begins, holds);
    }

    fn name(&self, domain: &str) -> String {
        format!("_{}._tcp.mx.{domain}", self.sink.address.port())
    }

    fn record(&self, domain: &str) -> String {
        format!("publish: {}. IN TLSA 3 1 1 {}", self.name(domain), self.key)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_is_held_to_what_the_host_presents() {
    let scene = Scene::new().await;
    for domain in ["key.test", "rollover.test", "anchor.test"] {
        let begins =
            format!("ok {} matches what mx.{domain} [127.0.0.1] presents | ", scene.name(domain));
        scene.says(domain, &begins, "");
    }
    for (domain, why) in [("wrong.test", "none of the zone's tlsa"), ("other-name.test", "name")] {
        let begins = format!("fail {} does not match what mx.{domain} ", scene.name(domain));
        scene.says(domain, &begins, why);
        scene.says(domain, &begins, &scene.record(domain));
    }
    let none = format!("warn nothing at {}, and its zone is signed | ", scene.name("none.test"));
    scene.says("none.test", &none, &scene.record("none.test"));
    let useless = format!("fail {} has no record that senders can use", scene.name("useless.test"));
    scene.says("useless.test", &useless, &scene.record("useless.test"));
    let plain = format!("warn {} matches", scene.name("plain.test"));
    scene.says("plain.test", &plain, "but DNSSEC does not vouch for it | sign the zones");
    let found = scene.tlsa("half.test");
    has(&found, "tlsa", &format!("ok {} matches", scene.name("half.test")), "[127.0.0.1]");
    has(&found, "tlsa", "warn mx.half.test [127.0.0.9] does not answer on port ", "refused");
    // It was asked for TLS and nothing else.
    let lines = scene.sink.lines();
    let is_known =
        |line: &String| ["EHLO ", "STARTTLS", "QUIT"].iter().any(|verb| line.starts_with(verb));
    assert!(!lines.is_empty() && lines.iter().all(is_known), "{lines:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_presents_nothing_is_told_from_one_that_is_not_there() {
    let scene = Scene::new().await;
    let port = scene.sink.address.port();
    let away = format!("warn mx.key.test [127.0.0.1] does not answer on port {port}, so its ");
    let many = "250-x\r\n".repeat(20_000) + "250 x";
    let endless = Does::Oddly(Manner::Endless(Duration::from_millis(50)));
    for (script, begins, holds) in [
        (Script::offering(&["PIPELINING"]), "fail mx.key.test [127.0.0.1] offers no STARTTLS", ""),
        (offers().reply("STARTTLS", "454 4.7.0 no key"), "fail mx.key.test [", "454 4.7.0 no key"),
        (offers().on("HANDSHAKE", Does::Garbage), "fail mx.key.test [127.0.0.1] offers ", "TLS"),
        (offers().on("HANDSHAKE", Does::Wait), "fail mx.key.test [127.0.0.1] offers ", "timed out"),
        (offers().on("STARTTLS", Does::HangUp), "fail mx.key.test [127.0.0.1] offers ", "hung up"),
        (offers().reply("CONNECT", "554 5.7.1 not you"), away.as_str(), "554 5.7.1 not you"),
        (offers().on("CONNECT", Does::Wait), away.as_str(), "in time"),
        (offers().reply("EHLO", &many), "fail mx.key.test [", "offers no STARTTLS"),
        (offers().on("EHLO", endless), away.as_str(), "in time"),
    ] {
        scene.sink.rewrite(script);
        scene.says("key.test", begins, holds);
    }
    // What was presented counts, whatever comes after it.
    scene.sink.rewrite(offers().on("TLS EHLO", Does::Wait));
    scene.says("key.test", "ok ", "matches");
    // Without an answer there is no digest to print.
    scene.sink.rewrite(offers().on("CONNECT", Does::HangUp));
    let found = scene.tlsa("none.test");
    has(&found, "tlsa", "warn nothing at _", "IN TLSA 3 1 1 DIGEST, the SHA-256");
    has(&found, "tlsa", "warn mx.none.test [127.0.0.1] does not answer", "hung up");
}
