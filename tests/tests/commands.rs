//! The commands through the real binary, beside a running relay on one folder.

use std::{fs, io::Write, process::Command, process::Stdio};

use outside::{
    postgres::Database,
    souhlas::{POLICY, RECEIPTS, Setup, Souhlas, wait},
    submit::submit,
};
use serde_json::Value;

const NEWS_FROM: &str = "novinky@kavarna.example";
const ORDERS_FROM: &str = "objednavky@kavarna.example";

const TILL_FROM: &str = "pokladna@kavarna.example";

fn message(from: &str, subject: &str, body: &str) -> String {
    let subject: String = subject.bytes().map(|byte| format!("={byte:02X}")).collect();
    format!(
        "From: Kavarna <{from}>\r\nTo: nekdo@posta.example\r\n\
         Subject: =?utf-8?Q?{subject}?=\r\nDate: Mon, 02 Nov 2026 08:00:00 +0100\r\n\
         Message-ID: <zprava@kavarna.example>\r\nMIME-Version: 1.0\r\n\
         Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{body}\r\n"
    )
}

fn news() -> String {
    message(NEWS_FROM, "Nová káva", "Dobrý den, máme novou kávu z Etiopie.")
}

fn order() -> String {
    message(ORDERS_FROM, "Potvrzení objednávky", "Dobrý den, objednávku č. 117 odešleme zítra.")
}

/// Sent as an order, and an offer all the same.
fn mismatch() -> String {
    let body = "VÝPRODEJ, slevy až 50 %! Jen do neděle: kupte dva pytle kávy a třetí máte zdarma.\r\n\
        Doprava zdarma, slevový kód KAVA50, poslední kusy za akční ceny. Ušetřete ještě dnes!\r\n\
        Nakoupit: https://www.kavarna.example/vyprodej?utm_source=mail&utm_campaign=jaro";
    message(TILL_FROM, "VÝPRODEJ: slevy až 50 %", body)
}

fn relay() -> Souhlas {
    relay_on(Setup::default().database)
}

fn relay_on(database: String) -> Souhlas {
    let policy = format!("{POLICY}{RECEIPTS}");
    let relay = Souhlas::start(&Setup { policy, database, ..Setup::default() }).unwrap();
    relay.add_purpose();
    relay
}

/// What touches the database is tested on SQLite, then on PostgreSQL.
fn on_both(test: impl Fn(&Souhlas)) {
    test(&relay());
    let database = Database::create();
    test(&relay_on(database.url.clone()));
}

fn fails(relay: &Souhlas, arguments: &[&str], code: i32, saying: &str) {
    let output = relay.command(arguments);
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {error}");
    assert!(error.contains(saying), "{arguments:?}: {error}");
}

#[test]
fn what_a_person_said_is_written_down_and_shown() {
    on_both(|relay| {
        let listed = relay.must(&["purpose", "list"]);
        assert!(listed.contains("novinky") && listed.contains("consent"), "{listed}");
        let who = "jana@posta.example";
        let grant = ["grant", who, "--purpose", "novinky", "--evidence", "formulář v pokladně"];
        relay.must(&grant);
        relay.must(&[
            "relation",
            "add",
            who,
            "--controller",
            "kavarna",
            "--at",
            "2026-03-01",
            "--category",
            "kava",
            "--objection-offered",
        ]);
        relay.must(&["refuse", who, "--controller", "kavarna", "--evidence", "telefonicky"]);
        fails(relay, &grant, 1, "the address refused, so nothing was written");
        let shown = relay.must(&["contact", "show", who]);
        for word in ["formulář v pokladně", "telefonicky", "purchase", "novinky", "kavarna"] {
            assert!(shown.contains(word), "{word}: {shown}");
        }
        fails(relay, &["contact", "show", "nikdo@posta.example"], 1, "nothing is on record");
        fails(relay, &["refuse", who, "--controller", "kavarnna"], 1, "it has kavarna");
        fails(relay, &["grant", who, "--purpose", "x", "--evidence", "y"], 1, "there are novinky");
    });
}

