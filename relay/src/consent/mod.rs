//! Purposes, grants, refusals, relations: append-only events and the current state made of them.
//!
//! The state is a projection that each change writes together with its event. Nothing here decides
//! whether a message may go.

mod activity;
mod addresses;
mod agree;
mod assign;
mod bounced;
pub mod clock;
mod complained;
mod contact;
mod correct;
mod customer;
mod end;
mod entries;
mod erase;
mod event;
pub mod export;
mod farewell;
mod feed;
pub mod filter;
mod hear;
mod honoured;
pub mod import;
mod inform;
pub mod link;
mod lint;
mod listed;
mod lookup;
mod order;
mod page;
pub mod pending;
mod prefer;
mod purpose;
mod record;
pub mod refused;
mod register;
mod replay;
pub mod sent;
pub mod spelling;
mod state;
mod store;
mod suppress;
mod topic;
pub mod written;

use jiff::{Timestamp, tz::TimeZone};
use policy::{
    Activity, Address, Country, Ended, Method, Preference, Relation, Scope, Source, Standing,
    Subscriber,
};
use serde_json::Value;

pub use assign::{AssignFault, Assigned, Assignment, Target};
pub use bounced::Bounce;
pub use contact::{Brief, Contact, Past};
pub use correct::{Corrected, Correction};
pub use customer::{Clocks, Customer, customer};
pub use end::Closing;
pub use erase::{Erased, Erasure, Kept, Proven};
pub use event::{Kind as EventKind, name as event_name};
pub use feed::Fed;
pub use filter::{Coverage, ENDS_DAYS, Filter, FilterFault, Held};
pub use hear::Said;
pub use honoured::Honoured;
pub use inform::{Notice, NoticeKind};
pub use lint::{Lint, lint};
pub use listed::List;
pub use lookup::{Answer, Lookup, Record};
pub use order::{Order, Ordered};
pub use page::Mark;
pub use purpose::PurposeFault;
pub use replay::{Compared, Difference, compare};
pub use state::{State, Worth, state, worth};
pub use topic::{Set as TopicsSet, Topics, strays};
pub use written::verify;

use self::record::Statement;
use crate::{
    db::{Db, Error},
    seal::{AddressKey, Secret},
};

/// The consent store; cheap to clone.
#[derive(Clone, Debug)]
pub struct Consent {
    db: Db,
    secret: Secret,
    /// Name of the hash chain its events hang on.
    chain: event::Chain,
    /// The same of the lines that are of no one contact.
    register: std::sync::Arc<str>,
}

/// Whose consent it is, and towards whom: two controllers share nothing.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Who {
    /// Id of the controller.
    pub controller: String,
    pub known: KnownBy,
}

/// A link knows the key alone.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum KnownBy {
    Address(Address),
    Key(AddressKey),
}

impl Who {
    pub fn address(controller: &str, address: Address) -> Self {
        Self { controller: controller.to_owned(), known: KnownBy::Address(address) }
    }

    pub fn key(controller: &str, key: AddressKey) -> Self {
        Self { controller: controller.to_owned(), known: KnownBy::Key(key) }
    }
}

/// Where a statement comes from, and what proves it.
#[derive(Clone, Debug)]
pub struct Proof {
    /// Who wrote it down, without personal data: `cli`, `page`, `one-click`, `import`, `dsn`.
    pub actor: String,
    /// When the person said it.
    pub at: Timestamp,
    /// What shows it (compliance.md 4.2): wording, IP address, form, order. May be personal data;
    /// `Null` for none.
    pub evidence: Value,
}

#[derive(Clone, Debug)]
pub struct NewGrant {
    pub purpose: String,
    pub from: Timestamp,
    /// `None`: by the purpose's duration.
    pub until: Option<Timestamp>,
    pub method: Method,
    pub source: Source,
    /// When a click in a message confirmed it, where that is on record.
    pub confirmed_at: Option<Timestamp>,
    /// The person declared to be of age. By a click in a message to the person the declaration of
    /// the grant before goes on.
    pub age_declared: bool,
    /// The person says yes knowing of the earlier no (a confirmed new subscription): the refusal
    /// ends for this purpose, and stays for every other one.
    pub lifts_refusal: bool,
}

/// Tells the time to work that takes a while: each part of it is written down when it is done, and
/// not when the work began.
pub type Watch<'a> = &'a (dyn Fn() -> Timestamp + Sync);

/// From when a grant counts (S25).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Start {
    #[default]
    Now,
    /// When the contact came on record.
    Added,
    At(Timestamp),
}

