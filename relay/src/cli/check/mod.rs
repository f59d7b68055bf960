//! `souhlas check`: both configuration files, every complaint at once; their JSON Schemas; and what a
//! changed policy would have decided differently.

mod folder;
mod past;

use std::{collections::BTreeSet, path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use jiff::Timestamp;
use policy::Address;

use super::{
    arguments::{address, moment},
    judge::Opened,
    open::{Place, told},
    remark, say,
};
use crate::{
    config::{Business, Config, NextHop, no_links, schema},
    journal::policies,
    owned,
};

#[derive(Args, Debug)]
pub(super) struct Ask {
    /// Print the JSON Schema of one of the files instead, for editors
    #[arg(long, value_name = "FILE", conflicts_with = "against")]
    schema: Option<File>,
    /// Show what policy.toml would decide differently: on each .eml below a folder, or on what
    /// the journal says was decided (`journal`)
    #[arg(long, value_name = "DIR|journal")]
    against: Option<PathBuf>,
    /// Compare with this policy.toml and not with the one that came into force last
    #[arg(long, value_name = "FILE", requires = "against")]
    than: Option<PathBuf>,
    /// The recipient of each message in the folder, in place of those that its To names
    #[arg(long, value_parser = address, value_name = "ADDRESS", requires = "against")]
    to: Option<Address>,
    /// What the journal has since then
    #[arg(long, value_parser = moment, value_name = "TIME", requires = "against")]
    since: Option<Timestamp>,
    /// The last so many decisions of the journal
    #[arg(long, default_value_t = 1000, requires = "against")]
    limit: usize,
}

/// What came of a comparison.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    decided: usize,
    differ: usize,
    /// Whether they differ cannot be told.
    unclear: usize,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum File {
    Relay,
    Policy,
}

pub(super) async fn run(place: &Place, ask: Ask) -> anyhow::Result<ExitCode> {
    if let Some(against) = &ask.against {
        return compare(place, &ask, against).await;
    }
    check(place, &ask)
}

async fn compare(place: &Place, ask: &Ask, against: &std::path::Path) -> anyhow::Result<ExitCode> {
    let new = place.business()?;
    let opened = Opened::new(place).await?;
    let count = if against.as_os_str() == "journal" {
        anyhow::ensure!(
            ask.than.is_none() && ask.to.is_none(),
            "the journal says itself what was decided, and for whom: leave out --than and --to"
        );
        past::compare(&opened, &new, ask.since, ask.limit).await?
    } else {
        let old = other(&opened, ask).await?;
        folder::compare(&opened.judge, (&old, &new), against, ask.to.as_ref()).await?
    };
    Ok(match count {
        Count { differ: 0, unclear: 0, .. } => ExitCode::SUCCESS,
        Count { .. } => ExitCode::from(10),
    })
}

/// What policy.toml is compared with.
async fn other(opened: &Opened, ask: &Ask) -> anyhow::Result<Business> {
    if let Some(file) = &ask.than {
        let text = std::fs::read_to_string(file);
        let text = text.with_context(|| format!("cannot read `{}`", file.display()))?;
        return told(Business::read(&file.display().to_string(), &text));
    }
    let last = policies::last(&opened.store.db).await?;
    let last = last.context(
        "no policy was in force here yet: start the relay once, or name another file with --than",
    )?;
    let since = last.last_at.strftime("%Y-%m-%d %H:%M:%SZ");
    say(format!("compared with policy {}, in force since {since}", last.version))?;
    if last.program != policies::PROGRAM {
        remark(format!(
            "it was in force with release {}: it is judged here by the rules and packs of {}",
            last.program,
            policies::PROGRAM
        ));
    }
    told(Business::read(&format!("policy {}", last.version), &last.text))
}

fn check(place: &Place, ask: &Ask) -> anyhow::Result<ExitCode> {
    if let Some(file) = ask.schema {
        let schema = match file {
            File::Relay => schema::of_machine(),
            File::Policy => schema::of_business(),
        };
        say(serde_json::to_string_pretty(&schema)?)?;
        return Ok(ExitCode::SUCCESS);
    }
    let machine = Config::load(&place.folder);
    let business = Business::load(&place.folder);
    let mut complaints = Vec::new();
    if let Err(found) = &machine {
        complaints.extend(found);
    }
    if let Err(found) = &business {
        complaints.extend(found);
    }
    complaints.iter().for_each(remark);
    let (Ok(machine), Ok(business)) = (&machine, &business) else {
        let things = if complaints.len() == 1 { "thing is" } else { "things are" };
        anyhow::bail!("{} {things} wrong in the configuration", complaints.len());
    };
    say(format!(
        "{} is valid: {} listener(s), {} route(s)",
        place.folder.join("relay.toml").display(),
        machine.listeners.len(),
        machine.delivery.routes.len() + 1,
    ))?;
    say(format!(
        "{} is valid: {} controller(s), {} stream(s), policy {}",
        place.folder.join("policy.toml").display(),
        business.controllers.len(),
        business.streams.len(),
        business.policy.version,
    ))?;
    own_times(machine, business)?;
    let links = no_links(&place.folder, machine, business);
    let warnings = business.warnings(&place.folder, Timestamp::now());
    links.iter().chain(&warnings).for_each(remark);
    for route in &machine.delivery.routes {
        for id in route.streams.iter().filter(|id| business.stream(id).is_none()) {
            remark(format!(
                "route `{}` names stream `{id}`, which policy.toml has not",
                route.name
            ));
        }
    }
    open_to_others(machine);
    Ok(ExitCode::SUCCESS)
}

/// What routes and streams say of how long their messages are tried.
fn own_times(machine: &Config, business: &Business) -> anyhow::Result<()> {
    let routes = machine.delivery.routes.iter().map(|own| ("route", &own.name, &own.times));
    let streams = business.streams.iter().map(|own| ("stream", &own.stream.id, &own.times));
    for (what, name, times) in routes.chain(streams).filter(|(.., times)| !times.is_empty()) {
        say(format!("{what} `{name}`: {times}"))?;
    }
    Ok(())
}

/// What an earlier release, or a copy, made for everybody to read; nobody changes it unasked.
fn open_to_others(machine: &Config) {
    let database = machine.database.reveal().strip_prefix("sqlite:");
    let database = database.map(|path| PathBuf::from(path.strip_prefix("//").unwrap_or(path)));
    let routes = machine.delivery.routes.iter().map(|route| &route.next_hop);
    let captured = routes.chain([&machine.delivery.otherwise]).filter_map(|hop| match hop {
        NextHop::Capture { folder } => Some(folder.clone()),
        NextHop::Smarthosts(_) | NextHop::Proxy(_) | NextHop::Mx { .. } => None,
    });
    let all = std::iter::once(machine.data.clone()).chain(database).chain(captured);
    for path in all.collect::<BTreeSet<_>>() {
        // What is not there yet is made shut, and a folder that is shut hides what is in it.
        let Ok(whole) = path.canonicalize() else { continue };
        if !whole.ancestors().all(owned::is_open) {
            continue;
        }
        let mode = if path.is_dir() { "700" } else { "600" };
        remark(format!(
            "`{path}` holds personal data, and others on this machine may read it: `chmod {mode} {path}`",
            path = path.display(),
        ));
    }
}
