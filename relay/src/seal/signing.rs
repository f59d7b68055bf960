//! The installation's signature: Ed25519 (RFC 8032) with a key derived from the master secret, so
//! that it needs no file of its own and stays the same as long as that.

use std::fmt;

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};

use super::{
    hash::{certain, digest},
    text::{base64, from_base64, hex},
};

/// Signs; its `Debug` is a fixed word.
pub struct SigningKey(Ed25519KeyPair);

/// What shows that a signature is an installation's.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PublicKey([u8; 32]);

impl SigningKey {
    pub(super) fn new(seed: &[u8; 32]) -> Self {
        Self(certain(Ed25519KeyPair::from_seed_unchecked(seed)))
    }

    pub fn sign(&self, bytes: &[u8]) -> [u8; 64] {
        // INVARIANT: a signature of Ed25519 is 64 bytes long.
        certain(self.0.sign(bytes).as_ref().try_into())
    }

    pub fn public(&self) -> PublicKey {
        // INVARIANT: a public key of Ed25519 is 32 bytes long.
        PublicKey(certain(self.0.public_key().as_ref().try_into()))
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(hidden)")
    }
}

impl PublicKey {
    pub fn verify(&self, bytes: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, &self.0).verify(bytes, signature).is_ok()
    }

    /// SHA-256 of the key as SubjectPublicKeyInfo, 64 hex digits: what
    /// `openssl pkey -pubin -in key.pem -outform DER | sha256sum` prints.
    pub fn fingerprint(&self) -> String {
        hex(&digest(&self.der()))
    }

    /// For other programs (RFC 8410 §4, RFC 7468 §13).
    pub fn pem(&self) -> String {
        format!("{BEGIN}{}{END}", base64(&self.der()))
    }

    /// `None` where it is not, byte for byte, what [`Self::pem`] writes.
    pub fn from_pem(pem: &str) -> Option<Self> {
        let der = from_base64(pem.strip_prefix(BEGIN)?.strip_suffix(END)?)?;
        let key: &[u8; 32] = der.strip_prefix(&DER_HEAD)?.try_into().ok()?;
        Some(Self(*key))
    }

    fn der(&self) -> Vec<u8> {
        [&DER_HEAD[..], &self.0].concat()
    }
}

/// `SEQUENCE { SEQUENCE { 1.3.101.112 }, BIT STRING of 32 bytes }` up to the key itself.
const DER_HEAD: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
const BEGIN: &str = "-----BEGIN PUBLIC KEY-----\n";
const END: &str = "\n-----END PUBLIC KEY-----\n";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::{Secret, from_hex};

    /// RFC 8032 §7.1, test 2.
    #[test]
    fn signatures_are_those_of_rfc_8032() {
        let seed = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";
        let key = SigningKey::new(&from_hex(seed).unwrap().try_into().unwrap());
        let public = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
        assert_eq!(hex(&key.public().0), public);
        let signature = "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da\
                         085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";
        assert_eq!(hex(&key.sign(&[0x72])), signature);
        assert!(key.public().verify(&[0x72], &from_hex(signature).unwrap()));
        assert!(!key.public().verify(&[0x73], &from_hex(signature).unwrap()));
        assert!(!key.public().verify(&[0x72], b""));
        assert_eq!(format!("{key:?}"), "SigningKey(hidden)");
    }

    #[test]
    fn a_public_key_reads_back_in_one_form_alone() {
        let key = Secret::from_bytes([1; 32]).signing_key("a").public();
        assert_eq!(PublicKey::from_pem(&key.pem()), Some(key));
        assert_eq!(key.fingerprint().len(), 64);
        assert_ne!(key, Secret::from_bytes([1; 32]).signing_key("b").public());
        for bad in ["", "x", &key.pem().replace('\n', "\r\n"), &key.pem().replace("MCow", "MCox")] {
            assert_eq!(PublicKey::from_pem(bad), None);
        }
    }
}
