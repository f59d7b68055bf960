//! `/policy/drafts/{id}/try`: what would have fallen otherwise by a draft.

use uuid::Uuid;

use super::{
    Answer, Visit,
    draft_show::found,
    guest::Path,
    policy_try::{Span, tried},
};

pub(super) async fn page(visit: Visit, Path(id): Path<Uuid>) -> Answer {
    let (_, text) = found(&visit, id).await?;
    let span = Span::read(visit.query.shown("last"), visit.query.shown("days"));
    tried(&visit, &text, span, format!("/policy/drafts/{id}")).await
}
