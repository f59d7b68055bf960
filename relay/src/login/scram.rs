//! SCRAM-SHA-256's arithmetic (RFC 5802 §3, RFC 7677): keys, proofs, signatures. The exchange of
//! lines is `smtp::auth`'s.

use std::fmt;

use crate::seal::{base64, digest, from_base64, hmac, pbkdf2, same};

const MECHANISM: &str = "SCRAM-SHA-256";

/// RFC 7677 §4 asks for 4,096 at least. The client computes them anew for every connection, so
/// the argon2id hash beside them can be slow where this cannot.
pub(super) const ITERATIONS: u32 = 16_384;

/// What a server keeps of a password for SCRAM.
#[derive(Clone, Eq, PartialEq)]
pub struct Keys {
    pub salt: Vec<u8>,
    pub iterations: u32,
    pub stored_key: [u8; 32],
    pub server_key: [u8; 32],
}

impl Keys {
    /// `password` in printable ASCII, which SASLprep leaves as it is.
    pub fn of(password: &str, salt: &[u8], iterations: u32) -> Self {
        let salted = pbkdf2(password.as_bytes(), salt, iterations);
        Self {
            salt: salt.to_vec(),
            iterations,
            stored_key: digest(&hmac(&salted, b"Client Key")),
            server_key: hmac(&salted, b"Server Key"),
        }
    }

    /// `SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey`, as a database column holds it.
    pub(super) fn to_column(&self) -> String {
        let [salt, stored, server] =
            [&self.salt[..], &self.stored_key, &self.server_key].map(base64);
        format!("{MECHANISM}${}:{salt}${stored}:{server}", self.iterations)
    }

    /// `None` where it is not what [`Keys::to_column`] writes.
    pub(super) fn from_column(column: &str) -> Option<Self> {
        let mut parts = column.split('$');
        let (MECHANISM, salting, keys, None) =
            (parts.next()?, parts.next()?, parts.next()?, parts.next())
        else {
            return None;
        };
        let (iterations, salt) = salting.split_once(':')?;
        let (stored, server) = keys.split_once(':')?;
        let key = |text| <[u8; 32]>::try_from(from_base64(text)?).ok();
        Some(Self {
            salt: from_base64(salt)?,
            iterations: iterations.parse().ok()?,
            stored_key: key(stored)?,
            server_key: key(server)?,
        })
    }

    /// ServerSignature where the proof is right; `None` where it is not.
    pub fn check(&self, auth_message: &str, proof: &[u8]) -> Option<Vec<u8>> {
        let proof: [u8; 32] = proof.try_into().ok()?;
        let signature = hmac(&self.stored_key, auth_message.as_bytes());
        let mut client_key = proof;
        for (byte, other) in client_key.iter_mut().zip(signature) {
            *byte ^= other;
        }
        same(&digest(&client_key), &self.stored_key)
            .then(|| hmac(&self.server_key, auth_message.as_bytes()).to_vec())
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The exchange of RFC 7677 §3: user `user`, password `pencil`.
    const AUTH_MESSAGE: &str = "n=user,r=rOprNGfwEbeRWgbNEkqO,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";

    #[test]
    fn the_exchange_of_rfc_7677_is_accepted_and_signed() {
        let salt = from_base64("W22ZaJ0SNY7soEsUEjb6gQ==").unwrap();
        let keys = Keys::of("pencil", &salt, 4096);
        let proof = from_base64("dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=").unwrap();
        let signature = from_base64("6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=").unwrap();
        assert_eq!(keys.check(AUTH_MESSAGE, &proof), Some(signature));
        assert_eq!(Keys::of("pencil!", &salt, 4096).check(AUTH_MESSAGE, &proof), None);
        assert_eq!(keys.check(&AUTH_MESSAGE.replace("c=biws", "c=eSws"), &proof), None);
        for length in 0..=33 {
            assert_eq!(keys.check(AUTH_MESSAGE, &vec![0; length]), None);
        }
    }

    #[test]
    fn keys_are_the_same_after_the_database() {
        let keys = Keys::of("pencil", b"salt", 5);
        assert_eq!(Keys::from_column(&keys.to_column()), Some(keys.clone()));
        let column = keys.to_column();
        for at in 0..column.len() {
            assert_eq!(Keys::from_column(column.get(..at).unwrap()), None, "cut at {at}");
        }
        assert_eq!(Keys::from_column(&format!("{column}$")), None);
        assert_eq!(Keys::from_column(&column.replace("256", "512")), None);
    }
}
