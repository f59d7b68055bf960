//! What a shop or an invoicing tool tells: a purchase, a contract and its end, an enquiry; and in
//! the same breath the purposes that begin and end with it (S4, S5, S85).

use jiff::{Timestamp, tz::TimeZone};
use policy::{Activity, Basis, Ended, Method, Relation, RelationKind, Source};
use serde_json::{Map, Value, json};

use super::{
    Consent, NewGrant, Proof, Recorded, Who, activity,
    event::{self, Events, Kind},
    purpose,
    record::{Desk, close, end_grants},
    store::find_or_revive,
};
use crate::db::{Arg, Error, Tx, int, text, uuid, word};

/// A relation and what follows from it.
#[derive(Clone, Debug)]
pub struct Order {
    /// `event` is not read. A contract told again with its end is that contract, completed.
    pub relation: Relation,
    /// The purpose that the relation gives: of legitimate interest once a purchase is made or a
    /// contract is over, of contract while it runs.
    pub grants: Option<String>,
    /// The purpose that is over with it, as that of a contract completed.
    pub ends: Option<String>,
    /// The person made use of the objection offered: a refusal of everything commercial, and no
    /// purpose is given.
    pub objected: bool,
}

/// What came of each part.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Ordered {
    pub relation: Recorded,
    /// `None`: it was to give none, or the person objected.
    pub granted: Option<Recorded>,
    /// `None`: the person did not object.
    pub refused: Option<Recorded>,
    /// Grants that ended with it.
    pub ended: u64,
}

impl From<Relation> for Order {
    /// Nothing follows from it.
    fn from(relation: Relation) -> Self {
        Self { relation, grants: None, ends: None, objected: false }
    }
}

impl Consent {
    /// Writes down all of it or nothing: where the purpose cannot be given by an order, every part
    /// says why. A refusal stands in the way of the purpose alone.
    pub async fn order(
        &self,
        now: Timestamp,
        zone: &TimeZone,
        who: &Who,
        order: &Order,
        proof: &Proof,
    ) -> Result<Ordered, Error> {
        let at = order.relation.ended_at.unwrap_or(order.relation.at);
        let grant = order.grants.clone().filter(|_| !order.objected).map(|id| grant(id, at));
        let mut tx = self.db.begin().await?;
        let contact = find_or_revive(&mut tx, self, who, (now, order.relation.at)).await?;
        let desk = Desk { now, zone, who, contact: &contact, proof };
        let mut events = Events::begin(&mut tx, &self.chain).await?;
        let relation = desk.relate(&mut tx, &mut events, &order.relation).await?;
        let ended = match &order.ends {
            None => 0,
            Some(id) => desk.complete(&mut tx, &mut events, id, at).await?,
        };
        let refused = match order.objected {
            false => None,
            true => Some(desk.object(&mut tx, &mut events).await?),
        };
        let granted = match &grant {
            None => None,
            Some(grant) if desk.gives(&mut tx, &grant.purpose).await? => {
                Some(desk.grant(&mut tx, &self.secret, &mut events, grant).await?)
            }
            Some(_) => Some(Recorded::WrongBasis),
        };
        if let Some(why @ (Recorded::NoPurpose | Recorded::Closed | Recorded::WrongBasis)) = granted
        {
            return Ok(Ordered {
                relation: why.clone(),
                granted: Some(why),
                refused: None,
                ended: 0,
            });
        }
        close(tx, events).await?;
        Ok(Ordered { relation, granted, refused, ended })
    }
}

/// A refusal stands: nobody buys away their own no.
fn grant(purpose: String, from: Timestamp) -> NewGrant {
    NewGrant {
        purpose,
        from,
        until: None,
        method: Method::Order,
        source: Source::Own,
        confirmed_at: None,
        age_declared: false,
        lifts_refusal: false,
    }
}

