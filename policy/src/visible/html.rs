//! The visible text of an HTML part: tokens in, a page out.

use std::ops::Range;

use super::{
    declare, entity, media,
    page::Page,
    paint::{self, Paint},
    resume::{Ending, Known},
    run,
    sheet::{Element, Matches, Sheets, Work},
    stack::{Stack, Tag},
    style::{Draft, Style},
    tag,
    token::{Name, Token, Tokens},
};

pub(super) fn read(html: &str) -> Page {
    let mut sheets = Sheets::default();
    let mut known = 0;
    for _ in 0..RESTARTS_MAX {
        match Reader::new(html, sheets, known).read(false) {
            Ok(page) => return page,
            // A sheet also holds for what stands before it.
            Err(late) => (sheets, known) = (late.sheets, late.end),
        }
    }
    collect(html, known, &mut sheets);
    Reader::new(html, sheets, html.len()).read(false).unwrap_or_default()
}

/// [`read`], of which the beginning may be known.
pub(super) fn read_again(html: &str, known: &Known<'_>) -> Page {
    let Some(ending) = known.ending() else { return read(html) };
    let tokens = Tokens::from(html, ending.at);
    if ending.after_text && !tokens.ends_text() {
        return read(html);
    }
    let reader = Reader {
        tokens,
        stack: ending.stack.clone(),
        page: known.page(&ending.reached, html.len() / 2),
        in_body: true,
        ..Reader::new(html, ending.sheets.clone(), ending.at)
    };
    reader.read(ending.after_text).unwrap_or_else(|_| read(html))
}

/// Sheets in the body are most often at its beginning, where reading anew costs nothing.
const RESTARTS_MAX: usize = 3;

/// Adds all sheets from a place on.
fn collect(html: &str, from: usize, sheets: &mut Sheets) {
    let mut tokens = Tokens::from(html, from);
    let mut of_style = false;
    while let Some(token) = tokens.next() {
        match token {
            Token::Raw(range) if of_style => sheets.add(html.get(range).unwrap_or_default()),
            Token::Start(name) => of_style = name.is("style") && is_sheet(&tokens),
            Token::Raw(_) | Token::Text(_) | Token::End(_) => {}
        }
    }
}

/// A `style` element just begun holds a sheet for the rendering that counts.
fn is_sheet(tokens: &Tokens<'_>) -> bool {
    let kind = tokens.attribute("type").map_or("", |(kind, _)| kind.trim());
    let media = tokens.attribute("media").map(|(media, _)| entity::attribute(media));
    (kind.is_empty() || kind.eq_ignore_ascii_case("text/css"))
        && media.is_none_or(|media| media::of_attribute(&media))
}

/// A sheet that stands behind what it may hold for.
struct Late {
    /// With it, all that were read so far.
    sheets: Sheets,
    /// The end of its text.
    end: usize,
}

/// Kinds of elements that a text has many of.
const ALIKE_MAX: usize = 12;
/// Open elements at an ending that is remembered: html, body and a few that nobody closed.
const ENDING_DEPTH_MAX: usize = 8;

struct Reader<'a> {
    html: &'a str,
    tokens: Tokens<'a>,
    stack: Stack,
    page: Page,
    sheets: Sheets,
    /// Sheets that end up to here are among them already.
    known: usize,
    matches: Matches,
    /// Elements seen lately and what sheets made of them, which holds for all like them.
    alike: Vec<(Name, Tag, Style)>,
    work: Work,
    /// The `style` element just begun holds a sheet.
    of_style: bool,
    /// The body has begun.
    in_body: bool,
}

impl<'a> Reader<'a> {
    fn new(html: &'a str, sheets: Sheets, known: usize) -> Self {
        let mut stack = Stack::new();
        if sheets.is_too_much() {
            stack.lose();
        }
        Self {
            html,
            tokens: Tokens::of(html),
            stack,
            page: Page::with_capacity(html.len() / 2),
            sheets,
            known,
            matches: Matches::default(),
            alike: Vec::new(),
            work: Work::of(html.len()),
            of_style: false,
            in_body: false,
        }
    }

