//! Tokens in links: encrypted and authenticated, opaque, valid as long as their key is in the file.
//!
//! What a token says and how long it is valid is its payload's affair.

use super::{
    aead::{OVERHEAD, SharedKey},
    text::{base64url, from_base64url},
};

/// Longer ones are not looked at. Ours are under 300 characters.
const TOKEN_LENGTH_MAX: usize = 4096;
/// The first byte, for the day the form changes.
const VERSION: u8 = 1;
const HEAD_LEN: usize = 2;

/// The keys that links were made with.
pub(super) struct LinkKeys {
    keys: Vec<(u8, SharedKey)>,
}

impl LinkKeys {
    /// Key ids and keys, the newest last.
    pub(super) fn new(keys: &[(u8, [u8; 32])]) -> Self {
        Self { keys: keys.iter().map(|(id, bytes)| (*id, SharedKey::new(bytes))).collect() }
    }

    /// `version | key id | nonce | ciphertext and tag`, base64url; with the newest key that has no
    /// higher id than `id_max`.
    pub(super) fn seal(&self, id_max: u8, plain: &[u8]) -> String {
        let Some((id, key)) = self.keys.iter().rfind(|(id, _)| *id <= id_max) else {
            return String::new();
        };
        let head = [VERSION, *id];
        let mut sealed = Vec::with_capacity(HEAD_LEN + plain.len() + OVERHEAD);
        sealed.extend_from_slice(&head);
        key.seal(&head, plain, &mut sealed);
        base64url(&sealed)
    }

    pub(super) fn open(&self, token: &str) -> Option<Vec<u8>> {
        if token.len() > TOKEN_LENGTH_MAX {
            return None;
        }
        let sealed = from_base64url(token)?;
        let &head = sealed.first_chunk::<HEAD_LEN>()?;
        let [version, id] = head;
        if version != VERSION {
            return None;
        }
        let (_, key) = self.keys.iter().find(|(known, _)| *known == id)?;
        key.open(&head, sealed, HEAD_LEN)
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
            assert_eq!(token.len(), ((HEAD_LEN + OVERHEAD + plain.len()) * 4).div_ceil(3));
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
    fn former_keys_still_open_and_the_newest_in_use_seals() {
        let former = LinkKeys::new(&[(0, [1; 32])]);
        let both = LinkKeys::new(&[(0, [1; 32]), (1, [2; 32])]);
        let old = former.seal(0, b"old");
        let new = both.seal(4, b"new");
        assert_eq!(former.open(&both.seal(0, b"x")).as_deref(), Some(&b"x"[..]));
        assert_eq!(both.open(&old).as_deref(), Some(&b"old"[..]));
        assert_eq!(both.open(&new).as_deref(), Some(&b"new"[..]));
        assert_eq!(former.open(&new), None);
    }
}
