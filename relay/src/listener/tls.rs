//! The certificate shown to clients: read, made on first start, read again when its files change.
//!
//! TLS 1.2 and 1.3, the library's own choice of ciphers, no ALPN, no client certificates. Delivery
//! has its own TLS; the two share nothing but the library.

use std::{
    fs,
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::{Context as _, bail};
use arc_swap::ArcSwap;
use rustls::{
    ServerConfig,
    crypto::aws_lc_rs as provider,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
};
use tokio::sync::watch;
use tokio_rustls::{TlsAcceptor, server::TlsStream};

use super::stream::Socket;
use crate::config;

/// How often the files are looked at. They are a few KiB.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// The certificate in force.
pub struct Certificates {
    files: Files,
    current: ArcSwap<ServerConfig>,
    /// The files' contents as last tried, good or bad.
    tried: Mutex<Contents>,
}

#[derive(Clone, Debug)]
struct Files {
    certificate: PathBuf,
    key: PathBuf,
}

#[derive(Eq, PartialEq)]
struct Contents {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

/// What a look at the files came to.
#[derive(Debug)]
pub enum Looked {
    Unchanged,
    /// New connections get the new certificate; open ones keep theirs.
    Replaced,
    /// The one in force stays. Said once for each change.
    Faulty(anyhow::Error),
}

impl Certificates {
    /// Reads the files; where neither is there, makes a self-signed certificate for `hostname`.
    ///
    /// The bool says that it was made now: whoever connects has to be told to trust it, or the
    /// operator to replace it.
    pub fn open_or_create(tls: &config::Tls, hostname: &str) -> anyhow::Result<(Arc<Self>, bool)> {
        let files = Files { certificate: tls.certificate.clone(), key: tls.key.clone() };
        let missing = !files.certificate.exists() && !files.key.exists();
        if missing {
            files.make_self_signed(hostname)?;
        }
        let contents = files.read()?;
        let config = contents.config().with_context(|| {
            format!(
                "the certificate `{}` with the key `{}` cannot be used",
                files.certificate.display(),
                files.key.display()
            )
        })?;
        let current = ArcSwap::from_pointee(config);
        Ok((Arc::new(Self { files, current, tried: Mutex::new(contents) }), missing))
    }

    /// Reads the files again where their contents changed. Blocking, and short.
    pub fn look(&self) -> Looked {
        let contents = match self.files.read() {
            Ok(contents) => contents,
            Err(error) => return Looked::Faulty(error),
        };
        let mut tried = self.tried.lock().unwrap_or_else(PoisonError::into_inner);
        if *tried == contents {
            return Looked::Unchanged;
        }
        // A new certificate is there before its key, or the other way round: the next look sees
        // both.
        let config = contents.config();
        *tried = contents;
        match config {
            Ok(config) => {
                self.current.store(Arc::new(config));
                Looked::Replaced
            }
            Err(error) => Looked::Faulty(error),
        }
    }

    /// Looks every few seconds until `stop` says true or is gone.
    pub async fn watch(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        let mut readable = true;
        loop {
            tokio::select! {
                stopped = stop.wait_for(|stop| *stop) => {
                    drop(stopped);
                    return;
                }
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
            let own = self.clone();
            let Ok(looked) = tokio::task::spawn_blocking(move || own.look()).await else {
                continue;
            };
            match looked {
                Looked::Unchanged => readable = true,
                Looked::Replaced => {
                    readable = true;
                    tracing::info!("the certificate was replaced");
                }
                Looked::Faulty(error) => {
                    if readable {
                        tracing::error!("the new certificate is not used: {error:#}");
                    }
                    readable = false;
                }
            }
        }
    }

    /// The server's side of a handshake.
    pub(super) async fn accept(&self, socket: Socket) -> io::Result<TlsStream<Socket>> {
        TlsAcceptor::from(self.current.load_full()).accept(socket).await
    }
}

impl std::fmt::Debug for Certificates {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.files.fmt(f)
    }
}

impl Files {
    fn read(&self) -> anyhow::Result<Contents> {
        let read = |path: &Path| {
            fs::read(path).with_context(|| format!("`{}` cannot be read", path.display()))
        };
        Ok(Contents { certificate: read(&self.certificate)?, key: read(&self.key)? })
    }

    fn make_self_signed(&self, hostname: &str) -> anyhow::Result<()> {
        // Whoever tries it out on the same machine connects to that name.
        let mut names = vec![hostname.to_owned(), "localhost".into()];
        names.dedup();
        let made = rcgen::generate_simple_self_signed(names)
            .with_context(|| format!("no certificate can be made for the hostname `{hostname}`"))?;
        // The key first: a certificate without its key would not be made again.
        write(&self.key, &made.signing_key.serialize_pem(), 0o600)?;
        write(&self.certificate, &made.cert.pem(), 0o644)
    }
}

impl Contents {
    fn config(&self) -> anyhow::Result<ServerConfig> {
        let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&self.certificate)
            .collect::<Result<_, _>>()
            .context("the certificate file is not PEM")?;
        if chain.is_empty() {
            bail!("the certificate file has no `BEGIN CERTIFICATE`");
        }
        let key = PrivateKeyDer::from_pem_slice(&self.key)
            .context("the key file has no PEM private key")?;
        let provider = Arc::new(provider::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .context("certificate and key do not go together")?;
        // A tool that reconnects for every message saves the signature.
        config.ticketer = provider::Ticketer::new()?;
        config.send_tls13_tickets = 1;
        Ok(config)
    }
}

fn write(path: &Path, text: &str, mode: u32) -> anyhow::Result<()> {
    let write = || {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    };
    write().with_context(|| format!("`{}` cannot be written", path.display()))
}

/// A client that trusts whom it meets, for tests.
#[cfg(test)]
pub(super) mod client {
    use rustls::{
        ClientConfig, DigitallySignedStruct, Error, SignatureScheme,
        client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        pki_types::{ServerName, UnixTime},
    };
    use tokio::net::TcpStream;
    use tokio_rustls::{TlsConnector, client::TlsStream};

    use super::*;

    /// The connection, and the certificate that was shown.
    pub(in crate::listener) async fn connect(tcp: TcpStream) -> (TlsStream<TcpStream>, Vec<u8>) {
        let provider = Arc::new(provider::default_provider());
        let config = ClientConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .unwrap()
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Anybody(provider)))
            .with_no_client_auth();
        let name = ServerName::try_from("mail.example").unwrap();
        let stream = TlsConnector::from(Arc::new(config)).connect(name, tcp).await.unwrap();
        let shown = stream.get_ref().1.peer_certificates().unwrap()[0].to_vec();
        (stream, shown)
    }

    #[derive(Debug)]
    struct Anybody(Arc<rustls::crypto::CryptoProvider>);

    impl ServerCertVerifier for Anybody {
        fn verify_server_cert(
            &self,
            _: &CertificateDer<'_>,
            _: &[CertificateDer<'_>],
            _: &ServerName<'_>,
            _: &[u8],
            _: UnixTime,
        ) -> Result<ServerCertVerified, Error> {
            Ok(ServerCertVerified::assertion())
        }

        fn verify_tls12_signature(
            &self,
            _: &[u8],
            _: &CertificateDer<'_>,
            _: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, Error> {
            Ok(HandshakeSignatureValid::assertion())
        }

        fn verify_tls13_signature(
            &self,
            _: &[u8],
            _: &CertificateDer<'_>,
            _: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, Error> {
            Ok(HandshakeSignatureValid::assertion())
        }

        fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
            self.0.signature_verification_algorithms.supported_schemes()
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn files(folder: &Path) -> config::Tls {
        config::Tls { certificate: folder.join("tls/cert.pem"), key: folder.join("tls/key.pem") }
    }

    #[test]
    fn made_once_on_first_start_and_its_key_is_the_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let tls = files(folder.path());
        assert!(Certificates::open_or_create(&tls, "mail.example").unwrap().1);
        assert!(!Certificates::open_or_create(&tls, "mail.example").unwrap().1);
        assert_eq!(fs::metadata(&tls.key).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_changed_pair_replaces_and_a_half_changed_one_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let tls = files(folder.path());
        let (certificates, _) = Certificates::open_or_create(&tls, "one.example").unwrap();
        let first = certificates.current.load_full();
        assert!(matches!(certificates.look(), Looked::Unchanged));

        let other = files(&folder.path().join("other"));
        Certificates::open_or_create(&other, "two.example").unwrap();
        fs::copy(&other.certificate, &tls.certificate).unwrap();
        assert!(matches!(certificates.look(), Looked::Faulty(_)));
        assert!(matches!(certificates.look(), Looked::Unchanged), "said once");
        assert!(Arc::ptr_eq(&first, &certificates.current.load_full()), "the old one stays");
        fs::copy(&other.key, &tls.key).unwrap();
        assert!(matches!(certificates.look(), Looked::Replaced));
        assert!(!Arc::ptr_eq(&first, &certificates.current.load_full()));
    }

    #[test]
    fn files_that_are_no_certificate_are_an_error_that_names_them() {
        let folder = tempfile::tempdir().unwrap();
        let tls = files(folder.path());
        Certificates::open_or_create(&tls, "one.example").unwrap();
        for (path, text, expected) in [
            (&tls.certificate, "", "no `BEGIN CERTIFICATE`"),
            (&tls.certificate, "-----BEGIN CERTIFICATE-----\n!\n", "not PEM"),
            (&tls.key, "", "no PEM private key"),
        ] {
            let before = fs::read(path).unwrap();
            fs::write(path, text).unwrap();
            let error = Certificates::open_or_create(&tls, "one.example").unwrap_err();
            let error = format!("{error:#}");
            assert!(error.contains(expected) && error.contains("cert.pem"), "{error}");
            fs::write(path, before).unwrap();
        }
        fs::remove_file(&tls.key).unwrap();
        let error = format!("{:#}", Certificates::open_or_create(&tls, "one.example").unwrap_err());
        assert!(error.contains("key.pem` cannot be read"), "{error}");
    }
}