    fn read(mut self, mut after_text: bool) -> Result<Page, Late> {
        let mut at = self.tokens.at();
        while let Some(token) = self.tokens.next() {
            let is_text = matches!(token, Token::Text(_));
            match token {
                Token::Text(range) => self.text(range),
                Token::Raw(range) => {
                    if self.of_style
                        && let Err(late) = self.sheet(range)
                    {
                        return Err(late);
                    }
                }
                Token::Start(name) => self.start(name, at),
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
        Ok(self.page)
    }

    /// A sheet, which must not come behind anything it may hold for.
    fn sheet(&mut self, range: Range<usize>) -> Result<(), Late> {
        self.of_style = false;
        // What is read again from an ending on must know all sheets.
        self.page.drop_ending();
        if range.end <= self.known {
            return Ok(());
        }
        self.sheets.add(self.html.get(range.clone()).unwrap_or_default());
        self.alike.clear();
        if self.in_body {
            return Err(Late { sheets: std::mem::take(&mut self.sheets), end: range.end });
        }
        if self.sheets.is_too_much() {
            self.stack.lose();
        }
        Ok(())
    }

    /// Remembers what has been read up to the last token.
    fn mark_ending(&mut self, at: usize, after_text: bool) {
        if self.stack.depth() <= ENDING_DEPTH_MAX
            && let Some(reached) = self.page.reached()
        {
            let (stack, sheets) = (self.stack.clone(), self.sheets.clone());
            self.page.set_ending(Ending { at, after_text, stack, sheets, reached });
        }
    }

    fn here(&self) -> Range<usize> {
        self.tokens.at()..self.tokens.at()
    }

    fn start(&mut self, name: Name, at: usize) {
        self.of_style = name.is("style") && is_sheet(&self.tokens);
        if !self.in_body && !tag::is_of_head(&name) {
            self.imply(if name.is("body") { &["html"] } else { &["html", "body"] });
        }
        let is_void = tag::is_void(&name);
        if !is_void {
            self.stack.before(&name);
        }
        let (tag, style) = if self.sheets.is_empty() {
            (Tag::NONE, self.style(&name, Tag::NONE))
        } else {
            self.styled(&name, at)
        };
        if is_void {
            self.void(&name, &style);
            return;
        }
        self.stack.push(name, tag, style);
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

    /// The body begins. What no tag began is begun, where a sheet may have something to say of it.
    fn imply(&mut self, names: &[&str]) {
        self.in_body = true;
        if self.sheets.is_empty() {
            return;
        }
        self.stack.before(&Name::of(b"body"));
        for name in names {
            if self.stack.holds(name) {
                continue;
            }
            let name = Name::of(name.as_bytes());
            let mut draft = Draft::new(&name);
            self.find(&name, Tag::NONE, None);
            self.sheets.put(&self.matches, false, &mut draft);
            self.sheets.put(&self.matches, true, &mut draft);
            self.stack.push(name, Tag::NONE, draft.finish(&name));
        }
    }

    /// What sheets ask about the start tag just read, and its style.
    fn styled(&mut self, name: &Name, at: usize) -> (Tag, Style) {
        let place = |at: usize| u32::try_from(at).unwrap_or_default();
        let value = |range: Option<Range<usize>>| {
            range.map_or((0, 0), |range| (place(range.start), place(range.end)))
        };
        let (class, id, others) = self.tokens.marks();
        let tag = Tag { at: place(at), class: value(class), id: value(id) };
        if !others {
            let same = |one, other| self.written(one) == self.written(other);
            let known = self.alike.iter().find(|(other, marks, _)| {
                other == name && same(marks.class, tag.class) && same(marks.id, tag.id)
            });
            if let Some((.., style)) = known {
                return (tag, *style);
            }
        }
        self.matches.clear();
        let style = self.style(name, tag);
        if !others && !self.matches.is_bound() && self.alike.len() < ALIKE_MAX {
            self.alike.push((*name, tag, style));
        }
        (tag, style)
    }

    fn written(&self, (from, to): (u32, u32)) -> &str {
        let place = |at: u32| usize::try_from(at).unwrap_or_default();
        self.html.get(place(from)..place(to)).unwrap_or_default()
    }

    fn find(&mut self, name: &Name, tag: Tag, own: Option<()>) {
        let element = Element {
            html: self.html,
            name: *name,
            tag,
            own: own.map(|()| &self.tokens),
            above: self.stack.open(),
        };
        self.sheets.find(&element, &mut self.work, &mut self.matches);
        if self.work.is_spent() {
            self.stack.lose();
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

    /// The last start tag's style.
    fn style(&mut self, name: &Name, tag: Tag) -> Style {
        let is_link = name.is("a");
        // No sheet shows what is never shown.
        let has_sheets = !self.sheets.is_empty() && !tag::is_hidden(name);
        if !self.tokens.has_attributes() && !has_sheets && !is_link && !tag::opens(name) {
            return Style::plain(name);
        }
        let mut draft = Draft::new(name);
        if is_link {
            draft.color(Some(paint::LINK));
        }
        self.old_attributes(name, &mut draft);
        if has_sheets {
            self.find(name, tag, Some(()));
            self.sheets.put(&self.matches, false, &mut draft);
        }
        let own = self.tokens.attribute("style").map(|(own, _)| entity::attribute(own));
        if let Some(own) = &own {
            draft.add(own, false);
        }
        if has_sheets {
            self.sheets.put(&self.matches, true, &mut draft);
        }
        if let Some(own) = own.filter(|own| own.contains('!')) {
            draft.add(&own, true);
        }
        draft.finish(name)
    }

    /// What attributes say that weigh less than any sheet.
    fn old_attributes(&self, name: &Name, draft: &mut Draft) {
        let lower = |(value, _): (&str, _)| entity::attribute(value).trim().to_ascii_lowercase();
        let color = |name: &str| self.tokens.attribute(name).map(lower);
        if name.is("font") {
            draft.color(color("color").and_then(|value| Paint::of_attribute(&value)));
            if self.tokens.attribute("size").is_some_and(|(size, _)| size.trim() == "0") {
                draft.font(declare::size("x-small"));
            }
        }
        if name.is("body") {
            draft.color(color("text").and_then(|value| Paint::of_attribute(&value)));
        }
        if tag::has_bgcolor(name) {
            draft.back(color("bgcolor").and_then(|value| Paint::of_attribute(&value)));
            if self.tokens.attribute("background").is_some() {
                draft.image();
            }
        }
        let is_shut = tag::opens(name) && self.tokens.attribute("open").is_none();
        if is_shut && name.is("details") {
            draft.fold();
        }
        if is_shut && name.is("dialog") || self.tokens.attribute("hidden").is_some() {
            draft.hide();
        }
    }

    fn text(&mut self, range: Range<usize>) {
        let Some(text) = self.html.get(range.clone()) else { return };
        if !self.in_body && !text.trim_ascii().is_empty() {
            self.imply(&["html", "body"]);
        }
        if !self.stack.text_seen() {
            return;
        }
        run::put(text, range.start, &mut self.page);
    }
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
            "<p style='opacity:.2'><b style='opacity:.2'>h</b></p>",
            "<p style='color:rgba(0,0,0,0.03)'>h</p>",
            "<p style='color:hsl(0,0%,100%)'>h</p>",
            "<p style='color:#eee'>h</p>",
            "<font color=fffffe>h</font>",
            "<table bgcolor='#123456'><tr bgcolor=white><td><font color=snow>h</font></table>",
            "<div style='background:rgba(255,255,255,.5)'><p style='color:#fff'>h</div>",
            "<p style='-webkit-text-fill-color:transparent'>h</p>",
            "<p style='font:1px/1px Arial'>h</p>",
            "<div style='font-size:10px'><p style='font-size:.5em'>h</div>",
            "<p style='font-size:7.9px'>h</p>",
            "<dialog>h</dialog>",
            "<details>h</details>",
            "<details><p style='display:block'>h</p><b>h</b><img alt=h></details>",
            "<details style='color:#000'><i><summary>h</summary></i></details>",
            "<details style='display:none'><summary>h</summary></details>",
            "<details><summary hidden>h</summary>h</details>",
            "<details open><details><div><summary>h</summary></div></details></details>",
            "<details><p><details><summary>h</summary></details></details>",
            "<details><a href=https://b.cz>h</a></details>",
            "<p hidden style='color:red'>h</p>",
            "<p style='display:none!important;display:block'>h</p>",
            "<!--[if mso]><p>h</p><![endif]-->",
            "<!--[if gte mso 9]><xml>h</xml><![endif]-->",
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
            "<p style='font-size:8px'>v</p>",
            "<p aria-hidden=true>v</p>",
            "<p hidden style='display:block'>v</p>",
            "<p style='display:none;display:block'>v</p>",
            "<![if !mso]>v<![endif]>",
            "<!--[if !mso]><!-->v<!--<![endif]-->",
            "<p style='color:#999'>v</p>",
            "<div bgcolor=black>v</div>",
            "<p style='opacity:.6'>v</p>",
            "<table background=x.png><td style='color:#fff'>v</table>",
            "<p style='color:#fff;color:var(--ink)'>v</p>",
            "<dialog open>v</dialog>",
            "<details open>v</details>",
            "<details><summary>v</summary>h</details>",
            "<details><summary><b>v</summary>h<summary>h</summary></details>",
            "<details>h<summary><p>v</p></summary><b>h</details>",
            "<details>h</details>v",
            "<b><details><summary>v</b></summary>h</details>",
            "<details><details>h</details><summary>v</summary>h</details>",
            "<style>details{display:block}details *{display:block!important}</style><details><p>h</details>v",
            "<style>.x{background:#000}</style><p class=x style='color:#fff'>v",
            "<sTyLe>.x{background:#000}</sTyLe><p class=x style='color:#fff'>v",
            "<p style='display:none'>h</p></p>v",
            "</div></b>v",
        ] {
            assert_eq!(view(html).text, "v", "{html}");
        }
    }

    #[rustfmt::skip]
    const SHEETS: &[&str] = &[
        "<style>.x{display:none}</style><p class=x>h</p><p>v",
        "<style>#x{visibility:hidden}</style><p id=x>h</p><p>v",
        "<style>p{display:none}</style><p>h</p><div>v",
        "<style>P{display:none}</style><p>h</p><div>v",
        "<style>*{color:#fff}b{color:#000}</style><p>h</p><b>v",
        "<style>.x,.y{font-size:0}</style><p class=y>h</p><p class='z x'>h</p><p>v",
        "<style>p.x{opacity:0}</style><p class=x>h</p><b class=x>v",
        "<style>.a .b{display:none}</style><div class=a><p><i class=b>h</i></div><i class=b>v",
        "<style>.a>.b{display:none}</style><div class=a><i class=b>h</i><p><i class=b>v",
        "<style>.a > p .b{display:none}</style><div class=a><p><i><b class=b>h</b></i></div><b class=b>v",
        "<style>td.a p{display:none}</style><table><td class=a><p>h</p></td><td><p>v",
        "<style>[hidden-x]{display:none}</style><p hidden-x>h</p><p>v",
        "<style>[class*=foot]{display:none}</style><p class=my-footer>h</p><p>v",
        "<style>[data-x='1'] p{display:none}</style><div data-x=1><p>h</p></div><p>v",
        "<style>a[href^='https://b']{display:none}</style><a href=https://b.cz>h</a><a href=https://c.cz>v</a>",
        // The cascade: weight, order, the element's own style, `!important`.
        "<style>.x{display:none}p{display:block}</style><p class=x>h</p>v",
        "<style>p{display:none}.x{display:block}</style><p class=x>v",
        "<style>.x{display:none}.x{display:block}</style><p class=x>v",
        "<style>.x{display:block}.x{display:none}</style><p class=x>h</p>v",
        "<style>#x{display:block}.a.b.c{display:none}</style><p id=x class='a b c'>v",
        "<style>.x{display:none}</style><p class=x style='display:block'>v",
        "<style>.x{display:none!important}</style><p class=x style='display:block'>h</p>v",
        "<style>.x{display:none!important}</style><p class=x style='display:block!important'>v",
        "<style>.x{display:none!important}.x{display:block}</style><p class=x>h</p>v",
        "<style>.x{color:#fff}</style><p class=x bgcolor=black>h</p>v",
        "<style>.x{color:#fff}</style><p class=x><font color=black>v</font>",
        "<style>font{color:#000}</style><font color=white>v</font>",
        "<style>td{background:#fff}</style><table><td bgcolor=black><font color=white>h</font></table>v",
        "<style>a{color:inherit}</style><p style='color:#fff;background:#000'><a href=x>v</a>",
        "<style>.x{background:#fff;color:#000}.y{color:#fff}</style><div class=x>v<p class=y>h</div>",
        // Where the sheet stands.
        "<html><head><style>.x{display:none}</style></head><body><p class=x>h</p>v",
        "<body><p class=x>h</p><style>.x{display:none}</style>v",
        "<p class=x>h</p>v<style>.x{display:none}</style>",
        "<p class=x>h</p>v<style>.x{display:block}</style><style>.x{display:none}</style>",
        "<i class=a>h</i><style>.a{font:0 a}</style><i class=b>h</i><style>.b{font:0 a}</style><i class=c>h</i>\
         <style>.c{font:0 a}</style><i class=d>h</i><style>.d{font:0 a}</style><i class=e>h</i>v\
         <style>.e{font:0 a}</style>",
        "</body></html><style>body b{display:none}</style><b>h</b>v",
        "<!--[if mso]><style>.x{display:none}</style><![endif]--><p class=x>v",
        "<!--[if !mso]><!--><style>.x{display:none}</style><!--<![endif]--><p class=x>h</p>v",
        "<style><!-- .x{display:none} --></style><p class=x>h</p>v",
        "<style>/* .x{display:none} */</style><p class=x>v",
        "<textarea><style>.x{display:none}</style></textarea><p class=x>v",
        // For whom it is.
        "<style media=print>.x{display:none}</style><p class=x>v",
        "<style media='screen'>.x{display:none}</style><p class=x>h</p>v",
        "<style type=text/x>.x{display:none}</style><p class=x>v",
        "<style>.x{display:none}@media print{.x{display:block}}</style><p class=x>h</p>v",
        "<style>@media print{.x{display:none}}</style><p class=x>v",
        "<style>@media only screen and (max-width:600px){.x{display:none!important}}</style><p class=x>v",
        "<style>.x{display:none}@media (max-width:600px){.x{display:block!important}}</style><p class=x>h</p>v",
        "<style>@media (prefers-color-scheme:dark){.x{color:#fff!important}}</style><p class=x>v",
        "<style>@media screen{.x{display:none}}</style><p class=x>h</p>v",
        "<style>@supports (display:grid){.x{display:none}}</style><p class=x>h</p>v",
        "<style>@font-face{font-family:x;src:url(y)}@import 'a';.x{display:none}</style><p class=x>h</p>v",
        "<style>@keyframes a{from{opacity:0}to{opacity:1}}.x{animation:a}</style><p class=x>v",
        // What is wrong in a sheet ends where browsers end it.
        "<style>.x{color:;display:none}</style><p class=x>h</p>v",
        "<style>.y{{}.x{display:none}</style><p class=x>v",
        "<style>.y:::{display:none}.x{display:none}</style><p class=x>h</p>v",
        "<style>.x,.y:::{display:none}</style><p class=x>v",
        "<style>.x{display:none",
        "<style>.\\78{display:none}</style><p class=x>h</p>v",
        "<style>.x{d\\69splay:n\\6fne}</style><p class=x>h</p>v",
        "<style>.x{display:none}</style><p class='&#120;'>h</p>v",
        // At rest, and only the element itself.
        "<style>p:hover{display:none}</style><p>v",
        "<style>p::before{display:none}p:after{display:none}</style><p>v",
        "<style>a:link{display:none}</style><a href=x>h</a>v",
        // What may match hides nothing, and what it may paint counts.
        "<style>p:first-child{display:none}</style><p>v",
        "<style>b+.x{display:none}</style><b>v</b><p class=x>v",
        "<style>.x{color:#fff}</style><style>p:not(.y){background:#000}</style><p class=x>v",
        // A body that no tag begins.
        "<style>body{background:#000}</style><p style='color:#fff'>v",
        "<style>body{color:#fff}</style>h<p style='color:#000'>v",
        "<style>html>body>p{display:none}</style><p>h</p>v",
        "<head><style>html>body>p{display:none}</style><body><p>h</p>v",
    ];

    /// What of `h` and `v` is seen, where `v` is what should be.
    #[test]
    fn style_sheets_hide_and_show() {
        for html in SHEETS {
            let shown = view(html).text;
            assert!(!shown.contains('h'), "{html}: {shown}");
            assert!(
                shown.contains('v') || !html.contains(">v") && !html.contains("v<"),
                "{html}: {shown}"
            );
        }
    }

    #[test]
    fn hostile_sheets_cost_no_more_than_their_share() {
        let nested = "<div class=a>".repeat(200);
        let deep = ".a .a .a .a .a .a .a .a .b .a{display:none}".repeat(200);
        let many: String = (0..21_000).map(|n| format!(".c{n}{{display:none}}")).collect();
        let any = format!("<style>{}</style>", "*{color:red}".repeat(3_000));
        let each = |html: &str| -> String {
            (0..3_000).map(|n| html.replace('#', &n.to_string())).collect()
        };
        for html in [
            format!("<style>{deep}</style>{nested}v"),
            format!("<style>{many}</style>v"),
            format!("<style>{}</style>v", "a".repeat(600_000)),
            format!("{any}{}v", each("<b id=#></b>")),
            format!("{}v", each("<style>.x{display:none}</style><p id=#></p>")),
        ] {
            // Not all of it is known, so nothing of it is seen.
            assert_eq!(view(&html).text, "", "{}", &html[..60]);
        }
        for sheet in ["{", "(", "@media{", ":not(", ".a,", "/*", "\\"] {
            let html = format!("<style>{}</style><p>v", sheet.repeat(20_000));
            assert_eq!(view(&html).text, "v");
        }
        let late = "<style>.x{display:none}</style><p>v</p>".repeat(100);
        assert_eq!(view(&late).text.len(), 2 * 100 - 1);
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
