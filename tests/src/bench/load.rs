//! Full load by Postfix's own tools: smtp-source in front, smtp-sink behind.

use std::{
    fs::File,
    io::{self, Read},
    net::{SocketAddr, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

const SOURCE: &str = "/usr/sbin/smtp-source";
const SINK: &str = "/usr/sbin/smtp-sink";
const PATIENCE: Duration = Duration::from_secs(120);

/// The far end: counts the messages it takes.
pub struct Sink {
    child: Child,
    taken: Arc<AtomicUsize>,
}

impl Sink {
    pub fn start(at: SocketAddr) -> io::Result<Self> {
        let mut child = Command::new(SINK)
            // Started by root it wants to know whom to be instead.
            .args(if is_root() { &["-u", "nobody"][..] } else { &[] })
            .args(["-c", &format!("inet:{at}"), "512"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let mut output =
            child.stdout.take().ok_or_else(|| io::Error::other("no output of smtp-sink"))?;
        let taken = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&taken);
        thread::spawn(move || {
            let mut chunk = [0; 65_536];
            while let Ok(read @ 1..) = output.read(&mut chunk) {
                if let Some(count) = last_message_count(&chunk[..read]) {
                    counted.store(count, Ordering::Relaxed);
                }
            }
        });
        wait_for(at)?;
        Ok(Self { child, taken })
    }

    pub fn taken(&self) -> usize {
        self.taken.load(Ordering::Relaxed)
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// smtp-sink writes `sess=1 quit=0 mesg=12345\r` over and over.
fn last_message_count(chunk: &[u8]) -> Option<usize> {
    let text = String::from_utf8_lossy(chunk);
    let complete = text.rsplit_once('\r').map_or("", |(before, _)| before);
    complete.rsplit_once("mesg=")?.1.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// Sends `messages` over `sessions` lasting connections and waits until the sink has them all.
/// Returns the time from the first connection to the last message's arrival at the sink.
pub fn run(
    target: SocketAddr,
    sink: &Sink,
    sessions: usize,
    messages: usize,
    from: &str,
    file: &Path,
) -> io::Result<Duration> {
    let before = sink.taken();
    let started = Instant::now();
    let status = Command::new(SOURCE)
        .args(["-d", "-N", "-s", &sessions.to_string(), "-m", &messages.to_string()])
        .args(["-f", from, "-t", "user@example.net", "-F"])
        .arg(file)
        .arg(format!("inet:{target}"))
        .stdout(Stdio::null())
        .stderr(File::options().append(true).create(true).open(file.with_extension("log"))?)
        .status()?;
    if !status.success() {
        return Err(io::Error::other(format!("smtp-source ended with {status}")));
    }
    while sink.taken() < before + messages {
        if started.elapsed() > PATIENCE {
            let arrived = sink.taken() - before;
            return Err(io::Error::other(format!("{arrived} of {messages} messages arrived")));
        }
        thread::sleep(Duration::from_millis(1));
    }
    Ok(started.elapsed())
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

/// Waits until something listens.
pub fn wait_for(at: SocketAddr) -> io::Result<()> {
    let started = Instant::now();
    loop {
        match TcpStream::connect(at) {
            Ok(_) => return Ok(()),
            Err(error) if started.elapsed() > Duration::from_secs(20) => return Err(error),
            Err(_) => thread::sleep(Duration::from_millis(20)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_complete_count_is_believed() {
        assert_eq!(
            last_message_count(b"sess=1 quit=0 mesg=12\rsess=1 quit=0 mesg=13\rse"),
            Some(13)
        );
        assert_eq!(last_message_count(b"sess=1 quit=0 mesg=12\rsess=1 quit=0 mesg=1"), Some(12));
        assert_eq!(last_message_count(b""), None);
    }
}