impl<'a> Desk<'a> {
    pub(super) async fn relate(
        &self,
        tx: &mut Tx<'_>,
        events: &mut Events<'a>,
        relation: &Relation,
    ) -> Result<Recorded, Error> {
        let Some(runs) = self.on_record(tx, relation).await? else {
            return Ok(Recorded::Already);
        };
        // Told anew it does not come back; a contract that was kept comes to its end.
        if runs.is_none() && self.contact.forgot(relation.at) {
            return Ok(Recorded::RefusalStands);
        }
        let mut detail = fields(relation);
        // A purchase is a sign of life, too.
        let (kind, at) = (Activity::Purchase, relation.at);
        if relation.kind == RelationKind::Purchase
            && activity::note(tx, self.contact, kind, at).await?
        {
            let moved = activity::extend(tx, self.who, self.contact, kind, at, self.zone).await?;
            moved.tell(&mut detail);
        }
        let ended_at = Arg::Int(relation.ended_at.map(Timestamp::as_millisecond));
        if let Some((chain, seq)) = runs {
            detail.insert("completes".to_owned(), json!(event::name(chain, seq)));
            let sql = "UPDATE relation_now SET ended_at = $4 \
                       WHERE contact = $1 AND chain = $2 AND seq = $3";
            let args = vec![uuid(self.contact.id), int(chain), int(seq), ended_at];
            tx.run(sql, args).await?;
        } else {
            let row = vec![
                uuid(self.contact.id),
                int(events.chain()),
                int(events.next()),
                text(word(&relation.kind)),
                int(relation.at.as_millisecond()),
                ended_at,
                text(json!(relation.categories).to_string()),
                int(relation.wide_assortment.into()),
                int(relation.objection_offered.into()),
            ];
            tx.insert("relation_now", RELATION_COLUMNS, row, "").await?;
        }
        Ok(self.push(events, Kind::Relation, None, Value::Object(detail)))
    }

    /// `None`: the very same is on record. `Some(Some(..))`: it is, and still ran so far.
    async fn on_record(
        &self,
        tx: &mut Tx<'_>,
        relation: &Relation,
    ) -> Result<Option<Option<(i64, i64)>>, Error> {
        let sql = "SELECT categories, ended_at, chain, seq FROM relation_now \
                   WHERE contact = $1 AND kind = $2 AND at = $3";
        let args = vec![
            uuid(self.contact.id),
            text(word(&relation.kind)),
            int(relation.at.as_millisecond()),
        ];
        let categories = json!(relation.categories).to_string();
        let ended_at = relation.ended_at.map(Timestamp::as_millisecond);
        let mut runs = None;
        for row in &tx.rows(sql, args).await? {
            if row.text(0)? != categories {
                continue;
            }
            match row.opt_int(1)? {
                known if known == ended_at => return Ok(None),
                None => runs = Some((row.int(2)?, row.int(3)?)),
                Some(_) => {}
            }
        }
        Ok(Some(runs))
    }

    /// Whether an order alone is ground for the purpose, or it does not exist.
    async fn gives(&self, tx: &mut Tx<'_>, id: &str) -> Result<bool, Error> {
        let purpose = purpose::find(tx, &self.who.controller, id).await?;
        Ok(purpose.is_none_or(|purpose| match purpose.basis {
            Basis::LegitimateInterest | Basis::Contract | Basis::LegalObligation => true,
            Basis::Consent | Basis::VitalInterest | Basis::PublicInterest => false,
        }))
    }

    /// What the purpose was for is done.
    async fn complete(
        &self,
        tx: &mut Tx<'_>,
        events: &mut Events<'a>,
        id: &'a str,
        at: Timestamp,
    ) -> Result<u64, Error> {
        let ended = end_grants(tx, self.contact.id, Some(id), Ended::Terminated, at).await?;
        if ended > 0 {
            let detail = json!({ "grants": ended, "at": at.to_string(), "why": "completed" });
            self.push(events, Kind::Terminated, Some(id), detail);
        }
        Ok(ended)
    }
}

/// The event is not part of what it tells.
fn fields(relation: &Relation) -> Map<String, Value> {
    match json!(relation) {
        Value::Object(mut fields) => {
            fields.remove("event");
            fields
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Map::new()
        }
    }
}

const RELATION_COLUMNS: &[&str] = &[
    "contact",
    "chain",
    "seq",
    "kind",
    "at",
    "ended_at",
    "categories",
    "wide_assortment",
    "objection_offered",
];
