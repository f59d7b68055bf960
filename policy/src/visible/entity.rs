//! Character references (WHATWG HTML §13.2.5.72): numbers, and the names that mail uses.
//!
//! Not all 2,231 names of the standard: those of mathematics stay as written.

use std::borrow::Cow;

use memchr::memchr;

/// The character that a reference at the start of the text stands for, and the reference's length.
pub(super) fn reference(text: &str, in_attribute: bool) -> Option<(char, usize)> {
    let after = text.strip_prefix('&')?;
    if let Some(number) = after.strip_prefix('#') {
        return numeric(number).map(|(c, length)| (c, length + 2));
    }
    let length = after.bytes().take(NAME_BYTES_MAX).take_while(u8::is_ascii_alphanumeric).count();
    let name = after.get(..length)?;
    let closed = after.as_bytes().get(length) == Some(&b';');
    if closed && let Some(c) = look_up(&NAMES, name).or_else(|| look_up(&OLD_NAMES, name)) {
        return Some((c, length + 2));
    }
    // Old names count without a semicolon, but not in `?a=1&copy=2`.
    let (c, used) = (2..=length.min(6))
        .rev()
        .find_map(|used| Some((look_up(&OLD_NAMES, name.get(..used)?)?, used)))?;
    let next = after.as_bytes().get(used);
    let goes_on = next.is_some_and(|byte| *byte == b'=' || byte.is_ascii_alphanumeric());
    if in_attribute && goes_on { None } else { Some((c, used + 1)) }
}

/// An attribute's value with its references decoded.
pub(super) fn attribute(value: &str) -> Cow<'_, str> {
    let Some(first) = memchr(b'&', value.as_bytes()) else { return Cow::Borrowed(value) };
    let (before, mut rest) = value.split_at(first);
    let mut text = String::with_capacity(value.len());
    text.push_str(before);
    while let Some(c) = rest.chars().next() {
        let (c, length) = reference(rest, true).unwrap_or((c, c.len_utf8()));
        text.push(c);
        rest = rest.get(length..).unwrap_or_default();
    }
    Cow::Owned(text)
}

/// The digits after `&#`.
fn numeric(text: &str) -> Option<(char, usize)> {
    let hex = text.starts_with(['x', 'X']);
    let digits = text.get(usize::from(hex)..)?;
    let is_digit = |byte: &u8| if hex { byte.is_ascii_hexdigit() } else { byte.is_ascii_digit() };
    let length = digits.bytes().take_while(is_digit).count();
    let number = digits.get(..length).filter(|digits| !digits.is_empty())?;
    let code = u32::from_str_radix(number, if hex { 16 } else { 10 }).unwrap_or(u32::MAX);
    let closed = digits.as_bytes().get(length) == Some(&b';');
    Some((character(code), usize::from(hex) + length + usize::from(closed)))
}

/// Numbers from 128 to 159 mean what Windows put there, as browsers read them.
fn character(code: u32) -> char {
    let windows =
        code.checked_sub(0x80).and_then(|index| WINDOWS.get(usize::try_from(index).ok()?));
    match windows {
        Some(c) => *c,
        None if code == 0 => '\u{fffd}',
        None => char::from_u32(code).unwrap_or('\u{fffd}'),
    }
}

fn look_up(table: &[(&str, char)], name: &str) -> Option<char> {
    let index = table.binary_search_by(|(known, _)| (*known).cmp(name)).ok()?;
    table.get(index).map(|(_, c)| *c)
}

const NAME_BYTES_MAX: usize = 32;

