//! The keys: `<folder>/<domain>/<selector>.key`, PKCS#8 in PEM, readable by their owner alone.
//!
//! Of several keys of one domain and algorithm the one made first signs. So a new key can be made,
//! published and left alone until everybody sees its record; removing the old one's file puts it to
//! work. The file that names aws-lc-rs besides `seal`: signing and making keys.

use std::{
    fs,
    io::Write as _,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use aws_lc_rs::{
    encoding::{AsDer as _, Pkcs8V1Der, PublicKeyX509Der},
    rand::SystemRandom,
    rsa,
    signature::{Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256},
};
use jiff::Timestamp;

use crate::{owned, seal};

/// How a key signs (RFC 6376 §3.3, RFC 8463).
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Algorithm {
    /// RSA of 2048 bits: every verifier knows it.
    Rsa,
    /// Small and fast; verifiers that do not know it need an RSA signature beside it.
    Ed25519,
}

/// All keys, in the order of domain, algorithm, age.
#[derive(Debug, Default)]
pub struct Keys {
    list: Vec<Key>,
}

/// One private key. Its `Debug` shows no secret.
pub(super) struct Key {
    pub(super) domain: String,
    pub(super) selector: String,
    pub(super) algorithm: Algorithm,
    made: String,
    pair: Pair,
}

enum Pair {
    Rsa(Box<rsa::KeyPair>),
    Ed25519(Ed25519KeyPair),
}

/// What to publish: a TXT record.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DnsRecord {
    /// `selector._domainkey.domain`, without a final dot.
    pub name: String,
    /// The whole text.
    pub value: String,
}

/// A key as shown to the operator.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct KeyInfo {
    pub domain: String,
    pub selector: String,
    pub algorithm: Algorithm,
    /// It is the one of its algorithm that signs.
    pub signs: bool,
    pub file: PathBuf,
    pub record: DnsRecord,
}

impl Algorithm {
    /// The `a=` tag.
    pub(super) fn tag(self) -> &'static str {
        match self {
            Self::Rsa => "rsa-sha256",
            Self::Ed25519 => "ed25519-sha256",
        }
    }

    /// The `k=` tag of the record.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rsa => "rsa",
            Self::Ed25519 => "ed25519",
        }
    }
}

impl DnsRecord {
    /// The text in strings of at most 255 octets (RFC 6376 §3.6.2.2).
    pub fn strings(&self) -> Vec<&str> {
        let mut out = Vec::new();
        let mut rest = self.value.as_str();
        while let Some((string, behind)) = rest.split_at_checked(255).filter(|(_, b)| !b.is_empty())
        {
            out.push(string);
            rest = behind;
        }
        out.push(rest);
        out
    }

    /// As a line of a zone file.
    pub fn zone_line(&self) -> String {
        let quoted: Vec<String> =
            self.strings().iter().map(|string| format!("\"{string}\"")).collect();
        format!("{}. IN TXT ( {} )", self.name, quoted.join(" "))
    }
}

/// Makes a key and writes it; without a selector one is made of date and algorithm. The domain is
/// in A-labels. Fails where the domain or selector is none, or the file is there already.
pub fn create(
    folder: &Path,
    domain: &str,
    algorithm: Algorithm,
    selector: Option<&str>,
    now: Timestamp,
) -> anyhow::Result<DnsRecord> {
    let domain = domain.trim_end_matches('.').to_ascii_lowercase();
    if !is_name(&domain) || !domain.contains('.') {
        bail!("`{domain}` is not a domain: write it as `example.cz`, with A-labels (`xn--...`)");
    }
    let selector = match selector {
        Some(own) => own.to_ascii_lowercase(),
        None => format!("s{}-{}", now.strftime("%Y%m%d"), algorithm.name()),
    };
    if !is_name(&selector) {
        bail!("`{selector}` is not a selector: use letters, digits, `-` and `.`");
    }
    let pair = Pair::generate(algorithm).context("cannot make a key")?;
    let key = Key { domain, selector, algorithm, made: now.to_string(), pair };
    let home = folder.join(&key.domain);
    owned::folder(&home).with_context(|| format!("cannot make `{}`", home.display()))?;
    let path = home.join(format!("{}.key", key.selector));
    let text = key.to_file().context("cannot write the key as text")?;
    let mut file =
        fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).with_context(
            || format!("cannot write `{}`: choose another selector", path.display()),
        )?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    key.record().context("cannot write the public key")
}

