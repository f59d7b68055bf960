//! SPF of the MAIL FROM domain (RFC 7208): one record, few look-ups, and the relay's addresses in it.

mod evaluate;
mod macros;

use std::net::IpAddr;

use self::evaluate::{Evaluation, Verdict};
use super::{Finding, Subject, World, txt};

const CHECK: &str = "spf";

pub(super) async fn look(subject: &Subject, world: &World) -> Vec<Finding> {
    let domain = &subject.mail_from;
    let text = match evaluate::record(&world.dns, domain).await {
        Ok(Some(text)) => text,
        Ok(None) => {
            let found = format!("nothing at {domain}: nobody may send in its name, or everybody");
            return vec![Finding::fail(CHECK, found, txt(domain, &first(subject)))];
        }
        Err(Verdict::Silent(why)) => return vec![Finding::silent(CHECK, domain, &why)],
        Err(verdict) => {
            let advice = "merge them into one record: one `v=spf1`, all mechanisms, one `all`";
            return vec![Finding::fail(CHECK, format!("{domain}: {verdict}"), advice)];
        }
    };
    let mut found = vec![shape(domain, &text, world).await];
    for address in &subject.addresses {
        found.push(covers(domain, &text, *address, world).await);
    }
    if subject.addresses.is_empty() {
        let what = "whether it has the relay's addresses is not known";
        found.push(Finding::warn(CHECK, what, "name them: --ip ADDRESS"));
    }
    found
}

/// The record by itself: what it ends in, and how much receivers have to ask for it.
async fn shape(domain: &str, text: &str, world: &World) -> Finding {
    let mut all = Evaluation::new(&world.dns, None);
    let walked = all.check(domain.to_owned()).await;
    let shown = format!("{domain}: {text} ({} of 10 look-ups)", all.lookups);
    match walked {
        Verdict::Wrong(why) => {
            let advice = "put this right, or every receiver takes it for an error; of look-ups there \
                may be 10: write addresses (`ip4:`) instead of `include:`, `a`, `mx`";
            return Finding::fail(CHECK, format!("{shown}: {why}"), advice);
        }
        Verdict::Silent(why) => return Finding::silent(CHECK, domain, &why),
        Verdict::Pass => {
            return Finding::fail(
                CHECK,
                format!("{shown}: everybody may send"),
                "end it with -all",
            );
        }
        Verdict::Fail | Verdict::SoftFail | Verdict::Neutral | Verdict::Absent => {}
    }
    let is_open = matches!(walked, Verdict::Neutral | Verdict::Absent);
    if is_open {
        return Finding::warn(
            CHECK,
            format!("{shown}: it says nothing of strangers"),
            "end it with -all",
        );
    }
    Finding::ok(CHECK, shown)
}

async fn covers(domain: &str, text: &str, address: IpAddr, world: &World) -> Finding {
    let mut one = Evaluation::new(&world.dns, Some(address));
    match one.check(domain.to_owned()).await {
        Verdict::Pass => Finding::ok(CHECK, format!("{address} may send for {domain}")),
        Verdict::Silent(why) => Finding::silent(CHECK, domain, &why),
        Verdict::Wrong(why) => Finding::fail(
            CHECK,
            format!("whether {address} may send for {domain}: {why}"),
            "put the record right first",
        ),
        verdict @ (Verdict::Fail | Verdict::SoftFail | Verdict::Neutral | Verdict::Absent) => {
            let rest = text.split_once(' ').map_or("-all", |(_, rest)| rest);
            let own = format!("v=spf1 {} {rest}", mechanism(address));
            Finding::fail(
                CHECK,
                format!("{address} may not send for {domain}: {verdict}"),
                txt(domain, &own),
            )
        }
    }
}

/// Where there is none yet.
fn first(subject: &Subject) -> String {
    let own: Vec<String> = subject.addresses.iter().map(|one| mechanism(*one)).collect();
    let own = if own.is_empty() { format!("a:{}", subject.hostname) } else { own.join(" ") };
    format!("v=spf1 {own} -all")
}

fn mechanism(address: IpAddr) -> String {
    let kind = if address.is_ipv4() { "ip4" } else { "ip6" };
    format!("{kind}:{address}")
}
