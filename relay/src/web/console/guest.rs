//! One request: who asks, from where, in which language. [`Guest`] may be anybody, [`Visit`] is
//! somebody whom the gate let through.

use std::{ops::Deref, sync::Arc};

use axum::{
    extract::{self, FromRequestParts, OptionalFromRequestParts},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use jiff::{Timestamp, tz::TimeZone};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::{
    Shared,
    cookie::Cookie,
    frame::{DONE, Frame, LANGUAGES},
    nav,
    problem::{MISSING, Problem, REFUSED},
    query::Query,
};
use crate::{
    db::Unavailable,
    staff::{Account, Action, By, Entry, From, Reach, Session, Stage, Token},
    web::form::{self, File, Form},
    words::Words,
};

/// Whoever asks.
#[derive(Clone)]
pub(super) struct Guest {
    pub shared: Shared,
    pub now: Timestamp,
    pub from: From,
    pub words: &'static Words,
    /// What every form of theirs has to carry.
    pub form_key: String,
    pub query: Query,
    pub path: String,
    pub is_get: bool,
    /// As far as it lets.
    pub session: Option<Arc<Session>>,
}

impl Guest {
    /// What stands around their page.
    pub(super) fn frame(&self) -> Frame {
        let whole = self.session.as_ref().filter(|session| self.stage(session) == Stage::Whole);
        let rights = whole.map(|session| &session.account.rights);
        let done = self.query.get("done").and_then(|word| {
            let (_, id) = DONE.iter().find(|(own, _)| *own == word)?;
            Some(self.words.say(id))
        });
        Frame {
            words: self.words,
            who: whole.map(|session| session.account.name.clone()),
            nav: rights.map_or_else(Vec::new, |rights| {
                nav::groups(&self.shared.table, rights, self.words, &self.path)
            }),
            form_key: self.form_key.clone(),
            done,
            here: self.here(),
            zone: self.zone(),
        }
    }

    pub(super) fn stage(&self, session: &Session) -> Stage {
        self.shared.console.staff.stage(&session.account, session.how)
    }

    /// In which moments are written, and days begin and end: the first controller's.
    pub(super) fn zone(&self) -> TimeZone {
        let business = self.shared.console.business.load();
        business.controllers.first().map_or(TimeZone::UTC, |first| first.time_zone.clone())
    }

    /// Path and query, where that can be asked for again.
    pub(super) fn here(&self) -> String {
        if self.is_get { self.query.url(&self.path, &[("done", None)]) } else { "/".to_owned() }
    }

    /// Where to go on behind the way in: a path of the console and nothing else.
    pub(super) fn then<'t>(&self, said: Option<&'t str>) -> &'t str {
        let is_path = |text: &&str| {
            let second = text.as_bytes().get(1);
            text.starts_with('/')
                && second.is_none_or(|byte| *byte != b'/' && *byte != b'\\')
                && text.len() <= THEN_MAX
                && text.bytes().all(|byte| byte.is_ascii_graphic())
        };
        said.filter(is_path).unwrap_or("/")
    }

    /// To another page, with the session that opens now.
    pub(super) fn signed_in(&self, token: &Token, to: &str) -> Response {
        let mut response = redirect(to);
        let is_https = self.shared.origins.is_https;
        if let Some(cookie) = Cookie::Session.set(&token.reveal(), is_https) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        response
    }
}

/// Somebody who is signed in, as far as the route asks.
pub(super) struct Visit {
    guest: Guest,
    pub session: Arc<Session>,
}

impl Deref for Visit {
    type Target = Guest;

    fn deref(&self) -> &Guest {
        &self.guest
    }
}

impl Visit {
    pub(super) fn account(&self) -> &Account {
        &self.session.account
    }

    pub(super) fn id(&self) -> Uuid {
        self.session.account.id
    }

    pub(super) fn may(&self, action: Action) -> bool {
        self.session.account.rights.may(action)
    }

    /// To what an action may be done: for the filter of a list, and for one thing before it is shown.
    pub(super) fn reach(&self, action: Action) -> Reach {
        self.session.account.rights.reach(action)
    }

    /// For the trail, and (its `actor`) for the ledger.
    pub(super) fn by(&self) -> By {
        By::staff(self.id(), self.from.ip)
    }

    /// Writes down what is done or seen.
    pub(super) async fn note(&self, entry: &Entry) -> Result<(), Unavailable> {
        self.shared.console.staff.note(self.now, &self.by(), entry).await
    }
}

impl<S: Sync> FromRequestParts<S> for Guest {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or(REFUSED)
    }
}

impl<S: Sync> FromRequestParts<S> for Visit {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let guest = Guest::from_request_parts(parts, state).await?;
        let session = guest.session.clone().ok_or(REFUSED)?;
        Ok(Self { guest, session })
    }
}

/// What stands in the path in the place of `{id}` and the like. What cannot be one names nothing.
pub(super) struct Path<T>(pub T);

impl<T: DeserializeOwned + Send + 'static, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let read = <extract::Path<T> as FromRequestParts<S>>::from_request_parts(parts, state);
        read.await.map(|extract::Path(part)| Self(part)).map_err(|_| MISSING)
    }
}

/// `None`: the route has no such place.
impl<T: DeserializeOwned + Send + 'static, S: Send + Sync> OptionalFromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, Problem> {
        type Read<T> = extract::Path<T>;
        let read = <Read<T> as OptionalFromRequestParts<S>>::from_request_parts(parts, state);
        let read = read.await.map_err(|_| MISSING)?;
        Ok(read.map(|extract::Path(part)| Self(part)))
    }
}

/// What a form said, after the gate has looked at its token.
#[derive(Clone)]
pub(super) struct Posted(pub Arc<Form>);

impl Posted {
    /// Empty where the form has no such field.
    pub(super) fn value(&self, name: &str) -> &str {
        form::value(&self.0.fields, name).unwrap_or_default()
    }

    pub(super) fn values(&self, name: &str) -> Vec<&str> {
        form::values(&self.0.fields, name)
    }

    /// All of it, to show it again.
    pub(super) fn said(&self) -> Query {
        Query::of(&self.0.fields)
    }

    pub(super) fn file(&self, name: &str) -> Option<&File> {
        self.0.files.iter().find(|file| file.field == name && !file.name.is_empty())
    }
}

impl<S: Sync> FromRequestParts<S> for Posted {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or(REFUSED)
    }
}

/// After an action: the page is asked for, and asking again does nothing again.
pub(super) fn redirect(to: &str) -> Response {
    let location = HeaderValue::from_str(to).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response()
}

/// The first of: their account's, the one they chose, one that the browser asks for, English.
pub(super) fn words(headers: &HeaderMap, is_https: bool, account: Option<&str>) -> &'static Words {
    let chosen = account.or_else(|| Cookie::Language.read(headers, is_https));
    let known = |lang: &str| LANGUAGES.contains(&lang).then(|| Words::named(lang)).flatten();
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let accepted = Words::accepted(accepted.unwrap_or_default());
    let english = Words::of(policy::Language::English);
    chosen.and_then(known).or_else(|| known(accepted.lang)).unwrap_or(english)
}

/// As a browser calls itself, cut short.
pub(super) fn program(headers: &HeaderMap) -> String {
    let said = headers.get(HeaderName::from_static("user-agent"));
    let said = said.and_then(|value| value.to_str().ok()).unwrap_or_default();
    said.chars().take(PROGRAM_MAX).collect()
}

pub(super) fn is_get(method: &Method) -> bool {
    *method == Method::GET || *method == Method::HEAD
}

const THEN_MAX: usize = 1_000;
const PROGRAM_MAX: usize = 200;
