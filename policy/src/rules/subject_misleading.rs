//! A subject does not pass an offer off as an answer. See the page.

use crate::{Facts, Fault, OnBroken, Outcome, Rule, law, text};

pub(super) static RULE: Rule = Rule {
    id: "subject-misleading",
    since: "0.1",
    law: &[
        &law::EU_ECOMMERCE_6,
        &law::SK_22_4,
        &law::DE_DDG_6_2,
        &law::UK_ECR_7,
        &law::US_7704_A_2,
        &law::CA_COMPETITION,
    ],
    effect: OnBroken::Hold,
    unrepaired: OnBroken::Hold,
    about_recipient: false,
    waivable: true,
    doc: include_str!("subject_misleading.md"),
    check,
};

fn check(facts: &Facts<'_>) -> Outcome {
    if let Some(outcome) = super::unless_commercial(facts) {
        return outcome;
    }
    let message = &facts.reading.message;
    if !begins_like_an_answer(message.subject()) {
        return Outcome::Kept;
    }
    if ANSWERS.iter().any(|name| message.header(name).is_some()) {
        return Outcome::Kept;
    }
    let because = "the subject begins like an answer or a forwarded message, and it is neither";
    Outcome::Broken(Fault::new(because).shown_by(message.evidence_of("Subject")))
}

/// `Re:`, `[OS] Fwd[2]:`, `Odpověď:`.
fn begins_like_an_answer(subject: &str) -> bool {
    let mut rest = subject.trim_start();
    // The relay's own label, or a list's.
    while let Some((_, behind)) = rest.strip_prefix('[').and_then(|tag| tag.split_once(']')) {
        rest = behind.trim_start();
    }
    let Some((word, _)) = rest.split_once(':') else { return false };
    let word = word.split(['[', '(']).next().unwrap_or(word).trim_end();
    word.len() <= WORD_BYTES_MAX && PREFIXES.contains(&text::fold(word).as_str())
}

/// What a mail program writes into an answer or a forwarded message.
static ANSWERS: [&str; 2] = ["In-Reply-To", "References"];

/// Of the longest, with diacritics.
const WORD_BYTES_MAX: usize = 24;

/// Folded; of the mail programs of five languages.
static PREFIXES: [&str; 18] = [
    "re",
    "fw",
    "fwd",
    "aw",
    "wg",
    "odp",
    "pd",
    "antw",
    "antwort",
    "weitergeleitet",
    "odpoved",
    "preposlano",
    "preposlane",
    "odpowiedz",
    "przekazano",
    "reply",
    "forward",
    "forwarded",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_before_a_colon_tell_an_answer() {
        for (subject, answer) in [
            ("Re: jaro", true),
            ("RE : jaro", true),
            ("Re[2]: jaro", true),
            ("[OS] Fwd: jaro", true),
            ("Odpověď: jaro", true),
            ("AW: Frühling", true),
            ("Akce: jaro", false),
            ("Re jaro", false),
            ("Reklama: jaro", false),
            ("", false),
        ] {
            assert_eq!(begins_like_an_answer(subject), answer, "{subject}");
        }
    }
}
