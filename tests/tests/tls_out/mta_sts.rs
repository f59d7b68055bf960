//! MTA-STS (RFC 8461): which hosts a domain says are its own, for how long, and what may come of it.

use jiff::SignedDuration;
use outside::{
    authority::Authority,
    dns::{Dns, Record},
    policy_host::PolicyHost,
    sink::{Script, Sink},
    store::{Fresh, on_each},
    worker::settings,
};
use relay::{
    config::Network,
    delivery::{Settings, Tls},
};

use crate::caller::Caller;

const LOOPBACK: std::net::IpAddr = std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);
const DOMAINS: [&str; 6] =
    ["listed.test", "unlisted.test", "clear.test", "other-name.test", "expired.test", "down.test"];

struct Scene {
    dns: Dns,
    host: PolicyHost,
    _folder: tempfile::TempDir,
    settings: Settings,
    /// For `mx.listed.test` and `mx.unlisted.test`.
    good: Sink,
    expired: Sink,
    clear: Sink,
}

fn policy(mode: &str) -> String {
    let hosts = ["mx.listed.test", "*.clear.test", "mx.other-name.test", "mx.expired.test"];
    let hosts: String = hosts.iter().map(|host| format!("mx: {host}\r\n")).collect();
    format!("version: STSv1\r\nmode: {mode}\r\n{hosts}mx: mx.down.test\r\nmax_age: 86400\r\n")
}

impl Scene {
    async fn new(mode: &str) -> Self {
        let authority = Authority::new();
        let names: Vec<String> = DOMAINS.map(|domain| format!("mta-sts.{domain}")).to_vec();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let host = PolicyHost::start(authority.certify(&names).config).await;
        host.publish(&policy(mode));
        let dns = Dns::start().await;
        for domain in DOMAINS {
            dns.add_mx(domain, 10, &format!("mx.{domain}"), LOOPBACK);
            dns.add(&format!("_mta-sts.{domain}"), Record::Txt("v=STSv1; id=1;".into()));
            dns.add(&format!("mta-sts.{domain}"), Record::Address(host.ip));
        }
        let folder = tempfile::tempdir().unwrap();
        let ca_file = folder.path().join("ca.pem");
        std::fs::write(&ca_file, authority.pem()).unwrap();
        let settings = Settings {
            ca_file: Some(ca_file),
            private_networks: vec![Network::parse("127.0.0.0/8").unwrap()],
            ..settings(Some(&dns))
        };
        let offers = || Script::offering(&["PIPELINING", "STARTTLS"]);
        let good = authority.certify(&["mx.listed.test", "mx.unlisted.test", "mx.down.test"]);
        let expired = authority.expired(&["mx.expired.test"]);
        Self {
            good: Sink::start_tls(offers(), good.config).await,
            expired: Sink::start_tls(offers(), expired.config).await,
            clear: Sink::start(Script::offering(&["PIPELINING"])).await,
            dns,
            host,
            _folder: folder,
            settings,
        }
    }

    fn relay(&self, fresh: &Fresh) -> Caller {
        Caller::new(self.settings.clone(), fresh)
    }
}

#[tokio::test]
async fn an_enforced_policy_keeps_messages_from_every_other_host() {
    let scene = Scene::new("enforce").await;
    let fresh = Fresh::sqlite().await;
    let relay = scene.relay(&fresh);
    for (domain, sink, expected, told) in [
        ("listed.test", &scene.good, "authenticated", "sts success 1"),
        ("unlisted.test", &scene.good, "later 4.7.5", "sts validation-failure 1"),
        ("other-name.test", &scene.good, "later 4.7.5", "sts certificate-host-mismatch 1"),
        ("expired.test", &scene.expired, "later 4.7.5", "sts certificate-expired 1"),
        ("clear.test", &scene.clear, "later 4.7.10", "sts starttls-not-supported 1"),
    ] {
        assert_eq!(relay.call(domain, sink).await, expected, "{domain}");
        assert_eq!(relay.told(), [told], "{domain}");
    }
    assert_eq!(scene.host.asked().len(), 5, "each domain's policy is fetched once");
    relay.call("listed.test", &scene.good).await;
    assert_eq!(scene.host.asked().len(), 5, "and kept");
    // The operator knows better: the policy is not even looked at.
    let waived = relay.call_as("clear.test", &scene.clear, Tls::Opportunistic, false).await;
    assert_eq!(waived, "clear");
}

