//! The bytes of a message as they leave, before they are signed: with the edits that the verdict asks for, and with
//! a place for complaints.

use bytes::Bytes;
use jiff::Timestamp;
use policy::{CannotEdit, Edit, LinkKind, Reading, Stream};

use super::{
    prepare::{Desk, Stays},
    return_path,
    signed::signing_domain,
};
use crate::{
    journal::reason::Cause,
    seal::AddressKey,
    sign::broken_by,
    spool::{Delivery, Message},
};

impl Desk {
    /// With a place for complaints on top; `None` where it has none, or could not be signed for, or a
    /// signature that holds would break.
    pub(super) fn marked(
        &self,
        message: &Message,
        reading: &Reading,
        deliveries: &[Delivery],
        bytes: &Bytes,
    ) -> Option<Bytes> {
        let domain = signing_domain(reading).filter(|domain| self.signer.has(domain))?;
        let about = (reading, domain.as_str());
        let mut marked =
            return_path::feedback(message, about, deliveries, self.back.as_ref())?.into_bytes();
        marked.extend_from_slice(bytes);
        broken_by(bytes, &marked).is_empty().then(|| marked.into())
    }

    pub(super) fn rendered(
        &self,
        now: Timestamp,
        stream: &Stream,
        reading: &Reading,
        message: &Message,
        edits: &[Edit],
        key: Option<AddressKey>,
    ) -> Result<Bytes, Stays> {
        let maker = self.links.as_ref().zip(key);
        if maker.is_none() && edits.iter().any(is_personal) {
            return Err(Stays::Later(Cause::LinksMissing, ""));
        }
        let own = stream.controller.domains.as_slice();
        let link = |kind: &LinkKind| {
            if *kind == LinkKind::UnsubscribeByMail {
                return return_path::unsubscribe(message, own, key, self.back.as_ref());
            }
            maker
                .map(|(links, key)| links.link(kind, stream, key, message.id, now))
                .unwrap_or_default()
        };
        edited(&reading.message, edits, &link).map_err(Stays::Unedited)
    }
}

/// With the edits made, and without the signatures that they break.
fn edited(
    message: &policy::Message,
    edits: &[Edit],
    link: &dyn Fn(&LinkKind) -> String,
) -> Result<Bytes, CannotEdit> {
    let edited = policy::render(message, edits, link)?;
    let broken = broken_by(message.bytes(), &edited);
    if broken.is_empty() {
        return Ok(edited);
    }
    let all: Vec<Edit> = edits.iter().cloned().chain(broken).collect();
    policy::render(message, &all, link)
}

/// The edit puts something of this one recipient into the bytes.
pub(super) fn is_personal(edit: &Edit) -> bool {
    match edit {
        Edit::FillLinks | Edit::AddUnsubscribe { .. } | Edit::AddListUnsubscribe => true,
        Edit::LabelSubject { .. }
        | Edit::LabelSender { .. }
        | Edit::AddIdentity { .. }
        | Edit::AddNotice { .. }
        | Edit::AddListUnsubscribePost
        | Edit::AddListId { .. }
        | Edit::RemoveHeader { .. }
        | Edit::RemoveSignature { .. } => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_edited_says_why() {
        let text = Edit::AddIdentity { text: "Kavárna s.r.o.".to_owned() };
        let link = |_: &LinkKind| String::new();
        let make = |body: &'static str| {
            let head = "From: a@shop.test\r\nMIME-Version: 1.0\r\nContent-Type: ";
            let message = policy::Message::parse(format!("{head}{body}").into());
            edited(&message, std::slice::from_ref(&text), &link)
        };
        assert!(make("text/plain\r\n\r\nSleva\r\n").is_ok());
        let sealed = "application/pkcs7-mime; smime-type=enveloped-data\r\n\r\nMIIB\r\n";
        assert_eq!(make(sealed), Err(CannotEdit::Sealed));
        assert_eq!(make("image/png\r\n\r\nx\r\n"), Err(CannotEdit::NoText));
    }
}
