//! `/own`: one's own account: password, second factor, recovery codes, letters, sessions, language.

use askama::Template;

use super::{Answer, Frame, Visit, problem::Problem};
use crate::{
    staff::{Account, Action, Letter, Listed, Rhythm},
    web::html::form,
};

#[derive(Template)]
#[template(path = "console/own_show.html")]
struct Page<'a> {
    frame: Frame,
    account: &'a Account,
    codes_left: i64,
    /// Those that it may have, and how often it wants them.
    letters: Vec<(Letter, Option<Rhythm>)>,
    sessions: Vec<Listed>,
    /// Each may be ended but this one.
    ending: Option<uuid::Uuid>,
    faults: Faults,
}

/// Ids of what is wrong with what was typed.
#[derive(Clone, Copy, Default)]
pub(super) struct Faults {
    pub password: Option<&'static str>,
    pub new: Option<&'static str>,
    pub codes: Option<&'static str>,
    pub email: Option<&'static str>,
}

pub(super) async fn page(visit: Visit) -> Answer {
    show(&visit, Faults::default()).await
}

pub(super) async fn show(visit: &Visit, faults: Faults) -> Answer {
    let staff = &visit.shared.console.staff;
    let page = Page {
        frame: visit.frame(),
        account: visit.account(),
        letters: letters(visit).await?,
        codes_left: staff.codes_left(visit.id()).await?,
        sessions: staff.sessions(visit.now, visit.id()).await?,
        ending: Some(visit.session.id),
        faults,
    };
    let Faults { password, new, codes, email } = faults;
    let is_wrong = [password, new, codes, email].iter().any(Option::is_some);
    Ok(form(is_wrong, &page))
}

async fn letters(visit: &Visit) -> Result<Vec<(Letter, Option<Rhythm>)>, Problem> {
    let chosen = visit.shared.console.staff.letters(visit.id()).await?;
    let chosen = |letter| chosen.iter().find(|(own, _)| *own == letter).map(|(_, often)| *often);
    Ok(offered(visit).map(|letter| (letter, chosen(letter))).collect())
}

/// What its roles have something to say about.
pub(super) fn offered(visit: &Visit) -> impl Iterator<Item = Letter> {
    Letter::ALL.into_iter().filter(|letter| {
        visit.may(match letter {
            Letter::Held => Action::SeeMessages,
            Letter::Overview => Action::SeeReports,
        })
    })
}

impl Page<'_> {
    fn is(&self, chosen: &Option<Rhythm>, rhythm: &Rhythm) -> bool {
        *chosen == Some(*rhythm)
    }
}
