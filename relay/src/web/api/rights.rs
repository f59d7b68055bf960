//! `/v1/contacts/{contact}/copy` and `/v1/erasures`: a person asks what is on record, or wants it
//! gone (GDPR art. 15, 17 and 20).

use axum::{
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use policy::Language;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Shared,
    body::{Body, Params, json},
    contacts::by_key,
    gate::Caller,
    problem::{FAULT, Problem},
    statement::subject,
    values::{ContactKey, Mailbox, Moment},
};
use crate::{
    consent,
    rights::{self, Dossier, Stores, Wish},
    web::paper,
    words::Words,
};

pub(super) fn reading() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(copy))
}

pub(super) fn writing() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(erase))
}

/// How a copy is written.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// `json` for machines, `csv` for tables (one value a line with the path to it), `html` for
    /// the person to read.
    #[param(inline, required = false)]
    #[serde(default)]
    format: Format,
    /// Of the page; the controller's where nothing is said.
    #[param(inline, required = false)]
    language: Option<Tongue>,
}

#[derive(Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum Format {
    #[default]
    Json,
    Csv,
    Html,
}

#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum Tongue {
    Cs,
    Sk,
    En,
    De,
    Pl,
}

impl From<Tongue> for Language {
    fn from(tongue: Tongue) -> Self {
        match tongue {
            Tongue::Cs => Self::Czech,
            Tongue::Sk => Self::Slovak,
            Tongue::En => Self::English,
            Tongue::De => Self::German,
            Tongue::Pl => Self::Polish,
        }
    }
}

/// Copy everything about a contact
///
/// What holds, what was decided about messages to it, and every statement with its evidence: the
/// copy that the person may ask for.
#[utoipa::path(
    get,
    path = "/v1/contacts/{contact}/copy",
    operation_id = "copyContact",
    tag = "Rights",
    params(("contact" = ContactKey, Path, description = "Its key, as answers have it"), Wanted),
    responses(
        (status = 200, description = "The copy", content(
            (serde_json::Value = "application/json", example = json!({ "address": "jana@example.cz" })),
            (String = "text/csv", example = json!("where,value\r\n")),
            (String = "text/html", example = json!("<!doctype html>")),
        )),
        (status = 404, description = ""),
    ),
    security(("key" = ["export"])),
)]
async fn copy(
    State(shared): State<Shared>,
    caller: Caller,
    Path(key): Path<String>,
    Params(wanted): Params<Wanted>,
) -> Result<Response, Problem> {
    let who = by_key(&caller, &key)?;
    let owner = caller.controller();
    let unknown = || Problem::no_contact("").parameter("contact");
    if !shared.api.consent.knows(&who).await? {
        return Err(unknown());
    }
    let found = Dossier::of(stores(&shared), owner, &who, caller.now).await?;
    let dossier = found.ok_or_else(unknown)?;
    let (media, text) = match wanted.format {
        Format::Json => return Ok(json(StatusCode::OK, &dossier)),
        Format::Csv => ("text/csv; charset=utf-8", dossier.csv()),
        Format::Html => {
            let words = Words::of(wanted.language.map_or(owner.language, Language::from));
            let page = paper::dossier(words, &owner.time_zone, &dossier);
            let page = page.map_err(|_| Problem::new(FAULT, "the page could not be written"))?;
            ("text/html; charset=utf-8", page)
        }
    };
    Ok((StatusCode::OK, [(header::CONTENT_TYPE, media)], text).into_response())
}

fn stores(shared: &Shared) -> Stores<'_> {
    let super::Api { db, secret, consent, spool, .. } = &shared.api;
    Stores { db, secret, consent, spool }
}

/// Whose data go, and how.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "address": "jana@example.cz", "how": "delete" }))]
struct Erasure {
    address: Option<Mailbox>,
    contact: Option<ContactKey>,
    how: How,
    /// Write down that the person wants nothing commercial any more, so that no tool brings it
    /// back.
    #[serde(default = "yes")]
    #[schema(default = true)]
    refuses: bool,
    /// Take the proof of consents away, too, where no law fixes for how long it is kept.
    #[serde(default)]
    proof_too: bool,
}

fn yes() -> bool {
    true
}

/// `delete`: grants, purchases and activity go, too. `anonymise`: they stay for statistics, of
/// somebody unknown.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum How {
    Delete,
    Anonymise,
}

/// What came of an erasure.
#[derive(Serialize, ToSchema)]
struct Erased {
    /// The event that says so.
    #[schema(example = "c1-45")]
    event: String,
    /// How many statements lost their evidence.
    #[schema(example = 3)]
    statements: u64,
    /// What is still on record.
    stays: Vec<Stays>,
}

/// One thing that stays, and why.
#[derive(Serialize, ToSchema)]
struct Stays {
    #[schema(example = "the refusal, by the key of the address")]
    what: String,
    /// Null: as long as the reason holds.
    #[schema(example = json!(null))]
    until: Option<Moment>,
    #[schema(example = "so that the no outlives the data: the address itself is gone")]
    why: String,
    #[schema(example = "GDPR art. 21(3), art. 17(3)(b)")]
    law: String,
}

/// Erase a contact
///
/// Its address and evidence go at once. What a duty or a law keeps is listed with its reason, and
/// goes by itself when its time is over. A refusal outlives the data under the key of the address.
#[utoipa::path(
    post,
    path = "/v1/erasures",
    operation_id = "eraseContact",
    tag = "Rights",
    request_body = Erasure,
    responses(
        (status = 200, description = "It is done", body = Erased),
        (status = 404, description = ""),
    ),
    security(("key" = ["erase"])),
)]
async fn erase(
    State(shared): State<Shared>,
    caller: Caller,
    Body(asked): Body<Erasure>,
) -> Result<Response, Problem> {
    let who = subject(&shared, &caller, asked.address, asked.contact).await?;
    let wish = Wish {
        how: match asked.how {
            How::Delete => consent::Erasure::Delete,
            How::Anonymise => consent::Erasure::Anonymise,
        },
        refuses: asked.refuses,
        proof_too: asked.proof_too,
        actor: caller.actor(),
    };
    let owner = caller.controller();
    let pack = caller.business().pack_of(owner, caller.now);
    let done = rights::erase(stores(&shared), (owner, pack), &who, caller.now, &wish).await?;
    let done = done.ok_or_else(|| Problem::no_contact("/address"))?;
    let stays = done.stays.into_iter().map(|one| Stays {
        what: one.what,
        until: one.until.map(Moment),
        why: one.why,
        law: one.law,
    });
    let erased = Erased { event: done.event, statements: done.statements, stays: stays.collect() };
    Ok(json(StatusCode::OK, &erased))
}
