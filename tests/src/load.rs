//! A stream of numbered messages that goes on while the relay dies, and remembers each 250.

use std::{
    collections::BTreeSet,
    io::{self, BufRead, BufReader, Write},
    net::{SocketAddr, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

/// What was heard so far.
#[derive(Clone, Debug, Default)]
pub struct Heard {
    /// Message-IDs whose last reply was 250: the relay answers for them.
    pub accepted: BTreeSet<String>,
    /// Replies 451 to a message: nothing was kept, the client tries again.
    pub deferred: usize,
    /// Anything else, which no such message may get.
    pub strange: Vec<String>,
}

/// Several clients, sending until they are stopped.
pub struct Load {
    stop: Arc<AtomicBool>,
    heard: Arc<Mutex<Heard>>,
    running: Vec<JoinHandle<()>>,
}

impl Load {
    /// `from` and `to` name the envelope; each message is new, and lawful for that stream.
    pub fn start(relay: SocketAddr, clients: usize, from: &'static str, to: &'static str) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let heard = Arc::new(Mutex::new(Heard::default()));
        let running = (0..clients)
            .map(|client| {
                let (stop, heard) = (Arc::clone(&stop), Arc::clone(&heard));
                thread::spawn(move || {
                    let mut number = 0;
                    while !stop.load(Ordering::Relaxed) {
                        // A broken connection is what the test is about: make a new one.
                        if session(relay, client, &mut number, from, to, &stop, &heard).is_err() {
                            thread::sleep(Duration::from_millis(20));
                        }
                    }
                })
            })
            .collect();
        Self { stop, heard, running }
    }

    pub fn heard(&self) -> Heard {
        self.heard.lock().expect("no client panics").clone()
    }

    /// Lets each client finish its message.
    pub fn stop(self) -> Heard {
        self.stop.store(true, Ordering::Relaxed);
        for client in self.running {
            client.join().expect("no client panics");
        }
        self.heard.lock().expect("no client panics").clone()
    }
}

fn session(
    relay: SocketAddr,
    client: usize,
    number: &mut usize,
    from: &str,
    to: &str,
    stop: &AtomicBool,
    heard: &Mutex<Heard>,
) -> io::Result<()> {
    let mut stream = TcpStream::connect(relay)?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    let mut reader = BufReader::new(stream.try_clone()?);
    reply(&mut reader)?;
    stream.write_all(b"EHLO load.example\r\n")?;
    reply(&mut reader)?;
    while !stop.load(Ordering::Relaxed) {
        *number += 1;
        let id = format!("<{client}-{number}@load.example>");
        write!(stream, "MAIL FROM:<{from}>\r\nRCPT TO:<{to}>\r\nDATA\r\n")?;
        let answers = [reply(&mut reader)?, reply(&mut reader)?, reply(&mut reader)?];
        let last = if answers[2].starts_with("354") {
            write!(
                stream,
                "From: <{from}>\r\nTo: <{to}>\r\nSubject: =?utf-8?Q?Potvrzen=C3=AD_objedn=C3=A1vky?= {number}\r\n\
                 Date: Mon, 02 Nov 2026 08:00:00 +0100\r\nMessage-ID: {id}\r\n\r\n\
                 Objednavka {number} byla prijata.\r\n.\r\n"
            )?;
            reply(&mut reader)?
        } else {
            answers.into_iter().find(|answer| answer.starts_with(['4', '5'])).unwrap_or_default()
        };
        let mut heard = heard.lock().expect("no client panics");
        match last.get(..3) {
            Some("250") => {
                heard.accepted.insert(id);
            }
            Some("451" | "421" | "452") => {
                heard.deferred += 1;
                drop(heard);
                thread::sleep(Duration::from_millis(20));
            }
            _ => heard.strange.push(last),
        }
    }
    stream.write_all(b"QUIT\r\n")
}

/// The last line of a reply.
fn reply(reader: &mut impl BufRead) -> io::Result<String> {
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if line.as_bytes().get(3) != Some(&b'-') {
            return Ok(line.trim_end().to_owned());
        }
    }
}
