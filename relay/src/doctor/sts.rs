//! MTA-STS (RFC 8461) and TLS reports (RFC 8460) of a domain: what others are told about TLS with it.

use super::{
    Finding, Subject, World,
    record::{Record, find},
    txt,
};
use crate::sign::Tags;

const CHECK: &str = "mta-sts";

/// `hosts`: the domain's mail exchangers.
pub(super) async fn policy(subject: &Subject, world: &World, hosts: &[String]) -> Finding {
    let domain = &subject.domain;
    let name = format!("_mta-sts.{domain}");
    let url = format!("https://mta-sts.{domain}/.well-known/mta-sts.txt");
    let text = match find(&world.dns, &name, "v=STSv1").await {
        Record::One(text) => text,
        Record::Missing => {
            let lines: String = hosts.iter().map(|host| format!("mx: {host}\\n")).collect();
            let advice = format!(
                "{}; serve at {url}: version: STSv1\\nmode: testing\\n{lines}max_age: 604800",
                txt(&name, "v=STSv1; id=1")
            );
            return Finding::warn(CHECK, format!("nothing at {name}"), advice);
        }
        Record::Several(count) => {
            let found = format!("{count} records at {name}: senders take none of them");
            return Finding::fail(CHECK, found, "remove all but one");
        }
        Record::Silent(why) => return Finding::silent(CHECK, &name, &why),
    };
    let id = Tags::parse(&text).first("id").unwrap_or_default().to_owned();
    if id.is_empty() || id.len() > 32 || !id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        let advice = "give it an id of 1 to 32 letters and digits, another one at each change";
        return Finding::fail(CHECK, format!("{name} has no valid id: {text}"), advice);
    }
    match world.ask(&url, &[], None, POLICY_BYTES_MAX).await {
        Ok(answer) if answer.status == 200 => about(&String::from_utf8_lossy(&answer.body), hosts),
        Ok(answer) => Finding::fail(
            CHECK,
            format!("{url} answers {}", answer.status),
            "serve the policy there, without a redirect",
        ),
        Err(why) => Finding::fail(
            CHECK,
            format!("{url}: {why}"),
            "serve the policy there, with a valid certificate",
        ),
    }
}

fn about(text: &str, hosts: &[String]) -> Finding {
    let lines = || {
        let lines = text.lines().filter_map(|line| line.split_once(':'));
        lines.map(|(key, value)| (key.trim(), value.trim()))
    };
    let first = |name: &str| lines().find(|(key, _)| *key == name).map(|(_, value)| value);
    let fail = |found: String, advice: &str| Finding::fail(CHECK, found, advice);
    if first("version") != Some("STSv1") {
        return fail("the policy has no `version: STSv1`".to_owned(), "begin it with that line");
    }
    let age = first("max_age").and_then(|age| age.parse::<u32>().ok());
    let Some(age) = age.filter(|age| *age <= AGE_MAX_SECONDS) else {
        return fail("the policy has no valid max_age".to_owned(), "write `max_age: 604800`");
    };
    let allowed: Vec<&str> =
        lines().filter(|(key, _)| *key == "mx").map(|(_, value)| value).collect();
    let strange: Vec<&str> = hosts
        .iter()
        .map(String::as_str)
        .filter(|host| !allowed.iter().any(|pattern| fits(host, pattern)))
        .collect();
    let mode = first("mode").unwrap_or_default();
    match mode {
        "enforce" | "testing" if !strange.is_empty() => {
            let found = format!("mode {mode}, and no `mx:` line for {}", strange.join(", "));
            fail(found, "add a line for each MX host, then change the record's id")
        }
        "enforce" => Finding::ok(CHECK, format!("mode enforce for {age} s, all MX hosts in it")),
        "testing" | "none" => Finding::warn(
            CHECK,
            format!("mode {mode}: nobody is held to it"),
            "once the reports are clean write `mode: enforce` and change the record's id",
        ),
        _ => fail(format!("mode `{mode}` is none"), "write `mode: testing` or `mode: enforce`"),
    }
}

/// RFC 8461 §4.1: a star stands for one label.
fn fits(host: &str, pattern: &str) -> bool {
    match pattern.strip_prefix("*.") {
        Some(above) => {
            host.split_once('.').is_some_and(|(_, rest)| rest.eq_ignore_ascii_case(above))
        }
        None => host.eq_ignore_ascii_case(pattern),
    }
}

pub(super) async fn reports(subject: &Subject, world: &World) -> Finding {
    const CHECK: &str = "tls-rpt";
    let domain = &subject.domain;
    let name = format!("_smtp._tls.{domain}");
    let publish = txt(&name, &format!("v=TLSRPTv1; rua=mailto:tls-reports@{domain}"));
    match find(&world.dns, &name, "v=TLSRPTv1").await {
        Record::One(text) => {
            let to = Tags::parse(&text).first("rua").unwrap_or_default().to_owned();
            if to.starts_with("mailto:") || to.starts_with("https://") {
                Finding::ok(CHECK, text)
            } else {
                Finding::fail(CHECK, format!("no valid `rua=` in: {text}"), publish)
            }
        }
        Record::Missing => Finding::warn(CHECK, format!("nothing at {name}"), publish),
        Record::Several(count) => {
            Finding::fail(CHECK, format!("{count} records at {name}"), "remove all but one")
        }
        Record::Silent(why) => Finding::silent(CHECK, &name, &why),
    }
}

/// RFC 8461 §3.2: a sender may stop there.
const POLICY_BYTES_MAX: usize = 64 << 10;
/// About a year (§3.2).
const AGE_MAX_SECONDS: u32 = 31_557_600;

#[cfg(test)]
mod tests {
    use super::{super::State, *};

    #[test]
    fn a_policy_names_every_host_and_is_enforced() {
        let hosts = ["mx1.shop.cz".to_owned(), "mx2.shop.cz".to_owned()];
        let head = "version: STSv1\r\nmax_age: 604800\r\n";
        for (rest, state) in [
            ("mode: enforce\r\nmx: *.shop.cz\r\n", State::Ok),
            ("mode: enforce\nmx: mx1.shop.cz\nmx: MX2.shop.cz\n", State::Ok),
            ("mode: testing\r\nmx: *.shop.cz\r\n", State::Warn),
            ("mode: none\r\n", State::Warn),
            ("mode: enforce\r\nmx: mx1.shop.cz\r\n", State::Fail),
            ("mode: enforce\r\nmx: *.cz\r\n", State::Fail),
            ("mode: on\r\nmx: *.shop.cz\r\n", State::Fail),
        ] {
            assert_eq!(about(&format!("{head}{rest}"), &hosts).state, state, "{rest}");
        }
        for text in ["", "<html>", "version: STSv1\nmode: enforce\nmx: *.shop.cz\n"] {
            assert_eq!(about(text, &hosts).state, State::Fail, "{text}");
        }
    }
}
