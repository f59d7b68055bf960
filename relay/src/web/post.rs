//! The relay's own messages to people, on their way through its own spool: that a refusal is on
//! record, whether a subscription is meant; and to staff, what waits for them.

use askama::Template;
use jiff::{SignedDuration, Timestamp};
use policy::{Class, Controller};
use serde_json::json;
use uuid::Uuid;

use crate::{
    db::Unavailable,
    delivery::Letter,
    journal::{Event, Kind},
    seal::AddressKey,
    smtp::envelope::Path,
    spool::Spool,
    words::Words,
};

/// Where letters are handed in; cheap to clone.
#[derive(Clone, Debug)]
pub struct Post {
    pub spool: Spool,
    /// The relay's own name, for message ids.
    pub hostname: String,
}

/// What a letter says, beside who it is from.
#[derive(Clone, Debug)]
pub(super) struct Said {
    pub subject: String,
    pub before: Vec<String>,
    pub tables: Vec<Table>,
    pub button: Option<Button>,
    pub after: Vec<String>,
}

/// Figures with their names.
#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    pub title: String,
    pub head: Vec<String>,
    /// As many cells as the head has; the first one leads on, where there is more to see.
    pub rows: Vec<(Vec<String>, Option<String>)>,
}

#[derive(Clone, Debug)]
pub(super) struct Button {
    pub label: String,
    pub url: String,
}

/// To whom, and as what.
#[derive(Clone, Debug)]
pub(super) struct To {
    pub id: Uuid,
    pub path: Path,
    pub key: AddressKey,
    pub class: Class,
    /// For the journal: `refusal`, `subscription`, `held`.
    pub what: &'static str,
    /// After that it is no use.
    pub life: SignedDuration,
}

#[derive(Template)]
#[template(path = "letter.txt", escape = "none")]
struct Plain<'a> {
    words: &'static Words,
    sender: &'a Controller,
    letter: &'a Said,
}

#[derive(Template)]
#[template(path = "letter.html")]
struct Html<'a> {
    words: &'static Words,
    sender: &'a Controller,
    letter: &'a Said,
}

impl Post {
    /// `<id@host>`, as the letter's header will have it.
    pub(super) fn message_id(&self, id: Uuid) -> String {
        Letter::message_id(id, &self.hostname)
    }

    /// Whether the letter of this id was handed in before.
    pub(super) async fn has_sent(&self, id: Uuid) -> Result<bool, Unavailable> {
        Ok(self.spool.is_in_journal(id).await?)
    }

    /// Durable when it returns.
    pub(super) async fn send(
        &self,
        now: Timestamp,
        words: &'static Words,
        sender: &Controller,
        to: To,
        letter: &Said,
    ) -> Result<(), Unavailable> {
        let broken = |_| Unavailable("a letter's template broke".into());
        let text = Plain { words, sender, letter }.render().map_err(broken)?;
        let html = Html { words, sender, letter }.render().map_err(broken)?;
        let written = Letter {
            id: to.id,
            from: (&sender.name, &sender.sender),
            reply_to: sender.contact.as_deref().filter(|contact| contact.contains('@')),
            to: to.path,
            key: to.key,
            subject: &letter.subject,
            language: words.lang,
            text: text.trim_end(),
            html: &html,
            class: to.class,
            expires_at: now.checked_add(to.life).unwrap_or(now),
        };
        let (message, deliveries) = written.write(now, &self.hostname);
        let event = Event {
            id: Uuid::now_v7(),
            at: now,
            kind: Kind::Reported,
            message: Some(to.id),
            delivery: deliveries.first().map(|delivery| delivery.id),
            recipient: Some(to.key),
            detail: json!({ "letter": to.what }).into(),
        };
        self.spool.keep(message.into(), deliveries, vec![event]).await?;
        metrics::counter!("souhlas_letters_total", "what" => to.what).increment(1);
        Ok(())
    }
}
