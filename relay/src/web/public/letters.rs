//! What the relay's letters to people say: that a refusal is on record, and whether a subscription
//! is meant.

use jiff::{SignedDuration, Timestamp};
use policy::{Class, Controller};
use uuid::Uuid;

use super::{Public, forms::Sheet};
use crate::{
    consent::{
        pending::{Collected, Ticket},
        refused::Refused,
    },
    db::Unavailable,
    smtp::envelope::Path,
    web::post::{Button, Said, To},
    words::Words,
};

/// That what one person refused is on record, or that the clock unsubscribed them.
pub(super) fn refusal(words: &Words, sender: &Controller, refused: &[&Refused]) -> Said {
    let at = refused.first().map_or(Timestamp::UNIX_EPOCH, |first| first.at);
    let day = words.day(at.to_zoned(sender.time_zone.clone()).date());
    let (lead, end) = match refused.iter().any(|one| one.silent) {
        true => ("silent-letter-lead", "silent-letter-end"),
        false => ("refusal-letter-lead", "refusal-letter-end"),
    };
    let mut before = vec![words.with(lead, &[("day", day.into())])];
    if refused.iter().any(|one| one.purpose.is_none()) {
        before.push(words.say("done-everything").into_owned());
    } else {
        let names = refused.iter().filter_map(|one| one.purpose.as_ref());
        before
            .extend(names.map(|(_, name)| words.with("done-purpose", &[("purpose", name.into())])));
    }
    let after = ["done-next", end].map(|id| words.say(id).into_owned());
    Said {
        subject: words.say("refusal-letter-subject").into_owned(),
        before,
        tables: Vec::new(),
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
        tables: Vec::new(),
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
