//! Who a message is sent for, and the streams of messages they send.

use std::{collections::BTreeMap, sync::Arc};

use jiff::tz::TimeZone;

use crate::{Class, Frequency, LabelPlace, OnBroken, Rule, Scope, Term, identity::Needles};

/// A country as ISO 3166-1 alpha-2, upper case.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Country(pub [u8; 2]);

impl Country {
    /// The Union, where nothing says which member.
    pub const UNION: Self = Self(*b"EU");

    /// The Union, its members, and the three states that took its directives over with the
    /// Agreement on the European Economic Area.
    pub fn under_union_law(self) -> bool {
        self == Self::UNION || UNION_LAW.contains(&&self.0)
    }
}

static UNION_LAW: [&[u8; 2]; 30] = [
    b"AT", b"BE", b"BG", b"CY", b"CZ", b"DE", b"DK", b"EE", b"ES", b"FI", b"FR", b"GR", b"HR",
    b"HU", b"IE", b"IS", b"IT", b"LI", b"LT", b"LU", b"LV", b"MT", b"NL", b"NO", b"PL", b"PT",
    b"RO", b"SE", b"SI", b"SK",
];

/// The language the relay writes in: labels, footers, pages, notices.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Language {
    Czech,
    Slovak,
    English,
    German,
    Polish,
}

impl Language {
    pub const ALL: [Self; 5] =
        [Self::Czech, Self::Slovak, Self::English, Self::German, Self::Polish];
}

/// The business in whose favour a message is sent (GDPR art. 4(7)).
#[derive(Clone, Debug)]
pub struct Controller {
    /// Its key in policy.toml.
    pub id: String,
    /// Business name with suffix, as registered.
    pub name: String,
    /// Company id (IČO): digits only.
    pub company_id: Option<String>,
    /// Registered seat or place of business, on one line.
    pub seat: Option<String>,
    /// Entry in the commercial or trade register, on one line.
    pub register: Option<String>,
    /// The person who represents it; recommended, never required (compliance.md 2.5).
    pub representative: Option<String>,
    pub vat_id: Option<String>,
    /// An e-mail address or a telephone number at which it answers.
    pub contact: Option<String>,
    pub country: Country,
    /// Where recipients are taken to be of whom nothing else says it.
    pub recipients: Option<Country>,
    pub language: Language,
    pub time_zone: TimeZone,
    /// Domains it may show in From and Reply-To, lower-case A-labels; subdomains count.
    pub domains: Vec<String>,
    /// The address that the relay's own messages to people come from.
    pub sender: String,
    /// Where its privacy policy stands.
    pub privacy_url: Option<String>,
    /// How its data protection officer is reached (GDPR art. 37(7)).
    pub dpo: Option<String>,
    /// Who processes data for it, for its privacy notice (GDPR art. 13(1)(e)).
    pub processors: Vec<String>,
    /// Not an entrepreneur: charity, association, party (Act 480/2004 § 2(f)).
    pub non_business: bool,
    /// Who bought goods of a category counts as a customer for so long; never longer than a pack says.
    pub customer_for: BTreeMap<String, Term>,
    /// How its identity is looked for in a text; begins empty.
    pub needles: Needles,
}

/// What policy.toml says of one stream of messages: a login, From, List-Id or header maps to it.
#[derive(Clone, Debug)]
pub struct Stream {
    pub id: String,
    pub controller: Arc<Controller>,
    /// Id of the purpose whose grants let commercial messages of this stream go.
    pub purpose: Option<String>,
    /// Id of the purpose's topic that its messages are about; `None`: of none, or of all.
    pub topic: Option<String>,
    /// What the sender declares the messages to be; `None`: the signs decide.
    pub class: Option<Class>,
    /// Categories of goods it offers, for "similar goods" of the customer exemption.
    pub categories: Vec<String>,
    /// RFC 2919 List-Id without brackets, for the edit that adds it.
    pub list_id: Option<String>,
    pub unsubscribe: UnsubscribeScope,
    /// How many commercial messages about its purpose one address gets.
    pub at_most: Option<Frequency>,
    /// Where the relay writes a label that is missing: subject or sender's name.
    pub label_in: LabelPlace,
    /// For adults: some laws want that said in the subject.
    pub adult: bool,
    /// What its messages break is noted and not acted on, but for what binds whatever is set.
    pub report_only: bool,
    /// What its messages ask for when a rule is broken, by rule id; of a rule not named, the policy
    /// says it.
    pub rules: BTreeMap<String, OnBroken>,
}

impl Stream {
    /// What whoever unsubscribes from its messages refuses.
    pub fn refused(&self) -> Scope {
        let purpose =
            self.purpose.as_ref().filter(|_| self.unsubscribe == UnsubscribeScope::Purpose);
        purpose.cloned().map_or(Scope::Everything, Scope::Purpose)
    }

    /// One that policy.toml does not have: nothing is known of it but its purpose, if that.
    pub fn bare(controller: &Arc<Controller>, purpose: Option<String>) -> Self {
        Self {
            id: String::new(),
            controller: Arc::clone(controller),
            purpose,
            topic: None,
            class: None,
            categories: Vec::new(),
            list_id: None,
            unsubscribe: UnsubscribeScope::Everything,
            at_most: None,
            adult: false,
            report_only: false,
            rules: BTreeMap::new(),
            label_in: LabelPlace::Subject,
        }
    }

    /// Whether it is the stream's own setting that asks for this when the rule is broken.
    pub fn sets(&self, rule: &Rule, asked: OnBroken) -> bool {
        self.rules.get(rule.id) == Some(&asked)
    }
}

/// What an unsubscribe from a message of the stream refuses (S34).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum UnsubscribeScope {
    /// All commercial messages of the controller (the default).
    Everything,
    /// The stream's purpose alone.
    Purpose,
}
