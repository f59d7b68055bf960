//! TLS towards a peer: any certificate where it is only better than clear text, one that the roots or
//! the peer's own zone vouch for where more is asked. Handshakes are resumed, and a resumed one has
//! been verified the same way as it would be now.
//!
//! The only module besides the listener that names rustls.

mod any;
mod chain;
pub mod dane;
mod fault;

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::Context;
use rustls::{
    ClientConfig, RootCertStore,
    client::{Resumption, danger::ServerCertVerifier},
    crypto::CryptoProvider,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;
pub use tokio_rustls::client::TlsStream;

pub use self::{
    chain::Chain,
    dane::Dane,
    fault::{Fault, FaultKind},
};

/// All ways to shake hands; cheap to clone.
#[derive(Clone)]
pub struct Tls {
    any: TlsConnector,
    verified: TlsConnector,
    /// Each set of records has sessions of its own: what was verified against others, or against
    /// nothing, is not resumed.
    dane: Arc<Mutex<BTreeMap<Arc<Dane>, TlsConnector>>>,
    provider: Arc<CryptoProvider>,
}

/// Whom a peer's certificate is believed for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Trust {
    /// Nobody: an eavesdropper is shut out, an impostor is not (RFC 7435 §3).
    Anyone,
    /// The system's roots and the operator's.
    Roots,
    /// The records that the peer's zone holds, validated.
    Dane(Arc<Dane>),
}

impl Tls {
    /// Trusts the system's roots and those of `ca_file` (PEM).
    pub fn new(ca_file: Option<&Path>) -> anyhow::Result<Self> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if let Some(file) = ca_file {
            let what = || format!("reading the certificates in `{}`", file.display());
            for certificate in CertificateDer::pem_file_iter(file).with_context(what)? {
                roots.add(certificate.with_context(what)?).with_context(what)?;
            }
        }
        let builder = ClientConfig::builder();
        let provider = builder.crypto_provider().clone();
        let mut verified = builder.with_root_certificates(roots).with_no_client_auth();
        verified.resumption = Resumption::in_memory_sessions(SESSIONS);
        Ok(Self {
            any: connector(Arc::new(any::Anyone(provider.clone())), SESSIONS),
            verified: TlsConnector::from(Arc::new(verified)),
            dane: Arc::default(),
            provider,
        })
    }

    /// Shakes hands. `host` is the name (or address) that was asked for.
    ///
    /// # Errors
    ///
    /// Why there is no TLS, or none that can be trusted as far as asked.
    pub async fn connect(
        &self,
        stream: TcpStream,
        host: &str,
        trust: &Trust,
    ) -> Result<TlsStream<TcpStream>, Fault> {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let bare = bare.strip_prefix("IPv6:").unwrap_or(bare).trim_end_matches('.').to_owned();
        let name = ServerName::try_from(bare).map_err(|_| Fault::other("the host has no name"))?;
        let connector = match trust {
            Trust::Anyone => self.any.clone(),
            Trust::Roots => self.verified.clone(),
            Trust::Dane(records) => self.by_dane(records),
        };
        connector.connect(name, stream).await.map_err(|fault| Fault::of(&fault))
    }

    fn by_dane(&self, records: &Arc<Dane>) -> TlsConnector {
        // INVARIANT: no code that can panic runs under the lock.
        let mut known = self.dane.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= DANE_MAX && !known.contains_key(records) {
            known.clear();
        }
        let new = || {
            let provider = self.provider.clone();
            connector(Arc::new(dane::Verifier { dane: records.clone(), provider }), DANE_SESSIONS)
        };
        known.entry(records.clone()).or_insert_with(new).clone()
    }
}

fn connector(verifier: Arc<dyn ServerCertVerifier>, sessions: usize) -> TlsConnector {
    let builder = ClientConfig::builder().dangerous();
    let mut config = builder.with_custom_certificate_verifier(verifier).with_no_client_auth();
    config.resumption = Resumption::in_memory_sessions(sessions);
    TlsConnector::from(Arc::new(config))
}

/// A connection, protected or not.
#[derive(Debug)]
pub enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Stream {
    /// Both halves of the work in one object, for one task.
    pub fn as_io(&mut self) -> &mut dyn Io {
        match self {
            Self::Plain(stream) => stream,
            Self::Tls(stream) => stream.as_mut(),
        }
    }
}

/// What can be read and written.
pub trait Io: AsyncRead + AsyncWrite + Unpin + Send {}

impl Io for TcpStream {}
impl Io for TlsStream<TcpStream> {}

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tls")
    }
}

/// Sessions remembered for resumption, for each kind of verification.
const SESSIONS: usize = 1_024;
/// And for each set of records: they are one host's, seldom a few.
const DANE_SESSIONS: usize = 8;
/// Sets of records that sessions are remembered of; with more, all begin anew.
const DANE_MAX: usize = 1_024;
