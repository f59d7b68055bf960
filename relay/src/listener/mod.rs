//! Where clients connect: sockets, TLS, limits, and the loop that drives a session.
//!
//! The protocol is `smtp::session`'s, what is accepted is `intake`'s. Here are the clock, the
//! deadlines and the counts.

mod accept;
mod connection;
mod door;
mod milter;
mod returned;
mod seats;
mod stream;
mod tls;

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context as _, bail};
use tokio::{sync::watch, task::JoinSet};

pub use self::tls::{Certificates, Looked};
use self::{door::Door, seats::Seats};
use crate::{
    config::{Address, Admits, BareLineEnds, Config, Limits, Listener, Mode, Network},
    inbound::Inbound,
    intake::Intake,
    login::{Login, Logins},
    smtp::settings::{self, AuthOffer, BareLf, Settings},
};

/// What all listeners share.
struct Shared {
    intake: Intake,
    /// Asked by the listeners that take returns.
    inbound: Option<Inbound>,
    logins: Logins,
    certificates: Option<Arc<Certificates>>,
    limits: Limits,
    seats: Seats,
}

/// What holds at one listener.
struct Terms {
    name: String,
    mode: Mode,
    /// For clients that must authenticate, and for those that are known by their address.
    session: Arc<Settings>,
    trusted_session: Arc<Settings>,
    trusted: Option<(Vec<Network>, Arc<Login>)>,
    /// It takes what comes back, and from whomever.
    returns: bool,
    /// A mail server asks here about messages that it keeps.
    milter: bool,
    /// The name that its client logged in with there is a login's here.
    auth_is_login: bool,
    proxy_from: Vec<Network>,
    xclient_from: Vec<Network>,
    xforward_from: Vec<Network>,
}

/// Listeners at work.
pub struct Listening {
    addresses: Vec<(String, SocketAddr)>,
    milters: Vec<(String, Address)>,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

/// Binds every listener and takes connections from then on.
///
/// Refuses where a listener would be an open relay, where TLS is asked for without a certificate,
/// and where an address cannot be bound; then none is bound.
pub fn start(
    config: &Config,
    intake: Intake,
    inbound: Option<Inbound>,
    logins: Logins,
    certificates: Option<Arc<Certificates>>,
) -> anyhow::Result<Listening> {
    let limits = config.limits;
    let seats = Seats::new(
        limits.connections_max,
        limits.connections_per_address_max,
        limits.held_bytes_max,
    );
    let mut bound = Vec::new();
    for listener in &config.listeners {
        if let Some(fault) = fault(listener) {
            bail!("listener `{}`: {fault}", listener.name);
        }
        if listener.mode != Mode::Loopback && certificates.is_none() {
            bail!("listener `{}` needs a certificate: set `tls` in relay.toml", listener.name);
        }
        let door = Door::open(&listener.address).with_context(|| {
            format!("listener `{}` cannot listen on `{}`", listener.name, listener.address)
        })?;
        bound.push((door, Arc::new(Terms::new(listener, config, certificates.is_some()))));
    }
    let shared = Arc::new(Shared { intake, inbound, logins, certificates, limits, seats });
    let (stop, _) = watch::channel(false);
    let mut tasks = JoinSet::new();
    if let Some(certificates) = &shared.certificates {
        tasks.spawn(certificates.clone().watch(stop.subscribe()));
    }
    let (mut addresses, mut milters) = (Vec::new(), Vec::new());
    for (door, terms) in bound {
        match door.address()? {
            Address::Net(address) if !terms.milter => addresses.push((terms.name.clone(), address)),
            address @ (Address::Net(_) | Address::Unix(_)) => {
                milters.push((terms.name.clone(), address));
            }
        }
        tasks.spawn(accept::run(door, shared.clone(), terms, stop.subscribe()));
    }
    Ok(Listening { addresses, milters, stop, tasks })
}

impl Listening {
    /// Name and address of each that speaks SMTP; the real port where the configuration says 0.
    pub fn addresses(&self) -> &[(String, SocketAddr)] {
        &self.addresses
    }

    /// Those where mail servers ask.
    pub fn milters(&self) -> &[(String, Address)] {
        &self.milters
    }

