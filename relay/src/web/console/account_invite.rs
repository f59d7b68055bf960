//! `/accounts/new`: an account for somebody, who chooses the password by a one-time link.

use askama::Template;
use axum::http::StatusCode;

use super::{
    Answer, Frame, Visit,
    account_show::{Roles, rights_of},
    frame::LANGUAGES,
    guest::Posted,
    link,
    link_follow::name_text,
    problem::{CONFLICT, UNREADABLE},
};
use crate::{
    staff::{New, Purpose, Rights, Token},
    web::html::{form, html},
};

#[derive(Template)]
#[template(path = "console/account_invite.html")]
struct Page {
    frame: Frame,
    name: String,
    email: String,
    language: String,
    roles: Roles,
    name_fault: Option<&'static str>,
    roles_fault: Option<&'static str>,
}

/// A link to be handed over, shown once.
#[derive(Template)]
#[template(path = "console/link_show.html")]
pub(super) struct LinkPage<'a> {
    pub frame: Frame,
    pub name: &'a str,
    pub account: uuid::Uuid,
    pub url: String,
}

pub(super) async fn page(visit: Visit) -> Answer {
    let language = visit.words.lang.to_owned();
    let new = New { name: String::new(), email: None, language, rights: Rights::default() };
    show(&visit, new, [None, None])
}

pub(super) async fn act(visit: Visit, posted: Posted) -> Answer {
    let rights = rights_of(&visit, &posted).ok_or(UNREADABLE)?;
    let email = Some(posted.value("email").trim().to_owned()).filter(|email| !email.is_empty());
    let language = posted.value("language");
    if !LANGUAGES.contains(&language) || email.as_ref().is_some_and(|email| email.len() > 254) {
        return Err(UNREADABLE);
    }
    let new =
        New { name: posted.value("name").to_owned(), email, language: language.to_owned(), rights };
    if new.rights.held.is_empty() {
        return show(&visit, new, [None, Some("console-roles-none")]);
    }
    let staff = &visit.shared.console.staff;
    let id = match staff.add_account(visit.now, &visit.by(), &new).await? {
        Ok(id) => id,
        Err(fault) => return show(&visit, new, [Some(name_text(fault)), None]),
    };
    let made = staff.make_link(visit.now, &visit.by(), id, Purpose::Password).await?;
    shown(&visit, &new.name, id, &made.ok_or(CONFLICT)?)
}

pub(super) fn shown(visit: &Visit, name: &str, account: uuid::Uuid, token: &Token) -> Answer {
    let url = link(&visit.shared.console.settings, &token.reveal());
    Ok(html(StatusCode::OK, &LinkPage { frame: visit.frame(), name, account, url }))
}

fn show(visit: &Visit, new: New, [name_fault, roles_fault]: [Option<&'static str>; 2]) -> Answer {
    let page = Page {
        frame: visit.frame(),
        roles: Roles::of(visit, &new.rights),
        name: new.name,
        email: new.email.unwrap_or_default(),
        language: new.language,
        name_fault,
        roles_fault,
    };
    let is_wrong = name_fault.is_some() || roles_fault.is_some();
    Ok(form(is_wrong, &page))
}
