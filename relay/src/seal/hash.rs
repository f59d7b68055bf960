//! SHA-256, HMAC, PBKDF2, random bytes: thin and infallible. No password hashing for storage.

use std::{cell::RefCell, fmt, num::NonZeroU32};

use aws_lc_rs::{constant_time, digest as lc_digest, hmac as lc_hmac, pbkdf2 as lc_pbkdf2, rand};

/// SHA-256 of one piece.
pub fn digest(bytes: &[u8]) -> [u8; 32] {
    first_32(lc_digest::digest(&lc_digest::SHA256, bytes).as_ref())
}

/// SHA-256 of a piece after a piece.
#[derive(Clone)]
pub struct Digest(lc_digest::Context);

impl Digest {
    pub fn new() -> Self {
        Self(lc_digest::Context::new(&lc_digest::SHA256))
    }

    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub fn finish(self) -> [u8; 32] {
        first_32(self.0.finish().as_ref())
    }
}

impl Default for Digest {
    fn default() -> Self {
        Self::new()
    }
}

/// A key for HMAC-SHA-256 whose schedule is computed once.
#[derive(Clone)]
pub struct MacKey(lc_hmac::Key);

impl MacKey {
    pub fn new(key: &[u8]) -> Self {
        Self(lc_hmac::Key::new(lc_hmac::HMAC_SHA256, key))
    }

    pub fn sign(&self, bytes: &[u8]) -> [u8; 32] {
        first_32(lc_hmac::sign(&self.0, bytes).as_ref())
    }

    /// As if the parts were one: whoever joins parts of free length must write their lengths too.
    pub fn sign_parts(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut context = lc_hmac::Context::with_key(&self.0);
        for part in parts {
            context.update(part);
        }
        first_32(context.sign().as_ref())
    }

    /// In constant time.
    pub fn verify(&self, bytes: &[u8], tag: &[u8]) -> bool {
        lc_hmac::verify(&self.0, bytes, tag).is_ok()
    }
}

impl fmt::Debug for MacKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MacKey(hidden)")
    }
}

/// HMAC-SHA-256 with a key used once.
pub fn hmac(key: &[u8], bytes: &[u8]) -> [u8; 32] {
    MacKey::new(key).sign(bytes)
}

/// HMAC-SHA-1, for the codes of a second factor alone: many apps that make them know no other.
pub fn hmac_sha1(key: &[u8], bytes: &[u8]) -> [u8; 20] {
    let key = lc_hmac::Key::new(lc_hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, key);
    // INVARIANT: HMAC-SHA-1 is 20 bytes long.
    certain(lc_hmac::sign(&key, bytes).as_ref().try_into())
}

/// PBKDF2-HMAC-SHA-256 (RFC 8018 §5.2), which SCRAM calls `Hi`. Zero iterations count as one.
pub fn pbkdf2(password: &[u8], salt: &[u8], iterations: u32) -> [u8; 32] {
    let iterations = NonZeroU32::new(iterations).unwrap_or(NonZeroU32::MIN);
    let mut out = [0; 32];
    lc_pbkdf2::derive(lc_pbkdf2::PBKDF2_HMAC_SHA256, iterations, salt, password, &mut out);
    out
}

/// Whether two are equal, in constant time for equal lengths.
pub fn same(a: &[u8], b: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(a, b).is_ok()
}

/// Random bytes from the system.
pub fn random<const N: usize>() -> [u8; N] {
    let mut out = [0; N];
    certain(rand::fill(&mut out));
    out
}

/// The same, as many as are wanted.
pub fn random_bytes(count: usize) -> Vec<u8> {
    let mut out = vec![0; count];
    certain(rand::fill(&mut out));
    out
}

/// Random bytes out of a store of this thread's own: the generator takes a microsecond for each
/// answer, however short, and every message needs several. What was handed out is wiped.
pub(super) fn pooled<const N: usize>() -> [u8; N] {
    thread_local! {
        static POOL: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    }
    POOL.with_borrow_mut(|pool| {
        if pool.len() < N {
            pool.resize(POOL_SIZE.max(N), 0);
            certain(rand::fill(pool));
        }
        let rest = pool.len() - N;
        let taken = certain(pool.get(rest..).unwrap_or_default().try_into());
        pool.get_mut(rest..).unwrap_or_default().fill(0);
        pool.truncate(rest);
        taken
    })
}

const POOL_SIZE: usize = 1024;

/// For what fails only where the machine is broken (no random bytes, no memory): to go on with a
/// guessable key would be worse than to stop, and a panic could be caught and passed over.
pub(super) fn certain<T, E>(result: Result<T, E>) -> T {
    result.unwrap_or_else(|_| std::process::abort())
}

/// INVARIANT: SHA-256 and HMAC-SHA-256 are 32 bytes long.
fn first_32(bytes: &[u8]) -> [u8; 32] {
    certain(bytes.try_into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::{from_hex, hex};

    #[test]
    fn digests_are_sha_256() {
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(hex(&digest(b"abc")), abc);
        let mut parts = Digest::new();
        parts.update(b"a");
        parts.update(b"bc");
        assert_eq!(hex(&parts.finish()), abc);
    }

    /// RFC 4231 §4.3, test case 2.
    #[test]
    fn hmac_is_that_of_rfc_4231() {
        let tag = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(hex(&hmac(b"Jefe", b"what do ya want for nothing?")), tag);
        let key = MacKey::new(b"Jefe");
        assert_eq!(hex(&key.sign_parts(&[b"what do ya want ", b"for nothing?"])), tag);
        assert!(key.verify(b"what do ya want for nothing?", &from_hex(tag).unwrap()));
        assert!(!key.verify(b"what do ya want for nothing!", &from_hex(tag).unwrap()));
        assert!(!key.verify(b"what do ya want for nothing?", b""));
    }

    /// RFC 7914 §11.
    #[test]
    fn pbkdf2_is_that_of_rfc_7914() {
        let expected = "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc";
        assert_eq!(hex(&pbkdf2(b"passwd", b"salt", 1)), expected);
        assert_eq!(pbkdf2(b"passwd", b"salt", 0), pbkdf2(b"passwd", b"salt", 1));
    }

    #[test]
    fn random_bytes_differ() {
        assert_ne!(random::<16>(), random::<16>());
        let mut many: Vec<[u8; 24]> = (0..1000).map(|_| pooled()).collect();
        many.sort_unstable();
        many.dedup();
        assert_eq!(many.len(), 1000);
        assert_ne!(pooled::<2000>(), [0; 2000]);
        assert!(same(b"ab", b"ab") && !same(b"ab", b"ac") && !same(b"ab", b"abc"));
    }
}