#[test]
fn what_is_known_of_a_person_and_what_they_wish_is_on_record() {
    on_both(|relay| {
        let who = "jana@posta.example";
        let add = ["purpose", "add", "kupon", "--controller", "kavarna", "--name", "Kupon"];
        let how = ["--basis", "consent", "--duration", "1 year", "--once", "--of-age"];
        relay.must(&[&add[..], &how, &["--double-opt-in"]].concat());
        let listed = relay.must(&["purpose", "list"]);
        assert!(listed.contains("double-opt-in, once, of-age"), "{listed}");
        let grant = ["grant", who, "--purpose", "kupon", "--evidence", "formulář", "--of-age"];
        let more = ["--confirmed-at", "2026-03-01", "--wording", "Je mi 18 a chci kupon"];
        relay.must(&[&grant[..], &more].concat());
        let contest = ["relation", "add", who, "--controller", "kavarna", "--kind", "contest"];
        relay.must(&[&contest[..], &["--at", "2026-03-01"]].concat());
        let set = ["contact", "set", who, "--country", "sk", "--subscriber", "corporate"];
        relay.must(&[&set[..], &["--published"]].concat());
        let prefer = ["contact", "prefer", who, "--controller", "kavarna"];
        relay.must(&[&prefer[..], &["--at-most", "2 in 30 days"]].concat());
        let later = ["--purpose", "kupon", "--paused-until", "2030-01-01"];
        relay.must(&[&prefer[..], &later].concat());
        let shown = relay.must(&["contact", "show", who]);
        for word in [
            "country     SK",
            "corporate, published by itself",
            "\"of_age\":true",
            "\"confirmed_at\":\"2026-0",
            "Je mi 18 a chci kupon",
            "contest",
            "2 in 30 days",
        ] {
            assert!(shown.contains(word), "{word}: {shown}");
        }
        fails(relay, &["contact", "set", who], 1, "nothing to set");
        fails(relay, &[&prefer[..], &["--at-most", "0 in 30 days"]].concat(), 2, "it is `refuse`");
        fails(relay, &[&prefer[..], &["--purpose", "nic"]].concat(), 1, "there are kupon, novinky");
        assert!(relay.must(&["journal", "verify"]).contains("consent: whole"));
    });
}

#[test]
fn what_leaves_is_counted_where_the_person_counts_it() {
    on_both(|relay| {
        let (one, other) = ("jana@posta.example", "petr@posta.example");
        for who in [one, other] {
            relay.must(&["grant", who, "--purpose", "novinky", "--evidence", "formulář"]);
        }
        let prefer = ["contact", "prefer", one, "--controller", "kavarna"];
        relay.must(&[&prefer[..], &["--at-most", "1 in 30 days"]].concat());
        for who in [one, other] {
            for (from, text) in [(NEWS_FROM, news()), (ORDERS_FROM, order())] {
                let reply = submit(relay.smtp, from, who, &text);
                assert!(reply.starts_with("250 "), "{reply}");
            }
        }
        relay.wait_for_captured(4);
        let got = |who: &str| {
            let shown = relay.must(&["contact", "show", who]);
            shown.lines().filter(|line| line.ends_with("novinky  commercial")).count()
        };
        wait(|| (got(one) == 1).then_some(())).expect("one is counted");
        assert_eq!(got(other), 0, "nobody counts them");
        let more = submit(relay.smtp, NEWS_FROM, one, &news());
        assert!(more.starts_with("550 5.7.1 frequency-exceeded: "), "{more}");
        for (from, who, text) in [(ORDERS_FROM, one, order()), (NEWS_FROM, other, news())] {
            let reply = submit(relay.smtp, from, who, &text);
            assert!(reply.starts_with("250 "), "{reply}");
        }
    });
}

