//! An HTTP server that webhooks are sent to: remembers every request, and answers as it is told.
//! Loopback only.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use serde_json::Value;

use crate::souhlas::wait;

/// One request as it came.
#[derive(Clone, Debug)]
pub struct Request {
    pub path: String,
    /// Lower-case names.
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Request {
    pub fn header(&self, name: &str) -> &str {
        let own = self.headers.iter().find(|(own, _)| own == name);
        own.map(|(_, value)| value.as_str()).unwrap_or_default()
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }
}

/// How it answers; of several in turn the last one stays.
#[derive(Clone, Debug)]
pub enum Answers {
    Status(u16),
    /// To another place.
    Redirect(String),
    /// Takes the request and says nothing.
    Silence,
}

/// Listens until it is dropped.
pub struct Receiver {
    pub at: SocketAddr,
    seen: Arc<Mutex<Vec<Request>>>,
    answers: Arc<Mutex<Vec<Answers>>>,
    over: Arc<AtomicBool>,
}

impl Receiver {
    pub fn start(answers: Vec<Answers>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let at = listener.local_addr().expect("its address");
        let this = Self {
            at,
            seen: Arc::default(),
            answers: Arc::new(Mutex::new(answers)),
            over: Arc::default(),
        };
        let (seen, answers) = (Arc::clone(&this.seen), Arc::clone(&this.answers));
        let over = Arc::clone(&this.over);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if over.load(Ordering::Relaxed) {
                    return;
                }
                let (seen, answers) = (Arc::clone(&seen), Arc::clone(&answers));
                thread::spawn(move || serve(stream, &seen, &answers));
            }
        });
        this
    }

    pub fn url(&self) -> String {
        format!("http://{}/hook?from=relay", self.at)
    }

    /// From now on it answers like this.
    pub fn answer(&self, answers: Vec<Answers>) {
        *self.answers.lock().expect("nobody panics with it") = answers;
    }

    /// All so far.
    pub fn seen(&self) -> Vec<Request> {
        self.seen.lock().expect("nobody panics with it").clone()
    }

    /// Waits until so many came.
    pub fn wait_for(&self, count: usize) -> Vec<Request> {
        wait(|| Some(self.seen()).filter(|seen| seen.len() >= count))
            .unwrap_or_else(|| panic!("{} of {count} requests came", self.seen().len()))
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        let _ = TcpStream::connect(self.at);
    }
}

fn serve(stream: TcpStream, seen: &Mutex<Vec<Request>>, answers: &Mutex<Vec<Answers>>) {
    let _ = stream.set_read_timeout(Some(Duration::from_secs(10)));
    let mut reader = BufReader::new(stream);
    let Some(request) = read(&mut reader) else { return };
    let answer = {
        let mut answers = answers.lock().expect("nobody panics with it");
        if answers.len() > 1 { answers.remove(0) } else { answers[0].clone() }
    };
    seen.lock().expect("nobody panics with it").push(request);
    let text = match answer {
        Answers::Silence => {
            // Until the other side hangs up.
            let _ = reader.get_ref().set_read_timeout(Some(Duration::from_secs(60)));
            let _ = reader.read(&mut [0]);
            return;
        }
        Answers::Status(status) => format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\n\r\n"),
        Answers::Redirect(to) => {
            format!("HTTP/1.1 302 Found\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n")
        }
    };
    let _ = reader.get_mut().write_all(text.as_bytes());
}

fn read(reader: &mut BufReader<TcpStream>) -> Option<Request> {
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let path = line.strip_prefix("POST ")?.split(' ').next()?.to_owned();
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.push((name.to_ascii_lowercase(), value.to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length")?.1.parse().ok()?;
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Request { path, headers, body: String::from_utf8(body).ok()? })
}
