//! The grammar of a path: `<local@domain>` (RFC 5321 §4.1.2, RFC 6531 §3.3).
//!
//! Not the comparing of addresses: that is policy's, on its own form.

use std::{fmt, net::Ipv4Addr, net::Ipv6Addr};

use super::envelope::Path;

/// Why a text is not a path; `text` says what to do about it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PathFault {
    /// No `<` at the start or no `>` at the end.
    Brackets,
    /// No `@`, or nothing before it.
    Halves,
    /// The local part is neither a dot-string nor a quoted string.
    Local,
    /// The domain is neither a name nor an address literal.
    Domain,
    /// Local part over 64 octets, domain over 255, or the whole over 254.
    TooLong,
}

impl PathFault {
    /// For the wire: short, and nothing of what the client sent.
    pub fn text(self) -> &'static str {
        match self {
            Self::Brackets => "put the address in angle brackets: <local@domain>",
            Self::Halves => "an address is local@domain",
            Self::Local => "the part before the @ is not valid: quote it or correct it",
            Self::Domain => "the part after the @ is not a domain name or address literal",
            Self::TooLong => "address too long: 64 octets before the @, 254 in all",
        }
    }
}

impl Path {
    /// Reads `local@domain`, without angle brackets. Non-ASCII is taken; [`Path::is_ascii`]
    /// says whether SMTPUTF8 is needed.
    pub fn parse(mailbox: &str) -> Result<Self, PathFault> {
        let (path, rest) = mailbox_at(mailbox)?;
        if rest.is_empty() { Ok(path) } else { Err(PathFault::Domain) }
    }

    /// `local@domain` without angle brackets, quoted where the wire needs it; `Postmaster` alone
    /// where there is no domain.
    pub fn to_mailbox_string(&self) -> String {
        self.to_string()
    }

    /// False: SMTPUTF8 is needed to name it.
    pub fn is_ascii(&self) -> bool {
        self.local.is_ascii() && self.domain.is_ascii()
    }

    /// `<Postmaster>`, which needs no domain (RFC 5321 §4.1.1.3).
    pub fn is_bare_postmaster(&self) -> bool {
        self.domain.is_empty() && self.local.eq_ignore_ascii_case("postmaster")
    }
}

/// The wire form, as [`Path::to_mailbox_string`].
impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if is_dot_string(&self.local) {
            f.write_str(&self.local)?;
        } else {
            f.write_str("\"")?;
            for char in self.local.chars() {
                if matches!(char, '"' | '\\') {
                    f.write_str("\\")?;
                }
                write!(f, "{char}")?;
            }
            f.write_str("\"")?;
        }
        if self.domain.is_empty() { Ok(()) } else { write!(f, "@{}", self.domain) }
    }
}

/// A path in angle brackets, and the text behind it. `Ok((None, _))`: `<>`.
pub fn path_at(text: &str) -> Result<(Option<Path>, &str), PathFault> {
    let inside = text.strip_prefix('<').ok_or(PathFault::Brackets)?;
    if let Some(rest) = inside.strip_prefix('>') {
        return Ok((None, rest));
    }
    let inside = after_source_route(inside)?;
    if let Some((word, rest)) = inside.split_once('>')
        && word.eq_ignore_ascii_case("postmaster")
    {
        return Ok((Some(Path { local: word.to_owned(), domain: String::new() }), rest));
    }
    let (path, rest) = mailbox_at(inside)?;
    match rest.strip_prefix('>') {
        Some(rest) => Ok((Some(path), rest)),
        None if rest.is_empty() => Err(PathFault::Brackets),
        None => Err(PathFault::Domain),
    }
}

/// `@one,@two:` is read and dropped (RFC 5321 §4.1.1.3, appendix C).
fn after_source_route(text: &str) -> Result<&str, PathFault> {
    if !text.starts_with('@') {
        return Ok(text);
    }
    let mut rest = text;
    loop {
        rest = rest.strip_prefix('@').ok_or(PathFault::Domain)?;
        (_, rest) = domain_at(rest)?;
        if let Some(mailbox) = rest.strip_prefix(':') {
            return Ok(mailbox);
        }
        rest = rest.strip_prefix(',').ok_or(PathFault::Domain)?;
    }
}

