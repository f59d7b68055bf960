//! What the overview and its files are made of, as a visitor's URL asks for it.

use super::{guest::Visit, problem::Problem};
use crate::figures::{Days, Decided, For, Reports, Sum};

/// `days` in the URL, one of [`CHOICES`].
pub(super) fn asked(visit: &Visit) -> Days {
    let asked = visit.query.get("days").and_then(|days| days.parse().ok());
    let count = asked.filter(|days| CHOICES.contains(days)).unwrap_or(DAYS);
    Days::of(visit.now, visit.zone(), count)
}

/// What was decided; the last day alone, too.
pub(super) async fn decided(visit: &Visit, days: &Days) -> Result<(Decided, Sum), Problem> {
    let decided = visit.shared.console.figures.decided(whose(visit), days).await?;
    let today = decided.days.last().map_or_else(Sum::default, |day| day.sum);
    Ok((decided, today))
}

pub(super) async fn reports(visit: &Visit, days: &Days) -> Result<Reports, Problem> {
    Ok(visit.shared.console.figures.reports(visit.now, whose(visit), days).await?)
}

fn whose(visit: &Visit) -> For<'_> {
    For { rights: &visit.account().rights, controller: visit.query.get("controller") }
}

/// How many days may be looked at.
pub(super) const CHOICES: [i64; 4] = [1, 7, 30, 90];
const DAYS: i64 = 30;
