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

pub(crate) fn classify(_message: &Message, _views: &[View]) -> Classified {
    Classified { class: Class::Commercial, signs: Vec::new(), promotional: 0 }
}
