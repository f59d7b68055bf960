//! Reports about TLS: counted in delivery, sent by `tls_report`; neither where nobody signs them.

use uuid::Uuid;

use crate::{
    config::Config,
    db::Db,
    delivery::{Worker, tally::Tally},
    seal::Secret,
    spool::Spool,
    tls_report::{Parts, Reports},
};

/// Where delivery counts.
pub(super) fn tally(config: &Config) -> Tally {
    if config.delivery.reports.is_some() { Tally::counting() } else { Tally::default() }
}

/// Who sends.
pub(super) fn reports(
    config: &Config,
    (db, secret, spool): (&Db, &Secret, &Spool),
    worker: &Worker,
    tally: Tally,
) -> Option<Reports> {
    let settings = config.delivery.reports.clone()?;
    let (resolver, tls) = worker.ways_out();
    let parts = Parts {
        secret: secret.clone(),
        spool: spool.clone(),
        resolver,
        tls,
        networks: config.delivery.private_networks.clone(),
        tally,
        settings,
        hostname: config.hostname.clone(),
        holder: format!("{} {}", config.hostname, Uuid::now_v7()),
    };
    Some(Reports::new(db.clone(), parts))
}
