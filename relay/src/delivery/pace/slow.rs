//! A provider that says "not so fast" gets less: a pause that doubles with each further sign, and half
//! as much of everything afterwards. It recovers step by step, by messages that it takes. Pure.

use jiff::{SignedDuration, Timestamp};

use crate::config::ReplyClass;

/// How far one provider has slowed one source down.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Slow {
    /// How often everything was halved.
    pub level: u32,
    /// Nothing new before that.
    pub until: Timestamp,
    /// When it changed last.
    pub at: Timestamp,
}

impl Slow {
    /// One more sign; what many connections hear at the same time is one.
    #[must_use]
    pub fn sign(before: Option<Self>, now: Timestamp) -> Self {
        match before {
            Some(slow) if now < slow.until => slow,
            _ => {
                let level = before.map_or(0, |slow| slow.level).saturating_add(1).min(LEVEL_MAX);
                let pause = (FIRST * (1 << (level - 1).min(20))).min(PAUSE_MAX);
                Self { level, until: now.checked_add(pause).unwrap_or(now), at: now }
            }
        }
    }

    /// A message was taken; `None`: all is as before.
    #[must_use]
    pub fn eased(self, now: Timestamp) -> Option<Self> {
        if now < self.until || now.duration_since(self.at.max(self.until)) < EASE {
            return Some(self);
        }
        (self.level > 1).then(|| Self { level: self.level - 1, at: now, ..self })
    }

    /// What is left of a count.
    pub fn of(self, count: u32) -> u32 {
        (count >> self.level.min(HALVED_MAX)).max(1)
    }

    /// How many times longer everything takes.
    pub fn times(self) -> u32 {
        1 << self.level.min(HALVED_MAX)
    }

    /// Nobody was told anything for so long that it is forgotten.
    pub fn is_over(self, now: Timestamp) -> bool {
        now.duration_since(self.until) > FORGOTTEN
    }
}

/// Whether a reply is about how fast we are, and not about one message or recipient. `421` is, but
/// where the peer only was idle (4.4.2); of 4.7.x what is no greylisting of one recipient (RFC 6647)
/// and no word on authentication or content.
pub fn is_sign(code: u16, status: Option<[u16; 3]>, class: ReplyClass) -> bool {
    if !(400..500).contains(&code) {
        return false;
    }
    match class {
        ReplyClass::Throttled => true,
        ReplyClass::Greylisted
        | ReplyClass::Authentication
        | ReplyClass::Content
        | ReplyClass::Full
        | ReplyClass::Hard
        | ReplyClass::TooLarge
        | ReplyClass::Protocol => false,
        ReplyClass::Policy | ReplyClass::Reputation | ReplyClass::Soft | ReplyClass::Undecided => {
            match status {
                Some([4, 7, _]) => true,
                Some([4, 4, 2]) => false,
                _ => code == 421,
            }
        }
    }
}

const FIRST: SignedDuration = SignedDuration::from_secs(2);
const PAUSE_MAX: SignedDuration = SignedDuration::from_mins(15);
/// With it the pause is at its longest.
const LEVEL_MAX: u32 = 10;
/// Everything is a 64th at least.
const HALVED_MAX: u32 = 6;
/// Taken messages for so long make it one step faster.
const EASE: SignedDuration = SignedDuration::from_secs(30);
const FORGOTTEN: SignedDuration = SignedDuration::from_hours(1);

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    #[test]
    fn signs_at_once_are_one_and_later_ones_double_the_pause() {
        let first = Slow::sign(None, at(0));
        assert_eq!((first.level, first.until), (1, at(2)));
        assert_eq!(Slow::sign(Some(first), at(1)), first);
        let second = Slow::sign(Some(first), at(2));
        assert_eq!((second.level, second.until), (2, at(6)));
        let mut slow = second;
        for _ in 0..50 {
            slow = Slow::sign(Some(slow), slow.until);
        }
        assert_eq!(slow.until.duration_since(slow.at), PAUSE_MAX);
        assert_eq!((slow.of(20), slow.of(1_000), slow.times()), (1, 15, 64));
    }

    #[test]
    fn it_recovers_step_by_step() {
        let slow = Slow { level: 2, until: at(10), at: at(0) };
        assert_eq!(slow.eased(at(39)), Some(slow), "not yet");
        let one = slow.eased(at(40)).unwrap();
        assert_eq!((one.level, one.of(20)), (1, 10));
        assert_eq!(one.eased(at(69)), Some(one));
        assert_eq!(one.eased(at(70)), None);
    }

    #[test]
    fn signs_are_about_the_pace_and_nothing_else() {
        use ReplyClass::{Authentication, Full, Greylisted, Policy, Soft, Throttled, Undecided};
        for (code, status, class, expected) in [
            (421, None, Undecided, true),
            (421, Some([4, 3, 2]), Soft, true),
            (421, Some([4, 4, 2]), Soft, false),
            (450, Some([4, 7, 0]), Policy, true),
            (450, Some([4, 7, 1]), Greylisted, false),
            (451, Some([4, 7, 5]), Authentication, false),
            (451, Some([4, 2, 1]), Throttled, true),
            (452, Some([4, 2, 2]), Full, false),
            (450, Some([4, 2, 0]), Soft, false),
            (250, Some([2, 0, 0]), Undecided, false),
            (550, Some([5, 7, 1]), Throttled, false),
        ] {
            assert_eq!(is_sign(code, status, class), expected, "{code} {status:?} {class:?}");
        }
    }
}
