//! XFORWARD: a mail server that puts the relay before its queue says whose message it hands over
//! (Postfix XFORWARD_README). It changes what is written down and nothing of who may do what.

use std::net::IpAddr;

use super::{
    reply::Reply,
    xclient::{address, each, wrong},
};

/// The attributes we take, as EHLO offers them.
pub const OFFERED: &str = "NAME ADDR PORT PROTO HELO IDENT SOURCE";

/// The client that the message came from first, as far as it is known.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Attributes {
    pub address: Option<IpAddr>,
    pub helo: Option<String>,
}

impl Attributes {
    /// Reads `ADDR=192.0.2.1 HELO=tool.example ...`. The other attributes are read and not used:
    /// nothing here is written with them.
    pub fn parse(text: &str) -> Result<Self, Reply> {
        let mut attributes = Self::default();
        for (name, value) in each(text, "say XFORWARD name=value")? {
            match name.as_str() {
                "ADDR" => attributes.address = value.as_deref().map(address).transpose()?,
                "HELO" => attributes.helo = value,
                "NAME" | "PORT" | "PROTO" | "IDENT" | "SOURCE" => {}
                _ => return Err(wrong("attribute not offered")),
            }
        }
        Ok(attributes)
    }

    /// A server may say it in several commands.
    pub fn add(&mut self, more: Self) {
        self.address = more.address.or(self.address);
        self.helo = more.helo.or(self.helo.take());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_in_two_commands_adds_up() {
        let mut said = Attributes::parse("NAME=tool.example ADDR=192.0.2.7 PORT=4711").unwrap();
        said.add(Attributes::parse("helo=a+2Bb PROTO=ESMTP ident=3F SOURCE=REMOTE").unwrap());
        let expected =
            Attributes { address: "192.0.2.7".parse().ok(), helo: Some("a+b".to_owned()) };
        assert_eq!(said, expected);
        let unknown = Attributes::parse("ADDR=[UNAVAILABLE] SOURCE=LOCAL").unwrap();
        assert_eq!(unknown, Attributes::default());
    }

    #[test]
    fn what_is_malformed_is_refused_whole() {
        for text in ["", "ADDR", "ADDR=here", "LOGIN=shop", "HELO=a+0A"] {
            assert_eq!(Attributes::parse(text).unwrap_err().code, 501, "{text}");
        }
    }
}
