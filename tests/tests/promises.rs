//! What Souhlas promises to people, seen from outside: whoever unsubscribes gets nothing more, not
//! even what already waits, and no address leaves the store. With it, how the relay stops.

use std::{fs, thread, time::Duration};

use outside::{
    console::on_both,
    sink::{Does, Script, Sink, Taken},
    souhlas::{Setup, Souhlas, wait},
    submit::{get, post, submit, submit_after},
};

const FROM: &str = "novinky@kavarna.example";
const NEWS: &str = "From: Kavarna <novinky@kavarna.example>\r\nTo: nekdo@posta.example\r\n\
    Subject: Nova kava\r\nDate: Mon, 02 Nov 2026 08:00:00 +0100\r\n\
    Message-ID: <kava@kavarna.example>\r\nMIME-Version: 1.0\r\n\
    Content-Type: text/plain; charset=utf-8\r\n\r\nMame novou kavu z Etiopie.\r\n";

fn relay(setup: &Setup) -> Souhlas {
    let relay = Souhlas::start(setup).unwrap();
    relay.add_purpose();
    for who in ["jana-tajemna@posta.example", "petr-tajemny@posta.example"] {
        relay.must(&["grant", who, "--purpose", "novinky", "--evidence", "formulář"]);
    }
    relay
}

/// Everything the parts say, where that is more than an operator sees.
fn talkative() -> String {
    "[log]\nfilter = \"debug\"".into()
}

/// The path of the link in List-Unsubscribe.
fn unsubscribe_path(message: &str) -> String {
    let at = message.find("List-Unsubscribe: <https://odhlasit.kavarna.cz/").expect("a link");
    let link = &message[at..];
    let link = &link[link.find("cz/").unwrap() + 2..link.find('>').unwrap()];
    link.chars().filter(|letter| !letter.is_whitespace()).collect()
}

fn is_nowhere(secret: &[&str], place: &str, text: &str) {
    for word in secret {
        assert!(!text.to_lowercase().contains(word), "`{word}` is in {place}:\n{text}");
    }
}

#[test]
fn whoever_unsubscribes_with_one_click_gets_no_later_message() {
    let relay = relay(&Setup { more: talkative(), ..Setup::default() });
    let jana = "jana-tajemna@posta.example";
    let reply = submit(relay.smtp, FROM, jana, NEWS);
    assert!(reply.starts_with("250 "), "{reply}");
    let message = String::from_utf8(relay.wait_for_captured(1).remove(0)).unwrap();
    let path = unsubscribe_path(&message);
    // Looking at the page changes nothing: scanners of links do that.
    assert!(get(relay.web, &path).starts_with("HTTP/1.1 200"));
    let reply = submit(relay.smtp, FROM, jana, NEWS);
    assert!(reply.starts_with("250 "), "{reply}");
    relay.wait_for_captured(2);
    let answer = post(relay.web, &path, "List-Unsubscribe=One-Click");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let reply = submit(relay.smtp, FROM, jana, NEWS);
    assert!(reply.starts_with("550 5.7.1 refused: "), "{reply}");
    let other = submit(relay.smtp, FROM, "petr-tajemny@posta.example", NEWS);
    assert!(other.starts_with("250 "), "{other}");
    assert_eq!(relay.wait_for_captured(3).len(), 3);
    assert!(relay.must(&["contact", "show", jana]).contains("one-click"));
    let secret = ["tajemn", "posta.example", "novinky@", "etiopie", path.trim_start_matches("/u/")];
    is_nowhere(&secret, "the log", &relay.said());
    is_nowhere(&secret, "/metrics", &get(relay.ops, "/metrics"));
}

#[test]
fn a_refusal_between_rcpt_and_the_end_of_the_message_counts() {
    let relay = relay(&Setup::default());
    let jana = "jana-tajemna@posta.example";
    assert!(submit(relay.smtp, FROM, jana, NEWS).starts_with("250 "));
    let message = String::from_utf8(relay.wait_for_captured(1).remove(0)).unwrap();
    let path = unsubscribe_path(&message);
    // The end of the message still knows what RCPT learned; the second look does not.
    let reply = submit_after(relay.smtp, FROM, jana, NEWS, || {
        let answer = post(relay.web, &path, "List-Unsubscribe=One-Click");
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    });
    assert!(submit(relay.smtp, FROM, "petr-tajemny@posta.example", NEWS).starts_with("250 "));
    relay.wait_for_captured(2);
    let list = || relay.must(&["journal", "list", "--kind", "suppressed", "--recipient", jana]);
    wait(|| list().contains("suppressed").then_some(())).expect(&reply);
    let captured = relay.captured();
    assert!(captured.len() <= 3, "only the report may come beside the two");
    let to_jana = captured.iter().filter(|one| {
        String::from_utf8_lossy(one).contains("List-Unsubscribe: <https://odhlasit.kavarna.cz/")
    });
    assert_eq!(to_jana.count(), 2, "the first to her and the one to him");
}

