//! When a message may leave, until when it is wanted, and before which others: HOLDFOR and HOLDUNTIL
//! (RFC 4865), BY (RFC 2852), MT-PRIORITY (RFC 6710).

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::reply::Reply;

/// FUTURERELEASE: it is kept back for so long.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub enum Hold {
    /// Seconds.
    For(u32),
    Until(Timestamp),
}

/// DELIVERBY: it is wanted within so many seconds.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct By {
    pub seconds: i32,
    pub otherwise: Otherwise,
    /// Its sender is told of each server that passes it on.
    #[serde(default)]
    pub trace: bool,
}

/// What becomes of it where that cannot be.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub enum Otherwise {
    /// It goes on, and the sender hears of the delay.
    Notify,
    /// It goes back.
    Return,
}

/// As far as a message may be kept back, seconds.
pub const HOLD_MAX: u32 = 30 * 24 * 60 * 60;
/// RFC 2852 §4: nine digits.
const BY_MAX: i32 = 999_999_999;

impl Hold {
    /// Seconds in nine digits at most.
    pub(super) fn read_for(value: &str) -> Result<Self, Reply> {
        let digits = (1..=9).contains(&value.len()) && is_number(value);
        let seconds = value.parse().ok().filter(|_| digits);
        let seconds = seconds.ok_or_else(|| wrong("HOLDFOR is a number of seconds".into()))?;
        if seconds > HOLD_MAX { Err(too_long()) } else { Ok(Self::For(seconds)) }
    }

    /// A moment of UTC.
    pub(super) fn read_until(value: &str) -> Result<Self, Reply> {
        let moment = value.parse().ok().filter(|_| value.len() <= 30 && value.ends_with('Z'));
        moment.map(Self::Until).ok_or_else(|| {
            wrong("HOLDUNTIL is a moment of UTC, as in HOLDUNTIL=2027-01-01T08:00:00Z".into())
        })
    }

    /// When it is let go.
    pub fn ends(self, now: Timestamp) -> Timestamp {
        match self {
            Self::For(seconds) => {
                now.checked_add(SignedDuration::from_secs(seconds.into())).unwrap_or(now)
            }
            Self::Until(moment) => moment,
        }
    }
}

impl By {
    /// `120;R`, `-30;N`; with a `T` behind for a trace.
    pub(super) fn read(value: &str) -> Result<Self, Reply> {
        let fault = || wrong("BY is seconds;R or seconds;N, as in BY=3600;R".into());
        let (seconds, mode) = value.split_once(';').ok_or_else(fault)?;
        let digits = seconds.strip_prefix(['-', '+']).unwrap_or(seconds);
        if !(1..=9).contains(&digits.len()) || !is_number(digits) {
            return Err(fault());
        }
        let seconds: i32 = seconds.parse().map_err(|_| fault())?;
        let mode = mode.to_ascii_uppercase();
        let trace = mode.ends_with('T');
        let otherwise = match mode.as_str() {
            "N" | "NT" => Otherwise::Notify,
            "R" | "RT" if seconds > 0 => Otherwise::Return,
            "R" | "RT" => return Err(wrong("BY=...;R wants a time that is still to come".into())),
            _ => return Err(fault()),
        };
        Ok(Self { seconds: seconds.clamp(-BY_MAX, BY_MAX), otherwise, trace })
    }

    /// What is left of it for the next server (RFC 2852 §4.1.3), in whole seconds: nothing, or less,
    /// where the time is over.
    pub fn left(self, received_at: Timestamp, now: Timestamp) -> Self {
        let passed = now.duration_since(received_at).as_millis().max(0);
        let passed = i32::try_from((passed + 999) / 1_000).unwrap_or(BY_MAX);
        let seconds = self.seconds.saturating_sub(passed).clamp(-BY_MAX, BY_MAX);
        Self { seconds, ..self }
    }

    /// Where it goes back if it has not left by then.
    pub fn returns_at(self, now: Timestamp) -> Option<Timestamp> {
        (self.otherwise == Otherwise::Return).then(|| self.moment(now))
    }

    /// When its sender hears of the delay.
    pub fn notifies_at(self, now: Timestamp) -> Option<Timestamp> {
        (self.otherwise == Otherwise::Notify).then(|| self.moment(now))
    }

    /// Why a server that offers this may not have it (RFC 2852 §4.1.4): it would go on there without
    /// anybody to bring it back in time. `None`: it may. `least` is in seconds; `None`: BY is not known
    /// there.
    pub fn forbids(self, least: Option<i32>) -> Option<&'static str> {
        match (self.otherwise, least) {
            (Otherwise::Notify, _) => None,
            (Otherwise::Return, _) if self.seconds <= 0 => {
                Some("it could not be handed on in the time that BY gave it")
            }
            (Otherwise::Return, None) => {
                Some("BY asks that it come back in time, and the next server does not know BY")
            }
            (Otherwise::Return, Some(least)) if self.seconds < least => {
                Some("the next server promises nothing in the time that BY leaves")
            }
            (Otherwise::Return, Some(_)) => None,
        }
    }

    fn moment(self, now: Timestamp) -> Timestamp {
        now.checked_add(SignedDuration::from_secs(self.seconds.into())).unwrap_or(now)
    }
}

/// As it stands behind `BY=`.
impl fmt::Display for By {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mode = if self.otherwise == Otherwise::Return { "R" } else { "N" };
        write!(f, "{};{mode}{}", self.seconds, if self.trace { "T" } else { "" })
    }
}

