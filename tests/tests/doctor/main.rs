//! `souhlas doctor` and `souhlas keys dkim dns|rotate`, against a DNS server, an HTTPS server and a mail
//! server on loopback: a domain in good health, a sick one, and one without anything.

#![expect(clippy::print_stdout, reason = "a test that skips says so")]

mod tlsa;

use std::{net::SocketAddr, path::Path};

use outside::{
    authority::Authority,
    dns::{Dns, Record, Trouble},
    front::{Front, Passes},
    sink::{Script, Sink},
    souhlas::{Setup, Souhlas},
};
use relay::sign::{self, KeyInfo};
use serde_json::Value;

const DOMAIN: &str = "kavarna.cz";
/// As the relay calls itself.
const HOST: &str = "relay.kavarna.cz";
const PAGES: &str = "odhlasit.kavarna.cz";
const POLICY_HOST: &str = "mta-sts.kavarna.cz";

fn txt(dns: &Dns, name: &str, text: &str) {
    dns.add(name, Record::Txt(text.to_owned()));
}

fn publish(dns: &Dns, keys: &[KeyInfo]) {
    for key in keys {
        txt(dns, &key.record.name, &key.record.value);
    }
}

fn keys(relay: &Souhlas) -> Vec<KeyInfo> {
    sign::list(&relay.path("data/keys")).unwrap()
}

/// The relay asks that DNS server, and may reach loopback; `ca_file`: who signs there, if anybody.
fn setup(dns: SocketAddr, ca_file: &Path) -> Setup {
    let ca_file = match ca_file.display().to_string() {
        none if none.is_empty() => none,
        file => format!("ca-file = \"{file}\""),
    };
    let more = format!(
        "[delivery]\ndns = [\"{dns}\"]\n\
         [webhook]\nprivate-networks = [\"127.0.0.0/8\"]\n{ca_file}\n"
    );
    Setup { hostname: HOST.to_owned(), more, ..Setup::default() }
}

/// Exit code, and of each check `state found | advice`.
fn examined(relay: &Souhlas, arguments: &[&str]) -> (i32, Vec<(String, String)>) {
    examined_at(relay, DOMAIN, arguments)
}

fn examined_at(relay: &Souhlas, domain: &str, arguments: &[&str]) -> (i32, Vec<(String, String)>) {
    let output = relay.command(&[&["doctor", domain, "--json"], arguments].concat());
    let error = String::from_utf8_lossy(&output.stderr);
    let told: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{error}"));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let lines = told["findings"].as_array().unwrap().iter().map(|one| {
        let line =
            format!("{} {} | {}", text(&one["state"]), text(&one["found"]), text(&one["advice"]));
        (text(&one["check"]), line)
    });
    let code = output.status.code().unwrap();
    assert_eq!(told["ok"], code == 0);
    (code, lines.collect())
}

fn has(found: &[(String, String)], check: &str, begins: &str, holds: &str) {
    let fits = |line: &str| line.starts_with(begins) && line.contains(holds);
    assert!(
        found.iter().any(|(own, line)| own == check && fits(line)),
        "{check}: {begins} ... {holds} is not in {found:#?}"
    );
}

fn healthy(dns: &Dns, keys: &[KeyInfo], front: &Front, mx: &Mx) {
    publish(dns, keys);
    txt(dns, DOMAIN, "v=spf1 include:_spf.kavarna.cz -all");
    txt(dns, DOMAIN, "some-verification=1");
    txt(dns, "_spf.kavarna.cz", "v=spf1 ip4:192.0.2.0/29 ip6:2001:db8::/64 ~all");
    txt(dns, "_dmarc.kavarna.cz", "v=DMARC1; p=reject; rua=mailto:dmarc@kavarna.cz");
    dns.add("7.2.0.192.in-addr.arpa", Record::Ptr(HOST.to_owned()));
    dns.add(HOST, Record::Address([192, 0, 2, 7].into()));
    dns.add_mx(DOMAIN, 10, "mx.kavarna.cz", mx.sink.address.ip());
    dns.add(&mx.tlsa, Record::Tlsa([3, 1, 1], mx.key_digest.to_vec()));
    txt(dns, "_mta-sts.kavarna.cz", "v=STSv1; id=20261123;");
    txt(dns, "_smtp._tls.kavarna.cz", "v=TLSRPTv1; rua=mailto:tls@kavarna.cz");
    txt(
        dns,
        "default._bimi.kavarna.cz",
        "v=BIMI1; l=https://kavarna.cz/logo.svg; a=https://kavarna.cz/vmc.pem",
    );
    for host in [PAGES, POLICY_HOST] {
        dns.add(host, Record::Address(front.address));
    }
}

