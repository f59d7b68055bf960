//! policy.toml resolved: controllers, streams and what broken rules ask for.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use policy::{Controller, Pack, Policy, Stream, Term};

use super::{Form, Hook, Review, Times};

/// All of policy.toml; replaced whole when the file changes.
#[derive(Clone, Debug)]
pub struct Business {
    pub policy: Policy,
    pub controllers: Vec<Arc<Controller>>,
    pub streams: Vec<Mapping>,
    pub forms: Vec<Form>,
    pub hooks: Vec<Hook>,
    /// By controller; see [`Self::keeping`].
    pub keeping: BTreeMap<String, Keeping>,
    pub review: Review,
    /// The file as it stands, for whoever asks later what was in force.
    pub text: Arc<str>,
}

/// How long a controller keeps what it knows of people, beside what its pack says.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Keeping {
    /// The silent are asked for a last sign of life and unsubscribed after so long without one;
    /// `None`: nobody is.
    pub reactivate_within: Option<Term>,
    /// Evidence goes when the pack's time for keeping it is over.
    pub purge_evidence: bool,
}

/// One stream and the messages that belong to it. Every list that is not empty must match.
#[derive(Clone, Debug)]
pub struct Mapping {
    pub stream: Arc<Stream>,
    /// Names of logins.
    pub logins: Vec<String>,
    /// `@shop.cz`, `@*.shop.cz`, `news@shop.cz`, compared with header From.
    pub from: Vec<String>,
    /// List-Ids without brackets.
    pub list_ids: Vec<String>,
    /// Values of the header `Souhlas-Stream` that mean this stream, besides its id.
    pub header: Vec<String>,
    /// How often and how long its messages are tried.
    pub times: Times,
}

/// What of a message tells its stream. Empty where the message does not say.
#[derive(Clone, Copy, Debug, Default)]
pub struct Signs<'a> {
    pub login: &'a str,
    /// Address in header From.
    pub from: &'a str,
    /// Value of List-Id without brackets.
    pub list_id: &'a str,
    /// Value of `Souhlas-Stream`.
    pub header: &'a str,
}

impl Business {
    pub fn controller(&self, id: &str) -> Option<&Arc<Controller>> {
        self.controllers.iter().find(|controller| controller.id == id)
    }

    /// How long a controller keeps what it knows.
    pub fn keeping(&self, controller: &str) -> &Keeping {
        static NOTHING: Keeping = Keeping { reactivate_within: None, purge_evidence: false };
        self.keeping.get(controller).unwrap_or(&NOTHING)
    }

    /// The controller's own pack, by which its clocks run.
    pub fn pack_of(&self, controller: &Controller, now: Timestamp) -> Option<&Pack> {
        Pack::applying(&self.policy.packs, now, controller.country, None).into_iter().next()
    }

    pub fn hook(&self, id: &str) -> Option<&Hook> {
        self.hooks.iter().find(|hook| hook.id == id)
    }

    pub fn form(&self, id: &str) -> Option<&Form> {
        self.forms.iter().find(|form| form.id == id)
    }

    pub fn stream(&self, id: &str) -> Option<&Arc<Stream>> {
        self.streams.iter().map(|mapping| &mapping.stream).find(|stream| stream.id == id)
    }

    /// How often and how long the stream's messages are tried; `None`: as everybody's.
    pub fn times(&self, stream: &str) -> Option<&Times> {
        let times = self.streams.iter().find(|mapping| mapping.stream.id == stream)?;
        Some(&times.times).filter(|times| !times.is_empty())
    }

    /// Whether commercial messages about the stream's purpose are counted: by its own cap or by
    /// that of another stream of the same purpose.
    pub fn caps(&self, stream: &Stream) -> bool {
        let alike = |other: &Stream| {
            other.purpose.is_some()
                && other.purpose == stream.purpose
                && other.controller.id == stream.controller.id
        };
        let mut streams = self.streams.iter().map(|mapping| &mapping.stream);
        stream.at_most.is_some() || streams.any(|other| other.at_most.is_some() && alike(other))
    }

