//! From what a peer said, or what stood in the way, to what becomes of one recipient. Pure.
//!
//! Only a peer's word about this recipient or message bounces it at once; what is wrong with the
//! way there (names, connections, TLS, credentials) is tried again until the message expires.

use crate::{
    journal::reason::{self, Cause},
    smtp::client::{Answer, Lack, PeerReply, Why},
    tls,
};

/// What becomes of one recipient after one attempt.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Outcome {
    pub fate: Fate,
    /// Enhanced status code (RFC 3463).
    pub status: [u16; 3],
    /// What happened; `None`: a peer said something.
    pub cause: Option<Cause>,
    /// What the peer said; or what a library said of what happened, if anything. On one line.
    pub detail: String,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Fate {
    Delivered,
    Later,
    Bounce,
    /// Nobody has it and nobody was asked: another connection may be tried at once.
    Again,
}

/// Why there is no connection to talk over.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Problem {
    /// The domain does not exist.
    NoDomain,
    /// The domain says that it takes no mail (RFC 7505).
    NullMx,
    /// The domain's mail exchangers have no address.
    NoHost,
    /// All mail exchangers are ourselves.
    Loop,
    /// DNS did not answer.
    Dns(String),
    /// No host could be reached.
    Connect(String),
    Handshake(tls::Fault),
    /// A policy, the domain's or the operator's, keeps the message from the hosts that there are.
    Policy(Cause),
    /// The sender asked for REQUIRETLS (RFC 8689), and no host can.
    RequireTls(Cause),
    Closed(Why),
}

impl Outcome {
    /// No peer's word.
    pub fn own(fate: Fate, status: [u16; 3], cause: Cause) -> Self {
        Self { fate, status, cause: Some(cause), detail: String::new() }
    }

    pub fn with(self, detail: impl Into<String>) -> Self {
        Self { detail: detail.into(), ..self }
    }

    /// It cannot be there in the time that BY gives it (RFC 2852 §4.1.4).
    pub(super) fn not_in_time(why: &'static str) -> Self {
        Self::own(Fate::Bounce, NOT_IN_TIME, Cause::Expired).with(why)
    }

    /// Its time was over, or would be.
    pub(super) fn is_expired(&self) -> bool {
        self.cause == Some(Cause::Expired)
    }

    /// A peer's reply, which a DSN may quote as `smtp` diagnostic.
    pub fn is_said(&self) -> bool {
        self.cause.is_none()
    }

    /// In English, on one line: for the sender's DSN.
    pub fn text(&self) -> String {
        let detail = match Cause::parse(&self.detail) {
            Some(besides) => besides.english(),
            None => self.detail.as_str(),
        };
        let own = |cause: Cause| reason::line(cause.english(), detail);
        self.cause.map_or_else(|| self.detail.clone(), own)
    }

    fn said(fate: Fate, reply: &PeerReply) -> Self {
        let class = match fate {
            Fate::Delivered => 2,
            Fate::Later | Fate::Again => 4,
            Fate::Bounce => 5,
        };
        let status = reply.enhanced.filter(|[own, ..]| *own == class).unwrap_or([class, 0, 0]);
        Self { fate, status, cause: None, detail: reply.line() }
    }

    /// The answer of one recipient; `why` the connection ended, where it did.
    pub fn of(answer: &Answer, why: Option<&Why>) -> Self {
        match answer {
            Answer::Said(reply) if reply.is_positive() => Self::said(Fate::Delivered, reply),
            Answer::Said(reply) if reply.code >= 500 => Self::said(Fate::Bounce, reply),
            Answer::Said(reply) => Self::said(Fate::Later, reply),
            Answer::Unsent => {
                let (cause, detail) = why.map_or((Cause::ConnectionLost, String::new()), explain);
                Self::own(Fate::Again, [4, 4, 2], cause).with(detail)
            }
            Answer::Lost { maybe } => {
                let cause = if *maybe { Cause::Unconfirmed } else { Cause::CutOff };
                // How it ended, by its word where the peer said none.
                let detail = match why {
                    None => String::new(),
                    Some(Why::Refused(reply) | Why::Login(reply)) => reply.line(),
                    Some(why) => explain(why).0.as_str().to_owned(),
                };
                Self::own(Fate::Later, [4, 4, 2], cause).with(detail)
            }
        }
    }

