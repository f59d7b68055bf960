//! A pair of keys: made, read, written, signing; and the public half as others publish it.
//!
//! The file that names aws-lc-rs besides `seal`.

use anyhow::{Context as _, bail};
use aws_lc_rs::{
    encoding::{AsDer as _, Pkcs8V1Der, PublicKeyX509Der},
    rand::SystemRandom,
    rsa,
    signature::{
        ED25519, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
        RSA_PKCS1_SHA256, UnparsedPublicKey,
    },
};

use crate::seal;

/// How a key signs (RFC 6376 §3.3, RFC 8463).
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Algorithm {
    /// RSA of 2048 bits: every verifier knows it.
    Rsa,
    /// Small and fast; verifiers that do not know it need an RSA signature beside it.
    Ed25519,
}

/// A private key with its public half.
pub(super) enum Pair {
    Rsa(Box<rsa::KeyPair>),
    Ed25519(Ed25519KeyPair),
}

impl Algorithm {
    /// The `a=` tag.
    pub(super) fn tag(self) -> &'static str {
        match self {
            Self::Rsa => "rsa-sha256",
            Self::Ed25519 => "ed25519-sha256",
        }
    }

    /// That of an `a=` tag.
    pub(super) fn of_tag(tag: &str) -> Option<Self> {
        [Self::Rsa, Self::Ed25519].into_iter().find(|own| own.tag().eq_ignore_ascii_case(tag))
    }

    /// The `k=` tag of the record.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rsa => "rsa",
            Self::Ed25519 => "ed25519",
        }
    }
}

impl Pair {
    pub(super) fn generate(algorithm: Algorithm) -> Option<Self> {
        Some(match algorithm {
            Algorithm::Rsa => {
                Self::Rsa(Box::new(rsa::KeyPair::generate(rsa::KeySize::Rsa2048).ok()?))
            }
            Algorithm::Ed25519 => Self::Ed25519(Ed25519KeyPair::generate().ok()?),
        })
    }

    /// PKCS#8 (`PRIVATE KEY`) of either algorithm, or PKCS#1 (`RSA PRIVATE KEY`) as older tools
    /// write it.
    pub(super) fn read(text: &str) -> anyhow::Result<Self> {
        for (begin, end) in [(BEGIN, END), (BEGIN_RSA, END_RSA)] {
            let Some((_, behind)) = text.split_once(begin) else { continue };
            let Some((body, _)) = behind.split_once(end) else {
                bail!("`{end}` is missing: the file is cut off");
            };
            let body: String = body.split_ascii_whitespace().collect();
            let der = seal::from_base64(&body).context("it is not base64 between its marks")?;
            if begin == BEGIN_RSA {
                let pair = rsa::KeyPair::from_der(&der).ok();
                return Ok(Self::Rsa(Box::new(pair.context(NOT_USABLE)?)));
            }
            if let Ok(pair) = rsa::KeyPair::from_pkcs8(&der) {
                return Ok(Self::Rsa(Box::new(pair)));
            }
            let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der).ok();
            return Ok(Self::Ed25519(pair.context(NOT_USABLE)?));
        }
        bail!("there is no `{BEGIN}` in it")
    }

    pub(super) fn algorithm(&self) -> Algorithm {
        match self {
            Self::Rsa(_) => Algorithm::Rsa,
            Self::Ed25519(_) => Algorithm::Ed25519,
        }
    }

    /// The signature over that text; `None` where the library fails.
    pub(super) fn sign(&self, text: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text, &mut signature).ok()?;
                Some(signature)
            }
            // RFC 8463 §3: the hash is what is signed.
            Self::Ed25519(pair) => Some(pair.try_sign(&seal::digest(text)).ok()?.as_ref().to_vec()),
        }
    }

    /// The `p=` tag of the record.
    pub(super) fn public(&self) -> Option<String> {
        Some(match self {
            Self::Rsa(pair) => {
                let der: PublicKeyX509Der<'_> = pair.public_key().as_der().ok()?;
                seal::base64(der.as_ref())
            }
            Self::Ed25519(pair) => seal::base64(pair.public_key().as_ref()),
        })
    }

    /// PKCS#8 in PEM.
    pub(super) fn to_pem(&self) -> Option<String> {
        let der = match self {
            Self::Rsa(pair) => {
                let der: Pkcs8V1Der<'_> = pair.as_der().ok()?;
                seal::base64(der.as_ref())
            }
            Self::Ed25519(pair) => seal::base64(pair.to_pkcs8v1().ok()?.as_ref()),
        };
        let mut text = format!("{BEGIN}\n");
        let mut rest = der.as_str();
        while let Some((line, behind)) = rest.split_at_checked(64) {
            text.push_str(line);
            text.push('\n');
            rest = behind;
        }
        if !rest.is_empty() {
            text.push_str(rest);
            text.push('\n');
        }
        text.push_str(END);
        text.push('\n');
        Some(text)
    }
}

impl Algorithm {
    /// Whether somebody with that public key signed the text. RSA keys of 1024 bits still count
    /// (RFC 8301 §3.2).
    pub(super) fn verifies(self, public: &[u8], text: &[u8], signature: &[u8]) -> bool {
        let verified = match self {
            Self::Rsa => {
                let how = &RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY;
                UnparsedPublicKey::new(how, public).verify(text, signature)
            }
            Self::Ed25519 => {
                UnparsedPublicKey::new(&ED25519, public).verify(&seal::digest(text), signature)
            }
        };
        verified.is_ok()
    }
}

const BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
const END: &str = "-----END PRIVATE KEY-----";
const BEGIN_RSA: &str = "-----BEGIN RSA PRIVATE KEY-----";
const END_RSA: &str = "-----END RSA PRIVATE KEY-----";
const NOT_USABLE: &str = "it is no RSA key of 2048 to 8192 bits and no Ed25519 key";
