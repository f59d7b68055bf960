//! Who a provider's token says that somebody is: its signature and its claims (OpenID Connect Core 1.0
//! §3.1.3.7).

use jiff::Timestamp;
use jsonwebtoken::{
    Algorithm, DecodingKey, Validation, decode, decode_header,
    jwk::{AlgorithmParameters, Jwk},
};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Fault, known::Known};
use crate::{config::OpenId, seal};

/// Somebody whom the provider knows.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Person {
    /// Its own name for them, which never changes.
    pub subject: String,
    /// The claim that is an account's name, where it may be believed.
    pub name: Option<String>,
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    aud: Value,
    azp: Option<String>,
    exp: i64,
    iat: i64,
    nonce: Option<String>,
    #[serde(flatten)]
    more: Map<String, Value>,
}

/// The id of the key that a token says it is signed with.
pub(super) fn key_of(token: &str) -> Option<String> {
    decode_header(token).ok()?.kid
}

pub(super) fn read(
    now: Timestamp,
    settings: &OpenId,
    known: &Known,
    token: &str,
    nonce: &str,
) -> Result<Person, Fault> {
    let claims = verified(settings, known, token).ok_or(UNSIGNED)?;
    let now = now.as_second();
    // More than one audience has to say for whom it was made.
    let is_alone = claims.aud.as_array().is_none_or(|all| all.len() <= 1);
    let is_ours = claims.azp.as_ref().map_or(is_alone, |azp| *azp == settings.client);
    let is_this = seal::same(claims.nonce.unwrap_or_default().as_bytes(), nonce.as_bytes());
    let is_now = claims.exp > now - LEEWAY && claims.iat < now + LEEWAY;
    if !(is_ours && is_this && is_now) {
        return Err(Fault::Stale);
    }
    let says = |name: &str| claims.more.get(name);
    let name = match settings.claim.as_str() {
        "sub" => Some(claims.sub.clone()),
        "email" if says("email_verified") != Some(&Value::Bool(true)) => None,
        claim => says(claim).and_then(Value::as_str).map(str::to_owned),
    };
    Ok(Person { subject: claims.sub, name })
}

/// By a key of the provider, for the console, from the issuer. Times are looked at by who asked.
fn verified(settings: &OpenId, known: &Known, token: &str) -> Option<Claims> {
    let header = decode_header(token).ok()?;
    let mut wanted = Validation::new(header.alg);
    wanted.validate_exp = false;
    wanted.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    wanted.set_issuer(&[&settings.issuer]);
    wanted.set_audience(&[&settings.client]);
    let named = |key: &&Jwk| header.kid.is_none() || key.common.key_id == header.kid;
    known.keys.iter().filter(named).filter(|key| fits(key, header.alg)).find_map(|key| {
        let key = DecodingKey::from_jwk(key).ok()?;
        decode::<Claims>(token, &key, &wanted).ok().map(|read| read.claims)
    })
}

/// Never a secret shared with everybody: the key is public.
fn fits(key: &Jwk, algorithm: Algorithm) -> bool {
    match (&key.algorithm, algorithm) {
        (
            AlgorithmParameters::RSA(_),
            Algorithm::RS256
            | Algorithm::RS384
            | Algorithm::RS512
            | Algorithm::PS256
            | Algorithm::PS384
            | Algorithm::PS512,
        )
        | (AlgorithmParameters::EllipticCurve(_), Algorithm::ES256 | Algorithm::ES384)
        | (AlgorithmParameters::OctetKeyPair(_), Algorithm::EdDSA) => true,
        (_, _) => false,
    }
}

const UNSIGNED: Fault = Fault::Away("the provider's token is not signed as it should be");
/// Seconds that two clocks may differ by.
const LEEWAY: i64 = 60;

#[cfg(test)]
mod tests {
    use jsonwebtoken::{EncodingKey, Header, encode};
    use serde_json::json;

    use super::*;
    use crate::config::Secret;

    fn known() -> Known {
        let said = json!({
            "issuer": ISSUER,
            "authorization_endpoint": "https://login.shop.cz/auth",
            "token_endpoint": "https://login.shop.cz/token",
            "jwks_uri": "https://login.shop.cz/keys",
        });
        let keys = json!({ "keys": [
            { "kty": "new", "kid": "k" },
            { "kty": "EC", "crv": "P-256", "kid": "k", "x": X, "y": Y },
        ]});
        let known = Known::read(now(), ISSUER, &said).unwrap();
        Known { keys: super::super::known::keys(&keys), ..known }
    }

    fn now() -> Timestamp {
        Timestamp::from_second(1_800_000_000).unwrap()
    }

