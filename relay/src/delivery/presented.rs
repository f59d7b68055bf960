//! What a mail exchanger presents where STARTTLS is asked of it: reached as delivery reaches it, and left
//! before there is a message. Nothing is believed or verified here.

use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use tokio::time::timeout;

use super::{
    attempt::Connection,
    outcome::{Outcome, Problem},
    settings::{Settings, Timeouts},
    via,
};
use crate::{
    smtp::client::{Client, Hello, Output, StartTls, Why},
    tls::{Chain, Fault, Stream, Tls, Trust},
};

/// Why nothing was presented; in words.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Absent {
    /// Nobody answers, or nobody who talks to us.
    Unreachable(String),
    /// It talks, and does not offer STARTTLS.
    NoStartTls,
    /// It offers STARTTLS, and no TLS comes of it.
    Broken(String),
}

/// For all of it: whoever looks waits at the keyboard.
const TIME: Duration = Duration::from_secs(30);

/// The certificates of that host at that address.
///
/// # Errors
///
/// Why there are none to be seen.
pub async fn presented(
    settings: &Settings,
    tls: &Tls,
    host: &str,
    address: IpAddr,
) -> Result<Chain, Absent> {
    let mut chain = None;
    let asked = timeout(TIME, ask(settings, tls, (host, address), &mut chain)).await;
    // Who presented something and then said nothing more, or nonsense, did present it.
    match (chain, asked) {
        (Some(chain), _) => Ok(chain),
        (None, Ok(Err(absent))) => Err(absent),
        (None, Ok(Ok(()))) => Err(Absent::Broken("no certificate was presented".to_owned())),
        (None, Err(_)) => Err(Absent::Unreachable("not answered in time".to_owned())),
    }
}

async fn ask(
    settings: &Settings,
    tls: &Tls,
    (host, address): (&str, IpAddr),
    chain: &mut Option<Chain>,
) -> Result<(), Absent> {
    let (port, source) = settings.exchangers();
    let connected = via::connect(source, SocketAddr::new(address, port));
    let stream = match timeout(settings.timeouts.connect, connected).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(fault)) => return Err(Absent::Unreachable(fault.to_string())),
        Err(_) => return Err(Absent::Unreachable("timed out".to_owned())),
    };
    let client = Client::new(Hello {
        name: source.hello.clone().unwrap_or_else(|| settings.hostname.clone()),
        start_tls: StartTls::Must,
        secured: false,
        credentials: None,
    });
    let names = (format!("{host} [{address}]"), host.to_owned());
    let stream = Stream::Plain(stream);
    let mut connection = Connection::new(client, stream, settings.timeouts, names);
    loop {
        match connection.turn_until_output().await {
            Output::StartTls => {
                connection = protect(connection, tls, host, settings.timeouts).await?;
                if let Stream::Tls(stream) = &connection.stream {
                    *chain = Chain::of(stream);
                }
            }
            Output::Ready => {
                connection.quit().await;
                return Ok(());
            }
            Output::Closed(why) => return Err(ended(&connection, why)),
            Output::Send(_) | Output::Done { .. } => {}
        }
    }
}

async fn protect(
    mut connection: Connection,
    tls: &Tls,
    host: &str,
    timeouts: Timeouts,
) -> Result<Connection, Absent> {
    let Stream::Plain(stream) = connection.stream else {
        return Err(Absent::Broken("STARTTLS inside TLS".to_owned()));
    };
    let shaken = timeout(timeouts.command, tls.connect(stream, host, &Trust::Anyone)).await;
    let shaken = shaken.unwrap_or_else(|_| Err(Fault::other("timed out")));
    let stream = shaken.map_err(|fault| Absent::Broken(fault.to_string()))?;
    connection.stream = Stream::Tls(Box::new(stream));
    connection.client.tls_is_up();
    Ok(connection)
}

/// What it means that the connection ended before TLS.
fn ended(connection: &Connection, why: Why) -> Absent {
    let offered = connection.capabilities().start_tls;
    match why {
        Why::NotOffered(_) => Absent::NoStartTls,
        Why::Finished
        | Why::Refused(_)
        | Why::Login(_)
        | Why::Hung
        | Why::Late
        | Why::Protocol(_) => {
            let words = Outcome::of_problem(&Problem::Closed(why)).text();
            if offered { Absent::Broken(words) } else { Absent::Unreachable(words) }
        }
    }
}
