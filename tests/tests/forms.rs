//! A form from the shop's page to the first newsletter: what is sent, what is kept, and when.

use outside::{
    souhlas::{self, Setup, Souhlas, wait},
    submit::{get, post, post_from, submit},
};

const FORM: &str = r#"
[form.odber]
controller = "kavarna"
title = "Novinky z kavárny"
purpose = "novinky"
wording = "Chci dostávat novinky z kavárny."
privacy-url = "https://www.kavarna.example/osobni-udaje"
embed-from = ["https://www.kavarna.example"]
[[form.odber.box]]
purpose = "akce"
"#;
const JANA: &str = "jana-tajemna@posta.example";
const NEWS: &str = "From: Kavarna <novinky@kavarna.example>\r\nTo: nekdo@posta.example\r\n\
    Subject: Nova kava\r\nDate: Mon, 02 Nov 2026 08:00:00 +0100\r\n\
    Message-ID: <kava@kavarna.example>\r\nMIME-Version: 1.0\r\n\
    Content-Type: text/plain; charset=utf-8\r\n\r\nMame novou kavu z Etiopie.\r\n";

fn relay() -> Souhlas {
    let policy = format!("{}{FORM}", souhlas::POLICY);
    let relay = Souhlas::start(&Setup { policy, ..Setup::default() }).unwrap();
    relay.add_purpose();
    let why = ["--controller", "kavarna", "--name", "Akce a slevy", "--double-opt-in", "--of-age"];
    let how = ["--basis", "consent", "--duration", "1 year"];
    relay.must(&[&["purpose", "add", "akce"][..], &why, &how].concat());
    relay
}

fn sent(relay: &Souhlas) -> String {
    submit(relay.smtp, "novinky@kavarna.example", JANA, NEWS)
}

/// The text of the newest captured message, and the path of the link in it.
fn letter(relay: &Souhlas, count: usize) -> (String, String) {
    let bytes = relay.wait_for_captured(count).pop().unwrap();
    let message = policy::Message::parse(bytes.into());
    let part = message.parts().iter().find(|part| part.media_type == "text/plain").unwrap();
    let text = message.text(part).unwrap().to_string();
    let at = text.find("https://odhlasit.kavarna.cz").unwrap_or_else(|| panic!("no link: {text}"));
    let link = text[at..].split_whitespace().next().unwrap();
    let path = link.strip_prefix("https://odhlasit.kavarna.cz").unwrap().to_owned();
    (text, path)
}

