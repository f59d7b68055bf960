//! A form from the shop's page to the first newsletter: what is sent, what is kept, and when.

use outside::{
    api::Client,
    souhlas::{self, Setup, Souhlas, wait},
    submit::{get, post, post_from, submit},
};
use serde_json::{Value, json};

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

[form.diky]
controller = "kavarna"
privacy-url = "https://www.kavarna.example/osobni-udaje"
thank-you = "https://www.kavarna.example/dekujeme?z=formulare"
[[form.diky.box]]
purpose = "novinky"
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

#[test]
fn after_the_click_the_person_goes_where_the_form_says() {
    let relay = relay();
    let none = post(relay.web, "/f/diky", &format!("address={JANA}"));
    assert!(none.starts_with("HTTP/1.1 422") && none.contains("choices-wrong"), "{none}");
    let own = "Sec-Fetch-Site: same-origin\r\nOrigin: null\r\n";
    post_from(relay.web, "/f/diky", &format!("address={JANA}&box=novinky"), own);
    let (_, path) = letter(&relay, 1);
    // Browsers hold what comes after sending a form to the page's own policy.
    assert!(get(relay.web, &path).contains("form-action 'self' https://www.kavarna.example;"));
    let answer = post(relay.web, &path, "");
    assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
    assert!(answer.contains("location: https://www.kavarna.example/dekujeme?z=formulare"));
    let shown = relay.must(&["contact", "show", JANA]);
    assert!(shown.contains("https://odhlasit.kavarna.cz/f/diky"), "where it stood: {shown}");
}

/// S63: a shop's own form, a till, a chat.
#[test]
fn a_tool_asks_for_the_same_letter() {
    let relay = relay();
    let client = Client::of(&relay, "kavarna", &["contacts:write"]);
    let ask = |change: &dyn Fn(&mut Value)| {
        let mut body = json!({
            "form": "odber", "address": JANA, "purposes": ["akce"], "of_age": true,
            "ip": "192.0.2.7", "url": "https://www.kavarna.example/kosik", "language": "en",
        });
        change(&mut body);
        client.post("/v1/subscriptions", &body)
    };
    for (change, status, code) in [
        (
            &(|body: &mut Value| body["form"] = json!("neni")) as &dyn Fn(&mut Value),
            404,
            "form-unknown",
        ),
        (&|body| body["purposes"] = json!(["novinky"]), 404, "purpose-unknown"),
        (&|body| body["of_age"] = json!(false), 422, "age-missing"),
        (&|body| body["language"] = json!("fr"), 422, "value-wrong"),
    ] {
        let answer = ask(change);
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{}", answer.text);
    }
    let first = ask(&|_| ());
    assert_eq!((first.status, &first.json()["sent"]), (202, &json!(true)), "{}", first.text);
    assert_eq!(ask(&|_| ()).json()["sent"], json!(false), "one letter a day");
    let (text, path) = letter(&relay, 1);
    assert!(text.contains("Confirm"), "in the language that was asked for: {text}");
    assert!(post(relay.web, &path, "").contains("lang=\"en\""));
    let shown = relay.must(&["contact", "show", JANA]);
    for part in ["192.0.2.7", "https://www.kavarna.example/kosik", "double-opt-in"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
}

#[test]
fn the_letter_is_signed_and_in_the_journal() {
    let relay = relay();
    relay.must(&["keys", "dkim", "new", "kavarna.example", "--algorithm", "ed25519"]);
    relay.signal("HUP");
    wait(|| relay.said().contains("is in force").then_some(())).expect("it reloads");
    post(relay.web, "/f/odber", &format!("address={JANA}"));
    let bytes = relay.wait_for_captured(1).remove(0);
    let message = String::from_utf8(bytes).unwrap();
    for part in ["DKIM-Signature:", "d=kavarna.example", "Auto-Submitted: auto-generated"] {
        assert!(message.contains(part), "{part}: {message}");
    }
    // Which the grant's evidence will name.
    let id = message.split_once("Message-ID: <").unwrap().1.split_once('@').unwrap().0;
    let listed = ["journal", "list", "--message", id];
    wait(|| relay.must(&listed).contains("delivered").then_some(())).expect("it is noted");
}

#[test]
fn a_form_for_a_page_of_ones_own_is_printed_with_all_its_fields() {
    let relay = relay();
    let shown = relay.must(&["form", "show", "odber"]);
    for part in [
        "action=\"https://odhlasit.kavarna.cz/f/odber\"",
        "name=\"address\"",
        "name=\"box\" value=\"akce\"",
        "name=\"age\"",
        "name=\"website\"",
        "https://www.kavarna.example/osobni-udaje",
        "Chci dostávat novinky z kavárny.",
        "<iframe src=\"https://odhlasit.kavarna.cz/f/odber\"",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert!(!shown.contains("checked"), "{shown}");
    let german = relay.must(&["form", "show", "odber", "--lang", "de"]);
    assert!(german.contains("/f/odber?lang=de") && german.contains("Abonnieren"), "{german}");
    assert!(relay.must(&["form", "list"]).contains("novinky, akce"));
    relay.must(&["purpose", "close", "akce", "--controller", "kavarna", "--reason", "over"]);
    let listed = relay.command(&["form", "list"]);
    assert!(String::from_utf8_lossy(&listed.stderr).contains("purpose `akce` is not there"));
    assert!(!get(relay.web, "/f/odber").contains("value=\"akce\""), "nobody is asked for it");
    relay.signal("HUP");
    wait(|| relay.said().contains("nobody is asked for it").then_some(())).expect("a warning");
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
