//! `[openid]` of relay.toml: the organisation's own sign-in, which staff may use for the console.

use std::path::PathBuf;

use super::{Secret, document::Section, machine::is_https, secret};

/// A provider of OpenID Connect.
#[derive(Clone, Debug)]
pub struct OpenId {
    /// Its URL, as its tokens name it.
    pub issuer: String,
    /// What the console is called there.
    pub client: String,
    pub secret: Secret<String>,
    /// The claim that is an account's name.
    pub claim: String,
    /// What stands on the button: `Kavárna`.
    pub label: Option<String>,
    /// Who may sign its certificate beside those whom the system trusts.
    pub ca_file: Option<PathBuf>,
}

impl OpenId {
    /// `None`: accounts have passwords alone.
    pub(super) fn read(section: &Section<'_, '_>) -> Option<Self> {
        let issuer = section.text_if_any("issuer");
        let client = section.text_if_any("client");
        let file = section.text_if_any("secret-file");
        let claim = section.text("claim", "email");
        let label = section.text_if_any("label");
        let ca_file = section.text_if_any("ca-file").map(PathBuf::from);
        let (Some(issuer), Some(client), Some(file)) = (issuer, client, file) else {
            if section.is_written() {
                section.complain_here(
                    "[openid] needs `issuer`, `client` and `secret-file`: the provider's URL, what \
                     the console is called there, and a file with its secret",
                );
            }
            return None;
        };
        if !may_be_asked(&issuer) {
            section.complain(
                "issuer",
                format!(
                    "`{issuer}` is no issuer: write `https://` and the host, and no `?` or `#`"
                ),
            );
        }
        let secret = secret::of_file(section, "secret-file", &file)?;
        Some(Self { issuer, client, secret, claim, label, ca_file })
    }
}

/// `https`, or on this machine itself.
pub(crate) fn may_be_asked(url: &str) -> bool {
    let is_local = ["http://127.0.0.1:", "http://localhost:", "http://[::1]:"];
    is_local.iter().any(|start| url.starts_with(start)) || is_https(url)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn read(openid: &str) -> Result<Option<OpenId>, String> {
        let text = format!(
            "[[listener]]\nname = \"a\"\nmode = \"loopback\"\nplaintext-auth = true\n{openid}"
        );
        let found = Config::read("relay.toml", &text).map(|config| config.openid);
        found.map_err(|complaints| complaints.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_provider_is_whole_or_not_there() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "tajne\n").unwrap();
        let all = |issuer: &str| {
            format!(
                "[openid]\nissuer = \"{issuer}\"\nclient = \"souhlas\"\nsecret-file = \"{}\"",
                file.path().display()
            )
        };
        assert!(read("").unwrap().is_none());
        let found = read(&all("https://login.shop.cz/realms/staff")).unwrap().unwrap();
        assert_eq!((found.secret.reveal().as_str(), found.claim.as_str()), ("tajne", "email"));
        assert!(read(&all("http://127.0.0.1:9/x")).is_ok());
        let fault = read(&all("http://login.shop.cz")).unwrap_err();
        assert!(fault.contains("is no issuer"), "{fault}");
        let fault =
            read("[openid]\nissuer = \"https://login.shop.cz\"\nclaim = \"sub\"").unwrap_err();
        assert!(fault.contains("needs `issuer`, `client` and `secret-file`"), "{fault}");
        let fault = read(&all("https://a.cz").replace(".tmp", ".none")).unwrap_err();
        assert!(fault.contains("cannot be read"), "{fault}");
    }
}
