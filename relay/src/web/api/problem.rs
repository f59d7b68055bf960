//! What went wrong, as RFC 9457 has it: a stable word, what, where, and what to do about it.
//!
//! Texts hold nothing that the client sent, since it may be somebody's address.

use std::borrow::Cow;

use axum::{
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

pub(super) use crate::web::kinds::{Kind, MEDIA};
use crate::{
    db::{Error, Unavailable},
    web::kinds::kinds,
};

// By status.
kinds! { in ALL:
    NOT_JSON = "not-json" BAD_REQUEST "The body is not JSON": "send one JSON object in UTF-8";
    KEY_MISSING = "key-missing" UNAUTHORIZED "A key is missing":
        "send `Authorization: Bearer souhlas_...` with a key made by `souhlas api-key add`";
    KEY_UNKNOWN = "key-unknown" UNAUTHORIZED "The key does not count":
        "it was never made, or is revoked or expired: see `souhlas api-key list`";
    SCOPE_MISSING = "scope-missing" FORBIDDEN "The key may not do this":
        "make a key that has the scope, with `souhlas api-key add`";
    CONTROLLER_GONE = "controller-gone" FORBIDDEN "The key's controller is gone":
        "policy.toml has no such controller any more: make a key for one that it has";
    PATH_UNKNOWN = "path-unknown" NOT_FOUND "There is nothing at this path":
        "see /openapi.json for what there is";
    PURPOSE_UNKNOWN = "purpose-unknown" NOT_FOUND "There is no such purpose":
        "see GET /v1/purposes, or add it with POST /v1/purposes";
    TOPIC_UNKNOWN = "topic-unknown" NOT_FOUND "The purpose has no such topic":
        "see GET /v1/purposes/{id}, or set them with POST /v1/purposes/{id}/topics";
    CONTACT_UNKNOWN = "contact-unknown" NOT_FOUND "There is no such contact":
        "nothing is on record for it: check its spelling, or write something down first";
    GRANT_UNKNOWN = "grant-unknown" NOT_FOUND "There is no such grant":
        "see the contact's grants, each of which names its event";
    FORM_UNKNOWN = "form-unknown" NOT_FOUND "There is no such form":
        "use a form that policy.toml has for this controller";
    STREAM_UNKNOWN = "stream-unknown" NOT_FOUND "There is no such stream":
        "use a stream that policy.toml has for this controller";
    WEBHOOK_UNKNOWN = "webhook-unknown" NOT_FOUND "There is no such webhook":
        "see GET /v1/webhooks";
    METHOD_WRONG = "method-wrong" METHOD_NOT_ALLOWED "The path does not take this method":
        "use one of the methods in the Allow header";
    REFUSAL_STANDS = "refusal-stands" CONFLICT "The address refused":
        "only the person can take it back: send `lifts_refusal: true` with the proof that they did";
    PURPOSE_CLOSED = "purpose-closed" CONFLICT "The purpose is closed":
        "add another purpose: a closed one grants nothing any more";
    EXISTS = "exists" CONFLICT "There is one of this id already": "choose another id";
    TOO_MANY_WEBHOOKS = "too-many-webhooks" CONFLICT "There are too many webhooks":
        "remove one that is not needed";
    RUNNING = "request-running" CONFLICT "The same request is being answered":
        "wait, then send it again under the same Idempotency-Key";
    TOO_LARGE = "too-large" PAYLOAD_TOO_LARGE "The body is too large": "send less at once";
    MEDIA_TYPE = "media-type" UNSUPPORTED_MEDIA_TYPE "The body is not said to be JSON":
        "send `Content-Type: application/json`";
    FIELD_UNKNOWN = "field-unknown" UNPROCESSABLE_ENTITY "A field is not known":
        "take it out, or write the one that was meant";
    FIELD_MISSING = "field-missing" UNPROCESSABLE_ENTITY "A field is missing": "add it";
    VALUE_WRONG = "value-wrong" UNPROCESSABLE_ENTITY "A value is not right":
        "send what the field takes, as /openapi.json says";
    TIME_WRONG = "time-wrong" UNPROCESSABLE_ENTITY "A time cannot be right":
        "check the clock and the order of the times";
    CONTRADICTION = "contradiction" UNPROCESSABLE_ENTITY "Two values do not go together":
        "change one of them";
    FILTER_LARGE = "filter-too-large" UNPROCESSABLE_ENTITY "The filter asks for too much":
        "ask for less at once";
    AGE_MISSING = "age-missing" UNPROCESSABLE_ENTITY "The age is not declared":
        "ask the person, and send `of_age: true` where they declared it";
    URL_WRONG = "url-wrong" UNPROCESSABLE_ENTITY "The URL cannot be used":
        "send one that begins with https:// and can be reached by everybody";
    PARAMETER_WRONG = "parameter-wrong" UNPROCESSABLE_ENTITY "A parameter is not right":
        "send what it takes, as /openapi.json says";
    CURSOR_UNKNOWN = "cursor-unknown" UNPROCESSABLE_ENTITY "The cursor is none of this list's":
        "begin again without one";
    NAME_REUSED = "idempotency-key-reused" UNPROCESSABLE_ENTITY
        "The Idempotency-Key belongs to another request": "make a new one for each request";
    TOO_MANY = "too-many-requests" TOO_MANY_REQUESTS "Too many requests":
        "wait as long as Retry-After says";
    FAULT = "fault" INTERNAL_SERVER_ERROR "A fault of the relay":
        "tell its operator: the log says more";
    AWAY = "unavailable" SERVICE_UNAVAILABLE "The relay cannot answer now":
        "nothing was done that is not on record: try again as Retry-After says";
}

/// An answer that is a problem.
#[derive(Debug)]
pub(super) struct Problem(Box<Inner>);

#[derive(Debug)]
struct Inner {
    kind: &'static Kind,
    detail: Cow<'static, str>,
    advice: Option<Cow<'static, str>>,
    place: Place,
    headers: Vec<(HeaderName, HeaderValue)>,
}

/// Where the fault lies.
#[derive(Debug)]
enum Place {
    Nowhere,
    /// In the body: a JSON pointer (RFC 6901), empty for the whole.
    Pointer(String),
    /// A query or path parameter, or a header.
    Parameter(&'static str),
}

/// How it is written.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem, description = "What went wrong (RFC 9457).")]
pub(super) struct Written {
    /// Where this kind of problem is explained.
    #[schema(format = "uri-reference", example = "/#field-unknown")]
    r#type: String,
    /// The stable word by which a program knows it.
    #[schema(example = "field-unknown")]
    code: &'static str,
    /// The same for people.
    #[schema(example = "A field is not known")]
    title: &'static str,
    #[schema(minimum = 400, maximum = 599, example = 422)]
    status: u16,
    /// What is wrong here; without personal data.
    #[schema(example = "`purpos` is not known here")]
    detail: String,
    /// Where in the body: a JSON pointer (RFC 6901).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "/purpos")]
    pointer: Option<String>,
    /// Which parameter or header.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "limit")]
    parameter: Option<&'static str>,
    /// What to do.
    #[schema(example = "did you mean `purpose`?")]
    advice: String,
}

impl Problem {
    pub(super) fn new(kind: &'static Kind, detail: impl Into<Cow<'static, str>>) -> Self {
        let detail = detail.into();
        let place = Place::Nowhere;
        Self(Box::new(Inner { kind, detail, advice: None, place, headers: Vec::new() }))
    }

    pub(super) fn advice(mut self, advice: impl Into<Cow<'static, str>>) -> Self {
        self.0.advice = Some(advice.into());
        self
    }

    /// Where in the body, as a JSON pointer.
    pub(super) fn at(mut self, pointer: impl Into<String>) -> Self {
        self.0.place = Place::Pointer(pointer.into());
        self
    }

    pub(super) fn parameter(mut self, name: &'static str) -> Self {
        self.0.place = Place::Parameter(name);
        self
    }

    pub(super) fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.push((name, value));
        self
    }

    pub(super) fn retry_after(self, seconds: u64) -> Self {
        self.header(header::RETRY_AFTER, HeaderValue::from(seconds))
    }

    /// Nothing is on record for the contact.
    pub(super) fn is_unknown(&self) -> bool {
        std::ptr::eq(self.0.kind, CONTACT_UNKNOWN)
    }

    /// The same about a part of a body.
    pub(super) fn within(mut self, part: &str) -> Self {
        if let Place::Pointer(pointer) = &mut self.0.place {
            pointer.insert_str(0, part);
        }
        self
    }

    /// Two parts of a body of which one is meant.
    pub(super) fn both(one: &str, other: &str) -> Self {
        Self::new(CONTRADICTION, format!("both `{one}` and `{other}` are there"))
            .at(format!("/{other}"))
            .advice("send one of them")
    }

    pub(super) fn ends_too_early(pointer: &str) -> Self {
        Self::new(TIME_WRONG, "it would end before it begins").at(pointer)
    }

    pub(super) fn no_purpose(pointer: &str) -> Self {
        Self::new(PURPOSE_UNKNOWN, "the controller has no purpose of this id").at(pointer)
    }

    pub(super) fn no_topic(pointer: &str) -> Self {
        Self::new(TOPIC_UNKNOWN, "the purpose has no topic of this id").at(pointer)
    }

    pub(super) fn no_contact(pointer: &str) -> Self {
        Self::new(CONTACT_UNKNOWN, "the controller has nothing on record for it").at(pointer)
    }
}

/// Faults of the store: what can heal is 503, what cannot is 500, and neither tells more.
impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Away(away) => away.into(),
            Error::Taken(_) => {
                Self::new(AWAY, "somebody else wrote the same at the same moment").retry_after(1)
            }
            Error::Bug(what) => {
                tracing::error!(what, "the database refused a statement of the api");
                Self::new(FAULT, "the database refused a statement")
            }
        }
    }
}

impl From<Unavailable> for Problem {
    fn from(fault: Unavailable) -> Self {
        tracing::warn!(%fault, "the api cannot answer");
        Self::new(AWAY, "the database does not answer").retry_after(10)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Inner { kind, detail, advice, place, headers } = *self.0;
        let (pointer, parameter) = match place {
            Place::Nowhere => (None, None),
            Place::Pointer(pointer) => (Some(pointer), None),
            Place::Parameter(name) => (None, Some(name)),
        };
        let written = Written {
            r#type: format!("/#{}", kind.word),
            code: kind.word,
            title: kind.title,
            status: kind.status.as_u16(),
            detail: detail.into_owned(),
            pointer,
            parameter,
            advice: advice.map_or_else(|| kind.advice.to_owned(), Cow::into_owned),
        };
        // INVARIANT: texts and numbers are always written.
        let body = serde_json::to_string(&written).unwrap_or_default();
        let mut response = (kind.status, [(header::CONTENT_TYPE, MEDIA)], body).into_response();
        for (name, value) in headers {
            response.headers_mut().insert(name, value);
        }
        response
    }
}
