//! Who may come in: each request's key, its scopes and its rate, before the body is read.
//!
//! What a path asks for stands in the OpenAPI document and is enforced from there, so that neither
//! can say other than the other. A path that the document does not have is not let through.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    extract::{ConnectInfo, FromRequestParts, MatchedPath, Request, State},
    http::{HeaderMap, HeaderValue, Method, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use policy::Controller;

use super::{
    Shared,
    limit::Level,
    problem::{
        CONTROLLER_GONE, FAULT, KEY_MISSING, KEY_UNKNOWN, METHOD_WRONG, Problem, SCOPE_MISSING,
        TOO_MANY,
    },
};
use crate::{
    api_key::{Key, Scope, Token, store},
    config::Business,
    web::{client::client, server::Peer},
};

/// What each path and method asks for.
pub(super) type Asks = BTreeMap<String, BTreeMap<String, Vec<Scope>>>;

/// Who asks, for whom; handlers behind the gate take it as an argument.
#[derive(Clone)]
pub(super) struct Caller {
    key: Arc<Key>,
    business: Arc<Business>,
    controller: Arc<Controller>,
    pub now: Timestamp,
}

impl Caller {
    /// Id of the controller that everything is about.
    pub(super) fn id(&self) -> &str {
        &self.controller.id
    }

    pub(super) fn controller(&self) -> &Arc<Controller> {
        &self.controller
    }

    pub(super) fn business(&self) -> &Business {
        &self.business
    }

    pub(super) fn key(&self) -> &str {
        &self.key.id
    }

    /// By which the ledger names who wrote something down.
    pub(super) fn actor(&self) -> String {
        format!("api/{}", self.key.id)
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let caller = parts.extensions.get::<Self>().cloned();
        caller.ok_or_else(|| Problem::new(FAULT, "the request came in beside the gate"))
    }
}

/// Lets in, or says why not.
pub(super) async fn gate(
    State(shared): State<Shared>,
    ConnectInfo(Peer(peer)): ConnectInfo<Peer>,
    mut request: Request,
    next: Next,
) -> Response {
    let now = Timestamp::now();
    let ip = client(&shared.api.proxy_from, peer, request.headers());
    let key = match authenticated(&shared, now, request.headers()).await {
        Ok(key) => key,
        Err(Refused::Guess) if shared.guesses.is_too_many(ip, now) => {
            return Problem::new(TOO_MANY, "too many wrong keys came from this address")
                .retry_after(60)
                .into_response();
        }
        Err(Refused::Guess) => {
            return Problem::new(KEY_UNKNOWN, "the key is not known here")
                .header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
                .into_response();
        }
        Err(Refused::Told(problem)) => return problem.into_response(),
    };
    let level = shared.buckets.take(&key.id, now);
    let mut response = if level.is_over {
        Problem::new(TOO_MANY, "the key has used up its share")
            .retry_after(level.next)
            .into_response()
    } else {
        match allowed(&shared, &request, key, now) {
            Ok(caller) => {
                request.extensions_mut().insert(caller);
                next.run(request).await
            }
            Err(problem) => problem.into_response(),
        }
    };
    Level::note(&level, response.headers_mut());
    response
}

enum Refused {
    Guess,
    Told(Problem),
}

async fn authenticated(
    shared: &Shared,
    now: Timestamp,
    headers: &HeaderMap,
) -> Result<Key, Refused> {
    let sent = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let bearer = sent.and_then(|sent| {
        let (scheme, token) = sent.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
    });
    let Some(bearer) = bearer else {
        let problem = Problem::new(KEY_MISSING, "the request has no bearer token");
        let challenge = HeaderValue::from_static("Bearer");
        return Err(Refused::Told(problem.header(header::WWW_AUTHENTICATE, challenge)));
    };
    let token = Token::parse(bearer).ok_or(Refused::Guess)?;
    let found = store::find(&shared.api.db, now, &token).await;
    found.map_err(|fault| Refused::Told(fault.into()))?.ok_or(Refused::Guess)
}

fn allowed(
    shared: &Shared,
    request: &Request,
    key: Key,
    now: Timestamp,
) -> Result<Caller, Problem> {
    let path = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let methods = path
        .and_then(|path| shared.asks.get(path))
        .ok_or_else(|| Problem::new(FAULT, "the path is not in the document"))?;
    let method = match *request.method() {
        Method::HEAD => &Method::GET,
        ref other => other,
    };
    let Some(scopes) = methods.get(method.as_str()) else {
        let known: Vec<&str> = methods.keys().map(String::as_str).collect();
        let allow = HeaderValue::from_str(&known.join(", "));
        let problem = Problem::new(METHOD_WRONG, "the path is there, the method is not");
        return Err(
            problem.header(header::ALLOW, allow.unwrap_or_else(|_| HeaderValue::from_static("")))
        );
    };
    if let Some(lacking) = scopes.iter().find(|scope| !key.may(**scope)) {
        return Err(Problem::new(SCOPE_MISSING, format!("the key lacks the scope `{lacking}`")));
    }
    let business = shared.api.business.load_full();
    let controller = business.controller(&key.controller).cloned();
    let controller = controller
        .ok_or_else(|| Problem::new(CONTROLLER_GONE, "the key is of a controller that is gone"))?;
    Ok(Caller { key: Arc::new(key), business, controller, now })
}
