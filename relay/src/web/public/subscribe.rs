//! `/f/<form>`: what a person may subscribe to. GET shows it; POST keeps it sealed and sends the
//! letter that asks for the click. Nobody is on record by either.
//!
//! Whether an address is known, no answer tells: one that may not be sent another letter gets the
//! same page.

use axum::{
    body::Bytes,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};

use super::{
    asked::Asked,
    busy,
    form::{fields, value, values},
    forms::{Offered, Sheet},
    page::{Age, Fault, FormPage, Notice, TypoPage, html},
    request::{self, Came, Told, Wish},
    visit::header_text,
};
use crate::consent::{link::Dead, spelling};

pub(super) async fn form_page(asked: Asked) -> Response {
    let sheet = match open(&asked).await {
        Ok(sheet) => sheet,
        Err(response) => return *response,
    };
    framed(&sheet, &asked.headers, shown(&sheet, &Filled::default(), &[]))
}

pub(super) async fn subscribe(asked: Asked, body: Bytes) -> Response {
    let sheet = match open(&asked).await {
        Ok(sheet) => sheet,
        Err(response) => return *response,
    };
    let base = asked.shared.public.base.as_deref();
    let response = if !sheet.takes_from(&asked.headers, base) {
        Notice::bad(sheet.words)
    } else if asked.shared.posts.is_too_many(asked.ip, asked.now) {
        Notice::busy(sheet.words)
    } else {
        match fields(asked.content_type(), &body) {
            Some(fields) => take(&asked, &sheet, &Filled::of(&fields)).await,
            None => Notice::bad(sheet.words),
        }
    };
    framed(&sheet, &asked.headers, response)
}

async fn open(asked: &Asked) -> Result<Sheet, Box<Response>> {
    let public = &asked.shared.public;
    let business = public.business.load_full();
    let Some(form) = business.form(&asked.token) else {
        return Err(Box::new(Notice::dead(asked.words(None), Dead::Forged)));
    };
    let words = asked.words(Some(&form.controller));
    let opened = Sheet::open(&business, form, words, &public.desk).await;
    let sheet = opened.map_err(|fault| Box::new(busy(words, "a form", &fault)))?;
    if sheet.offered.is_empty() || public.base.is_none() {
        tracing::error!(
            form = form.id,
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
}

async fn take(asked: &Asked, sheet: &Sheet, filled: &Filled<'_>) -> Response {
    if filled.trapped {
        // A machine: it learns nothing.
        return sent(sheet);
    }
    let chosen = sheet.chosen(&filled.boxes);
    let checked = spelling::check(filled.address);
    let may_keep = checked.fault.is_none();
    let doubt = checked.suggestion.filter(|_| !may_keep || !filled.is_sure);
    let mut wrong = Vec::new();
    // Where it is plain what was meant, that is the better question.
    if !may_keep && doubt.is_none() {
        wrong.push(Wrong::Address);
    }
    if chosen.is_empty() {
        wrong.push(Wrong::Choice);
    }
    if !filled.age && sheet.asks_age(&chosen) {
        wrong.push(Wrong::Age);
    }
    if !wrong.is_empty() {
        let mut response = shown(sheet, filled, &wrong);
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        return response;
    }
    match doubt {
        Some(suggested) => doubted(sheet, filled, suggested, may_keep),
        None => ask(asked, sheet, filled, &chosen).await,
    }
}

async fn ask(asked: &Asked, sheet: &Sheet, filled: &Filled<'_>, chosen: &[&Offered]) -> Response {
    let base = asked.shared.public.base.as_deref();
    let own = base.map(|base| format!("{base}/f/{}", sheet.form.id));
    let wish = Wish {
        address: filled.address,
        boxes: &filled.boxes,
        of_age: filled.age,
        told: Told {
            at: asked.now,
            ip: asked.ip.to_string(),
            user_agent: asked.user_agent(),
            page: asked.page(own),
        },
    };
    match request::send(&asked.shared.public, sheet, asked.now, chosen, &wish).await {
        Ok(Came::Sent | Came::TooSoon) => sent(sheet),
        Ok(Came::TooMany) => Notice::busy(sheet.words),
        Ok(Came::NoPurpose | Came::NoAge) => Notice::bad(sheet.words),
        Err(fault) => busy(sheet.words, "a subscription", &fault),
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
        boxes: sheet.boxes(|offered| offered.is_chosen(&filled.boxes)),
        choice_wrong: wrong.contains(&Wrong::Choice),
        age: sheet.age_text().map(|text| Age {
            text,
            ticked: filled.age,
            wrong: wrong.contains(&Wrong::Age),
        }),
        notice: sheet.notice(),
        privacy_url: &sheet.form.privacy_url,
    };
    html(StatusCode::OK, &page)
}

/// The address may be misspelled: the person decides.
fn doubted(sheet: &Sheet, filled: &Filled<'_>, suggested: String, may_keep: bool) -> Response {
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
        keep_written: may_keep.then(|| with("typo-keep", filled.address)),
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
