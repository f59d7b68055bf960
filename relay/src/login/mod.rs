//! The SMTP credentials of mailing tools: who may send, and as whom.
//!
//! [`Logins`] answers a session's questions. What is kept about a login is in `store`; passwords
//! are kept as argon2id hashes and as SCRAM keys, never in clear.

mod logins;
mod password;
mod remembered;
mod scram;
pub mod store;
mod throttle;

use serde::{Deserialize, Serialize};

pub use self::{
    logins::{Logins, Outcome},
    password::{Credential, PasswordFault, generate},
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
    /// Whether this login may send as `address` (`local@domain`, domain as A-labels or as typed).
    pub fn may_send_as(&self, address: &str) -> bool {
        self.senders.iter().any(|pattern| pattern == ANYONE || sender_matches(pattern, address))
    }
}

/// The login of clients that are known by their network address alone.
impl From<&Trusted> for Login {
    fn from(trusted: &Trusted) -> Self {
        Self {
            name: trusted.name.clone(),
            senders: trusted.senders.clone(),
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

/// Checks a pattern of senders. The error says what to write.
pub fn check_sender(pattern: &str) -> Result<(), &'static str> {
    const FAULT: &str = "a sender is `news@shop.cz`, `@shop.cz` (all of a domain), `@*.shop.cz` (all below it) or `*`";
    if pattern == ANYONE {
        return Ok(());
    }
    let (local, domain) = pattern.rsplit_once('@').ok_or(FAULT)?;
    let domain =
        if local.is_empty() { domain.strip_prefix("*.").unwrap_or(domain) } else { domain };
    let bad = |c: char| c.is_whitespace() || c.is_control() || "*@<>,;\"".contains(c);
    if domain.is_empty()
        || domain.contains(bad)
        || local.contains(bad)
        || domain.split('.').any(str::is_empty)
    {
        return Err(FAULT);
    }
    Ok(())
}

/// The pattern that every sender matches.
const ANYONE: &str = "*";

#[cfg(test)]
mod tests {
    use super::*;

    fn login(senders: &[&str]) -> Login {
        Login {
            name: "shop".into(),
            senders: senders.iter().map(|sender| (*sender).to_owned()).collect(),
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
        for good in ["*", "@shop.cz", "@*.shop.cz", "news@shop.cz", "@příklad.cz"] {
            assert_eq!(check_sender(good), Ok(()), "{good}");
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
        ] {
            assert!(check_sender(bad).is_err(), "{bad}");
        }
    }
}
