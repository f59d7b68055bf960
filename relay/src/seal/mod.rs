//! Everything made from the one secret of an installation: address hashes, link tokens, sealed data,
//! digests.
//!
//! The only folder that names aws-lc-rs, besides TLS set-up. It keeps no state: whoever has the key
//! file has it all, and who loses the key file can no longer read what the database holds about
//! people, nor find an erased person's refusal.

mod aead;
mod chest;
mod data;
mod foreign;
mod hash;
mod key_file;
mod signing;
mod text;
mod token;

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::Context as _;
use arc_swap::ArcSwap;
use jiff::Timestamp;
use policy::Address;

use hash::certain;
use key_file::KeyFile;

pub use aead::{BODY_OVERHEAD, BodyKey};
pub use chest::Chest;
pub use data::{DataKey, OVERHEAD, Unopened};
pub use foreign::{md5, sha512};
pub use hash::{Digest, MacKey, digest, hmac, hmac_sha1, pbkdf2, random, random_bytes, same};
pub use signing::{PublicKey, SigningKey};
pub use text::{
    base32, base64, base64url, escaped, from_base32, from_base64, from_base64url, from_hex, hex,
};

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
    fingerprint: String,
    turning: ArcSwap<Turning>,
    /// Held by whoever changes `turning`: the key file, and how it was when it was last read.
    file: Mutex<Option<(PathBuf, key_file::Stamp)>>,
}

/// What a rotation changes.
struct Turning {
    links: Arc<token::LinkKeys>,
    data: data::DataKeys,
}

impl Secret {
    /// Reads the key file, or makes it (mode 0600, on disk when this returns).
    ///
    /// The bool says whether it was made now. Errors say what is wrong with the file and what to
    /// do; a file that others may read is one. Data key 0 seals until [`Self::seal_with`].
    pub fn open_or_create(path: &Path) -> anyhow::Result<(Self, bool)> {
        let (keys, created) = key_file::open_or_create(path)?;
        let stamp = key_file::stamp(path)
            .with_context(|| format!("cannot read the key file `{}`", path.display()))?;
        Ok((Self::of(&keys, Some((path.to_owned(), stamp))), created))
    }

    /// Adds a data key and a link key to the key file; their id. Old ones still open.
    pub fn add_keys(path: &Path, now: Timestamp) -> anyhow::Result<u8> {
        key_file::add(path, now)
    }

    /// Removes a data key from the key file, for ever; whether it was there.
    pub fn drop_data_key(path: &Path, id: u8) -> anyhow::Result<bool> {
        key_file::drop_data(path, id)
    }

    /// With the keys that are derived from the master secret and no others.
    pub fn from_bytes(master: [u8; 32]) -> Self {
        Self::of(&KeyFile { master, links: Vec::new(), data: Vec::new() }, None)
    }

    fn of(keys: &KeyFile, file: Option<(PathBuf, key_file::Stamp)>) -> Self {
        let derive = MacKey::new(&hmac(b"souhlas/1", &keys.master));
        // INVARIANT: there always is a data key 0.
        let turning = certain(Turning::new(&derive, keys, 0).ok_or(()));
        Self {
            keys: Arc::new(Keys {
                address: MacKey::new(&expand(&derive, "address")),
                fingerprint: fingerprint(&derive),
                turning: ArcSwap::from_pointee(turning),
                file: Mutex::new(file),
                derive,
            }),
        }
    }

    /// Reads the key file again where it has changed; whether it had. The keys at hand stay where
    /// it cannot be used: it is another installation's, or lacks the key that seals.
    pub fn refresh(&self) -> anyhow::Result<bool> {
        let mut file = self.keys.file.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((path, seen)) = &mut *file else { return Ok(false) };
        let name = path.display();
        let stamp =
            key_file::stamp(path).with_context(|| format!("cannot read the key file `{name}`"))?;
        if stamp == *seen {
            return Ok(false);
        }
        let keys = key_file::read(path)?;
        let derive = MacKey::new(&hmac(b"souhlas/1", &keys.master));
        anyhow::ensure!(
            fingerprint(&derive) == self.keys.fingerprint,
            "the key file `{name}` was replaced by another installation's: put the former one back"
        );
        let id = self.sealing();
        let turning = Turning::new(&derive, &keys, id).with_context(|| {
            format!("the key file `{name}` has lost data key {id}, which is in use: put it back")
        })?;
        self.keys.turning.store(Arc::new(turning));
        *seen = stamp;
        Ok(true)
    }

    /// From now on the keys of this id seal: data, and (or the newest before it) links.
    pub fn seal_with(&self, id: u8) -> Result<(), Unopened> {
        let _file = self.keys.file.lock().unwrap_or_else(PoisonError::into_inner);
        let turning = self.keys.turning.load();
        if turning.data.sealing() == id {
            return Ok(());
        }
        let data = turning.data.sealing_with(id).ok_or(Unopened::NoKey(id))?;
        let links = Arc::clone(&turning.links);
        self.keys.turning.store(Arc::new(Turning { links, data }));
        Ok(())
    }