/// Every key in the folder, those that sign first.
pub fn list(folder: &Path) -> anyhow::Result<Vec<KeyInfo>> {
    let keys = Keys::load(folder)?;
    let mut out = Vec::with_capacity(keys.list.len());
    for key in &keys.list {
        out.push(KeyInfo {
            domain: key.domain.clone(),
            selector: key.selector.clone(),
            algorithm: key.algorithm,
            signs: keys.of(&key.domain).iter().any(|signs| std::ptr::eq(*signs, key)),
            file: folder.join(&key.domain).join(format!("{}.key", key.selector)),
            record: key.record().context("cannot write the public key")?,
        });
    }
    Ok(out)
}

impl Keys {
    /// Reads all keys; a folder that is not there holds none.
    pub fn load(folder: &Path) -> anyhow::Result<Self> {
        let mut list = Vec::new();
        if !folder
            .try_exists()
            .with_context(|| format!("cannot look for `{}`", folder.display()))?
        {
            return Ok(Self { list });
        }
        for domain in names(folder)?.into_iter().filter(|name| folder.join(name).is_dir()) {
            for name in names(&folder.join(&domain))? {
                let Some(selector) = name.strip_suffix(".key") else { continue };
                let path = folder.join(&domain).join(&name);
                list.push(
                    Key::read(&path, &domain, selector)
                        .with_context(|| format!("cannot use the DKIM key `{}`", path.display()))?,
                );
            }
        }
        list.sort_by(|a, b| {
            (&a.domain, a.algorithm, &a.made, &a.selector).cmp(&(
                &b.domain,
                b.algorithm,
                &b.made,
                &b.selector,
            ))
        });
        Ok(Self { list })
    }

    /// The keys that sign for a domain: its own, else those of the nearest domain above it; one
    /// for each algorithm.
    pub(super) fn of(&self, domain: &str) -> Vec<&Key> {
        let mut name = domain.trim_end_matches('.');
        while name.contains('.') {
            let mut found: Vec<&Key> =
                self.list.iter().filter(|key| key.domain.eq_ignore_ascii_case(name)).collect();
            found.dedup_by_key(|key| key.algorithm);
            if !found.is_empty() {
                return found;
            }
            name = name.split_once('.').map_or("", |(_, above)| above);
        }
        Vec::new()
    }
}

impl Key {
    fn read(path: &Path, domain: &str, selector: &str) -> anyhow::Result<Self> {
        if !is_name(domain) || !is_name(selector) {
            bail!("its path is not `<domain>/<selector>.key`");
        }
        let text = fs::read_to_string(path)?;
        let made = text.lines().find_map(|line| line.strip_prefix(MADE)).unwrap_or_default();
        let pair = Pair::read(&text)?;
        let algorithm = match pair {
            Pair::Rsa(_) => Algorithm::Rsa,
            Pair::Ed25519(_) => Algorithm::Ed25519,
        };
        let (domain, selector, made) = (domain.to_owned(), selector.to_owned(), made.to_owned());
        Ok(Self { domain, selector, algorithm, made, pair })
    }

    /// The signature over that text; `None` where the library fails.
    pub(super) fn sign(&self, text: &[u8]) -> Option<Vec<u8>> {
        match &self.pair {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text, &mut signature).ok()?;
                Some(signature)
            }
            // RFC 8463 §3: the hash is what is signed.
            Pair::Ed25519(pair) => Some(pair.try_sign(&seal::digest(text)).ok()?.as_ref().to_vec()),
        }
    }

    fn record(&self) -> Option<DnsRecord> {
        let public = match &self.pair {
            Pair::Rsa(pair) => {
                let der: PublicKeyX509Der<'_> = pair.public_key().as_der().ok()?;
                seal::base64(der.as_ref())
            }
            Pair::Ed25519(pair) => seal::base64(pair.public_key().as_ref()),
        };
        Some(DnsRecord {
            name: format!("{}._domainkey.{}", self.selector, self.domain),
            value: format!("v=DKIM1; k={}; p={public}", self.algorithm.name()),
        })
    }

    fn to_file(&self) -> Option<String> {
        let der = match &self.pair {
            Pair::Rsa(pair) => {
                let der: Pkcs8V1Der<'_> = pair.as_der().ok()?;
                seal::base64(der.as_ref())
            }
            Pair::Ed25519(pair) => seal::base64(pair.to_pkcs8v1().ok()?.as_ref()),
        };
        let mut text = format!(
            "DKIM key of {}, selector {}, {}\n{MADE}{}\n{BEGIN}\n",
            self.domain,
            self.selector,
            self.algorithm.name(),
            self.made
        );
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

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Key({}._domainkey.{})", self.selector, self.domain)
    }
}

