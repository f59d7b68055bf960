//! What the pages ask of the consent store, and tell it. Nothing here knows HTTP.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use policy::{Address, Method, Preference, Purpose, Scope, Source, Standing};
use serde_json::json;

use super::visit::is_refused;
use crate::{
    config::Form,
    consent::{
        Consent, Lookup, NewGrant, Proof, Recorded, Who,
        link::Link,
        pending::{self, Agreed, Asked, Bounds, Collected, Pending, Ticket, wording_version},
        refused::Round,
    },
    db::Unavailable,
    seal::AddressKey,
};

/// The consent store as the pages see it; cheap to clone.
#[derive(Clone, Debug)]
pub struct Desk {
    consent: Consent,
    lookup: Lookup,
}

/// Who clicked what, for the record.
#[derive(Clone, Debug)]
pub(super) struct Click {
    pub at: Timestamp,
    pub controller: String,
    pub key: AddressKey,
    pub message: uuid::Uuid,
    /// `one-click`, `page`, `preferences`, `renewal`, `confirmation`.
    pub how: &'static str,
    /// The client's IP address: evidence, kept beside the address and erased with it.
    pub ip: String,
    /// As the client calls itself.
    pub user_agent: String,
    /// `cs`.
    pub language: &'static str,
    /// What the page said.
    pub wording: String,
}

impl Click {
    fn who(&self) -> Who {
        Who::key(&self.controller, self.key)
    }

    fn proof(&self) -> Proof {
        let evidence = json!({
            "ip": self.ip,
            "user_agent": self.user_agent,
            "language": self.language,
            "message": self.message,
            "wording": self.wording,
        });
        Proof { actor: self.how.to_owned(), at: self.at, evidence }
    }
}

impl Desk {
    pub fn new(consent: Consent) -> Self {
        let lookup = consent.lookup(PATIENCE);
        Self { consent, lookup }
    }

    pub(super) fn key(&self, controller: &str, address: &str) -> Option<AddressKey> {
        Some(self.lookup.key(controller, &Address::parse(address).ok()?))
    }

    /// Durable when it returns.
    pub(super) async fn ask(
        &self,
        now: Timestamp,
        form: &Form,
        collected: &Collected,
    ) -> Result<Asked, Unavailable> {
        let unreadable = |_| Unavailable("the address cannot be read".into());
        let address = Address::parse(&collected.address).map_err(unreadable)?;
        let span = |time| SignedDuration::try_from(time).unwrap_or(SignedDuration::MAX);
        let bounds = Bounds {
            confirm_within: span(form.confirm_within),
            again_after: span(form.again_after),
            letters_per_hour: form.letters_per_hour,
        };
        Ok(self.consent.ask(now, &form.controller.id, &address, collected, bounds).await?)
    }

    pub(super) async fn unask(&self, ticket: &Ticket) {
        if let Err(fault) = self.consent.unask(ticket).await {
            tracing::warn!(%fault, "a subscription without its letter stays until its time is over");
        }
    }

    pub(super) async fn pending(
        &self,
        now: Timestamp,
        ticket: &Ticket,
    ) -> Result<Pending, Unavailable> {
        Ok(self.consent.pending(now, ticket).await?)
    }

    /// Durable when it returns.
    pub(super) async fn confirm(
        &self,
        now: Timestamp,
        zone: &TimeZone,
        ticket: &Ticket,
        click: pending::Click<'_>,
    ) -> Result<Pending, Unavailable> {
        Ok(self.consent.confirm(now, zone, ticket, click).await?)
    }

    pub(super) async fn standing(&self, key: AddressKey) -> Result<Standing, Unavailable> {
        let records = self.lookup.records_of(vec![key], false).await?;
        Ok(records.into_iter().next().unwrap_or_default().standing)
    }

    /// Whether the person refused any of what was collected.
    pub(super) async fn refused(
        &self,
        controller: &str,
        collected: &Collected,
    ) -> Result<bool, Unavailable> {
        let Some(key) = self.key(controller, &collected.address) else { return Ok(false) };
        let purposes: Vec<&str> =
            collected.agreed.iter().map(|agreed| agreed.purpose.as_str()).collect();
        Ok(is_refused(&self.standing(key).await?, &purposes))
    }

