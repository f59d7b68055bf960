//! An address in the one form by which it is compared (compliance.md 7, point 8).
//!
//! Case is folded in both halves and the domain is in A-label form, so that one person's "no"
//! counts however the address was typed. Not for the wire: there the local part keeps its case.

use std::{fmt, str::FromStr};

use unicode_normalization::UnicodeNormalization;

/// Octets of a local part (RFC 5321 §4.5.3.1.1).
const LOCAL_BYTES_MAX: usize = 64;
/// Octets of the whole: a path is 256 with its angle brackets (RFC 5321 §4.5.3.1.3).
const WHOLE_BYTES_MAX: usize = 254;
/// Octets of one label of a domain (RFC 1035 §2.3.4).
const LABEL_BYTES_MAX: usize = 63;

/// A compared address: `local@domain`, case-folded, domain as A-labels (RFC 5890).
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Address {
    whole: String,
    at: usize,
}

/// Why a text is not an address. Each variant's text says what to do about it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum AddressFault {
    /// There is no `@`, or one half is empty.
    Halves,
    /// The local part is over 64 octets or the whole over 254 (RFC 5321 §4.5.3.1).
    TooLong,
    /// A control character or an angle bracket stands in it, or a space outside quotes.
    Character,
    /// The domain is not one (RFC 5890).
    Domain,
}

impl Address {
    /// Reads an address as a person, a list or an envelope writes it, without angle brackets.
    pub fn parse(text: &str) -> Result<Self, AddressFault> {
        let text = text.trim_matches([' ', '\t', '\r', '\n', '\u{feff}', '\u{a0}']);
        // Far over any limit: do not fold what will be refused.
        if text.len() > 4 * WHOLE_BYTES_MAX {
            return Err(AddressFault::TooLong);
        }
        let (local, domain) = text.rsplit_once('@').ok_or(AddressFault::Halves)?;
        if local.is_empty() || domain.is_empty() {
            return Err(AddressFault::Halves);
        }
        let local = local_part(local)?;
        let domain = domain_part(domain)?;
        let at = local.len();
        let mut whole = local;
        whole.push('@');
        whole.push_str(&domain);
        if at > LOCAL_BYTES_MAX || whole.len() > WHOLE_BYTES_MAX {
            return Err(AddressFault::TooLong);
        }
        Ok(Self { whole, at })
    }

    /// Words of a text that may be addresses, as they stand there.
    pub(crate) fn written_in(text: &str) -> impl Iterator<Item = &str> {
        let words = text.split(|c: char| c.is_whitespace() || "<>()\"',;".contains(c));
        words.map(|word| word.trim_end_matches('.')).filter(|word| word.contains('@'))
    }

    /// The compared form, whole: what is hashed to find a contact.
    pub fn as_str(&self) -> &str {
        &self.whole
    }

    pub fn local(&self) -> &str {
        self.whole.get(..self.at).unwrap_or_default()
    }

    /// Lower-case A-labels without a final dot, or an address literal in brackets.
    pub fn domain(&self) -> &str {
        self.whole.get(self.at + 1..).unwrap_or_default()
    }

    /// The domain as people type it, where that differs (RFC 5890: U-labels).
    pub fn domain_typed(&self) -> Option<String> {
        let domain = self.domain();
        let (typed, _) = idna::domain_to_unicode(domain);
        (typed != domain).then_some(typed)
    }
}

impl FromStr for Address {
    type Err = AddressFault;

    fn from_str(text: &str) -> Result<Self, AddressFault> {
        Self::parse(text)
    }
}

impl fmt::Display for AddressFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Halves => "not an address: write it as `name@example.org`",
            Self::TooLong => {
                "address too long: at most 64 octets before the `@` and 254 in all (RFC 5321 §4.5.3.1)"
            }
            Self::Character => {
                "a character that no address has: remove spaces, control characters and brackets"
            }
            Self::Domain => "not a domain after the `@`: check its spelling (RFC 5890)",
        })
    }
}

impl std::error::Error for AddressFault {}

/// The local part folded; quotes that quote nothing are taken off (RFC 5321 §4.1.2).
fn local_part(local: &str) -> Result<String, AddressFault> {
    if let Some(inner) =
        local.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).filter(|s| !s.is_empty())
    {
        let plain = unquoted(inner)?;
        if plain.chars().all(is_local) {
            return Ok(folded(&plain));
        }
        let mut quoted = String::from("\"");
        for c in plain.chars() {
            if matches!(c, '"' | '\\') {
                quoted.push('\\');
            }
            quoted.push(c);
        }
        quoted.push('"');
        return Ok(folded(&quoted));
    }
    if !local.chars().all(is_local) {
        return Err(AddressFault::Character);
    }
    Ok(folded(local))
}

fn unquoted(inner: &str) -> Result<String, AddressFault> {
    let mut plain = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        let c = match c {
            '\\' => chars.next().ok_or(AddressFault::Character)?,
            '"' => return Err(AddressFault::Character),
            other => other,
        };
        if c.is_control() {
            return Err(AddressFault::Character);
        }
        plain.push(c);
    }
    Ok(plain)
}

/// What may stand in a local part without quotes: atoms and dots, wherever the dots stand,
/// because such mailboxes exist (RFC 5321 §4.1.2, RFC 6531 §3.3).
fn is_local(c: char) -> bool {
    match c {
        '(' | ')' | '<' | '>' | '[' | ']' | ':' | ';' | '@' | '\\' | ',' | '"' => false,
        c if c.is_ascii() => c.is_ascii_graphic(),
        c => !c.is_control() && !c.is_whitespace() && !crate::text::is_unseen(c),
    }
}

