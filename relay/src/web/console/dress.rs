//! Around everything: finds out who asks, makes a page of what went wrong, and puts on the headers
//! that every answer has.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use jiff::Timestamp;

use super::{
    Shared,
    cookie::Cookie,
    guest::{Guest, is_get, program, words},
    problem::{AWAY, FAULT, METHOD, MISSING, Problem},
    query::Query,
    style,
};
use crate::{
    seal,
    staff::{From, Session, Token},
    web::{client::client, server::Peer},
};

pub(super) async fn dress(
    State(shared): State<Shared>,
    ConnectInfo(Peer(peer)): ConnectInfo<Peer>,
    request: Request,
    next: Next,
) -> Response {
    let is_https = shared.origins.is_https;
    let mut response = if request.uri().path() == style::PATH {
        next.run(request).await
    } else {
        let (mut parts, body) = request.into_parts();
        let (guest, cookies) = match greet(&shared, peer, &parts).await {
            Ok(found) => found,
            Err(problem) => {
                return (problem.status, "the database does not answer").into_response();
            }
        };
        parts.extensions.insert(guest.clone());
        let request = Request::from_parts(parts, body);
        let answer = tokio::time::timeout(ANSWER_TIME, next.run(request)).await;
        let answer = answer.unwrap_or_else(|_| AWAY.into_response());
        let mut response = told(&guest, answer);
        for cookie in cookies {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        response
    };
    let headers = response.headers_mut();
    for (name, value) in SECURITY {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if is_https {
        let year = HeaderValue::from_static("max-age=31536000");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, year);
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Who asks; and cookies that they lack: what binds their forms to their browser, and the language
/// that they left in.
async fn greet(
    shared: &Shared,
    peer: std::net::SocketAddr,
    request: &Parts,
) -> Result<(Guest, Vec<HeaderValue>), Problem> {
    let headers = &request.headers;
    let is_https = shared.origins.is_https;
    let now = Timestamp::now();
    let ip = client(&shared.console.proxy_from, peer, headers);
    let session = session(shared, now, headers).await?;
    let visitor = Cookie::Visitor.read(headers, is_https).filter(|value| value.len() == VISITOR);
    let mut cookies = Vec::new();
    let bound_to = match (&session, visitor) {
        (Some((token, session)), _) => {
            let own = session.account.language.as_str();
            if Cookie::Language.read(headers, is_https) != Some(own) {
                cookies.extend(Cookie::Language.set(own, is_https));
            }
            ["session ", &seal::hex(&token.hash())].concat()
        }
        (None, Some(visitor)) => ["visitor ", visitor].concat(),
        (None, None) => {
            let visitor = Token::generate().reveal();
            cookies.extend(Cookie::Visitor.set(&visitor, is_https));
            ["visitor ", &visitor].concat()
        }
    };
    let session = session.map(|(_, session)| Arc::new(session));
    let account = session.as_ref().map(|session| session.account.language.as_str());
    let guest = Guest {
        words: words(headers, is_https, account),
        form_key: seal::base64url(&shared.forms.sign(bound_to.as_bytes())),
        query: Query::read(request.uri.query()),
        path: request.uri.path().to_owned(),
        is_get: is_get(&request.method),
        from: From { ip, program: program(headers) },
        shared: shared.clone(),
        now,
        session,
    };
    Ok((guest, cookies))
}

async fn session(
    shared: &Shared,
    now: Timestamp,
    headers: &HeaderMap,
) -> Result<Option<(Token, Session)>, Problem> {
    let sent = Cookie::Session.read(headers, shared.origins.is_https);
    let Some(token) = sent.and_then(Token::parse) else { return Ok(None) };
    let session = shared.console.staff.session(now, &token).await?;
    Ok(session.map(|session| (token, session)))
}

/// A page in place of what only has a status.
fn told(guest: &Guest, mut response: Response) -> Response {
    let status = response.status();
    let problem = match response.extensions_mut().remove::<Problem>() {
        Some(problem) => problem,
        None if response.headers().contains_key(header::CONTENT_TYPE) => return response,
        None if status == StatusCode::METHOD_NOT_ALLOWED => METHOD,
        None if status == StatusCode::NOT_FOUND || status == StatusCode::BAD_REQUEST => MISSING,
        None if status.is_client_error() || status.is_server_error() => FAULT,
        None => return response,
    };
    let mut page = problem.page(guest);
    // What came with it still counts: a cookie, when to try again.
    for (name, value) in response.headers() {
        if name != header::CONTENT_LENGTH {
            page.headers_mut().append(name, value.clone());
        }
    }
    page
}

/// Letters of a [`Token`].
const VISITOR: usize = 43;
const ANSWER_TIME: Duration = Duration::from_secs(30);

const SECURITY: [(HeaderName, &str); 8] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; \
         frame-src 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("x-robots-tag"), "noindex, nofollow"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    ),
];
