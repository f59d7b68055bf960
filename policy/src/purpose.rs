//! Why an address may be used: name, legal basis, duration (S2, S17).

use jiff::{Span, Timestamp};
use serde::{Deserialize, Serialize};

use crate::Requires;

/// The six bases of GDPR art. 6(1), no others.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    Consent,
    Contract,
    LegalObligation,
    VitalInterest,
    PublicInterest,
    LegitimateInterest,
}

impl Basis {
    /// Whether the person's word alone ends it: consent is taken back, and interest objected to.
    pub fn is_by_will(self) -> bool {
        match self {
            Self::Consent | Self::LegitimateInterest => true,
            Self::Contract | Self::LegalObligation | Self::VitalInterest | Self::PublicInterest => {
                false
            }
        }
    }
}

/// From when a grant's duration counts.
#[derive(Clone, Debug)]
pub enum Validity {
    /// From the start of the grant.
    Fixed(Span),
    /// From the last activity of the contact of one of these kinds (S46), each named once, at
    /// least one.
    SinceActivity { span: Span, kinds: Vec<Activity> },
}

impl Validity {
    pub fn span(&self) -> Span {
        match self {
            Self::Fixed(span) | Self::SinceActivity { span, .. } => *span,
        }
    }

    /// Whether an activity of the kind moves the end of a grant.
    pub fn counts(&self, kind: Activity) -> bool {
        match self {
            Self::Fixed(_) => false,
            Self::SinceActivity { kinds, .. } => kinds.contains(&kind),
        }
    }
}

/// A sign of life of a contact (S46..S48).
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Activity {
    Purchase,
    /// A message was displayed. Mail programs that fetch pictures by themselves make these up.
    Open,
    /// A link in a message was followed. Scanners follow links, too.
    Click,
    Login,
}

impl Activity {
    /// In the order in which they are listed.
    pub const ALL: [Self; 4] = [Self::Purchase, Self::Open, Self::Click, Self::Login];
}

/// By what way the person may be addressed (S86). Messages go by e-mail alone; what another way
/// was granted for is kept and proved here, and lets no message go.
#[derive(
    Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Channel {
    #[default]
    Email,
    Sms,
    Phone,
    Post,
    /// Audiences in social networks, matched by the address.
    Social,
}

/// What messages of a purpose may be about: the person picks among them (S55). A consent is to the
/// purpose with all of them; whoever picks narrows it.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Topic {
    /// Short and stable, as a purpose's: `seeds`.
    pub id: String,
    /// What the person reads on the pages.
    pub name: String,
}

#[derive(Clone, Debug)]
pub struct Purpose {
    /// Short, stable, chosen by the admin: `newsletter`.
    pub id: String,
    /// Id of the controller that uses it.
    pub controller: String,
    pub name: String,
    pub basis: Basis,
    pub validity: Validity,
    /// What it asks of each of its grants beyond the law.
    pub requires: Requires,
    pub channel: Channel,
    /// Being on the list says something delicate about the person (health, faith, politics, sex):
    /// nobody may be put there by another (S89).
    pub sensitive: bool,
    /// How many days before the end of a grant it is said that it ends; 0: never.
    pub expiring_days: u16,
    pub note: String,
    /// What the person may pick among, in the order of the pages. Alone of all here it can change.
    pub topics: Vec<Topic>,
    /// From then on it grants nothing and no grant of it counts.
    pub closed_at: Option<Timestamp>,
}

impl Purpose {
    /// By e-mail, asking nothing beyond the law, its end announced in good time.
    pub fn new(controller: &str, id: &str, name: &str, basis: Basis, validity: Validity) -> Self {
        Self {
            id: id.to_owned(),
            controller: controller.to_owned(),
            name: name.to_owned(),
            basis,
            validity,
            requires: Requires::default(),
            channel: Channel::Email,
            sensitive: false,
            expiring_days: EXPIRING_DAYS,
            note: String::new(),
            topics: Vec::new(),
            closed_at: None,
        }
    }
}

/// A month is time enough to ask for a renewal while the consent still allows to ask.
const EXPIRING_DAYS: u16 = 30;
