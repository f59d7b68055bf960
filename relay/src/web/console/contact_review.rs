//! `/yearly-review`: the contacts are looked over once in a while by somebody who signs for it (S45).

use askama::Template;
use jiff::Timestamp;
use serde_json::json;

use super::{
    Answer, Frame, Visit,
    guest::{Posted, redirect},
    owner::Owners,
    query::Query,
    statement::{Fault, text},
};
use crate::{
    consent::clock::{Figures, Review},
    staff::{Act, Action, Entry},
    web::html::form,
};

#[derive(Template)]
#[template(path = "console/contact_review.html")]
struct Page {
    frame: Frame,
    query: Query,
    owners: Owners,
    figures: Figures,
    /// Newest first.
    reviews: Vec<Review>,
    /// When the next one is due, where there was one.
    due: Option<Timestamp>,
    now: Timestamp,
    may_sign: bool,
    fault: Option<Fault>,
}

pub(super) async fn page(visit: Visit) -> Answer {
    let query = visit.query.clone();
    show(&visit, query, None).await
}

async fn show(visit: &Visit, query: Query, fault: Option<Fault>) -> Answer {
    let owners = Owners::of(visit, Action::SeeContacts, query.get("controller"))?;
    let consent = &visit.shared.console.consent;
    let owner = &owners.chosen;
    let reviews = consent.reviews(&owner.id).await?;
    let business = visit.shared.console.business.load_full();
    let every = business.pack_of(owner, visit.now).map(|pack| pack.terms.retention.review_every);
    let last = reviews.first().map(|last| last.at);
    let page = Page {
        frame: visit.frame(),
        figures: consent.review_figures(&owner.id, &owners.clocks(visit)?).await?,
        due: every.zip(last).map(|(every, last)| every.after(last, &owner.time_zone)),
        may_sign: visit.reach(Action::ChangeContacts).holds_controller(&owner.id),
        now: visit.now,
        owners,
        reviews,
        query,
        fault,
    };
    Ok(form(fault.is_some(), &page))
}

pub(super) async fn act(visit: Visit, posted: Posted) -> Answer {
    let said = posted.said();
    let owners = Owners::of(&visit, Action::ChangeContacts, said.get("controller"))?;
    let note = match text(&said, "note", 2_000) {
        Ok(Some(note)) => note,
        Ok(None) => return show(&visit, said, Some("console-review-note-missing")).await,
        Err(fault) => return show(&visit, said, Some(fault)).await,
    };
    let consent = &visit.shared.console.consent;
    let owner = &owners.chosen.id;
    let figures = consent.review_figures(owner, &owners.clocks(&visit)?).await?;
    let actor = visit.account().name.clone();
    consent.review_sign(owner, &Review { at: visit.now, actor, note, figures }).await?;
    let entry = Entry::new(Act::ReviewSigned, "").of(&**owner);
    visit.note(&entry.with(json!({ "contacts": figures.contacts }))).await?;
    let changes = [("controller", Some(owner.as_str())), ("done", Some("saved"))];
    Ok(redirect(&Query::default().url("/yearly-review", &changes)))
}

impl Page {
    /// What to look at: the list's condition, its text and its number.
    fn rows(&self) -> Vec<(String, &'static str, u64)> {
        let Figures {
            contacts,
            holding_nothing,
            refused_everything,
            active_customers,
            former_customers,
            inactive_customers,
            never_customers,
            silent,
        } = self.figures;
        let owner = Some(self.owners.chosen.id.as_str());
        let list = |name, value| {
            Query::default().url("/contacts", &[("controller", owner), (name, Some(value))])
        };
        vec![
            (list("state", ""), "console-review-contacts", contacts),
            (list("state", "nothing"), "console-contact-filter-nothing", holding_nothing),
            (
                list("state", "refused-everything"),
                "console-contact-filter-refused-everything",
                refused_everything,
            ),
            (list("customer", "active"), "console-contact-customer-active", active_customers),
            (list("customer", "former"), "console-contact-customer-former", former_customers),
            (list("customer", "inactive"), "console-contact-customer-inactive", inactive_customers),
            (list("customer", "never"), "console-contact-customer-never", never_customers),
            (list("state", "silent"), "console-contact-filter-silent", silent),
        ]
    }

    fn is_due(&self) -> bool {
        self.due.is_none_or(|due| due <= self.now)
    }
}
