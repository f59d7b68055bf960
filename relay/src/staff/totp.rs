//! Codes that an app makes of a secret and the time (RFC 6238, with SHA-1, six digits and steps of
//! thirty seconds: what every app knows).
//!
//! It keeps nothing: that a step counts once is the account's affair.

use jiff::Timestamp;

use crate::seal;

/// 160 bits (RFC 4226 §4, R6).
pub type Key = [u8; 20];

/// The step that a moment is in.
pub fn step(at: Timestamp) -> i64 {
    at.as_second().div_euclid(STEP_SECONDS)
}

/// The code of a step (RFC 4226 §5.3).
pub fn code(key: &[u8], step: i64) -> u32 {
    let mac = seal::hmac_sha1(key, &step.to_be_bytes());
    let offset = usize::from(mac.last().copied().unwrap_or_default() & 15);
    let four = mac.get(offset..offset + 4).and_then(|four| <[u8; 4]>::try_from(four).ok());
    (u32::from_be_bytes(four.unwrap_or_default()) & 0x7FFF_FFFF) % 1_000_000
}

/// The step that a code is of: now, the one before or the one after, and later than `used`. All three
/// are looked at, whichever it is.
pub fn accepted(key: &[u8], typed: &str, now: Timestamp, used: i64) -> Option<i64> {
    let typed: String = typed.chars().filter(|letter| !letter.is_whitespace()).collect();
    let mut found = None;
    for one in [step(now) - 1, step(now), step(now) + 1] {
        let own = format!("{:06}", code(key, one));
        if seal::same(own.as_bytes(), typed.as_bytes()) && one > used && found.is_none() {
            found = Some(one);
        }
    }
    found
}

/// What an app reads from a picture (Key URI format).
pub fn url(key: &[u8], issuer: &str, account: &str) -> String {
    let (issuer, account) = (seal::escaped(issuer), seal::escaped(account));
    let secret = seal::base32(key);
    format!("otpauth://totp/{issuer}:{account}?secret={secret}&issuer={issuer}")
}

pub const STEP_SECONDS: i64 = 30;

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &[u8; 20] = b"12345678901234567890";

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    /// RFC 6238 Appendix B, the last six of its eight digits.
    #[test]
    fn the_codes_are_those_of_the_rfc() {
        for (second, expected) in [
            (59, 287_082),
            (1_111_111_109, 81_804),
            (1_111_111_111, 50_471),
            (1_234_567_890, 5_924),
            (2_000_000_000, 279_037),
            (20_000_000_000, 353_130),
        ] {
            assert_eq!(code(KEY, step(at(second))), expected, "{second}");
        }
    }

    /// RFC 4226 Appendix D.
    #[test]
    fn the_counters_are_those_of_rfc_4226() {
        let expected = [
            755_224, 287_082, 359_152, 969_429, 338_314, 254_676, 287_922, 162_583, 399_871,
            520_489,
        ];
        for (counter, code) in (0..).zip(expected) {
            assert_eq!(super::code(KEY, counter), code);
        }
    }

    #[test]
    fn one_step_to_either_side_counts_and_each_once() {
        let now = at(1_800_000_000);
        let typed = |step: i64| format!("{:06}", code(KEY, step));
        let here = step(now);
        for (of, found) in
            [(here - 2, None), (here - 1, Some(here - 1)), (here, Some(here)), (here + 2, None)]
        {
            assert_eq!(accepted(KEY, &typed(of), now, 0), found);
        }
        assert_eq!(accepted(KEY, &typed(here), now, here), None, "it was used");
        assert_eq!(accepted(KEY, &typed(here + 1), now, here), Some(here + 1));
        let spaced = format!(" {} {} ", &typed(here)[..3], &typed(here)[3..]);
        assert_eq!(accepted(KEY, &spaced, now, 0), Some(here));
        for bad in ["", "12345", "abcdef", "0000000"] {
            assert_eq!(accepted(KEY, bad, now, 0), None);
        }
    }

    #[test]
    fn the_url_is_what_apps_read() {
        let url = url(KEY, "Souhlas mail.shop.cz", "jana+x@shop.cz");
        assert_eq!(
            url,
            "otpauth://totp/Souhlas%20mail.shop.cz:jana%2Bx%40shop.cz\
             ?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Souhlas%20mail.shop.cz"
        );
    }
}
