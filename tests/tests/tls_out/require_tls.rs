//! REQUIRETLS and `TLS-Required: No` (RFC 8689): to hosts that can, or not at all; and what comes back.

use std::{net::Ipv4Addr, time::Duration};

use outside::{
    authority::Authority,
    dns::{Dns, Record},
    policy_host::PolicyHost,
    sink::{PATIENCE, Script, Sink},
    souhlas::POLICY,
    store::Fresh,
    worker::{Running, settings},
};
use relay::{
    config::Network,
    delivery::{NextHop, Route, Settings, Tls},
    journal::{self, Filter, Kind},
    smtp::envelope::Ret,
    spool::State,
};

use crate::caller::Caller;

const LOOPBACK: std::net::IpAddr = std::net::IpAddr::V4(Ipv4Addr::LOCALHOST);

struct Scene {
    settings: Settings,
    /// Offers REQUIRETLS, as `mx.proven.test` and `mx.open.test`.
    able: Sink,
    unable: Sink,
    _held: (Dns, PolicyHost, tempfile::TempDir),
}

impl Scene {
    async fn new() -> Self {
        let authority = Authority::new();
        let dns = Dns::start().await;
        let host = PolicyHost::start(authority.certify(&["mta-sts.proven.test"]).config).await;
        host.publish("version: STSv1\nmode: enforce\nmx: mx.proven.test\nmax_age: 1000\n");
        for domain in ["proven.test", "open.test", "shop.test"] {
            dns.add_mx(domain, 10, &format!("mx.{domain}"), LOOPBACK);
        }
        dns.add("_mta-sts.proven.test", Record::Txt("v=STSv1; id=1;".into()));
        dns.add("mta-sts.proven.test", Record::Address(host.ip));
        let folder = tempfile::tempdir().unwrap();
        let ca_file = folder.path().join("ca.pem");
        std::fs::write(&ca_file, authority.pem()).unwrap();
        let settings = Settings {
            ca_file: Some(ca_file),
            private_networks: vec![Network::parse("127.0.0.0/8").unwrap()],
            ..settings(Some(&dns))
        };
        let certified = authority.certify(&["mx.proven.test", "mx.open.test"]);
        let script =
            |more: &[&str]| Script::offering(&[&["PIPELINING", "STARTTLS"], more].concat());
        Self {
            able: Sink::start_tls(script(&["REQUIRETLS"]), certified.config.clone()).await,
            unable: Sink::start_tls(script(&[]), certified.config).await,
            settings,
            _held: (dns, host, folder),
        }
    }
}

#[tokio::test]
async fn only_a_host_that_is_proven_and_offers_it_gets_the_message() {
    let scene = Scene::new().await;
    let fresh = Fresh::sqlite().await;
    let relay = Caller::new(scene.settings.clone(), &fresh);
    for (domain, sink, tls, expected) in [
        ("proven.test", &scene.able, Tls::Policy, "authenticated"),
        ("proven.test", &scene.able, Tls::Opportunistic, "authenticated"),
        ("proven.test", &scene.unable, Tls::Policy, "never 5.7.30"),
        ("open.test", &scene.able, Tls::Policy, "never 5.7.30"),
        ("open.test", &scene.able, Tls::Required, "authenticated"),
        ("open.test", &scene.unable, Tls::Required, "never 5.7.30"),
    ] {
        let got = relay.call_as(domain, sink, tls, true).await;
        assert_eq!(got, expected, "{domain} {tls:?}");
    }
}

const BYTES: &str = "From: a@shop.test\r\nSubject: x\r\n\r\nSecret words.\r\n";

/// Senders' domain to a sink of its own, everything else to mail exchangers on that port.
fn routed(scene: &Scene, port: u16, back: &Sink) -> Settings {
    let mx = |port, tls| NextHop::Mx { port, tls };
    let route = Route {
        name: "r".into(),
        streams: vec![],
        domains: vec!["shop.test".into()],
        sources: vec![],
        schedule: Default::default(),
        next_hop: mx(back.address.port(), Tls::Off),
    };
    Settings { routes: vec![route], otherwise: mx(port, Tls::Policy), ..scene.settings.clone() }
}

#[tokio::test]
async fn it_is_asked_of_the_next_host_too_and_a_report_returns_no_content() {
    let scene = Scene::new().await;
    let back = Sink::start(Script::offering(&["PIPELINING", "DSN"])).await;
    let settings = routed(&scene, scene.able.address.port(), &back);
    let running = Running::start(settings, POLICY).await;
    for to in ["b@proven.test", "b@open.test"] {
        let mut message = running.message("", BYTES);
        message.params.require_tls = true;
        message.params.ret = Some(Ret::Full);
        let delivery = running.delivery(&message, to, State::Claimed);
        running.hand_over(message, vec![delivery]).await;
    }
    let taken = scene.able.messages(1).await;
    assert!(taken[0].tls && taken[0].mail.contains(" REQUIRETLS"), "{taken:?}");
    // Nothing proves the other host: it comes back, over a way that nobody vouches for.
    let returned = back.messages(1).await;
    let report = String::from_utf8(returned[0].bytes.clone()).unwrap();
    assert!(report.contains("Status: 5.7.30\r\n"), "{report}");
    assert!(
        report.contains("text/rfc822-headers") && !report.contains("Secret words."),
        "{report}"
    );
    assert!(!returned[0].mail.contains("REQUIRETLS"), "{}", returned[0].mail);
    running.stop().await;
    assert_eq!(scene.able.count(), 1);
}

#[tokio::test]
async fn a_policy_that_is_not_kept_makes_messages_wait_unless_their_sender_waives_it() {
    let scene = Scene::new().await;
    let back = Sink::start(Script::modern()).await;
    let plain = Sink::start(Script::offering(&["PIPELINING"])).await;
    let running = Running::start(routed(&scene, plain.address.port(), &back), POLICY).await;
    running.send(BYTES, &["b@proven.test"]).await;
    let waived = format!("TLS-Required: No\r\n{BYTES}");
    running.send(&waived, &["c@proven.test"]).await;
    let taken = plain.messages(1).await;
    assert!(taken[0].rcpts[0].contains("<c@proven.test>"), "{taken:?}");
    let deferred = async {
        let filter = Filter { kind: Some(Kind::Deferred), ..Filter::default() };
        loop {
            let lines = journal::list(&running.fresh.db, &filter, 10).await.unwrap();
            match lines.into_iter().next() {
                Some(line) => return line,
                None => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    };
    let deferred = tokio::time::timeout(PATIENCE, deferred).await.expect("the other one is tried");
    let fresh = running.stop().await;
    assert_eq!(deferred.event.detail.value()["status"], "4.7.10");
    assert_eq!(plain.count(), 1, "in clear goes only what its sender waived");
    let waiting = "SELECT state FROM delivery WHERE state = 'ready'";
    let rows = fresh.db.read().await.unwrap().rows(waiting, vec![]).await.unwrap();
    assert_eq!(rows.len(), 1, "and nothing is lost");
}