    /// No new connections; messages on their way in are taken to their end, then `421`. Whoever
    /// is not done after `grace` is cut off: nothing that was answered is lost by it.
    pub async fn stop(mut self, grace: Duration) {
        self.stop.send_replace(true);
        let all = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(grace, all).await.is_err() {
            tracing::warn!("connections were cut off: their messages were not accepted yet");
            self.tasks.shutdown().await;
        }
    }
}

/// Why a listener must not be opened (never an open relay); `None`: it may.
pub fn fault(listener: &Listener) -> Option<&'static str> {
    if listener.address.is_local() {
        return None;
    }
    if listener.mode == Mode::Loopback {
        return Some(
            "only a loopback address may do without TLS: use `starttls` or `implicit-tls`",
        );
    }
    if listener.plaintext_auth {
        return Some("passwords in clear text are for loopback addresses only");
    }
    match &listener.admits {
        Admits::Logins | Admits::Returns => None,
        Admits::Trusted { networks, .. } => networks.iter().any(is_everybody).then_some(
            "it would relay for everybody: name the networks it trusts, or ask for a login",
        ),
    }
}

/// Whether a network holds all of IPv4 or all of IPv6.
fn is_everybody(network: &Network) -> bool {
    let ends = |first: IpAddr, last: IpAddr| network.contains(first) && network.contains(last);
    ends([0; 4].into(), [255; 4].into()) || ends([0_u16; 8].into(), [0xffff_u16; 8].into())
}

impl Terms {
    fn new(listener: &Listener, config: &Config, certificate: bool) -> Self {
        let limits = &config.limits;
        let session = Settings {
            hostname: config.hostname.clone(),
            limits: settings::Limits {
                command_octets_max: limits.command_bytes_max,
                recipients_max: limits.recipients_max,
                message_octets_max: u64::try_from(limits.message_bytes_max).unwrap_or(u64::MAX),
                message_line_octets_max: limits.line_bytes_max,
                errors_max: limits.errors_max,
                idle_commands_max: limits.idle_commands_max,
                messages_max: limits.messages_per_connection_max,
                ..settings::Limits::default()
            },
            bare_lf: match listener.bare_line_ends {
                BareLineEnds::Reject => BareLf::Reject,
                BareLineEnds::Normalize => BareLf::Normalize,
            },
            starttls: certificate && listener.mode == Mode::StartTls,
            auth: if listener.plaintext_auth { AuthOffer::InClear } else { AuthOffer::InsideTls },
            auth_required: true,
        };
        let returns = matches!(listener.admits, Admits::Returns);
        let session = if returns { returned::settings(session) } else { session };
        let trusted_session = Settings { auth_required: false, ..session.clone() };
        Self {
            name: listener.name.clone(),
            mode: listener.mode,
            session: Arc::new(session),
            trusted_session: Arc::new(trusted_session),
            trusted: match &listener.admits {
                Admits::Logins | Admits::Returns => None,
                Admits::Trusted { networks, login } => {
                    Some((networks.clone(), Arc::new(Login::from(login))))
                }
            },
            returns,
            milter: listener.milter.is_some(),
            auth_is_login: listener.milter.is_some_and(|milter| milter.auth_is_login),
            proxy_from: listener.proxy_from.clone(),
            xclient_from: listener.xclient_from.clone(),
            xforward_from: listener.xforward_from.clone(),
        }
    }

    /// The login of an address that needs no password.
    fn trusted(&self, address: IpAddr) -> Option<Arc<Login>> {
        let (networks, login) = self.trusted.as_ref()?;
        contains(networks, address).then(|| login.clone())
    }

    /// The login of whoever can open a socket file.
    fn trusted_by_file(&self) -> Option<Arc<Login>> {
        self.trusted.as_ref().map(|(_, login)| login.clone())
    }

    fn is_proxy(&self, peer: IpAddr) -> bool {
        contains(&self.proxy_from, peer)
    }

    fn may_xclient(&self, address: IpAddr) -> bool {
        contains(&self.xclient_from, address)
    }

    fn may_xforward(&self, address: IpAddr) -> bool {
        contains(&self.xforward_from, address)
    }
}

