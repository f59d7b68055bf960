//! The one TXT record of a kind under a name, among others that are somebody else's.

use crate::delivery::dns::{Answer, Resolver};

pub(super) enum Record {
    One(String),
    Missing,
    /// So many, of which receivers take none.
    Several(usize),
    Silent(String),
}

/// `tag`: what the text begins with, up to a `;`, a space or its end (`v=DMARC1`).
pub(super) async fn find(dns: &Resolver, name: &str, tag: &str) -> Record {
    let mut texts = match dns.texts(name).await {
        Answer::Found(texts) => texts,
        Answer::Nothing | Answer::NoName => return Record::Missing,
        Answer::Failed(why) => return Record::Silent(why),
    };
    texts.retain(|text| begins(text, tag));
    match (texts.pop(), texts.len()) {
        (Some(one), 0) => Record::One(one),
        (Some(_), others) => Record::Several(others + 1),
        (None, _) => Record::Missing,
    }
}

fn begins(text: &str, tag: &str) -> bool {
    let first = text.split([';', ' ']).next().unwrap_or_default();
    first.trim().eq_ignore_ascii_case(tag)
}
