//! What comes back: a Postfix that bounces later, complaints, unsubscribe mails and replies, sent to
//! the addresses that the relay made; and that nothing else is taken there.

use std::net::SocketAddr;

use outside::{
    console::{Browser, WITHOUT_FACTOR},
    port,
    postfix::{self, Postfix},
    postgres::Database,
    returns::{lead_back, letter, return_path},
    sink::{Script, Sink},
    souhlas::{Setup, Souhlas, wait},
    submit::{submit, submit_to_all},
};
use serde_json::Value;

const ORDERS: &str = "objednavky@kavarna.example";
const NEWS: &str = "novinky@kavarna.example";
const TO: &str = "jana@posta.example";

/// A relay whose return addresses lead to this port.
fn relay(database: Option<&Database>, next_hop: SocketAddr) -> (Souhlas, SocketAddr) {
    let mut setup = Setup::towards(next_hop.port());
    if let Some(database) = database {
        setup.database = database.url.clone();
    }
    setup.web = WITHOUT_FACTOR.into();
    setup.policy += OTHER;
    let returns = lead_back(&mut setup);
    (Souhlas::start(&setup).unwrap(), returns)
}

const OTHER: &str = "[controller.jiny]\nname = \"Jiný obchod s.r.o.\"\ncountry = \"CZ\"\n\
    domains = [\"jiny.example\"]\n";

fn both(test: impl Fn(Option<&Database>)) {
    test(None);
    test(Some(&Database::create()));
}

fn order(to: &str) -> String {
    format!(
        "From: <{ORDERS}>\r\nTo: <{to}>\r\nSubject: Objednavka 1\r\n\
         Date: Mon, 02 Nov 2026 08:00:00 +0100\r\nMessage-ID: <1@kavarna.example>\r\n\r\nDik.\r\n"
    )
}

