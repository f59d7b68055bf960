//! What open connections cost in memory: each has said EHLO and waits.

use std::{
    io::{self, BufRead, BufReader, Write},
    net::{SocketAddr, TcpStream},
    thread,
    time::Duration,
};

use super::{process, relay::Relay};

/// Resident memory of the relay's processes while `count` clients are connected.
pub fn memory_bytes(relay: &dyn Relay, count: usize) -> io::Result<u64> {
    let clients: Vec<TcpStream> =
        (0..count).map(|_| greeted(relay.address())).collect::<io::Result<_>>()?;
    // What greeting them all took for a moment is given back.
    thread::sleep(Duration::from_millis(500));
    let bytes = relay.roots().into_iter().map(process::memory_bytes).sum();
    drop(clients);
    Ok(bytes)
}

fn greeted(at: SocketAddr) -> io::Result<TcpStream> {
    let mut stream = TcpStream::connect(at)?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    stream.write_all(b"EHLO bench.example\r\n")?;
    loop {
        line.clear();
        if reader.read_line(&mut line)? == 0 || !line.starts_with("250") {
            return Err(io::Error::other(format!("the relay said `{}`", line.trim())));
        }
        if line.starts_with("250 ") {
            return Ok(stream);
        }
    }
}
