//! The one task that writes the spool: whatever arrived meanwhile shares one transaction and one
//! fsync.
//!
//! A group that the database refuses is tried again piece by piece, so that one bad job fails
//! alone. Where the database is away, only what nobody waits for is tried again.

use std::{io, sync::Arc, time::Duration};

use jiff::Timestamp;
use tokio::{
    runtime::Handle,
    sync::{
        mpsc::{UnboundedReceiver, WeakUnboundedSender},
        oneshot,
    },
};
use uuid::Uuid;

use super::{Bodies, Left, Message, Settle, body::Place, counted, held, store, turn};
use crate::{
    db::{Arg, Db, Error, Tx, Unavailable, Writer},
    decisions::campaign,
    journal::{
        chain::Head,
        store::{self as journal, Prepared},
    },
    sample,
};

/// One thing to write, prepared by its caller.
#[derive(Debug)]
pub(super) enum Work {
    /// A message, and the report that it brings forth at once.
    Keep(Vec<Keep>),
    Note(Vec<Prepared>),
    /// The same, with what left without having been kept: delivery and count.
    Passed(Vec<Prepared>, Vec<(Uuid, Left)>),
    Change(Box<Change>),
    /// The row of a turn that is over.
    GiveBack(Uuid),
    /// A campaign's first message came.
    Campaign(campaign::Fresh),
    /// One of it was refused.
    Sample(Box<sample::Fresh>),
}

#[derive(Debug)]
pub(super) struct Keep {
    pub message: Arc<Message>,
    /// Its bytes, sealed.
    pub sealed: Vec<u8>,
    /// They go into a file.
    pub into_file: bool,
    pub row: Vec<Arg<'static>>,
    /// Rows of deliveries, one after another.
    pub deliveries: Vec<Arg<'static>>,
    /// Those of them that wait for a person.
    pub held: Vec<Uuid>,
    pub lines: Vec<Prepared>,
}

#[derive(Debug)]
pub(super) struct Change {
    pub delivery: Uuid,
    pub message: Uuid,
    /// When, as its first line says.
    pub at: Option<Timestamp>,
    pub settle: Settle,
    /// The new `last`, sealed, where it changes.
    pub last: Option<Vec<u8>>,
    /// Whose it has to be: this node's claim, or (`None`) held.
    pub node: Option<Uuid>,
    pub lines: Vec<Prepared>,
    pub brings: Option<Keep>,
    pub left: Option<Left>,
}

/// Work and whom to tell; false: the delivery was no longer the caller's.
pub(super) struct Task {
    pub work: Work,
    pub then: Then,
}

pub(super) enum Then {
    /// Somebody waits, and defers where the database is away.
    Answer(oneshot::Sender<Result<bool, Unavailable>>),
    /// Nobody waits: it is tried again for as long as it takes.
    Call(Box<dyn FnOnce(bool) + Send>),
}

/// Runs until every handle to the spool is gone: on SQLite on a thread of its own, where it may wait
/// for the disk.
pub(super) fn start(
    db: Db,
    bodies: Bodies,
    chain: String,
    again: WeakUnboundedSender<Task>,
    tasks: UnboundedReceiver<Task>,
) -> io::Result<()> {
    let is_sqlite = db.is_sqlite();
    let writer = Writer::new(db);
    let doubtful = Vec::new();
    let desk = Desk { writer, head: None, faulty: false, bodies, chain, again, doubtful };
    if is_sqlite {
        let runtime = Handle::current();
        let thread = std::thread::Builder::new().name("spool-writer".into());
        thread.spawn(move || runtime.block_on(run(desk, tasks)))?;
    } else {
        tokio::spawn(run(desk, tasks));
    }
    Ok(())
}

async fn run(mut desk: Desk, mut tasks: UnboundedReceiver<Task>) {
    let mut group = Vec::with_capacity(GROUP_MAX);
    while let Some(first) = tasks.recv().await {
        let mut bytes = first.work.size();
        group.push(first);
        while group.len() < GROUP_MAX && bytes < GROUP_BYTES_MAX {
            let Ok(next) = tasks.try_recv() else { break };
            bytes += next.work.size();
            group.push(next);
        }
        desk.carry_out(&mut group).await;
    }
}

