//! `/p/<token>`: every purpose ever granted, to keep or to refuse; how often, and a pause; and the
//! objection to marketing (GDPR Art. 21).

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
    let (click, done, refused) = match value(&fields, "what") {
        Some("nothing") => {
            let click = visit.click("preferences", words.say("preferences-lead"));
            let all = public.desk.refuse(&click, &Scope::Everything).await;
            (click, "saved", all.map(everything))
        }
        Some("object") => {
            let click = visit.click("objection", words.say("object-wording"));
            let all = public.desk.object(&click).await;
            (click, "objected", all.map(everything))
        }
        Some("keep") => {
            let click = visit.click("preferences", words.say("preferences-lead"));
            let refused = save(&public.desk, &visit, &click, &fields).await;
            match refused {
                Ok(None) => return Notice::bad(words),
                Ok(Some(refused)) => (click, "saved", Ok(refused)),
                Err(fault) => (click, "saved", Err(fault)),
            }
        }
        Some(_) | None => return Notice::bad(words),
    };
    match refused {
        Ok(refused) => {
            visit.confirm(public, &click, &refused).await;
            show(&asked, &visit, Some(done)).await
        }
        Err(fault) => busy(words, "preferences", &fault),
    }
}

type Refused = Vec<(Scope, String)>;

fn everything(is_new: bool) -> Refused {
    is_new.then(|| (Scope::Everything, String::new())).into_iter().collect()
}

/// Writes down how often and the pause, and refuses every open purpose whose box is not ticked:
/// which, with their names. `None` where the fields are not what the page asks for.
async fn save(
    desk: &Desk,
    visit: &Visit,
    click: &Click,
    fields: &[(String, String)],
) -> Result<Option<Refused>, Unavailable> {
    let standing = desk.standing(visit.link.key).await?;
    let before = wishes::overall(&standing, visit.now);
    let Some(wish) = wishes::asked(fields, &before, visit.now) else { return Ok(None) };
    let kept = values(fields, "keep");
    let mut refused = Vec::new();
    for row in rows(desk, visit, &standing).await?.into_iter().filter(|row| row.open) {
        if kept.contains(&row.id.as_str()) {
            continue;
        }
        let scope = Scope::Purpose(row.id);
        if desk.refuse(click, &scope).await? {
            refused.push((scope, row.name));
        }
    }
    desk.prefer(click, &wish).await?;
    Ok(Some(refused))
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
        any_open: purposes.iter().any(|row| row.open),
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
        let until_day = visit.words.day(until.to_zoned(zone.clone()).date());
        rows.push(Row {
            open: !refused && until > visit.now,
            id: purpose.id,
            name: purpose.name,
            until: until_day,
        });
    }
    Ok(rows)
}

/// Whoever can unsubscribe can choose, too.
const KINDS: [Kind; 2] = [Kind::Preferences, Kind::Unsubscribe];
