//! The bodies of `fuzz/` on stable: over the dialogs, over foreign seeds where they are at hand,
//! and over random conversations made of the words that matter.

#![expect(clippy::print_stdout, reason = "a test that skips says so")]

#[path = "../fuzz/bodies/address.rs"]
mod address;
#[path = "../fuzz/bodies/end_of_message.rs"]
mod end_of_message;
#[path = "../fuzz/bodies/milter.rs"]
mod milter;
#[path = "../fuzz/bodies/session.rs"]
mod session;

use std::{fs, path::Path};

use proptest::{prelude::*, sample::select};

/// What clients say, in pieces that fit together in unforeseen ways.
const WORDS: [&str; 50] = [
    "EHLO a\r\n",
    "HELO a\r\n",
    "MAIL FROM:<a@x.cz>\r\n",
    "MAIL FROM:<> BODY=BINARYMIME\r\n",
    "MAIL FROM:<n@x.cz> SIZE=40 PRDR\r\n",
    "MAIL FROM:<ř@x.cz> SMTPUTF8\r\n",
    "RCPT TO:<b@x.cz>\r\n",
    "RCPT TO:<b@x.cz>\r\nRCPT TO:<n@x.cz>\r\nRCPT TO:<",
    "RCPT TO:<b@x.cz> NOTIFY=NEVER ORCPT=rfc822;b@x.cz\r\n",
    "RCPT TO:<n@x.cz>\r\n",
    "RCPT TO:<c@x.cz>\r\n",
    "RCPT TO:<ř@x.cz>\r\n",
    "DATA\r\n",
    "BDAT 3\r\n",
    "BDAT 5 LAST\r\n",
    "BDAT 0 LAST\r\n",
    "BDAT 100\r\n",
    "BDAT x\r\n",
    "RSET\r\n",
    "NOOP\r\n",
    "VRFY a\r\n",
    "QUIT\r\n",
    "STARTTLS\r\n",
    "AUTH PLAIN AGEAYg==\r\n",
    "AUTH PLAIN AG4AYg==\r\n",
    "AUTH LOGIN\r\n",
    "AUTH SCRAM-SHA-256 biwsbj1hLHI9YQ==\r\n",
    "Yz1iaXdzLHI9YXgscD1BQUFB\r\n",
    "YQ==\r\n",
    "*\r\n",
    "XCLIENT LOGIN=a\r\n",
    "XCLIENT ADDR=192.0.2.1\r\n",
    "XFORWARD ADDR=192.0.2.1\r\n",
    "XFORWARD HELO=a SOURCE=LOCAL\r\n",
    "GET / HTTP/1.1\r\n",
    ".\r\n",
    "\r\n.\r\n",
    "\n.\r\n",
    "\r.\r\n",
    "..\r\n",
    ".",
    "\r\n",
    "\r",
    "\n",
    "\0",
    "x",
    "Subject: y\r\n",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "ř",
    " ",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn the_same_bytes_cut_differently_are_the_same_to_the_session(
        options: [u8; 2],
        greeted: bool,
        words in prop::collection::vec(select(&WORDS[..]), 0..30),
    ) {
        let hello = if greeted { "EHLO a\r\nMAIL FROM:<a@x.cz>\r\nRCPT TO:<b@x.cz>\r\n" } else { "" };
        session::run(&[&options, hello.as_bytes(), words.concat().as_bytes()].concat());
    }

    #[test]
    fn the_end_of_a_message_is_where_the_slow_reader_finds_it(
        options: u8,
        bytes in prop::collection::vec(select(&b"..\r\r\n\n\r\n\0abc"[..]), 0..90),
        end: bool,
    ) {
        let end: &[u8] = if end { b"\r\n.\r\n" } else { b"" };
        end_of_message::run(&[&[options], &bytes[..], end].concat());
    }

    #[test]
    fn no_address_breaks_anything(text in "(<|MAIL FROM:<)?[ -~ř]{0,40}@?[a-z.\\[\\]:0-9-]{0,20}>?( [A-Z]{2,8}=[ -~]{0,20})?") {
        address::run(text.as_bytes());
    }

    #[test]
    fn random_bytes_break_nothing(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        session::run(&bytes);
        end_of_message::run(&bytes);
        address::run(&bytes);
        milter::run(&bytes);
    }

    #[test]
    fn a_mail_servers_packets_in_any_order_are_the_same_however_they_are_cut(
        cuts: u8,
        packets in prop::collection::vec(select(&PACKETS[..]), 0..30),
        odd in prop::collection::vec(any::<u8>(), 0..8),
    ) {
        let said = packets.iter().flat_map(|packet| {
            let length = u32::try_from(packet.len()).unwrap().to_be_bytes();
            [&length[..], packet].concat()
        });
        let said: Vec<u8> = said.chain(odd).collect();
        let begun = b"\0\0\0\x0dO\0\0\0\x06\0\0\x01\xff\0\x1f\xff\xff";
        milter::run(&[&[cuts], &begun[..], &said].concat());
        milter::run(&[&[cuts], &said[..]].concat());
    }
}

