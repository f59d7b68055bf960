//! Why something became of a message, where neither a rule's id nor the class of a reply says it: the
//! words are the same in replies, reports, the journal, webhooks, the log of events, the API and the
//! console. Never changed; docs/webhooks.md says what each means, and `reasons.ftl` says it to people.

use policy::CannotEdit;

/// One word of the vocabulary that is the relay's own.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Cause {
    /// No connection came about.
    Unreachable,
    DnsSilent,
    TlsFailed,
    TlsNotOffered,
    /// The next hop wants no login, or none that is safe.
    LoginNotOffered,
    DomainUnknown,
    /// The null MX (RFC 7505).
    DomainTakesNone,
    HostUnknown,
    /// All mail exchangers are ourselves.
    MailLoop,
    DaneMissing,
    StsMissing,
    StsNotListed,
    /// REQUIRETLS (RFC 8689): nothing proves who the servers are; or they do not offer it.
    RequireTlsUnproven,
    RequireTlsNotOffered,
    ConnectionLost,
    /// While the message was on its way.
    CutOff,
    /// After all of the message, before the reply: it may have arrived.
    Unconfirmed,
    NotAnswered,
    ProtocolBroken,
    TooLarge,
    AddressNotTaken,
    HeaderNotTaken,
    EightBitNotTaken,
    /// It was tried, or waited for a person, for as long as it may.
    Expired,
    /// A person gave it up.
    GivenUp,
    /// The recipient called it spam.
    Complaint,
    /// Too many did, so the relay itself paused what is like it.
    ComplaintLimit,
    /// It cannot be decided on before a fact is known.
    FactMissing,
    /// It may leave with its edits only, and they cannot be made.
    CannotEdit,
    /// Another counted message to the recipient is on its way.
    TurnTaken,
    /// No public address is configured.
    LinksMissing,
    SigningFailed,
    CaptureFailed,
    InternalError,
    RateReached,
    ConnectionsTaken,
    SlowedDown,
    OthersFirst,
    // What a client is told.
    SenderNotAllowed,
    FromNotAllowed,
    StreamUnknown,
    ClassUnknown,
    RecipientNotValid,
    LinksPersonal,
    NotAllowedNow,
    NotDecided,
    StorageUnavailable,
    // What is told to whoever brings something back.
    NoSuchAddress,
    Malformed,
    Forgotten,
    NobodyReadsThis,
}

impl Cause {
    /// Each with its word, and what it says to operators and senders in English.
    const TABLE: [(Self, &'static str, &'static str); 51] = [
        (Self::Unreachable, "unreachable", "no connection"),
        (Self::DnsSilent, "dns-silent", "no answer from dns"),
        (Self::TlsFailed, "tls-failed", "no tls"),
        (Self::TlsNotOffered, "tls-not-offered", "the server offers no STARTTLS"),
        (Self::LoginNotOffered, "login-not-offered", "the server offers no safe way to log in"),
        (Self::DomainUnknown, "domain-unknown", "the recipient's domain does not exist"),
        (Self::DomainTakesNone, "domain-takes-none", "the recipient's domain takes no mail"),
        (Self::HostUnknown, "host-unknown", "the domain's mail servers have no address"),
        (Self::MailLoop, "mail-loop", "the domain's mail server is this one"),
        (
            Self::DaneMissing,
            "dane-missing",
            "only dane will do here, and the host's zone has no record for it",
        ),
        (
            Self::StsMissing,
            "mta-sts-missing",
            "only mta-sts will do here, and the domain has no policy",
        ),
        (
            Self::StsNotListed,
            "mta-sts-not-listed",
            "the host is none of those that the domain's mta-sts policy names",
        ),
        (
            Self::RequireTlsUnproven,
            "requiretls-unproven",
            "REQUIRETLS was asked for, and nothing proves who the domain's servers are",
        ),
        (
            Self::RequireTlsNotOffered,
            "requiretls-not-offered",
            "REQUIRETLS was asked for, and the next server does not offer it",
        ),
        (Self::ConnectionLost, "connection-lost", "the peer hung up"),
        (Self::CutOff, "cut-off", "the connection ended in mid-message"),
        (
            Self::Unconfirmed,
            "unconfirmed",
            "the connection ended after the message, before its reply",
        ),
        (Self::NotAnswered, "not-answered", "the peer did not answer in time"),
        (Self::ProtocolBroken, "protocol-broken", "the peer broke the protocol"),
        (Self::TooLarge, "too-large", "the message is larger than the next server takes"),
        (
            Self::AddressNotTaken,
            "address-not-taken",
            "an address outside ASCII, and the next server does not take such",
        ),
        (
            Self::HeaderNotTaken,
            "header-not-taken",
            "a header field in UTF-8 that has no other form, and the next server takes none",
        ),
        (
            Self::EightBitNotTaken,
            "eight-bit-not-taken",
            "a signed or nested part in 8bit, which must not be converted, and the next server takes none",
        ),
        (Self::Expired, "expired", "its time is over"),
        (Self::GivenUp, "given-up", "given up by a person who looks after the relay"),
        (Self::Complaint, "complaint", "the recipient called it spam"),
        (Self::ComplaintLimit, "complaint-limit", "too many recipients called such mail spam"),
        (Self::FactMissing, "fact-missing", "a fact is missing"),
        (Self::CannotEdit, "cannot-edit", "no repair"),
        (Self::TurnTaken, "turn-taken", "another counted message to the recipient is on its way"),
        (
            Self::LinksMissing,
            "links-missing",
            "no links can be made: relay.toml has no public address",
        ),
        (Self::SigningFailed, "signing-failed", "the dkim key did not work"),
        (Self::CaptureFailed, "capture-failed", "cannot write into the capture folder"),
        (Self::InternalError, "internal-error", "an error inside the relay: see its log"),
        (Self::RateReached, "rate-reached", "not tried: a limit's rate is used up"),
        (
            Self::ConnectionsTaken,
            "connections-taken",
            "not tried: all connections that a limit allows are taken",
        ),
        (Self::SlowedDown, "slowed-down", "not tried: the provider asked for a slower pace"),
        (Self::OthersFirst, "others-first", "not tried: more of its destination are before it"),
        (Self::SenderNotAllowed, "sender-not-allowed", "this login may not send as this MAIL FROM"),
        (Self::FromNotAllowed, "from-not-allowed", "this login may not send as this header From"),
        (Self::StreamUnknown, "stream-unknown", "no stream of the policy takes this message"),
        (Self::ClassUnknown, "class-unknown", "header Souhlas-Class names no class"),
        (
            Self::RecipientNotValid,
            "recipient-not-valid",
            "the address has no form that consent can be found by",
        ),
        (Self::LinksPersonal, "links-are-personal", "not sent, send to one recipient at a time"),
        (Self::NotAllowedNow, "not-allowed-now", "the recipient said no meanwhile"),
        (Self::NotDecided, "not-decided", "a fact is missing"),
        (Self::StorageUnavailable, "storage-unavailable", "the database did not answer"),
        (Self::NoSuchAddress, "no-such-address", "only addresses from our messages are taken here"),
        (Self::Malformed, "malformed", "the message cannot be read"),
        (Self::Forgotten, "forgotten", "nothing is known of that message any more"),
        (
            Self::NobodyReadsThis,
            "nobody-reads-this",
            "write to the address in the message's From, or use its unsubscribe link",
        ),
    ];

