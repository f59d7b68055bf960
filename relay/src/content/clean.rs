//! HTML of strangers, before a browser sees it: nothing in it runs, asks for anything or leads
//! anywhere.
//!
//! ammonia cleans it twice. Between the two, links and pictures become text with their targets, and
//! places become marks; so what is shown is always what ammonia let through with its shorter list, in
//! which nothing has an address. The frame's own policy would stop the rest. Styles are kept where they
//! are plain values of a few properties: neither sheets nor functions, strings or escapes.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use ammonia::{Builder, UrlRelative};

use super::mark::Mark;

/// Words that stand in the place of what is not shown.
#[derive(Clone, Copy, Debug)]
pub struct Labels<'a> {
    pub image: &'a str,
    /// The picture came with the message.
    pub inside: &'a str,
}

/// It would keep a browser busy: the text and the source show it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TooMuch;

/// What a browser may show of it. `marks` are places in what a reader is shown.
pub(super) fn clean(html: &str, marks: &[Mark], labels: &Labels<'_>) -> Result<String, TooMuch> {
    if html.len() > BYTES_MAX || is_much(html) {
        return Err(TooMuch);
    }
    let first = FIRST.clean(&with_signs(html, marks)).to_string();
    Ok(LAST.clean(&told(&first, labels)).to_string())
}

/// Whether it has too many elements, or they stand too deep in one another. What is not closed counts
/// as open; the work for those that only look closed is bounded by their number.
fn is_much(html: &str) -> bool {
    let (mut open, mut deep, mut tags) = (HashMap::<String, usize>::new(), 0_usize, 0);
    for piece in html.split('<').skip(1) {
        let (is_end, rest) = match piece.strip_prefix('/') {
            Some(rest) => (true, rest),
            None => (false, piece),
        };
        let name: String =
            rest.chars().take_while(char::is_ascii_alphanumeric).take(NAME_MAX).collect();
        let name = name.to_ascii_lowercase();
        if name.is_empty() || FLAT.contains(&name.as_str()) {
            tags += usize::from(!is_end);
            continue;
        }
        let count = open.entry(name).or_default();
        if !is_end {
            *count += 1;
            deep += 1;
            tags += 1;
        } else if *count > 0 {
            *count -= 1;
            deep -= 1;
        }
        if deep > DEPTH_MAX {
            return true;
        }
    }
    tags > TAGS_MAX
}

/// Signs that no message writes stand around each mark: one for its number, and an end.
fn with_signs(html: &str, marks: &[Mark]) -> String {
    let mut signs: Vec<(usize, char)> = Vec::new();
    for (at, number) in marks {
        let sign = u32::try_from(*number).ok().and_then(|number| char::from_u32(SIGNS + number));
        let Some(sign) = sign.filter(|sign| *sign < END) else { continue };
        signs.extend([(at.start, sign), (at.end, END)]);
    }
    // An end before the beginning of the next.
    signs.sort_by_key(|(at, sign)| (*at, *sign != END));
    let mut signed = String::with_capacity(html.len() + signs.len() * 4);
    let mut signs = signs.into_iter().peekable();
    for (at, c) in html.char_indices() {
        while let Some((_, sign)) = signs.next_if(|(place, _)| *place <= at) {
            signed.push(sign);
        }
        if !is_sign(c) {
            signed.push(c);
        }
    }
    signed.extend(signs.map(|(_, sign)| sign));
    signed
}

fn is_sign(c: char) -> bool {
    u32::from(c) >= SIGNS
}

/// Links and pictures as text, signs as marks.
fn told(clean: &str, labels: &Labels<'_>) -> String {
    let mut told = String::with_capacity(clean.len() * 2);
    let mut target: Option<String> = None;
    let (mut open, mut seen) = (None, HashSet::new());
    for token in tokens(clean) {
        match token {
            Token::Text(text) => put_text(&mut told, text, &mut open, &mut seen),
            Token::Tag(tag) if is_named(tag, "<a") => {
                target = Some(attribute(tag, "href").unwrap_or_default());
                told.push_str("<span class=\"link\">");
            }
            Token::Tag("</a>") => {
                told.push_str("</span>");
                let target = target.take().filter(|target| !target.is_empty());
                if let Some(target) = target {
                    put_box(&mut told, "target", &target);
                }
            }
            Token::Tag(tag) if is_named(tag, "<img") => {
                put_box(&mut told, "image", &picture(tag, labels));
            }
            Token::Tag(tag) => told.extend(tag.chars().filter(|c| !is_sign(*c))),
        }
    }
    told
}

