//! Colours, as far as text in the colour of its background needs them (CSS Color 4, WCAG 2.2).
//!
//! Not here: `lab()`, `oklch()`, `color()` and variables. What they paint is not known, and unknown
//! colours hide nothing.

use cssparser::color::{parse_hash_color, parse_named_color};

/// What something is painted with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Paint {
    Solid([u8; 3]),
    /// The last channel is how much of it covers what lies behind; never all.
    Sheer([u8; 4]),
    /// An image, a gradient, a function not read here.
    Unknown,
}

pub(super) const BLACK: Paint = Paint::Solid([0; 3]);
pub(super) const WHITE: Paint = Paint::Solid([255; 3]);
pub(super) const TRANSPARENT: Paint = Paint::Sheer([0; 4]);
/// What browsers give a link.
pub(super) const LINK: Paint = Paint::Solid([0, 0, 238]);

impl Paint {
    /// Reads a colour of CSS in lower case.
    pub(super) fn of(value: &str) -> Self {
        Self::known(value.trim()).unwrap_or(Self::Unknown)
    }

    fn known(value: &str) -> Option<Self> {
        if let Some(hex) = value.strip_prefix('#') {
            let (r, g, b, alpha) = parse_hash_color(hex.as_bytes()).ok()?;
            return Some(Self::covering([r, g, b], alpha));
        }
        if value.ends_with(')') {
            let (name, inner) = value.split_once('(')?;
            return match name.trim() {
                "rgb" | "rgba" => rgb(inner),
                "hsl" | "hsla" => hsl(inner),
                _ => None,
            };
        }
        match value {
            "transparent" => Some(TRANSPARENT),
            "initial" | "canvastext" => Some(BLACK),
            "canvas" => Some(WHITE),
            name => parse_named_color(name).ok().map(|(r, g, b)| Self::Solid([r, g, b])),
        }
    }

    /// The colour of an old attribute (`bgcolor`, `color`), in lower case: any text is one, as
    /// browsers have always read them (WHATWG HTML §2.3.6).
    pub(super) fn of_attribute(value: &str) -> Option<Self> {
        let value = value.trim();
        if value.is_empty() || value == "transparent" {
            return None;
        }
        if let Ok((r, g, b)) = parse_named_color(value) {
            return Some(Self::Solid([r, g, b]));
        }
        if let [b'#', short @ ..] = value.as_bytes()
            && short.len() == 3
            && let Ok((r, g, b, _)) = parse_hash_color(short)
        {
            return Some(Self::Solid([r, g, b]));
        }
        let digits = value.strip_prefix('#').unwrap_or(value);
        Some(Self::Solid(legacy(digits)))
    }

    /// The colour in a `background` shorthand; nothing of it is transparent.
    pub(super) fn of_background(value: &str) -> Self {
        if value.contains("url(") || value.contains("gradient(") || value.contains("image") {
            return Self::Unknown;
        }
        if let Some(open) = value.find('(') {
            let name = value.get(..open).unwrap_or_default();
            let begin = name.rfind(' ').map_or(0, |space| space + 1);
            let end = value.rfind(')').map_or(value.len(), |close| close + 1);
            return Self::of(value.get(begin..end).unwrap_or_default());
        }
        let mut known = value.split_ascii_whitespace().filter_map(Self::known);
        match known.next() {
            Some(paint) => paint,
            // Only positions and keywords: no colour is painted.
            None if value.split_ascii_whitespace().all(is_no_colour) => TRANSPARENT,
            None => Self::Unknown,
        }
    }

    fn covering([r, g, b]: [u8; 3], alpha: f32) -> Self {
        let alpha = byte(alpha * 255.0);
        if alpha == 255 { Self::Solid([r, g, b]) } else { Self::Sheer([r, g, b, alpha]) }
    }

    /// What is seen where this is painted on that; `share` of it, from 0 to 1, at most.
    pub(super) fn over(self, back: Self, share: f32) -> Self {
        let ([r, g, b], alpha) = match self {
            Self::Solid(colour) => (colour, share),
            Self::Sheer([r, g, b, alpha]) => ([r, g, b], share * f32::from(alpha) / 255.0),
            Self::Unknown => return Self::Unknown,
        };
        if alpha < ALPHA_SEEN_MIN {
            return back;
        }
        if alpha >= 1.0 {
            return Self::Solid([r, g, b]);
        }
        let Self::Solid([x, y, z]) = back else { return Self::Unknown };
        let mix = |front: u8, behind: u8| {
            byte(f32::from(front) * alpha + f32::from(behind) * (1.0 - alpha))
        };
        Self::Solid([mix(r, x), mix(g, y), mix(b, z)])
    }

