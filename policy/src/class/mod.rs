//! Which class a message is, and by which signs.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::{Message, Place, View};

/// What a message is in the law's eyes.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    Commercial,
    Greeting,
    ReviewRequest,
    ReconsentRequest,
    OptInConfirmation,
    TechnicalNotice,
    Transactional,
    SolicitedReply,
    NonBusiness,
    /// Declared transactional, promotional inside.
    Mixed,
}

/// What the signs say, before anybody's declaration is heard.
#[derive(Clone, Debug)]
pub struct Classified {
    /// Undeclared and unclear is commercial.
    pub class: Class,
    pub signs: Vec<Sign>,
    /// Sum of the weights of the promotional signs; over the limit a declared transactional
    /// message is mixed.
    pub promotional: i32,
}

/// One sign: what it is, which class it speaks for, how strongly, and where it stands.
#[derive(Clone, Debug)]
pub struct Sign {
    pub name: &'static str,
    pub speaks_for: Class,
    pub weight: i32,
    pub place: Place,
    /// Bytes of the whole message.
    pub range: Range<usize>,
    pub shown: String,
}

impl Class {
    /// Needs consent or the customer exemption and bears every duty of a commercial message.
    pub fn is_commercial(self) -> bool {
        match self {
            Self::Commercial
            | Self::Greeting
            | Self::ReviewRequest
            | Self::ReconsentRequest
            | Self::Mixed => true,
            Self::OptInConfirmation
            | Self::TechnicalNotice
            | Self::Transactional
            | Self::SolicitedReply
            | Self::NonBusiness => false,
        }
    }
}

impl Class {
    /// As a sentence names it: `technical notice`.
    pub fn words(self) -> &'static str {
        match self {
            Self::Commercial => "commercial",
            Self::Greeting => "greeting",
            Self::ReviewRequest => "review request",
            Self::ReconsentRequest => "re-consent request",
            Self::OptInConfirmation => "opt-in confirmation",
            Self::TechnicalNotice => "technical notice",
            Self::Transactional => "transactional",
            Self::SolicitedReply => "solicited reply",
            Self::NonBusiness => "non-business",
            Self::Mixed => "mixed",
        }
    }
}

impl Classified {
    /// What the message is taken to be, given what the sender declared: the [`crate::Facts::class`].
    ///
    /// A declaration can make a message commercial, never take that away: promotional signs over
    /// the limit make it [`Class::Mixed`]. A declared commercial message that the signs say is a
    /// greeting or a request for consent is that, because less covers those.
    pub fn taken_as(&self, declared: Option<Class>) -> Class {
        match declared {
            None => self.class,
            Some(Class::Commercial) if self.class.is_commercial() => self.class,
            Some(declared) if declared.is_commercial() => declared,
            Some(_) if self.promotional >= PROMOTIONAL_LIMIT => Class::Mixed,
            Some(declared) => declared,
        }
    }
}

/// From this sum of promotional weights on, a message advertises whatever it is declared to be.
const PROMOTIONAL_LIMIT: i32 = 10;

pub(crate) fn classify(_message: &Message, _views: &[View]) -> Classified {
    Classified { class: Class::Commercial, signs: Vec::new(), promotional: 0 }
}
