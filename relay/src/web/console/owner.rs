//! Whose data a page is about: one controller at a time, as two share nothing; and one contact of a
//! controller that the role reaches.

use std::{sync::Arc, time::Duration};

use policy::{Address, Controller};
use uuid::Uuid;

use super::{
    guest::Visit,
    problem::{FAULT, MISSING, Problem},
};
use crate::{
    consent::{Brief, Clocks, Filter, Who},
    rights::Stores,
    staff::{Act, Action, Entry, Reach},
};

/// The controllers that may be seen, and the one that was chosen.
pub(super) struct Owners {
    /// In the order of policy.toml.
    pub all: Vec<Arc<Controller>>,
    pub chosen: Arc<Controller>,
}

impl Owners {
    /// `named`, else the first. One that the role does not reach is nowhere.
    pub(super) fn of(visit: &Visit, action: Action, named: Option<&str>) -> Result<Self, Problem> {
        let all = reached(visit, action);
        let chosen = match named {
            Some(id) => all.iter().find(|own| own.id == id),
            None => all.first(),
        };
        let chosen = Arc::clone(chosen.ok_or(MISSING)?);
        Ok(Self { all, chosen })
    }

    /// How many contacts of the chosen one a filter finds.
    pub(super) async fn count(
        &self,
        visit: &Visit,
        filter: &Filter,
    ) -> Result<Option<u64>, Problem> {
        let clocks = self.clocks(visit)?;
        let count = visit.shared.console.consent.count(&self.chosen.id, filter, &clocks);
        Ok(Some(count.await?))
    }

    /// The same; `None` where it takes longer than somebody waits for a number.
    pub(super) async fn count_in_time(
        &self,
        visit: &Visit,
        filter: &Filter,
    ) -> Result<Option<u64>, Problem> {
        let counted = tokio::time::timeout(COUNT_PATIENCE, self.count(visit, filter)).await;
        counted.unwrap_or(Ok(None))
    }

    /// With the laws and terms as they are now.
    pub(super) fn clocks(&self, visit: &Visit) -> Result<Clocks, Problem> {
        clocks(visit, &self.chosen)
    }
}

/// Ids of the controllers to whose rows the action may be done; `None`: to all.
pub(super) fn own_of(visit: &Visit, action: Action) -> Option<Vec<String>> {
    match visit.reach(action) {
        Reach::Everything => None,
        Reach::Part { controllers, .. } => Some(controllers),
    }
}

/// Those that the action may be done to.
pub(super) fn reached(visit: &Visit, action: Action) -> Vec<Arc<Controller>> {
    let reach = visit.reach(action);
    let business = visit.shared.console.business.load();
    let own = business.controllers.iter().filter(|own| reach.holds_controller(&own.id));
    own.map(Arc::clone).collect()
}

pub(super) fn clocks(visit: &Visit, owner: &Controller) -> Result<Clocks, Problem> {
    let business = visit.shared.console.business.load();
    let pack = business.pack_of(owner, visit.now).ok_or(FAULT)?;
    Ok(Clocks::new(visit.now, pack, &owner.time_zone, &owner.customer_for))
}

/// What the rights of a person are read from.
pub(super) fn stores(visit: &Visit) -> Stores<'_> {
    let super::Console { db, secret, consent, spool, .. } = &visit.shared.console;
    Stores { db, secret, consent, spool }
}

/// One contact.
pub(super) struct Person {
    pub owner: Arc<Controller>,
    pub brief: Brief,
}

impl Person {
    pub(super) async fn find(visit: &Visit, action: Action, id: Uuid) -> Result<Self, Problem> {
        let found = visit.shared.console.consent.by_id(id).await?;
        let (controller, brief) = found.ok_or(MISSING)?;
        let owners = reached(visit, action);
        let owner = owners.into_iter().find(|own| own.id == controller).ok_or(MISSING)?;
        Ok(Self { owner, brief })
    }

    /// By the address where it is on record: a suppression list is looked at by it.
    pub(super) fn who(&self) -> Who {
        let address = self.brief.address.as_deref().and_then(|text| Address::parse(text).ok());
        match address {
            Some(address) => Who::address(&self.owner.id, address),
            None => Who::key(&self.owner.id, self.brief.key),
        }
    }

    /// What is shown for a name; empty where only the key is known.
    pub(super) fn name(&self) -> &str {
        self.brief.address.as_deref().unwrap_or_default()
    }

    pub(super) fn path(&self) -> String {
        format!("/contacts/{}", self.brief.id)
    }

    /// For the trail.
    pub(super) fn entry(&self, act: Act) -> Entry {
        Entry::new(act, format!("contact/{}", self.brief.id)).of(&*self.owner.id)
    }
}

/// A page does not wait for its numbers.
pub(super) const COUNT_PATIENCE: Duration = Duration::from_secs(2);
