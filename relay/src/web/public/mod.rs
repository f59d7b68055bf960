//! The pages that the links in messages lead to: unsubscribe, preferences, renew, confirm.
//!
//! GET and HEAD never change anything, because scanners follow links. POST does, at once and on
//! disk before the answer; one-click (RFC 8058) gets its 2xx without redirect, cookie or login.
//! A page shows the controller, never the address.

mod age;
mod agree;
mod asked;
mod confirm;
mod desk;
mod forms;
mod letters;
mod page;
mod preferences;
mod refusals;
mod request;
mod snippet;
mod subscribe;
#[cfg(test)]
mod tests;
mod unsubscribe;
mod visit;
mod wishes;

use std::sync::Arc;

use arc_swap::ArcSwap;
use axum::{
    Router,
    extract::{DefaultBodyLimit, Request},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};

use self::{asked::accepted, page::Notice};
pub use self::{
    desk::Desk,
    refusals::Refusals,
    request::{Came, Told, Wish, request},
    snippet::{Lacking, Snippet, lacking, snippet},
};
use super::{Post, form, guesses::Guesses};
use crate::{
    config::{Business, Network},
    consent::link::Dead,
    db::Unavailable,
    seal::Secret,
    words::Words,
};

/// What the pages need; cheap to clone.
#[derive(Clone)]
pub struct Public {
    pub secret: Secret,
    pub business: Arc<ArcSwap<Business>>,
    pub desk: Desk,
    pub post: Post,
    /// The base of every link, without a slash at the end; `None`: no forms can be used.
    pub base: Option<Arc<str>>,
    /// Whose `X-Forwarded-For` is believed.
    pub proxy_from: Arc<[Network]>,
}

/// The public router.
pub fn router(public: Public) -> Router {
    let posts = Arc::new(Guesses::per(POSTS, 3_600));
    let shared = Shared { public, guesses: Arc::default(), posts };
    Router::new()
        .route("/u/{token}", get(unsubscribe::unsubscribe_page).post(unsubscribe::unsubscribe))
        .route("/p/{token}", get(preferences::preferences_page).post(preferences::preferences))
        .route("/r/{token}", get(agree::renew_page).post(agree::renew))
        .route("/c/{token}", get(confirm::confirm_page).post(confirm::confirm))
        .route("/f/{form}", get(subscribe::form_page).post(subscribe::subscribe))
        .route("/style.css", get(style))
        .fallback(nowhere)
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(middleware::from_fn(guard))
        .with_state(shared)
}

#[derive(Clone)]
struct Shared {
    public: Public,
    guesses: Arc<Guesses>,
    /// Forms sent from one address.
    posts: Arc<Guesses>,
}

async fn style() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=86400"),
    ];
    (headers, include_str!("../../../templates/style.css")).into_response()
}

async fn nowhere(headers: HeaderMap) -> Response {
    Notice::dead(accepted(&headers), Dead::Forged)
}

fn busy(words: &'static Words, what: &str, fault: &Unavailable) -> Response {
    tracing::error!(%fault, "{what} could not be stored or read");
    Notice::busy(words)
}

/// Headers that every answer has, and a limit to what one request may take.
async fn guard(request: Request, next: Next) -> Response {
    let answer = tokio::time::timeout(ANSWER_TIME, next.run(request)).await;
    let mut response = answer.unwrap_or_else(|_| StatusCode::REQUEST_TIMEOUT.into_response());
    let headers = response.headers_mut();
    // Whoever has a policy of its own may be framed by those that it names.
    let framed = headers.contains_key(header::CONTENT_SECURITY_POLICY);
    for (name, value) in SECURITY {
        if !(framed && name == header::X_FRAME_OPTIONS) {
            headers.entry(name).or_insert(HeaderValue::from_static(value));
        }
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Forms that one address sends within an hour; a company's people share one.
const POSTS: u32 = 30;
const BODY_BYTES_MAX: usize = 16 << 10;
const ANSWER_TIME: std::time::Duration = std::time::Duration::from_secs(20);

const SECURITY: [(HeaderName, &str); 5] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("x-robots-tag"), "noindex, nofollow"),
];
