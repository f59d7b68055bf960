//! The two ciphers that everything sealed goes through.
//!
//! What shares a key is sealed with AES-256-GCM-SIV (RFC 8452): with random nonces the number of
//! values needs no bound, for a repeated nonce tells only that two of them are equal. The bytes of a
//! message have a key of their own, used once, so AES-256-GCM does for them: it is twice as fast.

use aws_lc_rs::aead::{
    AES_256_GCM, AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey,
};

use super::hash::{certain, pooled};

/// What a sealed value is longer than the plain one: nonce and tag.
pub(super) const OVERHEAD: usize = NONCE_LEN + TAG_LEN;
const TAG_LEN: usize = 16;

/// A key for many values; its schedule is computed once.
pub(super) struct SharedKey(LessSafeKey);

impl SharedKey {
    pub(super) fn new(key: &[u8; 32]) -> Self {
        Self(LessSafeKey::new(certain(UnboundKey::new(&AES_256_GCM_SIV, key))))
    }

    /// Appends nonce, ciphertext and tag to what stands in `out`.
    pub(super) fn seal(&self, about: &[u8], plain: &[u8], out: &mut Vec<u8>) {
        let nonce = pooled::<NONCE_LEN>();
        out.reserve(plain.len() + OVERHEAD);
        out.extend_from_slice(&nonce);
        let begin = out.len();
        out.extend_from_slice(plain);
        let body = out.get_mut(begin..).unwrap_or_default();
        let nonce = Nonce::assume_unique_for_key(nonce);
        let tag = certain(self.0.seal_in_place_separate_tag(nonce, Aad::from(about), body));
        out.extend_from_slice(tag.as_ref());
    }

    /// The plain value of `sealed`, in its place and without what stands before `begin`; `None`
    /// where it was not sealed with this key and about the same.
    pub(super) fn open(&self, about: &[u8], mut sealed: Vec<u8>, begin: usize) -> Option<Vec<u8>> {
        let &nonce = sealed.get(begin..)?.first_chunk::<NONCE_LEN>()?;
        let nonce = Nonce::assume_unique_for_key(nonce);
        let body = begin + NONCE_LEN..;
        let length = self.0.open_within(nonce, Aad::from(about), &mut sealed, body).ok()?.len();
        sealed.truncate(length);
        Some(sealed)
    }
}

/// The key of one message's bytes, which are sealed with it once and never again.
#[derive(Clone, Copy)]
pub struct BodyKey([u8; 32]);

/// What sealed bytes of a message are longer than the plain ones.
pub const BODY_OVERHEAD: usize = TAG_LEN;

impl BodyKey {
    pub fn random() -> Self {
        Self(pooled())
    }

    pub fn from_bytes(key: [u8; 32]) -> Self {
        Self(key)
    }

    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The one use of the key.
    pub fn seal(&self, plain: &[u8]) -> Vec<u8> {
        let mut sealed = Vec::with_capacity(plain.len() + BODY_OVERHEAD);
        sealed.extend_from_slice(plain);
        let tag = self.key().seal_in_place_separate_tag(once(), Aad::empty(), &mut sealed);
        sealed.extend_from_slice(certain(tag).as_ref());
        sealed
    }

    /// In place; `None` for anything else than what was sealed.
    pub fn open(&self, mut sealed: Vec<u8>) -> Option<Vec<u8>> {
        let length = self.key().open_in_place(once(), Aad::empty(), &mut sealed).ok()?.len();
        sealed.truncate(length);
        Some(sealed)
    }

    fn key(&self) -> LessSafeKey {
        LessSafeKey::new(certain(UnboundKey::new(&AES_256_GCM, &self.0)))
    }
}

impl std::fmt::Debug for BodyKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BodyKey(hidden)")
    }
}

/// A key that is used once needs no nonce that differs.
fn once() -> Nonce {
    Nonce::assume_unique_for_key([0; NONCE_LEN])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_of_a_message_open_whole_or_not_at_all() {
        let key = BodyKey::random();
        assert_eq!(format!("{key:?}"), "BodyKey(hidden)");
        for plain in [&b""[..], b"x", &[7; 5000]] {
            let sealed = key.seal(plain);
            assert_eq!(sealed.len(), plain.len() + BODY_OVERHEAD);
            assert_eq!(key.open(sealed.clone()).as_deref(), Some(plain));
            for at in [0, sealed.len() / 2, sealed.len() - 1] {
                let mut changed = sealed.clone();
                changed[at] ^= 1;
                assert_eq!(key.open(changed), None);
                assert_eq!(key.open(sealed[..at].to_vec()), None);
            }
            assert_eq!(BodyKey::random().open(sealed), None);
        }
        assert_eq!(key.open(Vec::new()), None);
    }

    /// RFC 8452, appendix C.2: any library opens what is sealed here.
    #[test]
    fn the_shared_cipher_is_that_of_rfc_8452() {
        use crate::seal::from_hex;
        let mut key = [0; 32];
        key[0] = 1;
        let nonce = from_hex("030000000000000000000000").unwrap();
        let sealed = from_hex("1de22967237a813291213f267e3b452f02d01ae33e4ec854").unwrap();
        let opened = SharedKey::new(&key).open(&[1], [nonce, sealed].concat(), 0);
        assert_eq!(opened, from_hex("0200000000000000"));
    }
}
