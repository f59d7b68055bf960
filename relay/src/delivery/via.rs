//! How a source reaches the world: at once, through a SOCKS5 server (RFC 1928, 1929), or through a
//! proxy that is told by a PROXY header (version 2) whose address to take and whom to connect to.

use std::{
    io,
    net::{IpAddr, SocketAddr},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
};

use super::{
    settings::Credentials,
    source::{From, Source},
};

/// Between a source and the hosts.
#[derive(Clone, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub enum Via {
    #[default]
    Nobody,
    Socks {
        at: SocketAddr,
        login: Option<Credentials>,
    },
    Proxy(SocketAddr),
}

/// A connection from the source's own address of that kind.
///
/// # Errors
///
/// `AddrNotAvailable`: the source has none of that kind. What a proxy refuses is told as
/// `ConnectionRefused`, with its reason.
pub(super) async fn connect(source: &Source, to: SocketAddr) -> io::Result<TcpStream> {
    let own = match source.towards(to.ip()) {
        From::Anywhere => None,
        From::Address(own) => Some(own),
        From::Nowhere => return Err(io::Error::from(io::ErrorKind::AddrNotAvailable)),
    };
    match &source.via {
        Via::Nobody => match own {
            None => TcpStream::connect(to).await,
            Some(own) => {
                let socket =
                    if own.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
                socket.bind(SocketAddr::new(own, 0))?;
                socket.connect(to).await
            }
        },
        Via::Socks { at, login } => {
            let mut stream = TcpStream::connect(at).await?;
            ask(&mut stream, login.as_ref(), to).await?;
            Ok(stream)
        }
        Via::Proxy(at) => {
            let mut stream = TcpStream::connect(at).await?;
            stream.write_all(&header(own, to)).await?;
            Ok(stream)
        }
    }
}

/// The address that the host sees, where anybody here knows it.
pub(super) fn seen(source: &Source, to: IpAddr, stream: &TcpStream) -> Option<IpAddr> {
    match (&source.via, source.towards(to)) {
        (Via::Nobody, _) => stream.local_addr().ok().map(|own| own.ip()),
        (Via::Proxy(_), From::Address(own)) => Some(own),
        (Via::Proxy(_), From::Anywhere | From::Nowhere) | (Via::Socks { .. }, _) => None,
    }
}

/// SOCKS5, up to the connection to the host: what comes then is the host's.
async fn ask(
    stream: &mut TcpStream,
    login: Option<&Credentials>,
    to: SocketAddr,
) -> io::Result<()> {
    let methods: &[u8] = if login.is_some() { &[5, 1, PASSWORD] } else { &[5, 1, OPEN] };
    stream.write_all(methods).await?;
    let mut chosen = [0; 2];
    stream.read_exact(&mut chosen).await?;
    match (chosen, login) {
        ([5, PASSWORD], Some(login)) => {
            let text = |text: &str| {
                let length = u8::try_from(text.len()).map_err(|_| refused("its login is too long"));
                length.map(|length| [&[length], text.as_bytes()].concat())
            };
            let both = [text(&login.user)?, text(&login.password)?].concat();
            stream.write_all(&[&[1], both.as_slice()].concat()).await?;
            let mut answer = [0; 2];
            stream.read_exact(&mut answer).await?;
            let [_, status] = answer;
            if status != 0 {
                return Err(refused("the socks server does not take the login"));
            }
        }
        ([5, OPEN], None) => {}
        _ => return Err(refused("the socks server wants another login")),
    }
    let mut request = vec![5, CONNECT, 0];
    match to.ip() {
        IpAddr::V4(four) => {
            request.push(FOUR);
            request.extend(four.octets());
        }
        IpAddr::V6(six) => {
            request.push(SIX);
            request.extend(six.octets());
        }
    }
    request.extend(to.port().to_be_bytes());
    stream.write_all(&request).await?;
    let mut answer = [0; 4];
    stream.read_exact(&mut answer).await?;
    let [version, status, _, kind] = answer;
    if (version, status) != (5, 0) {
        return Err(refused("the socks server has no connection to the host"));
    }
    // Its own address and port: nobody needs them.
    let length = match kind {
        FOUR => 4,
        SIX => 16,
        NAME => usize::from(stream.read_u8().await?),
        _ => return Err(refused("the socks server broke the protocol")),
    };
    let mut rest = vec![0; length + 2];
    stream.read_exact(&mut rest).await.map(drop)
}

/// PROXY, version 2: from where it comes, and where it goes.
fn header(own: Option<IpAddr>, to: SocketAddr) -> Vec<u8> {
    let mut header = SIGNATURE.to_vec();
    header.push(0x21);
    let (kind, from, to_ip) = match (own, to.ip()) {
        (Some(IpAddr::V4(own)), IpAddr::V4(ip)) => {
            (0x11, own.octets().to_vec(), ip.octets().to_vec())
        }
        (_, IpAddr::V4(ip)) => (0x11, vec![0; 4], ip.octets().to_vec()),
        (Some(IpAddr::V6(own)), IpAddr::V6(ip)) => {
            (0x21, own.octets().to_vec(), ip.octets().to_vec())
        }
        (_, IpAddr::V6(ip)) => (0x21, vec![0; 16], ip.octets().to_vec()),
    };
    header.push(kind);
    let length = u16::try_from(from.len() + to_ip.len() + 4).unwrap_or_default();
    header.extend(length.to_be_bytes());
    header.extend(from);
    header.extend(to_ip);
    header.extend([0, 0]);
    header.extend(to.port().to_be_bytes());
    header
}

fn refused(why: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionRefused, why)
}

const SIGNATURE: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";
const OPEN: u8 = 0;
const PASSWORD: u8 = 2;
const CONNECT: u8 = 1;
const FOUR: u8 = 1;
const NAME: u8 = 3;
const SIX: u8 = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_says_from_where_and_where_to() {
        let to = "192.0.2.9:25".parse().unwrap();
        let own = Some("192.0.2.7".parse().unwrap());
        let expected = [SIGNATURE, &[0x21, 0x11, 0, 12, 192, 0, 2, 7, 192, 0, 2, 9, 0, 0, 0, 25]];
        assert_eq!(header(own, to), expected.concat());
        assert_eq!(header(None, "[::1]:25".parse().unwrap()).len(), 16 + 36);
    }
}
