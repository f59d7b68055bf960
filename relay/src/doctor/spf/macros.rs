//! Macros in the names of SPF records (RFC 7208 §7), for a sender called `postmaster`.

use std::net::IpAddr;

/// `None` where it is not written as the RFC says.
pub(super) fn expanded(spec: &str, domain: &str, address: IpAddr) -> Option<String> {
    let mut out = String::with_capacity(spec.len());
    let mut rest = spec;
    while let Some((before, behind)) = rest.split_once('%') {
        out.push_str(before);
        if let Some(inner) = behind.strip_prefix('{') {
            let (inner, behind) = inner.split_once('}')?;
            out.push_str(&one(inner, domain, address)?);
            rest = behind;
            continue;
        }
        let (sign, behind) = behind.split_at_checked(1)?;
        out.push_str(match sign {
            "%" => "%",
            "_" => " ",
            "-" => "%20",
            _ => return None,
        });
        rest = behind;
    }
    out.push_str(rest);
    // §7.3: too long a name loses labels on its left.
    while out.len() > 253 {
        out = out.split_once('.')?.1.to_owned();
    }
    Some(out)
}

/// `i`, `ir`, `d2`, `l1r-`: a letter, how many parts from the right, whether backwards, between what.
fn one(inner: &str, domain: &str, address: IpAddr) -> Option<String> {
    let (letter, rest) = inner.split_at_checked(1)?;
    let value = match letter.to_ascii_lowercase().as_str() {
        "s" => format!("postmaster@{domain}"),
        "l" => "postmaster".to_owned(),
        "o" | "d" | "h" => domain.to_owned(),
        "i" => dotted(address),
        "v" if address.is_ipv4() => "in-addr".to_owned(),
        "v" => "ip6".to_owned(),
        "p" => "unknown".to_owned(),
        _ => return None,
    };
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (count, rest) = rest.split_at_checked(digits)?;
    let (is_backwards, between) = match rest.strip_prefix(['r', 'R']) {
        Some(between) => (true, between),
        None => (false, rest),
    };
    let between = if between.is_empty() { "." } else { between };
    if !between.chars().all(|letter| ".-+,/_=".contains(letter)) {
        return None;
    }
    let mut parts: Vec<&str> = value.split(|letter| between.contains(letter)).collect();
    if is_backwards {
        parts.reverse();
    }
    let kept =
        if count.is_empty() { parts.len() } else { count.parse().ok().filter(|n| *n > 0)? };
    let parts = parts.split_off(parts.len().saturating_sub(kept));
    Some(parts.join("."))
}

/// IPv6 by its half octets (§7.3).
fn dotted(address: IpAddr) -> String {
    match address {
        IpAddr::V4(four) => four.to_string(),
        IpAddr::V6(six) => {
            let halves = six.octets().into_iter().flat_map(|octet| [octet >> 4, octet & 0xF]);
            halves.map(|half| format!("{half:x}")).collect::<Vec<_>>().join(".")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of RFC 7208 §7.4, as far as they do not name the sender.
    #[test]
    fn names_are_made_of_address_and_domain() {
        let (domain, four) = ("email.example.com", IpAddr::from([192, 0, 2, 3]));
        for (spec, name) in [
            ("%{d}", Some("email.example.com")),
            ("%{d2}", Some("example.com")),
            ("%{dr}", Some("com.example.email")),
            ("%{d2r}", Some("example.email")),
            ("%{l}", Some("postmaster")),
            ("%{ir}.%{v}._spf.%{d2}", Some("3.2.0.192.in-addr._spf.example.com")),
            ("a%%b%_c%-", Some("a%b c%20")),
            ("%{x}", None),
            ("%{d0}", None),
            ("%{d", None),
            ("%x", None),
            ("%", None),
        ] {
            assert_eq!(expanded(spec, domain, four).as_deref(), name, "{spec}");
        }
        let six = "2001:db8::cb01".parse().unwrap();
        let name = "1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.x";
        assert_eq!(expanded("%{ir}.%{v}.x", domain, six).as_deref(), Some(name));
    }
}
