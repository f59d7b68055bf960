//! `/contacts/{id}`: everything on record for one address: what holds for each purpose and why not,
//! refusals, purchases, wishes, messages, and every statement with its proof, newest first (S39, S54).

use std::borrow::Cow;

use askama::Template;
use axum::http::StatusCode;
use jiff::Timestamp;
use policy::{Grant, Refusal, Source, Standing, Subscriber};
use serde_json::Value;
use uuid::Uuid;

use super::{
    Answer, Frame, Visit,
    audit_list::Names,
    decision_filter::scope,
    guest::Path,
    owner::{Person, reached},
    paging::Paging,
    problem::{MISSING, Problem},
};
use crate::{
    consent::{Customer, EventKind, List, Past, State, Who, Worth, customer, worth},
    decisions::{Decision, Filter, Search},
    rights::Dossier,
    staff::{Act, Action},
    web::{html::html, paper},
    words,
};

#[derive(Template)]
#[template(path = "console/contact_show.html")]
struct Page {
    frame: Frame,
    person: Person,
    of: Dossier,
    standing: Standing,
    now: Timestamp,
    customer: Customer,
    /// The version of the notice that the person was told last, and when.
    informed: Option<(String, Timestamp)>,
    past: Vec<Past>,
    paging: Paging,
    /// `None`: the role sees no messages.
    messages: Option<Vec<Decision>>,
    /// The same address at other controllers: name and page.
    elsewhere: Vec<(String, String)>,
    /// Of accounts, which write things down as `staff/<id>`.
    names: Names,
    may_change: bool,
    may_refuse: bool,
    may_export: bool,
}

pub(super) async fn page(visit: Visit, Path(id): Path<Uuid>) -> Answer {
    let person = Person::find(&visit, Action::SeeContacts, id).await?;
    let console = &visit.shared.console;
    let who = Who::key(&person.owner.id, person.brief.key);
    let dossier = Dossier::of(super::owner::stores(&visit), &person.owner, &who, visit.now).await?;
    let of = dossier.ok_or(MISSING)?;
    visit.note(&person.entry(Act::ContactSeen)).await?;
    let standing = console.consent.standing(person.brief.key).await?;
    let clocks = super::owner::clocks(&visit, &person.owner)?;
    let before = visit.query.get(super::paging::BEFORE);
    let newest = of.contact.past.iter().rev();
    let mut past: Vec<Past> = match before {
        Some(event) => newest.skip_while(|one| one.event != event).skip(1).cloned().collect(),
        None => newest.cloned().collect(),
    };
    past.truncate(super::paging::PAGE + 1);
    let path = person.path();
    let paging = Paging::of(&path, &visit.query, &mut past, |last| last.event.clone());
    let page = Page {
        frame: visit.frame(),
        customer: customer(&standing, &clocks),
        informed: informed(&of.contact.past),
        messages: messages(&visit, &person).await?,
        elsewhere: elsewhere(&visit, &person).await?,
        may_change: may(&visit, Action::ChangeContacts, &person),
        may_refuse: may(&visit, Action::Refuse, &person),
        may_export: may(&visit, Action::Export, &person),
        names: Names::read(&visit).await?,
        now: visit.now,
        past,
        paging,
        standing,
        person,
        of,
    };
    Ok(html(StatusCode::OK, &page))
}

fn may(visit: &Visit, action: Action, person: &Person) -> bool {
    visit.reach(action).holds_controller(&person.owner.id)
}

fn informed(past: &[Past]) -> Option<(String, Timestamp)> {
    let told = past.iter().filter(|one| EventKind::parse(&one.kind) == Some(EventKind::Informed));
    let last = told.max_by_key(|one| one.at)?;
    let version = last.detail.pointer("/notice/version").and_then(Value::as_str);
    Some((version.unwrap_or_default().to_owned(), last.at))
}

/// The newest verdicts about messages to the person.
async fn messages(visit: &Visit, person: &Person) -> Result<Option<Vec<Decision>>, Problem> {
    if !may(visit, Action::SeeMessages, person) {
        return Ok(None);
    }
    let console = &visit.shared.console;
    let asked =
        Filter { scope: scope(visit), recipients: vec![person.brief.key], ..Filter::default() };
    let search = Search::open(&console.db, &console.secret, asked).await?;
    let found = search.page(None, MESSAGES_MAX).await?;
    Ok(Some(found.decisions))
}

async fn elsewhere(visit: &Visit, person: &Person) -> Result<Vec<(String, String)>, Problem> {
    let Who { known: crate::consent::KnownBy::Address(address), .. } = person.who() else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    for owner in reached(visit, Action::SeeContacts) {
        if owner.id == person.owner.id {
            continue;
        }
        let who = Who::address(&owner.id, address.clone());
        if let Some(brief) = visit.shared.console.consent.brief(&who).await? {
            found.push((owner.name.clone(), format!("/contacts/{}", brief.id)));
        }
    }
    Ok(found)
}

