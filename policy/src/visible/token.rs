//! HTML cut into tokens as the standard's tokenizer cuts them (WHATWG HTML §13.2.5).
//!
//! Not here: scripts' double-escaped states, which no mail reader runs into, and CDATA.

use std::ops::Range;

use memchr::{memchr, memmem};

pub(super) enum Token {
    /// Character data, character references not yet decoded.
    Text(Range<usize>),
    /// The content of `style`, `script`, `title` and their kin: never markup.
    Raw(Range<usize>),
    /// A start tag; its attributes are in [`Tokens::attributes`] until the next token.
    Start(Name),
    End(Name),
}

/// An element's name in lower case, cut at twelve bytes: none that matters is longer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Name {
    bytes: [u8; 12],
    length: u8,
}

#[derive(Clone, Debug)]
pub(super) struct Attribute {
    name: Range<usize>,
    /// Without quotes.
    pub(super) value: Range<usize>,
}

pub(super) struct Tokens<'a> {
    html: &'a str,
    at: usize,
    /// Inside an element whose content is no markup.
    raw: Option<Name>,
    attributes: Vec<Attribute>,
}

impl Name {
    pub(super) fn of(written: &[u8]) -> Self {
        let mut bytes = [0; 12];
        let mut length = 0;
        for (to, from) in bytes.iter_mut().zip(written) {
            *to = from.to_ascii_lowercase();
            length += 1;
        }
        Self { bytes, length }
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.length)).unwrap_or_default()
    }

    pub(super) fn is(&self, name: &str) -> bool {
        self.as_bytes() == name.as_bytes()
    }

    fn holds_raw_text(&self) -> bool {
        matches!(
            self.as_bytes(),
            b"style"
                | b"script"
                | b"title"
                | b"textarea"
                | b"xmp"
                | b"iframe"
                | b"noembed"
                | b"noframes"
                | b"plaintext"
        )
    }
}

impl<'a> Tokens<'a> {
    pub(super) fn of(html: &'a str) -> Self {
        Self { html, at: 0, raw: None, attributes: Vec::with_capacity(8) }
    }

    /// Goes on at a place where a token begins, not inside an element of raw text.
    pub(super) fn from(html: &'a str, at: usize) -> Self {
        Self { at, ..Self::of(html) }
    }

    /// A text that stands before this place would end here.
    pub(super) fn ends_text(&self) -> bool {
        self.byte(self.at) == Some(b'<') && self.is_markup(self.at)
    }

    /// The place after the last token.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// The value of the last start tag's attribute, as written, and its place. Of several the
    /// first counts.
    pub(super) fn attribute(&self, name: &str) -> Option<(&'a str, Range<usize>)> {
        let found = self.attributes.iter().find(|attribute| {
            let written = self.html.get(attribute.name.clone()).unwrap_or_default();
            written.eq_ignore_ascii_case(name)
        })?;
        Some((self.html.get(found.value.clone())?, found.value.clone()))
    }

    /// Where the values of `class` and `id` stand, and whether there are other attributes.
    pub(super) fn marks(&self) -> (Option<Range<usize>>, Option<Range<usize>>, bool) {
        let (mut class, mut id, mut others) = (None, None, false);
        for Attribute { name, value } in &self.attributes {
            let written = self.html.as_bytes().get(name.clone()).unwrap_or_default();
            let place = match written.len() {
                5 if written.eq_ignore_ascii_case(b"class") => &mut class,
                2 if written.eq_ignore_ascii_case(b"id") => &mut id,
                _ => {
                    others = true;
                    continue;
                }
            };
            place.get_or_insert_with(|| value.clone());
        }
        (class, id, others)
    }

    pub(super) fn has_attributes(&self) -> bool {
        !self.attributes.is_empty()
    }

