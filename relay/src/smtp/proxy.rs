//! The PROXY protocol's header, versions 1 and 2 (haproxy's proxy-protocol.txt).
//!
//! A function of bytes, read before the session starts and only from configured peers: the
//! listener reads until it is no longer `Partial`. TLVs are skipped, not read.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// How far the header is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Header {
    /// Not all there yet: read more. Never answered beyond [`OCTETS_MAX`].
    Partial,
    /// `octets` belong to the header, what follows is the client's. `source` is `None` for
    /// LOCAL and UNKNOWN: the proxy speaks for itself.
    Done { octets: usize, source: Option<SocketAddr> },
    /// This is not a header: close without a word, the peer does not speak SMTP yet.
    Broken,
}

/// The longest header we read: v2 allows 65,551 octets, real ones with TLVs stay below 1 KiB.
pub const OCTETS_MAX: usize = 4_096;

/// Reads the header at the start of `bytes`.
pub fn header(bytes: &[u8]) -> Header {
    let found = if starts_alike(bytes, SIGNATURE_2) {
        version_2(bytes)
    } else if starts_alike(bytes, SIGNATURE_1) {
        version_1(bytes)
    } else {
        Header::Broken
    };
    let endless = found == Header::Partial && bytes.len() >= OCTETS_MAX;
    if endless { Header::Broken } else { found }
}

/// So far as there are bytes, they are those of the signature.
fn starts_alike(bytes: &[u8], signature: &[u8]) -> bool {
    bytes.iter().zip(signature).all(|(byte, expected)| byte == expected)
}

/// `PROXY TCP4 192.0.2.1 198.51.100.1 35646 25\r\n`, at most 107 octets.
fn version_1(bytes: &[u8]) -> Header {
    let head = bytes.get(..bytes.len().min(VERSION_1_OCTETS_MAX)).unwrap_or_default();
    let Some(end) = memchr::memchr(b'\n', head) else {
        let full = head.len() == VERSION_1_OCTETS_MAX;
        return if full { Header::Broken } else { Header::Partial };
    };
    let line = head.get(..end).and_then(|line| line.strip_suffix(b"\r"));
    let Some(line) = line.and_then(|line| std::str::from_utf8(line).ok()) else {
        return Header::Broken;
    };
    let words: Vec<&str> = line.split(' ').collect();
    let source = match words.as_slice() {
        ["PROXY", "UNKNOWN", ..] => Some(None),
        ["PROXY", "TCP4", source, target, port, target_port] => {
            both::<Ipv4Addr>(source, target, port, target_port).map(Some)
        }
        ["PROXY", "TCP6", source, target, port, target_port] => {
            both::<Ipv6Addr>(source, target, port, target_port).map(Some)
        }
        _ => None,
    };
    match source {
        Some(source) => Header::Done { octets: end + 1, source },
        None => Header::Broken,
    }
}

/// Both ends must be right, and the first is the answer.
fn both<A>(source: &str, target: &str, port: &str, target_port: &str) -> Option<SocketAddr>
where
    A: std::str::FromStr + Into<IpAddr>,
{
    target.parse::<A>().ok()?;
    target_port.parse::<u16>().ok()?;
    Some(SocketAddr::new(source.parse::<A>().ok()?.into(), port.parse().ok()?))
}

fn version_2(bytes: &[u8]) -> Header {
    let Some((head, rest)) = bytes.split_at_checked(16) else {
        return Header::Partial;
    };
    let &[.., command, family, high, low] = head else {
        return Header::Broken;
    };
    let length = usize::from(u16::from_be_bytes([high, low]));
    let octets = 16 + length;
    if octets > OCTETS_MAX {
        return Header::Broken;
    }
    let Some(body) = rest.get(..length) else {
        return Header::Partial;
    };
    match (command, family) {
        // LOCAL: a health check of the proxy's own.
        (0x20, _) => Header::Done { octets, source: None },
        (0x21, 0x11) => match body {
            &[a, b, c, d, _, _, _, _, high, low, _, _, ..] => {
                let source = SocketAddr::new(
                    Ipv4Addr::new(a, b, c, d).into(),
                    u16::from_be_bytes([high, low]),
                );
                Header::Done { octets, source: Some(source) }
            }
            _ => Header::Broken,
        },
        (0x21, 0x21) => match (body.first_chunk::<16>(), body.get(32..36)) {
            (Some(&source), Some(&[high, low, _, _])) => {
                let port = u16::from_be_bytes([high, low]);
                let source = SocketAddr::new(Ipv6Addr::from(source).into(), port);
                Header::Done { octets, source: Some(source) }
            }
            _ => Header::Broken,
        },
        // Unspecified, datagram or Unix: nothing to learn from it.
        (0x21, 0x00 | 0x12 | 0x22 | 0x31 | 0x32) => Header::Done { octets, source: None },
        _ => Header::Broken,
    }
}

