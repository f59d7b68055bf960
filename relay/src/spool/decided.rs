//! A person's word on what is held, written down.

use tokio::sync::oneshot;

use super::{
    Settlement, Spool,
    writer::{Task, Then},
};
use crate::db::Unavailable;

impl Spool {
    /// A person's word on a held delivery: `Ready` releases it, `Done` rejects it. `Ok(false)`
    /// where it was no longer held: nothing was written.
    pub async fn settle_held(&self, settlement: Settlement) -> Result<bool, Unavailable> {
        self.write(self.change(settlement, None)).await
    }

    /// The same on several, written together. For each whether it applied.
    pub async fn settle_all_held(
        &self,
        settlements: Vec<Settlement>,
    ) -> Result<Vec<bool>, Unavailable> {
        let gone = || Unavailable("the spool's writer has stopped".into());
        let mut answers = Vec::with_capacity(settlements.len());
        // Asked for without a pause between, they share a commit.
        for settlement in settlements {
            let (answer, answered) = oneshot::channel();
            let work = self.change(settlement, None);
            self.tasks.send(Task { work, then: Then::Answer(answer) }).map_err(|_| gone())?;
            answers.push(answered);
        }
        let mut applied = Vec::with_capacity(answers.len());
        for answered in answers {
            applied.push(answered.await.map_err(|_| gone())??);
        }
        Ok(applied)
    }
}
