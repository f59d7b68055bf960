//! `souhlas policy report`: how well the class of labelled messages is found.
//!
//! Reads a folder and nothing else: no configuration, no database.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use ::policy::{
    Class,
    report::{Counted, Figures, Judged, judge},
};
use anyhow::{Context as _, bail};
use bytes::Bytes;
use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;

use super::{remark, say, table::Table};
use crate::judge::as_word;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Say how well the class is found in messages that stand in folders named by their class
    ///
    /// Precision and recall of each class, what was taken for what, each message it got wrong and
    /// the signs that misled it. Exit code: 0 every bound is kept, 3 one is not, 1 error.
    Report(Report),
}

#[derive(Args, Debug)]
pub(super) struct Report {
    /// The folder: DIR/CLASS/*.eml; names that begin with `apart_` are kept apart from tuning, two
    /// letters before the next `_` are the language
    dir: PathBuf,
    /// Which messages count
    #[arg(long, value_enum, default_value_t = Part::All, value_name = "PART")]
    part: Part,
    /// The least a figure may be: commercial-recall, exact, CLASS-recall, CLASS-precision
    #[arg(long, value_parser = bound, value_name = "FIGURE=SHARE")]
    floor: Vec<(String, f64)>,
    /// The most a figure may be: transactional-for-commercial
    #[arg(long, value_parser = bound, value_name = "FIGURE=SHARE")]
    ceiling: Vec<(String, f64)>,
    /// For machines
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Part {
    All,
    Apart,
    Rest,
}

pub(super) fn run(command: &Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Report(report) => report.run(),
    }
}

impl Report {
    fn run(&self) -> anyhow::Result<ExitCode> {
        let all = labelled(&self.dir)?;
        let counted = match self.part {
            Part::All => Counted::All,
            Part::Apart => Counted::Apart,
            Part::Rest => Counted::Rest,
        };
        let chosen: Vec<&Judged> = all.iter().filter(|one| one.is_in(counted)).collect();
        if chosen.is_empty() {
            bail!("no message to judge in `{}`: it needs CLASS/*.eml", self.dir.display());
        }
        let figures = Figures::of(chosen.iter().copied());
        if self.json {
            say(serde_json::to_string_pretty(&json!({
                "figures": figures,
                "apart": Figures::of(all.iter().filter(|one| one.is_in(Counted::Apart))),
                "rest": Figures::of(all.iter().filter(|one| one.is_in(Counted::Rest))),
                "languages": by_language(&chosen).into_iter().collect::<serde_json::Map<_, _>>(),
                "wrong": chosen.iter().filter(|one| !one.is_right()).collect::<Vec<_>>(),
            }))?)?;
        } else {
            summary(&all, &chosen)?;
            classes(&figures)?;
            confusion(&figures)?;
            wrong(&chosen)?;
        }
        self.judge_bounds(&figures)
    }

    fn judge_bounds(&self, figures: &Figures) -> anyhow::Result<ExitCode> {
        let mut kept = true;
        let bounds = self.floor.iter().map(|bound| (bound, true));
        for ((name, bound), is_floor) in bounds.chain(self.ceiling.iter().map(|b| (b, false))) {
            let found =
                figures.named(name).map_err(|fault| anyhow::anyhow!("`{name}`: {fault}"))?;
            // Nothing to measure is nothing that is kept.
            let is_kept = found.is_some_and(|f| if is_floor { f >= *bound } else { f <= *bound });
            if !is_kept {
                let side = if is_floor { "under" } else { "over" };
                remark(format!("{name} is {}, {side} {bound}", percent(found)));
                kept = false;
            }
        }
        Ok(if kept { ExitCode::SUCCESS } else { ExitCode::from(BOUND_BROKEN) })
    }
}

const BOUND_BROKEN: u8 = 3;

/// `commercial-recall=0.98`.
fn bound(text: &str) -> Result<(String, f64), String> {
    let (name, share) = text.split_once('=').ok_or("write FIGURE=SHARE: commercial-recall=0.98")?;
    let share: f64 = share.parse().map_err(|_| format!("`{share}` is no number"))?;
    if !(0.0..=1.0).contains(&share) {
        return Err("a share is between 0 and 1".into());
    }
    Figures::of([]).named(name).map_err(str::to_owned)?;
    Ok((name.to_owned(), share))
}

/// Every message of the folder, by the name of its folder and its own.
fn labelled(dir: &Path) -> anyhow::Result<Vec<Judged>> {
    let mut all = Vec::new();
    for folder in entries(dir)? {
        if !folder.is_dir() {
            continue;
        }
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let Ok(label) = name.parse::<Class>() else {
            bail!("`{}` is named like no class: {}", folder.display(), known_classes());
        };
        for file in entries(&folder)? {
            if file.extension().is_none_or(|extension| extension != "eml") {
                continue;
            }
            let bytes = fs::read(&file).with_context(|| format!("read `{}`", file.display()))?;
            let own = file.file_name().unwrap_or_default().to_string_lossy();
            all.push(judge(label, &format!("{name}/{own}"), Bytes::from(bytes)));
        }
    }
    Ok(all)
}

