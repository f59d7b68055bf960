//! What the events of one contact make of its present: the same steps as those that wrote it, taken
//! again without the database.

use std::collections::BTreeMap;

use policy::Basis;
use serde_json::{Value, json};

use super::{
    past::{Event, moment},
    sheet::Cells,
    sheets::Now,
};
use crate::consent::event::Kind;

/// What each purpose rests on, by controller and id.
pub(super) type Purposes = BTreeMap<(String, String), Basis>;

/// What should stand in one row.
pub(super) struct Row {
    pub cells: Cells,
    /// An erasure took it, or left it for the sake of its evidence.
    pub may_be_gone: bool,
    /// Of a grant: its event.
    made: (i64, i64),
}

/// How grants ended.
struct End {
    controller: String,
    /// `None`: of all that rest on the will of the person.
    purpose: Option<String>,
    /// Save these.
    but: Vec<String>,
    how: &'static str,
    /// By the person's word, which does not end what rests on none.
    by_word: bool,
    at: i64,
    /// The event's.
    chain: i64,
}

/// The present of one contact.
#[derive(Default)]
pub(super) struct Person {
    pub rows: BTreeMap<(Now, String), Row>,
    /// Columns of the contact's own row, as far as events say them.
    pub about: Cells,
    /// An event says that it was erased.
    pub was_erased: bool,
    ends: Vec<End>,
}

impl Person {
    pub(super) fn of(events: &[Event], purposes: &Purposes) -> Self {
        let mut person = Self::default();
        person.unknown();
        for event in events {
            person.take(event, purposes);
        }
        person
    }

    fn take(&mut self, event: &Event, purposes: &Purposes) {
        // What a file says of the contact comes with its first statement.
        if let (Kind::Granted | Kind::Refused, Some(country)) = (event.kind, event.get("country")) {
            self.about.insert("country".to_owned(), country.clone());
        }
        match event.kind {
            Kind::Granted => self.granted(event),
            Kind::Refused => self.refused(event, purposes),
            Kind::Withdrawn => self.ended(event, "withdrawn"),
            Kind::Revoked => self.ended(event, "revoked"),
            Kind::Terminated => self.ended(event, "terminated"),
            Kind::Invalidated => self.ended(event, "invalidated"),
            Kind::Expiring => self.told(event, 1),
            Kind::Expired => self.told(event, 2),
            Kind::Relation => self.related(event),
            Kind::Activity => {
                self.lived(event.text("kind").unwrap_or_default(), event.at);
                self.moved(event);
            }
            Kind::Preference => self.prefers(event),
            Kind::Corrected => self.corrected(event),
            Kind::Informed => self.informed(event),
            Kind::Inactive => {
                let cells = json!({ "since": event.at, "until": event.moment("until") });
                self.put(Now::Reactivation, String::new(), event, cells);
            }
            Kind::Reactivated => {
                self.rows.remove(&(Now::Reactivation, String::new()));
            }
            Kind::Bounced => {
                let since = json!(event.moment("undeliverable_since"));
                self.about.insert("undeliverable_since".to_owned(), since);
            }
            Kind::Erased => self.erased(event, purposes),
        }
    }

    fn put(&mut self, table: Now, row: String, event: &Event, cells: Value) {
        let Value::Object(cells) = cells else { return };
        let made = (event.chain, event.seq);
        self.rows.insert((table, row), Row { cells, may_be_gone: false, made });
    }

    fn granted(&mut self, event: &Event) {
        if event.flag("lifts_refusal") {
            self.lift(event);
        }
        let mut cells = json!({
            "purpose": event.purpose,
            "valid_from": event.moment("from"),
            "valid_until": event.moment("until"),
            "method": event.text("method"),
            "source": event.text("source"),
            "withdrawn_at": null,
            "ended": null,
            "confirmed_at": event.moment("confirmed_at"),
            "of_age": i64::from(event.flag("of_age")),
            "chain": event.chain,
            "seq": event.seq,
            "told": 0,
        });
        if let (Some(evidence), Some(cells)) = (event.get("evidence"), cells.as_object_mut()) {
            cells.insert("evidence".to_owned(), evidence.clone());
        }
        self.put(Now::Grant, event.name(), event, cells);
    }

