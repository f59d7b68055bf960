//! The footer: notices, who sends, and how to stop it, at the end of a text or HTML part.
//!
//! Readable by anyone: body text size, dark on light whatever the message's own colours are. Marked
//! (HTML) or compared line by line (text), so that adding it twice is adding it once.

use std::{borrow::Cow, sync::LazyLock};

use memchr::memmem;

use crate::text::fold;

use super::{
    CannotEdit,
    content::{Change, Content},
    html,
};

/// What is to stand in the footer, in this order.
#[derive(Debug, Default)]
pub(super) struct Footer<'a> {
    /// Sentences, each with its link, harmless.
    pub(super) notices: Vec<(&'a str, Option<String>)>,
    pub(super) identity: Option<&'a str>,
    /// The sentence and the recipient's link, harmless.
    pub(super) unsubscribe: Option<(&'a str, String)>,
}

const HTML_IDENTITY: &str = "<div data-souhlas=\"identity\" style=\"";
const HTML_NOTICE: &str = "<div data-souhlas=\"notice\" style=\"";
const HTML_UNSUBSCRIBE: &str = "<div data-souhlas=\"unsubscribe\" style=\"";
/// Its own colours, because a template may have set any; below floats; no smaller than body text.
const STYLE: &str = "clear:both;margin:0;padding:8px 16px;background-color:#ffffff;color:#333333;\
font-family:Arial,Helvetica,sans-serif;font-size:14px;line-height:20px;text-align:center";
/// Readers that darken a message change each colour by itself, so none stands without its background.
const HTML_LINK: &str = "\">\r\n<a style=\"color:#333333;background-color:#ffffff;text-decoration:underline\"\r\n href=\"";
const HTML_NOTICE_LINK: &str =
    "\r\n<a style=\"color:#333333;background-color:#ffffff;text-decoration:underline\"\r\n href=\"";
/// A signature longer than this is not one (RFC 3676 §4.3 says four lines are customary).
const SIGNATURE_LINES_MAX: usize = 20;
/// Longer lines are broken at a space, so that none reaches 998 octets (RFC 5322 §2.1.1).
const LINE_OCTETS: usize = 400;

impl Footer<'_> {
    pub(super) fn is_empty(&self) -> bool {
        self.notices.is_empty() && self.identity.is_none() && self.unsubscribe.is_none()
    }

    /// The changes that bring the footer into a part; fewer where some of it is there.
    pub(super) fn changes(&self, content: &mut Content<'_>) -> Result<Vec<Change>, CannotEdit> {
        let sentence = self.unsubscribe.as_ref().map(|(sentence, _)| *sentence);
        let notices = self.notices.iter().map(|(notice, _)| *notice);
        content.hold(notices.chain(self.identity).chain(sentence))?;
        if content.is_armoured() {
            return Err(CannotEdit::Sealed);
        }
        if content.html { self.html_changes(content) } else { Ok(self.plain_changes(content)) }
    }

    fn plain_changes(&self, content: &Content<'_>) -> Vec<Change> {
        let text: &[u8] = &content.text;
        let mut changes = Vec::new();
        let mut block: Vec<Cow<'_, str>> = Vec::new();
        let notices = self.notices.iter().map(|(notice, link)| {
            let mut lines = lines(notice, content);
            lines.extend(link.as_deref().map(Cow::Borrowed));
            lines
        });
        for lines in notices.chain(self.identity.map(|identity| lines(identity, content))) {
            let there = lines.iter().all(|line| has_line(text, &content.written(line)).is_some());
            if !there {
                block.extend(lines);
            }
        }
        if let Some((sentence, link)) = &self.unsubscribe {
            let sentence = lines(sentence, content);
            let last = sentence.last().map(|line| content.written(line)).unwrap_or_default();
            match has_line(text, &last).and_then(|end| link_line(text, end)) {
                Some(at) => changes.push(Change { at, with: link.clone() }),
                None => {
                    block.extend(sentence);
                    block.push(link.into());
                }
            }
        }
        if block.is_empty() {
            return changes;
        }
        let line_end = content.line_end();
        let (at, mut with) = plain_place(content, line_end);
        with.push_str(&block.join(line_end));
        let tail = text.get(at..).unwrap_or_default();
        if !tail.is_empty() {
            with.push_str(line_end);
            with.push_str(line_end);
        } else if text.ends_with(b"\n") || content.is_last() {
            with.push_str(line_end);
        }
        changes.push(Change { at: at..at, with });
        changes.sort_by_key(|change| change.at.start);
        changes
    }

    fn html_changes(&self, content: &Content<'_>) -> Result<Vec<Change>, CannotEdit> {
        let text: &[u8] = &content.text;
        let place = html::place(text).ok_or(CannotEdit::Malformed)?;
        let mut changes = Vec::new();
        // Behind what stands there already; `at` moves up to the first of the footer's blocks.
        let mut at = trimmed(text, place);
        let (mut identity, mut unsubscribe) = (String::new(), String::new());
        let mut notices = self.html_notices(text.get(..place).unwrap_or_default(), content);
        if let Some((sentence, link)) = &self.unsubscribe {
            let link = html::escaped(link);
            let before = [HTML_UNSUBSCRIBE, STYLE, HTML_LINK].concat();
            let after = ["\">", &html_lines(sentence), "</a></div>"].concat();
            match link_between(text, at, &content.written(&before), &content.written(&after)) {
                Some((start, range)) => {
                    at = trimmed(text, start);
                    changes.push(Change { at: range, with: link });
                }
                None => unsubscribe = [before, link, after].concat(),
            }
        }
        if let Some(identity_text) = self.identity {
            let lines = html_lines(identity_text);
            let block = [HTML_IDENTITY, STYLE, "\">\r\n", &lines, "</div>"].concat();
            let end = if unsubscribe.is_empty() { at } else { behind_unsubscribe(text, at) };
            let before = text.get(..end).unwrap_or_default();
            match before.strip_suffix(&*content.written(&block)).map(<[u8]>::len) {
                // The identity stays the last before the link, where it is looked for.
                Some(start) if !notices.is_empty() => {
                    let with = framed(text, start, &std::mem::take(&mut notices));
                    changes.push(Change { at: start..start, with });
                }
                Some(_) => {}
                None => identity = block,
            }
        }
        notices.extend([identity, unsubscribe].into_iter().filter(|block| !block.is_empty()));
        if !notices.is_empty() {
            let replaced = changes.iter().any(|change| !change.at.is_empty());
            let at = if replaced { at } else { place };
            changes.push(Change { at: at..at, with: framed(text, at, &notices) });
        }
        changes.sort_by_key(|change| change.at.start);
        Ok(changes)
    }

    /// The blocks of those notices that do not stand in the text.
    fn html_notices(&self, text: &[u8], content: &Content<'_>) -> Vec<String> {
        let block = |(notice, link): &(&str, Option<String>)| {
            let link = link.as_ref().map(|link| {
                let link = html::escaped(link);
                [HTML_NOTICE_LINK, &link, "\">", &link, "</a>"].concat()
            });
            let lines = html_lines(notice);
            [HTML_NOTICE, STYLE, "\">\r\n", &lines, &link.unwrap_or_default(), "</div>"].concat()
        };
        let blocks = self.notices.iter().map(block);
        blocks.filter(|block| memmem::find(text, &content.written(block)).is_none()).collect()
    }
}

