//! One password in the two forms in which it is kept: argon2id, and SCRAM-SHA-256's keys. A person's
//! is kept in the first alone.
//!
//! Slow on purpose: [`Credential::of`], [`hash`] and [`verify`] belong on a blocking thread.

use std::fmt;

use argon2::{Argon2, PasswordHasher as _, PasswordVerifier as _};

use super::scram;
use crate::seal::{digest, random};

/// Shorter ones are guessed.
const LENGTH_MIN: usize = 12;
/// Octets. Longer ones are an attack on the hash's time.
pub(crate) const LENGTH_MAX: usize = 256;

/// What is kept of a password.
#[derive(Clone, Eq, PartialEq)]
pub struct Credential {
    /// A PHC string: `$argon2id$v=19$m=19456,t=2,p=1$salt$hash`.
    pub hash: String,
    pub scram: scram::Keys,
}

/// Why a text cannot be a password. Each variant's text says what to do.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PasswordFault {
    TooShort,
    TooLong,
    /// SCRAM and PLAIN would compare other characters differently, and many tools send them in a
    /// charset of their own.
    NotAscii,
    /// The machine could not compute it (memory).
    NotComputed,
}

impl fmt::Display for PasswordFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooShort => {
                write!(f, "the password is short: use {LENGTH_MIN} characters or more")
            }
            Self::TooLong => {
                write!(f, "the password is long: use {LENGTH_MAX} characters or fewer")
            }
            Self::NotAscii => f.write_str("use printable ASCII characters in the password"),
            Self::NotComputed => f.write_str("the password could not be hashed: try again"),
        }
    }
}

impl std::error::Error for PasswordFault {}

impl Credential {
    /// Takes tens of milliseconds.
    pub fn of(password: &str) -> Result<Self, PasswordFault> {
        check(password)?;
        if !password.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
            return Err(PasswordFault::NotAscii);
        }
        let hash = hash(password)?;
        let scram = scram::Keys::of(password, &random::<16>(), scram::ITERATIONS);
        Ok(Self { hash, scram })
    }

    /// What an unknown name is checked against, so that it takes as long as a known one.
    pub(super) fn nobody() -> Self {
        Self { hash: NOBODY.to_owned(), scram: scram::Keys::of("", &random::<16>(), 1) }
    }

    /// Changes whenever the password is set again, and tells nothing about it.
    pub(super) fn mark(&self) -> [u8; 32] {
        digest(self.hash.as_bytes())
    }
}

/// Whether it is neither short nor long.
pub(crate) fn check(password: &str) -> Result<(), PasswordFault> {
    if password.chars().count() < LENGTH_MIN {
        return Err(PasswordFault::TooShort);
    }
    if password.len() > LENGTH_MAX {
        return Err(PasswordFault::TooLong);
    }
    Ok(())
}

/// What is kept of a person's password, in any letters: a PHC string. Takes tens of milliseconds.
pub(crate) fn hash(password: &str) -> Result<String, PasswordFault> {
    check(password)?;
    let hash = Argon2::default().hash_password_with_salt(password.as_bytes(), &random::<16>());
    hash.map(|hash| hash.to_string()).map_err(|_| PasswordFault::NotComputed)
}

/// Takes tens of milliseconds. A hash that is none matches nothing.
pub(crate) fn verify(hash: &str, password: &str) -> bool {
    Argon2::default().verify_password(password.as_bytes(), hash).is_ok()
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credential(hidden)")
    }
}

/// 24 characters of 32 kinds (120 bits): no `0 1 l o`, nothing that a shell or a URL changes.
pub fn generate() -> String {
    const KINDS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    random::<24>()
        .iter()
        .filter_map(|byte| KINDS.get(usize::from(byte % 32)))
        .map(|byte| char::from(*byte))
        .collect()
}

/// Nobody's hash, with the parameters of [`Credential::of`]; a test compares them.
pub(crate) const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$c291aGxhcy1ub2JvZHk$0000000000000000000000000000000000000000000";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_verifies_against_its_hash_alone() {
        let one = Credential::of("correct horse").unwrap();
        let two = Credential::of("correct horse").unwrap();
        assert!(verify(&one.hash, "correct horse"));
        assert!(!verify(&one.hash, "correct house"));
        assert!(!verify("", "correct horse") && !verify("$argon2id$", ""));
        assert_ne!(one.hash, two.hash);
        assert_ne!(one.mark(), two.mark());
        assert_eq!(format!("{one:?}"), "Credential(hidden)");
    }

    #[test]
    fn nobodys_hash_costs_what_a_real_one_costs_and_matches_nothing() {
        use argon2::password_hash::phc::PasswordHash;
        let real = Credential::of("correct horse").unwrap();
        let real = PasswordHash::new(&real.hash).unwrap();
        let nobody = PasswordHash::new(NOBODY).unwrap();
        assert_eq!(real.params, nobody.params);
        assert_eq!(real.version, nobody.version);
        assert_eq!(real.algorithm, nobody.algorithm);
        assert_eq!(real.hash.unwrap().len(), nobody.hash.unwrap().len());
        assert!(!verify(NOBODY, ""));
    }

    #[test]
    fn weak_and_foreign_passwords_are_refused() {
        for (password, fault) in [
            ("elevenchars", PasswordFault::TooShort),
            ("heslo-žluťoučké", PasswordFault::NotAscii),
            ("tab\tin the middle", PasswordFault::NotAscii),
        ] {
            assert_eq!(Credential::of(password).unwrap_err(), fault);
        }
        assert_eq!(Credential::of(&"a".repeat(257)).unwrap_err(), PasswordFault::TooLong);
        assert_eq!(hash("žluťoučký"), Err(PasswordFault::TooShort), "letters count, not octets");
        assert!(verify(&hash("heslo-žluťoučké").unwrap(), "heslo-žluťoučké"));
    }

    #[test]
    fn generated_passwords_are_good_ones_and_differ() {
        let password = generate();
        assert_eq!(password.len(), 24);
        assert_ne!(password, generate());
        assert!(password.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    }
}