#[rustfmt::skip]
static WINDOWS: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// Read without a semicolon too. Sorted.
#[rustfmt::skip]
static OLD_NAMES: [(&str, char); 106] = [
    ("AElig", '\u{c6}'), ("AMP", '\u{26}'), ("Aacute", '\u{c1}'), ("Acirc", '\u{c2}'),
    ("Agrave", '\u{c0}'), ("Aring", '\u{c5}'), ("Atilde", '\u{c3}'), ("Auml", '\u{c4}'),
    ("COPY", '\u{a9}'), ("Ccedil", '\u{c7}'), ("ETH", '\u{d0}'), ("Eacute", '\u{c9}'),
    ("Ecirc", '\u{ca}'), ("Egrave", '\u{c8}'), ("Euml", '\u{cb}'), ("GT", '\u{3e}'),
    ("Iacute", '\u{cd}'), ("Icirc", '\u{ce}'), ("Igrave", '\u{cc}'), ("Iuml", '\u{cf}'),
    ("LT", '\u{3c}'), ("Ntilde", '\u{d1}'), ("Oacute", '\u{d3}'), ("Ocirc", '\u{d4}'),
    ("Ograve", '\u{d2}'), ("Oslash", '\u{d8}'), ("Otilde", '\u{d5}'), ("Ouml", '\u{d6}'),
    ("QUOT", '\u{22}'), ("REG", '\u{ae}'), ("THORN", '\u{de}'), ("Uacute", '\u{da}'),
    ("Ucirc", '\u{db}'), ("Ugrave", '\u{d9}'), ("Uuml", '\u{dc}'), ("Yacute", '\u{dd}'),
    ("aacute", '\u{e1}'), ("acirc", '\u{e2}'), ("acute", '\u{b4}'), ("aelig", '\u{e6}'),
    ("agrave", '\u{e0}'), ("amp", '\u{26}'), ("aring", '\u{e5}'), ("atilde", '\u{e3}'),
    ("auml", '\u{e4}'), ("brvbar", '\u{a6}'), ("ccedil", '\u{e7}'), ("cedil", '\u{b8}'),
    ("cent", '\u{a2}'), ("copy", '\u{a9}'), ("curren", '\u{a4}'), ("deg", '\u{b0}'),
    ("divide", '\u{f7}'), ("eacute", '\u{e9}'), ("ecirc", '\u{ea}'), ("egrave", '\u{e8}'),
    ("eth", '\u{f0}'), ("euml", '\u{eb}'), ("frac12", '\u{bd}'), ("frac14", '\u{bc}'),
    ("frac34", '\u{be}'), ("gt", '\u{3e}'), ("iacute", '\u{ed}'), ("icirc", '\u{ee}'),
    ("iexcl", '\u{a1}'), ("igrave", '\u{ec}'), ("iquest", '\u{bf}'), ("iuml", '\u{ef}'),
    ("laquo", '\u{ab}'), ("lt", '\u{3c}'), ("macr", '\u{af}'), ("micro", '\u{b5}'),
    ("middot", '\u{b7}'), ("nbsp", '\u{a0}'), ("not", '\u{ac}'), ("ntilde", '\u{f1}'),
    ("oacute", '\u{f3}'), ("ocirc", '\u{f4}'), ("ograve", '\u{f2}'), ("ordf", '\u{aa}'),
    ("ordm", '\u{ba}'), ("oslash", '\u{f8}'), ("otilde", '\u{f5}'), ("ouml", '\u{f6}'),
    ("para", '\u{b6}'), ("plusmn", '\u{b1}'), ("pound", '\u{a3}'), ("quot", '\u{22}'),
    ("raquo", '\u{bb}'), ("reg", '\u{ae}'), ("sect", '\u{a7}'), ("shy", '\u{ad}'),
    ("sup1", '\u{b9}'), ("sup2", '\u{b2}'), ("sup3", '\u{b3}'), ("szlig", '\u{df}'),
    ("thorn", '\u{fe}'), ("times", '\u{d7}'), ("uacute", '\u{fa}'), ("ucirc", '\u{fb}'),
    ("ugrave", '\u{f9}'), ("uml", '\u{a8}'), ("uuml", '\u{fc}'), ("yacute", '\u{fd}'),
    ("yen", '\u{a5}'), ("yuml", '\u{ff}'),
];

