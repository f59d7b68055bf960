//! Opens what commands judge messages with.

use std::sync::Arc;

use anyhow::bail;

use super::open::{Place, Store};
use crate::{
    judge::{Judge, Judged},
    sign::Signer,
};

/// The judge, with the database that it asks.
pub(super) struct Opened {
    pub judge: Judge,
    pub store: Store,
}

impl Opened {
    pub(super) async fn new(place: &Place) -> anyhow::Result<Self> {
        let config = place.config()?;
        let signer = Arc::new(Signer::load(&config.keys)?);
        let store = place.store(&config).await?;
        let judge = Judge::new(&config, signer, (&store.db, &store.secret), &store.consent());
        Ok(Self { judge, store })
    }
}

/// Where the question itself was wrong the command fails.
pub(super) fn judged(judged: Judged) -> anyhow::Result<Judged> {
    match judged {
        Judged::Refused(refusal) if refusal.is_of_the_question() => bail!("{refusal}"),
        judged @ (Judged::Refused(_) | Judged::Verdict(_)) => Ok(judged),
    }
}