fn contains(networks: &[Network], address: IpAddr) -> bool {
    networks.iter().any(|network| network.contains(address))
}

#[cfg(test)]
mod tests {
    //! Over real sockets on loopback: TLS, logins, limits, proxies, the end.

    use std::{
        net::SocketAddr,
        sync::Arc,
        time::{Duration, Instant},
    };

    use jiff::Timestamp;
    use tokio::{
        io::{
            AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _,
            BufReader,
        },
        net::TcpStream,
    };

    use super::{tls::client, *};
    use crate::{
        config::{self, Mixed, Refusals, Trusted},
        db::Db,
        login::{Credential, store},
        seal::{Secret, base64},
    };

    const PASSWORD: &str = "a good password";
    /// Nothing here takes longer unless it hangs.
    const PATIENCE: Duration = Duration::from_secs(20);

    struct Scene {
        listening: Listening,
        certificates: Arc<Certificates>,
        folder: tempfile::TempDir,
    }

    /// A relay with one listener on a free port, and the login `shop`.
    async fn scene(change: impl FnOnce(&mut Config)) -> Scene {
        let folder = tempfile::tempdir().unwrap();
        let db =
            Db::open(&format!("sqlite:{}", folder.path().join("test.db").display())).await.unwrap();
        let mut config =
            Config::read("relay.toml", include_str!("../../../config/relay.toml")).unwrap();
        config.tls.certificate = folder.path().join("cert.pem");
        config.tls.key = folder.path().join("key.pem");
        config.limits.idle = PATIENCE;
        config.listeners.truncate(1);
        let listener = &mut config.listeners[0];
        listener.address = SocketAddr::from(([127, 0, 0, 1], 0)).into();
        listener.admits = Admits::Logins;
        listener.plaintext_auth = true;
        change(&mut config);
        let (certificates, _) = Certificates::open_or_create(&config.tls, "mail.example").unwrap();
        let login = Login {
            name: "shop".into(),
            senders: vec!["@shop.cz".into()],
            refusals: Refusals::Reply,
            mixed: Mixed::Split,
        };
        store::add(&db, Timestamp::now(), &login, &Credential::of(PASSWORD).unwrap())
            .await
            .unwrap();
        let logins = Logins::new(db.clone(), &Secret::from_bytes([1; 32]), config.logins);
        let intake = intake(db, folder.path()).await;
        let listening = start(&config, intake, None, logins, Some(certificates.clone())).unwrap();
        Scene { listening, certificates, folder }
    }

    /// An intake with the policy as shipped.
    async fn intake(db: Db, folder: &std::path::Path) -> Intake {
        let business =
            config::Business::read("policy.toml", include_str!("../../../config/policy.toml"))
                .unwrap();
        let secret = Secret::from_bytes([1; 32]);
        let business = Arc::new(arc_swap::ArcSwap::from_pointee(business));
        let consent = crate::consent::Consent::new(db.clone(), secret.clone(), "test");
        let (seen, now) = (crate::login::Seen::new(db.clone(), &secret), Timestamp::now());
        let spool = crate::spool::Spool::open(db, &secret, "test", now).await.unwrap();
        let signer = Arc::new(crate::sign::Signer::load(folder).unwrap());
        let lookup = consent.lookup(PATIENCE);
        let at_once = at_once(&spool, &business, &signer, lookup.clone());
        let schedules = schedules(&business);
        Intake::new(crate::intake::Parts {
            business,
            lookup,
            seen,
            spool,
            at_once,
            handover: crate::spool::handover(1, 1 << 20).0,
            campaigns: crate::decisions::Campaigns::new(&secret),
            samples: crate::sample::Samples::new(&secret, Duration::ZERO),
            secret,
            signer,
            schedules,
            reporter: crate::delivery::Reporter::new("mail.example", Secret::from_bytes([1; 32])),
            hostname: "mail.example".into(),
            links: true,
        })
    }

    fn settings() -> crate::delivery::Settings {
        let text = include_str!("../../../config/relay.toml");
        let delivery = Config::read("relay.toml", text).unwrap().delivery;
        crate::delivery::Settings::of("mail.example", &delivery)
    }

