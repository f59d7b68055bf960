//! `/v1/contacts/select`, `/v1/contacts/count`, `/v1/grants/batch`: many contacts at once, by a
//! filter or a list (S14, S15, S21, S24, S35..S37).

use axum::{extract::State, http::StatusCode, response::Response};
use policy::Address;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Shared,
    body::{Body, json},
    condition::Condition,
    cursor::{self, Page, Paged},
    gate::Caller,
    grants::{clicked, counts_from, own},
    problem::{FAULT, FIELD_MISSING, FILTER_LARGE, PURPOSE_CLOSED, Problem, RUNNING},
    record::Selected,
    statement::{Evidence, evidence},
    values::{Mailbox, Method, Moment, PurposeId, Source, Start, limit, some_list, some_text},
};
use crate::consent::{AssignFault, Assigned as Counts, Assignment, Clocks, Filter, Target};

pub(super) fn reading() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(select)).routes(routes!(count))
}

/// With a longer body.
pub(super) fn writing_many() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(assign))
}

/// Which contacts, and which page of them.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "filter": { "and": [
        { "ends": { "purpose": "newsletter", "within_days": 30 } }, { "country": ["CZ", "SK"] },
    ] },
    "limit": 100,
}))]
struct Selection {
    filter: Condition,
    /// How many at most; 100 where nothing is said.
    #[serde(default, deserialize_with = "limit")]
    #[schema(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
    /// `next` of the page before.
    #[serde(default, deserialize_with = "some_text::<1000, _>")]
    #[schema(max_length = 1000)]
    cursor: Option<String>,
}

/// Find contacts by a filter
///
/// Conditions about purposes, ends, refusals, purchases, countries and dates, combined by `and`,
/// `or` and `not`; those who were erased are never found. Asked for again it finds who matches then.
#[utoipa::path(
    post,
    path = "/v1/contacts/select",
    operation_id = "selectContacts",
    tag = "Contacts",
    request_body = Selection,
    responses((status = 200, description = "A page of them", body = Page<Selected>)),
    security(("key" = ["contacts:read"])),
)]
async fn select(
    State(shared): State<Shared>,
    caller: Caller,
    Body(asked): Body<Selection>,
) -> Result<Response, Problem> {
    let filter = read(asked.filter)?;
    let digest = crate::seal::hex(&crate::seal::digest(json!(filter).to_string().as_bytes()));
    let list = format!("selection {digest} of {}", caller.id());
    let paged = Paged { limit: asked.limit, cursor: asked.cursor };
    let after = paged.after(&shared.api.secret, &list)?;
    let (clocks, limit) = (clocks(&caller)?, paged.limit()?);
    let page = shared.api.consent.list(caller.id(), &filter, &clocks, after, limit).await?;
    let next = page.next.map(|last| cursor::seal(&shared.api.secret, &list, &last));
    let items = page.contacts.into_iter().map(Selected::from).collect();
    Ok(json(StatusCode::OK, &Page { items, next }))
}

/// Which contacts.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "filter": { "holds-nothing": {} } }))]
struct Counted {
    filter: Condition,
}

/// How many there are.
#[derive(Serialize, ToSchema)]
struct Count {
    #[schema(example = 4213)]
    count: u64,
}

/// Count contacts by a filter
#[utoipa::path(
    post,
    path = "/v1/contacts/count",
    operation_id = "countContacts",
    tag = "Contacts",
    request_body = Counted,
    responses((status = 200, description = "How many there are now", body = Count)),
    security(("key" = ["contacts:read"])),
)]
async fn count(
    State(shared): State<Shared>,
    caller: Caller,
    Body(asked): Body<Counted>,
) -> Result<Response, Problem> {
    let filter = read(asked.filter)?;
    let count = shared.api.consent.count(caller.id(), &filter, &clocks(&caller)?).await?;
    Ok(json(StatusCode::OK, &Count { count }))
}

fn read(condition: Condition) -> Result<Filter, Problem> {
    let filter = Filter::from(condition);
    filter.check().map_err(|fault| Problem::new(FILTER_LARGE, fault.to_string()).at("/filter"))?;
    Ok(filter)
}

fn clocks(caller: &Caller) -> Result<Clocks, Problem> {
    let (business, owner) = (caller.business(), caller.controller());
    let pack = business.pack_of(owner, caller.now);
    let pack = pack.ok_or_else(|| Problem::new(FAULT, "no pack is in force for the controller"))?;
    Ok(Clocks::new(caller.now, pack, &owner.time_zone, &owner.customer_for))
}

