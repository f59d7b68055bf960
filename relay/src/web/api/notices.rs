//! `/v1/notices`: that a person was told of the processing of their data.

use axum::{extract::State, response::Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Shared,
    body::{Body, json},
    gate::Caller,
    problem::Problem,
    statement::{Done, Evidence, done, proof, subject},
    values::{ContactKey, Mailbox, Moment, NoticeVersion, some_text},
};
use crate::consent;

pub(super) fn writing() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(inform))
}

/// Which notice was given to whom.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "address": "jana@example.cz", "version": "2026-05", "url": "https://shop.example/privacy",
}))]
struct Notice {
    address: Option<Mailbox>,
    contact: Option<ContactKey>,
    version: NoticeVersion,
    /// Where it stands.
    #[serde(deserialize_with = "some_text::<2000, _>", default)]
    #[schema(max_length = 2000)]
    url: Option<String>,
    #[serde(default)]
    kind: NoticeKind,
    /// When; now where nothing is said.
    at: Option<Moment>,
    #[serde(default)]
    evidence: Evidence,
}

/// Whose text it was.
#[derive(Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum NoticeKind {
    #[default]
    Own,
    /// That of a tool's vendor, which says less about this controller than the law asks for.
    VendorGeneric,
}

/// What was written down, and what is doubtful about it.
#[derive(Serialize, ToSchema)]
struct Noted {
    /// False where it was on record already.
    recorded: bool,
    /// The event that holds it; null where nothing was written.
    #[schema(example = "c1-42")]
    event: Option<String>,
    /// The contact's key, to ask for it without its address.
    contact: ContactKey,
    /// What an inspector would ask about; for people.
    #[schema(example = json!(null))]
    warning: Option<&'static str>,
}

/// Write down a notice
///
/// That the person was told who processes the data, why, for how long and with which rights, as
/// the law asks for it on every basis, before an order as well.
#[utoipa::path(
    post,
    path = "/v1/notices",
    operation_id = "addNotice",
    tag = "Relations",
    request_body = Notice,
    responses(
        (status = 201, description = "It is on record", body = Noted),
        (status = 200, description = "It was on record already", body = Noted),
        (status = 404, description = ""),
    ),
    security(("key" = ["contacts:write"])),
)]
async fn inform(
    State(shared): State<Shared>,
    caller: Caller,
    Body(new): Body<Notice>,
) -> Result<Response, Problem> {
    let who = subject(&shared, &caller, new.address, new.contact).await?;
    let proof = proof(&caller, new.at, &new.evidence)?;
    let kind = match new.kind {
        NoticeKind::Own => consent::NoticeKind::Own,
        NoticeKind::VendorGeneric => consent::NoticeKind::VendorGeneric,
    };
    let notice = consent::Notice { version: new.version.0, kind, url: new.url };
    let recorded = shared.api.consent.inform(caller.now, &who, &notice, &proof).await?;
    let (status, Done { recorded, event, contact }) = done(&shared, &who, recorded)?;
    let warning = kind.doubt();
    Ok(json(status, &Noted { recorded, event, contact, warning }))
}
