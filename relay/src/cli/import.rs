//! `souhlas import`: many contacts from a file, with the word of who brings it.

use std::{path::PathBuf, process::ExitCode, sync::Arc, time::Duration};

use anyhow::{anyhow, bail};
use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::Timestamp;
use policy::Controller;

use super::{arguments::moment, open::Place, remark, say, table::Table, whose::Whose};
use crate::{
    config::Business,
    consent::{
        Consent,
        import::{
            Done, Fault, Format, Mapping, Origin, Plan, Progress, STATEMENT, Status, import,
            import_suppressions, law,
        },
    },
};

#[derive(Args, Debug)]
pub(super) struct Import {
    /// CSV with a header line, or JSON: a list, lines, or an API's answer; UTF-8 or windows-1250
    #[arg(required_unless_present_any = ["suppress", "statement", "past"])]
    file: Option<PathBuf>,
    #[command(flatten)]
    whose: Whose,
    /// Id of the purpose; LIST=PURPOSE for a list, tag or purpose of the file, LIST= to leave it out
    #[arg(long, value_name = "[LIST=]PURPOSE")]
    purpose: Vec<String>,
    /// A list of people who get nothing: digests (MD5, SHA-256, SHA-512) of addresses or domains,
    /// or these themselves, one on each line
    #[arg(long, value_name = "FILE", conflicts_with_all = ["file", "purpose", "statement", "past"])]
    suppress: Option<PathBuf>,
    /// Where the addresses come from; only `own` is taken
    #[arg(long, value_parser = origin,
        required_unless_present_any = ["suppress", "statement", "past"])]
    origin: Option<Origin>,
    /// The file's source, in words: `export from the shop, 2026-11-02`
    #[arg(long, value_name = "TEXT", default_value = "")]
    source: String,
    /// Who signs the statement (`--statement` shows it)
    #[arg(long, value_name = "NAME", default_value = "")]
    attested_by: String,
    /// Whose export it is, where it is not told by the names in it: auto, table, smartemailing,
    /// ecomail, mailchimp, listmonk, souhlas
    #[arg(long, value_parser = format, default_value = "auto")]
    format: Auto,
    /// When consent was given, for lines without a date
    #[arg(long, value_parser = moment, value_name = "TIME")]
    from: Option<Timestamp>,
    /// The state of lines that name none: subscribed, unsubscribed, unconfirmed, bounced, removed
    #[arg(long, value_parser = Status::parse)]
    status: Option<Status>,
    /// Only lines with this in that column are a yes; a ticked box where no value is said
    #[arg(long, value_name = "COLUMN[=VALUE]")]
    only: Option<String>,
    /// Where lines go that are not taken, with the reason; `FILE.rejected.csv` where nothing is said
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
    /// Count, show the first faults, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Show what the person declares who attests an import
    #[arg(long, conflicts_with_all = ["file", "past"])]
    statement: bool,
    /// Show what was imported before, by whose word
    #[arg(long, conflicts_with = "file")]
    past: bool,
}

/// A format, or none: told by the file.
#[derive(Clone, Copy, Debug)]
struct Auto(Option<Format>);

pub(super) async fn run(place: &Place, ask: Import) -> anyhow::Result<ExitCode> {
    if ask.statement {
        say(STATEMENT)?;
        return Ok(ExitCode::SUCCESS);
    }
    let (business, consent) = (place.business()?, place.consent().await?);
    if ask.past {
        let owner = ask.whose.find(&business)?;
        return past(&consent, owner).await;
    }
    let is_list = ask.suppress.is_some();
    let Some(file) = ask.file.clone().or_else(|| ask.suppress.clone()) else {
        bail!("which file?");
    };
    // Who gets nothing may be known from anywhere.
    let origin = ask.origin.unwrap_or(Origin::Own);
    let plan = plan(&business, &consent, ask, origin, &file).await?;
    let bar = bar();
    let progress = |progress: Progress| {
        bar.set_length(progress.bytes_total);
        bar.set_position(progress.bytes);
        bar.set_message(format!("{} lines", progress.counts.lines));
    };
    let watch = &Timestamp::now;
    let done = match is_list {
        true => import_suppressions(&consent, watch, &file, &plan, progress).await,
        false => import(&consent, watch, &file, &plan, progress).await,
    };
    bar.finish_and_clear();
    match done {
        Ok(done) if is_list => told_list(&done, &plan),
        Ok(done) => told(&done, &plan),
        Err(Fault::File(error)) => bail!("cannot read `{}`: {error}", file.display()),
        Err(Fault::Forbidden(origin)) => Err(forbidden(&business, &plan, origin)),
        Err(fault @ Fault::Unattested) => {
            say(STATEMENT)?;
            bail!("{fault}: read the above, then `--source TEXT --attested-by NAME`");
        }
        Err(fault) => bail!("{fault}"),
    }
}

