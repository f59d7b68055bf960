//! `/u/<token>`: the page with one button, and one-click (RFC 8058).

use axum::{body::Bytes, http::StatusCode, response::Response};
use policy::{Scope, UnsubscribeScope};

use super::{
    asked::Asked,
    busy, form,
    page::{Notice, Unsubscribe, html},
    visit::Visit,
};
use crate::consent::link::Kind;

pub(super) async fn unsubscribe_page(asked: Asked) -> Response {
    let visit = match Visit::open(&asked, &[Kind::Unsubscribe]) {
        Ok(visit) => visit,
        Err(response) => return *response,
    };
    let purpose = visit.purpose_name(&asked.shared.public.desk).await;
    let page = Unsubscribe {
        words: visit.words,
        sender: visit.sender(),
        only_purpose: purpose.is_some() && visit.link.scope == UnsubscribeScope::Purpose,
        purpose: purpose.as_deref(),
        preferences: asked.here(&format!("../p/{}", asked.token), visit.words),
    };
    html(StatusCode::OK, &page)
}

/// Whoever posts to this address means "no": what cannot be read is taken as the link's own scope.
pub(super) async fn unsubscribe(asked: Asked, body: Bytes) -> Response {
    let visit = match Visit::open(&asked, &[Kind::Unsubscribe]) {
        Ok(visit) => visit,
        Err(response) => return *response,
    };
    let words = visit.words;
    let fields = form::fields(asked.content_type(), &body).unwrap_or_default();
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
    let desk = &asked.shared.public.desk;
    let name = visit.purpose_name(desk).await.unwrap_or_default();
    if let Err(fault) = desk.refuse(&click, &scope).await {
        return busy(words, "a refusal", &fault);
    }
    metrics::counter!("souhlas_refusals_total", "how" => how).increment(1);
    let text = match &scope {
        Scope::Everything => words.say("done-everything").into_owned(),
        Scope::Purpose(_) => words.with("done-purpose", &[("purpose", name.into())]),
    };
    // Whoever refused everything has nothing left to choose from.
    let may_choose = scope != Scope::Everything;
    let choose = || asked.here(&format!("../p/{}", asked.token), words);
    let page = Notice {
        words,
        sender: visit.sender(),
        title: words.say("done-title"),
        text,
        next: Some(words.say("done-next")),
        onward: may_choose.then(|| (words.say("preferences-link"), choose())),
    };
    html(StatusCode::OK, &page)
}
