//! What an element's declarations together do to its text: old attributes, sheets, its own style.
//!
//! Declarations are put in the order of the cascade (CSS Cascading 4 §6), each in its property's
//! place; only then is looked at what of it hides.

use std::borrow::Cow;

use super::{
    css,
    declare::{self, Declared, Size, Trick},
    paint::{Paint, TRANSPARENT},
    tag,
    token::Name,
};

/// Effects of one element, before what it inherits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Style {
    /// Neither it nor anything inside is shown: `display: none`, no size, off-screen.
    pub(super) gone: bool,
    /// It is shown and what stands inside is not, but for its summary: a `details` that is shut.
    pub(super) folds: bool,
    /// `visibility`, which what stands inside can take back.
    pub(super) visibility: Option<bool>,
    pub(super) opacity: f32,
    pub(super) font: Option<Size>,
    pub(super) color: Option<Paint>,
    pub(super) fill: Option<Paint>,
    pub(super) back: Option<Paint>,
    /// `display: block` and kin on an element that is none by nature.
    pub(super) block: bool,
    /// False where it looks as what is around it.
    pub(super) differs: bool,
}

impl Style {
    /// Of an element about which nothing is said.
    pub(super) fn plain(name: &Name) -> Self {
        let gone = tag::is_hidden(name);
        Self { gone, differs: gone, ..PLAIN }
    }
}

const PLAIN: Style = Style {
    gone: false,
    folds: false,
    visibility: None,
    opacity: 1.0,
    font: None,
    color: None,
    fill: None,
    back: None,
    block: false,
    differs: false,
};

/// Declarations of one element, each later one in the place of the one before.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    style: Style,
    /// What is not shown whatever a style says, and what a style may show again.
    never: bool,
    hidden: bool,
    image: bool,
    tricks: u32,
    /// `display` as declared.
    display: Option<bool>,
}

impl Draft {
    pub(super) fn new(name: &Name) -> Self {
        Self {
            style: PLAIN,
            never: tag::is_hidden(name),
            hidden: false,
            image: false,
            tricks: 0,
            display: None,
        }
    }

    /// The `hidden` attribute.
    pub(super) fn hide(&mut self) {
        self.hidden = true;
    }

    /// A `details` without `open`.
    pub(super) fn fold(&mut self) {
        self.style.folds = true;
    }

    pub(super) fn font(&mut self, size: Option<Size>) {
        self.style.font = size;
    }

    pub(super) fn color(&mut self, color: Option<Paint>) {
        self.style.color = color.or(self.style.color);
    }

    pub(super) fn back(&mut self, back: Option<Paint>) {
        self.style.back = back.or(self.style.back);
    }

    /// An image is painted behind it.
    pub(super) fn image(&mut self) {
        self.image = true;
    }

    #[inline]
    pub(super) fn put(&mut self, declared: Declared) {
        let style = &mut self.style;
        match declared {
            Declared::Trick(trick, true) => self.tricks |= trick.bit(),
            Declared::Trick(trick, false) => self.tricks &= !trick.bit(),
            Declared::Display { none, block } => {
                self.hidden = none;
                self.display = Some(block);
            }
            Declared::Visibility(visible) => style.visibility = visible,
            Declared::Opacity(share) => style.opacity = share,
            Declared::Font(size) => style.font = size,
            Declared::Color(color) => style.color = color,
            Declared::Fill(fill) => style.fill = fill,
            Declared::Back(paint) => style.back = Some(paint),
            Declared::Image(image) => self.image = image,
        }
    }

    /// Puts the declarations of a `style` attribute that are, or are not, `!important`.
    pub(super) fn add(&mut self, declarations: &str, important: bool) {
        if is_odd(declarations.as_bytes()) {
            for (declared, weight) in css::declarations(declarations) {
                if weight == important {
                    self.put(declared);
                }
            }
            return;
        }
        let lower = lower(declarations);
        let mut rest = Some(lower.as_ref());
        while let Some(declarations) = rest {
            let (declaration, after) = cut(declarations, b';');
            rest = after;
            let (property, Some(value)) = cut(declaration, b':') else { continue };
            let (value, weight) = cut(value, b'!');
            let weight = weight.map(trimmed);
            if weight == important.then_some("important") {
                declare::read(trimmed(property), trimmed(value), &mut |declared| {
                    self.put(declared)
                });
            }
        }
    }

    /// Nothing more is declared for an element of that name.
    pub(super) fn finish(self, name: &Name) -> Style {
        let mut style = self.style;
        style.block = self.display.unwrap_or_default();
        if self.image {
            style.back = Some(Paint::Unknown);
        } else if style.back == Some(TRANSPARENT) {
            style.back = None;
        }
        style.gone = self.never || self.hidden || self.is_tricked(name);
        style.differs = style != PLAIN;
        style
    }

