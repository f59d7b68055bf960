//! The closed list of changes that repair a broken rule.

use serde::{Deserialize, Serialize};

/// One repair. Applying it to a message that already has it changes nothing.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "edit")]
pub enum Edit {
    /// Replace the relay's merge links (`https://souhlas.invalid/...`) by signed ones.
    FillLinks,
    /// Put the label before the subject's text: `[OS] `; `Re:` and the like stay in front.
    LabelSubject { label: String },
    /// Put the label before the display name of From.
    LabelSender { label: String },
    /// Append the controller's identity to every alternative text part.
    AddIdentity { text: String },
    /// Append a sentence for the reader to every alternative text part, before the identity;
    /// `link` follows it.
    AddNotice { text: String, link: Option<String> },
    /// Append a line with the unsubscribe link to every alternative text part; `text` is the
    /// sentence, the link follows it.
    AddUnsubscribe { text: String },
    /// `List-Unsubscribe: <https link>, <mailto>`, replacing what is there; where the relay takes no
    /// mail, the tool's own mailto is kept.
    AddListUnsubscribe,
    /// `List-Unsubscribe-Post: List-Unsubscribe=One-Click`.
    AddListUnsubscribePost,
    /// `List-Id: <id>`.
    AddListId { id: String },
    /// Remove every field of this name (a tool's own `Souhlas-*` fields, DKIM signatures that
    /// an edit breaks).
    RemoveHeader { name: String },
    /// Remove the DKIM-Signature fields of this domain and selector: another edit breaks them.
    RemoveSignature { domain: String, selector: String },
}

impl Edit {
    /// What it does, for people.
    pub fn words(&self) -> String {
        match self {
            Self::FillLinks => "fill in the relay's links".to_owned(),
            Self::LabelSubject { label } => format!("put `{}` before the subject", label.trim()),
            Self::LabelSender { label } => {
                format!("put `{}` before the sender's name", label.trim())
            }
            Self::AddIdentity { text } => format!("add the identity: {text}"),
            Self::AddNotice { text, link: None } => format!("add a notice: {text}"),
            Self::AddNotice { text, link: Some(link) } => format!("add a notice: {text} {link}"),
            Self::AddUnsubscribe { text } => format!("add a link to unsubscribe: {text}"),
            Self::AddListUnsubscribe => "add List-Unsubscribe".to_owned(),
            Self::AddListUnsubscribePost => "add List-Unsubscribe-Post".to_owned(),
            Self::AddListId { id } => format!("add List-Id <{id}>"),
            Self::RemoveHeader { name } => format!("remove the field {name}"),
            Self::RemoveSignature { domain, selector } => {
                format!("remove the DKIM signature {selector} of {domain}")
            }
        }
    }
}

/// A link that the relay makes for one recipient (architecture 9).
#[derive(Clone, Debug, Eq, Hash, PartialEq, Serialize, Deserialize)]
pub enum LinkKind {
    Unsubscribe,
    /// `mailto:…` for List-Unsubscribe (RFC 2369); empty where the relay takes no mail.
    UnsubscribeByMail,
    Preferences,
    Renew {
        purpose: String,
    },
    Confirm {
        purpose: String,
    },
}
