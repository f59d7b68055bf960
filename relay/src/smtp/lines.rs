//! Command lines out of a buffer. Only CRLF ends one (RFC 5321 §2.3.8).

use memchr::memchr;

/// What the buffer begins with.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Line<'a> {
    /// Without its CRLF.
    Whole(&'a [u8]),
    /// Read over to its end.
    TooLong,
    /// It ended with LF alone.
    BareLf,
    /// Its end has not come yet.
    Partial,
}

/// Takes a line off `input`. `overlong` carries from call to call that the line being read is
/// too long already and is not kept.
pub fn take<'a>(input: &mut &'a [u8], octets_max: usize, overlong: &mut bool) -> Line<'a> {
    let Some(end) = memchr(b'\n', input) else {
        if *overlong || input.len() > octets_max {
            *overlong = true;
            *input = b"";
        }
        return Line::Partial;
    };
    let (line, rest) = input.split_at_checked(end + 1).unwrap_or((*input, b""));
    *input = rest;
    if std::mem::take(overlong) || line.len() > octets_max {
        return Line::TooLong;
    }
    match line.strip_suffix(b"\r\n") {
        Some(line) => Line::Whole(line),
        None => Line::BareLf,
    }
}
