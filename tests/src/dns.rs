//! A DNS server on loopback, UDP and TCP, that answers from a list: records, "no such name",
//! failures and silence. Only as much of RFC 1035 as a resolver needs.

use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream, UdpSocket},
};

/// What a name holds.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Record {
    Address(IpAddr),
    /// Preference and host; an empty host is the null MX.
    Mx(u16, String),
    Cname(String),
    Txt(String),
    Ptr(String),
    /// Usage, selector, matching type; data.
    Tlsa([u8; 3], Vec<u8>),
}

/// What happens to every question about a name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Trouble {
    ServFail,
    Refused,
    Silence,
    /// UDP answers are cut short, TCP ones are whole.
    Truncated,
}

/// A running server. It stops when it is dropped.
#[derive(Debug)]
pub struct Dns {
    pub address: SocketAddr,
    zone: Arc<Mutex<Zone>>,
    tasks: [tokio::task::JoinHandle<()>; 2],
}

#[derive(Debug, Default)]
struct Zone {
    records: BTreeMap<String, Vec<Record>>,
    trouble: BTreeMap<String, Trouble>,
    asked: Vec<String>,
}

impl Dns {
    pub async fn start() -> Self {
        // UDP first, then TCP on the same port; another one where that is taken.
        let (udp, tcp) = loop {
            let udp = UdpSocket::bind("127.0.0.1:0").await.expect("loopback has a free port");
            let address = udp.local_addr().expect("a bound socket has an address");
            if let Ok(tcp) = TcpListener::bind(address).await {
                break (udp, tcp);
            }
        };
        let address = udp.local_addr().expect("a bound socket has an address");
        let zone = Arc::new(Mutex::new(Zone::default()));
        let (for_udp, for_tcp) = (zone.clone(), zone.clone());
        let udp = tokio::spawn(async move {
            let mut buffer = [0; 4_096];
            while let Ok((count, from)) = udp.recv_from(&mut buffer).await {
                if let Some(answer) = answer(&for_udp, &buffer[..count], true) {
                    let _ = udp.send_to(&answer, from).await;
                }
            }
        });
        let tcp = tokio::spawn(async move {
            while let Ok((stream, _)) = tcp.accept().await {
                tokio::spawn(serve_tcp(for_tcp.clone(), stream));
            }
        });
        Self { address, zone, tasks: [udp, tcp] }
    }

    pub fn add(&self, name: &str, record: Record) {
        let mut zone = self.zone.lock().unwrap();
        zone.records.entry(name.to_ascii_lowercase()).or_default().push(record);
    }

    /// In the place of all that the name held.
    pub fn replace(&self, name: &str, record: Record) {
        self.zone.lock().unwrap().records.insert(name.to_ascii_lowercase(), vec![record]);
    }

    /// From now on the name has nothing.
    pub fn clear(&self, name: &str) {
        self.zone.lock().unwrap().records.remove(&name.to_ascii_lowercase());
    }

    /// A domain whose mail goes to one host on loopback.
    pub fn add_mx(&self, domain: &str, preference: u16, host: &str, address: IpAddr) {
        self.add(domain, Record::Mx(preference, host.to_owned()));
        let known = self.zone.lock().unwrap().records.contains_key(host);
        if !known {
            self.add(host, Record::Address(address));
        }
    }

    pub fn trouble(&self, name: &str, trouble: Trouble) {
        self.zone.lock().unwrap().trouble.insert(name.to_ascii_lowercase(), trouble);
    }

    /// It answers about the name again.
    pub fn heal(&self, name: &str) {
        self.zone.lock().unwrap().trouble.remove(&name.to_ascii_lowercase());
    }

    /// Every question, `name TYPE`.
    pub fn asked(&self) -> Vec<String> {
        self.zone.lock().unwrap().asked.clone()
    }
}

