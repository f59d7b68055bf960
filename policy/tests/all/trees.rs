//! Rewriting over generated MIME trees: whatever the structure, what no edit names is kept.

use bytes::Bytes;
use policy::{Action, Edit, Message, PartKind, Reading, decide, render};
use proptest::prelude::*;

use crate::{
    fixture::{Fixture, policy},
    rewrite,
};

/// A part before it is written.
#[derive(Clone, Debug)]
enum Tree {
    Leaf {
        head: String,
        body: Vec<u8>,
    },
    Node {
        kind: &'static str,
        parts: Vec<Tree>,
        preamble: &'static str,
        closed: bool,
        boundary: &'static str,
    },
}

const TEXTS: [&str; 8] = [
    "Dobrý den.\r\n",
    "",
    "Nové kávy za 199 Kč\r\n-- \r\nJana",
    "Bez konce řádku",
    "\r\n\r\n  mezery  \r\n",
    "--b1\r\n nic \r\n--\r\n",
    "https://souhlas.invalid/unsubscribe\r\n",
    ">From mě\r\n> citát\r\n",
];
const PAGES: [&str; 8] = [
    "<html><body><p>Dobrý den</p></body></html>\r\n",
    "<p>x",
    "",
    "<style>.x{display:none}</style><p class=x>skryto</p><p>vidět</p>",
    "<body><div><table><tr><td>x</body></html>",
    "<!-- <body> --><p>Sleva &amp; akce</p></body>",
    "<a href=\"https://souhlas.invalid/unsubscribe\">odhlásit</a>",
    "<p>x<!-- neukončeno",
];
const CHARSETS: [&str; 4] = ["utf-8", "iso-8859-2", "windows-1250", "us-ascii"];
const DISPOSITIONS: [&str; 4] =
    ["", "", "Content-Disposition: inline\r\n", "Content-Disposition: attachment; filename=a\r\n"];
const OTHERS: [&str; 5] = [
    "Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n",
    "Content-Type: text/calendar; method=REQUEST\r\n\r\nBEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
    "Content-Type: message/rfc822\r\n\r\nFrom: c@d.cz\r\nContent-Type: multipart/mixed; boundary=q\r\n\r\n--q\r\n\r\nx\r\n--q--\r\n",
    "Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\n\r\n\u{1}\u{2}\u{3}",
    "Content-Type: text/x-amp-html\r\n\r\n<body>x</body>\r\n",
];

fn encoded(text: &str, charset: &str, encoding: &str) -> Vec<u8> {
    let bytes: Vec<u8> = match charset {
        "iso-8859-2" | "windows-1250" => text.chars().map(latin).collect(),
        "us-ascii" => text.chars().filter(char::is_ascii).map(|c| c as u8).collect(),
        _ => text.as_bytes().to_vec(),
    };
    match encoding {
        "quoted-printable" => rewrite::quoted_printable(&bytes),
        "base64" => rewrite::base64_lines(&bytes),
        _ => bytes,
    }
}

/// Letters that both Central European charsets have in the same place.
fn latin(c: char) -> u8 {
    match c {
        'á' => 0xe1,
        'é' => 0xe9,
        'ě' => 0xec,
        'í' => 0xed,
        'ý' => 0xfd,
        'ř' => 0xf8,
        'č' => 0xe8,
        'ů' => 0xf9,
        c => u8::try_from(c).unwrap_or(b'?'),
    }
}

fn leaf() -> impl Strategy<Value = Tree> {
    let pick = |words: &'static [&'static str]| proptest::sample::select(words);
    let text = (
        any::<bool>(),
        0..8_usize,
        pick(&CHARSETS),
        pick(&["7bit", "8bit", "quoted-printable", "base64"]),
        pick(&DISPOSITIONS),
        any::<bool>(),
    )
        .prop_map(|(html, number, charset, encoding, disposition, flowed)| {
            let (kind, text) =
                if html { ("html", PAGES[number]) } else { ("plain", TEXTS[number]) };
            let flowed = if flowed && !html { "; format=flowed" } else { "" };
            Tree::Leaf {
                head: format!(
                    "Content-Type: text/{kind}; charset={charset}{flowed}\r\n\
                     Content-Transfer-Encoding: {encoding}\r\n{disposition}"
                ),
                body: encoded(text, charset, encoding),
            }
        });
    let other = pick(&OTHERS).prop_map(|other| {
        let (head, body) = other.split_once("\r\n\r\n").unwrap();
        Tree::Leaf { head: format!("{head}\r\n"), body: body.as_bytes().to_vec() }
    });
    let bare = pick(&TEXTS).prop_map(|text| Tree::Leaf {
        head: String::new(),
        body: encoded(text, "us-ascii", "7bit"),
    });
    prop_oneof![6 => text, 2 => other, 1 => bare]
}

fn tree() -> impl Strategy<Value = Tree> {
    leaf().prop_recursive(5, 24, 4, |inner| {
        (
            proptest::sample::select(
                &["mixed", "alternative", "related", "signed", "report", "x-odd", "digest"][..],
            ),
            proptest::collection::vec(inner, 1..4),
            proptest::sample::select(&["", "preamble\r\n", "--\r\n"][..]),
            proptest::bool::weighted(0.9),
            proptest::sample::select(&["b1", "b1-1", "=_Next 1", "b"][..]),
        )
            .prop_map(|(kind, parts, preamble, closed, boundary)| Tree::Node {
                kind,
                parts,
                preamble,
                closed,
                boundary,
            })
    })
}

