//! The bytes of a message as they came, line by line, and its fields one by one.

use std::ops::Range;

use policy::Message;

use super::{
    finding::Found,
    mark::{self, Mark, Piece},
};

/// A line of the source, or what is left out of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Line {
    Text {
        number: usize,
        pieces: Vec<Piece>,
        /// So many octets of it are not shown.
        cut: usize,
    },
    /// So many octets of a part that is no text.
    Closed(usize),
    /// So many octets are behind what is shown.
    Cut(usize),
}

/// A field of the message.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Field {
    pub name: String,
    /// As a reader sees it.
    pub value: Vec<Piece>,
    /// As it came.
    pub raw: Vec<Piece>,
}

/// The lines with their numbers.
pub fn source(message: &Message, found: &[Found]) -> Vec<Line> {
    let marks = marks(found);
    let closed: Vec<Range<usize>> = message
        .parts()
        .iter()
        .filter(|part| super::is_closed(part) && part.body.len() > LINE_BYTES_MAX)
        .map(|part| part.body.clone())
        .collect();
    let bytes = message.bytes();
    let (mut lines, mut at, mut shown) = (Vec::new(), 0, 0);
    for (number, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
        let start = at;
        at += line.len();
        if let Some(body) = closed.iter().find(|body| body.contains(&start)) {
            if body.start == start {
                lines.push(Line::Closed(body.len()));
            }
            continue;
        }
        if lines.len() >= LINES_MAX || shown >= BYTES_MAX {
            lines.push(Line::Cut(bytes.len() - start));
            break;
        }
        let text = line.strip_suffix(b"\n").unwrap_or(line);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        let kept = text.get(..LINE_BYTES_MAX).unwrap_or(text);
        shown += kept.len();
        let pieces = mark::pieces_of_bytes(kept, &within(&marks, start..start + kept.len()));
        lines.push(Line::Text { number: number + 1, pieces, cut: text.len() - kept.len() });
    }
    mark::anchored(lines.iter_mut().flat_map(|line| match line {
        Line::Text { pieces, .. } => pieces.as_mut_slice(),
        Line::Closed(_) | Line::Cut(_) => &mut [],
    }));
    lines
}

/// The message's own fields, in their order.
pub fn fields(message: &Message, found: &[Found]) -> Vec<Field> {
    let marks = marks(found);
    let mut fields: Vec<Field> = message
        .headers()
        .iter()
        .take(FIELDS_MAX)
        .map(|field| {
            let raw = message.raw(field.value.clone());
            let kept = raw.get(..VALUE_BYTES_MAX).unwrap_or(raw);
            let end = field.value.start + kept.len();
            let own = within(&marks, field.value.start..end);
            let value = message.decoded(field);
            let value = value.trim();
            let end = value.floor_char_boundary(VALUE_BYTES_MAX);
            // A place in the raw value is none in the decoded one: all of it is marked.
            let whole: Vec<Mark> =
                own.first().map(|(_, number)| (0..end, *number)).into_iter().collect();
            Field {
                name: mark::plain(&field.name),
                value: mark::pieces(value.get(..end).unwrap_or_default(), &whole),
                raw: mark::pieces_of_bytes(kept, &own),
            }
        })
        .collect();
    mark::anchored(fields.iter_mut().flat_map(|one| &mut one.value));
    fields
}

fn marks(found: &[Found]) -> Vec<Mark> {
    Found::spots(found).map(|spot| (spot.range.clone(), spot.number)).collect()
}

/// Those that touch a range, counted from its beginning.
fn within(marks: &[Mark], at: Range<usize>) -> Vec<Mark> {
    let touch = marks.iter().filter(|(own, _)| own.start < at.end && own.end > at.start);
    let moved = |place: usize| place.clamp(at.start, at.end) - at.start;
    touch.map(|(own, number)| (moved(own.start)..moved(own.end), *number)).collect()
}

/// RFC 5322 allows 998; nobody reads on from there.
const LINE_BYTES_MAX: usize = 1_000;
const LINES_MAX: usize = 5_000;
const BYTES_MAX: usize = 512 << 10;
const FIELDS_MAX: usize = 500;
const VALUE_BYTES_MAX: usize = 8 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_left_out_and_lines_keep_their_numbers() {
        let file = "QUJD\r\n".repeat(300);
        let text = format!(
            "From: a@b.cz\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nAhoj\r\n\
             --x\r\nContent-Type: image/png; name=\"a.png\"\r\nContent-Transfer-Encoding: base64\r\n\
             \r\n{file}--x--\r\n"
        );
        let message = Message::parse(text.into());
        let lines = source(&message, &[]);
        let told = format!("{lines:?}");
        assert!(!told.contains("QUJD"), "{told}");
        assert!(lines.contains(&Line::Closed(file.len() - 2)), "{told}");
        let Some(Line::Text { number, .. }) = lines.last() else { panic!("{told}") };
        assert_eq!(*number, 311);
        let [file] = super::super::attachments(&message).try_into().unwrap();
        assert_eq!((file.name.as_deref(), file.octets), (Some("a.png"), 900));
        assert!(file.sha256.len() == 64 && file.media_type == "image/png");
    }

    #[test]
    fn long_ones_are_cut() {
        let text =
            format!("From: a@b.cz\r\n\r\n{}\r\n{}", "x".repeat(5_000), "y\r\n".repeat(9_000));
        let lines = source(&Message::parse(text.into()), &[]);
        assert!(matches!(lines.get(2), Some(Line::Text { cut: 4_000, .. })), "{:?}", lines.get(2));
        assert!(matches!(lines.last(), Some(Line::Cut(octets)) if *octets > 10_000));
    }
}
