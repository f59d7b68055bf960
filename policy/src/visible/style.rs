//! What an element's own style and old attributes do to its text (CSS 2.2, inline only).

use std::borrow::Cow;

use memchr::memchr;

use super::paint::Paint;

/// Effects of one element, before what it inherits.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Style {
    /// Neither it nor anything inside is shown: `display: none`, no size, off-screen, transparent.
    pub(super) gone: bool,
    /// `visibility`, which what stands inside can take back.
    pub(super) visibility: Option<bool>,
    pub(super) font: Option<Size>,
    pub(super) color: Option<Paint>,
    pub(super) back: Option<Paint>,
    /// `display: block` and kin on an element that is none by nature.
    pub(super) block: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Size {
    Pixels(f32),
    /// Times what it inherits.
    Relative(f32),
}

/// What only counts together.
#[derive(Default)]
struct Box {
    flat: bool,
    clipped: bool,
    lifted: bool,
    outside: bool,
    cut: bool,
}

impl Style {
    /// Adds the declarations of a `style` attribute.
    pub(super) fn add(&mut self, declarations: &str) {
        let lower = lower(declarations);
        let plain = without_comments(&lower);
        let mut frame = Box::default();
        let mut rest = Some(plain.as_ref());
        while let Some(declarations) = rest {
            let (declaration, after) = cut(declarations, b';');
            rest = after;
            let (property, Some(value)) = cut(declaration, b':') else { continue };
            let (value, _) = cut(value, b'!');
            self.declare(trimmed(property), trimmed(value), &mut frame);
        }
        self.gone |=
            (frame.flat && frame.clipped) || (frame.lifted && (frame.outside || frame.cut));
    }

    fn declare(&mut self, property: &str, value: &str, frame: &mut Box) {
        match property {
            "display" => {
                self.gone |= value == "none";
                self.block = matches!(
                    value,
                    "block" | "table" | "flex" | "grid" | "list-item" | "table-row"
                );
            }
            "visibility" => self.visibility = visibility(value),
            "opacity" => self.gone |= length(value).is_some_and(|n| n <= OPACITY_UNSEEN_MAX),
            "font-size" => self.font = size(value).or(self.font),
            "font" => self.font = value.split([' ', '/']).find_map(size).or(self.font),
            "color" => self.color = color(value).or(self.color),
            "background-color" if self.back != Some(Paint::Unknown) => {
                self.back = color(value).or(self.back);
            }
            "background" => self.back = Some(Paint::of_background(value)),
            "background-image" if value != "none" => self.back = Some(Paint::Unknown),
            "height" | "max-height" | "width" | "max-width" => {
                frame.flat |= length(value).is_some_and(|n| n <= SIZE_UNSEEN_MAX);
            }
            "overflow" | "overflow-y" | "overflow-x" => {
                frame.clipped |= matches!(value, "hidden" | "clip")
            }
            "position" => frame.lifted |= matches!(value, "absolute" | "fixed"),
            "left" | "top" | "right" | "bottom" => {
                frame.outside |= length(value).is_some_and(|n| n <= OFF_SCREEN_MAX);
            }
            "text-indent" | "margin-left" | "margin-top" => {
                self.gone |= length(value).is_some_and(|n| n <= OFF_SCREEN_MAX);
            }
            "clip" => frame.cut |= value.starts_with("rect(0") || value.starts_with("rect(1px"),
            "clip-path" => self.gone |= matches!(value, "inset(50%)" | "inset(100%)" | "circle(0)"),
            "transform" => {
                self.gone |= value.starts_with("scale(0)") || value.starts_with("scale(0,")
            }
            _ => {}
        }
    }
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

fn visibility(value: &str) -> Option<bool> {
    match value {
        "hidden" | "collapse" => Some(false),
        "visible" | "initial" => Some(true),
        _ => None,
    }
}

fn color(value: &str) -> Option<Paint> {
    match value {
        "inherit" | "currentcolor" | "unset" | "" => None,
        value => Some(Paint::of(value)),
    }
}

/// `font-size` in pixels or relative; keywords as browsers draw them.
pub(super) fn size(value: &str) -> Option<Size> {
    Some(match value {
        "xx-small" => Size::Pixels(9.0),
        "x-small" => Size::Pixels(10.0),
        "small" => Size::Pixels(13.0),
        "medium" | "initial" => Size::Pixels(FONT_DEFAULT),
        "large" | "x-large" | "xx-large" => Size::Pixels(20.0),
        "smaller" => Size::Relative(0.83),
        "larger" => Size::Relative(1.2),
        value => {
            let (number, unit) = number(value)?;
            match unit {
                "em" => Size::Relative(number),
                "ex" | "ch" => Size::Relative(number / 2.0),
                "%" => Size::Relative(number / 100.0),
                _ => Size::Pixels(length(value)?),
            }
        }
    })
}

/// A length in pixels; `None` where it depends on something else.
fn length(value: &str) -> Option<f32> {
    let (number, unit) = number(value)?;
    let pixels = match unit {
        "" | "px" => 1.0,
        "pt" => 4.0 / 3.0,
        "pc" | "em" | "rem" => FONT_DEFAULT,
        "mm" => 3.78,
        "cm" => 37.8,
        "in" => 96.0,
        // Nothing of anything is nothing.
        _ if number == 0.0 => 0.0,
        // Whole screens to the left are off-screen too.
        "%" | "vw" | "vh" if number <= -100.0 => 10.0,
        _ => return None,
    };
    Some(number * pixels)
}

fn number(value: &str) -> Option<(f32, &str)> {
    let end =
        value.find(|c: char| !matches!(c, '0'..='9' | '.' | '-' | '+')).unwrap_or(value.len());
    let (number, unit) = (value.get(..end)?, value.get(end..)?);
    Some((number.parse().ok()?, unit.trim()))
}

fn without_comments(css: &str) -> Cow<'_, str> {
    if memchr(b'*', css.as_bytes()).is_none() || !css.contains("/*") {
        return css.into();
    }
    let mut plain = String::with_capacity(css.len());
    let mut rest = css;
    while let Some((before, after)) = rest.split_once("/*") {
        plain.push_str(before);
        rest = after.split_once("*/").map_or("", |(_, after)| after);
    }
    plain.push_str(rest);
    plain.into()
}

