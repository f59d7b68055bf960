//! `souhlas export`: a controller's contacts with all that is on record for them.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use jiff::Timestamp;
use policy::Country;

use super::{
    arguments::country,
    listing::{clocks, filter},
    open::Place,
    remark,
    whose::Whose,
};
use crate::{
    consent::export::{Export as Contacts, Receipts, Whole, table},
    owned,
};

#[derive(Args, Debug)]
pub(super) struct Export {
    #[command(flatten)]
    whose: Whose,
    #[arg(long, value_enum, default_value = "json")]
    format: Format,
    /// Which contacts, as JSON or a file of it, as with `souhlas contact list`
    #[arg(long, value_name = "JSON|FILE")]
    filter: Option<String>,
    /// Only what concerns one purpose
    #[arg(long)]
    purpose: Option<String>,
    /// Where to; to the terminal where nothing is said
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
    /// For receipts: the country where the relay's data are kept; the controller's own where
    /// nothing is said
    #[arg(long, value_name = "CC", value_parser = country)]
    stored_in: Option<Country>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// A table: a line for each grant and each refusal
    Csv,
    /// Lines of JSON, one for each contact; `souhlas import` takes all of it back
    Json,
    /// Lines of JSON-LD: consent receipts after ISO/IEC TS 27560
    Receipts,
}

pub(super) async fn run(place: &Place, ask: Export) -> anyhow::Result<ExitCode> {
    let (config, business) = (place.config()?, place.business()?);
    let consent = place.store(&config).await?.consent();
    let now = Timestamp::now();
    let owner = match &ask.purpose {
        Some(id) => ask.whose.purpose(&business, &consent, id).await?.1,
        None => ask.whose.find(&business)?,
    };
    let clocks = clocks(&business, owner, now)?;
    let filter = ask.filter.as_deref().map(filter).transpose()?.map(|filter| (filter, clocks));
    let purposes = consent.purposes_of(&owner.id).await?;
    let receipts = Receipts::new(owner, &purposes, ask.stored_in, now);
    let mut contacts = Contacts::new(&consent, &owner.id, filter, ask.purpose.clone());
    let mut out = out(ask.to.as_deref())?;
    let mut count = 0;
    if matches!(ask.format, Format::Csv) {
        out.write_all(table::header().as_bytes())?;
    }
    while let Some(page) = contacts.next(now).await? {
        for whole in &page {
            write(&mut out, ask.format, whole, &receipts)?;
        }
        count += page.len();
    }
    out.flush()?;
    if let Some(file) = &ask.to {
        remark(format!("{count} contacts are in `{}`", file.display()));
    }
    Ok(ExitCode::SUCCESS)
}

fn write(
    out: &mut impl Write,
    format: Format,
    whole: &Whole,
    receipts: &Receipts<'_>,
) -> anyhow::Result<()> {
    match format {
        Format::Csv => out.write_all(table::lines(whole).as_bytes())?,
        Format::Json => {
            serde_json::to_writer(&mut *out, whole)?;
            out.write_all(b"\n")?;
        }
        Format::Receipts => {
            for receipt in receipts.of(whole) {
                serde_json::to_writer(&mut *out, &receipt)?;
                out.write_all(b"\n")?;
            }
        }
    }
    Ok(())
}

/// A new file is for its owner alone: it is full of addresses.
fn out(file: Option<&Path>) -> anyhow::Result<Box<dyn Write>> {
    let Some(file) = file else { return Ok(Box::new(BufWriter::new(io::stdout()))) };
    let opened: io::Result<File> =
        owned::options().create(true).write(true).truncate(true).open(file);
    let opened = opened.with_context(|| format!("cannot write `{}`", file.display()))?;
    Ok(Box::new(BufWriter::new(opened)))
}
