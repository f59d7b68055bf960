//! The fields of a posted form, in both encodings that RFC 8058 §3.2 lets a mailbox provider use.

/// Names and values in order; `None` where the body is not what its type says.
pub(super) fn fields(content_type: &str, body: &[u8]) -> Option<Vec<(String, String)>> {
    let (kind, rest) = content_type.split_once(';').unwrap_or((content_type, ""));
    match kind.trim().to_ascii_lowercase().as_str() {
        "application/x-www-form-urlencoded" | "" => urlencoded(body),
        "multipart/form-data" => multipart(boundary(rest)?, body),
        _ => None,
    }
}

fn urlencoded(body: &[u8]) -> Option<Vec<(String, String)>> {
    let text = std::str::from_utf8(body).ok()?;
    let pairs = text.trim().split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((decoded(name)?, decoded(value)?))
        })
        .collect()
}

fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let high = char::from(rest.next()?).to_digit(16)?;
                let low = char::from(rest.next()?).to_digit(16)?;
                u8::try_from(high * 16 + low).ok()?
            }
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

fn boundary(parameters: &str) -> Option<&str> {
    parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let value = value.trim().trim_matches('"');
        (name.trim().eq_ignore_ascii_case("boundary") && !value.is_empty()).then_some(value)
    })
}

/// RFC 7578; only texts, no files.
fn multipart(boundary: &str, body: &[u8]) -> Option<Vec<(String, String)>> {
    let text = std::str::from_utf8(body).ok()?;
    let delimiter = format!("--{boundary}");
    let mut parts = text.split(delimiter.as_str()).skip(1);
    let mut fields = Vec::new();
    loop {
        let part = parts.next()?;
        if part.starts_with("--") {
            return Some(fields);
        }
        let part = part.replace("\r\n", "\n");
        let (head, value) = part.trim_start_matches('\n').split_once("\n\n")?;
        let name = head.lines().find_map(|line| {
            let (field, value) = line.split_once(':')?;
            if !field.trim().eq_ignore_ascii_case("content-disposition") {
                return None;
            }
            let (_, name) = value.split_once("name=")?;
            Some(name.split(';').next()?.trim().trim_matches('"').to_owned())
        })?;
        fields.push((name, value.strip_suffix('\n').unwrap_or(value).to_owned()));
    }
}

/// Every value of a field.
pub(super) fn values<'a>(fields: &'a [(String, String)], name: &str) -> Vec<&'a str> {
    let own = fields.iter().filter(|(own, _)| own == name);
    own.map(|(_, value)| value.as_str()).collect()
}

/// The first value of a field.
pub(super) fn value<'a>(fields: &'a [(String, String)], name: &str) -> Option<&'a str> {
    fields.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_click_is_read_in_both_encodings() {
        let multi = "--b1\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b1--\r\n";
        for (kind, body) in [
            ("application/x-www-form-urlencoded", "List-Unsubscribe=One-Click"),
            (
                "application/x-www-form-urlencoded; charset=UTF-8",
                "List-Unsubscribe=One%2DClick\r\n",
            ),
            ("multipart/form-data; boundary=b1", multi),
            ("Multipart/Form-Data; boundary=\"b1\"", multi),
        ] {
            let fields = fields(kind, body.as_bytes()).unwrap();
            assert_eq!(value(&fields, "list-unsubscribe"), Some("One-Click"), "{kind} {body}");
        }
    }

    #[test]
    fn several_values_keep_their_order() {
        let fields = fields("", b"keep=a&keep=b+c&what=keep").unwrap();
        assert_eq!(fields.len(), 3);
        assert_eq!(fields[1].1, "b c");
    }

    #[test]
    fn what_is_no_form_is_nothing() {
        for (kind, body) in [
            ("application/json", &b"{}"[..]),
            ("application/x-www-form-urlencoded", b"a=%zz"),
            ("application/x-www-form-urlencoded", b"a=%F"),
            ("application/x-www-form-urlencoded", b"a=\xff"),
            ("multipart/form-data", b"--b1\r\n"),
            ("multipart/form-data; boundary=b1", b"--b1\r\nno end"),
            ("multipart/form-data; boundary=b1", b""),
        ] {
            assert_eq!(fields(kind, body), None, "{kind} {body:?}");
        }
    }
}
