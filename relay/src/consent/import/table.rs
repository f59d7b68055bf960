//! Lines of a table, and objects that are as flat as one: Ecomail, Mailchimp, SmartEmailing's and
//! listmonk's CSV, and whatever else has an address.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::{
    columns::{Columns, is_yes},
    format::Format,
    lines::Record,
    mapping::Mapped,
    row::{Agreed, Person, Read, Reader, Row, Why, shown},
    status::{self, Status},
};

/// One line with the names of its columns.
struct Line<'a> {
    columns: &'a Columns,
    fields: &'a [String],
}

impl Line<'_> {
    fn field(&self, at: Option<usize>) -> Option<&str> {
        let text = at.and_then(|at| self.fields.get(at)).map(String::as_str);
        text.filter(|text| !text.is_empty())
    }

    /// All that it says, by the columns' names.
    fn whole(&self) -> Value {
        let names = self.columns.names.iter().zip(self.fields);
        let row: Map<String, Value> = names
            .filter(|(_, text)| !text.is_empty())
            .map(|(name, text)| (name.clone(), Value::String(text.clone())))
            .collect();
        Value::Object(row)
    }

    /// The lists and tags that it names: `7, "vip"`.
    fn lists(&self) -> Vec<&str> {
        let texts = self.columns.lists.iter().filter_map(|at| self.field(Some(*at)));
        let parts = texts.flat_map(|text| text.split([',', ';', '|']));
        let parts = parts.map(|part| part.trim_matches([' ', '"', '[', ']']));
        parts.filter(|part| !part.is_empty()).collect()
    }
}

impl Reader {
    pub(super) fn table(&self, columns: &Columns, record: &Record) -> Result<Read, Why> {
        let (found, expected) = (record.fields.len(), columns.names.len());
        if found != expected {
            return Err(Why::Columns { found, expected });
        }
        self.line(&Line { columns, fields: &record.fields }, record.line)
    }

    /// An object whose values are texts and numbers.
    pub(super) fn flat(&self, line: u64, object: &Map<String, Value>) -> Result<Read, Why> {
        let (mut names, mut fields) = (Vec::new(), Vec::new());
        for (name, value) in object {
            names.push(name.clone());
            let text = match value.as_array() {
                Some(all) => Some(all.iter().filter_map(tag).collect::<Vec<_>>().join(",")),
                None => shown(value),
            };
            fields.push(text.unwrap_or_default());
        }
        let only = self.plan.only.as_ref().map(|(name, _)| name.as_str());
        let columns = Columns::find(&names, only).ok_or(Why::NoAddress)?;
        self.line(&Line { columns: &columns, fields: &fields }, line)
    }

    fn line(&self, line: &Line<'_>, number: u64) -> Result<Read, Why> {
        let columns = line.columns;
        let wording = line.field(columns.wording);
        let address = line.field(Some(columns.address)).ok_or(Why::NoAddress)?;
        let evidence = self.evidence(number, line.whole(), wording);
        let person = self.person(address, line.field(columns.country), evidence)?;
        let mut read = Read::default();
        if let Some(refused) = self.refused(line, &person)? {
            read.rows = refused;
            return Ok(read);
        }
        if !self.counts(line.field(columns.only)) {
            read.left_out = true;
            return Ok(read);
        }
        let confirmed_at = self.confirmed(line)?;
        let date = |at| line.field(at).map(|text| self.date(text)).transpose();
        let agreed = Agreed {
            from: date(columns.granted)?,
            until: date(columns.until)?,
            confirmed_at,
            of_age: line.field(columns.of_age).is_some_and(is_yes),
            worded: wording.is_some(),
        };
        for purpose in self.purposes_of(&line.lists())? {
            read.rows.push(self.yes(&person, purpose, &agreed)?);
        }
        read.left_out = read.rows.is_empty();
        Ok(read)
    }

