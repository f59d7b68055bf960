//! The queue: what waits where, and orders to pause, try and give up.

use outside::{
    console::{Browser, WITHOUT_FACTOR, heading, on_both},
    port,
    souhlas::{POLICY, Setup, Souhlas, wait},
    submit::{submit, submit_to_all},
};

const SHOP: &str = "objednavky@kavarna.example";
const ORDER: &str = "From: Kavarna <objednavky@kavarna.example>\r\nTo: nekdo@posta.example\r\n\
    Subject: Objednavka 4711\r\nDate: Mon, 02 Nov 2026 08:00:00 +0100\r\n\
    Message-ID: <4711@kavarna.example>\r\nMIME-Version: 1.0\r\n\
    Content-Type: text/plain; charset=utf-8\r\n\r\nPrijali jsme vasi objednavku.\r\n";

/// Another controller.
const OTHER: &str = r#"
[controller.jiny]
name = "Jiný obchod s.r.o."
country = "CZ"
domains = ["jiny.example"]
"#;

/// Nobody is at `nikdo.example`; whatever else is written to is there.
pub(crate) fn towards_nobody() -> String {
    format!(
        "[delivery]\nretry = [\"1h\"]\n[[delivery.route]]\nname = \"away\"\n\
         domains = [\"nikdo.example\"]\nnext-hop = \"smarthost\"\nhost = \"127.0.0.1\"\n\
         port = {}\ntls = \"off\"\n",
        port::free().unwrap()
    )
}

pub(crate) fn send(relay: &Souhlas, to: &[&str]) {
    let said = submit_to_all(relay.smtp, SHOP, to, ORDER, || ());
    assert!(said.starts_with("250 "), "{said}");
}

pub(crate) fn deferred(relay: &Souhlas, count: usize) {
    let lines = || relay.must(&["journal", "list", "--kind", "deferred", "--json"]);
    wait(|| (lines().lines().count() == count).then_some(())).expect("nobody is there");
}

fn order(browser: &mut Browser, about: &str, what: &str, more: &[(&str, &str)]) {
    let path = format!("/queue/order?{about}");
    let page = browser.get(&path);
    assert_eq!(heading(&page), "An order about the queue", "{}", page.text);
    let fields = [&[("what", what), ("reason", "server je mimo"), ("for", "")], more].concat();
    let page = browser.post(&path, &fields);
    assert!(page.text.contains("The order is given"), "{}", page.text);
}

/// Where the form is that ends the first order.
fn ending(browser: &mut Browser) -> String {
    let page = browser.get("/queue");
    let form = page.text.split("action=\"/queue/orders/").nth(1).expect("an order is under way");
    format!("/queue/orders/{}", form.split('"').next().unwrap())
}

#[test]
fn a_paused_domain_waits_through_a_restart_blocks_nobody_and_goes_on() {
    on_both(|setup| {
        let mut relay = Souhlas::start(&setup).unwrap();
        let mut admin = Browser::first(&relay);
        order(&mut admin, "domain=Posta.example", "pause", &[]);
        // The relay looks for orders once a second.
        let paused = |relay: &Souhlas| {
            relay.must(&["queue", "list", "--domain", "posta.example"]).lines().count() > 1
        };
        let mut sent = 0;
        wait(|| {
            sent += 1;
            send(&relay, &["jana@posta.example", "petr@volny.example"]);
            relay.wait_for_captured(sent);
            std::thread::sleep(std::time::Duration::from_millis(300));
            (paused(&relay) || sent > 20).then_some(())
        })
        .unwrap();
        relay.kill_and_restart().unwrap();
        let mut admin = Browser { at: relay.console, ..admin };
        let captured = relay.captured().len();
        send(&relay, &["jana@posta.example", "petr@volny.example"]);
        relay.wait_for_captured(captured + 1);
        assert_eq!(relay.captured().len(), captured + 1, "it holds after a restart");
        let page = admin.get("/queue?domain=posta.example").text;
        assert!(
            page.contains("server je mimo") && page.contains("until somebody ends it"),
            "{page}"
        );
        let each = admin.get("/queue/each?state=paused").text;
        assert!(each.contains("jana@posta.example") && !each.contains("petr@"), "{each}");
        assert_eq!(relay.must(&["queue", "orders"]).matches("pause").count(), 1);
        let waiting = each.matches("jana@posta.example").count();
        let end = ending(&mut admin);
        let page = admin.post(&end, &[]);
        assert!(page.text.contains("The order is ended"), "{}", page.text);
        relay.wait_for_captured(captured + 1 + waiting);
        let domains = || relay.command(&["queue", "domains"]);
        wait(|| domains().stdout.is_empty().then_some(())).expect("the queue is empty");
        assert_eq!(admin.post_as_is(&end, &[]).status, 410, "once");
        for act in ["queue-ordered", "queue-order-ended"] {
            let trail = admin.get(&format!("/audit?act={act}")).text;
            assert!(trail.contains("order/") && !trail.contains("Posta.example"), "{act}: {trail}");
        }
    });
}

