//! `souhlas check`: both configuration files, every complaint at once; and their JSON Schemas.

use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::{open::Place, remark, say};
use crate::config::{Business, Config, schema};

#[derive(Args, Debug)]
pub(super) struct Ask {
    /// Print the JSON Schema of one of the files instead, for editors
    #[arg(long, value_name = "FILE")]
    schema: Option<File>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum File {
    Relay,
    Policy,
}

pub(super) fn run(place: &Place, ask: &Ask) -> anyhow::Result<ExitCode> {
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
    for route in &machine.delivery.routes {
        for id in route.streams.iter().filter(|id| business.stream(id).is_none()) {
            remark(format!(
                "route `{}` names stream `{id}`, which policy.toml has not",
                route.name
            ));
        }
    }
    Ok(ExitCode::SUCCESS)
}
