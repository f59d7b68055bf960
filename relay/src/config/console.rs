//! `[web] console-…`: where staff work, and on what terms they sign in.

use std::{net::SocketAddr, time::Duration};

use super::{document::Section, machine::is_https};

/// The review console.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Console {
    pub address: SocketAddr,
    /// Where staff reach it, `https://…`, without a slash at the end; `None`: at the address itself.
    pub url: Option<String>,
    /// Everybody needs a second factor, and not only those who chose one.
    pub factor_required: bool,
    /// How long one signs in for.
    pub session: Duration,
    /// And without doing anything.
    pub idle: Duration,
    /// A policy that was activated is written into this machine's policy.toml.
    pub activates_policy: bool,
}

impl Console {
    /// Where links to it begin, without a slash at the end.
    pub fn base(&self) -> String {
        self.url.clone().unwrap_or_else(|| format!("http://{}", self.address))
    }

    pub(super) fn read(section: &Section<'_, '_>) -> Self {
        let address = super::address(section, "console-address", "127.0.0.1:8027");
        if !section.flag("console-tls-by-proxy", false) && !address.ip().is_loopback() {
            section.complain(
                "console-address",
                format!(
                    "`{address}` can be reached from other machines, and passwords would pass the \
                network in clear: choose a loopback address behind a proxy that speaks TLS, or \
                write `console-tls-by-proxy = true` where one stands in front on another machine"
                ),
            );
        }
        let url = section.text_if_any("console-url");
        let url = url.map(|url| url.trim_end_matches('/').to_owned());
        if let Some(url) = &url
            && (!is_https(url) || url.matches('/').count() > 2)
        {
            section.complain(
                "console-url",
                format!(
                    "`{url}` is not where a console can be: write `https://` and a host of its own, \
                as in `https://souhlas.shop.cz`"
                ),
            );
        }
        if url.is_none() && !address.ip().is_loopback() {
            section.complain_here(
                "[web] has a `console-address` that is not loopback and no `console-url`: write \
                where staff reach it, as in `https://souhlas.shop.cz`",
            );
        }
        Self {
            address,
            url,
            factor_required: section.choice(
                "console-second-factor",
                &[("required", true), ("optional", false)],
                true,
            ),
            session: section.time("console-session", "12h"),
            idle: section.time("console-idle", "30m"),
            activates_policy: section.flag("console-activates-policy", false),
        }
    }
}

/// As a file that says nothing of it.
impl Default for Console {
    fn default() -> Self {
        Self {
            address: SocketAddr::from(([127, 0, 0, 1], 8027)),
            url: None,
            factor_required: true,
            session: Duration::from_hours(12),
            idle: Duration::from_mins(30),
            activates_policy: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn read(web: &str) -> Result<Console, String> {
        let text = format!(
            "[[listener]]\nname = \"a\"\nmode = \"loopback\"\nplaintext-auth = true\n[web]\n{web}"
        );
        let found = Config::read("relay.toml", &text).map(|config| config.web.console);
        found.map_err(|complaints| complaints.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn what_is_not_written_is_what_the_default_says() {
        assert_eq!(read(""), Ok(Console::default()));
        let own = read("console-url = \"https://souhlas.shop.cz/\"").unwrap();
        assert_eq!(own.base(), "https://souhlas.shop.cz");
        assert_eq!(Console::default().base(), "http://127.0.0.1:8027");
    }

    #[test]
    fn passwords_do_not_cross_the_network_in_clear() {
        for (web, said) in [
            ("console-address = \"0.0.0.0:8027\"", "in clear"),
            ("console-address = \"0.0.0.0:8027\"\nconsole-tls-by-proxy = true", "no `console-url`"),
            ("console-url = \"http://souhlas.shop.cz\"", "host of its own"),
            ("console-url = \"https://shop.cz/souhlas\"", "host of its own"),
        ] {
            let fault = read(web).unwrap_err();
            assert!(fault.contains(said), "{web}: {fault}");
        }
    }
}
