//! `souhlas explain` and `souhlas rewrite`: the verdict on a message in a file, without sending it.
//!
//! Both ask what intake asks and decide as it does. Nothing is written, not even to the journal.

use std::{io::Read, path::PathBuf, process::ExitCode, time::Duration};

use anyhow::{Context as _, bail};
use bytes::Bytes;
use clap::Args;
use jiff::Timestamp;
use policy::{Action, Address, Decider, Edit, Known, LinkKind, Reading, Stream, Verdict};
use serde_json::json;
use uuid::Uuid;

use super::{
    arguments::{address, moment},
    open::{Place, Store},
    remark, say,
};
use crate::{
    config::{Admits, Business, Config},
    consent::link::Maker,
    facts::{Case, Declared},
    login::{self, Login},
    sign::{self, Signer},
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

/// What was decided, or why it never came to that.
enum Judged {
    Verdict(Box<(Verdict, policy::Explanation)>),
    /// The relay would refuse the message before any rule.
    Refused {
        because: String,
    },
}

/// Everything that was opened to judge one message.
struct Bench {
    config: Config,
    business: Business,
    signer: Signer,
    store: Store,
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
        let config = place.config()?;
        let business = place.business()?;
        let signer = Signer::load(&config.keys)?;
        let store = place.store(&config).await?;
        let reading = Reading::of(read(&ask.file)?);
        Ok(Self {
            config,
            business,
            signer,
            store,
            reading,
            now: ask.at.unwrap_or_else(Timestamp::now),
        })
    }

    async fn judge(&self, ask: &Ask) -> anyhow::Result<Judged> {
        let mut declared = Declared::of(&self.reading);
        if declared.from.is_empty() {
            declared.from =
                ask.from.as_ref().map(|from| from.as_str().to_owned()).unwrap_or_default();
        }
        if let Some(because) = self.sender_fault(ask, &declared).await? {
            return Ok(Judged::Refused { because });
        }
        let class = match &declared.class {
            Some(Err(word)) => {
                let because = format!("the header Souhlas-Class names no class: `{word}`");
                return Ok(Judged::Refused { because });
            }
            Some(Ok(class)) => Some(*class),
            None => None,
        };
        let stream = match self.stream(ask, &declared)? {
            Ok(stream) => stream,
            Err(because) => return Ok(Judged::Refused { because }),
        };
        let case = Case::new(&self.business, stream, &self.reading, class, 1)
            .with(self.signing_domain().is_some(), self.config.web.url.is_some());
        let lookup = self.store.consent().lookup(PATIENCE);
        let to = std::slice::from_ref(&ask.to);
        let records = lookup.records(&stream.controller.id, to).await;
        let record = records.as_ref().ok().and_then(|records| records.first());
        let packs = case.packs(self.now, &ask.to, record);
        let known = record.map_or(Known::Not("the consent store did not answer"), Known::Is);
        let facts = case.facts(self.now, &ask.to, known, &packs, None);
        let verdict = Decider::default().verdict(&self.business.policy, &facts);
        let explanation = policy::explain(&self.business.policy.version, &facts, &verdict);
        Ok(Judged::Verdict(Box::new((verdict, explanation))))
    }

    /// Why the login may not send this; `None` where it may, or none was named.
    async fn sender_fault(&self, ask: &Ask, declared: &Declared) -> anyhow::Result<Option<String>> {
        let Some(name) = &ask.login else { return Ok(None) };
        let Some(login) = self.login(name).await? else {
            bail!("there is no login `{name}`: see `souhlas login list` and relay.toml");
        };
        let mail_from = ask.from.as_ref().map(|from| from.as_str().to_owned());
        for (what, sender) in [("MAIL FROM", mail_from), ("From", Some(declared.from.clone()))] {
            if let Some(sender) = sender.filter(|sender| !login.may_send_as(sender)) {
                let because = format!(
                    "login `{name}` may not use `{sender}` in {what}: it may use {}",
                    login.senders.join(", ")
                );
                return Ok(Some(because));
            }
        }
        Ok(None)
    }

    async fn login(&self, name: &str) -> anyhow::Result<Option<Login>> {
        if let Some(stored) = login::store::find(&self.store.db, name).await? {
            return Ok(Some(stored.login.as_ref().clone()));
        }
        let trusted = self.config.listeners.iter().find_map(|listener| match &listener.admits {
            Admits::Trusted { login, .. } if login.name == name => Some(Login::from(login)),
            Admits::Trusted { .. } | Admits::Logins => None,
        });
        Ok(trusted)
    }

    /// The stream, or why there is none.
    fn stream(&self, ask: &Ask, declared: &Declared) -> anyhow::Result<Result<&Stream, String>> {
        if let Some(id) = &ask.stream {
            let known: Vec<&str> =
                self.business.streams.iter().map(|mapping| mapping.stream.id.as_str()).collect();
            let stream = self.business.stream(id);
            let stream = stream.with_context(|| {
                format!("there is no stream `{id}` in policy.toml: it has {}", known.join(", "))
            })?;
            return Ok(Ok(stream));
        }
        let login = ask.login.as_deref().unwrap_or_default();
        let stream = declared.stream(&self.business, login);
        Ok(stream.ok_or_else(|| match (&declared.stream, &declared.from) {
            (named, _) if !named.is_empty() => {
                format!("the message names stream `{named}`, which policy.toml has not")
            }
            (_, from) if from.is_empty() => {
                "the message has no From, so no stream in policy.toml can match: name one with --stream".to_owned()
            }
            (_, from) => format!(
                "no stream in policy.toml matches From `{from}`: add it to a stream's `match`, or name one with --stream"
            ),
        }))
    }

    /// Of the one From address, where there is a key for it.
    fn signing_domain(&self) -> Option<String> {
        let from = self.reading.message.mailboxes("From");
        let from = Address::parse(&from.first()?.address).ok()?;
        self.signer.has(from.domain()).then(|| from.domain().to_owned())
    }

    /// As delivery renders it: edits, signatures they break removed, the relay's own on top.
    fn rendered(&self, ask: &Ask, edits: &[Edit]) -> anyhow::Result<Bytes> {
        let declared = Declared::of(&self.reading);
        let message = &self.reading.message;
        let Ok(stream) = self.stream(ask, &declared)? else { bail!("there is no stream") };
        let links = self.config.web.url.as_deref();
        let links = links.map(|url| Maker::new(url, self.store.secret.clone()));
        let key = self.store.secret.address_key(&ask.to);
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
        let Some(domain) = self.signing_domain() else { return Ok(bytes) };
        let signature = self.signer.sign(&bytes, &domain, self.now);
        let mut signed =
            signature.map_err(|why| anyhow::anyhow!("cannot sign for `{domain}`: {why:?}"))?;
        signed.extend_from_slice(&bytes);
        Ok(signed.into())
    }
}

/// The message with CRLF line ends, as it would arrive over SMTP.
fn read(file: &std::path::Path) -> anyhow::Result<Bytes> {
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

const PATIENCE: Duration = Duration::from_secs(10);

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