    fn settings(claim: &str) -> OpenId {
        OpenId {
            issuer: ISSUER.into(),
            client: "souhlas".into(),
            secret: Secret::new(String::new()),
            claim: claim.into(),
            label: None,
            ca_file: None,
        }
    }

    fn token(header: &Header, change: Value) -> String {
        let mut claims = json!({
            "iss": ISSUER, "sub": "17", "aud": "souhlas", "exp": 1_800_000_300, "iat": 1_800_000_000,
            "nonce": "n", "email": "jana@shop.cz", "email_verified": true, "nick": "jana",
        });
        for (name, value) in change.as_object().unwrap() {
            claims[name] = value.clone();
        }
        let key = EncodingKey::from_ec_der(&seal::from_base64(KEY).unwrap());
        encode(header, &claims, &key).unwrap()
    }

    fn header() -> Header {
        Header { kid: Some("k".into()), ..Header::new(Algorithm::ES256) }
    }

    fn told(claim: &str, change: Value) -> Result<Person, Fault> {
        read(now(), &settings(claim), &known(), &token(&header(), change), "n")
    }

    #[test]
    fn a_person_is_who_the_token_says() {
        let name = |claim, change| told(claim, change).unwrap().name;
        assert_eq!(told("email", json!({})).unwrap().subject, "17");
        assert_eq!(name("email", json!({})).as_deref(), Some("jana@shop.cz"));
        assert_eq!(name("nick", json!({})).as_deref(), Some("jana"));
        assert_eq!(name("sub", json!({})).as_deref(), Some("17"));
        assert_eq!(name("email", json!({ "email_verified": false })), None);
        assert_eq!(name("email", json!({ "email_verified": "true" })), None);
        assert_eq!(name("none", json!({})), None);
        let both = json!({ "aud": ["souhlas", "other"], "azp": "souhlas" });
        assert!(told("email", both).is_ok());
    }

    #[test]
    fn what_is_not_for_this_console_now_is_not_taken() {
        for (change, fault) in [
            (json!({ "iss": "https://other.cz" }), UNSIGNED),
            (json!({ "aud": "other" }), UNSIGNED),
            (json!({ "aud": [] }), UNSIGNED),
            (json!({ "aud": ["souhlas", "other"] }), Fault::Stale),
            (json!({ "azp": "other" }), Fault::Stale),
            (json!({ "exp": 1_799_999_900 }), Fault::Stale),
            (json!({ "iat": 1_800_000_100 }), Fault::Stale),
            (json!({ "nonce": "m" }), Fault::Stale),
            (json!({ "nonce": null }), Fault::Stale),
            (json!({ "sub": null }), UNSIGNED),
        ] {
            assert_eq!(told("email", change.clone()), Err(fault), "{change}");
        }
    }

    #[test]
    fn what_another_key_signed_is_not_taken() {
        let read = |token: &str| read(now(), &settings("email"), &known(), token, "n");
        let good = token(&header(), json!({}));
        assert!(read(&good).is_ok());
        let (head, rest) = good.split_once('.').unwrap();
        let (body, signature) = rest.split_once('.').unwrap();
        let none = seal::base64url(br#"{"alg":"none"}"#);
        let secret = seal::base64url(br#"{"alg":"HS256","kid":"k"}"#);
        let other = seal::base64url(br#"{"alg":"ES256","kid":"j"}"#);
        let forged = seal::base64url(br#"{"iss":"x"}"#);
        for token in [
            format!("{none}.{body}."),
            format!("{secret}.{body}.{signature}"),
            format!("{other}.{body}.{signature}"),
            format!("{head}.{forged}.{signature}"),
            format!("{head}.{body}."),
            format!("{head}.{body}"),
            String::new(),
        ] {
            assert_eq!(read(&token), Err(UNSIGNED), "{token}");
        }
        let named = Header { kid: None, ..header() };
        assert!(
            read(&token(&named, json!({}))).is_ok(),
            "one that names no key is tried with each"
        );
    }

    const ISSUER: &str = "https://login.shop.cz/staff";
    /// Made for this test with `openssl ecparam -name prime256v1 -genkey`.
    const KEY: &str = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgfm1YEmOAtNmQxbhTh5WY98\
                       38qwAq+kQYObRIaJ9v0zmhRANCAAS7sCSYBwP/Cq7rwDIWSyGcfHLQZOEawM7SiClMQ8l4\
                       oUsWfW9YzmquBxWV1Zjn9iNwGuJThKQ4D6UkB1aWQxC7";
    const X: &str = "u7AkmAcD_wqu68AyFkshnHxy0GThGsDO0ogpTEPJeKE";
    const Y: &str = "SxZ9b1jOaq4HFZXVmOf2I3Aa4lOEpDgPpSQHVpZDELs";
}
