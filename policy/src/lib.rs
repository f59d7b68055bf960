//! Decides what the law lets a message do.
//!
//! Pure: facts in, verdict out. No clock, no files, no network, no database. The relay reads a
//! message ([`Reading::of`]), gathers the [`Facts`], calls [`decide()`], and carries out the
//! [`Verdict`]; [`render`] writes the message as it leaves. To add a rule, copy a file in
//! `rules/` and the page beside it.

// Mail is hostile input: nothing it contains may panic us. It binds the product and not its tests.
#![cfg_attr(
    not(test),
    deny(
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::string_slice,
        clippy::unreachable,
        clippy::unwrap_used
    )
)]

mod address;
mod class;
mod controller;
mod decide;
#[cfg(test)]
mod dice;
mod edit;
mod explain;
mod facts;
mod ground;
mod identity;
mod journal;
mod label;
pub mod law;
mod message;
mod notice;
mod own_link;
mod pack;
mod policy;
mod provider;
mod purpose;
mod reading;
mod reason;
mod reasons;
mod reply;
pub mod report;
mod rewrite;
mod rule;
pub mod rules;
mod shown;
mod signature;
mod standing;
pub mod text;
mod unsubscribe;
mod verdict;
mod visible;

pub use address::{Address, AddressFault};
pub use class::{Class, Classified, Sign};
pub use controller::{Controller, Country, Language, Stream, UnsubscribeScope};
pub use decide::{Decider, decide, decide_recipient};
pub use edit::{Edit, LinkKind};
pub use explain::{Explained, Explanation, SignShown, explain};
pub use facts::{Facts, Known, Waiver};
pub use ground::{Asked, Worth, worth};
pub use identity::{Needles, company_id_fault, identity_unknown};
pub use journal::journal_detail;
pub use message::{Encoding, Header, Mailbox, Message, Part, PartKind};
pub use pack::{
    B2bTerms, Complaint, ConsentTerms, ExemptionTerms, Frequency, IdentityField, IdentityTerms,
    InformationTerms, LabelPlace, LabelTerms, MinorsTerms, NonBusinessTerms, Pack, PenaltyTerms,
    ReconsentPart, ReconsentTerms, RequestByEmail, RetentionTerms, TechnicalNoticeTerms, Term,
    Terms, UnsubscribeTerms,
};
pub use policy::{OnBroken, Policy};
pub use provider::{Provider, Rate};
pub use purpose::{Activity, Basis, Channel, Purpose, Topic, Validity};
pub use reading::{Link, LinkTarget, Reading, View};
pub use reason::{Reason, ReasonValue};
pub use reasons::reasons;
pub use rewrite::{CannotEdit, render};
pub use rule::{Citation, Evidence, Fault, Outcome, Place, Rule};
pub use standing::{
    Ended, EvidenceField, Grant, Method, Preference, Refusal, Relation, RelationKind, Requires,
    Scope, Sent, Source, Standing, Subscriber,
};
pub use verdict::{Action, Finding, Verdict};
