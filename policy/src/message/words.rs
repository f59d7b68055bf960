//! Header values as a person reads them: unfolded, encoded words decoded (RFC 2047).
//!
//! Read as leniently as common readers do (a word in the middle of a text, spaces inside one,
//! a character split over two), because what counts is what the recipient sees.

use std::borrow::Cow;

use memchr::memmem;

use super::{body, charset};

/// Bytes looked at for the end of one word. RFC 2047 allows 75; without a limit a hostile field
/// would cost quadratic time.
const WORD_BYTES_MAX: usize = 4_096;

pub(super) fn decode(raw: &[u8], fallback: &str) -> String {
    // As most fields are written: nothing to decode, to unfold or to leave out.
    if raw.iter().all(|byte| matches!(byte, b' '..=b'~'))
        && !raw.array_windows().any(|two| two == b"=?")
        && let Ok(plain) = std::str::from_utf8(raw.trim_ascii())
    {
        return plain.to_owned();
    }
    decode_words(raw, fallback)
}

fn decode_words(raw: &[u8], fallback: &str) -> String {
    let mut text = Reader { text: String::with_capacity(raw.len()), word: None, fallback };
    let mut rest = raw;
    while let Some(at) = memmem::find(rest, b"=?") {
        let (before, from) = rest.split_at(at);
        match word(from) {
            Some((word, length)) => {
                text.plain(before, true);
                text.word(word);
                rest = from.get(length..).unwrap_or_default();
            }
            None => {
                let (both, after) = rest.split_at(at + 2);
                text.plain(both, false);
                rest = after;
            }
        }
    }
    text.plain(rest, false);
    text.finish()
}

struct Word<'a> {
    charset: &'a str,
    bytes: Vec<u8>,
}

/// `=?charset*language?q?text?=` and its length.
fn word(from: &[u8]) -> Option<(Word<'_>, usize)> {
    let from = from.get(..WORD_BYTES_MAX).unwrap_or(from);
    let label_end = 2 + memchr::memchr(b'?', from.get(2..)?)?;
    let label = std::str::from_utf8(from.get(2..label_end)?).ok()?;
    let label = label.split_once('*').map_or(label, |(label, _)| label);
    if label.is_empty() || !label.bytes().all(|b| b.is_ascii_graphic()) {
        return None;
    }
    let (kind, mark) = (from.get(label_end + 1)?, from.get(label_end + 2)?);
    if *mark != b'?' {
        return None;
    }
    let begin = label_end + 3;
    let end = begin + memmem::find(from.get(begin..)?, b"?=")?;
    let coded = from.get(begin..end)?;
    let bytes = match kind {
        b'b' | b'B' => body::base64(coded),
        b'q' | b'Q' => quoted(coded),
        _ => return None,
    };
    Some((Word { charset: label, bytes }, end + 2))
}

/// The `Q` encoding (RFC 2047 §4.2).
fn quoted(coded: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(coded.len());
    let mut at = 0;
    while let Some(&byte) = coded.get(at) {
        at += 1;
        match byte {
            b'_' => bytes.push(b' '),
            b'=' => match body::hex_pair(coded.get(at..)) {
                Some(byte) => {
                    bytes.push(byte);
                    at += 2;
                }
                None => bytes.push(b'='),
            },
            b'\r' | b'\n' => {}
            other => bytes.push(other),
        }
    }
    bytes
}

struct Reader<'a> {
    text: String,
    /// The words read last, not yet decoded: the next may continue a character.
    word: Option<Word<'a>>,
    fallback: &'a str,
}