/// What is to be set about a contact; what is `None` stays as it is.
#[derive(Clone, Copy, Debug, Default)]
pub struct About {
    pub country: Option<Country>,
    pub subscriber: Option<Subscriber>,
    /// Published by the subscriber itself as its business contact.
    pub published: Option<bool>,
}

/// What came of a statement.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Recorded {
    /// The event that holds the evidence.
    New(String),
    /// It was on record already; nothing was written.
    Already,
    /// The address refused, and this does not lift a refusal; or the person was erased after that
    /// was said. Nothing was written.
    RefusalStands,
    /// There is no such purpose; nothing was written.
    NoPurpose,
    /// The purpose has no such topic; nothing was written.
    NoTopic,
    /// The purpose is closed and grants nothing any more; nothing was written.
    Closed,
    /// An order is no ground for a purpose on this basis; nothing was written.
    WrongBasis,
}

impl Consent {
    /// `writer` names who writes, one of its own for each process: the relay's hostname, `cli`.
    pub fn new(db: Db, secret: Secret, writer: &str) -> Self {
        let chain = event::Chain::new(format!("consent/{writer}"), secret.clone());
        let register = format!("{}{writer}", register::CHAIN).into();
        Self { db, secret, chain, register }
    }

    /// One purpose assigned to one address.
    pub async fn grant(
        &self,
        now: Timestamp,
        zone: &TimeZone,
        who: &Who,
        grant: &NewGrant,
        proof: &Proof,
    ) -> Result<Recorded, Error> {
        record::say(self, (now, zone), who, Statement::Grant(grant), proof).await
    }

    /// The address says no: to one purpose or to everything of the controller. Every grant that it
    /// concerns ends.
    pub async fn refuse(
        &self,
        now: Timestamp,
        who: &Who,
        scope: &Scope,
        proof: &Proof,
    ) -> Result<Recorded, Error> {
        self.say(now, who, Statement::Refuse(scope), proof).await
    }

    /// The person objects to direct marketing (GDPR Art. 21): everything is refused, and the event
    /// says why. Not on record twice, but also where everything is refused already.
    pub async fn object(
        &self,
        now: Timestamp,
        who: &Who,
        proof: &Proof,
    ) -> Result<Recorded, Error> {
        self.say(now, who, Statement::Object, proof).await
    }

    /// The person complained of a message as spam: everything is refused, and the event says why.
    pub async fn complain(
        &self,
        now: Timestamp,
        who: &Who,
        proof: &Proof,
    ) -> Result<Recorded, Error> {
        self.say(now, who, Statement::Complain, proof).await
    }

    /// The person takes back the grants of one purpose without refusing it for the future.
    pub async fn withdraw(
        &self,
        now: Timestamp,
        who: &Who,
        purpose: &str,
        proof: &Proof,
    ) -> Result<Recorded, Error> {
        self.end(now, who, purpose, Ended::Withdrawn, proof).await
    }

    /// Ends the grants of one purpose; they stay on record with their evidence.
    pub async fn end(
        &self,
        now: Timestamp,
        who: &Who,
        purpose: &str,
        how: Ended,
        proof: &Proof,
    ) -> Result<Recorded, Error> {
        self.say(now, who, Statement::End(purpose, how), proof).await
    }

    /// Puts right what is wrong about the grant that `event` made.
    pub async fn correct(
        &self,
        now: Timestamp,
        who: &Who,
        event: &str,
        by: &Correction,
        proof: &Proof,
    ) -> Result<Corrected, Error> {
        correct::correct(self, now, who, event, by, proof).await
    }

    /// Closes a purpose: from this moment no grant of it counts, and none is made. Whether it was
    /// open. The events of those whose grants ended are [`Self::terminate`]'s.
    pub async fn purpose_close(&self, now: Timestamp, what: &Closing<'_>) -> Result<bool, Error> {
        end::shut(self, now, what).await
    }

    /// The same; the ends of its grants are written in the background.
    pub async fn purpose_end(&self, now: Timestamp, what: &Closing<'_>) -> Result<bool, Error> {
        let was_open = self.purpose_close(now, what).await?;
        let Closing { controller, purpose, actor, why } = *what;
        let owned = [controller, purpose, actor, why].map(str::to_owned);
        let consent = self.clone();
        tokio::spawn(async move {
            let [controller, purpose, actor, why] = &owned;
            let what = Closing { controller, purpose, actor, why };
            if let Err(fault) = consent.terminate(now, &what, |_| {}).await {
                tracing::warn!(%fault, "a purpose is closed; not all its grants' ends are written");
            }
        });
        Ok(was_open)
    }

