//! `/v1/subscriptions`: what a form of policy.toml does, for a shop's own form, a till or a chat
//! (S63). Nothing is on record before the person's click.

use axum::{extract::State, http::StatusCode, response::Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Shared,
    body::{Body, json},
    gate::Caller,
    problem::{AGE_MISSING, FORM_UNKNOWN, PURPOSE_UNKNOWN, Problem, TOO_MANY, VALUE_WRONG},
    statement::past,
    values::{Mailbox, Moment, PurposeId, some_text, text},
};
use crate::{
    web::public::{Came, Told, Wish, request},
    words::Words,
};

pub(super) fn writing() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(subscribe))
}

/// Name of a form in policy.toml.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[schema(value_type = String, min_length = 1, max_length = 64, example = "footer")]
struct FormId(#[serde(deserialize_with = "text::<1, 64, _>")] String);

/// What a person filled in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "form": "footer", "address": "jana@example.cz", "purposes": ["catalogue"], "of_age": true,
    "ip": "192.0.2.7", "url": "https://shop.example/checkout",
}))]
struct Subscription {
    /// A form of policy.toml: its wordings are what the person agrees to, so show the same.
    form: FormId,
    address: Mailbox,
    /// Purposes with a box that the person ticked; the main purpose counts without being named.
    #[serde(default)]
    #[schema(max_items = 50)]
    purposes: Vec<PurposeId>,
    /// The person declared to be as old as the form asks.
    #[serde(default)]
    of_age: bool,
    /// `cs`, `sk`, `en`, `de` or `pl`; the controller's where nothing is said.
    #[serde(default, deserialize_with = "some_text::<2, _>")]
    #[schema(max_length = 2)]
    language: Option<String>,
    /// When it was filled in; now where nothing is said.
    at: Option<Moment>,
    /// The person's IP address.
    #[serde(default, deserialize_with = "some_text::<45, _>")]
    #[schema(max_length = 45)]
    ip: Option<String>,
    /// The person's program.
    #[serde(default, deserialize_with = "some_text::<300, _>")]
    #[schema(max_length = 300)]
    user_agent: Option<String>,
    /// The page where it was filled in.
    #[serde(default, deserialize_with = "some_text::<300, _>")]
    #[schema(max_length = 300)]
    url: Option<String>,
}

/// What came of it.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({ "sent": true }))]
struct Asked {
    /// False where the address had a letter of this form just now.
    sent: bool,
}

/// Ask for a consent by a letter
///
/// Sends the letter that the person confirms by a click (double opt-in). Until then what is sent
/// here is sealed, and deleted where nobody confirms it in time.
#[utoipa::path(
    post,
    path = "/v1/subscriptions",
    operation_id = "subscribe",
    tag = "Grants",
    request_body = Subscription,
    responses(
        (status = 202, description = "The letter is on its way, or one was just now", body = Asked),
        (status = 404, description = "The controller has no such form, or the form no such purpose"),
    ),
    security(("key" = ["contacts:write"])),
)]
async fn subscribe(
    State(shared): State<Shared>,
    caller: Caller,
    Body(new): Body<Subscription>,
) -> Result<Response, Problem> {
    let unknown = || Problem::new(FORM_UNKNOWN, "the controller has no such form").at("/form");
    let form = caller.business().form(&new.form.0).ok_or_else(unknown)?;
    if form.controller.id != caller.id() {
        return Err(unknown());
    }
    let words = match new.language.as_deref() {
        None => Words::of(form.controller.language),
        Some(lang) => Words::named(lang).ok_or_else(|| {
            Problem::new(VALUE_WRONG, "there are no texts in this language").at("/language")
        })?,
    };
    let boxes: Vec<&str> = new.purposes.iter().map(|purpose| purpose.0.as_str()).collect();
    let at = past(&caller, new.at, "/at")?.unwrap_or(caller.now);
    let wish = Wish {
        address: new.address.0.as_str(),
        boxes: &boxes,
        of_age: new.of_age,
        told: Told {
            at,
            ip: new.ip.unwrap_or_default(),
            user_agent: new.user_agent.unwrap_or_default(),
            page: new.url,
        },
    };
    let came = request(&shared.api.pages, caller.business(), form, words, caller.now, wish).await?;
    let sent = match came {
        Came::Sent => true,
        Came::TooSoon => false,
        Came::TooMany => {
            return Err(Problem::new(TOO_MANY, "the form sent as many letters as it may")
                .advice("wait an hour, or raise the form's `letters-per-hour`")
                .retry_after(3600));
        }
        Came::NoPurpose => {
            return Err(Problem::new(PURPOSE_UNKNOWN, "the form offers no such open purpose")
                .at("/purposes"));
        }
        Came::NoAge => {
            return Err(Problem::new(AGE_MISSING, "the age is not declared").at("/of_age"));
        }
    };
    Ok(json(StatusCode::ACCEPTED, &Asked { sent }))
}
