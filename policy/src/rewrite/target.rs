//! Which parts a footer goes into: each alternative of the message's body, once.
//!
//! In multipart/mixed that is the first child with text, not every one: a footer behind each
//! attachment is noise. Attachments are never touched.

use crate::{CannotEdit, Message, Part, PartKind};

/// Deeper structures are not written by anybody.
const DEPTH_MAX: usize = 50;

/// Indices of the parts, in order; never empty.
pub(super) fn of(message: &Message) -> Result<Vec<usize>, CannotEdit> {
    let found = below(message, 0, 0)?;
    if found.iter().any(|index| message.parts().get(*index).is_some_and(|part| part.sealed)) {
        return Err(CannotEdit::Sealed);
    }
    if found.is_empty() {
        let sealed = message.parts().iter().any(|part| part.sealed && !part.attachment);
        return Err(if sealed { CannotEdit::Sealed } else { CannotEdit::NoText });
    }
    Ok(found)
}

fn below(message: &Message, index: usize, depth: usize) -> Result<Vec<usize>, CannotEdit> {
    if depth > DEPTH_MAX {
        return Err(CannotEdit::Malformed);
    }
    let Some(part) = message.parts().get(index) else { return Ok(Vec::new()) };
    if part.attachment && depth > 0 {
        return Ok(Vec::new());
    }
    if part.kind == PartKind::Multipart {
        let every = part.media_type == "multipart/alternative";
        let mut found = Vec::new();
        for (child, candidate) in message.parts().iter().enumerate().skip(index + 1) {
            if candidate.parent == Some(index) {
                found.extend(below(message, child, depth + 1)?);
                if !every && !found.is_empty() {
                    break;
                }
            }
        }
        return Ok(found);
    }
    // What is sealed counts as found, so that nothing beside it is taken for the body.
    let seals = part.sealed && part.media_type.starts_with("application/");
    Ok(if is_text(part) || seals { vec![index] } else { Vec::new() })
}

/// It is a text that the relay can write into, if its encoding allows.
pub(super) fn is_text(part: &Part) -> bool {
    match part.kind {
        PartKind::Text => part.media_type == "text/plain" || part.media_type == "text",
        PartKind::Html => true,
        PartKind::Multipart | PartKind::Nested | PartKind::Other => false,
    }
}
