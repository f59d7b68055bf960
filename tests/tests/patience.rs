//! How often and how long messages are tried: as the stream says, then its route, then all.

use outside::{
    postgres::Database,
    sink::{Script, Sink},
    souhlas::{POLICY, Setup, Souhlas, wait},
    submit::submit,
};

const ORDERS: &str = "objednavky@kavarna.example";
const CODES: &str = "kody@kavarna.example";
const TO: &str = "jana@posta.example";
const FAR: &str = "petr@daleko.example";

/// Codes to sign in with: a new attempt each second, for a few seconds.
const STREAM: &str = r#"
[stream.kody]
controller = "kavarna"
class = "transactional"
retry = ["1s"]
expires-after = "3s"
[stream.kody.match]
from = ["kody@kavarna.example"]
"#;

fn letter(from: &str, to: &str) -> String {
    format!(
        "From: Kavarna Pod Lipou s.r.o. <{from}>\r\nTo: <{to}>\r\nSubject: Objednavka 1\r\n\
         Date: Mon, 02 Nov 2026 08:00:00 +0100\r\nMessage-ID: <1@kavarna.example>\r\n\r\nDik.\r\n"
    )
}

fn route(name: &str, domain: &str, port: u16, more: &str) -> String {
    format!(
        "[[delivery.route]]\nname = \"{name}\"\ndomains = [\"{domain}\"]\n{more}\
         next-hop = \"smarthost\"\nhost = \"127.0.0.1\"\nport = {port}\ntls = \"off\"\n"
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_has_its_own_patience_and_a_route_too() {
    for database in [None, Some(Database::create())] {
        let sink = Sink::start(Script::modern().reply("RCPT", "451 4.3.2 not now")).await;
        let port = sink.address.port();
        let own = "retry = [\"1s\"]\ndelayed-after = \"1h\"\n";
        let routes = [
            "[delivery]\nretry = [\"1h\"]\n".to_owned(),
            "[[delivery.route]]\nname = \"reports\"\ndomains = [\"kavarna.example\"]\n\
             next-hop = \"capture\"\nfolder = \"data/captured\"\n"
                .to_owned(),
            route("far", "daleko.example", port, own),
        ];
        let mut setup = Setup {
            more: routes.concat(),
            policy: format!("{POLICY}{STREAM}"),
            ..Setup::towards(port)
        };
        if let Some(database) = &database {
            setup.database = database.url.clone();
        }
        tokio::task::block_in_place(|| {
            let relay = Souhlas::start(&setup).unwrap();
            let said = relay.must(&["check"]);
            for line in [
                "route `far`: tried again after 1s; delays are told after 1h",
                "stream `kody`: tried again after 1s; expires after 3s",
            ] {
                assert!(said.contains(line), "{line}: {said}");
            }
            for (from, to) in [(ORDERS, TO), (ORDERS, FAR), (CODES, TO)] {
                assert!(submit(relay.smtp, from, to, &letter(from, to)).starts_with("250"));
            }
            let report = String::from_utf8(relay.wait_for_captured(1).remove(0)).unwrap();
            for part in ["To: <kody@kavarna.example>", "Status: 5.4.7", "X-Souhlas-Reason: expired"]
            {
                assert!(report.contains(part), "{part}: {report}");
            }
            let tried = |who: &str| {
                let lines = sink.lines();
                lines.iter().filter(|line| line.starts_with("RCPT") && line.contains(who)).count()
            };
            wait(|| (tried("petr@") >= 4).then_some(())).expect("the route tries each second");
            // Codes were tried at least twice, orders once: what is not narrowed waits an hour.
            assert!(tried("jana@") >= 3, "{:?}", sink.lines());
            let waiting = relay.must(&["queue", "list"]);
            let jana = waiting.lines().find(|line| line.contains("jana@")).expect("it waits");
            assert!(jana.contains(" 1 "), "tried once: {waiting}");
        });
    }
}
