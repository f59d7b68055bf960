//! One event to one webhook. Of the answer only its status is read.

use std::fmt::Write as _;

use jiff::Timestamp;
use tokio::time::Instant;

use crate::{
    http::{self, Ask, Client},
    seal,
};

/// What is sent.
pub(super) struct Parcel {
    pub delivery: String,
    pub event: &'static str,
    pub body: String,
    /// Each that counts now, the newest first.
    pub secrets: Vec<String>,
}

/// What came of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Answer {
    /// `None`: no answer came.
    pub status: Option<u16>,
    pub ms: i64,
    /// Why it failed; `None`: it was taken.
    pub error: Option<&'static str>,
}

pub(super) async fn send(client: &Client, now: Timestamp, url: &str, parcel: Parcel) -> Answer {
    let started = Instant::now();
    let headers = [
        ("content-type", "application/json".to_owned()),
        ("souhlas-event", parcel.event.to_owned()),
        ("souhlas-delivery", parcel.delivery),
        ("souhlas-signature", signature(now, &parcel.body, &parcel.secrets)),
    ];
    let body = Some(parcel.body.into());
    let ask = Ask { url, headers: &headers, body, answer_max: 0, at: None, time: http::TIME };
    let answered = client.ask(ask).await.map(|answer| answer.status);
    let ms = i64::try_from(started.elapsed().as_millis()).unwrap_or(i64::MAX);
    let error = match answered {
        Ok(200..=299) => None,
        Ok(300..=399) => Some("the answer leads elsewhere, which is not followed"),
        Ok(_) => Some("the answer is no 2xx"),
        Err(why) => Some(why),
    };
    Answer { status: answered.ok(), ms, error }
}

/// `t=<unix seconds>,v1=<hex HMAC-SHA256 of "t.body">`, one `v1` for each secret.
fn signature(now: Timestamp, body: &str, secrets: &[String]) -> String {
    let t = now.as_second();
    let mut signature = format!("t={t}");
    for secret in secrets {
        let mac = seal::MacKey::new(secret.as_bytes());
        let tag = mac.sign_parts(&[t.to_string().as_bytes(), b".", body.as_bytes()]);
        let _ = write!(signature, ",v1={}", seal::hex(&tag));
    }
    signature
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made with Python: `hmac.new(b"tajne", b"1800000000.{}", "sha256").hexdigest()`.
    #[test]
    fn a_signature_is_the_one_that_others_make() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let one = signature(now, "{}", &["tajne".into()]);
        assert_eq!(one, format!("t=1800000000,v1={TAG}"));
        let two = signature(now, "{}", &["nove".into(), "tajne".into()]);
        assert!(two.ends_with(&format!(",v1={TAG}")) && two.matches("v1=").count() == 2);
    }

    const TAG: &str = "c5604d2b47166e3ff6f5589db415aaf59d8f738a69ee585a8ebe3d781b0bf76c";
}