impl<'a> Reader<'a> {
    /// Text outside words. White space between two words is not shown (RFC 2047 §6.2).
    fn plain(&mut self, raw: &[u8], word_follows: bool) {
        let blank = raw.iter().all(u8::is_ascii_whitespace);
        if blank && word_follows && self.word.is_some() {
            return;
        }
        self.flush();
        if raw.is_ascii() {
            self.push(&String::from_utf8_lossy(raw));
            return;
        }
        let read = match std::str::from_utf8(raw) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => charset::decode(Cow::Borrowed(raw), self.fallback)
                .or_else(|| charset::decode(Cow::Borrowed(raw), ""))
                .map(|(text, _)| text)
                .unwrap_or_default(),
        };
        self.push(&read);
    }

    fn word(&mut self, word: Word<'a>) {
        match &mut self.word {
            Some(last) if last.charset.eq_ignore_ascii_case(word.charset) => {
                last.bytes.extend_from_slice(&word.bytes);
            }
            Some(_) | None => {
                self.flush();
                self.word = Some(word);
            }
        }
    }

    fn flush(&mut self) {
        let Some(word) = self.word.take() else { return };
        let bytes = Cow::Owned(word.bytes);
        let read = charset::decode(bytes, word.charset).map(|(text, _)| text.into_owned());
        // A charset nobody knows is shown by readers as signs that stand for nothing.
        self.push(read.as_deref().unwrap_or("\u{fffd}"));
    }

    /// Line ends go, other control characters become spaces.
    fn push(&mut self, text: &str) {
        if !text.chars().any(char::is_control) {
            self.text.push_str(text);
            return;
        }
        for c in text.chars() {
            match c {
                '\r' | '\n' => {}
                c if c.is_control() => self.text.push(' '),
                c => self.text.push(c),
            }
        }
    }

    fn finish(mut self) -> String {
        self.flush();
        let trimmed = self.text.trim();
        if trimmed.len() == self.text.len() { self.text } else { trimmed.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_plain_is_decoded_to_the_same() {
        for raw in [
            "",
            " ",
            " a",
            "a  ",
            " a = ? b ",
            "=",
            "=?",
            "a=?utf-8?q?b?=",
            "a\r\n b",
            "~",
            "\u{7f}",
            "a\tb",
            "\u{a0}x ",
            "<https://a.cz/u?x=1>, <mailto:a@b.cz>",
            "List-Unsubscribe=One-Click",
        ] {
            assert_eq!(decode(raw.as_bytes(), ""), decode_words(raw.as_bytes(), ""), "{raw:?}");
        }
    }

    #[test]
    fn words_are_read_as_readers_show_them() {
        for (raw, text) in [
            (" Hello", "Hello"),
            ("", ""),
            (" a\r\n b", "a b"),
            ("=?utf-8?Q?P=C5=99=C3=ADli=C5=A1_x?=", "Příliš x"),
            ("=?UTF-8?B?UMWZw61sacWh?=", "Příliš"),
            ("=?iso-8859-2?q?P=F8=EDli=B9?=", "Příliš"),
            ("=?windows-1250?Q?P=F8=EDli=9A?=", "Příliš"),
            ("=?utf-8*cs?Q?=C5=99?=", "ř"),
            ("=?utf-8?Q?a?= =?utf-8?Q?b?=", "ab"),
            ("=?utf-8?Q?a?=\r\n =?utf-8?Q?b?= c", "ab c"),
            ("=?utf-8?Q?a?= x =?utf-8?Q?b?=", "a x b"),
            ("=?utf-8?Q?P=C5?= =?utf-8?Q?=99?=", "Př"),
            ("=?utf-8?B?xQ==?= =?utf-8?B?mQ==?=", "ř"),
            ("[OS]=?utf-8?Q?=C5=99?=!", "[OS]ř!"),
            ("=?utf-8?Q?a b?=", "a b"),
            ("=?utf-8?Q?=3D=41?=", "=A"),
            ("=?utf-8?Q??=", ""),
            ("=?utf-8?X?a?=", "=?utf-8?X?a?="),
            ("=?utf-8?Q?open", "=?utf-8?Q?open"),
            ("=?x-nonsense?Q?a?=", "\u{fffd}"),
            ("Příliš", "Příliš"),
            ("=?utf-8?Q?a=0D=0AX:_b?=", "aX: b"),
            ("5 =? 3", "5 =? 3"),
        ] {
            assert_eq!(decode(raw.as_bytes(), ""), text, "{raw}");
        }
        assert_eq!(decode(&[b'P', 0xf8], "windows-1250"), "Př");
    }

    #[test]
    fn a_hostile_field_costs_no_more_than_its_length() {
        let field = "=?a?q?x".repeat(10_000);
        assert_eq!(decode(field.as_bytes(), "").len(), field.len());
    }
}