/// Another unsubscribe block at the end does not hide the identity before it.
fn behind_unsubscribe(text: &[u8], at: usize) -> usize {
    let before = text.get(..at).unwrap_or_default();
    if !before.ends_with(b"</div>") {
        return at;
    }
    // The block is the link and itself: two ends of elements, the last one at `at`.
    let mut ends = 0;
    for open in memchr::memchr_iter(b'<', before).rev() {
        let element = before.get(open..).unwrap_or_default();
        ends += usize::from(element.starts_with(b"</"));
        if ends > 2 {
            return at;
        }
        if element.starts_with(HTML_UNSUBSCRIBE.as_bytes()) {
            return if ends == 2 { trimmed(text, open) } else { at };
        }
    }
    at
}

/// The blocks on lines of their own.
fn framed(text: &[u8], at: usize, blocks: &[String]) -> String {
    let length: usize = blocks.iter().map(|block| block.len() + 2).sum();
    let mut out = String::with_capacity(length + 2);
    let before = text.get(..at).unwrap_or_default();
    if !before.is_empty() && !before.ends_with(b"\n") {
        out.push_str("\r\n");
    }
    for block in blocks {
        out.push_str(block);
        out.push_str("\r\n");
    }
    out
}

/// If the text before `at` ends in `before`, a link, `after`: where that begins, and the link's range.
fn link_between(
    text: &[u8],
    at: usize,
    before: &[u8],
    after: &[u8],
) -> Option<(usize, std::ops::Range<usize>)> {
    let head = text.get(..at)?.strip_suffix(after)?;
    let start = memmem::rfind(head, before)?;
    let link = head.get(start + before.len()..)?;
    (!link.iter().any(|byte| matches!(byte, b'"' | b'<' | b'>')))
        .then(|| (start, start + before.len()..head.len()))
}

