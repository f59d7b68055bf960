//! `/style.css`: the one style sheet. Its URL changes with it, so that browsers keep it for long.

use std::sync::LazyLock;

use axum::{
    http::header,
    response::{IntoResponse, Response},
};

use crate::seal;

pub(super) async fn sheet() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    (headers, SHEET).into_response()
}

/// It asks nobody who they are.
pub(super) const PATH: &str = "/style.css";

/// Where this release's sheet is.
pub(super) fn url() -> &'static str {
    static URL: LazyLock<String> = LazyLock::new(|| {
        let hash = seal::hex(&seal::digest(SHEET.as_bytes()));
        format!("{PATH}?{}", hash.get(..12).unwrap_or_default())
    });
    &URL
}

const SHEET: &str = include_str!("../../../templates/console/style.css");
