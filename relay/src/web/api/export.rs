//! `/v1/export`: all that a controller has on record, as lines of JSON, as a table or as receipts, page
//! by page.
//!
//! A page at a time and not one endless answer: it goes on where it was after any interruption, and
//! no more than a page is held in memory.

use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Shared,
    body::Params,
    cursor::{self, Page, Paged},
    gate::Caller,
    problem::{FAULT, Problem},
    record::PastEvent,
    values::{ContactKey, CountryCode},
};
use crate::consent::{
    Brief,
    export::{Receipts, Whole, table, wholes},
};

pub(super) fn reading() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(contacts)).routes(routes!(events))
}

/// How contacts are written, and which page.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// `json`: lines of JSON, one for each contact, which `souhlas import` takes back. `csv`: a
    /// table with a line for each grant and each refusal. `receipts`: consent receipts after
    /// ISO/IEC TS 27560, as JSON-LD.
    #[param(inline, required = false)]
    #[serde(default)]
    format: Format,
    /// Of receipts: the country in which the relay's data are kept; the controller's own where
    /// nothing is said.
    #[param(inline, required = false)]
    stored_in: Option<CountryCode>,
    /// How many contacts at most; 100 where nothing is said.
    #[param(minimum = 1, maximum = 1000, example = 100)]
    limit: Option<u32>,
    /// Of the page before, as its `Link` has it.
    #[param(max_length = 1000)]
    cursor: Option<String>,
}

#[derive(Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum Format {
    #[default]
    Json,
    Csv,
    Receipts,
}

/// Export contacts
///
/// Each with what holds for it now, as `souhlas export` writes them: with the evidence of each
/// grant. The header `Link` leads to the next page; it is missing on the last one. Of a table only
/// the first page has the names of the columns. The receipts of a page are one list.
#[utoipa::path(
    get,
    path = "/v1/export/contacts",
    operation_id = "exportContacts",
    tag = "Export",
    params(Wanted),
    responses((status = 200, description = "A page of them",
        headers(("Link" = String, description = "The next page (RFC 8288)")),
        content(
            (String = "application/x-ndjson",
                example = json!("{\"contact\": \"5f70\u{2026}\", \"address\": \"jana@example.cz\"}\n")),
            (String = "text/csv", example = json!("email,record,purpose\r\n")),
            (Vec<Value> = "application/ld+json", example = json!([])),
        ))),
    security(("key" = ["export"])),
)]
async fn contacts(
    State(shared): State<Shared>,
    caller: Caller,
    Params(wanted): Params<Wanted>,
) -> Result<Response, Problem> {
    let Wanted { format, stored_in, limit, cursor } = wanted;
    let paged = Paged { limit, cursor };
    let limit = paged.limit()?;
    let list = format!("export of {}", caller.id());
    let after = paged.after(&shared.api.secret, &list)?;
    let consent = &shared.api.consent;
    let rows = consent.briefs(caller.id(), after, limit + 1).await?;
    let cursor = |last: &Brief| cursor::seal(&shared.api.secret, &list, &last.id);
    let Page { items, next } = Page::of(rows, limit, cursor, |brief| brief);
    let items = wholes(consent, &shared.lookup, caller.now, items).await?;
    let (media, text) = match format {
        Format::Json => (LINES, lines(&items)?),
        Format::Csv if paged.cursor.is_none() => (NAMED_TABLE, rows_of(table::header(), &items)),
        Format::Csv => (TABLE, rows_of(String::new(), &items)),
        Format::Receipts => {
            let purposes = consent.purposes_of(caller.id()).await?;
            let stored_in = stored_in.map(|code| policy::Country(code.0));
            let receipts = Receipts::new(caller.controller(), &purposes, stored_in, caller.now);
            let all: Vec<Value> = items.iter().flat_map(|whole| receipts.of(whole)).collect();
            (RECEIPTS, serde_json::to_vec(&all).map_err(unwritten)?)
        }
    };
    let mut same = match format {
        Format::Json => String::new(),
        Format::Csv => "&format=csv".to_owned(),
        Format::Receipts => "&format=receipts".to_owned(),
    };
    if let Some(code) = stored_in {
        same.push_str(&format!("&stored_in={}", code.0.escape_ascii()));
    }
    Ok(page("/v1/export/contacts", &same, &paged, next, (media, text)))
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
    let text = lines(&page.items)?;
    Ok(self::page("/v1/export/events", "", &paged, page.next, (LINES, text)))
}

fn lines(items: &[impl Serialize]) -> Result<Vec<u8>, Problem> {
    let mut text = Vec::new();
    for item in items {
        serde_json::to_writer(&mut text, item).map_err(unwritten)?;
        text.push(b'\n');
    }
    Ok(text)
}

fn rows_of(head: String, items: &[Whole]) -> Vec<u8> {
    items.iter().fold(head, |text, whole| text + &table::lines(whole)).into_bytes()
}

fn unwritten(_: serde_json::Error) -> Problem {
    Problem::new(FAULT, "what is on record could not be written")
}

/// With the way to the next page, which is asked for in the same words.
fn page(
    path: &str,
    same: &str,
    paged: &Paged,
    next: Option<String>,
    (media, text): (&'static str, Vec<u8>),
) -> Response {
    let mut response = (StatusCode::OK, [(header::CONTENT_TYPE, media)], text).into_response();
    let limit = paged.limit.map(|limit| format!("&limit={limit}")).unwrap_or_default();
    let next = next.map(|next| format!("<{path}?cursor={next}{limit}{same}>; rel=\"next\""));
    if let Some(link) = next.and_then(|next| HeaderValue::from_str(&next).ok()) {
        response.headers_mut().insert(header::LINK, link);
    }
    response
}

const LINES: &str = "application/x-ndjson";
/// RFC 4180 section 3: whether the first line has the names of the columns.
const NAMED_TABLE: &str = "text/csv; charset=utf-8; header=present";
const TABLE: &str = "text/csv; charset=utf-8; header=absent";
const RECEIPTS: &str = "application/ld+json";
