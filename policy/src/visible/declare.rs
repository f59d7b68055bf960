//! One declaration of CSS: what it does to whether text is seen, if anything.
//!
//! Values are read in lower case. What is not understood declares nothing, as in a browser.

use super::paint::Paint;

/// The effect of one declaration.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Declared {
    /// [`Trick`]s that only hide together with others, or alone.
    Trick(Trick, bool),
    Display {
        none: bool,
        block: bool,
    },
    /// `None`: as what is around it.
    Visibility(Option<bool>),
    Opacity(f32),
    Font(Option<Size>),
    Color(Option<Paint>),
    /// Painted over the letters, instead of their colour.
    Fill(Option<Paint>),
    Back(Paint),
    Image(bool),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Size {
    Pixels(f32),
    /// Times what it inherits.
    Relative(f32),
}

/// A property that is part of hiding: each has a bit of its own, so that a later declaration of
/// the same property takes it back.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
pub(super) enum Trick {
    Height,
    MaxHeight,
    Width,
    MaxWidth,
    /// `overflow` cuts off.
    Cut,
    /// `position` takes it out of its place.
    Lifted,
    Left,
    Top,
    Right,
    Bottom,
    /// `text-indent` of more than the box.
    IndentWhole,
    Indent,
    MarginLeft,
    MarginTop,
    /// `clip` to nothing.
    Clip,
    ClipPath,
    Transform,
    /// `content-visibility` or `filter`.
    Content,
    Filter,
    Float,
}

impl Trick {
    pub(super) const fn bit(self) -> u32 {
        1 << self as u8
    }
}

/// Reads a declaration in lower case and trimmed.
#[inline]
pub(super) fn read(property: &str, value: &str, put: &mut impl FnMut(Declared)) {
    let off = |value: &str| length(value).is_some_and(|n| n <= OFF_SCREEN_MAX);
    match property {
        "display" => put(display(value)),
        "visibility" => {
            if let Some(visible) = visibility(value) {
                put(Declared::Visibility(visible));
            }
        }
        "opacity" => {
            if let Some(share) = share(value) {
                put(Declared::Opacity(share));
            }
        }
        "font-size" => {
            if let Some(size) = size(value) {
                put(Declared::Font(Some(size)));
            } else if matches!(value, "inherit" | "unset") {
                put(Declared::Font(None));
            }
        }
        "font" => {
            if let Some(size) = value.split([' ', '/']).find_map(size) {
                put(Declared::Font(Some(size)));
            }
        }
        "color" => {
            if let Some(color) = color(value) {
                put(Declared::Color(color));
            }
        }
        "-webkit-text-fill-color" => put(Declared::Fill(color(value).flatten())),
        "background-color" => put(Declared::Back(match value {
            "inherit" | "initial" | "unset" | "none" => super::paint::TRANSPARENT,
            value => Paint::of(value),
        })),
        "background" => {
            let paint = Paint::of_background(value);
            put(Declared::Image(paint == Paint::Unknown));
            put(Declared::Back(paint));
        }
        "background-image" => put(Declared::Image(!matches!(value, "none" | "initial" | "unset"))),
        _ => trick(property, value, off, put),
    }
}

fn trick(property: &str, value: &str, off: impl Fn(&str) -> bool, put: &mut impl FnMut(Declared)) {
    let flat = || length(value).is_some_and(|n| n <= SIZE_UNSEEN_MAX);
    // To the right or below of what anybody scrolls to, or to the left or above of all.
    let outside = || off(value) || length(value).is_some_and(|n| n >= FAR_OFF_MIN);
    let (trick, on) = match property {
        "height" => (Trick::Height, flat()),
        "max-height" => (Trick::MaxHeight, flat()),
        "width" => (Trick::Width, flat()),
        "max-width" => (Trick::MaxWidth, flat()),
        "overflow" | "overflow-y" | "overflow-x" => {
            (Trick::Cut, value.starts_with("hidden") || value.starts_with("clip"))
        }
        "position" => (Trick::Lifted, matches!(value, "absolute" | "fixed" | "relative")),
        "left" => (Trick::Left, outside()),
        "top" => (Trick::Top, outside()),
        "right" => (Trick::Right, outside()),
        "bottom" => (Trick::Bottom, outside()),
        "text-indent" => {
            let whole = value.strip_suffix('%').and_then(|n| n.parse::<f32>().ok());
            put(Declared::Trick(Trick::IndentWhole, whole.is_some_and(|n| n.abs() >= 100.0)));
            (Trick::Indent, outside())
        }
        "margin-left" => (Trick::MarginLeft, off(value)),
        "margin-top" => (Trick::MarginTop, off(value)),
        "margin" => {
            let mut sides = value.split_ascii_whitespace();
            let (top, right, _, left) = (sides.next(), sides.next(), sides.next(), sides.next());
            put(Declared::Trick(Trick::MarginTop, top.is_some_and(&off)));
            (Trick::MarginLeft, left.or(right).or(top).is_some_and(off))
        }
        "clip" => (Trick::Clip, clips_all(value)),
        "clip-path" => (
            Trick::ClipPath,
            matches!(
                value,
                "inset(50%)" | "inset(100%)" | "circle(0)" | "circle(0px)" | "circle(0%)"
            ),
        ),
        "transform" => (Trick::Transform, moves_away(value)),
        "content-visibility" => (Trick::Content, value == "hidden"),
        "filter" => (
            Trick::Filter,
            value
                .strip_prefix("opacity(")
                .and_then(|rest| share(rest.trim_end_matches(')')))
                .is_some_and(|share| share < OPACITY_SEEN_MIN),
        ),
        "float" => (Trick::Float, value != "none"),
        _ => return,
    };
    put(Declared::Trick(trick, on));
}