    /// Text of this colour cannot be read on that background.
    pub(super) fn vanishes_on(self, back: Self) -> bool {
        match (self, back) {
            (Self::Sheer([.., alpha]), Self::Unknown | Self::Sheer(_)) => {
                f32::from(alpha) < ALPHA_SEEN_MIN * 255.0
            }
            (Self::Sheer(_), Self::Solid(behind)) => match self.over(back, 1.0) {
                Self::Solid(text) => close(text, behind),
                Self::Sheer(_) | Self::Unknown => false,
            },
            (Self::Solid(text), Self::Solid(back)) => close(text, back),
            (Self::Solid(_) | Self::Unknown, _) => false,
        }
    }
}

/// Alike both in each channel and in brightness: grey on a colour of its own brightness is told
/// apart by hue, and dark blue on black by neither.
fn close(text: [u8; 3], back: [u8; 3]) -> bool {
    let apart = text.iter().zip(back).map(|(a, b)| a.abs_diff(b)).max().unwrap_or_default();
    apart <= CHANNEL_UNSEEN_MAX && contrast(text, back) < CONTRAST_SEEN_MIN
}

/// WCAG 2.2, "contrast ratio": from 1 to 21.
fn contrast(one: [u8; 3], other: [u8; 3]) -> f32 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// WCAG 2.2, "relative luminance".
fn luminance([r, g, b]: [u8; 3]) -> f32 {
    let linear = |channel: u8| {
        let share = f32::from(channel) / 255.0;
        if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
}

/// The numbers of a function's brackets, and which of them were percentages.
fn numbers(inner: &str) -> Option<[Option<(f32, bool)>; 4]> {
    let inner = inner.strip_suffix(')')?;
    let mut found = [None; 4];
    let mut pieces = inner
        .split(|c: char| matches!(c, ',' | '/') || c.is_ascii_whitespace())
        .filter(|piece| !piece.is_empty());
    for place in &mut found {
        let Some(piece) = pieces.next() else { break };
        *place = Some(match piece.strip_suffix('%') {
            Some(percent) => (percent.parse().ok()?, true),
            None if piece == "none" => (0.0, false),
            None => (piece.trim_end_matches("deg").parse().ok()?, false),
        });
    }
    pieces.next().is_none().then_some(found)
}

fn alpha(value: Option<(f32, bool)>) -> f32 {
    match value {
        Some((percent, true)) => percent / 100.0,
        Some((share, false)) => share,
        None => 1.0,
    }
}

fn rgb(inner: &str) -> Option<Paint> {
    let [r, g, b, a] = numbers(inner)?;
    let channel = |(n, percent): (f32, bool)| byte(if percent { n * 2.55 } else { n });
    Some(Paint::covering([channel(r?), channel(g?), channel(b?)], alpha(a)))
}

/// CSS Color 4 §7.1.
fn hsl(inner: &str) -> Option<Paint> {
    let [h, s, l, a] = numbers(inner)?;
    let hue = h?.0.rem_euclid(360.0);
    let (saturation, light) = ((s?.0 / 100.0).clamp(0.0, 1.0), (l?.0 / 100.0).clamp(0.0, 1.0));
    let channel = |n: f32| {
        let k = (n + hue / 30.0) % 12.0;
        let reach = saturation * light.min(1.0 - light);
        byte((light - reach * (k - 3.0).min(9.0 - k).clamp(-1.0, 1.0)) * 255.0)
    };
    Some(Paint::covering([channel(0.0), channel(8.0), channel(4.0)], alpha(a)))
}

/// Every sign that is no hexadecimal digit is a zero, and the text is cut in three.
fn legacy(text: &str) -> [u8; 3] {
    let mut digits: Vec<u8> = text
        .chars()
        .take(LEGACY_CHARS_MAX)
        .map(|c| c.to_digit(16).map_or(0, |d| u8::try_from(d).unwrap_or(0)))
        .collect();
    while digits.is_empty() || !digits.len().is_multiple_of(3) {
        digits.push(0);
    }
    let mut thirds = digits
        .chunks(digits.len() / 3)
        .map(|third| third.get(third.len().saturating_sub(8)..).unwrap_or_default());
    let mut thirds: [&[u8]; 3] = std::array::from_fn(|_| thirds.next().unwrap_or_default());
    while thirds.iter().all(|third| third.len() > 2 && third.first() == Some(&0)) {
        for third in &mut thirds {
            *third = third.get(1..).unwrap_or_default();
        }
    }
    thirds.map(|third| third.iter().take(2).fold(0, |byte: u8, digit| byte * 16 + digit))
}

fn is_no_colour(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '/' | '.'))
        || matches!(
            word,
            "none"
                | "initial"
                | "unset"
                | "repeat"
                | "no-repeat"
                | "repeat-x"
                | "repeat-y"
                | "scroll"
                | "fixed"
                | "center"
                | "top"
                | "left"
                | "right"
                | "bottom"
                | "cover"
                | "contain"
        )
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a byte")]
fn byte(n: f32) -> u8 {
    n.clamp(0.0, 255.0).round() as u8
}

