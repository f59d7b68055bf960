//! `souhlas explain` and `souhlas rewrite`: the verdict on a message in a file, without sending it.
//!
//! Both ask what intake asks and decide as it does. Nothing is written, not even to the journal.

use std::{io::Read, path::PathBuf, process::ExitCode};

use anyhow::{Context as _, anyhow};
use bytes::Bytes;
use clap::Args;
use jiff::Timestamp;
use policy::{Action, Address, Language, Reading};
use serde_json::json;

use super::{
    arguments::{address, language, moment},
    judge::{Opened, judged},
    open::Place,
    remark, say,
};
use crate::{
    config::Business,
    judge::{Decided, Judged, Submitted, with_crlf},
    words::Words,
};

#[derive(Args, Debug)]
pub(super) struct Ask {
    /// The message (.eml); `-` reads standard input
    file: PathBuf,
    /// The recipient
    #[arg(long, value_parser = address, value_name = "ADDRESS")]
    to: Address,
    /// MAIL FROM; also stands for From where the message has none
    #[arg(long, value_parser = address, value_name = "ADDRESS")]
    from: Option<Address>,
    /// The login that would submit it; its senders are checked
    #[arg(long)]
    login: Option<String>,
    /// The stream, whatever the message says
    #[arg(long)]
    stream: Option<String>,
    /// The moment to decide at: 2026-04-30 or 2026-04-30T08:00:00+02:00; now where nothing is said
    #[arg(long, value_parser = moment, value_name = "TIME")]
    at: Option<Timestamp>,
}

/// One message, and everything that was opened to judge it.
struct Bench {
    opened: Opened,
    business: Business,
    reading: Reading,
    now: Timestamp,
}

#[derive(Args, Debug)]
pub(super) struct Told {
    /// In which language reasons and duties are said: cs, sk or en; where nothing is said, reasons
    /// in English and duties in the controller's
    #[arg(long, value_parser = language)]
    language: Option<Language>,
    /// For machines
    #[arg(long)]
    json: bool,
}

pub(super) async fn explain(place: &Place, ask: Ask, told: Told) -> anyhow::Result<ExitCode> {
    let bench = Bench::open(place, &ask).await?;
    match bench.judge(&ask).await? {
        Judged::Verdict(judged) => {
            let Decided { verdict, mut explanation, .. } = *judged;
            if let Some(language) = told.language {
                let words = Words::of(language);
                explanation.say_in(language, &|reason| words.reason(reason));
            }
            if told.json {
                say(serde_json::to_string_pretty(&explanation)?)?;
            } else {
                say(explanation.to_text().trim_end())?;
            }
            Ok(exit_code(verdict.action))
        }
        Judged::Refused(because) => {
            if told.json {
                let refused = json!({
                    "action": Action::Reject, "because": because.to_string(), "class": null, "stream": null,
                    "controller": null, "purpose": null, "outcomes": [], "edits": [],
                });
                say(serde_json::to_string_pretty(&refused)?)?;
            } else {
                say(format!("action    reject\nbecause   {because}"))?;
            }
            Ok(exit_code(Action::Reject))
        }
    }
}

/// Prints the message as it would leave: octets, CRLF line ends, with its signatures.
pub(super) async fn rewrite(place: &Place, ask: Ask) -> anyhow::Result<ExitCode> {
    let bench = Bench::open(place, &ask).await?;
    match bench.judge(&ask).await? {
        Judged::Verdict(judged) => {
            if judged.leaves() {
                let asked = bench.submitted(&ask);
                let judge = &bench.opened.judge;
                let bytes = judge.rendered(&bench.business, asked, &judged.verdict.edits);
                let bytes = bytes.map_err(|why| anyhow!(why))?;
                std::io::Write::write_all(&mut std::io::stdout(), &bytes)?;
            } else {
                remark("it would not leave, so nothing is printed");
                remark(judged.explanation.to_text().trim_end());
            }
            Ok(exit_code(judged.verdict.action))
        }
        Judged::Refused(because) => {
            remark(format!("it would not leave: {because}"));
            Ok(exit_code(Action::Reject))
        }
    }
}

impl Bench {
    async fn open(place: &Place, ask: &Ask) -> anyhow::Result<Self> {
        let opened = Opened::new(place).await?;
        let business = place.business()?;
        let reading = Reading::of(read(&ask.file)?);
        Ok(Self { opened, business, reading, now: ask.at.unwrap_or_else(Timestamp::now) })
    }

    fn submitted<'a>(&'a self, ask: &'a Ask) -> Submitted<'a> {
        Submitted {
            reading: &self.reading,
            to: &ask.to,
            from: ask.from.as_ref(),
            login: ask.login.as_deref(),
            stream: ask.stream.as_deref(),
            recipients: 1,
            at: self.now,
        }
    }

    async fn judge(&self, ask: &Ask) -> anyhow::Result<Judged> {
        judged(self.opened.judge.judge(&self.business, self.submitted(ask)).await?)
    }
}

/// The message with CRLF line ends, as it would arrive over SMTP.
pub(super) fn read(file: &std::path::Path) -> anyhow::Result<Bytes> {
    let mut bytes = Vec::new();
    if file.as_os_str() == "-" {
        std::io::stdin().read_to_end(&mut bytes).context("cannot read standard input")?;
    } else {
        bytes = std::fs::read(file).with_context(|| format!("cannot read `{}`", file.display()))?;
    }
    let wired = with_crlf(&bytes);
    if wired.len() != bytes.len() {
        remark("line ends without CR were read as CRLF, as SMTP has them");
    }
    Ok(wired.into())
}

fn exit_code(action: Action) -> ExitCode {
    ExitCode::from(match action {
        Action::Send => 0,
        Action::SendEdited => 10,
        Action::Defer => 20,
        Action::Hold => 30,
        Action::Reject => 40,
    })
}
