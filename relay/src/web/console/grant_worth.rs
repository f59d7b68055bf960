//! What each grant was worth for a message, in words: the policy's own judgement of what was on record.

use std::borrow::Cow;

use jiff::{Timestamp, tz::TimeZone};
use policy::{Asked, Channel, Ended, EvidenceField, Pack, Standing, Worth, worth};
use serde_json::Value;

use super::{Frame, Visit};
use crate::evidence::decision::words;

/// One for each grant, under the laws that the verdict names.
pub(super) fn of(visit: &Visit, verdict: &Value, standing: &Standing, at: Timestamp) -> Vec<Worth> {
    let business = visit.shared.console.business.load();
    let named = words(verdict.pointer("/facts/packs"));
    let applied = |pack: &&Pack| named.contains(&format!("{} {}", pack.id, pack.version));
    let packs: Vec<&Pack> = business.policy.packs.iter().filter(applied).collect();
    // One that nobody knows any more may have been the strictest.
    let packs = if packs.len() == named.len() { packs } else { Vec::new() };
    let says = |place: &str| verdict.pointer(place).and_then(Value::as_str);
    let owner = says("/facts/controller").unwrap_or_default();
    let owner = business.controllers.iter().find(|one| one.id == owner);
    let decided = verdict.get("at").and_then(Value::as_i64);
    let utc = TimeZone::UTC;
    let asked = Asked {
        packs: &packs,
        standing,
        purpose: says("/facts/purpose"),
        zone: owner.map_or(&utc, |owner| &owner.time_zone),
        now: decided.and_then(|at| Timestamp::from_millisecond(at).ok()).unwrap_or(at),
    };
    standing.grants.iter().map(|grant| worth(&asked, grant)).collect()
}

impl Frame {
    /// Whether it carried the message, or why not.
    pub(super) fn worth(&self, worth: &Worth) -> Cow<'static, str> {
        self.say(match worth {
            Worth::Carries => "console-worth-carries",
            Worth::OtherPurpose => "console-worth-purpose",
            Worth::OtherBasis => "console-worth-basis",
            Worth::OtherChannel(channel) => match channel {
                Channel::Email => "console-worth-carries",
                Channel::Sms => "console-worth-sms",
                Channel::Phone => "console-worth-phone",
                Channel::Post => "console-worth-post",
                Channel::Social => "console-worth-social",
            },
            Worth::NotYet => "console-worth-future",
            Worth::Preticked => "console-worth-preticked",
            Worth::ForbiddenSource => "console-worth-source",
            Worth::Ended(how) => match how {
                Ended::Withdrawn => "console-worth-withdrawn",
                Ended::Revoked => "console-worth-revoked",
                Ended::Terminated => "console-worth-terminated",
                Ended::Invalidated => "console-worth-void",
            },
            Worth::Unproven(field) => match field {
                EvidenceField::GrantedAt => "console-worth-without-time",
                EvidenceField::Method => "console-worth-without-method",
                EvidenceField::Source => "console-worth-without-source",
                EvidenceField::Record => "console-worth-without-record",
                EvidenceField::Wording => "console-worth-without-wording",
            },
            Worth::Unconfirmed => "console-worth-unconfirmed",
            Worth::AgeUndeclared => "console-worth-age",
            Worth::Spent => "console-worth-spent",
            Worth::Expired => "console-worth-expired",
            Worth::Refused => "console-worth-refused",
            Worth::Unknown => "console-worth-unknown",
        })
    }
}
