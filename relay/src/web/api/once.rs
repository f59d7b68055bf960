//! `Idempotency-Key`: a request sent twice under one name is done once and answered alike.

use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use jiff::Timestamp;

use super::{
    Api, Shared, body,
    gate::Caller,
    problem::{FAULT, NAME_REUSED, PARAMETER_WRONG, Problem, RUNNING},
};
use crate::{
    api_key::store::{self, Answer, Begun, Once},
    db::Db,
    seal::{self, MacKey, Secret},
};

/// What is kept in place of an answer's body that holds a secret: it is shown once.
#[derive(Clone)]
pub(super) struct Instead(pub Vec<u8>);

/// Around every path that writes.
pub(super) async fn once(
    State(shared): State<Shared>,
    caller: Caller,
    request: Request,
    next: Next,
) -> Response {
    let hash = shared.api.secret.mac_key("once");
    match name(&hash, request.headers()) {
        Ok(None) => next.run(request).await,
        Ok(Some(name)) => match named(&shared.api, caller, (&hash, name), request, next).await {
            Ok(response) => response,
            Err(problem) => problem.into_response(),
        },
        Err(problem) => problem.into_response(),
    }
}

/// Keyed, as the digest of the request: what they are made of could be guessed.
fn name(hash: &MacKey, headers: &HeaderMap) -> Result<Option<[u8; 32]>, Problem> {
    let Some(value) = headers.get(HEADER) else { return Ok(None) };
    let text = value.to_str().ok().map(str::trim);
    match text.filter(|text| (1..=NAME_MAX).contains(&text.len())) {
        Some(text) => Ok(Some(hash.sign(text.as_bytes()))),
        None => Err(Problem::new(PARAMETER_WRONG, "the name has 1 to 200 visible ASCII letters")
            .parameter("Idempotency-Key")),
    }
}

async fn named(
    api: &Api,
    caller: Caller,
    (hash, name): (&MacKey, [u8; 32]),
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let (parts, sent) = request.into_parts();
    let bytes = body::read(Request::from_parts(parts.clone(), sent), &()).await?;
    let mut digest = seal::Digest::new();
    for part in [parts.method.as_str().as_bytes(), b" ", parts.uri.path().as_bytes(), b" ", &bytes]
    {
        digest.update(part);
    }
    let request = hash.sign(&digest.finish());
    let key = caller.key().to_owned();
    let (db, secret) = (api.db.clone(), api.secret.clone());
    let once = Once { key: &key, name, request };
    match store::begin(&db, &secret, Timestamp::now(), &once).await? {
        Begun::First => {}
        Begun::Before(answer) => return Ok(again(answer)),
        Begun::Running => {
            return Err(
                Problem::new(RUNNING, "it came before and is not answered yet").retry_after(1)
            );
        }
        Begun::Differs => {
            return Err(Problem::new(NAME_REUSED, "another request came under this name before")
                .parameter("Idempotency-Key"));
        }
    }
    let asked = Request::from_parts(parts, Body::from(bytes));
    // On a task of its own: what was begun is brought to its end where the client hangs up.
    let answered = tokio::spawn(async move {
        let once = Once { key: &key, name, request };
        kept(&db, &secret, &once, next.run(asked).await).await
    });
    answered.await.map_err(|_| Problem::new(FAULT, "the request was not answered"))?
}

/// An answer that trying again might change is not kept.
async fn kept(
    db: &Db,
    secret: &Secret,
    once: &Once<'_>,
    response: Response,
) -> Result<Response, Problem> {
    let status = response.status();
    if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
        store::forget(db, once).await?;
        return Ok(response);
    }
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await;
    let body = body.map_err(|_| Problem::new(FAULT, "the answer could not be kept"))?;
    let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.unwrap_or_default().to_owned();
    let instead = parts.extensions.get::<Instead>().map(|Instead(body)| body.clone());
    let kept = instead.unwrap_or_else(|| body.to_vec());
    let answer = Answer { status: status.as_u16(), kind, body: kept };
    // It is done, whether or not the answer could be kept.
    if let Err(fault) = store::finish(db, secret, once, &answer).await {
        tracing::warn!(%fault, "an answer of the api could not be kept");
    }
    Ok(Response::from_parts(parts, Body::from(body)))
}

fn again(answer: Answer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let kind = HeaderValue::from_str(&answer.kind);
    let kind = kind.unwrap_or_else(|_| HeaderValue::from_static("application/json"));
    let replayed = (HeaderName::from_static(REPLAYED), HeaderValue::from_static("true"));
    (status, [(header::CONTENT_TYPE, kind), replayed], answer.body).into_response()
}

const HEADER: &str = "idempotency-key";
/// Says that the answer was given before.
pub(super) const REPLAYED: &str = "idempotency-replayed";
const NAME_MAX: usize = 200;