const SIGNATURE_1: &[u8] = b"PROXY ";
const SIGNATURE_2: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";
const VERSION_1_OCTETS_MAX: usize = 107;

#[cfg(test)]
mod tests {
    use super::*;

    fn done(octets: usize, source: Option<&str>) -> Header {
        Header::Done { octets, source: source.map(|text| text.parse().unwrap()) }
    }

    fn v2(command: u8, family: u8, body: &[u8]) -> Vec<u8> {
        let length = u16::try_from(body.len()).unwrap().to_be_bytes();
        [SIGNATURE_2, &[command, family], &length, body].concat()
    }

    #[test]
    fn each_header_is_read_and_what_follows_is_left() {
        let four = [192, 0, 2, 1, 198, 51, 100, 1, 0x12, 0x34, 0, 25];
        let mut six = [0; 36];
        six[..4].copy_from_slice(&[0x20, 0x01, 0x0d, 0xb8]);
        six[15] = 1;
        six[32..34].copy_from_slice(&[0x12, 0x34]);
        let tlv = [&four[..], &[3, 0, 4, 1, 2, 3, 4]].concat();
        for (wire, expected) in [
            (b"PROXY TCP4 192.0.2.1 198.51.100.1 4660 25\r\n".to_vec(), Some("192.0.2.1:4660")),
            (b"PROXY TCP6 2001:db8::1 ::1 4660 25\r\n".to_vec(), Some("[2001:db8::1]:4660")),
            (b"PROXY UNKNOWN\r\n".to_vec(), None),
            (b"PROXY UNKNOWN anything goes here\r\n".to_vec(), None),
            (v2(0x21, 0x11, &four), Some("192.0.2.1:4660")),
            (v2(0x21, 0x11, &tlv), Some("192.0.2.1:4660")),
            (v2(0x21, 0x21, &six), Some("[2001:db8::1]:4660")),
            (v2(0x20, 0x00, b""), None),
            (v2(0x21, 0x00, b"x"), None),
        ] {
            for end in 0..wire.len() {
                assert_eq!(header(&wire[..end]), Header::Partial, "{}", wire.escape_ascii());
            }
            let with_rest = [&wire[..], b"EHLO x\r\n"].concat();
            assert_eq!(header(&with_rest), done(wire.len(), expected));
        }
    }

    #[test]
    fn what_is_no_header_is_broken_at_once() {
        for wire in [
            b"EHLO x\r\n".to_vec(),
            b"PROXX".to_vec(),
            b"PROXY TCP4 192.0.2.1 198.51.100.1 4660\r\n".to_vec(),
            b"PROXY TCP4 ::1 ::1 1 2\r\n".to_vec(),
            b"PROXY TCP4 192.0.2.1 198.51.100.1 70000 25\r\n".to_vec(),
            b"PROXY UNKNOWN\n".to_vec(),
            [&b"PROXY UNKNOWN "[..], &[b'x'; 100]].concat(),
            v2(0x31, 0x11, &[0; 12]),
            v2(0x21, 0x11, &[0; 11]),
            v2(0x21, 0x21, &[0; 35]),
            v2(0x21, 0x11, &[0; OCTETS_MAX]),
        ] {
            assert_eq!(header(&wire), Header::Broken, "{}", wire.escape_ascii());
        }
    }
}