fn put_text(told: &mut String, text: &str, open: &mut Option<char>, seen: &mut HashSet<char>) {
    let begin = |told: &mut String, sign: char, seen: &mut HashSet<char>| {
        if seen.insert(sign) {
            told.push_str(&format!("<mark id=\"e{}\">", u32::from(sign) - SIGNS));
        } else {
            told.push_str("<mark>");
        }
    };
    let mut written = false;
    if let Some(sign) = *open {
        begin(told, sign, seen);
        written = true;
    }
    for c in text.chars() {
        if !is_sign(c) {
            told.push(c);
            continue;
        }
        if std::mem::take(&mut written) {
            told.push_str("</mark>");
        }
        *open = (c != END).then_some(c);
        if let Some(sign) = *open {
            begin(told, sign, seen);
            written = true;
        }
    }
    // Tags may close what it stands in.
    if written {
        told.push_str("</mark>");
    }
}

/// In place of a picture: what it says it shows, and from where it would come.
fn picture(tag: &str, labels: &Labels<'_>) -> String {
    let text = |name: &str| attribute(tag, name).filter(|text| !text.trim().is_empty());
    let from = text("src").map(|source| {
        let (scheme, rest) = source.split_once(':').unwrap_or(("", &source));
        let host = rest.strip_prefix("//").and_then(|rest| rest.split(['/', '?', '#']).next());
        match (scheme.to_ascii_lowercase().as_str(), host) {
            ("cid" | "data", _) => labels.inside.to_owned(),
            (_, Some(host)) => host.to_owned(),
            (_, None) => source.clone(),
        }
    });
    let size = text("width").zip(text("height"));
    let size = size.map(|(width, height)| format!("{width} × {height}"));
    let all = [Some(labels.image.to_owned()), text("alt"), size, from];
    all.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

fn put_box(told: &mut String, class: &str, text: &str) {
    let shown: String = super::mark::plain(text).chars().take(BOX_CHARS_MAX).collect();
    told.push_str(&format!("<span class=\"{class}\">{}</span>", ammonia::clean_text(&shown)));
}

/// Of what ammonia wrote: every value stands between double quotes, and holds none.
enum Token<'a> {
    Text(&'a str),
    Tag(&'a str),
}

fn tokens(clean: &str) -> impl Iterator<Item = Token<'_>> {
    let mut rest = clean;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = if rest.starts_with('<') {
            let mut quoted = false;
            let end = rest.bytes().position(|byte| {
                quoted ^= byte == b'"';
                byte == b'>' && !quoted
            });
            end.map_or(rest.len(), |end| end + 1)
        } else {
            rest.find('<').unwrap_or(rest.len())
        };
        let (token, behind) = rest.split_at_checked(end).unwrap_or((rest, ""));
        rest = behind;
        Some(if token.starts_with('<') { Token::Tag(token) } else { Token::Text(token) })
    })
}

fn is_named(tag: &str, name: &str) -> bool {
    tag.strip_prefix(name).is_some_and(|rest| rest.starts_with([' ', '>']))
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    let (value, _) = rest.split_once('"')?;
    let value: String = value.chars().filter(|c| !is_sign(*c)).collect();
    let plain =
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&nbsp;", "\u{a0}"), ("&amp;", "&")];
    Some(plain.iter().fold(value, |value, (escaped, plain)| value.replace(escaped, plain)))
}

/// With links and pictures, as data of ours.
static FIRST: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = plain();
    builder
        .add_tags(["a", "img"])
        .add_tag_attributes("a", ["href"])
        .add_tag_attributes("img", ["src", "alt", "width", "height"])
        // Shown to people, and nobody follows them.
        .url_schemes(SCHEMES.into())
        .url_relative(UrlRelative::PassThrough);
    builder
});

