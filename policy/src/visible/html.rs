//! The visible text of an HTML part: tokens in, a page out.

use std::{ops::Range, sync::LazyLock};

use memchr::{memchr_iter, memmem};

use super::{
    entity,
    page::Page,
    paint::{self, Paint},
    resume::{Ending, Known},
    stack::Stack,
    style::{self, Style},
    tag,
    token::{Name, Token, Tokens},
};
use crate::text::eight;

pub(super) fn read(html: &str) -> Page {
    let reader = Reader {
        html,
        tokens: Tokens::of(html),
        stack: Stack::new(backdrop(html)),
        page: Page::with_capacity(html.len() / 2),
    };
    reader.read(false)
}

/// [`read`], of which the beginning may be known.
pub(super) fn read_again(html: &str, known: &Known<'_>) -> Page {
    let Some(ending) = known.ending() else { return read(html) };
    let tokens = Tokens::from(html, ending.at);
    if ending.stack.back() != backdrop(html) || (ending.after_text && !tokens.ends_text()) {
        return read(html);
    }
    let page = known.page(&ending.reached, html.len() / 2);
    let reader = Reader { html, tokens, stack: ending.stack.clone(), page };
    reader.read(ending.after_text)
}

/// White, unless a style sheet (which is not applied) may paint something else.
fn backdrop(html: &str) -> Paint {
    let bytes = html.as_bytes();
    if BACKGROUND.find(bytes).is_none() {
        return paint::WHITE;
    }
    let style = |at: &usize| {
        let name = bytes.get(at + 1..at + 1 + "style".len());
        name.is_some_and(|name| name.eq_ignore_ascii_case(b"style"))
    };
    let first = memchr_iter(b'<', bytes).find(style);
    let sheet = first.and_then(|at| BACKGROUND.find(bytes.get(at..)?)).is_some();
    if sheet { Paint::Unknown } else { paint::WHITE }
}

static BACKGROUND: LazyLock<memmem::Finder<'static>> =
    LazyLock::new(|| memmem::Finder::new(b"background"));

/// Open elements at an ending that is remembered: html, body and a few that nobody closed.
const ENDING_DEPTH_MAX: usize = 8;

struct Reader<'a> {
    html: &'a str,
    tokens: Tokens<'a>,
    stack: Stack,
    page: Page,
}

