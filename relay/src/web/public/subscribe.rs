//! `/f/<form>`: what a person may subscribe to. GET shows it; POST keeps it sealed and sends the
//! letter that asks for the click. Nobody is on record by either.
//!
//! Whether an address is known, no answer tells: one that may not be sent another letter gets the
//! same page.

use axum::{
    body::Bytes,
    extract::{ConnectInfo, Path, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};

use super::{
    Shared, busy,
    form::{fields, value, values},
    forms::{Offered, Sheet, Visitor},
    letters::confirmation,
    page::{Age, Choice, Fault, FormPage, Notice, TypoPage, html},
    visit::{content_type, header_text},
};
use crate::{
    consent::{
        link::Dead,
        pending::{Agreed, Asked, Collected},
        spelling,
    },
    web::server::Peer,
};

type Request = (State<Shared>, ConnectInfo<Peer>, Path<String>, HeaderMap);

pub(super) async fn form_page(
    state: State<Shared>,
    peer: ConnectInfo<Peer>,
    id: Path<String>,
    headers: HeaderMap,
) -> Response {
    let asked = (state, peer, id, headers);
    let sheet = match open(&asked).await {
        Ok(sheet) => sheet,
        Err(response) => return *response,
    };
    framed(&sheet, &asked.3, shown(&sheet, &Filled::default(), &[]))
}

pub(super) async fn subscribe(
    state: State<Shared>,
    peer: ConnectInfo<Peer>,
    id: Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let asked = (state, peer, id, headers);
    let sheet = match open(&asked).await {
        Ok(sheet) => sheet,
        Err(response) => return *response,
    };
    let (State(shared), _, _, headers) = &asked;
    let visitor = Visitor::of(&asked);
    let response = if !sheet.takes_from(headers, shared.public.base.as_deref()) {
        Notice::bad(sheet.words)
    } else if shared.posts.is_too_many(visitor.ip, visitor.now) {
        Notice::busy(sheet.words)
    } else {
        match fields(content_type(headers), &body) {
            Some(fields) => take(shared, &sheet, &visitor, &Filled::of(&fields)).await,
            None => Notice::bad(sheet.words),
        }
    };
    framed(&sheet, headers, response)
}

async fn open((State(shared), _, Path(id), headers): &Request) -> Result<Sheet, Box<Response>> {
    let words = super::visit::accepted(headers);
    let business = shared.public.business.load_full();
    let Some(form) = business.form(id) else {
        return Err(Box::new(Notice::dead(words, Dead::Forged)));
    };
    let opened = Sheet::open(&business, form, &shared.public.desk).await;
    let sheet = opened.map_err(|fault| Box::new(busy(words, "a form", &fault)))?;
    if sheet.offered.is_empty() || shared.public.base.is_none() {
        tracing::error!(
            form = id,
            "it has no open purpose, or `[web]` no `url`: nobody can use it"
        );
        return Err(Box::new(Notice::busy(sheet.words)));
    }
    Ok(sheet)
}

/// What a person filled in.
#[derive(Debug, Default)]
struct Filled<'a> {
    address: &'a str,
    /// The spelling was asked about already.
    is_sure: bool,
    boxes: Vec<&'a str>,
    age: bool,
    trapped: bool,
}

impl<'a> Filled<'a> {
    fn of(fields: &'a [(String, String)]) -> Self {
        let used = value(fields, "use");
        let address = used.or(value(fields, "address")).unwrap_or_default();
        Self {
            address: address.trim(),
            is_sure: used.is_some(),
            boxes: values(fields, "box"),
            age: value(fields, "age").is_some(),
            trapped: value(fields, "website").is_some_and(|text| !text.is_empty()),
        }
    }

    fn chose(&self, offered: &Offered) -> bool {
        !offered.has_box || self.boxes.contains(&offered.purpose.id.as_str())
    }
}

async fn take(shared: &Shared, sheet: &Sheet, visitor: &Visitor, filled: &Filled<'_>) -> Response {
    if filled.trapped {
        // A machine: it learns nothing.
        return sent(sheet);
    }
    let chosen: Vec<&Offered> =
        sheet.offered.iter().filter(|offered| filled.chose(offered)).collect();
    let checked = spelling::check(filled.address);
    let mut wrong = Vec::new();
    if checked.fault.is_some() {
        wrong.push(Wrong::Address);
    }
    if chosen.is_empty() {
        wrong.push(Wrong::Choice);
    }
    if !filled.age && chosen.iter().any(|offered| sheet.asks_age(&offered.purpose)) {
        wrong.push(Wrong::Age);
    }
    if !wrong.is_empty() {
        let mut response = shown(sheet, filled, &wrong);
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        return response;
    }
    match checked.suggestion.filter(|_| !filled.is_sure) {
        Some(suggested) => doubted(sheet, filled, suggested),
        None => ask(shared, sheet, visitor, filled, &chosen).await,
    }
}

