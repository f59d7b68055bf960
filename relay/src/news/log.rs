//! The log of events: a line of JSON for each, appended to a file, for those who read files.
//!
//! Read from the journal after it was committed, so that writing it costs mail nothing, and how far it
//! came stands in a file beside it: a stop loses no line. After a power cut the last ones may stand
//! there twice, with the same `id`. The file is opened anew each time: it may be moved away.

use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context as _;
use tokio::sync::watch;

use super::read;
use crate::{
    db::Db,
    journal::{self, chain::Table},
};

/// The log of one relay: of all that share its database.
#[derive(Clone, Debug)]
pub struct Log {
    db: Db,
    path: PathBuf,
}

/// Of each chain, the last line that was told of.
pub type Mark = BTreeMap<i64, i64>;

impl Log {
    /// `path` is a file; what stands beside it as `path.mark` is the log's, too.
    pub fn new(db: Db, path: &Path) -> Self {
        Self { db, path: path.to_owned() }
    }

    /// Until told to stop.
    pub async fn run(self, mut stopping: watch::Receiver<bool>) {
        loop {
            let more = match self.tick().await {
                Ok(more) => more,
                Err(fault) => {
                    let fault = format!("{fault:#}");
                    tracing::warn!(fault, "the log of events waits");
                    false
                }
            };
            if more && !*stopping.borrow() {
                continue;
            }
            tokio::select! {
                _ = stopping.wait_for(|stop| *stop) => return,
                () = tokio::time::sleep(TICK) => {}
            }
        }
    }

    /// What some lines of each chain that grew tell; whether there may be more.
    ///
    /// # Errors
    /// Where the database does not answer, or the files cannot be written: what was told is told again.
    pub async fn tick(&self) -> anyhow::Result<bool> {
        let mut conn = self.db.read_briefly().await?;
        let heads = journal::heads(&mut conn, Table::Journal).await?;
        let Some(mut mark) = self.mark()? else {
            // What was written down before is no news.
            self.put(&heads.iter().map(|(_, head)| (head.chain, head.seq)).collect())?;
            return Ok(false);
        };
        let (mut text, mut more, mut grew) = (String::new(), false, false);
        for (_, head) in &heads {
            let after = mark.get(&head.chain).copied().unwrap_or(0);
            let last = head.seq.min(after.saturating_add(WINDOW));
            if last <= after {
                continue;
            }
            for news in read(&mut conn, (head.chain, after, last)).await? {
                text.push_str(&news.json().to_string());
                text.push('\n');
            }
            more |= last < head.seq;
            grew = true;
            mark.insert(head.chain, last);
        }
        drop(conn);
        if grew {
            append(&self.path, &text).with_context(|| self.path.display().to_string())?;
            self.put(&mark)?;
        }
        Ok(more)
    }

    fn mark(&self) -> anyhow::Result<Option<Mark>> {
        let path = self.mark_path();
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(fault) => return Err(fault).with_context(|| path.display().to_string()),
        };
        let mark = serde_json::from_str(&text)
            .with_context(|| format!("{}: remove it to begin anew", path.display()))?;
        Ok(Some(mark))
    }

    /// The old one or the new one, whenever the power fails.
    fn put(&self, mark: &Mark) -> anyhow::Result<()> {
        let path = self.mark_path();
        let next = path.with_extension("mark-next");
        let written = || -> io::Result<()> {
            let mut file = File::create(&next)?;
            file.write_all(&serde_json::to_vec(mark)?)?;
            file.sync_all()?;
            fs::rename(&next, &path)
        };
        written().with_context(|| path.display().to_string())
    }

    fn mark_path(&self) -> PathBuf {
        let mut path = self.path.clone().into_os_string();
        path.push(".mark");
        path.into()
    }
}

fn append(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o640);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_data()
}

/// An event is in the log within this time.
const TICK: Duration = Duration::from_millis(500);
/// Lines of a chain in one step.
const WINDOW: i64 = 2_000;
