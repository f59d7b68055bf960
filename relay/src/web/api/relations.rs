//! `/v1/relations`, `/v1/orders`, `/v1/activity`: what happened between the business and the
//! person.

use std::collections::BTreeSet;

use axum::{extract::State, http::StatusCode, response::Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Shared,
    body::{Body, json},
    gate::Caller,
    problem::Problem,
    statement::{Done, Evidence, answer, done, known, proof, subject},
    values::{
        Activity, Category, ContactKey, Mailbox, Moment, PurposeId, RelationKind, some_text, unique,
    },
};
use crate::consent::{self, Proof, Recorded, Who};

pub(super) fn writing() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(relate)).routes(routes!(order)).routes(routes!(touch))
}

/// With a longer body.
pub(super) fn writing_many() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(touch_many))
}

/// A purchase, a contract, an enquiry or the part taken in a contest.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "address": "jana@example.cz", "kind": "enquiry", "at": "2026-11-02T09:30:00+01:00",
    "categories": ["coffee"],
}))]
struct Relation {
    address: Option<Mailbox>,
    contact: Option<ContactKey>,
    kind: RelationKind,
    /// When it began.
    at: Moment,
    /// When a contract ended; it still runs where nothing is said. Anything else is over at once.
    ended_at: Option<Moment>,
    /// Categories of goods that it is about.
    #[serde(default, deserialize_with = "unique")]
    #[schema(max_items = 100)]
    categories: BTreeSet<Category>,
    /// The shop sold a wide assortment then, all of which may be offered.
    #[serde(default)]
    wide_assortment: bool,
    /// The person could refuse commercial messages when the address was collected.
    #[serde(default)]
    objection_offered: bool,
    /// A purpose on legitimate interest or contract that begins with it: with the end of a contract
    /// where it has one.
    purpose: Option<PurposeId>,
    /// A purpose that is over with it, as the one that a contract was for.
    ends: Option<PurposeId>,
    #[serde(default)]
    evidence: Evidence,
}

/// Write down a relation
///
/// A contract written down again with its end is that contract, completed.
#[utoipa::path(
    post,
    path = "/v1/relations",
    operation_id = "addRelation",
    tag = "Relations",
    request_body = Relation,
    responses(
        (status = 201, description = "Something of it is new on record", body = Ordered),
        (status = 200, description = "It was all on record already", body = Ordered),
        (status = 404, description = ""),
        (status = 409, description = "The purpose is closed"),
    ),
    security(("key" = ["contacts:write"])),
)]
async fn relate(
    State(shared): State<Shared>,
    caller: Caller,
    Body(new): Body<Relation>,
) -> Result<Response, Problem> {
    let who = subject(&shared, &caller, new.address, new.contact).await?;
    let proof = proof(&caller, Some(new.at), &new.evidence)?;
    let is_contract = new.kind == RelationKind::Contract;
    if new.ended_at.is_some_and(|end| end.0 < new.at.0) {
        return Err(Problem::ends_too_early("/ended_at"));
    }
    let relation = policy::Relation {
        kind: new.kind.into(),
        at: new.at.0,
        ended_at: new.ended_at.map(|end| end.0).or((!is_contract).then_some(new.at.0)),
        categories: new.categories.into_iter().map(|one| one.0).collect(),
        wide_assortment: new.wide_assortment,
        objection_offered: new.objection_offered,
        event: String::new(),
    };
    let (grants, ends) = (new.purpose.map(|id| id.0), new.ends.map(|id| id.0));
    let order = consent::Order { relation, grants, ends, objected: false };
    write_down(&shared, &caller, &who, &order, &proof).await
}

/// An order or an invoice.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "address": "jana@example.cz", "order": "2026-1042", "at": "2026-11-02T09:30:00+01:00",
    "categories": ["coffee"], "objection_offered": true, "purpose": "customers",
}))]
struct Order {
    address: Option<Mailbox>,
    contact: Option<ContactKey>,
    /// Its number in the shop.
    #[serde(deserialize_with = "some_text::<200, _>", default)]
    #[schema(max_length = 200)]
    order: Option<String>,
    /// When it was made; now where nothing is said.
    at: Option<Moment>,
    /// Categories of the goods bought.
    #[serde(default, deserialize_with = "unique")]
    #[schema(max_items = 100)]
    categories: BTreeSet<Category>,
    /// The shop sells a wide assortment, all of which may be offered.
    #[serde(default)]
    wide_assortment: bool,
    /// The order form had a box to refuse commercial messages.
    #[serde(default)]
    objection_offered: bool,
    /// The person ticked that box: a refusal of everything commercial.
    #[serde(default)]
    objected: bool,
    /// A purpose on legitimate interest or contract that the order also grants.
    purpose: Option<PurposeId>,
    #[serde(default)]
    evidence: Evidence,
}

/// What came of it.
#[derive(Serialize, ToSchema)]
struct Ordered {
    relation: Done,
    /// What came of `purpose`: null where none was named, or where the address refused.
    grant: Option<Done>,
    /// Grants that ended with it.
    ended: u64,
    /// The address refuses, now or since before: it is a customer and gets nothing commercial.
    #[schema(example = false)]
    refused: bool,
}

