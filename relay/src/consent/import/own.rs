//! What the relay itself exported: each contact as a line of JSON, or each grant and refusal as a
//! line of a table. Purposes keep their ids where nothing else is said of them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use policy::{Country, Ended, Method, Preference, Source, Subscriber};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{
    columns::{Columns, is_yes},
    lines::Record,
    mapping::Mapped,
    row::{More, Person, Read, Reader, Row, Says, Why, Yes},
};
use crate::consent::{
    About,
    export::{Granted, Whole, plain_cell},
};

impl Reader {
    pub(super) fn whole(&self, line: u64, object: &Map<String, Value>) -> Result<Read, Why> {
        let row = Value::Object(object.clone());
        let whole: Whole =
            serde_json::from_value(row.clone()).map_err(|fault| Why::Json(fault.to_string()))?;
        let address = whole.address.as_deref().ok_or(Why::NoAddress)?;
        let evidence = self.evidence(line, row, None);
        let person = self.person(address, whole.country.as_deref(), evidence)?;
        let mut read = Read::default();
        for refused in &whole.refusals {
            let scope = match &refused.purpose {
                None => Ok(Some(None)),
                Some(id) => self.renamed(id).map(|found| found.map(Some)),
            };
            let except = || refused.except.iter().map(String::as_str);
            let no = |purpose| self.no_but(&person, (purpose, except()), Some(refused.since));
            read.take(scope.map(|scope| scope.map(no)));
        }
        for granted in &whole.grants {
            let row = self.granted(line, &whole, &person, granted);
            read.take(row);
        }
        self.more(&whole, &person, &mut read);
        Ok(read)
    }

    /// What is neither a grant nor a refusal.
    fn more(&self, whole: &Whole, person: &Person, read: &mut Read) {
        let about = about(whole.country.as_deref(), whole.subscriber, whole.published);
        let more = |at, more| self.row(person, at, Says::More(Box::new(more)));
        // As old as the contact: who was erased since is not described anew.
        let known_at = whole.created_at.unwrap_or(self.now);
        read.rows.push(more(known_at, More::About(about)));
        for relation in &whole.relations {
            read.rows.push(more(relation.at, More::Relation(relation.clone())));
        }
        for active in &whole.activity {
            read.rows.push(more(active.at, More::Activity(active.kind)));
        }
        if let Some(told) = &whole.notice {
            read.rows.push(more(told.at, More::Notice(told.notice.clone())));
        }
        for preference in &whole.preferences {
            match self.preferred(preference) {
                Ok(Some(own)) => read.rows.push(more(known_at, More::Preference(own))),
                Ok(None) => {}
                Err(why) => read.rejected.push(why),
            }
        }
    }

    /// With the purpose's name here. Topics that it lacks here are not passed over: the person
    /// narrowed the consent by them.
    fn preferred(&self, preference: &Preference) -> Result<Option<Preference>, Why> {
        let Some(id) = &preference.purpose else { return Ok(Some(preference.clone())) };
        let purpose = self.renamed(id)?.and_then(|at| self.purposes.get(at));
        let Some(purpose) = purpose else { return Ok(None) };
        let has = |id: &str| purpose.topics.iter().any(|topic| topic.id == id);
        let mut picked = preference.topics.iter().flatten();
        if let Some(unknown) = picked.find(|id| !has(id)) {
            return Err(Why::NoTopic(purpose.id.clone(), unknown.clone()));
        }
        Ok(Some(Preference { purpose: Some(purpose.id.clone()), ..preference.clone() }))
    }

    /// With the evidence of its own in place of the whole contact.
    fn granted(
        &self,
        line: u64,
        whole: &Whole,
        person: &Person,
        granted: &Granted,
    ) -> Result<Option<Row>, Why> {
        let wording = granted.evidence.as_ref().and_then(|own| own.get("wording"));
        let wording = wording.and_then(Value::as_str).map(str::to_owned);
        let mut row = serde_json::to_value(granted).unwrap_or_default();
        if let (Some(fields), Some(address)) = (row.as_object_mut(), &whole.address) {
            fields.insert("address".to_owned(), Value::String(address.clone()));
        }
        let person = Person {
            key: person.key,
            address: person.address.clone(),
            country: person.country.clone(),
            evidence: self.evidence(line, row, wording.as_deref()),
        };
        let given = Given {
            purpose: &granted.purpose,
            from: granted.from,
            until: granted.until,
            method: granted.method,
            source: granted.source,
            confirmed_at: granted.confirmed_at,
            of_age: granted.of_age,
            worded: wording.is_some(),
            ended: granted.ended_at.map(|at| (at, granted.ended.unwrap_or_default())),
        };
        self.given(&person, given)
    }

    fn given(&self, person: &Person, given: Given<'_>) -> Result<Option<Row>, Why> {
        let word = match given.source {
            Source::Own => "",
            Source::Purchased => "purchased",
            Source::Public => "public",
            Source::Scraped => "scraped",
        };
        if !word.is_empty() {
            return Err(Why::Source(word));
        }
        let Some(purpose) = self.renamed(given.purpose)? else { return Ok(None) };
        let until = self.until(purpose, given.from, Some(given.until))?;
        let Given { method, confirmed_at, of_age, worded, ended, .. } = given;
        let yes = Yes { purpose, until, method, confirmed_at, of_age, worded, ended };
        Ok(Some(self.row(person, given.from, Says::Yes(yes))))
    }

