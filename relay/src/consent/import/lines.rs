//! Records of a CSV file, one at a time (RFC 4180), each with the number of its first line.
//!
//! Bounded: a quote that is never closed costs its own line, not the rest of the file.

use std::{
    collections::VecDeque,
    fs::File,
    io::{self, BufRead, BufReader, Read, Seek, SeekFrom},
    path::Path,
};

use super::dialect::Dialect;

pub(super) struct Lines {
    file: BufReader<File>,
    utf8: bool,
    delimiter: u8,
    parser: csv_core::Reader,
    /// The line last read, and the bytes up to its end.
    line: u64,
    bytes: u64,
    /// Read, and given back because a record did not end.
    waiting: VecDeque<Line>,
}

struct Line {
    number: u64,
    /// Where in the file it begins.
    start: u64,
    text: String,
    too_long: bool,
}

/// One record.
#[derive(Debug)]
pub(super) struct Record {
    pub line: u64,
    pub fields: Vec<String>,
    /// As it stands in the file.
    pub text: String,
}

/// A line that is no record.
#[derive(Debug)]
pub(super) struct Unread {
    pub line: u64,
    pub why: &'static str,
    pub text: String,
}

impl Lines {
    pub(super) fn open(path: &Path, dialect: Dialect, delimiter: u8) -> io::Result<Self> {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(dialect.mark))?;
        let file = BufReader::with_capacity(64 * 1024, file);
        let parser = csv_core::ReaderBuilder::new().delimiter(delimiter).build();
        let (bytes, waiting) = (dialect.mark, VecDeque::new());
        Ok(Self { file, utf8: dialect.utf8, delimiter, parser, line: 0, bytes, waiting })
    }

    /// How far into the file the records given out reach, and in which line.
    pub(super) fn place(&self) -> (u64, u64) {
        match self.waiting.front() {
            Some(next) => (next.start, next.number - 1),
            None => (self.bytes, self.line),
        }
    }

    /// Goes on at a [`Self::place`].
    pub(super) fn go_to(&mut self, (bytes, line): (u64, u64)) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(bytes))?;
        self.waiting.clear();
        (self.bytes, self.line) = (bytes, line);
        Ok(())
    }

    pub(super) fn next(&mut self) -> io::Result<Option<Result<Record, Unread>>> {
        let first = loop {
            let Some(line) = self.read()? else { return Ok(None) };
            if !line.text.trim().is_empty() {
                break line;
            }
        };
        if first.too_long {
            let why = "the line is longer than 64 KiB";
            let text = first.text.chars().take(200).collect();
            return Ok(Some(Err(Unread { line: first.number, why, text })));
        }
        let mut text = first.text.clone();
        let mut more: Vec<Line> = Vec::new();
        while text.matches('"').count() % 2 == 1 {
            let next = self.read()?;
            let fits = next.as_ref().is_some_and(|next| {
                !next.too_long
                    && text.len() + next.text.len() <= RECORD_MAX
                    && more.len() < LINES_MAX
            });
            if let (Some(next), true) = (&next, fits) {
                text.push_str(&next.text);
            }
            more.extend(next);
            if !fits {
                for line in more.into_iter().rev() {
                    self.waiting.push_front(line);
                }
                let why = "a quote is opened and not closed: double every quote inside a field";
                return Ok(Some(Err(Unread { line: first.number, why, text: first.text })));
            }
        }
        Ok(Some(Ok(self.parse(first.number, text))))
    }

    fn parse(&mut self, line: u64, text: String) -> Record {
        // Without its quotes and line end a record is never longer than with them; the parser
        // wants one byte more than it fills.
        let mut plain = vec![0; text.len() + 1];
        let delimiters = memchr::memchr_iter(self.delimiter, text.as_bytes()).count();
        let mut ends = vec![0; delimiters + 1];
        self.parser.reset();
        let (_, _, written, ended) =
            self.parser.read_record(text.as_bytes(), &mut plain, &mut ends);
        // A second call says that there is no more: the last line may have no line end.
        let (_, _, _, last) = self.parser.read_record(
            &[],
            plain.get_mut(written..).unwrap_or_default(),
            ends.get_mut(ended..).unwrap_or_default(),
        );
        let mut from = 0;
        let fields = ends.iter().take(ended + last).map(|end| {
            let field = plain.get(from..*end).unwrap_or_default();
            from = *end;
            String::from_utf8_lossy(field).trim().to_owned()
        });
        Record { line, fields: fields.collect(), text }
    }

    fn read(&mut self) -> io::Result<Option<Line>> {
        if let Some(line) = self.waiting.pop_front() {
            return Ok(Some(line));
        }
        let mut bytes = Vec::new();
        let max = RECORD_MAX as u64 + 1;
        let mut read = (&mut self.file).take(max).read_until(b'\n', &mut bytes)?;
        if read == 0 {
            return Ok(None);
        }
        let too_long = read as u64 == max && bytes.last() != Some(&b'\n');
        if too_long {
            read += skip_line(&mut self.file)?;
        }
        let start = self.bytes;
        self.line += 1;
        self.bytes += read as u64;
        let text = if self.utf8 {
            // Cut in the middle of a character only where the line is too long anyway.
            String::from_utf8_lossy(&bytes).into_owned()
        } else {
            encoding_rs::WINDOWS_1250.decode_without_bom_handling(&bytes).0.into_owned()
        };
        Ok(Some(Line { number: self.line, start, text, too_long }))
    }
}

