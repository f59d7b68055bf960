//! Consent receipts after ISO/IEC TS 27560:2023, in the words of the W3C Data Privacy Vocabulary
//! (DPV 2), as JSON-LD: one for each grant that is a consent, and for each refusal.
//!
//! The context stands in each receipt: whoever reads one has to fetch nothing.

use jiff::Timestamp;
use policy::{Basis, Controller, Country, Ended, Language, Purpose};
use serde_json::{Value, json};
use uuid::Builder;

use super::whole::{Granted, Refused, Whole};
use crate::{consent::State, seal};

/// What the receipts say beside what is on record.
#[derive(Debug)]
pub struct Receipts<'a> {
    controller: &'a Controller,
    purposes: &'a [Purpose],
    /// Country in which the relay keeps its data.
    stored_in: Country,
    now: Timestamp,
}

impl<'a> Receipts<'a> {
    /// Where nothing is said, the relay keeps its data in the controller's own country.
    pub fn new(
        controller: &'a Controller,
        purposes: &'a [Purpose],
        stored_in: Option<Country>,
        now: Timestamp,
    ) -> Self {
        let stored_in = stored_in.unwrap_or(controller.country);
        Self { controller, purposes, stored_in, now }
    }

    /// Of one contact. Nothing of one whose address is not kept: nobody could be given it.
    pub fn of(&self, whole: &Whole) -> Vec<Value> {
        let Some(address) = &whole.address else { return Vec::new() };
        let consents = whole.grants.iter().filter(|own| own.basis == Some(Basis::Consent));
        let given = consents.map(|own| self.given(whole, address, own));
        let refused = whole.refusals.iter().map(|own| self.refused(whole, address, own));
        given.chain(refused).collect()
    }

    fn given(&self, whole: &Whole, address: &str, own: &Granted) -> Value {
        let evidence = own.evidence.as_ref();
        let shown = |name: &str| evidence.and_then(|all| all.get(name)?.as_str());
        let until = json!({ "@type": "dpv:UntilTimeDuration", "rdf:value": time(own.until) });
        let mut events = vec![json!({
            "@type": ["dpv:ConsentGiven", "dpv:ExpressedConsent"],
            "dpv:isIndicatedBy": id("dpv:DataSubject"),
            "dpv:isIndicatedAtTime": time(own.from),
            "dpv:hasIndicationMethod": json!(own.method),
            "dpv:hasDuration": until,
        })];
        events.extend(self.end(own));
        let language = shown("language").unwrap_or(code(self.controller.language));
        let notice = json!({
            "@type": ["dpv:ConsentNotice", "dpv:PrivacyNotice"],
            "dct:language": language,
            "dct:description": shown("wording"),
            "dct:hasVersion": shown("wording_version"),
            "schema:url": shown("policy_url").or(self.controller.privacy_url.as_deref()),
        });
        let process = self.process(
            address,
            Some(&own.purpose),
            json!({
                "@type": "dpv:StorageDuration",
                "dpv:hasDuration": until,
            }),
        );
        let state = own.state.unwrap_or(State::Unknown);
        self.receipt(whole, &own.event, &without_nulls(notice), process, events, state)
    }

    /// Whoever refuses was shown nothing to agree to.
    fn refused(&self, whole: &Whole, address: &str, own: &Refused) -> Value {
        // Of a list the controller knows, and not from the person.
        let by = own.list.as_ref().map_or_else(|| id("dpv:DataSubject"), |_| id(&self.name()));
        let list = own.list.as_ref().map(|list| {
            format!("suppression list, {}, attested by {}", list.source, list.attested_by)
        });
        let events = vec![without_nulls(json!({
            "@type": "dpv:ConsentRefused",
            "dpv:isIndicatedBy": by,
            "dpv:isIndicatedAtTime": time(own.since),
            "dpv:hasDuration": { "@type": "dpv:EndlessDuration" },
            "dct:source": list,
        }))];
        let notice = without_nulls(json!({
            "@type": "dpv:PrivacyNotice",
            "dct:language": code(self.controller.language),
            "schema:url": self.controller.privacy_url,
        }));
        let process = self.process(
            address,
            own.purpose.as_deref(),
            json!({
                "@type": "dpv:StorageDuration",
                "dpv:hasDuration": {
                    "@type": "dpv:UntilEventDuration",
                    "rdf:value": "for as long as the refusal has to be kept to",
                },
            }),
        );
        self.receipt(whole, &own.event, &notice, process, events, State::Refused)
    }

