//! No input takes more than linear time: a text is read and written once, and pieces of it, each as
//! often as makes the same length.
//!
//! Measured in the processor's time of this thread, in which waiting does not count. The whole may take
//! four times as long as its pieces; what is quadratic takes as many times as there are pieces.

use std::hint::black_box;

use bytes::Bytes;
use policy::{Edit, LinkKind, Reading, decide, render};

use crate::fixture::{Fixture, policy};

/// Pieces that make a bad reader look again at what it has seen.
const PIECES: [&str; 44] = [
    "<",
    ">",
    "</",
    "<a ",
    "<a href=x>",
    "<!--",
    "<!-- -->",
    "--",
    "-->",
    "<b>",
    "</b>",
    "<p>",
    "<table><td>",
    "</table>",
    "<style>",
    "<style>.x{color:red}</style>",
    "<p style='color:red' class='a b'>",
    "<p style=\"x:'",
    "&",
    "&#",
    "&amp",
    "=?",
    "=?utf-8?Q?a?= ",
    "=?utf-8?Q?",
    "(",
    "((",
    "\"",
    "\\",
    ",",
    ";",
    ":",
    "@",
    "https://a.cz/",
    "a: ",
    "-- \r\n",
    "-----",
    "-----\r\n",
    "\r\n ",
    "\r\n\r\n",
    "=\r\n",
    "\u{200b}",
    "e\u{301}",
    "IČO 1 ",
    "sleva ",
];
/// What surrounds them: `|` is where they stand.
const AROUND: [&str; 9] = [
    "From: |\r\n\r\nx\r\n",
    "From: a@b.cz\r\nSubject: |\r\n\r\nx\r\n",
    "From: a@b.cz\r\nContent-Type: text/plain; |\r\n\r\nx\r\n",
    "From: a@b.cz\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n|\r\n",
    "From: a@b.cz\r\nContent-Type: text/html; charset=utf-8\r\n\r\n|\r\n",
    "From: a@b.cz\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<style>|</style><p class=a>x\r\n",
    "From: a@b.cz\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n|\r\n",
    "From: a@b.cz\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n|\r\n",
    "From: a@b.cz\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n|\r\n--b--\r\n",
];
const BYTES: usize = 2_000;
const TIMES: usize = 24;
const UNFAIR_MAX: u64 = 4;
/// What costs less needs no second look: squares of lengths like these take seconds.
const CHEAP_NS: u64 = 100_000_000;

/// Nanoseconds on the processor so far; nothing where the system does not count them.
fn spent() -> Option<u64> {
    let counted = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    counted.split(' ').next()?.parse().ok()
}

fn cost(mut work: impl FnMut()) -> u64 {
    let before = spent().unwrap();
    work();
    spent().unwrap() - before
}

/// Where the whole takes more than its pieces together: how long both took.
fn unfair(mut pieces: impl FnMut(), mut whole: impl FnMut()) -> Option<(u64, u64)> {
    let mut much = cost(&mut whole);
    if much < CHEAP_NS {
        return None;
    }
    // Once more where it looks bad: a busy machine is no finding.
    much = much.min(cost(&mut whole));
    let little = cost(|| (0..TIMES).for_each(|_| pieces()));
    (much > little * UNFAIR_MAX + CHEAP_NS).then_some((little, much))
}

fn read_and_written(message: &Bytes) {
    let reading = Reading::of(message.clone());
    black_box(reading.classified());
    for view in &reading.views {
        black_box(view.folded());
    }
    let edits = [
        Edit::LabelSubject { label: "[OS]".to_owned() },
        Edit::LabelSender { label: "[OS]".to_owned() },
        Edit::AddIdentity { text: "Kavárna".to_owned() },
        Edit::AddUnsubscribe { text: "Odhlásit".to_owned() },
        Edit::FillLinks,
        Edit::AddListUnsubscribe,
    ];
    let link = |_: &LinkKind| "https://relay.example/u".to_owned();
    for edit in edits.chunks(1) {
        let _ = black_box(render(&reading.message, edit, &link));
    }
}

#[test]
fn no_message_costs_more_than_its_length() {
    if spent().is_none() {
        println!("skipped: this system does not count a thread's time");
        return;
    }
    let mut found = Vec::new();
    for around in AROUND {
        for piece in PIECES {
            let message = |bytes: usize| {
                Bytes::from(around.replacen('|', &piece.repeat(bytes / piece.len()), 1))
            };
            let (small, large) = (message(BYTES), message(BYTES * TIMES));
            if let Some(took) = unfair(|| read_and_written(&small), || read_and_written(&large)) {
                found.push(format!("{piece:?} in {around:?}: {took:?} ns"));
            }
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

/// The rules too, and what repairs and reads again.
#[test]
fn no_decision_costs_more_than_the_messages_length() {
    let Some(_) = spent() else { return };
    let head = "Subject: Newsletter\nContent-Type: text/html; charset=utf-8\n\n";
    for piece in [
        "<p>Knihy Dobrý den s.r.o.</p>\n",
        "<a href=\"https://a.cz/u\">Odhlásit</a>\n",
        "IČO 61234567 ",
        "{{name}} ",
        "sleva 20 % ",
    ] {
        let fixture = |bytes: usize| {
            let body = piece.repeat(bytes / piece.len());
            Fixture::new("commercial consent=valid", &format!("{head}{body}\n"))
        };
        let decided = |fixture: &Fixture| {
            drop(black_box(fixture.with_facts(|facts| decide(&policy(), facts))));
        };
        let (small, large) = (fixture(BYTES), fixture(BYTES * TIMES));
        let took = unfair(|| decided(&small), || decided(&large));
        assert_eq!(took, None, "{piece:?}");
    }
}
