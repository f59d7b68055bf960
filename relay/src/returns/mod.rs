//! The addresses that mail about our mail comes back to. What it is about stands in the local part,
//! authenticated: nobody can report, or unsubscribe from, what the relay never sent them.
//!
//! `bounce-TOKEN@returns.shop.cz`. A token is lower-case base32, because others change the case of
//! local parts, and fits the 64 octets of RFC 5321 §4.5.3.1.1. It holds no address.

mod senders;

use uuid::Uuid;

use crate::{
    seal::{AddressKey, MacKey, Secret, base32, from_base32},
    smtp::envelope::Path,
};

pub use senders::Senders;

/// What a return address says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Mark {
    pub kind: Kind,
    pub message: Uuid,
    /// How the recipient's key begins; `None`: one of several who got the same bytes.
    pub recipient: Option<[u8; RECIPIENT_OCTETS]>,
    /// The number of the sender, of a bounce; 0: nobody's.
    pub sender: u32,
}

/// What comes to it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// MAIL FROM: reports of delivery (RFC 3464), and what answers by itself.
    Bounce,
    /// A mailto in List-Unsubscribe (RFC 2369): whoever writes there means no.
    Unsubscribe,
    /// CFBL-Address (RFC 9477): complaints.
    Feedback,
}

/// Makes and reads the addresses of its domains; cheap to clone.
#[derive(Clone, Debug)]
pub struct Returns {
    domains: std::sync::Arc<[String]>,
    key: std::sync::Arc<MacKey>,
}

/// Enough to tell apart the recipients of one message.
pub const RECIPIENT_OCTETS: usize = 4;
/// 80 bits: who guesses has to ask an SMTP server each time.
const TAG_OCTETS: usize = 10;

impl Mark {
    pub fn new(kind: Kind, message: Uuid, recipient: Option<AddressKey>) -> Self {
        let start = |key: AddressKey| key.as_bytes().first_chunk().copied();
        Self { kind, message, recipient: recipient.and_then(start), sender: 0 }
    }

    /// Whether the key may be the recipient's.
    pub fn is_about(&self, key: &AddressKey) -> bool {
        self.recipient.is_none_or(|start| key.as_bytes().starts_with(&start))
    }
}

impl Kind {
    const ALL: [Self; 3] = [Self::Bounce, Self::Unsubscribe, Self::Feedback];

    pub fn word(self) -> &'static str {
        match self {
            Self::Bounce => "bounce",
            Self::Unsubscribe => "unsubscribe",
            Self::Feedback => "feedback",
        }
    }
}

impl Returns {
    /// `None`: there is no domain for them.
    pub fn new(domains: &[String], secret: &Secret) -> Option<Self> {
        let key = || secret.mac_key("return address").into();
        (!domains.is_empty()).then(|| Self { domains: domains.into(), key: key() })
    }

