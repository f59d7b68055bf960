//! The console's cookies: who is signed in, which browser filled in a form before that, and the
//! language of whoever has no account yet.
//!
//! Over https their names begin with `__Host-`, so that no other host can set them (RFC 6265bis
//! §4.1.3.2).

use axum::http::{HeaderMap, HeaderValue, header};

/// One of them.
#[derive(Clone, Copy, Debug)]
pub(super) enum Cookie {
    Session,
    /// To which the tokens of forms are bound while nobody is signed in.
    Visitor,
    Language,
    /// Who went to the organisation's sign-in comes back with it: a page elsewhere leads here then.
    Provider,
}

impl Cookie {
    fn name(self, is_https: bool) -> &'static str {
        match (self, is_https) {
            (Self::Session, true) => "__Host-souhlas-session",
            (Self::Session, false) => "souhlas-session",
            (Self::Visitor, true) => "__Host-souhlas-visitor",
            (Self::Visitor, false) => "souhlas-visitor",
            (Self::Language, true) => "__Host-souhlas-language",
            (Self::Language, false) => "souhlas-language",
            (Self::Provider, true) => "__Host-souhlas-provider",
            (Self::Provider, false) => "souhlas-provider",
        }
    }

    /// The value that a browser sent.
    pub(super) fn read(self, headers: &HeaderMap, is_https: bool) -> Option<&str> {
        let sent = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut pairs = sent.flat_map(|value| value.split(';')).filter_map(|pair| {
            let (name, value) = pair.split_once('=')?;
            Some((name.trim(), value.trim()))
        });
        let name = self.name(is_https);
        pairs.find(|(own, _)| *own == name).map(|(_, value)| value)
    }

    /// Until the browser is closed.
    pub(super) fn set(self, value: &str, is_https: bool) -> Option<HeaderValue> {
        self.written(value, "", is_https)
    }

    pub(super) fn forget(self, is_https: bool) -> Option<HeaderValue> {
        self.written("", "; Max-Age=0", is_https)
    }

    fn written(self, value: &str, more: &str, is_https: bool) -> Option<HeaderValue> {
        let name = self.name(is_https);
        let secure = if is_https { "; Secure" } else { "" };
        let site = match self {
            Self::Provider => "Lax",
            Self::Session | Self::Visitor | Self::Language => "Strict",
        };
        let text = format!("{name}={value}; Path=/; HttpOnly; SameSite={site}{secure}{more}");
        HeaderValue::from_str(&text).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn over_https_a_cookie_is_the_hosts_own() {
        let text = |is_https| {
            let set = Cookie::Session.set("abc", is_https).unwrap();
            set.to_str().unwrap().to_owned()
        };
        assert_eq!(
            text(true),
            "__Host-souhlas-session=abc; Path=/; HttpOnly; SameSite=Strict; Secure"
        );
        assert_eq!(text(false), "souhlas-session=abc; Path=/; HttpOnly; SameSite=Strict");
    }

    #[test]
    fn a_cookie_is_found_among_others_by_its_whole_name() {
        let mut headers = HeaderMap::new();
        let sent = "xsouhlas-session=1; souhlas-session=2 ;souhlas-session=3; a";
        headers.insert(header::COOKIE, HeaderValue::from_static(sent));
        assert_eq!(Cookie::Session.read(&headers, false), Some("2"));
        assert_eq!(Cookie::Session.read(&headers, true), None, "never one that anybody could set");
        assert_eq!(Cookie::Visitor.read(&headers, false), None);
    }
}