#[tokio::test]
async fn a_policy_in_testing_lets_messages_through_and_tells_of_it() {
    let scene = Scene::new("testing").await;
    let fresh = Fresh::sqlite().await;
    let relay = scene.relay(&fresh);
    for (domain, sink, expected, told) in [
        ("listed.test", &scene.good, "authenticated", "sts success 1"),
        ("unlisted.test", &scene.good, "tls", "sts validation-failure 1"),
        ("other-name.test", &scene.good, "tls", "sts certificate-host-mismatch 1"),
        ("expired.test", &scene.expired, "tls", "sts certificate-expired 1"),
        ("clear.test", &scene.clear, "clear", "sts starttls-not-supported 1"),
    ] {
        assert_eq!(relay.call(domain, sink).await, expected, "{domain}");
        assert_eq!(relay.told(), [told], "{domain}");
    }
    // The operator may take it at its word.
    let strict = relay.call_as("clear.test", &scene.clear, Tls::MtaSts, false).await;
    assert_eq!(strict, "later 4.7.10");
}

#[tokio::test]
async fn a_policy_once_known_holds_until_it_ends_for_all_relays() {
    on_each(async |fresh| {
        let scene = Scene::new("enforce").await;
        let first = scene.relay(fresh);
        assert_eq!(first.call("other-name.test", &scene.good).await, "later 4.7.5");
        scene.host.stop();
        // Another relay, a new id: it cannot be fetched, and takes nothing back.
        let record = Record::Txt("v=STSv1; id=2;".into());
        scene.dns.replace("_mta-sts.other-name.test", record);
        let mut second = scene.relay(fresh);
        assert_eq!(second.call("other-name.test", &scene.good).await, "later 4.7.5");
        let told = second.told();
        assert!(told.contains(&"sts sts-policy-fetch-error 1".to_owned()), "{told:?}");
        second.now = second.now.checked_add(SignedDuration::from_secs(86_300)).unwrap();
        assert_eq!(second.call("other-name.test", &scene.good).await, "later 4.7.5");
        // Its time is over, and nobody knows of another one.
        second.now = second.now.checked_add(SignedDuration::from_secs(200)).unwrap();
        assert_eq!(second.call("other-name.test", &scene.good).await, "tls");
        relay::delivery::sts::forget(&fresh.db, second.now).await.unwrap();
        let rows = fresh.db.read().await.unwrap().rows("SELECT 1 FROM sts_policy", vec![]).await;
        assert!(rows.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_new_id_brings_the_new_policy() {
    let scene = Scene::new("enforce").await;
    let fresh = Fresh::sqlite().await;
    assert_eq!(scene.relay(&fresh).call("clear.test", &scene.clear).await, "later 4.7.10");
    scene.host.publish("version: STSv1\nmode: none\nmax_age: 60\n");
    assert_eq!(scene.relay(&fresh).call("clear.test", &scene.clear).await, "later 4.7.10");
    scene.dns.replace("_mta-sts.clear.test", Record::Txt("v=STSv1; id=2;".into()));
    assert_eq!(scene.relay(&fresh).call("clear.test", &scene.clear).await, "clear");
}

#[tokio::test]
async fn what_is_no_policy_is_none() {
    let scene = Scene::new("enforce").await;
    let fresh = Fresh::sqlite().await;
    let good = policy("enforce");
    for (status, kind, body, told) in [
        ("302 Found", "text/plain", good.as_str(), "sts sts-policy-fetch-error 1"),
        ("404 Not Found", "text/plain", good.as_str(), "sts sts-policy-fetch-error 1"),
        ("200 OK", "text/html", good.as_str(), "sts sts-policy-invalid 1"),
        ("200 OK", "text/plain", "<html>", "sts sts-policy-invalid 1"),
        ("200 OK", "text/plain", &"x: y\n".repeat(20_000), "sts sts-policy-fetch-error 1"),
    ] {
        scene.host.answer(status, kind, body);
        let relay = scene.relay(&fresh);
        assert_eq!(relay.call("clear.test", &scene.clear).await, "clear", "{status} {kind}");
        assert!(relay.told().contains(&told.to_owned()), "{status} {kind}");
        // Not again at once: others want to be asked, too.
        let asked = scene.host.asked().len();
        relay.call("clear.test", &scene.clear).await;
        assert_eq!(scene.host.asked().len(), asked);
    }
    // A host whose certificate nobody knows, and one in a network that nobody named.
    scene.host.publish(&good);
    let strange = Settings { ca_file: None, ..scene.settings.clone() };
    let relay = Caller::new(strange, &fresh);
    assert_eq!(relay.call("clear.test", &scene.clear).await, "clear");
    assert!(relay.told().contains(&"sts sts-webpki-invalid 1".to_owned()));
    let closed = Settings { private_networks: vec![], ..scene.settings.clone() };
    assert_eq!(Caller::new(closed, &fresh).call("clear.test", &scene.clear).await, "clear");
}
