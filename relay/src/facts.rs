//! What is known about a message: its stream, its class, the standing of its recipients.
//!
//! Gathered here and decided in `policy`. Used by intake and again before each attempt, so that
//! both ask the same questions. What could not be learned is written down as such.

use jiff::Timestamp;
use policy::{
    Address, Class, Country, Facts, Known, Pack, Provider, Reading, Standing, Stream, Waiver,
};

use crate::{
    config::{Business, Signs},
    consent::Record,
};

/// The header by which a tool names the stream, the class and (for its own use) the campaign.
pub const STREAM_HEADER: &str = "Souhlas-Stream";
pub const CLASS_HEADER: &str = "Souhlas-Class";
/// Why nothing is known of a recipient: the id of a reason.
pub const STORE_SILENT: &str = "store-silent";

/// One message as the policy in force sees it; every recipient's facts are made from it.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    pub business: &'a Business,
    pub stream: &'a Stream,
    pub reading: &'a Reading,
    pub class: Class,
    pub declared: Option<Class>,
    /// Recipients in the envelope as it came.
    pub recipients: usize,
    /// A DKIM key for the sender's domain is at hand.
    pub signs: bool,
    /// The address of the unsubscribe pages is configured.
    pub links: bool,
}

/// What the message says about where it belongs, before any policy is asked.
#[derive(Clone, Debug, Default)]
pub struct Declared {
    /// Address in the first From field, empty where there is none.
    pub from: String,
    pub list_id: String,
    pub stream: String,
    /// What `Souhlas-Class` says; the error is the value that names no class.
    pub class: Option<Result<Class, String>>,
}

impl Declared {
    pub fn of(reading: &Reading) -> Self {
        let message = &reading.message;
        let value =
            |name: &str| message.header(name).map(|field| message.decoded(field).trim().to_owned());
        let list_id = value("List-Id").unwrap_or_default();
        let list_id = list_id
            .rsplit_once('<')
            .and_then(|(_, rest)| rest.split_once('>'))
            .map_or(list_id.as_str(), |(id, _)| id)
            .trim()
            .to_owned();
        Self {
            from: message
                .senders()
                .first()
                .map(|sender| sender.address.clone())
                .unwrap_or_default(),
            list_id,
            stream: value(STREAM_HEADER).unwrap_or_default(),
            class: value(CLASS_HEADER).map(|word| word.parse().map_err(|_| word)),
        }
    }

    /// The stream that the policy maps the message to.
    pub fn stream<'b>(&self, business: &'b Business, login: &str) -> Option<&'b Stream> {
        let signs = Signs { login, from: &self.from, list_id: &self.list_id, header: &self.stream };
        business.stream_for(&signs).map(|stream| &**stream)
    }
}

impl<'a> Case<'a> {
    /// `declared` is what a header says; where it says nothing, the stream's class counts.
    pub fn new(
        business: &'a Business,
        stream: &'a Stream,
        reading: &'a Reading,
        declared: Option<Class>,
        recipients: usize,
    ) -> Self {
        let declared = declared.or(stream.class);
        let class = reading.classified().taken_as(declared);
        Self { business, stream, reading, class, declared, recipients, signs: false, links: false }
    }

    pub fn with(self, signs: bool, links: bool) -> Self {
        Self { signs, links, ..self }
    }

    /// Where the recipient is taken to be: by the contact's record, else by the address, else where
    /// the controller says that its recipients are.
    fn country_of(&self, recipient: &Address, record: Option<&Record>) -> Option<Country> {
        country_of(recipient, record).or(self.stream.controller.recipients)
    }

    /// The packs that apply: the controller's own first.
    pub fn packs(
        &self,
        now: Timestamp,
        recipient: &Address,
        record: Option<&Record>,
    ) -> Vec<&'a Pack> {
        let country = self.country_of(recipient, record);
        Pack::applying(&self.business.policy.packs, now, self.stream.controller.country, country)
    }

    /// Whether what goes to anybody is counted: then what was sent before has to be asked for.
    pub fn counts_for_all(&self) -> bool {
        self.class == Class::ReconsentRequest
            || (self.class.is_commercial() && self.business.caps(self.stream))
    }

    /// Whether the message is counted once it has left for this recipient.
    pub fn counts(&self, facts: &Facts<'_>) -> bool {
        let purpose = self.stream.purpose.as_deref();
        let asked_for = match facts.standing {
            Known::Not(_) => false,
            Known::Is(standing) => {
                standing.preferences.iter().any(|one| one.at_most.is_some())
                    || standing
                        .grants
                        .iter()
                        .any(|one| one.requires.once && purpose == Some(one.purpose.as_str()))
            }
        };
        (asked_for || self.counts_for_all()) && facts.commercial() != Known::Is(false)
    }

    /// The facts for one recipient; `packs` from [`Case::packs`].
    pub fn facts<'b>(
        &self,
        now: Timestamp,
        recipient: &'b Address,
        record: Known<&'b Record>,
        packs: &'b [&'b Pack],
        waiver: Option<&'b Waiver>,
    ) -> Facts<'b>
    where
        'a: 'b,
    {
        let country = match &record {
            Known::Is(record) => self.country_of(recipient, Some(record)),
            Known::Not(_) => self.country_of(recipient, None),
        };
        Facts {
            now,
            reading: self.reading,
            class: self.class,
            declared: self.declared,
            stream: self.stream,
            recipient,
            recipients: self.recipients,
            standing: standing_of(record),
            recipient_country: country,
            packs,
            provider: Provider::of(&self.business.policy.providers, recipient.domain()),
            signs: self.signs,
            links: self.links,
            waiver,
        }
    }
}

/// The recipient's country: the contact's record, else the top-level domain.
pub fn country_of(recipient: &Address, record: Option<&Record>) -> Option<Country> {
    record.and_then(|record| record.country).or_else(|| {
        let top = recipient.domain().rsplit('.').next()?.as_bytes();
        match top {
            // `uk` is the one country domain that is not the country's code.
            b"uk" => Some(Country(*b"GB")),
            [first @ b'a'..=b'z', second @ b'a'..=b'z'] => {
                Some(Country([first.to_ascii_uppercase(), second.to_ascii_uppercase()]))
            }
            _ => None,
        }
    })
}

fn standing_of(record: Known<&Record>) -> Known<&Standing> {
    match record {
        Known::Is(record) => Known::Is(&record.standing),
        Known::Not(why) => Known::Not(why),
    }
}
