//! What others write, read into one report: who, what, about which list, when.
//!
//! What is no news of a subscription is nothing; what cannot be meant for this hook is an error.

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use policy::Address;
use serde_json::Value;

use crate::{
    config::{Hook, HookKind},
    consent::Said,
};

/// One thing that was reported.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Report {
    pub address: Address,
    pub what: What,
    /// The reporter's own name of it.
    pub list: Option<String>,
    pub at: Option<Timestamp>,
    /// By an event, or by a flag that each report repeats.
    pub said: Said,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum What {
    Subscribed,
    /// The flag says that the person does not agree: it took a yes back, or never gave one.
    Disagreed,
    Unsubscribed,
    /// Of spam: about everything.
    Complained,
}

/// Why there is no report.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Unread {
    /// An event that says nothing about a subscription.
    Nothing,
    /// No address, or none that can be one.
    Address,
    /// Not what this kind of hook gets.
    Form,
}

/// Of every kind but Mailchimp's.
pub(super) fn json(hook: &Hook, body: &Value) -> Result<Report, Unread> {
    match hook.kind {
        HookKind::Smartsupp => smartsupp(hook, body),
        HookKind::Ecomail => ecomail(body),
        HookKind::Listmonk => listmonk(body),
        HookKind::Json => mapped(hook, body),
        HookKind::Mailchimp => Err(Unread::Form),
    }
}

/// `{"event", "timestamp", "data"}`. A chat is no consent: only what the hook's `agreed` points to is.
fn smartsupp(hook: &Hook, body: &Value) -> Result<Report, Unread> {
    text(body, "/event").ok_or(Unread::Form)?;
    let agreed = agreed(hook, body).ok_or(Unread::Nothing)?;
    let places = ["/data/contact/email", "/data/email", "/data/visitor/email"];
    let found = places.into_iter().find_map(|place| text(body, place));
    Ok(Report {
        address: whose(found, agreed)?,
        what: if agreed { What::Subscribed } else { What::Disagreed },
        list: None,
        at: text(body, "/timestamp").and_then(moment),
        said: Said::Flag,
    })
}

/// What stands under the hook's `agreed`; `None`: neither a yes nor a no, or nothing.
fn agreed(hook: &Hook, body: &Value) -> Option<bool> {
    let place = hook.agreed.as_deref()?;
    if body.pointer(place)?.is_null() {
        return None;
    }
    let word = word(body, place).unwrap_or_default().trim().to_ascii_lowercase();
    match word.as_str() {
        "true" | "yes" | "on" | "1" => Some(true),
        "false" | "no" | "off" | "0" | "" => Some(false),
        _ => {
            tracing::warn!(hook = hook.id, "what stands under `agreed` is no yes and no no");
            None
        }
    }
}

/// A no of nobody is no news.
fn whose(found: Option<&str>, agreed: bool) -> Result<Address, Unread> {
    address(found).map_err(|why| if agreed { why } else { Unread::Nothing })
}

/// `{"payload": {"email", "status", "listId", "campaignId"}}`.
fn ecomail(body: &Value) -> Result<Report, Unread> {
    let status = text(body, "/payload/status").ok_or(Unread::Form)?;
    let what = match status.to_ascii_uppercase().as_str() {
        "SUBSCRIBED" => What::Subscribed,
        "UNSUBSCRIBED" => What::Unsubscribed,
        "SPAM" | "SPAM_COMPLAINT" | "COMPLAINED" | "SPAM COMPLAINT" => What::Complained,
        _ => return Err(Unread::Nothing),
    };
    let address = address(text(body, "/payload/email"))?;
    Ok(Report { address, what, list: word(body, "/payload/listId"), at: None, said: Said::Act })
}

/// The bounce webhook's form (`email`, `type`), and events with `data.subscriber`.
fn listmonk(body: &Value) -> Result<Report, Unread> {
    if let Some(event) = text(body, "/event") {
        let what = match event {
            "subscription.confirmed" | "subscriber.confirmed" | "subscriber.optin" => {
                What::Subscribed
            }
            "subscription.unsubscribed" | "subscriber.unsubscribed" => What::Unsubscribed,
            "subscriber.blocklisted" | "bounce.complaint" => What::Complained,
            _ => return Err(Unread::Nothing),
        };
        let places = ["/data/subscriber/email", "/data/email"];
        let found = places.into_iter().find_map(|place| text(body, place));
        let lists = ["/data/lists/0/id", "/data/lists/0/uuid", "/data/list_id"];
        return Ok(Report {
            address: address(found)?,
            what,
            list: lists.into_iter().find_map(|place| word(body, place)),
            at: text(body, "/timestamp").and_then(moment),
            said: Said::Act,
        });
    }
    match text(body, "/type").ok_or(Unread::Form)? {
        "complaint" => Ok(Report {
            address: address(text(body, "/email"))?,
            what: What::Complained,
            list: None,
            at: None,
            said: Said::Act,
        }),
        // A mailbox that is full or gone says nothing about what its owner wants.
        _ => Err(Unread::Nothing),
    }
}

