//! The milter of the real binary, spoken to packet by packet: whom it lets in, whose login it takes,
//! and what it does with what no mail server would send.

use std::{
    io::{ErrorKind, Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use outside::{
    port,
    souhlas::{Setup, Souhlas},
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

const OPTIONS: (u8, &[u8]) = (b'O', b"\0\0\0\x06\0\0\x01\xff\0\x1f\xff\xff");
const SENDER: (u8, &[u8]) = (b'M', b"<objednavky@kavarna.example>\0");
const RECIPIENT: (u8, &[u8]) = (b'R', b"<jana@posta.example>\0");

/// A mail server's connection.
struct Server(TcpStream);

/// `more`: lines of the listener.
fn relay(more: &str) -> (Souhlas, SocketAddr) {
    let asked = SocketAddr::from(([127, 0, 0, 1], port::free().unwrap()));
    let more = format!(
        "[limits]\nmessage-bytes-max = \"100KiB\"\n\
         [[listener]]\nname = \"asked\"\naddress = \"{asked}\"\ntakes = \"milter\"\n{more}\n\
         [listener.trusted]\nnetworks = [\"127.0.0.1\"]\nlogin = \"postfix\"\n\
         senders = [\"@kavarna.example\"]\n"
    );
    (Souhlas::start(&Setup { more, ..Setup::default() }).unwrap(), asked)
}

impl Server {
    fn new(asked: SocketAddr) -> Self {
        let stream = TcpStream::connect(asked).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        Self(stream)
    }

    fn say(&mut self, packets: &[(u8, &[u8])]) {
        let one = |(kind, rest): &(u8, &[u8])| {
            let length = u32::try_from(rest.len() + 1).unwrap().to_be_bytes();
            [&length[..], &[*kind], rest].concat()
        };
        // Byte by byte at first: a packet may come in any pieces.
        let bytes: Vec<u8> = packets.iter().flat_map(one).collect();
        let (first, rest) = bytes.split_at(bytes.len().min(40));
        first.iter().for_each(|byte| self.0.write_all(&[*byte]).unwrap());
        self.0.write_all(rest).unwrap();
    }

    /// One packet, as text; empty where the connection has ended.
    fn hear(&mut self) -> String {
        let mut length = [0; 4];
        if let Err(error) = self.0.read_exact(&mut length) {
            let late = [ErrorKind::WouldBlock, ErrorKind::TimedOut].contains(&error.kind());
            assert!(!late, "it neither answers nor ends");
            return String::new();
        }
        let mut packet = vec![0; usize::try_from(u32::from_be_bytes(length)).unwrap()];
        self.0.read_exact(&mut packet).unwrap();
        String::from_utf8_lossy(&packet).trim_end_matches('\0').to_owned()
    }

    fn ask(&mut self, packets: &[(u8, &[u8])]) -> String {
        self.say(packets);
        self.hear()
    }
}

fn greeted(asked: SocketAddr) -> Server {
    let mut server = Server::new(asked);
    assert!(server.ask(&[OPTIONS]).starts_with("O\0\0\0\u{6}"));
    server
}

#[test]
fn what_no_mail_server_says_ends_one_connection_and_nothing_else() {
    let (relay, asked) = relay("");
    for garbage in [&b"EHLO tool.example\r\n"[..], &[0xff; 9], &[0, 0, 0, 0], b"\0\0\0\x01z"] {
        let mut server = Server::new(asked);
        server.0.write_all(garbage).unwrap();
        assert_eq!(server.hear(), "", "{}", garbage.escape_ascii());
    }
    let mut server = greeted(asked);
    assert_eq!(server.ask(&[SENDER]), "c");
    assert_eq!(
        server.ask(&[(b'R', b"nobody\0")]),
        "y501 5.1.3 the recipient's path cannot be read"
    );
    assert_eq!(server.ask(&[RECIPIENT]), "c");
    let large = vec![b'x'; 60_000];
    let said = server.ask(&[(b'B', &large), (b'B', &large), (b'E', b"")]);
    assert_eq!(said, "y552 5.3.4 too large: 102400 octets at most");
    // The next message of the same connection is another one.
    assert_eq!(
        server.ask(&[(b'A', b""), (b'M', b"<podvodnik@jinde.example>\0")]).get(..10),
        Some("y550 5.7.1")
    );
    assert_eq!(server.ask(&[SENDER]), "c");
    assert_eq!(server.ask(&[RECIPIENT]), "c");
    let order = [
        (b'L', &b"From\0 objednavky@kavarna.example\0"[..]),
        (b'L', b"Subject\0 Objednavka 117\0"),
        (b'N', b""),
        (b'E', b"Dobry den, objednavku c. 117 odesleme zitra.\r\n"),
    ];
    assert_eq!(server.ask(&order), "c");
    assert!(relay.must(&["journal", "verify"]).contains("journal: whole"));
}

#[tokio::test]
async fn only_the_servers_that_are_named_may_ask() {
    let (_relay, asked) = relay("");
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::from(([127, 0, 0, 2], 0))).unwrap();
    let mut stream = socket.connect(asked).await.unwrap();
    // It is closed at once: what is said may not even be taken.
    let _ = stream.write_all(b"\0\0\0\x0dO\0\0\0\x06\0\0\x01\xff\0\x1f\xff\xff").await;
    let mut heard = Vec::new();
    let _ = stream.read_to_end(&mut heard).await;
    assert_eq!(heard, b"");
}

#[test]
fn who_logged_in_at_the_server_is_the_login_of_that_name() {
    let (relay, asked) = relay("auth-is-login = true");
    relay.must(&["login", "add", "shop", "--sender", "objednavky@kavarna.example"]);
    let named = |name: &str| format!("M{{auth_authen}}\0{name}\0").into_bytes();
    for (name, expected) in [("shop", "c"), ("nikdo", "y550 5.7.8 no such login"), ("", "c")] {
        let mut server = greeted(asked);
        assert_eq!(server.ask(&[(b'D', &named(name)), SENDER]), expected, "{name}");
    }
    let news = (b'M', &b"<novinky@kavarna.example>\0"[..]);
    let said = greeted(asked).ask(&[(b'D', &named("shop")), news]);
    assert!(said.starts_with("y550 5.7.1 sender-not-allowed"), "{said}");
    assert_eq!(greeted(asked).ask(&[news]), "c", "the listener's own login may");
}
