//! Messages on their way, and their state: the only mutable truth.
//!
//! Keep, claim, settle, rescue. What is kept is on disk when the call returns; messages that
//! arrive together share one commit.

mod body;
mod counted;
mod decided;
mod domain;
mod groups;
mod handover;
mod held;
mod lock;
mod order;
mod orders;
mod pace;
mod priority;
mod queue;
mod segment;
mod store;
mod turn;
mod writer;

use std::sync::Arc;

use anyhow::Context as _;
use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use policy::{Action, CannotEdit, Class, Edit};
use tokio::sync::{Mutex, mpsc, oneshot};
use uuid::Uuid;

use crate::{
    at_rest,
    db::{Conn, Db, Error, Unavailable},
    decisions::campaign,
    journal::{
        self, Event,
        reason::{self, Cause},
    },
    sample,
    seal::{AddressKey, BodyKey, Secret},
    smtp::envelope::{MailParams, Path, Recipient},
};

use body::Bodies;
pub use counted::{Counted, Left};
use domain::Domains;
pub use domain::domain;
pub use groups::{Asked, Each, Group, Stand, Sums};
pub use handover::{Handover, Job, Room, Slot, handover};
pub use order::{How, Order, What, Which};
pub use orders::{ORDERS_MAX, Step};
pub use pace::{Changed, Paces, Slowed};
pub use priority::Priority;
pub use queue::{Counts, Filter, Standing};
pub use turn::{Turn, Turns};
use writer::{Change, Keep, Task, Then, Work};

/// A message as it came, once, with all that its deliveries share.
#[derive(Clone, Debug)]
pub struct Message {
    pub id: Uuid,
    pub received_at: Timestamp,
    /// The login's name.
    pub login: String,
    pub from: Option<Path>,
    pub params: MailParams,
    /// As received, below the trace header that the relay puts on top when it sends.
    pub bytes: Bytes,
    /// The `Received:` field to put on top, with its line end.
    pub trace: String,
    /// Id of the stream; empty for what the relay itself writes (DSNs, letters to people), on which
    /// nothing is decided.
    pub stream: String,
    pub declared: Option<Class>,
    pub class: Class,
    pub policy_version: String,
    /// Count of recipients in the envelope as it came.
    pub recipients: usize,
    /// Which sending it is of, as the journal's lines name it; 0: of none.
    pub campaign: i64,
}

/// One message to one recipient.
#[derive(Clone, Debug)]
pub struct Delivery {
    pub id: Uuid,
    pub message: Uuid,
    pub recipient: Recipient,
    pub key: AddressKey,
    pub state: State,
    /// The action of the verdict in force and the edits it asks for.
    pub action: Action,
    pub edits: Vec<Edit>,
    /// The first rule that asked for a hold, for lists; `None` where no rule did.
    pub rule: Option<String>,
    pub waiver: Option<policy::Waiver>,
    pub attempts: u32,
    pub due_at: Timestamp,
    pub expires_at: Timestamp,
    /// The last reply or fault, or why it is held where no rule holds it: a [`reason::line`].
    pub last: Option<String>,
    /// The route that a person ordered for it, by name; `None`: the one that relay.toml chooses.
    pub route: Option<String>,
    /// Somebody counts such messages to this recipient. Told when it was decided on last, and not
    /// kept.
    pub counted: Option<Arc<Counted>>,
}

/// Where a delivery stands. Final ones leave the spool; the journal keeps them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum State {
    Ready,
    /// A worker has it until its lease ends.
    Claimed,
    Held,
}

/// What comes of an attempt or of a person's decision.
#[derive(Clone, Debug)]
pub enum Settle {
    /// It left the spool: delivered, bounced, suppressed, rejected, expired. The event says which.
    /// With its last delivery the message leaves too.
    Done,
    /// Not before `due_at`; `last` is the reply or fault.
    Later { due_at: Timestamp, last: String },
    /// Not now, and not tried: this order pauses it. It is due again when it expires, or soon after
    /// the order ends.
    Aside { pause: Uuid },
    /// Not now, and not tried: it is its destination's turn then.
    Turn { due_at: Timestamp, last: String },
    /// Fresh facts ask for a person.
    Hold(Hold),
    /// Back to ready: a person released it, with a waiver where rules were in the way.
    Ready { waiver: Option<policy::Waiver>, edits: Vec<Edit>, due_at: Timestamp },
}

/// Why a delivery waits for a person.
#[derive(Clone, Debug)]
pub enum Hold {
    /// This rule asks for it.
    Rule(String),
    /// No rule does: the edits that would make it lawful cannot be made. Kept as `last`.
    Unedited(CannotEdit),
}

