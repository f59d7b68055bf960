//! How long one submission takes: from MAIL to the reply after the message's end.

use std::{
    io::{self, BufRead, BufReader, Write},
    net::{SocketAddr, TcpStream},
    thread,
    time::{Duration, Instant},
};

/// Sends `each` messages over each of `sessions` connections and returns every duration, sorted.
pub fn measure(
    target: SocketAddr,
    sessions: usize,
    each: usize,
    from: &str,
    message: &str,
) -> io::Result<Vec<Duration>> {
    let wire = on_the_wire(message);
    let mut all = Vec::with_capacity(sessions * each);
    let results: Vec<io::Result<Vec<Duration>>> = thread::scope(|scope| {
        let running: Vec<_> = (0..sessions)
            .map(|session| {
                let wire = &wire;
                scope.spawn(move || one_session(target, session * each, each, from, wire))
            })
            .collect();
        running.into_iter().map(|thread| thread.join().expect("no panic in a session")).collect()
    });
    for result in results {
        all.extend(result?);
    }
    all.sort();
    Ok(all)
}

/// The value below which `share` of the sorted durations lie, in milliseconds.
pub fn percentile_ms(sorted: &[Duration], share: f64) -> f64 {
    let last = sorted.len().saturating_sub(1);
    let at = (share * last as f64).round() as usize;
    sorted.get(at).map_or(0.0, |duration| duration.as_secs_f64() * 1_000.0)
}

fn one_session(
    target: SocketAddr,
    first: usize,
    each: usize,
    from: &str,
    wire: &[u8],
) -> io::Result<Vec<Duration>> {
    let mut stream = TcpStream::connect(target)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    let mut reader = BufReader::new(stream.try_clone()?);
    reply(&mut reader)?;
    stream.write_all(b"EHLO bench.example\r\n")?;
    reply(&mut reader)?;
    let mut durations = Vec::with_capacity(each);
    for number in 0..each {
        let to = format!("{}user@example.net", first + number);
        let started = Instant::now();
        for command in
            [format!("MAIL FROM:<{from}>\r\n"), format!("RCPT TO:<{to}>\r\n"), "DATA\r\n".into()]
        {
            stream.write_all(command.as_bytes())?;
            reply(&mut reader)?;
        }
        stream.write_all(wire)?;
        reply(&mut reader)?;
        durations.push(started.elapsed());
    }
    stream.write_all(b"QUIT\r\n")?;
    Ok(durations)
}

fn reply(reader: &mut impl BufRead) -> io::Result<()> {
    let mut line = String::new();
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        match line.as_bytes() {
            [b'2' | b'3', _, _, b'-', ..] => {}
            [b'2' | b'3', ..] => return Ok(()),
            _ => return Err(io::Error::other(format!("the relay said `{}`", line.trim()))),
        }
    }
}

fn on_the_wire(message: &str) -> Vec<u8> {
    let mut wire = Vec::new();
    for line in message.lines() {
        if line.starts_with('.') {
            wire.push(b'.');
        }
        wire.extend_from_slice(line.as_bytes());
        wire.extend_from_slice(b"\r\n");
    }
    wire.extend_from_slice(b".\r\n");
    wire
}