    /// What the line refuses; an error where it is neither a no nor a yes.
    fn refused(&self, line: &Line<'_>, person: &Person) -> Result<Option<Vec<Row>>, Why> {
        let columns = line.columns;
        let no = |text: &str| matches!(text, "0" | "false" | "no" | "ne" | "0000-00-00 00:00:00");
        // A date that cannot be read does not make a no into a yes.
        let said = line.field(columns.unsubscribed).filter(|text| !no(text));
        let at = said.and_then(|text| self.date(text).ok());
        if line.field(columns.blocked).is_some_and(|text| !no(text)) {
            return Ok(Some(vec![self.no(person, None, at)]));
        }
        let told = line.field(columns.status);
        let known = told.map(|word| status::of(self.format, word).ok_or(word)).transpose();
        let status = match known {
            Err(word) => {
                return Err(Why::Status(word.to_owned(), "it is not known what that means"));
            }
            Ok(Some(status)) => status,
            Ok(None) => self.untold(columns),
        };
        match status {
            _ if said.is_some() => Ok(Some(self.no_to_lists(line, person, at))),
            Status::Refused => Ok(Some(self.no_to_lists(line, person, at))),
            Status::Subscribed => Ok(None),
            Status::Unconfirmed | Status::Bounced | Status::Removed => {
                let word = told.unwrap_or("cleaned");
                Err(Why::Status(word.to_owned(), status.why_not()))
            }
        }
    }

    /// The state of a line that names none: Mailchimp says it by the file.
    fn untold(&self, columns: &Columns) -> Status {
        let mailchimp = self.format == Format::Mailchimp;
        match self.plan.status {
            Some(status) => status,
            None if mailchimp && columns.unsubscribed.is_some() => Status::Refused,
            None if mailchimp && columns.cleaned.is_some() => Status::Bounced,
            None => Status::Subscribed,
        }
    }

    /// To the purposes that lists of their own stand for; to everything where there is no telling.
    fn no_to_lists(&self, line: &Line<'_>, person: &Person, at: Option<Timestamp>) -> Vec<Row> {
        // Tags are no lists: who unsubscribed from Mailchimp's audience did so from all of it.
        let lists = if self.format == Format::Mailchimp { vec![] } else { line.lists() };
        let mapped = lists.iter().map(|name| self.plan.purposes.named(&[name]));
        let mut rows = Vec::new();
        for one in mapped {
            match one {
                Some(Mapped::To(id)) => match self.purpose(id) {
                    Ok(purpose) => rows.push(self.no(person, Some(purpose), at)),
                    Err(_) => return vec![self.no(person, None, at)],
                },
                Some(Mapped::LeftOut) => {}
                Some(Mapped::Nothing) | None => return vec![self.no(person, None, at)],
            }
        }
        if lists.is_empty() { vec![self.no(person, None, at)] } else { rows }
    }

    /// When a click confirmed it. Mailchimp fills its column for everybody: with the moment of the
    /// subscription, or without the address that clicked, where nothing was confirmed.
    fn confirmed(&self, line: &Line<'_>) -> Result<Option<Timestamp>, Why> {
        let columns = line.columns;
        let Some(text) = line.field(columns.confirmed) else { return Ok(None) };
        let at = self.date(text)?;
        if self.format != Format::Mailchimp {
            return Ok(Some(at));
        }
        let asked = line.field(columns.granted).map(|text| self.date(text)).transpose()?;
        let clicked = line.field(columns.confirmed_from).is_some();
        Ok(Some(at).filter(|at| clicked && asked.is_some_and(|asked| asked < *at)))
    }

    /// What its lists and tags stand for; where none of them is mapped, what everything is.
    fn purposes_of(&self, lists: &[&str]) -> Result<Vec<usize>, Why> {
        let mut purposes = Vec::new();
        let mut named = false;
        for mapped in lists.iter().filter_map(|name| self.plan.purposes.named(&[name])) {
            named = true;
            if let Mapped::To(id) = mapped {
                let purpose = self.purpose(id)?;
                if !purposes.contains(&purpose) {
                    purposes.push(purpose);
                }
            }
        }
        if named {
            return Ok(purposes);
        }
        match self.plan.purposes.everything() {
            Mapped::To(id) => Ok(vec![self.purpose(id)?]),
            Mapped::LeftOut | Mapped::Nothing => {
                Err(Why::Unmapped(lists.iter().map(|name| (*name).to_owned()).collect()))
            }
        }
    }
}

/// A tag is a word, or an object with a name.
fn tag(value: &Value) -> Option<String> {
    match value.as_object() {
        Some(object) => object.get("name").and_then(shown),
        None => shown(value),
    }
}
