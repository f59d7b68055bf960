//! MAIL FROM, RCPT TO and their parameters (RFC 5321, 1870, 2852, 3461, 4865, 6152, 6531, 6710, 8689).

use serde::{Deserialize, Serialize};

use super::when::{By, Hold};

/// One message's envelope.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
pub struct Envelope {
    /// `None`: the null reverse path `<>`.
    pub from: Option<Path>,
    pub params: MailParams,
    pub recipients: Vec<Recipient>,
}

/// An address as the wire has it: the local part keeps its case and its quotes' content.
#[derive(Clone, Debug, Eq, Hash, PartialEq, Serialize, Deserialize)]
pub struct Path {
    /// Without quotes and backslashes.
    pub local: String,
    /// Lower case; U-labels stay (RFC 6531); an address literal keeps its brackets. Empty only
    /// for `<Postmaster>`.
    pub domain: String,
}

#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
pub struct MailParams {
    /// As announced by SIZE=, octets.
    pub size: Option<u64>,
    pub body: BodyType,
    pub smtputf8: bool,
    pub ret: Option<Ret>,
    /// Decoded from xtext.
    pub envid: Option<String>,
    pub require_tls: bool,
    /// The client asked for a reply per recipient (PRDR).
    pub prdr: bool,
    /// Not before (RFC 4865).
    #[serde(default)]
    pub hold: Option<Hold>,
    /// Not after (RFC 2852).
    #[serde(default)]
    pub by: Option<By>,
    /// From -9 to 9 (RFC 6710).
    #[serde(default)]
    pub priority: Option<i8>,
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
pub enum BodyType {
    #[default]
    SevenBit,
    EightBitMime,
    BinaryMime,
}

/// How much of the message a DSN returns (RFC 3461 §4.3).
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub enum Ret {
    Full,
    Headers,
}

#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Recipient {
    pub path: Path,
    pub notify: Notify,
    /// `rfc822;user@example.cz`, decoded from xtext.
    pub orcpt: Option<String>,
}

/// When the sender wants a DSN (RFC 3461 §4.1); where nothing is asked: on failure.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Notify {
    pub success: bool,
    pub failure: bool,
    pub delay: bool,
}

impl Default for Notify {
    fn default() -> Self {
        Self { success: false, failure: true, delay: false }
    }
}
