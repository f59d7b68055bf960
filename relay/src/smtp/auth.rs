//! AUTH: PLAIN, LOGIN and SCRAM-SHA-256 as exchanges of lines (RFC 4954, 4616, 5802, 7677).
//!
//! The grammar is here. Passwords, hashes and HMACs are the answering side's: it gets
//! [`Credentials`] and gives a [`LoginAnswer`].

use super::reply::Reply;

/// What the client has said to prove who it is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Credentials {
    /// PLAIN or LOGIN. Answer `Accepted { signature: None }` or `Refused`.
    Password { user: String, password: Secret },
    /// SCRAM's first message. Answer `Scram` (for an unknown user too, with a made-up but
    /// constant salt, so that nobody learns who exists) or `Refused`.
    ScramFirst { user: String },
    /// SCRAM's last message; nonce and channel binding are already checked. The answering side
    /// computes, over `auth_message`, ClientSignature = HMAC(StoredKey, auth_message) and holds
    /// SHA-256(proof XOR ClientSignature) against StoredKey. Answer `Accepted` with
    /// ServerSignature = HMAC(ServerKey, auth_message), or `Refused`.
    ScramFinal { user: String, auth_message: String, proof: Vec<u8> },
}

/// The answer to `Output::CheckLogin`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum LoginAnswer {
    /// It is them. `signature`: SCRAM's ServerSignature, 32 octets; `None` for a password.
    Accepted { signature: Option<Vec<u8>> },
    /// Go on: `nonce` is the server's own part (fresh, printable ASCII without a comma).
    Scram { nonce: String, salt: Vec<u8>, iterations: u32 },
    /// `535 5.7.8` when it is not them, `454 4.7.0` when it cannot be said now.
    Refused(Reply),
}

/// A text whose `Debug` is a fixed word.
#[derive(Clone, Eq, PartialEq)]
pub struct Secret(String);

impl Secret {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}