/// Less than this is not made out: WCAG asks 4.5 of body text and 3 of large letters, and light grey
/// that a careless designer gives a footer (#ddd on white) still has 1.36.
const CONTRAST_SEEN_MIN: f32 = 1.2;
const CHANNEL_UNSEEN_MAX: u8 = 40;
const ALPHA_SEEN_MIN: f32 = 0.05;
const LEGACY_CHARS_MAX: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_read_in_every_form() {
        for (value, paint) in [
            ("#fff", WHITE),
            ("white", WHITE),
            ("rebeccapurple", Paint::Solid([0x66, 0x33, 0x99])),
            ("rgb(255, 255,255)", WHITE),
            ("rgb(100% 100% 100%)", WHITE),
            ("rgb(1 2 3 / 100%)", Paint::Solid([1, 2, 3])),
            ("rgba(0,0,0,0)", TRANSPARENT),
            ("rgba(0,0,0,.5)", Paint::Sheer([0, 0, 0, 128])),
            ("#0000", TRANSPARENT),
            ("transparent", TRANSPARENT),
            ("hsl(0, 100%, 50%)", Paint::Solid([255, 0, 0])),
            ("hsl(120deg 100% 25%)", Paint::Solid([0, 128, 0])),
            ("hsla(240,100%,50%,0)", Paint::Sheer([0, 0, 255, 0])),
            ("hsl(0 0% 100%)", WHITE),
            ("inherit", Paint::Unknown),
            ("var(--x)", Paint::Unknown),
            ("#ggg", Paint::Unknown),
            ("rgb(", Paint::Unknown),
            ("rgb()", Paint::Unknown),
            ("rgb(1,2,3,4,5)", Paint::Unknown),
            ("#", Paint::Unknown),
            ("#čč", Paint::Unknown),
        ] {
            assert_eq!(Paint::of(value), paint, "{value}");
        }
        for (value, paint) in [
            ("#fff url(x.png)", Paint::Unknown),
            ("white none repeat", WHITE),
            ("rgb(255, 255, 255) no-repeat", WHITE),
            ("no-repeat #000", BLACK),
            ("none", TRANSPARENT),
            ("0 0", TRANSPARENT),
            ("linear-gradient(red, red)", Paint::Unknown),
            ("var(--x)", Paint::Unknown),
        ] {
            assert_eq!(Paint::of_background(value), paint, "{value}");
        }
    }

    #[test]
    fn old_attributes_take_any_text_as_a_colour() {
        for (value, rgb) in [
            ("white", Some([255; 3])),
            ("ffffff", Some([255; 3])),
            ("#fff", Some([255; 3])),
            ("fff", Some([15; 3])),
            ("#ffffff00", Some([255, 255, 0])),
            ("chucknorris", Some([0xc0, 0, 0])),
            ("#č", Some([0; 3])),
            ("", None),
            ("transparent", None),
        ] {
            assert_eq!(Paint::of_attribute(value), rgb.map(Paint::Solid), "{value}");
        }
    }

    #[test]
    fn text_in_the_colour_of_its_background_vanishes() {
        for (text, back, gone) in [
            ("#fff", "#fff", true),
            ("#fefefe", "white", true),
            ("#eeeeee", "white", true),
            ("#dddddd", "white", false),
            ("#999", "white", false),
            ("#0a0a0a", "black", true),
            ("#333", "black", false),
            ("#00f", "black", false),
            ("#ff0000", "#7f7f7f", false),
            ("rgba(0,0,0,.02)", "white", true),
            ("rgba(0,0,0,.06)", "white", true),
            ("rgba(0,0,0,.6)", "white", false),
            ("rgba(255,255,255,.6)", "white", true),
            ("transparent", "var(--x)", true),
            ("#fff", "var(--x)", false),
            ("var(--x)", "#fff", false),
        ] {
            assert_eq!(Paint::of(text).vanishes_on(Paint::of(back)), gone, "{text} on {back}");
        }
    }

    #[test]
    fn half_a_colour_shows_half_of_what_is_behind() {
        assert_eq!(Paint::of("rgba(0,0,0,.5)").over(WHITE, 1.0), Paint::Solid([127; 3]));
        assert_eq!(TRANSPARENT.over(WHITE, 1.0), WHITE);
        assert_eq!(BLACK.over(WHITE, 1.0), BLACK);
        assert_eq!(BLACK.over(Paint::Unknown, 0.5), Paint::Unknown);
    }
}