    /// A no with the purposes that it leaves out, as far as there are such here.
    fn no_but<'t>(
        &self,
        person: &Person,
        (purpose, except): (Option<usize>, impl Iterator<Item = &'t str>),
        at: Option<Timestamp>,
    ) -> Row {
        let except = except.filter_map(|id| self.renamed(id).ok().flatten()).collect();
        let mut row = self.no(person, purpose, at);
        row.says = Says::No { purpose, except };
        row
    }

    /// The purpose that one of the file is here; `None`: it is left out.
    fn renamed(&self, id: &str) -> Result<Option<usize>, Why> {
        match self.plan.purposes.named(&[id]) {
            Some(Mapped::To(id)) => self.purpose(id).map(Some),
            Some(Mapped::LeftOut | Mapped::Nothing) => Ok(None),
            None => self.purpose(id).map(Some),
        }
    }

    pub(super) fn own_table(&self, columns: &Columns, record: &Record) -> Result<Read, Why> {
        let (found, expected) = (record.fields.len(), columns.names.len());
        if found != expected {
            return Err(Why::Columns { found, expected });
        }
        let pairs = columns.names.iter().zip(&record.fields);
        let cells: BTreeMap<&str, &str> = pairs
            .map(|(name, text)| (name.as_str(), plain_cell(text)))
            .filter(|(_, text)| !text.is_empty())
            .collect();
        let cell = |name| cells.get(name).copied();
        let row = cells.iter().map(|(name, text)| ((*name).to_owned(), Value::from(*text)));
        let evidence = self.evidence(record.line, Value::Object(row.collect()), cell("wording"));
        let address = cell("email").ok_or(Why::NoAddress)?;
        let person = self.person(address, cell("country"), evidence)?;
        let mut read = Read::default();
        match cell("record") {
            Some("grant") => {
                let row = self.own_grant(&person, &cells);
                read.take(row);
            }
            Some("refusal") => {
                let since = self.moment(&cells, "valid_from")?;
                let purpose = match cell("purpose") {
                    None => Some(None),
                    Some(id) => self.renamed(id)?.map(Some),
                };
                let except = cell("except").unwrap_or_default().split_whitespace();
                let no = |purpose| self.no_but(&person, (purpose, except), since);
                read.rows.extend(purpose.map(no));
            }
            Some("contact") => {}
            Some(_) | None => return Err(Why::Field("record")),
        }
        let subscriber = word::<Subscriber>(&cells, "subscriber")?.unwrap_or_default();
        let published = cell("published").is_some_and(is_yes);
        if cell("record") == Some("contact") || published || subscriber != Subscriber::Unknown {
            let about = More::About(about(cell("country"), subscriber, published));
            let known_at = self.moment(&cells, "created_at")?.unwrap_or(self.now);
            read.rows.push(self.row(&person, known_at, Says::More(Box::new(about))));
        }
        read.left_out = read.rows.is_empty() && read.rejected.is_empty();
        Ok(read)
    }

    fn own_grant(&self, person: &Person, cells: &BTreeMap<&str, &str>) -> Result<Option<Row>, Why> {
        let ended = match self.moment(cells, "ended_at")? {
            None => None,
            Some(at) => Some((at, word::<Ended>(cells, "ended")?.unwrap_or_default())),
        };
        let purpose = cells.get("purpose").copied().ok_or(Why::Field("purpose"))?;
        let confirmed_at = self.moment(cells, "doi_date")?;
        let given = Given {
            purpose,
            from: self.moment(cells, "valid_from")?.ok_or(Why::NoDate)?,
            until: self.moment(cells, "valid_to")?.ok_or(Why::Until)?,
            method: word::<Method>(cells, "method")?.unwrap_or(Method::Import),
            source: word::<Source>(cells, "source")?.unwrap_or(Source::Own),
            confirmed_at,
            of_age: cells.get("of_age").is_some_and(|text| is_yes(text)),
            worded: cells.contains_key("wording"),
            ended,
        };
        self.given(person, given)
    }

    fn moment(&self, cells: &BTreeMap<&str, &str>, name: &str) -> Result<Option<Timestamp>, Why> {
        cells.get(name).map(|text| self.date(text)).transpose()
    }
}

/// What is said of a contact itself; what was not known stays so.
fn about(country: Option<&str>, subscriber: Subscriber, published: bool) -> About {
    let country = country.and_then(|code| code.to_ascii_uppercase().into_bytes().try_into().ok());
    About {
        country: country.map(Country),
        subscriber: Some(subscriber).filter(|known| *known != Subscriber::Unknown),
        published: published.then_some(true),
    }
}

/// A grant as an export has it.
struct Given<'a> {
    purpose: &'a str,
    from: Timestamp,
    until: Timestamp,
    method: Method,
    source: Source,
    confirmed_at: Option<Timestamp>,
    of_age: bool,
    worded: bool,
    ended: Option<(Timestamp, Ended)>,
}

fn word<T: DeserializeOwned>(
    cells: &BTreeMap<&str, &str>,
    name: &'static str,
) -> Result<Option<T>, Why> {
    let read = |text: &&str| serde_json::from_value(Value::from(*text));
    cells.get(name).map(read).transpose().map_err(|_| Why::Field(name))
}
