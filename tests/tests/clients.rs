//! Mailing clients that nobody here wrote submit through STARTTLS and AUTH; what leaves is what
//! they sent, byte for byte below the trace header.

use std::{fs, process::Command};

use outside::{
    client::{self, Client, Submission},
    souhlas::{Setup, Souhlas},
};

const PASSWORD: &str = "velmi-tajne-heslo-42";
const FROM: &str = "objednavky@kavarna.example";
const TO: [&str; 2] = ["prvni@example.net", "druhy@example.org"];

/// Transactional, so nothing in it needs a repair: dots at line starts, 8-bit text, long lines, a
/// folded header and a last line that ends.
const MESSAGE: &str = concat!(
    "From: =?utf-8?Q?Kav=C3=A1rna?= <objednavky@kavarna.example>\r\n",
    "To: prvni@example.net\r\n",
    "Subject: =?utf-8?Q?Potvrzen=C3=AD_objedn=C3=A1vky?=\r\n 2026-117\r\n",
    "Date: Mon, 02 Nov 2026 08:00:00 +0100\r\n",
    "Message-ID: <objednavka-2026-117@kavarna.example>\r\n",
    "MIME-Version: 1.0\r\n",
    "Content-Type: text/plain; charset=utf-8\r\n",
    "Content-Transfer-Encoding: 8bit\r\n",
    "\r\n",
    "Dobrý den,\r\n",
    ".přijali jsme Vaši objednávku č. 2026-117.\r\n",
    "..\r\n",
    "Zásilku odešleme zítra.\r\n",
);

#[test]
fn each_client_gets_its_message_through_unchanged() {
    let relay = relay();
    let file = relay.path("message.eml");
    fs::write(&file, MESSAGE).unwrap();
    for Client { name, send } in client::ALL {
        let before = relay.captured().len();
        let output = send(&submission(&relay, &file));
        assert!(output.status.success(), "{name}: {}", said(&output));
        // Both get the same bytes, so both are in one transaction and one file.
        let captured = relay.wait_for_captured(before + 1);
        assert_eq!(below_trace(&captured[before]), MESSAGE, "{name}");
    }
}

#[test]
fn a_client_that_begins_with_tls_gets_its_message_through_unchanged() {
    let relay = relay();
    let file = relay.path("message.eml");
    fs::write(&file, MESSAGE).unwrap();
    let to_host = relay.submissions;
    let output = client::curl_smtps(&Submission { to_host, ..submission(&relay, &file) });
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(below_trace(&relay.wait_for_captured(1)[0]), MESSAGE);
}

#[test]
fn phpmailer_gets_its_own_message_through_unchanged() {
    let relay = relay();
    let file = relay.path("unused");
    let output = client::phpmailer(&submission(&relay, &file));
    assert!(output.status.success(), "{}", said(&output));
    let sent = String::from_utf8(output.stdout).unwrap();
    let captured = relay.wait_for_captured(1);
    assert_eq!(below_trace(&captured[0]).trim_end(), sent.trim_end());
}

#[test]
fn a_client_that_connects_anew_for_each_message_is_not_slowed_by_its_password() {
    let relay = relay();
    let file = relay.path("message.eml");
    fs::write(&file, MESSAGE).unwrap();
    for _ in 0..5 {
        let output = (client::ALL[0].send)(&submission(&relay, &file));
        assert!(output.status.success(), "{}", said(&output));
    }
    let metrics = Command::new("curl")
        .args(["--silent", &format!("http://{}/metrics", relay.ops)])
        .output()
        .unwrap();
    let metrics = String::from_utf8(metrics.stdout).unwrap();
    let hashed = metrics
        .lines()
        .find_map(|line| line.strip_prefix("souhlas_password_hashes_total "))
        .expect("the hashes that were computed are counted");
    assert_eq!(hashed.trim(), "1", "of five connections one computes the hash");
}

#[test]
fn a_wrong_password_is_refused() {
    let relay = relay();
    let file = relay.path("message.eml");
    fs::write(&file, MESSAGE).unwrap();
    let submission = Submission { password: "jine", ..submission(&relay, &file) };
    let output = (client::ALL[0].send)(&submission);
    assert!(!output.status.success());
    assert!(said(&output).contains("535 5.7.8"), "{}", said(&output));
}

#[test]
fn a_sender_that_the_login_does_not_name_is_refused() {
    let relay = relay();
    let file = relay.path("message.eml");
    fs::write(&file, MESSAGE).unwrap();
    let submission = Submission { from: "nekdo@jinde.example", ..submission(&relay, &file) };
    let output = (client::ALL[0].send)(&submission);
    assert!(!output.status.success());
    assert!(said(&output).contains("550 5.7.1 sender-not-allowed"), "{}", said(&output));
}

fn relay() -> Souhlas {
    let relay = Souhlas::start(&Setup::default()).unwrap();
    relay.add_login("obchod", PASSWORD);
    // Loaded once, so that the path outlives every submission.
    fs::copy(relay.path("data/tls/cert.pem"), relay.path("ca.pem")).unwrap();
    relay
}

fn submission<'a>(relay: &'a Souhlas, file: &'a std::path::Path) -> Submission<'a> {
    Submission {
        to_host: relay.submission,
        ca: Box::leak(relay.path("ca.pem").into_boxed_path()),
        login: "obchod",
        password: PASSWORD,
        from: FROM,
        to: &TO,
        file,
    }
}

/// The message without the relay's own Received field.
fn below_trace(message: &[u8]) -> &str {
    let text = std::str::from_utf8(message).unwrap();
    let rest = text.strip_prefix("Received: ").expect("the trace is on top");
    let lines = rest.split_inclusive("\r\n").take(1).map(str::len).sum::<usize>();
    let folded: usize = rest[lines..]
        .split_inclusive("\r\n")
        .take_while(|line| line.starts_with(['\t', ' ']))
        .map(str::len)
        .sum();
    &rest[lines + folded..]
}

fn said(output: &std::process::Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}
