//! What is doubtful about a purpose: nothing that forbids it, but what an inspector would ask about
//! (S30, S31, S46..S50, S61, S83, S89).

use jiff::{Span, civil::date};
use policy::{Activity, Basis, Channel, Purpose, Validity};
use serde::Serialize;

/// One doubt.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lint {
    /// Consent that counts for more than five years (S31).
    ConsentOverFiveYears,
    /// Consent that counts on for more than four years after the last sign of life (S48).
    ActivityOverFourYears,
    /// Legitimate interest for more than two years: who bought longer ago is hardly a customer (S50).
    InterestOverTwoYears,
    /// Longer than any statute keeps invoices (S30).
    OverTenYears,
    /// A consent that nobody has to confirm by a click (S61, S73).
    NoDoubleOptIn,
    /// Being opened is all that keeps it alive, and programs open messages, too.
    OpensAlone,
    /// Nothing asks whether the person is of age (S83).
    NoAge,
    /// Nobody is told that it ends, so nobody can ask for its renewal in time (S32).
    EndsUnannounced,
    /// The announcement would come with the grant itself.
    AnnouncedAtOnce,
    /// A basis on which nobody writes to people about goods (S3).
    UnusualBasis,
    /// A way that the relay does not serve; it keeps the proof alone (S86).
    OtherChannel,
    /// Nothing says what else is done with the data (S17).
    NoNote,
}

impl Lint {
    /// For people, in one line.
    pub fn words(self) -> &'static str {
        match self {
            Self::ConsentOverFiveYears => {
                "a consent of more than five years is hard to defend: 3 to 5 years are usual"
            }
            Self::ActivityOverFourYears => {
                "who is silent for more than four years is not interested: 2 to 4 years are usual"
            }
            Self::InterestOverTwoYears => {
                "who bought more than two years ago is hardly a customer: take 2 years, or consent"
            }
            Self::OverTenYears => "no statute keeps data for more than ten years for this",
            Self::NoDoubleOptIn => {
                "without double opt-in it is hard to prove who gave the consent: --double-opt-in"
            }
            Self::OpensAlone => {
                "programs open messages, too: let purchases, clicks or logins count as well"
            }
            Self::NoAge => "nothing asks whether the person is of age: --of-age",
            Self::EndsUnannounced => "nobody is told before it ends: --expiring-days 30",
            Self::AnnouncedAtOnce => {
                "its end is announced before it begins: choose fewer --expiring-days"
            }
            Self::UnusualBasis => "commercial messages rest on consent or legitimate interest",
            Self::OtherChannel => "messages go by e-mail: this is kept as proof for other systems",
            Self::NoNote => "no note says what the purpose covers: --note",
        }
    }
}

/// All doubts about a purpose, the gravest first. A closed one has none.
pub fn lint(purpose: &Purpose) -> Vec<Lint> {
    if purpose.closed_at.is_some() {
        return Vec::new();
    }
    let span = purpose.validity.span();
    let consent = purpose.basis == Basis::Consent;
    let mut found = Vec::new();
    let mut doubt = |is: bool, lint| {
        if is {
            found.push(lint);
        }
    };
    let kinds = match &purpose.validity {
        Validity::Fixed(_) => None,
        Validity::SinceActivity { kinds, .. } => Some(kinds.as_slice()),
    };
    doubt(consent && kinds.is_none() && is_over(span, 5), Lint::ConsentOverFiveYears);
    doubt(consent && kinds.is_some() && is_over(span, 4), Lint::ActivityOverFourYears);
    doubt(
        purpose.basis == Basis::LegitimateInterest && is_over(span, 2),
        Lint::InterestOverTwoYears,
    );
    let kept = matches!(purpose.basis, Basis::Contract | Basis::LegalObligation);
    doubt(kept && is_over(span, 10), Lint::OverTenYears);
    doubt(consent && !purpose.requires.double_opt_in, Lint::NoDoubleOptIn);
    doubt(kinds == Some(&[Activity::Open]), Lint::OpensAlone);
    doubt(consent && !purpose.requires.age_declared, Lint::NoAge);
    doubt(consent && purpose.expiring_days == 0 && !purpose.requires.once, Lint::EndsUnannounced);
    let notice = Span::new().days(purpose.expiring_days);
    doubt(consent && purpose.expiring_days > 0 && !is_longer(span, notice), Lint::AnnouncedAtOnce);
    let unusual = matches!(purpose.basis, Basis::VitalInterest | Basis::PublicInterest);
    doubt(unusual, Lint::UnusualBasis);
    doubt(purpose.channel != Channel::Email, Lint::OtherChannel);
    doubt(purpose.note.trim().is_empty(), Lint::NoNote);
    found
}

