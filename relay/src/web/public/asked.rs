//! One request for a page: who asks, with which token or name, and in which language.

use std::net::IpAddr;

use axum::{
    extract::{ConnectInfo, FromRequestParts, Path},
    http::{HeaderMap, HeaderName, StatusCode, header, request::Parts},
};
use jiff::Timestamp;
use policy::Controller;

use super::{Shared, visit::header_text};
use crate::{
    web::{client::client, server::Peer},
    words::Words,
};

/// What every handler asks for.
pub(super) struct Asked {
    pub shared: Shared,
    pub now: Timestamp,
    /// The client's, as a believed proxy says.
    pub ip: IpAddr,
    /// What the path ends with.
    pub token: String,
    pub headers: HeaderMap,
    /// The language that the person chose on the page before: `?lang=cs`.
    chosen: Option<&'static Words>,
}

impl FromRequestParts<Shared> for Asked {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, StatusCode> {
        let peer = ConnectInfo::<Peer>::from_request_parts(parts, shared).await;
        let ConnectInfo(Peer(peer)) = peer.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
        let token = Path::<String>::from_request_parts(parts, shared).await;
        let Path(token) = token.map_err(|_| StatusCode::NOT_FOUND)?;
        let query = parts.uri.query().unwrap_or_default();
        let chosen = query.split('&').find_map(|pair| pair.strip_prefix("lang="));
        Ok(Self {
            shared: shared.clone(),
            now: Timestamp::now(),
            ip: client(&shared.public.proxy_from, peer, &parts.headers),
            token,
            headers: parts.headers.clone(),
            chosen: chosen.and_then(Words::named),
        })
    }
}

impl Asked {
    /// In the language that the person chose, else in the controller's, else in one that the browser
    /// asks for.
    pub(super) fn words(&self, sender: Option<&Controller>) -> &'static Words {
        let own = sender.map(|sender| Words::of(sender.language));
        self.chosen.or(own).unwrap_or_else(|| accepted(&self.headers))
    }

    /// The same for what was begun in a language already.
    pub(super) fn words_or(&self, lang: &str, sender: Option<&Controller>) -> &'static Words {
        self.chosen.or_else(|| Words::named(lang)).unwrap_or_else(|| self.words(sender))
    }

    /// Where the page is asked for again in the same language.
    pub(super) fn here(&self, path: &str, words: &Words) -> String {
        match self.chosen {
            Some(_) => format!("{path}?lang={}", words.lang),
            None => path.to_owned(),
        }
    }

    pub(super) fn content_type(&self) -> &str {
        header_text(&self.headers, &header::CONTENT_TYPE).unwrap_or_default()
    }

    /// What the browser says of itself, cut short.
    pub(super) fn user_agent(&self) -> String {
        short(header_text(&self.headers, &header::USER_AGENT).unwrap_or_default())
    }

    /// Where the form stood, as the browser says; `own` where it was the relay's page, which sends no
    /// referrer.
    pub(super) fn page(&self, own: Option<String>) -> Option<String> {
        let site = header_text(&self.headers, &HeaderName::from_static("sec-fetch-site"));
        if site == Some("same-origin") {
            return own;
        }
        let origin = header_text(&self.headers, &header::ORIGIN).filter(|origin| *origin != "null");
        header_text(&self.headers, &header::REFERER).or(origin).map(short)
    }
}

pub(super) fn accepted(headers: &HeaderMap) -> &'static Words {
    Words::accepted(header_text(headers, &header::ACCEPT_LANGUAGE).unwrap_or_default())
}

fn short(text: &str) -> String {
    text.chars().take(TEXT_MAX).collect()
}

/// Of what a browser says of itself.
const TEXT_MAX: usize = 300;
