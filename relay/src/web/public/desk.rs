//! What the pages ask of the consent store, and tell it. Nothing here knows HTTP.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use policy::{Address, Country, Method, Preference, Purpose, Scope, Source, Standing};
use serde_json::json;

use super::visit::is_refused;
use crate::{
    config::Form,
    consent::{
        Consent, Lookup, NewGrant, Proof, Recorded, Who,
        pending::{self, Asked, Bounds, Collected, Pending, Ticket},
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

    /// Durable when it returns; whether it was not on record before.
    pub(super) async fn refuse(&self, click: &Click, scope: &Scope) -> Result<bool, Unavailable> {
        let done = self.consent.refuse(click.at, &click.who(), scope, &click.proof()).await?;
        Ok(matches!(done, Recorded::New(_)))
    }

    /// The same for everything, because the person objects (GDPR Art. 21).
    pub(super) async fn object(&self, click: &Click) -> Result<bool, Unavailable> {
        let done = self.consent.object(click.at, &click.who(), &click.proof()).await?;
        Ok(matches!(done, Recorded::New(_)))
    }

    /// Durable when it returns.
    pub(super) async fn prefer(&self, click: &Click, wish: &Preference) -> Result<(), Unavailable> {
        self.consent.prefer(click.at, &click.who(), wish, &click.proof()).await?;
        Ok(())
    }

    /// The address that clicked, and the country, where they are on record.
    pub(super) async fn whereabouts(
        &self,
        click: &Click,
    ) -> Result<(Option<String>, Option<Country>), Unavailable> {
        let address = self.consent.address(&click.who()).await?;
        let records = self.lookup.records_of(vec![click.key], false).await?;
        Ok((address, records.into_iter().next().and_then(|record| record.country)))
    }

    /// Durable when it returns; `false` where there is no such purpose any more.
    pub(super) async fn agree(
        &self,
        click: &Click,
        zone: &TimeZone,
        purpose: &str,
        method: Method,
    ) -> Result<bool, Unavailable> {
        let grant = NewGrant {
            purpose: purpose.to_owned(),
            from: click.at,
            until: None,
            method,
            source: Source::Own,
            confirmed_at: Some(click.at),
            age_declared: false,
            // The person pressed the button under these words, whatever they said before.
            lifts_refusal: true,
        };
        let (who, proof) = (click.who(), click.proof());
        let recorded = self.consent.grant(click.at, zone, &who, &grant, &proof).await?;
        Ok(!matches!(recorded, Recorded::NoPurpose | Recorded::Closed | Recorded::WrongBasis))
    }
}

const PATIENCE: Duration = Duration::from_secs(5);
