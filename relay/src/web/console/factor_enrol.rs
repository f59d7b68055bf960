//! `/sign-in/enrol` and `/own/factor`: an app becomes the second factor, or another one does. Who is
//! signed in already gives the password again.

use askama::Template;
use axum::{http::StatusCode, response::Response};

use super::{
    Answer, Frame, Visit,
    codes_renew::Codes,
    cookie::Cookie,
    guest::Posted,
    picture::{Picture, qr},
};
use crate::{
    staff::{Offer, Stage},
    web::html::{form, html},
};

#[derive(Template)]
#[template(path = "console/factor_enrol.html")]
struct Page {
    frame: Frame,
    /// In fours, as it is typed.
    secret: Vec<String>,
    url: String,
    picture: Option<Picture>,
    /// The offer itself, for this session alone.
    sealed: String,
    then: String,
    asks_password: bool,
    code_fault: Option<&'static str>,
    password_fault: Option<&'static str>,
}

pub(super) async fn page(visit: Visit) -> Answer {
    let then = visit.then(visit.query.get("then")).to_owned();
    Ok(show(&visit, &Offer::generate(), then, [None, None]))
}

pub(super) async fn act(visit: Visit, posted: Posted) -> Answer {
    let staff = &visit.shared.console.staff;
    let then = visit.then(Some(posted.value("then"))).to_owned();
    let sealed = posted.value("offer");
    let Some(offer) = Offer::open(staff, visit.now, visit.session.id, sealed) else {
        let old = Some("console-enrol-old");
        return Ok(show(&visit, &Offer::generate(), then, [old, None]));
    };
    if asks_password(&visit) {
        let password = posted.value("password");
        if !staff.is_password(visit.now, &visit.from, &visit.session, password).await? {
            let wrong = Some("console-password-wrong");
            return Ok(show(&visit, &offer, then, [None, wrong]));
        }
    }
    let code = posted.value("code");
    let enrolled = staff.enrol(visit.now, &visit.from, &visit.session, &offer, code).await?;
    let Some(enrolled) = enrolled else {
        return Ok(show(&visit, &offer, then, [Some("console-enrol-wrong"), None]));
    };
    let page = Codes { frame: visit.frame(), codes: &enrolled.codes, then: &then };
    let mut response = html(StatusCode::OK, &page);
    if let Some(token) = enrolled.token {
        let cookie = Cookie::Session.set(&token.reveal(), visit.shared.origins.is_https);
        if let Some(cookie) = cookie {
            response.headers_mut().append(axum::http::header::SET_COOKIE, cookie);
        }
    }
    Ok(response)
}

/// Who has just given it is not asked again.
fn asks_password(visit: &Visit) -> bool {
    visit.stage(&visit.session) == Stage::Whole && visit.account().has_password
}

fn show(
    visit: &Visit,
    offer: &Offer,
    then: String,
    [code_fault, password_fault]: [Option<&'static str>; 2],
) -> Response {
    let issuer = format!("Souhlas {}", visit.shared.console.hostname);
    let url = offer.url(&issuer, &visit.account().name);
    let letters: Vec<char> = offer.base32().chars().collect();
    let page = Page {
        frame: visit.frame(),
        secret: letters.chunks(4).map(|four| four.iter().collect()).collect(),
        picture: qr(&url),
        url,
        sealed: offer.seal(&visit.shared.console.staff, visit.now, visit.session.id),
        then,
        asks_password: asks_password(visit),
        code_fault,
        password_fault,
    };
    let is_wrong = code_fault.is_some() || password_fault.is_some();
    form(is_wrong, &page)
}
