//! `/u/<token>`: the page with one button, and one-click (RFC 8058).

use axum::{
    body::Bytes,
    extract::{ConnectInfo, Path, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use policy::{Scope, UnsubscribeScope};

use super::{
    Shared, busy, form,
    page::{Notice, Unsubscribe, html},
    visit::{Visit, content_type},
};
use crate::{consent::link::Kind, web::server::Peer};

pub(super) async fn unsubscribe_page(
    state: State<Shared>,
    peer: ConnectInfo<Peer>,
    token: Path<String>,
    headers: HeaderMap,
) -> Response {
    let asked = (state, peer, token, headers);
    let visit = match Visit::open(&asked, &[Kind::Unsubscribe]) {
        Ok(visit) => visit,
        Err(response) => return *response,
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
pub(super) async fn unsubscribe(
    state: State<Shared>,
    peer: ConnectInfo<Peer>,
    token: Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let asked = (state, peer, token, headers);
    let visit = match Visit::open(&asked, &[Kind::Unsubscribe]) {
        Ok(visit) => visit,
        Err(response) => return *response,
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
    let click = visit.click(how, words.say("unsubscribe-lead"));
    let desk = &shared.public.desk;
    let name = visit.purpose_name(desk).await.unwrap_or_default();
    match desk.refuse(&click, &scope).await {
        Ok(true) => visit.confirm(&shared.public, &click, &[(scope.clone(), name.clone())]).await,
        Ok(false) => {}
        Err(fault) => return busy(words, "a refusal", &fault),
    }
    metrics::counter!("souhlas_refusals_total", "how" => how).increment(1);
    let text = match &scope {
        Scope::Everything => words.say("done-everything").into_owned(),
        Scope::Purpose(_) => words.with("done-purpose", &[("purpose", name.into())]),
    };
    // Whoever refused everything has nothing left to choose from.
    let may_choose = scope != Scope::Everything;
    let page = Notice {
        words,
        sender: visit.sender(),
        title: words.say("done-title"),
        text,
        next: Some(words.say("done-next")),
        onward: may_choose.then(|| (words.say("preferences-link"), format!("../p/{token}"))),
    };
    html(StatusCode::OK, &page)
}