    /// The refusal of the purpose ends; one of everything goes on for all the rest.
    fn lift(&mut self, event: &Event) {
        let own = event.purpose.clone().unwrap_or_default();
        self.rows.remove(&(Now::Refusal, own.clone()));
        if self.rows.contains_key(&(Now::Refusal, String::new())) {
            self.leave_out(event, &own);
        }
    }

    /// Of a refusal of everything; what is refused by itself stays so.
    fn leave_out(&mut self, event: &Event, own: &str) {
        if self.rows.contains_key(&(Now::Refusal, own.to_owned())) {
            return;
        }
        let cells = json!({
            "scope": own,
            "since": event.at,
            "chain": event.chain,
            "seq": event.seq,
            "lifted": 1,
        });
        self.put(Now::Refusal, own.to_owned(), event, cells);
    }

    fn refused(&mut self, event: &Event, purposes: &Purposes) {
        let scope = event.purpose.clone().unwrap_or_default();
        let is_lifted = |row: &Row| row.cells.get("lifted") == Some(&json!(1));
        let known = self.rows.get(&(Now::Refusal, scope.clone())).filter(|row| !is_lifted(row));
        // Who refused everything before and objects now has done so since then.
        let since = known.and_then(|row| row.cells.get("since")).cloned();
        if known.is_none() || event.flag("objection") {
            let cells = json!({
                "scope": scope,
                "since": since.unwrap_or_else(|| json!(event.at)),
                "chain": event.chain,
                "seq": event.seq,
                "lifted": 0,
            });
            self.put(Now::Refusal, scope, event, cells);
        }
        if event.purpose.is_none() {
            // It leaves nothing out any more.
            self.rows.retain(|(table, _), row| *table != Now::Refusal || !is_lifted(row));
        }
        let but = event.words("except");
        for own in &but {
            self.leave_out(event, own);
        }
        let silent = event.text("why") == Some("silent");
        if silent {
            self.rows.remove(&(Now::Reactivation, String::new()));
        }
        let how = if silent { "revoked" } else { "withdrawn" };
        let (purpose, chain) = (event.purpose.clone(), event.chain);
        let controller = event.controller.clone();
        let at = event.at;
        self.end(End { controller, purpose, but, how, by_word: true, at, chain }, purposes);
    }

    /// Of one purpose, or the very grant that came with its end.
    fn ended(&mut self, event: &Event, how: &'static str) {
        let at = event.moment("at").unwrap_or(event.at);
        if let Some(grant) = event.text("grant") {
            if let Some(row) = self.rows.get_mut(&(Now::Grant, grant.to_owned())) {
                row.cells.insert("withdrawn_at".to_owned(), json!(at));
                row.cells.insert("ended".to_owned(), json!(how));
            }
            return;
        }
        let purpose = Some(event.purpose.clone().unwrap_or_default());
        let (controller, chain) = (event.controller.clone(), event.chain);
        let but = Vec::new();
        let end = End { controller, purpose, but, how, by_word: false, at, chain };
        self.end(end, &Purposes::new());
    }

    fn end(&mut self, end: End, purposes: &Purposes) {
        for ((table, _), row) in &mut self.rows {
            if *table == Now::Grant && is_open(row) && end.concerns(row, purposes) {
                let (at, how) = end.of(row);
                row.cells.insert("withdrawn_at".to_owned(), at);
                row.cells.insert("ended".to_owned(), how);
            }
        }
        self.ends.push(end);
    }