/// Where the footer of a text goes, and what parts it from the text: before what is passed on or a
/// signature, else at the end.
fn plain_place(content: &Content<'_>, line_end: &str) -> (usize, String) {
    let text: &[u8] = &content.text;
    let at = passed_on(content).or_else(|| signature(text)).unwrap_or(text.len());
    let before = text.get(..at).unwrap_or_default();
    let last = before.strip_suffix(b"\n").map(|rest| rest.strip_suffix(b"\r").unwrap_or(rest));
    let gap = match last {
        None if before.is_empty() => 0,
        None => 2,
        Some(rest) if rest.is_empty() || rest.ends_with(b"\n") => 0,
        Some(_) => 1,
    };
    (at, line_end.repeat(gap))
}

/// The start of the first line by which mail programs say that another's message follows. Nothing
/// in a text says where that ends, so what stands behind it would be read as a part of it; in HTML
/// it is an element of its own.
fn passed_on(content: &Content<'_>) -> Option<usize> {
    let text: &[u8] = &content.text;
    let dashes = DASHES.find_iter(text).filter(|at| is_line(text, *at)).find(|at| {
        let line = text.get(*at..).unwrap_or_default();
        let line = line.get(..SEPARATOR_BYTES_MAX).unwrap_or(line);
        let length = memchr::memchr(b'\n', line).unwrap_or(line.len());
        let line = content.shown(*at..*at + length);
        let words =
            line.trim_end().strip_suffix("---").unwrap_or_default().trim_matches('-').trim();
        !words.is_empty() && SEPARATORS.contains(&fold(words).as_str())
    });
    let begin = BEGIN.find_iter(text).find(|at| is_line(text, *at));
    dashes.into_iter().chain(begin).min()
}

static DASHES: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new(b"-----"));
static BEGIN: LazyLock<memmem::Finder<'static>> =
    LazyLock::new(|| memmem::Finder::new(b"Begin forwarded message:"));

fn is_line(text: &[u8], at: usize) -> bool {
    at == 0 || text.get(at - 1) == Some(&b'\n')
}

const SEPARATOR_BYTES_MAX: usize = 100;
/// What Gmail, Outlook, Thunderbird and Seznam write between dashes, folded.
static SEPARATORS: [&str; 12] = [
    "forwarded message",
    "original message",
    "preposlana zprava",
    "puvodni zprava",
    "puvodni e-mail",
    "preposlana sprava",
    "povodna sprava",
    "weitergeleitete nachricht",
    "ursprungliche nachricht",
    "wiadomosc oryginalna",
    "oryginalna wiadomosc",
    "przekazana wiadomosc",
];

