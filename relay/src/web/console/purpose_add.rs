//! `/purposes/new`: a new reason for which addresses may be used. What an inspector would ask about it
//! is said before it is saved, as most of it cannot be changed once grants rest on it.

use std::sync::Arc;

use askama::Template;
use jiff::Span;
use policy::{Activity, Basis, Channel, Controller, Purpose, Requires, Validity};
use serde_json::json;

use super::{
    Answer, Frame, Visit,
    guest::{Posted, redirect},
    owner::Owners,
    problem::Problem,
    purpose_show::{entry, path, topics_of},
    query::Query,
    statement::{Fault, text, word},
};
use crate::{
    consent::{Lint, PurposeFault, lint},
    staff::{Act, Action},
    web::html::form,
};

#[derive(Template)]
#[template(path = "console/purpose_add.html")]
struct Page {
    frame: Frame,
    owner: Arc<Controller>,
    said: Query,
    /// It was sent before: what is ticked now was.
    is_again: bool,
    activity: Vec<(Activity, bool)>,
    lints: Vec<Lint>,
    fault: Option<Fault>,
}

pub(super) async fn page(visit: Visit) -> Answer {
    let said = visit.query.clone();
    let owners = Owners::of(&visit, Action::ChangePurposes, said.get("controller"))?;
    Ok(show(&visit, &owners, said, Vec::new(), None))
}

fn show(
    visit: &Visit,
    owners: &Owners,
    said: Query,
    lints: Vec<Lint>,
    fault: Option<Fault>,
) -> axum::response::Response {
    let is_again = fault.is_some() || !lints.is_empty();
    let chosen = kinds(&said);
    let page = Page {
        frame: visit.frame(),
        owner: Arc::clone(&owners.chosen),
        activity: Activity::ALL.into_iter().map(|kind| (kind, chosen.contains(&kind))).collect(),
        is_again,
        said,
        lints,
        fault,
    };
    form(is_again, &page)
}

pub(super) async fn act(visit: Visit, posted: Posted) -> Answer {
    let said = posted.said();
    let owners = Owners::of(&visit, Action::ChangePurposes, said.get("controller"))?;
    let purpose = match read(&owners.chosen.id, &said) {
        Ok(purpose) => purpose,
        Err(fault) => return Ok(show(&visit, &owners, said, Vec::new(), Some(fault))),
    };
    let lints = lint(&purpose);
    if !lints.is_empty() && !said.is("sure", "yes") {
        return Ok(show(&visit, &owners, said, lints, None));
    }
    let consent = &visit.shared.console.consent;
    match consent.purpose_add(visit.now, &purpose, &visit.by().actor).await {
        Ok(()) => {}
        Err(fault) => {
            let fault = told(fault)?;
            return Ok(show(&visit, &owners, said, lints, Some(fault)));
        }
    }
    let detail = json!({ "basis": purpose.basis, "duration": purpose.validity.span().to_string() });
    let owner = &owners.chosen.id;
    visit.note(&entry(Act::PurposeAdded, owner, &purpose.id).with(detail)).await?;
    Ok(redirect(&format!("{}&done=saved", path(owner, &purpose.id))))
}

fn told(fault: PurposeFault) -> Result<Fault, Problem> {
    Ok(match fault {
        PurposeFault::Exists => "console-purpose-exists",
        PurposeFault::Name => "console-purpose-name-wrong",
        PurposeFault::Duration => "console-purpose-duration-wrong",
        PurposeFault::Activity => "console-purpose-activity-wrong",
        PurposeFault::Unconfirmed => "console-purpose-unconfirmed",
        PurposeFault::Topics => "console-topics-wrong",
        PurposeFault::Store(fault) => return Err(fault.into()),
    })
}

fn read(owner: &str, said: &Query) -> Result<Purpose, Fault> {
    let id = said.get("id").filter(|id| id.len() <= 64).ok_or("console-purpose-name-wrong")?;
    let name = text(said, "name", 200)?.ok_or("console-purpose-name-wrong")?;
    let basis: Basis = word(said, "basis")?.ok_or("console-purpose-basis-missing")?;
    let span = span(said).ok_or("console-purpose-duration-wrong")?;
    let kinds = kinds(said);
    let validity = match kinds.is_empty() {
        true => Validity::Fixed(span),
        false => Validity::SinceActivity { span, kinds },
    };
    let channel: Channel = word(said, "channel")?.unwrap_or_default();
    let days: u16 =
        said.shown("expiring_days").parse().map_err(|_| "console-purpose-days-wrong")?;
    let topics = topics_of(said.shown("topics")).ok_or("console-topics-wrong")?;
    Ok(Purpose {
        requires: Requires {
            double_opt_in: said.is("double_opt_in", "yes"),
            age_declared: said.is("of_age", "yes"),
            once: said.is("once", "yes"),
        },
        channel,
        sensitive: said.is("sensitive", "yes"),
        expiring_days: Some(days)
            .filter(|days| *days <= 3650)
            .ok_or("console-purpose-days-wrong")?,
        note: text(said, "note", 2_000)?.unwrap_or_default(),
        topics,
        ..Purpose::new(owner, id, &name, basis, validity)
    })
}

/// A number and a unit.
fn span(said: &Query) -> Option<Span> {
    let count: i64 = said.get("count")?.parse().ok().filter(|count| (1..10_000).contains(count))?;
    match said.get("unit")? {
        "years" => Span::new().try_years(count).ok(),
        "months" => Span::new().try_months(count).ok(),
        "days" => Span::new().try_days(count).ok(),
        _ => None,
    }
}

fn kinds(said: &Query) -> Vec<Activity> {
    let names = ["since_purchase", "since_open", "since_click", "since_login"];
    let all = Activity::ALL.into_iter().zip(names);
    all.filter(|(_, name)| said.is(name, "yes")).map(|(kind, _)| kind).collect()
}

impl Page {
    /// As long as nobody chose otherwise a purpose asks for what its proof needs.
    fn is_ticked(&self, name: &str) -> bool {
        if self.is_again { self.said.is(name, "yes") } else { name == "double_opt_in" }
    }

    fn is_unit(&self, unit: &str) -> bool {
        self.or("unit", "years") == unit
    }

    fn or<'s>(&'s self, name: &str, otherwise: &'s str) -> &'s str {
        self.said.get(name).unwrap_or(otherwise)
    }
}

const BASES: [Basis; 6] = [
    Basis::Consent,
    Basis::LegitimateInterest,
    Basis::Contract,
    Basis::LegalObligation,
    Basis::PublicInterest,
    Basis::VitalInterest,
];
const CHANNELS: [Channel; 5] =
    [Channel::Email, Channel::Sms, Channel::Phone, Channel::Post, Channel::Social];
const UNITS: [(&str, &str); 3] = [
    ("years", "console-unit-years"),
    ("months", "console-unit-months"),
    ("days", "console-unit-days"),
];
