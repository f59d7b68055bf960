//! The archive: a ZIP of plain files in one order, not squeezed, so that the same case is the same
//! bytes and any program on any desk opens it.
//!
//! Read with limits, and only where it is, byte for byte, what would be written.

use std::{
    collections::BTreeMap,
    io::{Cursor, Read as _, Write as _},
};

use anyhow::{Context as _, bail, ensure};
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter, write::SimpleFileOptions};

/// Names in order, and what is in them.
pub(super) type Files = BTreeMap<String, Vec<u8>>;

pub(super) fn write(files: &Files) -> anyhow::Result<Vec<u8>> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(name.as_str(), options)?;
        zip.write_all(bytes)?;
    }
    Ok(zip.finish()?.into_inner())
}

/// The error says what is wrong with which file.
pub(super) fn read(bytes: &[u8]) -> anyhow::Result<Files> {
    ensure!(bytes.len() as u64 <= SIZE_MAX, "it is longer than {SIZE_MAX} bytes");
    let mut zip = ZipArchive::new(Cursor::new(bytes)).context("it is no ZIP archive")?;
    ensure!(zip.len() <= FILES_MAX, "it has more than {FILES_MAX} files");
    let mut files = Files::new();
    let mut left = bytes.len() as u64;
    for at in 0..zip.len() {
        let mut file = zip.by_index(at).with_context(|| format!("its file number {}", at + 1))?;
        let name = file.name().context("a name that is none")?.into_owned();
        ensure!(is_plain(&name), "a file has a name that no case file has");
        // None is squeezed, so that all together are never longer than the archive.
        let is_stored = file.compression() == CompressionMethod::Stored && !file.encrypted();
        ensure!(is_stored && file.size() <= left, "`{name}` is not stored as it is");
        left = left.saturating_sub(file.size());
        let mut content = Vec::new();
        let length = file.size();
        let read = file.by_ref().take(length + 1).read_to_end(&mut content);
        read.with_context(|| format!("`{name}` cannot be read, it was changed"))?;
        ensure!(content.len() as u64 == length, "`{name}` has another length than it says");
        if files.insert(name.clone(), content).is_some() {
            bail!("`{name}` is there twice");
        }
    }
    Ok(files)
}

/// The first byte that is not what would be written of the files.
pub(super) fn strange(bytes: &[u8], files: &Files) -> anyhow::Result<Option<usize>> {
    let made = write(files)?;
    if made == bytes {
        return Ok(None);
    }
    let same = made.iter().zip(bytes).take_while(|(one, other)| one == other).count();
    Ok(Some(same))
}

fn is_plain(name: &str) -> bool {
    let letter = |letter: char| letter.is_ascii_alphanumeric() || "._-/".contains(letter);
    name.len() <= NAME_MAX && name.chars().all(letter) && !name.contains("..")
}

const SIZE_MAX: u64 = 256 << 20;
/// The seven of a case and its policies.
const FILES_MAX: usize = 1_000;
const NAME_MAX: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;

    fn files() -> Files {
        [("a.txt", "first"), ("b/c.txt", "")]
            .map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()))
            .into()
    }

    #[test]
    fn the_same_files_are_the_same_bytes_and_read_back() {
        let bytes = write(&files()).unwrap();
        // Of every release: where a library writes it otherwise, older case files look changed.
        let known = "65ac740dd522458c7bad93153f1a51ee307b5235cd842a5393588d4eac7e7829";
        assert_eq!(crate::seal::hex(&crate::seal::digest(&bytes)), known);
        let read = read(&bytes).unwrap();
        assert_eq!(read, files());
        assert_eq!(strange(&bytes, &read).unwrap(), None);
    }

    #[test]
    fn any_changed_byte_and_any_cut_is_found() {
        let bytes = write(&files()).unwrap();
        let is_whole = |bytes: &[u8]| {
            read(bytes).is_ok_and(|read| {
                read == files() && strange(bytes, &read).is_ok_and(|at| at.is_none())
            })
        };
        assert!(is_whole(&bytes));
        for at in 0..bytes.len() {
            for bit in 0..8 {
                let mut changed = bytes.clone();
                changed[at] ^= 1 << bit;
                assert!(!is_whole(&changed), "byte {at} bit {bit}");
            }
            assert!(!is_whole(&bytes[..at]), "cut at {at}");
        }
        assert!(!is_whole(&[&bytes[..], b"x"].concat()));
        assert!(!is_whole(&[b"x", &bytes[..]].concat()));
    }

    #[test]
    fn hostile_archives_are_refused() {
        let names = ["../x", "/etc/passwd/../x", "a\\b", "é", &"a".repeat(101)];
        for name in names {
            let bytes = write(&[(name.to_owned(), vec![])].into()).unwrap();
            assert!(read(&bytes).is_err(), "{name}");
        }
        let many: Files = (0..=FILES_MAX).map(|at| (format!("f{at}"), vec![])).collect();
        let error = read(&write(&many).unwrap()).unwrap_err().to_string();
        assert!(error.contains("more than"), "{error}");
        assert!(read(b"").is_err() && read(&[0x50; 4096]).is_err());
    }
}