    fn is_tricked(&self, name: &Name) -> bool {
        if self.tricks == 0 {
            return false;
        }
        let any = |tricks: &[Trick]| tricks.iter().any(|trick| self.tricks & trick.bit() != 0);
        // Rows and cells grow with what is in them, and lines of text have no height to set.
        let is_box = self.display.unwrap_or(tag::is_block(name) && !tag::is_table(name))
            || any(&[Trick::Float])
            || tag::is_replaced(name);
        let lifted = any(&[Trick::Lifted]);
        let flat = [Trick::Height, Trick::MaxHeight, Trick::Width, Trick::MaxWidth];
        let cut = any(&[Trick::Cut]);
        any(&[Trick::ClipPath, Trick::Transform, Trick::Content, Trick::Filter])
            || any(&[Trick::MarginLeft, Trick::MarginTop, Trick::Indent])
            || (cut && any(&flat) && (is_box || lifted))
            || (cut && any(&[Trick::IndentWhole]))
            || (lifted && any(&[Trick::Left, Trick::Top, Trick::Right, Trick::Bottom, Trick::Clip]))
    }
}

/// Escapes, comments, and signs in quotes or brackets that would part declarations elsewhere: cut
/// by the rules of the language, where all others are cut at their signs.
fn is_odd(declarations: &[u8]) -> bool {
    // All is looked at to its end, because then many bytes are looked at at once.
    let mark = |marks: u8, byte: &u8| match byte {
        b'\\' | b'*' | b'{' | b'[' => marks | 1,
        b'"' | b'\'' | b'(' => marks | 2,
        _ => marks,
    };
    match declarations.iter().fold(0, mark) {
        0 => false,
        2 => !declarations.split(|byte| *byte == b';').all(is_whole),
        _ => true,
    }
}

/// No quote or bracket is open at its end, and none hides a colon before the first.
fn is_whole(declaration: &[u8]) -> bool {
    let count = |sign: u8| declaration.iter().filter(|byte| **byte == sign).count();
    count(b'"') % 2 == 0
        && count(b'\'') % 2 == 0
        && count(b'(') == count(b')')
        && !declaration.contains(&b'!')
}

fn lower(declarations: &str) -> Cow<'_, str> {
    if declarations.bytes().any(|byte| byte.is_ascii_uppercase()) {
        declarations.to_ascii_lowercase().into()
    } else {
        declarations.into()
    }
}

/// What stands before the first such sign, and what behind it. Declarations are so short that any
/// search made ready first would cost more.
fn cut(text: &str, sign: u8) -> (&str, Option<&str>) {
    match text.bytes().position(|byte| byte == sign) {
        Some(at) => (text.get(..at).unwrap_or_default(), text.get(at + 1..)),
        None => (text, None),
    }
}