/// One change of one delivery, with its journal lines and what it brings forth (a DSN), in one
/// transaction. Applies only where the delivery is still the caller's (`Claimed` by this node, or
/// `Held` for a person's decision).
#[derive(Clone, Debug)]
pub struct Settlement {
    pub delivery: Uuid,
    /// Whose delivery it is.
    pub message: Uuid,
    pub settle: Settle,
    pub events: Vec<Event>,
    pub brings: Option<(Message, Vec<Delivery>)>,
    /// To be counted: it left.
    pub left: Option<Left>,
}

impl Settlement {
    /// Without a word in the journal.
    pub fn bare(delivery: Uuid, message: Uuid, settle: Settle) -> Self {
        Self { delivery, message, settle, events: Vec::new(), brings: None, left: None }
    }

    /// Our own fault: whatever it was, it is not lost and does not come back at once.
    pub fn broken(now: Timestamp, delivery: Uuid, message: Uuid) -> Self {
        let due_at = now.checked_add(BROKEN_PAUSE).unwrap_or(now);
        let last = Cause::InternalError.as_str().to_owned();
        Self::bare(delivery, message, Settle::Later { due_at, last })
    }
}

/// Handle to the spool; cheap to clone.
#[derive(Clone, Debug)]
pub struct Spool {
    db: Db,
    secret: Secret,
    bodies: Bodies,
    domains: Arc<Domains>,
    /// Bounded by those who wait for its answers and by the slots of what is settled.
    tasks: mpsc::UnboundedSender<Task>,
    /// `None` for a visitor, who claims nothing.
    node: Option<Arc<Node>>,
}

/// This running relay, as the others see it: a new id each time it starts.
#[derive(Debug)]
struct Node {
    id: Uuid,
    name: String,
    lock: Mutex<lock::Lock>,
}

impl Spool {
    /// For the relay itself. `name` is its own among all that share the database (its hostname);
    /// what an earlier run under this name had claimed is ready again. Call [`Self::rescue`] well
    /// within [`LEASE`], again and again, from then on.
    pub async fn open(db: Db, secret: &Secret, name: &str, now: Timestamp) -> anyhow::Result<Self> {
        let lock = Mutex::new(lock::Lock::take(&db, name).await?);
        let mut tx = db.begin().await?;
        store::bury(&mut tx, name).await?;
        tx.commit().await?;
        let node = Arc::new(Node { id: Uuid::now_v7(), name: name.into(), lock });
        let bodies = Bodies::open(&db).await?;
        let spool = Self::start(db, secret, bodies, format!("relay/{name}"), Some(node))?;
        spool.rescue(now).await?;
        Ok(spool)
    }

    /// For the command line beside a running relay: may list, show, release, reject and note.
    /// `name` names the chain of its journal lines: `cli/<user>`.
    pub fn visit(db: Db, secret: &Secret, name: &str) -> anyhow::Result<Self> {
        let bodies = Bodies::visit(&db);
        Self::start(db, secret, bodies, name.to_owned(), None)
    }

    fn start(
        db: Db,
        secret: &Secret,
        bodies: Bodies,
        chain: String,
        node: Option<Arc<Node>>,
    ) -> anyhow::Result<Self> {
        let (tasks, waiting) = mpsc::unbounded_channel();
        writer::start(db.clone(), bodies.clone(), chain, tasks.downgrade(), waiting)
            .context("the spool's writer cannot be started")?;
        let domains = Arc::new(Domains::new(secret));
        Ok(Self { db, secret: secret.clone(), bodies, domains, tasks, node })
    }

    /// Where it keeps what it keeps, for those who keep something beside.
    pub(crate) fn place(&self) -> (Db, Secret) {
        (self.db.clone(), self.secret.clone())
    }

    /// Durable when it returns. Deliveries given as `Claimed` are already this node's (the worker
    /// gets them from memory); `Ready` ones wait to be claimed. Gives the deliveries back.
    pub async fn keep(
        &self,
        message: Arc<Message>,
        deliveries: Vec<Delivery>,
        events: Vec<Event>,
    ) -> Result<Vec<Delivery>, Unavailable> {
        let work = Work::Keep(vec![self.prepare(message, &deliveries, events)]);
        self.write(work).await.map(|_| deliveries)
    }

    /// Whether the journal knows the message: it was kept, whatever became of it.
    pub async fn is_in_journal(&self, message: Uuid) -> Result<bool, Error> {
        let mut conn = self.db.read().await?;
        let lines = journal::written::of_message(&mut conn, message, None, 1).await?;
        Ok(!lines.is_empty())
    }