#[test]
fn an_import_takes_what_is_sound_and_never_revives_a_refusal() {
    on_both(|relay| {
        relay.must(&["refuse", "petr@posta.example", "--controller", "kavarna"]);
        // `Jméno` and `Žižka` in windows-1250.
        let file =
            b"E-mail;Jm\xe9no;Datum souhlasu\r\njana@posta.example;Jana \x8ei\x9eka;1.3.2026\r\n\
        petr@posta.example;Petr;1.3.2026\r\nneni adresa;Nikdo;1.3.2026\r\n";
        fs::write(relay.path("kontakty.csv"), file).unwrap();
        let import = ["import", "kontakty.csv", "--purpose", "novinky", "--origin", "own"];
        let word = ["--source", "pokladna", "--attested-by", "Alena"];
        let count = |said: &str, what: &str| -> u64 {
            let line = said.lines().find(|line| line.starts_with(what)).expect("it is counted");
            line.rsplit(' ')
                .next()
                .and_then(|word| word.parse().ok())
                .expect("a number ends the line")
        };
        let dry = relay.must(&[&import[..], &["--dry-run"]].concat());
        assert!(dry.starts_with("dry run: nothing was written"), "{dry}");
        assert_eq!(count(&dry, "granted"), 1, "{dry}");
        fails(relay, &["contact", "show", "jana@posta.example"], 1, "nothing is on record");
        assert!(!relay.path("kontakty.csv.rejected.csv").exists());
        let written = ["--rejects", "spatne.csv"];
        fails(relay, &[&import[..], &written].concat(), 1, "names its source and who attests it");
        let said = relay.must(&[&import[..], &word, &written].concat());
        for (what, wanted) in [("lines", 3), ("granted", 1), ("refusal stands", 1), ("rejected", 1)]
        {
            assert_eq!(count(&said, what), wanted, "{what}: {said}");
        }
        let rejected = fs::read_to_string(relay.path("spatne.csv")).unwrap();
        assert!(rejected.contains("neni adresa") && !rejected.contains("petr"), "{rejected}");
        assert!(relay.must(&["contact", "show", "jana@posta.example"]).contains("Žižka"));
        let refused = submit(relay.smtp, NEWS_FROM, "petr@posta.example", &news());
        assert!(refused.starts_with("550 5.7.1 refused: "), "{refused}");
        let taken = submit(relay.smtp, NEWS_FROM, "jana@posta.example", &news());
        assert!(taken.starts_with("250 "), "{taken}");
        let past = relay.must(&["import", "--past"]);
        assert!(past.contains("kontakty.csv") && past.contains("Alena"), "{past}");
        let bought = [&["import", "kontakty.csv", "--origin", "purchased"][..], &word].concat();
        fails(relay, &bought, 1, "nothing purchased is imported");
        fails(relay, &bought, 1, "480/2004");
    });
}

