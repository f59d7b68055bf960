//! The review console: what staff see, understand and decide, on a listener of its own.
//!
//! One file for each page or action, called `noun_verb.rs`, with a template of the same name in
//! `templates/console`. What a route asks of its caller stands in the table in `routes`; the gate asks
//! for it, and whatever is not in the table is forbidden. No page needs a script.

mod account_change;
mod account_invite;
mod account_list;
mod account_show;
mod audit_export;
mod audit_list;
mod bulk_change;
mod bulk_make;
mod bulk_show;
mod chart;
mod codes_renew;
mod contact_copy;
mod contact_correct;
mod contact_end;
mod contact_erase;
mod contact_export;
mod contact_filter;
mod contact_grant;
mod contact_inform;
mod contact_list;
mod contact_refuse;
mod contact_review;
mod contact_show;
mod cookie;
mod decision_export;
mod decision_filter;
mod decision_list;
mod decision_show;
mod delivery_list;
mod doc;
mod draft_decide;
mod draft_edit;
mod draft_list;
mod draft_make;
mod draft_show;
mod draft_try;
mod dress;
mod email_confirm;
mod exception_make;
mod factor_check;
mod factor_enrol;
mod filter_change;
mod filter_save;
mod frame;
mod gate;
mod grant_worth;
mod guest;
mod held_consent;
mod held_decide;
mod held_desk;
mod held_filter;
mod held_list;
mod held_show;
mod home_figures;
mod home_show;
mod import_make;
mod language_choose;
mod law_list;
mod letter_choose;
mod link_follow;
mod message_frame;
mod message_open;
mod message_show;
mod mistake_export;
mod mistake_list;
mod mistake_note;
mod nav;
mod order_end;
mod order_give;
mod origin;
mod own_show;
mod owner;
mod paging;
mod password_change;
mod paths;
mod picture;
mod policy_read;
mod policy_show;
mod policy_try;
mod problem;
mod provider_begin;
mod provider_return;
mod purpose_add;
mod purpose_assign;
mod purpose_list;
mod purpose_show;
mod query;
mod queue_filter;
mod queue_list;
mod report_export;
mod routes;
mod rule_show;
mod sender_change;
mod sender_list;
mod sender_show;
mod session_end;
mod sign_in;
mod sign_out;
mod statement;
mod style;
mod system_show;
mod terms;
mod try_judge;
mod try_show;
mod wish_list;
mod wish_show;

use std::sync::Arc;

use arc_swap::ArcSwap;
use axum::{Router, extract::DefaultBodyLimit, middleware, routing::get};
use jiff::Timestamp;

pub use self::routes::Asks;
use self::{frame::Frame, guest::Visit, origin::Origins, problem::Answer, routes::Table};
use crate::{
    config::{self, Business, Network},
    consent::Consent,
    db::{Db, Unavailable},
    drafts::Drafts,
    figures::Figures,
    judge::Judge,
    login::Logins,
    openid::Provider,
    review::Review,
    seal::{MacKey, Secret},
    spool::Spool,
    staff::Staff,
    system::Machine,
    web::Post,
    webhook::Webhooks,
};

/// What the console needs; cheap to clone.
#[derive(Clone)]
pub struct Console {
    pub staff: Staff,
    /// The organisation's own sign-in.
    pub provider: Option<Provider>,
    pub db: Db,
    pub secret: Secret,
    pub consent: Consent,
    pub figures: Figures,
    pub spool: Spool,
    pub review: Review,
    pub drafts: Drafts,
    pub logins: Logins,
    pub webhooks: Webhooks,
    pub business: Arc<ArcSwap<Business>>,
    pub judge: Judge,
    pub post: Post,
    /// The relay's own name.
    pub hostname: Arc<str>,
    pub machine: Machine,
    /// By which routes what waits may be ordered to go; see [`config::Delivery::ways`].
    pub ways: Arc<[String]>,
    /// Whose `X-Forwarded-For` is believed.
    pub proxy_from: Arc<[Network]>,
    pub settings: config::Console,
}

/// What every request finds.
#[derive(Clone)]
struct Shared {
    console: Console,
    table: Arc<Table>,
    origins: Arc<Origins>,
    /// Makes the tokens of forms.
    forms: MacKey,
}

/// The console's router.
pub fn router(console: Console) -> Router {
    let shared = Shared {
        table: Arc::new(Table::of(&paths::all())),
        origins: Arc::new(Origins::of(&console.settings)),
        forms: console.secret.mac_key("console form"),
        console,
    };
    let mut router = Router::new();
    for route in paths::all() {
        router = router.route(route.path, route.handler);
    }
    let gate = middleware::from_fn_with_state(shared.clone(), gate::gate);
    let dress = middleware::from_fn_with_state(shared.clone(), dress::dress);
    router
        .route_layer(gate)
        .route(style::PATH, get(style::sheet))
        .fallback(problem::nowhere)
        // The gate reads the bodies, each up to the limit of its route.
        .layer(DefaultBodyLimit::disable())
        .layer(dress)
        .with_state(shared)
}

/// Every route: its method, its path and what it asks of its caller.
pub fn routes() -> Vec<(String, String, Asks)> {
    let line = |route: routes::Route| (route.method.to_string(), route.path.to_owned(), route.asks);
    paths::all().into_iter().map(line).collect()
}

/// Where the first account is made, as long as there is none: to be shown to whoever starts the
/// relay.
///
/// # Errors
/// Where the database does not answer.
pub async fn first_link(
    staff: &Staff,
    settings: &config::Console,
    now: Timestamp,
) -> Result<Option<String>, Unavailable> {
    let token = staff.first_link(now).await?;
    Ok(token.map(|token| link(settings, &token.reveal())))
}

/// Where the link leads by which an account's owner says that an address is theirs.
fn link_of_email(settings: &config::Console, token: &str) -> String {
    format!("{}/own/email/{token}", settings.base())
}

/// Where a one-time link leads.
pub fn link(settings: &config::Console, token: &str) -> String {
    format!("{}/link/{token}", settings.base())
}
