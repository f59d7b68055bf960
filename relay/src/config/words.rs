//! Words in a settings file: the nearest right one, times and sizes with their units.

use std::time::Duration;

/// `did you mean x?`, or the whole list where nothing is near.
pub fn meant(word: &str, known: &[&str]) -> String {
    let nearest = known
        .iter()
        .map(|other| (strsim::jaro_winkler(&word.to_lowercase(), other), *other))
        .max_by(|(one, _), (other, _)| one.total_cmp(other));
    match nearest {
        Some((likeness, other)) if likeness >= NEAR => format!("did you mean `{other}`?"),
        _ => format!("known are {}", listed(known)),
    }
}

pub(super) fn not_one_of(word: &str, known: &[&str]) -> String {
    format!("`{word}` is not known here: {}", meant(word, known))
}

fn listed(words: &[&str]) -> String {
    let mut words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    words.dedup();
    match words.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => words.join(""),
    }
}

pub(super) fn duration(text: &str) -> Option<Duration> {
    let text = text.trim();
    let digits = text.find(|letter: char| !letter.is_ascii_digit())?;
    let (count, unit) = text.split_at_checked(digits)?;
    let seconds = match unit.trim() {
        "s" => 1,
        "m" | "min" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return None,
    };
    let seconds = count.parse::<u64>().ok()?.checked_mul(seconds)?;
    (seconds <= 366 * 86_400).then(|| Duration::from_secs(seconds))
}

pub(super) fn octets(text: &str) -> Option<usize> {
    let text = text.trim();
    let digits = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let (count, unit) = text.split_at_checked(digits)?;
    let unit = match unit.trim() {
        "" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return None,
    };
    count.parse::<usize>().ok()?.checked_mul(unit)
}

pub(super) const TIME_FORM: &str = "write \"30s\", \"5m\", \"4h\" or \"5d\", at most 366 days";

/// Jaro-Winkler likeness from which a key counts as a slip of another.
const NEAR: f64 = 0.8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_sizes_have_units() {
        assert_eq!(duration("5m"), Some(Duration::from_secs(300)));
        assert_eq!(duration("2d"), Some(Duration::from_secs(172_800)));
        for text in ["", "5", "m", "5w", "-1s", "367d", "99999999999999999999s"] {
            assert_eq!(duration(text), None, "{text}");
        }
        assert_eq!(octets("25MiB"), Some(25 << 20));
        assert_eq!(octets("1000"), Some(1000));
        for text in ["", "MiB", "5MB", "99999999999GiB99"] {
            assert_eq!(octets(text), None, "{text}");
        }
    }
}
