//! Attachments by name, type, size and hash: their bytes are given to nobody.

use policy::Message;

use crate::seal;

/// One file in a message.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Attachment {
    /// `1.2`
    pub part: String,
    /// What it calls itself.
    pub name: Option<String>,
    pub media_type: String,
    /// Without its transfer encoding.
    pub octets: usize,
    /// SHA-256 of them, in hex.
    pub sha256: String,
}

/// Whatever is not shown as text: files, pictures, messages within.
pub fn attachments(message: &Message) -> Vec<Attachment> {
    let parts = message.parts().iter().filter(|part| super::is_closed(part));
    parts
        .map(|part| {
            let content = message.content(part);
            Attachment {
                part: part.path.clone(),
                name: message.file_name(part).map(|name| super::mark::plain(name.trim())),
                media_type: super::mark::plain(&part.media_type),
                octets: content.len(),
                sha256: seal::hex(&seal::digest(&content)),
            }
        })
        .collect()
}
