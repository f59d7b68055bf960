//! `/link/<token>`: the owner of an account chooses a password; of the first one, a name too.

use askama::Template;

use super::{
    Answer, Frame,
    guest::{Guest, Path, Posted},
    password_change::fault_text,
    problem::LINK_GONE,
};
use crate::{
    staff::{Changed, Followed, Link, New, Rights, Role, Token},
    web::html::form,
};

#[derive(Template)]
#[template(path = "console/link_follow.html")]
struct Page<'a> {
    frame: Frame,
    is_first: bool,
    name: &'a str,
    name_fault: Option<&'static str>,
    password_fault: Option<&'static str>,
}

pub(super) async fn page(guest: Guest, Path(token): Path<String>) -> Answer {
    let (_, link) = find(&guest, &token).await?;
    show(&guest, &link, "", [None, None])
}

pub(super) async fn act(guest: Guest, Path(token): Path<String>, posted: Posted) -> Answer {
    let (token, link) = find(&guest, &token).await?;
    let (name, password) = (posted.value("name"), posted.value("password"));
    if password != posted.value("again") {
        return show(&guest, &link, name, [None, Some("console-password-differs")]);
    }
    let staff = &guest.shared.console.staff;
    let followed = if link.account.is_none() {
        let new = New {
            name: name.to_owned(),
            email: None,
            language: guest.words.lang.to_owned(),
            rights: Rights::whole(Role::Admin),
        };
        staff.follow_first(guest.now, &guest.from, &token, (&new, password)).await?
    } else {
        staff.follow(guest.now, &guest.from, &token, password).await?
    };
    match followed {
        Followed::Opened(token) => Ok(guest.signed_in(&token, "/")),
        Followed::Gone => Err(LINK_GONE),
        Followed::Weak(fault) => show(&guest, &link, name, [None, Some(fault_text(fault))]),
        Followed::Name(fault) => show(&guest, &link, name, [Some(name_text(fault)), None]),
    }
}

async fn find(guest: &Guest, token: &str) -> Result<(Token, Link), super::problem::Problem> {
    let token = Token::parse(token).ok_or(LINK_GONE)?;
    let link = guest.shared.console.staff.link(guest.now, &token).await?;
    link.map(|link| (token, link)).ok_or(LINK_GONE)
}

fn show(
    guest: &Guest,
    link: &Link,
    typed: &str,
    [name_fault, password_fault]: [Option<&'static str>; 2],
) -> Answer {
    let page = Page {
        frame: guest.frame(),
        is_first: link.account.is_none(),
        name: link.account.as_ref().map_or(typed, |account| &account.name),
        name_fault,
        password_fault,
    };
    let is_wrong = name_fault.is_some() || password_fault.is_some();
    Ok(form(is_wrong, &page))
}

/// Why an account cannot be called so.
pub(super) fn name_text(fault: Changed) -> &'static str {
    match fault {
        Changed::Taken => "console-name-taken",
        Changed::NameWrong | Changed::Done | Changed::Unknown | Changed::LastAdmin => {
            "console-name-wrong"
        }
    }
}