/// Lines of a file that is no table: a list.
pub(super) struct Plain {
    file: BufReader<File>,
    line: u64,
    bytes: u64,
}

impl Plain {
    pub(super) fn open(path: &Path, from: Option<(u64, u64)>) -> io::Result<Self> {
        let (bytes, line) = from.unwrap_or_default();
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(bytes))?;
        Ok(Self { file: BufReader::with_capacity(64 * 1024, file), line, bytes })
    }

    pub(super) fn place(&self) -> (u64, u64) {
        (self.bytes, self.line)
    }

    /// The next line with its number; of a long one the beginning.
    pub(super) fn next(&mut self) -> io::Result<Option<(u64, String)>> {
        let mut bytes = Vec::new();
        let mut read = (&mut self.file).take(PLAIN_MAX).read_until(b'\n', &mut bytes)?;
        if read == 0 {
            return Ok(None);
        }
        if read as u64 == PLAIN_MAX && bytes.last() != Some(&b'\n') {
            read += skip_line(&mut self.file)?;
        }
        self.line += 1;
        self.bytes += read as u64;
        let text = String::from_utf8_lossy(&bytes);
        Ok(Some((self.line, text.trim_end_matches(['\r', '\n']).to_owned())))
    }
}

fn skip_line(file: &mut impl BufRead) -> io::Result<usize> {
    let mut skipped = 0;
    loop {
        let buffer = file.fill_buf()?;
        let (used, done) = match memchr::memchr(b'\n', buffer) {
            Some(at) => (at + 1, true),
            None => (buffer.len(), buffer.is_empty()),
        };
        file.consume(used);
        skipped += used;
        if done {
            return Ok(skipped);
        }
    }
}

/// Bytes and further lines of one record at most.
const RECORD_MAX: usize = 64 * 1024;
const LINES_MAX: usize = 100;
/// Bytes of a line of a list: a digest has 128 digits, an address 254 octets.
const PLAIN_MAX: u64 = 1024;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::dialect::Kind, *};

    fn lines(text: &str) -> Lines {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        std::fs::write(&path, text).unwrap();
        let dialect = Dialect { kind: Kind::Table { delimiter: b';' }, utf8: true, mark: 0 };
        Lines::open(&path, dialect, b';').unwrap()
    }

    proptest! {
        #[test]
        fn a_record_is_what_a_reader_made_for_it_alone_says(
            texts in proptest::collection::vec("[ab; \"\r\u{e1}\u{feff}]{0,12}(\n|\r\n|)", 1..4)
        ) {
            let mut lines = lines("");
            for text in texts {
                let mut reader = csv::ReaderBuilder::new()
                    .delimiter(b';')
                    .has_headers(false)
                    .flexible(true)
                    .trim(csv::Trim::All)
                    .from_reader(text.as_bytes());
                let mut fields = csv::StringRecord::new();
                reader.read_record(&mut fields).unwrap();
                let expected: Vec<String> = fields.iter().map(str::to_owned).collect();
                prop_assert_eq!(lines.parse(1, text.clone()).fields, expected, "{:?}", text);
            }
        }
    }

    #[test]
    fn a_quote_that_is_never_closed_costs_its_own_line() {
        let mut lines = lines("a;\"b\nc\"\n\"d;e\nf; g \n");
        let first = lines.next().unwrap().unwrap().unwrap();
        assert_eq!((first.line, first.fields), (1, vec!["a".to_owned(), "b\nc".to_owned()]));
        assert_eq!(lines.next().unwrap().unwrap().unwrap_err().line, 3);
        let last = lines.next().unwrap().unwrap().unwrap();
        assert_eq!((last.line, last.fields), (4, vec!["f".to_owned(), "g".to_owned()]));
        assert!(lines.next().unwrap().is_none());
    }
}
