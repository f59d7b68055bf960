//! From one key to the next: a new one is made and waits, is put to work when its record is there
//! to see, and the one before it is retired until nobody verifies with it any more.
//!
//! Whether a record is published is for the caller to ask. Each step is one rename or one removal, so
//! one that was cut off is done again.

use std::{fs, path::Path};

use anyhow::{Context as _, bail};
use jiff::Timestamp;

use super::keys::{self, DnsRecord, KeyInfo, RETIRED, State};

/// Makes a key of each algorithm that signs for exactly this domain and has none waiting. Returns
/// those that come next.
pub fn begin(folder: &Path, domain: &str, now: Timestamp) -> anyhow::Result<Vec<KeyInfo>> {
    let own = of_domain(folder, domain)?;
    for key in own.iter().filter(|key| key.signs()) {
        if next(&own, key).is_none() {
            keys::create(folder, &key.domain, key.algorithm, None, now)?;
        }
    }
    waiting(folder, domain)
}

/// The keys of this domain that come next, one for each algorithm that has one waiting.
pub fn waiting(folder: &Path, domain: &str) -> anyhow::Result<Vec<KeyInfo>> {
    let own = of_domain(folder, domain)?;
    let signing = own.iter().filter(|key| key.signs());
    Ok(signing.filter_map(|key| next(&own, key).cloned()).collect())
}

/// Retires each key of this domain that has one waiting, which signs from the next load on. Returns
/// the retired ones.
pub fn finish(folder: &Path, domain: &str) -> anyhow::Result<Vec<KeyInfo>> {
    let own = of_domain(folder, domain)?;
    let mut retired = Vec::new();
    for key in own.iter().filter(|key| key.signs()) {
        if next(&own, key).is_some() {
            let to = key.file.with_file_name(format!("{}{RETIRED}", key.selector));
            fs::rename(&key.file, &to)
                .with_context(|| format!("cannot rename `{}`", key.file.display()))?;
            retired.push(KeyInfo { state: State::Retired, file: to, ..key.clone() });
        }
    }
    Ok(retired)
}

/// Removes the file of a retired key, for ever. Returns the record that goes with it.
pub fn remove(folder: &Path, domain: &str, selector: &str) -> anyhow::Result<DnsRecord> {
    let own = of_domain(folder, domain)?;
    let Some(key) = own.into_iter().find(|key| key.selector == selector) else {
        bail!("there is no key `{selector}` of `{domain}`: see `souhlas keys dkim list`");
    };
    if key.state != State::Retired {
        bail!(
            "the key `{selector}` {}, it is not retired: that is what `souhlas keys dkim rotate` does",
            key.state.name()
        );
    }
    fs::remove_file(&key.file)
        .with_context(|| format!("cannot remove `{}`", key.file.display()))?;
    Ok(key.record)
}

fn of_domain(folder: &Path, domain: &str) -> anyhow::Result<Vec<KeyInfo>> {
    let domain = domain.trim_end_matches('.').to_ascii_lowercase();
    let mut all = keys::list(folder)?;
    all.retain(|key| key.domain == domain);
    if all.is_empty() {
        bail!("`{domain}` has no key: make one with `souhlas keys dkim new {domain}`");
    }
    Ok(all)
}

/// Of those that wait the one made first.
fn next<'k>(all: &'k [KeyInfo], signing: &KeyInfo) -> Option<&'k KeyInfo> {
    all.iter().find(|key| key.state == State::Waits && key.algorithm == signing.algorithm)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sign::{Algorithm, create};

    fn now() -> Timestamp {
        "2026-11-23T10:00:00Z".parse().unwrap()
    }

    fn states(folder: &Path) -> Vec<(String, State)> {
        keys::list(folder).unwrap().into_iter().map(|key| (key.selector, key.state)).collect()
    }

    #[test]
    fn a_new_key_waits_then_signs_and_the_old_one_is_retired_until_it_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        create(folder, "shop.cz", Algorithm::Ed25519, None, now()).unwrap();
        let later = now() + jiff::SignedDuration::from_secs(1);
        let (old, new) = ("s20261123-ed25519".to_owned(), "s20261123-ed25519-2".to_owned());
        for _ in 0..2 {
            let waiting = begin(folder, "Shop.cz.", later).unwrap();
            assert_eq!(waiting.len(), 1, "a second time nothing more is made");
            assert_eq!(states(folder), [(old.clone(), State::Signs), (new.clone(), State::Waits)]);
        }
        assert!(remove(folder, "shop.cz", &old).is_err(), "it signs");
        assert_eq!(finish(folder, "shop.cz").unwrap().len(), 1);
        assert_eq!(finish(folder, "shop.cz").unwrap().len(), 0, "nothing waits any more");
        assert_eq!(states(folder), [(new.clone(), State::Signs), (old.clone(), State::Retired)]);
        assert!(
            create(folder, "shop.cz", Algorithm::Ed25519, Some(&old), later).is_err(),
            "a selector that had a key gets no other"
        );
        remove(folder, "shop.cz", &old).unwrap();
        assert_eq!(states(folder), [(new, State::Signs)]);
        assert!(begin(folder, "other.cz", later).is_err());
    }
}
