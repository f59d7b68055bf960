//! Exim as the next hop and as a client: in pieces (BDAT), and with a reply for each recipient (PRDR).

use outside::{
    exim::Exim,
    souhlas::{Setup, Souhlas, on_both, wait},
    submit::submit_to_all,
};

const ORDERS: &str = "objednavky@kavarna.example";

fn relay(database: &str, setup: Setup) -> Souhlas {
    Souhlas::start(&Setup { database: database.into(), ..setup }).unwrap()
}

#[test]
fn exim_takes_in_pieces_what_the_relay_sends() {
    on_both(|database| {
        let exim = Exim::start(9).expect("Exim starts (as root, unpacked by tests/run)");
        let relay = relay(database, Setup::towards(exim.address.port()));
        let body = ".\r\n..dve tecky\r\nŽluťoučký kůň\r\n".repeat(400);
        let message = format!(
            "From: <{ORDERS}>\r\nTo: <jana@posta.example>\r\nSubject: Objednavka 1\r\n\
             Date: Mon, 02 Nov 2026 08:00:00 +0100\r\nMessage-ID: <1@kavarna.example>\r\n\
             MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\
             Content-Transfer-Encoding: 8bit\r\n\r\n{body}"
        );
        // On the way in the dots are stuffed, as any client does it.
        let stuffed = message.replace("\r\n.", "\r\n..");
        let to = ["jana@posta.example", "petr@posta.example"];
        let said = submit_to_all(relay.smtp, ORDERS, &to, &stuffed, || ());
        assert!(said.starts_with("250"), "{said}");
        let all = wait(|| Some(exim.delivered()).filter(|all| all.len() == 2))
            .unwrap_or_else(|| panic!("{}", exim.log()));
        for one in all {
            assert!(one.ends_with(&message.replace("\r\n", "\n")), "{one}");
        }
        // How it came: one message, in pieces.
        let log = exim.log();
        let came: Vec<&str> = log.lines().filter(|line| line.contains(" <= ")).collect();
        assert!(came.len() == 1 && came[0].contains(" K "), "{log}");
    });
}

#[test]
fn exim_refuses_the_message_for_one_recipient_and_the_other_has_it() {
    on_both(|database| {
        let exim = Exim::start(9).expect("Exim starts (as root, unpacked by tests/run)");
        let more = "[[delivery.route]]\nname = \"reports\"\ndomains = [\"kavarna.example\"]\n\
            next-hop = \"capture\"\nfolder = \"data/captured\"";
        let towards = Setup::towards(exim.address.port());
        let relay = relay(database, Setup { more: more.to_owned(), ..towards });
        let message = format!(
            "From: <{ORDERS}>\r\nTo: <jana@posta.example>\r\nSubject: Objednavka 3\r\n\
             Date: Mon, 02 Nov 2026 08:00:00 +0100\r\nMessage-ID: <3@kavarna.example>\r\n\r\n\
             Objednavku odesleme zitra.\r\n"
        );
        let to = ["plny@posta.example", "jana@posta.example"];
        let said = submit_to_all(relay.smtp, ORDERS, &to, &message, || ());
        assert!(said.starts_with("250"), "{said}");
        let report = String::from_utf8(relay.wait_for_captured(1).remove(0)).unwrap();
        let refused = "Final-Recipient: rfc822; plny@posta.example\r\nAction: failed";
        assert!(report.contains(refused) && !report.contains("rfc822; jana@"), "{report}");
        let all = wait(|| Some(exim.delivered()).filter(|all| !all.is_empty()));
        let all = all.unwrap_or_else(|| panic!("{}", exim.log()));
        let log = exim.log();
        assert!(all.len() == 1 && log.contains(" => jana <jana@posta.example>"), "{log}");
        assert!(
            log.contains(" PRDR K ") && log.contains("R=<plny@posta.example> refusal"),
            "{log}"
        );
    });
}

#[test]
fn exim_hears_of_each_recipient_and_bounces_only_who_was_refused() {
    on_both(|database| {
        let relay = relay(database, Setup::default());
        let exim =
            Exim::start(relay.smtp.port()).expect("Exim starts (as root, unpacked by tests/run)");
        relay.add_purpose();
        relay.must(&["grant", "jana@posta.example", "--purpose", "novinky", "--evidence", "form"]);
        let message = "From: <novinky@kavarna.example>\nTo: <zakaznici@kavarna.example>\n\
            Subject: Novinky\nDate: Mon, 02 Nov 2026 08:00:00 +0100\n\
            Message-ID: <2@kavarna.example>\n\nNova kava je tu. Prijdte ochutnat.\n";
        // The sender says nothing of the stream: it is known by header From, once the message is there.
        let to = ["jana@posta.example", "petr@posta.example"];
        let said = exim.send("navrat@kavarna.example", &to, message).unwrap();
        let log = exim.log();
        let sent = relay.wait_for_captured(1);
        let sent = String::from_utf8(sent.into_iter().next().unwrap()).unwrap();
        assert!(sent.contains("Nova kava je tu."), "{sent} {log} {said:?}");
        let of = |sign: &str, name: &str| {
            let line = log.lines().find(|line| line.contains(sign) && line.contains(name));
            line.unwrap_or_else(|| panic!("no {sign} {name} in {log}"))
        };
        // In pieces (K), with a reply for each recipient.
        let taken = of(" => ", "jana@posta.example");
        assert!(taken.contains(" PRDR ") && taken.contains(" K "), "{log}");
        assert!(of(" ** ", "petr@posta.example").contains("consent-missing"), "{log}");
    });
}
