//! `/h/<hook>/<token>`: what other systems report of subscriptions and refusals (policy.toml's
//! `[hook.NAME]`).
//!
//! A refusal counts at once, whatever else is set. A subscription grants only where the hook says
//! so, and never over a refusal. The body is the evidence.

mod report;
mod take;

use std::sync::Arc;

use arc_swap::ArcSwap;
use axum::{
    Form, Router,
    body::{Body, Bytes},
    extract::{ConnectInfo, DefaultBodyLimit, FromRequest, Path, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use jiff::Timestamp;
use serde_json::{Value, json};

use self::report::Unread;
use super::{
    client::client,
    guesses::Guesses,
    kinds::{Kind, MEDIA, kinds},
    server::Peer,
};
use crate::{
    config::{Business, Hook, HookKind, Network, Signature, SignatureForm},
    consent::Consent,
    db::Db,
    seal::{self, Secret},
};

/// What hooks need; cheap to clone.
#[derive(Clone)]
pub struct Hooks {
    pub db: Db,
    pub secret: Secret,
    pub consent: Consent,
    pub business: Arc<ArcSwap<Business>>,
    /// Whose `X-Forwarded-For` is believed.
    pub proxy_from: Arc<[Network]>,
}

#[derive(Clone)]
struct Shared {
    hooks: Hooks,
    guesses: Arc<Guesses>,
}

/// Beside the public pages.
pub fn router(hooks: Hooks) -> Router {
    Router::new()
        .route("/h/{hook}/{token}", get(here).post(told))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(middleware::from_fn(guard))
        .with_state(Shared { hooks, guesses: Arc::default() })
}

/// Where a hook's reports go, below the address of the pages. Who knows it may report.
pub fn path(secret: &Secret, hook: &Hook) -> String {
    format!("/h/{}/{}", hook.id, token(secret, hook))
}

fn token(secret: &Secret, hook: &Hook) -> String {
    let about = format!("{} {} {}", hook.controller.id, hook.id, hook.edition);
    let tag = secret.mac_key("hook").sign(about.as_bytes());
    seal::base64url(tag.get(..TOKEN_BYTES).unwrap_or(&tag))
}

type Asked = (State<Shared>, ConnectInfo<Peer>, Path<(String, String)>, HeaderMap);

/// Some look whether somebody is there before they report.
async fn here(
    state: State<Shared>,
    peer: ConnectInfo<Peer>,
    path: Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    match find(&(state, peer, path, headers)) {
        Ok(_) => StatusCode::OK.into_response(),
        Err(problem) => problem.into_response(),
    }
}

async fn told(
    state: State<Shared>,
    peer: ConnectInfo<Peer>,
    path: Path<(String, String)>,
    headers: HeaderMap,
    request: Request,
) -> Response {
    let asked = (state, peer, path, headers);
    match answer(&asked, request).await {
        Ok(done) => {
            let kind = [(header::CONTENT_TYPE, "application/json")];
            (StatusCode::OK, kind, json!({ "done": done }).to_string()).into_response()
        }
        Err(problem) => problem.into_response(),
    }
}

async fn answer(asked: &Asked, request: Request) -> Result<&'static str, Problem> {
    let (business, id) = find(asked)?;
    // It was found a moment ago, in the same settings.
    let hook = business.hook(&id).ok_or(Problem(UNKNOWN))?;
    let body = Bytes::from_request(request, &()).await.map_err(|rejection| {
        let large = rejection.into_response().status() == StatusCode::PAYLOAD_TOO_LARGE;
        Problem(if large { TOO_LARGE } else { BROKEN })
    })?;
    if let Some(signature) = &hook.signature
        && !is_signed(signature, &asked.3, &body)
    {
        return Err(Problem(UNSIGNED));
    }
    let read = match hook.kind {
        // It tries the URL with nothing.
        HookKind::Mailchimp if body.is_empty() => return Ok("nothing"),
        HookKind::Mailchimp => report::mailchimp(&form(&asked.3, body.clone()).await?),
        HookKind::Smartsupp | HookKind::Ecomail | HookKind::Listmonk | HookKind::Json => {
            let value: Value = serde_json::from_slice(&body).map_err(|_| Problem(NOT_JSON))?;
            report::json(hook, &value)
        }
    };
    match read {
        Ok(report) => take::take(&asked.0.hooks, hook, &report, &body, Timestamp::now()).await,
        Err(Unread::Nothing) => Ok("ignored"),
        Err(Unread::Address) => Err(Problem(NO_ADDRESS)),
        Err(Unread::Form) => Err(Problem(OTHER_FORM)),
    }
}

/// An unknown hook and a wrong token are the same to whoever asks.
fn find(
    (State(shared), ConnectInfo(Peer(peer)), Path((id, sent)), headers): &Asked,
) -> Result<(Arc<Business>, String), Problem> {
    let hooks = &shared.hooks;
    let business = hooks.business.load_full();
    let right = business.hook(id).map(|hook| token(&hooks.secret, hook));
    if right.is_some_and(|right| seal::same(right.as_bytes(), sent.as_bytes())) {
        return Ok((business, id.clone()));
    }
    let ip = client(&hooks.proxy_from, *peer, headers);
    let many = shared.guesses.is_too_many(ip, Timestamp::now());
    Err(Problem(if many { TOO_MANY } else { UNKNOWN }))
}

fn is_signed(signature: &Signature, headers: &HeaderMap, body: &[u8]) -> bool {
    let sent = headers.get(signature.header.as_str()).and_then(|value| value.to_str().ok());
    let Some(sent) = sent.map(|sent| sent.trim().trim_start_matches("sha256=")) else {
        return false;
    };
    let tag = match signature.form {
        SignatureForm::Hex => seal::from_hex(sent),
        SignatureForm::Base64 => seal::from_base64(sent),
    };
    let key = seal::MacKey::new(signature.secret.reveal().as_bytes());
    tag.is_some_and(|tag| key.verify(body, &tag))
}

async fn form(headers: &HeaderMap, body: Bytes) -> Result<Vec<(String, String)>, Problem> {
    let mut request = Request::post("/").body(Body::from(body)).map_err(|_| Problem(BROKEN))?;
    if let Some(kind) = headers.get(header::CONTENT_TYPE) {
        request.headers_mut().insert(header::CONTENT_TYPE, kind.clone());
    }
    Form::from_request(request, &()).await.map(|Form(fields)| fields).map_err(|_| Problem(NOT_FORM))
}

/// An answer that is a problem (RFC 9457); it repeats nothing of what was sent.
#[derive(Clone, Copy, Debug)]
struct Problem(&'static Kind);

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Kind { word, status, title, advice } = self.0;
        let body = json!({
            "type": "about:blank",
            "code": word,
            "title": title,
            "status": status.as_u16(),
            "advice": advice,
        });
        let mut response =
            (*status, [(header::CONTENT_TYPE, MEDIA)], body.to_string()).into_response();
        if matches!(*status, StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS) {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
        }
        response
    }
}

