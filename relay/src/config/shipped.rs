//! Tests only: the shipped files say every key, with a word on it and its true default, and a
//! wrong file gets all its complaints at once.

use std::collections::BTreeMap;

use super::{
    Admits, Business, Config, NextHop, Signs,
    document::Sink,
    schema::{Asked, BUSINESS as POLICY, MACHINE as RELAY, header, setting, written_out},
};

/// One key of a shipped file.
struct Line {
    value: String,
    /// It stands there as the default: `# key = value`.
    silent: bool,
    explained: bool,
}

fn shown(text: &str) -> BTreeMap<String, Line> {
    let mut lines = BTreeMap::new();
    let (mut section, mut before) = (String::new(), "");
    for line in text.lines() {
        let bare = line.strip_prefix("# ").unwrap_or(line);
        if let Some(header) = header(bare) {
            section = header;
        } else if let Some((key, value)) = setting(bare) {
            let path = if section.is_empty() { key } else { format!("{section}.{key}") };
            let explained =
                before.starts_with("# ") && before.strip_prefix("# ").and_then(setting).is_none();
            let silent = bare != line;
            lines.entry(path).or_insert(Line { value, silent, explained });
        }
        before = line;
    }
    lines
}

fn check(text: &str, asked: &BTreeMap<String, Asked>) {
    let shown = shown(text);
    for (path, Asked { default, .. }) in asked {
        // The keys of a next hop are explained in one of its two places.
        let other = match path.strip_prefix("delivery.otherwise.") {
            Some(key) => format!("delivery.route.{key}"),
            None => path.replace("delivery.route.", "delivery.otherwise."),
        };
        let is_table = |path: &str| asked.keys().any(|key| key.starts_with(&format!("{path}.")));
        if is_table(path) || is_table(&other) || is_free(path) || path == "packs" {
            continue;
        }
        let line = shown
            .get(path)
            .or(shown.get(&other))
            .unwrap_or_else(|| panic!("the shipped file lacks `{path}`"));
        let varies =
            ["next-hop", "port", "tls", "returns.domains"].iter().any(|key| path.ends_with(key));
        if let (Some(default), true, false) = (default, line.silent, varies) {
            assert_eq!(&line.value, default, "default of `{path}`");
        }
    }
    for (path, line) in &shown {
        let free = path.rsplit_once('.').is_some_and(|(table, _)| is_free(table))
            || path.starts_with("packs.");
        assert!(
            free || asked.contains_key(path),
            "the shipped file names `{path}`, which is no key"
        );
        // Of several controllers and streams the first explains.
        assert!(free || line.explained, "no comment on `{path}`");
    }
}

/// Its keys are the rules.
fn is_free(table: &str) -> bool {
    ["rules", "stream.*.rules"].contains(&table)
}

#[test]
fn relay_toml_as_shipped_names_every_key_with_its_default() {
    let text = written_out(RELAY);
    let sink = Sink::new("relay.toml", &text);
    Config::from_sink(&sink);
    check(RELAY, &sink.asked());
    let complaints = sink.into_complaints();
    let real: Vec<String> = complaints
        .iter()
        .map(ToString::to_string)
        // The examples name a smarthost and files of secrets that nobody has.
        .filter(|text| !text.contains("password-file") && !text.contains("openid.secret"))
        .filter(|text| !text.contains("souhlas.localhost"))
        .collect();
    assert!(real.is_empty(), "{real:#?}");
}

#[test]
fn policy_toml_as_shipped_names_every_key_with_its_default() {
    let text = written_out(POLICY);
    let sink = Sink::new("policy.toml", &text);
    Business::from_sink(&sink, &text);
    check(POLICY, &sink.asked());
    let complaints = sink.into_complaints();
    let real: Vec<String> = complaints
        .iter()
        .map(ToString::to_string)
        // The example of a hook names a file that nobody has, and what other kinds of hooks say.
        .filter(|text| !text.contains("smartsupp.secret") && !text.contains("a hook of kind"))
        .collect();
    assert!(real.is_empty(), "{real:#?}");
}

