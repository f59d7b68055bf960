//! The state of one purpose for one contact, in the words of the W3C Data Privacy Vocabulary.
//!
//! A pure function of what is on record. Whether a message may go is not decided here: the rules
//! know more (class, law, evidence).

use jiff::Timestamp;
use policy::{Ended, Grant, Method, Refusal, Scope, Source, Standing};
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
pub struct Request {
    pub at: Timestamp,
    /// They said: later.
    pub deferred: bool,
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
/// What the person said last counts; a refusal stands until a grant that begins later. Asked again
/// after an end, the contact is one that was asked; asked again after a no, one that said no.
pub fn state(
    now: Timestamp,
    purpose: &str,
    standing: &Standing,
    request: Option<Request>,
) -> State {
    let mine = |grant: &&Grant| grant.purpose == purpose && grant.from <= now;
    let grants: Vec<&Grant> = standing.grants.iter().filter(mine).collect();
    let each = || grants.iter().map(|grant| (*grant, worth(now, standing, grant)));
    let valid = each().filter(|(_, worth)| *worth == Worth::Valid).map(|(grant, _)| grant);
    let newest = valid.max_by_key(|grant| grant.from);
    if let Some(refusal) = refusal(now, purpose, standing)
        && newest.is_none_or(|grant| grant.from <= refusal.since)
    {
        // Who had agreed and says no takes it back.
        let agreed = grants.iter().any(|grant| ran_at(grant, refusal.since));
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
    let asked = unconfirmed.chain(request.filter(|one| one.at <= now)).max_by_key(|one| one.at);
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

/// What one grant is worth.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Worth {
    Valid,
    /// It waits for the click.
    Unconfirmed,
    Over(Timestamp, State),
}

fn worth(now: Timestamp, standing: &Standing, grant: &Grant) -> Worth {
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
    } else if grant.requires.double_opt_in && !is_confirmed(grant) {
        Worth::Unconfirmed
    } else {
        Worth::Valid
    }
}

/// It never was the person's own free act towards this controller.
fn is_void(grant: &Grant) -> bool {
    grant.method == Method::Preticked || grant.source != Source::Own
}

fn is_confirmed(grant: &Grant) -> bool {
    grant.confirmed_at.is_some()
        || matches!(grant.method, Method::DoubleOptIn | Method::RenewalClick)
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

/// The later grant carries on from the earlier, which nobody had ended before.
fn goes_on(earlier: &Grant, later: &Grant) -> bool {
    !is_void(earlier)
        && earlier.from < later.from
        && earlier.withdrawn_at.is_none_or(|end| end >= later.from)
}

fn refusal<'a>(now: Timestamp, purpose: &str, standing: &'a Standing) -> Option<&'a Refusal> {
    let concerns = |refusal: &&Refusal| match &refusal.scope {
        Scope::Everything => true,
        Scope::Purpose(refused) => refused == purpose,
    };
    let said = standing.refusals.iter().filter(concerns).filter(|one| one.since <= now);
    said.max_by_key(|refusal| refusal.since)
}

#[cfg(test)]
mod tests {
    use jiff::{Span, civil::date, tz::TimeZone};
    use policy::{Basis, Channel, Class, Requires, Sent};

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

    fn ended(year: i16, how: Ended, end: Timestamp) -> Grant {
        Grant { withdrawn_at: Some(end), ended: how, ..given(year) }
    }

    fn refused(scope: Scope, since: Timestamp) -> Refusal {
        Refusal { scope, since, event: "c1-9".into() }
    }

