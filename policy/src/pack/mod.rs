//! One jurisdiction's parameters, with the dates between which they hold and their citations.
//!
//! Data only: what a parameter means for a message is said by the rules. The files stand in
//! `packs/`; a pack has one [`Pack`] value for each version of the law.

mod file;
mod term;
mod tighten;

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};

pub use term::{Frequency, Term};
pub use tighten::Complaint;

use crate::{Country, EvidenceField, Language};

/// A jurisdiction's parameters in force during one span of time.
#[derive(Clone, Debug)]
pub struct Pack {
    /// `cz`, `eu`.
    pub id: String,
    /// The country whose controllers and recipients it concerns; `EU`: every state under the
    /// Union's law that has no pack of its own.
    pub country: Country,
    /// `Czech`: as it stands before "law".
    pub adjective: String,
    /// What the relay writes in where the controller says nothing else.
    pub language: Language,
    /// In which its dates are meant.
    pub time_zone: TimeZone,
    /// Date of the wording: `2023-03-23`.
    pub version: String,
    pub effective_from: Timestamp,
    /// First moment at which it no longer holds; `None`: in force.
    pub effective_to: Option<Timestamp>,
    pub terms: Terms,
}

/// The parameters of one version of a pack (compliance.md 2.4).
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Terms {
    pub consent: ConsentTerms,
    pub exemption: ExemptionTerms,
    pub technical_notice: TechnicalNoticeTerms,
    pub non_business: NonBusinessTerms,
    pub b2b: B2bTerms,
    pub label: LabelTerms,
    pub identity: IdentityTerms,
    pub information: InformationTerms,
    pub unsubscribe: UnsubscribeTerms,
    pub reconsent: ReconsentTerms,
    pub minors: MinorsTerms,
    pub retention: RetentionTerms,
    pub penalty: PenaltyTerms,
    /// By parameter (`label.required`): ids of the citations it comes from, or `choice` where no
    /// law fixes it and the default is ours. Every parameter has an entry.
    pub law: BTreeMap<String, Vec<String>>,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ConsentTerms {
    pub required: bool,
    /// A grant counts only when it was confirmed by a click in a message.
    pub double_opt_in: bool,
    pub request_by_email: RequestByEmail,
    /// A grant never counts longer than this, whatever its own end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_age: Option<Term>,
    /// Kinds of activity that prolong a grant whose purpose counts from the last activity.
    pub activity_extends: Vec<String>,
    /// Without which a grant proves nothing.
    pub evidence_fields: Vec<EvidenceField>,
    /// How long evidence is kept after a withdrawal.
    pub evidence_kept_for: Term,
}

/// May an e-mail ask for consent?
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RequestByEmail {
    /// To anybody.
    Allowed,
    /// To those whom other commercial messages may reach: consent or exemption.
    WithBasis,
    /// Only to those whose consent still stands: to renew, never to obtain.
    WithConsent,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ExemptionTerms {
    /// Own customers may get offers of similar goods without consent.
    pub enabled: bool,
    pub own_goods_only: bool,
    pub similar_only: bool,
    /// The right to object must have been offered when the address was collected.
    pub objection_at_collection: bool,
    /// Counted from the purchase or the end of the contract.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_age: Option<Term>,
    /// An enquiry carries as a sale does, for so long; without it never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enquiries: Option<Term>,
    /// Wishes (holidays, birthdays) count as similar goods.
    pub greetings: bool,
    /// A charity's supporters count as its customers.
    pub charities: bool,
    /// Whoever supported it before does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub charities_since: Option<Date>,
    /// A public list of those who want no advertising: it has to be imported as refusals.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub national_list: Option<String>,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct TechnicalNoticeTerms {
    /// How long after a purchase or the end of a contract somebody still counts as a customer
    /// who may be told of outages and changed terms.
    pub customers_for: Term,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct NonBusinessTerms {
    /// What charities, associations and parties send to win people is commercial too.
    pub commercial: bool,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct B2bTerms {
    /// Legal persons are not protected.
    pub exempt_corporate: bool,
    /// A published business contact may be written to.
    pub exempt_published_address: bool,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct LabelTerms {
    pub required: bool,
    /// Where a label counts.
    #[serde(rename = "where")]
    pub places: Vec<LabelPlace>,
    /// 1: the regulator's own words. 2: with the usual words of advertising. 3: and `extra-words`.
    pub level: u8,
    pub extra_words: Vec<String>,
    /// What the repair writes before the subject, space included.
    pub prefix: String,
    /// No label is asked for where the recipient consented.
    pub unless_consent: bool,
    /// What the subject of a message for adults begins with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adult_prefix: Option<String>,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LabelPlace {
    Subject,
    FromName,
    /// The visible text: for laws that ask that advertising be recognisable and not where.
    Text,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct IdentityTerms {
    /// Each has to stand in the message.
    pub fields: Vec<IdentityField>,
    /// Has to stand in it too where the policy knows it: nobody can give a register entry or a
    /// VAT number that he has not.
    pub if_known: Vec<IdentityField>,
    /// Stand in the footer that the relay writes, where the policy knows them.
    pub recommended: Vec<IdentityField>,
    /// A link to a page with the identity is enough, for all but the name.
    pub link_is_enough: bool,
    /// Messages that are not commercial name their sender too.
    pub on_transactional: bool,
    /// How long what is given has to stay true after the message left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_for: Option<Term>,
}

/// What a commercial message tells its reader beside who sent it.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct InformationTerms {
    /// That one may object at any time (GDPR art. 21(4)).
    pub right_to_object: bool,
    /// It has to be told by that name; a link that says it unsubscribes does not tell it.
    pub objection_words: bool,
    /// A link to the controller's privacy policy.
    pub privacy_link: bool,
    /// Why the reader gets it: where the address comes from.
    pub origin: bool,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum IdentityField {
    Name,
    CompanyId,
    /// Registered seat, or the postal address where the business is.
    Seat,
    Register,
    Representative,
    VatId,
    /// An e-mail address or a telephone number at which it answers.
    Contact,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct UnsubscribeTerms {
    /// A visible way in the body of every alternative.
    pub in_body: bool,
    /// List-Unsubscribe (RFC 2369).
    pub header: bool,
    /// List-Unsubscribe-Post (RFC 8058).
    pub one_click: bool,
    /// How long a link must work after the message left.
    pub link_valid_for: Term,
    /// Zero days: at once.
    pub honour_within: Term,
    /// The refusal must be confirmed to the person.
    pub confirm: bool,
    pub login_allowed: bool,
    pub fee_allowed: bool,
    /// How long a refusal is kept.
    pub refusal_kept_for: Term,
    /// Messages that are not commercial carry it too.
    pub on_transactional: bool,
}

/// What a message that asks for consent holds, and how often it may be repeated.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ReconsentTerms {
    pub parts: Vec<ReconsentPart>,
    /// Such messages to one address at most, within `within`.
    pub repeats_max: u16,
    pub within: Term,
}

/// A part of a message that asks for consent.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReconsentPart {
    /// Who asks.
    Identity,
    /// What the reader gets from it.
    Benefits,
    PrivacyLink,
    /// A way to say yes and a way to say no.
    Choice,
    Contact,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct MinorsTerms {
    /// Age from which a person consents alone (GDPR art. 8).
    pub age: u8,
    pub declaration: bool,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RetentionTerms {
    /// A contact silent for longer is up for review.
    pub max_inactive: Term,
    /// How often the contacts are to be cleaned.
    pub review_every: Term,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PenaltyTerms {
    /// In words, for the explanation: `a fine of up to CZK 10,000,000`.
    pub note: String,
    pub authority: String,
}

impl Pack {
    /// Every version of every pack that comes with the program, by id and then by date.
    pub fn builtin() -> Vec<Self> {
        file::SHIPPED.iter().flat_map(|text| file::read(text).unwrap_or_default()).collect()
    }

    /// The version of one pack that holds at `now`; before the first known version, the first.
    pub fn in_force<'a>(packs: &'a [Self], id: &str, now: Timestamp) -> Option<&'a Self> {
        let mut versions = packs.iter().filter(|pack| pack.id == id);
        versions
            .clone()
            .find(|pack| {
                pack.effective_from <= now && pack.effective_to.is_none_or(|end| now < end)
            })
            .or_else(|| versions.next())
    }

    /// The packs that apply to a message: the controller's own first, then the recipient's.
    ///
    /// A state under the Union's law without a pack of its own has the Union's. A recipient of
    /// another country without a pack, or of whom no country is known, adds none. A controller
    /// of such a country is held to the Union's: what it would have to keep there is unknown,
    /// and the strictest of ten laws would ask it for what no law does.
    pub fn applying(
        packs: &[Self],
        now: Timestamp,
        controller: Country,
        recipient: Option<Country>,
    ) -> Vec<&Self> {
        let own = Self::of(packs, now, controller).or_else(|| Self::of(packs, now, Country::UNION));
        let theirs = recipient.and_then(|country| Self::of(packs, now, country));
        let theirs = theirs.filter(|theirs| own.is_none_or(|own| own.id != theirs.id));
        own.into_iter().chain(theirs).collect()
    }

    /// The pack of one country; none where nothing is known of its law.
    fn of(packs: &[Self], now: Timestamp, country: Country) -> Option<&Self> {
        let pack = |wanted: Country| packs.iter().find(|pack| pack.country == wanted);
        let union = || if country.under_union_law() { pack(Country::UNION) } else { None };
        Self::in_force(packs, &pack(country).or_else(union)?.id, now)
    }

    /// Who asks for what the parameter says: `Czech law`, or `the Czech pack` where the law does
    /// not fix it and the default is ours.
    pub fn asker(&self, parameter: &str) -> String {
        if self.is_law(parameter) {
            self.law_name()
        } else {
            format!("the {} pack", self.adjective)
        }
    }

    fn is_law(&self, parameter: &str) -> bool {
        let sources = self.terms.law.get(parameter).map(Vec::as_slice).unwrap_or_default();
        let is_law = |id: &String| crate::law::find(id).is_some_and(|one| one.country != "--");
        sources.iter().any(is_law) && !sources.iter().any(|id| id == "choice")
    }

    /// The same as the id of a word: `law-cz`, `pack-cz`.
    pub(crate) fn asker_word(&self, parameter: &str) -> String {
        let kind = if self.is_law(parameter) { "law" } else { "pack" };
        format!("{kind}-{}", self.id)
    }

    /// What the word `law-cz` says.
    pub(crate) fn law_word(&self) -> String {
        format!("law-{}", self.id)
    }

    /// `Czech law`.
    pub fn law_name(&self) -> String {
        format!("{} law", self.adjective)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applying(controller: &str, recipient: Option<&str>, now: &str) -> Vec<String> {
        let country = |code: &str| Country(code.as_bytes().try_into().unwrap());
        let packs = Pack::builtin();
        let now = now.parse().unwrap();
        Pack::applying(&packs, now, country(controller), recipient.map(country))
            .iter()
            .map(|pack| format!("{} {}", pack.id, pack.version))
            .collect()
    }

    #[test]
    fn the_controllers_pack_applies_and_the_recipients() {
        for (controller, recipient, ids) in [
            ("CZ", None, vec!["cz"]),
            ("CZ", Some("CZ"), vec!["cz"]),
            ("CZ", Some("SK"), vec!["cz", "sk"]),
            ("CZ", Some("PL"), vec!["cz", "pl"]),
            ("GB", Some("US"), vec!["uk", "us"]),
            // A member without a pack of its own, the Union itself, a state of the EEA.
            ("CZ", Some("FR"), vec!["cz", "eu"]),
            ("CZ", Some("EU"), vec!["cz", "eu"]),
            ("FR", Some("IT"), vec!["eu"]),
            ("NO", Some("CA"), vec!["eu", "ca"]),
            // Countries of whose law nothing is known.
            ("CZ", Some("BR"), vec!["cz"]),
            ("BR", None, vec!["eu"]),
            ("BR", Some("BR"), vec!["eu"]),
            ("BR", Some("PL"), vec!["eu", "pl"]),
        ] {
            let found = applying(controller, recipient, "2026-05-04T10:00:00Z");
            let found: Vec<&str> = found.iter().filter_map(|one| one.split(' ').next()).collect();
            assert_eq!(found, ids, "{controller} to {recipient:?}");
        }
    }

    #[test]
    fn the_version_is_that_of_the_day() {
        for (country, now, version) in [
            ("SK", "2025-11-11T12:00:00Z", "sk 2022-02-01"),
            // Midnight in Bratislava, an hour before that of UTC.
            ("SK", "2025-11-11T23:00:00Z", "sk 2025-11-12"),
            ("GB", "2026-02-04T23:59:59Z", "uk 2003-12-11"),
            ("GB", "2026-02-05T00:00:00Z", "uk 2026-02-05"),
            // Before the first version known, the first.
            ("PL", "2024-01-01T00:00:00Z", "pl 2024-11-10"),
        ] {
            assert_eq!(applying(country, None, now), [version], "{now}");
        }
    }

    #[test]
    fn what_a_version_leaves_unsaid_holds_on() {
        let packs = Pack::builtin();
        let [before, since] = packs
            .iter()
            .filter(|pack| pack.id == "sk")
            .map(|pack| pack.terms.clone())
            .collect::<Vec<_>>()
            .try_into()
            .unwrap();
        assert_ne!(before.exemption.max_age, since.exemption.max_age);
        assert_eq!(before.exemption.own_goods_only, since.exemption.own_goods_only);
        assert_eq!(before.identity, since.identity);
        assert_ne!(before.penalty, since.penalty);
    }
}
