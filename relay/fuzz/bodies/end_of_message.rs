//! The decoder that scans finds the same end, the same message and the same fault as one that
//! steps octet by octet, wherever the bytes are cut.

use relay::smtp::{
    body::{Body, Fault},
    dot::{Decoder, Taken},
    settings::{BareLf, Limits},
};

const OCTETS_MAX: usize = 64;
const LINE_OCTETS_MAX: usize = 24;

/// The first octet chooses how bare line ends are met and where to cut.
pub(crate) fn run(data: &[u8]) {
    let [options, wire @ ..] = data else { return };
    let normalize = options & 1 == 1;
    let cut = usize::from(options / 2) % 32 + 1;
    let limits = Limits {
        message_octets_max: OCTETS_MAX as u64,
        message_line_octets_max: LINE_OCTETS_MAX,
        ..Limits::default()
    };
    let bare_lf = if normalize { BareLf::Normalize } else { BareLf::Reject };
    let mut decoder = Decoder::new(Body::new(&limits, bare_lf, None));
    let mut before = 0;
    let mut end = None;
    for chunk in wire.chunks(cut) {
        if let Taken::Ended(at) = decoder.take(chunk) {
            end = Some(before + at);
            break;
        }
        before += chunk.len();
    }
    let expected = slowly(wire, normalize);
    assert_eq!(end, expected.as_ref().map(|(_, end)| *end), "{}", wire.escape_ascii());
    if let Some((expected, _)) = expected {
        let heard = decoder.finish().map(Vec::from);
        assert_eq!(heard, expected, "{}", wire.escape_ascii());
    }
}

/// The end is the first CRLF.CRLF of the wire; the rest is read off what stands before it.
fn slowly(wire: &[u8], normalize: bool) -> Option<(Result<Vec<u8>, Fault>, usize)> {
    let led = [b"\r\n", wire].concat();
    let end = led.windows(5).position(|five| five == b"\r\n.\r\n")?;
    // What was sent before the dot that ends it, with the CRLF in front of that dot.
    let sent = led.get(2..end + 2).unwrap_or_default();
    let mut message = vec![];
    let mut line = 0;
    let (mut bare, mut too_long) = (false, false);
    let mut at = 0;
    while let Some(&byte) = sent.get(at) {
        let line_start = at == 0 || sent[..at].ends_with(b"\r\n");
        match (byte, sent.get(at + 1)) {
            (b'.', _) if line_start => {}
            (b'\r', Some(b'\n')) => {
                message.extend(b"\r\n");
                line = 0;
                at += 1;
            }
            (b'\r' | b'\n', _) => {
                bare = true;
                line = 0;
                if normalize {
                    message.extend(b"\r\n");
                }
            }
            (byte, _) => {
                message.push(byte);
                line += 1;
                too_long |= line > LINE_OCTETS_MAX;
            }
        }
        at += 1;
    }
    let heard = if message.len() > OCTETS_MAX {
        Err(Fault::TooLarge)
    } else if message.contains(&0) {
        Err(Fault::Nul)
    } else if bare && !normalize {
        Err(Fault::BareCrOrLf)
    } else if too_long {
        Err(Fault::LineTooLong)
    } else {
        Ok(message)
    };
    Some((heard, end + 3))
}
