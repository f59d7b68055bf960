//! What comes back to the relay: the addresses that it makes, and who takes in what comes there.

use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::{
    config::{Business, Config},
    consent::Consent,
    db::Db,
    delivery,
    inbound::{self, Inbound},
    returns::{Returns, Senders},
    seal::Secret,
    spool::Spool,
    wish::Wishes,
};

/// `None`: nothing is to come back to the relay.
pub(super) fn back(config: &Config, db: &Db, secret: &Secret) -> Option<delivery::Back> {
    let returns = Returns::new(&config.returns, secret)?;
    Some(delivery::Back { returns, senders: Senders::new(db.clone(), secret) })
}

/// The same.
pub(super) fn inbound(
    config: &Config,
    business: &Arc<ArcSwap<Business>>,
    (db, secret, consent, spool): (&Db, &Secret, &Consent, &Spool),
) -> Option<Inbound> {
    let delivery::Back { returns, senders } = back(config, db, secret)?;
    Some(Inbound::new(inbound::Parts {
        returns,
        senders,
        business: Arc::clone(business),
        replies: Arc::new(config.replies.clone()),
        db: db.clone(),
        secret: secret.clone(),
        consent: consent.clone(),
        spool: spool.clone(),
        wishes: Wishes { db: db.clone(), secret: secret.clone() },
    }))
}
