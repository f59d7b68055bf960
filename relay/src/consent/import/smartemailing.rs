//! Contacts as SmartEmailing's API and import write them: lists with their states, purposes with
//! their terms (compliance.md 4.1).

use serde_json::{Map, Value};

use super::{
    columns::is_yes,
    row::{Agreed, Person, Read, Reader, Why, field},
    status::{self, Status},
};

impl Reader {
    pub(super) fn smartemailing(
        &self,
        line: u64,
        object: &Map<String, Value>,
    ) -> Result<Read, Why> {
        if !object.contains_key("contactlists") && !object.contains_key("purposes") {
            return self.flat(line, object);
        }
        let address = field(object, &["emailaddress", "email"]).ok_or(Why::NoAddress)?;
        let country = field(object, &["country"]);
        let evidence = self.evidence(line, Value::Object(object.clone()), None);
        let person = self.person(&address, country.as_deref(), evidence)?;
        let mut read = Read::default();
        if field(object, &["blacklisted"]).is_some_and(|text| is_yes(&text)) {
            read.rows.push(self.no(&person, None, None));
            return Ok(read);
        }
        let on = self.lists(&person, object, &mut read);
        if !self.counts(self.chosen(object).as_deref()) {
            read.left_out = read.rows.is_empty() && read.rejected.is_empty();
            return Ok(read);
        }
        let purposes = objects(object, "purposes");
        for one in &purposes {
            let granted = self.purpose_held(&person, one);
            read.take(granted);
        }
        if purposes.is_empty() {
            for one in on {
                let granted = self.list_held(&person, one);
                read.take(granted);
            }
        }
        read.left_out = read.rows.is_empty() && read.rejected.is_empty();
        Ok(read)
    }

    /// The lists that the person is on; what the others say goes into `read`.
    fn lists<'o>(
        &self,
        person: &Person,
        object: &'o Map<String, Value>,
        read: &mut Read,
    ) -> Vec<&'o Map<String, Value>> {
        let mut on = Vec::new();
        for one in objects(object, "contactlists") {
            let word = field(one, &["status"]).unwrap_or_else(|| "confirmed".to_owned());
            match status::of(self.format, &word) {
                Some(Status::Subscribed) => on.push(one),
                Some(Status::Refused) => match self.named(one, "list") {
                    Ok(Some(purpose)) => read.rows.push(self.no(person, Some(purpose), None)),
                    Ok(None) => {}
                    Err(why) => read.rejected.push(why),
                },
                Some(status) => read.rejected.push(Why::Status(word, status.why_not())),
                None => {
                    read.rejected.push(Why::Status(word, "it is not known what that means"));
                }
            }
        }
        on
    }

    fn purpose_held(
        &self,
        person: &Person,
        one: &Map<String, Value>,
    ) -> Result<Option<super::row::Row>, Why> {
        let Some(purpose) = self.named(one, "purpose")? else { return Ok(None) };
        let date = |name| field(one, &[name]).map(|text| self.date(&text)).transpose();
        let agreed =
            Agreed { from: date("valid_from")?, until: date("valid_to")?, ..Agreed::default() };
        self.yes(person, purpose, &agreed).map(Some)
    }

    fn list_held(
        &self,
        person: &Person,
        one: &Map<String, Value>,
    ) -> Result<Option<super::row::Row>, Why> {
        let Some(purpose) = self.named(one, "list")? else { return Ok(None) };
        let from = field(one, &["added", "created_at", "created"]);
        let from = from.map(|text| self.date(&text)).transpose()?;
        self.yes(person, purpose, &Agreed { from, ..Agreed::default() }).map(Some)
    }

    /// A list and a purpose may have the same number: `list:3=news`, `purpose:3=offers`.
    fn named(&self, one: &Map<String, Value>, kind: &str) -> Result<Option<usize>, Why> {
        let id = field(one, &["id", "purpose_id"]).ok_or(Why::Field("id"))?;
        self.mapped(&[&format!("{kind}:{id}"), &id])
    }

    /// What the field says that decides which records count: one of the contact's own, or a custom
    /// field by its number.
    fn chosen(&self, object: &Map<String, Value>) -> Option<String> {
        let (name, _) = self.plan.only.as_ref()?;
        field(object, &[name]).or_else(|| {
            let fields = objects(object, "customfields");
            let found =
                fields.into_iter().find(|one| field(one, &["id"]).as_ref() == Some(name))?;
            field(found, &["value"])
        })
    }
}

impl Read {
    /// What one part of a record came to.
    pub(super) fn take(&mut self, part: Result<Option<super::row::Row>, Why>) {
        match part {
            Ok(row) => self.rows.extend(row),
            Err(why) => self.rejected.push(why),
        }
    }
}

/// The objects of a list that an object holds.
pub(super) fn objects<'o>(
    object: &'o Map<String, Value>,
    name: &str,
) -> Vec<&'o Map<String, Value>> {
    let all = object.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    all.iter().filter_map(Value::as_object).collect()
}
