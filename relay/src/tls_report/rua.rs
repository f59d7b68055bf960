//! Where a domain wants reports about TLS (RFC 8460 §3). Pure.

/// One place.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Rua {
    /// An address.
    Mailto(String),
    /// A URL.
    Https(String),
}

/// Places that are looked at in one record.
const PLACES_MAX: usize = 8;

/// What the one record of `_smtp._tls.DOMAIN` says; empty: the domain wants none.
pub(super) fn wanted(texts: &[String]) -> Vec<Rua> {
    let mut records = texts.iter().filter_map(|text| {
        let rest = text.strip_prefix("v=TLSRPTv1")?.trim_start();
        rest.strip_prefix(';')
    });
    // More than one is none (RFC 8460 §3).
    let (Some(record), None) = (records.next(), records.next()) else { return Vec::new() };
    let fields = record.split(';').filter_map(|field| field.split_once('='));
    let rua = fields.map(|(key, value)| (key.trim(), value)).find(|(key, _)| *key == "rua");
    let places = rua.map(|(_, value)| value).unwrap_or_default().split(',');
    places.filter_map(|place| one(place.trim())).take(PLACES_MAX).collect()
}

fn one(place: &str) -> Option<Rua> {
    let (scheme, rest) = place.split_once(':')?;
    if scheme.eq_ignore_ascii_case("mailto") {
        let address = unescaped(rest.split('?').next()?)?;
        let parsed = policy::Address::parse(&address);
        return (address.is_ascii() && parsed.is_ok()).then_some(Rua::Mailto(address));
    }
    scheme.eq_ignore_ascii_case("https").then(|| Rua::Https(place.to_owned()))
}

/// `%2C` and the like (RFC 3986 §2.1).
fn unescaped(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(if byte == b'%' {
            let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
            let (high, low) = (digit(rest.next())?, digit(rest.next())?);
            u8::try_from(high * 16 + low).ok()?
        } else {
            byte
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_from_the_one_record() {
        let mail = |text: &str| Rua::Mailto(text.to_owned());
        let post = |text: &str| Rua::Https(text.to_owned());
        for (texts, expected) in [
            (&["v=TLSRPTv1; rua=mailto:tls@a.cz"][..], vec![mail("tls@a.cz")]),
            (
                &["v=TLSRPTv1;rua=mailto:t%2Bx@a.cz?subject=x, https://r.a.cz/v1;x=y", "v=spf1"],
                vec![mail("t+x@a.cz"), post("https://r.a.cz/v1")],
            ),
            (&["v=TLSRPTv1; rua=http://a.cz,ftp://a.cz,mailto:x,mailto:%zz"], vec![]),
            (&["v=TLSRPTv1; rua=mailto:a@a.cz", "v=TLSRPTv1; rua=mailto:b@a.cz"], vec![]),
            (&["v=TLSRPTv12; rua=mailto:a@a.cz"], vec![]),
            (&["v=TLSRPTv1"], vec![]),
            (&[], vec![]),
        ] {
            let texts: Vec<String> = texts.iter().map(ToString::to_string).collect();
            assert_eq!(wanted(&texts), expected, "{texts:?}");
        }
        let many = format!("v=TLSRPTv1; rua={}", "mailto:a@a.cz,".repeat(50));
        assert_eq!(wanted(&[many]).len(), PLACES_MAX);
    }
}