/// What a mail server says, without the lengths.
const PACKETS: [&[u8]; 18] = [
    b"O\0\0\0\x06\0\0\0\x3f\0\0\0\0",
    b"D",
    b"DM{auth_authen}\0shop\0",
    b"Clocalhost\x004\0\x19127.0.0.1\0",
    b"Htool.example\0",
    b"M<a@x.cz>\0",
    b"M<n@x.cz>\0SIZE=5\0",
    b"R<b@x.cz>\0",
    b"R<b@x.cz>\0",
    b"R<n@x.cz>\0FOO=1\0",
    b"T",
    b"LSubject\0 a\n\tb\0",
    b"LSubject\0a\nb\0",
    b"N",
    b"Bsome text\r\n",
    b"E",
    b"A",
    b"K",
];

#[test]
fn every_dialog_is_a_seed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/dialogs");
    let mut seeds = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let script = fs::read_to_string(entry.unwrap().path()).unwrap();
        let said: String = script
            .lines()
            .filter_map(|line| line.strip_prefix("C"))
            .map(|line| match line.strip_prefix("~ ") {
                Some(raw) => raw.replace("\\r", "\r").replace("\\n", "\n").replace("\\0", "\0"),
                None => format!("{}\r\n", line.strip_prefix(' ').unwrap_or("")),
            })
            .collect();
        for options in [0, 0b0010_1000, 0b0110_0000, 0b1110_0011] {
            for cut in [0, 3, 6, 130] {
                session::run(&[&[options, cut], said.as_bytes()].concat());
            }
            end_of_message::run(&[&[options], said.as_bytes()].concat());
        }
        said.lines().for_each(|line| address::run(line.as_bytes()));
        seeds += 1;
    }
    assert!(seeds > 30, "{seeds} dialogs found");
}

/// Real messages that nobody here wrote, sent through DATA as they are.
#[test]
fn every_foreign_message_is_a_seed() {
    let corpus = std::env::var_os("SOUHLAS_CORPUS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus"),
        Into::into,
    );
    if !corpus.exists() {
        println!("skipped: no corpus at {}", corpus.display());
        return;
    }
    let hello = b"EHLO a\r\nMAIL FROM:<a@x.cz>\r\nRCPT TO:<b@x.cz>\r\nDATA\r\n";
    let mut folders = vec![corpus];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ext| ext == "eml") {
                let message = fs::read(&path).unwrap();
                let said = &message[..message.len().min(2_000)];
                for options in [0, 8] {
                    session::run(&[&[options, 9], &hello[..], said, b"\r\n.\r\n"].concat());
                    end_of_message::run(&[&[options], said, b"\r\n.\r\n"].concat());
                }
            }
        }
    }
}