#[test]
fn logins_are_added_listed_given_new_passwords_and_removed() {
    on_both(|relay| {
        let added = relay.must(&["login", "add", "obchod", "--sender", "@kavarna.example"]);
        let password = added.lines().find_map(|line| line.strip_prefix("password: ")).unwrap();
        assert!(password.len() >= 16, "{added}");
        let again = ["login", "add", "obchod", "--sender", "@kavarna.example"];
        fails(relay, &again, 1, "there is a login `obchod` already");
        let listed = relay.must(&["login", "list"]);
        assert!(listed.contains("obchod") && listed.contains("@kavarna.example"), "{listed}");
        assert!(!listed.contains(password));
        let mut child = Command::new(outside::binary::path())
            .current_dir(relay.folder.path())
            .args(["login", "password", "obchod", "--password-stdin"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(b"dlouhe-nove-heslo-77\n").unwrap();
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && !said.contains("dlouhe-nove"), "{said}");
        relay.must(&["login", "remove", "obchod"]);
        fails(relay, &["login", "remove", "obchod"], 1, "there is no login `obchod`");
    });
}

#[test]
fn a_new_key_prints_its_record_and_signs_after_a_reload() {
    let relay = relay();
    let made = relay.must(&["keys", "dkim", "new", "kavarna.example", "--selector", "s1"]);
    let lines: Vec<&str> = made.lines().collect();
    assert!(lines[0].starts_with("s1-rsa._domainkey.kavarna.example. IN TXT ( \"v=DKIM1; k=rsa; "));
    assert!(lines[1].starts_with("s1-ed25519._domainkey.kavarna.example. IN TXT ( \"v=DKIM1; "));
    let listed = relay.must(&["keys", "dkim", "list"]);
    assert!(lines.len() == 2 && lines.iter().all(|line| listed.contains(line)), "{listed}");
    relay.signal("HUP");
    wait(|| relay.said().contains("is in force").then_some(())).expect("it reloads");
    let reply = submit(relay.smtp, ORDERS_FROM, "jana@posta.example", &order());
    assert!(reply.starts_with("250 "), "{reply}");
    let captured = String::from_utf8(relay.wait_for_captured(1).remove(0)).unwrap();
    for algorithm in ["rsa-sha256", "ed25519-sha256"] {
        let field = format!("DKIM-Signature: v=1; a={algorithm};");
        assert!(captured.contains(&field), "{captured}");
    }
    assert!(captured.contains("d=kavarna.example"), "{captured}");
}

#[test]
fn explain_says_by_its_exit_code_and_in_json_what_would_happen() {
    let relay = relay();
    relay.must(&["grant", "jana@posta.example", "--purpose", "novinky", "--evidence", "formulář"]);
    for (file, text) in [("news", news()), ("order", order()), ("mismatch", mismatch())] {
        fs::write(relay.path(file), text).unwrap();
    }
    let jana = "jana@posta.example";
    for (file, to, code, action) in [
        ("order", jana, 0, "send"),
        ("news", jana, 10, "send-edited"),
        ("mismatch", jana, 30, "hold"),
        ("news", "nikdo@posta.example", 40, "reject"),
    ] {
        let output = relay.command(&["explain", file, "--to", to, "--json"]);
        assert_eq!(output.status.code(), Some(code), "{file} {to}");
        let json: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(json["action"], action);
        for key in ["class", "stream", "controller", "purpose", "outcomes", "edits"] {
            assert!(json.get(key).is_some(), "{key}: {json}");
        }
        let outcomes = json["outcomes"].as_array().unwrap();
        assert!(!outcomes.is_empty());
        for outcome in outcomes {
            for key in ["rule", "outcome", "because", "law", "evidence"] {
                assert!(outcome.get(key).is_some(), "{key}: {outcome}");
            }
            assert!(outcome["law"].is_array() && outcome["evidence"].is_array(), "{outcome}");
        }
        assert_eq!(json["edits"].as_array().unwrap().is_empty(), code != 10, "{json}");
        let text = relay.command(&["explain", file, "--to", to]);
        let text = String::from_utf8(text.stdout).unwrap();
        assert!(text.starts_with("action "), "{text}");
    }
    for (language, reason, duty) in [
        (None, "no consent for the purpose is on record", "Chybí prokazatelný souhlas"),
        (Some("cs"), "pro tento účel není v evidenci žádný souhlas", "Chybí prokazatelný souhlas"),
        (
            Some("sk"),
            "na tento účel nie je v evidencii nijaký súhlas",
            "Chýba preukázateľný súhlas",
        ),
    ] {
        let mut asked = vec!["explain", "news", "--to", "nikdo@posta.example"];
        asked.extend(language.iter().flat_map(|language| ["--language", *language]));
        let text = String::from_utf8(relay.command(&asked).stdout).unwrap();
        assert!(text.contains(&format!("consent-missing: {reason}\n")), "{text}");
        assert!(text.contains(duty), "{text}");
        asked.push("--json");
        let json: Value = serde_json::from_slice(&relay.command(&asked).stdout).unwrap();
        let outcomes = json["outcomes"].as_array().unwrap();
        let one = outcomes.iter().find(|one| one["rule"] == "consent-missing").unwrap();
        assert_eq!(
            (&one["because"], &one["reason"]["id"]),
            (&reason.into(), &"consent-missing".into())
        );
    }
    fails(&relay, &["explain", "news"], 2, "--to");
    fails(&relay, &["explain", "gone", "--to", jana], 1, "cannot read `gone`");
    let rewritten = relay.command(&["rewrite", "news", "--to", jana]);
    assert_eq!(rewritten.status.code(), Some(10));
    let text = String::from_utf8(rewritten.stdout).unwrap();
    for word in ["List-Unsubscribe: <https://odhlasit.kavarna.cz/u/", "List-Unsubscribe-Post: "] {
        assert!(text.contains(word), "{text}");
    }
    assert!(text.contains("99900017") && !text.contains("\n\n"), "{text}");
    let held = relay.command(&["rewrite", "mismatch", "--to", jana]);
    assert!(held.status.code() == Some(30) && held.stdout.is_empty());
    silence_the_store(&relay);
    let deferred = relay.command(&["explain", "news", "--to", jana, "--json"]);
    assert_eq!(deferred.status.code(), Some(20), "{}", String::from_utf8_lossy(&deferred.stderr));
}

/// The table of grants gets another name.
fn silence_the_store(relay: &Souhlas) {
    let script = "import sqlite3\ndb = sqlite3.connect('data/souhlas.db', timeout=20)\n\
        db.execute('ALTER TABLE grant_now RENAME TO grant_away')\ndb.commit()";
    let done =
        Command::new("python3").current_dir(relay.folder.path()).args(["-c", script]).status();
    assert!(done.unwrap().success());
}

#[test]
fn a_person_releases_one_held_message_and_rejects_another() {
    on_both(|relay| {
        for to in ["prvni@posta.example", "druhy@posta.example"] {
            relay.must(&["grant", to, "--purpose", "novinky", "--evidence", "formulář"]);
            let reply = submit(relay.smtp, TILL_FROM, to, &mismatch());
            assert!(reply.contains("accepted, held for review"), "{reply}");
        }
        let id_of = |to: &str| {
            let listed = relay.must(&["queue", "list", "--held", "--rule", "class-mismatch"]);
            let line =
                listed.lines().find(|line| line.contains(to)).expect("it is held").to_owned();
            line.split(' ').next().unwrap().to_owned()
        };
        let (first, second) = (id_of("prvni@posta.example"), id_of("druhy@posta.example"));
        let shown = relay.must(&["queue", "show", &first]);
        assert!(
            shown.contains("class-mismatch") && shown.contains("prvni@posta.example"),
            "{shown}"
        );
        let bytes = relay.must(&["queue", "show", &first, "--message"]);
        assert!(bytes.contains("KAVA50"), "{bytes}");
        fails(
            relay,
            &["queue", "retry", &first],
            1,
            "held deliveries want `souhlas queue release`",
        );
        assert!(relay.captured().is_empty());
        let word = ["--reason", "je to objednávka", "--by", "alena"];
        let said = relay.must(&[&["queue", "release", &first][..], &word].concat());
        assert!(said.contains("class-mismatch"), "{said}");
        let sent = String::from_utf8(relay.wait_for_captured(1).remove(0)).unwrap();
        assert!(sent.contains("KAVA50"), "{sent}");
        let said = relay.must(&[&["queue", "reject", &second][..], &word].concat());
        assert!(said.contains("its sender gets a report"), "{said}");
        let captured = relay.wait_for_captured(2);
        let mut texts = captured.iter().map(|message| String::from_utf8_lossy(message));
        let report = texts.find(|text| text.contains("multipart/report"));
        assert!(report.is_some_and(|text| text.to_lowercase().contains("action: failed")));
        fails(relay, &[&["queue", "reject", &second][..], &word].concat(), 1, "journal list");
        let lines = relay.must(&["journal", "list", "--kind", "released", "--json"]);
        let line: Value = serde_json::from_str(lines.trim()).unwrap();
        assert_eq!(line["detail"]["by"], "alena", "{line}");
        let shown = relay.must(&["journal", "show", line["id"].as_str().unwrap()]);
        assert!(shown.contains("je to objednávka"), "{shown}");
        let verified = relay.must(&["journal", "verify"]);
        assert!(verified.contains("journal: whole") && verified.contains("consent: whole"));
    });
}

#[test]
fn a_broken_configuration_is_named_by_file_line_and_nearest_key() {
    let relay = relay();
    assert!(relay.must(&["check"]).contains("relay.toml is valid: 3 listener(s)"));
    let file = relay.path("config/relay.toml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replacen("hostname", "hostnam", 1)).unwrap();
    let policy = relay.path("config/policy.toml");
    let text = fs::read_to_string(&policy).unwrap();
    fs::write(&policy, text.replace("categories", "categorys")).unwrap();
    let output = relay.command(&["check"]);
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{error}");
    let line = 1 + text.lines().take_while(|line| !line.starts_with("categories")).count();
    for word in ["relay.toml:1", "`hostname`", &format!("policy.toml:{line}"), "`categories`"] {
        assert!(error.contains(word), "{word}: {error}");
    }
}
