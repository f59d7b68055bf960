//! Applies edits on the raw bytes: what no edit names stays byte-identical.
//!
//! Each edit finds its places and adds replacements; all are made in one pass at the end. Nothing
//! inside a signature or encryption is ever changed. Whether the result is lawful is not known
//! here: `decide` reads it again.

mod base64;
mod charset;
mod content;
mod field;
mod footer;
mod head;
mod html;
mod link;
mod listing;
mod quoted;
mod sender;
mod splice;
mod subject;
mod target;
mod word;

use bytes::Bytes;

use crate::{Edit, LinkKind, Message, signature};

use self::{content::Content, footer::Footer, splice::Splices};

/// Why a message cannot be edited.
#[derive(Clone, Copy, Debug, Eq, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CannotEdit {
    /// The text to change lies inside a signature or encryption.
    Sealed,
    /// There is no text part to write into, or one that cannot be read.
    NoText,
    /// The structure is broken, so that an edit might land where no reader sees it.
    Malformed,
    /// From names no mailbox, or more than one: it is unclear whose name to label.
    Senders,
}

impl CannotEdit {
    pub const ALL: [Self; 4] = [Self::Sealed, Self::NoText, Self::Malformed, Self::Senders];
}

/// For operators.
impl std::fmt::Display for CannotEdit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Sealed => "no repair: the text is signed or encrypted",
            Self::NoText => "no repair: there is no text to write into",
            Self::Malformed => "no repair: the structure of the message is broken",
            Self::Senders => "no repair: From does not name exactly one sender",
        })
    }
}

/// The message with the edits applied; `link` makes the recipient's links. Without edits the
/// same bytes come back.
pub fn render(
    message: &Message,
    edits: &[Edit],
    link: &dyn Fn(&LinkKind) -> String,
) -> Result<Bytes, CannotEdit> {
    if edits.is_empty() {
        return Ok(message.bytes().clone());
    }
    if message.headers().is_empty() {
        // What a tool sends has at least From. Here any field would land in the body.
        return Err(CannotEdit::Malformed);
    }
    let mut splices = Splices::default();
    for last in message.parts().iter().filter_map(|part| part.headers.last()) {
        if !message.raw(last.whole.clone()).ends_with(b"\n") {
            splices.open_line(last.whole.end);
        }
    }
    let mut footer = Footer::default();
    for edit in edits {
        match edit {
            Edit::FillLinks if !edits.contains(&Edit::AddListUnsubscribe) => {
                link::fill_header(message, &mut splices, link);
            }
            Edit::FillLinks => {}
            Edit::LabelSubject { label } => {
                refuse_protected(message, "Subject")?;
                subject::label(message, &mut splices, label);
            }
            Edit::LabelSender { label } => {
                refuse_protected(message, "From")?;
                sender::label(message, &mut splices, label)?;
            }
            Edit::AddIdentity { text } => footer.identity = Some(text),
            Edit::AddNotice { text, link } => {
                footer.notices.push((text, link.as_deref().map(field::harmless_link)));
            }
            Edit::AddUnsubscribe { text } => {
                let link = field::harmless_link(&link(&LinkKind::Unsubscribe));
                footer.unsubscribe = Some((text, link));
            }
            Edit::AddListUnsubscribe => {
                let by_mail = link(&LinkKind::UnsubscribeByMail);
                listing::unsubscribe(
                    message,
                    &mut splices,
                    &link(&LinkKind::Unsubscribe),
                    &by_mail,
                );
            }
            Edit::AddListUnsubscribePost => listing::post(message, &mut splices),
            Edit::AddListId { id } => listing::id(message, &mut splices, id),
            Edit::RemoveHeader { name } => {
                for header in message.headers_named(name) {
                    splices.remove(header.whole.clone());
                }
            }
            Edit::RemoveSignature { domain, selector } => {
                for header in message.headers_named("DKIM-Signature") {
                    if signature::is_of(message.raw(header.value.clone()), domain, selector) {
                        splices.remove(header.whole.clone());
                    }
                }
            }
        }
    }
    let fill = edits.contains(&Edit::FillLinks);
    if fill || !footer.is_empty() {
        write_parts(message, &footer, fill.then_some(link), &mut splices)?;
    }
    Ok(splices.apply(message))
}

/// Writes the footer and the merge links into the parts.
fn write_parts(
    message: &Message,
    footer: &Footer<'_>,
    link: Option<&dyn Fn(&LinkKind) -> String>,
    splices: &mut Splices,
) -> Result<(), CannotEdit> {
    let targets = if footer.is_empty() { Vec::new() } else { target::of(message)? };
    for (index, part) in message.parts().iter().enumerate() {
        let is_target = targets.contains(&index);
        let root = part.parent.is_none();
        if !is_target && (!target::is_text(part) || (part.attachment && !root)) {
            continue;
        }
        let opened = Content::open(message, part);
        let mut content = match opened {
            Ok(content) => content,
            Err(why) if is_target => return Err(why),
            // Nothing can be filled in what cannot be read, and no reader will.
            Err(_) => continue,
        };
        if part.sealed {
            if link.is_some() && link::stands_in(&content.text) {
                return Err(CannotEdit::Sealed);
            }
            continue;
        }
        let mut changes = if is_target { footer.changes(&mut content)? } else { Vec::new() };
        if let Some(link) = link {
            let filled = link::changes(&content.text, content.html, link);
            if !filled.is_empty() {
                if content.is_armoured() {
                    return Err(CannotEdit::Sealed);
                }
                changes.extend(filled);
            }
        }
        // A merge link inside a footer that is there already: the footer's own change counts.
        changes.sort_by_key(|change| change.at.start);
        changes.dedup_by(|later, first| later.at.start < first.at.end);
        content.write(&changes, splices)?;
    }
    Ok(())
}

/// A field that the sealed part repeats is protected by it (RFC 9788): readers show that one.
fn refuse_protected(message: &Message, name: &str) -> Result<(), CannotEdit> {
    let protected = message.parts().iter().any(|part| {
        part.sealed
            && part.parent.is_some()
            && part.headers.iter().any(|header| header.name.eq_ignore_ascii_case(name))
    });
    if protected { Err(CannotEdit::Sealed) } else { Ok(()) }
}
