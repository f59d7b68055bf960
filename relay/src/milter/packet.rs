//! What a mail server says: packets, cut out of the stream and read. Hostile like any other input.

use std::net::IpAddr;

/// One packet, without its length.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Packet {
    /// What the server speaks, what it lets be changed, and what it may leave out.
    Negotiate {
        version: u32,
        actions: u32,
        steps: u32,
    },
    /// Names and values that belong to the packet named by `of`, which follows.
    Macros {
        of: u8,
        pairs: Vec<(String, String)>,
    },
    /// `None`: from a local program, or nobody knows.
    Connect(Option<IpAddr>),
    Helo(String),
    /// The path in angle brackets, then its parameters.
    Mail(Vec<String>),
    Rcpt(Vec<String>),
    Data,
    /// Lines of the value end with a line feed alone.
    Header {
        name: Vec<u8>,
        value: Vec<u8>,
    },
    EndOfHeader,
    Body(Vec<u8>),
    EndOfBody(Vec<u8>),
    /// The message is over, however it ended; the connection's client stays.
    Abort,
    /// Another client follows on the same connection.
    NextClient,
    Quit,
    /// A command that the server itself does not know.
    Unknown,
}

/// The stream is none of packets: nothing that follows can be trusted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Broken(pub &'static str);

/// Postfix sends header fields of 100 KiB whole, and bodies in pieces of 64 KiB.
pub const OCTETS_MAX: usize = 1024 * 1024;
/// Of one packet.
const STRINGS_MAX: usize = 1_000;

/// Takes the first packet off `unread`; `None`: it is not all there.
///
/// # Errors
///
/// It is too long, of no known kind, or not as its kind is written.
pub fn take(unread: &mut Vec<u8>) -> Result<Option<Packet>, Broken> {
    let Some((length, _)) = unread.split_first_chunk::<4>() else { return Ok(None) };
    let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
    if length == 0 || length > OCTETS_MAX {
        return Err(Broken("a packet of no octets, or too many"));
    }
    let Some(whole) = unread.get(4..length.saturating_add(4)) else { return Ok(None) };
    let packet = whole.split_first().map(|(kind, rest)| read(*kind, rest));
    unread.drain(..length.saturating_add(4));
    packet.transpose()
}

fn read(kind: u8, rest: &[u8]) -> Result<Packet, Broken> {
    Ok(match kind {
        b'O' => {
            let (version, rest) = number(rest)?;
            let (actions, rest) = number(rest)?;
            let (steps, _) = number(rest)?;
            Packet::Negotiate { version, actions, steps }
        }
        b'D' => {
            let (of, rest) = rest.split_first().ok_or(Broken("macros of nothing"))?;
            let mut pairs = Vec::new();
            let mut words = strings(rest)?.into_iter();
            while let (Some(name), value) = (words.next(), words.next()) {
                pairs.push((text(name), text(value.unwrap_or_default())));
            }
            Packet::Macros { of: *of, pairs }
        }
        b'C' => Packet::Connect(client(rest)),
        b'H' => Packet::Helo(strings(rest)?.into_iter().next().map(text).unwrap_or_default()),
        b'M' => Packet::Mail(strings(rest)?.into_iter().map(text).collect()),
        b'R' => Packet::Rcpt(strings(rest)?.into_iter().map(text).collect()),
        b'T' => Packet::Data,
        b'L' => match strings(rest)?.as_slice() {
            [name, value] => Packet::Header { name: name.to_vec(), value: value.to_vec() },
            _ => return Err(Broken("a header field that is no name and value")),
        },
        b'N' => Packet::EndOfHeader,
        b'B' => Packet::Body(rest.to_vec()),
        b'E' => Packet::EndOfBody(rest.to_vec()),
        b'A' => Packet::Abort,
        b'K' => Packet::NextClient,
        b'Q' => Packet::Quit,
        b'U' => Packet::Unknown,
        _ => return Err(Broken("a packet of a kind that is not known")),
    })
}

fn number(rest: &[u8]) -> Result<(u32, &[u8]), Broken> {
    let (number, rest) = rest.split_first_chunk::<4>().ok_or(Broken("a number is cut off"))?;
    Ok((u32::from_be_bytes(*number), rest))
}

/// Each ends with a NUL.
fn strings(rest: &[u8]) -> Result<Vec<&[u8]>, Broken> {
    if rest.is_empty() {
        return Ok(Vec::new());
    }
    let Some(rest) = rest.strip_suffix(b"\0") else {
        return Err(Broken("a text without its end"));
    };
    let all: Vec<&[u8]> = rest.split(|octet| *octet == 0).take(STRINGS_MAX + 1).collect();
    if all.len() > STRINGS_MAX { Err(Broken("too many texts")) } else { Ok(all) }
}