impl Reader<'_> {
    fn read(mut self, mut after_text: bool) -> Page {
        let mut at = self.tokens.at();
        while let Some(token) = self.tokens.next() {
            let is_text = matches!(token, Token::Text(_));
            match token {
                Token::Text(range) => self.text(range),
                Token::Raw => {}
                Token::Start(name) => self.start(name),
                Token::End(name) => {
                    if name.is("body") || (name.is("html") && !self.page.has_ending()) {
                        self.mark_ending(at, after_text);
                    }
                    self.end(&name);
                }
            }
            after_text = is_text;
            at = self.tokens.at();
        }
        self.page
    }

    /// Remembers what has been read up to the last token.
    fn mark_ending(&mut self, at: usize, after_text: bool) {
        if self.stack.depth() <= ENDING_DEPTH_MAX
            && let Some(reached) = self.page.reached()
        {
            self.page.set_ending(Ending { at, after_text, stack: self.stack.clone(), reached });
        }
    }

    fn here(&self) -> Range<usize> {
        self.tokens.at()..self.tokens.at()
    }

    fn start(&mut self, name: Name) {
        let mut style = self.style(&name);
        if tag::is_void(&name) {
            self.void(&name, &style);
            return;
        }
        if name.is("a") {
            style.color = style.color.or(Some(paint::LINK));
        }
        self.stack.start(name, style);
        if tag::is_block(&name) || style.block {
            self.page.line(self.here());
        } else if name.is("td") || name.is("th") {
            self.page.close_link();
            self.page.space(self.here());
        }
        if name.is("a")
            && let Some((href, raw)) = self.tokens.attribute("href")
        {
            self.page.open_link(entity::attribute(href).into_owned(), raw);
        }
    }

    fn void(&mut self, name: &Name, style: &Style) {
        match name.as_bytes() {
            b"br" | b"hr" => self.page.line(self.here()),
            b"img" | b"image" => {
                let alt = self.tokens.attribute("alt").map(|(alt, _)| entity::attribute(alt));
                let is_pixel = self.is_pixel();
                if is_pixel || self.stack.image_seen(style) {
                    self.page.image(alt.as_deref().unwrap_or_default(), is_pixel);
                }
            }
            b"area" => {
                if let Some((href, raw)) = self.tokens.attribute("href") {
                    self.page.open_link(entity::attribute(href).into_owned(), raw);
                    self.page.close_link();
                }
            }
            _ => {}
        }
    }

    /// Made to be fetched, not to be seen.
    fn is_pixel(&self) -> bool {
        let tiny = |name: &str| {
            self.tokens
                .attribute(name)
                .is_some_and(|(value, _)| matches!(value.trim().trim_end_matches("px"), "0" | "1"))
        };
        tiny("width") && tiny("height")
    }

    fn end(&mut self, name: &Name) {
        let block = self.stack.end(name);
        if name.is("a") || name.is("td") || name.is("th") || name.is("table") {
            self.page.close_link();
        }
        if block || tag::is_block(name) || name.is("br") {
            self.page.line(self.here());
        } else if name.is("td") || name.is("th") {
            self.page.space(self.here());
        }
    }

    /// The last start tag's style, from its attributes.
    fn style(&self, name: &Name) -> Style {
        let mut style = Style { gone: tag::is_hidden(name), ..Style::default() };
        if !self.tokens.has_attributes() {
            return style;
        }
        let lower = |(value, _): (&str, _)| value.trim().to_ascii_lowercase();
        if name.is("font") {
            style.color = self.tokens.attribute("color").map(|value| Paint::of(&lower(value)));
        }
        if name.is("body") {
            style.color = self.tokens.attribute("text").map(|value| Paint::of(&lower(value)));
        }
        if let Some(value) = self.tokens.attribute("bgcolor") {
            style.back = Some(Paint::of(&lower(value)));
        }
        if self.tokens.attribute("background").is_some() {
            style.back = Some(Paint::Unknown);
        }
        if name.is("font")
            && let Some(size) = self.tokens.attribute("size")
            && size.0.trim() == "0"
        {
            style.font = style::size("x-small");
        }
        if let Some((declarations, _)) = self.tokens.attribute("style") {
            style.add(&entity::attribute(declarations));
        }
        style.gone |= self.tokens.attribute("hidden").is_some();
        style
    }

    fn text(&mut self, range: Range<usize>) {
        if !self.stack.text_seen() {
            return;
        }
        let Some(text) = self.html.get(range.clone()) else { return };
        let bytes = text.as_bytes();
        let place = |from: usize, to: usize| range.start + from..range.start + to;
        let mut begin = 0;
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            if is_shown(byte) {
                at = skip(bytes, at + 1);
                continue;
            }
            // A single space between two words is shown as it stands.
            if byte == b' ' && begin < at && bytes.get(at + 1).is_some_and(|next| is_shown(*next)) {
                at += 2;
                continue;
            }
            let (space, length) = match byte {
                b' ' | b'\t' | b'\n' | b'\r' | b'\x0c' => (true, 1),
                b'&' => (false, 1),
                // A no-break space is a space to the reader.
                0xc2 if bytes.get(at + 1) == Some(&0xa0) => (true, 2),
                _ => {
                    at += 1;
                    continue;
                }
            };
            if space {
                self.page.word(text.get(begin..at).unwrap_or_default(), place(begin, at));
                self.page.space(place(at, at + length));
                at += length;
                begin = at;
                continue;
            }
            let reference = text.get(at..).and_then(|rest| entity::reference(rest, false));
            let Some((c, length)) = reference else {
                at += 1;
                continue;
            };
            self.page.word(text.get(begin..at).unwrap_or_default(), place(begin, at));
            self.reference(c, place(at, at + length));
            at += length;
            begin = at;
        }
        self.page.word(text.get(begin..).unwrap_or_default(), place(begin, bytes.len()));
    }

    fn reference(&mut self, c: char, source: Range<usize>) {
        if c.is_whitespace() {
            self.page.space(source);
        } else if !c.is_control() {
            self.page.word(c.encode_utf8(&mut [0; 4]), source);
        }
    }
}

/// The next place that is not shown as it stands, or one before it; single spaces are passed.
#[inline]
fn skip(bytes: &[u8], mut at: usize) -> usize {
    loop {
        let eight = eight::load(bytes, at);
        let spaces = eight::equal(eight, b' ');
        let other =
            eight::below(eight, b' ' + 1) | eight::equal(eight, b'&') | eight::equal(eight, 0xc2);
        match eight::first(other & !eight::apart(spaces, other)) {
            8 => at += 8,
            length => return at + length,
        }
    }
}

