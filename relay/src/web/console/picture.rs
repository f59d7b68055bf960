//! A QR code as SVG, made here: no page loads a picture from elsewhere, and none runs a script.

use qrcode::{Color, QrCode};

/// Dark squares as one path on a light ground, with the quiet zone of four that readers ask for.
/// `None` where the text is too long for any.
pub(super) fn qr(text: &str) -> Option<Picture> {
    let code = QrCode::new(text).ok()?;
    let width = code.width();
    let mut path = String::new();
    for (at, color) in code.to_colors().into_iter().enumerate() {
        if color == Color::Dark {
            path.push_str(&format!("M{} {}h1v1h-1z", at % width + QUIET, at / width + QUIET));
        }
    }
    Some(Picture { path, side: width + 2 * QUIET })
}

/// For the template.
pub(super) struct Picture {
    pub path: String,
    /// In squares.
    pub side: usize,
}

/// ISO/IEC 18004 §6.3.8.
const QUIET: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_corner_is_a_finder_inside_the_quiet_zone() {
        let picture = qr("otpauth://totp/x?secret=ABC").unwrap();
        assert!(picture.path.starts_with("M4 4h1v1h-1zM5 4h1v1h-1z"));
        assert_eq!((picture.side - 8 - 17) % 4, 0);
        assert!(qr(&"x".repeat(10_000)).is_none());
    }
}
