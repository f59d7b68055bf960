//! The recipient's domain, by which the queue is grouped. In the database it is a keyed hash: that of
//! a small business may name a person.

use policy::Address;

use crate::{
    seal::{MacKey, Secret},
    smtp::{client::mailbox, envelope::Path},
};

/// As routes and DNS want it: lower-case A-labels, or the literal.
pub fn domain(path: &Path) -> String {
    if path.domain.is_ascii() {
        return path.domain.to_ascii_lowercase();
    }
    let parsed = Address::parse(&mailbox(path));
    parsed.map_or_else(|_| path.domain.clone(), |address| address.domain().to_owned())
}

/// Makes the hashes.
#[derive(Debug)]
pub(super) struct Domains(MacKey);

impl Domains {
    pub(super) fn new(secret: &Secret) -> Self {
        Self(secret.mac_key("delivery domain"))
    }

    /// Of one as [`domain`] gives it.
    pub(super) fn key(&self, domain: &str) -> i64 {
        let tag = self.0.sign(domain.as_bytes());
        let key = tag.first_chunk().map_or(0, |bytes| i64::from_be_bytes(*bytes));
        if key == UNKNOWN || key == UNREAD { UNREAD + 1 } else { key }
    }

    /// Of one as a person writes it: with or without a name before the `@`.
    pub(super) fn named(&self, text: &str) -> i64 {
        self.key(&spelled(text))
    }
}

/// As a person writes it, in the form of [`domain`].
pub(super) fn spelled(text: &str) -> String {
    let bare = text.rsplit('@').next().unwrap_or_default().trim();
    domain(&Path { local: "x".to_owned(), domain: bare.to_owned() })
}

/// Kept by an earlier release: nobody has looked yet.
pub(super) const UNKNOWN: i64 = 0;
/// Its recipient cannot be read.
pub(super) const UNREAD: i64 = 1;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_is_found_however_it_is_written() {
        let domains = Domains::new(&Secret::from_bytes([1; 32]));
        let path = Path { local: "jana".into(), domain: "příklad.CZ".into() };
        let key = domains.key(&domain(&path));
        for text in ["xn--pklad-zsa96e.cz", "PŘÍKLAD.cz", " jana@příklad.cz "] {
            assert_eq!(domains.named(text), key, "{text}");
        }
        assert_ne!(domains.named("other.cz"), key);
        assert_ne!(Domains::new(&Secret::from_bytes([2; 32])).named("příklad.cz"), key);
    }
}
