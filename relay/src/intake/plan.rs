//! What becomes of each recipient of one message, from verdicts and the login's choices. Pure.

use policy::{Action, Verdict};
use uuid::Uuid;

use super::reply;
use crate::{
    config::{Mixed, Refusals},
    journal::Taken,
    login::Login,
    smtp::reply::Reply,
};

/// What becomes of one recipient.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Fate {
    /// Kept and sent on.
    Send,
    /// Handed on at once, and not kept.
    Pass,
    /// Kept for a person to look at.
    Hold,
    /// Not kept; the reply says so to the client.
    Refuse,
    /// Not kept; the client hears 250, the sender gets a DSN.
    Report,
    /// Nothing is kept for anybody: the client tries again.
    Defer,
}

impl Fate {
    /// As the journal notes it.
    pub(super) fn taken(self) -> Taken {
        match self {
            Self::Send => Taken::Kept,
            Self::Pass => Taken::Passed,
            Self::Hold => Taken::Held,
            Self::Refuse => Taken::Refused,
            Self::Report => Taken::Reported,
            Self::Defer => Taken::Deferred,
        }
    }
}

/// One fate for each recipient, in order.
pub(super) fn fates(verdicts: &[Verdict], login: &Login, prdr: bool) -> Vec<Fate> {
    let own: Vec<Fate> = verdicts.iter().map(|verdict| fate(verdict.action)).collect();
    // A fact that is missing for one is tried again for all: a second try must not send twice.
    if own.contains(&Fate::Defer) {
        return vec![Fate::Defer; own.len()];
    }
    let refused = own.contains(&Fate::Refuse);
    let all_refused = own.iter().all(|fate| *fate == Fate::Refuse);
    if !refused || prdr {
        return own;
    }
    let instead = match (login.refusals, login.mixed) {
        (Refusals::Suppress, _) => Fate::Report,
        (Refusals::Reply, _) if all_refused => Fate::Refuse,
        (Refusals::Reply, Mixed::Refuse) => return vec![Fate::Refuse; own.len()],
        (Refusals::Reply, Mixed::Split) => Fate::Report,
    };
    own.into_iter().map(|fate| if fate == Fate::Refuse { instead } else { fate }).collect()
}

fn fate(action: Action) -> Fate {
    match action {
        Action::Send | Action::SendEdited => Fate::Send,
        Action::Defer => Fate::Defer,
        Action::Hold => Fate::Hold,
        Action::Reject => Fate::Refuse,
    }
}

/// What the client hears: one reply, or with PRDR one for each recipient and one for all.
pub(super) fn replies(
    message: Uuid,
    verdicts: &[Verdict],
    fates: &[Fate],
    prdr: bool,
) -> Vec<Reply> {
    let each = verdicts.iter().zip(fates).map(|(verdict, fate)| match fate {
        Fate::Send | Fate::Pass | Fate::Report => reply::accepted(message, false),
        Fate::Hold => reply::accepted(message, true),
        Fate::Refuse => reply::refused(verdict, message),
        Fate::Defer => reply::deferred(verdict, message),
    });
    // The one for all is the one that says most: a refusal or a try-again holds for everybody
    // where it is there at all, unless each recipient has a reply of its own.
    let mut each: Vec<Reply> = each.collect();
    if prdr {
        let taken = each.iter().any(|reply| reply.code < 300);
        let last =
            if taken { Some(reply::accepted(message, false)) } else { each.first().cloned() };
        each.extend(last);
        return each;
    }
    // Said of the recipient whose own verdict asks for it, not of one that shares its fate.
    let own = |at: usize| {
        let verdict = verdicts.get(at).map(|verdict| fate(verdict.action));
        verdict.is_some_and(|own| fates.get(at) == Some(&own))
    };
    let worst = each
        .iter()
        .enumerate()
        .max_by_key(|(at, reply)| (reply.code, own(*at), std::cmp::Reverse(*at)));
    match worst.map(|(_, reply)| reply.clone()) {
        Some(reply) if reply.code >= 300 => vec![reply],
        _ => vec![reply::accepted(message, fates.iter().all(|fate| *fate == Fate::Hold))],
    }
}
