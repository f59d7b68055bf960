//! All that is on record for contacts, page by page: memory does not grow with their number.

use std::{collections::BTreeMap, time::Duration};

use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use super::whole::{Active, Told, Whole};
use crate::{
    consent::{Brief, Clocks, Consent, Filter, Lookup, Notice, contact, page, store::parse_word},
    db::{Error, Keys},
    seal::AddressKey,
};

/// Reads a controller's contacts to the end.
#[derive(Debug)]
pub struct Export {
    consent: Consent,
    lookup: Lookup,
    controller: String,
    /// Which ones; `None`: all, also those who were erased.
    filter: Option<(Filter, Clocks)>,
    /// Only what concerns this purpose, and those of whom something does.
    purpose: Option<String>,
    after: Option<Uuid>,
    over: bool,
}

impl Export {
    pub fn new(
        consent: &Consent,
        controller: &str,
        filter: Option<(Filter, Clocks)>,
        purpose: Option<String>,
    ) -> Self {
        Self {
            consent: consent.clone(),
            lookup: consent.lookup(PATIENCE),
            controller: controller.to_owned(),
            filter,
            purpose,
            after: None,
            over: false,
        }
    }

    /// The next page; `None` at the end. A page may be empty.
    pub async fn next(&mut self, now: Timestamp) -> Result<Option<Vec<Whole>>, Error> {
        if self.over {
            return Ok(None);
        }
        let briefs = self.page().await?;
        let mut all = wholes(&self.consent, &self.lookup, now, briefs).await?;
        if let Some(purpose) = &self.purpose {
            all.retain_mut(|one| one.narrow(purpose));
        }
        Ok(Some(all))
    }

    async fn page(&mut self) -> Result<Vec<Brief>, Error> {
        let Some((filter, clocks)) = &self.filter else {
            let page = self.consent.briefs(&self.controller, self.after, PAGE).await?;
            self.after = page.last().map(|last| last.id);
            self.over = page.len() < PAGE;
            return Ok(page);
        };
        let page = self.consent.list(&self.controller, filter, clocks, self.after, PAGE).await?;
        self.after = page.next;
        self.over = page.next.is_none();
        let ids = page.contacts.iter().map(|one| one.id).collect();
        let mut briefs =
            page::by_id(&mut self.consent.db.read().await?, &self.consent.secret, ids).await?;
        briefs.sort_by_key(|brief| brief.id);
        Ok(briefs)
    }
}

/// Each with what holds for it, in the same order.
pub async fn wholes(
    consent: &Consent,
    lookup: &Lookup,
    now: Timestamp,
    briefs: Vec<Brief>,
) -> Result<Vec<Whole>, Error> {
    let keys: Vec<AddressKey> = briefs.iter().map(|brief| brief.key).collect();
    let mut lists = consent.lists(&keys).await?;
    let records = lookup.records_of(keys, true).await.map_err(Error::Away)?;
    let ids = || Keys::Uuids(briefs.iter().map(|brief| brief.id).collect());
    let mut conn = consent.db.read().await?;
    let mut activity: BTreeMap<Uuid, Vec<Active>> = BTreeMap::new();
    let sql = "SELECT contact, kind, at FROM activity_now WHERE contact {in}";
    for row in conn.rows_in(sql, &[], ids()).await? {
        let active = Active { kind: parse_word(row.str(1)?)?, at: row.time(2)? };
        activity.entry(row.uuid(0)?).or_default().push(active);
    }
    let mut told: BTreeMap<Uuid, Told> = BTreeMap::new();
    let sql = "SELECT contact, version, kind, url, at FROM notice_now WHERE contact {in}";
    for row in conn.rows_in(sql, &[], ids()).await? {
        let (version, kind, url) = (row.text(1)?, parse_word(row.str(2)?)?, row.opt_text(3)?);
        let notice = Notice { version, kind, url };
        told.insert(row.uuid(0)?, Told { notice, at: row.time(4)? });
    }
    let mut evidence: BTreeMap<String, Value> = BTreeMap::new();
    let sql = format!(
        "SELECT {} FROM consent_event WHERE kind = 'granted' AND contact {{in}}",
        contact::PAST
    );
    for row in conn.rows_in(&sql, &[], ids()).await? {
        let past = contact::read(&consent.secret, &row)?;
        if let Some(shown) = past.evidence {
            evidence.insert(past.event, shown);
        }
    }
    let mut all = Vec::with_capacity(briefs.len());
    for (brief, record) in briefs.into_iter().zip(records) {
        let mut lived = activity.remove(&brief.id).unwrap_or_default();
        lived.sort_by_key(|active| active.at);
        let more = (lived, told.remove(&brief.id));
        all.push(Whole::of(now, brief, record.standing, more, (&mut evidence, &mut lists)));
    }
    Ok(all)
}

const PAGE: usize = 500;
const PATIENCE: Duration = Duration::from_secs(30);