fn text(octets: &[u8]) -> String {
    String::from_utf8_lossy(octets).into_owned()
}

/// Host name, family, port, address; who cannot be read is nobody's.
fn client(rest: &[u8]) -> Option<IpAddr> {
    let name = memchr::memchr(0, rest)?;
    let (family, rest) = rest.get(name + 1..)?.split_first()?;
    let address = rest.get(2..)?.strip_suffix(b"\0")?;
    let address = std::str::from_utf8(address).ok()?;
    match family {
        b'4' | b'6' => {
            let bare = address.strip_prefix("IPv6:").unwrap_or(address);
            bare.parse().ok()
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(kind: u8, rest: &[u8]) -> Vec<u8> {
        let length = u32::try_from(rest.len() + 1).unwrap();
        [&length.to_be_bytes()[..], &[kind], rest].concat()
    }

    fn one(kind: u8, rest: &[u8]) -> Result<Option<Packet>, Broken> {
        let mut bytes = packed(kind, rest);
        let packet = take(&mut bytes);
        assert!(packet.is_err() || bytes.is_empty());
        packet
    }

    #[test]
    fn packets_are_read() {
        let four: IpAddr = "192.0.2.7".parse().unwrap();
        let six: IpAddr = "2001:db8::7".parse().unwrap();
        let texts = |list: &[&str]| list.iter().map(ToString::to_string).collect();
        let pairs = vec![("i".to_owned(), "4711".to_owned()), ("x".to_owned(), String::new())];
        for (kind, rest, expected) in [
            (
                b'O',
                &b"\0\0\0\x06\0\0\x01\xff\0\x1f\xff\xff"[..],
                Packet::Negotiate { version: 6, actions: 0x1ff, steps: 0x1f_ffff },
            ),
            (b'D', b"Mi\x004711\0x\0\0", Packet::Macros { of: b'M', pairs }),
            (b'C', b"tool.example\x004\x12\x34192.0.2.7\0", Packet::Connect(Some(four))),
            (b'C', b"[2001:db8::7]\x006\0\0IPv6:2001:db8::7\0", Packet::Connect(Some(six))),
            (b'C', b"localhost\0L\0\0/run/x\0", Packet::Connect(None)),
            (b'C', b"localhost\0U", Packet::Connect(None)),
            (b'H', b"tool.example\0", Packet::Helo("tool.example".into())),
            (b'M', b"<a@x.cz>\0SIZE=5\0", Packet::Mail(texts(&["<a@x.cz>", "SIZE=5"]))),
            (b'R', b"<b@x.cz>\0", Packet::Rcpt(texts(&["<b@x.cz>"]))),
            (
                b'L',
                b"Subject\0 a\n\tb\0",
                Packet::Header { name: b"Subject".into(), value: b" a\n\tb".into() },
            ),
            (b'N', b"", Packet::EndOfHeader),
            (b'B', b"x\r\n\0", Packet::Body(b"x\r\n\0".into())),
            (b'E', b"", Packet::EndOfBody(vec![])),
        ] {
            assert_eq!(one(kind, rest), Ok(Some(expected)), "{}", char::from(kind));
        }
    }

    #[test]
    fn what_is_no_packet_ends_it() {
        for (kind, rest) in [
            (b'z', &b""[..]),
            (b'O', b"\0\0\0\x06"),
            (b'D', b""),
            (b'L', b"Subject\0"),
            (b'L', b"Subject\0 a"),
            (b'M', b"<a@x.cz>"),
            (b'M', &[0; STRINGS_MAX + 2]),
        ] {
            assert!(one(kind, rest).is_err(), "{} {rest:?}", char::from(kind));
        }
        assert!(take(&mut vec![0, 0, 0, 0, b'A']).is_err(), "no octets");
        assert!(take(&mut vec![0xff; 5]).is_err(), "too many");
    }

    #[test]
    fn a_packet_waits_until_it_is_whole() {
        let whole = [packed(b'H', b"a\0"), packed(b'A', b"")].concat();
        for cut in 0..7 {
            let mut bytes = whole[..cut].to_vec();
            assert_eq!(take(&mut bytes), Ok(None), "{cut}");
            assert_eq!(bytes.len(), cut);
        }
        let mut bytes = whole;
        assert_eq!(take(&mut bytes), Ok(Some(Packet::Helo("a".into()))));
        assert_eq!(take(&mut bytes), Ok(Some(Packet::Abort)));
        assert_eq!(take(&mut bytes), Ok(None));
    }
}
