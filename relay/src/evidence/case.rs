//! A case file's `case.json`: what it is about, every line and event with its proof, and the same
//! in words for people.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    checkpoint::Checkpoint,
    decision::Decision,
    hex::{Bytes, Digest},
};
use crate::{
    consent,
    journal::{
        self,
        chain::{Head, Line},
    },
};

/// All of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Case {
    /// [`FORMAT`].
    pub format: String,
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
    pub lines: Vec<Proven<Entry>>,
    /// What people said, oldest first.
    pub events: Vec<Proven<Event>>,
    pub policies: Vec<PolicyText>,
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

/// The message as it was sent, or why there is only its digest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sent {
    /// In the archive.
    pub file: Option<String>,
    /// SHA-256 of what left, one for each form in which it left.
    pub sha256: Vec<Digest>,
    pub why: String,
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

/// A line of the journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    pub id: Uuid,
    /// Unix milliseconds.
    pub at: i64,
    pub kind: String,
    pub message: Option<Uuid>,
    pub delivery: Option<Uuid>,
    pub recipient: Option<Digest>,
    /// JSON as it stands there, to the letter.
    pub detail: String,
}

/// An event of the consent store.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Event {
    pub contact: Uuid,
    pub kind: String,
    pub controller: String,
    pub purpose: Option<String>,
    /// Unix milliseconds.
    pub at: i64,
    pub recorded_at: i64,
    pub actor: String,
    /// JSON as it stands there, to the letter.
    pub detail: String,
    pub commitment: Digest,
    /// JSON as it was committed to: wording, IP address, form, order.
    pub evidence: Option<String>,
    /// `here`, `none`, `erased`.
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

/// Something whose hash stands in a chain.
pub(super) trait Hashed {
    fn line(&self) -> Line;
}

impl Hashed for Entry {
    fn line(&self) -> Line {
        let Self { id, at, kind, message, delivery, recipient, detail } = self.clone();
        let recipient = recipient.map(|key| key.0);
        journal::written::Written { id, at, kind, message, delivery, recipient, detail }.line()
    }
}

impl From<journal::written::Written> for Entry {
    fn from(written: journal::written::Written) -> Self {
        let journal::written::Written { id, at, kind, message, delivery, recipient, detail } =
            written;
        Self { id, at, kind, message, delivery, recipient: recipient.map(Digest), detail }
    }
}

impl Event {
    pub(super) fn written(&self) -> consent::written::Written {
        consent::written::Written {
            contact: self.contact,
            kind: self.kind.clone(),
            controller: self.controller.clone(),
            purpose: self.purpose.clone(),
            at: self.at,
            recorded_at: self.recorded_at,
            actor: self.actor.clone(),
            detail: self.detail.clone(),
            commitment: self.commitment.0,
        }
    }
}

impl Hashed for Event {
    fn line(&self) -> Line {
        self.written().line()
    }
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
