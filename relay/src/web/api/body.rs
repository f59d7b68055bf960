//! Bodies and parameters read strictly: what is not known is named with the nearest right word,
//! what is wrong with its place.

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Query, Request, rejection::BytesRejection},
    http::{StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use serde::{Serialize, de::DeserializeOwned};

use super::{
    problem::{
        AWAY, FIELD_MISSING, FIELD_UNKNOWN, MEDIA_TYPE, NOT_JSON, PARAMETER_WRONG, Problem,
        TOO_LARGE, VALUE_WRONG,
    },
    values::object,
};
use crate::config;

/// A JSON body of exactly this form.
pub(super) struct Body<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let kind = request.headers().get(header::CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("application/json") {
            return Err(Problem::new(MEDIA_TYPE, "the Content-Type is another than JSON's"));
        }
        let bytes = read(request, state).await?;
        from_slice(&bytes).map(Self)
    }
}

/// The whole body, within the path's limit.
pub(super) async fn read<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Problem> {
    Bytes::from_request(request, state).await.map_err(|rejection: BytesRejection| {
        match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => {
                Problem::new(TOO_LARGE, "the body is larger than this path takes")
            }
            _ => Problem::new(AWAY, "the body did not arrive whole").retry_after(1),
        }
    })
}

fn from_slice<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let mut track = serde_path_to_error::Track::new();
    let read = object(serde_path_to_error::Deserializer::new(&mut reader, &mut track));
    let value = read.map_err(|fault: serde_json::Error| {
        let pointer = pointer(&track.path());
        match fault.classify() {
            serde_json::error::Category::Data => told(&fault.to_string(), pointer),
            serde_json::error::Category::Syntax
            | serde_json::error::Category::Eof
            | serde_json::error::Category::Io => not_json(&fault),
        }
    })?;
    reader.end().map_err(|fault| not_json(&fault))?;
    Ok(value)
}

fn not_json(fault: &serde_json::Error) -> Problem {
    let (line, column) = (fault.line(), fault.column());
    Problem::new(NOT_JSON, format!("it is broken at line {line}, column {column}"))
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter()
        .filter_map(|segment| match segment {
            Segment::Seq { index } => Some(format!("/{index}")),
            Segment::Map { key } => Some(format!("/{}", escaped(key))),
            Segment::Enum { .. } | Segment::Unknown => None,
        })
        .collect()
}

/// RFC 6901 §3; a name that can be none of ours may be anything, and is not repeated.
fn escaped(key: &str) -> String {
    if is_name(key) { key.replace('~', "~0").replace('/', "~1") } else { "?".to_owned() }
}

fn is_name(key: &str) -> bool {
    key.len() <= 40 && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
}

/// Serde's text names what it met, which may be personal: only what it expected is told.
fn told(text: &str, pointer: String) -> Problem {
    let text = text.rsplit_once(" at line ").map_or(text, |(text, _)| text);
    let quoted = text.split('`').nth(1).unwrap_or_default();
    if text.starts_with("unknown field ") {
        let known: Vec<&str> = text.split('`').skip(3).step_by(2).collect();
        let shown = if is_name(quoted) { format!("`{quoted}`") } else { "a field".to_owned() };
        let pointer = pointer.trim_end_matches("/?").to_owned();
        let own = format!("/{quoted}");
        let pointer = match pointer.strip_suffix(own.as_str()) {
            Some(_) => pointer,
            None if is_name(quoted) => pointer + &own,
            None => pointer,
        };
        return Problem::new(FIELD_UNKNOWN, format!("{shown} is not known here"))
            .advice(config::meant(if is_name(quoted) { quoted } else { "" }, &known))
            .at(pointer);
    }
    if text.starts_with("missing field ") {
        return Problem::new(FIELD_MISSING, format!("`{quoted}` is missing")).at(pointer);
    }
    if text.starts_with("duplicate field ") {
        return Problem::new(VALUE_WRONG, format!("`{quoted}` stands there twice")).at(pointer);
    }
    if text.starts_with("unknown variant ") {
        let known: Vec<&str> = text.split('`').skip(3).step_by(2).collect();
        let word = if is_name(quoted) { quoted } else { "" };
        return Problem::new(VALUE_WRONG, "the word is none of those that are known here")
            .advice(config::meant(word, &known))
            .at(pointer);
    }
    if let Some((_, expected)) = text.split_once("expected ") {
        return Problem::new(VALUE_WRONG, "the value is not of the right form")
            .advice(format!("send {expected}"))
            .at(pointer);
    }
    // Ours: written without what was met. The advice follows the colon.
    let (what, advice) = text.split_once(": ").unwrap_or((text, ""));
    let problem = Problem::new(VALUE_WRONG, what.to_owned()).at(pointer);
    if advice.is_empty() { problem } else { problem.advice(advice.to_owned()) }
}

/// Query parameters of exactly this form.
pub(super) struct Params<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let read = Query::try_from_uri(&parts.uri).map_err(|fault| {
            let text = fault.body_text();
            let known: Vec<&str> = text.split('`').skip(3).step_by(2).collect();
            let quoted = text.split('`').nth(1).filter(|quoted| is_name(quoted));
            match quoted {
                Some(name) if text.contains("unknown field") => {
                    let detail = format!("`{name}` is no parameter of this path");
                    Problem::new(PARAMETER_WRONG, detail).advice(config::meant(name, &known))
                }
                _ => Problem::new(PARAMETER_WRONG, "a parameter of the query cannot be read"),
            }
        });
        read.map(|Query(value)| Self(value))
    }
}

/// An answer in JSON.
pub(super) fn json(status: StatusCode, value: &impl Serialize) -> Response {
    match serde_json::to_vec(value) {
        Ok(body) => (status, [(header::CONTENT_TYPE, "application/json")], body).into_response(),
        // Texts and numbers are always written; were it not so, nothing has been changed by it.
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