    fn rest(&self, from: usize) -> &'a [u8] {
        self.html.as_bytes().get(from..).unwrap_or_default()
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.html.as_bytes().get(at).copied()
    }

    pub(super) fn next(&mut self) -> Option<Token> {
        if let Some(name) = self.raw.take() {
            let range = self.raw_text(name);
            self.at = range.end;
            if !range.is_empty() {
                return Some(Token::Raw(range));
            }
        }
        let mut begin = self.at;
        loop {
            let open = match memchr(b'<', self.rest(self.at)) {
                Some(offset) => self.at + offset,
                None => {
                    self.at = self.html.len();
                    return (begin < self.at).then_some(Token::Text(begin..self.at));
                }
            };
            if !self.is_markup(open) {
                self.at = open + 1;
                continue;
            }
            if open > begin {
                self.at = open;
                return Some(Token::Text(begin..open));
            }
            if let Some(token) = self.markup(open) {
                return Some(token);
            }
            begin = self.at;
        }
    }

    /// A `<` that begins a tag or a comment; any other is text.
    fn is_markup(&self, open: usize) -> bool {
        match self.byte(open + 1) {
            Some(b'!' | b'?') => true,
            // `</` at the very end is text.
            Some(b'/') => self.byte(open + 2).is_some(),
            Some(byte) => byte.is_ascii_alphabetic(),
            None => false,
        }
    }

    /// Reads what begins at a `<`; nothing where it is a comment or never ends.
    fn markup(&mut self, open: usize) -> Option<Token> {
        let end = self.html.len();
        match (self.byte(open + 1), self.byte(open + 2)) {
            (Some(b'/'), Some(byte)) if byte.is_ascii_alphabetic() => {
                match self.tag(open + 2) {
                    Some(name) => return Some(Token::End(name)),
                    // The text ends inside the tag: nothing of it is shown.
                    None => self.at = end,
                }
            }
            (Some(b'!'), _) if self.rest(open).starts_with(b"<!--") => {
                self.at = self.comment_end(open + 4);
            }
            (Some(b'!' | b'?' | b'/'), _) => {
                self.at = memchr(b'>', self.rest(open + 2)).map_or(end, |offset| open + 3 + offset);
            }
            (Some(_) | None, _) => match self.tag(open + 1) {
                Some(name) => {
                    self.raw = name.holds_raw_text().then_some(name);
                    return Some(Token::Start(name));
                }
                None => self.at = end,
            },
        }
        None
    }

    fn comment_end(&self, from: usize) -> usize {
        let rest = self.rest(from);
        if rest.starts_with(b">") {
            return from + 1;
        }
        if rest.starts_with(b"->") {
            return from + 2;
        }
        for dashes in memmem::find_iter(rest, b"--") {
            // `--->` ends here too: find_iter does not overlap, so look one further.
            let after = rest.get(dashes + 2..).unwrap_or_default();
            let more = after.iter().take_while(|byte| **byte == b'-').count();
            match after.get(more..).unwrap_or_default() {
                [b'>', ..] => return from + dashes + 2 + more + 1,
                [b'!', b'>', ..] => return from + dashes + 2 + more + 2,
                _ => {}
            }
        }
        self.html.len()
    }

    /// Reads name and attributes; afterwards `at` stands behind the `>`.
    fn tag(&mut self, from: usize) -> Option<Name> {
        self.attributes.clear();
        let ends = |byte: &u8| matches!(byte, b'\t' | b'\n' | b'\x0c' | b'\r' | b' ' | b'/' | b'>');
        let length = self.rest(from).iter().position(ends)?;
        let name = Name::of(self.html.as_bytes().get(from..from + length)?);
        let mut at = from + length;
        loop {
            match self.byte(at)? {
                b'>' => break,
                byte if is_space(byte) || byte == b'/' => at += 1,
                _ => at = self.one_attribute(at)?,
            }
        }
        self.at = at + 1;
        Some(name)
    }

    fn one_attribute(&mut self, from: usize) -> Option<usize> {
        // A `=` in first place belongs to the name.
        let mut at = from + 1;
        while !matches!(self.byte(at)?, b'=' | b'/' | b'>') && !is_space(self.byte(at)?) {
            at += 1;
        }
        let name = from..at;
        at = self.skip_spaces(at);
        if self.byte(at)? != b'=' {
            self.keep(Attribute { name, value: at..at });
            return Some(at);
        }
        at = self.skip_spaces(at + 1);
        let (value, next) = match self.byte(at)? {
            quote @ (b'"' | b'\'') => {
                let length = memchr(quote, self.rest(at + 1))?;
                (at + 1..at + 1 + length, at + 2 + length)
            }
            b'>' => (at..at, at),
            _ => {
                let end = |byte: &u8| is_space(*byte) || *byte == b'>';
                let length = self.rest(at).iter().position(end)?;
                (at..at + length, at + length)
            }
        };
        self.keep(Attribute { name, value });
        Some(next)
    }

    fn keep(&mut self, attribute: Attribute) {
        if self.attributes.len() < ATTRIBUTES_MAX {
            self.attributes.push(attribute);
        }
    }

    fn skip_spaces(&self, from: usize) -> usize {
        from + self.rest(from).iter().take_while(|byte| is_space(**byte)).count()
    }

    /// Up to the end tag of the same name, or to the end.
    fn raw_text(&self, name: Name) -> Range<usize> {
        let begin = self.at;
        let mut at = begin;
        if name.is("plaintext") {
            return begin..self.html.len();
        }
        while let Some(offset) = memmem::find(self.rest(at), b"</") {
            let open = at + offset;
            let after = self.rest(open + 2);
            let same = after
                .get(..name.as_bytes().len())
                .is_some_and(|written| written.eq_ignore_ascii_case(name.as_bytes()));
            let ended = after
                .get(name.as_bytes().len())
                .is_some_and(|byte| is_space(*byte) || matches!(byte, b'/' | b'>'));
            if same && ended {
                return begin..open;
            }
            at = open + 2;
        }
        begin..self.html.len()
    }
}

const ATTRIBUTES_MAX: usize = 100;