    /// The same with the report to the sender of those who may not get the message, in one
    /// transaction; `kept` is `None` where nobody may.
    pub async fn keep_reporting(
        &self,
        kept: Option<(Arc<Message>, Vec<Delivery>)>,
        report: (Message, Vec<Delivery>),
        events: Vec<Event>,
    ) -> Result<Vec<Delivery>, Unavailable> {
        let (report, to) = report;
        let mut keeps = vec![self.prepare(Arc::new(report), &to, events)];
        let deliveries = kept.map(|(message, deliveries)| {
            keeps.push(self.prepare(message, &deliveries, Vec::new()));
            deliveries
        });
        self.write(Work::Keep(keeps)).await.map(|_| deliveries.unwrap_or_default())
    }

    /// Journal lines without a message (a refused transaction), durable when it returns.
    pub async fn note(&self, events: Vec<Event>) -> Result<(), Unavailable> {
        self.write(Work::Note(events.into_iter().map(Into::into).collect())).await.map(|_| ())
    }

    /// The same of messages that are handed on without being kept, with what is counted of them: the
    /// deliveries are known to nobody else.
    pub async fn passed(
        &self,
        events: Vec<Event>,
        left: Vec<(Uuid, Left)>,
    ) -> Result<(), Unavailable> {
        let lines = events.into_iter().map(Into::into).collect();
        self.write(Work::Passed(lines, left)).await.map(|_| ())
    }

    /// Puts a campaign on record, before anything that is asked for from now on.
    pub fn name(&self, campaign: campaign::Fresh) {
        let then = Then::Call(Box::new(drop));
        let _ = self.tasks.send(Task { work: Work::Campaign(campaign), then });
    }

    /// Keeps a message that was refused, for staff to look at.
    pub fn sample(&self, sample: sample::Fresh) {
        let then = Then::Call(Box::new(drop));
        let _ = self.tasks.send(Task { work: Work::Sample(Box::new(sample)), then });
    }