/// Who takes the domain's mail.
struct Mx {
    sink: Sink,
    key_digest: [u8; 32],
    /// The name of its TLSA records.
    tlsa: String,
}

impl Mx {
    async fn start() -> Self {
        let certified = Authority::new().certify(&["mx.kavarna.cz"]);
        let offers = Script::offering(&["PIPELINING", "STARTTLS"]);
        let sink = Sink::start_tls(offers, certified.config).await;
        let tlsa = format!("_{}._tcp.mx.kavarna.cz", sink.address.port());
        Self { sink, key_digest: relay::seal::digest(&certified.public_key), tlsa }
    }
}

/// Lines of `[delivery.otherwise]`: mail exchangers are at this port.
fn exchangers(port: u16) -> String {
    format!("next-hop = \"mx\"\nport = {port}")
}

/// A relay behind its front; `None` where this user may not have port 443.
async fn behind_front(
    dns: &Dns,
    folder: &tempfile::TempDir,
    (policy, passes): (&str, Passes),
) -> Option<(Souhlas, Front, Mx)> {
    let ca = folder.path().join("ca.pem");
    let texts = [(POLICY_HOST, policy)];
    let Some(front) = Front::start(&[PAGES, POLICY_HOST], &ca, &texts, passes).await else {
        println!("skipped: port 443 is for root alone here");
        return None;
    };
    let mx = Mx::start().await;
    let otherwise = exchangers(mx.sink.address.port());
    let relay = Souhlas::start(&Setup { otherwise, ..setup(dns.address, &ca) }).unwrap();
    front.pass_to(relay.web);
    Some((relay, front, mx))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_back_has_somewhere_to_go() {
    let dns = Dns::start().await;
    let mut setup = setup(dns.address, Path::new(""));
    setup.more += "[returns]\ndomains = [\"back.jinde.cz\", \"returns.kavarna.cz\"]\n\
        [[listener]]\nname = \"returns\"\naddress = \"127.0.0.1:0\"\nmode = \"loopback\"\n\
        takes = \"returns\"\n";
    setup.policy = setup.policy.replace("kavarna.example", DOMAIN);
    let relay = Souhlas::start(&setup).unwrap();
    let (_, found) = examined(&relay, &[]);
    let publish = "publish: returns.kavarna.cz. IN MX 10 relay.kavarna.cz.";
    has(&found, "returns", "fail no MX", publish);
    has(&found, "spf", "fail nothing at returns.kavarna.cz", "v=spf1");
    dns.add_mx("returns.kavarna.cz", 10, HOST, std::net::Ipv4Addr::LOCALHOST.into());
    let (_, found) = examined(&relay, &[]);
    has(&found, "returns", "ok relay.kavarna.cz", "");
    let (_, found) = examined(&relay, &["--mail-from", "other.kavarna.cz"]);
    assert!(found.iter().all(|(check, _)| check != "returns"), "{found:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_healthy_domain_has_nothing_to_do() {
    let (dns, folder) = (Dns::start().await, tempfile::tempdir().unwrap());
    let policy = "version: STSv1\r\nmode: enforce\r\nmx: mx.kavarna.cz\r\nmax_age: 604800\r\n";
    let passes = (policy, Passes::Everything);
    let Some((relay, front, mx)) = behind_front(&dns, &folder, passes).await else { return };
    relay.must(&["keys", "dkim", "new", DOMAIN]);
    healthy(&dns, &keys(&relay), &front, &mx);
    let (code, found) =
        examined(&relay, &["--ip", "192.0.2.7", "--mail-from", "bounce.kavarna.cz"]);
    has(&found, "spf", "fail nothing at bounce.kavarna.cz", "\"v=spf1 ip4:192.0.2.7 -all\"");
    assert_eq!(code, 1);
    let (code, found) = examined(&relay, &["--ip", "192.0.2.7"]);
    // Of this DNS server nobody knows what DNSSEC says: that has tests of its own.
    let is_well = |(check, line): &(String, String)| check == "tlsa" || line.starts_with("ok ");
    assert!(code == 0 && found.iter().all(is_well), "{found:#?}");
    let tlsa = format!("warn {} matches what mx.kavarna.cz [127.0.0.1] presents; ", mx.tlsa);
    has(&found, "tlsa", &tlsa, "`dns` in [delivery]");
    for (check, holds) in [
        ("spf", "1 of 10 look-ups"),
        ("spf", "192.0.2.7 may send"),
        ("dkim", "-rsa._domainkey.kavarna.cz is published"),
        ("dkim", "-ed25519._domainkey.kavarna.cz is published"),
        ("dmarc", "p=reject"),
        ("alignment", "d=kavarna.cz"),
        ("alignment", "MAIL FROM domain kavarna.cz"),
        ("ptr", "192.0.2.7 is relay.kavarna.cz, and back"),
        ("mx", "mx.kavarna.cz"),
        ("mta-sts", "mode enforce"),
        ("tls-rpt", "mailto:tls@kavarna.cz"),
        ("bimi", "v=BIMI1"),
        ("one-click", "GET at https://odhlasit.kavarna.cz shows the page"),
        ("one-click", "POST at https://odhlasit.kavarna.cz reaches"),
    ] {
        has(&found, check, "ok ", holds);
    }
    // Without --ip it is the addresses of the relay's own name.
    let (code, found) = examined(&relay, &[]);
    assert_eq!(code, 0);
    has(&found, "ptr", "ok 192.0.2.7", "");
    let text = relay.must(&["doctor", DOMAIN]);
    assert!(text.starts_with("ok    spf "), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sick_domain_hears_what_to_publish() {
    let (dns, folder) = (Dns::start().await, tempfile::tempdir().unwrap());
    let policy = "version: STSv1\nmode: enforce\nmx: other.cz\nmax_age: 604800\n";
    let passes = (policy, Passes::GetAlone);
    let Some((relay, front, mx)) = behind_front(&dns, &folder, passes).await else { return };
    relay.must(&["keys", "dkim", "new", DOMAIN]);
    let keys = keys(&relay);
    healthy(&dns, &keys[..1], &front, &mx);
    let spf = "v=spf1 a:a.cz a:b.cz mx a:c.cz a:d.cz include:_spf.kavarna.cz a:e.cz a:f.cz a:g.cz \
        a:h.cz a:i.cz -all";
    for name in [DOMAIN, "_dmarc.kavarna.cz", "default._bimi.kavarna.cz", "_smtp._tls.kavarna.cz"] {
        dns.clear(name);
    }
    txt(&dns, DOMAIN, spf);
    txt(&dns, "_dmarc.kavarna.cz", "v=DMARC1; p=none; aspf=s");
    txt(&dns, "default._bimi.kavarna.cz", "v=BIMI1; l=http://kavarna.cz/logo.svg");
    txt(&dns, "_smtp._tls.kavarna.cz", "v=TLSRPTv1; rua=tls@kavarna.cz");
    txt(&dns, &keys[1].record.name, "v=DKIM1; k=ed25519; p=AAAA");
    dns.add_mx(DOMAIN, 10, "mx.kavarna.cz", mx.sink.address.ip());
    dns.replace(&mx.tlsa, Record::Tlsa([1, 1, 1], vec![7; 32]));
    dns.add("9.2.0.192.in-addr.arpa", Record::Ptr("elsewhere.cz".to_owned()));
    let (code, found) = examined(&relay, &["--ip", "192.0.2.9", "--ip", "2001:db8:9::1"]);
    assert_eq!(code, 1);
    for (check, begins, holds) in [
        ("spf", "fail kavarna.cz: v=spf1", "more than 10 look-ups"),
        ("dkim", "ok s", "-rsa._domainkey"),
        ("dkim", "fail another key at ", "p=AAAA | publish: s"),
        ("dmarc", "warn _dmarc.kavarna.cz: v=DMARC1; p=none", "p=quarantine"),
        ("dmarc", "warn no reports", "rua=mailto:dmarc@kavarna.cz"),
        ("alignment", "ok d=kavarna.cz", ""),
        (
            "ptr",
            "fail 192.0.2.9 is elsewhere.cz, which does not lead back",
            "PTR to relay.kavarna.cz",
        ),
        ("ptr", "fail 2001:db8:9::1 has no name", ""),
        ("mta-sts", "fail mode enforce, and no `mx:` line for mx.kavarna.cz", ""),
        ("tlsa", "fail _", "._tcp.mx.kavarna.cz has no record that senders can use | in a zone"),
        ("tls-rpt", "fail no valid `rua=`", "rua=mailto:tls-reports@kavarna.cz"),
        ("bimi", "fail no https address", ""),
        ("one-click", "ok GET", ""),
        ("one-click", "fail POST", "answers 405"),
    ] {
        has(&found, check, begins, holds);
    }
    dns.clear(DOMAIN);
    txt(&dns, DOMAIN, "v=spf1 ip4:192.0.2.7 ~all");
    txt(&dns, "_dmarc.kavarna.cz", "v=DMARC1; p=reject");
    dns.trouble("_smtp._tls.kavarna.cz", Trouble::ServFail);
    let (_, found) = examined(&relay, &["--ip", "192.0.2.9", "--mail-from", "kavarna.com"]);
    txt(&dns, "kavarna.com", "v=spf1 +all");
    has(&found, "spf", "fail nothing at kavarna.com", "publish: kavarna.com. IN TXT");
    has(&found, "dmarc", "fail 2 records at _dmarc.kavarna.cz", "");
    has(&found, "tls-rpt", "fail DNS did not answer about _smtp._tls.kavarna.cz", "");
    dns.clear("_dmarc.kavarna.cz");
    txt(&dns, "_dmarc.kavarna.cz", "v=DMARC1; p=reject; aspf=s");
    let (_, found) = examined(&relay, &["--ip", "192.0.2.9", "--mail-from", "a.kavarna.cz"]);
    has(
        &found,
        "alignment",
        "fail MAIL FROM domain a.kavarna.cz",
        "send with MAIL FROM at kavarna.cz",
    );
    let (_, found) = examined(&relay, &["--ip", "192.0.2.9"]);
    let whole = "publish: kavarna.cz. IN TXT \"v=spf1 ip4:192.0.2.9 ip4:192.0.2.7 ~all\"";
    has(&found, "spf", "fail 192.0.2.9 may not send for kavarna.cz: softfail", whole);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_domain_without_anything_hears_all_of_it() {
    let dns = Dns::start().await;
    let relay = Souhlas::start(&setup(dns.address, Path::new(""))).unwrap();
    let (code, found) = examined(&relay, &[]);
    assert_eq!(code, 1);
    for (check, begins, holds) in [
        ("spf", "fail nothing at kavarna.cz", "\"v=spf1 a:relay.kavarna.cz -all\""),
        ("dkim", "fail no key", "souhlas keys dkim new kavarna.cz"),
        ("dmarc", "fail nothing at _dmarc.kavarna.cz", "\"v=DMARC1; p=none; rua="),
        ("ptr", "warn from which addresses", "--ip"),
        ("mx", "fail no MX", "publish: kavarna.cz. IN MX 10 relay.kavarna.cz."),
        ("mta-sts", "warn nothing at _mta-sts.kavarna.cz", "\"v=STSv1; id=1\""),
        ("tls-rpt", "warn nothing at _smtp._tls.kavarna.cz", "\"v=TLSRPTv1; rua="),
        ("bimi", "warn nothing at default._bimi.kavarna.cz", "\"v=BIMI1; l="),
        ("one-click", "fail https://odhlasit.kavarna.cz: the host is not found", "/u/"),
    ] {
        has(&found, check, begins, holds);
    }
    let wrong = relay.command(&["doctor", "kavarna cz"]);
    assert_eq!(wrong.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("is not a domain"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_key_signs_only_once_its_record_is_published() {
    let dns = Dns::start().await;
    let relay = Souhlas::start(&setup(dns.address, Path::new(""))).unwrap();
    let dkim = |arguments: &[&str]| {
        let output = relay.command(&[&["keys", "dkim"], arguments].concat());
        let told = String::from_utf8(output.stdout).unwrap();
        let told = told + &String::from_utf8_lossy(&output.stderr);
        (output.status.code().unwrap(), told)
    };
    let state = |selector: &str| {
        let keys = keys(&relay);
        keys.iter().find(|key| key.selector == selector).map(|key| key.state.name())
    };
    relay.must(&["keys", "dkim", "new", DOMAIN, "--selector", "old"]);
    let (code, told) = dkim(&["dns", DOMAIN]);
    assert!(code == 1 && told.matches("missing").count() == 2, "{told}");
    let zone_line = told.lines().find(|line| line.starts_with("old-rsa._domainkey")).unwrap();
    // A record of RSA is longer than one string may be.
    assert!(zone_line.contains("\" \""), "{zone_line}");
    publish(&dns, &keys(&relay));
    let (code, told) = dkim(&["dns"]);
    assert!(code == 0 && told.matches("published").count() == 2, "{told}");

    let (code, told) = dkim(&["rotate", DOMAIN, "--finish"]);
    assert!(code == 1 && told.contains("no key of `kavarna.cz` waits"), "{told}");
    relay.must(&["keys", "dkim", "rotate", DOMAIN]);
    let new: Vec<KeyInfo> =
        keys(&relay).into_iter().filter(|key| !key.selector.starts_with("old")).collect();
    assert_eq!((new.len(), state("old-rsa")), (2, Some("signs")));
    publish(&dns, &new[..1]);
    txt(&dns, &new[1].record.name, "v=DKIM1; k=ed25519; p=AAAA");
    let (code, told) = dkim(&["rotate", DOMAIN, "--finish"]);
    assert!(code == 1 && told.contains("another key there: v=DKIM1; k=ed25519; p=AAAA"), "{told}");
    assert_eq!(state("old-rsa"), Some("signs"), "neither is put to work alone");
    dns.clear(&new[1].record.name);
    dns.trouble(&new[1].record.name, Trouble::ServFail);
    let (code, told) = dkim(&["rotate", DOMAIN, "--finish"]);
    assert!(code == 1 && told.contains("DNS did not answer: "), "{told}");
    dns.heal(&new[1].record.name);
    publish(&dns, &new[1..]);
    let (code, told) = dkim(&["rotate", DOMAIN, "--finish"]);
    assert!(code == 0 && told.contains("retired old-rsa._domainkey.kavarna.cz"), "{told}");
    for key in &new {
        assert_eq!((state(&key.selector), state("old-rsa")), (Some("signs"), Some("retired")));
    }
    let (code, told) = dkim(&["remove", DOMAIN, &new[0].selector]);
    assert!(code == 1 && told.contains("it is not retired"), "{told}");
    // Nothing is signed with it, so its record may be gone.
    dns.clear("old-rsa._domainkey.kavarna.cz");
    let (code, told) = dkim(&["dns"]);
    assert!(code == 0 && told.contains("missing"), "{told}");
    relay.must(&["keys", "dkim", "remove", DOMAIN, "old-rsa"]);
    assert_eq!(state("old-rsa"), None);
}
