//! `--against DIR`: every message below a folder, decided under two policies with what is on record.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use jiff::Timestamp;
use policy::{Address, Reading};

use super::{
    super::{judge::judged, remark, say},
    Count,
};
use crate::{
    config::Business,
    judge::{Judge, Shape, Submitted, with_crlf},
};

/// One line for each message and recipient on which `old` and `new` differ, then a count.
pub(super) async fn compare(
    judge: &Judge,
    (old, new): (&Business, &Business),
    folder: &Path,
    to: Option<&Address>,
) -> anyhow::Result<Count> {
    let files = messages(folder)?;
    anyhow::ensure!(!files.is_empty(), "there is no .eml below `{}`", folder.display());
    let at = Timestamp::now();
    let mut count = Count::default();
    for file in &files {
        let bytes = std::fs::read(file);
        let bytes = bytes.with_context(|| format!("cannot read `{}`", file.display()))?;
        let reading = Reading::of(with_crlf(&bytes).into());
        let named = to.map_or_else(|| recipients(&reading), |to| vec![to.clone()]);
        let shown = file.strip_prefix(folder).unwrap_or(file).display();
        if named.is_empty() {
            remark(format!("{shown}: its To names nobody: left out; name the recipient with --to"));
        }
        for to in &named {
            let asked = Submitted {
                reading: &reading,
                to,
                from: None,
                login: None,
                stream: None,
                recipients: named.len(),
                at,
            };
            let before = Shape::of(&judged(judge.judge(old, asked).await?)?);
            let after = Shape::of(&judged(judge.judge(new, asked).await?)?);
            count.decided += 1;
            if before.differs(&after) {
                count.differ += 1;
                say(format!("{shown} to {}: {}", to.as_str(), before.against(&after)))?;
            }
        }
    }
    let (files, Count { decided, differ, .. }) = (files.len(), count);
    say(format!("{files} message(s) to {decided} recipient(s): {differ} decided differently"))?;
    Ok(count)
}

/// Each address in To, once.
fn recipients(reading: &Reading) -> Vec<Address> {
    let mut found = Vec::new();
    for mailbox in reading.message.mailboxes("To") {
        if let Ok(address) = Address::parse(&mailbox.address)
            && !found.contains(&address)
        {
            found.push(address);
        }
    }
    found
}

/// In the order of their paths.
fn messages(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder)
            .with_context(|| format!("cannot read the folder `{}`", folder.display()))?;
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end.eq_ignore_ascii_case("eml")) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}
