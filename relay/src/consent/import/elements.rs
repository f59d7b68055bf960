//! Objects of a JSON file, one at a time (RFC 8259), each with the number of its first line: of a
//! list, of lines of JSON, or of the list inside an answer of an API (`{"data": [...]}`).
//!
//! Bounded: what is read is one object; everything else is passed over byte by byte. What an object
//! says is parsed by others.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Seek, SeekFrom},
    path::Path,
};

use super::lines::Unread;

pub(super) struct Elements {
    file: BufReader<File>,
    shape: Shape,
    line: u64,
    bytes: u64,
    over: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Shape {
    /// Objects one after another.
    Lines,
    List,
    /// The list stands in an object.
    Wrapped,
}

/// One object, as it stands in the file.
#[derive(Debug)]
pub(super) struct Element {
    pub line: u64,
    pub text: String,
}

/// What ends the reading: in a list nobody can tell where the next object begins.
#[derive(Debug)]
pub(super) struct Broken {
    pub line: u64,
    pub why: &'static str,
}

/// What comes next, or why nothing more does.
pub(super) type Next = Result<Option<Result<Element, Unread>>, Stop>;

#[derive(Debug)]
pub(super) enum Stop {
    File(io::Error),
    Broken(Broken),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::File(error)
    }
}

impl Elements {
    /// From the start, or from where an earlier reading stopped between two objects.
    pub(super) fn open(path: &Path, mark: u64, from: Option<(u64, u64)>) -> Result<Self, Stop> {
        let mut file = BufReader::with_capacity(CHUNK, File::open(path)?);
        file.seek(SeekFrom::Start(mark))?;
        let shape = shape(file.fill_buf()?);
        let mut this = Self { file, shape, line: 1, bytes: mark, over: false };
        match from {
            Some((bytes, line)) => {
                this.file.seek(SeekFrom::Start(bytes))?;
                (this.bytes, this.line) = (bytes, line);
            }
            None => this.enter()?,
        }
        Ok(this)
    }

    /// How far into the file this is, and in which line.
    pub(super) fn place(&self) -> (u64, u64) {
        (self.bytes, self.line)
    }

    pub(super) fn next(&mut self) -> Next {
        while !self.over {
            match self.peek()? {
                None if self.shape == Shape::Lines => self.over = true,
                None => return Err(self.broken("the file ends inside its list")),
                Some(b'{') => return self.element(),
                Some(b']') if self.shape != Shape::Lines => self.over = true,
                Some(byte) if byte.is_ascii_whitespace() || byte == b',' => self.bump(),
                Some(_) if self.shape == Shape::Lines => {
                    let line = self.line;
                    let text = self.rest_of_line()?;
                    return Ok(Some(Err(Unread { line, why: "no object of JSON", text })));
                }
                Some(_) => return Err(self.broken("something that is no object")),
            }
        }
        Ok(None)
    }

