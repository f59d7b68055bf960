//! An HTTPS server on port 443 of an address of its own on loopback, for policies that have to be there
//! (RFC 8461 §3.3), and for reports that are posted.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex},
};

use rustls::ServerConfig;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;

/// A running server; it stops when it is dropped.
pub struct PolicyHost {
    pub ip: IpAddr,
    said: Arc<Mutex<Said>>,
    task: tokio::task::JoinHandle<()>,
}

#[derive(Default)]
struct Said {
    answer: String,
    /// Head and body of each request.
    asked: Vec<(String, Vec<u8>)>,
}

impl PolicyHost {
    /// Binding port 443 is for root, as starting Postfix is.
    pub async fn start(config: Arc<ServerConfig>) -> Self {
        let listener = listener().await;
        let ip = listener.local_addr().unwrap().ip();
        let said = Arc::new(Mutex::new(Said::default()));
        let acceptor = TlsAcceptor::from(config);
        let own = said.clone();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(own.clone(), acceptor.clone(), stream));
            }
        });
        Self { ip, said, task }
    }

    /// From now on a GET gets this policy.
    pub fn publish(&self, policy: &str) {
        self.answer("200 OK", "text/plain; charset=utf-8", policy);
    }

    pub fn answer(&self, status: &str, media_type: &str, body: &str) {
        self.said.lock().unwrap().answer = format!(
            "HTTP/1.1 {status}\r\nContent-Type: {media_type}\r\nContent-Length: {}\r\n\
             Location: https://elsewhere.test/\r\n\r\n{body}",
            body.len()
        );
    }

    pub fn asked(&self) -> Vec<(String, Vec<u8>)> {
        self.said.lock().unwrap().asked.clone()
    }

    /// Nobody answers any more.
    pub fn stop(&self) {
        self.task.abort();
    }
}

impl Drop for PolicyHost {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Every address in 127/8 is loopback's: each test finds one that is free.
async fn listener() -> TcpListener {
    let start = std::process::id();
    for next in 0..10_000_u32 {
        let number = start.wrapping_mul(61).wrapping_add(next) % 16_000_000;
        let ip = Ipv4Addr::from(0x7F00_0000 + 256 + number);
        if let Ok(listener) = TcpListener::bind(SocketAddr::from((ip, 443))).await {
            return listener;
        }
    }
    panic!("port 443 cannot be bound on loopback: run the tests as root");
}

async fn serve(
    said: Arc<Mutex<Said>>,
    acceptor: TlsAcceptor,
    stream: tokio::net::TcpStream,
) -> Option<()> {
    let mut stream = acceptor.accept(stream).await.ok()?;
    let mut bytes = Vec::new();
    let (head, length) = loop {
        let byte = stream.read_u8().await.ok()?;
        bytes.push(byte);
        if bytes.ends_with(b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes).into_owned();
            let length = head.lines().find_map(|line| {
                line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok()
            });
            break (head, length.unwrap_or(0));
        }
    };
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    let answer = {
        let mut said = said.lock().unwrap();
        said.asked.push((head, body));
        said.answer.clone()
    };
    stream.write_all(answer.as_bytes()).await.ok()?;
    stream.shutdown().await.ok()
}
