//! `/purposes`: why a controller may use addresses, who holds each, what ends soon, and what an inspector
//! would ask about (S66).

use askama::Template;
use axum::http::StatusCode;
use policy::{Activity, Channel, Purpose, Validity};

use super::{Answer, Frame, Visit, owner::Owners, problem::Problem, query::Query};
use crate::{
    consent::{Filter, Lint, lint, strays},
    staff::Action,
    web::{html::html, public::lacking},
};

#[derive(Template)]
#[template(path = "console/purpose_list.html")]
struct Page {
    frame: Frame,
    query: Query,
    owners: Owners,
    rows: Vec<Row>,
    /// Forms that ask for a purpose that is not there: both names.
    forms: Vec<(String, String)>,
    /// Streams with a topic that their purpose does not have: stream, purpose, topic.
    streams: Vec<(String, String, String)>,
    may_change: bool,
}

struct Row {
    purpose: Purpose,
    lints: Vec<Lint>,
    /// `None`: not counted in time.
    holders: Option<u64>,
    ending: Option<u64>,
}

pub(super) async fn page(visit: Visit) -> Answer {
    let owners = Owners::of(&visit, Action::SeePurposes, visit.query.get("controller"))?;
    let consent = &visit.shared.console.consent;
    let purposes = consent.purposes_of(&owners.chosen.id).await?;
    let (forms, streams) = doubts(&visit, &owners, &purposes).await?;
    let mut rows = Vec::with_capacity(purposes.len());
    let patience = tokio::time::Instant::now() + super::owner::COUNT_PATIENCE;
    for purpose in purposes {
        let holds = Filter::Holds(purpose.id.clone());
        let ends = Filter::Ends { purpose: purpose.id.clone(), within_days: SOON_DAYS };
        let counts = async {
            let holders = owners.count(&visit, &holds).await?;
            Ok::<_, Problem>((holders, owners.count(&visit, &ends).await?))
        };
        // What cannot be counted while somebody waits is left out.
        let counted = tokio::time::timeout_at(patience, counts).await;
        let (holders, ending) = counted.unwrap_or(Ok((None, None)))?;
        rows.push(Row { lints: lint(&purpose), purpose, holders, ending });
    }
    let page = Page {
        frame: visit.frame(),
        may_change: visit.reach(Action::ChangePurposes).holds_controller(&owners.chosen.id),
        query: visit.query.clone(),
        owners,
        rows,
        forms,
        streams,
    };
    Ok(html(StatusCode::OK, &page))
}

type Doubts = (Vec<(String, String)>, Vec<(String, String, String)>);

async fn doubts(visit: &Visit, owners: &Owners, purposes: &[Purpose]) -> Result<Doubts, Problem> {
    let business = visit.shared.console.business.load_full();
    let owner = &owners.chosen.id;
    let lacking = lacking(&business, &visit.shared.console.consent).await?;
    let is_own = |form: &str| business.form(form).is_some_and(|form| form.controller.id == *owner);
    let forms = lacking.into_iter().filter(|lack| is_own(&lack.form));
    let forms = forms.map(|lack| (lack.form, lack.purpose)).collect();
    let own = business.streams.iter().map(|mapping| &*mapping.stream);
    let own = own.filter(|stream| stream.controller.id == *owner);
    let streams = strays(own, purposes).map(|stream| {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        (stream.id.clone(), text(&stream.purpose), text(&stream.topic))
    });
    Ok((forms, streams.collect()))
}

/// What templates of purposes say alike.
impl Frame {
    pub(super) fn lint(&self, lint: &Lint) -> std::borrow::Cow<'static, str> {
        self.say(match lint {
            Lint::ConsentOverFiveYears => "console-lint-consent-over-five-years",
            Lint::ActivityOverFourYears => "console-lint-activity-over-four-years",
            Lint::InterestOverTwoYears => "console-lint-interest-over-two-years",
            Lint::OverTenYears => "console-lint-over-ten-years",
            Lint::NoDoubleOptIn => "console-lint-no-double-opt-in",
            Lint::OpensAlone => "console-lint-opens-alone",
            Lint::NoAge => "console-lint-no-age",
            Lint::EndsUnannounced => "console-lint-ends-unannounced",
            Lint::AnnouncedAtOnce => "console-lint-announced-at-once",
            Lint::UnusualBasis => "console-lint-unusual-basis",
            Lint::OtherChannel => "console-lint-other-channel",
            Lint::NoNote => "console-lint-no-note",
        })
    }

    pub(super) fn channel(&self, channel: &Channel) -> std::borrow::Cow<'static, str> {
        self.say(match channel {
            Channel::Email => "console-channel-email",
            Channel::Sms => "console-channel-sms",
            Channel::Phone => "console-channel-phone",
            Channel::Post => "console-channel-post",
            Channel::Social => "console-channel-social",
        })
    }

    pub(super) fn activity(&self, kind: &Activity) -> std::borrow::Cow<'static, str> {
        self.say(match kind {
            Activity::Purchase => "console-activity-purchase",
            Activity::Open => "console-activity-open",
            Activity::Click => "console-activity-click",
            Activity::Login => "console-activity-login",
        })
    }

    /// How long a grant counts, and from when.
    pub(super) fn lasts(&self, validity: &Validity) -> String {
        let span = self.span(validity.span());
        match validity {
            Validity::Fixed(_) => span,
            Validity::SinceActivity { kinds, .. } => {
                let kinds: Vec<_> = kinds.iter().map(|kind| self.activity(kind)).collect();
                let values = [("span", span.into()), ("kinds", kinds.join(", ").into())];
                self.with("console-purpose-since-activity", &values)
            }
        }
    }

    /// In the one unit that people gave it in, else as it is written down.
    fn span(&self, span: jiff::Span) -> String {
        let units = [
            ("console-span-years", i64::from(span.get_years())),
            ("console-span-months", i64::from(span.get_months())),
            ("console-span-weeks", i64::from(span.get_weeks())),
            ("console-span-days", i64::from(span.get_days())),
        ];
        let told = units.iter().filter(|(_, count)| *count != 0);
        let told: Vec<String> =
            told.map(|(id, count)| self.with(id, &[("count", (*count).into())])).collect();
        if told.is_empty() { span.to_string() } else { told.join(" ") }
    }

    /// All that it asks of a grant beyond the law.
    pub(super) fn asks(&self, purpose: &Purpose) -> Vec<std::borrow::Cow<'static, str>> {
        let requires = &purpose.requires;
        let all = [
            (requires.double_opt_in, "console-purpose-double-opt-in"),
            (requires.once, "console-purpose-once"),
            (requires.age_declared, "console-purpose-of-age"),
            (purpose.sensitive, "console-purpose-sensitive"),
        ];
        all.into_iter().filter(|(is, _)| *is).map(|(_, id)| self.say(id)).collect()
    }

    /// A number that may not have been counted in time.
    pub(super) fn maybe_count(&self, count: &Option<u64>) -> String {
        count.as_ref().map_or_else(|| "…".to_owned(), |count| self.count(count))
    }
}

/// What ends so soon is counted.
pub(super) const SOON_DAYS: u16 = 30;
