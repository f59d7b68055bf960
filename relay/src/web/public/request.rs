//! What a person chose, on the relay's page or on somebody else's: sealed until the click, and the
//! letter that asks for it on its way.

use jiff::Timestamp;

use super::{
    Public,
    forms::{Offered, Sheet},
    letters::confirmation,
};
use crate::{
    config::{Business, Form},
    consent::pending::{Agreed, Asked, Collected},
    db::Unavailable,
    words::Words,
};

/// What a person chose and declared.
#[derive(Clone, Debug)]
pub struct Wish<'a> {
    pub address: &'a str,
    /// Purposes that have a box.
    pub boxes: &'a [&'a str],
    pub of_age: bool,
    pub told: Told,
}

/// Where and when it was filled in.
#[derive(Clone, Debug)]
pub struct Told {
    pub at: Timestamp,
    pub ip: String,
    pub user_agent: String,
    /// The page, where that is known.
    pub page: Option<String>,
}

/// What came of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Came {
    Sent,
    /// The address had a letter of this form just now.
    TooSoon,
    /// The form sent too many of late.
    TooMany,
    /// The form does not offer one that was chosen, or none was.
    NoPurpose,
    /// A purpose or the law asks for the age, and it was not declared.
    NoAge,
}

/// A wish that came by a tool.
pub async fn request(
    public: &Public,
    business: &Business,
    form: &Form,
    words: &'static Words,
    now: Timestamp,
    wish: Wish<'_>,
) -> Result<Came, Unavailable> {
    let sheet = Sheet::open(business, form, words, &public.desk).await?;
    let chosen = sheet.chosen(wish.boxes);
    let has_box = |id: &&str| sheet.offered.iter().any(|one| one.has_box && one.purpose.id == **id);
    if chosen.is_empty() || !wish.boxes.iter().all(has_box) {
        return Ok(Came::NoPurpose);
    }
    if !wish.of_age && sheet.asks_age(&chosen) {
        return Ok(Came::NoAge);
    }
    send(public, &sheet, now, &chosen, &wish).await
}

/// Keeps it sealed and sends the letter; durable when it returns.
pub(super) async fn send(
    public: &Public,
    sheet: &Sheet,
    now: Timestamp,
    chosen: &[&Offered],
    wish: &Wish<'_>,
) -> Result<Came, Unavailable> {
    let letter = uuid::Uuid::now_v7();
    let agreed = |offered: &&Offered| Agreed {
        purpose: offered.purpose.id.clone(),
        wording: offered.wording.clone(),
    };
    let collected = Collected {
        form: sheet.form.id.clone(),
        address: wish.address.to_owned(),
        at: wish.told.at,
        ip: wish.told.ip.clone(),
        user_agent: wish.told.user_agent.clone(),
        page: wish.told.page.clone(),
        language: sheet.words.lang.to_owned(),
        agreed: chosen.iter().map(agreed).collect(),
        of_age: sheet.age.filter(|_| wish.of_age),
        privacy_url: Some(sheet.form.privacy_url.clone()),
        notice: sheet.notice(),
        letter: public.post.message_id(letter),
    };
    let ticket = match public.desk.ask(now, &sheet.form, &collected).await? {
        Asked::Send(ticket) => ticket,
        Asked::TooSoon => return Ok(Came::TooSoon),
        Asked::TooMany => {
            tracing::warn!(form = sheet.form.id, "it sent as many letters as it may in an hour");
            return Ok(Came::TooMany);
        }
    };
    let sent = confirmation(public, sheet, now, &collected, &ticket, letter).await;
    if sent.is_err() {
        public.desk.unask(&ticket).await;
    }
    sent.map(|()| Came::Sent)
}