fn is_over(span: Span, years: i16) -> bool {
    is_longer(span, Span::new().years(years))
}

/// By the calendar, from a year that is no leap year.
fn is_longer(span: Span, other: Span) -> bool {
    // A span that no calendar holds is longer than any other.
    span.compare((other, date(2025, 1, 1))).map_or(true, std::cmp::Ordering::is_gt)
}

#[cfg(test)]
mod tests {
    use policy::Requires;

    use super::*;

    fn sound() -> Purpose {
        Purpose {
            requires: Requires { double_opt_in: true, age_declared: true, once: false },
            note: "news of the shop".into(),
            ..Purpose::new(
                "shop",
                "news",
                "News",
                Basis::Consent,
                Validity::Fixed(Span::new().years(5)),
            )
        }
    }

    fn fixed(text: &str) -> Validity {
        Validity::Fixed(text.parse().unwrap())
    }

    fn since(text: &str, kinds: &[Activity]) -> Validity {
        Validity::SinceActivity { span: text.parse().unwrap(), kinds: kinds.to_vec() }
    }

    #[test]
    fn each_doubt_is_raised_by_its_own_cause_alone() {
        assert_eq!(lint(&sound()), []);
        let of = |basis, validity| Purpose { basis, validity, ..sound() };
        let asks = |requires| Purpose { requires, ..sound() };
        let all = sound().requires;
        for (purpose, expected) in [
            (Purpose { validity: fixed("5 years 1 day"), ..sound() }, Lint::ConsentOverFiveYears),
            (Purpose { validity: fixed("61 months"), ..sound() }, Lint::ConsentOverFiveYears),
            (
                Purpose { validity: since("5 years", &Activity::ALL), ..sound() },
                Lint::ActivityOverFourYears,
            ),
            (of(Basis::LegitimateInterest, fixed("25 months")), Lint::InterestOverTwoYears),
            (of(Basis::Contract, fixed("11 years")), Lint::OverTenYears),
            (of(Basis::LegalObligation, fixed("11 years")), Lint::OverTenYears),
            (asks(Requires { double_opt_in: false, ..all }), Lint::NoDoubleOptIn),
            (
                Purpose { validity: since("2 years", &[Activity::Open]), ..sound() },
                Lint::OpensAlone,
            ),
            (asks(Requires { age_declared: false, ..all }), Lint::NoAge),
            (Purpose { expiring_days: 0, ..sound() }, Lint::EndsUnannounced),
            (Purpose { validity: fixed("30 days"), ..sound() }, Lint::AnnouncedAtOnce),
            (of(Basis::VitalInterest, fixed("1 year")), Lint::UnusualBasis),
            (Purpose { channel: Channel::Phone, ..sound() }, Lint::OtherChannel),
            (Purpose { note: " ".into(), ..sound() }, Lint::NoNote),
        ] {
            assert_eq!(lint(&purpose), [expected], "{purpose:?}");
            assert!(!expected.words().is_empty());
        }
        for purpose in [
            of(Basis::LegitimateInterest, fixed("2 years")),
            of(Basis::Contract, fixed("10 years")),
            Purpose { validity: since("2 years", &[Activity::Open, Activity::Click]), ..sound() },
            Purpose { closed_at: Some(jiff::Timestamp::UNIX_EPOCH), note: "".into(), ..sound() },
        ] {
            assert_eq!(lint(&purpose), [], "{purpose:?}");
        }
    }
}
