//! A client of the JSON API: one request, one connection.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use serde_json::Value;

use crate::souhlas::Souhlas;

/// Asks in the name of one key.
#[derive(Clone, Debug)]
pub struct Client {
    pub at: SocketAddr,
    pub token: String,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    /// Lower-case names.
    pub headers: Vec<(String, String)>,
    pub text: String,
}

impl Answer {
    /// The body as JSON; null where it is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let own = self.headers.iter().find(|(own, _)| own == name);
        own.map(|(_, value)| value.as_str())
    }

    /// The word of the problem that it is.
    pub fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }
}

impl Client {
    /// Of a new key for the controller, with these scopes.
    pub fn of(relay: &Souhlas, controller: &str, scopes: &[&str]) -> Self {
        let mut arguments = vec!["api-key", "add", "test", "--controller", controller];
        arguments.extend(scopes.iter().flat_map(|scope| ["--scope", *scope]));
        let said = relay.must(&arguments);
        let token = said.lines().find_map(|line| line.strip_prefix("token: "));
        Self { at: relay.api, token: token.expect("a token is printed").to_owned() }
    }

    /// With every scope.
    pub fn all(relay: &Souhlas, controller: &str) -> Self {
        let all = ["contacts:read", "contacts:write", "purposes:read", "purposes:write"];
        Self::of(
            relay,
            controller,
            &[&all[..], &["decide", "export", "erase", "webhooks"]].concat(),
        )
    }

    pub fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[], "")
    }

    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.ask("POST", path, &[("content-type", "application/json")], &body.to_string())
    }

    /// The same under a name by which it is done once.
    pub fn post_once(&self, path: &str, name: &str, body: &Value) -> Answer {
        let headers = [("content-type", "application/json"), ("idempotency-key", name)];
        self.ask("POST", path, &headers, &body.to_string())
    }

    pub fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let bearer = format!("Bearer {}", self.token);
        let mut all = headers.to_vec();
        if !self.token.is_empty() {
            all.push(("authorization", &bearer));
        }
        ask(self.at, method, path, &all, body)
    }
}

/// One request as it stands.
pub fn ask(
    at: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Answer {
    let mut stream = TcpStream::connect(at).expect("the API listens");
    stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a socket");
    let length = body.len();
    let mut head = format!(
        "{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
         content-length: {length}\r\n"
    );
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    // Whoever refuses early may close before it has read all.
    let _ = stream.write_all(format!("{head}\r\n{body}").as_bytes());
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    read(&String::from_utf8(answer).expect("UTF-8"))
}

fn read(answer: &str) -> Answer {
    let (head, body) = answer.split_once("\r\n\r\n").expect("a whole answer");
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).expect("a status line");
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let chunked =
        headers.iter().any(|(name, value)| name == "transfer-encoding" && value == "chunked");
    let text = if chunked { joined(body) } else { body.to_owned() };
    Answer { status: status.parse().expect("a status"), headers, text }
}

/// A chunked body (RFC 9112 §7.1) in one piece.
fn joined(body: &str) -> String {
    let (mut rest, mut text) = (body.as_bytes(), Vec::new());
    while let Some(end) = rest.windows(2).position(|two| two == b"\r\n") {
        let length = std::str::from_utf8(&rest[..end]).expect("a length");
        let length = usize::from_str_radix(length, 16).expect("a length in hex");
        text.extend_from_slice(&rest[end + 2..end + 2 + length]);
        rest = &rest[(end + 4 + length).min(rest.len())..];
        if length == 0 {
            break;
        }
    }
    String::from_utf8(text).expect("UTF-8")
}