fn is_space(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | b'\x0c' | b'\r' | b' ')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dice::Dice;

    fn cut(html: &str) -> String {
        let mut tokens = Tokens::of(html);
        let mut out = String::new();
        while let Some(token) = tokens.next() {
            let name = |name: &Name| String::from_utf8_lossy(name.as_bytes()).into_owned();
            match token {
                Token::Text(range) => out.push_str(&format!("{:?} ", &html[range])),
                Token::Raw(_) => out.push_str("raw "),
                Token::End(n) => out.push_str(&format!("/{} ", name(&n))),
                Token::Start(n) => {
                    out.push_str(&name(&n));
                    for attribute in &tokens.attributes {
                        let (key, value) =
                            (&html[attribute.name.clone()], &html[attribute.value.clone()]);
                        out.push_str(&format!("[{key}={value}]"));
                    }
                    out.push(' ');
                }
            }
        }
        out.trim_end().to_owned()
    }

    #[test]
    fn tokens_are_cut_where_browsers_cut_them() {
        for (html, tokens) in [
            ("a<b>c</b>", "\"a\" b \"c\" /b"),
            ("<A HREF=x>y</A >", "a[HREF=x] \"y\" /a"),
            ("<a href='x>y' b = \"c\" d>", "a[href=x>y][b=c][d=]"),
            ("<a/b=c/d>", "a[b=c/d]"),
            ("<a =b=c>", "a[=b=c]"),
            ("<a b='c'd='e'>", "a[b=c][d=e]"),
            ("1 < 2 <3 <", "\"1 < 2 <3 <\""),
            ("a<!-- <b> -->c", "\"a\" \"c\""),
            ("<!-->a<!--->b<!--c--!>d<!----->e", "\"a\" \"b\" \"d\" \"e\""),
            ("<!-- open <b>", ""),
            ("<!doctype html><?x?></ y>z", "\"z\""),
            ("<style>a<b></STYLE >c", "style raw /style \"c\""),
            ("<title></titlex></title>", "title raw /title"),
            ("<textarea><b>", "textarea raw"),
            ("a<b", "\"a\""),
            ("a<b c=\"d>", "\"a\""),
            ("<![if !mso]>a<![endif]>", "\"a\""),
            ("<!--[if mso]>x<![endif]-->y", "\"y\""),
            ("</>x", "\"x\""),
            ("a</", "\"a</\""),
        ] {
            assert_eq!(cut(html), tokens, "{html}");
        }
    }

    #[test]
    fn many_comments_do_not_grow_the_call_stack() {
        let html = "<!-- x -->".repeat(100_000);
        assert_eq!(cut(&html), "");
    }

    /// Start tags with their attributes, by lol_html.
    fn by_another(html: &str) -> Vec<(String, Vec<(String, String)>)> {
        let mut tags = Vec::new();
        let handler = lol_html::element!("*", |element| {
            let attributes = element.attributes().iter();
            tags.push((
                element.tag_name(),
                attributes.map(|a| (a.name(), a.value())).collect::<Vec<_>>(),
            ));
            Ok(())
        });
        let settings =
            lol_html::Settings::new().append_element_content_handler(handler).with_strict(false);
        let mut rewriter = lol_html::HtmlRewriter::new(settings, |_: &[u8]| {});
        rewriter.write(html.as_bytes()).unwrap();
        rewriter.end().unwrap();
        tags
    }

    fn by_us(html: &str) -> Vec<(String, Vec<(String, String)>)> {
        let mut tokens = Tokens::of(html);
        let mut tags = Vec::new();
        while let Some(token) = tokens.next() {
            let Token::Start(name) = token else { continue };
            let mut attributes: Vec<(String, String)> = Vec::new();
            for attribute in &tokens.attributes {
                let name = html[attribute.name.clone()].to_ascii_lowercase();
                if !attributes.iter().any(|(known, _)| *known == name) {
                    attributes.push((name, html[attribute.value.clone()].to_owned()));
                }
            }
            tags.push((String::from_utf8(name.as_bytes().to_vec()).unwrap(), attributes));
        }
        tags
    }

    #[test]
    fn tags_stand_where_another_tokenizer_finds_them() {
        const PIECES: [&str; 32] = [
            "<p>",
            "</p>",
            "<a href=x>",
            "<b c='d'>",
            "<i e=\"f\">",
            "<",
            ">",
            "</",
            "/>",
            "<!--",
            "-->",
            "--",
            "<!",
            "?>",
            "=",
            "'",
            "\"",
            " ",
            "\n",
            "text",
            "<style>",
            "</style>",
            "</STYLE ",
            "<title>",
            "</title>",
            "<textarea",
            "<br/>",
            "<td a b=c/d>",
            "&amp;",
            "<!-->",
            "-",
            "<script>x</script>",
        ];
        let mut dice = Dice::new();
        for _ in 0..4_000 {
            let html = dice.text(&PIECES, 14);
            let mut other = by_another(&html);
            for (name, attributes) in &mut other {
                name.truncate(12);
                let mut kept: Vec<(String, String)> = Vec::new();
                for (name, value) in attributes.drain(..) {
                    if !kept.iter().any(|(known, _)| *known == name) {
                        kept.push((name, value));
                    }
                }
                *attributes = kept;
            }
            assert_eq!(by_us(&html), other, "{html:?}");
        }
    }
}
