//! Counting: precision and recall of each class, and the two figures the law's risk hangs on.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Judged;
use crate::Class;

/// What a number of judged messages come to. A share is between 0 and 1, nothing where there is
/// nothing to divide by.
#[derive(Clone, Debug, Serialize)]
pub struct Figures {
    pub messages: usize,
    /// Of those labelled with a class that is commercial in the law's sense ([`Class::is_commercial`]),
    /// how many were taken for such a class. The rest would go out without consent.
    pub commercial_recall: Option<f64>,
    /// Of those labelled transactional, how many were taken for a commercial class. They would not go
    /// out although they may.
    pub transactional_for_commercial: Option<f64>,
    /// How many were taken for exactly what they are labelled.
    pub exact: Option<f64>,
    /// Classes that are a label or were taken, in the order of [`Class`].
    pub classes: Vec<ClassFigures>,
    /// How often a label was taken for what, right ones included; sorted.
    pub confusion: Vec<Confused>,
}

/// One class among them.
#[derive(Clone, Debug, Serialize)]
pub struct ClassFigures {
    pub class: Class,
    /// How many are labelled so.
    pub messages: usize,
    /// Of those taken for it, how many are labelled so.
    pub precision: Option<f64>,
    /// Of those labelled so, how many were taken for it.
    pub recall: Option<f64>,
}

/// So many messages of one label were taken for one class.
#[derive(Clone, Debug, Serialize)]
pub struct Confused {
    pub label: Class,
    pub taken: Class,
    pub messages: usize,
}

impl Figures {
    pub fn of<'a>(judged: impl IntoIterator<Item = &'a Judged>) -> Self {
        let mut pairs: BTreeMap<(Class, Class), usize> = BTreeMap::new();
        for one in judged {
            *pairs.entry((one.label, one.taken)).or_default() += 1;
        }
        let count = |counts: &dyn Fn(Class, Class) -> bool| -> usize {
            pairs.iter().filter(|((l, t), _)| counts(*l, *t)).map(|(_, number)| number).sum()
        };
        let mut classes: Vec<Class> = pairs.keys().flat_map(|(l, t)| [*l, *t]).collect();
        classes.sort_unstable();
        classes.dedup();
        let of_class = |class: Class| {
            let right = count(&|label, taken| label == class && taken == class);
            let messages = count(&|label, _| label == class);
            ClassFigures {
                class,
                messages,
                precision: share(right, count(&|_, taken| taken == class)),
                recall: share(right, messages),
            }
        };
        let messages = count(&|_, _| true);
        let is_transactional = |label| label == Class::Transactional;
        Self {
            messages,
            commercial_recall: share(
                count(&|label, taken| label.is_commercial() && taken.is_commercial()),
                count(&|label, _| label.is_commercial()),
            ),
            transactional_for_commercial: share(
                count(&|label, taken| is_transactional(label) && taken.is_commercial()),
                count(&|label, _| is_transactional(label)),
            ),
            exact: share(count(&|label, taken| label == taken), messages),
            classes: classes.into_iter().map(of_class).collect(),
            confusion: pairs
                .iter()
                .map(|((label, taken), number)| Confused {
                    label: *label,
                    taken: *taken,
                    messages: *number,
                })
                .collect(),
        }
    }

    /// A figure by its name: `commercial-recall`, `transactional-for-commercial`, `exact`, or a
    /// class with `-recall` or `-precision` behind it. The error says which names there are.
    pub fn named(&self, name: &str) -> Result<Option<f64>, &'static str> {
        match name {
            "commercial-recall" => return Ok(self.commercial_recall),
            "transactional-for-commercial" => return Ok(self.transactional_for_commercial),
            "exact" => return Ok(self.exact),
            _ => (),
        }
        let (class, is_recall) =
            match (name.strip_suffix("-recall"), name.strip_suffix("-precision")) {
                (Some(class), _) => (class, true),
                (None, Some(class)) => (class, false),
                (None, None) => return Err(NAMES),
            };
        let class: Class = class.parse().map_err(|()| NAMES)?;
        let found = self.classes.iter().find(|figures| figures.class == class);
        Ok(found.and_then(|figures| if is_recall { figures.recall } else { figures.precision }))
    }
}

const NAMES: &str = "no such figure: there are commercial-recall, transactional-for-commercial, \
                     exact, and CLASS-recall and CLASS-precision of each class";

#[expect(clippy::cast_precision_loss, reason = "counts of files")]
fn share(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(pairs: &[(Class, Class)]) -> Figures {
        let judged: Vec<Judged> = pairs
            .iter()
            .map(|(label, taken)| Judged {
                file: "x.eml".into(),
                language: None,
                apart: false,
                label: *label,
                declared: None,
                taken: *taken,
                signs: Vec::new(),
            })
            .collect();
        Figures::of(&judged)
    }

    #[test]
    fn shares_are_of_what_they_say() {
        use Class::{Commercial, Greeting, Mixed, Transactional};
        let figures = figures(&[
            (Commercial, Commercial),
            (Commercial, Greeting),
            (Mixed, Mixed),
            (Greeting, Transactional),
            (Transactional, Transactional),
            (Transactional, Commercial),
        ]);
        for (name, expected) in [
            ("commercial-recall", Ok(Some(0.75))),
            ("transactional-for-commercial", Ok(Some(0.5))),
            ("exact", Ok(Some(0.5))),
            ("transactional-recall", Ok(Some(0.5))),
            ("transactional-precision", Ok(Some(0.5))),
            ("greeting-recall", Ok(Some(0.0))),
            ("mixed-precision", Ok(Some(1.0))),
            ("non-business-recall", Ok(None)),
            ("commercial", Err(NAMES)),
            ("spam-recall", Err(NAMES)),
        ] {
            assert_eq!(figures.named(name), expected, "{name}");
        }
    }

    #[test]
    fn nothing_is_no_share() {
        let figures = figures(&[]);
        assert_eq!(figures.commercial_recall, None);
        assert!(figures.classes.is_empty() && figures.confusion.is_empty());
    }
}
