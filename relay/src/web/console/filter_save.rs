//! Gives what a list shows a name, so that it can be had again.

use super::{
    Answer, Visit,
    guest::{Posted, redirect},
    problem::{FULL, MISSING, UNREADABLE},
    query::Query,
    routes::Asks,
};
use crate::staff::{Action, Kept, Saved};

pub(super) async fn act(visit: Visit, posted: Posted) -> Answer {
    let path = posted.value("path");
    if !LISTS.contains(&path) || !may_open(&visit, path) {
        return Err(UNREADABLE);
    }
    let query = kept(posted.value("query"));
    let staff = &visit.shared.console.staff;
    match staff.save_filter(visit.id(), path, posted.value("name"), &query).await? {
        Kept::Done => Ok(redirect(&back(path, &query))),
        Kept::Full => Err(FULL),
        Kept::Unknown => Err(MISSING),
        Kept::NameWrong | Kept::TooLong => Err(UNREADABLE),
    }
}

fn may_open(visit: &Visit, path: &str) -> bool {
    match visit.shared.table.asks(path, &axum::http::Method::GET) {
        Some((Asks::May(action), _)) => visit.may(action),
        Some((Asks::Nothing | Asks::Factor | Asks::Enrol, _)) | None => false,
    }
}

/// Without what is of this moment, and without what names one person.
fn kept(query: &str) -> String {
    let query = Query::read(Some(query.trim_start_matches('?')))
        .url("", &NOT_KEPT.map(|name| (name, None)));
    query.trim_start_matches('?').to_owned()
}

/// The list, with what was done.
pub(super) fn back(path: &str, query: &str) -> String {
    Query::read(Some(query)).url(path, &[("done", Some("saved"))])
}

/// Those of one list, for the person who looks at it.
pub(super) async fn of(visit: &Visit, path: &str) -> Result<Vec<Saved>, super::problem::Problem> {
    if !visit.may(Action::Own) {
        return Ok(Vec::new());
    }
    let all = visit.shared.console.staff.saved(visit.id()).await?;
    Ok(all.into_iter().filter(|one| one.path == path).collect())
}

/// Whose filters can be saved.
const LISTS: [&str; 1] = ["/decisions"];
const NOT_KEPT: [&str; 4] = ["before", "done", "to", "message"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_saved_filter_names_nobody_and_no_page() {
        let asked = "?what=held&to=jana%40x.cz&message=1&before=5.6&done=saved&q=a+b";
        assert_eq!(kept(asked), "what=held&q=a%20b");
        assert_eq!(kept(""), "");
        assert_eq!(back("/decisions", "q=a%20b"), "/decisions?q=a%20b&done=saved");
    }
}
