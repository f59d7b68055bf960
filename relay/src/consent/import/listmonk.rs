//! Subscribers as listmonk's API lists them and as it exports one of them (compliance.md 4.1).

use serde_json::{Map, Value};

use super::{
    row::{Agreed, Person, Read, Reader, Row, Why, field},
    smartemailing::objects,
    status::{self, Status},
};

impl Reader {
    pub(super) fn listmonk(&self, line: u64, object: &Map<String, Value>) -> Result<Read, Why> {
        // An export of one subscriber has the profile in a list of one.
        let profile = objects(object, "profile").into_iter().next();
        let about = profile.unwrap_or(object);
        let address = field(about, &["email"]).or_else(|| field(object, &["email"]));
        let address = address.ok_or(Why::NoAddress)?;
        let evidence = self.evidence(line, Value::Object(object.clone()), None);
        let person = self.person(&address, None, evidence)?;
        let mut read = Read::default();
        let word = field(about, &["status"]).unwrap_or_else(|| "enabled".to_owned());
        match status::of(self.format, &word) {
            Some(Status::Subscribed) => {}
            Some(Status::Refused) => {
                let at = field(about, &["updated_at"]).and_then(|text| self.date(&text).ok());
                read.rows.push(self.no(&person, None, at));
                return Ok(read);
            }
            Some(status) => return Err(Why::Status(word, status.why_not())),
            None => return Err(Why::Status(word, "it is not known what that means")),
        }
        let attributes = about.get("attribs").and_then(Value::as_object);
        let chosen = self.plan.only.as_ref().and_then(|(name, _)| field(attributes?, &[name]));
        let counts = self.counts(chosen.as_deref());
        let lists = match profile {
            Some(_) => objects(object, "subscriptions"),
            None => objects(object, "lists"),
        };
        for one in &lists {
            let subscribed = self.subscription(&person, about, one, counts);
            read.take(subscribed);
        }
        if lists.is_empty() && counts {
            let purpose = self.mapped(&[])?;
            let date = field(about, &["created_at"]).map(|text| self.date(&text)).transpose()?;
            let agreed = Agreed { from: date, ..Agreed::default() };
            read.take(purpose.map(|purpose| self.yes(&person, purpose, &agreed)).transpose());
        }
        read.left_out = read.rows.is_empty() && read.rejected.is_empty();
        Ok(read)
    }

    fn subscription(
        &self,
        person: &Person,
        about: &Map<String, Value>,
        one: &Map<String, Value>,
        counts: bool,
    ) -> Result<Option<Row>, Why> {
        let name = field(one, &["name"]).unwrap_or_default();
        let id = field(one, &["id"]).unwrap_or_else(|| name.clone());
        let Some(purpose) = self.mapped(&[&format!("list:{id}"), &id, &name])? else {
            return Ok(None);
        };
        let date = |names| field(one, names).map(|text| self.date(&text)).transpose();
        let changed = date(&["subscription_updated_at", "updated_at"])?;
        let word = field(one, &["subscription_status", "status"]).unwrap_or_default();
        // On a list without double opt-in a subscription stays unconfirmed for ever, and counts.
        let single = field(one, &["optin"]).is_some_and(|optin| optin == "single");
        let confirmed_at = match status::of(self.format, &word) {
            Some(Status::Refused) => return Ok(Some(self.no(person, Some(purpose), changed))),
            Some(Status::Unconfirmed) if single => None,
            Some(Status::Subscribed) if single => None,
            Some(Status::Subscribed) => {
                let double = field(one, &["optin"]).is_some_and(|optin| optin == "double");
                changed.filter(|_| double)
            }
            Some(status) => return Err(Why::Status(word, status.why_not())),
            None => return Err(Why::Status(word, "it is not known what that means")),
        };
        if !counts {
            return Ok(None);
        }
        // Of a list in the API's answer `created_at` is the list's own.
        let own = one.contains_key("id").then_some(&["subscription_created_at"][..]);
        let from = date(own.unwrap_or(&["subscription_created_at", "created_at"]))?;
        let from = match from {
            Some(from) => Some(from),
            None => field(about, &["created_at"]).map(|text| self.date(&text)).transpose()?,
        };
        let agreed = Agreed { from, confirmed_at, ..Agreed::default() };
        self.yes(person, purpose, &agreed).map(Some)
    }
}
