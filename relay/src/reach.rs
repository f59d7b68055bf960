//! Which addresses can be reached: what the journal says of messages that came back becomes a state
//! of the contact. One for all relays, from where it stopped; a line seen twice says nothing new.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    config::ReplyClass,
    consent::{Bounce, Consent, Proof, Who},
    db::{Conn, Db, Error},
    decisions, job,
    journal::{self, Line, chain::Table, store},
};

/// One for each process.
#[derive(Clone, Debug)]
pub struct Follower {
    db: Db,
    consent: Consent,
    holder: String,
}

/// Chain by chain, the last line that was looked at.
type Reached = BTreeMap<i64, i64>;

impl Follower {
    pub fn new(db: Db, consent: Consent, holder: &str) -> Self {
        Self { db, consent, holder: holder.to_owned() }
    }

    /// Some lines of each chain that grew; whether there may be more.
    pub async fn tick(&self, now: Timestamp) -> Result<bool, Error> {
        let mut conn = self.db.read().await?;
        let heads = journal::heads(&mut conn, Table::Journal).await?;
        let known = reached(job::read(&mut conn, JOB).await?.as_deref());
        let grew = |known: &Reached| {
            let behind = |chain: i64| known.get(&chain).copied().unwrap_or(0);
            let heads = heads.iter().map(|(_, head)| (head.chain, behind(head.chain), head.seq));
            heads.filter(|(_, after, head)| head > after).collect::<Vec<_>>()
        };
        if grew(&known).is_empty() || !job::claim(&self.db, now, JOB, &self.holder, LEASE).await? {
            return Ok(false);
        }
        let old = job::read(&mut conn, JOB).await?;
        let mut known = reached(old.as_deref());
        let mut more = false;
        for (chain, after, head) in grew(&known) {
            let upto = head.min(after + WINDOW);
            more |= upto < head;
            for line in store::returned(&mut conn, (chain, after, upto)).await? {
                self.note(&mut conn, now, &line).await?;
            }
            known.insert(chain, upto);
        }
        // INVARIANT: numbers by numbers are always JSON.
        let new = serde_json::to_string(&known).unwrap_or_default();
        let mut tx = self.db.begin().await?;
        if job::swap(&mut tx, JOB, old.as_deref(), Some(&new)).await? {
            tx.commit().await?;
        }
        Ok(more)
    }

    async fn note(&self, conn: &mut Conn<'_>, now: Timestamp, line: &Line) -> Result<(), Error> {
        let event = &line.event;
        let detail = event.detail.value();
        let says = |name: &str| detail.get(name).and_then(Value::as_str).unwrap_or_default();
        let Some(hard) = ReplyClass::parse(says("class")).and_then(is_hard) else { return Ok(()) };
        let Some((message, key)) = event.message.zip(event.recipient) else { return Ok(()) };
        let Some(controller) = controller(conn, message).await? else { return Ok(()) };
        let bounce = Bounce { message, hard, status: says("status") };
        let evidence = json!({ "journal": event.id });
        let proof = Proof { actor: "returned".to_owned(), at: event.at, evidence };
        self.consent.bounce(now, &Who::key(&controller, key), &bounce, &proof).await?;
        Ok(())
    }
}

/// What a reply says of the address; `None`: nothing, it is about the message, the sender or the way.
fn is_hard(class: ReplyClass) -> Option<bool> {
    match class {
        ReplyClass::Hard => Some(true),
        ReplyClass::Full | ReplyClass::Soft | ReplyClass::Undecided => Some(false),
        ReplyClass::Policy
        | ReplyClass::Reputation
        | ReplyClass::Authentication
        | ReplyClass::Content
        | ReplyClass::TooLarge
        | ReplyClass::Throttled
        | ReplyClass::Greylisted
        | ReplyClass::Protocol => None,
    }
}

async fn controller(conn: &mut Conn<'_>, message: Uuid) -> Result<Option<String>, Error> {
    let line = store::decided(conn, message).await?;
    Ok(line.as_ref().and_then(decisions::verdict).map(|(kind, _)| kind.controller))
}

fn reached(state: Option<&str>) -> Reached {
    state.and_then(|state| serde_json::from_str(state).ok()).unwrap_or_default()
}

const JOB: &str = "reach/follow";
const LEASE: SignedDuration = SignedDuration::from_secs(60);
/// Lines of a chain in one step.
const WINDOW: i64 = 5_000;
