//! What waits goes another way: by the command line, and after a route is gone.

use outside::{
    postgres::Database,
    sink::{Script, Sink},
    souhlas::{Setup, Souhlas, wait},
    submit::submit,
};

const ORDERS: &str = "objednavky@kavarna.example";
const TO: &str = "jana@posta.example";

fn letter() -> String {
    format!(
        "From: Kavarna Pod Lipou s.r.o. <{ORDERS}>\r\nTo: <{TO}>\r\nSubject: Objednavka 1\r\n\
         Date: Mon, 02 Nov 2026 08:00:00 +0100\r\nMessage-ID: <1@kavarna.example>\r\n\r\nDik.\r\n"
    )
}

/// One to this sink, for a domain that nobody writes to.
fn route(name: &str, domain: &str, sink: &Sink) -> String {
    format!(
        "[[delivery.route]]\nname = \"{name}\"\ndomains = [\"{domain}\"]\n\
         next-hop = \"smarthost\"\nhost = \"127.0.0.1\"\nport = {}\ntls = \"off\"\n",
        sink.address.port()
    )
}

fn only(relay: &Souhlas) -> String {
    let listed = relay.must(&["queue", "list"]);
    let row = listed.lines().nth(1).expect("one waits");
    row.split_whitespace().next().unwrap().to_owned()
}

fn waits(relay: &Souhlas, deferred: usize) {
    let lines = || relay.must(&["journal", "list", "--kind", "deferred", "--json"]);
    wait(|| (lines().lines().count() == deferred).then_some(())).expect("it is put off");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_goes_by_the_route_that_is_ordered_and_by_no_other_host() {
    for database in [None, Some(Database::create())] {
        let away = Sink::start(Script::modern().reply("RCPT", "451 4.3.2 not now")).await;
        let backup = Sink::start(Script::modern()).await;
        let mut setup = Setup::towards(away.address.port());
        if let Some(database) = &database {
            setup.database = database.url.clone();
        }
        let routes = route("backup", "backup.invalid", &backup);
        setup.more = format!("[delivery]\nretry = [\"1h\"]\n{routes}");
        tokio::task::block_in_place(|| {
            let relay = Souhlas::start(&setup).unwrap();
            assert!(submit(relay.smtp, ORDERS, TO, &letter()).starts_with("250"));
            waits(&relay, 1);
            let shown = relay.must(&["queue", "show", &only(&relay)]);
            assert!(shown.contains("route     otherwise\n"), "{shown}");
            let rebind = ["queue", "rebind", "--domain", "posta.example", "--reason", "down"];
            let no = relay.command(&[&rebind[..], &["--to", "mx.evil.example"]].concat());
            let said = String::from_utf8(no.stderr).unwrap();
            assert_eq!(no.status.code(), Some(1), "{said}");
            assert!(said.contains("one of `backup`, `otherwise`, `default`"), "{said}");
            let to = ["--to", "backup"];
            let said = relay.must(&[&rebind[..], &to, &["--dry-run"]].concat());
            assert!(said.contains("1 wait there"), "{said}");
            assert_eq!(backup.count(), 0);
            let said = relay.must(&[&rebind[..], &to].concat());
            assert!(said.contains("1 go by `backup` now"), "{said}");
            wait(|| (backup.count() == 1).then_some(())).expect("it goes the other way");
            wait(|| relay.command(&["queue", "domains"]).stdout.is_empty().then_some(())).unwrap();
            let lines = relay.must(&["journal", "list", "--kind", "delivered", "--json"]);
            assert!(lines.contains("\"attempt\":2"), "{lines}");
        });
        assert!(away.taken().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_route_that_is_gone_leaves_the_choice_to_the_file_and_the_log_says_so() {
    let away = Sink::start(Script::modern().reply("RCPT", "451 4.3.2 not now")).await;
    let sink = Sink::start(Script::modern()).await;
    let mut setup = Setup::towards(sink.address.port());
    let lost = route("lost", "lost.invalid", &away);
    let all = route("all", "posta.example", &away);
    setup.more = format!("[delivery]\nretry = [\"1h\"]\n{all}{lost}");
    tokio::task::block_in_place(|| {
        let mut relay = Souhlas::start(&setup).unwrap();
        assert!(submit(relay.smtp, ORDERS, TO, &letter()).starts_with("250"));
        waits(&relay, 1);
        let id = only(&relay);
        relay.must(&["queue", "rebind", &id, "--to", "lost", "--reason", "x"]);
        waits(&relay, 2);
        let shown = relay.must(&["queue", "show", &id]);
        assert!(shown.contains("route     lost, by order\n"), "{shown}");
        relay.kill().unwrap();
        let file = relay.path("config/relay.toml");
        let text = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, text.replace(&all, "").replace(&lost, "")).unwrap();
        relay.restart().unwrap();
        wait(|| relay.said().contains("ordered to a route that relay.toml has not").then_some(()))
            .expect("the log says so");
        let shown = relay.must(&["queue", "show", &id]);
        assert!(
            shown.contains("otherwise; ordered to `lost`, which relay.toml has not"),
            "{shown}"
        );
        relay.must(&["queue", "retry", &id]);
        wait(|| (sink.count() == 1).then_some(())).expect("it goes as the file chooses");
    });
}