#[test]
fn what_is_given_up_leaves_with_one_report_for_its_sender() {
    on_both(|setup| {
        let setup = Setup { more: towards_nobody(), ..setup };
        let relay = Souhlas::start(&setup).unwrap();
        let mut admin = Browser::first(&relay);
        send(&relay, &["jana@nikdo.example", "petr@nikdo.example"]);
        deferred(&relay, 2);
        let page = admin.get("/queue").text;
        assert!(page.contains("nikdo.example") && page.contains("no connection"), "{page}");
        order(&mut admin, "domain=nikdo.example", "bounce", &[]);
        let report = String::from_utf8(relay.wait_for_captured(1).remove(0)).unwrap();
        for said in ["jana@nikdo.example", "petr@nikdo.example", "Status: 5.0.0", "Action: failed"]
        {
            assert!(report.contains(said), "{said}: {report}");
        }
        assert!(!report.contains("server je mimo"), "why is not the sender's to know");
        let lines = relay.must(&["journal", "list", "--kind", "bounced", "--json"]);
        assert_eq!(lines.matches("server je mimo").count(), 2, "{lines}");
        assert!(lines.contains("\"by\":\"staff/"), "{lines}");
        wait(|| admin.get("/queue").text.contains("Nothing waits").then_some(())).expect("empty");
        assert_eq!(relay.captured().len(), 1, "one for both");
    });
}

#[test]
fn why_something_waits_is_one_word_everywhere_and_a_sentence_to_staff() {
    on_both(|setup| {
        let setup = Setup { more: towards_nobody(), ..setup };
        let relay = Souhlas::start(&setup).unwrap();
        let mut admin = Browser::first(&relay);
        send(&relay, &["jana@nikdo.example"]);
        deferred(&relay, 1);
        let listed = relay.must(&["queue", "list"]);
        assert!(listed.contains(" unreachable: "), "{listed}");
        let line = relay.must(&["journal", "list", "--kind", "deferred", "--json"]);
        assert!(line.contains("\"reason\":\"unreachable\""), "{line}");
        for (language, said) in [
            ("cs", "k serveru se nelze připojit ("),
            ("sk", "k serveru sa nedá pripojiť ("),
            ("en", "no connection to the server ("),
        ] {
            admin.post("/language", &[("language", language), ("then", "/own")]);
            for path in ["/queue", "/queue/each"] {
                let page = admin.get(path).text;
                assert!(page.contains(said) && !page.contains("unreachable"), "{path}: {page}");
            }
        }
    });
}

#[test]
fn what_is_ordered_another_way_leaves_by_it_at_once() {
    on_both(|setup| {
        let setup = Setup { more: towards_nobody(), ..setup };
        let relay = Souhlas::start(&setup).unwrap();
        let mut admin = Browser::first(&relay);
        send(&relay, &["jana@nikdo.example", "petr@nikdo.example"]);
        deferred(&relay, 2);
        let about = "/queue/order?domain=nikdo.example";
        let page = admin.get(about).text;
        for way in ["away", "otherwise", "default"] {
            assert!(page.contains(&format!("<option value=\"{way}\"")), "{way}: {page}");
        }
        let fields = [("what", "rebind"), ("reason", "x"), ("for", ""), ("to", "elsewhere.cz")];
        assert_eq!(admin.post_as_is(about, &fields).status, 400, "no free hosts");
        order(&mut admin, "domain=nikdo.example", "rebind", &[("to", "otherwise")]);
        let captured = relay.wait_for_captured(1).concat();
        let captured = String::from_utf8(captured).unwrap();
        assert!(captured.contains("Objednavka 4711"), "{captured}");
        let lines = || relay.must(&["journal", "list", "--kind", "delivered", "--json"]);
        wait(|| (lines().lines().count() == 2).then_some(())).expect("both left");
        let page = admin.get("/queue").text;
        assert!(page.contains("Send another way: the one for everything else"), "{page}");
        let trail = admin.get("/audit?act=queue-ordered").text;
        assert!(trail.contains("rebind") && trail.contains("otherwise"), "{trail}");
    });
}