    fn receipt(
        &self,
        whole: &Whole,
        event: &str,
        notice: &Value,
        process: Value,
        events: Vec<Value>,
        state: State,
    ) -> Value {
        let own = format!("{}/{}/{event}", self.controller.id, whole.contact);
        let (record, receipt) = (uuid(&own), uuid(&format!("{own}/{}", self.now)));
        let party = self.party();
        json!({
            "@context": context(),
            "@id": format!("urn:uuid:{receipt}"),
            "@type": "dpv:ConsentReceipt",
            "dct:identifier": receipt,
            "dct:conformsTo": id("https://w3id.org/dpv/schema/dpv-27560#receipt"),
            "dct:created": time(self.now),
            "dct:publisher": id(&self.name()),
            "dpv:hasRecordOfActivity": {
                "@id": format!("urn:uuid:{record}"),
                "@type": "dpv:ConsentRecord",
                "dct:identifier": record,
                "dct:source": event,
                "dct:conformsTo": id("https://w3id.org/dpv/schema/dpv-27560#record"),
                "dpv:hasDataSubject": {
                    "@id": format!("urn:souhlas:contact:{}", whole.contact),
                    "@type": "dpv:DataSubject",
                    "dct:identifier": whole.contact,
                },
                "dpv:hasDataController": party,
                "dpv:hasJurisdiction": id(&self.country()),
                "dpv:hasApplicableLaw": self.law(),
                "dpv:hasProcess": process,
                "dpv:hasNotice": notice,
                "dpv:hasConsentControl": {
                    "@type": "dpv:WithdrawConsent",
                    "dpv:isExercisedAt": self.way_out(),
                },
                "dpv:hasConsentStatus": events,
                "dpv:hasStatus": id(&format!("dpv:{}", state.term())),
            },
        })
    }

    fn process(&self, address: &str, purpose: Option<&str>, kept: Value) -> Value {
        let known = purpose.and_then(|id| self.purposes.iter().find(|own| own.id == id));
        let named = match purpose {
            None => json!({ "@id": "dpv:DirectMarketing", "@type": "dpv:Purpose" }),
            Some(own) => without_nulls(json!({
                "@id": format!("urn:souhlas:purpose:{}:{own}", self.controller.id),
                "@type": "dpv:Purpose",
                "skos:broader": id("dpv:DirectMarketing"),
                "dct:identifier": own,
                "dct:title": known.map(|known| known.name.as_str()),
            })),
        };
        json!({
            "@type": "dpv:Process",
            "dpv:hasPurpose": named,
            "dpv:hasLegalBasis": self.basis(),
            "dpv:hasPersonalData": {
                "@type": "dpv:PersonalData",
                "skos:broader": id("pd:EmailAddress"),
                "rdf:value": address,
                "dpv:hasDataSource": id("dpv:DataSubjectDataSource"),
            },
            "dpv:hasProcessing": [id("dpv:Collect"), id("dpv:Store"), id("dpv:Use")],
            "dpv:hasRecipient": id(&self.name()),
            "dpv:hasStorageCondition": [
                {
                    "@type": "dpv:StorageLocation",
                    "dpv:hasLocation": id(&place(self.stored_in)),
                },
                kept,
            ],
        })
    }

