//! Cuts a header block into fields (RFC 5322 §2.2). Not their values.

use std::ops::Range;

use memchr::memchr;

use super::Header;

/// Fields of one block that are kept; real messages stay under a hundred.
const FIELDS_MAX: usize = 1_000;
/// Room for what most have.
const MESSAGE_FIELDS: usize = 16;
const PART_FIELDS: usize = 2;

/// A header block, and where the body after it begins.
pub(super) struct Block {
    pub(super) fields: Vec<Header>,
    /// End of the last field's line end.
    pub(super) end: usize,
    /// After the empty line.
    pub(super) body: usize,
    pub(super) fault: Option<&'static str>,
}

/// Reads fields from the start of the range. The block ends at an empty line; where a line is no
/// field, the body begins with that line, as Postfix and Python take it.
pub(super) fn read(bytes: &[u8], range: Range<usize>) -> Block {
    let usual = if range.start == 0 { MESSAGE_FIELDS } else { PART_FIELDS };
    let mut fields: Vec<Header> = Vec::with_capacity(usual);
    let mut at = range.start;
    let mut fault = None;
    let mut kept = false;
    while at < range.end {
        let next = line_end(bytes, at, range.end);
        let line = without_line_end(bytes.get(at..next).unwrap_or_default());
        match line.first() {
            None => return Block { fields, end: at, body: next, fault },
            Some(b' ' | b'\t') if at > range.start => {
                if let Some(last) = fields.last_mut().filter(|_| kept) {
                    last.whole.end = next;
                    last.value.end = at + line.len();
                }
            }
            Some(_) => match name(line) {
                Some((name, colon)) => {
                    kept = fields.len() < FIELDS_MAX;
                    if kept {
                        let value = at + colon + 1..at + line.len();
                        fields.push(Header { name: name.to_owned(), whole: at..next, value });
                    } else {
                        fault = Some("fields-too-many");
                    }
                }
                None if at == range.start && is_mbox_line(line) => {}
                None => {
                    let fault = Some("field-none");
                    return Block { fields, end: at, body: at, fault };
                }
            },
        }
        at = next;
    }
    Block { fields, end: range.end, body: range.end, fault }
}

/// The name before the colon and the colon's place; white space before the colon is obsolete
/// syntax, still read by everyone (RFC 5322 §4.5.3).
fn name(line: &[u8]) -> Option<(&str, usize)> {
    let colon = memchr(b':', line)?;
    let name = line.get(..colon)?.trim_ascii_end();
    let sound = !name.is_empty() && name.iter().all(u8::is_ascii_graphic);
    if sound { Some((std::str::from_utf8(name).ok()?, colon)) } else { None }
}

/// Mailbox files put `From sender date` before the fields.
fn is_mbox_line(line: &[u8]) -> bool {
    line.starts_with(b"From ") || line.starts_with(b">From ")
}

/// The place after the line feed that ends the line at `at`.
pub(super) fn line_end(bytes: &[u8], at: usize, end: usize) -> usize {
    let rest = bytes.get(at..end).unwrap_or_default();
    memchr(b'\n', rest).map_or(end, |feed| at + feed + 1)
}

/// A carriage return alone ends no line.
pub(super) fn without_line_end(line: &[u8]) -> &[u8] {
    match line.strip_suffix(b"\n") {
        Some(line) => line.strip_suffix(b"\r").unwrap_or(line),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> (Vec<(String, String)>, String, Option<&'static str>) {
        let bytes = text.as_bytes();
        let block = read(bytes, 0..bytes.len());
        let fields = block
            .fields
            .iter()
            .map(|f| (f.name.clone(), text[f.value.clone()].to_owned()))
            .collect();
        for pair in block.fields.windows(2) {
            assert_eq!(pair[0].whole.end, pair[1].whole.start);
        }
        (fields, text[block.body..].to_owned(), block.fault)
    }

    #[test]
    fn fields_are_cut_at_lines_that_do_not_begin_with_white_space() {
        let (fields, body, fault) = cut("A: 1\r\nB : 2\r\n 3\r\n\tx\r\n\r\nbody");
        let expected = [("A", " 1"), ("B", " 2\r\n 3\r\n\tx")];
        assert_eq!(fields, expected.map(|(n, v)| (n.to_owned(), v.to_owned())));
        assert_eq!((body.as_str(), fault), ("body", None));
    }

    #[test]
    fn a_block_ends_where_its_lines_stop_being_fields() {
        for (text, count, body, faulty) in [
            ("", 0, "", false),
            ("\n", 0, "", false),
            ("A: 1", 1, "", false),
            ("A:\n\nb", 1, "b", false),
            ("A: 1\nnot a field\nB: 2\n\nb", 1, "not a field\nB: 2\n\nb", true),
            ("From x\nA: 1\n\nb", 1, "b", false),
            (" x\nA: 1\n\nb", 0, " x\nA: 1\n\nb", true),
            ("A: 1\n \n\nb", 1, "b", false),
            ("A: 1\n\r", 1, "\r", true),
            (": x\n\nb", 0, ": x\n\nb", true),
        ] {
            let (fields, rest, fault) = cut(text);
            assert_eq!(
                (fields.len(), rest.as_str(), fault.is_some()),
                (count, body, faulty),
                "{text:?}"
            );
        }
    }

    #[test]
    fn fields_over_the_limit_are_left_out_and_said_so() {
        let text = format!("{}\r\nbody", "A: 1\r\n b\r\n".repeat(FIELDS_MAX + 1));
        let (fields, body, fault) = cut(&text);
        assert_eq!((fields.len(), body.as_str()), (FIELDS_MAX, "body"));
        assert!(fault.is_some());
    }
}
