//! One request with a valid link: who asks, for which controller, in which language.

use std::sync::Arc;

use axum::{
    http::{HeaderMap, HeaderName, StatusCode},
    response::{IntoResponse, Response},
};
use jiff::{Timestamp, tz::TimeZone};
use policy::{Controller, Scope, Standing};

use super::{
    asked::Asked,
    desk::{Click, Desk},
    page::Notice,
};
use crate::{
    config::Business,
    consent::link::{Dead, Kind, Link},
    words::Words,
};

/// One request with a valid link.
pub(super) struct Visit {
    pub link: Link,
    business: Arc<Business>,
    pub words: &'static Words,
    pub now: Timestamp,
    ip: String,
    user_agent: String,
}

impl Visit {
    /// Opens the token; a link of another kind counts as none.
    pub(super) fn open(asked: &Asked, kinds: &[Kind]) -> Result<Self, Box<Response>> {
        let Asked { shared, now, ip, .. } = asked;
        let link = Link::open(&shared.public.secret, &asked.token, *now);
        let link = link
            .and_then(|link| if kinds.contains(&link.kind) { Ok(link) } else { Err(Dead::Forged) });
        match link {
            Ok(link) => {
                let business = shared.public.business.load_full();
                let sender = business.controller(&link.controller).map(Arc::as_ref);
                Ok(Self {
                    words: asked.words(sender),
                    now: *now,
                    ip: ip.to_string(),
                    user_agent: asked.user_agent(),
                    link,
                    business,
                })
            }
            Err(dead) if dead == Dead::Forged && shared.guesses.is_too_many(*ip, *now) => {
                Err(Box::new(StatusCode::TOO_MANY_REQUESTS.into_response()))
            }
            Err(dead) => Err(Box::new(Notice::dead(asked.words(None), dead))),
        }
    }

    pub(super) fn sender(&self) -> Option<&Controller> {
        self.business.controller(&self.link.controller).map(Arc::as_ref)
    }

    /// In which the controller counts days.
    pub(super) fn zone(&self) -> TimeZone {
        self.sender().map_or(TimeZone::UTC, |sender| sender.time_zone.clone())
    }

    pub(super) fn click(&self, how: &'static str, wording: impl Into<String>) -> Click {
        Click {
            at: self.now,
            controller: self.link.controller.clone(),
            key: self.link.key,
            message: self.link.message,
            how,
            ip: self.ip.clone(),
            user_agent: self.user_agent.clone(),
            language: self.words.lang,
            wording: wording.into(),
        }
    }

    /// The name of the link's purpose; its id where the store does not answer or know it.
    pub(super) async fn purpose_name(&self, desk: &Desk) -> Option<String> {
        let id = &self.link.purpose;
        if id.is_empty() {
            return None;
        }
        let known = desk.purposes(&self.link.controller).await.unwrap_or_default();
        let name = known.into_iter().find(|purpose| purpose.id == *id).map(|found| found.name);
        Some(name.unwrap_or_else(|| id.clone()))
    }
}

/// Everything, or any of these purposes.
pub(super) fn is_refused(standing: &Standing, purposes: &[&str]) -> bool {
    standing.refusals.iter().any(|refusal| {
        (refusal.scope == Scope::Everything && purposes.is_empty())
            || purposes.iter().any(|purpose| refusal.concerns(Some(purpose)))
    })
}

pub(super) fn header_text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
