//! `/r/<token>`, and `/c/<token>` where a tool's own template asked for it: renewing or confirming
//! the consent to exactly one purpose.

use axum::{http::StatusCode, response::Response};
use policy::Method;

use super::{
    asked::Asked,
    busy,
    desk::Desk,
    page::{Agree, Notice, html},
    visit::Visit,
};
use crate::{
    consent::link::{Dead, Kind},
    words::Words,
};

pub(super) async fn renew_page(asked: Asked) -> Response {
    ask_consent(&asked, Kind::Renew).await
}

pub(super) async fn renew(asked: Asked) -> Response {
    take_consent(&asked, Kind::Renew).await
}

pub(super) async fn ask_consent(asked: &Asked, kind: Kind) -> Response {
    let visit = match Visit::open(asked, &[kind]) {
        Ok(visit) => visit,
        Err(response) => return *response,
    };
    let words = visit.words;
    let (title, button) = match kind {
        Kind::Renew => ("renew-title", "renew-button"),
        Kind::Confirm | Kind::Unsubscribe | Kind::Preferences => {
            ("confirm-title", "confirm-button")
        }
    };
    let page = Agree {
        words,
        sender: visit.sender(),
        title: words.say(title),
        wordings: vec![wording(&visit, words, &asked.shared.public.desk).await],
        lifts: visit.lifts(&asked.shared.public.desk).await,
        button: words.say(button),
    };
    html(StatusCode::OK, &page)
}

pub(super) async fn take_consent(asked: &Asked, kind: Kind) -> Response {
    let visit = match Visit::open(asked, &[kind]) {
        Ok(visit) => visit,
        Err(response) => return *response,
    };
    let words = visit.words;
    let desk = &asked.shared.public.desk;
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
        title: words.say("agreed-title"),
        text: words.say("agreed").into_owned(),
        next: Some(words.say("revocable")),
        onward: None,
    };
    html(StatusCode::OK, &page)
}

/// What the person agrees to, in the words that are shown and kept as evidence.
async fn wording(visit: &Visit, words: &Words, desk: &Desk) -> String {
    let purpose = visit.purpose_name(desk).await.unwrap_or_default();
    let name = visit.sender().map_or("", |sender| sender.name.as_str());
    let text = match visit.link.kind {
        Kind::Renew => "renew-wording",
        Kind::Confirm | Kind::Unsubscribe | Kind::Preferences => "confirm-wording",
    };
    words.with(text, &[("name", name.into()), ("purpose", purpose.into())])
}