fn mailbox_at(text: &str) -> Result<(Path, &str), PathFault> {
    let (local, rest) = local_at(text)?;
    let local_octets = text.len() - rest.len();
    let rest = rest.strip_prefix('@').ok_or(match rest.chars().next() {
        None | Some('>') => PathFault::Halves,
        Some(_) => PathFault::Local,
    })?;
    if local.is_empty() {
        return Err(PathFault::Local);
    }
    let (domain, after) = domain_at(rest)?;
    let whole_octets = text.len() - after.len();
    if local_octets > LOCAL_OCTETS_MAX || whole_octets > MAILBOX_OCTETS_MAX {
        return Err(PathFault::TooLong);
    }
    Ok((Path { local, domain }, after))
}

fn local_at(text: &str) -> Result<(String, &str), PathFault> {
    let Some(mut rest) = text.strip_prefix('"') else {
        let end = text.find(|char| !is_atext(char) && char != '.').unwrap_or(text.len());
        let (local, rest) = text.split_at_checked(end).ok_or(PathFault::Local)?;
        return match (local.is_empty(), is_dot_string(local)) {
            (true, _) => Err(PathFault::Halves),
            (false, true) => Ok((local.to_owned(), rest)),
            (false, false) => Err(PathFault::Local),
        };
    };
    let mut local = String::new();
    loop {
        let mut chars = rest.chars();
        let char = match chars.next() {
            Some('"') => return Ok((local, chars.as_str())),
            Some('\\') => chars.next().filter(|&char| (' '..='~').contains(&char)),
            Some(char) => (char == ' ' || is_quotable(char)).then_some(char),
            None => None,
        };
        local.push(char.ok_or(PathFault::Local)?);
        rest = chars.as_str();
    }
}

fn domain_at(text: &str) -> Result<(String, &str), PathFault> {
    if text.starts_with('[') {
        return literal_at(text);
    }
    let end = text.find(|char| !is_label(char) && char != '.').unwrap_or(text.len());
    let (domain, rest) = text.split_at_checked(end).ok_or(PathFault::Domain)?;
    if domain.len() > DOMAIN_OCTETS_MAX {
        return Err(PathFault::TooLong);
    }
    let fine = domain.split('.').all(|label| {
        let hyphens = label.starts_with('-') || label.ends_with('-');
        !label.is_empty() && label.len() <= LABEL_OCTETS_MAX && !hyphens
    });
    if fine { Ok((domain.to_lowercase(), rest)) } else { Err(PathFault::Domain) }
}

/// `[192.0.2.1]` or `[IPv6:2001:db8::1]` (RFC 5321 §4.1.3); no other tag is registered.
fn literal_at(text: &str) -> Result<(String, &str), PathFault> {
    let (inside, rest) = text
        .strip_prefix('[')
        .and_then(|inside| inside.split_once(']'))
        .ok_or(PathFault::Domain)?;
    let tagged = inside
        .split_once(':')
        .filter(|(tag, _)| tag.eq_ignore_ascii_case("IPv6"))
        .and_then(|(_, address)| address.parse::<Ipv6Addr>().ok());
    if let Some(address) = tagged {
        return Ok((format!("[IPv6:{address}]"), rest));
    }
    match inside.parse::<Ipv4Addr>() {
        Ok(address) => Ok((format!("[{address}]"), rest)),
        Err(_) => Err(PathFault::Domain),
    }
}

fn is_dot_string(local: &str) -> bool {
    local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(is_atext))
}

fn is_atext(char: char) -> bool {
    char.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(char) || is_beyond_ascii(char)
}

fn is_quotable(char: char) -> bool {
    ('!'..='~').contains(&char) && !matches!(char, '"' | '\\') || is_beyond_ascii(char)
}

fn is_label(char: char) -> bool {
    char.is_ascii_alphanumeric() || char == '-' || is_beyond_ascii(char)
}

/// RFC 6531 takes all of UTF-8; the controls of Latin-1 and the separators of lines are left out,
/// they only ever mislead whoever reads them.
fn is_beyond_ascii(char: char) -> bool {
    !char.is_ascii() && !char.is_control() && !char.is_whitespace()
}