/// The start of the last line that is `-- `, if what follows is short enough for a signature.
fn signature(text: &[u8]) -> Option<usize> {
    for end in memchr::memchr_iter(b'\n', text).rev().take(SIGNATURE_LINES_MAX + 1) {
        if let Some(behind) = text.get(end + 1..)?.strip_prefix(b"-- ") {
            let whole = behind.starts_with(b"\n") || behind.starts_with(b"\r\n");
            return whole.then_some(end + 1);
        }
    }
    None
}

/// Where a whole line of that text ends; blanks at its end do not count.
fn has_line(text: &[u8], line: &[u8]) -> Option<usize> {
    if line.is_empty() {
        return Some(0);
    }
    // A few bytes are found faster than all, and their search is made faster.
    let begin = line.get(..BEGIN_BYTES).unwrap_or(line);
    memmem::find_iter(text, begin).find_map(|at| {
        let starts = at == 0 || text.get(at - 1) == Some(&b'\n');
        let rest = text.get(at..).filter(|_| starts)?.strip_prefix(line)?;
        let behind = rest.iter().find(|byte| !matches!(byte, b' ' | b'\t' | b'\r'));
        matches!(behind, None | Some(b'\n')).then_some(at + line.len())
    })
}

const BEGIN_BYTES: usize = 12;

/// The link on the line that follows the one ending at `end`.
fn link_line(text: &[u8], end: usize) -> Option<std::ops::Range<usize>> {
    let rest = text.get(end..)?;
    let start = end + memchr::memchr(b'\n', rest)? + 1;
    let line = text.get(start..)?;
    let length = line.iter().position(u8::is_ascii_whitespace).unwrap_or(line.len());
    line.starts_with(b"http").then_some(start..start + length)
}

/// `at` moved before white space.
fn trimmed(text: &[u8], at: usize) -> usize {
    text.get(..at).unwrap_or_default().trim_ascii_end().len()
}

/// The text's lines as they are written into a part.
fn lines<'t>(text: &'t str, content: &Content<'_>) -> Vec<Cow<'t, str>> {
    lines_of(text).into_iter().map(|line| content.line(line)).collect()
}

/// The text's lines, none too long, no control characters.
fn lines_of(text: &str) -> Vec<Cow<'_, str>> {
    if is_one_line(text) {
        return vec![text.into()];
    }
    let mut out: Vec<Cow<'_, str>> = Vec::new();
    for line in text.lines() {
        let mut current = String::new();
        for word in line.split(|c: char| c == ' ' || c.is_control()).filter(|word| !word.is_empty())
        {
            if !current.is_empty() && current.len() + word.len() >= LINE_OCTETS {
                out.push(std::mem::take(&mut current).into());
            }
            if !current.is_empty() {
                current.push(' ');
            }
            current.push_str(word);
        }
        if !current.is_empty() {
            out.push(current.into());
        }
    }
    out
}

/// Nothing of it would be changed: short, single spaces and none at its ends, no control
/// characters.
fn is_one_line(text: &str) -> bool {
    let bytes = text.as_bytes();
    // In UTF-8 the control characters beyond ASCII begin with 0xc2. All is looked at to its end,
    // because then many bytes are looked at at once.
    let odd = |odd, byte: &u8| odd | matches!(byte, ..b' ' | 0x7f | 0xc2);
    let double = |double, two: &[u8; 2]| double | (two == b"  ");
    (1..LINE_OCTETS).contains(&text.len())
        && text.trim_matches(' ').len() == text.len()
        && !bytes.iter().fold(false, odd)
        && !bytes.array_windows().fold(false, double)
}

fn html_lines(text: &str) -> String {
    if is_one_line(text) {
        return html::escaped(text);
    }
    let escaped: Vec<String> = lines_of(text).iter().map(|line| html::escaped(line)).collect();
    escaped.join("<br>\r\n")
}
