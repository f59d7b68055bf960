//! Where in an HTML text a footer is seen: before the real `</body>`.
//!
//! Cuts the text into tags, comments and raw text as the standard's tokenizer does, as far as that
//! decides where a tag is one. It builds no tree and hides nothing: whether a reader sees the result
//! is for the second verdict.

/// The place before the last `</body>`, else before the last `</html>`, else the end. `None` where
/// the text ends inside something that would swallow what is added: a comment, a tag, a textarea.
pub(super) fn place(html: &[u8]) -> Option<usize> {
    let (mut body, mut root) = (None, None);
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'<', html.get(at..).unwrap_or_default()) {
        let open = at + found;
        let Some(next) = token(html, open) else { return body.or(root) };
        // Most end tags are shorter or longer.
        if html.get(open + 1) == Some(&b'/') && next - open >= "</body>".len() {
            if is_end_tag(html, open, b"body") {
                body = Some(open);
            } else if is_end_tag(html, open, b"html") {
                root = Some(open);
            }
        }
        at = next;
    }
    Some(body.or(root).unwrap_or(html.len()))
}

/// The end of what begins with the `<` at `open`; `None` where it never ends.
fn token(html: &[u8], open: usize) -> Option<usize> {
    let rest = html.get(open + 1..).unwrap_or_default();
    match rest.first() {
        Some(b'!') if rest.starts_with(b"!--") => comment(html, open + 4),
        Some(b'!' | b'?') => until(html, open + 1, b'>'),
        Some(b'/') => match rest.get(1) {
            Some(byte) if byte.is_ascii_alphabetic() => tag_end(html, open + 2),
            Some(_) => until(html, open + 2, b'>'),
            None => Some(html.len()),
        },
        Some(byte) if byte.is_ascii_alphabetic() => {
            let name = name_at(html, open + 1);
            let end = attributes_end(html, open + 1 + name.len())?;
            if name.len() < SHORTEST_RAW {
                return Some(end);
            }
            if name.eq_ignore_ascii_case(b"plaintext") {
                return None;
            }
            match RAW.iter().find(|raw| name.eq_ignore_ascii_case(raw)) {
                Some(raw) => raw_text(html, end, raw),
                None => Some(end),
            }
        }
        _ => Some(open + 1),
    }
}

/// The end of a comment whose text begins at `at`: `<!-->` and `<!--->` are whole ones.
fn comment(html: &[u8], at: usize) -> Option<usize> {
    let text = html.get(at..).unwrap_or_default();
    if text.starts_with(b">") {
        return Some(at + 1);
    }
    if text.starts_with(b"->") {
        return Some(at + 2);
    }
    let mut from = 0;
    loop {
        let dashes = from + memchr::memmem::find(text.get(from..).unwrap_or_default(), b"--")?;
        match text.get(dashes + 2..).unwrap_or_default() {
            [b'>', ..] => return Some(at + dashes + 3),
            [b'!', b'>', ..] => return Some(at + dashes + 4),
            _ => from = dashes + 1,
        }
    }
}

/// The end of the tag whose name begins at `at`.
fn tag_end(html: &[u8], at: usize) -> Option<usize> {
    attributes_end(html, at + name_at(html, at).len())
}

/// The end of the tag whose name ends at `at`; a `>` in a quoted attribute does not end it.
fn attributes_end(html: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match html.get(at)? {
            b'>' => return Some(at + 1),
            b'/' => at += 1,
            byte if byte.is_ascii_whitespace() => at += 1,
            _ => at = attribute_end(html, at)?,
        }
    }
}

/// The end of the attribute that begins at `at`; a `=` first belongs to its name.
fn attribute_end(html: &[u8], at: usize) -> Option<usize> {
    let mut at = at + 1;
    while !html.get(at).is_none_or(|b| b.is_ascii_whitespace() || matches!(b, b'/' | b'>' | b'=')) {
        at += 1;
    }
    let name_end = at;
    at = skip_space(html, at);
    if html.get(at)? != &b'=' {
        return Some(name_end);
    }
    at = skip_space(html, at + 1);
    match html.get(at)? {
        quote @ (b'"' | b'\'') => until(html, at + 1, *quote),
        _ => {
            while !html.get(at)?.is_ascii_whitespace() && html.get(at)? != &b'>' {
                at += 1;
            }
            Some(at)
        }
    }
}

