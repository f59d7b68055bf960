//! Judges a message in hand as intake would: whose it is, what is on record, what every rule says.
//!
//! Nothing is written, not even to the journal.

use std::time::Duration;

use anyhow::{Context as _, bail};
use jiff::Timestamp;
use policy::{Address, Decider, Explanation, Known, Reading, Stream, Verdict};

use super::open::{Place, Store};
use crate::{
    config::{Admits, Business, Config},
    consent::Lookup,
    facts::{Case, Declared},
    login::{self, Login},
    sign::Signer,
};

/// Everything that is opened to judge messages.
pub(super) struct Judge {
    pub config: Config,
    pub signer: Signer,
    pub store: Store,
    pub lookup: Lookup,
}

/// One message to one recipient, as it would be submitted.
#[derive(Clone, Copy)]
pub(super) struct Submitted<'a> {
    pub reading: &'a Reading,
    pub to: &'a Address,
    /// MAIL FROM; also stands for From where the message has none.
    pub from: Option<&'a Address>,
    /// The login that would submit it; its senders are checked.
    pub login: Option<&'a str>,
    /// The stream, whatever the message says.
    pub stream: Option<&'a str>,
    /// How many recipients the envelope has.
    pub recipients: usize,
    pub at: Timestamp,
}

/// What was decided, or why it never came to that.
pub(super) enum Judged {
    Verdict(Box<(Verdict, Explanation)>),
    /// The relay would refuse the message before any rule.
    Refused {
        because: String,
    },
}

impl Judge {
    pub(super) async fn open(place: &Place) -> anyhow::Result<Self> {
        let config = place.config()?;
        let signer = Signer::load(&config.keys)?;
        let store = place.store(&config).await?;
        let lookup = store.consent().lookup(PATIENCE);
        Ok(Self { config, signer, store, lookup })
    }

    pub(super) async fn judge(
        &self,
        business: &Business,
        asked: Submitted<'_>,
    ) -> anyhow::Result<Judged> {
        let mut declared = Declared::of(asked.reading);
        if declared.from.is_empty() {
            declared.from = asked.from.map(|from| from.as_str().to_owned()).unwrap_or_default();
        }
        if let Some(because) = self.sender_fault(asked, &declared).await? {
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
        let stream = match stream(business, asked, &declared)? {
            Ok(stream) => stream,
            Err(because) => return Ok(Judged::Refused { because }),
        };
        let case = Case::new(business, stream, asked.reading, class, asked.recipients)
            .with(self.signing_domain(asked.reading).is_some(), self.config.web.url.is_some());
        let to = std::slice::from_ref(asked.to);
        let records = self.lookup.records(&stream.controller.id, to, case.counts_for_all()).await;
        let record = records.as_ref().ok().and_then(|records| records.first());
        let packs = case.packs(asked.at, asked.to, record);
        let known = record.map_or(Known::Not("the consent store did not answer"), Known::Is);
        let facts = case.facts(asked.at, asked.to, known, &packs, None);
        let verdict = Decider::default().verdict(&business.policy, &facts);
        let explanation = policy::explain(&business.policy.version, &facts, &verdict);
        Ok(Judged::Verdict(Box::new((verdict, explanation))))
    }

    /// Why the login may not send this; `None` where it may, or none was named.
    async fn sender_fault(
        &self,
        asked: Submitted<'_>,
        declared: &Declared,
    ) -> anyhow::Result<Option<String>> {
        let Some(name) = asked.login else { return Ok(None) };
        let Some(login) = self.login(name).await? else {
            bail!("there is no login `{name}`: see `souhlas login list` and relay.toml");
        };
        let mail_from = asked.from.map(|from| from.as_str().to_owned());
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

    /// Of the one From address, where there is a key for it.
    pub(super) fn signing_domain(&self, reading: &Reading) -> Option<String> {
        let from = reading.message.mailboxes("From");
        let from = Address::parse(&from.first()?.address).ok()?;
        self.signer.has(from.domain()).then(|| from.domain().to_owned())
    }
}

/// The stream, or why there is none.
pub(super) fn stream<'b>(
    business: &'b Business,
    asked: Submitted<'_>,
    declared: &Declared,
) -> anyhow::Result<Result<&'b Stream, String>> {
    if let Some(id) = asked.stream {
        let known: Vec<&str> =
            business.streams.iter().map(|mapping| mapping.stream.id.as_str()).collect();
        let stream = business.stream(id);
        let stream = stream.with_context(|| {
            format!("there is no stream `{id}` in policy.toml: it has {}", known.join(", "))
        })?;
        return Ok(Ok(stream));
    }
    let stream = declared.stream(business, asked.login.unwrap_or_default());
    Ok(stream.ok_or_else(|| match (&declared.stream, &declared.from) {
        (named, _) if !named.is_empty() => {
            format!("the message names stream `{named}`, which policy.toml has not")
        }
        (_, from) if from.is_empty() => {
            "the message has no From, so no stream in policy.toml can match: name one with --stream"
                .to_owned()
        }
        (_, from) => format!(
            "no stream in policy.toml matches From `{from}`: add it to a stream's `match`, or name one with --stream"
        ),
    }))
}

const PATIENCE: Duration = Duration::from_secs(10);
