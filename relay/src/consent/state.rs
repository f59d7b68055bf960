//! The state of one purpose for one contact, in the words of the W3C Data Privacy Vocabulary.
//!
//! A pure function of what is on record. Whether a message may go is not decided here: the rules
//! know more (class, law, evidence).

use jiff::Timestamp;
use policy::{Class, Ended, Grant, Method, Refusal, Source, Standing};
use serde::{Deserialize, Serialize};

/// The eleven states of a consent. Of a purpose on another basis they say the same of its grants.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
pub enum State {
    #[serde(rename = "ConsentUnknown")]
    Unknown,
    #[serde(rename = "ConsentRequested")]
    Requested,
    #[serde(rename = "ConsentRequestDeferred")]
    RequestDeferred,
    #[serde(rename = "ConsentRefused")]
    Refused,
    #[serde(rename = "ConsentGiven")]
    Given,
    #[serde(rename = "RenewedConsentGiven")]
    RenewedGiven,
    #[serde(rename = "ConsentExpired")]
    Expired,
    #[serde(rename = "ConsentWithdrawn")]
    Withdrawn,
    #[serde(rename = "ConsentRevoked")]
    Revoked,
    #[serde(rename = "ConsentTerminated")]
    Terminated,
    #[serde(rename = "ConsentInvalidated")]
    Invalidated,
}

/// The person was asked and has not answered.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Request {
    at: Timestamp,
    /// They said: later.
    deferred: bool,
}

impl State {
    pub const ALL: [Self; 11] = [
        Self::Unknown,
        Self::Requested,
        Self::RequestDeferred,
        Self::Refused,
        Self::Given,
        Self::RenewedGiven,
        Self::Expired,
        Self::Withdrawn,
        Self::Revoked,
        Self::Terminated,
        Self::Invalidated,
    ];

    /// The term of the vocabulary, without its namespace.
    pub fn term(self) -> &'static str {
        match self {
            Self::Unknown => "ConsentUnknown",
            Self::Requested => "ConsentRequested",
            Self::RequestDeferred => "ConsentRequestDeferred",
            Self::Refused => "ConsentRefused",
            Self::Given => "ConsentGiven",
            Self::RenewedGiven => "RenewedConsentGiven",
            Self::Expired => "ConsentExpired",
            Self::Withdrawn => "ConsentWithdrawn",
            Self::Revoked => "ConsentRevoked",
            Self::Terminated => "ConsentTerminated",
            Self::Invalidated => "ConsentInvalidated",
        }
    }

    /// Whether processing may rest on it.
    pub fn is_valid(self) -> bool {
        matches!(self, Self::Given | Self::RenewedGiven)
    }
}

/// The state of `purpose` at `now`.
///
/// What the person said last counts; a refusal stands until a grant that begins later, and does
/// not touch what rests on no will of theirs: a contract that runs, a duty. Asked again
/// after an end, the contact is one that was asked; asked again after a no, one that said no.
pub fn state(now: Timestamp, purpose: &str, standing: &Standing) -> State {
    let mine = |grant: &&Grant| grant.purpose == purpose && grant.from <= now;
    let grants: Vec<&Grant> = standing.grants.iter().filter(mine).collect();
    let each = || grants.iter().map(|grant| (*grant, worth(now, standing, grant)));
    let valid = each().filter(|(_, worth)| *worth == Worth::Valid).map(|(grant, _)| grant);
    let newest = valid.max_by_key(|grant| grant.from);
    let said = refusals(now, purpose, standing);
    if let Some(refusal) = said.last()
        && newest.is_none_or(|grant| grant.basis.is_by_will() && grant.from <= refusal.since)
    {
        // Who had agreed and says no takes it back, and saying no again changes nothing of that.
        let took_back = |no: &&Refusal| {
            grants.iter().any(|grant| ran_at(grant, no.since) || ended_since(grant, no, now))
        };
        let agreed = said.iter().any(took_back);
        return if agreed { State::Withdrawn } else { State::Refused };
    }
    if let Some(grant) = newest {
        let renewed = grants.iter().any(|earlier| goes_on(earlier, grant));
        return if renewed { State::RenewedGiven } else { State::Given };
    }
    let unconfirmed = each().filter_map(|(grant, worth)| match worth {
        Worth::Unconfirmed => Some(Request { at: grant.from, deferred: false }),
        Worth::Valid | Worth::Over(..) => None,
    });
    let asked = unconfirmed.chain(request(now, purpose, standing)).max_by_key(|one| one.at);
    let over = each().filter_map(|(_, worth)| match worth {
        Worth::Over(at, state) => Some((at, state)),
        Worth::Valid | Worth::Unconfirmed => None,
    });
    match (over.max(), asked) {
        (Some((at, state)), Some(asked)) if asked.at <= at => state,
        (_, Some(Request { deferred: true, .. })) => State::RequestDeferred,
        (_, Some(Request { deferred: false, .. })) => State::Requested,
        (Some((_, state)), None) => state,
        (None, None) => State::Unknown,
    }
}