    /// No connection came about.
    pub fn of_problem(problem: &Problem) -> Self {
        match problem {
            Problem::NoDomain => Self::own(Fate::Bounce, [5, 1, 2], Cause::DomainUnknown),
            Problem::NullMx => Self::own(Fate::Bounce, [5, 1, 10], Cause::DomainTakesNone),
            Problem::NoHost => Self::own(Fate::Bounce, [5, 4, 4], Cause::HostUnknown),
            Problem::Loop => Self::own(Fate::Bounce, [5, 4, 6], Cause::MailLoop),
            Problem::Dns(what) => Self::own(Fate::Later, [4, 4, 3], Cause::DnsSilent).with(what),
            Problem::Connect(what) => {
                Self::own(Fate::Later, [4, 4, 1], Cause::Unreachable).with(what)
            }
            Problem::Handshake(what) => {
                Self::own(Fate::Later, [4, 7, 5], Cause::TlsFailed).with(what.to_string())
            }
            Problem::Policy(cause) => Self::own(Fate::Later, [4, 7, 5], *cause),
            Problem::RequireTls(cause) => Self::own(Fate::Bounce, [5, 7, 30], *cause),
            Problem::Closed(why) => {
                let (cause, detail) = explain(why);
                let said = matches!(why, Why::Refused(_) | Why::Login(_));
                let cause = (!said).then_some(cause);
                Self { fate: Fate::Later, status: closed_status(why), cause, detail }
            }
        }
    }

    /// `5.1.1`.
    pub fn status_text(&self) -> String {
        let [class, subject, detail] = self.status;
        format!("{class}.{subject}.{detail}")
    }

    /// The text without addresses: journal and spool hold none, and peers like to repeat them.
    pub fn journal_text(&self) -> String {
        without_addresses(&self.text())
    }

    /// The same of the detail alone.
    pub fn journal_detail(&self) -> String {
        without_addresses(&self.detail)
    }
}

/// Delivery time expired (RFC 3463).
const NOT_IN_TIME: [u16; 3] = [5, 4, 7];

fn closed_status(why: &Why) -> [u16; 3] {
    match why {
        Why::Refused(reply) => match reply.enhanced {
            Some([4, subject, detail]) => [4, subject, detail],
            Some(_) | None => [4, 3, 2],
        },
        Why::Login(_) => [4, 7, 8],
        Why::NotOffered(_) => [4, 7, 10],
        Why::Finished | Why::Hung | Why::Late => [4, 4, 2],
        Why::Protocol(_) => [4, 5, 0],
    }
}

/// Why a connection ended, and what is to be said besides.
fn explain(why: &Why) -> (Cause, String) {
    match why {
        Why::Finished | Why::Hung => (Cause::ConnectionLost, String::new()),
        Why::Refused(reply) | Why::Login(reply) => (Cause::ConnectionLost, reply.line()),
        Why::NotOffered(Lack::StartTls) => (Cause::TlsNotOffered, String::new()),
        Why::NotOffered(Lack::TlsForLogin | Lack::Login) => (Cause::LoginNotOffered, String::new()),
        Why::Late => (Cause::NotAnswered, String::new()),
        Why::Protocol(what) => (Cause::ProtocolBroken, (*what).to_owned()),
    }
}

