//! How fast the delivery worker goes, and to whom: limits, what a provider's signs do to them, and that
//! who has to wait keeps nobody else back. Against scripted servers on a real spool.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use outside::{
    console::{Browser, WITHOUT_FACTOR},
    dns::Dns,
    sink::{Does, PATIENCE, Script, Sink},
    souhlas::{POLICY, Setup, Souhlas, wait},
    store::Fresh,
    submit::submit,
    worker::{Running, route, settings, smarthost, to_sink},
};
use relay::{
    db::Db,
    delivery::{
        Credentials, NextHop, Settings, Smarthost, Tls,
        pace::{By, Limit, Pace, Rate, WarmUp},
        source::Source,
        via::Via,
    },
    journal::{self, Kind},
    spool::{Delivery, Filter, State},
};

const PLAIN: &str = "From: a@shop.test\r\nSubject: x\r\n\r\n.body\r\n";
const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

fn limit(name: &str, each: &[By]) -> Limit {
    Limit { name: name.into(), each: each.to_vec(), ..Limit::default() }
}

fn rate(count: u32, per: SignedDuration) -> Option<Pace> {
    Some(Pace::Steady(Rate { count, per }))
}

/// Domains whose mail goes to one host of a provider, at the sink's port.
async fn provided(sink: &Sink, domains: usize) -> (Dns, Settings) {
    let dns = Dns::start().await;
    for number in 0..domains {
        dns.add_mx(&format!("d{number}.test"), 10, "mx.provider.test", LOOPBACK);
    }
    let otherwise = NextHop::Mx { port: sink.address.port(), tls: Tls::Off };
    let settings = Settings { otherwise, ..settings(Some(&dns)) };
    (dns, settings)
}

async fn waiting(running: &Running) -> Vec<Delivery> {
    running.spool.list(&Filter::default(), 1_000).await.unwrap()
}

