//! The test bench: what would come of a message, without anything being sent or kept.

use outside::{
    api::Answer,
    console::{Browser, between, on_both},
    souhlas::{POLICY, Setup, Souhlas},
};

use crate::decisions::{self, JANA, NEWS, PETR};

fn relay(setup: &Setup) -> (Souhlas, Browser) {
    let relay = Souhlas::start(setup).unwrap();
    relay.add_purpose();
    decisions::grant(&relay);
    let admin = Browser::first(&relay);
    (relay, admin)
}

/// The same with another controller, whose people see nothing of the first one's.
pub(crate) fn with_garden(setup: Setup) -> Setup {
    let garden = "[controller.zahrada]\nname = \"Zahrada s.r.o.\"\ncompany-id = \"99900025\"\n\
                  country = \"CZ\"\ndomains = [\"zahrada.example\"]\n";
    Setup { policy: format!("{POLICY}\n{garden}"), ..setup }
}

/// Asked of the page as its form asks.
fn tried(browser: &mut Browser, message: &str, to: &str, more: &[(&str, &str)]) -> Answer {
    browser.get("/try");
    browser.post("/try", &[&[("message", message), ("to", to)][..], more].concat())
}

#[test]
fn a_message_is_judged_as_it_would_be_and_nothing_is_kept() {
    on_both(|setup| {
        let (relay, mut admin) = relay(&setup);
        let page = tried(&mut admin, NEWS, PETR, &[]).text;
        for said in [
            "badge stop\">refused",
            "Commercial messages go only to people who agreed",
            "consent-missing",
            "480/2004",
            "10,000,000",
            "Record the consent with its evidence",
            "Mame novou kavu z Etiopie.",
        ] {
            assert!(page.contains(said), "{said}: {page}");
        }
        assert!(!page.contains("as it would leave"), "it would not");
        let page = tried(&mut admin, NEWS, JANA, &[]).text;
        for said in [
            "badge go\">sent, repaired",
            "as it would leave",
            "The field List-Unsubscribe-Post is added",
            "<tr class=\"new\">",
            "List-Unsubscribe: ",
            "<code>Mame novou kavu z Etiopie.</code>",
            "Lipová 12, 602 00 Brno",
        ] {
            assert!(page.contains(said), "{said}: {page}");
        }
        assert!(relay.captured().is_empty() && relay.must(&["queue", "list"]).lines().count() < 2);
        assert!(!relay.must(&["journal", "list"]).contains("decided"), "nothing is kept");
        let trail = admin.get("/audit?act=message-tried").text;
        let lines = between(&trail, "<tbody>", "</tbody>").unwrap();
        assert_eq!(lines.matches("<tr>").count(), 2, "{lines}");
        assert!(!lines.contains("posta.example") && !lines.contains("Sleva"), "{lines}");
    });
}

/// Signed, so no edit may touch it.
const SIGNED: &str = "From: Kavarna <novinky@kavarna.example>\r\nTo: nekdo@posta.example\r\n\
    Subject: Sleva 20 procent\r\nDate: Mon, 02 Nov 2026 08:00:00 +0100\r\n\
    Message-ID: <podpis@kavarna.example>\r\nMIME-Version: 1.0\r\n\
    Content-Type: multipart/signed; micalg=sha-256; boundary=b;\r\n\
    \x20protocol=\"application/pkcs7-signature\"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n\
    Mame novou kavu.\r\n--b\r\nContent-Type: application/pkcs7-signature\r\n\r\nx\r\n--b--\r\n";

#[test]
fn why_and_what_to_change_is_told_in_the_language_of_staff() {
    on_both(|setup| {
        let (_relay, mut admin) = relay(&setup);
        for (language, to, message, said) in [
            ("cs", PETR, NEWS, "pro tento účel není v evidenci žádný souhlas"),
            ("cs", PETR, NEWS, "Zaznamenejte souhlas i s dokladem (<code>souhlas grant</code>)"),
            ("sk", PETR, NEWS, "Zaznamenajte súhlas aj s dokladom (<code>souhlas grant</code>)"),
            ("sk", JANA, SIGNED, "obyčajný text nemá viditeľný odkaz na odhlásenie; "),
            ("sk", JANA, SIGNED, "; opraviť nemožno: text je podpísaný alebo šifrovaný"),
        ] {
            admin.post("/language", &[("language", language), ("then", "/own")]);
            let page = tried(&mut admin, message, to, &[]).text;
            assert!(page.contains(said), "{said}: {page}");
            assert!(!page.contains("no consent") && !page.contains("no repair"), "{page}");
        }
    });
}

