//! `souhlas explain` and `souhlas rewrite`: the verdict on a message in a file, without sending it.
//!
//! Both ask what intake asks and decide as it does. Nothing is written, not even to the journal.

use std::{io::Read, path::PathBuf, process::ExitCode};

use anyhow::{Context as _, bail};
use bytes::Bytes;
use clap::Args;
use jiff::Timestamp;
use policy::{Action, Address, Edit, LinkKind, Reading};
use serde_json::json;
use uuid::Uuid;

use super::{
    arguments::{address, moment},
    judge::{self, Judge, Judged, Submitted},
    open::Place,
    remark, say,
};
use crate::{config::Business, consent::link::Maker, facts::Declared, sign};

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
    judge: Judge,
    business: Business,
    reading: Reading,
    now: Timestamp,
}

pub(super) async fn explain(place: &Place, ask: Ask, as_json: bool) -> anyhow::Result<ExitCode> {
    let bench = Bench::open(place, &ask).await?;
    match bench.judge(&ask).await? {
        Judged::Verdict(judged) => {
            let (verdict, explanation) = *judged;
            if as_json {
                say(serde_json::to_string_pretty(&explanation)?)?;
            } else {
                say(explanation.to_text().trim_end())?;
            }
            Ok(exit_code(verdict.action))
        }
        Judged::Refused { because } => {
            if as_json {
                let refused = json!({
                    "action": Action::Reject, "because": because, "class": null, "stream": null,
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
            let (verdict, explanation) = *judged;
            if verdict.action > Action::SendEdited {
                remark("it would not leave, so nothing is printed");
                remark(explanation.to_text().trim_end());
            } else {
                let bytes = bench.rendered(&ask, &verdict.edits)?;
                std::io::Write::write_all(&mut std::io::stdout(), &bytes)?;
            }
            Ok(exit_code(verdict.action))
        }
        Judged::Refused { because } => {
            remark(format!("it would not leave: {because}"));
            Ok(exit_code(Action::Reject))
        }
    }
}

impl Bench {
    async fn open(place: &Place, ask: &Ask) -> anyhow::Result<Self> {
        let judge = Judge::open(place).await?;
        let business = place.business()?;
        let reading = Reading::of(read(&ask.file)?);
        Ok(Self { judge, business, reading, now: ask.at.unwrap_or_else(Timestamp::now) })
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
        self.judge.judge(&self.business, self.submitted(ask)).await
    }

    /// As delivery renders it: edits, signatures they break removed, the relay's own on top.
    fn rendered(&self, ask: &Ask, edits: &[Edit]) -> anyhow::Result<Bytes> {
        let declared = Declared::of(&self.reading);
        let message = &self.reading.message;
        let stream = judge::stream(&self.business, self.submitted(ask), &declared)?;
        let Ok(stream) = stream else { bail!("there is no stream") };
        let Judge { config, store, signer, .. } = &self.judge;
        let links = config.web.url.as_deref();
        let links = links.map(|url| Maker::new(url, store.secret.clone()));
        let key = store.secret.address_key(&stream.controller.id, &ask.to);
        let id = Uuid::now_v7();
        let link = |kind: &LinkKind| {
            let made = links.as_ref().map(|links| links.link(kind, stream, key, id, self.now));
            made.unwrap_or_default()
        };
        let cannot = |why| anyhow::anyhow!("the message cannot be edited: {why:?}");
        let mut bytes = policy::render(message, edits, &link).map_err(cannot)?;
        let broken = sign::broken_by(message.bytes(), &bytes);
        if !broken.is_empty() {
            let all: Vec<Edit> = edits.iter().cloned().chain(broken).collect();
            bytes = policy::render(message, &all, &link).map_err(cannot)?;
        }
        let Some(domain) = self.judge.signing_domain(&self.reading) else { return Ok(bytes) };
        let signature = signer.sign(&bytes, &domain, self.now);
        let mut signed =
            signature.map_err(|why| anyhow::anyhow!("cannot sign for `{domain}`: {why:?}"))?;
        signed.extend_from_slice(&bytes);
        Ok(signed.into())
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

/// Every line end as CRLF.
pub(super) fn with_crlf(bytes: &[u8]) -> Vec<u8> {
    let mut wired = Vec::with_capacity(bytes.len() + bytes.len() / 32);
    let mut last = 0;
    for byte in bytes {
        if *byte == b'\n' && last != b'\r' {
            wired.push(b'\r');
        }
        wired.push(*byte);
        last = *byte;
    }
    wired
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_become_crlf_once() {
        for (bytes, wired) in [
            (&b"a\nb\n"[..], &b"a\r\nb\r\n"[..]),
            (b"a\r\nb\r\n", b"a\r\nb\r\n"),
            (b"\n\r\n\n", b"\r\n\r\n\r\n"),
            (b"", b""),
            (b"a\rb", b"a\rb"),
        ] {
            assert_eq!(with_crlf(bytes), wired);
        }
    }
}
