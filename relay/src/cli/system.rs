//! `souhlas system`: what stands behind the relay, as the console's page of that name has it.

use std::process::ExitCode;

use super::{
    open::{Place, Store},
    say,
    table::{Table, maybe_seconds, seconds},
};
use crate::system::{Machine, System};

pub(super) async fn run(place: &Place) -> anyhow::Result<ExitCode> {
    let config = place.config()?;
    let Store { db, secret } = place.store(&config).await?;
    let machine = Machine::of(&config, Machine::listeners(&config));
    let found = machine.read(&db, &secret).await?;
    machine_lines(&found)?;
    let mut nodes = Table::new(&["NODE", "VERSION", "ALIVE UNTIL", "UNDER WAY", "SEALS WITH"]);
    for node in &found.nodes {
        let until = seconds(node.alive_until);
        let (claimed, key) = (node.claimed.to_string(), node.sealing.to_string());
        nodes.row([&node.name, &node.version, &until, &claimed, &key]);
    }
    say(nodes)?;
    let mut jobs = Table::new(&["JOB", "LAST DONE", "HELD BY", "UNTIL"]);
    for job in &found.jobs {
        let holder = job.holder.clone().unwrap_or_else(|| "-".to_owned());
        jobs.row([
            job.name.clone(),
            maybe_seconds(job.done_at),
            holder,
            maybe_seconds(job.lease_until),
        ]);
    }
    say(jobs)?;
    db.close().await;
    Ok(ExitCode::SUCCESS)
}

fn machine_lines(found: &System) -> anyhow::Result<()> {
    let disk = found.disk.map_or_else(
        || "unknown".to_owned(),
        |(free, all)| format!("{} MiB free of {} MiB", free >> 20, all >> 20),
    );
    let certificate = match &found.certificate {
        None => "none: no listener speaks tls".to_owned(),
        Some(Ok(until)) => format!("valid until {until}"),
        Some(Err(fault)) => fault.clone(),
    };
    let signing = match &found.signing {
        Ok(keys) => {
            let signing = keys.iter().filter(|key| key.signs());
            signing.map(|key| format!("{}/{}", key.domain, key.selector)).collect()
        }
        Err(fault) => vec![fault.clone()],
    };
    for (what, value) in [
        ("version", found.version.to_owned()),
        ("database", format!("{}, {} MiB", found.database.name, found.database.size_bytes >> 20)),
        ("disk", disk),
        ("certificate", certificate),
        ("data key", format!("{} seals, of {}", found.sealing.0, found.data_keys.len())),
        ("dkim keys", signing.join(" ")),
    ] {
        say(format!("{what:<12}{value}"))?;
    }
    for (name, address) in &found.listeners {
        say(format!("{:<12}{name} {address}", "listener"))?;
    }
    Ok(())
}
