//! What a provider says of itself (OpenID Connect Discovery 1.0 §3), as far as it is used.

use jiff::Timestamp;
use jsonwebtoken::jwk::{Jwk, PublicKeyUse};
use serde_json::Value;

use super::Fault;
use crate::config::openid::may_be_asked;

#[derive(Clone, Debug)]
pub(super) struct Known {
    /// When it was asked.
    pub at: Timestamp,
    pub authorization_endpoint: String,
    pub token_endpoint: String,
    pub jwks_uri: String,
    /// The console's secret goes in the header, and not in the form.
    pub takes_basic: bool,
    /// It names itself when it leads back (RFC 9207).
    pub says_issuer: bool,
    /// Which its tokens are signed with.
    pub keys: Vec<Jwk>,
}

impl Known {
    pub(super) fn read(now: Timestamp, issuer: &str, said: &Value) -> Result<Self, Fault> {
        if said.get("issuer").and_then(Value::as_str) != Some(issuer) {
            return Err(Fault::Away("the provider calls itself by another issuer than relay.toml"));
        }
        let url = |name| {
            let url = said.get(name).and_then(Value::as_str).filter(|url| may_be_asked(url));
            url.map(str::to_owned).ok_or(Fault::Away("the provider lacks an https endpoint"))
        };
        let methods = said.get("token_endpoint_auth_methods_supported").and_then(Value::as_array);
        let takes = |method: &str| methods.is_some_and(|all| all.iter().any(|one| one == method));
        Ok(Self {
            at: now,
            authorization_endpoint: url("authorization_endpoint")?,
            token_endpoint: url("token_endpoint")?,
            jwks_uri: url("jwks_uri")?,
            // The default where it says nothing (Discovery §3).
            takes_basic: takes("client_secret_basic") || !takes("client_secret_post"),
            says_issuer: said.get("authorization_response_iss_parameter_supported")
                == Some(&Value::Bool(true)),
            keys: Vec::new(),
        })
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.keys.iter().any(|own| own.common.key_id.as_deref() == Some(key))
    }
}

/// Those that can be read and are for signing; one of a new kind is no reason to read none.
pub(super) fn keys(said: &Value) -> Vec<Jwk> {
    let all = said.get("keys").and_then(Value::as_array).into_iter().flatten();
    let read = all.filter_map(|key| serde_json::from_value::<Jwk>(key.clone()).ok());
    let signs = |key: &Jwk| !matches!(key.common.public_key_use, Some(PublicKeyUse::Encryption));
    read.filter(signs).take(KEYS_MAX).collect()
}

const KEYS_MAX: usize = 32;
