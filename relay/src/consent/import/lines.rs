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
    dialect: Dialect,
    line: u64,
    bytes: u64,
    /// Read, and given back because a record did not end.
    waiting: VecDeque<Line>,
}

struct Line {
    number: u64,
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
    pub(super) fn open(path: &Path, dialect: Dialect) -> io::Result<Self> {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(dialect.mark))?;
        let file = BufReader::with_capacity(64 * 1024, file);
        Ok(Self { file, dialect, line: 0, bytes: dialect.mark, waiting: VecDeque::new() })
    }

    /// How far into the file this is.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
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
        Ok(Some(self.parse(first.number, text)))
    }

    fn parse(&self, line: u64, text: String) -> Result<Record, Unread> {
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(self.dialect.delimiter)
            .has_headers(false)
            .flexible(true)
            .trim(csv::Trim::All)
            .buffer_capacity(text.len().max(1))
            .from_reader(text.as_bytes());
        let mut fields = csv::StringRecord::new();
        match reader.read_record(&mut fields) {
            Ok(_) => Ok(Record { line, fields: fields.iter().map(str::to_owned).collect(), text }),
            Err(_) => Err(Unread { line, why: "the line is not CSV", text }),
        }
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
        self.line += 1;
        self.bytes += read as u64;
        let text = if self.dialect.utf8 {
            // Cut in the middle of a character only where the line is too long anyway.
            String::from_utf8_lossy(&bytes).into_owned()
        } else {
            encoding_rs::WINDOWS_1250.decode_without_bom_handling(&bytes).0.into_owned()
        };
        Ok(Some(Line { number: self.line, text, too_long }))
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
