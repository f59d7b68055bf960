//! A message in a file or a field, as SMTP has it.

/// Every line end as CRLF.
pub fn with_crlf(bytes: &[u8]) -> Vec<u8> {
    let mut wired = Vec::with_capacity(bytes.len() + bytes.len() / 32);
    let mut last = 0;
    for byte in bytes {
        if *byte == b'\n' && last != b'\r' {
            wired.push(b'\r');
        }
        wired.push(*byte);
        last = *byte;
    }
    wired
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_become_crlf_once() {
        for (bytes, wired) in [
            (&b"a\nb\n"[..], &b"a\r\nb\r\n"[..]),
            (b"a\r\nb\r\n", b"a\r\nb\r\n"),
            (b"\n\r\n\n", b"\r\n\r\n\r\n"),
            (b"", b""),
            (b"a\rb", b"a\rb"),
        ] {
            assert_eq!(with_crlf(bytes), wired);
        }
    }
}
