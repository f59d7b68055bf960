//! The SMTP credentials of mailing tools: who may send, and as whom.

use serde::{Deserialize, Serialize};

/// What a verified credential allows.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Login {
    pub name: String,
    /// `@shop.cz`, `@*.shop.cz`, `news@shop.cz`: both MAIL FROM and header From must match one.
    pub senders: Vec<String>,
    pub refusals: Refusals,
    pub mixed: Mixed,
}

/// What the client sees when a recipient may not get the message (architecture 7).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Refusals {
    /// 550 at RCPT, or after DATA.
    #[default]
    Reply,
    /// 250; not sent; a DSN and an event.
    Suppress,
}

/// After DATA, when only some recipients may get the message.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mixed {
    /// The lawful get it; a DSN names the others.
    #[default]
    Split,
    /// All or nothing.
    Refuse,
}
