//! `/messages/{id}/frame`: a message's HTML, cleaned, for the frame on its page and for nothing else.
//!
//! Its own policy lets it do nothing: no script, no form, no request, no name of ours. What it is
//! cleaned of is `content`'s.

use std::sync::LazyLock;

use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use uuid::Uuid;

use super::{Answer, Visit, guest::Path, message_open::open, problem::FAULT};
use crate::{
    content::{Labels, TooMuch, rendered},
    seal,
    web::html::html,
    words::Words,
};

#[derive(Template)]
#[template(path = "console/message_frame.html")]
struct Page {
    words: &'static Words,
    style: &'static str,
    /// Number of each part, and its cleaned HTML.
    parts: Vec<(String, Result<String, TooMuch>)>,
}

pub(super) async fn page(visit: Visit, Path(id): Path<Uuid>) -> Answer {
    let opened = open(&visit, id, "frame").await?;
    let words = visit.words;
    let made = tokio::task::spawn_blocking(move || {
        let image = words.say("console-message-image");
        let inside = words.say("console-message-image-inside");
        let labels = Labels { image: &image, inside: &inside };
        rendered(&opened.reading, &opened.found, &labels)
    });
    let parts = made.await.map_err(|_| FAULT)?;
    let mut response = html(StatusCode::OK, &Page { words, style: STYLE, parts });
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(&POLICY) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN"));
    Ok(response)
}

/// Of style elements only ours; values of elements were looked at when it was cleaned.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = STANDARD.encode(seal::digest(STYLE.as_bytes()));
    format!(
        "default-src 'none'; style-src-elem 'sha256-{hash}'; style-src-attr 'unsafe-inline'; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox"
    )
});

/// As mail programs show it: on white, whatever the console looks like.
const STYLE: &str = include_str!("../../../templates/console/message_frame.css");
