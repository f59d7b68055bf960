//! What RCPT has just asked the consent store, so that the end of the same message need not ask
//! again. It ages within a second; a refusal that comes in between is seen before the message
//! leaves, when its standing is read once more (promise 3).

use jiff::{SignedDuration, Timestamp};
use policy::Address;

use crate::consent::Record;

/// The records of one transaction's recipients; begins anew with each MAIL.
#[derive(Debug, Default)]
pub struct Learned {
    /// Of the first answer, and the controller that all were asked for.
    since: Option<Since>,
    records: Vec<(Address, Record)>,
}

/// When the first answer came, for which controller, and whether with what was sent before.
type Since = (Timestamp, String, bool);

/// As long as tools take from RCPT to the end of an ordinary message.
const AGE_MAX: SignedDuration = SignedDuration::from_secs(1);

impl Learned {
    pub(super) fn add(
        &mut self,
        now: Timestamp,
        controller: &str,
        counted: bool,
        records: impl IntoIterator<Item = (Address, Record)>,
    ) {
        let (_, known, with) =
            self.since.get_or_insert_with(|| (now, controller.to_owned(), counted));
        if known == controller && *with == counted {
            self.records.extend(records);
        }
    }

    /// One record per address, in order, where all of them are known and young enough.
    pub(super) fn take(
        &mut self,
        now: Timestamp,
        controller: &str,
        counted: bool,
        addresses: &[Address],
    ) -> Option<Vec<Record>> {
        let (since, known, with) = self.since.take()?;
        let records = std::mem::take(&mut self.records);
        let age = now.duration_since(since);
        if known != controller || (counted && !with) || age.is_negative() || age > AGE_MAX {
            return None;
        }
        // In between lie those whom RCPT refused.
        let mut records = records.into_iter();
        addresses
            .iter()
            .map(|address| records.find(|(own, _)| own == address).map(|(_, record)| record))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use policy::Country;

    use super::*;

    const CZ: Country = Country(*b"CZ");

    fn address(text: &str) -> Address {
        Address::parse(text).unwrap()
    }

    fn learned() -> Learned {
        let mut learned = Learned::default();
        for (number, one) in ["a@x.cz", "b@x.cz", "c@x.cz"].into_iter().enumerate() {
            let country = (number == 2).then_some(CZ);
            let record = Record { country, ..Record::default() };
            learned.add(Timestamp::UNIX_EPOCH, "shop", false, [(address(one), record)]);
        }
        learned
    }

    fn after(millis: i64) -> Timestamp {
        Timestamp::from_millisecond(millis).unwrap()
    }

    #[test]
    fn whom_rcpt_refused_is_passed_over() {
        let found =
            learned().take(after(900), "shop", false, &[address("a@x.cz"), address("c@x.cz")]);
        let countries: Vec<_> = found.unwrap().into_iter().map(|one| one.country).collect();
        assert_eq!(countries, [None, Some(CZ)]);
    }

    #[test]
    fn what_is_old_or_foreign_or_incomplete_is_asked_again() {
        let a = [address("a@x.cz")];
        assert!(learned().take(after(1_000), "shop", false, &a).is_some());
        assert!(learned().take(after(1_001), "shop", false, &a).is_none());
        assert!(learned().take(after(-1), "shop", false, &a).is_none());
        assert!(learned().take(after(0), "other", false, &a).is_none());
        assert!(learned().take(after(0), "shop", false, &[address("z@x.cz")]).is_none());
        assert!(learned().take(after(0), "shop", true, &a).is_none(), "it was not counted");
        assert!(Learned::default().take(after(0), "shop", false, &a).is_none());
        let mut once = learned();
        assert!(once.take(after(0), "shop", false, &a).is_some());
        assert!(once.take(after(0), "shop", false, &a).is_none());
    }
}
