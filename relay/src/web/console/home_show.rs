//! `/`: where a day begins: what was blocked and why, who may be written to, what waits.

use std::borrow::Cow;

use askama::Template;
use axum::http::StatusCode;
use jiff::{SignedDuration, Timestamp, civil::Date};

use super::{
    Answer, Frame, Visit,
    audit_list::Names,
    chart::Chart,
    home_figures::{CHOICES, asked, decided, reports},
    owner::own_of,
    query::Query,
    wish_list::wishes,
};
use crate::{
    consent::{ENDS_DAYS, Held},
    figures::{Days, Decided, Reports, Sum},
    spool::State,
    staff::Action,
    web::html::html,
};

#[derive(Template)]
#[template(path = "console/home_show.html")]
struct Page<'a> {
    frame: Frame,
    name: &'a str,
    query: Query,
    /// Few enough that new ones should be made.
    codes_left: Option<i64>,
    lacks_factor: bool,
    days: Days,
    /// Ids of the controllers among which one may choose, where there are several.
    controllers: Vec<String>,
    decided: Decided,
    today: Sum,
    charts: Vec<Chart>,
    reports: Option<Reports>,
    /// Letters that nobody has read yet.
    wishes: u64,
    names: Names,
    now: Timestamp,
}

pub(super) async fn page(visit: Visit) -> Answer {
    let account = visit.account();
    let left = visit.shared.console.staff.codes_left(account.id).await?;
    let days = asked(&visit);
    let (decided, today) = decided(&visit, &days).await?;
    let may_report = visit.may(Action::SeeReports);
    let frame = visit.frame();
    let readers = own_of(&visit, Action::SeeContacts);
    let page = Page {
        wishes: wishes(&visit).unread(readers.as_deref()).await?,
        charts: charts(&frame, &decided),
        reports: if may_report { Some(reports(&visit, &days).await?) } else { None },
        controllers: controllers(&visit),
        names: Names::read(&visit).await?,
        query: visit.query.clone(),
        frame,
        name: &account.name,
        codes_left: Some(left).filter(|left| account.has_factor && *left <= FEW),
        lacks_factor: !account.has_factor && account.has_password,
        days,
        decided,
        today,
        now: visit.now,
    };
    Ok(html(StatusCode::OK, &page))
}

fn controllers(visit: &Visit) -> Vec<String> {
    let reach = visit.reach(Action::SeeMessages);
    let business = visit.shared.console.business.load();
    let all = business.controllers.iter().map(|one| one.id.clone());
    let own: Vec<String> = all.filter(|id| reach.holds_controller(id)).collect();
    if own.len() > 1 { own } else { Vec::new() }
}

/// What was blocked day by day, and all that was decided.
fn charts(frame: &Frame, decided: &Decided) -> Vec<Chart> {
    let columns = |parts: fn(&Sum) -> Vec<u64>| -> Vec<(String, Vec<u64>)> {
        let days = decided.days.iter();
        days.map(|day| (day.date.strftime("%-d.%-m.").to_string(), parts(&day.sum))).collect()
    };
    let about = |count: u64, most: Option<(Date, u64)>| {
        let (day, most) = most.unwrap_or_default();
        let values = [
            ("count", frame.count(&count).into()),
            ("day", frame.words.day(day).into()),
            ("most", frame.count(&most).into()),
        ];
        frame.with("console-overview-chart-about", &values)
    };
    let most = |number: fn(&Sum) -> u64| {
        decided.days.iter().map(|day| (day.date, number(&day.sum))).max_by_key(|(_, count)| *count)
    };
    let title = |id| frame.say(id).into_owned();
    let parts = ["console-fate-refused", "console-fate-held", "console-fate-stopped"];
    let blocked = about(decided.whole.blocked(), most(Sum::blocked));
    let all = about(decided.whole.all, most(|sum| sum.all));
    vec![
        Chart::new("blocked", title("console-overview-blocked-days"), blocked)
            .of_parts(parts.map(title).into())
            .with(&columns(|sum| vec![sum.refused, sum.held, sum.stopped])),
        Chart::new("all", title("console-overview-decided-days"), all)
            .with(&columns(|sum| vec![sum.all])),
    ]
}

impl Page<'_> {
    /// The decisions behind a number.
    fn link(&self, what: &str, name: &str, value: &str) -> String {
        let (from, until) = (self.days.first.to_string(), self.days.last.to_string());
        let mut asked = vec![
            ("what", Some(what)),
            ("from", Some(from.as_str())),
            ("until", Some(until.as_str())),
            ("days", None),
        ];
        if !name.is_empty() {
            asked.push((name, Some(value)));
        }
        self.query.url("/decisions", &asked)
    }

    fn export(&self, table: &str, format: &str) -> String {
        self.query.url("/reports", &[("table", Some(table)), ("format", Some(format))])
    }

    fn day_link(&self, day: &Date) -> String {
        let day = day.to_string();
        let asked = [("from", Some(day.as_str())), ("until", Some(&day)), ("days", None)];
        self.query.url("/decisions", &asked)
    }

    fn most_blocked(&self, sums: &[(String, Sum)]) -> u64 {
        sums.iter().map(|(_, sum)| sum.blocked()).max().unwrap_or(0)
    }

    fn most_lacked(&self) -> u64 {
        self.decided.lacked.iter().map(|(_, count)| *count).max().unwrap_or(0)
    }

    /// Days, and how many grants end within them.
    fn ends(&self, held: &Held) -> Vec<(i64, u64)> {
        ENDS_DAYS.into_iter().zip(held.ends).collect()
    }

    fn state(&self, state: &State) -> Cow<'static, str> {
        self.frame.say(state.text_id())
    }
}

/// What several pages say alike.
impl Frame {
    /// How much of a hundred, with one decimal: `12.5 %`.
    pub(super) fn percent(&self, part: &u64, whole: &u64) -> String {
        self.words.share(*part, *whole)
    }

    /// Hundredths of a per cent: `0.30 %`.
    pub(super) fn hundredths(&self, share: &u64) -> String {
        self.words.hundredths(*share)
    }

    /// A time that passed, to its two largest parts.
    pub(super) fn lasted(&self, time: &SignedDuration) -> String {
        let seconds = time.as_secs().max(0);
        let parts = [
            (seconds / 86_400, "console-time-days"),
            (seconds / 3_600 % 24, "console-time-hours"),
            (seconds / 60 % 60, "console-time-minutes"),
            (seconds % 60, "console-time-seconds"),
        ];
        let first = parts.iter().position(|(count, _)| *count > 0).unwrap_or(parts.len() - 1);
        let told = parts.iter().skip(first).take(2).filter(|(count, _)| *count > 0 || first == 3);
        let told: Vec<String> =
            told.map(|(count, id)| self.with(id, &[("count", (*count).into())])).collect();
        told.join(" ")
    }

    /// How long ago.
    pub(super) fn age(&self, at: &Timestamp, now: &Timestamp) -> String {
        self.lasted(&now.duration_since(*at))
    }
}

/// Recovery codes.
const FEW: i64 = 3;