/// Neither white space nor the beginning of what may stand for something else.
#[inline]
fn is_shown(byte: u8) -> bool {
    byte > b' ' && byte != b'&' && byte != 0xc2
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::View;

    fn view(html: &str) -> View {
        read(html).view(0, true, None)
    }

    #[test]
    fn what_is_seen_is_read() {
        for (html, text) in [
            ("<p>a</p><p>b</p>", "a\nb"),
            ("a<br>b<br/><br>c", "a\nb\nc"),
            ("<b>a</b>b <i> c </i>", "ab c"),
            ("<table><tr><td>IČO:</td><td>123</td></tr><tr><td>x", "IČO: 123\nx"),
            ("P&rcaron;&#237;li&scaron;&nbsp;&nbsp;a&amp;b", "Příliš a&b"),
            ("<title>t</title><style>s</style><p>a<script>x</script>", "a"),
            (
                "<!-- hidden -->a<!--[if mso]>x<![endif]--><!--[if !mso]><!-->b<!--<![endif]-->",
                "ab",
            ),
            ("<span style=\"display:block\">a</span>b", "a\nb"),
            ("a < b", "a < b"),
            ("<unknown>a</unknown>", "a"),
        ] {
            assert_eq!(view(html).text, text, "{html}");
        }
    }

    #[test]
    fn what_is_hidden_is_not_read() {
        for html in [
            "<p style='display:none'>h</p>",
            "<div style='display:none'><p>h</p><b>h</div>",
            "<p hidden>h</p>",
            "<p style='visibility:hidden'>h</p>",
            "<p style='font-size:1px'>h</p>",
            "<p style='font-size:0'><b>h</b></p>",
            "<p style='color:#fff'>h</p>",
            "<table bgcolor=black><td style='color:black'>h</table>",
            "<p style='color:#123456;background:#123456'>h</p>",
            "<font color=white>h</font>",
            "<div style='max-height:0;overflow:hidden'>h</div>",
            "<div style='opacity:0'>h</div>",
            "<div style='position:absolute;left:-9999px'>h</div>",
            "<template>h</template><noscript>h</noscript><textarea>h</textarea>",
            "<span style='display:none'><div></span>h</div>",
            "<div><b style='display:none'></div>h</b>",
            "<p style='&#100;isplay:none'>h</p>",
            "<style>h",
            "<!-- h",
            "<a href='h",
        ] {
            let page = view(&format!("v{html}"));
            assert_eq!(page.text, "v", "{html}");
            assert!(page.links.iter().all(|link| !link.visible), "{html}");
        }
    }

    #[test]
    fn what_only_stands_near_hidden_things_is_read() {
        for html in [
            "<p style='display:none'>h<p>v",
            "<b style='display:none'><div></b>v</div>",
            "<td style='font-size:0'><span style='font-size:13px'>v</span>",
            "<div style='visibility:hidden'>h<b style='visibility:visible'>v</b></div>",
            "<table><tr style='display:none'><td>h<tr><td>v</table>",
            "<ul><li style='display:none'>h<li>v</ul>",
            "<span style='display:none'>h</span>v",
            "<div style='display:none'><table></div>h</table></div>v",
            "<div style='background:#000'><p style='color:#fff'>v</div>",
            "<div style='background:url(x.png)'><p style='color:#fff'>v</div>",
            "<style>.x{background:#000}</style><p class=x style='color:#fff'>v",
            "<sTyLe>.x{background:#000}</sTyLe><p class=x style='color:#fff'>v",
            "<p style='display:none'>h</p></p>v",
            "</div></b>v",
        ] {
            assert_eq!(view(html).text, "v", "{html}");
        }
    }

    #[test]
    fn links_have_words_a_target_and_a_place() {
        let html = "<p>Chcete-li, <a href=\"https://a.cz/?x=1&amp;y\"> odhlaste  se </a>.\
                    <a href='#'><img src=x alt='Logo'></a><a style='display:none' href=https://b.cz>h</a>\
                    <a href=https://c.cz></a><a name=x>n</a>";
        let page = view(html);
        let read: Vec<_> =
            page.links.iter().map(|l| (l.href.as_str(), l.anchor.as_str(), l.visible)).collect();
        assert_eq!(
            read,
            [
                ("https://a.cz/?x=1&y", "odhlaste se", true),
                ("#", "Logo", true),
                ("https://b.cz", "", false),
                ("https://c.cz", "", false),
            ]
        );
        let first = &page.links[0];
        assert_eq!(&page.text[first.at.clone()], "odhlaste se");
        assert_eq!((page.images, page.alt.as_str()), (1, "Logo"));
    }

    #[test]
    fn tracking_pixels_are_counted_apart() {
        let page = view("<img width=1 height=1 src=x><img src=y><img width='0px' height=\"1\">");
        assert_eq!((page.images, page.pixels), (3, 2));
    }

    #[test]
    fn too_deep_is_not_seen() {
        let html = format!("{}v", "<div>".repeat(600));
        assert_eq!(view(&html).text, "");
        let html = format!("{}v", "<p><b>".repeat(5_000));
        assert_eq!(view(&html).text, "v");
    }
}
