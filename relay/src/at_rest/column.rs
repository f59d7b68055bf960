//! The list of sealed columns: what is not in it lies in the database as it is.

use uuid::Uuid;

/// A column whose values are sealed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Column {
    ContactAddress,
    /// With it one could guess what an event's commitment is made of.
    ContactSalt,
    EventEvidence,
    /// With the key of the message's bytes.
    MessageEnvelope,
    DeliveryRecipient,
    /// What a peer said: it may repeat the address.
    DeliveryLast,
    /// Of the API, to a request that may come twice.
    AnswerBody,
    /// Signs what a webhook is told.
    WebhookSecret,
    /// Of whoever was erased, until webhooks were told.
    FarewellAddress,
    /// Sender and subject of a campaign.
    CampaignTold,
    /// Of a message that was refused: of its bytes.
    SampleKey,
    /// Of staff.
    AccountEmail,
    /// Makes the codes of a second factor.
    AccountTotp,
    /// From where and with which program staff work.
    SessionClient,
    AuditIp,
    /// What reviewers say to each other, and why.
    HeldComment,
    HeldReason,
    BulkReason,
    /// Name and words of a filter that somebody saved.
    SavedFilterTold,
    /// From where a login sent, and with what.
    SenderSeen,
    /// Why a policy is wanted, and what was said to it.
    DraftTold,
    /// Why somebody paused or bounced what waits, and to which domain.
    OrderTold,
    /// A domain's policy, which names its hosts.
    StsPolicyTold,
    /// A domain, and how sessions with it went.
    TlsCountTold,
    /// Whom reports are passed on to.
    ReturnSender,
    /// A provider's domain.
    PaceSlowTold,
    /// A letter that staff are to read.
    WishTold,
}

/// A part of a row's key, by which its values are bound to it.
#[derive(Clone, Debug, PartialEq)]
pub enum Part<'a> {
    Bytes(&'a [u8]),
    Uuid(Uuid),
    Int(i64),
}

/// Of which type a column of a row's key is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    Bytes,
    Text,
    Uuid,
    Int,
}

impl Column {
    pub const ALL: [Self; 27] = [
        Self::ContactAddress,
        Self::ContactSalt,
        Self::EventEvidence,
        Self::MessageEnvelope,
        Self::DeliveryRecipient,
        Self::DeliveryLast,
        Self::AnswerBody,
        Self::WebhookSecret,
        Self::FarewellAddress,
        Self::CampaignTold,
        Self::SampleKey,
        Self::AccountEmail,
        Self::AccountTotp,
        Self::SessionClient,
        Self::AuditIp,
        Self::HeldComment,
        Self::HeldReason,
        Self::BulkReason,
        Self::SavedFilterTold,
        Self::SenderSeen,
        Self::DraftTold,
        Self::OrderTold,
        Self::StsPolicyTold,
        Self::TlsCountTold,
        Self::ReturnSender,
        Self::PaceSlowTold,
        Self::WishTold,
    ];

    /// Table and column; values are sealed about it, so it never changes.
    pub fn label(self) -> &'static str {
        match self {
            Self::ContactAddress => "contact.address",
            Self::ContactSalt => "contact.salt",
            Self::EventEvidence => "consent_event.evidence",
            Self::MessageEnvelope => "message.envelope",
            Self::DeliveryRecipient => "delivery.recipient",
            Self::DeliveryLast => "delivery.last",
            Self::AnswerBody => "api_answer.body",
            Self::WebhookSecret => "webhook_secret.secret",
            Self::FarewellAddress => "farewell.address",
            Self::CampaignTold => "campaign.told",
            Self::SampleKey => "sample.key",
            Self::AccountEmail => "account.email",
            Self::AccountTotp => "account.totp",
            Self::SessionClient => "staff_session.client",
            Self::AuditIp => "audit.ip",
            Self::HeldComment => "held_comment.text",
            Self::HeldReason => "held.proposed_reason",
            Self::BulkReason => "held_bulk.reason",
            Self::SavedFilterTold => "saved_filter.told",
            Self::SenderSeen => "sender_seen.told",
            Self::DraftTold => "policy_draft.told",
            Self::OrderTold => "queue_order.told",
            Self::StsPolicyTold => "sts_policy.told",
            Self::TlsCountTold => "tls_count.told",
            Self::ReturnSender => "return_sender.address",
            Self::PaceSlowTold => "pace_slow.told",
            Self::WishTold => "wish.told",
        }
    }

    pub fn table(self) -> &'static str {
        self.split().0
    }

    pub fn name(self) -> &'static str {
        self.split().1
    }

    /// The row's key.
    pub fn key(self) -> &'static [(&'static str, Kind)] {
        match self {
            Self::ContactAddress | Self::ContactSalt => &[("key", Kind::Bytes)],
            Self::EventEvidence | Self::AuditIp => &[("chain", Kind::Int), ("seq", Kind::Int)],
            Self::MessageEnvelope
            | Self::DeliveryRecipient
            | Self::DeliveryLast
            | Self::SampleKey
            | Self::AccountEmail
            | Self::AccountTotp
            | Self::SessionClient
            | Self::HeldComment
            | Self::HeldReason
            | Self::BulkReason
            | Self::SavedFilterTold
            | Self::DraftTold
            | Self::OrderTold
            | Self::WishTold => &[("id", Kind::Uuid)],
            Self::AnswerBody => &[("api_key", Kind::Text), ("name", Kind::Bytes)],
            Self::WebhookSecret => &[("webhook", Kind::Uuid), ("made_at", Kind::Int)],
            Self::FarewellAddress => &[("contact", Kind::Uuid)],
            Self::CampaignTold | Self::ReturnSender => &[("id", Kind::Int)],
            Self::SenderSeen => &[("login", Kind::Text)],
            Self::StsPolicyTold => &[("domain", Kind::Bytes)],
            Self::TlsCountTold => &[("id", Kind::Bytes)],
            Self::PaceSlowTold => &[("key", Kind::Bytes)],
        }
    }

    /// Whether its values are sealed about their rows, too. A salt is not: one in another place is
    /// found by the commitments that were made with it.
    pub fn is_bound(self) -> bool {
        self != Self::ContactSalt
    }

    fn split(self) -> (&'static str, &'static str) {
        self.label().split_once('.').unwrap_or_default()
    }
}
