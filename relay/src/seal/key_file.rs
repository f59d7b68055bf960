//! The key file: the master secret, link keys and data keys, as text of a few lines, for its owner
//! alone.
//!
//! ```text
//! # comment
//! secret 3b0c...   64 hex digits: everything else is derived from it
//! link 1 91fe...   a link key made by a rotation
//! data 1 07bd... 2026-11-22T08:00:00Z   a data key made by a rotation, and when
//! ```

use std::{
    fs,
    io::{self, Write as _},
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use jiff::Timestamp;

use super::{data::DataKey, from_hex, hex, random};
use crate::owned;

const HEAD: &str = "# The secret of this Souhlas installation. Back it up with the database and show it \
to nobody:\n# without it addresses, evidence and messages cannot be read, refusals of erased people are not \
found\n# and links in sent messages end.\n";

pub(super) struct KeyFile {
    pub(super) master: [u8; 32],
    /// Ids from 1, ascending.
    pub(super) links: Vec<(u8, [u8; 32])>,
    /// The same.
    pub(super) data: Vec<(DataKey, [u8; 32])>,
}

/// Two that start together get the same file: the first one's.
pub(super) fn open_or_create(path: &Path) -> anyhow::Result<(KeyFile, bool)> {
    if path.try_exists().with_context(|| format!("cannot look for `{}`", path.display()))? {
        return Ok((read(path)?, false));
    }
    let folder = folder_of(path);
    owned::folder(folder)
        .with_context(|| format!("cannot make the folder `{}`", folder.display()))?;
    let text = format!("{HEAD}secret {}\n", hex(&random::<32>()));
    let made = write_new(path, &text, |new, path| fs::hard_link(new, path));
    match made {
        Ok(()) => Ok((read(path)?, true)),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok((read(path)?, false)),
        Err(error) => Err(error).with_context(|| format!("cannot write `{}`", path.display())),
    }
}

/// Adds a data key and a link key of the same id, which no other had; what the file had it keeps.
pub(super) fn add(path: &Path, now: Timestamp) -> anyhow::Result<u8> {
    let keys = read(path)?;
    let data = keys.data.last().map_or(0, |(named, _)| named.id);
    let link = keys.links.last().map_or(0, |(id, _)| *id);
    let Some(id) = data.max(link).checked_add(1) else {
        bail!("`{}` has no id left for a key: there were 255", path.display());
    };
    let mut text = fs::read_to_string(path)?;
    if !text.ends_with('\n') {
        text.push('\n');
    }
    let now = now.round(jiff::Unit::Second).unwrap_or(now);
    text.push_str(&format!("link {id} {}\n", hex(&random::<32>())));
    text.push_str(&format!("data {id} {} {now}\n", hex(&random::<32>())));
    replace(path, &text)?;
    Ok(id)
}

/// Removes a data key; whether it was there.
pub(super) fn drop_data(path: &Path, id: u8) -> anyhow::Result<bool> {
    if !read(path)?.data.iter().any(|(named, _)| named.id == id) {
        return Ok(false);
    }
    let text = fs::read_to_string(path)?;
    let is_it = |line: &&str| {
        let mut words = line.split_whitespace();
        words.next() == Some("data") && words.next().and_then(|word| word.parse().ok()) == Some(id)
    };
    let kept: Vec<&str> = text.lines().filter(|line| !is_it(line)).collect();
    replace(path, &(kept.join("\n") + "\n"))?;
    Ok(true)
}

fn replace(path: &Path, text: &str) -> anyhow::Result<()> {
    write_new(path, text, |new, path| fs::rename(new, path))
        .with_context(|| format!("cannot write `{}`", path.display()))
}

/// Changes with each change of the file.
pub(super) fn stamp(path: &Path) -> io::Result<Stamp> {
    let about = fs::metadata(path)?;
    Ok(Stamp(about.ino(), about.mtime(), about.mtime_nsec(), about.len()))
}

#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) struct Stamp(u64, i64, i64, u64);

pub(super) fn read(path: &Path) -> anyhow::Result<KeyFile> {
    let name = path.display();
    let mode = fs::metadata(path)
        .with_context(|| format!("cannot read the key file `{name}`"))?
        .permissions()
        .mode();
    if mode & 0o007 != 0 {
        bail!("everybody on this machine can use the key file `{name}`: chmod 600 it");
    }
    let text =
        fs::read_to_string(path).with_context(|| format!("cannot read the key file `{name}`"))?;
    parse(&text)
        .with_context(|| format!("the key file `{name}` is damaged: restore it from a backup"))
}

/// Errors name the line and never its content.
fn parse(text: &str) -> anyhow::Result<KeyFile> {
    let mut master = None;
    let mut links: Vec<(u8, [u8; 32])> = Vec::new();
    let mut data: Vec<(DataKey, [u8; 32])> = Vec::new();
    for (line, number) in text.lines().zip(1..) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            [] => {}
            [first, ..] if first.starts_with('#') => {}
            ["secret", key] if master.is_none() => {
                master = Some(key_of(key).with_context(|| format!("line {number}"))?);
            }
            ["link", id, key] => {
                let id: u8 = id.parse().with_context(|| format!("line {number}: the key's id"))?;
                if links.last().map_or(0, |(last, _)| *last) >= id {
                    bail!("line {number}: ids of link keys start at 1 and grow");
                }
                links.push((id, key_of(key).with_context(|| format!("line {number}"))?));
            }
            ["data", id, key, since] => {
                let id: u8 = id.parse().with_context(|| format!("line {number}: the key's id"))?;
                if data.last().map_or(0, |(last, _)| last.id) >= id {
                    bail!("line {number}: ids of data keys start at 1 and grow");
                }
                let since = since.parse().with_context(|| format!("line {number}: the date"))?;
                let key = key_of(key).with_context(|| format!("line {number}"))?;
                data.push((DataKey { id, since: Some(since) }, key));
            }
            _ => bail!("line {number} is not `secret KEY`, `link ID KEY` or `data ID KEY DATE`"),
        }
    }
    Ok(KeyFile { master: master.context("there is no `secret` line")?, links, data })
}