#[test]
fn from_the_form_by_the_letter_to_the_first_message() {
    let relay = relay();
    let page = get(relay.web, "/f/odber");
    for part in
        ["Novinky z kavárny", "Chci dostávat novinky z kavárny.", "99900017", "/osobni-udaje"]
    {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(!page.contains("checked"), "no box is ticked beforehand: {page}");
    let form = format!("address={JANA}&box=akce&age=yes");
    let answer = post(relay.web, "/f/odber", &form);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let (text, path) = letter(&relay, 1);
    assert!(text.contains("Chci dostávat novinky z kavárny."), "{text}");
    assert!(sent(&relay).starts_with("550 5.7.1 consent-missing"), "not before the click");
    assert!(!relay.command(&["contact", "show", JANA]).status.success(), "nor on record");
    let page = get(relay.web, &path);
    assert!(page.contains("Chci dostávat novinky z kavárny.") && page.contains("Akce a slevy"));
    assert!(sent(&relay).starts_with("550 "), "looking is no click");
    let answer = post(relay.web, &path, "");
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("Děkujeme"), "{answer}");
    assert!(sent(&relay).starts_with("250 "));
    let shown = relay.must(&["contact", "show", JANA]);
    for part in ["double-opt-in", "127.0.0.1", "Chci dostávat novinky", "akce"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let again = post(relay.web, &path, "");
    assert!(again.starts_with("HTTP/1.1 200") && again.contains("už"), "{again}");
    for secret in ["tajemn", path.trim_start_matches("/c/")] {
        assert!(!relay.said().contains(secret), "{}", relay.said());
    }
}

#[test]
fn a_form_asks_again_for_what_is_wrong_and_keeps_what_is_right() {
    let relay = relay();
    for (form, status, parts) in [
        (
            "address=jana&box=akce&age=yes",
            "422",
            &["address-wrong", "value=\"jana\"", "checked"][..],
        ),
        ("address=jana@posta.example&box=akce", "422", &["age-wrong"]),
        ("address=jana%40gmial.com", "200", &["jana@gmail.com", "name=\"use\""]),
        ("address=%3Cscript%3E", "422", &["&#60;script&#62;"]),
        ("%ff", "400", &[]),
    ] {
        let answer = post(relay.web, "/f/odber", form);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{form}: {answer}");
        for part in parts {
            assert!(answer.contains(part), "{form}: {part}: {answer}");
        }
    }
    assert!(get(relay.web, "/f/neni").starts_with("HTTP/1.1 404"));
    // The person decides what is right.
    let kept = post(relay.web, "/f/odber", "use=jana%40gmial.com");
    assert!(kept.starts_with("HTTP/1.1 200"), "{kept}");
    let message = relay.wait_for_captured(1).remove(0);
    assert!(String::from_utf8(message).unwrap().contains("To: <jana@gmial.com>"));
}

/// A machine, a second time, somebody known: the same page.
#[test]
fn no_answer_tells_whether_an_address_is_known() {
    let relay = relay();
    let form = format!("address={JANA}");
    let body = |answer: String| answer.split_once("\r\n\r\n").unwrap().1.to_owned();
    let machine = body(post(relay.web, "/f/odber", &format!("{form}&website=spam")));
    let first = body(post(relay.web, "/f/odber", &form));
    let second = body(post(relay.web, "/f/odber", &form));
    assert_eq!((&machine, &second), (&first, &first));
    let (_, path) = letter(&relay, 1);
    post(relay.web, &path, "");
    assert_eq!(body(post(relay.web, "/f/odber", &form)), first);
    assert!(sent(&relay).starts_with("250 "));
    let metrics = get(relay.ops, "/metrics");
    assert!(metrics.contains("souhlas_letters_total{what=\"subscription\"} 1\n"), "{metrics}");
}

#[test]
fn only_the_pages_that_policy_toml_names_may_frame_a_form_or_send_to_it() {
    let relay = relay();
    let page = get(relay.web, "/f/odber");
    assert!(page.contains("frame-ancestors https://www.kavarna.example"), "{page}");
    assert!(!page.to_lowercase().contains("x-frame-options"), "{page}");
    let form = format!("address={JANA}");
    let other = post_from(relay.web, "/f/odber", &form, "Origin: https://evil.example\r\n");
    assert!(other.starts_with("HTTP/1.1 400"), "{other}");
    let shop = post_from(relay.web, "/f/odber", &form, "Origin: https://www.kavarna.example\r\n");
    assert!(shop.starts_with("HTTP/1.1 200"), "{shop}");
    assert!(shop.contains("access-control-allow-origin: https://www.kavarna.example"), "{shop}");
    let (_, path) = letter(&relay, 1);
    let page = get(relay.web, &path);
    assert!(page.contains("frame-ancestors 'none'"), "a click is not made in a frame: {page}");
}

#[test]
fn one_machine_fills_in_so_many_forms_an_hour() {
    let relay = relay();
    let answers: Vec<String> = (0..31)
        .map(|at| post(relay.web, "/f/odber", &format!("address=a{at}@b.example")))
        .collect();
    assert!(answers[29].starts_with("HTTP/1.1 200"), "{}", answers[29]);
    assert!(answers[30].starts_with("HTTP/1.1 503"), "{}", answers[30]);
    wait(|| (relay.captured().len() == 30).then_some(())).expect("one letter each");
}