    /// Id of the data key that seals.
    pub fn sealing(&self) -> u8 {
        self.keys.turning.load().data.sealing()
    }

    /// All that open, the oldest first.
    pub fn data_keys(&self) -> Vec<DataKey> {
        self.keys.turning.load().data.list().cloned().collect()
    }

    /// Seals a value about its column and row: [`OVERHEAD`] bytes longer than the plain one.
    pub fn seal(&self, about: &[u8], plain: &[u8]) -> Vec<u8> {
        self.keys.turning.load().data.seal(about, plain)
    }

    /// A key that is not known is looked for in the key file, in case it has changed.
    pub fn open(&self, about: &[u8], sealed: Vec<u8>) -> Result<Vec<u8>, Unopened> {
        let turning = self.keys.turning.load();
        if sealed.first().is_none_or(|id| turning.data.list().any(|known| known.id == *id)) {
            return turning.data.open(about, sealed);
        }
        if let Err(error) = self.refresh() {
            tracing::error!(error = format!("{error:#}"), "the key file cannot be used");
        }
        self.keys.turning.load().data.open(about, sealed)
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

    /// A key of its own for each label, for signatures that others can check.
    pub fn signing_key(&self, label: &str) -> SigningKey {
        SigningKey::new(&expand(&self.keys.derive, &format!("sign {label}")))
    }

    /// A key of its own for each label (`form`, `journal` ...), for HMAC-SHA-256.
    pub fn mac_key(&self, label: &str) -> MacKey {
        MacKey::new(&expand(&self.keys.derive, &format!("mac {label}")))
    }

    /// Encrypts and authenticates the payload of a link: base64url, no padding, 40 characters
    /// and four thirds of the payload.
    pub fn seal_token(&self, plain: &[u8]) -> String {
        let turning = self.keys.turning.load();
        turning.links.seal(turning.data.sealing(), plain)
    }

    /// `None` for anything that this secret did not seal, and nothing more is told.
    pub fn open_token(&self, token: &str) -> Option<Vec<u8>> {
        self.keys.turning.load().links.open(token)
    }
}

impl Turning {
    /// `None` where there is no data key `id`, which is to seal.
    fn new(derive: &MacKey, keys: &KeyFile, id: u8) -> Option<Self> {
        let mut links = vec![(0, expand(derive, "link"))];
        links.extend_from_slice(&keys.links);
        Some(Self {
            links: Arc::new(token::LinkKeys::new(&links)),
            data: data::DataKeys::new(&expand(derive, "data"), &keys.data, id)?,
        })
    }
}

fn fingerprint(derive: &MacKey) -> String {
    hex(&expand(derive, "fingerprint")).chars().take(16).collect()
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
    fn a_key_that_was_added_meanwhile_opens_and_seals_when_it_is_told_to() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret.key");
        let (ours, _) = Secret::open_or_create(&path).unwrap();
        assert_eq!(Secret::add_keys(&path, Timestamp::UNIX_EPOCH).unwrap(), 1);
        let (theirs, _) = Secret::open_or_create(&path).unwrap();
        assert_eq!(theirs.seal(b"row", b"x")[0], 0, "not before it is told");
        theirs.seal_with(1).unwrap();
        let sealed = theirs.seal(b"row", b"x");
        assert_eq!(sealed[0], 1);
        assert_eq!(ours.open(b"row", sealed.clone()).as_deref(), Ok(&b"x"[..]));
        assert_eq!(ours.seal_with(2), Err(Unopened::NoKey(2)));
        assert_eq!(ours.sealing(), 0);
        let stranger = Secret::from_bytes([7; 32]);
        assert_eq!(stranger.open(b"row", sealed), Err(Unopened::NoKey(1)));
    }

    #[test]
    fn a_key_file_that_cannot_be_used_leaves_the_keys_as_they_are() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret.key");
        let (secret, _) = Secret::open_or_create(&path).unwrap();
        Secret::add_keys(&path, Timestamp::UNIX_EPOCH).unwrap();
        assert!(secret.refresh().unwrap());
        assert!(!secret.refresh().unwrap(), "nothing changed");
        secret.seal_with(1).unwrap();
        let sealed = secret.seal(b"row", b"x");
        Secret::drop_data_key(&path, 1).unwrap();
        let error = format!("{:#}", secret.refresh().unwrap_err());
        assert!(error.contains("data key 1"), "{error}");
        let other = folder.path().join("other.key");
        Secret::open_or_create(&other).unwrap();
        std::fs::rename(other, &path).unwrap();
        let error = format!("{:#}", secret.refresh().unwrap_err());
        assert!(error.contains("another installation"), "{error}");
        assert_eq!(secret.open(b"row", sealed).as_deref(), Ok(&b"x"[..]));
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
