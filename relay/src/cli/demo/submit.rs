//! A mailing tool in thirty lines: submits one message over real SMTP.

use std::net::SocketAddr;

use anyhow::{Context as _, bail};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

/// The last reply: to the end of the message, or the one that refused it earlier.
pub(super) async fn submit(
    relay: SocketAddr,
    from: &str,
    to: &str,
    message: &[u8],
) -> anyhow::Result<String> {
    let stream = TcpStream::connect(relay).await.context("cannot connect to the demo's relay")?;
    let mut stream = BufReader::new(stream);
    let mut last = reply(&mut stream).await?;
    let mut data = Vec::with_capacity(message.len() + 8);
    for line in message.split_inclusive(|byte| *byte == b'\n') {
        if line.starts_with(b".") {
            data.push(b'.');
        }
        data.extend_from_slice(line);
    }
    data.extend_from_slice(b".\r\n");
    let steps: [Vec<u8>; 5] = [
        b"EHLO tool.example\r\n".to_vec(),
        format!("MAIL FROM:<{from}> BODY=8BITMIME\r\n").into_bytes(),
        format!("RCPT TO:<{to}>\r\n").into_bytes(),
        b"DATA\r\n".to_vec(),
        data,
    ];
    for step in steps {
        stream.get_mut().write_all(&step).await?;
        last = reply(&mut stream).await?;
        if !last.starts_with(['2', '3']) {
            break;
        }
    }
    stream.get_mut().write_all(b"QUIT\r\n").await?;
    Ok(last)
}

async fn reply(stream: &mut BufReader<TcpStream>) -> anyhow::Result<String> {
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            bail!("the relay closed the connection");
        }
        if line.as_bytes().get(3) != Some(&b'-') {
            return Ok(line.trim_end().to_owned());
        }
    }
}