    fn party(&self) -> Value {
        let own = self.controller;
        let country = own.country.0.escape_ascii().to_string();
        json!({
            "@id": self.name(),
            "@type": ["dpv:DataController", "dpv:LegalEntity"],
            "dct:identifier": own.company_id.as_deref().unwrap_or(&own.id),
            "dpv:hasName": own.name,
            "dpv:hasAddress": own.seat.as_deref().unwrap_or(&country),
            "dpv:hasContact": own.contact.as_deref().unwrap_or(&own.sender),
        })
    }

    /// How a grant ended, by itself or before its time.
    fn end(&self, own: &Granted) -> Option<Value> {
        let (at, state) = match (own.ended_at, own.ended) {
            (Some(at), how) => (
                at,
                match how.unwrap_or_default() {
                    Ended::Withdrawn => State::Withdrawn,
                    Ended::Revoked => State::Revoked,
                    Ended::Terminated => State::Terminated,
                    Ended::Invalidated => State::Invalidated,
                },
            ),
            (None, _) if own.until <= self.now => (own.until, State::Expired),
            (None, _) => return None,
        };
        let by = match state {
            State::Withdrawn => id("dpv:DataSubject"),
            State::Unknown
            | State::Requested
            | State::RequestDeferred
            | State::Refused
            | State::Given
            | State::RenewedGiven
            | State::Expired
            | State::Revoked
            | State::Terminated
            | State::Invalidated => id(&self.name()),
        };
        Some(json!({
            "@type": format!("dpv:{}", state.term()),
            "dpv:isIndicatedBy": by,
            "dpv:isIndicatedAtTime": time(at),
            "dpv:hasDuration": { "@type": "dpv:EndlessDuration" },
        }))
    }

    /// The pages know a person by the link alone, so there is no address of one to give here.
    fn way_out(&self) -> String {
        let own = self.controller;
        let contact = own.contact.as_deref().unwrap_or(&own.sender);
        format!("the link to unsubscribe in every message, or {contact}")
    }

    fn name(&self) -> String {
        format!("urn:souhlas:controller:{}", self.controller.id)
    }

    fn country(&self) -> String {
        place(self.controller.country)
    }

    fn law(&self) -> Value {
        match self.controller.country.under_union_law() {
            true => id("eu-gdpr:GDPR"),
            false => json!([]),
        }
    }

    fn basis(&self) -> Value {
        let own = if self.controller.country.under_union_law() {
            "eu-gdpr:A6-1-a"
        } else {
            "dpv:Consent"
        };
        id(own)
    }
}

fn id(name: &str) -> Value {
    json!({ "@id": name })
}

fn place(country: Country) -> String {
    format!("loc:{}", country.0.escape_ascii())
}

fn time(at: Timestamp) -> Value {
    json!({ "@type": "xsd:dateTime", "@value": at.to_string() })
}

/// The same name has the same one.
fn uuid(name: &str) -> String {
    let [a @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] = seal::digest(name.as_bytes());
    Builder::from_custom_bytes(a).into_uuid().to_string()
}

/// What is not known is not there: JSON-LD has no nulls.
fn without_nulls(mut value: Value) -> Value {
    if let Some(fields) = value.as_object_mut() {
        fields.retain(|_, value| !value.is_null());
    }
    value
}

fn code(language: Language) -> &'static str {
    match language {
        Language::Czech => "cs",
        Language::Slovak => "sk",
        Language::English => "en",
        Language::German => "de",
        Language::Polish => "pl",
    }
}

fn context() -> Value {
    json!({
        "dpv": "https://w3id.org/dpv#",
        "pd": "https://w3id.org/dpv/pd#",
        "loc": "https://w3id.org/dpv/loc#",
        "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
        "dct": "http://purl.org/dc/terms/",
        "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
        "schema": "https://schema.org/",
        "skos": "http://www.w3.org/2004/02/skos/core#",
        "xsd": "http://www.w3.org/2001/XMLSchema#",
    })
}