#[test]
fn as_shipped_nothing_leaves_the_machine() {
    let config = Config::read("relay.toml", RELAY).unwrap();
    assert!(config.listeners.iter().all(|listener| listener.address.is_local()));
    assert!(config.web.address.ip().is_loopback() && config.web.ops_address.ip().is_loopback());
    assert!(matches!(config.delivery.otherwise, NextHop::Capture { .. }));
    assert!(config.delivery.routes.is_empty());
    assert!(matches!(&config.listeners[0].admits, Admits::Trusted { .. }));
}

#[test]
fn what_is_missing_has_its_default() {
    let smallest = "[[listener]]\nname = \"a\"\nplaintext-auth = true\n";
    let config = Config::read("relay.toml", smallest).unwrap();
    let shipped = Config::read("relay.toml", RELAY).unwrap();
    assert_eq!(config.limits, shipped.limits);
    assert_eq!(config.delivery.waits, shipped.delivery.waits);
    assert_eq!(config.delivery.limit, shipped.delivery.limit);
    assert_eq!(config.delivery.retry, shipped.delivery.retry);
    assert_eq!(config.secret_file, shipped.secret_file);
    assert_eq!(config.database.reveal(), "sqlite:data/souhlas.db");
}

#[test]
fn every_complaint_about_the_machine_comes_at_once() {
    let text = "\
hostnam = \"mail.shop.cz\"
database = \"mysql://root:hunter2@localhost/x\"
[[listener]]
name = \"open\"
address = \"0.0.0.0:25\"
plaintext-auth = true
[listener.trusted]
networks = [\"0.0.0.0/0\", \"nowhere\"]
senders = [\"shop.cz\"]
[delivery.otherwise]
next-hop = \"mx\"
host = \"x\"
[web]
url = \"http://shop.cz\"
";
    let complaints = Config::read("relay.toml", text).unwrap_err();
    let complaints: Vec<String> = complaints.iter().map(ToString::to_string).collect();
    for (place, words) in [
        ("relay.toml:1:1:", "did you mean `hostname`?"),
        ("relay.toml:2:12:", "not a database"),
        ("relay.toml:6:18:", "in clear"),
        ("relay.toml:8:12:", "open relay"),
        ("relay.toml:8:26:", "`nowhere` is not an IP address"),
        ("relay.toml:9:12:", "`shop.cz` is not a sender"),
        ("relay.toml:12:8:", "means nothing to this `next-hop`"),
        ("relay.toml:14:7:", "https"),
    ] {
        let found = complaints.iter().any(|text| text.starts_with(place) && text.contains(words));
        assert!(found, "{place} {words}: {complaints:#?}");
    }
    assert!(!complaints.iter().any(|text| text.contains("hunter2")));
}

#[test]
fn links_that_nobody_can_follow_never_leave_the_machine() {
    let hop = "[[listener]]\nname = \"a\"\nplaintext-auth = true\n[delivery.otherwise]\nnext-hop = \"mx\"\n";
    for (url, is_good) in [("https://souhlas.localhost", false), ("https://mail.shop.cz", true)] {
        let text = format!("{hop}[web]\nurl = \"{url}\"\n");
        assert_eq!(Config::read("relay.toml", &text).is_ok(), is_good, "{url}");
    }
}

#[test]
fn every_complaint_about_the_business_comes_at_once() {
    let text = "\
[controller.shop]
name = \"Shop s.r.o.\"
company-id = \"12345678\"
country = \"cz\"
domains = [\"obchod\"]
time-zone = \"Europe/Brno\"
[stream.a]
controller = \"shopp\"
class = \"transactionel\"
lists = 1
[stream.b]
controller = \"shop\"
[rules]
label-missing = \"fix\"
no-such-rule-at-all = \"hold\"
[packs.cz.label]
level = 9
[packs.xx]
[stream.b.rules]
refused = \"report\"
label-mising = \"hold\"
class-mismatch = \"note\"
sender-hidden = true
";
    let complaints = Business::read("policy.toml", text).unwrap_err();
    let complaints: Vec<String> = complaints.iter().map(ToString::to_string).collect();
    for (place, words) in [
        ("policy.toml:3:14:", "company id"),
        ("policy.toml:4:11:", "country code"),
        ("policy.toml:5:12:", "not a domain"),
        ("policy.toml:6:13:", "time zone"),
        ("policy.toml:8:14:", "did you mean `shop`?"),
        ("policy.toml:9:9:", "did you mean `transactional`?"),
        ("policy.toml:10:1:", "`lists` is no key of [stream.a]"),
        ("policy.toml:11:", "names no purpose"),
        ("policy.toml:14:17:", "`fix` is not known"),
        ("policy.toml:15:1:", "there is no rule"),
        ("policy.toml:17:1:", "label.level"),
        ("policy.toml:18:", "there is no pack `xx`"),
        ("policy.toml:20:11:", "`refused` binds whatever is set"),
        ("policy.toml:21:1:", "there is no rule `label-mising`: did you mean `label-missing`?"),
        ("policy.toml:22:18:", "`class-mismatch`: `note` is not known"),
        ("policy.toml:23:17:", "`sender-hidden` is true"),
    ] {
        let found = complaints.iter().any(|text| text.starts_with(place) && text.contains(words));
        assert!(found, "{place} {words}: {complaints:#?}");
    }
}

#[test]
fn what_counts_and_reports_is_checked_too() {
    let text = "\
[controller.shop]
name = \"Shop s.r.o.\"
country = \"CZ\"
domains = [\"shop.cz\"]
recipients = \"Czechia\"
[stream.a]
controller = \"shop\"
class = \"transactional\"
at-most = \"often\"
report-onli = true
adult = \"yes\"
[stream.b]
controller = \"shop\"
class = \"transactional\"
at-most = \"0 in 30 days\"
at-mots = \"4 in 30 days\"
[stream.c]
controller = \"shop\"
class = \"transactional\"
topic = \"seeds\"
[stream.d]
controller = \"shop\"
purpose = \"news\"
topic = \"Seeds & tools\"
";
    let complaints = Business::read("policy.toml", text).unwrap_err();
    let complaints: Vec<String> = complaints.iter().map(ToString::to_string).collect();
    for (place, words) in [
        ("policy.toml:5:14:", "`Czechia` is not a country code"),
        ("policy.toml:9:11:", "`often` is not a frequency: write `4 in 30 days`"),
        ("policy.toml:10:1:", "did you mean `report-only`?"),
        ("policy.toml:11:9:", "true or false"),
        ("policy.toml:15:11:", "`0 in 30 days` is not a frequency"),
        ("policy.toml:16:1:", "did you mean `at-most`?"),
        ("policy.toml:20:9:", "stream `c` names a topic and no purpose"),
        ("policy.toml:24:9:", "`Seeds & tools` is not a topic's id"),
    ] {
        let found = complaints.iter().any(|text| text.starts_with(place) && text.contains(words));
        assert!(found, "{place} {words}: {complaints:#?}");
    }
    assert_eq!(complaints.len(), 8, "{complaints:#?}");
}

#[test]
fn a_cap_is_for_every_stream_about_the_purpose() {
    let text = POLICY.replacen("# at-most = ", "at-most = ", 1);
    let business = Business::read("policy.toml", &text).unwrap();
    for (stream, capped) in
        [("zahrada-novinky", true), ("zahrada-ostatni", true), ("hory-novinky", false)]
    {
        assert_eq!(business.caps(business.stream(stream).unwrap()), capped, "{stream}");
    }
}

#[test]
fn the_most_specific_stream_wins() {
    let business = Business::read("policy.toml", POLICY).unwrap();
    for (from, header, stream) in [
        ("novinky@zahrada.example", "", Some("zahrada-novinky")),
        ("Novinky@ZAHRADA.example", "", Some("zahrada-novinky")),
        ("kdo@zahrada.example", "", Some("zahrada-ostatni")),
        ("kdo@zahrada.example", "zahrada-provoz", Some("zahrada-provoz")),
        ("novinky@zahrada.example", "neni", None),
        ("kdo@jinde.example", "", None),
        ("", "", None),
    ] {
        let signs = Signs { login: "local", from, header, list_id: "" };
        let found = business.stream_for(&signs).map(|stream| stream.id.as_str());
        assert_eq!(found, stream, "{from} {header}");
    }
    assert_eq!(business.stream_by_envelope("local", "kdo@zahrada.example").map(|at| &at.id), None);
    let exact = business.stream_by_envelope("local", "novinky@zahrada.example");
    assert_eq!(exact.map(|stream| stream.id.as_str()), Some("zahrada-novinky"));
}
