//! How an address is spelled where it is collected (S76): its form, and the mailbox provider that
//! was probably meant.
//!
//! A suggestion is for the person to take. It asks nobody and knows no mailbox.

use policy::{Address, AddressFault};

/// What can be said of an address as it was typed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Checked {
    /// Why it is none.
    pub fault: Option<AddressFault>,
    /// The same person at a provider whose name is close.
    pub suggestion: Option<String>,
}

pub fn check(typed: &str) -> Checked {
    let typed = typed.trim();
    match Address::parse(typed) {
        Ok(address) => {
            let suggestion = meant(address.domain()).map(|meant| joined(typed, meant));
            Checked { fault: None, suggestion: suggestion.flatten() }
        }
        Err(fault) => Checked { fault: Some(fault), suggestion: repaired(typed) },
    }
}

/// What was typed, at another domain.
fn joined(typed: &str, domain: &str) -> Option<String> {
    let (local, _) = typed.rsplit_once('@')?;
    Some(format!("{local}@{domain}"))
}

/// The provider that was probably meant; `None` where the domain is one, or none is close.
fn meant(domain: &str) -> Option<&'static str> {
    if DOMAINS.lines().any(|known| known == domain) {
        return None;
    }
    let far = if domain.len() <= SHORT { 1 } else { 2 };
    let near = |known: &'static str| {
        let distance = distance(domain, known, far)?;
        Some((distance, known))
    };
    // The first of the nearest: the list is in the order of how many people are there.
    DOMAINS
        .lines()
        .filter(|known| !known.is_empty() && !known.starts_with('#'))
        .filter_map(near)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

/// Slips of the whole address: a comma for a point, a space too many, two signs, none.
fn repaired(typed: &str) -> Option<String> {
    let plain: String = typed
        .chars()
        .filter(|letter| !letter.is_whitespace() && !letter.is_control())
        .map(|letter| if letter == ',' || letter == ';' { '.' } else { letter })
        .collect();
    let mut plain = plain.replace("..", ".").replace("@@", "@");
    plain = plain.trim_matches(['.', '<', '>']).replace("@.", "@").replace(".@", "@");
    let address = Address::parse(&plain).ok()?;
    match meant(address.domain()) {
        Some(domain) => joined(&plain, domain),
        None => Some(plain),
    }
}

/// Letters to add, take away, change, or swap with the next (optimal string alignment); `None`
/// where there are more than `most`.
fn distance(one: &str, other: &str, most: usize) -> Option<usize> {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    if one.len().abs_diff(other.len()) > most {
        return None;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=other.len()).collect();
    for (at, letter) in one.iter().enumerate() {
        let mut row = vec![at + 1];
        for (to, wanted) in other.iter().enumerate() {
            let cell = |row: &[usize], at: usize| row.get(at).copied().unwrap_or(usize::MAX - 1);
            let change = cell(&last, to) + usize::from(letter != wanted);
            let mut least = change.min(cell(&last, to + 1) + 1).min(cell(&row, to) + 1);
            let swapped = at > 0
                && to > 0
                && one.get(at - 1) == Some(wanted)
                && other.get(to - 1) == Some(letter);
            if swapped {
                least = least.min(cell(&before, to - 1) + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().filter(|distance| *distance <= most)
}

/// Domains of mailbox providers in Czechia, Slovakia and the rest of Europe, most used first.
const DOMAINS: &str = include_str!("spelling.txt");
/// Letters up to which two slips would make anything of anything.
const SHORT: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_in_the_domain_is_noticed() {
        for (typed, meant) in [
            ("jana@semzam.cz", Some("jana@seznam.cz")),
            ("jana@seznma.cz", Some("jana@seznam.cz")),
            ("Jana.Nová@gmial.com", Some("Jana.Nová@gmail.com")),
            ("jana@gmail.cm", Some("jana@gmail.com")),
            ("jana@hotnail.com", Some("jana@hotmail.com")),
            ("jana@centrum.xz", Some("jana@centrum.cz")),
            ("jana@azet.s", Some("jana@azet.sk")),
            ("jana@seznam.cz", None),
            ("jana@email.cz", None),
            ("jana@kavarna.example", None),
            ("jana@ox.cz", None),
        ] {
            let checked = check(typed);
            assert_eq!(checked.fault, None, "{typed}");
            assert_eq!(checked.suggestion.as_deref(), meant, "{typed}");
        }
    }

    #[test]
    fn what_is_no_address_is_repaired_where_that_is_plain() {
        for (typed, meant) in [
            ("jana@seznam,cz", Some("jana@seznam.cz")),
            ("jana @ gmail.com", Some("jana@gmail.com")),
            ("jana@@gmial.com", Some("jana@gmail.com")),
            ("jana@.seznam.cz", Some("jana@seznam.cz")),
            ("<jana@post.cz>", Some("jana@post.cz")),
            ("jana", None),
            ("", None),
        ] {
            let checked = check(typed);
            assert!(checked.fault.is_some(), "{typed}");
            assert_eq!(checked.suggestion.as_deref(), meant, "{typed}");
        }
    }

    #[test]
    fn every_domain_of_the_list_is_one_and_stands_there_once() {
        let mut seen = std::collections::BTreeSet::new();
        for domain in DOMAINS.lines().filter(|line| !line.starts_with('#')) {
            let address = Address::parse(&format!("x@{domain}")).unwrap();
            assert_eq!(address.domain(), domain);
            assert!(seen.insert(domain), "{domain}");
        }
    }

    #[test]
    fn a_swap_is_one_slip() {
        assert_eq!(distance("gmial.com", "gmail.com", 2), Some(1));
        assert_eq!(distance("abc", "abc", 0), Some(0));
        assert_eq!(distance("abc", "axyc", 1), None);
    }
}
