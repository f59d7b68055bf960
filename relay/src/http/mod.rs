//! Requests of ours to other people's HTTP servers: to an address that was looked at, without
//! redirects, within its time; of an answer no more is read than was asked for.
//!
//! The only module that names the HTTP client.

mod target;

use std::{net::IpAddr, sync::Arc, time::Duration};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{HeaderMap, Method, Request, client::conn::http1, header::CONTENT_TYPE};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, time::timeout};

use self::target::Target;
use crate::{
    config::Network,
    tls::{Io, Tls, Trust},
};

pub use target::UrlFault;

/// Asks; cheap to clone.
#[derive(Clone, Debug)]
pub struct Client {
    tls: Tls,
    networks: Arc<[Network]>,
}

/// What is asked.
#[derive(Debug)]
pub struct Ask<'a> {
    pub url: &'a str,
    /// Names in lower case.
    pub headers: &'a [(&'static str, String)],
    /// What is posted; `None`: it is a GET.
    pub body: Option<Bytes>,
    /// Octets of the answer's body; with none of them it is not read at all.
    pub answer_max: usize,
    /// Addresses of the host, where the caller has looked them up; `None`: the system is asked.
    pub at: Option<Vec<IpAddr>>,
    /// From the first look-up to the end of the answer.
    pub time: Duration,
}

/// Why no answer came: the certificate, most often.
pub const NO_TLS: &str = "no TLS with a valid certificate";
/// How long an answer is waited for where there is no reason for another time.
pub const TIME: Duration = Duration::from_secs(10);

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    /// `text/plain`, in lower case and without parameters; empty where it is not said.
    pub media_type: String,
    pub body: Bytes,
}

impl Client {
    /// `networks` are those of one's own that may be reached, also without TLS.
    pub fn new(tls: Tls, networks: Arc<[Network]>) -> Self {
        Self { tls, networks }
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
        let answered = timeout(ask.time, self.asked(&target, ask)).await;
        answered.unwrap_or(Err("no answer in time"))
    }

    async fn asked(&self, target: &Target, ask: Ask<'_>) -> Result<Answer, &'static str> {
        let address = match &ask.at {
            Some(found) => target.among(found, &self.networks)?,
            None => target.resolve(&self.networks).await?,
        };
        let stream = TcpStream::connect(address).await.map_err(|_| "cannot connect")?;
        let io: Box<dyn Io> = if target.tls {
            let shaken = self.tls.connect(stream, &target.host, &Trust::Roots).await;
            Box::new(shaken.map_err(|_| NO_TLS)?)
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
        let body = Full::new(ask.body.unwrap_or_default());
        let request = request.body(body).map_err(|_| NOT_ALLOWED)?;
        let (mut sender, line) = http1::Builder::new()
            .max_buf_size(HEAD_BYTES_MAX)
            .handshake(TokioIo::new(io))
            .await
            .map_err(|_| NO_HTTP)?;
        let line = Line(tokio::spawn(line));
        let answer = sender.send_request(request).await.map_err(|_| NO_HTTP)?;
        let status = answer.status().as_u16();
        let media_type = media_type(answer.headers());
        let body = if ask.answer_max == 0 {
            Bytes::new()
        } else {
            let body = Limited::new(answer.into_body(), ask.answer_max).collect().await;
            body.map_err(|_| "the answer is too long, or ended early")?.to_bytes()
        };
        drop(line);
        Ok(Answer { status, media_type, body })
    }
}

/// The task that reads and writes; it ends with whoever asked.
struct Line<T>(tokio::task::JoinHandle<T>);

impl<T> Drop for Line<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The host of a URL; `None`: it is no URL.
pub fn host(url: &str) -> Option<String> {
    let everywhere: Vec<Network> =
        ["0.0.0.0/0", "::/0"].into_iter().flat_map(Network::parse).collect();
    Target::parse(url, &everywhere).ok().map(|target| target.host)
}

fn media_type(headers: &HeaderMap) -> String {
    let said = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    said.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

const NOT_ALLOWED: &str = "the URL is not allowed";
const NO_HTTP: &str = "the connection ended before an answer";
const HEAD_BYTES_MAX: usize = 16 << 10;