    pub(super) async fn purposes(&self, controller: &str) -> Result<Vec<Purpose>, Unavailable> {
        Ok(self.consent.purposes_of(controller).await?)
    }

    /// Durable when it returns.
    pub(super) async fn refuse(&self, click: &Click, scope: &Scope) -> Result<(), Unavailable> {
        self.consent.refuse(click.at, &click.who(), scope, &click.proof()).await?;
        Ok(())
    }

    /// The same for everything, because the person objects (GDPR Art. 21).
    pub(super) async fn object(&self, click: &Click) -> Result<(), Unavailable> {
        self.consent.object(click.at, &click.who(), &click.proof()).await?;
        Ok(())
    }

    /// Durable when it returns.
    pub(super) async fn prefer(&self, click: &Click, wish: &Preference) -> Result<(), Unavailable> {
        match self.consent.prefer(click.at, &click.who(), wish, &click.proof()).await? {
            // Gone since the page was made: the person looks at it again.
            Recorded::NoTopic => Err(Unavailable("a topic that was picked is gone".into())),
            Recorded::New(_)
            | Recorded::Already
            | Recorded::RefusalStands
            | Recorded::NoPurpose
            | Recorded::Closed
            | Recorded::WrongBasis => Ok(()),
        }
    }

    /// Refusals that nobody was told of yet.
    pub(super) async fn refusals(
        &self,
        now: Timestamp,
        holder: &str,
    ) -> Result<Option<Round>, Unavailable> {
        Ok(self.consent.refusals(now, holder).await?)
    }

    pub(super) async fn refusals_told(&self, round: Round) -> Result<(), Unavailable> {
        Ok(self.consent.refusals_told(round).await?)
    }

    /// Whether the same link of the same message was used, and what it granted still counts.
    pub(super) async fn has_agreed(
        &self,
        now: Timestamp,
        link: &Link,
        method: Method,
    ) -> Result<bool, Unavailable> {
        let who = Who::key(&link.controller, link.key);
        Ok(self.consent.has_agreed(now, &who, &link.purpose, method, link.message).await?)
    }

    /// Durable when it returns.
    pub(super) async fn agree(
        &self,
        click: &Click,
        zone: &TimeZone,
        agreement: Agreement,
    ) -> Result<Recorded, Unavailable> {
        let grant = NewGrant {
            purpose: agreement.agreed.purpose.clone(),
            from: click.at,
            until: None,
            method: agreement.method,
            source: Source::Own,
            confirmed_at: Some(click.at),
            age_declared: agreement.of_age.is_some(),
            // The person pressed the button under these words, whatever they said before.
            lifts_refusal: true,
        };
        let (who, proof) = (click.who(), agreement.proof(click));
        Ok(self.consent.agree(click.at, zone, &who, &grant, click.message, &proof).await?)
    }
}

/// What the page of a link said beside who clicked.
pub(super) struct Agreement {
    pub agreed: Agreed,
    pub method: Method,
    /// Of the controller, the data and the right to withdraw.
    pub notice: String,
    pub privacy_url: Option<String>,
    /// The age that the person declared to have.
    pub of_age: Option<u16>,
}

impl Agreement {
    /// The same fields as a form's.
    fn proof(self, click: &Click) -> Proof {
        let url = self.privacy_url.as_deref();
        let version = wording_version(&[&self.agreed], &self.notice, url, click.language);
        let mut proof = click.proof();
        if let Some(evidence) = proof.evidence.as_object_mut() {
            let shown = [
                ("wording_version", json!(version)),
                ("notice", json!(self.notice)),
                ("policy_url", json!(self.privacy_url)),
                ("of_age", json!(self.of_age)),
            ];
            evidence.extend(shown.map(|(name, value)| (name.to_owned(), value)));
        }
        proof
    }
}

const PATIENCE: Duration = Duration::from_secs(5);
