//! Carries people's orders about the queue out, one bounded step after the other, and tells the worker
//! what is paused.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use tokio::time::sleep;

use super::destination::Office;
use crate::{
    db::{Error, Unavailable},
    spool::{Order, Room, What},
};

/// Until the pauses in force are known: before that nothing is sent.
pub(super) async fn begin(office: &Office) {
    while !*office.stopping.borrow() {
        match read(office).await {
            Ok(()) => return,
            Err(fault) => tracing::warn!(%fault, "cannot read what is paused: nothing is sent yet"),
        }
        sleep(TICK).await;
    }
}

pub(super) async fn read(office: &Office) -> Result<(), Error> {
    let spool = &office.settler.spool;
    office.pauses.set(&spool.orders().await?);
    spool.ordered_routes().await?.iter().for_each(|route| warn_of_lost(office, route));
    Ok(())
}

/// Where relay.toml has a route no more to which deliveries were ordered.
fn warn_of_lost(office: &Office, route: &str) {
    if !office.settings.has_route(route) {
        tracing::warn!(
            route,
            "deliveries were ordered to a route that relay.toml has not: they go as it chooses; \
             see `souhlas queue rebind`"
        );
    }
}

/// From then on.
pub(super) async fn follow(office: Office, room: Room) {
    loop {
        let more = match tick(&office, &room).await {
            Ok(more) => more,
            Err(fault) => {
                tracing::warn!(%fault, "orders about the queue are not carried out");
                false
            }
        };
        // Others want to write, too.
        sleep(if more { BREATH } else { TICK }).await;
    }
}

/// Whether there is more to do at once.
async fn tick(office: &Office, room: &Room) -> Result<bool, Unavailable> {
    let spool = &office.settler.spool;
    let (orders, mut more) = spool.tend_orders(Timestamp::now()).await?;
    office.pauses.set(&orders);
    // What an order is about is looked for by its domain.
    if more {
        return Ok(true);
    }
    for order in orders.iter().filter(|one| one.what != What::Pause) {
        more |= step(office, room, order).await?;
    }
    Ok(more)
}

async fn step(office: &Office, room: &Room, order: &Order) -> Result<bool, Unavailable> {
    let settler = &office.settler;
    let step = settler.spool.carry_out(Timestamp::now(), order).await?;
    if step.due > 0 {
        settler.wake.notify_one();
        order.how.route.iter().for_each(|route| warn_of_lost(office, route));
    }
    for (message, deliveries) in &step.claimed {
        let slot = Arc::new(room.wait(message.bytes.len()).await);
        settler.bounce(Timestamp::now(), message, deliveries, order, &slot);
    }
    // What makes some due takes a step a second: what was put off together does not come at once.
    Ok(step.more && order.what == What::Bounce)
}

const TICK: Duration = Duration::from_secs(1);
const BREATH: Duration = Duration::from_millis(20);
