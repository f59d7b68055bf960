//! A case file's `case.json`: what it is about, every line and event with its proof, and the same
//! in words for people.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{checkpoint::Checkpoint, decision::Decision};
use crate::{
    consent,
    journal::{
        self,
        chain::{Hashed, Head},
        hex::{Bytes, Digest},
    },
};

/// All of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Case {
    /// [`FORMAT`].
    pub format: String,
    /// Of the page and of the decisions in words: `cs`.
    pub language: String,
    /// RFC 3339.
    pub made_at: String,
    /// The release that made it.
    pub program: String,
    /// Fingerprint of the key that signed.
    pub key: String,
    pub about: About,
    pub message: Option<Sent>,
    /// Verdicts, in words; each is made of the line that it names.
    pub decisions: Vec<Decision>,
    pub contacts: Vec<Person>,
    /// Lines of the journal, oldest first.
    pub lines: Vec<Proven<journal::written::Written>>,
    /// What people said, oldest first.
    pub statements: Vec<Statement>,
    pub policies: Vec<PolicyText>,
    /// Those that lines and events name, then those that lead from them to the deposited ones.
    pub checkpoints: Vec<Checkpoint>,
}

/// What was asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct About {
    pub controller: Business,
    pub message: Option<Uuid>,
    pub address: Option<String>,
}

/// Who sends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Business {
    pub id: String,
    pub name: String,
    pub company_id: Option<String>,
    pub seat: Option<String>,
    pub register: Option<String>,
}

/// The message, or why there is only its digest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sent {
    /// In the archive.
    pub file: Option<String>,
    pub is: SentIs,
    /// SHA-256 of what left, one for each form in which it left.
    pub sha256: Vec<Digest>,
}

/// What the file is, or why there is none.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum SentIs {
    /// As it left, from whoever kept it.
    Left,
    /// As it came: from the spool where it waits, or from whoever kept it.
    Received,
    /// It left, and the relay keeps nothing that did.
    NotKept,
    NeverLeft,
}

/// A recipient, as it is on record when the case file is made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Person {
    /// By which lines name it.
    pub key: Digest,
    /// By which events name it.
    pub contact: Option<Uuid>,
    /// `None`: erased, or never on record.
    pub address: Option<String>,
    pub created_at: Option<String>,
    pub erased_at: Option<String>,
    /// What opens the commitments of its events.
    pub salt: Option<Bytes>,
}

/// One policy.toml that was in force.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PolicyText {
    pub version: String,
    /// In the archive; `None`: it is not on record.
    pub file: Option<String>,
    pub program: Option<String>,
}

/// Something of a chain with what leads from it to a signature.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Proven<T> {
    pub chain: String,
    pub seq: i64,
    /// Hash of the line before.
    pub previous: Digest,
    pub says: T,
    pub hash: Digest,
    /// Number of the checkpoint in this file, from 0.
    pub checkpoint: usize,
    /// From the leaf up.
    pub path: Vec<Digest>,
}

/// An event of the consent store, with what it commits to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Statement {
    pub event: Proven<consent::written::Written>,
    /// JSON as it was committed to: wording, IP address, form, order.
    pub evidence: Option<String>,
    pub evidence_is: EvidenceIs,
}

/// What became of evidence.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum EvidenceIs {
    Here,
    /// There never was any.
    None,
    /// Erased, as the law asks for; the commitment to it stands.
    Erased,
}

impl<T: Hashed> Proven<T> {
    /// Whether the hash is that of what is said, after the line before.
    pub(super) fn is_hashed(&self) -> bool {
        let Some(seq) = self.seq.checked_sub(1) else { return false };
        // The first line of a chain follows its name alone.
        if seq == 0 && self.previous.0 != Head::start(0, &self.chain).hash {
            return false;
        }
        let mut head = Head { chain: 0, seq, hash: self.previous.0 };
        head.append(&self.says.line());
        head.hash == self.hash.0
    }
}

pub(super) const FORMAT: &str = "souhlas case 1";