    /// Two relays write at once, and their clocks differ: whether the grant of this row may have
    /// ended so, where its chain and that of the end do not say which came first.
    pub(super) fn may_end_so(&self, said: &Row, is: &Cells, purposes: &Purposes) -> bool {
        let so = |end: &End| {
            let (at, how) = end.of(said);
            is.get("withdrawn_at") == Some(&at) && is.get("ended") == Some(&how)
        };
        let apart = |end: &End| {
            end.chain != said.made.0 || self.ends.iter().any(|other| other.chain != end.chain)
        };
        self.ends.iter().any(|end| end.concerns(said, purposes) && so(end) && apart(end))
    }

    fn told(&mut self, event: &Event, told: i64) {
        let grant = event.text("grant").unwrap_or_default().to_owned();
        if let Some(row) = self.rows.get_mut(&(Now::Grant, grant)) {
            row.cells.insert("told".to_owned(), json!(told));
        }
    }

    fn related(&mut self, event: &Event) {
        let at = event.moment("at");
        if let Some(at) = at.filter(|_| event.text("kind") == Some("purchase")) {
            self.lived("purchase", at);
            self.moved(event);
        }
        let ended_at = json!(event.moment("ended_at"));
        if let Some(runs) = event.text("completes") {
            if let Some(row) = self.rows.get_mut(&(Now::Relation, runs.to_owned())) {
                row.cells.insert("ended_at".to_owned(), ended_at);
            }
            return;
        }
        let cells = json!({
            "chain": event.chain,
            "seq": event.seq,
            "kind": event.text("kind"),
            "at": at,
            "ended_at": ended_at,
            "categories": event.get("categories").map(Value::to_string),
            "wide_assortment": i64::from(event.flag("wide_assortment")),
            "objection_offered": i64::from(event.flag("objection_offered")),
        });
        self.put(Now::Relation, event.name(), event, cells);
    }

    /// A sign of life; the newest of its kind counts.
    fn lived(&mut self, kind: &str, at: i64) {
        let newest = |known: Option<&Value>| known.and_then(Value::as_i64).is_none_or(|k| k < at);
        let of = (Now::Activity, kind.to_owned());
        let known = self.rows.get(&of).filter(|row| !row.may_be_gone);
        if newest(known.and_then(|row| row.cells.get("at"))) {
            let cells =
                Cells::from_iter([("kind".to_owned(), json!(kind)), ("at".to_owned(), json!(at))]);
            self.rows.insert(of, Row { cells, may_be_gone: false, made: (0, 0) });
        }
        if newest(self.about.get("last_activity")) {
            self.about.insert("last_activity".to_owned(), json!(at));
        }
    }

    /// The grants whose end it moved.
    fn moved(&mut self, event: &Event) {
        let Some(Value::Object(moved)) = event.get("until") else { return };
        for (grant, until) in moved {
            if let Some(row) = self.rows.get_mut(&(Now::Grant, grant.clone())) {
                row.cells.insert("valid_until".to_owned(), json!(moment(until)));
                row.cells.insert("told".to_owned(), json!(0));
            }
        }
    }

    fn prefers(&mut self, event: &Event) {
        let purpose = event.purpose.clone().unwrap_or_default();
        let (at_most, paused) = (event.text("at_most"), event.moment("paused_until"));
        let topics = event.get("topics").map(Value::to_string);
        if at_most.is_none() && paused.is_none() && topics.is_none() {
            self.rows.remove(&(Now::Preference, purpose));
            return;
        }
        let cells = json!({
            "purpose": purpose,
            "at_most": at_most,
            "paused_until": paused,
            "topics": topics,
            "chain": event.chain,
            "seq": event.seq,
        });
        self.put(Now::Preference, purpose, event, cells);
    }

