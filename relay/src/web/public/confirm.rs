//! `/c/<token>` of a letter that asks whether a subscription is meant: the button, and what comes of
//! it. Links that a tool's own template asked for are `agree`'s.

use axum::{
    body::Bytes,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use jiff::tz::TimeZone;
use policy::Controller;

use super::{
    agree,
    asked::Asked,
    busy,
    page::{Agree, Notice, html},
};
use crate::{
    config::{Business, Form},
    consent::{
        link::Kind,
        pending::{Click, Collected, Pending, Ticket},
    },
    db::Unavailable,
    words::Words,
};

pub(super) async fn confirm_page(asked: Asked) -> Response {
    let public = &asked.shared.public;
    let Some(ticket) = Ticket::open(&public.secret, &asked.token) else {
        return agree::ask_consent(&asked, Kind::Confirm).await;
    };
    let business = public.business.load_full();
    let pending = public.desk.pending(asked.now, &ticket).await;
    let view = View::of(&asked, &business, &ticket, &pending);
    match &pending {
        Ok(Pending::Open(collected)) => {
            let refused = public.desk.refused(&ticket.controller, collected).await;
            view.question(collected, refused.unwrap_or_default())
        }
        Ok(Pending::Confirmed) => view.already(),
        Ok(Pending::Gone) => view.gone(),
        Err(fault) => busy(view.words, "a subscription", fault),
    }
}

pub(super) async fn confirm(asked: Asked, body: Bytes) -> Response {
    let public = &asked.shared.public;
    let Some(ticket) = Ticket::open(&public.secret, &asked.token) else {
        return agree::take_consent(&asked, &body, Kind::Confirm).await;
    };
    let business = public.business.load_full();
    let (ip, user_agent) = (asked.ip.to_string(), asked.user_agent());
    let click = Click { ip: &ip, user_agent: &user_agent };
    let sender = business.controller(&ticket.controller);
    let zone = sender.map_or(TimeZone::UTC, |sender| sender.time_zone.clone());
    let pending = public.desk.confirm(asked.now, &zone, &ticket, click).await;
    let view = View::of(&asked, &business, &ticket, &pending);
    match &pending {
        Ok(Pending::Open(_)) => {
            metrics::counter!("souhlas_consents_total", "how" => "form").increment(1);
            view.thanks()
        }
        Ok(Pending::Confirmed) => view.already(),
        Ok(Pending::Gone) => view.gone(),
        Err(fault) => busy(view.words, "a consent", fault),
    }
}

/// Whose subscription it is.
struct View<'a> {
    words: &'static Words,
    sender: Option<&'a Controller>,
    /// It may be gone from policy.toml by now.
    form: Option<&'a Form>,
}

impl<'a> View<'a> {
    fn of(
        asked: &Asked,
        business: &'a Business,
        ticket: &Ticket,
        pending: &Result<Pending, Unavailable>,
    ) -> Self {
        let sender = business.controller(&ticket.controller).map(AsRef::as_ref);
        let form = business.form(&ticket.form);
        let form = form.filter(|form| form.controller.id == ticket.controller);
        let words = match pending {
            Ok(Pending::Open(collected)) => asked.words_or(&collected.language, sender),
            Ok(Pending::Confirmed | Pending::Gone) | Err(_) => asked.words(sender),
        };
        Self { words, sender, form }
    }

    fn question(&self, collected: &Collected, lifts: bool) -> Response {
        let page = Agree {
            words: self.words,
            sender: self.sender,
            title: self.words.say("confirm-title"),
            wordings: collected.agreed.iter().map(|agreed| agreed.wording.clone()).collect(),
            lifts,
            age: None,
            age_wrong: false,
            notice: self.words.say("revocable"),
            button: self.words.say("confirm-button"),
        };
        let mut response = html(StatusCode::OK, &page);
        // Browsers hold the way on after sending a form to the same list as the form itself.
        let onward = self.form.and_then(|form| form.thank_you.as_deref()).and_then(origin);
        if let Some(origin) = onward {
            let policy = format!(
                "default-src 'none'; style-src 'self'; form-action 'self' {origin}; \
                 base-uri 'none'; frame-ancestors 'none'"
            );
            if let Ok(policy) = HeaderValue::from_str(&policy) {
                response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
            }
        }
        response
    }

    /// The shop's own page, or ours.
    fn thanks(&self) -> Response {
        let onward = self.form.and_then(|form| form.thank_you.as_deref());
        match onward.and_then(|url| HeaderValue::from_str(url).ok()) {
            Some(url) => (StatusCode::SEE_OTHER, [(header::LOCATION, url)]).into_response(),
            None => self.notice(StatusCode::OK, ["agreed-title", "agreed", "revocable"], false),
        }
    }

    fn already(&self) -> Response {
        self.notice(StatusCode::OK, ["already-title", "already", "revocable"], false)
    }

    fn gone(&self) -> Response {
        self.notice(StatusCode::GONE, ["gone-title", "gone", "gone-next"], true)
    }

    fn notice(&self, status: StatusCode, say: [&'static str; 3], again: bool) -> Response {
        let [title, text, next] = say;
        let label = || self.words.say("form-again");
        let page = Notice {
            words: self.words,
            sender: self.sender,
            title: self.words.say(title),
            text: self.words.say(text).into_owned(),
            next: Some(self.words.say(next)),
            onward: self.form.filter(|_| again).map(|form| (label(), format!("../f/{}", form.id))),
        };
        html(status, &page)
    }
}

/// Scheme and host of a link.
fn origin(url: &str) -> Option<String> {
    let host = url.strip_prefix("https://")?.split(['/', '?', '#']).next()?;
    Some(format!("https://{host}"))
}
