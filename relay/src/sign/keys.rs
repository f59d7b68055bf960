//! The keys: `<folder>/<domain>/<selector>.key`, PKCS#8 in PEM, readable by their owner alone.
//!
//! Of several keys of one domain and algorithm the one made first signs, the others wait: so a new
//! key can be made, published and left alone until everybody sees its record. `rotation` puts it to
//! work by renaming the one before it to `<selector>.retired`, which nothing signs with.

use std::{
    fs,
    io::Write as _,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use jiff::Timestamp;

use super::pair::{Algorithm, Pair};
use crate::owned;

/// All keys that may sign, in the order of domain, algorithm, age.
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

/// What to publish: a TXT record.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DnsRecord {
    /// `selector._domainkey.domain`, without a final dot.
    pub name: String,
    /// The whole text.
    pub value: String,
}

/// What a key does now.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum State {
    /// It is the one of its algorithm that signs.
    Signs,
    /// It will, once the one before it is retired.
    Waits,
    /// It signed; its record is for messages that are still on their way.
    Retired,
}

/// A key as shown to the operator.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct KeyInfo {
    pub domain: String,
    pub selector: String,
    pub algorithm: Algorithm,
    pub state: State,
    pub file: PathBuf,
    pub record: DnsRecord,
}

impl State {
    pub fn name(self) -> &'static str {
        match self {
            Self::Signs => "signs",
            Self::Waits => "waits",
            Self::Retired => "retired",
        }
    }
}

impl KeyInfo {
    pub fn signs(&self) -> bool {
        self.state == State::Signs
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

/// Makes a key and writes it; without a selector one is made of date and algorithm, with a number
/// behind it where that is taken. The domain is in A-labels. Fails where the domain or selector is
/// none, or the selector has a key already.
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
    let home = folder.join(&domain);
    let selector = match selector {
        Some(own) => own.to_ascii_lowercase(),
        None => free_selector(&home, &format!("s{}-{}", now.strftime("%Y%m%d"), algorithm.name())),
    };
    if !is_name(&selector) {
        bail!("`{selector}` is not a selector: use letters, digits, `-` and `.`");
    }
    if home.join(format!("{selector}{RETIRED}")).exists() {
        bail!("the selector `{selector}` had a key before: choose another");
    }
    let pair = Pair::generate(algorithm).context("cannot make a key")?;
    let key = Key { domain, selector, algorithm, made: now.to_string(), pair };
    owned::folder(&home).with_context(|| format!("cannot make `{}`", home.display()))?;
    let path = home.join(format!("{}{IN_FORCE}", key.selector));
    let text = key.to_file().context("cannot write the key as text")?;
    let mut file =
        fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).with_context(
            || format!("cannot write `{}`: choose another selector", path.display()),
        )?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    key.record().context("cannot write the public key")
}

/// Every key in the folder by domain and algorithm: the one that signs, those that wait, those
/// that are retired.
pub fn list(folder: &Path) -> anyhow::Result<Vec<KeyInfo>> {
    let keys = Keys::load(folder)?;
    let signing = |key: &Key| {
        let signs = keys.of(&key.domain).iter().any(|signs| std::ptr::eq(*signs, key));
        if signs { State::Signs } else { State::Waits }
    };
    let mut out = Vec::with_capacity(keys.list.len());
    for key in &keys.list {
        out.push(key.info(folder, signing(key))?);
    }
    for key in &read(folder, RETIRED)? {
        out.push(key.info(folder, State::Retired)?);
    }
    out.sort_by(|a, b| (&a.domain, a.algorithm, a.state).cmp(&(&b.domain, b.algorithm, b.state)));
    Ok(out)
}

/// Whose keys sign for a domain: the domain itself, or the nearest above it that has some.
pub fn domain_of_keys(keys: &[KeyInfo], domain: &str) -> Option<String> {
    let mut above = std::iter::successors(Some(domain), |name| Some(name.split_once('.')?.1));
    let found = above
        .find(|name| keys.iter().any(|key| key.domain == *name && key.state != State::Retired));
    found.map(str::to_owned)
}

impl Keys {
    /// Reads all keys that may sign; a folder that is not there holds none.
    pub fn load(folder: &Path) -> anyhow::Result<Self> {
        Ok(Self { list: read(folder, IN_FORCE)? })
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
        let algorithm = pair.algorithm();
        let (domain, selector, made) = (domain.to_owned(), selector.to_owned(), made.to_owned());
        Ok(Self { domain, selector, algorithm, made, pair })
    }

    /// The signature over that text; `None` where the library fails.
    pub(super) fn sign(&self, text: &[u8]) -> Option<Vec<u8>> {
        self.pair.sign(text)
    }

    fn info(&self, folder: &Path, state: State) -> anyhow::Result<KeyInfo> {
        let suffix = if state == State::Retired { RETIRED } else { IN_FORCE };
        Ok(KeyInfo {
            domain: self.domain.clone(),
            selector: self.selector.clone(),
            algorithm: self.algorithm,
            state,
            file: folder.join(&self.domain).join(format!("{}{suffix}", self.selector)),
            record: self.record().context("cannot write the public key")?,
        })
    }

    fn record(&self) -> Option<DnsRecord> {
        Some(DnsRecord {
            name: format!("{}._domainkey.{}", self.selector, self.domain),
            value: format!("v=DKIM1; k={}; p={}", self.algorithm.name(), self.pair.public()?),
        })
    }

    fn to_file(&self) -> Option<String> {
        Some(format!(
            "DKIM key of {}, selector {}, {}\n{MADE}{}\n{}",
            self.domain,
            self.selector,
            self.algorithm.name(),
            self.made,
            self.pair.to_pem()?,
        ))
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Key({}._domainkey.{})", self.selector, self.domain)
    }
}

/// All keys whose files end so.
fn read(folder: &Path, suffix: &str) -> anyhow::Result<Vec<Key>> {
    let mut list = Vec::new();
    if !folder.try_exists().with_context(|| format!("cannot look for `{}`", folder.display()))? {
        return Ok(list);
    }
    for domain in names(folder)?.into_iter().filter(|name| folder.join(name).is_dir()) {
        for name in names(&folder.join(&domain))? {
            let Some(selector) = name.strip_suffix(suffix) else { continue };
            let path = folder.join(&domain).join(&name);
            list.push(
                Key::read(&path, &domain, selector)
                    .with_context(|| format!("cannot use the DKIM key `{}`", path.display()))?,
            );
        }
    }
    list.sort_by(|a: &Key, b: &Key| {
        let order =
            |key: &Key| (key.domain.clone(), key.algorithm, key.made.clone(), key.selector.clone());
        order(a).cmp(&order(b))
    });
    Ok(list)
}

/// The name, or the first with a number behind it that has no key.
fn free_selector(home: &Path, name: &str) -> String {
    let taken = |selector: &str| {
        [IN_FORCE, RETIRED].iter().any(|suffix| home.join(format!("{selector}{suffix}")).exists())
    };
    let numbered = (2..100_u8).map(|number| format!("{name}-{number}"));
    let mut all = std::iter::once(name.to_owned()).chain(numbered);
    all.find(|selector| !taken(selector)).unwrap_or_else(|| name.to_owned())
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

/// How files of keys end that may sign.
const IN_FORCE: &str = ".key";
pub(super) const RETIRED: &str = ".retired";
const MADE: &str = "made: ";

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
            list(folder.path()).unwrap().into_iter().map(|key| (key.selector, key.state)).collect();
        assert_eq!(signs, [("b".to_owned(), State::Signs), ("a".to_owned(), State::Waits)]);
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