impl Pair {
    fn generate(algorithm: Algorithm) -> Option<Self> {
        Some(match algorithm {
            Algorithm::Rsa => {
                Self::Rsa(Box::new(rsa::KeyPair::generate(rsa::KeySize::Rsa2048).ok()?))
            }
            Algorithm::Ed25519 => Self::Ed25519(Ed25519KeyPair::generate().ok()?),
        })
    }

    /// PKCS#8 (`PRIVATE KEY`) of either algorithm, or PKCS#1 (`RSA PRIVATE KEY`) as older tools
    /// write it.
    fn read(text: &str) -> anyhow::Result<Self> {
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
}

/// Names in a folder, sorted; those that are not UTF-8 are none of ours.
fn names(folder: &Path) -> anyhow::Result<Vec<String>> {
    let mut out = Vec::new();
    for entry in
        fs::read_dir(folder).with_context(|| format!("cannot read `{}`", folder.display()))?
    {
        if let Ok(name) = entry?.file_name().into_string() {
            out.push(name);
        }
    }
    out.sort();
    Ok(out)
}

/// Labels of letters, digits and `-`: also what keeps a path inside the folder.
fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 253
        && name.split('.').all(|label| {
            !label.is_empty()
                && label.len() <= 63
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        })
}

const MADE: &str = "made: ";
const BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
const END: &str = "-----END PRIVATE KEY-----";
const BEGIN_RSA: &str = "-----BEGIN RSA PRIVATE KEY-----";
const END_RSA: &str = "-----END RSA PRIVATE KEY-----";
const NOT_USABLE: &str = "it is no RSA key of 2048 to 8192 bits and no Ed25519 key";

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn now() -> Timestamp {
        "2026-11-21T10:00:00Z".parse().unwrap()
    }

    #[test]
    fn a_new_key_is_for_its_owner_alone_and_signs_after_loading() {
        let folder = tempfile::tempdir().unwrap();
        for algorithm in [Algorithm::Rsa, Algorithm::Ed25519] {
            let record = create(folder.path(), "Shop.CZ.", algorithm, None, now()).unwrap();
            let selector = format!("s20261121-{}", algorithm.name());
            assert_eq!(record.name, format!("{selector}._domainkey.shop.cz"));
            assert!(record.strings().iter().all(|string| string.len() <= 255));
            assert_eq!(record.strings().concat(), record.value);
            let file = folder.path().join(format!("shop.cz/{selector}.key"));
            assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
        }
        let keys = Keys::load(folder.path()).unwrap();
        let found: Vec<_> = keys.of("news.SHOP.cz").iter().map(|key| key.algorithm).collect();
        assert_eq!(found, [Algorithm::Rsa, Algorithm::Ed25519]);
        assert!(keys.of("cz").is_empty() && keys.of("eshop.cz").is_empty());
        assert!(!format!("{keys:?}").contains("PRIVATE"));
    }

    #[test]
    fn of_two_keys_the_older_signs() {
        let folder = tempfile::tempdir().unwrap();
        let make = |selector: &str, now| {
            create(folder.path(), "shop.cz", Algorithm::Ed25519, Some(selector), now).unwrap()
        };
        make("b", now());
        make("a", now() + jiff::SignedDuration::from_hours(1));
        let signs: Vec<_> =
            list(folder.path()).unwrap().into_iter().map(|key| (key.selector, key.signs)).collect();
        assert_eq!(signs, [("b".to_owned(), true), ("a".to_owned(), false)]);
    }

    #[test]
    fn a_key_is_never_overwritten_and_no_path_leaves_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let make = |domain: &str, selector| {
            create(folder.path(), domain, Algorithm::Ed25519, Some(selector), now())
        };
        make("shop.cz", "a").unwrap();
        for (domain, selector) in
            [("shop.cz", "a"), ("../x.cz", "a"), ("shop.cz", "../a"), ("cz", "a"), ("shop.cz", "")]
        {
            assert!(make(domain, selector).is_err(), "{domain} {selector}");
        }
    }

    #[test]
    fn a_broken_key_is_named() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("shop.cz")).unwrap();
        fs::write(folder.path().join("shop.cz/a.key"), "nothing").unwrap();
        let error = format!("{:#}", Keys::load(folder.path()).unwrap_err());
        assert!(error.contains("shop.cz/a.key") && error.contains("BEGIN PRIVATE KEY"), "{error}");
    }
}