#[test]
fn what_waits_in_the_queue_is_suppressed_when_its_recipient_unsubscribes() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let sink = runtime.block_on(Sink::start(Script::closed()));
    let relay = relay(&Setup {
        // Nothing is tried by itself meanwhile: an attempt under way would have asked before.
        more: format!("[delivery]\nretry = [\"1h\"]\n{}", talkative()),
        ..Setup::towards(sink.address.port())
    });
    let jana = "jana-tajemna@posta.example";
    fs::write(relay.path("news.eml"), NEWS).unwrap();
    let output = relay.command(&["rewrite", "news.eml", "--to", jana]);
    let path = unsubscribe_path(&String::from_utf8(output.stdout).unwrap());
    for to in [jana, "petr-tajemny@posta.example"] {
        let reply = submit(relay.smtp, FROM, to, NEWS);
        assert!(reply.starts_with("250 "), "{reply}");
    }
    let kind = |kind: &str| relay.must(&["journal", "list", "--kind", kind, "--recipient", jana]);
    let deferred = || relay.must(&["journal", "list", "--kind", "deferred", "--json"]);
    wait(|| (deferred().lines().count() == 2).then_some(())).expect("the next hop is away");
    let answer = post(relay.web, &path, "List-Unsubscribe=One-Click");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    sink.rewrite(Script::modern());
    relay.must(&["queue", "retry", "--all"]);
    wait(|| kind("suppressed").contains("suppressed").then_some(())).unwrap_or_else(|| {
        panic!("{}\n{}", relay.must(&["queue", "list"]), relay.must(&["journal", "list"]))
    });
    let is_for_petr = |taken: &Taken| taken.rcpts.iter().any(|rcpt| rcpt.contains("petr-"));
    wait(|| sink.taken().iter().any(is_for_petr).then_some(())).expect("the other is sent");
    for taken in sink.taken() {
        assert!(!taken.rcpts.iter().any(|rcpt| rcpt.contains("jana-")), "{:?}", taken.rcpts);
    }
    assert!(!relay.must(&["queue", "list"]).contains(jana));
    let secret = ["tajemn", "posta.example", "novinky@", "etiopie"];
    is_nowhere(&secret, "the log", &relay.said());
    is_nowhere(&secret, "/metrics", &get(relay.ops, "/metrics"));
}

/// One connection to a next hop that thinks long about the first message, while those behind it
/// are decided on already.
#[test]
fn a_no_that_comes_while_the_next_hop_is_slow_counts_for_what_waits_behind() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let sink = runtime
        .block_on(Sink::start(Script::modern().once("CONNECT", Does::Wait).once(".", Does::Wait)));
    let relay = relay(&Setup {
        more: "[delivery.limit]\nconnections-max = 1".into(),
        ..Setup::towards(sink.address.port())
    });
    let people: Vec<String> = (0..12).map(|at| format!("clovek-{at}@posta.example")).collect();
    for who in &people {
        relay.must(&["grant", who, "--purpose", "novinky", "--evidence", "formulář"]);
    }
    for who in &people {
        let reply = submit(relay.smtp, FROM, who, NEWS);
        assert!(reply.starts_with("250 "), "{reply}");
    }
    // All of them are taken as one share.
    wait(|| (sink.connections() > 0).then_some(())).expect("the relay connects");
    sink.release();
    let begun = || {
        let lines = sink.lines();
        let mut refused = people.clone();
        refused.retain(|who| !lines.iter().any(|line| line.contains(who.as_str())));
        (refused.len() < people.len()).then_some(refused)
    };
    wait(begun).expect("the first is begun");
    // All of its share is decided on by now, and grows old.
    thread::sleep(Duration::from_millis(1_200));
    // The next one is on the wire behind the first, and under way.
    let refused = begun().unwrap().split_off(1);
    assert!(refused.len() >= 9, "the peer holds all but those whose turn has begun: {refused:?}");
    for who in &refused {
        relay.must(&["refuse", who, "--controller", "kavarna"]);
    }
    sink.release();
    let empty = || relay.must(&["queue", "list"]).is_empty().then_some(());
    wait(|| empty().or_else(|| relay.must(&["queue", "list"]).contains("no ").then_some(())))
        .unwrap_or_else(|| panic!("{}", relay.must(&["queue", "list"])));
    for taken in sink.taken() {
        let late = |who: &&String| taken.rcpts.iter().any(|rcpt| rcpt.contains(who.as_str()));
        assert!(refused.iter().find(late).is_none(), "{:?} said no before", taken.rcpts);
    }
}

#[test]
fn sighup_reads_the_policy_again_and_sigterm_stops_cleanly() {
    on_both(|setup| {
        let mut relay = relay(&setup);
        relay.signal("HUP");
        wait(|| relay.said().contains("is in force").then_some(())).expect("it reloads");
        let file = relay.path("config/policy.toml");
        let text = fs::read_to_string(&file).unwrap();
        fs::write(&file, text.replace("controller = ", "controler = ")).unwrap();
        relay.signal("HUP");
        wait(|| relay.said().contains("stays as it was").then_some(())).expect("it says no");
        assert!(relay.said().contains("`controller`"), "{}", relay.said());
        let reply = submit(relay.smtp, FROM, "jana-tajemna@posta.example", NEWS);
        assert!(reply.starts_with("250 "), "{reply}");
        fs::write(&file, text + "\n[rules]\nlabel-missing = \"reject\"\n").unwrap();
        relay.signal("HUP");
        let refused = wait(|| {
            let reply = submit(relay.smtp, FROM, "jana-tajemna@posta.example", NEWS);
            reply.starts_with("550 5.7.1 label-missing: ").then_some(())
        });
        refused.expect("the new policy is in force");
        let status = relay.stop().unwrap();
        assert_eq!(status.code(), Some(0), "{}", relay.said());
        for cut in ["did not stop in time", "without a farewell"] {
            assert!(!relay.said().contains(cut), "{}", relay.said());
        }
        assert!(std::net::TcpStream::connect(relay.smtp).is_err());
    });
}
