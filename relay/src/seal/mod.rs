//! Everything made from the one secret of an installation: address hashes, link tokens, digests.
//!
//! The only folder that names aws-lc-rs, besides TLS set-up. It keeps no state: whoever has the key
//! file has it all, and who loses the key file can no longer find an erased person's refusal.

mod chest;
mod hash;
mod key_file;
mod text;
mod token;

use std::{fmt, path::Path, sync::Arc};

use policy::Address;

pub use chest::Chest;
pub use hash::{Digest, MacKey, digest, hmac, pbkdf2, random, random_bytes, same};
pub use text::{base64, base64url, from_base64, from_base64url, from_hex, hex};

/// The keyed hash that finds an address of one controller (HMAC-SHA-256): what is left of it after
/// an erasure. Of two controllers nobody can tell that they know the same address.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct AddressKey(pub [u8; 32]);

impl AddressKey {
    /// From a database column; `None` where it is not 32 bytes long.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        <[u8; 32]>::try_from(bytes).ok().map(Self)
    }

    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// 64 hex digits, lower case.
    pub fn hex(&self) -> String {
        hex(&self.0)
    }
}

/// The first 8 hex digits: enough to tell two apart in a log.
impl fmt::Debug for AddressKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, ..] = self.0;
        write!(f, "AddressKey({})", hex(&[a, b, c, d]))
    }
}

/// The installation's secret, from which every other key is derived (HKDF, one label each).
///
/// Cheap to clone. Its `Debug` is a fixed word.
#[derive(Clone)]
pub struct Secret {
    keys: Arc<Keys>,
}

struct Keys {
    /// HKDF's pseudo-random key (RFC 5869 §2.2), made of the master secret.
    derive: MacKey,
    address: MacKey,
    links: token::LinkKeys,
    fingerprint: String,
}

impl Secret {
    /// Reads the key file, or makes it (mode 0600, on disk when this returns).
    ///
    /// The bool says whether it was made now. Errors say what is wrong with the file and what to
    /// do; a file that others may read is one.
    pub fn open_or_create(path: &Path) -> anyhow::Result<(Self, bool)> {
        let (keys, created) = key_file::open_or_create(path)?;
        Ok((Self::of(&keys.master, &keys.links), created))
    }

    /// Adds a new link key to the key file: new links are made with it, old ones stay valid.
    pub fn rotate_links(path: &Path) -> anyhow::Result<()> {
        key_file::rotate_links(path)
    }

    /// With the one link key that is derived from the master secret.
    pub fn from_bytes(master: [u8; 32]) -> Self {
        Self::of(&master, &[])
    }

    fn of(master: &[u8; 32], links: &[(u8, [u8; 32])]) -> Self {
        let derive = MacKey::new(&hmac(b"souhlas/1", master));
        let mut all = vec![(0, expand(&derive, "link"))];
        all.extend_from_slice(links);
        let fingerprint = expand(&derive, "fingerprint");
        Self {
            keys: Arc::new(Keys {
                address: MacKey::new(&expand(&derive, "address")),
                links: token::LinkKeys::new(&all),
                fingerprint: hex(&fingerprint).chars().take(16).collect(),
                derive,
            }),
        }
    }

    /// The key under which a controller finds an address. Same controller, same address, same
    /// secret: same key, for ever.
    pub fn address_key(&self, controller: &str, address: &Address) -> AddressKey {
        let length = (controller.len() as u64).to_be_bytes();
        let parts = [&length[..], controller.as_bytes(), address.as_str().as_bytes()];
        AddressKey(self.keys.address.sign_parts(&parts))
    }

    /// 16 hex digits that name this secret and tell nothing about it: a database notes them, so
    /// that it is never opened with another one.
    pub fn fingerprint(&self) -> &str {
        &self.keys.fingerprint
    }

    /// A key of its own for each label (`form`, `journal` ...), for HMAC-SHA-256.
    pub fn mac_key(&self, label: &str) -> MacKey {
        MacKey::new(&expand(&self.keys.derive, &format!("mac {label}")))
    }

    /// Encrypts and authenticates the payload of a link: base64url, no padding, 40 characters
    /// and four thirds of the payload.
    pub fn seal_token(&self, plain: &[u8]) -> String {
        self.keys.links.seal(plain)
    }

    /// `None` for anything that this secret did not seal, and nothing more is told.
    pub fn open_token(&self, token: &str) -> Option<Vec<u8>> {
        self.keys.links.open(token)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(hidden)")
    }
}

/// HKDF-Expand to one block (RFC 5869 §2.3): `HMAC(prk, info | 0x01)`.
fn expand(derive: &MacKey, label: &str) -> [u8; 32] {
    derive.sign_parts(&[label.as_bytes(), &[1]])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_prints_nothing_secret() {
        let secret = Secret::from_bytes([7; 32]);
        assert_eq!(format!("{secret:?}"), "Secret(hidden)");
        assert_eq!(format!("{:?}", secret.mac_key("form")), "MacKey(hidden)");
        assert_eq!(format!("{:?}", AddressKey([0xab; 32])), "AddressKey(abababab)");
    }

    #[test]
    fn each_label_and_each_secret_has_its_own_key() {
        let one = Secret::from_bytes([1; 32]);
        let two = Secret::from_bytes([2; 32]);
        assert_eq!(one.mac_key("a").sign(b"x"), one.mac_key("a").sign(b"x"));
        assert_ne!(one.mac_key("a").sign(b"x"), one.mac_key("b").sign(b"x"));
        assert_ne!(one.mac_key("a").sign(b"x"), two.mac_key("a").sign(b"x"));
        assert_ne!(one.fingerprint(), two.fingerprint());
        assert_eq!(one.fingerprint().len(), 16);
    }

    /// The derivation is HKDF-SHA-256: what is written down today is found with any library.
    #[test]
    fn keys_are_derived_as_rfc_5869_says() {
        use aws_lc_rs::hkdf;
        let prk = hkdf::Salt::new(hkdf::HKDF_SHA256, b"souhlas/1").extract(&[9; 32]);
        let mut expected = [0; 32];
        let info: &[&[u8]] = &[b"address"];
        prk.expand(info, hkdf::HKDF_SHA256).unwrap().fill(&mut expected).unwrap();
        let derive = MacKey::new(&hmac(b"souhlas/1", &[9; 32]));
        assert_eq!(expand(&derive, "address"), expected);
    }
}
