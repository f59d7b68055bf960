//! Why a message is refused before any rule is asked.

use std::fmt;

/// In the order in which they are found out.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Refusal {
    LoginUnknown(String),
    /// The login may not use the sender in this field.
    Sender {
        login: String,
        field: &'static str,
        sender: String,
        senders: String,
    },
    /// What `Souhlas-Class` says is none.
    Class(String),
    /// Whoever asks named one that the policy has not.
    StreamUnknown {
        named: String,
        known: Vec<String>,
    },
    /// The message did.
    StreamNamed(String),
    /// Without it no stream can match.
    NoFrom,
    /// None matches this sender.
    NoStream(String),
}

impl Refusal {
    /// Whoever asks is wrong, and not the message.
    pub fn is_of_the_question(&self) -> bool {
        match self {
            Self::LoginUnknown(_) | Self::StreamUnknown { .. } => true,
            Self::Sender { .. }
            | Self::Class(_)
            | Self::StreamNamed(_)
            | Self::NoFrom
            | Self::NoStream(_) => false,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LoginUnknown(name) => {
                write!(f, "there is no login `{name}`: see `souhlas login list` and relay.toml")
            }
            Self::Sender { login, field, sender, senders } => {
                write!(f, "login `{login}` may not use `{sender}` in {field}: it may use {senders}")
            }
            Self::Class(word) => {
                write!(f, "the header Souhlas-Class names no class: `{word}`")
            }
            Self::StreamUnknown { named, known } => {
                let known = known.join(", ");
                write!(f, "there is no stream `{named}` in policy.toml: it has {known}")
            }
            Self::StreamNamed(named) => {
                write!(f, "the message names stream `{named}`, which policy.toml has not")
            }
            Self::NoFrom => f.write_str(
                "the message has no From, so no stream in policy.toml can match: name one with --stream",
            ),
            Self::NoStream(from) => write!(
                f,
                "no stream in policy.toml matches From `{from}`: add it to a stream's `match`, or name \
                 one with --stream"
            ),
        }
    }
}
