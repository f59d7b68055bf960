//! Requests of ours to other people's HTTP servers: to an address that was looked at, without
//! redirects, within its time; of an answer no more is read than was asked for.
//!
//! The only module that names the HTTP client.

mod target;

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{Method, Request, client::conn::http1};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, time::timeout};

use self::target::Target;
use crate::{
    config::Network,
    delivery::{
        dns::Resolver,
        tls::{Io, Tls},
    },
};

pub use target::UrlFault;

/// Asks; cheap to clone.
#[derive(Clone, Debug)]
pub struct Client {
    tls: Tls,
    networks: Arc<[Network]>,
    dns: Option<Resolver>,
}

/// What is asked.
#[derive(Debug)]
pub struct Ask<'a> {
    pub url: &'a str,
    /// Names in lower case.
    pub headers: &'a [(&'static str, String)],
    /// What is posted; `None`: it is a GET.
    pub body: Option<String>,
    /// Octets of the answer's body; with none of them it is not read at all.
    pub answer_max: usize,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Bytes,
}

impl Client {
    /// `networks` are those of one's own that may be reached, also without TLS.
    pub fn new(tls: Tls, networks: Arc<[Network]>) -> Self {
        Self { tls, networks, dns: None }
    }

    /// Resolves names by these DNS servers and not as the system does.
    #[must_use]
    pub fn with_dns(self, dns: Resolver) -> Self {
        Self { dns: Some(dns), ..self }
    }

    /// Whether such a URL would be asked.
    ///
    /// # Errors
    ///
    /// Why not.
    pub fn may_ask(&self, url: &str) -> Result<(), UrlFault> {
        Target::parse(url, &self.networks).map(drop)
    }

    /// # Errors
    ///
    /// Why no answer came, in words for people.
    pub async fn ask(&self, ask: Ask<'_>) -> Result<Answer, &'static str> {
        let target = Target::parse(ask.url, &self.networks).map_err(|_| NOT_ALLOWED)?;
        let answered = timeout(TIME, self.asked(&target, ask)).await;
        answered.unwrap_or(Err("no answer in time"))
    }

    async fn asked(&self, target: &Target, ask: Ask<'_>) -> Result<Answer, &'static str> {
        let address = target.resolve(&self.networks, self.dns.as_ref()).await?;
        let stream = TcpStream::connect(address).await.map_err(|_| "cannot connect")?;
        let io: Box<dyn Io> = if target.tls {
            let shaken = self.tls.connect(stream, &target.host, true).await;
            Box::new(shaken.map_err(|_| "no TLS with a valid certificate")?)
        } else {
            Box::new(stream)
        };
        let method = if ask.body.is_some() { Method::POST } else { Method::GET };
        let mut request = Request::builder()
            .method(method)
            .uri(&target.path)
            .header("host", &target.authority)
            .header("user-agent", concat!("Souhlas/", env!("CARGO_PKG_VERSION")))
            .header("connection", "close");
        for (name, value) in ask.headers {
            request = request.header(*name, value);
        }
        let body = Full::new(Bytes::from(ask.body.unwrap_or_default()));
        let request = request.body(body).map_err(|_| NOT_ALLOWED)?;
        let (mut sender, line) = http1::Builder::new()
            .max_buf_size(HEAD_BYTES_MAX)
            .handshake(TokioIo::new(io))
            .await
            .map_err(|_| NO_HTTP)?;
        let line = Line(tokio::spawn(line));
        let answer = sender.send_request(request).await.map_err(|_| NO_HTTP)?;
        let status = answer.status().as_u16();
        let body = if ask.answer_max == 0 {
            Bytes::new()
        } else {
            let body = Limited::new(answer.into_body(), ask.answer_max).collect().await;
            body.map_err(|_| "the answer is too long, or ended early")?.to_bytes()
        };
        drop(line);
        Ok(Answer { status, body })
    }
}

/// The task that reads and writes; it ends with whoever asked.
struct Line<T>(tokio::task::JoinHandle<T>);

impl<T> Drop for Line<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

const NOT_ALLOWED: &str = "the URL is not allowed";
const NO_HTTP: &str = "the connection ended before an answer";
/// From the first look-up to the end of the answer.
const TIME: Duration = Duration::from_secs(10);
const HEAD_BYTES_MAX: usize = 16 << 10;