/// Whether the two can both be had, at this moment.
pub fn check(now: Timestamp, hold: Option<Hold>, by: Option<By>) -> Result<(), Reply> {
    let Some(hold) = hold else { return Ok(()) };
    let ends = hold.ends(now);
    if ends < now {
        return Err(wrong("HOLDUNTIL is a moment that is over".into()));
    }
    if ends > Hold::For(HOLD_MAX).ends(now) {
        return Err(too_long());
    }
    if by.and_then(|by| by.returns_at(now)).is_some_and(|at| at <= ends) {
        return Err(wrong("it would have to be back before it may leave: HOLDFOR and BY".into()));
    }
    Ok(())
}

/// `-9` to `9`.
pub(super) fn priority(value: &str) -> Result<i8, Reply> {
    let digits = value.strip_prefix('-').unwrap_or(value);
    let number = value.parse().ok().filter(|_| digits.len() == 1 && is_number(digits));
    number.ok_or_else(|| wrong("MT-PRIORITY is a number from -9 to 9".into()))
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn too_long() -> Reply {
    let days = HOLD_MAX / (24 * 60 * 60);
    wrong(format!("it can be kept back for {days} days at most"))
}

fn wrong(text: String) -> Reply {
    Reply::new(501, "5.5.4", text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    #[test]
    fn a_hold_has_an_end_within_thirty_days() {
        let read = |value: &str| Hold::read_for(value).map(|hold| hold.ends(at(0))).ok();
        for (value, ends) in [
            ("0", Some(at(0))),
            ("60", Some(at(60))),
            ("2592000", Some(at(2_592_000))),
            ("2592001", None),
            ("", None),
            ("-1", None),
            ("+1", None),
            ("1.5", None),
            ("0000000001", None),
        ] {
            assert_eq!(read(value), ends, "{value}");
        }
        let until = |moment: Timestamp| check(at(0), Some(Hold::Until(moment)), None).is_ok();
        assert!(until(at(0)) && until(at(2_592_000)));
        assert!(!until(at(-1)) && !until(at(2_592_001)));
        for (value, right) in [
            ("2027-01-15T08:00:00Z", true),
            ("2027-01-15T08:00:00.5Z", true),
            ("2027-01-15T08:00:00+01:00", false),
            ("2027-01-15", false),
            ("tomorrowZ", false),
        ] {
            assert_eq!(Hold::read_until(value).is_ok(), right, "{value}");
        }
    }

    #[test]
    fn what_has_to_leave_in_time_says_what_becomes_of_it() {
        let read = |value: &str| By::read(value).ok();
        let by = |seconds, otherwise| Some(By { seconds, otherwise, trace: false });
        let traced = |seconds, otherwise| Some(By { seconds, otherwise, trace: true });
        for (value, expected) in [
            ("120;R", by(120, Otherwise::Return)),
            ("+120;rt", traced(120, Otherwise::Return)),
            ("-30;N", by(-30, Otherwise::Notify)),
            ("0;NT", traced(0, Otherwise::Notify)),
            ("0;R", None),
            ("-1;R", None),
            ("120", None),
            ("120;X", None),
            (";R", None),
            ("+-1;N", None),
            ("1234567890;R", None),
        ] {
            assert_eq!(read(value), expected, "{value}");
        }
        let (hold, by) = (Some(Hold::For(60)), |value| read(value));
        assert!(check(at(0), hold, by("61;R")).is_ok());
        assert!(check(at(0), hold, by("60;R")).is_err());
        assert!(check(at(0), hold, by("60;N")).is_ok());
    }

    #[test]
    fn the_next_server_gets_what_is_left_of_the_time() {
        for (value, milliseconds, left) in [
            ("120;R", 0, "120;R"),
            ("120;RT", 1, "119;RT"),
            ("120;R", 60_000, "60;R"),
            ("120;R", 500_000, "-380;R"),
            ("-30;N", 2_000, "-32;N"),
            ("120;N", -5_000, "120;N"),
            ("-999999999;N", 5_000, "-999999999;N"),
        ] {
            let now = at(0) + SignedDuration::from_millis(milliseconds);
            let by = By::read(value).unwrap();
            assert_eq!(by.left(at(0), now).to_string(), left, "{value} {milliseconds}");
        }
    }

    #[test]
    fn who_wants_it_back_in_time_gets_it_back_where_nobody_promises_that() {
        for (value, passed, least, forbidden) in [
            ("60;R", 0, Some(0), false),
            ("60;R", 0, Some(60), false),
            ("60;R", 1, Some(60), true),
            ("60;R", 60, Some(0), true),
            ("60;R", 0, None, true),
            ("60;N", 90, Some(600), false),
            ("60;N", 0, None, false),
        ] {
            let by = By::read(value).unwrap().left(at(0), at(passed));
            assert_eq!(by.forbids(least).is_some(), forbidden, "{value} {passed} {least:?}");
        }
    }

    #[test]
    fn priorities_have_one_digit() {
        for (value, expected) in [
            ("0", Some(0)),
            ("9", Some(9)),
            ("-9", Some(-9)),
            ("10", None),
            ("+1", None),
            ("-", None),
            ("", None),
            ("--1", None),
        ] {
            assert_eq!(priority(value).ok(), expected, "{value}");
        }
    }
}