    fn schedules(
        business: &Arc<arc_swap::ArcSwap<config::Business>>,
    ) -> crate::delivery::Schedules {
        crate::delivery::Schedules::new(&settings(), business)
    }

    /// With nobody to hand anything to.
    fn at_once(
        spool: &crate::spool::Spool,
        business: &Arc<arc_swap::ArcSwap<config::Business>>,
        signer: &Arc<crate::sign::Signer>,
        lookup: crate::consent::Lookup,
    ) -> crate::delivery::AtOnce {
        let desk = crate::delivery::Desk {
            lookup,
            business: Arc::clone(business),
            signer: Arc::clone(signer),
            chains: None,
            links: None,
            back: None,
            recipients_max: 100,
            turns: spool.turns(),
        };
        let settler = crate::delivery::Settler {
            spool: spool.clone(),
            reporter: crate::delivery::Reporter::new("mail.example", Secret::from_bytes([1; 32])),
            schedules: schedules(business),
            replies: Arc::new(config::Replies::shipped()),
            business: Arc::clone(business),
            wake: Arc::default(),
        };
        let taken = crate::spool::handover(1, 1 << 20);
        let uncounted = (watch::channel(false).1, Default::default());
        let (spool, taken) = (spool.clone(), (taken.1, taken.2));
        let worker =
            crate::delivery::Worker::new(settings(), spool, desk, settler, taken, uncounted);
        worker.unwrap().at_once()
    }

    fn trust(config: &mut Config, network: &str) {
        let login = Trusted {
            name: "local".into(),
            senders: vec!["@zahrada.example".into()],
            refusals: Refusals::Reply,
            mixed: Mixed::Split,
        };
        let networks = vec![Network::parse(network).unwrap()];
        config.listeners[0].admits = Admits::Trusted { networks, login };
    }

    impl Scene {
        fn address(&self) -> SocketAddr {
            self.listening.addresses()[0].1
        }

        /// Connected, and nothing said or heard.
        async fn silent(&self) -> Client<TcpStream> {
            Client::new(TcpStream::connect(self.address()).await.unwrap())
        }

        async fn client(&self) -> Client<TcpStream> {
            let mut client = self.silent().await;
            assert!(client.hear().await.starts_with("220 "));
            client
        }
    }

    struct Client<S> {
        stream: BufReader<S>,
    }

    impl<S: AsyncRead + AsyncWrite + Unpin> Client<S> {
        fn new(stream: S) -> Self {
            Self { stream: BufReader::new(stream) }
        }

        async fn send(&mut self, bytes: &str) {
            self.stream.write_all(bytes.as_bytes()).await.unwrap();
            self.stream.flush().await.unwrap();
        }

        /// One reply, all its lines.
        async fn hear(&mut self) -> String {
            let mut reply = String::new();
            loop {
                let from = reply.len();
                let read = tokio::time::timeout(PATIENCE, self.stream.read_line(&mut reply)).await;
                if read.expect("a reply in time").unwrap() == 0
                    || reply.get(from + 3..from + 4) != Some("-")
                {
                    return reply;
                }
            }
        }

        async fn say(&mut self, line: &str) -> String {
            self.send(&format!("{line}\r\n")).await;
            self.hear().await
        }

        /// Whether the other side has closed, and not by a reset.
        async fn is_closed(&mut self) -> bool {
            let mut rest = Vec::new();
            let read = tokio::time::timeout(PATIENCE, self.stream.read_to_end(&mut rest)).await;
            read.expect("an end in time").is_ok() && rest.is_empty()
        }
    }

    fn plain(name: &str, password: &str) -> String {
        format!("AUTH PLAIN {}", base64(format!("\0{name}\0{password}").as_bytes()))
    }