    /// Writes down for each contact that a closed purpose ended its grants, batch by batch; `told`
    /// hears how many so far. Stopped, it goes on where it was when it is called again.
    pub async fn terminate(
        &self,
        now: Timestamp,
        what: &Closing<'_>,
        mut told: impl FnMut(u64),
    ) -> Result<u64, Error> {
        let (mut total, mut from) = (0, None);
        loop {
            let (count, next) = end::terminate(self, now, what, from).await?;
            total += count;
            told(total);
            if next.is_none() {
                return Ok(total);
            }
            from = next;
        }
    }

    /// A purchase, a contract, an enquiry. A purchase is an activity, too. `relation.event` is not
    /// read.
    pub async fn relate(
        &self,
        now: Timestamp,
        zone: &TimeZone,
        who: &Who,
        relation: &Relation,
        proof: &Proof,
    ) -> Result<Recorded, Error> {
        let order = Order::from(relation.clone());
        Ok(self.order(now, zone, who, &order, proof).await?.relation)
    }

    /// How often the person wants to hear and of which topics, in place of what was asked for before
    /// about the same purpose; without any of it nothing is asked for any more.
    pub async fn prefer(
        &self,
        now: Timestamp,
        who: &Who,
        preference: &Preference,
        proof: &Proof,
    ) -> Result<Recorded, Error> {
        self.say(now, who, Statement::Prefer(preference), proof).await
    }

    /// Facts about the contact itself.
    pub async fn describe(
        &self,
        now: Timestamp,
        who: &Who,
        about: &About,
        proof: &Proof,
    ) -> Result<Recorded, Error> {
        self.say(now, who, Statement::Describe(about), proof).await
    }

    /// A sign of life at `proof.at`: moves ahead what counts from activity of the kind and is still
    /// valid then.
    pub async fn touch(
        &self,
        now: Timestamp,
        zone: &TimeZone,
        who: &Who,
        kind: Activity,
        proof: &Proof,
    ) -> Result<Recorded, Error> {
        record::say(self, (now, zone), who, Statement::Live(kind), proof).await
    }

    /// The person was told of the processing at `proof.at`; the newest takes the place of the one
    /// before.
    pub async fn inform(
        &self,
        now: Timestamp,
        who: &Who,
        notice: &Notice,
        proof: &Proof,
    ) -> Result<Recorded, Error> {
        self.say(now, who, Statement::Inform(notice), proof).await
    }

    /// The moment that `start` means for a contact; now where it is not on record.
    pub async fn start(&self, now: Timestamp, who: &Who, start: Start) -> Result<Timestamp, Error> {
        match start {
            Start::Now => Ok(now),
            Start::At(at) => Ok(at),
            Start::Added => Ok(contact::added(&self.db, self.key(who)).await?.unwrap_or(now)),
        }
    }

    /// The address of a contact, where it is on record; a link knows the key alone.
    pub async fn address(&self, who: &Who) -> Result<Option<String>, Error> {
        contact::address(self, self.key(who)).await
    }

    /// Everything that the controller has on record for an address, with its evidence.
    pub async fn contact(&self, who: &Who) -> Result<Option<Contact>, Error> {
        contact::show(self, self.key(who)).await
    }

    /// What holds now for one contact, with what was counted of late.
    pub async fn standing(&self, key: AddressKey) -> Result<Standing, Error> {
        let mut found = lookup::answer(&self.db, &[key], true).await.map_err(Error::Away)?;
        Ok(found.pop().unwrap_or_default().standing)
    }

    /// The same for many, in their order; without what was counted.
    pub async fn standings(&self, keys: &[AddressKey]) -> Result<Vec<Standing>, Error> {
        let found = lookup::answer(&self.db, keys, false).await.map_err(Error::Away)?;
        Ok(found.into_iter().map(|record| record.standing).collect())
    }

    /// Answers questions about standings, from the latest committed state each time.
    pub fn lookup(&self, patience: std::time::Duration) -> Lookup {
        Lookup::start(self.db.clone(), self.secret.clone(), patience)
    }

    /// What reckons with no calendar.
    async fn say(
        &self,
        now: Timestamp,
        who: &Who,
        statement: Statement<'_>,
        proof: &Proof,
    ) -> Result<Recorded, Error> {
        record::say(self, (now, &TimeZone::UTC), who, statement, proof).await
    }

    /// By which the person stands in the journal and in the spool.
    pub fn key(&self, who: &Who) -> AddressKey {
        match &who.known {
            KnownBy::Address(address) => self.secret.address_key(&who.controller, address),
            KnownBy::Key(key) => *key,
        }
    }
}