/// Every word with an `@` becomes `<address>`.
pub fn without_addresses(text: &str) -> String {
    if !text.contains('@') {
        return text.to_owned();
    }
    let words = text.split(' ').map(|word| if word.contains('@') { "<address>" } else { word });
    words.collect::<Vec<&str>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(code: u16, enhanced: Option<[u16; 3]>, text: &str) -> PeerReply {
        PeerReply { code, enhanced, text: text.to_owned() }
    }

    #[test]
    fn each_answer_has_its_fate() {
        let unsent = Answer::Unsent;
        for (answer, fate, status, text) in [
            (
                Answer::Said(reply(250, Some([2, 6, 0]), "ok")),
                Fate::Delivered,
                [2, 6, 0],
                "250 2.6.0 ok",
            ),
            (Answer::Said(reply(250, None, "a\nb")), Fate::Delivered, [2, 0, 0], "250 a b"),
            (Answer::Said(reply(450, None, "grey")), Fate::Later, [4, 0, 0], "450 grey"),
            (
                Answer::Said(reply(421, Some([4, 7, 0]), "slow")),
                Fate::Later,
                [4, 7, 0],
                "421 4.7.0 slow",
            ),
            (
                Answer::Said(reply(550, Some([5, 1, 1]), "no")),
                Fate::Bounce,
                [5, 1, 1],
                "550 5.1.1 no",
            ),
            (Answer::Said(reply(554, None, "no")), Fate::Bounce, [5, 0, 0], "554 no"),
            (unsent, Fate::Again, [4, 4, 2], "the peer hung up"),
            (
                Answer::Lost { maybe: false },
                Fate::Later,
                [4, 4, 2],
                "the connection ended in mid-message: the peer hung up",
            ),
            (
                Answer::Lost { maybe: true },
                Fate::Later,
                [4, 4, 2],
                "the connection ended after the message, before its reply: the peer hung up",
            ),
        ] {
            let outcome = Outcome::of(&answer, Some(&Why::Hung));
            assert_eq!(
                (outcome.fate, outcome.status, outcome.text().as_str()),
                (fate, status, text)
            );
        }
    }

    #[test]
    fn only_the_domain_itself_can_make_a_missing_connection_final() {
        let login = reply(535, Some([5, 7, 8]), "no");
        for (problem, fate, status) in [
            (Problem::NoDomain, Fate::Bounce, "5.1.2"),
            (Problem::NullMx, Fate::Bounce, "5.1.10"),
            (Problem::NoHost, Fate::Bounce, "5.4.4"),
            (Problem::Loop, Fate::Bounce, "5.4.6"),
            (Problem::Dns("timeout".into()), Fate::Later, "4.4.3"),
            (Problem::Connect("refused".into()), Fate::Later, "4.4.1"),
            (Problem::Handshake(tls::Fault::other("bad certificate")), Fate::Later, "4.7.5"),
            (Problem::Policy(Cause::DaneMissing), Fate::Later, "4.7.5"),
            (Problem::RequireTls(Cause::RequireTlsUnproven), Fate::Bounce, "5.7.30"),
            (Problem::Closed(Why::Login(login.clone())), Fate::Later, "4.7.8"),
            (Problem::Closed(Why::Refused(login)), Fate::Later, "4.3.2"),
            (Problem::Closed(Why::NotOffered(Lack::Login)), Fate::Later, "4.7.10"),
            (Problem::Closed(Why::Late), Fate::Later, "4.4.2"),
            (Problem::Closed(Why::Protocol("x")), Fate::Later, "4.5.0"),
        ] {
            let outcome = Outcome::of_problem(&problem);
            assert_eq!(
                (outcome.fate, outcome.status_text().as_str()),
                (fate, status),
                "{problem:?}"
            );
        }
    }

    #[test]
    fn the_journal_holds_no_address() {
        let answer = Answer::Said(reply(550, Some([5, 1, 1]), "<jan.novak@example.cz>: unknown"));
        let outcome = Outcome::of(&answer, None);
        assert_eq!(outcome.journal_text(), "550 5.1.1 <address> unknown");
        assert!(outcome.text().contains("jan.novak@example.cz"), "the sender may read it");
    }
}