    /// Each row: what is on record, and from when on which state.
    #[test]
    fn every_state_is_reached_and_left_as_the_years_go_by() {
        use State::*;
        let asked = |at, deferred| Some(Request { at, deferred });
        let form = |year| Grant {
            method: Method::Form,
            requires: Requires { double_opt_in: true, ..Requires::default() },
            ..given(year)
        };
        let once =
            Grant { requires: Requires { once: true, ..Requires::default() }, ..given(2020) };
        let sent = Sent { purpose: "news".into(), class: Class::Commercial, at: at(2020, 6) };
        let all = Scope::Everything;
        let news = Scope::Purpose("news".into());
        let other = Scope::Purpose("other".into());
        type Row = (
            &'static str,
            Vec<Grant>,
            Vec<Refusal>,
            Vec<Sent>,
            Option<Request>,
            Vec<(Timestamp, State)>,
        );
        let table: Vec<Row> = vec![
            ("nothing", vec![], vec![], vec![], None, vec![(at(2019, 1), Unknown)]),
            (
                "asked",
                vec![],
                vec![],
                vec![],
                asked(at(2020, 1), false),
                vec![(at(2019, 12), Unknown), (at(2020, 1), Requested)],
            ),
            (
                "later",
                vec![],
                vec![],
                vec![],
                asked(at(2020, 1), true),
                vec![(at(2020, 1), RequestDeferred)],
            ),
            (
                "given and over",
                vec![given(2020)],
                vec![],
                vec![],
                None,
                vec![
                    (at(2019, 12), Unknown),
                    (at(2020, 1), Given),
                    (at(2022, 12), Given),
                    (at(2023, 1), Expired),
                    (at(2030, 1), Expired),
                ],
            ),
            (
                "asked while it runs",
                vec![given(2020)],
                vec![],
                vec![],
                asked(at(2022, 1), false),
                vec![(at(2022, 6), Given), (at(2023, 1), Expired)],
            ),
            (
                "asked after it",
                vec![given(2020)],
                vec![],
                vec![],
                asked(at(2023, 6), false),
                vec![(at(2023, 5), Expired), (at(2023, 6), Requested)],
            ),
            (
                "renewed in time",
                vec![given(2020), given(2022)],
                vec![],
                vec![],
                None,
                vec![
                    (at(2021, 12), Given),
                    (at(2022, 1), RenewedGiven),
                    (at(2024, 12), RenewedGiven),
                    (at(2025, 1), Expired),
                ],
            ),
            (
                "renewed late",
                vec![given(2020), given(2024)],
                vec![],
                vec![],
                None,
                vec![(at(2023, 6), Expired), (at(2024, 1), RenewedGiven)],
            ),
            (
                "withdrawn and given anew",
                vec![ended(2020, Ended::Withdrawn, at(2021, 1)), given(2022)],
                vec![],
                vec![],
                None,
                vec![
                    (at(2020, 6), Given),
                    (at(2021, 1), Withdrawn),
                    (at(2022, 1), Given),
                    (at(2025, 1), Expired),
                ],
            ),
            (
                "revoked",
                vec![ended(2020, Ended::Revoked, at(2021, 1))],
                vec![],
                vec![],
                None,
                vec![(at(2020, 12), Given), (at(2021, 1), Revoked), (at(2026, 1), Revoked)],
            ),
            (
                "terminated",
                vec![ended(2020, Ended::Terminated, at(2021, 1))],
                vec![],
                vec![],
                None,
                vec![(at(2021, 1), Terminated)],
            ),
            (
                "invalidated",
                vec![ended(2020, Ended::Invalidated, at(2021, 1))],
                vec![],
                vec![],
                None,
                vec![(at(2021, 1), Invalidated)],
            ),
            (
                "bought",
                vec![Grant { source: Source::Purchased, ..given(2020) }],
                vec![],
                vec![],
                None,
                vec![(at(2020, 1), Invalidated)],
            ),
            (
                "ticked beforehand, then given",
                vec![Grant { method: Method::Preticked, ..given(2020) }, given(2021)],
                vec![],
                vec![],
                None,
                vec![(at(2020, 6), Invalidated), (at(2021, 1), Given)],
            ),
            (
                "refused",
                vec![],
                vec![refused(news.clone(), at(2020, 1))],
                vec![],
                None,
                vec![(at(2019, 12), Unknown), (at(2020, 1), Refused), (at(2040, 1), Refused)],
            ),
            (
                "asked again after a no",
                vec![],
                vec![refused(all.clone(), at(2020, 1))],
                vec![],
                asked(at(2021, 1), false),
                vec![(at(2021, 6), Refused)],
            ),
            (
                "another one refused",
                vec![given(2020)],
                vec![refused(other, at(2021, 1))],
                vec![],
                None,
                vec![(at(2021, 6), Given)],
            ),
            (
                "a no takes back",
                vec![ended(2020, Ended::Withdrawn, at(2021, 1))],
                vec![refused(all.clone(), at(2021, 1))],
                vec![],
                None,
                vec![(at(2020, 6), Given), (at(2021, 1), Withdrawn), (at(2030, 1), Withdrawn)],
            ),
            (
                "a no after the end",
                vec![given(2020)],
                vec![refused(all, at(2024, 1))],
                vec![],
                None,
                vec![(at(2023, 6), Expired), (at(2024, 1), Refused)],
            ),
            (
                "yes after a no",
                vec![given(2022)],
                vec![refused(news, at(2020, 1))],
                vec![],
                None,
                vec![(at(2021, 1), Refused), (at(2022, 1), Given), (at(2025, 1), Refused)],
            ),
            (
                "waits for the click",
                vec![form(2020)],
                vec![],
                vec![],
                None,
                vec![(at(2020, 1), Requested), (at(2023, 1), Expired)],
            ),
            (
                "was clicked",
                vec![Grant { confirmed_at: Some(at(2020, 1)), ..form(2020) }],
                vec![],
                vec![],
                None,
                vec![(at(2020, 1), Given)],
            ),
            (
                "good for one message",
                vec![once],
                vec![],
                vec![sent],
                None,
                vec![(at(2020, 5), Given), (at(2020, 6), Expired)],
            ),
        ];
        let mut reached = std::collections::BTreeSet::new();
        for (what, grants, refusals, sent, request, expected) in table {
            let standing = Standing { grants, refusals, sent, ..Standing::default() };
            for (now, expected) in expected {
                let found = state(now, "news", &standing, request);
                assert_eq!(found, expected, "{what} at {now}");
                assert_eq!(state(now, "foreign", &Standing::default(), None), Unknown);
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