const LOCAL_OCTETS_MAX: usize = 64;
const DOMAIN_OCTETS_MAX: usize = 255;
/// 256 with the angle brackets (RFC 5321 §4.5.3.1.3).
const MAILBOX_OCTETS_MAX: usize = 254;
const LABEL_OCTETS_MAX: usize = 63;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn path(local: &str, domain: &str) -> Option<Path> {
        Some(Path { local: local.into(), domain: domain.into() })
    }

    #[test]
    fn paths_that_are_valid() {
        for (text, expected, rest) in [
            ("<>", None, ""),
            ("<a@example.cz>", path("a", "example.cz"), ""),
            ("<Jan.Novak@Example.CZ> SIZE=1", path("Jan.Novak", "example.cz"), " SIZE=1"),
            ("<a@localhost>", path("a", "localhost"), ""),
            ("<o'neil+x=y/z{}|~@a-b.cz>", path("o'neil+x=y/z{}|~", "a-b.cz"), ""),
            ("<\"a b\"@x.cz>", path("a b", "x.cz"), ""),
            ("<\"a\\\"b\\\\c>@\"@x.cz>", path("a\"b\\c>@", "x.cz"), ""),
            ("<\"plain\"@x.cz>", path("plain", "x.cz"), ""),
            ("<a@[192.0.2.1]>", path("a", "[192.0.2.1]"), ""),
            ("<a@[ipv6:2001:DB8:0::1]>", path("a", "[IPv6:2001:db8::1]"), ""),
            ("<@one.cz,@[192.0.2.1]:a@x.cz>", path("a", "x.cz"), ""),
            ("<Postmaster>", path("Postmaster", ""), ""),
            ("<jiří@žluťoučký.cz>", path("jiří", "žluťoučký.cz"), ""),
            ("<a@ŽLUŤOUČKÝ.cz>", path("a", "žluťoučký.cz"), ""),
        ] {
            assert_eq!(path_at(text), Ok((expected, rest)), "{text}");
        }
    }

    #[test]
    fn paths_that_are_not() {
        for (text, fault) in [
            ("a@x.cz", PathFault::Brackets),
            ("<a@x.cz", PathFault::Brackets),
            ("<a@x.cz >", PathFault::Domain),
            ("< a@x.cz>", PathFault::Halves),
            ("<a>", PathFault::Halves),
            ("<@x.cz>", PathFault::Domain),
            ("<a b@x.cz>", PathFault::Local),
            ("<a..b@x.cz>", PathFault::Local),
            ("<.a@x.cz>", PathFault::Local),
            ("<a.@x.cz>", PathFault::Local),
            ("<\"\"@x.cz>", PathFault::Local),
            ("<\"a@x.cz>", PathFault::Local),
            ("<\"a\tb\"@x.cz>", PathFault::Local),
            ("<a\u{85}b@x.cz>", PathFault::Local),
            ("<a@>", PathFault::Domain),
            ("<a@x..cz>", PathFault::Domain),
            ("<a@x.cz.>", PathFault::Domain),
            ("<a@-x.cz>", PathFault::Domain),
            ("<a@xn--->", PathFault::Domain),
            ("<a@x_y.cz>", PathFault::Domain),
            ("<a@[300.1.1.1]>", PathFault::Domain),
            ("<a@[tag:x]>", PathFault::Domain),
            ("<a@[192.0.2.1>", PathFault::Domain),
            ("<@one.cz a@x.cz>", PathFault::Domain),
        ] {
            assert_eq!(path_at(text), Err(fault), "{text}");
        }
    }

    #[test]
    fn lengths_are_of_octets_on_the_wire() {
        let domain = |octets: usize| {
            let labels = "abcdefg.".repeat(octets.div_ceil(8));
            labels[..octets - 1].to_owned() + "z"
        };
        for (text, fine) in [
            (format!("<{}@x.cz>", "a".repeat(64)), true),
            (format!("<{}@x.cz>", "a".repeat(65)), false),
            (format!("<\"{}\"@x.cz>", "a ".repeat(31)), true),
            (format!("<\"{}\"@x.cz>", "a ".repeat(32)), false),
            (format!("<{}@x.cz>", "ř".repeat(33)), false),
            (format!("<a@{}>", domain(252)), true),
            (format!("<a@{}>", domain(253)), false),
            (format!("<a@{}.cz>", "a".repeat(63)), true),
            (format!("<a@{}.cz>", "a".repeat(64)), false),
        ] {
            assert_eq!(path_at(&text).is_ok(), fine, "{text}");
        }
    }

    proptest! {
        /// Whatever the local part holds, its wire form is read back as the same.
        #[test]
        fn display_is_read_back(local in "[ -~]{1,31}", domain in "[a-z][a-z0-9]{0,9}\\.cz") {
            let path = Path { local, domain };
            let wire = path.to_mailbox_string();
            prop_assert_eq!(Path::parse(&wire), Ok(path), "{}", wire);
        }

        #[test]
        fn nothing_panics_and_what_is_read_is_written_alike(text in "\\PC{0,80}|<[ -~]{0,60}>") {
            if let Ok((Some(path), _)) = path_at(&text)
                && !path.is_bare_postmaster()
            {
                prop_assert_eq!(Path::parse(&path.to_string()), Ok(path));
            }
        }
    }
}
