//! Where SMTP clients may connect, and on what terms.

use serde::{Deserialize, Serialize};

use super::{
    Address, Network,
    document::{Section, Text},
};

/// One listener.
#[derive(Clone, Debug)]
pub struct Listener {
    /// In logs and metrics: `submission`.
    pub name: String,
    pub address: Address,
    pub mode: Mode,
    pub admits: Admits,
    /// AUTH is offered outside TLS; only ever true on a loopback address.
    pub plaintext_auth: bool,
    pub bare_line_ends: BareLineEnds,
    /// Proxies whose PROXY v1 or v2 header is believed, and from whom it is required.
    pub proxy_from: Vec<Network>,
    /// Hosts that may use XCLIENT.
    pub xclient_from: Vec<Network>,
    /// Mail servers that may say by XFORWARD whose message it is.
    pub xforward_from: Vec<Network>,
    /// A mail server asks here about messages that it keeps; `None`: it speaks SMTP.
    pub milter: Option<Milter>,
}

/// Of a listener where a mail server asks.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Milter {
    /// The name that its client logged in with there is a login's here.
    pub auth_is_login: bool,
}

/// How a connection is protected.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Mode {
    /// No TLS; the address is a loopback one.
    Loopback,
    /// Plain, then STARTTLS (RFC 3207, port 587); nothing is taken before it.
    StartTls,
    /// TLS from the first byte (RFC 8314, port 465).
    ImplicitTls,
}

/// Who may submit.
#[derive(Clone, Debug)]
pub enum Admits {
    /// Whoever authenticates.
    Logins,
    /// Whoever connects from one of the networks, as one login without a password; others must
    /// authenticate. On a socket file: whoever can open it, and there are no networks.
    Trusted { networks: Vec<Network>, login: Trusted },
    /// Nobody: it takes what comes back to the relay's own return addresses, from whomever.
    Returns,
}

/// The login of clients that are known by their address alone.
#[derive(Clone, Debug)]
pub struct Trusted {
    pub name: String,
    /// `@shop.cz`, `@*.shop.cz`, `news@shop.cz`.
    pub senders: Vec<String>,
    pub refusals: Refusals,
    pub mixed: Mixed,
}

/// What the client sees when a recipient may not get the message (architecture 7).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Refusals {
    /// 550 at RCPT, or after DATA.
    #[default]
    Reply,
    /// 250; not sent; a DSN and an event.
    Suppress,
}

/// After DATA, when only some recipients may get the message.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mixed {
    /// The lawful get it; a DSN names the others.
    #[default]
    Split,
    /// All or nothing.
    Refuse,
}

/// What becomes of a CR or LF that stands alone.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum BareLineEnds {
    /// 550 for the message.
    Reject,
    /// Each becomes CRLF before anything else sees the message.
    Normalize,
}

