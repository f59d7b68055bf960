//! `/r/<token>`, and `/c/<token>` where a tool's own template asked for it: renewing or confirming
//! the consent to exactly one purpose. One link of one message makes one consent.

use std::borrow::Cow;

use axum::{body::Bytes, http::StatusCode, response::Response};
use policy::{Controller, Method, Purpose};

use super::{
    age::{self, Minors},
    asked::Asked,
    busy,
    desk::{Agreement, Desk},
    form::{fields, value},
    forms::notice,
    page::{Agree, Notice, html},
    visit::{Visit, is_refused},
};
use crate::{
    consent::{
        Recorded,
        link::{Dead, Kind},
        pending::Agreed,
    },
    db::Unavailable,
};

pub(super) async fn renew_page(asked: Asked) -> Response {
    ask_consent(&asked, Kind::Renew).await
}

pub(super) async fn renew(asked: Asked, body: Bytes) -> Response {
    take_consent(&asked, &body, Kind::Renew).await
}

pub(super) async fn ask_consent(asked: &Asked, kind: Kind) -> Response {
    let visit = match Visit::open(asked, &[kind]) {
        Ok(visit) => visit,
        Err(response) => return *response,
    };
    match Question::find(asked, &visit).await {
        Ok(Found::Question(question)) => question.shown(&visit, false),
        Ok(Found::Answered) => said(&visit, ["already-title", "already"]),
        Ok(Found::Nothing) => Notice::dead(visit.words, Dead::Expired),
        Err(fault) => busy(visit.words, "a purpose", &fault),
    }
}

pub(super) async fn take_consent(asked: &Asked, body: &Bytes, kind: Kind) -> Response {
    let visit = match Visit::open(asked, &[kind]) {
        Ok(visit) => visit,
        Err(response) => return *response,
    };
    let question = match Question::find(asked, &visit).await {
        Ok(Found::Question(question)) => question,
        Ok(Found::Answered) => return said(&visit, ["already-title", "already"]),
        Ok(Found::Nothing) => return Notice::dead(visit.words, Dead::Expired),
        Err(fault) => return busy(visit.words, "a purpose", &fault),
    };
    let fields = fields(asked.content_type(), body).unwrap_or_default();
    if question.age.is_some() && value(&fields, "age").is_none() {
        return question.shown(&visit, true);
    }
    let how = question.how();
    let click = visit.click(how, question.wording.clone());
    let agreement = question.agreement(&visit);
    let desk = &asked.shared.public.desk;
    match desk.agree(&click, &visit.zone(), agreement).await {
        Ok(Recorded::New(_)) => {
            metrics::counter!("souhlas_consents_total", "how" => how).increment(1);
            said(&visit, ["agreed-title", "agreed"])
        }
        Ok(Recorded::Already) => said(&visit, ["already-title", "already"]),
        Ok(
            Recorded::NoPurpose
            | Recorded::NoTopic
            | Recorded::Closed
            | Recorded::WrongBasis
            | Recorded::RefusalStands,
        ) => Notice::dead(visit.words, Dead::Expired),
        Err(fault) => busy(visit.words, "a consent", &fault),
    }
}

/// What a link leads to.
enum Found {
    Question(Box<Question>),
    /// The link was used, and what it granted still counts.
    Answered,
    /// There is no such purpose, or not any more.
    Nothing,
}

/// What is asked, in the words that are shown and kept as evidence.
struct Question {
    kind: Kind,
    purpose: Purpose,
    wording: String,
    notice: String,
    /// To be declared: something asks for it and nobody did.
    age: Option<u16>,
    lifts: bool,
}

impl Question {
    async fn find(asked: &Asked, visit: &Visit) -> Result<Found, Unavailable> {
        let desk: &Desk = &asked.shared.public.desk;
        let link = &visit.link;
        let Some(sender) = visit.sender() else { return Ok(Found::Nothing) };
        let open = |own: &Purpose| own.id == link.purpose && own.closed_at.is_none();
        let Some(purpose) = desk.purposes(&link.controller).await?.into_iter().find(open) else {
            return Ok(Found::Nothing);
        };
        if desk.has_agreed(visit.now, link, method(link.kind)).await? {
            return Ok(Found::Answered);
        }
        let standing = desk.standing(link.key).await?;
        let declared = |grant: &policy::Grant| grant.purpose == purpose.id && grant.age_declared;
        let minors = Minors::of(&asked.shared.public.business.load(), sender, visit.now);
        let asks = minors.asks(&purpose) && !standing.grants.iter().any(declared);
        Ok(Found::Question(Box::new(Self {
            kind: link.kind,
            wording: wording(visit, sender, &purpose),
            notice: notice(visit.words, sender),
            age: asks.then_some(minors.age),
            lifts: is_refused(&standing, &[&purpose.id]),
            purpose,
        })))
    }

    fn how(&self) -> &'static str {
        match self.kind {
            Kind::Renew => "renewal",
            Kind::Confirm | Kind::Unsubscribe | Kind::Preferences => "confirmation",
        }
    }

    /// Again where the declaration is missing.
    fn shown(&self, visit: &Visit, age_wrong: bool) -> Response {
        let words = visit.words;
        let (title, button) = match self.kind {
            Kind::Renew => ("renew-title", "renew-button"),
            Kind::Confirm | Kind::Unsubscribe | Kind::Preferences => {
                ("confirm-title", "confirm-button")
            }
        };
        let page = Agree {
            words,
            sender: visit.sender(),
            title: words.say(title),
            wordings: vec![self.wording.clone()],
            lifts: self.lifts,
            age: self.age.map(|age| age::ask(words, age, age_wrong)),
            age_wrong,
            notice: Cow::Owned(self.notice.clone()),
            button: words.say(button),
        };
        let status = if age_wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
        html(status, &page)
    }

    fn agreement(self, visit: &Visit) -> Agreement {
        Agreement {
            agreed: Agreed { purpose: self.purpose.id, wording: self.wording },
            method: method(self.kind),
            notice: self.notice,
            privacy_url: visit.sender().and_then(|sender| sender.privacy_url.clone()),
            of_age: self.age,
        }
    }
}

fn method(kind: Kind) -> Method {
    match kind {
        Kind::Renew => Method::RenewalClick,
        Kind::Confirm | Kind::Unsubscribe | Kind::Preferences => Method::DoubleOptIn,
    }
}

/// What the person agrees to.
fn wording(visit: &Visit, sender: &Controller, purpose: &Purpose) -> String {
    let text = match visit.link.kind {
        Kind::Renew => "renew-wording",
        Kind::Confirm | Kind::Unsubscribe | Kind::Preferences => "confirm-wording",
    };
    let (name, purpose) = ((&sender.name).into(), (&purpose.name).into());
    visit.words.with(text, &[("name", name), ("purpose", purpose)])
}

fn said(visit: &Visit, [title, text]: [&'static str; 2]) -> Response {
    let words = visit.words;
    let page = Notice {
        words,
        sender: visit.sender(),
        title: words.say(title),
        text: words.say(text).into_owned(),
        next: Some(words.say("revocable")),
        onward: None,
    };
    html(StatusCode::OK, &page)
}