async fn plan(
    business: &Business,
    consent: &Consent,
    ask: Import,
    origin: Origin,
    file: &std::path::Path,
) -> anyhow::Result<Plan> {
    let mut purposes = Mapping::default();
    for text in &ask.purpose {
        purposes.add(text).map_err(|fault| anyhow!(fault))?;
    }
    // Where there are several controllers, a purpose tells which one is meant.
    let owner: &Arc<Controller> = match purposes.purposes().next() {
        Some(id) => ask.whose.purpose(business, consent, id).await?.1,
        None => ask.whose.find(business)?,
    };
    let rejects = match ask.rejects {
        None if ask.dry_run => None,
        None => {
            let mut name = file.to_owned().into_os_string();
            name.push(".rejected.csv");
            Some(name.into())
        }
        named => named,
    };
    let only = ask.only.map(|text| match text.split_once('=') {
        Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
        None => (text, None),
    });
    Ok(Plan {
        controller: owner.id.clone(),
        format: ask.format.0,
        purposes,
        origin,
        source: ask.source,
        attested_by: ask.attested_by,
        from: ask.from,
        status: ask.status,
        only,
        zone: owner.time_zone.clone(),
        actor: "cli".to_owned(),
        rejects,
        dry_run: ask.dry_run,
    })
}

fn told(done: &Done, plan: &Plan) -> anyhow::Result<ExitCode> {
    let counts = &done.counts;
    if plan.dry_run {
        say("dry run: nothing was written")?;
    }
    if done.went_on {
        remark("it went on where it had been stopped; the counts are of both together");
    }
    say(format!("{:<20}{:>10}", "format", done.format.word()))?;
    figures(&[
        ("lines", counts.lines),
        ("granted", counts.granted),
        ("already on record", counts.already),
        ("refusal stands", counts.refusal_stands),
        ("refused by the file", counts.refused),
        ("other statements", counts.others),
        ("left out", counts.left_out),
        ("rejected", counts.rejected),
        ("new contacts", counts.new_contacts),
    ])?;
    told_rejected(done, plan);
    if plan.dry_run && plan.attested_by.is_empty() {
        remark("to write it, attest it: see `souhlas import --statement`");
    }
    Ok(ExitCode::SUCCESS)
}

fn told_list(done: &Done, plan: &Plan) -> anyhow::Result<ExitCode> {
    let counts = &done.counts;
    if plan.dry_run {
        say("dry run: nothing was written")?;
    }
    figures(&[
        ("lines", counts.lines),
        ("entries", counts.listed),
        ("already listed", counts.already),
        ("rejected", counts.rejected),
        ("contacts refused", counts.refused),
    ])?;
    told_rejected(done, plan);
    Ok(ExitCode::SUCCESS)
}

fn figures(all: &[(&str, u64)]) -> anyhow::Result<()> {
    for (what, count) in all {
        say(format!("{what:<20}{count:>10}"))?;
    }
    Ok(())
}

fn told_rejected(done: &Done, plan: &Plan) {
    let counts = &done.counts;
    for (line, why) in &done.first_rejected {
        remark(format!("line {line}: {why}"));
    }
    let more = counts.rejected.saturating_sub(done.first_rejected.len() as u64);
    if more > 0 {
        remark(format!("and {more} more"));
    }
    match &plan.rejects {
        Some(file) if counts.rejected > 0 => {
            remark(format!("the lines not taken are in `{}`", file.display()));
        }
        Some(_) | None => {}
    }
}

/// With the law of the controller's own country.
fn forbidden(business: &Business, plan: &Plan, origin: Origin) -> anyhow::Error {
    let owner = business.controllers.iter().find(|own| own.id == plan.controller);
    let pack = owner.and_then(|own| business.pack_of(own, Timestamp::now()));
    let law = law(origin, pack.as_slice());
    anyhow!("{} ({})", Fault::Forbidden(origin), law.join("; "))
}

async fn past(consent: &Consent, owner: &Controller) -> anyhow::Result<ExitCode> {
    let mut table = Table::new(&[
        "BEGAN",
        "FILE",
        "FORMAT",
        "LINES",
        "GRANTED",
        "ATTESTED BY",
        "SOURCE",
        "DONE",
    ]);
    for one in consent.imports(&owner.id).await? {
        let day = |at: Timestamp| at.strftime("%Y-%m-%d %H:%M").to_string();
        table.row([
            day(one.at),
            one.file,
            one.format,
            one.counts.lines.to_string(),
            one.counts.granted.to_string(),
            one.attested_by,
            one.source,
            one.done_at.map_or_else(|| "stopped".to_owned(), day),
        ]);
    }
    if table.is_empty() {
        remark("nothing was imported yet");
    } else {
        say(table)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn origin(text: &str) -> Result<Origin, String> {
    let known = || Origin::ALL.map(Origin::word).join(", ");
    let found = Origin::ALL.into_iter().find(|origin| origin.word() == text);
    found.ok_or_else(|| format!("write one of {}", known()))
}

fn format(text: &str) -> Result<Auto, String> {
    if text == "auto" {
        return Ok(Auto(None));
    }
    let known = || Format::ALL.map(Format::word).join(", ");
    let found = Format::ALL.into_iter().find(|format| format.word() == text);
    found
        .map(|format| Auto(Some(format)))
        .ok_or_else(|| format!("write auto or one of {}", known()))
}

/// On stderr, and only where that is a terminal.
fn bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr_with_hz(4));
    let form = "{bar:32} {percent:>3} %  {bytes}/{total_bytes}  {msg}  {eta} left";
    if let Ok(style) = ProgressStyle::with_template(form) {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(500));
    bar
}