/// The end of a raw text element: behind its end tag.
fn raw_text(html: &[u8], from: usize, name: &[u8]) -> Option<usize> {
    let mut at = from;
    loop {
        let open = at + memchr::memmem::find(html.get(at..).unwrap_or_default(), b"</")?;
        if is_end_tag(html, open, name) {
            return tag_end(html, open + 2);
        }
        at = open + 2;
    }
}

fn is_end_tag(html: &[u8], open: usize, name: &[u8]) -> bool {
    html.get(open..open + 2) == Some(b"</") && name_at(html, open + 2).eq_ignore_ascii_case(name)
}

fn name_at(html: &[u8], at: usize) -> &[u8] {
    let rest = html.get(at..).unwrap_or_default();
    let length = rest
        .iter()
        .position(|byte| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>'))
        .unwrap_or(rest.len());
    rest.get(..length).unwrap_or_default()
}

fn until(html: &[u8], from: usize, end: u8) -> Option<usize> {
    memchr::memchr(end, html.get(from..)?).map(|found| from + found + 1)
}

fn skip_space(html: &[u8], from: usize) -> usize {
    let rest = html.get(from..).unwrap_or_default();
    from + rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count()
}

/// Text with what HTML reads as markup written as references.
pub(super) fn escaped(text: &str) -> String {
    // Looked at to its end, because then many bytes are looked at at once.
    let marked = |marked, byte| marked | matches!(byte, b'&' | b'<' | b'>' | b'"');
    if !text.bytes().fold(false, marked) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            _ => out.push(character),
        }
    }
    out
}

/// Elements whose content is text up to their end tag (scripting off, so not `noscript`).
const RAW: [&[u8]; 8] =
    [b"script", b"style", b"textarea", b"title", b"xmp", b"iframe", b"noembed", b"noframes"];
const SHORTEST_RAW: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;

    /// `|` marks the place; a text without it has none.
    #[test]
    fn the_place_is_before_the_real_end_of_the_body() {
        for marked in [
            "<html><body>x|</body></html>",
            "<BODY>x|</BODY >\r\n</HTML>",
            "<body>x|</body\r\n class=\"a>b\">",
            "x|",
            "|",
            "<html>x|</html>",
            "<body>x</body><p>y|</body>",
            "<body><!-- </body> -->x|</body>",
            "<body>x|</body><!-- </body> -->",
            "<body><!--> x|</body> -->",
            "<body><!---> x|</body> -->",
            "<body><!-- a --!> x|</body>",
            "<body><!-- a -- > x</body> -->|</body>",
            "<body><script>'</body>'</script>x|</body>",
            "<body><style></body></STYLE >x|</body>",
            "<title></body></title>x|",
            "<a title=\"</body>\">x|</body>",
            "<a title='>' href=</body>x|</body>",
            "<a title = \"</body>\" >x|</body>",
            "<a ='\">x|</body>'\">",
            "<a b=c'd>x|</body>",
            "<![if !mso]></body><![endif]>x|</body>",
            "<!--[if mso]></body><![endif]-->x|</body>",
            "<?xml a?>x|</body>",
            "1 < 2 </ body>x|</body>",
            "a </|",
            "<bodyx></bodyx>|",
            "<body>x|</body><!-- open",
            "<body>x|</body><textarea>",
            "<!doctype html>x|",
            "</>x|",
        ] {
            let html = marked.replace('|', "");
            assert_eq!(place(html.as_bytes()), marked.find('|'), "{marked}");
        }
    }

    #[test]
    fn what_swallows_the_end_has_no_place() {
        for html in [
            "x<!-- open </body>",
            "x<a href=\"open </body>",
            "x<a href",
            "<textarea>x</body>",
            "<title>x</body>",
            "<style>x</body>",
            "<plaintext>x</body>",
            "<script>x</scriptx></body>",
            "x<!doctype",
        ] {
            assert_eq!(place(html.as_bytes()), None, "{html}");
        }
    }
}
