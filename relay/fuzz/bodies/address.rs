//! Lines, paths and parameters: nothing panics, and what is read is written alike.

use relay::smtp::{command::Command, envelope::Path, path::path_at, proxy, xclient, xtext};

pub(crate) fn run(data: &[u8]) {
    if let Ok(Command::Mail { from: Some(path), .. }) = Command::parse(data) {
        check(path);
    }
    check_proxy(data);
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok((Some(path), rest)) = path_at(text) {
        assert!(text.ends_with(rest));
        if !path.is_bare_postmaster() {
            check(path);
        }
    }
    if let Ok(path) = Path::parse(text) {
        check(path);
    }
    for line in [format!("MAIL FROM:<a@x.cz> {text}"), format!("RCPT TO:<a@x.cz> {text}")] {
        if let Err(reply) = Command::parse(line.as_bytes()) {
            assert!(matches!(reply.code, 500 | 501 | 555));
        }
    }
    let _ = xclient::Attributes::parse(text);
    if let Some(decoded) = xtext::decode(text) {
        assert_eq!(xtext::decode(&xtext::encode(&decoded)), Some(decoded));
    }
}

fn check(path: Path) {
    let wire = path.to_string();
    assert!(wire.len() <= 254 && !wire.contains(char::is_control), "{wire:?}");
    assert_eq!(Path::parse(&wire), Ok(path), "{wire:?}");
}

/// More bytes never take back what was said.
fn check_proxy(data: &[u8]) {
    let whole = proxy::header(data);
    for end in 0..data.len().min(64) {
        match proxy::header(&data[..end]) {
            proxy::Header::Partial => {}
            proxy::Header::Broken => assert_eq!(whole, proxy::Header::Broken),
            done @ proxy::Header::Done { octets, .. } => {
                assert_eq!((done, octets <= end), (whole, true));
            }
        }
    }
}
