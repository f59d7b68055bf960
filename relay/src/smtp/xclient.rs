//! XCLIENT: a trusted proxy says who is really there (Postfix XCLIENT_README).

use std::net::IpAddr;

use super::{reply::Reply, xtext};

/// The attributes we take, as EHLO offers them.
pub const OFFERED: &str = "NAME ADDR PORT PROTO HELO LOGIN DESTADDR DESTPORT";

/// What XCLIENT said; `None`: it did not say, what was known stays.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Attributes {
    pub address: Option<IpAddr>,
    pub port: Option<u16>,
    pub helo: Option<String>,
    /// The name of the login that the proxy has checked.
    pub login: Option<String>,
}

impl Attributes {
    /// Reads `ADDR=192.0.2.1 PORT=25 ...`. NAME, PROTO, DESTADDR and DESTPORT are read and
    /// not used: nothing here decides by them.
    pub fn parse(text: &str) -> Result<Self, Reply> {
        let mut attributes = Self::default();
        for (name, value) in each(text, "say XCLIENT name=value")? {
            match name.as_str() {
                "ADDR" => attributes.address = value.as_deref().map(address).transpose()?,
                "PORT" => attributes.port = value.as_deref().map(port).transpose()?,
                "HELO" => attributes.helo = value,
                "LOGIN" => attributes.login = value,
                "NAME" | "PROTO" | "DESTADDR" | "DESTPORT" => {}
                _ => return Err(wrong("attribute not offered")),
            }
        }
        Ok(attributes)
    }
}

/// Names in upper case, with their values decoded; `None`: the peer does not know it. `usage` answers
/// what is no list of them. XFORWARD's are written the same way.
pub(super) fn each(
    text: &str,
    usage: &'static str,
) -> Result<Vec<(String, Option<String>)>, Reply> {
    let attribute = |word: &str| {
        let (name, value) = word.split_once('=').ok_or_else(|| wrong(usage))?;
        let value = xtext::decode(value).ok_or_else(|| wrong("value is not xtext"))?;
        let unknown =
            ["[UNAVAILABLE]", "[TEMPUNAVAIL]"].iter().any(|word| value.eq_ignore_ascii_case(word));
        let value = Some(value).filter(|value| !unknown && !value.is_empty());
        Ok((name.to_ascii_uppercase(), value))
    };
    let all: Vec<_> = text.split_ascii_whitespace().map(attribute).collect::<Result<_, Reply>>()?;
    if all.is_empty() { Err(wrong(usage)) } else { Ok(all) }
}

/// `192.0.2.1`, or `IPV6:2001:db8::1`.
pub(super) fn address(value: &str) -> Result<IpAddr, Reply> {
    let bare = match value.split_at_checked(5) {
        Some((tag, rest)) if tag.eq_ignore_ascii_case("IPV6:") => rest,
        _ => value,
    };
    bare.parse().map_err(|_| wrong("ADDR is not an IP address"))
}

fn port(value: &str) -> Result<u16, Reply> {
    value.parse().map_err(|_| wrong("PORT is not a port"))
}

pub(super) fn wrong(text: &str) -> Reply {
    Reply::new(501, "5.5.4", text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_decoded() {
        let text = "ADDR=192.0.2.7 PORT=4711 name=[UNAVAILABLE] PROTO=ESMTP HELO=a+2Bb LOGIN=shop";
        let expected = Attributes {
            address: Some("192.0.2.7".parse().unwrap()),
            port: Some(4711),
            helo: Some("a+b".into()),
            login: Some("shop".into()),
        };
        assert_eq!(Attributes::parse(text), Ok(expected));
        let six = Attributes::parse("ADDR=IPV6:2001:db8::1").unwrap();
        assert_eq!(six.address, Some("2001:db8::1".parse().unwrap()));
        let gone = Attributes::parse("LOGIN=[UNAVAILABLE] ADDR=[TEMPUNAVAIL]").unwrap();
        assert_eq!(gone, Attributes::default());
    }

    #[test]
    fn what_is_malformed_is_refused_whole() {
        for text in ["", "ADDR", "ADDR=here", "PORT=99999", "FOO=1", "HELO=a+0A", "HELO=a=b"] {
            assert_eq!(Attributes::parse(text).unwrap_err().code, 501, "{text}");
        }
    }
}