/// What one grant that has begun is worth, refusals left aside.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Worth {
    Valid,
    /// It waits for the click.
    Unconfirmed,
    /// Since when, and in which way.
    Over(Timestamp, State),
}

pub fn worth(now: Timestamp, standing: &Standing, grant: &Grant) -> Worth {
    let ended = grant.withdrawn_at.filter(|at| *at <= now);
    if is_void(grant) {
        Worth::Over(grant.from, State::Invalidated)
    } else if let Some(at) = ended {
        let state = match grant.ended {
            Ended::Withdrawn => State::Withdrawn,
            Ended::Revoked => State::Revoked,
            Ended::Terminated => State::Terminated,
            Ended::Invalidated => State::Invalidated,
        };
        Worth::Over(at, state)
    } else if grant.until <= now {
        Worth::Over(grant.until, State::Expired)
    } else if let Some(at) = spent_at(now, standing, grant) {
        Worth::Over(at, State::Expired)
    } else if grant.requires.double_opt_in && grant.confirmed_at.is_none() {
        Worth::Unconfirmed
    } else {
        Worth::Valid
    }
}

/// It never was the person's own free act towards this controller.
fn is_void(grant: &Grant) -> bool {
    grant.method == Method::Preticked || grant.source != Source::Own
}

/// Good for one message, which went.
fn spent_at(now: Timestamp, standing: &Standing, grant: &Grant) -> Option<Timestamp> {
    let counts = |sent: &&policy::Sent| {
        sent.purpose == grant.purpose
            && sent.class.is_commercial()
            && sent.at >= grant.from
            && sent.at <= now
    };
    let first = standing.sent.iter().filter(counts).map(|sent| sent.at).min();
    first.filter(|_| grant.requires.once)
}

/// It stood at that moment, or the same statement ended it.
fn ran_at(grant: &Grant, at: Timestamp) -> bool {
    !is_void(grant)
        && grant.from <= at
        && grant.until > at
        && grant.withdrawn_at.is_none_or(|end| end >= at)
}

/// The person, who refused everything before, agreed to the purpose and took that back.
fn ended_since(grant: &Grant, refusal: &Refusal, now: Timestamp) -> bool {
    let by_the_person = !is_void(grant) && grant.ended == Ended::Withdrawn;
    by_the_person
        && grant.from > refusal.since
        && grant.withdrawn_at.is_some_and(|end| end > grant.from && end <= now)
}

/// The last message that asked for the consent. Whoever asked for a pause meanwhile said: later.
fn request(now: Timestamp, purpose: &str, standing: &Standing) -> Option<Request> {
    let asks = |sent: &&policy::Sent| {
        sent.class == Class::ReconsentRequest && sent.purpose == purpose && sent.at <= now
    };
    let at = standing.sent.iter().filter(asks).map(|sent| sent.at).max()?;
    let deferred = standing.preferences.iter().any(|wish| {
        wish.purpose.as_deref().is_none_or(|own| own == purpose)
            && wish.paused_until.is_some_and(|until| until > now)
    });
    Some(Request { at, deferred })
}

/// The later grant carries on from the earlier, which nobody had ended before.
fn goes_on(earlier: &Grant, later: &Grant) -> bool {
    !is_void(earlier)
        && earlier.from < later.from
        && earlier.withdrawn_at.is_none_or(|end| end >= later.from)
}