    /// A grant, or facts about the contact itself.
    fn corrected(&mut self, event: &Event) {
        let Some(grant) = event.text("grant") else {
            if let Some(country) = event.get("country") {
                self.about.insert("country".to_owned(), country.clone());
            }
            if let Some(subscriber) = event.get("subscriber") {
                let known = Some(subscriber).filter(|word| **word != "unknown").cloned();
                self.about.insert("subscriber".to_owned(), json!(known));
            }
            if event.get("published").is_some() {
                let published = i64::from(event.flag("published"));
                self.about.insert("published".to_owned(), json!(published));
            }
            return;
        };
        let Some(row) = self.rows.get_mut(&(Now::Grant, grant.to_owned())) else { return };
        let Some(Value::Object(after)) = event.get("after") else { return };
        for (field, value) in after {
            let (column, value) = match field.as_str() {
                "from" => ("valid_from", json!(moment(value))),
                "until" => ("valid_until", json!(moment(value))),
                other => (other, value.clone()),
            };
            row.cells.insert(column.to_owned(), value);
        }
        row.cells.insert("told".to_owned(), json!(0));
    }

    /// The newest counts.
    fn informed(&mut self, event: &Event) {
        let known = self.rows.get(&(Now::Notice, String::new())).filter(|row| !row.may_be_gone);
        let at = known.and_then(|row| row.cells.get("at")).and_then(Value::as_i64);
        let Some(notice) = event.get("notice").filter(|_| at.is_none_or(|at| at < event.at)) else {
            return;
        };
        let cells = json!({
            "version": notice.get("version"),
            "kind": notice.get("kind"),
            "url": notice.get("url"),
            "at": event.at,
            "chain": event.chain,
            "seq": event.seq,
        });
        self.put(Now::Notice, String::new(), event, cells);
    }

    /// The refusals stay. Of the rest what a duty or a proof holds stays for a while, and goes
    /// without another word; what is still there says what it said.
    fn erased(&mut self, event: &Event, purposes: &Purposes) {
        if event.text("what") != Some("contact") {
            return;
        }
        self.was_erased = true;
        if event.get("grants").is_some() {
            let (at, chain) = (event.recorded_at, event.chain);
            let (controller, how) = (event.controller.clone(), "terminated");
            let (purpose, but) = (None, Vec::new());
            self.end(End { controller, purpose, but, how, by_word: true, at, chain }, purposes);
        }
        let everything = event.text("how") == Some("delete");
        if everything {
            self.unknown();
        }
        for ((table, _), row) in &mut self.rows {
            row.may_be_gone |= match table {
                Now::Refusal => false,
                Now::Preference | Now::Notice | Now::Reactivation => true,
                Now::Grant | Now::Relation | Now::Activity => everything,
            };
        }
    }

    /// Nothing is known of the contact itself.
    fn unknown(&mut self) {
        self.about = Cells::from_iter([
            ("country".to_owned(), Value::Null),
            ("subscriber".to_owned(), Value::Null),
            ("published".to_owned(), json!(0)),
            ("last_activity".to_owned(), Value::Null),
            ("undeliverable_since".to_owned(), Value::Null),
        ]);
    }
}

impl End {
    fn concerns(&self, grant: &Row, purposes: &Purposes) -> bool {
        let of = grant.cells.get("purpose").and_then(Value::as_str).unwrap_or_default();
        let by_will = || {
            let own = purposes.get(&(self.controller.clone(), of.to_owned()));
            own.is_some_and(|basis| basis.is_by_will())
        };
        self.purpose.as_ref().is_none_or(|own| own == of)
            && !self.but.iter().any(|own| own == of)
            && (!self.by_word || by_will())
    }

    /// When and how: what begins later than it was said ends as it begins.
    fn of(&self, grant: &Row) -> (Value, Value) {
        let from = grant.cells.get("valid_from").and_then(Value::as_i64);
        (json!(from.map_or(self.at, |from| from.max(self.at))), json!(self.how))
    }
}

fn is_open(grant: &Row) -> bool {
    grant.cells.get("withdrawn_at").is_none_or(Value::is_null)
}
