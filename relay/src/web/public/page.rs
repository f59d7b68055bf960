//! The public pages as templates: typed, so that a missing field does not compile.

use std::borrow::Cow;

use askama::Template;
use axum::{
    http::{StatusCode, header},
    response::Response,
};
use policy::Controller;

pub(super) use crate::web::html::html;
use crate::words::Words;

/// What may be refused by one link.
#[derive(Template)]
#[template(path = "unsubscribe.html")]
pub(super) struct Unsubscribe<'a> {
    pub words: &'static Words,
    pub sender: Option<&'a Controller>,
    /// Its name; `None` where the message had no purpose.
    pub purpose: Option<&'a str>,
    pub only_purpose: bool,
    pub preferences: String,
}

#[derive(Template)]
#[template(path = "preferences.html")]
pub(super) struct Preferences<'a> {
    pub words: &'static Words,
    pub sender: Option<&'a Controller>,
    pub purposes: Vec<Row>,
    /// There is something to choose.
    pub any_open: bool,
    pub refused_all: bool,
    pub frequencies: Vec<Item>,
    pub pauses: Vec<Item>,
    /// Just now.
    pub objected: bool,
    /// What was just written down.
    pub done: Option<Cow<'static, str>>,
}

/// One of several, of which one or some are chosen.
pub(super) struct Item {
    pub value: String,
    pub text: String,
    pub selected: bool,
}

/// One purpose on the page of preferences.
pub(super) struct Row {
    pub id: String,
    pub name: String,
    pub open: bool,
    /// Whether the person decides: a contract or a law asks nobody.
    pub by_will: bool,
    /// What the person may pick within it.
    pub topics: Vec<Item>,
    /// The last day, as the controller's calendar has it.
    pub until: String,
}

/// The question before a consent is renewed or confirmed.
#[derive(Template)]
#[template(path = "agree.html")]
pub(super) struct Agree<'a> {
    pub words: &'static Words,
    pub sender: Option<&'a Controller>,
    pub title: Cow<'static, str>,
    /// What the person agrees to, each purpose in its own words.
    pub wordings: Vec<String>,
    /// The person said no before.
    pub lifts: bool,
    pub age: Option<Age>,
    pub age_wrong: bool,
    /// What is kept of it, where that was not said before, and that it can be taken back.
    pub notice: Cow<'static, str>,
    pub button: Cow<'static, str>,
}

/// What may be subscribed to.
#[derive(Template)]
#[template(path = "form.html")]
pub(super) struct FormPage<'a> {
    pub words: &'static Words,
    pub sender: Option<&'a Controller>,
    pub title: Cow<'static, str>,
    pub lead: String,
    pub wrong: Vec<Fault>,
    pub address: &'a str,
    pub address_wrong: bool,
    /// What sending it agrees to.
    pub main: Option<&'a str>,
    pub boxes: Vec<Choice<'a>>,
    pub choice_wrong: bool,
    pub age: Option<Age>,
    pub notice: String,
    pub privacy_url: &'a str,
}

/// What is wrong, and the id of the field that it is in.
pub(super) struct Fault {
    pub field: &'static str,
    pub text: Cow<'static, str>,
}

pub(super) struct Choice<'a> {
    pub purpose: &'a str,
    pub wording: &'a str,
    /// By the person: a form never comes ticked.
    pub ticked: bool,
}

pub(super) struct Age {
    pub text: String,
    pub ticked: bool,
    pub wrong: bool,
}

/// Which of two spellings is meant.
#[derive(Template)]
#[template(path = "typo.html")]
pub(super) struct TypoPage<'a> {
    pub words: &'static Words,
    pub sender: Option<&'a Controller>,
    pub lead: String,
    pub boxes: &'a [&'a str],
    pub age: bool,
    pub use_suggested: String,
    /// `None` where what was written is no address.
    pub keep_written: Option<String>,
    pub written: &'a str,
    pub suggested: String,
}

/// What happened, and what can be done next.
#[derive(Template)]
#[template(path = "notice.html")]
pub(super) struct Notice<'a> {
    pub words: &'static Words,
    pub sender: Option<&'a Controller>,
    pub title: Cow<'static, str>,
    pub text: String,
    pub next: Option<Cow<'static, str>>,
    /// A link with its text.
    pub onward: Option<(Cow<'static, str>, String)>,
}

impl Notice<'_> {
    /// A link that leads nowhere: 404 where it never did, 410 where it did once.
    pub(super) fn dead(words: &'static Words, dead: crate::consent::link::Dead) -> Response {
        use crate::consent::link::Dead;
        let (status, title, text, next) = match dead {
            Dead::Forged => (StatusCode::NOT_FOUND, "forged-title", "forged", "forged-next"),
            Dead::Expired => (StatusCode::GONE, "expired-title", "expired", "expired-next"),
        };
        Self::without_sender(words, status, title, text, next)
    }

    /// The database did not answer.
    pub(super) fn busy(words: &'static Words) -> Response {
        let status = StatusCode::SERVICE_UNAVAILABLE;
        let mut response = Self::without_sender(words, status, "busy-title", "busy", "busy-next");
        response.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from_static("120"));
        response
    }

    /// A form that cannot be read.
    pub(super) fn bad(words: &'static Words) -> Response {
        let status = StatusCode::BAD_REQUEST;
        Self::without_sender(words, status, "bad-title", "bad", "bad-next")
    }

    fn without_sender(
        words: &'static Words,
        status: StatusCode,
        title: &'static str,
        text: &'static str,
        next: &'static str,
    ) -> Response {
        let page = Notice {
            words,
            sender: None,
            title: words.say(title),
            text: words.say(text).into_owned(),
            next: Some(words.say(next)),
            onward: None,
        };
        html(status, &page)
    }
}
