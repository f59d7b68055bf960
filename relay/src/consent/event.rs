//! Consent's events: append-only, each hashed over the one before it.
//!
//! The hash covers the evidence through a salted commitment only, so an erasure can take evidence
//! and salt away and leave the chain whole.

use std::sync::Arc;

use jiff::Timestamp;
use policy::Ended;
use serde_json::Value;
use uuid::Uuid;

use super::{Proof, store::open_salt};
use crate::{
    at_rest::{self, Column, Part},
    db::{Arg, Error, Tx, int, text, uuid},
    journal::chain::{self, Head, Line},
    seal::{self, Secret},
};

/// What was said or learned.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    Granted,
    Refused,
    /// Taken back by the person.
    Withdrawn,
    /// Taken back by the controller.
    Revoked,
    /// The purpose was closed.
    Terminated,
    /// Found to be void.
    Invalidated,
    /// It will end soon.
    Expiring,
    Expired,
    Relation,
    Activity,
    /// How often the person wants to hear.
    Preference,
    /// What was on record was wrong: of a grant, or of the contact itself.
    Corrected,
    /// The person was told of the processing.
    Informed,
    /// Silent for long, and asked for a last sign of life.
    Inactive,
    /// It gave one.
    Reactivated,
    /// The address returned a message.
    Bounced,
    /// Evidence was erased.
    Erased,
}

impl Kind {
    pub const ALL: [Self; 17] = [
        Self::Granted,
        Self::Refused,
        Self::Withdrawn,
        Self::Revoked,
        Self::Terminated,
        Self::Invalidated,
        Self::Expiring,
        Self::Expired,
        Self::Relation,
        Self::Activity,
        Self::Preference,
        Self::Corrected,
        Self::Informed,
        Self::Inactive,
        Self::Reactivated,
        Self::Bounced,
        Self::Erased,
    ];

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// Of its word for people.
    pub fn text_id(self) -> &'static str {
        match self {
            Self::Granted => "event-granted",
            Self::Refused => "event-refused",
            Self::Withdrawn => "event-withdrawn",
            Self::Revoked => "event-revoked",
            Self::Terminated => "event-terminated",
            Self::Invalidated => "event-invalidated",
            Self::Expiring => "event-expiring",
            Self::Expired => "event-expired",
            Self::Relation => "event-relation",
            Self::Activity => "event-activity",
            Self::Preference => "event-preference",
            Self::Corrected => "event-corrected",
            Self::Informed => "event-informed",
            Self::Inactive => "event-inactive",
            Self::Reactivated => "event-reactivated",
            Self::Bounced => "event-bounced",
            Self::Erased => "event-erased",
        }
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Granted => "granted",
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
            Self::Revoked => "revoked",
            Self::Terminated => "terminated",
            Self::Invalidated => "invalidated",
            Self::Expiring => "expiring",
            Self::Expired => "expired",
            Self::Relation => "relation",
            Self::Activity => "activity",
            Self::Preference => "preference",
            Self::Corrected => "corrected",
            Self::Informed => "informed",
            Self::Inactive => "inactive",
            Self::Reactivated => "reactivated",
            Self::Bounced => "bounced",
            Self::Erased => "erased",
        }
    }
}

impl From<Ended> for Kind {
    fn from(how: Ended) -> Self {
        match how {
            Ended::Withdrawn => Self::Withdrawn,
            Ended::Revoked => Self::Revoked,
            Ended::Terminated => Self::Terminated,
            Ended::Invalidated => Self::Invalidated,
        }
    }
}

/// Who wrote it down, when it was said, and the evidence as JSON text.
pub(super) struct Said<'a> {
    pub actor: &'a str,
    pub at: Timestamp,
    pub evidence: Option<String>,
}

impl<'a> From<&'a Proof> for Said<'a> {
    fn from(proof: &'a Proof) -> Self {
        let evidence = (!proof.evidence.is_null()).then(|| proof.evidence.to_string());
        Self { actor: &proof.actor, at: proof.at, evidence }
    }
}

/// One event to append.
pub(super) struct New<'a> {
    pub contact: Uuid,
    /// The contact's, sealed as it is in its row.
    pub salt: &'a [u8],
    pub kind: Kind,
    pub controller: &'a str,
    pub purpose: Option<&'a str>,
    pub recorded_at: Timestamp,
    pub said: Said<'a>,
    /// Without personal data.
    pub detail: Value,
}

/// The chain that a process hangs its events on, and what seals their evidence.
#[derive(Clone, Debug)]
pub(super) struct Chain {
    name: Arc<str>,
    secret: Secret,
}

impl Chain {
    pub(super) fn new(name: String, secret: Secret) -> Self {
        Self { name: name.into(), secret }
    }
}

/// Events of one transaction, gathered and written together.
pub(super) struct Events<'a> {
    secret: Secret,
    start: Head,
    head: Head,
    args: Vec<Arg<'a>>,
    /// A salt that did not open: nothing is written then.
    fault: Option<Error>,
}

