//! The pages that the links in messages lead to: unsubscribe, preferences, renew, confirm.
//!
//! GET and HEAD never change anything, because scanners follow links. POST does, at once and on
//! disk before the answer; one-click (RFC 8058) gets its 2xx without redirect, cookie or login.
//! A page shows the controller, never the address.

mod desk;
mod form;
mod page;
mod words;

use std::{net::SocketAddr, sync::Arc};

use arc_swap::ArcSwap;
use axum::{
    Router,
    body::Bytes,
    extract::{ConnectInfo, DefaultBodyLimit, Path, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use jiff::{Timestamp, tz::TimeZone};
use policy::{Controller, Method, Scope, UnsubscribeScope};

pub use self::desk::Desk;
use self::{
    desk::Click,
    page::{Agree, Notice, Preferences, Row, Unsubscribe, html},
    words::Words,
};
use super::{guesses::Guesses, server::Peer};
use crate::{
    config::{Business, Network},
    consent::link::{Dead, Kind, Link},
    db::Unavailable,
    seal::Secret,
};

/// What the pages need; cheap to clone.
#[derive(Clone)]
pub struct Public {
    pub secret: Secret,
    pub business: Arc<ArcSwap<Business>>,
    pub desk: Desk,
    /// Whose `X-Forwarded-For` is believed.
    pub proxy_from: Arc<[Network]>,
}

/// The public router.
pub fn router(public: Public) -> Router {
    let shared = Shared { public, guesses: Arc::default() };
    Router::new()
        .route("/u/{token}", get(unsubscribe_page).post(unsubscribe))
        .route("/p/{token}", get(preferences_page).post(preferences))
        .route("/r/{token}", get(renew_page).post(renew))
        .route("/c/{token}", get(confirm_page).post(confirm))
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
}

/// One request with a valid link.
struct Visit {
    link: Link,
    business: Arc<Business>,
    now: Timestamp,
    ip: String,
}

type Asked = (State<Shared>, ConnectInfo<Peer>, Path<String>, HeaderMap);

impl Visit {
    /// Opens the token; a link of another kind counts as none.
    fn open(
        (State(shared), ConnectInfo(Peer(peer)), Path(token), headers): &Asked,
        kinds: &[Kind],
    ) -> Result<Self, Response> {
        let ip = client(&shared.public.proxy_from, *peer, headers);
        let now = Timestamp::now();
        let words = accepted(headers);
        let link = Link::open(&shared.public.secret, token, now);
        let link = link
            .and_then(|link| if kinds.contains(&link.kind) { Ok(link) } else { Err(Dead::Forged) });
        match link {
            Ok(link) => {
                let business = shared.public.business.load_full();
                Ok(Self { link, business, now, ip: ip.to_string() })
            }
            Err(dead) if dead == Dead::Forged && shared.guesses.is_too_many(ip, now) => {
                Err(StatusCode::TOO_MANY_REQUESTS.into_response())
            }
            Err(dead) => Err(Notice::dead(words, dead)),
        }
    }

    fn sender(&self) -> Option<&Controller> {
        self.business.controller(&self.link.controller).map(Arc::as_ref)
    }

    /// In which the controller counts days.
    fn zone(&self) -> TimeZone {
        self.sender().map_or(TimeZone::UTC, |sender| sender.time_zone.clone())
    }

    fn words(&self, headers: &HeaderMap) -> &'static Words {
        self.sender().map_or_else(|| accepted(headers), |sender| Words::of(sender.language))
    }

    fn click(&self, how: &'static str, wording: impl Into<String>) -> Click {
        Click {
            at: self.now,
            controller: self.link.controller.clone(),
            key: self.link.key,
            message: self.link.message,
            how,
            ip: self.ip.clone(),
            wording: wording.into(),
        }
    }

    /// The name of the link's purpose; its id where the store does not answer or know it.
    async fn purpose_name(&self, desk: &Desk) -> Option<String> {
        let id = &self.link.purpose;
        if id.is_empty() {
            return None;
        }
        let known = desk.purposes(&self.link.controller).await.unwrap_or_default();
        let name = known.into_iter().find(|purpose| purpose.id == *id).map(|found| found.name);
        Some(name.unwrap_or_else(|| id.clone()))
    }
}

async fn unsubscribe_page(
    state: State<Shared>,
    peer: ConnectInfo<Peer>,
    token: Path<String>,
    headers: HeaderMap,
) -> Response {
    let asked = (state, peer, token, headers);
    let visit = match Visit::open(&asked, &[Kind::Unsubscribe]) {
        Ok(visit) => visit,
        Err(response) => return response,
    };
    let (State(shared), _, Path(token), headers) = &asked;
    let purpose = visit.purpose_name(&shared.public.desk).await;
    let page = Unsubscribe {
        words: visit.words(headers),
        sender: visit.sender(),
        only_purpose: purpose.is_some() && visit.link.scope == UnsubscribeScope::Purpose,
        purpose: purpose.as_deref(),
        preferences: format!("../p/{token}"),
    };
    html(StatusCode::OK, &page)
}

/// Whoever posts to this address means "no": what cannot be read is taken as the link's own scope.
async fn unsubscribe(
    state: State<Shared>,
    peer: ConnectInfo<Peer>,
    token: Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let asked = (state, peer, token, headers);
    let visit = match Visit::open(&asked, &[Kind::Unsubscribe]) {
        Ok(visit) => visit,
        Err(response) => return response,
    };
    let (State(shared), _, Path(token), headers) = &asked;
    let words = visit.words(headers);
    let fields = form::fields(content_type(headers), &body).unwrap_or_default();
    let one_click = form::value(&fields, "List-Unsubscribe").is_some();
    let chosen = form::value(&fields, "scope");
    let by_link = visit.link.scope == UnsubscribeScope::Purpose;
    let only_purpose = chosen.map_or(by_link, |scope| scope == "purpose");
    let scope = match (only_purpose, visit.link.purpose.as_str()) {
        (true, purpose) if !purpose.is_empty() => Scope::Purpose(purpose.to_owned()),
        (true | false, _) => Scope::Everything,
    };
    let how = if one_click { "one-click" } else { "page" };
    let click = visit.click(how, words.unsubscribe_lead);
    let desk = &shared.public.desk;
    if let Err(fault) = desk.refuse(&click, scope.clone()).await {
        return busy(words, "a refusal", &fault);
    }
    metrics::counter!("souhlas_refusals_total", "how" => how).increment(1);
    let text = match &scope {
        Scope::Everything => words.done_everything.to_owned(),
        Scope::Purpose(id) => {
            let name = visit.purpose_name(desk).await.unwrap_or_else(|| id.clone());
            format!("{} {name}.", words.done_purpose)
        }
    };
    let page = Notice {
        words,
        sender: visit.sender(),
        title: words.done_title,
        text,
        next: Some(words.done_next),
        preferences: Some(format!("../p/{token}")),
    };
    html(StatusCode::OK, &page)
}

async fn preferences_page(
    state: State<Shared>,
    peer: ConnectInfo<Peer>,
    token: Path<String>,
    headers: HeaderMap,
) -> Response {
    let asked = (state, peer, token, headers);
    match Visit::open(&asked, &[Kind::Preferences, Kind::Unsubscribe]) {
        Ok(visit) => show_preferences(&asked.0.public.desk, &visit, &asked.3, false).await,
        Err(response) => response,
    }
}

async fn preferences(
    state: State<Shared>,
    peer: ConnectInfo<Peer>,
    token: Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let asked = (state, peer, token, headers);
    let visit = match Visit::open(&asked, &[Kind::Preferences, Kind::Unsubscribe]) {
        Ok(visit) => visit,
        Err(response) => return response,
    };
    let (State(shared), _, _, headers) = &asked;
    let words = visit.words(headers);
    let fields = form::fields(content_type(headers), &body).unwrap_or_default();
    let desk = &shared.public.desk;
    let click = visit.click("preferences", words.preferences_lead);
    let refused = match form::value(&fields, "what") {
        Some("nothing") => desk.refuse(&click, Scope::Everything).await,
        Some("keep") => refuse_others(desk, &visit, &click, &fields).await,
        Some(_) | None => return Notice::bad(words),
    };
    match refused {
        Ok(()) => show_preferences(desk, &visit, headers, true).await,
        Err(fault) => busy(words, "a refusal", &fault),
    }
}

/// Refuses every open purpose whose box is not ticked.
async fn refuse_others(
    desk: &Desk,
    visit: &Visit,
    click: &Click,
    fields: &[(String, String)],
) -> Result<(), Unavailable> {
    for row in rows(desk, visit).await?.1.into_iter().filter(|row| row.open) {
        let keeps = fields.iter().any(|(name, value)| name == "keep" && *value == row.id);
        if !keeps {
            desk.refuse(click, Scope::Purpose(row.id)).await?;
        }
    }
    Ok(())
}

async fn show_preferences(
    desk: &Desk,
    visit: &Visit,
    headers: &HeaderMap,
    saved: bool,
) -> Response {
    let words = visit.words(headers);
    let (refused_all, purposes) = match rows(desk, visit).await {
        Ok(rows) => rows,
        Err(fault) => return busy(words, "preferences", &fault),
    };
    let page = Preferences {
        words,
        sender: visit.sender(),
        any_open: purposes.iter().any(|row| row.open),
        purposes,
        refused_all,
        saved,
    };
    html(StatusCode::OK, &page)
}

/// Whether everything is refused, and one row for each purpose that was ever granted.
async fn rows(desk: &Desk, visit: &Visit) -> Result<(bool, Vec<Row>), Unavailable> {
    let standing = desk.standing(&visit.link.controller, visit.link.key).await?;
    let purposes = desk.purposes(&visit.link.controller).await?;
    let zone = visit.zone();
    let refused_all = standing.refusals.iter().any(|refusal| refusal.scope == Scope::Everything);
    let mut rows = Vec::new();
    for purpose in purposes {
        let Some(until) = standing
            .grants
            .iter()
            .filter(|grant| grant.purpose == purpose.id)
            .map(|grant| if grant.withdrawn_at.is_some() { Timestamp::MIN } else { grant.until })
            .max()
        else {
            continue;
        };
        let refused = |scope: &Scope| *scope == Scope::Purpose(purpose.id.clone());
        let refused = standing.refusals.iter().any(|refusal| refused(&refusal.scope));
        let until_day = until.to_zoned(zone.clone()).strftime("%-d. %-m. %Y").to_string();
        rows.push(Row {
            open: !refused && !refused_all && until > visit.now,
            id: purpose.id,
            name: purpose.name,
            until: until_day,
        });
    }
    Ok((refused_all, rows))
}

async fn renew_page(
    state: State<Shared>,
    peer: ConnectInfo<Peer>,
    token: Path<String>,
    headers: HeaderMap,
) -> Response {
    ask_consent(&(state, peer, token, headers), Kind::Renew).await
}

async fn confirm_page(
    state: State<Shared>,
    peer: ConnectInfo<Peer>,
    token: Path<String>,
    headers: HeaderMap,
) -> Response {
    ask_consent(&(state, peer, token, headers), Kind::Confirm).await
}

async fn renew(
    state: State<Shared>,
    peer: ConnectInfo<Peer>,
    token: Path<String>,
    headers: HeaderMap,
) -> Response {
    take_consent(&(state, peer, token, headers), Kind::Renew).await
}

async fn confirm(
    state: State<Shared>,
    peer: ConnectInfo<Peer>,
    token: Path<String>,
    headers: HeaderMap,
) -> Response {
    take_consent(&(state, peer, token, headers), Kind::Confirm).await
}

async fn ask_consent(asked: &Asked, kind: Kind) -> Response {
    let visit = match Visit::open(asked, &[kind]) {
        Ok(visit) => visit,
        Err(response) => return response,
    };
    let words = visit.words(&asked.3);
    let (title, button) = match kind {
        Kind::Renew => (words.renew_title, words.renew_button),
        Kind::Confirm | Kind::Unsubscribe | Kind::Preferences => {
            (words.confirm_title, words.confirm_button)
        }
    };
    let page = Agree {
        words,
        sender: visit.sender(),
        title,
        wording: wording(&visit, words, &asked.0.public.desk).await,
        button,
        preferences: None,
    };
    html(StatusCode::OK, &page)
}

async fn take_consent(asked: &Asked, kind: Kind) -> Response {
    let visit = match Visit::open(asked, &[kind]) {
        Ok(visit) => visit,
        Err(response) => return response,
    };
    let words = visit.words(&asked.3);
    let desk = &asked.0.public.desk;
    let (how, method) = match kind {
        Kind::Renew => ("renewal", Method::RenewalClick),
        Kind::Confirm | Kind::Unsubscribe | Kind::Preferences => {
            ("confirmation", Method::DoubleOptIn)
        }
    };
    let wording = wording(&visit, words, desk).await;
    let zone = visit.zone();
    match desk.agree(&visit.click(how, wording), &zone, &visit.link.purpose, method).await {
        Ok(true) => {}
        Ok(false) => return Notice::dead(words, Dead::Expired),
        Err(fault) => return busy(words, "a consent", &fault),
    }
    metrics::counter!("souhlas_consents_total", "how" => how).increment(1);
    let page = Notice {
        words,
        sender: visit.sender(),
        title: words.agreed_title,
        text: words.agreed.to_owned(),
        next: Some(words.revocable),
        preferences: None,
    };
    html(StatusCode::OK, &page)
}

/// What the person agrees to, in the words that are shown and kept as evidence.
async fn wording(visit: &Visit, words: &Words, desk: &Desk) -> String {
    let purpose = visit.purpose_name(desk).await.unwrap_or_default();
    let name = visit.sender().map_or("", |sender| sender.name.as_str());
    let text = match visit.link.kind {
        Kind::Renew => words.renew_wording,
        Kind::Confirm | Kind::Unsubscribe | Kind::Preferences => words.confirm_wording,
    };
    text.replace("{name}", name).replace("{purpose}", &purpose)
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
    for (name, value) in SECURITY {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// The client's address: the last one that a believed proxy vouches for.
fn client(believed: &[Network], peer: SocketAddr, headers: &HeaderMap) -> std::net::IpAddr {
    let is_proxy = |ip| believed.iter().any(|network| network.contains(ip));
    let mut ip = peer.ip().to_canonical();
    let forwarded =
        headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let hops: Vec<&str> = forwarded.flat_map(|value| value.split(',')).collect();
    for hop in hops.iter().rev() {
        match hop.trim().parse::<std::net::IpAddr>() {
            Ok(before) if is_proxy(ip) => ip = before.to_canonical(),
            Ok(_) | Err(_) => break,
        }
    }
    ip
}

fn accepted(headers: &HeaderMap) -> &'static Words {
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    Words::accepted(accepted.unwrap_or_default())
}

fn content_type(headers: &HeaderMap) -> &str {
    headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

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
