//! Handshakes are resumed (RFC 8446 §2.2), and only by whom the same verification let in before: a
//! ticket got where anybody is believed opens nothing where proof is asked.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use outside::authority::{Authority, Certified};
use relay::tls::{
    Tls, Trust,
    dane::{Dane, Tlsa},
};
use rustls::HandshakeKind;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

const HOST: &str = "mx.anchor.test";

/// A server that greets, which hands out its tickets, and how each of its handshakes went.
struct Server {
    address: SocketAddr,
    shaken: Arc<Mutex<Vec<HandshakeKind>>>,
}

impl Server {
    async fn start(certified: &Certified) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let acceptor = tokio_rustls::TlsAcceptor::from(certified.config.clone());
        let shaken: Arc<Mutex<Vec<HandshakeKind>>> = Arc::default();
        let noted = shaken.clone();
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                // Whoever does not believe us hangs up.
                let Ok(mut stream) = acceptor.accept(stream).await else { continue };
                noted.lock().unwrap().extend(stream.get_ref().1.handshake_kind());
                let _ = stream.write_all(b"!").await;
            }
        });
        Self { address, shaken }
    }

    /// One connection that is read from; whether the caller had TLS that it trusts so.
    async fn is_trusted(&self, tls: &Tls, trust: &Trust) -> bool {
        let stream = TcpStream::connect(self.address).await.unwrap();
        let Ok(mut stream) = tls.connect(stream, HOST, trust).await else { return false };
        stream.read_u8().await.is_ok()
    }

    fn shaken(&self) -> Vec<HandshakeKind> {
        std::mem::take(&mut self.shaken.lock().unwrap())
    }
}

fn dane(certified: &Certified) -> Trust {
    let data = relay::seal::digest(&certified.public_key).to_vec();
    let record = Tlsa { usage: 3, selector: 1, matching: 1, data };
    Trust::Dane(Arc::new(Dane::new(vec![record], vec![HOST.to_owned()]).unwrap()))
}

#[tokio::test]
async fn the_same_verification_resumes() {
    let authority = Authority::new();
    let good = authority.certify(&[HOST]);
    let ca = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(ca.path(), authority.pem()).unwrap();
    let tls = Tls::new(Some(ca.path())).unwrap();
    let server = Server::start(&good).await;
    for trust in [Trust::Anyone, Trust::Roots, dane(&good)] {
        assert!(server.is_trusted(&tls, &trust).await);
        assert!(server.is_trusted(&tls, &trust).await);
        assert_eq!(server.shaken(), [HandshakeKind::Full, HandshakeKind::Resumed], "{trust:?}");
    }
}

#[tokio::test]
async fn a_ticket_of_whom_nobody_verified_proves_nothing() {
    let authority = Authority::new();
    let ca = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(ca.path(), authority.pem()).unwrap();
    let tls = Tls::new(Some(ca.path())).unwrap();
    // Has the name, and an authority that nobody trusts.
    let impostor = Authority::new().certify(&[HOST]);
    let server = Server::start(&impostor).await;
    assert!(server.is_trusted(&tls, &Trust::Anyone).await);
    assert!(server.is_trusted(&tls, &dane(&impostor)).await, "the zone may vouch for it");
    server.shaken();
    let other = dane(&authority.certify(&[HOST]));
    for trust in [Trust::Roots, other] {
        assert!(!server.is_trusted(&tls, &trust).await, "{trust:?}");
    }
    assert!(!server.shaken().contains(&HandshakeKind::Resumed));
}
