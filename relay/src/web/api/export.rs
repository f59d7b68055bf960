//! `/v1/export`: all that a controller has on record, as lines of JSON, page by page.
//!
//! A page at a time and not one endless answer: it goes on where it was after any interruption.

use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Shared,
    body::Params,
    cursor::{self, Page, Paged},
    gate::Caller,
    problem::{FAULT, Problem},
    record::PastEvent,
    values::ContactKey,
};
use crate::consent::{Brief, export::wholes};

pub(super) fn reading() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(contacts)).routes(routes!(events))
}

/// Export contacts
///
/// Each with what holds for it now, one a line, as `souhlas export` writes them and `souhlas import`
/// takes them back: with the evidence of each grant. The header `Link` leads to the next page; it is
/// missing on the last one.
#[utoipa::path(
    get,
    path = "/v1/export/contacts",
    operation_id = "exportContacts",
    tag = "Export",
    params(Paged),
    responses((status = 200, description = "Lines of JSON", content_type = "application/x-ndjson",
        headers(("Link" = String, description = "The next page (RFC 8288)")),
        body = String, example = json!("{\"contact\": \"5f70\u{2026}\", \"address\": \"jana@example.cz\"}\n"))),
    security(("key" = ["export"])),
)]
async fn contacts(
    State(shared): State<Shared>,
    caller: Caller,
    Params(paged): Params<Paged>,
) -> Result<Response, Problem> {
    let limit = paged.limit()?;
    let list = format!("export of {}", caller.id());
    let after = paged.after(&shared.api.secret, &list)?;
    let rows = shared.api.consent.briefs(caller.id(), after, limit + 1).await?;
    let cursor = |last: &Brief| cursor::seal(&shared.api.secret, &list, &last.id);
    let Page { items, next } = Page::of(rows, limit, cursor, |brief| brief);
    let items = wholes(&shared.api.consent, &shared.lookup, caller.now, items).await?;
    lines("/v1/export/contacts", &paged, &Page { items, next })
}

/// One line of the events.
#[derive(Serialize)]
struct Line {
    contact: ContactKey,
    #[serde(flatten)]
    event: PastEvent,
}

/// Export events
///
/// The whole ledger with its evidence, one event a line, in the order of the hash chains. The
/// header `Link` leads to the next page; it is missing on the last one.
#[utoipa::path(
    get,
    path = "/v1/export/events",
    operation_id = "exportEvents",
    tag = "Export",
    params(Paged),
    responses((status = 200, description = "Lines of JSON", content_type = "application/x-ndjson",
        headers(("Link" = String, description = "The next page (RFC 8288)")),
        body = String, example = json!("{\"contact\": \"5f70\u{2026}\", \"event\": \"c1-42\"}\n"))),
    security(("key" = ["export"])),
)]
async fn events(
    State(shared): State<Shared>,
    caller: Caller,
    Params(paged): Params<Paged>,
) -> Result<Response, Problem> {
    let limit = paged.limit()?;
    let list = format!("all events of {}", caller.id());
    let after: Option<(i64, i64)> = paged.after(&shared.api.secret, &list)?;
    let rows = shared.api.consent.past_of_all(caller.id(), after, limit + 1).await?;
    let page = Page::of(
        rows,
        limit,
        |(place, ..)| cursor::seal(&shared.api.secret, &list, place),
        |(_, key, past)| Line { contact: ContactKey(key), event: past.into() },
    );
    lines("/v1/export/events", &paged, &page)
}

fn lines(path: &str, paged: &Paged, page: &Page<impl Serialize>) -> Result<Response, Problem> {
    let mut text = Vec::new();
    for item in &page.items {
        let written = serde_json::to_writer(&mut text, item);
        written.map_err(|_| Problem::new(FAULT, "a line could not be written"))?;
        text.push(b'\n');
    }
    let kind = [(header::CONTENT_TYPE, "application/x-ndjson")];
    let mut response = (StatusCode::OK, kind, text).into_response();
    let limit = paged.limit.map(|limit| format!("&limit={limit}")).unwrap_or_default();
    let next =
        page.next.as_ref().map(|next| format!("<{path}?cursor={next}{limit}>; rel=\"next\""));
    if let Some(link) = next.and_then(|next| HeaderValue::from_str(&next).ok()) {
        response.headers_mut().insert(header::LINK, link);
    }
    Ok(response)
}