impl Listener {
    pub(super) fn read(section: &Section<'_, '_>) -> Option<Self> {
        let name = section.text_needed("name", "it stands in logs and metrics");
        let address = Address::read(section, "address", "127.0.0.1:2525");
        let mode = section.choice(
            "mode",
            &[
                ("loopback", Mode::Loopback),
                ("starttls", Mode::StartTls),
                ("implicit-tls", Mode::ImplicitTls),
            ],
            Mode::Loopback,
        );
        let plaintext_auth = section.flag("plaintext-auth", false);
        let bare_line_ends = section.choice(
            "bare-line-ends",
            &[("reject", BareLineEnds::Reject), ("normalize", BareLineEnds::Normalize)],
            BareLineEnds::Reject,
        );
        let proxy_from = super::networks(section, "proxy-from");
        let xclient_from = super::networks(section, "xclient-from");
        let xforward_from = super::networks(section, "xforward-from");
        let takes = section.choice(
            "takes",
            &[
                ("submissions", Takes::Submissions),
                ("returns", Takes::Returns),
                ("milter", Takes::Milter),
            ],
            Takes::Submissions,
        );
        let is_file = matches!(address, Address::Unix(_));
        let admits = Admits::read(&section.section("trusted"), takes, is_file);
        let auth_is_login = section.flag("auth-is-login", false);
        let milter = (takes == Takes::Milter).then_some(Milter { auth_is_login });
        if takes == Takes::Milter {
            check_milter(section, &address, mode, &admits);
        } else if auth_is_login {
            section.complain(
                "auth-is-login",
                "means something to `takes = \"milter\"` alone: remove it",
            );
        }
        if is_file && takes != Takes::Milter {
            section.complain(
                "address",
                "only `takes = \"milter\"` has a socket file: write `127.0.0.1:2525`",
            );
        }
        check_near(section, &address, mode, plaintext_auth);
        let asks = mode == Mode::Loopback && takes != Takes::Milter;
        if asks && !plaintext_auth && matches!(admits, Admits::Logins) {
            section.complain(
                "mode",
                "nobody could submit here: without TLS there is no AUTH; set \
                `plaintext-auth = true`, add `[listener.trusted]`, or use `starttls`",
            );
        }
        Some(Self {
            name,
            address,
            mode,
            admits,
            plaintext_auth,
            bare_line_ends,
            proxy_from,
            xclient_from,
            xforward_from,
            milter,
        })
    }
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Takes {
    Submissions,
    Returns,
    Milter,
}

/// What must not cross a network does not.
fn check_near(section: &Section<'_, '_>, address: &Address, mode: Mode, plaintext_auth: bool) {
    let local = address.is_local();
    if !local && mode == Mode::Loopback {
        section.complain(
            "mode",
            format!(
                "`loopback` on `{address}`, which others can reach: \
                write `starttls` or `implicit-tls`"
            ),
        );
    }
    if !local && plaintext_auth {
        section.complain(
            "plaintext-auth",
            format!(
                "passwords would cross the network in clear on \
                `{address}`: only a loopback address may have it"
            ),
        );
    }
}

/// The protocol has neither TLS nor passwords.
fn check_milter(section: &Section<'_, '_>, address: &Address, mode: Mode, admits: &Admits) {
    if mode != Mode::Loopback || !address.is_local() {
        section.complain(
            "takes",
            "a milter speaks in clear: give it a loopback address or a socket \
            (`unix:/run/souhlas/milter.sock`), and `mode = \"loopback\"`",
        );
    }
    if !matches!(admits, Admits::Trusted { .. }) {
        section.complain(
            "takes",
            "a milter has to know its mail server: add `[listener.trusted]` with the senders that its \
            clients may use, and its address in `networks` unless it comes by a socket file",
        );
    }
    for key in ["plaintext-auth", "bare-line-ends", "proxy-from", "xclient-from", "xforward-from"] {
        if section.has(key) {
            section.complain(key, "means nothing to `takes = \"milter\"`: remove it");
        }
    }
}

impl Admits {
    fn read(section: &Section<'_, '_>, takes: Takes, is_file: bool) -> Self {
        let networks = super::networks(section, "networks");
        let name = section.text("login", "trusted");
        let senders = senders(section, section.texts("senders"));
        let refusals = section.choice(
            "refusals",
            &[("reply", Refusals::Reply), ("suppress", Refusals::Suppress)],
            Refusals::Reply,
        );
        let mixed = section.choice(
            "mixed",
            &[("split", Mixed::Split), ("refuse", Mixed::Refuse)],
            Mixed::Split,
        );
        if takes == Takes::Returns {
            if section.is_written() {
                section.complain_here(
                    "a listener that takes returns trusts nobody: remove `[listener.trusted]`",
                );
            }
            return Self::Returns;
        }
        if !section.is_written() {
            return Self::Logins;
        }
        if is_file && section.has("networks") {
            section.complain(
                "networks",
                "who comes by a socket file has no address, and who can open it is let in: remove it",
            );
        }
        if networks.is_empty() && !is_file {
            section.complain(
                "networks",
                "trusted without a network: list the addresses that need no \
                password, or remove the section so that everybody needs one",
            );
        }
        if networks.iter().any(Network::is_everything) {
            section.complain(
                "networks",
                "it trusts every address, which would make an open relay: \
                list the hosts that may submit",
            );
        }
        if senders.is_empty() {
            section.complain(
                "senders",
                "nobody may send: list sender addresses (`news@shop.cz`) or \
                domains (`@shop.cz`)",
            );
        }
        Self::Trusted { networks, login: Trusted { name, senders, refusals, mixed } }
    }
}

/// Checks sender patterns: `news@shop.cz`, `@shop.cz`, `@*.shop.cz`.
pub(super) fn senders(section: &Section<'_, '_>, texts: Vec<Text>) -> Vec<String> {
    for text in &texts {
        if !is_sender(&text.value) {
            section.complain_at(
                text.at,
                format!(
                    "`{}` is not a sender: write `news@shop.cz`, `@shop.cz` or `@*.shop.cz`",
                    text.value
                ),
            );
        }
    }
    texts.into_iter().map(|text| text.value).collect()
}

fn is_sender(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let odd = |letter: char| letter.is_whitespace() || letter.is_control() || letter == '@';
    let domain =
        if local.is_empty() { domain.strip_prefix("*.").unwrap_or(domain) } else { domain };
    !local.contains(odd) && super::is_domain(domain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn read(listener: &str) -> Result<Option<Milter>, String> {
        let text = format!("[[listener]]\nname = \"a\"\ntakes = \"milter\"\n{listener}");
        let config = Config::read("relay.toml", &text);
        let complaints = |all: Vec<crate::config::Complaint>| {
            all.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
        };
        config.map(|config| config.listeners[0].milter).map_err(complaints)
    }

    const TRUSTED: &str =
        "[listener.trusted]\nnetworks = [\"127.0.0.1\"]\nsenders = [\"@shop.cz\"]";

    #[test]
    fn a_milter_is_for_a_mail_server_that_is_known_and_near() {
        let found = read(&format!("auth-is-login = true\n{TRUSTED}"));
        assert_eq!(found, Ok(Some(Milter { auth_is_login: true })));
        let file = "address = \"unix:/run/souhlas/milter.sock\"\n[listener.trusted]\n";
        assert!(read(&format!("{file}senders = [\"@shop.cz\"]")).is_ok());
        for (listener, why) in [
            (format!("{file}{}", TRUSTED.split_once("\n").unwrap().1), "who can open it is let in"),
            (format!("mode = \"starttls\"\n{file}senders = [\"@shop.cz\"]"), "speaks in clear"),
            (format!("address = \"unix:\"\n{TRUSTED}"), "is no socket"),
            (String::new(), "has to know its mail server"),
            (format!("address = \"192.0.2.1:8891\"\n{TRUSTED}"), "speaks in clear"),
            (format!("mode = \"starttls\"\n{TRUSTED}"), "speaks in clear"),
            (format!("plaintext-auth = true\n{TRUSTED}"), "means nothing to"),
        ] {
            let fault = read(&listener).unwrap_err();
            assert!(fault.contains(why), "{listener}: {fault}");
        }
        let submits = "[[listener]]\nname = \"a\"\naddress = \"unix:a\"\nplaintext-auth = true";
        assert!(Config::read("relay.toml", submits).is_err());
        let other = "[[listener]]\nname = \"a\"\nplaintext-auth = true\nauth-is-login = true";
        assert!(Config::read("relay.toml", other).is_err());
    }
}
