//! Reports about TLS (RFC 8460): counted by several relays, told once a day, by mail and by HTTPS. Time
//! is an argument: a week takes as long as its queries.

use std::{io::Read as _, net::IpAddr};

use flate2::read::GzDecoder;
use jiff::{SignedDuration, Timestamp};
use outside::{
    authority::Authority,
    dns::{Dns, Record},
    policy_host::PolicyHost,
    store::{Fresh, on_each},
    worker::settings,
};
use relay::{
    config::{self, Network},
    delivery::{
        dns::Resolver,
        tally::{Failure, Session, Shown, Tally, day},
    },
    seal::{Secret, from_base64},
    spool::{Filter, Spool},
    tls::Tls,
    tls_report::{Parts, Reports},
};
use serde_json::Value;

struct Relay {
    reports: Reports,
    tally: Tally,
    spool: Spool,
}

struct World {
    dns: Dns,
    host: PolicyHost,
    ca: tempfile::NamedTempFile,
}

impl World {
    async fn new() -> Self {
        let authority = Authority::new();
        let host = PolicyHost::start(authority.certify(&["reports.post.test"]).config).await;
        host.answer("201 Created", "text/plain", "");
        let dns = Dns::start().await;
        let wants = |place: &str| Record::Txt(format!("v=TLSRPTv1; rua={place}"));
        dns.add("_smtp._tls.mail.test", wants("mailto:tls-reports@mail.test"));
        dns.add("_smtp._tls.post.test", wants("https://reports.post.test/v1/tls"));
        dns.add("reports.post.test", Record::Address(host.ip));
        let ca = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(ca.path(), authority.pem()).unwrap();
        Self { dns, host, ca }
    }

    fn relay(&self, fresh: &Fresh, name: &str) -> Relay {
        let secret = Secret::from_bytes([7; 32]);
        // A visitor may keep messages, and on SQLite only one relay is at home.
        let spool = Spool::visit(fresh.db.clone(), &secret, &format!("relay/{name}")).unwrap();
        let tally = Tally::counting();
        let parts = Parts {
            secret,
            spool: spool.clone(),
            resolver: Resolver::new(&settings(Some(&self.dns))).unwrap(),
            tls: Tls::new(Some(self.ca.path())).unwrap(),
            networks: vec![Network::parse("127.0.0.0/8").unwrap()],
            tally: tally.clone(),
            settings: config::Reports {
                organization: "Kavárna s.r.o.".into(),
                contact: "postmaster@kavarna.example".into(),
            },
            hostname: format!("{name}.test"),
            holder: name.to_owned(),
        };
        Relay { reports: Reports::new(fresh.db.clone(), parts), tally, spool }
    }
}

impl Relay {
    fn count(&self, at: Timestamp, domain: &str, result: Option<&str>) {
        let policy = Shown { kind: "no-policy-found".into(), text: vec![], hosts: vec![] };
        let failure = result.map(|result| Failure {
            result: result.into(),
            host: format!("mx.{domain}"),
            ip: IpAddr::from([192, 0, 2, 1]).to_string(),
            from: IpAddr::from([192, 0, 2, 9]).to_string(),
            reason: String::new(),
        });
        self.tally.count(Session { day: day(at), domain: domain.into(), policy, failure });
    }
}

/// Without its line ends and its Base64.
fn unsqueezed(bytes: &[u8]) -> Value {
    let mut json = String::new();
    GzDecoder::new(bytes).read_to_string(&mut json).unwrap();
    serde_json::from_str(&json).unwrap()
}

fn attached(message: &str) -> Value {
    let (_, part) = message.split_once("application/tlsrpt+gzip").unwrap();
    let (_, body) = part.split_once("\r\n\r\n").unwrap();
    let base64: String = body.split("\r\n--").next().unwrap().split_whitespace().collect();
    unsqueezed(&from_base64(&base64).unwrap())
}