/// Until the spool looks like this.
async fn until(running: &Running, holds: impl Fn(&[Delivery]) -> bool) -> Vec<Delivery> {
    let started = Instant::now();
    loop {
        let list = waiting(running).await;
        if holds(&list) {
            return list;
        }
        assert!(started.elapsed() < PATIENCE, "{list:#?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn kinds(db: &Db) -> Vec<Kind> {
    let lines = journal::list(db, &journal::Filter::default(), 1_000).await.unwrap();
    lines.into_iter().map(|line| line.event.kind).collect()
}

#[tokio::test]
async fn a_rate_is_kept_and_costs_no_attempt() {
    let sink = Sink::start(Script::modern()).await;
    let own = Limit { rate: rate(5, SignedDuration::from_secs(1)), ..limit("own", &[]) };
    let running = Running::start(Settings { limits: vec![own], ..to_sink(&sink) }, POLICY).await;
    let started = Instant::now();
    for number in 0..15 {
        running.send(PLAIN, &[&format!("c{number}@shop.test")]).await;
    }
    sink.messages(15).await;
    // The first five at once, then one each 200 ms.
    assert!(started.elapsed() >= Duration::from_millis(1_900), "{:?}", started.elapsed());
    let fresh = running.stop().await;
    assert_eq!(kinds(&fresh.db).await, [Kind::Delivered; 15]);
}

#[tokio::test]
async fn what_a_rate_leaves_waits_in_the_spool_each_for_its_turn() {
    let sink = Sink::start(Script::modern()).await;
    let own = Limit { rate: rate(1, SignedDuration::from_mins(10)), ..limit("own", &[]) };
    let running = Running::start(Settings { limits: vec![own], ..to_sink(&sink) }, POLICY).await;
    let mut message = running.message("", PLAIN);
    message.class = policy::Class::Commercial;
    // One message to several: one may go.
    let to = |number: usize| format!("c{number}@shop.test");
    let all = (0..4).map(|number| running.delivery(&message, &to(number), State::Claimed));
    let all = all.collect();
    running.hand_over(message, all).await;
    let left =
        until(&running, |list| list.len() == 3 && list.iter().all(|one| one.state == State::Ready));
    let mut left = left.await;
    assert_eq!(sink.count(), 1);
    left.sort_by_key(|one| one.due_at);
    let now = Timestamp::now();
    for (at, one) in left.iter().enumerate() {
        assert_eq!((one.attempts, one.last.as_deref()), (0, Some("rate-reached")));
        let minutes = one.due_at.duration_since(now).as_mins();
        let turn = i64::try_from(at + 1).unwrap() * 10;
        assert!((turn - 1..=turn).contains(&minutes), "{at}: in {minutes} minutes");
    }
    running.stop().await;
}

#[tokio::test]
async fn domains_at_one_provider_count_together() {
    let sink = Sink::start(Script::modern()).await;
    let (_dns, settings) = provided(&sink, 30).await;
    let own = Limit { connections: Some(2), ..limit("own", &[By::Provider]) };
    let running = Running::start(Settings { limits: vec![own], ..settings }, POLICY).await;
    for number in 0..90 {
        running.send(PLAIN, &[&format!("c@d{}.test", number % 30)]).await;
    }
    sink.messages(90).await;
    assert!(sink.open_max() <= 2, "{} connections at the same time", sink.open_max());
    let fresh = running.stop().await;
    assert_eq!(kinds(&fresh.db).await, [Kind::Delivered; 90]);
}

#[tokio::test]
async fn streams_are_told_apart_where_a_limit_does() {
    let sink = Sink::start(Script::modern()).await;
    let slow = Limit {
        streams: vec!["objednavky".into()],
        rate: rate(1, SignedDuration::from_hours(1)),
        ..limit("slow", &[])
    };
    let running = Running::start(Settings { limits: vec![slow], ..to_sink(&sink) }, POLICY).await;
    for number in 0..4 {
        let order = running.message(
            "objednavky",
            "From: objednavky@kavarna.example\r\nSubject: Objednavka\r\n\r\nZitra.\r\n",
        );
        let list = vec![running.delivery(&order, &format!("o{number}@shop.test"), State::Claimed)];
        running.hand_over(order, list).await;
        running.send(PLAIN, &[&format!("r{number}@shop.test")]).await;
    }
    sink.messages(5).await;
    let left = until(&running, |list| list.len() == 3);
    assert!(left.await.iter().all(|one| one.recipient.path.local.starts_with('o')));
    running.stop().await;
}

#[tokio::test]
async fn a_connection_carries_as_many_messages_as_a_limit_says() {
    let sink = Sink::start(Script::modern().once("CONNECT", Does::Wait)).await;
    let own = Limit { messages_per_connection: Some(3), ..limit("own", &[]) };
    let settings = Settings { limits: vec![own], connections_max: 1, ..to_sink(&sink) };
    let running = Running::start(settings, POLICY).await;
    for number in 0..20 {
        running.send(PLAIN, &[&format!("c{number}@shop.test")]).await;
    }
    // By now a connection could take them all.
    while sink.count() < 20 {
        sink.release();
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let taken = sink.messages(20).await;
    for connection in 0..sink.connections() {
        assert!(taken.iter().filter(|one| one.connection == connection).count() <= 3);
    }
    running.stop().await;
}

#[tokio::test]
async fn no_more_are_on_their_way_than_a_limit_says() {
    let sink = Sink::start(Script::modern().on("MAIL", Does::Wait)).await;
    let own = Limit { at_once: Some(2), ..limit("own", &[]) };
    let running = Running::start(Settings { limits: vec![own], ..to_sink(&sink) }, POLICY).await;
    for number in 0..8 {
        running.send(PLAIN, &[&format!("c{number}@shop.test")]).await;
    }
    let begun = |sink: &Sink| sink.lines().iter().filter(|line| line.starts_with("MAIL")).count();
    sink.until("one begun", |sink| begun(sink) >= 1).await;
    for over in 1..=8 {
        // Whoever waits is let go on, again and again: another one begins for each that ends.
        while sink.count() < over {
            assert!(begun(&sink) <= sink.count() + 2);
            sink.release();
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
    running.stop().await;
}

#[tokio::test]
async fn a_provider_that_says_not_so_fast_is_left_alone_for_a_while() {
    let script = Script::modern().once("MAIL", Does::Reply("450 4.7.0 not so fast".into()));
    let sink = Sink::start(script).await;
    let (_dns, settings) = provided(&sink, 2).await;
    let own = Limit { connections: Some(8), ..limit("own", &[By::Provider]) };
    let running = Running::start(Settings { limits: vec![own], ..settings }, POLICY).await;
    running.send(PLAIN, &["first@d0.test"]).await;
    until(&running, |list| list.iter().any(|one| one.attempts == 1)).await;
    let started = Instant::now();
    // To another domain of the same provider: it waits, and was not tried.
    running.send(PLAIN, &["second@d1.test"]).await;
    let put_off = until(&running, |list| {
        list.iter().any(|one| one.recipient.path.local == "second" && one.state == State::Ready)
    });
    let second = put_off.await;
    let second = second.iter().find(|one| one.recipient.path.local == "second").unwrap();
    let why = "slowed-down";
    assert_eq!((second.attempts, second.last.as_deref()), (0, Some(why)));
    sink.messages(1).await;
    assert!(started.elapsed() > Duration::from_secs(1), "{:?}", started.elapsed());
    let fresh = running.stop().await;
    let mut kinds = kinds(&fresh.db).await;
    kinds.sort_unstable_by_key(|kind| *kind as u8);
    assert_eq!(kinds, [Kind::Delivered, Kind::Deferred]);
}

#[tokio::test]
async fn a_slow_destination_keeps_no_fast_one_back() {
    let slow = Sink::start(Script::modern().on("CONNECT", Does::Wait)).await;
    let fast = Sink::start(Script::modern()).await;
    // A provider of its own: connections to one address count together, whatever the port.
    let dns = Dns::start().await;
    dns.add_mx("slow.test", 10, "mx.slow.test", Ipv4Addr::LOCALHOST.into());
    let next_hop = NextHop::Mx { port: slow.address.port(), tls: Tls::Off };
    let settings = Settings {
        routes: vec![route("slow.test", next_hop)],
        otherwise: to_sink(&fast).otherwise,
        in_flight_max: 40,
        ..settings(Some(&dns))
    };
    let running = Running::start(settings, POLICY).await;
    // Many more than there is memory for, all due before the others.
    for (count, domain) in [(200, "slow.test"), (50, "fast.test")] {
        for number in 0..count {
            let message = running.message("", PLAIN);
            let to = format!("c{number}@{domain}");
            let list = vec![running.delivery(&message, &to, State::Ready)];
            running.spool.keep(Arc::new(message), list, Vec::new()).await.unwrap();
        }
    }
    fast.messages(50).await;
    assert_eq!(slow.count(), 0);
    slow.rewrite(Script::modern());
    slow.release();
    running.stop().await;
}

#[tokio::test]
async fn each_source_has_its_address_its_name_and_its_share() {
    let sink = Sink::start(Script::modern()).await;
    let source = |last: u8, name: &str, weight| {
        Arc::new(Source {
            name: name.into(),
            four: Some(Ipv4Addr::new(127, 0, 0, last)),
            hello: Some(format!("{name}.relay.test")),
            weight,
            ..Source::default()
        })
    };
    let otherwise_sources = vec![source(2, "one", 3), source(3, "two", 1)];
    let settings = Settings { otherwise_sources, ..to_sink(&sink) };
    let running = Running::start(settings, POLICY).await;
    for number in 0..60 {
        running.send(PLAIN, &[&format!("c{number}@shop.test")]).await;
    }
    let taken = sink.messages(60).await;
    let from = |last, hello| {
        let address = IpAddr::V4(Ipv4Addr::new(127, 0, 0, last));
        taken.iter().filter(|one| one.from == address && one.hello == hello).count()
    };
    let (one, two) = (from(2, "one.relay.test"), from(3, "two.relay.test"));
    assert_eq!(one + two, 60);
    assert!(one > two && two > 0, "{one} {two}");
    running.stop().await;
}

#[tokio::test]
async fn a_new_address_sends_as_many_as_its_plan_says_and_others_send_the_rest() {
    let sink = Sink::start(Script::modern()).await;
    let source = |last: u8, name: &str, weight| {
        let four = Some(Ipv4Addr::new(127, 0, 0, last));
        Arc::new(Source { name: name.into(), four, weight, ..Source::default() })
    };
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let plan = WarmUp { from: today, days: vec![2, 2] };
    let limits = vec![Limit {
        sources: vec!["new".into()],
        rate: Some(Pace::WarmUp(plan)),
        ..limit("warm-up new", &[])
    }];
    let otherwise_sources = vec![source(2, "new", 1_000), source(3, "old", 1)];
    let settings = Settings { otherwise_sources, limits, ..to_sink(&sink) };
    let running = Running::start(settings, POLICY).await;
    for number in 0..20 {
        running.send(PLAIN, &[&format!("c{number}@shop.test")]).await;
        // One after the other, so that each one meets what the one before has left.
        sink.messages(number + 1).await;
    }
    let new = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));
    assert_eq!(sink.taken().iter().filter(|one| one.from == new).count(), 1);
    running.stop().await;
}

#[tokio::test]
async fn a_dead_smarthost_is_passed_over_and_nothing_bounces() {
    let (first, spare) = (Sink::start(Script::closed()).await, Sink::start(Script::modern()).await);
    let dead = Smarthost { port: outside::port::free().unwrap(), ..smarthost(&first) };
    let hosts = vec![
        Smarthost { order: 3, ..smarthost(&spare) },
        Smarthost { order: 2, ..smarthost(&first) },
        dead,
    ];
    let otherwise = NextHop::Smarthosts(Arc::new(hosts));
    let running = Running::start(Settings { otherwise, ..settings(None) }, POLICY).await;
    for number in 0..10 {
        running.send(PLAIN, &[&format!("c{number}@shop.test")]).await;
    }
    spare.messages(10).await;
    // It is asked once, and then left alone for a while.
    assert!(first.connections() <= 4, "{}", first.connections());
    let fresh = running.stop().await;
    assert_eq!(kinds(&fresh.db).await, [Kind::Delivered; 10]);
}

#[tokio::test]
async fn what_a_spare_smarthost_takes_counts_as_its_own() {
    let sink = Sink::start(Script::modern()).await;
    let port = outside::port::free().unwrap();
    let dead = Smarthost { host: "127.0.0.2".into(), port, ..smarthost(&sink) };
    let spare = Smarthost { order: 2, ..smarthost(&sink) };
    let towards = |host: &str, each| {
        let hosts = vec![host.to_owned()];
        Limit { hosts, rate: rate(each, SignedDuration::from_hours(1)), ..limit(host, &[]) }
    };
    for (limited, goes) in [("127.0.0.2", true), ("127.0.0.1", false)] {
        let otherwise = NextHop::Smarthosts(Arc::new(vec![dead.clone(), spare.clone()]));
        let limits = vec![towards(limited, 1)];
        let running =
            Running::start(Settings { otherwise, limits, ..settings(None) }, POLICY).await;
        let before = sink.count();
        running.send(PLAIN, &["a@shop.test"]).await;
        sink.messages(before + 1).await;
        // Over the same connection, where the limit of the host that it is to lets it.
        running.send(PLAIN, &["b@shop.test"]).await;
        if goes {
            sink.messages(before + 2).await;
        } else {
            let one = until(&running, |list| list.iter().any(|one| one.last.is_some())).await;
            assert_eq!(one[0].last.as_deref(), Some("rate-reached"));
            assert_eq!(sink.count(), before + 1);
        }
        running.stop().await;
    }
}

#[tokio::test]
async fn relays_on_one_postgres_share_rates_and_connections() {
    let sink = Sink::start(Script::modern().on(".", Does::Wait)).await;
    let limits = vec![
        Limit { connections: Some(1), ..limit("one", &[]) },
        Limit { rate: rate(3, SignedDuration::from_hours(1)), ..limit("few", &[]) },
    ];
    let first = Fresh::postgres().await;
    let second = first.beside().await;
    let settings = |name: &str| {
        let (hostname, limits) = (name.to_owned(), limits.clone());
        Settings { hostname, limits, idle: Duration::from_millis(100), ..to_sink(&sink) }
    };
    let one = Running::start_on(first, settings("one.test"), POLICY).await;
    let other = Running::start_on(second, settings("other.test"), POLICY).await;
    for number in 0..3 {
        one.send(PLAIN, &[&format!("a{number}@shop.test")]).await;
        other.send(PLAIN, &[&format!("b{number}@shop.test")]).await;
    }
    // The rate's first one; the next would be 20 minutes later.
    sink.until("one is on its way", |sink| sink.lines().iter().any(|line| line == "DATA")).await;
    let put_off = |one: &Delivery| one.state == State::Ready && one.last.is_some();
    let started = Instant::now();
    loop {
        sink.release();
        let list = waiting(&one).await;
        if list.iter().filter(|one| put_off(one)).count() == 5 && list.len() == 5 {
            break;
        }
        assert!(started.elapsed() < PATIENCE, "{list:#?}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!((sink.count(), sink.open_max()), (1, 1));
    let _ = (one.stop().await, other.stop().await);
}

/// A program that is killed when the test ends.
struct Child(std::process::Child);

impl Child {
    fn start(program: &str, arguments: &[&str]) -> Self {
        let mut command = std::process::Command::new(program);
        let quiet = std::process::Stdio::null;
        let child = command.args(arguments).stdout(quiet()).stderr(quiet()).spawn();
        Self(child.unwrap_or_else(|_| panic!("{program} is missing: run tests/run")))
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn by(via: Via) -> Vec<Arc<Source>> {
    let four = Some(Ipv4Addr::new(127, 0, 0, 2));
    vec![Arc::new(Source { name: "by".into(), four, weight: 1, via, ..Source::default() })]
}

#[tokio::test]
async fn a_source_may_leave_by_socks() {
    let sink = Sink::start(Script::modern()).await;
    let at: SocketAddr = ([127, 0, 0, 1], outside::port::free().unwrap()).into();
    let port = at.port().to_string();
    // What leaves through it has an address of its own.
    let own = ["-i", "127.0.0.1", "-p", &port, "-b", "127.0.0.9", "-u", "souhlas", "-P", "tajne"];
    let _socks = Child::start("microsocks", &own);
    outside::bench::load::wait_for(at).unwrap();
    for (password, arrives) in [("spatne", false), ("tajne", true)] {
        let login = Credentials { user: "souhlas".into(), password: password.into() };
        let otherwise_sources = by(Via::Socks { at, login: Some(login) });
        let settings = Settings { otherwise_sources, ..to_sink(&sink) };
        let running = Running::start(settings, POLICY).await;
        running.send(PLAIN, &["b@shop.test"]).await;
        if arrives {
            let taken = sink.messages(1).await;
            assert_eq!(taken[0].from, IpAddr::V4(Ipv4Addr::new(127, 0, 0, 9)));
        } else {
            let list = until(&running, |list| list.iter().any(|one| one.attempts == 1)).await;
            let last = list[0].last.clone().unwrap();
            assert_eq!(last, "unreachable: the socks server does not take the login");
        }
        running.stop().await;
    }
}

#[tokio::test]
async fn a_source_may_leave_by_haproxy() {
    let sink = Sink::start(Script::modern()).await;
    let folder = tempfile::tempdir().unwrap();
    let at: SocketAddr = ([127, 0, 0, 1], outside::port::free().unwrap()).into();
    // Connects to wherever the header says.
    let config = format!(
        "defaults\n mode tcp\n timeout connect 5s\n timeout client 30s\n timeout server 30s\n\
         listen out\n bind {at} accept-proxy\n server any 0.0.0.0:0 source 127.0.0.8\n"
    );
    let file = folder.path().join("haproxy.cfg");
    std::fs::write(&file, config).unwrap();
    let _haproxy = Child::start("haproxy", &["-db", "-f", file.to_str().unwrap()]);
    outside::bench::load::wait_for(at).unwrap();
    let settings = Settings { otherwise_sources: by(Via::Proxy(at)), ..to_sink(&sink) };
    let running = Running::start(settings, POLICY).await;
    running.send(PLAIN, &["b@shop.test"]).await;
    let taken = sink.messages(1).await;
    assert_eq!(taken[0].from, IpAddr::V4(Ipv4Addr::new(127, 0, 0, 8)));
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_slowed_down_is_listed() {
    let sink = Sink::start(Script::modern().reply("MAIL", "450 4.7.0 too fast")).await;
    let more =
        "[[delivery.pace]]\nname = \"seznam\"\nhosts = [\"127.0.0.1\"]\nrate = \"100/min\"\n";
    let web = WITHOUT_FACTOR.into();
    let setup = Setup { more: more.into(), web, ..Setup::towards(sink.address.port()) };
    tokio::task::spawn_blocking(move || {
        let relay = Souhlas::start(&setup).unwrap();
        assert_eq!(relay.must(&["queue", "slowed"]), "");
        let text = "From: objednavky@kavarna.example\r\nTo: jana@posta.example\r\n\
                    Subject: Objednavka 117\r\n\r\nDobry den, objednavku odesleme zitra.\r\n";
        submit(relay.smtp, "objednavky@kavarna.example", "jana@posta.example", text);
        let listed =
            wait(|| Some(relay.must(&["queue", "slowed"])).filter(|text| !text.is_empty()));
        let listed = listed.expect("it asked for a slower pace");
        assert!(listed.contains("127.0.0.1") && listed.contains("2 times"), "{listed}");
        let page = Browser::first(&relay).get("/queue").text;
        assert!(page.contains("asked for a slower pace") && page.contains("2×"), "{page}");
    })
    .await
    .unwrap();
}
