//! The delivery worker, and beside it the reports about TLS: counted by the one and sent by the other,
//! or not counted where nobody signs them.

use tokio::sync::{mpsc, watch};
use uuid::Uuid;

use crate::{
    config::Config,
    db::Db,
    delivery::{AtOnce, Desk, Settings, Settler, Worker, tally::Tally},
    seal::Secret,
    spool::{Job, Room, Spool},
    tls_report::{Parts, Reports},
};

type Taken = (Room, mpsc::UnboundedReceiver<Job>);

/// What hands on at once; and all of the rest, until `stopping` says true.
pub(super) fn work(
    config: &Config,
    (db, secret, spool): (&Db, &Secret, &Spool),
    (settings, desk, settler, taken): (Settings, Desk, Settler, Taken),
    stopping: &watch::Receiver<bool>,
) -> anyhow::Result<(AtOnce, impl Future<Output = ()> + use<>)> {
    let asked = config.delivery.reports.as_ref();
    let tally = asked.map_or_else(Tally::default, |_| Tally::counting());
    let counting = (stopping.clone(), tally.clone());
    let worker = Worker::new(settings, spool.clone(), desk, settler, taken, counting)?;
    let reports = asked.map(|own| {
        let (resolver, tls) = worker.ways_out();
        let parts = Parts {
            secret: secret.clone(),
            spool: spool.clone(),
            resolver,
            tls,
            networks: config.delivery.private_networks.clone(),
            tally,
            settings: own.clone(),
            hostname: config.hostname.clone(),
            holder: format!("{} {}", config.hostname, Uuid::now_v7()),
        };
        Reports::new(db.clone(), parts)
    });
    let stopping = stopping.clone();
    let at_once = worker.at_once();
    let all = async move {
        let reporting = async {
            if let Some(reports) = reports {
                reports.run(stopping).await;
            }
        };
        tokio::join!(worker.run(), reporting);
    };
    Ok((at_once, all))
}
