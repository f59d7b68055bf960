//! The JSON API: what shops, invoicing, chats and mailing tools tell the ledger and ask of it.
//!
//! Every path stands in the OpenAPI document, which is made of the code and tells the gate who may
//! come in. A key sees one controller's data. A POST that writes may be sent twice. No address
//! stands in a path, in a query or in an error.

mod addresses;
mod body;
mod condition;
mod contacts;
mod cursor;
mod decide;
mod document;
mod export;
mod gate;
mod grants;
mod limit;
mod notices;
mod once;
mod page;
mod problem;
mod purposes;
mod record;
mod relations;
mod rights;
mod select;
mod statement;
mod subscriptions;
mod told;
mod topics;
mod values;
mod webhooks;

use std::sync::Arc;

use arc_swap::ArcSwap;
use axum::{
    Router,
    extract::{DefaultBodyLimit, Request},
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use utoipa_axum::router::OpenApiRouter;

use self::{
    document::Document,
    gate::Asks,
    limit::Buckets,
    problem::{AWAY, FAULT, METHOD_WRONG, PATH_UNKNOWN, Problem},
};
use super::{guesses::Guesses, public::Public};
use crate::{
    config::{self, Business, Network},
    consent::{Consent, Lookup},
    db::Db,
    seal::Secret,
    spool::Spool,
    webhook::Webhooks,
};

/// What the API needs; cheap to clone.
#[derive(Clone)]
pub struct Api {
    pub db: Db,
    pub secret: Secret,
    pub consent: Consent,
    pub spool: Spool,
    pub webhooks: Webhooks,
    pub business: Arc<ArcSwap<Business>>,
    /// Whose `X-Forwarded-For` is believed.
    pub proxy_from: Arc<[Network]>,
    pub settings: config::Api,
    /// Where letters are written.
    pub pages: Public,
}

#[derive(Clone)]
struct Shared {
    api: Api,
    /// Of its own: long questions of tools hold up no message.
    lookup: Lookup,
    guesses: Arc<Guesses>,
    buckets: Arc<Buckets>,
    asks: Arc<Asks>,
}

/// The API's router.
pub fn router(api: Api) -> Router {
    // The document first: the gate is made of it, and stands around the paths.
    let document = document();
    let shared = Shared {
        buckets: Arc::new(Buckets::new(api.settings)),
        guesses: Arc::default(),
        asks: Arc::new(document.asks()),
        lookup: api.consent.lookup(ANSWER_TIME),
        api,
    };
    let once = middleware::from_fn_with_state(shared.clone(), once::once);
    let (few, many) =
        (DefaultBodyLimit::max(BODY_BYTES_MAX), DefaultBodyLimit::max(LIST_BYTES_MAX));
    let (inside, _) = reading()
        .layer(few)
        .merge(reading_many().layer(many))
        .merge(writing().route_layer(once.clone()).layer(few))
        .merge(writing_many().route_layer(once).layer(many))
        .split_for_parts();
    let gate = middleware::from_fn_with_state(shared.clone(), gate::gate);
    inside
        .route_layer(gate)
        .merge(page::router(document))
        .fallback(async || Problem::new(PATH_UNKNOWN, "no page and no operation is here"))
        .layer(middleware::from_fn(guard))
        .with_state(shared)
}

/// Paths that change nothing, or the same however often they are asked.
fn reading() -> OpenApiRouter<Shared> {
    OpenApiRouter::with_openapi(document::head())
        .merge(purposes::reading())
        .merge(contacts::reading())
        .merge(select::reading())
        .merge(webhooks::reading())
        .merge(decide::reading())
        .merge(addresses::reading())
        .merge(export::reading())
        .merge(rights::reading())
}

/// Paths that change something.
fn writing() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .merge(purposes::writing())
        .merge(topics::writing())
        .merge(grants::writing())
        .merge(subscriptions::writing())
        .merge(contacts::writing())
        .merge(relations::writing())
        .merge(notices::writing())
        .merge(webhooks::writing())
        .merge(rights::writing())
}

/// The same, with long lists in their bodies.
fn reading_many() -> OpenApiRouter<Shared> {
    decide::reading_many()
}

fn writing_many() -> OpenApiRouter<Shared> {
    relations::writing_many().merge(select::writing_many())
}

/// The OpenAPI document of this release.
fn document() -> Document {
    let writes = || writing().merge(writing_many());
    let paths = writes().into_openapi().paths.paths.into_keys().collect();
    Document::of(&reading().merge(reading_many()).merge(writes()).into_openapi(), &paths)
}

/// The document as text, for whoever compares it.
pub fn openapi() -> String {
    document().text
}

/// What every answer has: its headers, a limit to its time, and problem+json where it is one.
async fn guard(request: Request, next: Next) -> Response {
    let answer = tokio::time::timeout(ANSWER_TIME, next.run(request)).await;
    let mut response = answer
        .unwrap_or_else(|_| Problem::new(AWAY, "it took too long").retry_after(10).into_response());
    let status = response.status();
    let kind = response.headers().get(header::CONTENT_TYPE);
    let told = kind.is_some_and(|kind| kind == problem::MEDIA);
    if (status.is_client_error() || status.is_server_error()) && !told {
        let allow = response.headers().get(header::ALLOW).cloned();
        let mut problem = match status {
            StatusCode::METHOD_NOT_ALLOWED => {
                Problem::new(METHOD_WRONG, "the path is there, the method is not")
            }
            StatusCode::NOT_FOUND => Problem::new(PATH_UNKNOWN, "nothing is here"),
            _ => Problem::new(FAULT, "it could not be answered"),
        };
        if let Some(allow) = allow {
            problem = problem.header(header::ALLOW, allow);
        }
        response = problem.into_response();
    }
    let headers = response.headers_mut();
    for (name, value) in SECURITY {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Of one request.
const BODY_BYTES_MAX: usize = 64 << 10;
/// Of one with a long list: 10,000 addresses of 400 letters.
const LIST_BYTES_MAX: usize = 5 << 20;
const ANSWER_TIME: std::time::Duration = std::time::Duration::from_secs(30);

const SECURITY: [(HeaderName, &str); 5] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("x-robots-tag"), "noindex, nofollow"),
];
