//! SCRAM-SHA-256's messages (RFC 5802 §7, RFC 7677), without its arithmetic.
//!
//! What is hashed is put together here; the hashing is the answering side's.

use base64::{Engine, engine::general_purpose::STANDARD};

/// The client's first message.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct First {
    pub user: String,
    nonce: String,
    /// `n,,` or `y,,` with the authorization identity in it: the last message repeats it.
    gs2: String,
    bare: String,
}

/// The server's first message has been said.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Challenge {
    first: First,
    nonce: String,
    server_first: String,
}

/// The client's last message, as far as it can be checked without a key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Final {
    pub user: String,
    pub auth_message: String,
    pub proof: Vec<u8>,
}

impl First {
    /// `n,,n=user,r=nonce`. `None`: malformed, or it asks for what we do not offer (channel
    /// binding, extensions, acting for another).
    pub fn parse(message: &[u8]) -> Option<Self> {
        let message = std::str::from_utf8(message).ok()?;
        let mut parts = message.splitn(3, ',');
        let (flag, authzid, bare) = (parts.next()?, parts.next()?, parts.next()?);
        if !matches!(flag, "n" | "y") {
            return None;
        }
        let mut attributes = bare.split(',');
        let user = name(attributes.next()?.strip_prefix("n=")?)?;
        let nonce = attributes.next()?.strip_prefix("r=")?.to_owned();
        let acts_for = match authzid {
            "" => None,
            authzid => Some(name(authzid.strip_prefix("a=")?)?),
        };
        if user.is_empty() || !is_nonce(&nonce) || acts_for.is_some_and(|other| other != user) {
            return None;
        }
        Some(Self { user, nonce, gs2: format!("{flag},{authzid},"), bare: bare.to_owned() })
    }

    /// The server's first message; `None` where `nonce` is not fit to be one.
    pub fn challenge(self, nonce: &str, salt: &[u8], iterations: u32) -> Option<Challenge> {
        if !is_nonce(nonce) {
            return None;
        }
        let nonce = format!("{}{nonce}", self.nonce);
        let server_first = format!("r={nonce},s={},i={iterations}", STANDARD.encode(salt));
        Some(Challenge { first: self, nonce, server_first })
    }
}

impl Challenge {
    /// What to say, before base64.
    pub fn text(&self) -> &str {
        &self.server_first
    }

    /// `c=biws,r=nonce,p=proof`. `None`: malformed, another nonce, or another channel.
    pub fn last(self, message: &[u8]) -> Option<Final> {
        let message = std::str::from_utf8(message).ok()?;
        let (without_proof, proof) = message.rsplit_once(",p=")?;
        let mut attributes = without_proof.split(',');
        let channel = STANDARD.decode(attributes.next()?.strip_prefix("c=")?).ok()?;
        let nonce = attributes.next()?.strip_prefix("r=")?;
        if channel != self.first.gs2.as_bytes() || nonce != self.nonce {
            return None;
        }
        Some(Final {
            proof: STANDARD.decode(proof).ok()?,
            auth_message: format!("{},{},{without_proof}", self.first.bare, self.server_first),
            user: self.first.user,
        })
    }
}

/// The server's last message.
pub fn signed(signature: &[u8]) -> String {
    format!("v={}", STANDARD.encode(signature))
}

/// `=2C` is a comma, `=3D` an equals sign, nothing else is escaped.
fn name(text: &str) -> Option<String> {
    let mut pieces = text.split('=');
    let mut name = pieces.next()?.to_owned();
    for piece in pieces {
        let (char, rest) = match (piece.strip_prefix("2C"), piece.strip_prefix("3D")) {
            (Some(rest), _) => (',', rest),
            (None, Some(rest)) => ('=', rest),
            (None, None) => return None,
        };
        name.push(char);
        name += rest;
    }
    (!name.contains(char::is_control)).then_some(name)
}

fn is_nonce(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b',')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 7677 §3.
    #[test]
    fn the_example_of_the_rfc() {
        let first = First::parse(b"n,,n=user,r=rOprNGfwEbeRWgbNEkqO").unwrap();
        assert_eq!(first.user, "user");
        let salt = STANDARD.decode("W22ZaJ0SNY7soEsUEjb6gQ==").unwrap();
        let challenge = first.challenge("%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0", &salt, 4096).unwrap();
        let server_first = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
                            s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
        assert_eq!(challenge.text(), server_first);
        let without_proof = "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
        let proof = "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
        let last = challenge.last(format!("{without_proof},p={proof}").as_bytes()).unwrap();
        assert_eq!(last.proof, STANDARD.decode(proof).unwrap());
        assert_eq!(
            last.auth_message,
            format!("n=user,r=rOprNGfwEbeRWgbNEkqO,{server_first},{without_proof}")
        );
    }

    #[test]
    fn names_are_unescaped() {
        let user = |text: &str| First::parse(text.as_bytes()).map(|first| first.user);
        assert_eq!(user("y,,n=a=2Cb=3Dc,r=x").as_deref(), Some("a,b=c"));
        assert_eq!(user("n,a=a,n=a,r=x").as_deref(), Some("a"));
        for text in [
            "",
            "n,,",
            "n,,n=,r=x",
            "n,,n=a",
            "n,,n=a,r=",
            "n,,n=a=20,r=x",
            "n,a=b,n=a,r=x",
            "n,b,n=a,r=x",
            "p=tls-unique,,n=a,r=x",
            "n,,m=ext,n=a,r=x",
        ] {
            assert_eq!(user(text), None, "{text}");
        }
    }

    #[test]
    fn the_last_message_must_fit_the_first() {
        let challenge =
            || First::parse(b"n,,n=a,r=x").unwrap().challenge("y", b"salt", 4096).unwrap();
        assert!(challenge().last(b"c=biws,r=xy,p=AA==").is_some());
        for text in [
            "c=biws,r=xz,p=AA==",
            "c=eSws,r=xy,p=AA==",
            "c=biws,r=xy",
            "c=biws,r=xy,p=A",
            "r=xy,c=biws,p=AA==",
            "",
        ] {
            assert_eq!(challenge().last(text.as_bytes()), None, "{text}");
        }
        assert_eq!(First::parse(b"n,,n=a,r=x").unwrap().challenge("a,b", b"", 1), None);
    }
}
