//! Signing in at the organisation's own provider: OpenID Connect Core 1.0 §3.1, the code flow, with
//! PKCE (RFC 7636) and a state that only the browser that began can bring back.
//!
//! Nothing is kept between the two halves: what has to come back is sealed in the state, and the
//! provider takes a code once.

mod known;
mod person;

use std::{fmt, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::Mutex;

use self::known::Known;
use crate::{
    config::{self, Network},
    http::{self, Ask, Client},
    seal::{self, Secret},
    tls::Tls,
};

pub use person::Person;

/// The provider; cheap to clone.
#[derive(Clone)]
pub struct Provider(Arc<Inner>);

struct Inner {
    settings: config::OpenId,
    secret: Secret,
    client: Client,
    /// Where the provider leads back to.
    back: String,
    known: Mutex<Option<Known>>,
}

/// Where to send a browser.
#[derive(Debug)]
pub struct Begun {
    pub url: String,
    /// What the browser has to bring along when it comes back.
    pub browser: String,
}

/// What a browser brought back in its URL.
#[derive(Clone, Copy, Debug)]
pub struct Returned<'a> {
    pub state: &'a str,
    pub code: Option<&'a str>,
    pub issuer: Option<&'a str>,
}

/// Why nobody was signed in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Fault {
    /// It took too long, was begun in another browser, or never.
    Stale,
    /// The provider did not let them through, or they turned back.
    Refused,
    /// The provider does not answer, or not as it should.
    Away(&'static str),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Stale => "it was begun too long ago, or elsewhere",
            Self::Refused => "the provider did not let them through",
            Self::Away(why) => why,
        })
    }
}

/// What goes to the provider and comes back, sealed.
#[derive(Deserialize, Serialize)]
struct State {
    /// So that no other sealed token passes for one.
    openid: u8,
    /// Digest of what the browser keeps.
    browser: [u8; 32],
    nonce: String,
    verifier: String,
    then: String,
    /// Unix seconds.
    ends: i64,
}

impl Provider {
    /// `base`: where staff reach the console.
    ///
    /// # Errors
    ///
    /// Where a certificate file cannot be read.
    pub fn new(settings: config::OpenId, secret: Secret, base: &str) -> anyhow::Result<Self> {
        // Whoever writes relay.toml says where the provider is, and what it says is asked as well.
        let everywhere = ["0.0.0.0/0", "::/0"].into_iter().flat_map(Network::parse).collect();
        let client = Client::new(Tls::new(settings.ca_file.as_deref())?, everywhere);
        let back = format!("{base}{RETURN}");
        Ok(Self(Arc::new(Inner { settings, secret, client, back, known: Mutex::default() })))
    }

    /// What its button says, where the operator said something.
    pub fn label(&self) -> Option<&str> {
        self.0.settings.label.as_deref()
    }

    pub fn issuer(&self) -> &str {
        &self.0.settings.issuer
    }

    /// `then` comes back with the person.
    ///
    /// # Errors
    ///
    /// Where the provider says nothing of itself.
    pub async fn begin(&self, now: Timestamp, then: &str) -> Result<Begun, Fault> {
        let known = self.known(now, None).await?;
        let random = || seal::base64url(&seal::random::<32>());
        let (browser, verifier) = (random(), random());
        let challenge = seal::base64url(&seal::digest(verifier.as_bytes()));
        let state = State {
            openid: 1,
            browser: seal::digest(browser.as_bytes()),
            nonce: random(),
            verifier,
            then: then.to_owned(),
            ends: now.as_second().saturating_add(LASTS.as_secs()),
        };
        let sealed = serde_json::to_vec(&state).map_err(|_| Fault::Stale)?;
        let sealed = self.0.secret.seal_token(&sealed);
        let query = form(&[
            ("response_type", "code"),
            ("client_id", &self.0.settings.client),
            ("redirect_uri", &self.0.back),
            ("scope", "openid email profile"),
            ("state", &sealed),
            ("nonce", &state.nonce),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ]);
        let glue = if known.authorization_endpoint.contains('?') { '&' } else { '?' };
        Ok(Begun { url: format!("{}{glue}{query}", known.authorization_endpoint), browser })
    }

