//! AUTH: PLAIN, LOGIN and SCRAM-SHA-256 as exchanges of lines (RFC 4954, 4616, 5802, 7677).
//!
//! The grammar is here. Passwords, hashes and HMACs are the answering side's: it gets
//! [`Credentials`] and gives a [`LoginAnswer`].

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{reply::Reply, scram};

/// What the client has said to prove who it is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Credentials {
    /// PLAIN or LOGIN. Answer `Accepted { signature: None }` or `Refused`.
    Password { user: String, password: Secret },
    /// SCRAM's first message. Answer `Scram` (for an unknown user too, with a made-up but
    /// constant salt, so that nobody learns who exists) or `Refused`.
    ScramFirst { user: String },
    /// SCRAM's last message; nonce and channel binding are already checked. The answering side
    /// computes, over `auth_message`, ClientSignature = HMAC(StoredKey, auth_message) and holds
    /// SHA-256(proof XOR ClientSignature) against StoredKey. Answer `Accepted` with
    /// ServerSignature = HMAC(ServerKey, auth_message), or `Refused`.
    ScramFinal { user: String, auth_message: String, proof: Vec<u8> },
}

/// The answer to `Output::CheckLogin`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum LoginAnswer {
    /// It is them. `signature`: SCRAM's ServerSignature, 32 octets; `None` for a password.
    Accepted { signature: Option<Vec<u8>> },
    /// Go on: `nonce` is the server's own part (fresh, printable ASCII without a comma).
    Scram { nonce: String, salt: Vec<u8>, iterations: u32 },
    /// `535 5.7.8` when it is not them, `454 4.7.0` when it cannot be said now.
    Refused(Reply),
}

/// A text whose `Debug` is a fixed word.
#[derive(Clone, Eq, PartialEq)]
pub struct Secret(String);

impl Secret {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

/// Waiting for a line from the client.
#[derive(Debug)]
pub enum Exchange {
    Plain,
    LoginUser,
    LoginPassword {
        user: String,
    },
    ScramFirst,
    ScramFinal(Box<scram::Challenge>),
    /// The server's signature was said; an empty line ends it.
    ScramEnd,
}

/// Waiting for a [`LoginAnswer`].
#[derive(Debug)]
pub enum Waiting {
    Password,
    ScramFirst(Box<scram::First>),
    ScramFinal,
}

/// What to do next in an exchange.
#[derive(Debug)]
pub enum Step {
    /// Say `334` and this, and wait for a line.
    Challenge {
        text: String,
        next: Exchange,
    },
    Ask {
        credentials: Credentials,
        waiting: Waiting,
    },
    /// It is them: 235.
    Done,
    /// The client's line is not what the mechanism asks for.
    Malformed,
    /// The client wants to act as somebody else.
    ActsForAnother,
}

impl Exchange {
    /// The exchange of a mechanism; `None`: not offered.
    pub fn of(mechanism: &str) -> Option<Self> {
        match mechanism {
            "PLAIN" => Some(Self::Plain),
            "LOGIN" => Some(Self::LoginUser),
            "SCRAM-SHA-256" => Some(Self::ScramFirst),
            _ => None,
        }
    }

    /// What to say where the AUTH line brought no initial response.
    pub fn first(self) -> Step {
        let text = match self {
            Self::LoginUser => STANDARD.encode("Username:"),
            Self::Plain
            | Self::LoginPassword { .. }
            | Self::ScramFirst
            | Self::ScramFinal(_)
            | Self::ScramEnd => String::new(),
        };
        Step::Challenge { text, next: self }
    }

    /// The initial response on the AUTH line, where `=` stands for an empty one (RFC 4954 §4).
    pub fn initial(self, response: &str) -> Step {
        if response == "=" { self.step(b"") } else { self.line(response.as_bytes()) }
    }

    /// A line from the client, without its CRLF.
    pub fn line(self, line: &[u8]) -> Step {
        match STANDARD.decode(line) {
            Ok(message) => self.step(&message),
            Err(_) => Step::Malformed,
        }
    }

