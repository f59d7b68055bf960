//! Whether a form was sent from a page of the console itself, as the browser says. It stands beside the
//! form's token, not in its place.

use axum::http::{HeaderMap, HeaderName, header};

use crate::config::Console;

/// Where pages of the console are.
pub(super) struct Origins {
    all: Vec<String>,
    pub is_https: bool,
}

impl Origins {
    pub(super) fn of(settings: &Console) -> Self {
        let all = match &settings.url {
            Some(url) => vec![url.to_ascii_lowercase()],
            None => {
                let address = settings.address;
                vec![format!("http://{address}"), format!("http://localhost:{}", address.port())]
            }
        };
        Self { all, is_https: settings.url.is_some() }
    }

    /// A browser that says neither is old, and has only the token to show.
    pub(super) fn sent(&self, headers: &HeaderMap) -> bool {
        let said = |name: &HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or(""));
        let site = said(&SEC_FETCH_SITE);
        let origin = said(&header::ORIGIN);
        // A page that sends no referrer has the origin `null`; then the other header tells.
        let origin = origin.filter(|origin| !(*origin == "null" && site.is_some()));
        site.is_none_or(|site| site == "same-origin")
            && origin.is_none_or(|origin| self.all.iter().any(|own| own == origin))
    }
}

/// A page elsewhere led here, or the browser does not say.
pub(super) fn came_from_elsewhere(headers: &HeaderMap) -> bool {
    headers.get(SEC_FETCH_SITE).is_some_and(|site| site == "cross-site" || site == "same-site")
}

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_of_another_page_is_not_taken() {
        let local = Origins::of(&Console::default());
        let url = Some("https://souhlas.shop.cz".to_owned());
        let public = Origins::of(&Console { url, ..Console::default() });
        assert!(public.is_https && !local.is_https);
        for (origin, site, here, there) in [
            (None, None, true, true),
            (Some("http://127.0.0.1:8027"), None, true, false),
            (Some("http://localhost:8027"), Some("same-origin"), true, false),
            (Some("https://souhlas.shop.cz"), Some("same-origin"), false, true),
            (Some("https://souhlas.shop.cz"), Some("same-site"), false, false),
            (Some("https://shop.cz"), None, false, false),
            (Some("null"), Some("same-origin"), true, true),
            (Some("null"), Some("cross-site"), false, false),
            (Some("null"), None, false, false),
            (None, Some("cross-site"), false, false),
            (None, Some("none"), false, false),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(origin) = origin {
                headers.insert(header::ORIGIN, origin.parse().unwrap());
            }
            if let Some(site) = site {
                headers.insert(SEC_FETCH_SITE, site.parse().unwrap());
            }
            assert_eq!(local.sent(&headers), here, "{origin:?} {site:?}");
            assert_eq!(public.sent(&headers), there, "{origin:?} {site:?}");
        }
    }
}
