//! Whose export a file is, by the names in it.

use serde_json::{Map, Value};

use super::columns::plain;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Format {
    /// Any table or list of objects that has an address.
    Table,
    SmartEmailing,
    Ecomail,
    Mailchimp,
    Listmonk,
    /// What the relay itself exports.
    Souhlas,
}

impl Format {
    pub const ALL: [Self; 6] = [
        Self::Table,
        Self::SmartEmailing,
        Self::Ecomail,
        Self::Mailchimp,
        Self::Listmonk,
        Self::Souhlas,
    ];

    pub fn word(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::SmartEmailing => "smartemailing",
            Self::Ecomail => "ecomail",
            Self::Mailchimp => "mailchimp",
            Self::Listmonk => "listmonk",
            Self::Souhlas => "souhlas",
        }
    }

    pub(super) fn of_table(header: &[String]) -> Self {
        let names: Vec<String> = header.iter().map(|name| plain(name)).collect();
        let has = |all: &[&str]| all.iter().all(|name| names.iter().any(|own| own == name));
        if has(&["email", "record", "purpose"]) {
            Self::Souhlas
        } else if has(&["leid"]) || has(&["euid"]) || has(&["memberrating"]) {
            Self::Mailchimp
        } else if has(&["email", "name", "attributes"]) {
            Self::Listmonk
        } else if has(&["doidate"]) || has(&["listid", "subscribedat"]) {
            Self::Ecomail
        } else if has(&["blacklisted"]) || has(&["emailaddress"]) {
            Self::SmartEmailing
        } else {
            Self::Table
        }
    }

    pub(super) fn of_object(object: &Map<String, Value>) -> Self {
        let has = |name: &str| object.contains_key(name);
        if has("grants") && has("refusals") {
            Self::Souhlas
        } else if has("email_address") {
            Self::Mailchimp
        } else if has("attribs") || (has("profile") && has("subscriptions")) {
            Self::Listmonk
        } else if has("contactlists") || has("emailaddress") {
            Self::SmartEmailing
        } else if has("doi_date") || (has("list_id") && has("subscribed_at")) {
            Self::Ecomail
        } else {
            Self::Table
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_export_is_known_by_its_names() {
        for (header, expected) in [
            ("email,record,purpose,basis", Format::Souhlas),
            ("Email Address,First Name,MEMBER_RATING,OPTIN_TIME,LEID,EUID", Format::Mailchimp),
            ("uuid,email,name,attributes,status,created_at,updated_at", Format::Listmonk),
            ("id,email,status,subscribed_at,doi_date", Format::Ecomail),
            ("emailaddress,name,blacklisted", Format::SmartEmailing),
            ("E-mail,Datum souhlasu", Format::Table),
        ] {
            let header: Vec<String> = header.split(',').map(str::to_owned).collect();
            assert_eq!(Format::of_table(&header), expected, "{header:?}");
        }
        for (object, expected) in [
            (r#"{"address":"a@b.cz","grants":[],"refusals":[]}"#, Format::Souhlas),
            (r#"{"email_address":"a@b.cz","status":"cleaned"}"#, Format::Mailchimp),
            (r#"{"email":"a@b.cz","attribs":{},"lists":[]}"#, Format::Listmonk),
            (r#"{"email":"a@b.cz","profile":[],"subscriptions":[]}"#, Format::Listmonk),
            (r#"{"emailaddress":"a@b.cz","contactlists":[]}"#, Format::SmartEmailing),
            (r#"{"list_id":1,"email":"a@b.cz","subscribed_at":""}"#, Format::Ecomail),
            (r#"{"email":"a@b.cz"}"#, Format::Table),
        ] {
            let object: Map<String, Value> = serde_json::from_str(object).unwrap();
            assert_eq!(Format::of_object(&object), expected, "{object:?}");
        }
    }
}
