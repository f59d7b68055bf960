//! Colours, as far as text in the colour of its background needs them (CSS Color 4 §6, §7).

/// A colour, or why it does not matter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Paint {
    Rgb([u8; 3]),
    Transparent,
    /// An image, a gradient, a name or function not read here.
    Unknown,
}

pub(super) const BLACK: Paint = Paint::Rgb([0; 3]);
pub(super) const WHITE: Paint = Paint::Rgb([255; 3]);
/// What browsers give a link.
pub(super) const LINK: Paint = Paint::Rgb([0, 0, 238]);

impl Paint {
    /// Reads a colour in lower case, as in CSS or in the old attributes (`ffffff`).
    pub(super) fn of(value: &str) -> Self {
        let value = value.trim();
        if let Some(hex) = value.strip_prefix('#') {
            return Self::hex(hex).unwrap_or(Self::Unknown);
        }
        if let Some(inner) = value.strip_prefix("rgb").and_then(|rest| rest.split_once('(')) {
            return Self::function(inner.1).unwrap_or(Self::Unknown);
        }
        if value == "transparent" {
            return Self::Transparent;
        }
        match NAMES.iter().find(|(name, _)| *name == value) {
            Some((_, rgb)) => Self::Rgb(*rgb),
            None if value.len() == 6 => Self::hex(value).unwrap_or(Self::Unknown),
            None => Self::Unknown,
        }
    }

    /// The colour in a `background` shorthand.
    pub(super) fn of_background(value: &str) -> Self {
        if value.contains("url(") || value.contains("gradient(") {
            return Self::Unknown;
        }
        if value.contains('(') {
            return Self::of(value);
        }
        let known = value.split_whitespace().map(Self::of).find(|paint| *paint != Self::Unknown);
        known.unwrap_or(Self::Unknown)
    }

    fn hex(hex: &str) -> Option<Self> {
        let (mut digits, mut count) = ([0_u8; 8], 0);
        for c in hex.chars() {
            *digits.get_mut(count)? = u8::try_from(c.to_digit(16)?).ok()?;
            count += 1;
        }
        Some(match *digits.get(..count)? {
            [_, _, _, 0] | [_, _, _, _, _, _, 0, 0] => Self::Transparent,
            [r, g, b] | [r, g, b, _] => Self::Rgb([r * 17, g * 17, b * 17]),
            [r, s, g, h, b, c] | [r, s, g, h, b, c, _, _] => {
                Self::Rgb([r * 16 + s, g * 16 + h, b * 16 + c])
            }
            _ => return None,
        })
    }

    /// What stands in the brackets of `rgb()` and `rgba()`.
    fn function(inner: &str) -> Option<Self> {
        let inner = inner.split(')').next()?;
        let mut numbers =
            inner.split([',', ' ', '/']).filter(|piece| !piece.is_empty()).map(|piece| match piece
                .strip_suffix('%')
            {
                Some(percent) => percent.parse::<f32>().ok().map(|n| (n * 2.55, n / 100.0)),
                None => piece.parse::<f32>().ok().map(|n| (n, n)),
            });
        let mut channel = || {
            let (n, _) = numbers.next()??;
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "clamped to a byte"
            )]
            Some(n.clamp(0.0, 255.0).round() as u8)
        };
        let rgb = [channel()?, channel()?, channel()?];
        match numbers.next() {
            Some(Some((_, alpha))) if alpha < ALPHA_SEEN_MIN => Some(Self::Transparent),
            Some(_) | None => Some(Self::Rgb(rgb)),
        }
    }

    /// Text of this colour cannot be read on that background.
    pub(super) fn vanishes_on(self, back: Self) -> bool {
        match (self, back) {
            (Self::Transparent, _) => true,
            (Self::Rgb(text), Self::Rgb(back)) => {
                text.iter().zip(back).all(|(a, b)| a.abs_diff(b) <= CONTRAST_UNSEEN_MAX)
            }
            (Self::Rgb(_) | Self::Unknown, _) => false,
        }
    }
}

/// No eye tells apart what differs by so little in each channel.
const CONTRAST_UNSEEN_MAX: u8 = 6;
const ALPHA_SEEN_MIN: f32 = 0.05;

#[rustfmt::skip]
static NAMES: [(&str, [u8; 3]); 22] = [
    ("white", [255; 3]), ("black", [0; 3]), ("red", [255, 0, 0]), ("green", [0, 128, 0]),
    ("blue", [0, 0, 255]), ("gray", [128; 3]), ("grey", [128; 3]), ("silver", [192; 3]),
    ("yellow", [255, 255, 0]), ("orange", [255, 165, 0]), ("navy", [0, 0, 128]),
    ("maroon", [128, 0, 0]), ("purple", [128, 0, 128]), ("teal", [0, 128, 128]),
    ("lime", [0, 255, 0]), ("aqua", [0, 255, 255]), ("olive", [128, 128, 0]),
    ("whitesmoke", [245; 3]), ("lightgray", [211; 3]), ("lightgrey", [211; 3]),
    ("snow", [255, 250, 250]), ("ivory", [255, 255, 240]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_read_in_every_form() {
        for (value, paint) in [
            ("#fff", WHITE),
            ("#FFFFFF".to_ascii_lowercase().as_str(), WHITE),
            ("ffffff", WHITE),
            ("white", WHITE),
            ("rgb(255, 255,255)", WHITE),
            ("rgb(100% 100% 100%)", WHITE),
            ("rgba(0,0,0,0)", Paint::Transparent),
            ("rgba(0,0,0,.5)", BLACK),
            ("#0000", Paint::Transparent),
            ("transparent", Paint::Transparent),
            ("inherit", Paint::Unknown),
            ("#ggg", Paint::Unknown),
            ("rgb(", Paint::Unknown),
            ("#", Paint::Unknown),
        ] {
            assert_eq!(Paint::of(value), paint, "{value}");
        }
        assert_eq!(Paint::of_background("#fff url(x.png)"), Paint::Unknown);
        assert_eq!(Paint::of_background("white none repeat"), WHITE);
    }

    #[test]
    fn text_in_the_colour_of_its_background_vanishes() {
        assert!(WHITE.vanishes_on(WHITE));
        assert!(Paint::of("#fefefe").vanishes_on(WHITE));
        assert!(Paint::Transparent.vanishes_on(Paint::Unknown));
        assert!(!WHITE.vanishes_on(Paint::Unknown));
        assert!(!Paint::of("#999").vanishes_on(WHITE));
    }
}
