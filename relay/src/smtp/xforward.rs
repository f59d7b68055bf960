//! XFORWARD: a mail server that puts the relay before its queue says whose message it hands over, and
//! is told the same when it gets the message back (Postfix XFORWARD_README). It changes what is written
//! down and nothing of who may do what.

use std::{collections::BTreeMap, net::IpAddr};

use super::{
    reply::Reply,
    xclient::{address, each, wrong},
    xtext,
};

/// The attributes we take, as EHLO offers them.
pub const OFFERED: &str = "NAME ADDR PORT PROTO HELO IDENT SOURCE";

/// The client that the message came from first, as far as it is known.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Attributes {
    pub address: Option<IpAddr>,
    pub helo: Option<String>,
    /// NAME, PORT, PROTO, IDENT and SOURCE as they were said: nothing here is decided by them.
    pub others: BTreeMap<String, String>,
}

/// Octets of a command, its line end included (RFC 5321 §4.5.3.1.4).
const LINE_MAX: usize = 512;
const UNKNOWN: &str = "[UNAVAILABLE]";

impl Attributes {
    /// Reads `ADDR=192.0.2.1 HELO=tool.example ...`.
    pub fn parse(text: &str) -> Result<Self, Reply> {
        let mut attributes = Self::default();
        for (name, value) in each(text, "say XFORWARD name=value")? {
            match name.as_str() {
                "ADDR" => attributes.address = value.as_deref().map(address).transpose()?,
                "HELO" => attributes.helo = value,
                "NAME" | "PORT" | "PROTO" | "IDENT" | "SOURCE" => {
                    attributes.others.extend(value.map(|value| (name, value)));
                }
                _ => return Err(wrong("attribute not offered")),
            }
        }
        Ok(attributes)
    }

    /// A server may say it in several commands.
    pub fn add(&mut self, more: Self) {
        self.address = more.address.or(self.address);
        self.helo = more.helo.or(self.helo.take());
        self.others.extend(more.others);
    }

    /// The commands that say it, with their line ends: of each attribute in `offered` that is one of ours
    /// its value, or that nobody knows it.
    pub fn commands(&self, offered: &[String]) -> Vec<String> {
        let known = OFFERED.split(' ').filter(|own| offered.iter().any(|name| name == own));
        let mut commands: Vec<String> = Vec::new();
        for name in known {
            let word = format!(" {name}={}", self.value(name));
            match commands.last_mut().filter(|last| last.len() + word.len() + 2 <= LINE_MAX) {
                Some(last) => last.push_str(&word),
                None => commands.push(format!("XFORWARD{word}")),
            }
        }
        commands.iter_mut().for_each(|command| command.push_str("\r\n"));
        commands
    }

    fn value(&self, name: &str) -> String {
        let value = match name {
            "ADDR" => self.address.map(|address| match address {
                IpAddr::V4(four) => four.to_string(),
                IpAddr::V6(six) => format!("IPV6:{six}"),
            }),
            "HELO" => self.helo.clone(),
            _ => self.others.get(name).cloned(),
        };
        let value = value.map(|value| xtext::encode(&value));
        // One that fits no line is worth no second thought.
        value.filter(|value| value.len() < LINE_MAX / 2).unwrap_or_else(|| UNKNOWN.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_in_two_commands_adds_up() {
        let mut said = Attributes::parse("NAME=tool.example ADDR=192.0.2.7 PORT=4711").unwrap();
        said.add(Attributes::parse("helo=a+2Bb PROTO=ESMTP ident=3F SOURCE=REMOTE").unwrap());
        assert_eq!((said.address, said.helo.as_deref()), ("192.0.2.7".parse().ok(), Some("a+b")));
        let offered = ["NAME", "ADDR", "HELO", "IDENT", "SOURCE", "OTHER"].map(str::to_owned);
        let all = "XFORWARD NAME=tool.example ADDR=192.0.2.7 HELO=a+2Bb IDENT=3F SOURCE=REMOTE\r\n";
        assert_eq!(said.commands(&offered), [all]);
        assert!(said.commands(&[]).is_empty());
        let unknown = Attributes::parse("ADDR=[UNAVAILABLE] SOURCE=LOCAL").unwrap();
        let local = Attributes { others: [("SOURCE".into(), "LOCAL".into())].into(), ..unknown };
        assert_eq!(local.address, None);
        assert_eq!(
            local.commands(&offered[1..3]),
            ["XFORWARD ADDR=[UNAVAILABLE] HELO=[UNAVAILABLE]\r\n"]
        );
    }

    #[test]
    fn what_fits_no_line_is_said_in_two_or_not_at_all() {
        let long = "x".repeat(200);
        let others = ["NAME", "IDENT"].map(|name| (name.to_owned(), long.clone())).into();
        let said =
            Attributes { address: "2001:db8::1".parse().ok(), helo: Some("y".repeat(300)), others };
        let offered: Vec<String> = OFFERED.split(' ').map(str::to_owned).collect();
        let commands = said.commands(&offered);
        assert!(commands.iter().all(|line| line.len() <= 512), "{commands:?}");
        assert_eq!(commands.len(), 2);
        let all = commands.concat();
        assert!(all.contains(" ADDR=IPV6:2001:db8::1 ") && all.contains(" HELO=[UNAVAILABLE] "));
    }

    #[test]
    fn what_is_malformed_is_refused_whole() {
        for text in ["", "ADDR", "ADDR=here", "LOGIN=shop", "HELO=a+0A"] {
            assert_eq!(Attributes::parse(text).unwrap_err().code, 501, "{text}");
        }
    }
}
