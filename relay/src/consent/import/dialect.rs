//! How a file is written: encoding and delimiter, found by looking at all of it once.

use std::{
    fs::File,
    io::{BufRead, BufReader, ErrorKind, Read},
    path::Path,
};

use super::Fault;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Dialect {
    pub utf8: bool,
    /// Bytes of a byte order mark at the start.
    pub mark: u64,
    pub delimiter: u8,
}

/// The dialect and the file's length in bytes.
pub(super) fn sniff(path: &Path) -> Result<(Dialect, u64), Fault> {
    let mut file = BufReader::with_capacity(CHUNK, File::open(path).map_err(Fault::File)?);
    let head = file.fill_buf().map_err(Fault::File)?;
    if head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]) || head.contains(&0) {
        return Err(Fault::NotText);
    }
    let mark = if head.starts_with(&[0xef, 0xbb, 0xbf]) { 3 } else { 0 };
    let first = head.split(|byte| matches!(byte, b'\n' | b'\r')).next().unwrap_or_default();
    let delimiter = delimiter(first);
    let (utf8, length) = is_utf8(&mut file).map_err(Fault::File)?;
    Ok((Dialect { utf8, mark, delimiter }, length))
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

/// Reads to the end; a character may lie across two pieces.
fn is_utf8(file: &mut impl Read) -> std::io::Result<(bool, u64)> {
    let mut piece = vec![0; CHUNK];
    let (mut kept, mut length, mut utf8) = (0, 0, true);
    loop {
        let read = match file.read(piece.get_mut(kept..).unwrap_or_default()) {
            Ok(0) => return Ok((utf8 && kept == 0, length)),
            Ok(read) => read,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        length += read as u64;
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
        for (text, expected) in
            [("ž".repeat(CHUNK), true), (format!("a{}", "ž".repeat(CHUNK)), true)]
        {
            assert_eq!(is_utf8(&mut text.as_bytes()).unwrap(), (expected, text.len() as u64));
        }
        let mut windows = vec![b'a'; CHUNK];
        windows.push(0x9e);
        assert_eq!(is_utf8(&mut windows.as_slice()).unwrap(), (false, windows.len() as u64));
    }
}