    /// Who came back, and where they wanted to go.
    ///
    /// # Errors
    ///
    /// Why nobody is signed in.
    pub async fn finish(
        &self,
        now: Timestamp,
        browser: Option<&str>,
        returned: Returned<'_>,
    ) -> Result<(Person, String), Fault> {
        let state = self.0.secret.open_token(returned.state).ok_or(Fault::Stale)?;
        let state: State = serde_json::from_slice(&state).map_err(|_| Fault::Stale)?;
        let own = seal::digest(browser.unwrap_or_default().as_bytes());
        if state.openid != 1 || state.ends < now.as_second() || !seal::same(&own, &state.browser) {
            return Err(Fault::Stale);
        }
        let known = self.known(now, None).await?;
        // RFC 9207: another provider's answer is not this one's.
        let is_other = |issuer: &str| issuer != self.issuer();
        if returned.issuer.map_or(known.says_issuer, is_other) {
            return Err(Fault::Refused);
        }
        let code = returned.code.ok_or(Fault::Refused)?;
        let token = self.exchange(&known, code, &state.verifier).await?;
        let settings = &self.0.settings;
        let known = match person::key_of(&token) {
            Some(key) if !known.has(&key) => self.known(now, Some(&key)).await?,
            Some(_) | None => known,
        };
        let person = person::read(now, settings, &known, &token, &state.nonce)?;
        Ok((person, state.then))
    }

    /// The token that says who it is, for a code (RFC 6749 §4.1.3).
    async fn exchange(&self, known: &Known, code: &str, verifier: &str) -> Result<String, Fault> {
        let settings = &self.0.settings;
        let mut fields = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", self.0.back.as_str()),
            ("code_verifier", verifier),
        ];
        let form_type = "application/x-www-form-urlencoded".to_owned();
        let mut headers = vec![("content-type", form_type), ("accept", "application/json".into())];
        if known.takes_basic {
            // RFC 6749 §2.3.1: both are form-encoded before.
            let pair = [&settings.client, settings.secret.reveal()].map(|text| seal::escaped(text));
            let pair = seal::base64(pair.join(":").as_bytes());
            headers.push(("authorization", format!("Basic {pair}")));
        } else {
            fields.push(("client_id", &settings.client));
            fields.push(("client_secret", settings.secret.reveal()));
        }
        let answer = self.ask(&known.token_endpoint, &headers, Some(form(&fields))).await?;
        let token = answer.get("id_token").and_then(Value::as_str);
        token.map(str::to_owned).ok_or(Fault::Refused)
    }

    /// What the provider says of itself, not asked again for an hour, unless it lacks a key.
    async fn known(&self, now: Timestamp, key: Option<&str>) -> Result<Known, Fault> {
        let mut kept = self.0.known.lock().await;
        if let Some(known) = &*kept {
            let lasts = if key.is_some() { KEY_PAUSE } else { KNOWN_LASTS };
            if now.duration_since(known.at) < lasts {
                return Ok(known.clone());
            }
        }
        let issuer = self.issuer().trim_end_matches('/');
        let url = format!("{issuer}/.well-known/openid-configuration");
        let said = self.ask(&url, &[], None).await?;
        let mut known = Known::read(now, self.issuer(), &said)?;
        known.keys = known::keys(&self.ask(&known.jwks_uri, &[], None).await?);
        *kept = Some(known.clone());
        Ok(known)
    }

    async fn ask(
        &self,
        url: &str,
        headers: &[(&'static str, String)],
        body: Option<String>,
    ) -> Result<Value, Fault> {
        let is_post = body.is_some();
        let (body, time) = (body.map(Into::into), http::TIME);
        let ask = Ask { url, headers, body, answer_max: ANSWER_MAX, at: None, time };
        let answer = self.0.client.ask(ask).await.map_err(Fault::Away)?;
        match answer.status {
            200 => {}
            // A code that is not taken (RFC 6749 §5.2).
            400 | 401 if is_post => return Err(Fault::Refused),
            _ => return Err(Fault::Away("the provider's answer is no 200")),
        }
        serde_json::from_slice(&answer.body)
            .map_err(|_| Fault::Away("the provider's answer is no JSON"))
    }
}

/// `application/x-www-form-urlencoded`.
fn form(fields: &[(&str, &str)]) -> String {
    let pairs: Vec<String> =
        fields.iter().map(|(name, value)| format!("{name}={}", seal::escaped(value))).collect();
    pairs.join("&")
}

/// The path of the console that the provider leads back to.
pub const RETURN: &str = "/sign-in/provider/return";
/// How long somebody may take at the provider.
const LASTS: SignedDuration = SignedDuration::from_mins(10);
const KNOWN_LASTS: SignedDuration = SignedDuration::from_hours(1);
/// An unknown key is not asked for more often.
const KEY_PAUSE: SignedDuration = SignedDuration::from_mins(1);
const ANSWER_MAX: usize = 256 << 10;
