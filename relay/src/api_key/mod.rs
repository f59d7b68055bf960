//! The keys of the JSON API: who may ask for what, in the name of which controller.
//!
//! A token is shown once, when it is made; what is kept of its 256 random bits is a SHA-256, for
//! which no password hash is needed. HTTP is `web`'s affair.

pub mod store;

use std::fmt;

use jiff::Timestamp;

use crate::seal;

/// What a key may be used for.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Scope {
    ContactsRead,
    ContactsWrite,
    PurposesRead,
    PurposesWrite,
    /// To ask whether an address may get a message.
    Decide,
    Export,
    Erase,
    Webhooks,
}

impl Scope {
    pub const ALL: [Self; 8] = [
        Self::ContactsRead,
        Self::ContactsWrite,
        Self::PurposesRead,
        Self::PurposesWrite,
        Self::Decide,
        Self::Export,
        Self::Erase,
        Self::Webhooks,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::ContactsRead => "contacts:read",
            Self::ContactsWrite => "contacts:write",
            Self::PurposesRead => "purposes:read",
            Self::PurposesWrite => "purposes:write",
            Self::Decide => "decide",
            Self::Export => "export",
            Self::Erase => "erase",
            Self::Webhooks => "webhooks",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == word)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A key, without its secret.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Key {
    /// Stands in the token and in the ledger: `k7h2qv9x3mfb`.
    pub id: String,
    /// Id of the one controller whose data it sees.
    pub controller: String,
    /// What it is for.
    pub name: String,
    pub scopes: Vec<Scope>,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
    /// To the minute.
    pub last_used_at: Option<Timestamp>,
}

impl Key {
    pub fn may(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
    }

    /// Neither revoked nor past its time.
    pub fn is_valid(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }
}

/// What a client shows: `souhlas_<id>_<secret>`. Its `Debug` hides the secret.
#[derive(Clone, Eq, PartialEq)]
pub struct Token {
    pub id: String,
    secret: [u8; 32],
}

impl Token {
    /// A new one.
    pub fn generate() -> Self {
        let letters = seal::random::<ID_LETTERS>();
        let letter = |byte: u8| ALPHABET.get(usize::from(byte & 31)).copied().map(char::from);
        Self { id: letters.into_iter().filter_map(letter).collect(), secret: seal::random() }
    }

    /// `None` for what never was a token.
    pub fn parse(text: &str) -> Option<Self> {
        let (id, secret) = text.strip_prefix(PREFIX)?.split_once('_')?;
        let plain = id.bytes().all(|byte| ALPHABET.contains(&byte));
        let secret = seal::from_base64url(secret)?.try_into().ok()?;
        (id.len() == ID_LETTERS && plain).then(|| Self { id: id.to_owned(), secret })
    }

    /// All of it: for the one moment in which it is shown.
    pub fn reveal(&self) -> String {
        format!("{PREFIX}{}_{}", self.id, seal::base64url(&self.secret))
    }

    /// What is kept of it.
    pub fn hash(&self) -> [u8; 32] {
        seal::digest(&self.secret)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({})", self.id)
    }
}

const PREFIX: &str = "souhlas_";
/// 60 bits: two never meet.
const ID_LETTERS: usize = 12;
/// 32 of them, none that is read as another.
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_back_and_hides_its_secret() {
        let token = Token::generate();
        assert_eq!(Token::parse(&token.reveal()), Some(token.clone()));
        assert_eq!(format!("{token:?}"), format!("Token({})", token.id));
        assert_ne!(token.hash(), Token::generate().hash());
        assert_ne!(token.id, Token::generate().id);
    }

    #[test]
    fn what_is_no_token_is_nothing() {
        let token = Token::generate().reveal();
        let short = token.get(..token.len() - 2).unwrap();
        for text in ["", "souhlas_", "souhlas_a_b", short, &token.to_uppercase()] {
            assert_eq!(Token::parse(text), None, "{text}");
        }
    }

    #[test]
    fn every_scope_is_read_back() {
        for scope in Scope::ALL {
            assert_eq!(Scope::parse(scope.as_str()), Some(scope));
        }
        assert_eq!(Scope::parse("everything"), None);
    }
}
