//! What stands before the relay's pages: HTTPS on port 443 of a loopback address of its own. Passes
//! requests on, and serves fixed texts of some hosts.

use std::{
    fs,
    io::ErrorKind,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::Path,
    sync::{Arc, OnceLock},
};

use rustls::{
    ServerConfig,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_rustls::TlsAcceptor;
use uuid::Uuid;

/// Stops when it is dropped.
pub struct Front {
    pub address: IpAddr,
    onward: Arc<OnceLock<SocketAddr>>,
    task: JoinHandle<()>,
}

/// How it treats what it does not serve itself.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Passes {
    Everything,
    /// As a cache or a filter might that was set up for pages.
    GetAlone,
}

impl Front {
    /// With a certificate for `hosts`, which is written to `ca_file`. `texts`: host and what every
    /// path of it is. `None` where this user may not have the port.
    pub async fn start(
        hosts: &[&str],
        ca_file: &Path,
        texts: &[(&str, &str)],
        passes: Passes,
    ) -> Option<Self> {
        let listener = listen().await?;
        let address = listener.local_addr().expect("it is bound").ip();
        let names: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
        let made = rcgen::generate_simple_self_signed(names).expect("a certificate");
        fs::write(ca_file, made.cert.pem()).expect("it is written");
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("the defaults")
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .expect("they fit");
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let texts: Arc<[(String, String)]> =
            texts.iter().map(|(host, text)| ((*host).to_owned(), (*text).to_owned())).collect();
        let onward: Arc<OnceLock<SocketAddr>> = Arc::default();
        let to = onward.clone();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let onward = to.get().copied();
                tokio::spawn(serve(acceptor.clone(), stream, texts.clone(), (onward, passes)));
            }
        });
        Some(Self { address, onward, task })
    }

    /// Where requests go that it does not answer itself.
    pub fn pass_to(&self, pages: SocketAddr) {
        self.onward.set(pages).expect("once");
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn listen() -> Option<TcpListener> {
    loop {
        let [.., a, b] = *Uuid::now_v7().as_bytes();
        let address = Ipv4Addr::new(127, 77, a, b.clamp(1, 254));
        match TcpListener::bind((address, 443)).await {
            Ok(listener) => return Some(listener),
            Err(error) if error.kind() == ErrorKind::PermissionDenied => return None,
            Err(_) => {}
        }
    }
}

async fn serve(
    acceptor: TlsAcceptor,
    stream: TcpStream,
    texts: Arc<[(String, String)]>,
    (onward, passes): (Option<SocketAddr>, Passes),
) -> Option<()> {
    let mut stream = acceptor.accept(stream).await.ok()?;
    let mut head = Vec::new();
    while !head.windows(4).any(|four| four == b"\r\n\r\n") {
        let mut some = [0; 1024];
        let count = stream.read(&mut some).await.ok().filter(|count| *count > 0)?;
        head.extend_from_slice(&some[..count]);
    }
    let text = String::from_utf8_lossy(&head).to_lowercase();
    let host = text.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or_default();
    let fixed = texts.iter().find(|(own, _)| own == host.trim());
    let answer = match fixed {
        Some((_, text)) => {
            format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{text}", text.len())
        }
        None if passes == Passes::GetAlone && !text.starts_with("get ") => {
            "HTTP/1.1 405 No\r\ncontent-length: 0\r\n\r\n".to_owned()
        }
        None => {
            let mut pages = TcpStream::connect(onward?).await.ok()?;
            pages.write_all(&head).await.ok()?;
            let _ = tokio::io::copy_bidirectional(&mut stream, &mut pages).await;
            return Some(());
        }
    };
    stream.write_all(answer.as_bytes()).await.ok()?;
    stream.shutdown().await.ok()
}
