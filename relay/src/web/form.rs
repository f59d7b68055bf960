//! The fields and files of a posted form, in both encodings that browsers know and that RFC 8058 §3.2
//! lets a mailbox provider use.

use axum::body::Bytes;
use memchr::memmem;

/// What a form said, in its order.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Form {
    pub fields: Vec<(String, String)>,
    pub files: Vec<File>,
}

/// A file that somebody chose.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct File {
    pub field: String,
    /// As its owner calls it; empty where none was chosen.
    pub name: String,
    pub bytes: Bytes,
}

/// Names and values in order; `None` where the body is not what its type says.
pub(super) fn fields(content_type: &str, body: &Bytes) -> Option<Vec<(String, String)>> {
    read(content_type, body).map(|form| form.fields)
}

/// The same with files.
pub(super) fn read(content_type: &str, body: &Bytes) -> Option<Form> {
    let (kind, rest) = content_type.split_once(';').unwrap_or((content_type, ""));
    match kind.trim().to_ascii_lowercase().as_str() {
        "application/x-www-form-urlencoded" | "" => {
            Some(Form { fields: urlencoded(body)?, files: Vec::new() })
        }
        "multipart/form-data" => multipart(boundary(rest)?, body),
        _ => None,
    }
}

/// What stands behind the `?` of a URL.
pub(super) fn query(text: &str) -> Vec<(String, String)> {
    urlencoded(text.as_bytes()).unwrap_or_default()
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

/// RFC 7578.
fn multipart(boundary: &str, body: &Bytes) -> Option<Form> {
    let delimiter = format!("--{boundary}");
    let between = memmem::Finder::new(&delimiter);
    let mut form = Form::default();
    let mut at = between.find(body)? + delimiter.len();
    loop {
        let rest = body.get(at..)?;
        if rest.starts_with(b"--") {
            return Some(form);
        }
        let (head_end, value_at) = blank_line(rest)?;
        let head = std::str::from_utf8(rest.get(..head_end)?).ok()?;
        let value = rest.get(value_at..)?;
        let end = line_begins_with(value, &between)?;
        let from = at + value_at;
        let bytes = body.slice(from..from + line_end_before(value, end));
        let (field, file) = disposition(head)?;
        match file {
            Some(name) => form.files.push(File { field, name, bytes }),
            None => form.fields.push((field, String::from_utf8(bytes.to_vec()).ok()?)),
        }
        at = from + end + delimiter.len();
    }
}

/// Where the head of a part ends, and where its value begins.
fn blank_line(part: &[u8]) -> Option<(usize, usize)> {
    let crlf = memmem::find(part, b"\r\n\r\n").map(|at| (at, at + 4));
    let lf = memmem::find(part, b"\n\n").map(|at| (at, at + 2));
    crlf.into_iter().chain(lf).min()
}

/// Where a line of `text` begins so: in a file the same may stand in the middle of one.
fn line_begins_with(text: &[u8], what: &memmem::Finder<'_>) -> Option<usize> {
    what.find_iter(text).find(|at| *at == 0 || text.get(at - 1) == Some(&b'\n'))
}

/// How long the text before `at` is without its line end.
fn line_end_before(text: &[u8], at: usize) -> usize {
    let before = text.get(..at).unwrap_or_default();
    let before = before.strip_suffix(b"\n").unwrap_or(before);
    before.strip_suffix(b"\r").unwrap_or(before).len()
}

/// The name of a field, and of the file where it is one.
fn disposition(head: &str) -> Option<(String, Option<String>)> {
    let line = head.lines().find_map(|line| {
        let (field, value) = line.split_once(':')?;
        field.trim().eq_ignore_ascii_case("content-disposition").then_some(value)
    })?;
    let parameter = |name: &str| {
        line.split(';').find_map(|parameter| {
            let (own, value) = parameter.split_once('=')?;
            let value = value.trim().trim_matches('"').to_owned();
            own.trim().eq_ignore_ascii_case(name).then_some(value)
        })
    };
    Some((parameter("name")?, parameter("filename")))
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
            let fields = fields(kind, &Bytes::from(body)).unwrap();
            assert_eq!(value(&fields, "list-unsubscribe"), Some("One-Click"), "{kind} {body}");
        }
    }

    #[test]
    fn several_values_keep_their_order() {
        let body = Bytes::from_static(b"keep=a&keep=b+c&what=keep");
        let fields = fields("", &body).unwrap();
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
            assert_eq!(fields(kind, &Bytes::from_static(body)), None, "{kind} {body:?}");
        }
    }
    #[test]
    fn a_file_comes_with_every_octet() {
        let bytes: &[u8] = b"\x00\xff--b1\r\n\r\n--b2\n";
        let head = "--b1\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n2\r\n--b1\r\n\
                    Content-Disposition: form-data; name=\"mail\"; filename=\"x.eml\"\r\n\
                    Content-Type: message/rfc822\r\n\r\n";
        let body = [head.as_bytes(), bytes, b"\r\n--b1--\r\n"].concat();
        let form = read("multipart/form-data; boundary=b1", &body.into()).unwrap();
        assert_eq!(form.fields, [("a".to_owned(), "1\r\n2".to_owned())]);
        let [file] = form.files.as_slice() else { panic!("{form:?}") };
        assert_eq!((file.field.as_str(), file.name.as_str()), ("mail", "x.eml"));
        assert_eq!(file.bytes, bytes);
    }
}