/// Those that concern the purpose, oldest first.
fn refusals<'a>(now: Timestamp, purpose: &str, standing: &'a Standing) -> Vec<&'a Refusal> {
    let concerns = |refusal: &&Refusal| refusal.concerns(Some(purpose));
    let said = standing.refusals.iter().filter(concerns).filter(|one| one.since <= now);
    let mut said: Vec<&Refusal> = said.collect();
    said.sort_by_key(|refusal| refusal.since);
    said
}

#[cfg(test)]
mod tests {
    use jiff::{Span, civil::date, tz::TimeZone};
    use policy::{Basis, Channel, Preference, Requires, Scope, Sent};

    use super::*;

    /// The first day of a month of a year.
    fn at(year: i16, month: i8) -> Timestamp {
        date(year, month, 1).to_zoned(TimeZone::UTC).unwrap().timestamp()
    }

    /// For three years.
    fn given(year: i16) -> Grant {
        let from = at(year, 1);
        let until = from.to_zoned(TimeZone::UTC).checked_add(Span::new().years(3)).unwrap();
        Grant {
            purpose: "news".into(),
            basis: Basis::Consent,
            from,
            until: until.timestamp(),
            method: Method::DoubleOptIn,
            source: Source::Own,
            withdrawn_at: None,
            ended: Ended::Withdrawn,
            confirmed_at: None,
            age_declared: false,
            evidence: vec![],
            requires: Requires::default(),
            channel: Channel::Email,
            event: format!("c1-{year}"),
        }
    }

    /// `2020` or `2020-06`.
    fn when(text: &str) -> Timestamp {
        let (year, month) = text.split_once('-').unwrap_or((text, "1"));
        at(year.parse().unwrap(), month.parse().unwrap())
    }

    /// Words of what is on record: `given 2020`, `revoked 2020 2021` (given and revoked),
    /// `refused news 2021`, `refused all 2021 news` (but for the news), `asked 2022`, `pause 2022`.
    fn record(text: &str) -> Standing {
        let mut standing = Standing::default();
        for fact in text.split(", ").filter(|fact| !fact.is_empty()) {
            let words: Vec<&str> = fact.split(' ').collect();
            let year = || given(words[1].parse().unwrap());
            let ended = |ended| Grant { withdrawn_at: Some(when(words[2])), ended, ..year() };
            let asks = Requires { double_opt_in: true, ..Requires::default() };
            let form = || Grant { method: Method::Form, requires: asks, ..year() };
            let once = Requires { once: true, ..Requires::default() };
            let grant = match words[0] {
                "given" => year(),
                "withdrawn" => ended(Ended::Withdrawn),
                "revoked" => ended(Ended::Revoked),
                "terminated" => ended(Ended::Terminated),
                "invalidated" => ended(Ended::Invalidated),
                "bought" => Grant { source: Source::Purchased, ..year() },
                "preticked" => Grant { method: Method::Preticked, ..year() },
                "form" => form(),
                "said" => Grant { method: Method::DoubleOptIn, ..form() },
                "clicked" => Grant { confirmed_at: Some(when(words[1])), ..form() },
                "once" => Grant { requires: once, ..year() },
                "sent" => {
                    let at = when(words[1]);
                    let sent = Sent { purpose: "news".into(), class: Class::Commercial, at };
                    standing.sent.push(sent);
                    continue;
                }
                "refused" => {
                    let scope = match words[1] {
                        "all" => Scope::Everything,
                        purpose => Scope::Purpose(purpose.into()),
                    };
                    let (since, event) = (when(words[2]), "c1-9".into());
                    let except = words.get(3).map(|own| (*own).to_owned()).into_iter().collect();
                    standing.refusals.push(Refusal { scope, except, since, event });
                    continue;
                }
                // For a year, of everything.
                "pause" => {
                    let paused_until = Some(at(words[1].parse::<i16>().unwrap() + 1, 1));
                    let wish = Preference { paused_until, ..Preference::about(None) };
                    standing.preferences.push(wish);
                    continue;
                }
                "asked" => {
                    let (purpose, class) = ("news".into(), Class::ReconsentRequest);
                    standing.sent.push(Sent { purpose, class, at: when(words[1]) });
                    continue;
                }
                other => panic!("no fact is called {other}"),
            };
            standing.grants.push(grant);
        }
        standing
    }

