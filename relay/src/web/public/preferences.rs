//! `/p/<token>`: every purpose ever granted, to keep or to refuse.

use axum::{
    body::Bytes,
    extract::{ConnectInfo, Path, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use jiff::Timestamp;
use policy::Scope;

use super::{
    Shared, busy,
    desk::{Click, Desk},
    form,
    page::{Notice, Preferences, Row, html},
    visit::{Visit, content_type},
};
use crate::{consent::link::Kind, db::Unavailable, web::server::Peer, words::Words};

pub(super) async fn preferences_page(
    state: State<Shared>,
    peer: ConnectInfo<Peer>,
    token: Path<String>,
    headers: HeaderMap,
) -> Response {
    let asked = (state, peer, token, headers);
    match Visit::open(&asked, &[Kind::Preferences, Kind::Unsubscribe]) {
        Ok(visit) => show_preferences(&asked.0.public.desk, &visit, &asked.3, false).await,
        Err(response) => *response,
    }
}

pub(super) async fn preferences(
    state: State<Shared>,
    peer: ConnectInfo<Peer>,
    token: Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let asked = (state, peer, token, headers);
    let visit = match Visit::open(&asked, &[Kind::Preferences, Kind::Unsubscribe]) {
        Ok(visit) => visit,
        Err(response) => return *response,
    };
    let (State(shared), _, _, headers) = &asked;
    let words = visit.words(headers);
    let fields = form::fields(content_type(headers), &body).unwrap_or_default();
    let desk = &shared.public.desk;
    let click = visit.click("preferences", words.say("preferences-lead"));
    let refused = match form::value(&fields, "what") {
        Some("nothing") => {
            let all = desk.refuse(&click, &Scope::Everything).await;
            all.map(|new| new.then(|| (Scope::Everything, String::new())).into_iter().collect())
        }
        Some("keep") => refuse_others(desk, &visit, &click, &fields, words).await,
        Some(_) | None => return Notice::bad(words),
    };
    match refused {
        Ok(refused) => {
            visit.confirm(&shared.public, &click, &refused).await;
            show_preferences(desk, &visit, headers, true).await
        }
        Err(fault) => busy(words, "a refusal", &fault),
    }
}

/// Refuses every open purpose whose box is not ticked; which, with their names.
async fn refuse_others(
    desk: &Desk,
    visit: &Visit,
    click: &Click,
    fields: &[(String, String)],
    words: &Words,
) -> Result<Vec<(Scope, String)>, Unavailable> {
    let mut refused = Vec::new();
    for row in rows(desk, visit, words).await?.1.into_iter().filter(|row| row.open) {
        let keeps = fields.iter().any(|(name, value)| name == "keep" && *value == row.id);
        if keeps {
            continue;
        }
        let scope = Scope::Purpose(row.id);
        if desk.refuse(click, &scope).await? {
            refused.push((scope, row.name));
        }
    }
    Ok(refused)
}

async fn show_preferences(
    desk: &Desk,
    visit: &Visit,
    headers: &HeaderMap,
    saved: bool,
) -> Response {
    let words = visit.words(headers);
    let (refused_all, purposes) = match rows(desk, visit, words).await {
        Ok(rows) => rows,
        Err(fault) => return busy(words, "preferences", &fault),
    };
    let page = Preferences {
        words,
        sender: visit.sender(),
        any_open: purposes.iter().any(|row| row.open),
        purposes,
        refused_all,
        saved,
    };
    html(StatusCode::OK, &page)
}

/// Whether everything is refused, and one row for each purpose that was ever granted.
async fn rows(desk: &Desk, visit: &Visit, words: &Words) -> Result<(bool, Vec<Row>), Unavailable> {
    let standing = desk.standing(visit.link.key).await?;
    let purposes = desk.purposes(&visit.link.controller).await?;
    let zone = visit.zone();
    let refused_all = standing.refusals.iter().any(|refusal| refusal.scope == Scope::Everything);
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
        let refused = |scope: &Scope| *scope == Scope::Purpose(purpose.id.clone());
        let refused = standing.refusals.iter().any(|refusal| refused(&refusal.scope));
        let until_day = words.day(until.to_zoned(zone.clone()).date());
        rows.push(Row {
            open: !refused && !refused_all && until > visit.now,
            id: purpose.id,
            name: purpose.name,
            until: until_day,
        });
    }
    Ok((refused_all, rows))
}
