//! One request to one webhook: to an address that was checked, without redirects, within its time.
//!
//! Of the answer only its status is read. The only file that names the HTTP client.

use std::{fmt::Write as _, time::Duration};

use bytes::Bytes;
use http_body_util::Full;
use hyper::{Request, client::conn::http1};
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use tokio::{
    net::TcpStream,
    time::{Instant, timeout},
};

use super::target::Target;
use crate::{
    config::Network,
    delivery::tls::{Io, Tls},
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

/// Sends; cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Sender {
    pub tls: Tls,
    pub networks: std::sync::Arc<[Network]>,
}

impl Sender {
    pub(super) async fn send(&self, now: Timestamp, url: &str, parcel: Parcel) -> Answer {
        let started = Instant::now();
        let sent = match Target::parse(url, &self.networks) {
            Ok(target) => timeout(TIME, self.ask(now, &target, parcel)).await,
            Err(_) => Ok(Err("the URL is not allowed any more")),
        };
        let sent = sent.unwrap_or(Err("no answer in time"));
        let ms = i64::try_from(started.elapsed().as_millis()).unwrap_or(i64::MAX);
        let error = match sent {
            Ok(200..=299) => None,
            Ok(300..=399) => Some("the answer leads elsewhere, which is not followed"),
            Ok(_) => Some("the answer is no 2xx"),
            Err(why) => Some(why),
        };
        Answer { status: sent.ok(), ms, error }
    }

    async fn ask(
        &self,
        now: Timestamp,
        target: &Target,
        parcel: Parcel,
    ) -> Result<u16, &'static str> {
        let address = target.resolve(&self.networks).await?;
        let stream = TcpStream::connect(address).await.map_err(|_| "cannot connect")?;
        let io: Box<dyn Io> = if target.tls {
            let shaken = self.tls.connect(stream, &target.host, true).await;
            Box::new(shaken.map_err(|_| "no TLS with a valid certificate")?)
        } else {
            Box::new(stream)
        };
        let request = Request::post(&target.path)
            .header("host", &target.authority)
            .header("user-agent", concat!("Souhlas/", env!("CARGO_PKG_VERSION")))
            .header("content-type", "application/json")
            .header("souhlas-event", parcel.event)
            .header("souhlas-delivery", &parcel.delivery)
            .header("souhlas-signature", signature(now, &parcel.body, &parcel.secrets))
            .header("connection", "close")
            .body(Full::new(Bytes::from(parcel.body)))
            .map_err(|_| "the URL is not allowed any more")?;
        let (mut ask, line) = http1::Builder::new()
            .max_buf_size(HEAD_BYTES_MAX)
            .handshake(TokioIo::new(io))
            .await
            .map_err(|_| NO_HTTP)?;
        let line = Line(tokio::spawn(line));
        let answer = ask.send_request(request).await.map_err(|_| NO_HTTP)?;
        drop(line);
        Ok(answer.status().as_u16())
    }
}

/// The task that reads and writes; it ends with whoever asked.
struct Line<T>(tokio::task::JoinHandle<T>);

impl<T> Drop for Line<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
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

const NO_HTTP: &str = "the connection ended before an answer";
/// From the first look-up to the answer's head.
const TIME: Duration = Duration::from_secs(10);
const HEAD_BYTES_MAX: usize = 16 << 10;

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
