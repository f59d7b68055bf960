//! What DKIM signatures a message carries say of themselves (RFC 6376 §3.5): for which domain, and
//! over which fields.
//!
//! Whether one is valid needs the DNS and the message's canonical form, and is not asked here.

use crate::{Address, Header, Message};

/// A signature's `d=` and `h=`.
pub(crate) struct Signature {
    domain: String,
    fields: Vec<String>,
}

/// Those of the message, top first; what is none of version 1 is left out.
pub(crate) fn all(message: &Message) -> impl Iterator<Item = Signature> {
    message.headers_named("DKIM-Signature").filter_map(|header| of(message, header))
}

/// The message has a signature for the domain of the one sender in From, or one that DMARC takes
/// for the same: of a domain above or below it.
pub(crate) fn is_by_sender(message: &Message) -> bool {
    let [from] = message.senders() else { return false };
    let Ok(from) = Address::parse(&from.address) else { return false };
    let from = from.domain();
    let below = |inner: &str, outer: &str| {
        inner.strip_suffix(outer).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    all(message).any(|signature| {
        let signer = signature.domain.as_str();
        // Nobody signs for a whole top-level domain.
        signer.contains('.') && (below(from, signer) || below(signer, from))
    })
}

impl Signature {
    /// Whether it covers a field of that name.
    pub(crate) fn covers(&self, name: &str) -> bool {
        self.fields.iter().any(|field| field.eq_ignore_ascii_case(name))
    }
}

/// A DKIM-Signature field's value has these `d=` and `s=`, whatever else is wrong with it.
pub(crate) fn is_of(value: &[u8], domain: &str, selector: &str) -> bool {
    let Ok(value) = std::str::from_utf8(value) else { return false };
    let is =
        |name, wanted: &str| tag(value, name).is_some_and(|it| it.eq_ignore_ascii_case(wanted));
    is("d", domain) && is("s", selector)
}

fn of(message: &Message, header: &Header) -> Option<Signature> {
    let value = std::str::from_utf8(message.raw(header.value.clone())).ok()?;
    if tag(value, "v")? != "1" {
        return None;
    }
    let fields = tag(value, "h")?.split(':').map(str::to_owned).collect();
    Some(Signature { domain: tag(value, "d")?.to_ascii_lowercase(), fields })
}

/// The first tag of that name. White space may stand round every part of one.
fn tag(value: &str, name: &str) -> Option<String> {
    value.split(';').find_map(|tag| {
        let (key, value) = tag.split_once('=')?;
        let value = || value.chars().filter(|c| !c.is_ascii_whitespace()).collect();
        (key.trim() == name).then(value)
    })
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn message(signature: &str) -> Message {
        let text = format!("DKIM-Signature: {signature}\r\nFrom: a@news.shop.cz\r\n\r\nx\r\n");
        Message::parse(Bytes::from(text))
    }

    #[test]
    fn a_signature_is_the_senders_where_the_domains_belong_together() {
        for (signature, own) in [
            ("v=1; d=news.shop.cz; s=x; h=From; b=", true),
            ("v=1; d=Shop.cz; s=x;\r\n h=From : Subject; b=", true),
            ("v=1; d=a.news.shop.cz; s=x; h=From", true),
            ("v=1; d=tool.example; s=x; h=From", false),
            ("v=1; d=op.cz; s=x; h=From", false),
            ("v=1; d=cz; s=x; h=From", false),
            ("v=2; d=shop.cz; s=x; h=From", false),
            ("junk", false),
        ] {
            assert_eq!(is_by_sender(&message(signature)), own, "{signature}");
        }
    }

    #[test]
    fn what_is_covered_is_found_in_any_case() {
        let message = message("v=1; d=a.cz; s=x; h=from:list-unsubscribe :\r\n Subject; b=");
        let signature = all(&message).next().unwrap();
        assert!(signature.covers("List-Unsubscribe") && signature.covers("Subject"));
        assert!(!signature.covers("List-Unsubscribe-Post"));
    }
}
