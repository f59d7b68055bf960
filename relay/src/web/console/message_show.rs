//! `/messages/{id}`: what stands in a message, in tabs, with the places that rules found.

use std::borrow::Cow;

use askama::Template;
use axum::http::StatusCode;
use jiff::Timestamp;
use policy::{CannotEdit, Edit};
use uuid::Uuid;

use super::{
    Answer, Frame, Visit,
    guest::Path,
    message_open::{Opened, open},
    problem::FAULT,
    query::Query,
};
use crate::{
    content::{self, Attachment, Change, Field, Found, Line, Place, Spot, Text, changes},
    web::html::html,
};

#[derive(Template)]
#[template(path = "console/message_show.html")]
struct Page {
    frame: Frame,
    query: Query,
    id: Uuid,
    subject: String,
    tab: &'static str,
    tabs: Vec<&'static str>,
    received_at: Timestamp,
    login: String,
    decision: Option<Uuid>,
    until: Option<Timestamp>,
    found: Vec<Found>,
    /// Parts that are shown as text.
    parts: Vec<String>,
    shown: Shown,
}

enum Shown {
    Rendered,
    Texts(Vec<Text>),
    Changes { edits: Vec<Edit>, changes: Result<Vec<Change>, CannotEdit> },
    Fields(Vec<Field>, Vec<&'static str>),
    Source(Vec<Line>),
    Attachments(Vec<Attachment>),
}

pub(super) async fn page(visit: Visit, Path(id): Path<Uuid>) -> Answer {
    let asked = visit.query.get("tab").and_then(|tab| TABS.into_iter().find(|own| *own == tab));
    let opened = open(&visit, id, asked.unwrap_or("first")).await?;
    let made = tokio::task::spawn_blocking(move || {
        let tabs = tabs(&opened);
        let tab = asked.filter(|tab| tabs.contains(tab)).or(tabs.first().copied());
        let tab = tab.unwrap_or(TEXT);
        let shown = shown(&opened, tab);
        (opened, tabs, tab, shown)
    });
    let (opened, tabs, tab, shown) = made.await.map_err(|_| FAULT)?;
    let message = &opened.reading.message;
    let views = opened.reading.views.iter().filter_map(|view| message.parts().get(view.part));
    let page = Page {
        frame: visit.frame(),
        query: visit.query.clone(),
        id,
        subject: message.subject().trim().chars().take(SUBJECT_CHARS_MAX).collect(),
        tab,
        tabs,
        received_at: opened.received_at,
        decision: opened.decision,
        until: opened.until,
        parts: views.map(|part| part.path.clone()).collect(),
        shown,
        login: opened.login,
        found: opened.found,
    };
    Ok(html(StatusCode::OK, &page))
}

/// Those that have something to show; the first one opens.
fn tabs(opened: &Opened) -> Vec<&'static str> {
    let has = |tab: &&str| match *tab {
        RENDERED => content::has_html(&opened.reading),
        CHANGES => !opened.edits.is_empty(),
        _ => true,
    };
    TABS.into_iter().filter(has).collect()
}

fn shown(opened: &Opened, tab: &str) -> Shown {
    let Opened { reading, found, edits, .. } = opened;
    let message = &reading.message;
    match tab {
        RENDERED => Shown::Rendered,
        CHANGES => Shown::Changes { edits: edits.clone(), changes: changes(reading, edits) },
        HEADERS => Shown::Fields(content::fields(message, found), message.faults().to_vec()),
        SOURCE => Shown::Source(content::source(message, found)),
        ATTACHMENTS => Shown::Attachments(content::attachments(message)),
        _ => Shown::Texts(content::texts(reading, found)),
    }
}

impl Page {
    fn title(&self) -> Cow<'_, str> {
        match self.subject.as_str() {
            "" => self.frame.say("console-decision-no-subject"),
            subject => subject.into(),
        }
    }

    fn named(&self, faults: &[&str]) -> String {
        let named: Vec<String> = faults.iter().map(|id| self.frame.words.reason_word(id)).collect();
        named.join("; ")
    }

    /// The whole subject is marked where a rule found something in it.
    fn is_found_in_subject(&self) -> bool {
        let mut spots = self.found.iter().flat_map(|one| &one.spots);
        spots.any(|spot| matches!(&spot.place, Place::Header(name) if name == "Subject"))
    }

    fn tab_name(&self, tab: &str) -> Cow<'static, str> {
        self.frame.say(match tab {
            RENDERED => "console-message-rendered",
            CHANGES => "console-message-changes",
            HEADERS => "console-message-headers",
            SOURCE => "console-message-source",
            ATTACHMENTS => "console-message-attachments",
            _ => "console-message-text",
        })
    }

    fn tab_url(&self, tab: &str) -> String {
        self.query.url(&format!("/messages/{}", self.id), &[("tab", Some(tab))])
    }

    fn frame_url(&self) -> String {
        self.query.url(&format!("/messages/{}/frame", self.id), &[("tab", None)])
    }

    /// Where the place can be seen: in what is open, else in the tab that shows it.
    fn spot_url(&self, spot: &Spot) -> String {
        let tab = match &spot.place {
            _ if self.tab == SOURCE => SOURCE,
            Place::Header(_) => HEADERS,
            Place::Part(part) if self.parts.contains(part) && self.tab == RENDERED => {
                return format!("{}#e{}", self.frame_url(), spot.number);
            }
            Place::Part(part) if self.parts.contains(part) => TEXT,
            Place::Part(_) => SOURCE,
        };
        format!("{}#e{}", self.tab_url(tab), spot.number)
    }

    /// It is seen in the frame.
    fn is_in_frame(&self, spot: &Spot) -> bool {
        self.tab == RENDERED && self.spot_url(spot).contains("/frame")
    }

    fn place(&self, spot: &Spot) -> String {
        let (id, name) = match &spot.place {
            Place::Header(name) => ("console-message-in-field", name),
            Place::Part(part) => ("console-message-in-part", part),
        };
        self.frame.with(id, &[("name", name.into())])
    }

    fn octets(&self, octets: &usize) -> String {
        self.frame.count(&u64::try_from(*octets).unwrap_or(u64::MAX))
    }

    fn cut(&self, id: &str, octets: &usize) -> String {
        self.frame.with(id, &[("count", self.octets(octets).into())])
    }
}

const RENDERED: &str = "rendered";
const TEXT: &str = "text";
const CHANGES: &str = "changes";
const HEADERS: &str = "headers";
const SOURCE: &str = "source";
const ATTACHMENTS: &str = "attachments";
/// In the order in which they are offered.
const TABS: [&str; 6] = [RENDERED, TEXT, CHANGES, HEADERS, SOURCE, ATTACHMENTS];
const SUBJECT_CHARS_MAX: usize = 300;
