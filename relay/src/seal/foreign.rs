//! Digests in which others write addresses down: not keyed, so that whoever has the address can make
//! them. Nothing of our own is kept under one.

use aws_lc_rs::digest::{SHA512, digest};
use md5::{Digest as _, Md5};

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

    /// RFC 1321 A.5, FIPS 180-2 C.1.
    #[test]
    fn the_digests_are_those_of_the_standards() {
        assert_eq!(hex(&md5(b"abc")), "900150983cd24fb0d6963f7d28e17f72");
        assert!(hex(&sha512(b"abc")).starts_with("ddaf35a193617abacc417349ae204131"));
        assert_eq!(sha512(b"abc").len(), 64);
    }
}
