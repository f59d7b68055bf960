//! Lists of digests: who is on one is refused, on record or not, and no grant revives them.

use outside::{
    postgres::Database,
    sink::{Script, Sink},
    souhlas::{POLICY, Setup, Souhlas, wait},
    submit::submit,
};
use serde_json::Value;

use crate::scene::{WORD, counts, on_both, standing};

const NEWS: &str = "From: Kavarna <novinky@kavarna.example>\r\nTo: nekdo@posta.example\r\n\
    Subject: =?utf-8?Q?Nov=C3=A1_k=C3=A1va?=\r\nDate: Mon, 02 Nov 2026 08:00:00 +0100\r\n\
    Message-ID: <zprava@kavarna.example>\r\nMIME-Version: 1.0\r\n\
    Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\
    Dobrý den, máme novou kávu.\r\n";

#[test]
fn who_is_on_a_list_gets_nothing_and_no_grant_revives_them() {
    on_both(1, |relay| {
        relay.add_purpose();
        let list = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/suppressed.txt");
        std::fs::copy(list, relay.path("suppressed.txt")).unwrap();
        let own = ["--controller", "kavarna"];
        let grant = |who: &str| {
            let grant = ["grant", who, "--purpose", "novinky", "--evidence", "formulář"];
            relay.command(&[&grant[..], &own].concat())
        };
        for who in ["jana@posta.example", "volny@posta.example"] {
            assert!(grant(who).status.success());
        }
        let import = [&["import", "--suppress", "suppressed.txt"][..], &own, &WORD[2..]].concat();
        let dry = || counts(&relay.must(&[&import[..], &["--dry-run"]].concat()));
        let mut rehearsed = dry();
        assert!(rehearsed.remove("dry run: nothing was").is_some());
        assert_eq!(
            standing(relay, "kavarna"),
            "jana: novinky, volny: novinky",
            "nothing is written"
        );
        let said = counts(&relay.must(&import));
        assert_eq!(
            (&*said["entries"], &*said["contacts refused"], &*said["rejected"]),
            ("4", "1", "1")
        );
        assert_eq!(rehearsed, said, "a dry run says what would come of it");
        let again = dry();
        assert_eq!((&*again["entries"], &*again["already listed"]), ("0", "4"));
        assert_eq!(again["contacts refused"], "0");
        assert_eq!(standing(relay, "kavarna"), "jana: novinky+over !*, volny: novinky");
        let shown = relay.must(&["contact", "show", "jana@posta.example"]);
        assert!(shown.contains("suppressed.txt"), "the list is the evidence: {shown}");
        // Who was not on record: by address, by domain.
        for who in ["petr@posta.example", "Kdokoli@jinde.example", "eva@příklad.cz"] {
            let output = grant(who);
            let error = String::from_utf8(output.stderr).unwrap();
            assert!(!output.status.success() && error.contains("the address refused"), "{error}");
        }
        std::fs::write(
            relay.path("a.csv"),
            "email,granted_at\npetr@posta.example,2025-01-01\nnova@posta.example,2025-01-01\n",
        )
        .unwrap();
        let import = [&["import", "a.csv", "--purpose", "novinky"][..], &own, &WORD].concat();
        let taken = counts(&relay.must(&import));
        assert_eq!((&*taken["granted"], &*taken["refusal stands"]), ("1", "1"));
        std::fs::write(relay.path("many.txt"), "petr@posta.example\nnova@posta.example\n").unwrap();
        let many = ["purpose", "assign", "novinky", "--addresses", "many.txt", "--evidence", "x"];
        let assigned = relay.must(&[&many[..], &own].concat());
        assert!(assigned.contains("1 refused: not granted"), "{assigned}");
        for (who, says) in [
            ("petr@posta.example", "550 5.7.1 refused: "),
            ("kdokoli@jinde.example", "550 5.7.1 refused: "),
            ("nova@posta.example", "250 "),
        ] {
            let reply = submit(relay.smtp, "novinky@kavarna.example", who, NEWS);
            assert!(reply.starts_with(says), "{who}: {reply}");
        }
        let relation = ["relation", "add", "petr@posta.example", "--at", "2026-10-01"];
        relay.must(&[&relation[..], &own, &["--objection-offered"]].concat());
        let reply = submit(relay.smtp, "novinky@kavarna.example", "petr@posta.example", NEWS);
        assert!(reply.starts_with("550 5.7.1 refused: "), "a customer, too: {reply}");
        // Another controller has no list.
        let free = ["grant", "petr@posta.example", "--purpose", "novinky", "--evidence", "x"];
        relay.must(&[&free[..], &["--controller", "k0"]].concat());
        let again = [&["import", "--suppress", "suppressed.txt"][..], &own, &WORD[2..]].concat();
        let again = counts(&relay.must(&again));
        assert_eq!((&*again["entries"], &*again["already listed"]), ("0", "4"));
    });
}

/// Where no consent is asked for, a message may go to who is not on record. It waits for a next hop
/// that is away when the list comes in.
#[test]
fn a_list_stops_what_was_accepted_before_it_came() {
    let database = Database::create();
    for database in [Setup::default().database, database.url.clone()] {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let sink = runtime.block_on(Sink::start(Script::closed()));
        let relay = Souhlas::start(&Setup {
            more: "[delivery]\nretry = [\"1s\"]".into(),
            policy: POLICY.replace("country = \"CZ\"", "country = \"US\""),
            database,
            ..Setup::towards(sink.address.port())
        });
        stops(&relay.unwrap(), &sink);
    }
}

fn stops(relay: &Souhlas, sink: &Sink) {
    relay.add_purpose();
    let (listed, other) = ("petr@posta.example", "volny@posta.example");
    for who in [listed, "eva@jinde.example", other] {
        let reply = submit(relay.smtp, "novinky@kavarna.example", who, NEWS);
        assert!(reply.starts_with("250 "), "{who}: {reply}");
    }
    let lines = |kind: &str| relay.must(&["journal", "list", "--kind", kind, "--json"]);
    let count = |kind: &str| lines(kind).lines().count();
    wait(|| (count("deferred") >= 3).then_some(())).expect("the next hop is away");
    std::fs::write(relay.path("list.txt"), format!("{listed}\njinde.example\n")).unwrap();
    relay.must(&[&["import", "--suppress", "list.txt"][..], &WORD[2..]].concat());
    assert_eq!(standing(relay, "kavarna"), "", "nobody is on record");
    // It is tried again every second.
    sink.rewrite(Script::modern());
    let sent = || {
        let taken: Vec<String> = sink.taken().into_iter().flat_map(|taken| taken.rcpts).collect();
        taken.iter().any(|rcpt| rcpt.contains(other)).then_some(taken)
    };
    let taken = wait(|| sent().filter(|_| count("suppressed") == 2))
        .unwrap_or_else(|| panic!("{}", relay.must(&["journal", "list"])));
    // The sender hears of the others.
    let told = |rcpt: &&String| !rcpt.contains("novinky@kavarna.example");
    assert_eq!(taken.iter().filter(told).count(), 1, "{taken:?}");
    for line in lines("suppressed").lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let told = line["detail"].to_string();
        assert!(told.contains("refused") && told.contains("suppression "), "the list: {told}");
    }
}
