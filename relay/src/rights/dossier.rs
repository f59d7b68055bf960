//! Everything on record about one person at one controller: the copy of GDPR art. 15(3) and 20(1).

use jiff::Timestamp;
use policy::{Controller, Grant, Refusal, Relation, Standing, Topic};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use crate::{
    consent::{Consent, Contact, List, State, Who, state},
    db::{Db, Error},
    journal,
    seal::{AddressKey, Secret},
    spool::{self, Spool},
    wish::{Told, Wish, Wishes},
};

/// Where it is read from.
#[derive(Clone, Copy, Debug)]
pub struct Stores<'a> {
    pub db: &'a Db,
    pub secret: &'a Secret,
    pub consent: &'a Consent,
    pub spool: &'a Spool,
}

#[derive(Clone, Debug, Serialize)]
pub struct Dossier {
    pub made_at: Timestamp,
    pub controller: Owner,
    #[serde(flatten)]
    pub contact: Contact,
    pub purposes: Vec<Purpose>,
    pub refusals: Vec<Refused>,
    pub relations: Vec<Relation>,
    /// What was decided and became of messages, newest first.
    pub messages: Vec<Fate>,
    /// On their way or held.
    pub waiting: Vec<Waiting>,
    /// What the person wrote back, as far as it may have meant no.
    pub letters: Vec<Letter>,
}

/// Who answers for the data.
#[derive(Clone, Debug, Serialize)]
pub struct Owner {
    pub id: String,
    pub name: String,
    pub company_id: Option<String>,
    pub seat: Option<String>,
    pub contact: Option<String>,
    pub privacy_url: Option<String>,
    /// How its data protection officer is reached.
    pub dpo: Option<String>,
}

/// Why the address may be used, and since when and until when.
#[derive(Clone, Debug, Serialize)]
pub struct Purpose {
    pub id: String,
    pub name: String,
    /// What the person may pick among.
    pub topics: Vec<Topic>,
    /// One of the W3C Data Privacy Vocabulary.
    pub state: State,
    pub grants: Vec<Grant>,
}

/// A no, and where it comes from where the person did not say it here.
#[derive(Clone, Debug, Serialize)]
pub struct Refused {
    #[serde(flatten)]
    pub refusal: Refusal,
    pub list: Option<List>,
}

/// One line of the journal about a message to the person.
#[derive(Clone, Debug, Serialize)]
pub struct Fate {
    pub at: Timestamp,
    pub what: &'static str,
    pub message: Option<Uuid>,
    pub stream: Option<String>,
    pub class: Option<String>,
    pub action: Option<String>,
    /// The rule in its way.
    pub rule: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
pub struct Waiting {
    pub delivery: Uuid,
    pub message: Uuid,
    pub state: &'static str,
    pub rule: Option<String>,
    pub until: Timestamp,
}

#[derive(Clone, Debug, Serialize)]
pub struct Letter {
    pub at: Timestamp,
    /// The message that it answers.
    pub message: Uuid,
    #[serde(flatten)]
    pub told: Told,
    /// When somebody read it.
    pub read_at: Option<Timestamp>,
}

impl From<Wish> for Letter {
    fn from(wish: Wish) -> Self {
        let Wish { at, about, told, read, .. } = wish;
        Self { at, message: about.message, told, read_at: read.map(|read| read.at) }
    }
}

impl Dossier {
    /// `None`: nothing is on record.
    pub async fn of(
        stores: Stores<'_>,
        owner: &Controller,
        who: &Who,
        now: Timestamp,
    ) -> Result<Option<Self>, Error> {
        let Some(contact) = stores.consent.contact(who).await? else { return Ok(None) };
        let key = contact.brief.key;
        let standing = stores.consent.standing(key).await?;
        let purposes = purposes(stores.consent, owner, &standing, now).await?;
        let mut lists = stores.consent.lists(&[key]).await?;
        let wishes = Wishes { db: stores.db.clone(), secret: stores.secret.clone() };
        let letters = wishes.of(key).await?.into_iter().map(Letter::from).collect();
        let refused = |refusal: Refusal| Refused { list: lists.remove(&refusal.event), refusal };
        let refusals = standing.refusals.into_iter().map(refused).collect();
        Ok(Some(Self {
            made_at: now,
            controller: Owner::of(owner),
            contact,
            purposes,
            refusals,
            relations: standing.relations,
            messages: fates(stores.db, key).await?,
            waiting: waiting(stores.spool, key).await?,
            letters,
        }))
    }
}

impl Owner {
    fn of(owner: &Controller) -> Self {
        Self {
            id: owner.id.clone(),
            name: owner.name.clone(),
            company_id: owner.company_id.clone(),
            seat: owner.seat.clone(),
            contact: owner.contact.clone(),
            privacy_url: owner.privacy_url.clone(),
            dpo: owner.dpo.clone(),
        }
    }
}

/// Those that the person was ever asked for or said something of.
async fn purposes(
    consent: &Consent,
    owner: &Controller,
    standing: &Standing,
    now: Timestamp,
) -> Result<Vec<Purpose>, Error> {
    let mut found = Vec::new();
    for purpose in consent.purposes().await? {
        let state = state(now, &purpose.id, standing);
        if purpose.controller != owner.id || state == State::Unknown {
            continue;
        }
        let mine = standing.grants.iter().filter(|grant| grant.purpose == purpose.id);
        let grants = mine.cloned().collect();
        let policy::Purpose { id, name, topics, .. } = purpose;
        found.push(Purpose { id, name, topics, state, grants });
    }
    Ok(found)
}

async fn fates(db: &Db, key: AddressKey) -> Result<Vec<Fate>, Error> {
    let mut filter = journal::Filter { recipients: vec![key], ..journal::Filter::default() };
    let mut found = Vec::new();
    loop {
        let lines = journal::list(db, &filter, PAGE).await?;
        filter.before = lines.last().map(|line| line.event.id);
        let full = lines.len() == PAGE;
        found.extend(lines.into_iter().map(Fate::from));
        if !full {
            return Ok(found);
        }
    }
}

impl From<journal::Line> for Fate {
    fn from(line: journal::Line) -> Self {
        let said = line.event.detail.value();
        let word = |at: &str| said.pointer(at).and_then(Value::as_str).map(str::to_owned);
        Self {
            at: line.event.at,
            what: line.event.kind.as_str(),
            message: line.event.message,
            stream: word("/stream").or_else(|| word("/facts/stream")),
            class: word("/class").or_else(|| word("/facts/class")),
            action: word("/action"),
            rule: word("/rule").or_else(|| word("/outcomes/broken/0/rule")),
        }
    }
}

async fn waiting(spool: &Spool, key: AddressKey) -> Result<Vec<Waiting>, Error> {
    let mut filter = spool::Filter { recipients: vec![key], ..spool::Filter::default() };
    let mut found = Vec::new();
    loop {
        let some = spool.list(&filter, PAGE).await?;
        filter.after = some.last().map(|delivery| delivery.id);
        let full = some.len() == PAGE;
        found.extend(some.into_iter().map(|delivery| Waiting {
            delivery: delivery.id,
            message: delivery.message,
            state: delivery.state.as_str(),
            rule: delivery.rule,
            until: delivery.expires_at,
        }));
        if !full {
            return Ok(found);
        }
    }
}

const PAGE: usize = 1000;