fn trimmed(text: &str) -> &str {
    let text = text.strip_prefix(' ').unwrap_or(text);
    let bytes = text.as_bytes();
    let seen = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_graphic);
    if seen(bytes.first()) && seen(bytes.last()) { text } else { text.trim() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{dice::Dice, visible::paint::WHITE};

    fn style_of(name: &str, css: &str) -> Style {
        let name = Name::of(name.as_bytes());
        let mut draft = Draft::new(&name);
        draft.add(css, false);
        draft.add(css, true);
        draft.finish(&name)
    }

    fn style(css: &str) -> Style {
        style_of("div", css)
    }

    #[test]
    fn what_hides_is_noticed_in_every_spelling() {
        for (css, gone) in [
            ("display:none", true),
            ("DISPLAY : None !important", true),
            ("display/**/:/* x */none", true),
            (r"d\69splay:n\6fne", true),
            ("display:none;display:block", false),
            ("display:none!important;display:block", true),
            ("display:block;display:none", true),
            ("max-height:0;overflow:hidden", true),
            ("overflow:hidden;height:0px", true),
            ("max-height:0px", false),
            ("width:1px;height:1px;overflow:hidden", true),
            ("max-height:0;overflow:hidden;max-height:none", false),
            ("position:absolute;left:-9999px", true),
            ("position:absolute;left:9999px", true),
            ("position:relative;top:-9999px", true),
            ("left:-9999px", false),
            ("position:absolute;top:-100vh", true),
            ("text-indent:-9999px", true),
            ("text-indent:-10px", false),
            ("text-indent:100%;white-space:nowrap;overflow:hidden", true),
            ("margin-left:-9999px", true),
            ("margin:0 0 0 -9999px", true),
            ("margin:0 auto", false),
            ("position:absolute;clip:rect(0 0 0 0)", true),
            ("position:absolute;clip:rect(1px, 1px, 1px, 1px)", true),
            ("position:absolute;clip:rect(0,100px,20px,0)", false),
            ("clip:rect(0 0 0 0)", false),
            ("clip-path:inset(50%)", true),
            ("transform:scale(0)", true),
            ("transform:scale(0.9)", false),
            ("transform:translateX(-9999px)", true),
            ("filter:opacity(0%)", true),
            ("content-visibility:hidden", true),
            ("mso-hide:all", false),
            ("", false),
            (";;:;none", false),
            ("background:url(data:image/png;base64,display:none)", false),
            ("font-family:'a;display:none'", false),
            ("font-family:\"x\\\";display:none;\"", false),
            ("font-family:'Open Sans',Arial;display:none", true),
        ] {
            assert_eq!(style(css).gone, gone, "{css}");
        }
        assert_eq!(style("visibility:hidden").visibility, Some(false));
        assert_eq!(style("visibility: visible").visibility, Some(true));
        assert_eq!(style("visibility:hidden;visibility:inherit").visibility, None);
        assert_eq!(style("opacity:.01").opacity, 0.01);
        assert_eq!(style("opacity:50%").opacity, 0.5);
    }

    #[test]
    fn only_a_box_can_be_without_height() {
        for (name, css, gone) in [
            ("span", "height:0;overflow:hidden", false),
            ("a", "max-height:0;overflow:hidden", false),
            ("span", "display:inline-block;height:0;overflow:hidden", true),
            ("span", "float:left;height:0;overflow:hidden", true),
            ("span", "position:absolute;height:1px;width:1px;overflow:hidden", true),
            ("td", "height:0;overflow:hidden", false),
            ("tr", "height:0;overflow:hidden", false),
            ("p", "height:0;overflow:hidden", true),
            ("div", "display:inline;height:0;overflow:hidden", false),
            ("img", "height:0;overflow:hidden", true),
        ] {
            assert_eq!(style_of(name, css).gone, gone, "{name} {css}");
        }
    }

    #[test]
    fn sizes_and_colours_are_read() {
        for (css, font) in [
            ("font-size:0", Some(Size::Pixels(0.0))),
            ("font-size:12px", Some(Size::Pixels(12.0))),
            ("font-size:9pt", Some(Size::Pixels(12.0))),
            ("font-size:50%", Some(Size::Relative(0.5))),
            ("font-size:.1em", Some(Size::Relative(0.1))),
            ("font-size:1vw", Some(Size::Pixels(10.0))),
            ("font:bold 1px/2 Arial", Some(Size::Pixels(1.0))),
            ("font:0/0 a", Some(Size::Pixels(0.0))),
            ("font-size:calc(1px)", None),
            ("font-size:2px;font-size:inherit", None),
            ("font-size:larger", Some(Size::Relative(1.2))),
        ] {
            assert_eq!(style(css).font, font, "{css}");
        }
        assert_eq!(style("color:#fff").color, Some(WHITE));
        assert_eq!(style("color:#fff;color:nonsense").color, Some(WHITE));
        assert_eq!(style("color:#fff;color:inherit").color, None);
        for (css, back) in [
            ("background-image:url(x);background-color:#fff", Some(Paint::Unknown)),
            ("background:url(x);background:#fff", Some(WHITE)),
            ("background:none", None),
            ("background-color:transparent", None),
        ] {
            assert_eq!(style(css).back, back, "{css}");
        }
    }

    /// What is cut at its signs is cut as the language cuts it.
    #[test]
    fn plain_declarations_are_read_as_odd_ones() {
        const PIECES: [&str; 22] = [
            "color",
            "display",
            "font",
            "-size",
            ":",
            ":",
            ":",
            ";",
            ";",
            ";",
            " ",
            "none",
            "#fff",
            "12px",
            "'a b'",
            "(",
            ")",
            "!important",
            "Arial,",
            "url(x)",
            "\n",
            "background",
        ];
        let mut dice = Dice::new();
        let mut plain = 0;
        for _ in 0..4_000 {
            let css = dice.text(&PIECES, 14);
            if is_odd(css.as_bytes()) {
                continue;
            }
            for important in [false, true] {
                let name = Name::of(b"div");
                let (mut one, mut other) = (Draft::new(&name), Draft::new(&name));
                one.add(&css, important);
                for (declared, weight) in css::declarations(&css) {
                    if weight == important {
                        other.put(declared);
                    }
                }
                assert_eq!(one.finish(&name), other.finish(&name), "{css:?}");
            }
            plain += 1;
        }
        assert!(plain > 1_000, "{plain}");
    }
}
