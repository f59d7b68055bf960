//! What pages say of edits, of what they change, of what is on record, and of sections of law, in the
//! visitor's language.

use jiff::Timestamp;
use policy::{CannotEdit, Edit, Grant, Refusal, law};

use super::Frame;
use crate::{content::Of, journal::reason, review::Code, web::paper};

impl Frame {
    /// What is done, in a sentence.
    pub(super) fn edit(&self, edit: &Edit) -> String {
        let with = |id: &str, value: &str| self.with(id, &[("value", value.into())]);
        match edit {
            Edit::FillLinks => self.say("console-edit-links").into_owned(),
            Edit::LabelSubject { label } => with("console-edit-label-subject", label.trim()),
            Edit::LabelSender { label } => with("console-edit-label-sender", label.trim()),
            Edit::AddIdentity { text } => with("console-edit-identity", text),
            Edit::AddNotice { text, .. } => with("console-edit-notice", text),
            Edit::AddUnsubscribe { text } => with("console-edit-unsubscribe", text),
            Edit::AddListUnsubscribe => self.say("console-edit-list-unsubscribe").into_owned(),
            Edit::AddListUnsubscribePost => self.say("console-edit-one-click").into_owned(),
            Edit::AddListId { id } => with("console-edit-list-id", id),
            Edit::RemoveHeader { name } => with("console-edit-remove", name),
            Edit::RemoveSignature { domain, .. } => with("console-edit-remove-signature", domain),
        }
    }

    /// Act and section.
    pub(super) fn section(&self, id: &str) -> String {
        law::find(id).map_or_else(|| id.to_owned(), ToString::to_string)
    }

    /// What of the message changed.
    pub(super) fn changed(&self, of: &Of) -> String {
        match of {
            Of::Subject => self.say("console-message-subject").into_owned(),
            Of::Headers => self.say("console-message-headers").into_owned(),
            Of::Text(part) => self.with("console-message-text-of", &[("part", part.into())]),
            Of::Html(part) => self.with("console-message-html-of", &[("part", part.into())]),
        }
    }

    /// What a no is about; purposes by their ids.
    pub(super) fn scope(&self, refusal: &Refusal) -> String {
        paper::scope(self.words, refusal, |id| id)
    }

    /// When it ended before its time, or ends.
    pub(super) fn ends(&self, grant: &Grant) -> String {
        let until = Some(grant.until).filter(|until| *until < Timestamp::MAX);
        self.maybe_moment(&grant.withdrawn_at.or(until))
    }

    /// One field of what the journal says of something that happened: its name and what stands in it.
    pub(super) fn detail(&self, name: &str, value: String) -> (String, String) {
        let code = Code::parse(&value).filter(|_| name == "code");
        let value = match (code, name) {
            (Some(code), _) => self.say(code.text_id()).into_owned(),
            (None, "reason") => self.words.cause(&value, "").unwrap_or(value),
            (None, "because") => self.words.recorded_reason(&value.into()),
            (None, _) => value,
        };
        (self.words.field(name), value)
    }

    /// What came of the last attempt, why there was none, or why the relay ordered something: a
    /// [`reason::line`]. What is older stands as it is.
    pub(super) fn line(&self, line: &str) -> String {
        let parts = reason::split(line);
        let said = parts.and_then(|(reason, besides)| self.words.cause(reason, besides));
        said.unwrap_or_else(|| line.to_owned())
    }

    /// As a delivery has it that is held for it.
    pub(super) fn unedited_before(&self, why: &str) -> String {
        let known = CannotEdit::ALL.into_iter().find(|one| one.to_string() == why);
        known.map_or_else(|| self.line(why), |why| self.unedited(&why))
    }

    pub(super) fn unedited(&self, why: &CannotEdit) -> String {
        let why = self.words.no_edit(*why).into_owned();
        self.with("console-message-unedited", &[("why", why.into())])
    }
}
