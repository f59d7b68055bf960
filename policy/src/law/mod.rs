//! Every act and section known, each cited by a rule or with a word why not.
//!
//! Only where a duty stands written and who read it where. Wordings are not pasted here, and
//! `unverified` says of each whether the law's own text was compared. LAW.md is made of this list.

mod at;
mod au;
mod ca;
mod cz;
mod de;
mod eu;
mod pl;
mod sk;
mod technical;
mod uk;
mod us;

pub use self::{
    at::*, au::*, ca::*, cz::*, de::*, eu::*, pl::*, sk::*, technical::*, uk::*, us::*,
};
use crate::Citation;

/// The sections of one country, or what stands in its place.
#[derive(Debug)]
pub struct Law {
    /// `Czech Republic`.
    pub name: &'static str,
    /// How the ids of its citations begin.
    pub prefix: &'static str,
    pub citations: &'static [&'static Citation],
    /// Sections that no rule checks, by id, and why.
    pub not_covered: &'static [(&'static str, &'static str)],
}

/// Every country's, the Union's before its members', the technical standards last.
pub static LAWS: &[&Law] = &[
    &EU_LAW,
    &CZ_LAW,
    &SK_LAW,
    &DE_LAW,
    &AT_LAW,
    &PL_LAW,
    &UK_LAW,
    &US_LAW,
    &CA_LAW,
    &AU_LAW,
    &TECHNICAL_LAW,
];

/// Every citation, by country and act.
pub fn all() -> impl Iterator<Item = &'static Citation> {
    LAWS.iter().flat_map(|law| law.citations.iter().copied())
}

/// The citation of that id.
pub fn find(id: &str) -> Option<&'static Citation> {
    let mut laws = LAWS.iter().filter(|law| id.starts_with(law.prefix));
    laws.find_map(|law| law.citations.iter().copied().find(|citation| citation.id == id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_citation_stands_in_its_own_law_once() {
        let mut ids: Vec<&str> = all().map(|citation| citation.id).collect();
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), count, "an id stands twice");
        for law in LAWS {
            for citation in law.citations {
                assert!(citation.id.starts_with(law.prefix), "{}", citation.id);
                assert!(!citation.act.is_empty() && !citation.at.is_empty(), "{}", citation.id);
                assert_eq!(find(citation.id), Some(*citation));
            }
            for (id, why) in law.not_covered {
                assert!(find(id).is_some_and(|_| !why.is_empty()), "{id}");
            }
        }
    }

    #[test]
    fn what_was_compared_was_read_somewhere() {
        for citation in all() {
            let read = !citation.source.is_empty();
            assert!(citation.unverified || read, "{} names no source", citation.id);
        }
    }
}
