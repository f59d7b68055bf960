//! Tokens in links: encrypted and authenticated, opaque, valid as long as their key is in the file.
//!
//! AES-256-GCM-SIV (RFC 8452) with random nonces: a repeated nonce tells only that two payloads are
//! equal, so the number of links needs no bound. What a token says and how long it is valid is its
//! payload's affair.

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use super::{
    hash::{certain, random},
    text::{base64url, from_base64url},
};

/// Longer ones are not looked at. Ours are under 300 characters.
const TOKEN_LENGTH_MAX: usize = 4096;
/// The first byte, for the day the form changes.
const VERSION: u8 = 1;
const HEAD_LEN: usize = 2;

/// The keys that links were made with; the last one makes new links.
pub(super) struct LinkKeys {
    keys: Vec<(u8, LessSafeKey)>,
}

impl LinkKeys {
    /// Key ids and keys, the newest last.
    pub(super) fn new(keys: &[(u8, [u8; 32])]) -> Self {
        let key = |bytes| LessSafeKey::new(certain(UnboundKey::new(&AES_256_GCM_SIV, bytes)));
        Self { keys: keys.iter().map(|(id, bytes)| (*id, key(bytes))).collect() }
    }

    /// `version | key id | nonce | ciphertext and tag`, base64url.
    pub(super) fn seal(&self, plain: &[u8]) -> String {
        let Some((id, key)) = self.keys.last() else { return String::new() };
        let head = [VERSION, *id];
        let nonce = random::<NONCE_LEN>();
        let mut body = plain.to_vec();
        certain(key.seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(head),
            &mut body,
        ));
        base64url(&[&head[..], &nonce, &body].concat())
    }

    pub(super) fn open(&self, token: &str) -> Option<Vec<u8>> {
        if token.len() > TOKEN_LENGTH_MAX {
            return None;
        }
        let mut bytes = from_base64url(token)?;
        let (&mut head, rest) = bytes.split_first_chunk_mut::<HEAD_LEN>()?;
        let (&mut nonce, body) = rest.split_first_chunk_mut::<NONCE_LEN>()?;
        let [version, id] = head;
        if version != VERSION {
            return None;
        }
        let (_, key) = self.keys.iter().find(|(known, _)| *known == id)?;
        let plain =
            key.open_in_place(Nonce::assume_unique_for_key(nonce), Aad::from(head), body).ok()?;
        Some(plain.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::Secret;

    #[test]
    fn a_sealed_token_opens_again_and_never_looks_the_same() {
        let secret = Secret::from_bytes([3; 32]);
        for plain in [&b""[..], b"x", &[0; 200]] {
            let token = secret.seal_token(plain);
            assert_eq!(secret.open_token(&token).as_deref(), Some(plain));
            assert_ne!(secret.seal_token(plain), token);
            assert!(token.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
            assert_eq!(token.len(), ((HEAD_LEN + NONCE_LEN + plain.len() + 16) * 4).div_ceil(3));
        }
    }

    #[test]
    fn a_token_changed_in_any_bit_or_cut_anywhere_does_not_open() {
        let secret = Secret::from_bytes([3; 32]);
        let bytes = from_base64url(&secret.seal_token(b"unsubscribe 42")).unwrap();
        for at in 0..bytes.len() {
            for bit in 0..8 {
                let mut changed = bytes.clone();
                changed[at] ^= 1 << bit;
                assert_eq!(secret.open_token(&base64url(&changed)), None, "byte {at} bit {bit}");
            }
            assert_eq!(secret.open_token(&base64url(&bytes[..at])), None, "cut at {at}");
        }
    }

    #[test]
    fn hostile_text_does_not_open() {
        let secret = Secret::from_bytes([3; 32]);
        let long = "A".repeat(1 << 20);
        for bad in [
            "",
            "A",
            "AQ",
            "AQA",
            "====",
            "é",
            "../../etc",
            "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            &long,
        ] {
            assert_eq!(secret.open_token(bad), None);
        }
        assert_eq!(Secret::from_bytes([4; 32]).open_token(&secret.seal_token(b"x")), None);
    }

    #[test]
    fn former_keys_still_open_and_the_newest_seals() {
        let former = LinkKeys::new(&[(0, [1; 32])]);
        let both = LinkKeys::new(&[(0, [1; 32]), (1, [2; 32])]);
        let old = former.seal(b"old");
        let new = both.seal(b"new");
        assert_eq!(both.open(&old).as_deref(), Some(&b"old"[..]));
        assert_eq!(both.open(&new).as_deref(), Some(&b"new"[..]));
        assert_eq!(former.open(&new), None);
    }
}