fn entries(dir: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let read = fs::read_dir(dir).with_context(|| format!("read the folder `{}`", dir.display()))?;
    let mut paths: Vec<PathBuf> =
        read.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    paths.sort();
    Ok(paths)
}

fn known_classes() -> String {
    Class::ALL.iter().map(as_word).collect::<Vec<_>>().join(", ")
}

fn by_language(judged: &[&Judged]) -> Vec<(String, serde_json::Value)> {
    languages(judged)
        .into_iter()
        .map(|language| (language.clone(), json!(Figures::of(of_language(judged, &language)))))
        .collect()
}

fn languages(judged: &[&Judged]) -> Vec<String> {
    let mut all: Vec<String> = judged.iter().filter_map(|one| one.language.clone()).collect();
    all.sort();
    all.dedup();
    all
}

fn of_language<'a>(judged: &[&'a Judged], language: &str) -> impl Iterator<Item = &'a Judged> {
    let judged: Vec<&Judged> =
        judged.iter().copied().filter(|one| one.language.as_deref() == Some(language)).collect();
    judged.into_iter()
}

/// The figures of each part, then of each language among those that count.
fn summary(all: &[Judged], chosen: &[&Judged]) -> anyhow::Result<()> {
    let mut table = Table::new(&[
        "MESSAGES OF",
        "NUMBER",
        "COMMERCIAL RECALL",
        "TRANSACTIONAL FOR COMMERCIAL",
        "EXACT",
    ]);
    let mut row = |name: String, figures: &Figures| {
        table.row([
            name,
            figures.messages.to_string(),
            percent(figures.commercial_recall),
            percent(figures.transactional_for_commercial),
            percent(figures.exact),
        ]);
    };
    for (name, counted) in
        [("all", Counted::All), ("kept apart", Counted::Apart), ("the rest", Counted::Rest)]
    {
        row(name.to_owned(), &Figures::of(all.iter().filter(|one| one.is_in(counted))));
    }
    for language in languages(chosen) {
        row(language.clone(), &Figures::of(of_language(chosen, &language)));
    }
    say(table)?;
    say("")
}

fn classes(figures: &Figures) -> anyhow::Result<()> {
    let mut table = Table::new(&["CLASS", "MESSAGES", "PRECISION", "RECALL"]);
    for one in &figures.classes {
        table.row([
            as_word(&one.class),
            one.messages.to_string(),
            percent(one.precision),
            percent(one.recall),
        ]);
    }
    say(table)?;
    say("")
}

/// One row for each label, one column for each class that was taken.
fn confusion(figures: &Figures) -> anyhow::Result<()> {
    let classes: Vec<Class> = figures.classes.iter().map(|one| one.class).collect();
    let names: Vec<String> = classes.iter().map(as_word).collect();
    let headings = ["LABEL \\ TAKEN AS"].into_iter().chain(names.iter().map(String::as_str));
    let mut table = Table::new(&headings.collect::<Vec<_>>());
    for label in &classes {
        let count = |taken: &Class| {
            let same =
                |one: &&::policy::report::Confused| one.label == *label && one.taken == *taken;
            figures
                .confusion
                .iter()
                .find(same)
                .map_or(String::new(), |one| one.messages.to_string())
        };
        table.row(std::iter::once(as_word(label)).chain(classes.iter().map(count)));
    }
    say(table)
}

fn wrong(judged: &[&Judged]) -> anyhow::Result<()> {
    for one in judged.iter().filter(|one| !one.is_right()) {
        say(format!("\n{}: taken for {}", one.file, one.taken.words()))?;
        let mut table = Table::new(&["WEIGHT", "FOR", "SIGN", "PLACE", "SHOWN"]);
        for sign in one.signs.iter().take(SIGNS_SHOWN) {
            let class = sign.speaks_for.words().to_owned();
            table.row([
                sign.weight.to_string(),
                class,
                sign.name.to_owned(),
                sign.place.words(),
                sign.shown.clone(),
            ]);
        }
        say(table)?;
    }
    Ok(())
}

/// The rest weigh little.
const SIGNS_SHOWN: usize = 12;

fn percent(share: Option<f64>) -> String {
    share.map_or("-".to_owned(), |share| format!("{:.1} %", share * 100.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_names_a_figure_and_a_share() {
        assert_eq!(bound("commercial-recall=0.98"), Ok(("commercial-recall".to_owned(), 0.98)));
        for text in ["commercial-recall", "recall=0.9", "exact=98", "exact=x"] {
            assert!(bound(text).is_err(), "{text}");
        }
    }
}
