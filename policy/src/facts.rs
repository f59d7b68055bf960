//! What is known about one message to one recipient at one moment, gathered before any rule runs.
//!
//! A fact is never fetched by a rule. What could not be learned is a value here
//! ([`Known::Not`]), so that not knowing is decided on, not forgotten.

use jiff::Timestamp;

use crate::{
    Address, Class, Controller, Country, Pack, Provider, Reading, Standing, Stream, ground,
};

/// A fact, or why it could not be learned.
#[derive(Clone, Debug, PartialEq)]
pub enum Known<T> {
    Is(T),
    /// The id of a reason: `store-silent`.
    Not(&'static str),
}

/// All that the rules may look at.
#[derive(Clone, Debug)]
pub struct Facts<'a> {
    pub now: Timestamp,
    /// The message as it stands: on the second pass, as repaired.
    pub reading: &'a Reading,
    /// What the message is taken to be: declared by the stream or a header, checked by the signs.
    pub class: Class,
    /// What the sender declared, if anything.
    pub declared: Option<Class>,
    pub stream: &'a Stream,
    pub recipient: &'a Address,
    /// How many recipients the message has in its envelope.
    pub recipients: usize,
    pub standing: Known<&'a Standing>,
    /// Known from the contact's record, else the recipient's top-level domain.
    pub recipient_country: Option<Country>,
    /// The packs that apply, the controller's own first.
    pub packs: &'a [&'a Pack],
    /// Who keeps the recipient's mailbox, where its rules are known.
    pub provider: Option<&'a Provider>,
    /// The controller's domain has a DKIM key, so headers added here will be signed.
    pub signs: bool,
    /// Base of the relay's own unsubscribe endpoint is reachable (configured), so links can be made.
    pub links: bool,
    pub waiver: Option<&'a Waiver>,
}

impl<'a> Facts<'a> {
    pub fn controller(&self) -> &'a Controller {
        &self.stream.controller
    }

    /// Whether the message bears the duties of a commercial one towards this recipient.
    ///
    /// A technical notice does not where the recipient is a customer, refusal or not; to
    /// anybody else it is commercial. A message that says it is not business is commercial
    /// where its controller is an entrepreneur, or a law that applies counts appeals too.
    pub fn commercial(&self) -> Known<bool> {
        match self.class {
            Class::Commercial
            | Class::Greeting
            | Class::ReviewRequest
            | Class::ReconsentRequest
            | Class::Mixed => Known::Is(true),
            Class::OptInConfirmation | Class::Transactional | Class::SolicitedReply => {
                Known::Is(false)
            }
            Class::NonBusiness => {
                let mut packs = self.packs.iter();
                Known::Is(!self.is_appeal() || packs.any(|pack| self.is_business_under(pack)))
            }
            Class::TechnicalNotice => match &self.standing {
                Known::Is(standing) => Known::Is(!ground::is_customer(self, standing)),
                Known::Not(why) => Known::Not(why),
            },
        }
    }

    /// The packs whose law takes a commercial message for one: all that apply, but for an
    /// association's appeal.
    pub(crate) fn commercial_packs(&self) -> impl Iterator<Item = &'a Pack> {
        self.packs.iter().copied().filter(|pack| self.is_business_under(pack))
    }

    /// Whether this pack's law counts the message among those that sell something, should it be
    /// commercial: only some count an association's appeal.
    pub(crate) fn is_business_under(&self, pack: &Pack) -> bool {
        !self.is_appeal() || pack.terms.non_business.commercial
    }

    /// An association writes for its own aims. What its shop sells is commercial like anybody's.
    pub(crate) fn is_appeal(&self) -> bool {
        self.class == Class::NonBusiness && self.controller().non_business
    }
}

/// A person's reasoned release of a held message: a fact, decided on again like any other.
/// It can waive content rules and the classifier's opinion, never a refusal (R10).
#[derive(Clone, Debug, Eq, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Waiver {
    /// The rules that it waives, by id.
    pub rules: Vec<String>,
    /// The rules whose edits are made although the policy asks for a hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub repairs: Vec<String>,
    pub by: String,
    pub reason: String,
    pub at: Timestamp,
}