    fn step(self, message: &[u8]) -> Step {
        let text = std::str::from_utf8(message);
        match (self, text) {
            (Self::Plain, Ok(text)) => plain(text),
            (Self::LoginUser, Ok(user)) => Step::Challenge {
                text: STANDARD.encode("Password:"),
                next: Self::LoginPassword { user: user.to_owned() },
            },
            (Self::LoginPassword { user }, Ok(password)) => ask_password(&user, password),
            (Self::ScramFirst, Ok(_)) => match scram::First::parse(message) {
                Some(first) => Step::Ask {
                    credentials: Credentials::ScramFirst { user: first.user.clone() },
                    waiting: Waiting::ScramFirst(Box::new(first)),
                },
                None => Step::Malformed,
            },
            (Self::ScramFinal(challenge), Ok(_)) => match challenge.last(message) {
                Some(scram::Final { user, auth_message, proof }) => Step::Ask {
                    credentials: Credentials::ScramFinal { user, auth_message, proof },
                    waiting: Waiting::ScramFinal,
                },
                None => Step::Malformed,
            },
            (Self::ScramEnd, Ok("")) => Step::Done,
            (
                Self::Plain
                | Self::LoginUser
                | Self::LoginPassword { .. }
                | Self::ScramFirst
                | Self::ScramFinal(_)
                | Self::ScramEnd,
                _,
            ) => Step::Malformed,
        }
    }
}

impl Waiting {
    /// What follows an answer that is not a refusal; `None`: the answer does not fit.
    pub fn go_on(self, answer: LoginAnswer) -> Option<Step> {
        match (self, answer) {
            (Self::Password, LoginAnswer::Accepted { .. }) => Some(Step::Done),
            (Self::ScramFinal, LoginAnswer::Accepted { signature: Some(signature) }) => {
                let text = STANDARD.encode(scram::signed(&signature));
                Some(Step::Challenge { text, next: Exchange::ScramEnd })
            }
            (Self::ScramFirst(first), LoginAnswer::Scram { nonce, salt, iterations }) => {
                let challenge = first.challenge(&nonce, &salt, iterations)?;
                Some(Step::Challenge {
                    text: STANDARD.encode(challenge.text()),
                    next: Exchange::ScramFinal(Box::new(challenge)),
                })
            }
            (
                Self::Password | Self::ScramFirst(_) | Self::ScramFinal,
                LoginAnswer::Accepted { .. } | LoginAnswer::Scram { .. } | LoginAnswer::Refused(_),
            ) => None,
        }
    }
}

/// `[authzid] NUL authcid NUL password` (RFC 4616).
fn plain(text: &str) -> Step {
    let parts: Vec<&str> = text.split('\0').collect();
    match parts.as_slice() {
        [authzid, user, password] if authzid.is_empty() || authzid == user => {
            ask_password(user, password)
        }
        [_, _, _] => Step::ActsForAnother,
        _ => Step::Malformed,
    }
}

fn ask_password(user: &str, password: &str) -> Step {
    if user.is_empty() || password.is_empty() {
        return Step::Malformed;
    }
    Step::Ask {
        credentials: Credentials::Password {
            user: user.to_owned(),
            password: Secret::new(password),
        },
        waiting: Waiting::Password,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_never_shown() {
        let Step::Ask { credentials, .. } = Exchange::Plain.initial("AGEAaHVudGVyMg==") else {
            panic!("not asked");
        };
        assert!(!format!("{credentials:?}").contains("hunter2"));
        let password = Secret::new("hunter2");
        assert_eq!(credentials, Credentials::Password { user: "a".into(), password });
    }

    #[test]
    fn plain_takes_three_parts_and_one_identity() {
        let step = |text: &str| Exchange::Plain.initial(&STANDARD.encode(text));
        assert!(matches!(step("a\0a\0b"), Step::Ask { .. }));
        assert!(matches!(step("x\0a\0b"), Step::ActsForAnother));
        for text in ["", "a", "a\0b", "\0\0b", "\0a\0", "\0a\0b\0c"] {
            assert!(matches!(step(text), Step::Malformed), "{text:?}");
        }
        for text in ["=", "AGEAYg", "A GEAYg==", "*", "/////w=="] {
            assert!(matches!(Exchange::Plain.initial(text), Step::Malformed), "{text:?}");
        }
    }

    #[test]
    fn an_answer_that_does_not_fit_goes_nowhere() {
        let accepted = LoginAnswer::Accepted { signature: None };
        let scram = LoginAnswer::Scram { nonce: "n".into(), salt: vec![], iterations: 1 };
        assert!(Waiting::Password.go_on(scram).is_none());
        assert!(Waiting::ScramFinal.go_on(accepted.clone()).is_none());
        assert!(matches!(Waiting::Password.go_on(accepted), Some(Step::Done)));
    }
}
