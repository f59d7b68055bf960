//! An address in the one form by which it is compared (compliance.md 7, point 8).
//!
//! Case is folded in both halves and the domain is in A-label form, so that one person's "no"
//! counts however the address was typed. Not for the wire: there the local part keeps its case.

/// A compared address: `local@domain`, case-folded, domain as A-labels (RFC 5890).
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Address {
    whole: String,
    at: usize,
}

impl Address {
    /// The compared form, whole: what is hashed to find a contact.
    pub fn as_str(&self) -> &str {
        &self.whole
    }
}

/// Why a text is not an address. Each variant's text says what to do about it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum AddressFault {
    /// There is no `@`, or one half is empty.
    Halves,
    /// The local part is over 64 octets or the whole over 254 (RFC 5321 §4.5.3.1).
    TooLong,
    /// A control character, a space or an angle bracket stands in it.
    Character,
    /// The domain is not one (RFC 5890).
    Domain,
}
