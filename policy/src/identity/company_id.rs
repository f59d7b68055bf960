//! Numbers by which registers know companies: the shapes and check digits that are public.
//!
//! A slip is found here; whether the company exists nobody asks. Numbers of other countries are
//! taken as they are written.

use crate::{Controller, Country, Language};

/// Why a text cannot be a company id of that country, in words that say what one looks like;
/// `None`: it may be one.
pub fn company_id_fault(country: Country, text: &str) -> Option<&'static str> {
    // Looked over for every message, so without a list where most are.
    if matches!(&country.0, b"CZ" | b"SK") {
        let shape = "eight digits of which the last checks the others; look for a slip";
        return (!is_ico(text)).then_some(shape);
    }
    let letters: String =
        text.chars().filter(|c| !c.is_whitespace() && *c != '-').collect::<String>();
    let digits: Option<Vec<u32>> = letters.chars().map(|c| c.to_digit(10)).collect();
    let digits = digits.unwrap_or_default();
    let (fits, shape) = match &country.0 {
        b"PL" => (
            is_polish(&digits),
            "a NIP (ten digits), KRS (ten, beginning with 000) or REGON (nine or fourteen); look for a slip",
        ),
        b"GB" => (
            is_british(&letters),
            "eight characters, of which the first two may be letters; look for a slip",
        ),
        b"AU" => (
            is_abn(&digits) || is_acn(&digits),
            "an ABN (eleven digits) or ACN (nine); look for a slip",
        ),
        _ => (!letters.is_empty(), "it is empty"),
    };
    (!fits).then_some(shape)
}

/// What is customarily written before the number, in the footer's language.
pub(super) fn word(controller: &Controller, id: &str) -> &'static str {
    let digits = id.chars().filter(char::is_ascii_digit).count();
    // `HRB 123`, `FN 123a`: it says itself what it is.
    let speaks = id.trim().chars().next().is_some_and(char::is_alphabetic);
    match &controller.country.0 {
        b"CZ" | b"SK" => "IČO",
        b"PL" if digits == 10 && id.trim().starts_with("000") => "KRS",
        b"PL" if digits == 10 => "NIP",
        b"PL" => "REGON",
        b"AU" if digits == 11 => "ABN",
        b"AU" => "ACN",
        b"GB" => "company number",
        _ if speaks => "",
        b"AT" => "FN",
        _ => match controller.language {
            Language::Czech | Language::Slovak => "IČO",
            Language::English => "company number",
            Language::German => "Nr.",
            Language::Polish => "nr",
        },
    }
}

/// Weights 8 to 2, modulus 11.
fn is_ico(text: &str) -> bool {
    let mut digits = text.chars().filter(|c| *c != ' ').map(|c| c.to_digit(10));
    let mut sum = 0;
    for weight in (2..=8).rev() {
        let Some(Some(digit)) = digits.next() else { return false };
        sum += digit * weight;
    }
    digits.eq([Some((11 - sum % 11) % 10)])
}

/// A number of the tax office, the court register, or the statistical office.
fn is_polish(digits: &[u32]) -> bool {
    let Some((check, first)) = digits.split_last() else { return false };
    match (digits.len(), digits) {
        (10, [0, 0, 0, ..]) => true,
        (10, _) => weighed(first, &[6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11 == *check,
        (9, _) => weighed(first, &[8, 9, 2, 3, 4, 5, 6, 7]) % 11 % 10 == *check,
        (14, _) => {
            let long = [2, 4, 8, 5, 0, 9, 7, 3, 6, 1, 2, 4, 8];
            weighed(first, &long) % 11 % 10 == *check
        }
        _ => false,
    }
}

/// Digits, or two letters (SC, NI, OC ...) and digits. There is no check digit.
fn is_british(text: &str) -> bool {
    let bytes = text.as_bytes();
    let (prefix, rest) = bytes.split_at_checked(2).unwrap_or_default();
    let letters = prefix.iter().all(u8::is_ascii_alphabetic);
    let digits = prefix.iter().all(u8::is_ascii_digit);
    bytes.len() == 8 && (letters || digits) && rest.iter().all(u8::is_ascii_digit)
}

/// Less one from the first digit, weighed, a multiple of 89.
fn is_abn(digits: &[u32]) -> bool {
    let weights = [10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19];
    let first = digits.first().copied().unwrap_or_default();
    digits.len() == 11 && first > 0 && (weighed(digits, &weights) - 10).is_multiple_of(89)
}

/// Weights 8 to 1; the ninth digit makes the sum a multiple of ten.
fn is_acn(digits: &[u32]) -> bool {
    let Some((check, first)) = digits.split_last().filter(|_| digits.len() == 9) else {
        return false;
    };
    (weighed(first, &[8, 7, 6, 5, 4, 3, 2, 1]) + check).is_multiple_of(10)
}

fn weighed(digits: &[u32], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(digit, weight)| digit * weight).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_company_id_is_checked_as_its_country_checks_it() {
        for (country, text, fits) in [
            (b"CZ", "61234567", true),
            (b"CZ", "04123450", true),
            (b"CZ", "612 34 567", true),
            (b"CZ", "61234568", false),
            (b"SK", "6123456", false),
            (b"SK", "612345670", false),
            (b"CZ", "6123456o", false),
            (b"CZ", "", false),
            (b"PL", "9990001232", true),
            (b"PL", "999-000-12-32", true),
            (b"PL", "9990001234", false),
            (b"PL", "0000999812", true),
            (b"PL", "123456785", true),
            (b"PL", "123456786", false),
            (b"PL", "12345", false),
            (b"GB", "09998121", true),
            (b"GB", "SC123456", true),
            (b"GB", "999812", false),
            (b"GB", "S1234567", false),
            // The examples that the registers themselves publish.
            (b"AU", "51 824 753 556", true),
            (b"AU", "51 824 753 557", false),
            (b"AU", "004 085 616", true),
            (b"AU", "004 085 617", false),
            (b"AU", "00 000 000 000", false),
            (b"DE", "HRB 99812", true),
            (b"DE", " ", false),
            (b"US", "whatever", true),
        ] {
            let fault = company_id_fault(Country(*country), text);
            assert_eq!(fault.is_none(), fits, "{text}: {fault:?}");
        }
    }
}