    /// Takes up to `limit` due deliveries for this node, oldest first, with their messages;
    /// deliveries of one message come together.
    pub async fn claim(
        &self,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<(Arc<Message>, Vec<Delivery>)>, Unavailable> {
        let Some(node) = &self.node else { return Ok(Vec::new()) };
        let mut conn = self.db.read().await?;
        if !store::is_due(&mut conn, now).await? {
            return Ok(Vec::new());
        }
        let mut tx = self.db.begin().await?;
        let taken = store::claim(&mut tx, &self.secret, node.id, now, limit).await?;
        tx.commit().await?;
        self.with_messages(now, &mut conn, taken).await
    }

    /// What was just claimed, with its messages.
    async fn with_messages(
        &self,
        now: Timestamp,
        conn: &mut Conn<'_>,
        taken: Vec<Result<Delivery, store::Unread>>,
    ) -> Result<Vec<(Arc<Message>, Vec<Delivery>)>, Unavailable> {
        let mut deliveries = Vec::with_capacity(taken.len());
        for one in taken {
            match one {
                Ok(delivery) => deliveries.push(delivery),
                Err(store::Unread { delivery, message, why }) => {
                    tracing::error!(%delivery, %why, "a delivery cannot be read");
                    self.settle(Settlement::broken(now, delivery, message), drop);
                }
            }
        }
        deliveries.sort_by_key(|one| (one.due_at, one.message, one.id));
        let mut ids: Vec<Uuid> = deliveries.iter().map(|one| one.message).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut claimed: Vec<(Arc<Message>, Vec<Delivery>)> = Vec::with_capacity(ids.len());
        for message in self.load(conn, ids).await? {
            match message {
                Ok(message) => claimed.push((Arc::new(message), Vec::new())),
                Err(error) => tracing::error!(%error, "a message cannot be read"),
            }
        }
        claimed.sort_by_key(|(message, _)| message.id);
        for delivery in deliveries {
            let at = claimed.binary_search_by_key(&delivery.message, |(message, _)| message.id);
            match at.ok().and_then(|at| claimed.get_mut(at)) {
                Some((_, list)) => list.push(delivery),
                // What is without its bytes is never sent, nor forgotten.
                None => self.settle(Settlement::broken(now, delivery.id, delivery.message), drop),
            }
        }
        claimed.sort_by_key(|(_, list)| list.first().map(|one| one.due_at));
        Ok(claimed)
    }

    /// The worker's word on what this node had claimed: in the next group, and tried again until
    /// it is durable. `then` hears it, on the writer's thread; false where the delivery was no
    /// longer this node's, and nothing was written.
    pub fn settle(&self, settlement: Settlement, then: impl FnOnce(bool) + Send + 'static) {
        let Some(node) = &self.node else { return then(false) };
        let work = self.change(settlement, Some(node.id));
        // The writer lives as long as any handle to the spool.
        let _ = self.tasks.send(Task { work, then: Then::Call(Box::new(then)) });
    }

    /// Says that this node is alive, and makes ready what dead ones had claimed. Returns how many.
    pub async fn rescue(&self, now: Timestamp) -> Result<u64, Unavailable> {
        let Some(node) = &self.node else { return Ok(0) };
        node.lock.lock().await.renew(&self.db).await?;
        let until = now.checked_add(LEASE).unwrap_or(now);
        let mut tx = self.db.begin().await?;
        if let Err(fault) = at_rest::follow(&mut tx, &self.secret).await {
            // The former key seals on: what it seals still opens everywhere.
            tracing::error!(%fault, "the data key in use is not at hand");
        }
        let named = (node.id, node.name.as_str());
        let freed = store::rescue(&mut tx, &self.secret, named, now, until).await?;
        tx.commit().await?;
        Ok(freed)
    }

    /// Reads the key file again where it changed, and seals with the key that is in use: a rotation
    /// waits until every relay says so. Whether anything was new.
    pub async fn follow_keys(&self, now: Timestamp) -> anyhow::Result<bool> {
        let changed = self.secret.refresh()?;
        let current = at_rest::current(&mut self.db.read().await?).await?;
        let new = changed || current != self.secret.sealing();
        if new {
            self.rescue(now).await?;
        }
        Ok(new)
    }

    /// Messages with their bytes, each or why it cannot be read.
    async fn load(
        &self,
        conn: &mut Conn<'_>,
        ids: Vec<Uuid>,
    ) -> Result<Vec<Result<Message, Error>>, Error> {
        let mut loaded = Vec::with_capacity(ids.len());
        for found in store::messages(conn, &self.secret, ids).await? {
            loaded.push(match found {
                Ok(found) => self.bodies.fetch(found).await,
                Err(error) => Err(error),
            });
        }
        Ok(loaded)
    }

    fn change(&self, settlement: Settlement, node: Option<Uuid>) -> Work {
        let Settlement { delivery, message, settle, events, brings, left } = settlement;
        let brings =
            brings.map(|(message, list)| self.prepare(Arc::new(message), &list, Vec::new()));
        let at = events.first().map(|event| event.at);
        let lines = events.into_iter().map(Into::into).collect();
        let last = match &settle {
            Settle::Later { last, .. } | Settle::Turn { last, .. } => {
                Some(store::last(&self.secret, delivery, last))
            }
            Settle::Hold(Hold::Unedited(why)) => {
                let last = reason::line(Cause::CannotEdit.as_str(), reason::no_edit(*why));
                Some(store::last(&self.secret, delivery, &last))
            }
            Settle::Done
            | Settle::Aside { .. }
            | Settle::Hold(Hold::Rule(_))
            | Settle::Ready { .. } => None,
        };
        let change = Change { delivery, message, at, settle, last, node, lines, brings, left };
        Work::Change(Box::new(change))
    }

    /// On the caller's own thread: the writer has one, and everybody waits for it.
    fn prepare(&self, message: Arc<Message>, list: &[Delivery], events: Vec<Event>) -> Keep {
        let node = self.node.as_ref().map(|node| node.id);
        let (secret, key) = (&self.secret, BodyKey::random());
        let row = |one: &Delivery| {
            let domain = self.domains.key(&domain(&one.recipient.path));
            store::delivery_row(secret, (&message, domain), one, node)
        };
        let held = list.iter().filter(|one| one.state == State::Held);
        Keep {
            into_file: self.bodies.take(message.bytes.len()),
            sealed: key.seal(&message.bytes),
            row: store::message_row(secret, &message, &key),
            deliveries: list.iter().flat_map(row).collect(),
            held: held.map(|one| one.id).collect(),
            lines: events.into_iter().map(Into::into).collect(),
            message,
        }
    }

    async fn write(&self, work: Work) -> Result<bool, Unavailable> {
        let (answer, answered) = oneshot::channel();
        let gone = || Unavailable("the spool's writer has stopped".into());
        self.tasks.send(Task { work, then: Then::Answer(answer) }).map_err(|_| gone())?;
        answered.await.map_err(|_| gone())?
    }
}

/// What a node claimed is its own this long after its last [`Spool::rescue`].
pub const LEASE: SignedDuration = SignedDuration::from_secs(60);
/// When what broke inside the relay is tried again.
const BROKEN_PAUSE: SignedDuration = SignedDuration::from_mins(15);