fn display(value: &str) -> Declared {
    let block = !matches!(value, "inline" | "contents" | "none" | "initial" | "inherit" | "unset");
    Declared::Display { none: value == "none", block }
}

fn visibility(value: &str) -> Option<Option<bool>> {
    match value {
        "hidden" | "collapse" => Some(Some(false)),
        "visible" | "initial" => Some(Some(true)),
        "inherit" | "unset" => Some(None),
        _ => None,
    }
}

/// Outer `None`: no colour is declared; inner: that of what is around it.
fn color(value: &str) -> Option<Option<Paint>> {
    match value {
        "inherit" | "currentcolor" | "unset" => Some(None),
        "" => None,
        value => match Paint::of(value) {
            // A word that is no colour declares nothing; what only we do not know does.
            Paint::Unknown if !value.contains('(') => None,
            paint @ (Paint::Unknown | Paint::Solid(_) | Paint::Sheer(_)) => Some(Some(paint)),
        },
    }
}

/// `font-size` in pixels or relative; keywords as browsers draw them.
pub(super) fn size(value: &str) -> Option<Size> {
    Some(match value {
        "xx-small" => Size::Pixels(9.0),
        "x-small" => Size::Pixels(10.0),
        "small" => Size::Pixels(13.0),
        "medium" | "initial" => Size::Pixels(FONT_DEFAULT),
        "large" | "x-large" | "xx-large" | "xxx-large" => Size::Pixels(20.0),
        "smaller" => Size::Relative(0.83),
        "larger" => Size::Relative(1.2),
        value => {
            let (number, unit) = number(value)?;
            match unit {
                "em" => Size::Relative(number),
                "ex" | "ch" => Size::Relative(number / 2.0),
                "%" => Size::Relative(number / 100.0),
                "vw" | "vh" => Size::Pixels(number * 10.0),
                _ => Size::Pixels(length(value)?),
            }
        }
    })
}

/// A length in pixels; `None` where it depends on something else.
pub(super) fn length(value: &str) -> Option<f32> {
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

/// A part of one: `.5`, `50%`.
fn share(value: &str) -> Option<f32> {
    match number(value)? {
        (n, "") => Some(n.clamp(0.0, 1.0)),
        (n, "%") => Some((n / 100.0).clamp(0.0, 1.0)),
        _ => None,
    }
}

/// `rect(top right bottom left)` of no more than a pixel each way.
fn clips_all(value: &str) -> bool {
    let Some(inner) = value.strip_prefix("rect(").and_then(|rest| rest.strip_suffix(')')) else {
        return false;
    };
    let mut sides = inner.split([',', ' ']).filter(|side| !side.is_empty()).map(length);
    let mut side = || sides.next().flatten();
    match (side(), side(), side(), side()) {
        (Some(top), Some(right), Some(bottom), Some(left)) => {
            bottom - top <= SIZE_UNSEEN_MAX || right - left <= SIZE_UNSEEN_MAX
        }
        _ => false,
    }
}

fn moves_away(value: &str) -> bool {
    let Some((name, inner)) = value.split_once('(') else { return false };
    let mut numbers = inner.split([',', ')', ' ']).filter(|piece| !piece.is_empty());
    match name {
        "scale" | "scalex" | "scaley" => {
            numbers.next().and_then(share).is_some_and(|share| share < OPACITY_SEEN_MIN)
        }
        "translate" | "translatex" | "translatey" | "translate3d" => numbers
            .any(|piece| length(piece).is_some_and(|n| n <= OFF_SCREEN_MAX || n >= FAR_OFF_MIN)),
        _ => false,
    }
}

pub(super) const FONT_DEFAULT: f32 = 16.0;
/// Smaller text is not meant to be read: the smallest size that CSS has a word for, `xx-small`, is
/// nine pixels, and one less leaves room for what points and percentages round to.
pub(super) const FONT_SEEN_MIN: f32 = 8.0;
/// Of the colour of the letters; all that is around them taken together.
pub(super) const OPACITY_SEEN_MIN: f32 = 0.05;
const SIZE_UNSEEN_MAX: f32 = 1.0;
const OFF_SCREEN_MAX: f32 = -400.0;
const FAR_OFF_MIN: f32 = 4_000.0;
