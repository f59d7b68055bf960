//! Takes a policy that was activated in the console into this machine's policy.toml, where
//! relay.toml lets it; reading it again is what happens with every change of that file.
//!
//! Each relay looks at its own file first. What came of it is told once, in the log and in the
//! console, and left at that until somebody activates the draft again.

use std::{path::PathBuf, sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;
use uuid::Uuid;

use crate::{
    config::Business,
    db::{Db, Unavailable},
    drafts::{self, Came, Draft, Drafts, Fault},
    journal::policies,
};

/// What it takes to take one.
pub(super) struct Taker {
    pub drafts: Drafts,
    pub db: Db,
    pub business: Arc<ArcSwap<Business>>,
    /// Where policy.toml stands.
    pub folder: PathBuf,
    /// This relay's name.
    pub node: String,
    /// It may write the file; else it only tells when somebody else did.
    pub writes: bool,
    /// What was written, and when: it is read in a moment.
    pub written: Option<(Uuid, Timestamp)>,
}

/// Until told to stop. What a step cannot do is tried again with the next.
pub(super) async fn follow(mut taker: Taker, mut stopping: watch::Receiver<bool>) {
    loop {
        if let Err(fault) = taker.tick(Timestamp::now()).await {
            tracing::warn!(%fault, "cannot tell whether a policy was activated");
        }
        tokio::select! {
            _ = stopping.wait_for(|stop| *stop) => return,
            () = tokio::time::sleep(FOLLOW) => {}
        }
    }
}

impl Taker {
    async fn tick(&mut self, now: Timestamp) -> Result<(), Unavailable> {
        let Some((draft, text)) = self.drafts.due(&self.node).await? else { return Ok(()) };
        let came = if *self.business.load().text == *text {
            tracing::info!(draft = %draft.id, policy = draft.version, "an activated policy is in force");
            Some(Came::InForce)
        } else if self.writes {
            self.write(now, &draft, text).await?
        } else {
            None
        };
        if let Some(came) = came {
            self.drafts.take(now, draft.id, &self.node, came).await?;
        }
        Ok(())
    }

    /// `None`: it is written, and read in a moment.
    async fn write(
        &mut self,
        now: Timestamp,
        draft: &Draft,
        text: String,
    ) -> Result<Option<Came>, Unavailable> {
        let file = self.folder.join("policy.toml");
        if let Some((_, at)) = self.written.filter(|(id, _)| *id == draft.id) {
            let is_over = now.duration_since(at) >= READ_WITHIN;
            if is_over {
                tracing::error!(draft = %draft.id, "an activated policy is written and not in force: \
                    `souhlas check` says what is wrong beside it");
            }
            return Ok(is_over.then_some(Came::Unread));
        }
        // Before a stop, or by another relay that shares the folder.
        if std::fs::read(&file).is_ok_and(|bytes| bytes == text.as_bytes()) {
            self.written = Some((draft.id, now));
            return Ok(None);
        }
        // Here the files that it names are opened, too.
        if let Err(complaints) = Business::read(&file.display().to_string(), &text) {
            for complaint in complaints {
                tracing::error!(draft = %draft.id, %complaint, "an activated policy is not taken here");
            }
            return Ok(Some(Came::Unsound));
        }
        let Some(old) = policies::find(&self.db, &draft.base).await? else {
            return Ok(Some(Came::Changed));
        };
        let folder = self.folder.clone();
        let placed = tokio::task::spawn_blocking(move || drafts::place(&folder, &old.text, &text));
        let placed = placed.await.map_err(|error| Unavailable(error.to_string()))?;
        let Err(fault) = placed else {
            self.written = Some((draft.id, now));
            return Ok(None);
        };
        let file = file.display();
        tracing::error!(draft = %draft.id, %file, %fault, "an activated policy is not taken here");
        Ok(Some(match fault {
            Fault::Changed => Came::Changed,
            Fault::Linked => Came::Linked,
            Fault::Unwritable(_) => Came::Unwritable,
        }))
    }
}

/// How long an activated policy waits for a relay.
const FOLLOW: Duration = Duration::from_secs(2);
/// A changed file is looked at every two seconds.
const READ_WITHIN: SignedDuration = SignedDuration::from_secs(20);