impl<'a> Events<'a> {
    pub(super) async fn begin(tx: &mut Tx<'_>, chain: &Chain) -> Result<Self, Error> {
        let start = chain::head(tx, &chain.name).await?;
        let secret = chain.secret.clone();
        Ok(Self { secret, start, head: start, args: Vec::new(), fault: None })
    }

    /// Number of the event in its chain; the chain is [`Self::chain`].
    pub(super) fn push(&mut self, new: New<'a>) -> i64 {
        let detail = new.detail.to_string();
        let Said { actor, at, evidence } = new.said;
        // Under no salt nothing is kept of a person: they were erased.
        let evidence = evidence.filter(|_| !new.salt.is_empty());
        let commitment = self.commitment(new.salt, evidence.as_deref());
        let (at, recorded_at) = (at.as_millisecond(), new.recorded_at.as_millisecond());
        self.head.append(&line(&Fields {
            contact: new.contact,
            kind: new.kind.as_str(),
            controller: new.controller,
            purpose: new.purpose,
            at,
            recorded_at,
            actor,
            detail: &detail,
            commitment: &commitment,
        }));
        let row = [Part::Int(self.head.chain), Part::Int(self.head.seq)];
        let seal = |plain: String| {
            at_rest::seal(&self.secret, Column::EventEvidence, &row, plain.as_bytes())
        };
        let evidence = evidence.map(seal);
        self.args.extend([
            int(self.head.chain),
            int(self.head.seq),
            uuid(new.contact),
            text(new.kind.as_str()),
            text(new.controller),
            Arg::Text(new.purpose.map(Into::into)),
            int(at),
            int(recorded_at),
            text(actor),
            text(detail),
            Arg::Bytes(evidence.map(Into::into)),
            Arg::bytes(commitment.to_vec()),
            Arg::bytes(self.head.hash.to_vec()),
        ]);
        self.head.seq
    }

    /// Number that the next one gets.
    pub(super) fn next(&self) -> i64 {
        self.head.seq + 1
    }

    pub(super) fn is_empty(&self) -> bool {
        self.args.is_empty()
    }

    /// Over the plain evidence: it holds whatever key seals it.
    fn commitment(&mut self, salt: &[u8], evidence: Option<&str>) -> [u8; 32] {
        if evidence.is_none() {
            return commitment(&[], None);
        }
        let opened = open_salt(&self.secret, salt);
        match opened {
            Ok(salt) => commitment(&salt, evidence),
            Err(error) => {
                self.fault = Some(error);
                [0; 32]
            }
        }
    }

    pub(super) fn chain(&self) -> i64 {
        self.head.chain
    }

    /// Writes them; the transaction's rest refers to them.
    pub(super) async fn write(self, tx: &mut Tx<'_>) -> Result<(), Error> {
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        tx.insert("consent_event", COLUMNS, self.args, "").await?;
        chain::advance(tx, &self.start, &self.head).await
    }
}

/// How an event is called: in standings, in the journal, on pages.
pub fn name(chain: i64, seq: i64) -> String {
    format!("c{chain}-{seq}")
}

/// Chain and number out of a name.
pub(super) fn parse(name: &str) -> Option<(i64, i64)> {
    let (chain, seq) = name.strip_prefix('c')?.split_once('-')?;
    Some((chain.parse().ok()?, seq.parse().ok()?))
}

/// What a hash is made over.
pub(super) struct Fields<'a> {
    pub contact: Uuid,
    pub kind: &'a str,
    pub controller: &'a str,
    pub purpose: Option<&'a str>,
    pub at: i64,
    pub recorded_at: i64,
    pub actor: &'a str,
    pub detail: &'a str,
    pub commitment: &'a [u8],
}

pub(super) fn line(fields: &Fields<'_>) -> Line {
    Line::default()
        .field(fields.contact.as_bytes())
        .field(fields.kind.as_bytes())
        .field(fields.controller.as_bytes())
        .maybe(fields.purpose.map(str::as_bytes))
        .number(fields.at)
        .number(fields.recorded_at)
        .field(fields.actor.as_bytes())
        .field(fields.detail.as_bytes())
        .field(fields.commitment)
}

pub(super) fn commitment(salt: &[u8], evidence: Option<&str>) -> [u8; 32] {
    let mut digest = seal::Digest::new();
    if let Some(evidence) = evidence {
        digest.update(&(salt.len() as u64).to_be_bytes());
        digest.update(salt);
        digest.update(evidence.as_bytes());
    }
    digest.finish()
}

const COLUMNS: &[&str] = &[
    "chain",
    "seq",
    "contact",
    "kind",
    "controller",
    "purpose",
    "at",
    "recorded_at",
    "actor",
    "detail",
    "evidence",
    "commitment",
    "hash",
];