fn folded(local: &str) -> String {
    if local.is_ascii() {
        return local.to_ascii_lowercase();
    }
    local.nfc().collect::<String>().to_lowercase().nfc().collect()
}

fn domain_part(domain: &str) -> Result<String, AddressFault> {
    if let Some(literal) = domain.strip_prefix('[') {
        return address_literal(literal);
    }
    if domain.chars().any(|c| c.is_control() || c.is_whitespace() || matches!(c, '<' | '>')) {
        return Err(AddressFault::Character);
    }
    let domain = domain.strip_suffix('.').unwrap_or(domain);
    let encoded = |four: &[u8; 4]| four.eq_ignore_ascii_case(b"xn--");
    let plain = domain.is_ascii() && !domain.as_bytes().array_windows().any(encoded);
    let lower = if plain {
        domain.to_ascii_lowercase()
    } else {
        idna::domain_to_ascii(domain).map_err(|_| AddressFault::Domain)?
    };
    let sound = !lower.is_empty() && lower.split('.').all(is_label);
    if sound { Ok(lower) } else { Err(AddressFault::Domain) }
}

fn is_label(label: &str) -> bool {
    (1..=LABEL_BYTES_MAX).contains(&label.len())
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

/// `127.0.0.1]` or `IPv6:::1]` (RFC 5321 §4.1.3), written the one way std writes it.
fn address_literal(literal: &str) -> Result<String, AddressFault> {
    let inner = literal.strip_suffix(']').ok_or(AddressFault::Domain)?;
    if inner.get(..5).is_some_and(|tag| tag.eq_ignore_ascii_case("ipv6:")) {
        let v6: std::net::Ipv6Addr =
            inner.get(5..).unwrap_or_default().parse().map_err(|_| AddressFault::Domain)?;
        return Ok(format!("[ipv6:{v6}]"));
    }
    let v4: std::net::Ipv4Addr = inner.parse().map_err(|_| AddressFault::Domain)?;
    Ok(format!("[{v4}]"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_person_has_one_form() {
        for (typed, form) in [
            ("jana@example.cz", "jana@example.cz"),
            ("Jana.Nováková@Example.CZ", "jana.nováková@example.cz"),
            ("  jana@example.cz\r\n", "jana@example.cz"),
            ("jana@example.cz.", "jana@example.cz"),
            ("jana@háčkyčárky.cz", "jana@xn--hkyrky-ptac70bc.cz"),
            ("JANA@HÁČKYČÁRKY.CZ", "jana@xn--hkyrky-ptac70bc.cz"),
            ("jana@XN--HKYRKY-PTAC70BC.cz", "jana@xn--hkyrky-ptac70bc.cz"),
            ("jana@ha\u{301}c\u{30c}kyc\u{30c}a\u{301}rky.cz", "jana@xn--hkyrky-ptac70bc.cz"),
            ("\"jana\"@example.cz", "jana@example.cz"),
            ("\"jana novak\"@example.cz", "\"jana novak\"@example.cz"),
            ("\"a\\b\"@example.cz", "ab@example.cz"),
            ("\"a@b\"@example.cz", "\"a@b\"@example.cz"),
            ("jana+x@example.cz", "jana+x@example.cz"),
            ("a..b.@example.cz", "a..b.@example.cz"),
            ("x@localhost", "x@localhost"),
            ("x@[127.0.0.1]", "x@[127.0.0.1]"),
            ("x@[IPv6:0:0::1]", "x@[ipv6:::1]"),
            ("NOVA\u{301}K@example.cz", "novák@example.cz"),
        ] {
            let address = Address::parse(typed).unwrap_or_else(|e| panic!("{typed}: {e}"));
            assert_eq!(address.as_str(), form, "{typed}");
            assert_eq!(format!("{}@{}", address.local(), address.domain()), form);
            assert_eq!(Address::parse(form).as_ref(), Ok(&address), "{form} is not stable");
        }
    }

    #[test]
    fn what_is_not_an_address_is_named() {
        let long = format!("{}@example.cz", "a".repeat(65));
        let whole = format!("a@{}.cz", vec!["b".repeat(60); 5].join("."));
        for (typed, fault) in [
            ("", AddressFault::Halves),
            ("jana", AddressFault::Halves),
            ("@example.cz", AddressFault::Halves),
            ("jana@", AddressFault::Halves),
            (long.as_str(), AddressFault::TooLong),
            (whole.as_str(), AddressFault::TooLong),
            ("ja na@example.cz", AddressFault::Character),
            ("ja\0na@example.cz", AddressFault::Character),
            ("ja\u{200b}na@example.cz", AddressFault::Character),
            ("<jana@example.cz>", AddressFault::Character),
            ("jana@example.cz>", AddressFault::Character),
            ("jana@exa mple.cz", AddressFault::Character),
            ("a@b@example.cz", AddressFault::Character),
            ("jana@example..cz", AddressFault::Domain),
            ("jana@-example.cz", AddressFault::Domain),
            ("jana@.", AddressFault::Domain),
            ("jana@xn--a-.cz", AddressFault::Domain),
            ("jana@[300.1.1.1]", AddressFault::Domain),
            ("jana@[127.0.0.1", AddressFault::Domain),
        ] {
            assert_eq!(Address::parse(typed).err(), Some(fault), "{typed:?}");
        }
    }
}
