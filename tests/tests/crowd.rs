//! More destinations than connections may be open: unused ones make room for those that are wanted.

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
};

use outside::{
    dns::Dns,
    sink::{Script, Sink},
    souhlas::POLICY,
    store::Fresh,
    worker::{Running, settings},
};
use relay::{
    delivery::{NextHop, Settings, Tls, pace::Limit},
    spool::{Filter, State},
};

const DOMAINS: usize = 200;
const OPEN_MAX: u32 = 10;

#[tokio::test]
async fn on_sqlite() {
    all_get_their_turn(Fresh::sqlite().await).await;
}

#[tokio::test]
async fn on_postgresql() {
    all_get_their_turn(Fresh::postgres().await).await;
}

async fn all_get_their_turn(fresh: Fresh) {
    let (sink, dns) = (Sink::start(Script::modern()).await, Dns::start().await);
    for number in 0..DOMAINS {
        let host = format!("mx.d{number}.test");
        dns.add_mx(&format!("d{number}.test"), 10, &host, IpAddr::V4(Ipv4Addr::LOCALHOST));
    }
    let all =
        Limit { name: "all".into(), connections: Some(OPEN_MAX), is_own: true, ..Limit::default() };
    let running = Running::start_on(
        fresh,
        Settings {
            otherwise: NextHop::Mx { port: sink.address.port(), tls: Tls::Off },
            limits: vec![all],
            ..settings(Some(&dns))
        },
        POLICY,
    )
    .await;
    for number in 0..DOMAINS * 2 {
        let message = running.message("", "From: a@shop.test\r\nSubject: x\r\n\r\nKava.\r\n");
        let to = format!("c{number}@d{}.test", number % DOMAINS);
        let one = running.delivery(&message, &to, State::Ready);
        running.spool.keep(Arc::new(message), vec![one], vec![]).await.unwrap();
    }
    // Long before an unused connection ends by itself, and without one attempt in vain.
    sink.messages(DOMAINS * 2).await;
    assert!(sink.open_max() <= 10, "{}", sink.open_max());
    let left = running.spool.list(&Filter::default(), 1_000).await.unwrap();
    assert!(left.iter().all(|one| one.attempts == 0), "{left:#?}");
}