fn lines(relay: &Souhlas, kind: &str) -> Vec<Value> {
    let said = relay.must(&["journal", "list", "--kind", kind, "--json"]);
    said.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn what_a_postfix_bounces_later_finds_its_message() {
    both(|database| {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        // Takes nothing from Postfix, which took it from us: so Postfix has to report.
        let far = runtime.block_on(Sink::start(
            Script::modern().reply("RCPT", "550 5.1.1 <jana@posta.example> no such user"),
        ));
        let back = SocketAddr::from(([127, 0, 0, 1], port::free().unwrap()));
        let postfix = Postfix::start(&postfix::Settings {
            main: vec![format!(
                "transport_maps = inline:{{ {{posta.example = smtp:[127.0.0.1]:{}}}, \
                 {{returns.kavarna.example = smtp:[127.0.0.1]:{}}} }}",
                far.address.port(),
                back.port()
            )],
            ..postfix::Settings::default()
        })
        .expect("Postfix starts (as root, with the package postfix)");
        let (relay, returns) = relay(database, postfix.address);
        let forward = forward(back, returns);
        assert!(submit(relay.smtp, ORDERS, TO, &order(TO)).starts_with("250"));
        let bounced = wait(|| lines(&relay, "bounced").pop());
        let line = bounced.unwrap_or_else(|| panic!("{}\n{}", postfix.log(), relay.said()));
        assert_eq!(line["detail"]["status"], "5.1.1", "{line}");
        assert_eq!(line["detail"]["by"], "report");
        assert_eq!(line["detail"]["stream"], "objednavky");
        assert_eq!(line["detail"]["reply"], "550 5.1.1 <address> no such user");
        let delivered = lines(&relay, "delivered").pop().unwrap();
        for same in ["message", "delivery", "recipient"] {
            assert_eq!(line[same], delivered[same], "{same}");
        }
        // The tool has a mailbox for reports of its own.
        let passed = String::from_utf8(relay.wait_for_captured(1).remove(0)).unwrap();
        assert!(passed.contains("Content-Type: multipart/report"), "{passed}");
        assert!(passed.contains("Message-ID: <1@kavarna.example>"), "{passed}");
        drop(forward);
    });
}

/// Postfix is told where the returns go before the relay has its port.
fn forward(from: SocketAddr, to: SocketAddr) -> std::thread::JoinHandle<()> {
    let listener = std::net::TcpListener::bind(from).unwrap();
    std::thread::spawn(move || {
        for near in listener.incoming().map_while(Result::ok) {
            let far = std::net::TcpStream::connect(to).unwrap();
            let (mut a, mut b) = (near.try_clone().unwrap(), far.try_clone().unwrap());
            std::thread::spawn(move || std::io::copy(&mut a, &mut b));
            let (mut a, mut b) = (far, near);
            std::thread::spawn(move || std::io::copy(&mut a, &mut b));
        }
    })
}

/// A relay that delivered one order to Jana, and the return address of that.
async fn delivered(database: Option<&Database>) -> (Souhlas, SocketAddr, String, Sink) {
    let sink = Sink::start(Script::modern()).await;
    let (relay, returns) = relay(database, sink.address);
    let said = tokio::task::block_in_place(|| submit(relay.smtp, ORDERS, TO, &order(TO)));
    assert!(said.starts_with("250"), "{said}");
    let taken = sink.messages(1).await.remove(0);
    (relay, returns, return_path(&taken), sink)
}

/// A report of a mailbox provider (RFC 5965) about the order.
fn complaint(path: &str) -> String {
    format!(
        "From: <loop@provider.example>\r\nTo: <{path}>\r\nSubject: complaint\r\n\
                 MIME-Version: 1.0\r\nContent-Type: multipart/report;\r\n \
                 report-type=feedback-report; boundary=b\r\n\r\n--b\r\n\r\nA complaint.\r\n--b\r\n\
                 Content-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\n\
                 User-Agent: Loop/1.0\r\nVersion: 1\r\n\r\n--b\r\nContent-Type: \
                 message/rfc822\r\n\r\n{}\r\n--b--\r\n",
        order(TO)
    )
}

fn refusals(relay: &Souhlas) -> String {
    relay.must(&["contact", "show", TO, "--controller", "kavarna"])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_complaint_refuses_everything_and_is_counted() {
    for database in [None, Some(Database::create())] {
        let (relay, returns, path, _sink) = delivered(database.as_ref()).await;
        tokio::task::block_in_place(|| {
            let arf = complaint(&path);
            let said = submit(returns, "loop@provider.example", &path, &arf);
            assert_eq!(said, "250 2.0.0 taken, thank you");
            let shown = refusals(&relay);
            assert!(shown.contains("everything"), "{shown}");
            assert_eq!(lines(&relay, "complained").len(), 1);
            let news = order(TO).replace(ORDERS, NEWS);
            let said = submit(relay.smtp, NEWS, TO, &news);
            assert!(said.starts_with("550 5.7.1 refused"), "{said}");
        });
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_controller_has_a_domain_of_its_own_for_what_comes_back() {
    let sink = Sink::start(Script::modern()).await;
    let mut setup = Setup::towards(sink.address.port());
    setup.policy += OTHER;
    setup.policy += "[stream.jiny]\ncontroller = \"jiny\"\nclass = \"transactional\"\n\
        [stream.jiny.match]\nfrom = [\"jiny@jiny.example\"]\n";
    let returns = lead_back(&mut setup);
    let theirs = SocketAddr::from(([127, 0, 0, 1], port::free().unwrap()));
    setup.more += &format!(
        "[[listener]]\nname = \"jiny\"\naddress = \"{theirs}\"\nmode = \"loopback\"\n\
         [listener.trusted]\nnetworks = [\"127.0.0.0/8\"]\nlogin = \"jiny\"\n\
         senders = [\"@jiny.example\"]\n"
    );
    let relay = Souhlas::start(&setup).unwrap();
    tokio::task::block_in_place(|| {
        for (smtp, from, domain) in [
            (relay.smtp, ORDERS, "returns.kavarna.example"),
            (theirs, "jiny@jiny.example", "back.jiny.example"),
        ] {
            let before = sink.count();
            let text = order(TO).replace(ORDERS, from);
            let said = submit(smtp, from, TO, &text);
            assert!(said.starts_with("250"), "{said}");
            wait(|| (sink.count() > before).then_some(())).unwrap();
            let path = return_path(&sink.taken().pop().unwrap());
            assert!(path.ends_with(&format!("@{domain}")), "{path}");
            let said = submit(returns, "loop@provider.example", &path, &complaint(&path));
            assert_eq!(said, "250 2.0.0 taken, thank you");
        }
        assert_eq!(lines(&relay, "complained").len(), 2);
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_sells_says_where_complaints_go_and_is_signed_for_it() {
    let sink = Sink::start(Script::modern()).await;
    let (relay, returns) = relay(None, sink.address);
    tokio::task::block_in_place(|| {
        relay.add_purpose();
        relay.must(&["grant", TO, "--purpose", "novinky", "--evidence", "form"]);
        let sells = order(TO).replace(ORDERS, NEWS);
        let send = || {
            let before = sink.count();
            assert!(submit(relay.smtp, NEWS, TO, &sells).starts_with("250"));
            wait(|| (sink.count() > before).then_some(())).unwrap();
            String::from_utf8(sink.taken().pop().unwrap().bytes).unwrap()
        };
        assert!(!send().contains("CFBL-Address"), "nobody would heed it without a signature");
        relay.must(&["keys", "dkim", "new", "kavarna.example"]);
        relay.signal("HUP");
        let marked = wait(|| Some(send()).filter(|sent| sent.contains("CFBL-Address"))).unwrap();
        let (_, rest) = marked.split_once("\r\nCFBL-Address: ").unwrap();
        let (address, rest) = rest.split_once("; report=arf\r\n").unwrap();
        assert!(rest.starts_with("From:") || rest.contains("\r\nFrom:"), "{rest}");
        let signature = marked.split("DKIM-Signature:").nth(1).unwrap();
        let fields = signature.split(';').find(|tag| tag.trim_start().starts_with("h="));
        let signed = fields.unwrap().to_ascii_lowercase();
        assert_eq!(signed.matches("cfbl-address").count(), 2, "it, and no other: {signed}");
        let said = submit(returns, "loop@provider.example", address, &complaint(address));
        assert_eq!(said, "250 2.0.0 taken, thank you");
        assert!(refusals(&relay).contains("everything"));
        // What sells nothing has no such field.
        assert!(submit(relay.smtp, ORDERS, TO, &order(TO)).starts_with("250"));
        let last = wait(|| {
            let last = String::from_utf8(sink.taken().pop()?.bytes).ok()?;
            last.contains(ORDERS).then_some(last)
        });
        assert!(!last.unwrap().contains("\r\nCFBL-Address:"));
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_too_many_call_spam_is_paused_and_staff_see_by_whom() {
    for database in [None, Some(Database::create())] {
        let (relay, returns, path, sink) = delivered(database.as_ref()).await;
        tokio::task::block_in_place(|| {
            let policy = std::fs::read_to_string(relay.path("config/policy.toml")).unwrap();
            let limit = "[review]\npause-when-complained = \"1 %\"\ncomplained-at-least = 1\n";
            std::fs::write(relay.path("config/policy.toml"), format!("{policy}\n{limit}")).unwrap();
            relay.signal("HUP");
            let said = submit(returns, "loop@provider.example", &path, &complaint(&path));
            assert_eq!(said, "250 2.0.0 taken, thank you");
            let orders = || relay.must(&["queue", "orders"]);
            wait(|| orders().contains("relay/complaints").then_some(())).expect("it is paused");
            let told = orders();
            assert!(told.contains("stream objednavky, login local"), "{told}");
            // The worker looks at orders every second.
            std::thread::sleep(std::time::Duration::from_secs(2));
            let before = sink.count();
            let said =
                submit(relay.smtp, ORDERS, "petr@posta.example", &order("petr@posta.example"));
            assert!(said.starts_with("250"), "{said}");
            // What is not paused takes a few milliseconds.
            std::thread::sleep(std::time::Duration::from_secs(1));
            assert_eq!(sink.count(), before, "nothing leaves");
            assert!(relay.said().contains("too many call it spam"), "{}", relay.said());
        });
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plain_no_refuses_and_anything_else_goes_to_a_person() {
    let (relay, returns, path, _sink) = delivered(None).await;
    tokio::task::block_in_place(|| {
        let reply = letter(TO, &path, "Re: Objednavka 1", "Kdy to přijde? Nechci se odhlásit.");
        assert!(submit(returns, TO, &path, &reply).starts_with("250"));
        let passed = String::from_utf8(relay.wait_for_captured(1).remove(0)).unwrap();
        assert!(passed.contains("Kdy to přijde?") && passed.contains(TO), "{passed}");
        let command = ["contact", "show", TO, "--controller", "kavarna"];
        let shown = String::from_utf8(relay.command(&command).stdout).unwrap();
        assert!(!shown.contains("everything"), "{shown}");
        let reply = letter(TO, &path, "Re: Objednavka 1", "Odhlaste mě, prosím.\r\n> Dik.");
        assert_eq!(submit(returns, TO, &path, &reply), "250 2.0.0 taken, thank you");
        let shown = refusals(&relay);
        assert!(shown.contains("everything"), "{shown}");
        assert_eq!(relay.captured().len(), 1, "nobody has to read it");
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_may_mean_no_is_read_in_the_console_and_counts_from_when_it_came() {
    for database in [None, Some(Database::create())] {
        let (relay, returns, path, _sink) = delivered(database.as_ref()).await;
        tokio::task::block_in_place(|| {
            relay.add_purpose();
            let said = "Odhlaste mě z novinek, ale faktury posílejte. <b>Jana</b>";
            let reply = letter(TO, &path, "Re: Objednavka 1", said);
            for _ in 0..2 {
                assert!(submit(returns, TO, &path, &reply).starts_with("250"), "sent again");
            }
            let what = letter(TO, &path, "Re: Objednavka 1", "Neodhlašovat! Jen chci stop papiru.");
            assert!(submit(returns, TO, &path, &what).starts_with("250"));
            let mut admin = Browser::first(&relay);
            assert!(admin.get("/").text.contains("2 replies wait"));
            let mut stranger = Browser::with_roles(&relay, "eva", &["dpo:jiny"]);
            assert!(!stranger.get("/wishes").text.contains("href=\"/wishes/0"));
            let mut auditor = Browser::with_roles(&relay, "petr", &["auditor"]);
            let (first, second) = (open(&mut admin, 0), open(&mut admin, 1));
            assert_eq!(stranger.get(&first).status, 404);
            let shown = auditor.get(&first).text;
            assert!(shown.contains("ale faktury") && !shown.contains("Write it down"), "{shown}");
            assert_eq!(auditor.post_as_is(&first, &[("scope", "*")]).status, 403);
            let page = admin.get(&first).text;
            assert!(page.contains("&#60;b&#62;Jana") && page.contains("novinky"), "{page}");
            let wrong = admin.post(&first, &[("scope", "nothing-called-so")]);
            assert_eq!(wrong.status, 422, "{}", wrong.text);
            let done = admin.post(&first, &[("scope", "novinky")]);
            assert!(done.text.contains("refus"), "{}", done.text);
            let again = admin.post_as_is(&first, &[("scope", "*")]);
            assert_eq!(again.status, 409, "{}", again.text);
            let shown = refusals(&relay);
            assert!(shown.contains("novinky") && !shown.contains("everything"), "{shown}");
            let copy = relay.must(&["contact", "export", TO, "--controller", "kavarna"]);
            assert!(copy.contains("ale faktury"), "the letter is its proof, and theirs: {copy}");
            admin.get(&second);
            let done = admin.post(&second, &[("scope", "-")]);
            assert!(done.text.contains("it is no refusal"), "{}", done.text);
            assert!(done.text.contains("Nothing waits to be read"));
            assert!(!admin.get("/").text.contains("wait to be read"));
            let read = admin.get("/wishes?show=read").text;
            assert!(read.contains(&first) && read.contains(&second), "{read}");
            assert!(admin.get("/audit?act=wish-read").text.contains("novinky"));
            let erase = ["contact", "erase", TO, "--controller", "kavarna", "--how", "delete"];
            relay.must(&erase);
            assert_eq!(admin.get(&first).status, 404);
        });
    }
}

/// The path of the letter at that place of the list.
fn open(browser: &mut Browser, place: usize) -> String {
    let list = browser.get("/wishes").text;
    let found = list.split("href=\"/wishes/0").nth(place + 1);
    let (id, _) = found.and_then(|rest| rest.split_once('"')).unwrap_or_else(|| panic!("{list}"));
    format!("/wishes/0{id}")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_no_from_an_address_that_got_nothing_is_asked_whose_it_is() {
    let sink = Sink::start(Script::modern()).await;
    let (relay, returns) = relay(None, sink.address);
    tokio::task::block_in_place(|| {
        let both = [TO, "petr@posta.example"];
        let said = submit_to_all(relay.smtp, ORDERS, &both, &order(TO), || ());
        assert!(said.starts_with("250"), "{said}");
        wait(|| (!sink.taken().is_empty()).then_some(())).unwrap();
        let path = return_path(&sink.taken().remove(0));
        let other = "jana.doma@jinde.example";
        let said = submit(returns, other, &path, &letter(other, &path, "Odhlásit", ""));
        assert!(said.starts_with("250"), "{said}");
        let mut admin = Browser::first(&relay);
        let page = open(&mut admin, 0);
        assert!(admin.get(&page).text.contains("whose no is it?"));
        let wrong = admin.post(&page, &[("scope", "*"), ("address", "nobody")]);
        assert_eq!(wrong.status, 422);
        let done = admin.post(&page, &[("scope", "*"), ("address", TO)]);
        assert!(done.text.contains("refus"), "{}", done.text);
        assert!(refusals(&relay).contains("everything"));
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_else_is_taken_and_nothing_is_answered() {
    let (relay, returns, path, sink) = delivered(None).await;
    tokio::task::block_in_place(|| {
        let text = letter("x@elsewhere.example", "y@elsewhere.example", "x", "x");
        for to in [
            "y@elsewhere.example",
            "postmaster@returns.kavarna.example",
            "info@kavarna.example",
            &path.replace("bounce-", "b-"),
            &path.replace("bounce-", "bounce-a"),
            "bounce-aaaa@returns.kavarna.example",
        ] {
            let said = submit(returns, "x@elsewhere.example", to, &text);
            assert!(said.starts_with("550 5.1.1 no-such-address"), "{to}: {said}");
        }
        let away = letter(TO, &path, "Mimo kancelář", "Jsem na dovolené, odhlásit.")
            .replace("MIME-Version", "Auto-Submitted: auto-replied\r\nMIME-Version");
        assert!(submit(returns, TO, &path, &away).starts_with("250"));
        // A report of somebody who did not get the message, and one of nobody's.
        assert!(relay.captured().is_empty());
        assert_eq!(lines(&relay, "bounced").len() + lines(&relay, "complained").len(), 0);
    });
    assert_eq!(sink.taken().len(), 1, "no report was answered");
}