#[tokio::test]
async fn a_week_of_two_relays_is_told_day_by_day_once() {
    on_each(async |fresh| {
        let world = World::new().await;
        let mut now: Timestamp = "2026-11-01T10:00:00Z".parse().unwrap();
        let (a, b) = (world.relay(fresh, "a"), world.relay(fresh, "b"));
        let mut sent = 0;
        for _ in 0..7 {
            for domain in ["mail.test", "post.test", "silent.test"] {
                a.count(now, domain, None);
                b.count(now, domain, None);
                b.count(now, domain, Some("starttls-not-supported"));
            }
            a.reports.gather().await.unwrap();
            b.reports.gather().await.unwrap();
            // The day is not over.
            assert_eq!(a.reports.send(now).await.unwrap(), 0);
            now = now.checked_add(SignedDuration::from_hours(24)).unwrap();
            sent += a.reports.send(now).await.unwrap() + b.reports.send(now).await.unwrap();
        }
        assert_eq!(sent, 14, "one a day for each domain that wants them");
        assert_eq!(b.reports.send(now).await.unwrap(), 0);
        let rows = fresh.db.read().await.unwrap().rows("SELECT 1 FROM tls_count", vec![]).await;
        assert!(rows.unwrap().is_empty(), "what was told is not kept");

        let listed = a.spool.list(&Filter::default(), 20).await.unwrap();
        assert_eq!(listed.len(), 7);
        let (message, _) = a.spool.show(listed[0].id).await.unwrap().unwrap();
        assert!(message.from.is_none());
        let text = String::from_utf8(message.bytes.to_vec()).unwrap();
        for expected in [
            "\r\nTo: <tls-reports@mail.test>\r\n",
            "<postmaster@kavarna.example>\r\n",
            "\r\nTLS-Report-Domain: mail.test\r\nTLS-Report-Submitter: kavarna.example\r\n",
            "\r\nTLS-Required: No\r\n",
            "multipart/report; report-type=\"tlsrpt\"",
            "\r\nSubject: Report Domain: mail.test Submitter: kavarna.example\r\n Report-ID: <",
            "kavarna.example!mail.test!17",
        ] {
            assert!(text.contains(expected), "{expected:?} is not in\n{text}");
        }
        let report = attached(&text);
        let posted = world.host.asked();
        assert_eq!(posted.len(), 7);
        assert!(posted[0].0.starts_with("POST /v1/tls HTTP/1.1\r\n"), "{}", posted[0].0);
        assert!(posted[0].0.contains("content-type: application/tlsrpt+gzip"), "{}", posted[0].0);
        for (report, domain) in [(report, "mail.test"), (unsqueezed(&posted[0].1), "post.test")] {
            assert_eq!(report["organization-name"], "Kavárna s.r.o.");
            let start = report["date-range"]["start-datetime"].as_str().unwrap();
            assert!(start.ends_with("T00:00:00Z"), "{start}");
            let policy = &report["policies"][0];
            assert_eq!(policy["policy"]["policy-domain"], domain);
            assert_eq!(policy["summary"]["total-successful-session-count"], 2);
            assert_eq!(policy["summary"]["total-failure-session-count"], 1);
            let failed = &policy["failure-details"][0];
            assert_eq!(failed["result-type"], "starttls-not-supported");
            assert_eq!(failed["sending-mta-ip"], "192.0.2.9");
        }
    })
    .await;
}

#[tokio::test]
async fn a_report_that_nobody_takes_is_tried_again_and_given_up_after_a_day() {
    let world = World::new().await;
    let fresh = Fresh::sqlite().await;
    let noon: Timestamp = "2026-11-02T12:00:00Z".parse().unwrap();
    let relay = world.relay(&fresh, "a");
    let hour = SignedDuration::from_hours(1);
    let later = |hours: i32| noon.checked_add(hour.checked_mul(hours).unwrap()).unwrap();
    relay.count(noon, "post.test", None);
    relay.reports.gather().await.unwrap();
    world.host.answer("503 Service Unavailable", "text/plain", "");
    assert_eq!(relay.reports.send(later(24)).await.unwrap(), 0);
    assert_eq!(relay.reports.send(later(24)).await.unwrap(), 0);
    assert_eq!(world.host.asked().len(), 1, "not again at once");
    world.host.answer("200 OK", "text/plain", "");
    assert_eq!(relay.reports.send(later(25)).await.unwrap(), 1);
    assert_eq!(world.host.asked().len(), 2);

    relay.count(later(25), "post.test", None);
    relay.reports.gather().await.unwrap();
    world.host.stop();
    assert_eq!(relay.reports.send(later(48)).await.unwrap(), 0);
    assert_eq!(relay.reports.send(later(80)).await.unwrap(), 0);
    let rows = fresh.db.read().await.unwrap().rows("SELECT 1 FROM tls_count", vec![]).await;
    assert!(rows.unwrap().is_empty());
}