/// Sorted.
#[rustfmt::skip]
static NAMES: [(&str, char); 186] = [
    ("Abreve", '\u{102}'), ("Alpha", '\u{391}'), ("Amacr", '\u{100}'), ("Aogon", '\u{104}'),
    ("Beta", '\u{392}'), ("Cacute", '\u{106}'), ("Ccaron", '\u{10c}'), ("Dagger", '\u{2021}'),
    ("Dcaron", '\u{10e}'), ("Dstrok", '\u{110}'), ("Ecaron", '\u{11a}'), ("Emacr", '\u{112}'),
    ("Eogon", '\u{118}'), ("Gbreve", '\u{11e}'), ("Hat", '\u{5e}'), ("Idot", '\u{130}'),
    ("Lacute", '\u{139}'), ("Lcaron", '\u{13d}'), ("Lmidot", '\u{13f}'), ("Lstrok", '\u{141}'),
    ("Nacute", '\u{143}'), ("Ncaron", '\u{147}'), ("NewLine", '\u{a}'), ("NoBreak", '\u{2060}'),
    ("NonBreakingSpace", '\u{a0}'), ("OElig", '\u{152}'), ("Odblac", '\u{150}'),
    ("Omega", '\u{3a9}'), ("Omicron", '\u{39f}'), ("Prime", '\u{2033}'), ("Racute", '\u{154}'),
    ("Rcaron", '\u{158}'), ("Sacute", '\u{15a}'), ("Scaron", '\u{160}'), ("Scedil", '\u{15e}'),
    ("TRADE", '\u{2122}'), ("Tab", '\u{9}'), ("Tcaron", '\u{164}'), ("Udblac", '\u{170}'),
    ("Umacr", '\u{16a}'), ("UnderBar", '\u{5f}'), ("Uring", '\u{16e}'), ("Yuml", '\u{178}'),
    ("Zacute", '\u{179}'), ("Zcaron", '\u{17d}'), ("Zdot", '\u{17b}'),
    ("ZeroWidthSpace", '\u{200b}'), ("abreve", '\u{103}'), ("alpha", '\u{3b1}'),
    ("amacr", '\u{101}'), ("aogon", '\u{105}'), ("apos", '\u{27}'), ("ast", '\u{2a}'),
    ("asymp", '\u{2248}'), ("bdquo", '\u{201e}'), ("beta", '\u{3b2}'), ("breve", '\u{2d8}'),
    ("bsol", '\u{5c}'), ("bull", '\u{2022}'), ("bullet", '\u{2022}'), ("cacute", '\u{107}'),
    ("caron", '\u{2c7}'), ("ccaron", '\u{10d}'), ("check", '\u{2713}'), ("checkmark", '\u{2713}'),
    ("chi", '\u{3c7}'), ("clubs", '\u{2663}'), ("colon", '\u{3a}'), ("comma", '\u{2c}'),
    ("commat", '\u{40}'), ("cross", '\u{2717}'), ("dagger", '\u{2020}'), ("darr", '\u{2193}'),
    ("dash", '\u{2010}'), ("dcaron", '\u{10f}'), ("delta", '\u{3b4}'), ("diams", '\u{2666}'),
    ("dollar", '\u{24}'), ("dstrok", '\u{111}'), ("ecaron", '\u{11b}'), ("emacr", '\u{113}'),
    ("emsp", '\u{2003}'), ("emsp13", '\u{2004}'), ("emsp14", '\u{2005}'), ("ensp", '\u{2002}'),
    ("eogon", '\u{119}'), ("epsilon", '\u{3b5}'), ("equals", '\u{3d}'), ("euro", '\u{20ac}'),
    ("excl", '\u{21}'), ("fflig", '\u{fb00}'), ("filig", '\u{fb01}'), ("fllig", '\u{fb02}'),
    ("fnof", '\u{192}'), ("gamma", '\u{3b3}'), ("gbreve", '\u{11f}'), ("ge", '\u{2265}'),
    ("grave", '\u{60}'), ("hairsp", '\u{200a}'), ("harr", '\u{2194}'), ("hearts", '\u{2665}'),
    ("hellip", '\u{2026}'), ("horbar", '\u{2015}'), ("hyphen", '\u{2010}'), ("imath", '\u{131}'),
    ("infin", '\u{221e}'), ("inodot", '\u{131}'), ("lacute", '\u{13a}'), ("larr", '\u{2190}'),
    ("lbrace", '\u{7b}'), ("lbrack", '\u{5b}'), ("lcaron", '\u{13e}'), ("lcub", '\u{7b}'),
    ("ldquo", '\u{201c}'), ("le", '\u{2264}'), ("lowbar", '\u{5f}'), ("loz", '\u{25ca}'),
    ("lpar", '\u{28}'), ("lrm", '\u{200e}'), ("lsaquo", '\u{2039}'), ("lsqb", '\u{5b}'),
    ("lsquo", '\u{2018}'), ("lstrok", '\u{142}'), ("mdash", '\u{2014}'), ("midast", '\u{2a}'),
    ("minus", '\u{2212}'), ("mldr", '\u{2026}'), ("mu", '\u{3bc}'), ("nacute", '\u{144}'),
    ("ncaron", '\u{148}'), ("ndash", '\u{2013}'), ("ne", '\u{2260}'), ("num", '\u{23}'),
    ("numero", '\u{2116}'), ("numsp", '\u{2007}'), ("odblac", '\u{151}'), ("oelig", '\u{153}'),
    ("omega", '\u{3c9}'), ("omicron", '\u{3bf}'), ("percnt", '\u{25}'), ("period", '\u{2e}'),
    ("permil", '\u{2030}'), ("phone", '\u{260e}'), ("pi", '\u{3c0}'), ("plus", '\u{2b}'),
    ("prime", '\u{2032}'), ("puncsp", '\u{2008}'), ("quest", '\u{3f}'), ("rArr", '\u{21d2}'),
    ("racute", '\u{155}'), ("rarr", '\u{2192}'), ("rbrace", '\u{7d}'), ("rbrack", '\u{5d}'),
    ("rcaron", '\u{159}'), ("rcub", '\u{7d}'), ("rdquo", '\u{201d}'), ("rho", '\u{3c1}'),
    ("rlm", '\u{200f}'), ("rpar", '\u{29}'), ("rsaquo", '\u{203a}'), ("rsqb", '\u{5d}'),
    ("rsquo", '\u{2019}'), ("sacute", '\u{15b}'), ("sbquo", '\u{201a}'), ("scaron", '\u{161}'),
    ("scedil", '\u{15f}'), ("semi", '\u{3b}'), ("sol", '\u{2f}'), ("spades", '\u{2660}'),
    ("star", '\u{2606}'), ("starf", '\u{2605}'), ("tau", '\u{3c4}'), ("tcaron", '\u{165}'),
    ("thinsp", '\u{2009}'), ("trade", '\u{2122}'), ("uarr", '\u{2191}'), ("udblac", '\u{171}'),
    ("umacr", '\u{16b}'), ("uring", '\u{16f}'), ("verbar", '\u{7c}'), ("vert", '\u{7c}'),
    ("zacute", '\u{17a}'), ("zcaron", '\u{17e}'), ("zdot", '\u{17c}'), ("zwj", '\u{200d}'),
    ("zwnj", '\u{200c}'),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_read_as_browsers_do() {
        for (text, read) in [
            ("&amp;", Some(('&', 5))),
            ("&amp x", Some(('&', 4))),
            ("&ccaron;", Some(('č', 8))),
            ("&ccaron", None),
            ("&scaron;x", Some(('š', 8))),
            ("&eacutex", Some(('é', 7))),
            ("&#269;", Some(('č', 6))),
            ("&#x10D;", Some(('č', 7))),
            ("&#X10dz", Some(('č', 6))),
            ("&#138;", Some(('Š', 6))),
            ("&#0;", Some(('\u{fffd}', 4))),
            ("&#99999999999;", Some(('\u{fffd}', 14))),
            ("&#;", None),
            ("&nonsense;", None),
            ("&", None),
            ("& b", None),
            ("&commat;", Some(('@', 8))),
        ] {
            assert_eq!(reference(text, false), read, "{text}");
        }
        assert_eq!(attribute("?a=1&copy=2&amp;b&lt;"), "?a=1&copy=2&b<");
        assert_eq!(attribute("plain"), "plain");
    }

    #[test]
    fn names_are_sorted_so_that_each_is_found() {
        for table in [&OLD_NAMES[..], &NAMES[..]] {
            assert!(table.is_sorted());
            for (name, c) in table {
                assert_eq!(look_up(table, name), Some(*c));
            }
        }
    }
}
