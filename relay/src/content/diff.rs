//! A text before and after a change, line by line; above all a message and its edits.

use std::time::Duration;

use bytes::Bytes;
use policy::{CannotEdit, Edit, Message, PartKind, Reading};
use similar::{ChangeTag, TextDiff};

use super::mark;

/// What of the message changed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Change {
    pub of: Of,
    pub diff: Diff,
}

/// Where two texts differ.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Diff {
    pub hunks: Vec<Hunk>,
    /// More changed than is shown.
    pub cut: bool,
}

/// Where it changed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Of {
    Subject,
    Headers,
    /// What a reader sees of a part.
    Text(String),
    /// The HTML of a part.
    Html(String),
}

/// Lines that belong together.
pub type Hunk = Vec<Row>;

/// One line.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Row {
    pub what: What,
    /// Pieces of it; true: it is they that changed.
    pub pieces: Vec<(bool, String)>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum What {
    Same,
    Gone,
    New,
}

/// What the edits change, with `[link]` where a link of the person's own would stand.
pub fn changes(reading: &Reading, edits: &[Edit]) -> Result<Vec<Change>, CannotEdit> {
    let before = &reading.message;
    let after: Bytes = policy::render(before, edits, &|_| LINK.to_owned())?;
    let read = reading.again(after);
    let mut all = vec![
        (Of::Subject, before.subject().to_owned(), read.message.subject().to_owned()),
        (Of::Headers, head(before), head(&read.message)),
    ];
    for (old, new) in reading.views.iter().zip(&read.views) {
        let path = super::path_of(before, old.part).to_owned();
        all.push((Of::Text(path.clone()), old.text.clone(), new.text.clone()));
        let html = |message: &Message, at: usize| {
            let part = message.parts().get(at).filter(|part| part.kind == PartKind::Html)?;
            message.text(part).map(std::borrow::Cow::into_owned)
        };
        if let Some((old, new)) = html(before, old.part).zip(html(&read.message, new.part)) {
            all.push((Of::Html(path), old, new));
        }
    }
    let changed = all.into_iter().filter(|(_, old, new)| old != new);
    Ok(changed.map(|(of, old, new)| Change { of, diff: diff(&old, &new) }).collect())
}

/// The fields with their decoded values.
fn head(message: &Message) -> String {
    let line = |field| format!("{}: {}\n", field_name(field), message.decoded(field).trim());
    message.headers().iter().map(line).collect()
}

fn field_name(field: &policy::Header) -> &str {
    &field.name
}

/// Without what is the same far from any change.
pub fn diff(old: &str, new: &str) -> Diff {
    let mut settings = TextDiff::configure();
    let diff = settings.timeout(PATIENCE).diff_lines(old, new);
    let (mut hunks, mut shown) = (Vec::new(), 0);
    let groups = diff.grouped_ops(AROUND);
    let mut cut = false;
    for group in &groups {
        let mut hunk = Vec::new();
        for one in group.iter().flat_map(|op| diff.iter_inline_changes(op)) {
            if shown >= ROWS_MAX {
                cut = true;
                break;
            }
            shown += 1;
            hunk.push(Row {
                what: match one.tag() {
                    ChangeTag::Equal => What::Same,
                    ChangeTag::Delete => What::Gone,
                    ChangeTag::Insert => What::New,
                },
                pieces: one.iter_strings_lossy().filter_map(piece).collect(),
            });
        }
        hunks.push(hunk);
    }
    Diff { hunks, cut }
}

fn piece((changed, text): (bool, std::borrow::Cow<'_, str>)) -> Option<(bool, String)> {
    let end = text.floor_char_boundary(PIECE_BYTES_MAX);
    let more = if end < text.len() { "…" } else { "" };
    let text = mark::plain(text.get(..end)?);
    let text = [text.trim_end_matches('\n'), more].concat();
    (!text.is_empty()).then_some((changed, text))
}

/// In place of a link that only the person gets.
const LINK: &str = "[link]";
const PATIENCE: Duration = Duration::from_millis(500);
/// Lines around what changed.
const AROUND: usize = 3;
const ROWS_MAX: usize = 400;
const PIECE_BYTES_MAX: usize = 2_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_edit_changes_is_shown_beside_what_was() {
        let text =
            "From: a@b.cz\r\nSubject: Sleva\r\nContent-Type: text/html\r\n\r\n<p>Ahoj</p>\r\n";
        let reading = Reading::of(text.into());
        let edits = [
            Edit::LabelSubject { label: "[OS] ".into() },
            Edit::AddUnsubscribe { text: "Odhlásit".into() },
            Edit::AddListUnsubscribe,
        ];
        let all = changes(&reading, &edits).unwrap();
        let of: Vec<&Of> = all.iter().map(|one| &one.of).collect();
        let part = || "1".to_owned();
        assert_eq!(of, [&Of::Subject, &Of::Headers, &Of::Text(part()), &Of::Html(part())]);
        let told = format!("{all:?}");
        assert!(told.contains("[OS] ") && told.contains(LINK) && told.contains("Odhl"), "{told}");
        let rows: Vec<What> = all[0].diff.hunks[0].iter().map(|row| row.what).collect();
        assert_eq!(rows, [What::Gone, What::New]);
        assert_eq!(changes(&reading, &[]), Ok(vec![]));
    }
}
