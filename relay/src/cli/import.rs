//! `souhlas import`: many consents from a CSV file.

use std::{fs::File, io::Write, path::PathBuf, process::ExitCode, time::Duration};

use anyhow::{Context as _, bail};
use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::Timestamp;
use policy::Source;

use super::{
    arguments::{moment, word},
    open::Place,
    remark, say,
    whose::Whose,
};
use crate::consent::import::{Counts, Fault, Plan, import};

#[derive(Args, Debug)]
pub(super) struct Import {
    /// CSV with a header line: comma, semicolon or tab; UTF-8 or windows-1250
    file: PathBuf,
    #[command(flatten)]
    whose: Whose,
    /// Id of the purpose
    #[arg(long)]
    purpose: String,
    /// Where the addresses come from: own, purchased, public, scraped
    #[arg(long, value_parser = word::<Source>)]
    source: Source,
    /// What proves the consents, in words: `export from the shop, 2026-11-02`
    #[arg(long, default_value = "")]
    attest: String,
    /// When consent was given, for lines without a date
    #[arg(long, value_parser = moment, value_name = "TIME")]
    from: Option<Timestamp>,
    /// Where lines go that are not taken, with the reason; `FILE.rejected.csv` where nothing is said
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
    /// Count, and write nothing
    #[arg(long)]
    dry_run: bool,
}

pub(super) async fn run(place: &Place, ask: Import) -> anyhow::Result<ExitCode> {
    let (business, consent) = (place.business()?, place.consent().await?);
    let (purpose, owner) = ask.whose.purpose(&business, &consent, &ask.purpose).await?;
    let plan = Plan {
        controller: owner.id.clone(),
        purpose: purpose.id,
        source: ask.source,
        note: ask.attest.clone(),
        from: ask.from,
        zone: owner.time_zone.clone(),
        actor: "cli".to_owned(),
        dry_run: ask.dry_run,
    };
    let rejects_at = ask.rejects.unwrap_or_else(|| {
        let mut name = ask.file.clone().into_os_string();
        name.push(".rejected.csv");
        name.into()
    });
    let rejects: Option<Box<dyn Write + Send>> = if ask.dry_run {
        None
    } else {
        let file = File::create(&rejects_at)
            .with_context(|| format!("cannot write `{}`", rejects_at.display()))?;
        Some(Box::new(file))
    };
    let bar = bar();
    let done = import(&consent, Timestamp::now(), &ask.file, &plan, rejects, |progress| {
        bar.set_length(progress.bytes_total);
        bar.set_position(progress.bytes);
        bar.set_message(format!("{} lines", progress.counts.lines));
    })
    .await;
    bar.finish_and_clear();
    let counts = match done {
        Ok(counts) => counts,
        Err(Fault::File(error)) => bail!("cannot read `{}`: {error}", ask.file.display()),
        Err(fault) => bail!("{fault}"),
    };
    told(&counts, ask.dry_run)?;
    if counts.rejected > 0 && !ask.dry_run {
        remark(format!("the lines not taken are in `{}`", rejects_at.display()));
    } else if !ask.dry_run {
        let _ = std::fs::remove_file(&rejects_at);
    }
    Ok(ExitCode::SUCCESS)
}

fn told(counts: &Counts, dry_run: bool) -> anyhow::Result<()> {
    if dry_run {
        say("dry run: nothing was written")?;
    }
    for (what, count) in [
        ("lines", counts.lines),
        ("granted", counts.granted),
        ("already on record", counts.already),
        ("refusal stands", counts.refusal_stands),
        ("refused by the file", counts.refused),
        ("rejected", counts.rejected),
        ("new contacts", counts.new_contacts),
    ] {
        say(format!("{what:<20}{count:>10}"))?;
    }
    Ok(())
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