    fn element(&mut self) -> Next {
        let (line, mut text, mut depth) = (self.line, Vec::new(), 0u32);
        let (mut quoted, mut escaped) = (false, false);
        loop {
            let Some(byte) = self.peek()? else {
                return self.unread(line, "the file ends inside it", &text);
            };
            if quoted && byte == b'\n' {
                return self.unread(line, "a line ends inside a text", &text);
            }
            self.bump();
            // Of one that is too long the first bytes name it.
            if text.len() <= ELEMENT_MAX {
                text.push(byte);
            }
            match byte {
                _ if escaped => escaped = false,
                b'\\' if quoted => escaped = true,
                b'"' => quoted = !quoted,
                _ if quoted => {}
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
        if text.len() > ELEMENT_MAX {
            let why = "the record is longer than 1 MiB";
            return Ok(Some(Err(Unread { line, why, text: begin(&text) })));
        }
        let text = String::from_utf8_lossy(&text).into_owned();
        Ok(Some(Ok(Element { line, text })))
    }

    /// One of several lines costs itself; one of a list costs the rest.
    fn unread(&mut self, line: u64, why: &'static str, text: &[u8]) -> Next {
        if self.shape != Shape::Lines {
            return Err(Stop::Broken(Broken { line, why }));
        }
        self.rest_of_line()?;
        Ok(Some(Err(Unread { line, why, text: begin(text) })))
    }

    /// To the first object.
    fn enter(&mut self) -> Result<(), Stop> {
        match self.shape {
            Shape::Lines => Ok(()),
            Shape::List => {
                self.space()?;
                self.bump();
                Ok(())
            }
            Shape::Wrapped => self.unwrap(),
        }
    }

    /// Passes over what stands before the list.
    fn unwrap(&mut self) -> Result<(), Stop> {
        let mut depth = 0u32;
        loop {
            match self.space()? {
                None => return Err(self.broken("the file ends before its list")),
                Some(b'{') => {
                    depth += 1;
                    self.bump();
                }
                Some(b',') => self.bump(),
                Some(b'}') => {
                    depth = depth.saturating_sub(1);
                    self.bump();
                    if depth == 0 {
                        return Err(self.broken("it has no list of records"));
                    }
                }
                Some(b'"') => {
                    let name = self.text()?;
                    if self.space()? != Some(b':') {
                        return Err(self.broken("a name without a value"));
                    }
                    self.bump();
                    let wraps = WRAPPERS.iter().any(|known| known.as_bytes() == name);
                    match self.space()? {
                        Some(b'[') if wraps => {
                            self.bump();
                            return Ok(());
                        }
                        Some(b'{') if wraps => {}
                        _ => self.pass()?,
                    }
                }
                Some(_) => return Err(self.broken("something that is no name")),
            }
        }
    }

    /// Passes over one value.
    fn pass(&mut self) -> Result<(), Stop> {
        let mut depth = 0u32;
        loop {
            match self.peek()? {
                None => return Err(self.broken("the file ends inside a value")),
                Some(b'"') => drop(self.text()?),
                Some(b'{' | b'[') => {
                    depth += 1;
                    self.bump();
                }
                Some(b',' | b'}' | b']') if depth == 0 => return Ok(()),
                Some(b'}' | b']') => {
                    depth -= 1;
                    self.bump();
                }
                Some(_) => self.bump(),
            }
        }
    }

    /// A text with its escapes; of a long one the beginning.
    fn text(&mut self) -> Result<Vec<u8>, Stop> {
        let (mut text, mut escaped) = (Vec::new(), false);
        self.bump();
        loop {
            let Some(byte) = self.peek()? else {
                return Err(self.broken("the file ends inside a text"));
            };
            self.bump();
            match byte {
                b'"' if !escaped => return Ok(text),
                _ => escaped = byte == b'\\' && !escaped,
            }
            if text.len() < 256 {
                text.push(byte);
            }
        }
    }

    /// Past white space; what follows.
    fn space(&mut self) -> io::Result<Option<u8>> {
        loop {
            match self.peek()? {
                Some(byte) if byte.is_ascii_whitespace() => self.bump(),
                other => return Ok(other),
            }
        }
    }

    fn rest_of_line(&mut self) -> io::Result<String> {
        let mut text = Vec::new();
        while let Some(byte) = self.peek()? {
            self.bump();
            if byte == b'\n' {
                break;
            }
            if text.len() < BEGIN {
                text.push(byte);
            }
        }
        Ok(begin(&text))
    }

    fn peek(&mut self) -> io::Result<Option<u8>> {
        Ok(self.file.fill_buf()?.first().copied())
    }

    /// Past the byte that was looked at.
    fn bump(&mut self) {
        self.line += u64::from(self.file.buffer().first() == Some(&b'\n'));
        self.file.consume(1);
        self.bytes += 1;
    }

    fn broken(&self, why: &'static str) -> Stop {
        Stop::Broken(Broken { line: self.line, why })
    }
}

/// By the first bytes: a list, an object that wraps one, or objects one after another.
fn shape(head: &[u8]) -> Shape {
    let text = head.trim_ascii_start();
    if text.starts_with(b"[") {
        return Shape::List;
    }
    let (mut depth, mut quoted, mut escaped, mut from) = (0i32, false, false, 0);
    let mut name: &[u8] = &[];
    for (at, byte) in text.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => {
                quoted = !quoted;
                if quoted {
                    from = at + 1;
                } else if depth == 1 {
                    name = text.get(from..at).unwrap_or_default();
                }
            }
            _ if quoted => {}
            b'{' | b'[' => {
                if depth == 1 && WRAPPERS.iter().any(|known| known.as_bytes() == name) {
                    return Shape::Wrapped;
                }
                depth += 1;
            }
            b'}' | b']' => depth -= 1,
            b',' if depth == 1 => name = &[],
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    Shape::Lines
}

fn begin(text: &[u8]) -> String {
    String::from_utf8_lossy(text.get(..BEGIN).unwrap_or(text)).into_owned()
}

/// Bytes of one object at most.
const ELEMENT_MAX: usize = 1024 * 1024;
/// What is shown of one that was not read.
const BEGIN: usize = 200;
const CHUNK: usize = 64 * 1024;
/// What answers of APIs call the list of their records.
const WRAPPERS: [&str; 5] = ["data", "results", "members", "subscribers", "contacts"];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    /// Lines and texts of the objects; `!line` where one is not read, `broken` where it ends.
    fn read(text: &str) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        std::fs::write(&path, text).unwrap();
        let broken = |stop: Stop| match stop {
            Stop::Broken(broken) => format!("broken {}", broken.line),
            Stop::File(error) => panic!("{error}"),
        };
        let mut elements = match Elements::open(&path, 0, None) {
            Ok(elements) => elements,
            Err(stop) => return vec![broken(stop)],
        };
        let mut all = Vec::new();
        loop {
            let (bytes, line) = elements.place();
            match elements.next() {
                Ok(None) => return all,
                Ok(Some(Ok(one))) => all.push(format!("{} {}", one.line, one.text)),
                Ok(Some(Err(unread))) => all.push(format!("!{}", unread.line)),
                Err(stop) => {
                    all.push(broken(stop));
                    return all;
                }
            }
            // Going on from any place between two objects reads the same.
            let mut again = Elements::open(&path, 0, Some((bytes, line))).unwrap();
            if let Ok(Some(Ok(one))) = again.next() {
                assert_eq!(all.last().unwrap(), &format!("{} {}", one.line, one.text));
            }
        }
    }