fn key_of(hex: &str) -> anyhow::Result<[u8; 32]> {
    let bytes = from_hex(hex).unwrap_or_default();
    <[u8; 32]>::try_from(bytes).ok().context("a key is 64 hex digits")
}

/// Written beside, synced, put in place in one step, and the folder synced.
fn write_new(
    path: &Path,
    text: &str,
    place: impl Fn(&Path, &Path) -> io::Result<()>,
) -> io::Result<()> {
    let mut new = PathBuf::from(path).into_os_string();
    new.push(format!(".{}", hex(&random::<8>())));
    let new = PathBuf::from(new);
    let written = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&new)
        .and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.sync_all()
        })
        .and_then(|()| place(&new, path));
    // A rename has taken it away; then there is nothing to remove.
    fs::remove_file(&new).ok();
    written?;
    fs::File::open(folder_of(path))?.sync_all()
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::Secret;

    #[test]
    fn made_once_for_its_owner_alone_and_read_from_then_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data/secret.key");
        let (first, created) = Secret::open_or_create(&path).unwrap();
        assert!(created);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let (second, created) = Secret::open_or_create(&path).unwrap();
        assert!(!created);
        assert_eq!(first.fingerprint(), second.fingerprint());
        assert_eq!(fs::read_dir(folder.path().join("data")).unwrap().count(), 1);
    }

    #[test]
    fn after_a_rotation_old_links_open_and_new_ones_use_the_new_key() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret.key");
        let (before, _) = Secret::open_or_create(&path).unwrap();
        let old = before.seal_token(b"old");
        assert_eq!(Secret::add_keys(&path, Timestamp::UNIX_EPOCH).unwrap(), 1);
        let (after, created) = Secret::open_or_create(&path).unwrap();
        assert!(!created);
        assert_eq!(before.fingerprint(), after.fingerprint());
        assert_eq!(after.open_token(&old).as_deref(), Some(&b"old"[..]));
        after.seal_with(1).unwrap();
        let new = after.seal_token(b"new");
        assert_eq!(before.open_token(&new), None);
        before.refresh().unwrap();
        assert_eq!(before.open_token(&new).as_deref(), Some(&b"new"[..]));
        assert_eq!(Secret::add_keys(&path, Timestamp::UNIX_EPOCH).unwrap(), 2);
        let (last, _) = Secret::open_or_create(&path).unwrap();
        assert_eq!(last.open_token(&new).as_deref(), Some(&b"new"[..]));
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn data_keys_come_and_go() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret.key");
        let (secret, _) = Secret::open_or_create(&path).unwrap();
        for _ in 0..3 {
            Secret::add_keys(&path, Timestamp::UNIX_EPOCH).unwrap();
        }
        assert!(Secret::drop_data_key(&path, 2).unwrap());
        assert!(!Secret::drop_data_key(&path, 2).unwrap());
        assert!(!Secret::drop_data_key(&path, 0).unwrap(), "it is in no line");
        secret.refresh().unwrap();
        let ids: Vec<u8> = secret.data_keys().iter().map(|key| key.id).collect();
        assert_eq!(ids, [0, 1, 3]);
        assert_eq!(Secret::add_keys(&path, Timestamp::UNIX_EPOCH).unwrap(), 4, "never used again");
    }

    #[test]
    fn a_file_that_everybody_can_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret.key");
        Secret::open_or_create(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        let error = format!("{:#}", Secret::open_or_create(&path).unwrap_err());
        assert!(error.contains("chmod 600"), "{error}");
    }

    #[test]
    fn a_damaged_file_is_an_error_that_names_the_line_and_not_the_key() {
        let key = "ab".repeat(32);
        for (text, expected) in [
            (String::new(), "no `secret` line"),
            ("secret".into(), "line 1"),
            ("secret abab".into(), "line 1: a key is 64 hex digits"),
            (format!("secret {key}\nsecret {key}"), "line 2 is not"),
            (format!("secret {key}\nlink 0 {key}"), "line 2: ids"),
            (format!("secret {key}\nlink 2 {key}\nlink 2 {key}"), "line 3: ids"),
            (format!("secret {key}\nlink 300 {key}"), "line 2: the key's id"),
            (format!("secret {key}\ndata 1 {key}"), "line 2 is not"),
            (format!("secret {key}\ndata 1 {key} then"), "line 2: the date"),
            (format!("secret {key}\ndata 0 {key} 2026-01-01T00:00:00Z"), "line 2: ids"),
            (format!("{key}\n"), "line 1 is not"),
        ] {
            let error = format!("{:#}", parse(&text).err().unwrap());
            assert!(error.contains(expected), "{error}");
            assert!(!error.contains("abab"), "{error}");
        }
        assert_eq!(parse(&format!("\n# x\n secret {key}\n")).unwrap().master, [0xab; 32]);
    }
}
