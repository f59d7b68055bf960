//! `/v1/address-check`: whether an address can be one, and what was probably meant (S76).

use axum::{http::StatusCode, response::Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Shared,
    body::{Body, json},
    problem::Problem,
    values::Typed,
};
use crate::consent::spelling;

pub(super) fn reading() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(check))
}

/// What a person typed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "address": "jana@semzam.cz" }))]
struct Written {
    address: Typed,
}

/// What can be said of it.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({ "valid": true, "because": null, "suggestion": "jana@seznam.cz" }))]
struct Checked {
    /// Whether it has the form of an address; nobody was asked whether there is such a mailbox.
    valid: bool,
    /// What is wrong with it, and what to do.
    because: Option<String>,
    /// What was probably meant: offer it, do not put it in place of what was typed.
    suggestion: Option<String>,
}

/// Check how an address is spelled
///
/// For forms, before they take it. Nothing is written down and nothing is looked up.
#[utoipa::path(
    post,
    path = "/v1/address-check",
    operation_id = "checkAddress",
    tag = "Addresses",
    request_body = Written,
    responses((status = 200, description = "What can be said of it", body = Checked)),
    security(("key" = [])),
)]
async fn check(Body(written): Body<Written>) -> Result<Response, Problem> {
    let checked = spelling::check(&written.address.0);
    let checked = Checked {
        valid: checked.fault.is_none(),
        because: checked.fault.map(|fault| fault.to_string()),
        suggestion: checked.suggestion,
    };
    Ok(json(StatusCode::OK, &checked))
}
