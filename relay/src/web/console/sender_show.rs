//! `/senders/{name}`: one login: its rights, its tool, what became of what it sent, and the word that
//! suspends it.

use askama::Template;
use axum::http::StatusCode;

use super::{
    Answer, Frame, Visit,
    guest::Path,
    problem::MISSING,
    sender_list::{Sender, senders},
};
use crate::{
    decisions::{self, Decision, Fate, Filter, Search},
    figures::{Days, Rates, Sum},
    login::{Mixed, Refusals},
    staff::Action,
    web::html::html,
};

#[derive(Template)]
#[template(path = "console/sender_show.html")]
struct Page {
    frame: Frame,
    sender: Sender,
    outcomes: Rates,
    /// In one hour of the month at most.
    busiest: u64,
    /// The newest that were blocked.
    blocked: Vec<Decision>,
    may_change: bool,
}

pub(super) async fn page(visit: Visit, Path(name): Path<String>) -> Answer {
    let console = &visit.shared.console;
    let all = senders(&visit).await?;
    let sender = all.into_iter().find(|one| one.name == name).ok_or(MISSING)?;
    let month = Days::of(visit.now, visit.zone(), 30).span;
    let outcomes = decisions::outcomes(&console.db, month.from, month.until).await?;
    let of_login = Filter {
        login: Some(name.clone()),
        from: Some(month.from),
        fates: Fate::ALL.into_iter().filter(|fate| fate.is_blocked()).collect(),
        ..Filter::default()
    };
    let blocked = Search::open(&console.db, &console.secret, of_login.clone()).await?;
    let any = Filter { fates: Vec::new(), ..of_login };
    let hours = Search::open(&console.db, &console.secret, any).await?.hours().await?;
    let busiest = hours.chunk_by(|a, b| a.at == b.at);
    let busiest = busiest.map(|hour| hour.iter().map(|one| one.count).sum()).max();
    let page = Page {
        frame: visit.frame(),
        outcomes: Rates::of(outcomes.iter().filter(|one| one.login == name)),
        busiest: busiest.unwrap_or(0),
        blocked: blocked.page(None, NEWEST).await?.decisions,
        may_change: visit.may(Action::ChangeSenders),
        sender,
    };
    Ok(html(StatusCode::OK, &page))
}

impl Page {
    /// The shorter time and the longer one.
    fn sums(&self) -> [(&'static str, Sum); 2] {
        [("console-sender-week", self.sender.week), ("console-sender-month", self.sender.month)]
    }

    /// What the tool sees when a recipient may not get the message.
    fn refusals(&self, refusals: &Refusals) -> &'static str {
        match refusals {
            Refusals::Reply => "console-sender-reply",
            Refusals::Suppress => "console-sender-suppress",
        }
    }

    /// What happens when only some may get it.
    fn mixed(&self, mixed: &Mixed) -> &'static str {
        match mixed {
            Mixed::Split => "console-sender-split",
            Mixed::Refuse => "console-sender-refuse",
        }
    }
}

const NEWEST: usize = 10;