    /// The first of its domains that is this one or below it.
    pub fn below(&self, domain: &str) -> Option<&str> {
        let is_below = |own: &&String| {
            let rest = own.strip_suffix(domain);
            rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        self.domains.iter().find(is_below).map(String::as_str)
    }

    /// The domain for messages of a controller with these domains: below one of them, so that SPF is
    /// aligned with From (RFC 7489 §3.1.2), else the first.
    pub fn domain_for(&self, own: &[String]) -> &str {
        let mut below = own.iter().filter_map(|domain| self.below(domain));
        below.next().or_else(|| Some(self.domains.first()?.as_str())).unwrap_or_default()
    }

    pub fn address(&self, mark: &Mark, domain: &str) -> Path {
        let mut token = mark.message.as_bytes().to_vec();
        token.extend_from_slice(&mark.recipient.unwrap_or_default());
        if mark.kind == Kind::Bounce {
            token.extend_from_slice(&mark.sender.to_be_bytes());
        }
        let tag = self.tag(mark.kind, &token);
        token.extend_from_slice(&tag);
        let local = format!("{}-{}", mark.kind.word(), base32(&token).to_ascii_lowercase());
        Path { local, domain: domain.to_owned() }
    }

    /// `None`: not an address of ours.
    pub fn read(&self, path: &Path) -> Option<Mark> {
        let is_ours = |own: &String| path.domain.eq_ignore_ascii_case(own);
        self.domains.iter().find(|own| is_ours(own))?;
        let (word, token) = path.local.split_once('-')?;
        let kind = Kind::ALL.into_iter().find(|kind| kind.word().eq_ignore_ascii_case(word))?;
        let token = from_base32(&token.to_ascii_uppercase())?;
        let (about, tag) = token.split_last_chunk::<TAG_OCTETS>()?;
        if !crate::seal::same(&self.tag(kind, about), tag) {
            return None;
        }
        let (message, recipient) = about.split_first_chunk::<16>()?;
        let (recipient, sender) = recipient.split_first_chunk::<RECIPIENT_OCTETS>()?;
        let recipient = *recipient;
        let sender = match kind {
            Kind::Bounce => u32::from_be_bytes(sender.try_into().ok()?),
            Kind::Unsubscribe | Kind::Feedback => sender.is_empty().then_some(0)?,
        };
        let recipient = Some(recipient).filter(|start| *start != [0; RECIPIENT_OCTETS]);
        Some(Mark { kind, message: Uuid::from_bytes(*message), recipient, sender })
    }

    fn tag(&self, kind: Kind, about: &[u8]) -> [u8; TAG_OCTETS] {
        let whole = self.key.sign_parts(&[kind.word().as_bytes(), about]);
        whole.first_chunk().copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_controllers_own_domain_is_taken_where_there_is_one() {
        let returns = returns();
        for (domain, expected) in [
            ("returns.shop.test", Some(DOMAIN)),
            ("shop.test", Some(DOMAIN)),
            ("garden.test", Some("back.garden.test")),
            ("op.test", None),
            ("other.test", None),
            ("a.returns.shop.test", None),
        ] {
            assert_eq!(returns.below(domain), expected, "{domain}");
        }
        let own = ["other.test", "garden.test"].map(str::to_owned);
        assert_eq!(returns.domain_for(&own), "back.garden.test");
        assert_eq!(returns.domain_for(&own[..1]), DOMAIN);
        assert_eq!(returns.domain_for(&[]), DOMAIN);
    }

    fn returns() -> Returns {
        let domains = [DOMAIN.to_owned(), "back.garden.test".to_owned()];
        Returns::new(&domains, &Secret::from_bytes([1; 32])).unwrap()
    }

    fn mark(kind: Kind) -> Mark {
        Mark::new(kind, Uuid::from_u128(u128::MAX - 7), Some(AddressKey([0xfe; 32])))
    }

    #[test]
    fn an_address_says_again_what_it_was_made_of_in_any_case() {
        for kind in Kind::ALL {
            let sender = if kind == Kind::Bounce { u32::MAX } else { 0 };
            let both = [Mark { sender, ..mark(kind) }, Mark { recipient: None, ..mark(kind) }];
            for mark in both {
                let path = returns().address(&mark, "back.garden.test");
                assert!(path.local.len() <= 64, "{}", path.local);
                assert_eq!(Path::parse(&path.to_mailbox_string()), Ok(path.clone()));
                assert_eq!(returns().read(&path), Some(mark));
                let shouted =
                    Path { local: path.local.to_uppercase(), domain: path.domain.to_uppercase() };
                assert_eq!(returns().read(&shouted), Some(mark));
            }
        }
        assert!(mark(Kind::Bounce).is_about(&AddressKey([0xfe; 32])));
        assert!(!mark(Kind::Bounce).is_about(&AddressKey([1; 32])));
    }

    #[test]
    fn nothing_else_is_an_address_of_ours() {
        let good = returns().address(&mark(Kind::Bounce), DOMAIN);
        let (_, token) = good.local.split_once('-').unwrap();
        let mut locals = vec![
            format!("unsubscribe-{token}"),
            format!("bounce-{token}a"),
            format!("bounce-{}", &token[1..]),
            token.to_owned(),
            "bounce-".to_owned(),
            "bounce".to_owned(),
            "postmaster".to_owned(),
            "bounce-é".to_owned(),
        ];
        for at in 0..token.len() {
            let mut changed: Vec<char> = token.chars().collect();
            changed[at] = if changed[at] == 'a' { 'b' } else { 'a' };
            locals.push(format!("bounce-{}", String::from_iter(changed)));
        }
        for local in locals {
            let path = Path { local, domain: good.domain.clone() };
            assert_eq!(returns().read(&path), None, "{path}");
        }
        let elsewhere = Path { domain: "shop.test".to_owned(), ..good.clone() };
        assert_eq!(returns().read(&elsewhere), None);
        let theirs = Returns::new(&[DOMAIN.to_owned()], &Secret::from_bytes([2; 32])).unwrap();
        assert_eq!(theirs.read(&good), None);
    }

    const DOMAIN: &str = "returns.shop.test";
}