    /// What is on record, and from when on which state. A grant lasts three years.
    const TABLE: &[(&str, &str)] = &[
        ("", "2019 ConsentUnknown"),
        ("asked 2020", "2019-12 ConsentUnknown, 2020 ConsentRequested"),
        ("asked 2020, pause 2020", "2020 ConsentRequestDeferred, 2021 ConsentRequested"),
        ("pause 2020", "2020 ConsentUnknown"),
        ("given 2021, refused all 2020 news", "2021 ConsentGiven, 2024 ConsentExpired"),
        ("withdrawn 2021 2022, refused all 2020", "2020-06 ConsentRefused, 2022 ConsentWithdrawn"),
        (
            "given 2020",
            "2019-12 ConsentUnknown, 2020 ConsentGiven, 2022-12 ConsentGiven, \
             2023 ConsentExpired, 2030 ConsentExpired",
        ),
        ("given 2020, asked 2022", "2022-06 ConsentGiven, 2023 ConsentExpired"),
        ("given 2020, asked 2023-06", "2023-05 ConsentExpired, 2023-06 ConsentRequested"),
        (
            "given 2020, given 2022",
            "2021-12 ConsentGiven, 2022 RenewedConsentGiven, 2024-12 RenewedConsentGiven, \
             2025 ConsentExpired",
        ),
        ("given 2020, given 2024", "2023-06 ConsentExpired, 2024 RenewedConsentGiven"),
        (
            "withdrawn 2020 2021, given 2022",
            "2020-06 ConsentGiven, 2021 ConsentWithdrawn, 2022 ConsentGiven, 2025 ConsentExpired",
        ),
        ("revoked 2020 2021", "2020-12 ConsentGiven, 2021 ConsentRevoked, 2026 ConsentRevoked"),
        ("terminated 2020 2021", "2020-12 ConsentGiven, 2021 ConsentTerminated"),
        ("invalidated 2020 2021", "2021 ConsentInvalidated"),
        ("bought 2020", "2020 ConsentInvalidated"),
        ("preticked 2020, given 2021", "2020-06 ConsentInvalidated, 2021 ConsentGiven"),
        ("refused news 2020", "2019-12 ConsentUnknown, 2020 ConsentRefused, 2040 ConsentRefused"),
        ("refused all 2020, asked 2021", "2021-06 ConsentRefused"),
        ("given 2020, refused other 2021", "2021-06 ConsentGiven"),
        (
            "withdrawn 2020 2021, refused all 2021",
            "2020-06 ConsentGiven, 2021 ConsentWithdrawn, 2030 ConsentWithdrawn",
        ),
        (
            "withdrawn 2020 2021, refused all 2021, refused news 2022",
            "2021 ConsentWithdrawn, 2023 ConsentWithdrawn",
        ),
        ("given 2020, refused all 2024", "2023-06 ConsentExpired, 2024 ConsentRefused"),
        (
            "given 2022, refused news 2020",
            "2021 ConsentRefused, 2022 ConsentGiven, 2025 ConsentRefused",
        ),
        ("form 2020", "2020 ConsentRequested, 2023 ConsentExpired"),
        ("said 2020", "2020 ConsentRequested, 2023 ConsentExpired"),
        ("clicked 2020", "2020 ConsentGiven"),
        ("once 2020, sent 2020-06", "2020-05 ConsentGiven, 2020-06 ConsentExpired"),
    ];

    #[test]
    fn every_state_is_reached_and_left_as_the_years_go_by() {
        let mut reached = std::collections::BTreeSet::new();
        for (facts, timeline) in TABLE {
            let standing = record(facts);
            for step in timeline.split(", ") {
                let (now, expected) = step.split_once(' ').unwrap();
                let found = state(when(now), "news", &standing);
                assert_eq!(found.term(), expected, "{facts} in {now}");
                assert_eq!(state(when(now), "x", &Standing::default()), State::Unknown);
                reached.insert(found);
            }
        }
        assert_eq!(reached.into_iter().collect::<Vec<_>>(), State::ALL);
    }

    #[test]
    fn a_state_is_written_as_the_vocabulary_has_it() {
        for state in State::ALL {
            assert_eq!(serde_json::to_value(state).unwrap(), state.term());
            assert_eq!(serde_json::from_value::<State>(state.term().into()).unwrap(), state);
        }
        assert_eq!(State::ALL.into_iter().filter(|one| one.is_valid()).count(), 2);
    }
}
