//! `/p/<token>`: every purpose ever granted, to keep or to refuse, with its topics to pick among; how
//! often, and a pause; and the objection to marketing (GDPR Art. 21).
//!
//! Nobody refuses what was not on the page, and nobody is asked about what needs no will: a contract
//! goes on.

use axum::{body::Bytes, http::StatusCode, response::Response};
use jiff::Timestamp;
use policy::{Scope, Standing};

use super::{
    asked::Asked,
    busy,
    desk::{Click, Desk},
    form::{fields, value, values},
    page::{Notice, Preferences, Row, html},
    visit::Visit,
    wishes,
};
use crate::{consent::link::Kind, db::Unavailable};

pub(super) async fn preferences_page(asked: Asked) -> Response {
    match Visit::open(&asked, &KINDS) {
        Ok(visit) => show(&asked, &visit, None).await,
        Err(response) => *response,
    }
}

pub(super) async fn preferences(asked: Asked, body: Bytes) -> Response {
    let visit = match Visit::open(&asked, &KINDS) {
        Ok(visit) => visit,
        Err(response) => return *response,
    };
    let (words, public) = (visit.words, &asked.shared.public);
    let fields = fields(asked.content_type(), &body).unwrap_or_default();
    let click = |how, words_of| visit.click(how, words.say(words_of));
    let (done, saved) = match value(&fields, "what") {
        Some("nothing") => {
            let click = click("preferences", "preferences-lead");
            ("saved", public.desk.refuse(&click, &Scope::Everything).await)
        }
        Some("object") => {
            let click = click("objection", "object-wording");
            ("objected", public.desk.object(&click).await)
        }
        Some("keep") => {
            let click = click("preferences", "preferences-lead");
            match save(&public.desk, &visit, &click, &fields).await {
                Ok(false) => return Notice::bad(words),
                Ok(true) => ("saved", Ok(())),
                Err(fault) => ("saved", Err(fault)),
            }
        }
        Some(_) | None => return Notice::bad(words),
    };
    match saved {
        Ok(()) => show(&asked, &visit, Some(done)).await,
        Err(fault) => busy(words, "preferences", &fault),
    }
}

/// Writes down how often, the pause and the topics, and refuses every purpose that was shown and whose
/// box is not ticked. `false` where the fields are not what the page asks for; nothing is written then.
async fn save(
    desk: &Desk,
    visit: &Visit,
    click: &Click,
    fields: &[(String, String)],
) -> Result<bool, Unavailable> {
    let standing = desk.standing(visit.link.key).await?;
    let before = wishes::overall(&standing, visit.now);
    let Some(wish) = wishes::asked(fields, &before, visit.now) else { return Ok(false) };
    let (shown, kept) = (values(fields, "shown"), values(fields, "keep"));
    if shown.is_empty() {
        return Ok(false);
    }
    let asked = |row: &Row| row.by_will && shown.contains(&row.id.as_str());
    for row in rows(desk, visit, &standing).await?.into_iter().filter(asked) {
        if !kept.contains(&row.id.as_str()) {
            desk.refuse(click, &Scope::Purpose(row.id)).await?;
        } else if let Some(wish) = wishes::picked(fields, &row, &standing) {
            desk.prefer(click, &wish).await?;
        }
    }
    desk.prefer(click, &wish).await?;
    Ok(true)
}

async fn show(asked: &Asked, visit: &Visit, done: Option<&'static str>) -> Response {
    let (words, desk) = (visit.words, &asked.shared.public.desk);
    let found = async {
        let standing = desk.standing(visit.link.key).await?;
        let rows = rows(desk, visit, &standing).await?;
        Ok::<_, Unavailable>((standing, rows))
    };
    let (standing, purposes) = match found.await {
        Ok(found) => found,
        Err(fault) => return busy(words, "preferences", &fault),
    };
    let wish = wishes::overall(&standing, visit.now);
    let page = Preferences {
        words,
        sender: visit.sender(),
        any_open: purposes.iter().any(|row| row.open && row.by_will),
        purposes,
        refused_all: refuses_all(&standing),
        frequencies: wishes::frequencies(words, &wish),
        pauses: wishes::pauses(words, &wish, &visit.zone()),
        objected: done == Some("objected"),
        done: done.map(|id| words.say(id)),
    };
    html(StatusCode::OK, &page)
}

fn refuses_all(standing: &Standing) -> bool {
    standing.refusals.iter().any(|refusal| refusal.scope == Scope::Everything)
}

/// One row for each purpose that was ever granted.
async fn rows(desk: &Desk, visit: &Visit, standing: &Standing) -> Result<Vec<Row>, Unavailable> {
    let purposes = desk.purposes(&visit.link.controller).await?;
    let zone = visit.zone();
    let mut rows = Vec::new();
    for purpose in purposes {
        let Some(until) = standing
            .grants
            .iter()
            .filter(|grant| grant.purpose == purpose.id)
            .map(|grant| if grant.withdrawn_at.is_some() { Timestamp::MIN } else { grant.until })
            .max()
        else {
            continue;
        };
        let refused = standing.refusals.iter().any(|one| one.concerns(Some(&purpose.id)));
        let by_will = purpose.basis.is_by_will();
        let until_day = visit.words.day(until.to_zoned(zone.clone()).date());
        rows.push(Row {
            open: !refused && until > visit.now,
            by_will,
            topics: wishes::topics(&purpose, standing),
            id: purpose.id,
            name: purpose.name,
            until: until_day,
        });
    }
    Ok(rows)
}

/// Whoever can unsubscribe can choose, too.
const KINDS: [Kind; 2] = [Kind::Preferences, Kind::Unsubscribe];