#[test]
fn the_verdict_is_that_of_the_command_line_at_that_time_and_by_that_login() {
    on_both(|setup| {
        let (relay, mut admin) = relay(&setup);
        let file = relay.path("news.eml");
        std::fs::write(&file, NEWS).unwrap();
        let file = file.display().to_string();
        for (at, look) in [("2020-01-01T00:00", "stop"), ("2099-01-01T00:00", "stop"), ("", "go")] {
            let page = tried(&mut admin, NEWS, JANA, &[("at", at)]).text;
            assert!(page.contains(&format!("badge {look}\">")), "{at}: {page}");
            let time = format!("{at}:00Z");
            let mut arguments = vec!["explain", file.as_str(), "--to", JANA, "--json"];
            if !at.is_empty() {
                arguments.extend(["--at", &time]);
            }
            let said = relay.command(&arguments);
            let said: serde_json::Value = serde_json::from_slice(&said.stdout).unwrap();
            for one in said["outcomes"].as_array().unwrap() {
                let broken = format!("reason {}\">", one["outcome"].as_str().unwrap());
                let told = page.split("<article class=\"").any(|reason| {
                    reason.starts_with(&broken) && reason.contains(one["rule"].as_str().unwrap())
                });
                let is_reason = one["outcome"] == "broken" || one["outcome"] == "undecided";
                assert_eq!(told, is_reason, "{at}: {one}");
            }
        }
        for (field, value, said) in [
            ("login", "nobody", "There is no login “nobody”."),
            ("from", "x@else.example", "No stream of the policy matches"),
            ("stream", "gone", "The policy has no stream “gone”."),
        ] {
            let message = NEWS.replace("From: Kavarna <novinky@kavarna.example>\r\n", "");
            let page = tried(&mut admin, &message, JANA, &[(field, value)]).text;
            assert!(page.contains(said), "{field}: {page}");
        }
        let spoofed = NEWS.replace("novinky@kavarna.example", "x@else.example");
        let page = tried(&mut admin, &spoofed, JANA, &[("login", "local")]).text;
        assert!(page.contains("may not use x@else.example (From)"), "{page}");
        for (message, to, more) in
            [("", JANA, ("at", "")), (NEWS, "jana", ("at", "")), (NEWS, JANA, ("at", "soon"))]
        {
            assert_eq!(tried(&mut admin, message, to, &[more]).status, 422);
        }
    });
}

/// An upload is read as the pasted text is.
#[test]
fn a_file_is_uploaded() {
    on_both(|setup| {
        let (_relay, mut admin) = relay(&setup);
        admin.get("/try");
        let part = |name: &str, value: &str| {
            format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        let body = format!(
            "{}{}--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.eml\"\r\n\
             Content-Type: message/rfc822\r\n\r\n{NEWS}\r\n--b--\r\n",
            part("form-key", &admin.form_key),
            part("to", PETR),
        );
        let kind = [("content-type", "multipart/form-data; boundary=b")];
        let page = admin.ask("POST", "/try", &kind, &body);
        assert_eq!(page.status, 200, "{}", page.text);
        assert!(page.text.contains("badge stop\">refused"), "{}", page.text);
        assert!(page.text.contains("Subject: Sleva 20 procent"), "it can be mended");
    });
}

#[test]
fn nobody_tries_what_is_anothers() {
    on_both(|setup| {
        let (relay, _admin) = relay(&with_garden(setup));
        let mut reviewer = Browser::with_roles(&relay, "jiri", &["reviewer:kavarna"]);
        assert_eq!(tried(&mut reviewer, NEWS, PETR, &[]).status, 200);
        let mut other = Browser::with_roles(&relay, "eva", &["reviewer:zahrada"]);
        let page = tried(&mut other, NEWS, PETR, &[]);
        assert!(page.text.contains("another sender’s"), "{}", page.text);
        assert!(!page.text.contains("consent-missing"), "{}", page.text);
        let stream = [("stream", "novinky")];
        assert_eq!(tried(&mut other, NEWS, PETR, &stream).status, 422);
        let said = relay.must(&["account", "add", "shop", "--role", "sender", "--login", "local"]);
        let link = said.lines().find_map(|line| line.strip_prefix("link: ")).unwrap();
        let mut sender = Browser::new(&relay);
        sender.follow_link(link, &[]);
        assert_eq!(tried(&mut sender, NEWS, PETR, &[]).status, 422, "it has to say by what");
        assert_eq!(tried(&mut sender, NEWS, PETR, &stream).status, 422);
        let page = tried(&mut sender, NEWS, PETR, &[("login", "local")]);
        assert!(page.text.contains("consent-missing"), "{}", page.text);
        assert!(!page.text.contains("/policy/rules/"), "its pages are not for senders");
    });
}