    /// The stream that a message belongs to; `None` where none does.
    ///
    /// Of all that match the most specific wins: one named by the message's `Souhlas-Stream`
    /// before one with its List-Id, before one with its From (a whole address before a domain,
    /// a domain before `*.`), before one with its login; among equals the first in the file. A
    /// message that names a stream belongs to that one or to none.
    pub fn stream_for(&self, signs: &Signs<'_>) -> Option<&Arc<Stream>> {
        let mut best: Option<(Rank, &Mapping)> = None;
        for mapping in &self.streams {
            let Some(rank) = mapping.rank(signs) else { continue };
            if best.as_ref().is_none_or(|(other, _)| rank > *other) {
                best = Some((rank, mapping));
            }
        }
        best.map(|(_, mapping)| &mapping.stream)
    }

    /// The stream where login and MAIL FROM alone make it certain, which they do in two cases:
    /// only one stream is open to the login, or only one of those names this very address.
    /// A domain is not enough: many tools send all streams from one bounce domain.
    pub fn stream_by_envelope(&self, login: &str, mail_from: &str) -> Option<&Arc<Stream>> {
        let open = |mapping: &&Mapping| {
            mapping.logins.is_empty() || mapping.logins.iter().any(|name| name == login)
        };
        let named =
            |mapping: &&Mapping| mapping.from.iter().any(|own| same_address(own, mail_from));
        only(self.streams.iter().filter(open))
            .or_else(|| only(self.streams.iter().filter(open).filter(named)))
            .map(|mapping| &mapping.stream)
    }
}

/// By header, List-Id, From and login.
type Rank = (u8, u8, u8, u8);

impl Mapping {
    /// How closely it matches; `None`: not at all.
    fn rank(&self, signs: &Signs<'_>) -> Option<Rank> {
        let named = !signs.header.is_empty()
            && (self.stream.id == signs.header
                || self.header.iter().any(|own| own == signs.header));
        if !signs.header.is_empty() && !named {
            return None;
        }
        let login = listed(&self.logins, |own| u8::from(own == signs.login))?;
        // A message that names its stream needs no other sign of it, but the login must be open.
        if named {
            return Some((1, 0, 0, login));
        }
        let list = listed(&self.list_ids, |own| u8::from(own.eq_ignore_ascii_case(signs.list_id)))?;
        let from = listed(&self.from, |own| from_rank(own, signs.from))?;
        let any = list > 0 || from > 0 || login > 0;
        any.then_some((0, list, from, login))
    }
}

/// Whether a sender pattern (`news@shop.cz`, `@shop.cz`, `@*.shop.cz`) covers an address; the
/// same words as a login's senders.
pub fn sender_matches(pattern: &str, address: &str) -> bool {
    from_rank(pattern, address) > 0
}

/// The best rank in a list; an empty list asks for nothing.
fn listed(list: &[String], rank: impl Fn(&str) -> u8) -> Option<u8> {
    if list.is_empty() {
        return Some(0);
    }
    list.iter().map(|own| rank(own)).max().filter(|best| *best > 0)
}

fn from_rank(pattern: &str, address: &str) -> u8 {
    let Some((_, domain)) = address.rsplit_once('@') else { return 0 };
    match pattern.split_once('@') {
        Some(("", own)) => match own.strip_prefix("*.") {
            Some(parent) => u8::from(is_below(domain, parent)),
            None => 2 * u8::from(own.eq_ignore_ascii_case(domain)),
        },
        Some(_) => 3 * u8::from(same_address(pattern, address)),
        None => 0,
    }
}

fn same_address(own: &str, other: &str) -> bool {
    !own.starts_with('@') && own.to_lowercase() == other.to_lowercase()
}

/// Below, not equal: `a.shop.cz` is below `shop.cz`.
fn is_below(domain: &str, parent: &str) -> bool {
    let domain = domain.to_ascii_lowercase();
    domain
        .strip_suffix(&parent.to_ascii_lowercase())
        .and_then(|rest| rest.strip_suffix('.'))
        .is_some_and(|rest| !rest.is_empty())
}

fn only<'a>(mut found: impl Iterator<Item = &'a Mapping>) -> Option<&'a Mapping> {
    let first = found.next()?;
    found.next().is_none().then_some(first)
}
