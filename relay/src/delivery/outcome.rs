//! From what a peer said, or what stood in the way, to what becomes of one recipient. Pure.
//!
//! Only a peer's word about this recipient or message bounces it at once; what is wrong with the
//! way there (names, connections, TLS, credentials) is tried again until the message expires.

use crate::{
    smtp::client::{Answer, PeerReply, Why},
    tls,
};

/// What becomes of one recipient after one attempt.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Outcome {
    pub fate: Fate,
    /// Enhanced status code (RFC 3463).
    pub status: [u16; 3],
    /// For the sender's DSN: what the peer said or what happened, on one line.
    pub text: String,
    /// `text` is a peer's reply, so a DSN may quote it as `smtp` diagnostic.
    pub said: bool,
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
    Policy(&'static str),
    /// The sender asked for REQUIRETLS (RFC 8689), and no host can.
    RequireTls(&'static str),
    Closed(Why),
}

impl Outcome {
    pub fn new(fate: Fate, status: [u16; 3], text: impl Into<String>) -> Self {
        Self { fate, status, text: text.into(), said: false }
    }

    /// It cannot be there in the time that BY gives it (RFC 2852 §4.1.4).
    pub(super) fn not_in_time(why: &'static str) -> Self {
        Self::new(Fate::Bounce, NOT_IN_TIME, why)
    }

    /// Its time was over, or would be.
    pub(super) fn is_expired(&self) -> bool {
        self.fate == Fate::Bounce && !self.said && self.status == NOT_IN_TIME
    }

    fn said(fate: Fate, reply: &PeerReply) -> Self {
        let class = match fate {
            Fate::Delivered => 2,
            Fate::Later | Fate::Again => 4,
            Fate::Bounce => 5,
        };
        let status = reply.enhanced.filter(|[own, ..]| *own == class).unwrap_or([class, 0, 0]);
        Self { fate, status, text: reply.line(), said: true }
    }

    /// The answer of one recipient; `why` the connection ended, where it did.
    pub fn of(answer: &Answer, why: Option<&Why>) -> Self {
        let end = || why.map_or_else(|| "the connection ended".to_owned(), explain);
        match answer {
            Answer::Said(reply) if reply.is_positive() => Self::said(Fate::Delivered, reply),
            Answer::Said(reply) if reply.code >= 500 => Self::said(Fate::Bounce, reply),
            Answer::Said(reply) => Self::said(Fate::Later, reply),
            Answer::Unsent => Self::new(Fate::Again, [4, 4, 2], end()),
            Answer::Lost { maybe: false } => {
                Self::new(Fate::Later, [4, 4, 2], format!("{} in mid-message", end()))
            }
            Answer::Lost { maybe: true } => {
                let text = format!("{} after the message, before its reply", end());
                Self::new(Fate::Later, [4, 4, 2], text)
            }
        }
    }

    /// No connection came about.
    pub fn of_problem(problem: &Problem) -> Self {
        match problem {
            Problem::NoDomain => {
                Self::new(Fate::Bounce, [5, 1, 2], "the recipient's domain does not exist")
            }
            Problem::NullMx => {
                Self::new(Fate::Bounce, [5, 1, 10], "the recipient's domain takes no mail")
            }
            Problem::NoHost => {
                Self::new(Fate::Bounce, [5, 4, 4], "the domain's mail servers have no address")
            }
            Problem::Loop => {
                Self::new(Fate::Bounce, [5, 4, 6], "the domain's mail server is this one")
            }
            Problem::Dns(what) => {
                Self::new(Fate::Later, [4, 4, 3], format!("no answer from dns: {what}"))
            }
            Problem::Connect(what) => {
                Self::new(Fate::Later, [4, 4, 1], format!("no connection: {what}"))
            }
            Problem::Handshake(what) => {
                Self::new(Fate::Later, [4, 7, 5], format!("no tls: {what}"))
            }
            Problem::Policy(why) => Self::new(Fate::Later, [4, 7, 5], *why),
            Problem::RequireTls(why) => Self::new(Fate::Bounce, [5, 7, 30], *why),
            Problem::Closed(why) => Self {
                fate: Fate::Later,
                status: closed_status(why),
                text: explain(why),
                said: matches!(why, Why::Refused(_) | Why::Login(_)),
            },
        }
    }

    /// `5.1.1`.
    pub fn status_text(&self) -> String {
        let [class, subject, detail] = self.status;
        format!("{class}.{subject}.{detail}")
    }

    /// The text without addresses: journal and spool hold none, and peers like to repeat them.
    pub fn journal_text(&self) -> String {
        without_addresses(&self.text)
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

fn explain(why: &Why) -> String {
    match why {
        Why::Finished => "the connection was finished".to_owned(),
        Why::Refused(reply) | Why::Login(reply) => reply.line(),
        Why::NotOffered(what) => (*what).to_owned(),
        Why::Hung => "the peer hung up".to_owned(),
        Why::Late => "the peer did not answer in time".to_owned(),
        Why::Protocol(what) => format!("the peer broke the protocol: {what}"),
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
                "the peer hung up in mid-message",
            ),
            (
                Answer::Lost { maybe: true },
                Fate::Later,
                [4, 4, 2],
                "the peer hung up after the message, before its reply",
            ),
        ] {
            let outcome = Outcome::of(&answer, Some(&Why::Hung));
            assert_eq!((outcome.fate, outcome.status, outcome.text.as_str()), (fate, status, text));
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
            (Problem::Policy("mx"), Fate::Later, "4.7.5"),
            (Problem::RequireTls("no"), Fate::Bounce, "5.7.30"),
            (Problem::Closed(Why::Login(login.clone())), Fate::Later, "4.7.8"),
            (Problem::Closed(Why::Refused(login)), Fate::Later, "4.3.2"),
            (Problem::Closed(Why::NotOffered("no")), Fate::Later, "4.7.10"),
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
        assert!(outcome.text.contains("jan.novak@example.cz"), "the sender may read it");
    }
}
