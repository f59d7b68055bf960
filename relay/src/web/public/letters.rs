//! What the relay's letters to people say: that a refusal is on record, and whether a subscription
//! is meant.

use jiff::{SignedDuration, Timestamp};
use policy::{Class, Controller, Scope};
use uuid::Uuid;

use super::{
    Public,
    forms::Sheet,
    post::{Button, Said, To},
};
use crate::{
    consent::pending::{Collected, Ticket},
    db::Unavailable,
    smtp::envelope::Path,
    words::Words,
};

/// That what was refused is on record.
pub(super) fn refusal(
    words: &Words,
    sender: &Controller,
    scopes: &[(Scope, String)],
    at: Timestamp,
) -> Said {
    let day = words.day(at.to_zoned(sender.time_zone.clone()).date());
    let mut before = vec![words.with("refusal-letter-lead", &[("day", day.into())])];
    before.extend(scopes.iter().map(|(scope, name)| match scope {
        Scope::Everything => words.say("done-everything").into_owned(),
        Scope::Purpose(_) => words.with("done-purpose", &[("purpose", name.into())]),
    }));
    let after = ["done-next", "refusal-letter-end"].map(|id| words.say(id).into_owned());
    Said {
        subject: words.say("refusal-letter-subject").into_owned(),
        before,
        button: None,
        after: after.to_vec(),
    }
}

/// Asks whoever reads the mailbox whether the subscription is meant; durable when it returns.
pub(super) async fn confirmation(
    public: &Public,
    sheet: &Sheet,
    now: Timestamp,
    collected: &Collected,
    ticket: &Ticket,
    id: Uuid,
) -> Result<(), Unavailable> {
    let unwritable = || Unavailable("the address cannot be written to".into());
    let path = Path::parse(&collected.address).map_err(|_| unwritable())?;
    let (words, sender) = (sheet.words, &*sheet.form.controller);
    let base = public.base.as_deref().unwrap_or_default();
    let url = format!("{base}/c/{}", ticket.seal(&public.secret));
    let life = SignedDuration::try_from(sheet.form.confirm_within).unwrap_or_default();
    let days = i64::try_from(sheet.form.confirm_within.as_secs().div_ceil(86_400));
    let mut before = vec![words.with("ask-letter-lead", &[("name", (&sender.name).into())])];
    before.extend(collected.agreed.iter().map(|agreed| agreed.wording.clone()));
    before.push(words.say("ask-letter-question").into_owned());
    let ignore = words.with("ask-letter-ignore", &[("days", days.unwrap_or(i64::MAX).into())]);
    let letter = Said {
        subject: words.say("ask-letter-subject").into_owned(),
        before,
        button: Some(Button { label: words.say("ask-letter-button").into_owned(), url }),
        after: vec![ignore, words.say("revocable").into_owned()],
    };
    let to = To {
        id,
        path,
        key: public.desk.key(&sender.id, &collected.address).ok_or_else(unwritable)?,
        class: Class::OptInConfirmation,
        what: "subscription",
        life,
    };
    public.post.send(now, words, sender, to, &letter).await
}