/// One purpose for many contacts: those of a filter, or those of a list.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "purpose": "newsletter", "addresses": ["jana@example.cz", "petr@example.cz"],
    "start": "added", "method": "import", "evidence": { "reference": "Paper forms of 2026-10" },
    "dry_run": true,
}))]
struct Assigning {
    purpose: PurposeId,
    /// To whom: a filter, or `addresses`.
    filter: Option<Condition>,
    #[serde(default, deserialize_with = "some_list::<1, 10_000, _, _>")]
    #[schema(min_items = 1, max_items = 10_000)]
    addresses: Option<Vec<Mailbox>>,
    /// From when each counts, in words; now where nothing is said.
    start: Option<Start>,
    /// From when each counts, instead of `start`.
    from: Option<Moment>,
    /// Until when; by the purpose's duration where nothing is said.
    until: Option<Moment>,
    method: Method,
    #[serde(default = "own")]
    #[schema(default = "own")]
    source: Source,
    /// When a click in a message confirmed all of them; `double-opt-in` and `renewal-click` need it.
    confirmed_at: Option<Moment>,
    /// All of them declared to be of age.
    #[serde(default)]
    of_age: bool,
    /// Kept with each grant.
    evidence: Evidence,
    /// Count everything, write nothing.
    #[serde(default)]
    dry_run: bool,
}

/// What came of it.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "seen": 2, "granted": 1, "already": 0, "refusal_stands": 1, "empty": 0, "dry_run": true,
}))]
struct Assigned {
    /// Contacts looked at.
    seen: u64,
    granted: u64,
    /// A grant that reaches as far was on record.
    already: u64,
    /// The address refused: not granted.
    refusal_stands: u64,
    /// It would end before it begins: not granted.
    empty: u64,
    dry_run: bool,
}

/// Grant a purpose to many
///
/// Never over a refusal. What takes longer than a request may (503) goes on where it was when the
/// very same is sent again.
#[utoipa::path(
    post,
    path = "/v1/grants/batch",
    operation_id = "addGrants",
    tag = "Grants",
    request_body = Assigning,
    responses(
        (status = 200, description = "What came of it", body = Assigned),
        (status = 404, description = ""),
        (status = 409, description = "The purpose is closed, or the same is being assigned now"),
    ),
    security(("key" = ["contacts:write"])),
)]
async fn assign(
    State(shared): State<Shared>,
    caller: Caller,
    Body(new): Body<Assigning>,
) -> Result<Response, Problem> {
    let target = match (new.filter, new.addresses) {
        (Some(filter), None) => Target::Filter(read(filter)?),
        (None, Some(all)) => {
            let all: Vec<Address> = all.into_iter().map(|one| one.0).collect();
            Target::Addresses(all)
        }
        (None, None) => {
            return Err(Problem::new(FIELD_MISSING, "`filter` or `addresses` is missing").at(""));
        }
        (Some(_), Some(_)) => return Err(Problem::both("filter", "addresses")),
    };
    let start = counts_from(new.start, new.from)?;
    if let (Some(from), Some(until)) = (new.from, new.until)
        && until.0 <= from.0
    {
        return Err(Problem::ends_too_early("/until"));
    }
    let what = Assignment {
        controller: caller.id().to_owned(),
        purpose: new.purpose.0,
        start,
        until: new.until.map(|until| until.0),
        method: new.method.into(),
        source: new.source.into(),
        confirmed_at: clicked(&caller, new.method, new.confirmed_at)?,
        of_age: new.of_age,
        evidence: evidence(&new.evidence),
        actor: caller.actor(),
        dry_run: new.dry_run,
    };
    let (consent, zone) = (&shared.api.consent, &caller.controller().time_zone);
    let counts = consent
        .assign(&jiff::Timestamp::now, zone, &clocks(&caller)?, &what, &target, |_| {})
        .await;
    let Counts { seen, granted, already, refusal_stands, empty } = counts.map_err(fault)?;
    let dry_run = new.dry_run;
    let assigned = Assigned { seen, granted, already, refusal_stands, empty, dry_run };
    Ok(json(StatusCode::OK, &assigned))
}

fn fault(fault: AssignFault) -> Problem {
    match fault {
        AssignFault::NoPurpose => Problem::no_purpose("/purpose"),
        AssignFault::Closed => {
            Problem::new(PURPOSE_CLOSED, "the purpose is closed and grants nothing any more")
                .at("/purpose")
        }
        AssignFault::Busy => {
            Problem::new(RUNNING, "somebody else is assigning the very same").retry_after(5)
        }
        AssignFault::Store(error) => error.into(),
    }
}