    /// All of them, in the table's order.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::TABLE.iter().map(|(cause, ..)| *cause)
    }

    /// Its word: lower case, with hyphens.
    pub fn as_str(self) -> &'static str {
        self.row().1
    }

    /// To operators and senders.
    pub fn english(self) -> &'static str {
        self.row().2
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::TABLE.iter().find(|(_, own, _)| *own == word).map(|(cause, ..)| *cause)
    }

    fn row(self) -> &'static (Self, &'static str, &'static str) {
        const NONE: (Cause, &str, &str) = (Cause::InternalError, "internal-error", "");
        // INVARIANT: a test finds each.
        Self::TABLE.iter().find(|(cause, ..)| *cause == self).unwrap_or(&NONE)
    }
}

/// A reason and what is to be said besides, on one line: `unreachable: timed out`. What is said besides
/// is a server's or a library's word, another reason, or the id of a text.
pub fn line(reason: &str, detail: &str) -> String {
    if detail.is_empty() { reason.to_owned() } else { format!("{reason}: {detail}") }
}

/// What [`line()`] put together. `None`: it is of before reasons had words, and all of it a sentence.
pub fn split(line: &str) -> Option<(&str, &str)> {
    let (reason, detail) = line.split_once(": ").unwrap_or((line, ""));
    let is_word = |word: &str| {
        !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
    };
    is_word(reason).then_some((reason, detail))
}

/// Why an edit cannot be made, as what is said besides: the id of its text.
pub fn no_edit(why: CannotEdit) -> &'static str {
    match why {
        CannotEdit::Sealed => "no-edit-sealed",
        CannotEdit::NoText => "no-edit-no-text",
        CannotEdit::Malformed => "no-edit-malformed",
        CannotEdit::Senders => "no-edit-senders",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cause_has_one_word() {
        for cause in Cause::all() {
            assert_eq!(Cause::parse(cause.as_str()), Some(cause));
            assert_eq!(split(cause.as_str()), Some((cause.as_str(), "")));
        }
    }

    #[test]
    fn a_line_is_taken_apart_again_and_an_old_one_is_left_whole() {
        for (reason, detail) in [("hard", "550 5.1.1 no: such user"), ("rate-reached", "")] {
            assert_eq!(split(&line(reason, detail)), Some((reason, detail)));
        }
        for old in ["451 4.7.1 grey", "no connection: timed out", "not tried: x", ""] {
            assert_eq!(split(old), None, "{old}");
        }
    }
}
