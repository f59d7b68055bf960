//! What opens a session or a link: 256 random bits, shown once. Kept of it is a SHA-256, for which no
//! password hash is needed.

use std::fmt;

use crate::seal;

#[derive(Clone, Eq, PartialEq)]
pub struct Token([u8; 32]);

impl Token {
    pub fn generate() -> Self {
        Self(seal::random())
    }

    /// `None` for what never was one.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > LETTERS {
            return None;
        }
        seal::from_base64url(text)?.try_into().ok().map(Self)
    }

    /// All of it: for the one moment in which it is shown.
    pub fn reveal(&self) -> String {
        seal::base64url(&self.0)
    }

    /// What is kept of it.
    pub fn hash(&self) -> [u8; 32] {
        seal::digest(&self.0)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(hidden)")
    }
}

/// Of 32 octets.
const LETTERS: usize = 43;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_back_and_hides_itself() {
        let token = Token::generate();
        assert_eq!(Token::parse(&token.reveal()), Some(token.clone()));
        assert_eq!(format!("{token:?}"), "Token(hidden)");
        assert_ne!(token.hash(), Token::generate().hash());
        let text = token.reveal();
        for bad in ["", "a", &text[1..], &format!("{text}A"), &"A".repeat(1 << 20)] {
            assert_eq!(Token::parse(bad), None);
        }
    }
}
