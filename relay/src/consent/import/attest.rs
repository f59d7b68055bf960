//! Where a file's addresses come from, and what the person who brings it signs (S113..S117, S150).

use policy::{Pack, rules};

/// Shown before an import; whoever attests one has read it. A changed text is another statement:
/// the imports of before keep the digest of theirs.
pub const STATEMENT: &str = "\
By attesting an import you declare for the business whose contacts these are:

1. The business collected every address itself: from the person it belongs to, or from a customer
   with an order.
2. For each address whose consent is imported it can be shown when and how the person agreed, and to
   what. The date in the file is the day on which they did.
3. No address was bought or rented, copied from a public register or the Internet, gathered for
   another purpose, left by somebody who only took part in a contest, or belongs to somebody who
   might become a customer.
4. Whoever unsubscribed, objected or complained is in the file as such, or is not in it.
5. Importing other addresses breaks the terms of this service and the law. The import is kept on
   record with the name of who attested it, and the sender's login can be suspended.";

/// Where the addresses were got.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Origin {
    /// The business collected them itself.
    Own,
    Purchased,
    Public,
    Scraped,
    Prospects,
    Contest,
    OtherPurpose,
}

impl Origin {
    pub const ALL: [Self; 7] = [
        Self::Own,
        Self::Purchased,
        Self::Public,
        Self::Scraped,
        Self::Prospects,
        Self::Contest,
        Self::OtherPurpose,
    ];

    pub fn word(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Purchased => "purchased",
            Self::Public => "public",
            Self::Scraped => "scraped",
            Self::Prospects => "prospects",
            Self::Contest => "contest",
            Self::OtherPurpose => "other-purpose",
        }
    }

    /// Why nothing of this origin may be imported, and the rule whose law says so; `None`: it may.
    pub fn forbidden(self) -> Option<(&'static str, &'static str)> {
        let (why, rule) = match self {
            Self::Own => return None,
            Self::Purchased => {
                ("consent that was given to the seller is none to this business", SOURCE)
            }
            Self::Public => ("an address that anybody can read is no consent", SOURCE),
            Self::Scraped => ("addresses gathered from the Internet may not be used", SOURCE),
            Self::Prospects => ("who might become a customer is none", CONSENT),
            Self::Contest => {
                ("an address left for a contest is for organising the contest alone", CONSENT)
            }
            Self::OtherPurpose => {
                ("an address gathered for one purpose may not be used for another", CONSENT)
            }
        };
        Some((why, rule))
    }
}

/// The law under the packs by which nothing of this origin may be imported: act and section of each.
pub fn law(origin: Origin, packs: &[&Pack]) -> Vec<String> {
    let rule = origin.forbidden().and_then(|(_, id)| rules::find(id));
    let law = rule.map(|rule| rule.law_under(packs)).unwrap_or_default();
    law.into_iter().map(ToString::to_string).collect()
}

const SOURCE: &str = "source-forbidden";
const CONSENT: &str = "consent-missing";
