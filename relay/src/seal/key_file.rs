//! The key file: the master secret and the link keys, as text of a few lines, for its owner alone.
//!
//! ```text
//! # comment
//! secret 3b0c...   64 hex digits: everything else is derived from it
//! link 1 91fe...   a link key made by a rotation; the last one makes new links
//! ```

use std::{
    fs,
    io::{self, Write as _},
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};

use super::{from_hex, hex, random};

const HEAD: &str = "# The secret of this Souhlas installation. Back it up with the database and show it \
to nobody:\n# without it refusals of erased people are not found and links in sent messages end.\n";

pub(super) struct KeyFile {
    pub(super) master: [u8; 32],
    /// Ids from 1, the newest last.
    pub(super) links: Vec<(u8, [u8; 32])>,
}

/// Two that start together get the same file: the first one's.
pub(super) fn open_or_create(path: &Path) -> anyhow::Result<(KeyFile, bool)> {
    if path.try_exists().with_context(|| format!("cannot look for `{}`", path.display()))? {
        return Ok((read(path)?, false));
    }
    let folder = folder_of(path);
    fs::create_dir_all(folder)
        .with_context(|| format!("cannot make the folder `{}`", folder.display()))?;
    let text = format!("{HEAD}secret {}\n", hex(&random::<32>()));
    let made = write_new(path, &text, |new, path| fs::hard_link(new, path));
    match made {
        Ok(()) => Ok((read(path)?, true)),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok((read(path)?, false)),
        Err(error) => Err(error).with_context(|| format!("cannot write `{}`", path.display())),
    }
}

pub(super) fn rotate_links(path: &Path) -> anyhow::Result<()> {
    let keys = read(path)?;
    let last = keys.links.last().map_or(0, |(id, _)| *id);
    let Some(id) = last.checked_add(1) else {
        bail!("`{}` has 255 link keys: remove the oldest lines", path.display());
    };
    let mut text = fs::read_to_string(path)?;
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text.push_str(&format!("link {id} {}\n", hex(&random::<32>())));
    write_new(path, &text, |new, path| fs::rename(new, path))
        .with_context(|| format!("cannot write `{}`", path.display()))
}

fn read(path: &Path) -> anyhow::Result<KeyFile> {
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
            _ => bail!("line {number} is neither `secret KEY` nor `link ID KEY`"),
        }
    }
    Ok(KeyFile { master: master.context("there is no `secret` line")?, links })
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
        Secret::rotate_links(&path).unwrap();
        let (after, created) = Secret::open_or_create(&path).unwrap();
        assert!(!created);
        assert_eq!(before.fingerprint(), after.fingerprint());
        assert_eq!(after.open_token(&old).as_deref(), Some(&b"old"[..]));
        let new = after.seal_token(b"new");
        assert_eq!(before.open_token(&new), None);
        Secret::rotate_links(&path).unwrap();
        let (last, _) = Secret::open_or_create(&path).unwrap();
        assert_eq!(last.open_token(&new).as_deref(), Some(&b"new"[..]));
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
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
            (format!("secret {key}\nsecret {key}"), "line 2 is neither"),
            (format!("secret {key}\nlink 0 {key}"), "line 2: ids"),
            (format!("secret {key}\nlink 2 {key}\nlink 2 {key}"), "line 3: ids"),
            (format!("secret {key}\nlink 300 {key}"), "line 2: the key's id"),
            (format!("{key}\n"), "line 1 is neither"),
        ] {
            let error = format!("{:#}", parse(&text).err().unwrap());
            assert!(error.contains(expected), "{error}");
            assert!(!error.contains("abab"), "{error}");
        }
        assert_eq!(parse(&format!("\n# x\n secret {key}\n")).unwrap().master, [0xab; 32]);
    }
}
