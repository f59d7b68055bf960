//! What the URL of the queue asks for, and what its form offers to choose from.

use std::collections::BTreeSet;

use super::{guest::Visit, problem::Problem};
use crate::{
    login::store,
    spool::{Asked, Stand, Which},
    staff::{Action, Reach},
};

/// What narrows the list.
pub(super) const FILTERS: [&str; 5] = ["domain", "stream", "login", "state", "delivery"];

/// What cannot be read narrows nothing; a delivery that is named so is none.
pub(super) fn asked(visit: &Visit) -> Asked {
    let query = &visit.query;
    Asked {
        which: which(visit),
        stand: query.get("state").and_then(Stand::parse),
        scope: scope(visit),
    }
}

pub(super) fn which(visit: &Visit) -> Which {
    let query = &visit.query;
    let text = |name| query.get(name).map(str::to_owned);
    Which {
        domain: text("domain"),
        stream: text("stream"),
        login: text("login"),
        delivery: query.get("delivery").map(|id| id.parse().unwrap_or_default()),
    }
}

/// Streams of the controllers whose queue the role lets see, and its own logins.
fn scope(visit: &Visit) -> Option<(Vec<String>, Vec<String>)> {
    let Reach::Part { controllers, logins } = visit.reach(Action::SeeQueue) else { return None };
    let business = visit.shared.console.business.load();
    let streams = business.streams.iter().map(|mapping| &mapping.stream);
    let owned = streams.filter(|stream| controllers.contains(&stream.controller.id));
    Some((owned.map(|stream| stream.id.clone()).collect(), logins))
}

/// What there is to choose, of what may be seen.
pub(super) struct Choices {
    pub streams: Vec<String>,
    pub logins: Vec<String>,
}

impl Choices {
    pub(super) async fn read(visit: &Visit) -> Result<Self, Problem> {
        let console = &visit.shared.console;
        if let Some((streams, logins)) = scope(visit) {
            return Ok(Self { streams, logins });
        }
        let business = console.business.load();
        let streams = business.streams.iter().map(|mapping| mapping.stream.id.clone());
        let streams: BTreeSet<String> = streams.collect();
        let logins = store::list(&console.db).await?.into_iter().map(|one| one.login.name.clone());
        Ok(Self { streams: streams.into_iter().collect(), logins: logins.collect() })
    }
}