impl Page {
    fn title(&self) -> Cow<'_, str> {
        match self.person.name() {
            "" => self.frame.say("console-contact-nameless"),
            name => name.into(),
        }
    }

    /// By its name.
    fn purpose<'p>(&'p self, id: &'p str) -> &'p str {
        self.of.purposes.iter().find(|own| own.id == id).map_or(id, |own| &own.name)
    }

    /// Whether it counts now, in which look, and why not.
    fn counts(&self, grant: &Grant) -> (&'static str, String) {
        let say = |id| self.frame.say(id).into_owned();
        let on = |id, at: &Timestamp| self.frame.with(id, &[("at", self.frame.moment(at).into())]);
        if grant.from > self.now {
            return ("wait", on("console-grant-future", &grant.from));
        }
        match worth(self.now, &self.standing, grant) {
            Worth::Valid => match self.refused_since(grant) {
                Some(since) => ("stop", on("console-grant-refused", &since)),
                None => ("go", say("console-grant-counts")),
            },
            Worth::Unconfirmed => ("wait", say("console-grant-unconfirmed")),
            Worth::Over(_, State::Invalidated) => ("stop", say("console-grant-void")),
            Worth::Over(at, State::Expired) => ("", on("console-grant-expired", &at)),
            Worth::Over(at, State::Terminated) => ("", on("console-grant-terminated", &at)),
            Worth::Over(at, State::Revoked) => ("stop", on("console-grant-revoked", &at)),
            Worth::Over(at, _) => ("stop", on("console-grant-withdrawn", &at)),
        }
    }

    /// A no that came with the grant or after it.
    fn refused_since(&self, grant: &Grant) -> Option<Timestamp> {
        let no = |own: &&Refusal| own.concerns(Some(&grant.purpose)) && own.since >= grant.from;
        let nos = self.standing.refusals.iter().filter(no);
        nos.map(|own| own.since).max().filter(|_| grant.basis.is_by_will())
    }

    /// Whether there is one to end.
    fn has_open(&self, grants: &[Grant]) -> bool {
        grants.iter().any(|grant| grant.withdrawn_at.is_none() && grant.until > self.now)
    }

    fn is_for_ever(&self, at: &Timestamp) -> bool {
        *at >= Timestamp::MAX
    }

    fn source(&self, grant: &Grant) -> Cow<'static, str> {
        self.frame.source(&grant.source)
    }

    fn scope(&self, refusal: &Refusal) -> String {
        paper::scope(self.frame.words, refusal, |id| self.purpose(id))
    }

    fn list(&self, list: &List) -> String {
        paper::list(self.frame.words, list, self.frame.day(&list.at))
    }

    fn customer(&self) -> Cow<'static, str> {
        self.frame.say(match self.customer {
            Customer::Active => "console-contact-customer-active",
            Customer::Former => "console-contact-customer-former",
            Customer::Inactive => "console-contact-customer-inactive",
            Customer::Never => "console-contact-customer-never",
        })
    }

    /// When the person first said no to everything or unsubscribed (S54).
    fn unsubscribed(&self) -> Option<Timestamp> {
        self.standing.refusals.iter().map(|own| own.since).min()
    }

    /// How the address first came to be used.
    fn origin(&self) -> Option<String> {
        let first = self.standing.grants.iter().min_by_key(|grant| grant.from)?;
        let (source, method) = (self.source(first), self.frame.words.method(&first.method));
        Some(format!("{source}, {method}"))
    }

    fn event<'p>(&self, kind: &'p str) -> Cow<'p, str> {
        EventKind::parse(kind).map_or(kind.into(), |kind| self.frame.say(kind.text_id()))
    }

    /// Fields and values of what an event says, or of its proof, in words.
    fn lines(&self, value: &Value) -> Vec<(String, String)> {
        let words = self.frame.words;
        let told = words::flat(value).into_iter().filter(|(_, said)| said != "false");
        let told = told.map(|(name, said)| {
            let field = if name.is_empty() { String::new() } else { words.field(&name) };
            (field, self.value(&name, said))
        });
        told.collect()
    }

    fn value(&self, name: &str, said: String) -> String {
        let word = |said: &str| Value::String(said.to_owned());
        let own = name.rsplit('.').next().unwrap_or(name);
        let known = match own {
            "method" => serde_json::from_value(word(&said))
                .map(|method| self.frame.words.method(&method).into_owned()),
            "basis" => serde_json::from_value(word(&said))
                .map(|basis| self.frame.words.basis(&basis).into_owned()),
            "source" => serde_json::from_value(word(&said))
                .map(|source| self.frame.source(&source).into_owned()),
            _ => said.parse().map(|at| self.frame.moment(&at)).map_err(serde::de::Error::custom),
        };
        known.unwrap_or_else(|_| self.frame.words.value(name, said))
    }

    /// Who wrote it down.
    fn by(&self, actor: &str) -> String {
        match actor.starts_with("staff/") {
            true => self.names.of(actor).to_owned(),
            false => self.frame.words.actor(actor),
        }
    }

    fn proof(&self, past: &Past) -> Option<Vec<(String, String)>> {
        past.evidence.as_ref().map(|value| self.lines(value))
    }
}

impl Frame {
    pub(super) fn subscriber(&self, subscriber: &Subscriber) -> Cow<'static, str> {
        self.say(match subscriber {
            Subscriber::Unknown => "console-subscriber-unknown",
            Subscriber::Individual => "console-subscriber-individual",
            Subscriber::SoleTrader => "console-subscriber-sole-trader",
            Subscriber::Corporate => "console-subscriber-corporate",
        })
    }

    pub(super) fn source(&self, source: &Source) -> Cow<'static, str> {
        self.say(match source {
            Source::Own => "console-source-own",
            Source::Purchased => "console-source-purchased",
            Source::Public => "console-source-public",
            Source::Scraped => "console-source-scraped",
        })
    }
}

const MESSAGES_MAX: usize = 20;
