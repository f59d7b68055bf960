//! BIMI: the logo that some mailbox providers show beside messages that pass DMARC.

use super::{
    Finding, Subject, World,
    record::{Record, find},
    txt,
};
use crate::sign::Tags;

const CHECK: &str = "bimi";

pub(super) async fn look(subject: &Subject, world: &World) -> Finding {
    let domain = &subject.domain;
    let name = format!("default._bimi.{domain}");
    let publish = txt(&name, &format!("v=BIMI1; l=https://{domain}/logo.svg; a="));
    match find(&world.dns, &name, "v=BIMI1").await {
        Record::One(text) => {
            let tags = Tags::parse(&text);
            let is_https =
                |tag: &str| tags.first(tag).is_some_and(|url| url.starts_with("https://"));
            // An empty `l=` says that no logo is to be shown.
            if tags.first("l") == Some("") || (is_https("l") && (is_https("a"))) {
                Finding::ok(CHECK, text)
            } else if is_https("l") {
                let advice = "some providers show a logo with a certificate alone: `a=` names it";
                Finding::warn(CHECK, text, advice)
            } else {
                Finding::fail(CHECK, format!("no https address in `l=`: {text}"), publish)
            }
        }
        Record::Missing => Finding::warn(
            CHECK,
            format!("nothing at {name}: no logo is shown"),
            format!("where you want one, with DMARC at quarantine or reject, {publish}"),
        ),
        Record::Several(count) => {
            Finding::fail(CHECK, format!("{count} records at {name}"), "remove all but one")
        }
        Record::Silent(why) => Finding::silent(CHECK, &name, &why),
    }
}