pub(super) const FONT_DEFAULT: f32 = 16.0;
/// Smaller text is not read (compliance.md 6.3).
pub(super) const FONT_SEEN_MIN: f32 = 8.0;
const OPACITY_UNSEEN_MAX: f32 = 0.05;
const SIZE_UNSEEN_MAX: f32 = 1.0;
const OFF_SCREEN_MAX: f32 = -400.0;

#[cfg(test)]
mod tests {
    use super::*;

    fn style(css: &str) -> Style {
        let mut style = Style::default();
        style.add(css);
        style
    }

    #[test]
    fn what_hides_is_noticed_in_every_spelling() {
        for (css, gone) in [
            ("display:none", true),
            ("DISPLAY : None !important", true),
            ("display/**/:/* x */none", true),
            ("display:inline;opacity:0", true),
            ("opacity:.01", true),
            ("opacity:0.5", false),
            ("max-height:0;overflow:hidden", true),
            ("max-height:0px", false),
            ("width:1px;height:1px;overflow:hidden", true),
            ("position:absolute;left:-9999px", true),
            ("left:-9999px", false),
            ("position:absolute;top:-100vh", true),
            ("text-indent:-9999px", true),
            ("text-indent:-10px", false),
            ("position:absolute;clip:rect(0 0 0 0)", true),
            ("transform:scale(0)", true),
            ("mso-hide:all", false),
            ("", false),
            (";;:;none", false),
            ("background:url(data:image/png;base64,display:none)", false),
        ] {
            assert_eq!(style(css).gone, gone, "{css}");
        }
        assert_eq!(style("visibility:hidden").visibility, Some(false));
        assert_eq!(style("visibility: visible").visibility, Some(true));
    }

    #[test]
    fn sizes_and_colours_are_read() {
        for (css, font) in [
            ("font-size:0", Some(Size::Pixels(0.0))),
            ("font-size:12px", Some(Size::Pixels(12.0))),
            ("font-size:9pt", Some(Size::Pixels(12.0))),
            ("font-size:50%", Some(Size::Relative(0.5))),
            ("font-size:.1em", Some(Size::Relative(0.1))),
            ("font:bold 1px/2 Arial", Some(Size::Pixels(1.0))),
            ("font:0/0 a", Some(Size::Pixels(0.0))),
            ("font-size:calc(1px)", None),
            ("font-size:larger", Some(Size::Relative(1.2))),
        ] {
            assert_eq!(style(css).font, font, "{css}");
        }
        assert_eq!(style("color:#fff").color, Some(super::super::paint::WHITE));
        assert_eq!(
            style("background-image:url(x);background-color:#fff").back,
            Some(Paint::Unknown)
        );
    }
}