/// As policy.toml maps it.
fn mapped(hook: &Hook, body: &Value) -> Result<Report, Unread> {
    let map = &hook.mapping;
    let event = word(body, &map.event).ok_or(Unread::Form)?;
    let what = if map.unsubscribed.contains(&event) {
        What::Unsubscribed
    } else if map.subscribed.contains(&event) {
        What::Subscribed
    } else {
        return Err(Unread::Nothing);
    };
    let (mut what, mut agrees) = (what, true);
    if what == What::Subscribed && hook.agreed.is_some() {
        agrees = agreed(hook, body).ok_or(Unread::Nothing)?;
        what = if agrees { what } else { What::Disagreed };
    }
    let is_flag = hook.agreed.is_some() || body.pointer(&map.event).is_some_and(Value::is_boolean);
    Ok(Report {
        address: whose(text(body, &map.address), agrees)?,
        what,
        list: map.list.as_deref().and_then(|place| word(body, place)),
        at: map.time.as_deref().and_then(|place| word(body, place)).as_deref().and_then(moment),
        said: if is_flag { Said::Flag } else { Said::Act },
    })
}

/// A form: `type`, `fired_at`, `data[email]`, `data[list_id]`.
pub(super) fn mailchimp(fields: &[(String, String)]) -> Result<Report, Unread> {
    let field =
        |name: &str| fields.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str());
    let what = match field("type").ok_or(Unread::Form)? {
        "subscribe" => What::Subscribed,
        // Whom the business itself deleted there has refused nothing.
        "unsubscribe" if field("data[action]") == Some("delete") => return Err(Unread::Nothing),
        "unsubscribe" if field("data[reason]") == Some("abuse") => What::Complained,
        "unsubscribe" => What::Unsubscribed,
        "cleaned" if field("data[reason]") == Some("abuse") => What::Complained,
        _ => return Err(Unread::Nothing),
    };
    Ok(Report {
        address: address(field("data[email]"))?,
        what,
        list: field("data[list_id]").map(str::to_owned),
        at: field("fired_at").and_then(moment),
        said: Said::Act,
    })
}

fn text<'v>(body: &'v Value, place: &str) -> Option<&'v str> {
    body.pointer(place).and_then(Value::as_str)
}

/// A text, a number or a boolean, as a text.
fn word(body: &Value, place: &str) -> Option<String> {
    match body.pointer(place)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn address(found: Option<&str>) -> Result<Address, Unread> {
    Address::parse(found.ok_or(Unread::Address)?.trim()).map_err(|_| Unread::Address)
}

/// RFC 3339, unix seconds, or `2026-11-02 08:30:00` in UTC.
fn moment(text: &str) -> Option<Timestamp> {
    if let Ok(seconds) = text.parse::<i64>() {
        return Timestamp::from_second(seconds).ok();
    }
    text.parse().ok().or_else(|| {
        let plain: DateTime = text.parse().ok()?;
        TimeZone::UTC.to_timestamp(plain).ok()
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn at(text: &str) -> Option<Timestamp> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn ecomails_words_are_understood() {
        let body = |status: &str| json!({ "payload": { "email": "a@x.cz", "status": status, "listId": 3 } });
        let read = ecomail(&body("UNSUBSCRIBED")).unwrap();
        assert_eq!((read.what, read.list.as_deref()), (What::Unsubscribed, Some("3")));
        assert_eq!(ecomail(&body("SUBSCRIBED")).unwrap().what, What::Subscribed);
        assert_eq!(ecomail(&body("HARD_BOUNCE")), Err(Unread::Nothing));
        assert_eq!(ecomail(&json!({})), Err(Unread::Form));
    }

    #[test]
    fn mailchimps_form_is_understood() {
        let read = |pairs: &[(&str, &str)]| {
            let own = pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned()));
            mailchimp(&own.collect::<Vec<_>>())
        };
        let fields = [
            ("type", "unsubscribe"),
            ("fired_at", "2026-11-02 08:30:00"),
            ("data[action]", "unsub"),
            ("data[email]", "a@x.cz"),
            ("data[list_id]", "a6b5da1054"),
        ];
        let report = read(&fields).unwrap();
        assert_eq!((report.what, report.at), (What::Unsubscribed, at("2026-11-02T08:30:00Z")));
        assert_eq!(report.list.as_deref(), Some("a6b5da1054"));
        for (fields, expected) in [
            (&[("type", "profile")][..], Unread::Nothing),
            (&[("type", "cleaned"), ("data[reason]", "hard")], Unread::Nothing),
            (&[("type", "unsubscribe"), ("data[action]", "delete")], Unread::Nothing),
            (&[("type", "subscribe")], Unread::Address),
            (&[("type", "subscribe"), ("data[email]", "nobody")], Unread::Address),
            (&[("x", "y")], Unread::Form),
        ] {
            assert_eq!(read(fields), Err(expected), "{fields:?}");
        }
    }

    #[test]
    fn listmonks_complaint_is_a_refusal_and_its_bounce_is_none() {
        let bounce = |kind: &str| json!({ "email": "a@x.cz", "source": "api", "type": kind });
        assert_eq!(listmonk(&bounce("complaint")).unwrap().what, What::Complained);
        assert_eq!(listmonk(&bounce("hard")), Err(Unread::Nothing));
        let event = json!({
            "event": "subscription.confirmed", "timestamp": "2026-11-02T08:30:00Z",
            "data": { "subscriber": { "email": "a@x.cz" }, "lists": [{ "id": 1 }] },
        });
        let read = listmonk(&event).unwrap();
        assert_eq!((read.what, read.list.as_deref()), (What::Subscribed, Some("1")));
    }
}
