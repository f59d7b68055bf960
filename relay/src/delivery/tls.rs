//! TLS towards a peer: any certificate where it is only better than clear text, a valid one where
//! the config says so. Handshakes are resumed. The only file of delivery that names rustls.

use std::{path::Path, sync::Arc};

use anyhow::Context;
use rustls::{
    ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
    client::{
        Resumption,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;
pub use tokio_rustls::client::TlsStream;

/// Sessions remembered for resumption, for each kind of verification.
const SESSIONS: usize = 1_024;

/// Both ways to shake hands; cheap to clone.
#[derive(Clone)]
pub struct Tls {
    any: TlsConnector,
    verified: TlsConnector,
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
        let mut verified =
            ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
        verified.resumption = Resumption::in_memory_sessions(SESSIONS);
        let builder = ClientConfig::builder();
        let anyone = Arc::new(Anyone(builder.crypto_provider().clone()));
        let mut any =
            builder.dangerous().with_custom_certificate_verifier(anyone).with_no_client_auth();
        any.resumption = Resumption::in_memory_sessions(SESSIONS);
        Ok(Self {
            any: TlsConnector::from(Arc::new(any)),
            verified: TlsConnector::from(Arc::new(verified)),
        })
    }

    /// Shakes hands. `host` is the name (or address) that was asked for; the certificate must be
    /// valid for it where `verify`.
    pub async fn connect(
        &self,
        stream: TcpStream,
        host: &str,
        verify: bool,
    ) -> Result<TlsStream<TcpStream>, String> {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let bare = bare.strip_prefix("IPv6:").unwrap_or(bare).trim_end_matches('.').to_owned();
        let name = ServerName::try_from(bare).map_err(|_| "the host has no name".to_owned())?;
        let connector = if verify { &self.verified } else { &self.any };
        connector.connect(name, stream).await.map_err(|fault| fault.to_string())
    }
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

/// Takes every certificate (RFC 7435 §3): an eavesdropper is shut out, an impostor is not.
#[derive(Debug)]
struct Anyone(Arc<CryptoProvider>);

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _certificate: &CertificateDer<'_>,
        _chain: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(
            message,
            certificate,
            signature,
            &self.0.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(
            message,
            certificate,
            signature,
            &self.0.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tls")
    }
}
