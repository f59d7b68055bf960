//! Judges a message in hand as intake would: whose it is, what is on record, what every rule says; and
//! what another policy would have made of what was decided (`past`).
//!
//! The command line and the console ask it. Nothing is written, not even to the journal.

mod past;
mod refusal;
mod rejudge;
mod render;
mod shape;
mod wired;

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use policy::{Action, Address, Decider, Explanation, Known, Reading, Stream, Verdict};

pub use self::{
    past::{Asked, Compared, Difference, compare},
    refusal::Refusal,
    shape::{Shape, State, Told, as_word},
    wired::with_crlf,
};
use crate::{
    config::{Admits, Business, Config},
    consent::{Consent, Lookup},
    db::{Db, Unavailable},
    facts::{Case, Declared, STORE_SILENT},
    login::{self, Login},
    seal::Secret,
    sign::Signer,
    words,
};

/// What messages are judged with; cheap to clone.
#[derive(Clone)]
pub struct Judge {
    db: Db,
    secret: Secret,
    signer: Arc<Signer>,
    lookup: Lookup,
    /// Of clients that are known by their network address.
    trusted: Arc<[Login]>,
    /// Where the unsubscribe pages are.
    pages: Option<Arc<str>>,
}

/// One message to one recipient, as it would be submitted.
#[derive(Clone, Copy)]
pub struct Submitted<'a> {
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
pub enum Judged {
    Verdict(Box<Decided>),
    /// The relay would refuse the message before any rule.
    Refused(Refusal),
}

/// A verdict, and all that is told of it.
pub struct Decided {
    pub verdict: Verdict,
    pub explanation: Explanation,
    /// As the journal would have it.
    pub detail: String,
}

impl Judge {
    pub fn new(
        config: &Config,
        signer: Arc<Signer>,
        (db, secret): (&Db, &Secret),
        consent: &Consent,
    ) -> Self {
        let trusted = config.listeners.iter().filter_map(|listener| match &listener.admits {
            Admits::Trusted { login, .. } => Some(Login::from(login)),
            Admits::Logins | Admits::Returns => None,
        });
        Self {
            db: db.clone(),
            secret: secret.clone(),
            signer,
            lookup: consent.lookup(PATIENCE),
            trusted: trusted.collect(),
            pages: config.web.url.as_deref().map(Into::into),
        }
    }

    pub async fn judge(
        &self,
        business: &Business,
        asked: Submitted<'_>,
    ) -> Result<Judged, Unavailable> {
        let mut declared = Declared::of(asked.reading);
        if declared.from.is_empty() {
            declared.from = asked.from.map(|from| from.as_str().to_owned()).unwrap_or_default();
        }
        if let Some(refusal) = self.sender_fault(asked, &declared).await? {
            return Ok(Judged::Refused(refusal));
        }
        let class = match &declared.class {
            Some(Err(word)) => return Ok(Judged::Refused(Refusal::Class(word.clone()))),
            Some(Ok(class)) => Some(*class),
            None => None,
        };
        let stream = match stream(business, asked, &declared) {
            Ok(stream) => stream,
            Err(refusal) => return Ok(Judged::Refused(refusal)),
        };
        let case = Case::new(business, stream, asked.reading, class, asked.recipients)
            .with(self.signing_domain(asked.reading).is_some(), self.pages.is_some());
        let to = std::slice::from_ref(asked.to);
        let records = self.lookup.records(&stream.controller.id, to, case.counts_for_all()).await;
        let record = records.as_ref().ok().and_then(|records| records.first());
        let packs = case.packs(asked.at, asked.to, record);
        let known = record.map_or(Known::Not(STORE_SILENT), Known::Is);
        let facts = case.facts(asked.at, asked.to, known, &packs, None);
        let verdict = Decider::default().verdict(&business.policy, &facts);
        let explanation =
            policy::explain(&business.policy.version, &facts, &verdict, &words::in_english);
        let detail = policy::journal_detail(&business.policy.version, &facts, &verdict);
        Ok(Judged::Verdict(Box::new(Decided { verdict, explanation, detail })))
    }

    /// Why the login may not send this; `None` where it may, or none was named.
    async fn sender_fault(
        &self,
        asked: Submitted<'_>,
        declared: &Declared,
    ) -> Result<Option<Refusal>, Unavailable> {
        let Some(name) = asked.login else { return Ok(None) };
        let Some(login) = self.login(name).await? else {
            return Ok(Some(Refusal::LoginUnknown(name.to_owned())));
        };
        let mail_from = asked.from.map(|from| from.as_str().to_owned());
        for (field, sender) in [("MAIL FROM", mail_from), ("From", Some(declared.from.clone()))] {
            if let Some(sender) = sender.filter(|sender| !login.may_send_as(sender)) {
                let (login, senders) = (name.to_owned(), login.senders.join(", "));
                return Ok(Some(Refusal::Sender { login, field, sender, senders }));
            }
        }
        Ok(None)
    }

    /// Names of all logins, in order.
    pub async fn logins(&self) -> Result<Vec<String>, Unavailable> {
        let stored = login::store::list(&self.db).await?;
        let stored = stored.iter().map(|stored| stored.login.name.clone());
        let mut all: Vec<String> =
            stored.chain(self.trusted.iter().map(|login| login.name.clone())).collect();
        all.sort();
        all.dedup();
        Ok(all)
    }

    async fn login(&self, name: &str) -> Result<Option<Login>, Unavailable> {
        if let Some(stored) = login::store::find(&self.db, name).await? {
            return Ok(Some(stored.login.as_ref().clone()));
        }
        Ok(self.trusted.iter().find(|login| login.name == name).cloned())
    }

    /// Of the one From address, where there is a key for it.
    fn signing_domain(&self, reading: &Reading) -> Option<String> {
        let from = reading.message.mailboxes("From");
        let from = Address::parse(&from.first()?.address).ok()?;
        self.signer.has(from.domain()).then(|| from.domain().to_owned())
    }
}

impl Decided {
    /// Whether it would leave, repaired or not.
    pub fn leaves(&self) -> bool {
        self.verdict.action <= Action::SendEdited
    }
}

/// The stream, or why there is none.
fn stream<'b>(
    business: &'b Business,
    asked: Submitted<'_>,
    declared: &Declared,
) -> Result<&'b Stream, Refusal> {
    if let Some(id) = asked.stream {
        let known = || business.streams.iter().map(|mapping| mapping.stream.id.clone()).collect();
        let stream = business.stream(id).map(|stream| &**stream);
        return stream
            .ok_or_else(|| Refusal::StreamUnknown { named: id.to_owned(), known: known() });
    }
    let stream = declared.stream(business, asked.login.unwrap_or_default());
    stream.ok_or_else(|| match (&declared.stream, &declared.from) {
        (named, _) if !named.is_empty() => Refusal::StreamNamed(named.clone()),
        (_, from) if from.is_empty() => Refusal::NoFrom,
        (_, from) => Refusal::NoStream(from.clone()),
    })
}

const PATIENCE: Duration = Duration::from_secs(10);