/// Nothing in it has an address.
static LAST: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = plain();
    builder
        .add_tags(["mark"])
        .add_tag_attributes("mark", ["id"])
        .allowed_classes(HashMap::from([("span", HashSet::from(["link", "target", "image"]))]));
    builder
});

fn plain() -> Builder<'static> {
    let mut builder = Builder::empty();
    builder
        .tags(TAGS.into_iter().collect())
        // Its own, which an empty one has, too.
        .tag_attributes(HashMap::new())
        .clean_content_tags(WITHOUT_TEXT.into())
        .generic_attributes(ATTRIBUTES.into())
        .attribute_filter(|_, name, value| match name {
            "style" => styles(value).map(Cow::Owned),
            _ => Some(value.into()),
        });
    builder
}

/// Declarations of a few properties with plain values; the others are left out.
fn styles(text: &str) -> Option<String> {
    let plain = |value: &str| {
        let letters = value.bytes().all(|byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'#' | b'%' | b'.' | b',' | b'-')
        });
        letters && value.len() <= VALUE_MAX
    };
    let mut kept = String::new();
    for one in text.split(';').take(DECLARATIONS_MAX) {
        let Some((name, value)) = one.split_once(':') else { continue };
        let (name, value) = (name.trim().to_ascii_lowercase(), value.trim());
        if PROPERTIES.contains(&name.as_str()) && plain(value) {
            kept.push_str(&format!("{name}:{value};"));
        }
    }
    (!kept.is_empty()).then_some(kept)
}

/// The last plane of Unicode is nobody's.
const SIGNS: u32 = 0x10_0000;
const END: char = '\u{10fffd}';
const BYTES_MAX: usize = 1 << 20;
/// Of a large newsletter a few thousand.
const TAGS_MAX: usize = 10_000;
const DEPTH_MAX: usize = 500;
const NAME_MAX: usize = 20;
const BOX_CHARS_MAX: usize = 300;
const DECLARATIONS_MAX: usize = 50;
const VALUE_MAX: usize = 60;

const TAGS: [&str; 62] = [
    "abbr",
    "address",
    "article",
    "b",
    "bdi",
    "bdo",
    "big",
    "blockquote",
    "br",
    "caption",
    "center",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "font",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "i",
    "ins",
    "kbd",
    "li",
    "main",
    "ol",
    "p",
    "pre",
    "q",
    "s",
    "samp",
    "section",
    "small",
    "span",
    "strike",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "tt",
    "u",
    "ul",
];
/// Nothing stands in them, or they end by themselves.
const FLAT: [&str; 22] = [
    "area", "base", "br", "col", "dd", "dt", "embed", "hr", "img", "input", "li", "link", "meta",
    "option", "p", "source", "tbody", "td", "th", "tr", "track", "wbr",
];
/// Nobody reads what stands in them.
const WITHOUT_TEXT: [&str; 12] = [
    "applet", "embed", "iframe", "math", "noframes", "noscript", "object", "script", "style",
    "svg", "template", "title",
];
const ATTRIBUTES: [&str; 14] = [
    "align",
    "bgcolor",
    "border",
    "cellpadding",
    "cellspacing",
    "color",
    "colspan",
    "dir",
    "height",
    "lang",
    "rowspan",
    "style",
    "valign",
    "width",
];
const SCHEMES: [&str; 14] = [
    "cid",
    "data",
    "file",
    "ftp",
    "ftps",
    "geo",
    "http",
    "https",
    "javascript",
    "mailto",
    "sms",
    "tel",
    "vbscript",
    "ws",
];
const PROPERTIES: [&str; 26] = [
    "background-color",
    "border",
    "border-bottom",
    "border-collapse",
    "border-color",
    "border-left",
    "border-radius",
    "border-right",
    "border-style",
    "border-top",
    "border-width",
    "color",
    "display",
    "font-family",
    "font-size",
    "font-style",
    "font-weight",
    "line-height",
    "max-width",
    "padding",
    "padding-bottom",
    "padding-left",
    "padding-right",
    "padding-top",
    "text-align",
    "width",
];

#[cfg(test)]
mod tests;