/// Write down an order
///
/// A purchase, with the grant of a purpose that rests on it (customers may hear of similar goods)
/// or with the objection that was made.
#[utoipa::path(
    post,
    path = "/v1/orders",
    operation_id = "addOrder",
    tag = "Relations",
    request_body = Order,
    responses(
        (status = 201, description = "Something of it is new on record", body = Ordered),
        (status = 200, description = "It was all on record already", body = Ordered),
        (status = 404, description = ""),
        (status = 409, description = "The purpose is closed"),
    ),
    security(("key" = ["contacts:write"])),
)]
async fn order(
    State(shared): State<Shared>,
    caller: Caller,
    Body(new): Body<Order>,
) -> Result<Response, Problem> {
    let who = subject(&shared, &caller, new.address, new.contact).await?;
    let proof = proof(&caller, new.at, &new.evidence.reference(new.order))?;
    let relation = policy::Relation {
        kind: policy::RelationKind::Purchase,
        at: proof.at,
        ended_at: Some(proof.at),
        categories: new.categories.into_iter().map(|one| one.0).collect(),
        wide_assortment: new.wide_assortment,
        objection_offered: new.objection_offered || new.objected,
        event: String::new(),
    };
    let (grants, objected) = (new.purpose.map(|id| id.0), new.objected);
    let order = consent::Order { relation, grants, ends: None, objected };
    write_down(&shared, &caller, &who, &order, &proof).await
}

async fn write_down(
    shared: &Shared,
    caller: &Caller,
    who: &Who,
    order: &consent::Order,
    proof: &Proof,
) -> Result<Response, Problem> {
    let (consent, zone) = (&shared.api.consent, &caller.controller().time_zone);
    let made = consent.order(caller.now, zone, who, order, proof).await?;
    let (mut status, relation) = done(shared, who, made.relation)?;
    let mut answer = Ordered { relation, grant: None, ended: made.ended, refused: false };
    if let Some(recorded) = made.refused {
        answer.refused = true;
        status = status.max(done(shared, who, recorded)?.0);
    }
    match made.granted {
        None => {}
        Some(Recorded::RefusalStands) => answer.refused = true,
        Some(recorded) => {
            let (granted, grant) = done(shared, who, recorded)?;
            status = status.max(granted);
            answer.grant = Some(grant);
        }
    }
    Ok(json(status, &answer))
}

/// A sign of life.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "address": "jana@example.cz", "kind": "login", "at": "2026-11-02T09:30:00+01:00",
}))]
struct Sign {
    address: Option<Mailbox>,
    contact: Option<ContactKey>,
    kind: Activity,
    /// When; now where nothing is said.
    at: Option<Moment>,
}

/// Write down an activity
///
/// It moves the end of grants whose purpose counts from activity of this kind. The contact has to
/// be on record.
#[utoipa::path(
    post,
    path = "/v1/activity",
    operation_id = "addActivity",
    tag = "Activity",
    request_body = Sign,
    responses(
        (status = 201, description = "It is on record", body = Done),
        (status = 200, description = "A later one of the kind was on record already", body = Done),
        (status = 404, description = ""),
    ),
    security(("key" = ["contacts:write"])),
)]
async fn touch(
    State(shared): State<Shared>,
    caller: Caller,
    Body(sign): Body<Sign>,
) -> Result<Response, Problem> {
    let (who, recorded) = touched(&shared, &caller, sign).await?;
    answer(&shared, &who, recorded)
}

async fn touched(shared: &Shared, caller: &Caller, sign: Sign) -> Result<(Who, Recorded), Problem> {
    let who = subject(shared, caller, sign.address, sign.contact).await?;
    let who = known(shared, who, "").await?;
    let proof = proof(caller, sign.at, &Evidence::default())?;
    let (consent, zone) = (&shared.api.consent, &caller.controller().time_zone);
    let recorded = consent.touch(caller.now, zone, &who, sign.kind.into(), &proof).await?;
    Ok((who, recorded))
}

/// Many signs of life.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "items": [
    { "address": "jana@example.cz", "kind": "open", "at": "2026-11-02T09:30:00+01:00" },
] }))]
struct Signs {
    #[serde(deserialize_with = "super::values::list::<1, 500, _, _>")]
    #[schema(min_items = 1, max_items = 500)]
    items: Vec<Sign>,
}

/// What came of each.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({ "recorded": 1, "already": 0, "unknown": 0, "items": ["recorded"] }))]
struct Touched {
    recorded: u32,
    already: u32,
    unknown: u32,
    /// In the order in which they came.
    items: Vec<Fate>,
}

/// What came of one sign of life.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum Fate {
    Recorded,
    /// A later one of the kind was on record.
    Already,
    /// No such contact is on record, so nothing was written.
    Unknown,
}

/// Write down many activities
///
/// Each by itself; a contact that is not on record is passed over. Stopped in the middle it may be
/// sent again.
#[utoipa::path(
    post,
    path = "/v1/activity/batch",
    operation_id = "addActivities",
    tag = "Activity",
    request_body = Signs,
    responses((status = 200, description = "What came of each", body = Touched)),
    security(("key" = ["contacts:write"])),
)]
async fn touch_many(
    State(shared): State<Shared>,
    caller: Caller,
    Body(signs): Body<Signs>,
) -> Result<Response, Problem> {
    let mut fates = Touched { recorded: 0, already: 0, unknown: 0, items: Vec::new() };
    for (at, sign) in signs.items.into_iter().enumerate() {
        let (count, fate) = match touched(&shared, &caller, sign).await {
            Ok((_, Recorded::New(_))) => (&mut fates.recorded, Fate::Recorded),
            Ok(_) => (&mut fates.already, Fate::Already),
            Err(problem) if problem.is_unknown() => (&mut fates.unknown, Fate::Unknown),
            Err(problem) => return Err(problem.within(&format!("/items/{at}"))),
        };
        *count += 1;
        fates.items.push(fate);
    }
    Ok(json(StatusCode::OK, &fates))
}
