//! What a privacy notice has to say (GDPR art. 13 and 14), as far as the relay knows it: purposes,
//! bases, data, processors, for how long, what is kept as proof, and the rights. As Markdown, to be put into the
//! controller's own.

use jiff::Span;
use policy::{Basis, Controller, Language, Purpose, Term, Terms, Validity};

use crate::words::{Value, Words};

/// `terms`: of the controller's pack; without one it is not said how long proof is kept.
pub fn notice(
    language: Language,
    owner: &Controller,
    purposes: &[Purpose],
    terms: Option<&Terms>,
) -> String {
    let words = Words::of(language);
    let mut text = format!("# {}\n\n", words.say("notice-title"));
    text.push_str(&sentence(words.with("notice-who", &[("name", Value::from(&owner.name))])));
    let id = owner.company_id.as_ref().map(|id| format!("{} {id}", words.say("company-id")));
    let dpo = owner.dpo.as_ref().map(|dpo| format!("{}: {dpo}", words.say("dpo")));
    let about = [id, owner.seat.clone(), owner.contact.clone(), dpo];
    let about: Vec<String> = about.into_iter().flatten().collect();
    if !about.is_empty() {
        text.push_str(&format!("\n{}", sentence(about.join("; "))));
    }
    let (what, data) = (words.say("notice-what"), words.say("notice-data"));
    text.push_str(&format!("\n\n## {what}\n\n{data}"));
    if !owner.processors.is_empty() {
        let names = owner.processors.join("; ");
        let told = words.with("notice-processors", &[("names", names.into())]);
        text.push_str(&format!("\n\n{}", sentence(told)));
    }
    text.push_str(&format!("\n\n## {}\n\n", words.say("notice-why")));
    for purpose in purposes {
        text.push_str(&line(words, language, purpose));
    }
    text.push('\n');
    if let Some(terms) = terms {
        let told = |id: &str, term: Term| {
            format!("{}\n\n", words.with(id, &[("term", term.words(language).into())]))
        };
        text.push_str(&told("notice-proof", terms.consent.evidence_kept_for));
        text.push_str(&told("notice-review", terms.retention.review_every));
    }
    let (refusal, rights) = (words.say("notice-refusal"), words.say("notice-rights"));
    let (access, others) = (words.say("notice-access"), words.say("dossier-rights"));
    text.push_str(&format!("{refusal}\n\n## {rights}\n\n{access} {others}\n"));
    text
}

/// With one full stop: the name of a company may end with its own.
fn sentence(mut text: String) -> String {
    if !text.ends_with('.') {
        text.push('.');
    }
    text
}

fn line(words: &Words, language: Language, purpose: &Purpose) -> String {
    let term = lasting(purpose.validity.span(), language);
    let lasts = match &purpose.validity {
        _ if purpose.requires.once => words.say("notice-once").into_owned(),
        Validity::Fixed(_) => words.with("notice-lasts", &[("term", term.into())]),
        Validity::SinceActivity { .. } => words.with("notice-active", &[("term", term.into())]),
    };
    let (basis, free) = match purpose.basis {
        Basis::Consent => ("basis-consent", "notice-consent"),
        Basis::LegitimateInterest => ("basis-legitimate-interest", "notice-interest"),
        Basis::Contract => ("basis-contract", "notice-other"),
        Basis::LegalObligation => ("basis-legal-obligation", "notice-other"),
        Basis::VitalInterest => ("basis-vital-interest", "notice-other"),
        Basis::PublicInterest => ("basis-public-interest", "notice-other"),
    };
    let (basis, free) = (words.say(basis), words.say(free));
    format!("- **{}**: {basis}; {lasts}. {free}\n", purpose.name)
}

/// A purpose's duration in years, months and days, as a sentence has it.
fn lasting(span: Span, language: Language) -> String {
    let parts = [
        (i32::from(span.get_years()), "years"),
        (span.get_months(), "months"),
        (span.get_weeks().saturating_mul(7).saturating_add(span.get_days()), "days"),
    ];
    let told = parts.iter().filter(|(amount, _)| *amount > 0).filter_map(|(amount, unit)| {
        let term: Term = format!("{amount} {unit}").parse().ok()?;
        Some(term.words(language))
    });
    told.collect::<Vec<String>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_ends_once() {
        for (text, ends) in [("Zahrada s.r.o.", "Zahrada s.r.o."), ("Hory", "Hory.")] {
            assert_eq!(sentence(text.to_owned()), ends);
        }
    }

    #[test]
    fn a_duration_is_told_in_words() {
        for (span, language, told) in [
            (Span::new().years(3), Language::Czech, "3 roky"),
            (Span::new().years(1).months(6), Language::English, "1 year, 6 months"),
            (Span::new().weeks(2), Language::German, "14 Tage"),
        ] {
            assert_eq!(lasting(span, language), told);
        }
    }
}
