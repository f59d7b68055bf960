//! Digests in which others write addresses down: not keyed, so that whoever has the address can make
//! them. None is kept as it is: what is on record is a keyed hash of it.

use aws_lc_rs::digest::{SHA512, digest};
use md5::{Digest as _, Md5};

use super::{MacKey, Secret};

impl Secret {
    /// Keeps and finds the digests on a controller's lists. As with [`Self::address_key`] it is the
    /// same for ever, and of two controllers nobody can tell that their lists name the same address.
    pub fn foreign_key(&self, controller: &str) -> MacKey {
        self.mac_key(&format!("foreign {controller}"))
    }
}

pub fn md5(bytes: &[u8]) -> [u8; 16] {
    Md5::digest(bytes).into()
}

pub fn sha512(bytes: &[u8]) -> Vec<u8> {
    digest(&SHA512, bytes).as_ref().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::hex;

    #[test]
    fn each_controller_has_a_key_of_its_own() {
        let secret = Secret::from_bytes([1; 32]);
        let kept = |controller: &str| secret.foreign_key(controller).sign(b"digest");
        assert_eq!(kept("shop"), kept("shop"));
        assert_ne!(kept("shop"), kept("club"));
        assert_ne!(kept("shop"), Secret::from_bytes([2; 32]).foreign_key("shop").sign(b"digest"));
    }

    /// RFC 1321 A.5, FIPS 180-2 C.1.
    #[test]
    fn the_digests_are_those_of_the_standards() {
        assert_eq!(hex(&md5(b"abc")), "900150983cd24fb0d6963f7d28e17f72");
        assert!(hex(&sha512(b"abc")).starts_with("ddaf35a193617abacc417349ae204131"));
        assert_eq!(sha512(b"abc").len(), 64);
    }
}
