//! `/system`: what stands behind the relay. Nothing can be changed here.

use std::borrow::Cow;

use askama::Template;
use axum::http::StatusCode;
use jiff::{SignedDuration, Timestamp};

use super::{Answer, Frame, Visit};
use crate::{
    system::{Job, System},
    web::html::html,
    webhook::Webhook,
};

#[derive(Template)]
#[template(path = "console/system_show.html")]
struct Page {
    frame: Frame,
    now: Timestamp,
    system: System,
    webhooks: Vec<Webhook>,
}

pub(super) async fn page(visit: Visit) -> Answer {
    let console = &visit.shared.console;
    let page = Page {
        frame: visit.frame(),
        now: visit.now,
        system: console.machine.read(&console.db, &console.secret).await?,
        webhooks: console.webhooks.list(None).await?,
    };
    Ok(html(StatusCode::OK, &page))
}

impl Page {
    /// What a job does; its name alone, where it has no words here.
    fn job(&self, job: &Job) -> Cow<'static, str> {
        let known = JOBS.iter().find(|(name, _)| *name == job.name);
        known.map_or_else(|| job.name.clone().into(), |(_, id)| self.frame.say(id))
    }

    fn is_held(&self, job: &Job) -> bool {
        job.lease_until.is_some_and(|until| until > self.now)
    }

    fn is_alive(&self, until: &Timestamp) -> bool {
        *until > self.now
    }

    /// In the largest unit that leaves a number of two digits or more.
    fn octets(&self, count: &u64) -> String {
        let units = ["B", "KiB", "MiB", "GiB", "TiB"];
        let (mut left, mut unit) = (*count, 0);
        while left >= 10_240 && unit + 1 < units.len() {
            left >>= 10;
            unit += 1;
        }
        let name = units.get(unit).copied().unwrap_or_default();
        format!("{}\u{a0}{name}", self.frame.count(&left))
    }

    /// Less than a tenth is left.
    fn is_short(&self, (free, all): &(u64, u64)) -> bool {
        *free < *all / 10
    }

    /// It ends soon, or has ended.
    fn ends_soon(&self, until: &Timestamp) -> bool {
        until.duration_since(self.now) < SOON
    }
}

/// Jobs by name, and what says what they do.
const JOBS: [(&str, &str); 15] = [
    ("clock/ends", "console-job-ends"),
    ("clock/silence", "console-job-silence"),
    ("clock/evidence", "console-job-evidence"),
    ("clock/erasures", "console-job-erasures"),
    ("clock/pending", "console-job-pending"),
    ("decisions/index", "console-job-index"),
    ("reach/follow", "console-job-reach"),
    ("tls-reports", "console-job-tls-reports"),
    ("evidence/checkpoint", "console-job-checkpoint"),
    ("keys/reseal", "console-job-reseal"),
    ("refusals/tell", "console-job-refusals"),
    ("review", "console-job-review"),
    ("staff/alerts", "console-job-alerts"),
    ("complaints/watch", "console-job-complaints"),
    ("staff/letters", "console-job-letters"),
];
const SOON: SignedDuration = SignedDuration::from_hours(14 * 24);

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    /// What the sources under a folder call their jobs.
    fn names(folder: &Path, all: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                names(&path, all);
            } else if let Ok(text) = fs::read_to_string(&path) {
                let named = text.split("const JOB: &str = \"").skip(1);
                all.extend(named.filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())));
            }
        }
    }

    #[test]
    fn every_job_is_told_in_words() {
        let mut all = Vec::new();
        names(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")), &mut all);
        // Its own text here is none.
        all.retain(|name| !name.contains("skip"));
        assert!(all.len() >= 6, "{all:?}");
        for name in all {
            assert!(JOBS.iter().any(|(known, _)| *known == name), "{name}");
        }
    }
}