struct Desk {
    writer: Writer,
    /// The end of the chain, unless somebody else may have moved it.
    head: Option<Head>,
    /// The last transaction failed: the next one gets a fresh connection.
    faulty: bool,
    bodies: Bodies,
    chain: String,
    /// Back to the end of the queue.
    again: WeakUnboundedSender<Task>,
    /// Messages whose commit got no answer. Their senders were told to come again, so they go.
    doubtful: Vec<Uuid>,
}

impl Desk {
    async fn carry_out(&mut self, group: &mut Vec<Task>) {
        let (work, thens): (Vec<Work>, Vec<Then>) =
            group.drain(..).map(|task| (task.work, task.then)).unzip();
        let written = self.write(&work).await;
        let tasks = work.into_iter().zip(thens);
        match written {
            Ok(done) => {
                for ((work, then), done) in tasks.zip(done) {
                    self.tell(work, then, Ok(done));
                }
            }
            Err(Error::Taken(_) | Error::Bug(_)) if tasks.len() > 1 => {
                for (work, then) in tasks {
                    let done = self.write(std::slice::from_ref(&work)).await;
                    let done = done.map(|done| done.first().copied().unwrap_or_default());
                    self.tell(work, then, done.map_err(Unavailable::from));
                }
            }
            Err(error) => {
                let away = Unavailable::from(error);
                for (work, then) in tasks {
                    self.tell(work, then, Err(away.clone()));
                }
            }
        }
    }

    fn tell(&self, work: Work, then: Then, done: Result<bool, Unavailable>) {
        match (then, done) {
            (Then::Answer(answer), done) => drop(answer.send(done)),
            (Then::Call(then), Ok(applied)) => then(applied),
            (then @ Then::Call(_), Err(away)) => {
                tracing::warn!(%away, "not written yet");
                let again = self.again.clone();
                tokio::spawn(async move {
                    tokio::time::sleep(AGAIN).await;
                    // Where the spool is closed by now, what is not written is claimed still.
                    again.upgrade().map(|again| again.send(Task { work, then }));
                });
            }
        }
    }

    /// One transaction. For each piece of work whether it applied.
    async fn write(&mut self, work: &[Work]) -> Result<Vec<bool>, Error> {
        if std::mem::replace(&mut self.faulty, true) {
            self.writer.lost();
        }
        let head = self.head.take();
        let mut tx = self.writer.begin().await?;
        store::forget(&mut tx, &self.doubtful).await?;
        let group = Group::write(&mut tx, &self.bodies, &self.chain, head, work).await?;
        if let Err(error) = tx.commit().await {
            // Their files stay until the next start: perhaps they were committed after all.
            self.doubtful.extend(group.kept);
            return Err(error);
        }
        self.faulty = false;
        self.head = group.head;
        self.doubtful.clear();
        self.bodies.release(&group.gone);
        Ok(group.applied)
    }
}

/// What came of a group, to be believed once it is committed.
struct Group {
    applied: Vec<bool>,
    kept: Vec<Uuid>,
    /// Where the bytes of dropped messages were.
    gone: Vec<Place>,
    head: Option<Head>,
}

impl Group {
    async fn write(
        tx: &mut Tx<'_>,
        bodies: &Bodies,
        chain: &str,
        head: Option<Head>,
        work: &[Work],
    ) -> Result<Self, Error> {
        let mut touched = Vec::new();
        let applied = settle(tx, work, &mut touched).await?;
        let mut keeps: Vec<&Keep> = Vec::new();
        let mut lines: Vec<&Prepared> = Vec::new();
        let mut left: Vec<(Uuid, &Left)> = Vec::new();
        let (mut turns, mut campaigns, mut samples) = (Vec::new(), Vec::new(), Vec::new());
        let mut decided = Vec::new();
        for (one, applied) in work.iter().zip(&applied) {
            match one {
                Work::Keep(list) => {
                    lines.extend(list.iter().flat_map(|keep| &keep.lines));
                    keeps.extend(list);
                }
                Work::Note(note) => lines.extend(note),
                Work::Passed(note, gone) => {
                    lines.extend(note);
                    left.extend(gone.iter().map(|(delivery, left)| (*delivery, left)));
                }
                Work::Change(change) if *applied => {
                    lines.extend(&change.lines);
                    lines.extend(change.brings.iter().flat_map(|keep| &keep.lines));
                    keeps.extend(&change.brings);
                    left.extend(change.left.iter().map(|left| (change.delivery, left)));
                    match (&change.settle, change.node) {
                        (Settle::Hold(_), _) => {
                            held::put(tx, change.at, vec![change.delivery]).await?;
                        }
                        (Settle::Done | Settle::Ready { .. }, None) => {
                            decided.push(change.delivery);
                        }
                        (Settle::Later { .. } | Settle::Aside { .. } | Settle::Turn { .. }, _)
                        | (_, Some(_)) => {}
                    }
                }
                Work::Change(_) => {}
                Work::GiveBack(row) => turns.push(*row),
                Work::Campaign(fresh) => campaigns.push(fresh),
                Work::Sample(fresh) => samples.push(&**fresh),
            }
        }
        held::take(tx, decided).await?;
        keep(tx, bodies, &keeps).await?;
        counted::write(tx, &left).await?;
        turn::give_back(tx, turns).await?;
        campaign::write(tx, &campaigns).await?;
        sample::write(tx, &samples).await?;
        let head = journal::append(tx, chain, head, lines).await?;
        let gone = store::sweep(tx, touched).await?;
        let kept = keeps.iter().map(|keep| keep.message.id).collect();
        Ok(Self { applied, kept, gone, head })
    }
}