impl Drop for Dns {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

async fn serve_tcp(zone: Arc<Mutex<Zone>>, mut stream: TcpStream) -> Option<()> {
    loop {
        let size = stream.read_u16().await.ok()?;
        let mut question = vec![0; usize::from(size)];
        stream.read_exact(&mut question).await.ok()?;
        let answer = answer(&zone, &question, false)?;
        let size = u16::try_from(answer.len()).ok()?;
        let whole = [&size.to_be_bytes()[..], &answer].concat();
        stream.write_all(&whole).await.ok()?;
    }
}

fn answer(zone: &Mutex<Zone>, question: &[u8], udp: bool) -> Option<Vec<u8>> {
    let (name, end) = read_name(question, 12)?;
    let kind = u16::from_be_bytes(question.get(end..end + 2)?.try_into().ok()?);
    let mut zone = zone.lock().unwrap();
    zone.asked.push(format!("{name} {kind}"));
    let trouble = zone.trouble.get(&name).copied();
    let (mut code, mut truncated) = (0, false);
    match trouble {
        Some(Trouble::Silence) => return None,
        Some(Trouble::ServFail) => code = 2,
        Some(Trouble::Refused) => code = 5,
        Some(Trouble::Truncated) => truncated = udp,
        None => {}
    }
    let (mut count, mut body) = (0_u16, Vec::new());
    if code == 0 && !truncated {
        let mut at = name.clone();
        // As far as the aliases lead; a loop ends like a real server's answer does.
        for _ in 0..8 {
            let Some(records) = zone.records.get(&at) else {
                if count == 0 {
                    code = 3;
                }
                break;
            };
            let alias = records.iter().find_map(|record| match record {
                Record::Cname(to) => Some(to.clone()),
                Record::Address(_)
                | Record::Mx(..)
                | Record::Txt(_)
                | Record::Ptr(_)
                | Record::Tlsa(..) => None,
            });
            for record in records {
                if let Some((own, data)) = encode(record)
                    && (own == kind || own == CNAME)
                {
                    count += 1;
                    write_name(&mut body, &at);
                    body.extend(own.to_be_bytes());
                    body.extend(1_u16.to_be_bytes());
                    body.extend(60_u32.to_be_bytes());
                    body.extend(u16::try_from(data.len()).ok()?.to_be_bytes());
                    body.extend(data);
                }
            }
            match alias {
                Some(to) if kind != CNAME => at = to,
                Some(_) | None => break,
            }
        }
    }
    let mut out = question.get(..2)?.to_vec();
    out.extend([0x84 | u8::from(truncated) << 1 | (question.get(2)? & 1), 0x80 | code]);
    out.extend([0, 1]);
    out.extend(count.to_be_bytes());
    out.extend([0, 0, 0, 0]);
    out.extend(question.get(12..end + 4)?);
    out.extend(body);
    Some(out)
}

const CNAME: u16 = 5;

fn encode(record: &Record) -> Option<(u16, Vec<u8>)> {
    let mut data = Vec::new();
    Some(match record {
        Record::Address(IpAddr::V4(four)) => (1, four.octets().to_vec()),
        Record::Address(IpAddr::V6(six)) => (28, six.octets().to_vec()),
        Record::Cname(to) => {
            write_name(&mut data, to);
            (CNAME, data)
        }
        Record::Mx(preference, host) => {
            data.extend(preference.to_be_bytes());
            write_name(&mut data, host);
            (15, data)
        }
        Record::Ptr(name) => {
            write_name(&mut data, name);
            (12, data)
        }
        Record::Tlsa(kind, digest) => (52, [&kind[..], digest].concat()),
        Record::Txt(text) => {
            for piece in text.as_bytes().chunks(255) {
                data.push(u8::try_from(piece.len()).ok()?);
                data.extend(piece);
            }
            (16, data)
        }
    })
}

fn read_name(bytes: &[u8], mut at: usize) -> Option<(String, usize)> {
    let mut labels = Vec::new();
    loop {
        let size = usize::from(*bytes.get(at)?);
        at += 1;
        if size == 0 {
            return Some((labels.join(".").to_ascii_lowercase(), at));
        }
        labels.push(String::from_utf8_lossy(bytes.get(at..at + size)?).into_owned());
        at += size;
    }
}

fn write_name(out: &mut Vec<u8>, name: &str) {
    for label in name.split('.').filter(|label| !label.is_empty()) {
        out.push(u8::try_from(label.len()).expect("a label has at most 63 octets"));
        out.extend(label.as_bytes());
    }
    out.push(0);
}
