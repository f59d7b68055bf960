//! One character at a time: what it folds to, and what is not seen at all.
//!
//! Not a table of all confusables (UTS 39): only letters that are drawn like Latin ones.

use unicode_normalization::char::{decompose_compatible, is_combining_mark};

/// Zero-width, format and filling characters: not seen, so not compared.
pub fn is_unseen(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// White space, and pictures: they part words and are not read.
pub(super) fn is_space_or_picture(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c,
            '\u{2300}'..='\u{23ff}' | '\u{2600}'..='\u{27bf}' | '\u{2b00}'..='\u{2bff}'
            | '\u{1f000}'..='\u{1f0ff}' | '\u{1f200}'..='\u{1faff}' | '\u{fffc}' | '\u{fffd}'
            | '\u{20e3}')
        // Letters in squares are drawn as pictures, except those NFKC makes letters of.
        || matches!(c, '\u{1f1e6}'..='\u{1f1ff}')
}

/// What the letter written in these two bytes of UTF-8 folds to, where it is one that
/// [`latin`] knows between U+00C0 and U+017F.
#[inline]
pub(super) fn two_bytes(first: u8, second: u8) -> Option<u8> {
    // Of the first byte two bits tell C3, C4 and C5 apart, and what else it is must be looked at.
    let letter = LATIN.get(usize::from(first << 6 | second & 0x3f)).copied()?;
    (letter != 0 && first <= 0xc5).then_some(letter)
}

/// U+00C0 to U+017F, by the last eight bits.
#[expect(clippy::indexing_slicing, reason = "runs while compiling, where a panic is an error")]
static LATIN: [u8; 256] = {
    let mut folded = [0; 256];
    let mut code: u32 = 0xc0;
    while code < 0x180 {
        if let Some(c) = char::from_u32(code)
            && let Some(letter) = latin(c)
        {
            folded[code as usize & 0xff] = letter;
        }
        code += 1;
    }
    folded
};

/// Appends what the character folds to; nothing where it is only a mark.
pub(super) fn fold_into(c: char, text: &mut Vec<u8>) {
    if let Some(letter) = latin(c) {
        text.push(letter);
        return;
    }
    decompose_compatible(c, |piece| {
        if is_combining_mark(piece) || is_unseen(piece) {
            return;
        }
        for lower in piece.to_lowercase() {
            // `İ` lowers to `i` and a dot; a few letters decompose only in lower case.
            decompose_compatible(lower, |letter| {
                if !is_combining_mark(letter) {
                    push(letter, text);
                }
            });
        }
    });
}

fn push(c: char, text: &mut Vec<u8>) {
    if c.is_ascii() {
        // A spacing accent decomposes to a space and a mark: the space stays out of words.
        let byte = u8::try_from(c).unwrap_or(b'?').to_ascii_lowercase();
        if byte != b' ' {
            text.push(byte);
        }
        return;
    }
    if let Some(plain) = alike(c) {
        text.extend_from_slice(plain.as_bytes());
        return;
    }
    let mut buffer = [0; 4];
    text.extend_from_slice(c.encode_utf8(&mut buffer).as_bytes());
}

/// The letters of Czech, Slovak, German and Polish texts, without the way through Unicode's tables.
const fn latin(c: char) -> Option<u8> {
    Some(match c {
        'á' | 'Á' | 'ä' | 'Ä' | 'à' | 'À' | 'â' | 'Â' | 'ą' | 'Ą' => b'a',
        'č' | 'Č' | 'ć' | 'Ć' | 'ç' | 'Ç' => b'c',
        'ď' | 'Ď' => b'd',
        'é' | 'É' | 'ě' | 'Ě' | 'è' | 'È' | 'ê' | 'Ê' | 'ë' | 'Ë' | 'ę' | 'Ę' => b'e',
        'í' | 'Í' | 'î' | 'Î' => b'i',
        'ĺ' | 'Ĺ' | 'ľ' | 'Ľ' | 'ł' | 'Ł' => b'l',
        'ň' | 'Ň' | 'ń' | 'Ń' => b'n',
        'ó' | 'Ó' | 'ô' | 'Ô' | 'ö' | 'Ö' | 'ő' | 'Ő' => b'o',
        'ŕ' | 'Ŕ' | 'ř' | 'Ř' => b'r',
        'š' | 'Š' | 'ś' | 'Ś' => b's',
        'ť' | 'Ť' => b't',
        'ú' | 'Ú' | 'ů' | 'Ů' | 'ü' | 'Ü' | 'ű' | 'Ű' => b'u',
        'ý' | 'Ý' => b'y',
        'ž' | 'Ž' | 'ź' | 'Ź' | 'ż' | 'Ż' => b'z',
        // Upper case that is drawn like another Latin letter than its lower case is.
        'Ν' => b'n',
        'Υ' => b'y',
        'Η' | 'Н' => b'h',
        'Ρ' => b'p',
        'Β' | 'В' => b'b',
        _ => return None,
    })
}

/// A lower-case letter drawn like Latin ones, and punctuation written in several ways.
fn alike(c: char) -> Option<&'static str> {
    Some(match c {
        'ß' => "ss",
        'ł' => "l",
        'đ' | 'ð' | 'ԁ' => "d",
        'ø' | 'о' | 'ο' | 'օ' => "o",
        'æ' | 'ӕ' => "ae",
        'œ' => "oe",
        'þ' => "th",
        'ħ' | 'һ' | 'н' => "h",
        'ı' | 'і' | 'ι' | 'ɩ' => "i",
        'а' | 'α' | 'ɑ' => "a",
        'в' | 'β' => "b",
        'с' | 'ϲ' => "c",
        'е' | 'ε' => "e",
        'ɡ' | 'ց' => "g",
        'ј' | 'ϳ' => "j",
        'к' | 'κ' => "k",
        'м' | 'μ' => "m",
        'р' | 'ρ' => "p",
        'ԛ' => "q",
        'ѕ' | 'ſ' => "s",
        'т' | 'τ' => "t",
        'υ' | 'ս' => "u",
        'ν' | 'ѵ' => "v",
        'ԝ' => "w",
        'х' | 'χ' => "x",
        'у' | 'γ' | 'ү' => "y",
        'ζ' => "z",
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{2e3a}' | '\u{2e3b}' => "-",
        '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{201b}' | '\u{2032}' => "'",
        '\u{201c}'..='\u{201f}' | '\u{2033}' | '«' | '»' => "\"",
        _ => return None,
    })
}