async fn keep(tx: &mut Tx<'_>, bodies: &Bodies, keeps: &[&Keep]) -> Result<(), Error> {
    let places = bodies.put(keeps)?;
    let mut rows: Vec<Arg<'_>> = Vec::with_capacity(keeps.len() * store::MESSAGE_COLUMNS.len());
    for (keep, place) in keeps.iter().zip(&places) {
        rows.extend(keep.row.iter().map(Arg::by_ref));
        rows.extend(store::bytes_row(&keep.sealed, place.as_ref()));
    }
    tx.insert("message", store::MESSAGE_COLUMNS, rows, "").await?;
    let rows = keeps.iter().flat_map(|keep| keep.deliveries.iter().map(Arg::by_ref)).collect();
    tx.insert("delivery", store::DELIVERY_COLUMNS, rows, "").await?;
    held::put(tx, None, keeps.iter().flat_map(|keep| &keep.held).copied().collect()).await
}

/// Applies every change; which applied, and the messages that may be without deliveries now.
async fn settle(
    tx: &mut Tx<'_>,
    work: &[Work],
    touched: &mut Vec<Uuid>,
) -> Result<Vec<bool>, Error> {
    let mut done: Vec<(Option<Uuid>, Vec<Uuid>)> = Vec::new();
    let mut applied = Vec::with_capacity(work.len());
    for one in work {
        applied.push(match one {
            Work::Keep(_)
            | Work::Note(_)
            | Work::Passed(..)
            | Work::GiveBack(_)
            | Work::Campaign(_)
            | Work::Sample(_) => true,
            Work::Change(change) if matches!(change.settle, Settle::Done) => {
                match done.iter_mut().find(|(node, _)| *node == change.node) {
                    Some((_, ids)) => ids.push(change.delivery),
                    None => done.push((change.node, vec![change.delivery])),
                }
                false
            }
            Work::Change(change) => store::change(tx, change).await?,
        });
    }
    let mut finished = Vec::new();
    for (node, ids) in done {
        finished.extend(store::finish(tx, ids, node).await?);
    }
    finished.sort_unstable();
    for (one, applied) in work.iter().zip(&mut applied) {
        if let Work::Change(change) = one
            && matches!(change.settle, Settle::Done)
        {
            // The second of two that settle the same delivery finds it gone.
            if let Ok(at) = finished.binary_search(&change.delivery) {
                finished.remove(at);
                touched.push(change.message);
                *applied = true;
            }
        }
    }
    touched.sort_unstable();
    touched.dedup();
    Ok(applied)
}

impl Work {
    fn size(&self) -> usize {
        match self {
            Self::Keep(list) => list.iter().map(|keep| keep.sealed.len()).sum(),
            Self::Note(_) | Self::Passed(..) | Self::GiveBack(_) | Self::Campaign(_) => 0,
            Self::Sample(sample) => sample.size(),
            Self::Change(change) => change.brings.as_ref().map_or(0, |keep| keep.sealed.len()),
        }
    }
}

/// The database did not answer: asked again after this long.
const AGAIN: Duration = Duration::from_secs(1);
/// Jobs and bytes of one transaction at most: what a caller waits for others.
const GROUP_MAX: usize = 256;
const GROUP_BYTES_MAX: usize = 4 * 1024 * 1024;
