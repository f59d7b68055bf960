//! Connections that stay open between two messages: the next client need not wait for a greeting.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{oneshot, watch},
    time::sleep,
};

use crate::delivery::{
    attempt::Connection,
    heading::Heading,
    pace::{Pass, Terms},
};

/// A connection that limits allow.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) connection: Connection,
    pub(super) terms: Terms,
    pub(super) pass: Pass,
    /// Messages begun over it.
    pub(super) sent: u32,
}

/// Those that nobody uses just now; cheap to clone.
#[derive(Clone, Debug, Default)]
pub(super) struct Kept(Arc<Mutex<Waiting>>);

/// Who waits with a connection, and for whom.
type Waiting = BTreeMap<Heading, Vec<oneshot::Sender<oneshot::Sender<Call>>>>;

impl Call {
    /// Messages that may still be begun; a new connection is good for one in any case.
    pub(super) fn left(&self) -> u32 {
        let most = self.connection.capabilities().messages_max.unwrap_or(u32::MAX);
        most.min(self.terms.messages_per_connection()).max(1).saturating_sub(self.sent)
    }
}

impl Kept {
    /// The one that was used last: the others may end.
    pub(super) async fn take(&self, hop: &Heading) -> Option<Call> {
        loop {
            let asked = self.waiting().get_mut(hop)?.pop()?;
            let (give, given) = oneshot::channel();
            // Where it ended meanwhile there is another one, perhaps.
            if asked.send(give).is_ok()
                && let Ok(call) = given.await
            {
                return Some(call);
            }
        }
    }

    /// Until somebody takes it, or it has to go: it was unused for so long, somebody else waits for its
    /// place, the peer ends it, or the relay stops.
    pub(super) fn keep(
        &self,
        hop: Heading,
        call: Call,
        idle: Duration,
        mut stopping: watch::Receiver<bool>,
    ) {
        let (ask, asked) = oneshot::channel::<oneshot::Sender<Call>>();
        let mut waiting = self.waiting();
        waiting.retain(|_, list| {
            list.retain(|one| !one.is_closed());
            !list.is_empty()
        });
        waiting.entry(hop).or_default().push(ask);
        drop(waiting);
        tokio::spawn(async move {
            let Call { mut connection, terms, pass, sent } = call;
            tokio::select! {
                biased;
                // Nothing was asked: whatever it says, it is over.
                _ = connection.next() => {}
                Ok(give) = asked => {
                    let _ = give.send(Call { connection, terms, pass, sent });
                    return;
                }
                () = pass.wanted() => {}
                () = sleep(idle) => {}
                _ = stopping.wait_for(|stopping| *stopping) => {}
            }
            connection.quit().await;
        });
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        // INVARIANT: no code that can panic runs under the lock; what it guards stays whole anyway.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
