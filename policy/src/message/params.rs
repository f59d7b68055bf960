//! Values with parameters: Content-Type, Content-Disposition (RFC 2045 §5.1, RFC 2231).

use std::borrow::Cow;

use crate::text::percent;

/// `text/html; charset=utf-8` taken apart.
#[derive(Debug, Default, Eq, PartialEq)]
pub(super) struct Value {
    /// Lower case, without white space and comments.
    pub(super) main: String,
    /// Names in lower case, in order; continuations not yet joined.
    params: Vec<(String, String)>,
}

impl Value {
    pub(super) fn of(raw: &[u8]) -> Self {
        let mut scan = Scan { rest: raw };
        let mut main = scan.until_semicolon();
        main.make_ascii_lowercase();
        let mut params = Vec::new();
        while params.len() < PARAMS_MAX {
            let Some((mut name, value)) = scan.param() else { break };
            if !name.is_empty() {
                name.make_ascii_lowercase();
                params.push((name, value));
            }
        }
        Self { main, params }
    }

    /// The parameter's value; parts of it (`name*0=`, `name*1*=`) joined and percent signs
    /// decoded (RFC 2231).
    pub(super) fn param(&self, name: &str) -> Option<Cow<'_, str>> {
        if let Some((_, value)) = self.params.iter().find(|(n, _)| n == name) {
            return Some(value.into());
        }
        if !self.params.iter().any(|(n, _)| n.contains('*')) {
            return None;
        }
        let mut joined: Option<String> = None;
        let extended = format!("{name}*");
        if let Some((_, value)) = self.params.iter().find(|(n, _)| *n == extended) {
            return Some(percent::decoded(after_language(value)).into());
        }
        for index in 0..PARAMS_MAX {
            let plain = format!("{name}*{index}");
            let found = self.params.iter().find_map(|(n, value)| {
                let star = n.strip_prefix(plain.as_str())?;
                match star {
                    "" => Some(value.clone()),
                    "*" if index == 0 => Some(percent::decoded(after_language(value))),
                    "*" => Some(percent::decoded(value)),
                    _ => None,
                }
            });
            let Some(piece) = found else { break };
            joined.get_or_insert_default().push_str(&piece);
        }
        joined.map(Cow::Owned)
    }

    /// The same parameter twice: readers disagree on which counts.
    pub(super) fn repeats(&self, name: &str) -> bool {
        self.params.iter().filter(|(n, _)| n == name).count() > 1
    }
}

const PARAMS_MAX: usize = 64;
/// Room that most names and values fit in.
const WORD_BYTES: usize = 32;

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes)
        .unwrap_or_else(|bad| String::from_utf8_lossy(bad.as_bytes()).into_owned())
}

struct Scan<'a> {
    rest: &'a [u8],
}

impl Scan<'_> {
    fn next(&mut self) -> Option<u8> {
        let (&first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(first)
    }

    /// Skips a comment whose opening bracket was just read.
    fn comment(&mut self) {
        let mut depth = 1_usize;
        while let Some(byte) = self.next() {
            match byte {
                b'\\' => {
                    self.next();
                }
                b'(' => depth += 1,
                b')' if depth == 1 => return,
                b')' => depth -= 1,
                _ => {}
            }
        }
    }

    fn until_semicolon(&mut self) -> String {
        let mut bytes = Vec::with_capacity(WORD_BYTES);
        while let Some(byte) = self.next() {
            match byte {
                b';' => break,
                b'(' => self.comment(),
                b' ' | b'\t' | b'\r' | b'\n' => {}
                other => bytes.push(other),
            }
        }
        text(bytes)
    }

    fn param(&mut self) -> Option<(String, String)> {
        let mut name = Vec::with_capacity(WORD_BYTES);
        loop {
            match self.next() {
                None if name.is_empty() => return None,
                None | Some(b';') => return Some((String::new(), String::new())),
                Some(b'=') => break,
                Some(b'(') => self.comment(),
                Some(b' ' | b'\t' | b'\r' | b'\n') => {}
                Some(other) => name.push(other),
            }
        }
        let mut value = Vec::with_capacity(WORD_BYTES);
        let mut quoted = false;
        while let Some(byte) = self.next() {
            match byte {
                b'"' if quoted => {
                    self.until_semicolon();
                    break;
                }
                b'"' if value.is_empty() => quoted = true,
                b'\\' if quoted => value.extend(self.next()),
                b'\r' | b'\n' => {}
                other if quoted => value.push(other),
                b';' => break,
                b'(' if value.is_empty() => self.comment(),
                b' ' | b'\t' if value.is_empty() => {}
                // What follows white space is no part of a token.
                b' ' | b'\t' => {
                    self.until_semicolon();
                    break;
                }
                other => value.push(other),
            }
        }
        Some((text(name), text(value)))
    }
}

/// `utf-8'cs'text` without charset and language: the names we ask for are ASCII.
fn after_language(value: &str) -> &str {
    value.splitn(3, '\'').nth(2).unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_read_as_senders_write_them() {
        for (raw, main, name, value) in [
            (" text/plain", "text/plain", "charset", None),
            (" TEXT/Plain; charset=UTF-8", "text/plain", "charset", Some("UTF-8")),
            ("text/plain;charset=\"utf-8\" ;format=flowed", "text/plain", "format", Some("flowed")),
            ("text / html (c;x) ; (y) Charset = (z) utf-8", "text/html", "charset", Some("utf-8")),
            ("a/b; boundary=\"a\\\"b; c\"", "a/b", "boundary", Some("a\"b; c")),
            ("a/b; boundary=----=_Part_1:2?x", "a/b", "boundary", Some("----=_Part_1:2?x")),
            ("a/b;\r\n\tboundary=\"x\r\n y\"", "a/b", "boundary", Some("x y")),
            ("a/b; junk; boundary=x y", "a/b", "boundary", Some("x")),
            ("a/b; boundary*0=ab; boundary*1=cd", "a/b", "boundary", Some("abcd")),
            ("a/b; charset*=us-ascii'en'utf%2D8", "a/b", "charset", Some("utf-8")),
            ("a/b; n*0*=utf-8''a%20b; n*1=\"c%\"; n*2*=%zz", "a/b", "n", Some("a bc%%zz")),
            ("a/b; boundary=", "a/b", "boundary", Some("")),
            ("a/b; boundary=\"open", "a/b", "boundary", Some("open")),
            ("", "", "boundary", None),
            (";;;=;\"", "", "boundary", None),
        ] {
            let read = Value::of(raw.as_bytes());
            assert_eq!(read.main, main, "{raw}");
            assert_eq!(read.param(name).as_deref(), value, "{raw}");
        }
    }

    #[test]
    fn a_parameter_given_twice_is_noticed() {
        assert!(Value::of(b"a/b; boundary=x; Boundary=y").repeats("boundary"));
        assert!(!Value::of(b"a/b; boundary=x").repeats("boundary"));
    }
}
