//! `/own/letters`: which letters one wants, and where they go. An address that is new gets a link first.

use super::{
    Answer, Visit,
    guest::{Posted, redirect},
    link_of_email,
    own_show::{Faults, offered, show},
    problem::UNREADABLE,
};
use crate::{
    staff::{Letter, Rhythm, Sent},
    web::digest,
};

pub(super) async fn act(visit: Visit, posted: Posted) -> Answer {
    let console = &visit.shared.console;
    let mut wanted: Vec<(Letter, Rhythm)> = Vec::new();
    for letter in offered(&visit) {
        let word = posted.value(letter.as_str());
        if word.is_empty() {
            continue;
        }
        let rhythm = Rhythm::parse(word).filter(|one| letter.rhythms().contains(one));
        wanted.push((letter, rhythm.ok_or(UNREADABLE)?));
    }
    let email = posted.value("email").trim();
    if email.is_empty() && !wanted.is_empty() {
        return wrong(&visit, "console-email-missing").await;
    }
    let (by, id) = (visit.by(), visit.id());
    if email.is_empty() {
        console.staff.forget_email(visit.now, &by, id).await?;
        console.staff.choose_letters(visit.now, &by, id, &wanted).await?;
        return Ok(redirect("/own?done=saved"));
    }
    let sent = console.staff.set_email(visit.now, &by, id, email).await?;
    let token = match sent {
        Sent::Wrong => return wrong(&visit, "console-email-wrong").await,
        Sent::Nothing => None,
        Sent::Link(token) => Some(token),
    };
    console.staff.choose_letters(visit.now, &by, id, &wanted).await?;
    let Some(token) = token else { return Ok(redirect("/own?done=saved")) };
    let url = link_of_email(&console.settings, &token.reveal());
    let about = (visit.account().name.as_str(), email, url);
    let (from, business) = ((&console.post, &console.secret), console.business.load_full());
    if !digest::confirm(from, &business, visit.now, visit.words, about).await? {
        return wrong(&visit, "console-email-unsent").await;
    }
    Ok(redirect("/own?done=confirm"))
}

async fn wrong(visit: &Visit, fault: &'static str) -> Answer {
    show(visit, Faults { email: Some(fault), ..Faults::default() }).await
}
