//! DMARC (RFC 7489): the policy, and whether DKIM and MAIL FROM are in line with header From.

use super::{
    Finding, Subject, World,
    record::{Record, find},
    txt,
};
use crate::sign::Tags;

const CHECK: &str = "dmarc";

pub(super) async fn look(subject: &Subject, world: &World) -> Vec<Finding> {
    let domain = &subject.domain;
    let name = format!("_dmarc.{domain}");
    let publish = txt(&name, &format!("v=DMARC1; p=none; rua=mailto:dmarc@{domain}"));
    let mut at = domain.as_str();
    // The nearest domain above that has one speaks for all below it.
    for _ in 0..LEVELS_MAX {
        match find(&world.dns, &format!("_dmarc.{at}"), "v=DMARC1").await {
            Record::One(text) => return about(subject, at, &text),
            Record::Several(count) => {
                let found = format!("{count} records at _dmarc.{at}: receivers take none of them");
                return vec![Finding::fail(CHECK, found, "remove all but one")];
            }
            Record::Silent(why) => {
                return vec![Finding::silent(CHECK, &format!("_dmarc.{at}"), &why)];
            }
            Record::Missing => {}
        }
        match at.split_once('.') {
            Some((_, above)) if above.contains('.') => at = above,
            Some(_) | None => break,
        }
    }
    let found = format!("nothing at {name}, and large mailbox providers ask for it");
    vec![Finding::fail(CHECK, found, publish)]
}

/// `at`: where the record stands, the domain itself or one above it.
fn about(subject: &Subject, at: &str, text: &str) -> Vec<Finding> {
    let tags = Tags::parse(text);
    let below = if at == subject.domain { None } else { tags.first("sp") };
    let policy = below.or_else(|| tags.first("p")).unwrap_or_default().to_ascii_lowercase();
    let mut found = Vec::new();
    let shown = format!("_dmarc.{at}: {text}");
    found.push(match policy.as_str() {
        "none" => Finding::warn(
            CHECK,
            shown,
            "once its reports show no stranger among those who pass, set `p=quarantine`, then `p=reject`",
        ),
        "quarantine" | "reject" => Finding::ok(CHECK, shown),
        _ => Finding::fail(CHECK, shown, "it has no valid `p=`: write none, quarantine or reject"),
    });
    if tags.first("rua").is_none() {
        let advice = format!("add `rua=mailto:dmarc@{}` to learn who sends in its name", at);
        found.push(Finding::warn(CHECK, "no reports are asked for", advice));
    }
    let strict = |tag: &str| tags.first(tag).is_some_and(|mode| mode.eq_ignore_ascii_case("s"));
    let signing: Vec<&str> =
        subject.keys.iter().filter(|key| key.signs()).map(|key| key.domain.as_str()).collect();
    if let Some(key) = signing.first() {
        let is_aligned = aligned(&subject.domain, key, at, strict("adkim"));
        found.push(alignment(
            is_aligned,
            &format!("d={key} of its signatures"),
            format!("make keys of its own: souhlas keys dkim new {}", subject.domain),
        ));
    }
    found.push(alignment(
        aligned(&subject.domain, &subject.mail_from, at, strict("aspf")),
        &format!("MAIL FROM domain {}", subject.mail_from),
        format!("send with MAIL FROM at {} or below it", subject.domain),
    ));
    found
}

fn alignment(is_aligned: bool, whose: &str, advice: String) -> Finding {
    const ALIGNMENT: &str = "alignment";
    if is_aligned {
        Finding::ok(ALIGNMENT, format!("{whose} is in line with header From"))
    } else {
        Finding::fail(ALIGNMENT, format!("{whose} is not in line with header From"), advice)
    }
}

/// `organization`: the domain whose policy it is, within which relaxed alignment holds (§3.1).
fn aligned(from: &str, other: &str, organization: &str, is_strict: bool) -> bool {
    let within = |name: &str, above: &str| {
        name == above || name.strip_suffix(above).is_some_and(|rest| rest.ends_with('.'))
    };
    if is_strict {
        return from == other;
    }
    within(from, other) || within(other, from) || within(other, organization)
}

const LEVELS_MAX: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_are_aligned_within_the_organization_and_strictly_when_they_are_the_same() {
        for (from, other, relaxed) in [
            ("shop.cz", "shop.cz", true),
            ("shop.cz", "bounce.shop.cz", true),
            ("news.shop.cz", "shop.cz", true),
            ("news.shop.cz", "bounce.shop.cz", true),
            ("shop.cz", "eshop.cz", false),
            ("shop.cz", "provider.com", false),
        ] {
            assert_eq!(aligned(from, other, "shop.cz", false), relaxed, "{from} {other}");
            assert_eq!(aligned(from, other, "shop.cz", true), from == other, "{from} {other}");
        }
    }
}