kinds! {
    NOT_JSON = "not-json" BAD_REQUEST "The body is not JSON": "send JSON in UTF-8";
    NOT_FORM = "not-a-form" BAD_REQUEST "The body is no form":
        "send application/x-www-form-urlencoded";
    BROKEN = "broken" BAD_REQUEST "The body did not arrive whole": "send it again";
    UNSIGNED = "signature-wrong" UNAUTHORIZED "The signature is missing or wrong":
        "sign the body as it is sent, with the secret in the hook's `secret-file`";
    UNKNOWN = "hook-unknown" NOT_FOUND "There is no such hook":
        "use the URL that `souhlas hook list` prints";
    TOO_LARGE = "too-large" PAYLOAD_TOO_LARGE "The body is too large": "send one event at a time";
    OTHER_FORM = "form-unknown" UNPROCESSABLE_ENTITY "The body has another form than the hook's kind":
        "look at the hook's `kind` and mapping in policy.toml";
    NO_ADDRESS = "address-missing" UNPROCESSABLE_ENTITY "There is no e-mail address where it should be":
        "look at the hook's `kind` and mapping in policy.toml";
    NO_PURPOSE = "purpose-unknown" UNPROCESSABLE_ENTITY "The hook's purpose is not there, or closed":
        "add it with `souhlas purpose add`, or change the hook";
    TOO_MANY = "too-many-requests" TOO_MANY_REQUESTS "Too many wrong URLs came from this address":
        "wait as long as Retry-After says";
    AWAY = "unavailable" SERVICE_UNAVAILABLE "The relay cannot answer now":
        "nothing was done: send it again";
}

/// Headers that every answer has, and a limit to what one request may take.
async fn guard(request: Request, next: Next) -> Response {
    let answer = tokio::time::timeout(ANSWER_TIME, next.run(request)).await;
    let mut response = answer.unwrap_or_else(|_| Problem(AWAY).into_response());
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

const ANSWER_TIME: std::time::Duration = std::time::Duration::from_secs(20);
const BODY_BYTES_MAX: usize = 64 << 10;
/// 128 bits: nobody guesses them.
const TOKEN_BYTES: usize = 16;
