//! What the words and numbers mean that mailing tools write for the state of a contact.
//!
//! A word that is not known is no yes: it may be somebody's word for a no.

use super::{columns::plain, format::Format};

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Status {
    /// Gets messages.
    Subscribed,
    /// Unsubscribed, complained, or was put on a list of those who never get anything.
    Refused,
    /// Asked, and has not confirmed.
    Unconfirmed,
    /// The tool gave the address up.
    Bounced,
    /// Taken off by somebody who is not the person: neither a yes nor a no.
    Removed,
}

impl Status {
    /// The word as a person writes it: `--status unsubscribed`.
    pub fn parse(word: &str) -> Result<Self, String> {
        of(Format::Table, word).ok_or_else(|| {
            "write subscribed, unsubscribed, unconfirmed, bounced or removed".to_owned()
        })
    }

    pub(super) fn why_not(self) -> &'static str {
        match self {
            Self::Subscribed | Self::Refused => "nothing is wrong with it",
            Self::Unconfirmed => "nothing was confirmed",
            Self::Bounced => "the address does not work",
            Self::Removed => "it was taken off, which is neither a yes nor a no",
        }
    }
}

/// `None`: the word is not known.
pub(super) fn of(format: Format, word: &str) -> Option<Status> {
    let word = plain(word);
    let own = match format {
        Format::Ecomail => ecomail(&word),
        Format::SmartEmailing if word == "removed" => Some(Status::Removed),
        Format::Mailchimp if matches!(word.as_str(), "transactional" | "archived") => {
            Some(Status::Removed)
        }
        Format::Table
        | Format::SmartEmailing
        | Format::Mailchimp
        | Format::Listmonk
        | Format::Souhlas => None,
    };
    own.or_else(|| known(&word))
}

/// Ecomail's numbers. One that bounced softly is still written to.
fn ecomail(number: &str) -> Option<Status> {
    Some(match number {
        "1" | "3" => Status::Subscribed,
        "2" | "5" => Status::Refused,
        "4" => Status::Bounced,
        "6" => Status::Unconfirmed,
        _ => return None,
    })
}

fn known(word: &str) -> Option<Status> {
    let all = [
        (Status::Subscribed, SUBSCRIBED),
        (Status::Refused, REFUSED),
        (Status::Unconfirmed, UNCONFIRMED),
        (Status::Bounced, BOUNCED),
        (Status::Removed, REMOVED),
    ];
    all.into_iter().find(|(_, words)| words.contains(&word)).map(|(status, _)| status)
}

const SUBSCRIBED: &[&str] = &[
    "subscribed",
    "subscribe",
    "subscriber",
    "active",
    "confirmed",
    "enabled",
    "optin",
    "optedin",
    "consentgiven",
    "renewedconsentgiven",
    "softbounce",
    "přihlášen",
    "přihlášený",
    "prihlasen",
    "prihlaseny",
    "prihlásený",
    "aktivní",
    "aktivni",
    "aktívny",
];
const REFUSED: &[&str] = &[
    "unsubscribed",
    "unsubscribe",
    "optout",
    "optedout",
    "complained",
    "complaint",
    "spam",
    "blocklisted",
    "blacklisted",
    "removed",
    "consentrefused",
    "consentwithdrawn",
    "odhlášen",
    "odhlášený",
    "odhlaseny",
    "odhlasen",
    "odhlásený",
];
const UNCONFIRMED: &[&str] =
    &["unconfirmed", "pending", "nepotvrzen", "nepotvrzený", "nepotvrdený", "consentrequested"];
const BOUNCED: &[&str] = &["cleaned", "bounced", "hardbounce", "bounce"];
const REMOVED: &[&str] = &["disabled", "archived", "deleted"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_tool_is_taken_at_its_word() {
        for (format, word, expected) in [
            (Format::Ecomail, "1", Some(Status::Subscribed)),
            (Format::Ecomail, "2", Some(Status::Refused)),
            (Format::Ecomail, "3", Some(Status::Subscribed)),
            (Format::Ecomail, "4", Some(Status::Bounced)),
            (Format::Ecomail, "5", Some(Status::Refused)),
            (Format::Ecomail, "6", Some(Status::Unconfirmed)),
            (Format::Ecomail, "7", None),
            (Format::Table, "1", None),
            (Format::SmartEmailing, "removed", Some(Status::Removed)),
            (Format::Table, "removed", Some(Status::Refused)),
            (Format::Mailchimp, "Cleaned", Some(Status::Bounced)),
            (Format::Mailchimp, "transactional", Some(Status::Removed)),
            (Format::Listmonk, "blocklisted", Some(Status::Refused)),
            (Format::Listmonk, "disabled", Some(Status::Removed)),
            (Format::Table, "Odhlášen", Some(Status::Refused)),
            (Format::Table, "wypisany", None),
        ] {
            assert_eq!(of(format, word), expected, "{format:?} {word}");
        }
    }
}
