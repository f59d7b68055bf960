//! What the large mailbox providers ask of those who write to their users.
//!
//! Data, as the packs are: the file stands in `packs/`, and what each key means for a message is
//! said by the rules. They bind by the recipient's domain, beside every law. How many of its users
//! complained a provider alone knows: the limit stands here, nothing counts against it yet.

use std::{collections::BTreeMap, fmt, str::FromStr};

use serde::{Deserialize, Deserializer, de::Error as _};

use crate::Fault;

/// One provider, and what it asks.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Provider {
    /// `gmail`.
    pub id: String,
    /// As a person knows it: `Gmail`.
    pub name: String,
    /// Lower-case domains of its users; `yahoo.*` is the name under any country's domain.
    pub domains: Vec<String>,
    /// From is in a domain that a DKIM signature of the message is for.
    pub authenticated_from: bool,
    /// What sells something is unsubscribed from with one click, and a signature says the link is
    /// the sender's (RFC 8058 §4).
    pub one_click: bool,
    /// What sells something has a List-Id.
    pub list_id: bool,
    /// The header keeps RFC 5322 §3.6.
    pub sound_header: bool,
    /// More complaints than this, and messages are no longer taken.
    pub complaint_rate_max: Rate,
    /// By key: ids of the citations it comes from, or `choice`.
    pub law: BTreeMap<String, Vec<String>>,
}

/// A share of all messages, to a hundredth of a percent: `0.3 %`.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Rate {
    /// Of ten thousand messages.
    pub of_ten_thousand: u16,
}

#[derive(Deserialize)]
struct File {
    provider: Vec<Provider>,
}

impl Provider {
    /// Those whose rules are known.
    pub fn builtin() -> Vec<Self> {
        let file: Result<File, _> = toml::from_str(include_str!("packs/providers.toml"));
        file.map(|file| file.provider).unwrap_or_default()
    }

    /// The provider of a domain's mailboxes; lower case, A-labels.
    pub fn of<'a>(providers: &'a [Self], domain: &str) -> Option<&'a Self> {
        let has = |known: &String| match known.strip_suffix('*') {
            Some(name) => domain.strip_prefix(name).is_some_and(is_country_end),
            None => domain == known,
        };
        providers.iter().find(|provider| provider.domains.iter().any(has))
    }

    /// A fault that cites the source of one of its keys.
    pub(crate) fn cite(&self, mut fault: Fault, key: &str) -> Fault {
        let sources = self.law.get(key).map(Vec::as_slice).unwrap_or_default();
        fault.law.extend(sources.iter().filter_map(|id| crate::law::find(id)));
        fault
    }
}

/// `com`, `de`, `co.uk`: what stands behind a brand's name and is nobody else's domain.
fn is_country_end(end: &str) -> bool {
    let mut labels = end.split('.');
    let short = |label: &str| matches!(label.len(), 2 | 3);
    let (first, second) = (labels.next().unwrap_or_default(), labels.next());
    short(first) && second.is_none_or(|second| second.len() == 2) && labels.next().is_none()
}

impl FromStr for Rate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wanted = || format!("`{text}` is not a rate: write `0.3 %`");
        let number = text.strip_suffix('%').ok_or_else(wanted)?.trim_end();
        let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(part) || part.len() > 2 {
            return Err(wanted());
        }
        let all = format!("{whole}{part:0<2}").parse().map_err(|_| wanted())?;
        if all > 10_000 { Err(wanted()) } else { Ok(Self { of_ten_thousand: all }) }
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, part) = (self.of_ten_thousand / 100, self.of_ten_thousand % 100);
        let part = format!("{part:02}");
        match part.trim_end_matches('0') {
            "" => write!(to, "{whole} %"),
            part => write!(to, "{whole}.{part} %"),
        }
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_tells_its_provider() {
        let providers = Provider::builtin();
        for (domain, id) in [
            ("gmail.com", Some("gmail")),
            ("googlemail.com", Some("gmail")),
            ("yahoo.com", Some("yahoo")),
            ("yahoo.co.uk", Some("yahoo")),
            ("yahoo.de", Some("yahoo")),
            ("aol.com", Some("yahoo")),
            ("hotmail.cz", Some("microsoft")),
            ("msn.com", Some("microsoft")),
            ("live.example.cz", None),
            ("yahoo.shop.example", None),
            ("gmail.com.example", None),
            ("mail.gmail.com", None),
            ("notgmail.com", None),
            ("posta.example", None),
        ] {
            let found = Provider::of(&providers, domain).map(|provider| provider.id.as_str());
            assert_eq!(found, id, "{domain}");
        }
    }

    #[test]
    fn every_key_says_where_it_comes_from() {
        let keys =
            ["authenticated-from", "complaint-rate-max", "list-id", "one-click", "sound-header"];
        for provider in Provider::builtin() {
            let cited: Vec<&str> = provider.law.keys().map(String::as_str).collect();
            assert_eq!(cited, keys, "{}", provider.id);
            for source in provider.law.values().flatten() {
                assert!(source == "choice" || crate::law::find(source).is_some(), "{source}");
            }
        }
        assert_eq!(Provider::builtin().len(), 3);
    }

    #[test]
    fn a_rate_prints_as_it_is_written() {
        for text in ["0.3 %", "0.1 %", "2 %", "0.05 %", "100 %"] {
            assert_eq!(text.parse::<Rate>().unwrap().to_string(), text);
        }
        for text in ["", "0.3", "%", "-1 %", "0.123 %", "101 %", "x %"] {
            assert!(text.parse::<Rate>().is_err(), "{text}");
        }
    }
}
