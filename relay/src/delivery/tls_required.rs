//! What a message's sender wants of TLS: REQUIRETLS in the envelope, or `TLS-Required: No` in the
//! header (RFC 8689 §4.1, §5).

use super::route::Wish;
use crate::spool::Message;

const FIELD: &[u8] = b"tls-required:";

pub(super) fn wish(message: &Message) -> Wish {
    // A report about a message that asked for it is rather delivered (RFC 8689 §5).
    if message.params.require_tls {
        return if message.from.is_some() { Wish::Required } else { Wish::Usual };
    }
    if waives(&message.bytes) { Wish::NotRequired } else { Wish::Usual }
}

/// Whether the header has the field once, with its one known value.
fn waives(bytes: &[u8]) -> bool {
    let mut fields = header(bytes).filter_map(|line| {
        let (name, value) = line.split_at_checked(FIELD.len())?;
        name.eq_ignore_ascii_case(FIELD).then_some(value)
    });
    let first = fields.next().is_some_and(|value| value.trim_ascii().eq_ignore_ascii_case(b"no"));
    first && fields.next().is_none()
}

fn header(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes
        .split(|byte| *byte == b'\n')
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
        .take_while(|line| !line.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_no_in_the_header_waives() {
        for (bytes, waived) in [
            ("Subject: x\r\nTLS-Required: No\r\n\r\nx", true),
            ("tls-required:no\r\n\r\n", true),
            ("TLS-Required: No", true),
            ("TLS-Required: Yes\r\n\r\n", false),
            ("TLS-Required:\r\n No\r\n\r\n", false),
            ("TLS-Required: No\r\nTLS-Required: No\r\n\r\n", false),
            ("X-TLS-Required: No\r\n\r\n", false),
            ("Subject: x\r\n TLS-Required: No\r\n\r\n", false),
            ("Subject: x\r\n\r\nTLS-Required: No\r\n", false),
            ("", false),
        ] {
            assert_eq!(waives(bytes.as_bytes()), waived, "{bytes:?}");
        }
    }
}