    #[tokio::test]
    async fn a_login_is_asked_for_and_checked() {
        let scene = scene(|_| {}).await;
        let mut client = scene.client().await;
        let offers = client.say("EHLO tool.example").await;
        assert!(offers.contains("AUTH ") && !offers.contains("STARTTLS"), "{offers}");
        assert!(client.say("MAIL FROM:<news@shop.cz>").await.starts_with("530 "));
        assert!(client.say(&plain("shop", "a wrong password")).await.starts_with("535 5.7.8"));
        assert!(client.say(&plain("shop", PASSWORD)).await.starts_with("235 "));
        assert!(!client.say("MAIL FROM:<news@shop.cz>").await.starts_with("530 "));
        assert!(client.say("QUIT").await.starts_with("221 "));
        assert!(client.is_closed().await);
    }

    #[tokio::test]
    async fn starttls_upgrades_in_place_and_what_came_before_is_forgotten() {
        let scene = scene(|config| {
            config.listeners[0].mode = Mode::StartTls;
            config.listeners[0].plaintext_auth = false;
        })
        .await;
        let mut client = scene.client().await;
        let offers = client.say("EHLO tool.example").await;
        assert!(offers.contains("STARTTLS") && !offers.contains("AUTH"), "{offers}");
        assert!(!client.say(&plain("shop", PASSWORD)).await.starts_with("235"));
        // Somebody on the way puts a command behind STARTTLS: nobody may ever answer it.
        client.send("STARTTLS\r\nNOOP injected\r\n").await;
        assert!(client.hear().await.starts_with("220 "));
        let (stream, _) = client::connect(client.stream.into_inner()).await;
        let mut client = Client::new(stream);
        assert!(
            client.say("MAIL FROM:<news@shop.cz>").await.starts_with("5"),
            "EHLO was forgotten"
        );
        let offers = client.say("EHLO tool.example").await;
        assert!(offers.starts_with("250-") && !offers.contains("STARTTLS"), "{offers}");
        assert!(client.say(&plain("shop", PASSWORD)).await.starts_with("235 "));
        assert!(client.say("QUIT").await.starts_with("221 "));
        assert!(client.is_closed().await);
    }

    #[tokio::test]
    async fn a_replaced_certificate_is_shown_to_the_next_client() {
        let scene = scene(|config| config.listeners[0].mode = Mode::ImplicitTls).await;
        let connect = async || {
            let (stream, shown) =
                client::connect(TcpStream::connect(scene.address()).await.unwrap()).await;
            let mut client = Client::new(stream);
            assert!(client.hear().await.starts_with("220 "));
            (client, shown)
        };
        let (mut old, first) = connect().await;
        let other = config::Tls {
            certificate: scene.folder.path().join("other.pem"),
            key: scene.folder.path().join("other.key"),
        };
        Certificates::open_or_create(&other, "other.example").unwrap();
        std::fs::copy(&other.certificate, scene.folder.path().join("cert.pem")).unwrap();
        std::fs::copy(&other.key, scene.folder.path().join("key.pem")).unwrap();
        assert!(matches!(scene.certificates.look(), Looked::Replaced));
        let (_, second) = connect().await;
        assert_ne!(first, second);
        assert!(old.say("NOOP").await.starts_with("250 "), "open connections go on");
    }

    #[tokio::test]
    async fn a_handshake_that_is_none_ends_that_connection_alone() {
        let scene = scene(|config| config.listeners[0].mode = Mode::ImplicitTls).await;
        let mut client = scene.silent().await;
        client.send("EHLO tool.example\r\n").await;
        let mut rest = Vec::new();
        client.stream.read_to_end(&mut rest).await.ok();
        assert!(!rest.starts_with(b"220"));
        client::connect(TcpStream::connect(scene.address()).await.unwrap()).await;
    }

    #[tokio::test]
    async fn connections_beyond_the_limits_are_told_and_closed() {
        for (total, per_address, expected) in [(2, 10, "421 4.3.2"), (10, 2, "421 4.7.0")] {
            let scene = scene(|config| {
                config.limits.connections_max = total;
                config.limits.connections_per_address_max = per_address;
            })
            .await;
            let (mut one, _two) = (scene.client().await, scene.client().await);
            let mut three = scene.silent().await;
            assert!(three.hear().await.starts_with(expected));
            assert!(three.is_closed().await);
            assert!(one.say("QUIT").await.starts_with("221"));
            assert!(one.is_closed().await);
            drop(one);
            // The seat is free when the connection's end has been seen.
            let deadline = Instant::now() + PATIENCE;
            while !scene.silent().await.hear().await.starts_with("220") {
                assert!(Instant::now() < deadline);
            }
        }
    }

