//! The `Received:` field put on top of a message (RFC 5321 §4.4). It names no recipient.

use jiff::{Timestamp, fmt::rfc2822::DateTimePrinter};
use uuid::Uuid;

use super::Peer;

/// The whole field with its line ends.
pub(super) fn field(
    peer: &Peer,
    smtputf8: bool,
    hostname: &str,
    id: Uuid,
    now: Timestamp,
) -> String {
    let helo = atoms(&peer.helo);
    let address = match peer.address {
        std::net::IpAddr::V4(address) => address.to_string(),
        std::net::IpAddr::V6(address) => format!("IPv6:{address}"),
    };
    // RFC 6531 §4.3 and RFC 3848: UTF8SMTP, S for TLS, A for a login.
    let with = match (smtputf8, peer.tls) {
        (true, true) => "UTF8SMTPSA",
        (true, false) => "UTF8SMTPA",
        (false, true) => "ESMTPSA",
        (false, false) => "ESMTPA",
    };
    let mut date = String::new();
    let zoned = now.to_zoned(jiff::tz::TimeZone::UTC);
    if DateTimePrinter::new().print_zoned(&zoned, &mut date).is_err() {
        // Years outside 0 to 9999 cannot be written; a trace without a date is still a trace.
        date.clear();
    }
    format!(
        "Received: from {helo} ([{address}])\r\n\tby {hostname} with {with}\r\n\tid {id}; {date}\r\n"
    )
}

/// What the client called itself, cut down to what may stand in a header.
fn atoms(helo: &str) -> String {
    let kept: String = helo
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || "-._[]:".contains(*c))
        .take(255)
        .collect();
    if kept.is_empty() { "unknown".into() } else { kept }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::login::Login;

    #[test]
    fn a_hostile_helo_cannot_add_a_line() {
        let peer = Peer {
            address: "192.0.2.7".parse().unwrap(),
            helo: "x\r\nBcc: a@b (".into(),
            tls: true,
            login: std::sync::Arc::new(Login {
                name: "shop".into(),
                senders: vec![],
                refusals: Default::default(),
                mixed: Default::default(),
            }),
            forwarded: None,
        };
        let now = "2026-11-02T08:00:00Z".parse().unwrap();
        assert_eq!(
            field(&peer, false, "relay.example", Uuid::nil(), now),
            "Received: from xBcc:ab ([192.0.2.7])\r\n\tby relay.example with ESMTPSA\r\n\t\
             id 00000000-0000-0000-0000-000000000000; Mon, 2 Nov 2026 08:00:00 +0000\r\n"
        );
    }
}
