//! Eight bytes of a text looked at at once.
//!
//! A set of them is a number whose byte for each member is 0x80 and zero for the others.

/// The bytes from `at` on, the first lowest; zeros behind the end.
#[inline]
pub(crate) fn load(bytes: &[u8], at: usize) -> u64 {
    let rest = bytes.get(at..).unwrap_or_default();
    match rest.first_chunk() {
        Some(eight) => u64::from_le_bytes(*eight),
        None => {
            let mut eight = [0; 8];
            eight.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
            u64::from_le_bytes(eight)
        }
    }
}

/// Those that are the byte.
#[inline]
pub(crate) fn equal(eight: u64, byte: u8) -> u64 {
    let differing = eight ^ all(byte);
    !((differing & all(0x7f)).wrapping_add(all(0x7f)) | differing) & HIGH
}

/// Those from one ASCII byte to another, both among them.
#[inline]
pub(crate) fn ascii(eight: u64, first: u8, last: u8) -> u64 {
    at_least(eight, first) & !at_least(eight, last + 1)
}

/// ASCII bytes that are less; `byte` is 1 to 128.
#[inline]
pub(crate) fn below(eight: u64, byte: u8) -> u64 {
    !((eight & all(0x7f)).wrapping_add(all(0x80 - byte)) | eight) & HIGH
}

/// Those that come after one of the set.
#[inline]
pub(crate) fn after(set: u64) -> u64 {
    set << 8
}

/// Those of a set that no byte of the other set follows; not the last, as nobody knows.
#[inline]
pub(crate) fn apart(set: u64, other: u64) -> u64 {
    set & !(other >> 8) & (HIGH >> 8)
}

/// How many bytes stand before the first of the set.
#[inline]
pub(crate) fn first(set: u64) -> usize {
    // INVARIANT: at most eight.
    usize::try_from(set.trailing_zeros() / 8).unwrap_or_default()
}

/// The place of the last of the set, which is not empty.
#[inline]
pub(crate) fn last(set: u64) -> usize {
    usize::try_from(set.ilog2() / 8).unwrap_or_default()
}

/// Those of the set become the byte.
#[inline]
pub(crate) fn replace(eight: u64, set: u64, byte: u8) -> u64 {
    let whole = (set >> 7).wrapping_mul(0xff);
    eight & !whole | whole & all(byte)
}

/// Upper-case letters made lower-case; what is no ASCII stays.
#[inline]
pub(crate) fn lower(eight: u64) -> u64 {
    eight | ascii(eight, b'A', b'Z') >> 2
}

/// ASCII bytes that are no less; `byte` is 1 to 128.
#[inline]
pub(crate) fn at_least(eight: u64, byte: u8) -> u64 {
    (eight & all(0x7f)).wrapping_add(all(0x80 - byte)) & !eight & HIGH
}

/// One byte eight times.
#[inline]
pub(crate) const fn all(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

/// Every byte.
pub(crate) const HIGH: u64 = all(0x80);

#[cfg(test)]
mod tests {
    use super::*;

    fn set(of: impl Fn(u8) -> bool, eight: [u8; 8]) -> u64 {
        u64::from_le_bytes(eight.map(|byte| if of(byte) { 0x80 } else { 0 }))
    }

    #[test]
    fn eight_bytes_are_told_apart_as_one_by_one() {
        for byte in 0..=u8::MAX {
            for other in [0, 0x1f, b' ', b'a', 0x7f, 0x80, 0xc2, 0xff] {
                for eight in [[byte; 8], [byte, other, byte, other, other, byte, byte, other]] {
                    let number = u64::from_le_bytes(eight);
                    assert_eq!(load(&eight, 0), number);
                    assert_eq!(equal(number, other), set(|b| b == other, eight), "{eight:?}");
                    let digits = set(|b| b.is_ascii_digit(), eight);
                    assert_eq!(ascii(number, b'0', b'9'), digits, "{eight:?}");
                    let control = set(|b| b < b' ', eight);
                    assert_eq!(below(number, b' '), control, "{eight:?}");
                    let others = set(|b| b.is_ascii() && b >= b' ', eight);
                    assert_eq!(at_least(number, b' '), others, "{eight:?}");
                    assert_eq!(lower(number).to_le_bytes(), eight.map(|b| b.to_ascii_lowercase()));
                    let replaced = eight.map(|b| if b == other { b' ' } else { b });
                    let made = replace(number, equal(number, other), b' ');
                    assert_eq!(made.to_le_bytes(), replaced);
                    let place = eight.iter().position(|b| *b == other).unwrap_or(8);
                    assert_eq!(first(equal(number, other)), place);
                    if let Some(place) = eight.iter().rposition(|b| *b == other) {
                        assert_eq!(last(equal(number, other)), place);
                    }
                }
            }
        }
        assert_eq!(load(b"abc", 1).to_le_bytes(), *b"bc\0\0\0\0\0\0");
        assert_eq!(load(b"abc", 9), 0);
    }
}
