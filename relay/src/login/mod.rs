//! The SMTP credentials of mailing tools: who may send, and as whom.
//!
//! [`Logins`] answers a session's questions. What is kept about a login is in `store`; passwords
//! are kept as argon2id hashes and as SCRAM keys, never in clear.

mod logins;
pub(crate) mod password;
mod remembered;
mod scram;
mod seen;
pub mod store;
mod throttle;

use policy::Address;
use serde::{Deserialize, Serialize};

pub use self::{
    logins::{Logins, Outcome},
    password::{Credential, PasswordFault, generate},
    seen::{Seen, Told},
    store::Stored,
};
pub use crate::config::{Mixed, Refusals};
use crate::config::{Trusted, sender_matches};

/// What a verified credential allows.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Login {
    pub name: String,
    /// `@shop.cz`, `@*.shop.cz`, `news@shop.cz`, `*`: both MAIL FROM and header From must match
    /// one.
    pub senders: Vec<String>,
    pub refusals: Refusals,
    pub mixed: Mixed,
}

impl Login {
    /// Whether this login may send as `address`, however it is typed: case does not matter, and a
    /// domain is the same in its own letters and in A-labels.
    pub fn may_send_as(&self, address: &str) -> bool {
        let address = Address::parse(address);
        self.senders.iter().any(|pattern| {
            pattern == ANYONE
                || address.as_ref().is_ok_and(|own| sender_matches(pattern, own.as_str()))
        })
    }
}

/// The login of clients that are known by their network address alone.
impl From<&Trusted> for Login {
    fn from(trusted: &Trusted) -> Self {
        Self {
            name: trusted.name.clone(),
            // What cannot be read matches nobody.
            senders: trusted.senders.iter().filter_map(|own| sender_pattern(own).ok()).collect(),
            refusals: trusted.refusals,
            mixed: trusted.mixed,
        }
    }
}

/// Checks a login's name: 1 to 64 of `a-z 0-9 . _ + - @`, beginning with a letter or digit.
///
/// Names are in logs and verdicts, so a person's address is a poor one; they are compared without
/// regard to ASCII case. The error says what to write.
pub fn check_name(name: &str) -> Result<(), &'static str> {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let first = name.bytes().next().is_some_and(allowed);
    let rest = name.bytes().all(|byte| allowed(byte) || b"._+-@".contains(&byte));
    if first && rest && name.len() <= 64 {
        Ok(())
    } else {
        Err("a login's name is 1 to 64 of `a-z 0-9 . _ + - @` and begins with a letter or digit")
    }
}

/// A pattern of senders in the one form in which it is kept: lower case, domain as A-labels. The
/// error says what to write.
pub fn sender_pattern(text: &str) -> Result<String, &'static str> {
    const FAULT: &str = "a sender is `news@shop.cz`, `@shop.cz` (all of a domain), `@*.shop.cz` \
                         (all below it) or `*`";
    if text == ANYONE {
        return Ok(text.to_owned());
    }
    let (local, domain) = text.rsplit_once('@').ok_or(FAULT)?;
    if local.contains(['*', '@', ',', ';', '"']) || domain.contains([',', ';']) {
        return Err(FAULT);
    }
    let (below, domain) = match domain.strip_prefix("*.") {
        Some(domain) if local.is_empty() => ("*.", domain),
        Some(_) | None => ("", domain),
    };
    let read = if local.is_empty() { format!("x@{domain}") } else { text.to_owned() };
    let address = Address::parse(&read).map_err(|_| FAULT)?;
    let local = if local.is_empty() { "" } else { address.local() };
    Ok(format!("{local}@{below}{}", address.domain()))
}

/// The pattern that every sender matches.
const ANYONE: &str = "*";

#[cfg(test)]
mod tests {
    use super::*;

    fn login(senders: &[&str]) -> Login {
        Login {
            name: "shop".into(),
            senders: senders.iter().map(|sender| sender_pattern(sender).unwrap()).collect(),
            refusals: Refusals::Reply,
            mixed: Mixed::Split,
        }
    }

    #[test]
    fn a_login_sends_as_what_its_patterns_name_and_as_nobody_else() {
        for (pattern, address, may) in [
            ("@shop.cz", "news@shop.cz", true),
            ("@shop.cz", "news@SHOP.cz", true),
            ("@shop.cz", "news@mail.shop.cz", false),
            ("@shop.cz", "news@eshop.cz", false),
            ("@shop.cz", "news@shop.cz.evil.example", false),
            ("@shop.cz", "shop.cz", false),
            ("@shop.cz", "\"@shop.cz\"@evil.example", false),
            ("@*.shop.cz", "news@mail.shop.cz", true),
            ("@*.shop.cz", "news@a.b.shop.cz", true),
            ("@*.shop.cz", "news@shop.cz", false),
            ("@*.shop.cz", "news@eshop.cz", false),
            ("news@shop.cz", "news@shop.cz", true),
            ("news@shop.cz", "News@Shop.CZ", true),
            ("news@shop.cz", "other@shop.cz", false),
            ("@příklad.cz", "news@příklad.cz", true),
            ("@příklad.cz", "news@xn--pklad-zsa96e.cz", true),
            ("@xn--pklad-zsa96e.cz", "news@PŘÍKLAD.cz", true),
            ("*", "anyone@anywhere.example", true),
        ] {
            assert_eq!(login(&[pattern]).may_send_as(address), may, "{pattern} {address}");
        }
        assert!(!login(&[]).may_send_as("news@shop.cz"));
        assert!(login(&["@a.cz", "@b.cz"]).may_send_as("x@b.cz"));
    }

    #[test]
    fn names_and_patterns_are_checked() {
        for good in ["shop", "shop-2", "news@shop.cz", "0"] {
            assert_eq!(check_name(good), Ok(()), "{good}");
        }
        for bad in ["", "-x", "Shop", "a b", "é", "a\n", &"a".repeat(65)] {
            assert!(check_name(bad).is_err(), "{bad}");
        }
        for (text, kept) in [
            ("*", "*"),
            ("@Shop.CZ", "@shop.cz"),
            ("@*.shop.cz", "@*.shop.cz"),
            ("News@shop.cz", "news@shop.cz"),
            ("@příklad.cz", "@xn--pklad-zsa96e.cz"),
            ("@*.Příklad.cz", "@*.xn--pklad-zsa96e.cz"),
        ] {
            assert_eq!(sender_pattern(text).as_deref(), Ok(kept), "{text}");
            assert_eq!(sender_pattern(kept).as_deref(), Ok(kept), "{text}");
        }
        for bad in [
            "",
            "shop.cz",
            "@",
            "@*.",
            "@*",
            "*@shop.cz",
            "a b@c.cz",
            "@a..cz",
            "a@*.shop.cz",
            "@a,b",
            "a@b@c.cz",
        ] {
            assert!(sender_pattern(bad).is_err(), "{bad}");
        }
    }
}