    #[test]
    fn objects_are_found_wherever_they_stand() {
        for (text, expected) in [
            ("", vec![]),
            ("[]", vec![]),
            ("[ {\"a\":1},\n{\"b\":[{}]} ]", vec!["1 {\"a\":1}", "2 {\"b\":[{}]}"]),
            ("{\"a\":\"}{\\\"\"}\n\n{\"b\":1}", vec!["1 {\"a\":\"}{\\\"\"}", "3 {\"b\":1}"]),
            (
                "{\"status\":\"ok\",\"meta\":[{\"x\":\"]\"}],\"data\":[{\"a\":1}],\"n\":2}",
                vec!["1 {\"a\":1}"],
            ),
            ("{\"data\":{\"query\":\"\",\"results\":\n[{\"a\":1}]}}", vec!["2 {\"a\":1}"]),
            (
                "{\"grants\":[{\"data\":1}],\"x\":{\"data\":[1]}}",
                vec!["1 {\"grants\":[{\"data\":1}],\"x\":{\"data\":[1]}}"],
            ),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn whatever_stands_in_them_objects_are_those_that_were_written(
            texts in proptest::collection::vec("[a\"{}\\[\\],:\\\\\n\u{e1}]{0,8}", 0..5),
            pretty: bool,
            wrapped: bool,
        ) {
            let object = |text: &String| json!({ "a": text, "b": [{ (text.as_str()): [[]] }] });
            let list: Vec<Value> = texts.iter().map(object).collect();
            let all = if wrapped { json!({ "x": list, "data": list }) } else { json!(list) };
            let written = if pretty { format!("{all:#}") } else { all.to_string() };
            let found: Vec<Value> = read(&written)
                .iter()
                .map(|one| serde_json::from_str(one.split_once(' ').unwrap().1).unwrap())
                .collect();
            prop_assert_eq!(&found, &list);
            let lines: String = list.iter().map(|one| format!("{one}\n")).collect();
            prop_assert_eq!(read(&lines).len(), list.len());
        }
    }

    #[test]
    fn what_is_broken_costs_its_line_or_the_rest_of_its_list() {
        for (text, expected) in [
            ("{\"a\":\"x\n{\"b\":1}", vec!["!1", "2 {\"b\":1}"]),
            ("null\n{\"b\":1}\n{", vec!["!1", "2 {\"b\":1}", "!3"]),
            ("[{\"a\":1},\n{\"b\":\"", vec!["1 {\"a\":1}", "broken 2"]),
            ("[{\"a\":1} 7]", vec!["1 {\"a\":1}", "broken 1"]),
            ("[{\"a\":1},", vec!["1 {\"a\":1}", "broken 1"]),
            ("{\"data\":{\"x\":1}}", vec!["broken 1"]),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
        let long = format!("{{\"a\":\"{}\"}}\n{{\"b\":1}}", "x".repeat(ELEMENT_MAX));
        assert_eq!(read(&long), ["!1", "2 {\"b\":1}"]);
    }
}