    #[tokio::test]
    async fn a_silent_client_and_one_that_drips_are_closed() {
        let scene = scene(|config| config.limits.idle = Duration::from_millis(150)).await;
        let mut silent = scene.client().await;
        assert!(silent.hear().await.starts_with("421 4.4.2"));
        assert!(silent.is_closed().await);

        let (reader, mut writer) = scene.client().await.stream.into_inner().into_split();
        let drip = async {
            loop {
                writer.write_all(b"N").await.ok();
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let mut reader = BufReader::new(reader);
        let mut reply = String::new();
        let heard = tokio::time::timeout(PATIENCE, async {
            tokio::select! {
                () = drip => {}
                read = reader.read_line(&mut reply) => { read.unwrap(); }
            }
        });
        heard.await.expect("a reply in time");
        assert!(reply.starts_with("421 4.4.2"), "{reply}");
    }

    #[tokio::test]
    async fn stopping_tells_who_is_between_messages_and_ends() {
        let scene = scene(|_| {}).await;
        let mut fresh = scene.client().await;
        let mut ready = scene.client().await;
        ready.say("EHLO tool.example").await;
        let address = scene.address();
        let stop = tokio::spawn(scene.listening.stop(PATIENCE));
        for client in [&mut fresh, &mut ready] {
            assert!(client.hear().await.starts_with("421 4.3.2"));
            assert!(client.is_closed().await);
        }
        tokio::time::timeout(PATIENCE, stop).await.expect("an end in time").unwrap();
        assert!(TcpStream::connect(address).await.is_err(), "nobody listens any more");
    }

    #[tokio::test]
    async fn a_message_on_its_way_in_is_taken_to_its_end_before_the_relay_stops() {
        let scene = scene(|config| trust(config, "127.0.0.1")).await;
        let mut client = scene.client().await;
        client.say("EHLO tool.example").await;
        let mail = client.say("MAIL FROM:<objednavky@zahrada.example>").await;
        assert!(mail.starts_with("250 "), "{mail}");
        let rcpt = client.say("RCPT TO:<jana@example.cz>").await;
        assert!(rcpt.starts_with("250 "), "{rcpt}");
        assert!(client.say("DATA").await.starts_with("354 "));
        client.send("From: objednavky@zahrada.example\r\nTo: jana@example.cz\r\n").await;
        let address = scene.address();
        let stop = tokio::spawn(scene.listening.stop(PATIENCE));
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect(address).await.is_ok() {
            assert!(Instant::now() < deadline);
        }
        client.send("Subject: Objednavka 7 prijata\r\n\r\nDekujeme.\r\n.\r\n").await;
        let end = client.hear().await;
        assert!(!end.is_empty() && !end.starts_with("421"), "{end}");
        assert!(client.hear().await.starts_with("421 4.3.2"));
        assert!(client.is_closed().await);
        tokio::time::timeout(PATIENCE, stop).await.expect("an end in time").unwrap();
    }

    #[tokio::test]
    async fn a_message_that_never_ends_is_cut_off_at_its_time() {
        let scene = scene(|config| {
            trust(config, "127.0.0.1");
            config.limits.message_time = Duration::from_millis(200);
        })
        .await;
        let mut client = scene.client().await;
        client.say("EHLO tool.example").await;
        // In one packet: the time must not be over before the message begins.
        client
            .send("MAIL FROM:<objednavky@zahrada.example>\r\nRCPT TO:<jana@example.cz>\r\nDATA\r\n")
            .await;
        for expected in ["250 ", "250 ", "354 "] {
            assert!(client.hear().await.starts_with(expected));
        }
        let (reader, mut writer) = client.stream.into_inner().into_split();
        let drip = async {
            loop {
                writer.write_all(b"X: y\r\n").await.ok();
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let mut reply = String::new();
        let mut reader = BufReader::new(reader);
        let heard = tokio::time::timeout(PATIENCE, async {
            tokio::select! {
                () = drip => {}
                read = reader.read_line(&mut reply) => { read.unwrap(); }
            }
        });
        heard.await.expect("a reply in time");
        assert!(reply.starts_with("421 4.4.2"), "{reply}");
    }

    #[tokio::test]
    async fn stopping_waits_no_longer_than_its_grace() {
        let scene = scene(|config| trust(config, "127.0.0.1")).await;
        let mut client = scene.client().await;
        client.say("EHLO tool.example").await;
        client.say("MAIL FROM:<objednavky@zahrada.example>").await;
        scene.listening.stop(Duration::ZERO).await;
        let mut rest = Vec::new();
        client.stream.read_to_end(&mut rest).await.ok();
    }

    #[tokio::test]
    async fn a_proxy_says_who_is_there() {
        let scene = scene(|config| {
            trust(config, "192.0.2.0/24");
            config.listeners[0].proxy_from = vec![Network::parse("127.0.0.1").unwrap()];
        })
        .await;
        for (source, known) in [("192.0.2.7", true), ("198.51.100.7", false)] {
            let mut client = scene.silent().await;
            // What follows the header in the same packet is not lost.
            let header = format!("PROXY TCP4 {source} 127.0.0.1 40000 25\r\n");
            client
                .send(&format!("{header}EHLO tool.example\r\nMAIL FROM:<news@shop.cz>\r\n"))
                .await;
            assert!(client.hear().await.starts_with("220 "));
            assert!(client.hear().await.starts_with("250-"));
            assert_eq!(client.hear().await.starts_with("530 "), !known, "{source}");
        }
        let mut client = scene.silent().await;
        client.send("EHLO tool.example\r\n").await;
        let mut rest = Vec::new();
        client.stream.read_to_end(&mut rest).await.ok();
        assert_eq!(rest, b"", "without a header not a word is said");
    }

    #[tokio::test]
    async fn a_proxys_binary_header_is_read_however_it_is_cut() {
        let scene = scene(|config| {
            trust(config, "192.0.2.0/24");
            config.listeners[0].proxy_from = vec![Network::parse("127.0.0.1").unwrap()];
        })
        .await;
        let header = |command: u8, family: u8, body: &[u8]| {
            let mut bytes = b"\r\n\r\n\0\r\nQUIT\n".to_vec();
            bytes.extend([command, family, 0, u8::try_from(body.len()).unwrap()]);
            bytes.extend(body);
            bytes
        };
        let v4 = |last: u8| [192, 0, 2, last, 127, 0, 0, 1, 0x9c, 0x40, 0, 25];
        let with_tlv = [&v4(8)[..], &[0x04, 0, 3, b'a', b'b', b'c']].concat();
        let v6 = [[0x20; 32].as_slice(), &[0x9c, 0x40, 0, 25]].concat();
        for (header, known) in [
            (header(0x21, 0x11, &v4(7)), true),
            (header(0x21, 0x11, &with_tlv), true),
            (header(0x21, 0x21, &v6), false),
            // Of its own, from its own address.
            (header(0x20, 0x00, &[]), false),
        ] {
            for cut in [header.len(), 1, 12, 16, header.len() - 1] {
                let mut client = scene.silent().await;
                let (first, rest) = header.split_at(cut.min(header.len()));
                client.stream.get_mut().write_all(first).await.unwrap();
                tokio::task::yield_now().await;
                let rest = [rest, b"EHLO tool.example\r\nMAIL FROM:<news@shop.cz>\r\n"].concat();
                client.stream.get_mut().write_all(&rest).await.unwrap();
                assert!(client.hear().await.starts_with("220 "), "{header:?} {cut}");
                assert!(client.hear().await.starts_with("250-"));
                let reply = client.hear().await;
                assert_eq!(!reply.starts_with("530 "), known, "{header:?} {cut} {reply}");
            }
        }
        for broken in [header(0x31, 0x11, &v4(7)), header(0x21, 0x11, &[1]), b"\r\n\r\nX".to_vec()]
        {
            let mut client = scene.silent().await;
            client.stream.get_mut().write_all(&broken).await.unwrap();
            let mut rest = Vec::new();
            client.stream.read_to_end(&mut rest).await.ok();
            assert_eq!(rest, b"", "not a word: {broken:?}");
        }
    }

    #[tokio::test]
    async fn a_proxy_that_has_checked_the_login_names_it() {
        let scene = scene(|config| {
            config.listeners[0].xclient_from = vec![Network::parse("127.0.0.1").unwrap()];
        })
        .await;
        let mut client = scene.client().await;
        assert!(client.say("EHLO proxy.example").await.contains("XCLIENT"));
        assert!(client.say("XCLIENT ADDR=192.0.2.7 LOGIN=nobody").await.starts_with("550 "));
        assert!(client.say("XCLIENT ADDR=192.0.2.7 LOGIN=shop").await.starts_with("220 "));
        client.say("EHLO tool.example").await;
        assert!(!client.say("MAIL FROM:<news@shop.cz>").await.starts_with("530 "));
        // Another client over the same connection brings no login along.
        client.say("RSET").await;
        assert!(client.say("XCLIENT ADDR=192.0.2.8").await.starts_with("220 "));
        client.say("EHLO tool.example").await;
        assert!(client.say("MAIL FROM:<news@shop.cz>").await.starts_with("530 "));
    }

    #[tokio::test]
    async fn xclient_is_for_configured_hosts_alone() {
        let scene = scene(|_| {}).await;
        let mut client = scene.client().await;
        assert!(!client.say("EHLO proxy.example").await.contains("XCLIENT"));
        assert!(client.say("XCLIENT LOGIN=shop").await.starts_with('5'));
    }

    #[tokio::test]
    async fn commands_in_one_packet_are_answered_in_one() {
        let scene = scene(|_| {}).await;
        let mut client = scene.client().await;
        client.send("EHLO tool.example\r\nNOOP\r\nRSET\r\nNOOP\r\nQUIT\r\n").await;
        let mut all = Vec::with_capacity(4096);
        let read = client.stream.get_mut().read_buf(&mut all).await.unwrap();
        assert!(read > 0);
        let all = String::from_utf8(all).unwrap();
        assert!(all.starts_with("250-") && all.contains("\r\n221 "), "{all}");
    }

    #[test]
    fn an_open_relay_is_not_opened() {
        let base = Config::read("relay.toml", include_str!("../../../config/relay.toml")).unwrap();
        let fault_of = |address: &str, mode, plaintext_auth, networks: Option<&[&str]>| {
            let mut config = base.clone();
            match networks {
                None => config.listeners[0].admits = Admits::Logins,
                Some(networks) => {
                    trust(&mut config, "127.0.0.1");
                    if let Admits::Trusted { networks: own, .. } = &mut config.listeners[0].admits {
                        *own = networks.iter().map(|text| Network::parse(text).unwrap()).collect();
                    }
                }
            }
            let listener = &mut config.listeners[0];
            listener.address = Address::Net(address.parse().unwrap());
            listener.mode = mode;
            listener.plaintext_auth = plaintext_auth;
            fault(listener)
        };
        for (address, mode, plaintext_auth, networks, allowed) in [
            ("127.0.0.1:25", Mode::Loopback, true, None, true),
            ("[::1]:25", Mode::Loopback, false, Some(&["0.0.0.0/0"][..]), true),
            ("0.0.0.0:25", Mode::Loopback, false, None, false),
            ("192.0.2.1:25", Mode::Loopback, false, Some(&["192.0.2.0/24"][..]), false),
            ("0.0.0.0:587", Mode::StartTls, false, None, true),
            ("0.0.0.0:587", Mode::StartTls, true, None, false),
            ("0.0.0.0:587", Mode::StartTls, false, Some(&["192.0.2.0/24"][..]), true),
            ("[::]:465", Mode::ImplicitTls, false, Some(&["192.0.2.0/24", "::/0"][..]), false),
            ("[::]:465", Mode::ImplicitTls, false, Some(&["0.0.0.0/0"][..]), false),
        ] {
            let fault = fault_of(address, mode, plaintext_auth, networks);
            assert_eq!(fault.is_none(), allowed, "{address} {mode:?} {fault:?}");
        }
    }
}
