//! How a file is written: a table or JSON, its encoding, its delimiter, its digest. Found by reading
//! all of it once.

use std::{
    fs::File,
    io::{BufRead, BufReader, ErrorKind, Read},
    path::Path,
};

use super::Fault;
use crate::seal::Digest;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Dialect {
    pub kind: Kind,
    pub utf8: bool,
    /// Bytes of a byte order mark at the start.
    pub mark: u64,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    Table { delimiter: u8 },
    Json,
}

/// What one reading of the whole file tells.
pub(super) struct Sniffed {
    /// The file's own, without its folder.
    pub name: String,
    pub dialect: Dialect,
    pub bytes: u64,
    pub sha256: [u8; 32],
}

pub(super) fn sniff(path: &Path) -> Result<Sniffed, Fault> {
    let mut file = BufReader::with_capacity(CHUNK, File::open(path).map_err(Fault::File)?);
    let head = file.fill_buf().map_err(Fault::File)?;
    if head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]) || head.contains(&0) {
        return Err(Fault::NotText);
    }
    let mark: u64 = if head.starts_with(&[0xef, 0xbb, 0xbf]) { 3 } else { 0 };
    let text = head.get(usize::from(mark == 3) * 3..).unwrap_or_default();
    let first = text.split(|byte| matches!(byte, b'\n' | b'\r')).next().unwrap_or_default();
    let kind = match text.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'{' | b'[') => Kind::Json,
        Some(_) | None => Kind::Table { delimiter: delimiter(first) },
    };
    let Whole { utf8, bytes, sha256 } = read(&mut file).map_err(Fault::File)?;
    if kind == Kind::Json && !utf8 {
        return Err(Fault::NotText);
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(Sniffed { name, dialect: Dialect { kind, utf8, mark }, bytes, sha256 })
}

/// The one that the header has most of, outside quotes.
fn delimiter(header: &[u8]) -> u8 {
    let mut quoted = false;
    let mut counts = [(b',', 0u32), (b';', 0), (b'\t', 0)];
    for byte in header {
        quoted ^= *byte == b'"';
        for (delimiter, count) in &mut counts {
            *count += u32::from(!quoted && byte == delimiter);
        }
    }
    // The first of equals: a file of one column has none of them.
    counts
        .into_iter()
        .rev()
        .max_by_key(|(_, count)| *count)
        .map_or(b',', |(delimiter, _)| delimiter)
}

struct Whole {
    utf8: bool,
    bytes: u64,
    sha256: [u8; 32],
}

/// To the end; a character may lie across two pieces.
fn read(file: &mut impl Read) -> std::io::Result<Whole> {
    let mut piece = vec![0; CHUNK];
    let mut digest = Digest::new();
    let (mut kept, mut bytes, mut utf8) = (0, 0, true);
    loop {
        let read = match file.read(piece.get_mut(kept..).unwrap_or_default()) {
            Ok(0) => {
                return Ok(Whole { utf8: utf8 && kept == 0, bytes, sha256: digest.finish() });
            }
            Ok(read) => read,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        bytes += read as u64;
        digest.update(piece.get(kept..kept + read).unwrap_or_default());
        if !utf8 {
            continue;
        }
        let filled = piece.get(..kept + read).unwrap_or_default();
        kept = match std::str::from_utf8(filled) {
            Ok(_) => 0,
            Err(error) if error.error_len().is_none() => {
                let valid = error.valid_up_to();
                let rest = filled.len() - valid;
                piece.copy_within(valid..valid + rest, 0);
                rest
            }
            Err(_) => {
                utf8 = false;
                0
            }
        };
    }
}

const CHUNK: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal;

    #[test]
    fn the_delimiter_is_what_the_header_has_most_of() {
        let cases: [(&[u8], u8); 5] = [
            (b"email,name", b','),
            (b"email;name;note", b';'),
            (b"email\tname", b'\t'),
            (b"\"a;b;c\",d", b','),
            (b"email", b','),
        ];
        for (header, expected) in cases {
            assert_eq!(delimiter(header), expected, "{}", String::from_utf8_lossy(header));
        }
    }

    #[test]
    fn a_character_across_two_pieces_is_no_fault() {
        let told = |bytes: &[u8]| {
            let read = read(&mut &*bytes).unwrap();
            assert_eq!(read.sha256, seal::digest(bytes), "all of it is in the digest");
            (read.utf8, read.bytes)
        };
        for text in ["ž".repeat(CHUNK), format!("a{}", "ž".repeat(CHUNK))] {
            assert_eq!(told(text.as_bytes()), (true, text.len() as u64));
        }
        let mut windows = vec![b'a'; CHUNK];
        windows.push(0x9e);
        windows.extend(vec![b'b'; CHUNK]);
        assert_eq!(told(&windows), (false, windows.len() as u64));
    }

    #[test]
    fn a_bracket_begins_json_and_everything_else_a_table() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let table = |delimiter| Kind::Table { delimiter };
        for (text, expected) in [
            ("\u{feff}\n {\"a\":1}", Kind::Json),
            ("[]", Kind::Json),
            ("email;name\n", table(b';')),
            ("", table(b',')),
        ] {
            std::fs::write(&path, text).unwrap();
            assert_eq!(sniff(&path).unwrap().dialect.kind, expected, "{text}");
        }
        std::fs::write(&path, b"{\"a\":\"\xe1\"}").unwrap();
        assert!(matches!(sniff(&path), Err(Fault::NotText)));
    }
}