async fn ask(
    shared: &Shared,
    sheet: &Sheet,
    visitor: &Visitor,
    filled: &Filled<'_>,
    chosen: &[&Offered],
) -> Response {
    let (desk, post) = (&shared.public.desk, &shared.public.post);
    let letter = uuid::Uuid::now_v7();
    let agreed = |offered: &&Offered| Agreed {
        purpose: offered.purpose.id.clone(),
        wording: offered.wording.clone(),
    };
    let collected = Collected {
        form: sheet.form.id.clone(),
        address: filled.address.to_owned(),
        at: visitor.now,
        ip: visitor.ip.to_string(),
        user_agent: visitor.user_agent.clone(),
        page: visitor.page.clone(),
        language: sheet.words.lang.to_owned(),
        agreed: chosen.iter().map(agreed).collect(),
        of_age: sheet.age.filter(|_| filled.age),
        privacy_url: Some(sheet.form.privacy_url.clone()),
        notice: sheet.notice(),
        letter: post.message_id(letter),
    };
    let ticket = match desk.ask(visitor.now, &sheet.form, &collected).await {
        Ok(Asked::Send(ticket)) => ticket,
        Ok(Asked::TooSoon) => return sent(sheet),
        Ok(Asked::TooMany) => {
            tracing::warn!(form = sheet.form.id, "it sent as many letters as it may in an hour");
            return Notice::busy(sheet.words);
        }
        Err(fault) => return busy(sheet.words, "a subscription", &fault),
    };
    match confirmation(&shared.public, sheet, &collected, &ticket, letter).await {
        Ok(()) => sent(sheet),
        Err(fault) => {
            desk.unask(&ticket).await;
            busy(sheet.words, "a letter", &fault)
        }
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Wrong {
    Address,
    Choice,
    Age,
}

fn shown(sheet: &Sheet, filled: &Filled<'_>, wrong: &[Wrong]) -> Response {
    let words = sheet.words;
    let fault = |one: &Wrong| match one {
        Wrong::Address => ("address", "form-wrong-address"),
        Wrong::Choice => ("choices", "form-wrong-choice"),
        Wrong::Age => ("age", "form-wrong-age"),
    };
    let page = FormPage {
        words,
        sender: Some(&sheet.form.controller),
        title: sheet.title(),
        lead: words.with("form-lead", &[("name", (&sheet.form.controller.name).into())]),
        wrong: wrong
            .iter()
            .map(fault)
            .map(|(field, text)| Fault { field, text: words.say(text) })
            .collect(),
        address: filled.address,
        address_wrong: wrong.contains(&Wrong::Address),
        main: sheet.main(),
        boxes: sheet
            .offered
            .iter()
            .filter(|offered| offered.has_box)
            .map(|offered| Choice {
                purpose: &offered.purpose.id,
                wording: &offered.wording,
                ticked: filled.chose(offered),
            })
            .collect(),
        choice_wrong: wrong.contains(&Wrong::Choice),
        age: sheet.age.map(|age| Age {
            text: words.with("form-age", &[("age", i64::from(age).into())]),
            ticked: filled.age,
            wrong: wrong.contains(&Wrong::Age),
        }),
        notice: sheet.notice(),
        privacy_url: &sheet.form.privacy_url,
    };
    html(StatusCode::OK, &page)
}

/// The address may be misspelled: the person decides.
fn doubted(sheet: &Sheet, filled: &Filled<'_>, suggested: String) -> Response {
    let words = sheet.words;
    let with = |id: &str, address: &str| words.with(id, &[("address", address.into())]);
    let said = [("written", filled.address.into()), ("suggested", (&suggested).into())];
    let page = TypoPage {
        words,
        sender: Some(&sheet.form.controller),
        lead: words.with("typo-lead", &said),
        boxes: &filled.boxes,
        age: filled.age,
        use_suggested: with("typo-use", &suggested),
        keep_written: with("typo-keep", filled.address),
        written: filled.address,
        suggested,
    };
    html(StatusCode::OK, &page)
}

fn sent(sheet: &Sheet) -> Response {
    let words = sheet.words;
    let hours = i64::try_from(sheet.form.again_after.as_secs().div_ceil(3600)).unwrap_or(i64::MAX);
    let page = Notice {
        words,
        sender: Some(&sheet.form.controller),
        title: words.say("sent-title"),
        text: words.say("sent").into_owned(),
        next: Some(words.with("sent-next", &[("hours", hours.into())]).into()),
        onward: None,
    };
    html(StatusCode::OK, &page)
}

/// Lets the form's own pages show it in a frame and read its answer, and nobody else's.
fn framed(sheet: &Sheet, headers: &HeaderMap, mut response: Response) -> Response {
    let origins = &sheet.form.embed_from;
    if origins.is_empty() {
        return response;
    }
    let own = response.headers_mut();
    let policy = format!(
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; \
         frame-ancestors {}",
        origins.join(" ")
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        own.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    own.insert(header::VARY, HeaderValue::from_static("origin"));
    let asks = header_text(headers, &header::ORIGIN);
    if let Some(origin) = origins.iter().find(|origin| asks == Some(origin.as_str()))
        && let Ok(origin) = HeaderValue::from_str(origin)
    {
        own.insert(HeaderName::from_static("access-control-allow-origin"), origin);
    }
    response
}