/// `depth` makes boundaries differ; some are beginnings of others all the same.
fn written(tree: &Tree, depth: usize, out: &mut Vec<u8>) {
    match tree {
        Tree::Leaf { head, body } => {
            out.extend_from_slice(head.as_bytes());
            out.extend_from_slice(b"\r\n");
            out.extend_from_slice(body);
        }
        Tree::Node { kind, parts, preamble, closed, boundary } => {
            let boundary = format!("{boundary}{}", "x".repeat(depth));
            out.extend_from_slice(
                format!(
                    "Content-Type: multipart/{kind}; boundary=\"{boundary}\"\r\n\r\n{preamble}"
                )
                .as_bytes(),
            );
            for part in parts {
                out.extend_from_slice(format!("\r\n--{boundary}\r\n").as_bytes());
                written(part, depth + 1, out);
            }
            if *closed {
                out.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
            }
        }
    }
}

fn message(tree: &Tree) -> Bytes {
    let mut out = "From: \"Knihy\" <info@knihydobryden.cz>\r\nTo: jana@posta.example\r\n\
        Date: Mon, 04 May 2026 12:00:00 +0200\r\nMessage-ID: <1@knihydobryden.cz>\r\n\
        Subject: Jaro\r\nMIME-Version: 1.0\r\n"
        .as_bytes()
        .to_vec();
    written(tree, 0, &mut out);
    Bytes::from(out)
}

/// All bytes outside of the parts' own header fields and bodies.
fn skeleton(message: &Message) -> Vec<u8> {
    let leaves = message.parts().iter().filter(|part| part.kind != PartKind::Multipart);
    let mut out = Vec::new();
    let mut at = 0;
    for part in leaves {
        out.extend_from_slice(message.raw(at..part.head.start));
        out.push(b'|');
        at = part.body.end;
    }
    out.extend_from_slice(message.raw(at..message.bytes().len()));
    out
}

fn body_edits() -> Vec<Edit> {
    vec![
        Edit::FillLinks,
        Edit::AddIdentity { text: rewrite::IDENTITY.to_owned() },
        Edit::AddUnsubscribe { text: rewrite::SENTENCE.to_owned() },
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    /// Whatever the tree, an edit changes what it names, once.
    #[test]
    fn edits_keep_what_they_do_not_name(tree in tree()) {
        let bytes = message(&tree);
        let before = Message::parse(bytes.clone());
        for edits in [rewrite::header_edits(), rewrite::footer(), body_edits()] {
            let Ok(out) = render(&before, &edits, &rewrite::link) else { continue };
            let after = Message::parse(out.clone());
            let context = format!("{edits:?}\n{}", String::from_utf8_lossy(&bytes));
            rewrite::check_structure(&context, &before, &after);
            rewrite::check_fields(&context, &before, &after, &edits);
            if !edits.contains(&Edit::FillLinks) {
                rewrite::check_parts(&context, &before, &after, &edits);
            }
            let root_is_text = before.parts().len() == 1;
            if !root_is_text && edits.contains(&Edit::FillLinks) {
                let (old, new) = (skeleton(&before), skeleton(&after));
                // An empty part at a boundary may have got the line end that was missing.
                let squeezed = |bytes: &[u8]| -> Vec<u8> {
                    bytes.iter().copied().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect()
                };
                prop_assert_eq!(squeezed(&old), squeezed(&new), "{}", context);
            }
            let twice = render(&after, &edits, &rewrite::link);
            prop_assert_eq!(twice.as_deref(), Ok(&out[..]), "twice is not once: {}", context);
            // Reading it again is reading it.
            let again = Reading::of(bytes.clone()).again(out.clone());
            let first = Reading::of(out);
            let told = |reading: &Reading| -> Vec<(String, usize)> {
                reading.views.iter().map(|view| (view.text.clone(), view.links.len())).collect()
            };
            prop_assert_eq!(told(&again), told(&first), "{}", context);
        }
    }

    /// A message that was repaired and is decided on again needs no repair.
    #[test]
    fn what_was_repaired_passes_the_same_rules(tree in tree()) {
        let bytes = message(&tree);
        let fixture = Fixture::of("commercial consent=valid", bytes.clone());
        let verdict = fixture.with_facts(|facts| decide(&policy(), facts));
        if verdict.action != Action::SendEdited {
            return Ok(());
        }
        // As the relay's own links are known when it decides.
        let link = |_: &policy::LinkKind| "https://relay.invalid/unsubscribe".to_owned();
        let out = render(&fixture.reading.message, &verdict.edits, &link).unwrap();
        let after = Fixture::of("commercial consent=valid", out.clone());
        let second = after.with_facts(|facts| decide(&policy(), facts));
        prop_assert_eq!(second.action, Action::Send, "{:?}\n{}", second.edits, String::from_utf8_lossy(&out));
    }
}
