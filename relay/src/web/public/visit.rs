//! One request with a valid link: who asks, for which controller, in which language.

use std::sync::Arc;

use axum::{
    http::{HeaderMap, HeaderName, StatusCode},
    response::{IntoResponse, Response},
};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use policy::{Class, Controller, Pack, Scope, Standing};
use uuid::Uuid;

use super::{
    Public,
    asked::Asked,
    desk::{Click, Desk},
    letters,
    page::Notice,
    post::To,
};
use crate::{
    config::Business,
    consent::link::{Dead, Kind, Link},
    db::Unavailable,
    smtp::envelope,
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

    /// Confirms what was refused by a letter, where a law that applies asks for one and the address
    /// is on record. The refusal stands whatever becomes of it.
    pub(super) async fn confirm(
        &self,
        public: &Public,
        click: &Click,
        refused: &[(Scope, String)],
    ) {
        let Some(sender) = self.sender().filter(|_| !refused.is_empty()) else { return };
        let told = self.send_confirmation(public, click, sender, refused).await;
        if let Err(fault) = told {
            tracing::error!(%fault, "a refusal could not be confirmed");
        }
    }

    async fn send_confirmation(
        &self,
        public: &Public,
        click: &Click,
        sender: &Controller,
        refused: &[(Scope, String)],
    ) -> Result<(), Unavailable> {
        let (address, country) = public.desk.whereabouts(click).await?;
        let country = country.or(sender.recipients);
        let packs = &self.business.policy.packs;
        let packs = Pack::applying(packs, click.at, sender.country, country);
        let asked = packs.iter().any(|pack| pack.terms.unsubscribe.confirm);
        let path =
            address.filter(|_| asked).and_then(|address| envelope::Path::parse(&address).ok());
        let Some(path) = path else { return Ok(()) };
        let words = Words::of(sender.language);
        let letter = letters::refusal(words, sender, refused, click.at);
        let to = To {
            id: Uuid::now_v7(),
            path,
            key: click.key,
            class: Class::Transactional,
            what: "refusal",
            life: LETTER_LIFE,
        };
        public.post.send(click.at, words, sender, to, &letter).await
    }

    /// Whether agreeing to the link's purpose ends a refusal that is on record.
    pub(super) async fn lifts(&self, desk: &Desk) -> bool {
        let standing = desk.standing(self.link.key).await.unwrap_or_default();
        is_refused(&standing, &[&self.link.purpose])
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

/// As long as a report is tried.
const LETTER_LIFE: SignedDuration = SignedDuration::from_hours(5 * 24);
