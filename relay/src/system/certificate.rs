//! Until when a certificate is valid: the one date in its DER (RFC 5280 §4.1) that people ask for.

use std::path::Path;

use jiff::{Timestamp, civil, tz::TimeZone};

use crate::seal;

/// Of the first certificate in a PEM file; or why that cannot be said.
pub(super) fn valid_until(file: &Path) -> Result<Timestamp, String> {
    let name = file.display();
    let text = std::fs::read_to_string(file).map_err(|fault| format!("`{name}`: {fault}"))?;
    of_pem(&text).ok_or_else(|| format!("`{name}` holds no certificate that can be read"))
}

fn of_pem(text: &str) -> Option<Timestamp> {
    let (_, rest) = text.split_once("-----BEGIN CERTIFICATE-----")?;
    let (body, _) = rest.split_once("-----END CERTIFICATE-----")?;
    let body: String = body.split_whitespace().collect();
    not_after(&seal::from_base64(&body)?)
}

/// Certificate > tbsCertificate > validity > notAfter.
fn not_after(der: &[u8]) -> Option<Timestamp> {
    let (_, certificate, _) = element(der)?;
    let (_, mut rest, _) = element(certificate)?;
    if let (VERSION, _, behind) = element(rest)? {
        rest = behind;
    }
    // Serial number, algorithm, issuer.
    for _ in 0..3 {
        (_, _, rest) = element(rest)?;
    }
    let (_, validity, _) = element(rest)?;
    let (_, _, after) = element(validity)?;
    let (tag, text, _) = element(after)?;
    moment(tag, std::str::from_utf8(text).ok()?)
}

/// The first element: its tag, what it holds, and what comes behind it.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = der.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = match *first {
        short @ 0..0x80 => (usize::from(short), rest),
        long => {
            let (octets, rest) = rest.split_at_checked(usize::from(long & 0x7f))?;
            if octets.len() > 4 {
                return None;
            }
            (octets.iter().fold(0, |sum, octet| (sum << 8) | usize::from(*octet)), rest)
        }
    };
    let (held, behind) = rest.split_at_checked(length)?;
    Some((*tag, held, behind))
}

/// `YYMMDDHHMMSSZ` until 2049, `YYYYMMDDHHMMSSZ` from then on.
fn moment(tag: u8, text: &str) -> Option<Timestamp> {
    let text = match tag {
        UTC_TIME if text.get(..2)? < "50" => format!("20{text}"),
        UTC_TIME => format!("19{text}"),
        GENERALIZED_TIME => text.to_owned(),
        _ => return None,
    };
    let at = civil::DateTime::strptime("%Y%m%d%H%M%SZ", text).ok()?;
    Some(at.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

/// Context-specific, constructed, 0.
const VERSION: u8 = 0xa0;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

#[cfg(test)]
mod tests {
    use super::*;

    fn made(year: i32) -> String {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut params = rcgen::CertificateParams::new(vec!["relay.test".to_owned()]).unwrap();
        params.not_after = rcgen::date_time_ymd(year, 3, 4);
        params.self_signed(&key).unwrap().pem()
    }

    #[test]
    fn the_end_is_read_before_and_after_the_change_of_its_form() {
        for year in [2031, 2049, 2050, 2999] {
            let until = of_pem(&made(year)).unwrap();
            assert_eq!(until.to_string(), format!("{year}-03-04T00:00:00Z"));
        }
    }

    #[test]
    fn what_is_no_certificate_says_nothing() {
        let pem = made(2031);
        for cut in [0, 40, 100, 300] {
            assert_eq!(of_pem(pem.get(..cut).unwrap()), None);
        }
        for der in
            [&[][..], &[0x30], &[0x30, 0x85, 1, 1, 1, 1, 1], &[0x30, 0x84, 255, 255, 255, 255]]
        {
            assert_eq!(not_after(der), None);
        }
    }
}