#[test]
fn what_expires_while_it_is_paused_goes_back_to_its_sender() {
    let more = "[delivery]\nexpires-after = \"2s\"\ncommercial-expires-after = \"2s\"\n".to_owned();
    let setup = Setup { web: WITHOUT_FACTOR.into(), more, ..Setup::default() };
    let relay = Souhlas::start(&setup).unwrap();
    let said = relay.must(&[
        "queue",
        "pause",
        "--domain",
        "posta.example",
        "--reason",
        "test",
        "--for",
        "1h",
    ]);
    assert!(said.contains("souhlas queue resume"), "{said}");
    std::thread::sleep(std::time::Duration::from_millis(1_500));
    send(&relay, &["jana@posta.example"]);
    let report = String::from_utf8(relay.wait_for_captured(1).remove(0)).unwrap();
    assert!(
        report.contains("Status: 5.4.7") && report.contains("paused until it expired"),
        "{report}"
    );
}

#[test]
fn each_sees_what_it_may_and_an_admin_alone_gives_orders() {
    let setup = Setup {
        web: WITHOUT_FACTOR.into(),
        more: towards_nobody(),
        policy: format!("{POLICY}{OTHER}"),
        ..Setup::default()
    };
    let relay = Souhlas::start(&setup).unwrap();
    let mut admin = Browser::first(&relay);
    send(&relay, &["jana@nikdo.example"]);
    deferred(&relay, 1);
    let about = "/queue/order?domain=nikdo.example";
    let mut reviewer = Browser::with_roles(&relay, "petr", &["reviewer"]);
    let page = reviewer.get("/queue").text;
    assert!(page.contains("nikdo.example") && !page.contains("/queue/order"), "{page}");
    assert_eq!(reviewer.get(about).status, 403);
    assert_eq!(reviewer.post_as_is(about, &[("what", "bounce"), ("reason", "x")]).status, 403);
    let mut elsewhere = Browser::with_roles(&relay, "cizi", &["reviewer:jiny"]);
    let page = elsewhere.get("/queue").text;
    assert!(!page.contains("nikdo.example") && page.contains("Nothing waits"), "{page}");
    let mut sender = Browser::with_roles(&relay, "nastroj", &["sender"]);
    assert!(!sender.get("/queue/each").text.contains("jana@"), "it is another's");
    assert_eq!(admin.get("/queue/order").status, 404, "never all by a lost filter");
    assert_eq!(admin.get("/queue/order?all=yes").status, 200);
    let page = admin.post(about, &[("what", "pause"), ("reason", " "), ("for", "1")]);
    assert!(page.text.contains("Say why"), "{}", page.text);
    let page = admin.post(
        "/queue/order?domain=jinde.example",
        &[("what", "retry"), ("reason", "x"), ("for", "")],
    );
    assert!(page.text.contains("None of them wait"), "{}", page.text);
    let said = relay.must(&["queue", "retry", "--domain", "nikdo.example", "--dry-run"]);
    assert!(said.contains("1 wait there"), "{said}");
    let said = relay.must(&["queue", "retry", "--domain", "nikdo.example"]);
    assert!(said.contains("1 due now"), "{said}");
    deferred(&relay, 2);
    let said = submit(relay.smtp, SHOP, "jana@volny.example", ORDER);
    assert!(said.starts_with("250 "), "{said}");
}

#[test]
fn the_system_page_says_what_runs_and_the_command_line_says_the_same() {
    on_both(|setup| {
        let relay = Souhlas::start(&setup).unwrap();
        let mut auditor = {
            Browser::first(&relay);
            Browser::with_roles(&relay, "jana", &["auditor"])
        };
        let done = || relay.must(&["system"]).contains("clock/ends").then_some(());
        wait(done).expect("the clock is wound");
        let page = auditor.get("/system").text;
        let said = relay.must(&["system"]);
        let kind = if setup.database.starts_with("sqlite") { "SQLite" } else { "PostgreSQL" };
        for both in [kind, "submission", "clock/ends", env!("CARGO_PKG_VERSION"), "valid until"] {
            assert!(page.contains(both), "{both}: {page}");
            assert!(said.contains(both), "{both}: {said}");
        }
        assert!(page.contains("notes consents that end") && page.contains("seals now"), "{page}");
        assert!(page.contains(&relay.console.to_string()), "{page}");
        assert!(
            !page.contains("<form method=\"post\" action=\"/system"),
            "nothing is changed here"
        );
        let mut reviewer = Browser::with_roles(&relay, "petr", &["reviewer"]);
        assert_eq!(reviewer.get("/system").status, 403);
    });
}
