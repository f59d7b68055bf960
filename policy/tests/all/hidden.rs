//! A duty met only in what nobody sees is not met: every way to hide it, through the whole decision.

use bytes::Bytes;
use policy::{Edit, Outcome, Reading, render, rules};

use crate::{fixture::Fixture, rewrite::base64_lines};

const IDENTITY: &str =
    "Knihy Dobrý den s.r.o., IČO 61234567, Dlouhá 12, 110 00 Praha 1, zapsaná v rejstříku C 98765";
const LINK: &str = "<a href=\"https://knihydobryden.cz/u/1\">Odhlásit odběr</a>";

/// What stands in the head, and what opens and closes around the text.
const HIDDEN: [(&str, &str, &str); 28] = [
    ("", "<div style=\"display:none\">", "</div>"),
    ("", "<div style=\"visibility:hidden\">", "</div>"),
    ("", "<div style=\"opacity:0\">", "</div>"),
    ("", "<div style=\"font-size:1px\">", "</div>"),
    ("", "<div style=\"font-size:0;line-height:0\">", "</div>"),
    ("", "<p hidden>", "</p>"),
    ("", "<div style=\"max-height:0;overflow:hidden\">", "</div>"),
    ("", "<div style=\"position:absolute;left:-9999px\">", "</div>"),
    ("", "<div style=\"text-indent:-9999px\">", "</div>"),
    ("", "<div style=\"position:absolute;clip:rect(0,0,0,0)\">", "</div>"),
    ("", "<!--[if mso]><p>", "</p><![endif]-->"),
    ("", "<!-- ", " -->"),
    ("", "<template>", "</template>"),
    ("<style>.t, .t a{display:none}</style>", "<div class=t>", "</div>"),
    ("<style>#t{visibility:hidden !important}</style>", "<div id=t>", "</div>"),
    ("<style>small, small *{font-size:2px}</style>", "<small>", "</small>"),
    ("<style>.t, .t a{color:#fff}</style>", "<div class=t>", "</div>"),
    ("<style>.t, .t a{color:hsl(0 0% 99%)}</style>", "<div class=t>", "</div>"),
    ("<style>.t{background:#222}.t, .t a{color:rgb(40,40,40)}</style>", "<p class=t>", "</p>"),
    ("<style>table .t{opacity:.01}</style>", "<table><tr><td class=\"a t\">", "</td></tr></table>"),
    ("<style>.t{display:none}@media print{.t{display:block}}</style>", "<p class=t>", "</p>"),
    (
        "<style>.t{display:none}@media (max-width:600px){.t{display:block}}</style>",
        "<p class=t>",
        "</p>",
    ),
    ("<style>@media screen{.t{display:none}}</style>", "<p class=t>", "</p>"),
    ("<style>.t{display:none!important}</style>", "<p class=t style=\"display:block\">", "</p>"),
    ("<style>.t{display:none}</style>", "<div class=t><table><tr><td>", "</td></tr></table></div>"),
    ("", "<dialog>", "</dialog>"),
    ("", "<details><summary>Kdo jsme</summary>", "</details>"),
    ("<style>.t, .t *{display:block}</style>", "<details class=t><p>", "</details>"),
];

/// What may look alike and hides nothing.
const SEEN: [(&str, &str, &str); 12] = [
    ("", "<div>", "</div>"),
    ("", "<div style=\"font-size:9px;color:#999\">", "</div>"),
    ("<style>.other{display:none}</style>", "<div class=t>", "</div>"),
    ("<style>.t{display:none}</style>", "<div class=t style=\"display:block\">", "</div>"),
    ("<style>@media print{.t{display:none}}</style>", "<div class=t>", "</div>"),
    (
        "<style>@media only screen and (max-width:480px){.t{display:none}}</style>",
        "<p class=t>",
        "</p>",
    ),
    (
        "<style>@media (prefers-color-scheme:dark){.t,.t a{color:#fff}}</style>",
        "<p class=t>",
        "</p>",
    ),
    ("<style>.d{background-color:#222}.d, .d a{color:#fff}</style>", "<p class=d>", "</p>"),
    ("<style>.p{display:none;max-height:0}</style>", "<div class=p>Ukázka</div><p>", "</p>"),
    ("", "<!--[if !mso]><!--><p>", "</p><!--<![endif]-->"),
    ("", "<details open><summary>Kdo jsme</summary>", "</details>"),
    ("", "<details><summary>", "</summary>Další knihy</details>"),
];

fn message(head: &str, body: &str) -> String {
    format!(
        "Subject: Newsletter: jaro\nContent-Type: text/html; charset=utf-8\n\
         Content-Transfer-Encoding: 8bit\n\n\
         <html><head>{head}</head><body><p>Nové knihy za 199 Kč.</p>{body}</body></html>\n"
    )
}

fn is_kept(rule: &str, message: &str) -> bool {
    let fixture = Fixture::new("commercial consent=valid", message);
    let rule = rules::find(rule).unwrap();
    matches!(fixture.with_facts(|facts| (rule.check)(facts)), Outcome::Kept)
}

#[test]
fn an_identity_that_is_hidden_is_none() {
    for (head, open, close) in HIDDEN {
        let hidden = message(head, &format!("{open}{IDENTITY}{close}"));
        assert!(!is_kept("identity-missing", &hidden), "{hidden}");
    }
    for (head, open, close) in SEEN {
        let seen = message(head, &format!("{open}{IDENTITY}{close}"));
        assert!(is_kept("identity-missing", &seen), "{seen}");
    }
}

#[test]
fn a_link_to_unsubscribe_that_is_hidden_is_none() {
    for (head, open, close) in HIDDEN {
        let hidden = message(head, &format!("{open}{LINK}{close}"));
        assert!(!is_kept("unsubscribe-missing", &hidden), "{hidden}");
    }
    for (head, open, close) in SEEN {
        let seen = message(head, &format!("{open}{LINK}{close}"));
        assert!(is_kept("unsubscribe-missing", &seen), "{seen}");
    }
}

#[test]
fn the_words_of_an_image_are_no_text() {
    let image = format!("<img src=\"https://knihydobryden.cz/x.png\" alt=\"{IDENTITY}\">");
    assert!(!is_kept("identity-missing", &message("", &image)));
    let only = Fixture::new(
        "commercial",
        &message("", &image).replace("<p>Nové knihy za 199 Kč.</p>", ""),
    );
    let [view] = &only.reading.views[..] else { panic!("one part") };
    assert_eq!((view.text.as_str(), view.images, view.alt.as_str()), ("", 1, IDENTITY));
}

#[test]
fn every_alternative_must_show_it() {
    for (plain, html, kept) in [
        (IDENTITY, IDENTITY, true),
        (IDENTITY, "<p style=\"display:none\">x</p>", false),
        ("Nové knihy.", IDENTITY, false),
    ] {
        let message = format!(
            "Subject: Newsletter\nContent-Type: multipart/alternative; boundary=b\n\n--b\n\
             Content-Type: text/plain; charset=utf-8\n\n{plain}\n--b\n\
             Content-Type: text/html; charset=utf-8\n\n<p>{html}</p>\n--b--\n"
        );
        assert_eq!(is_kept("identity-missing", &message), kept, "{message}");
    }
}

/// What stands in a message that is passed on is not this message's own.
#[test]
fn a_nested_message_is_left_alone() {
    let message = format!(
        "Subject: Newsletter\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\n\
         Nové knihy.\n--b\nContent-Type: message/rfc822\n\nFrom: a@b.cz\nSubject: x\n\
         Content-Type: text/plain; charset=utf-8\n\n{IDENTITY}\n--b--\n"
    );
    assert!(!is_kept("identity-missing", &message));
}

/// Letters that only look Latin, drawn in other alphabets or with nothing between them, are read as
/// what a reader reads.
#[test]
fn look_alike_letters_are_read_as_they_look() {
    for (subject, labelled) in [
        ("Obchodní sdělení: jaro", true),
        ("O\u{200b}bchodní s\u{ad}dělení: jaro", true),
        ("\u{ff2f}\u{ff22}\u{ff23}\u{ff28}\u{ff2f}\u{ff24}\u{ff2e}\u{ff29} sdělení", true),
        ("\u{041e}bch\u{043e}dní sděl\u{0435}ní", true),
        ("\u{1d5e2}\u{1d5ef}\u{1d5f0}\u{1d5f5}\u{1d5fc}\u{1d5f1}\u{1d5fb}\u{1d5f6} sdeleni", true),
        ("\u{24c3}\u{24d4}\u{24e6}\u{24e2}\u{24db}\u{24d4}\u{24e3}\u{24e3}\u{24d4}\u{24e1}", true),
        ("\u{202a}Newsletter\u{202c}: jaro", true),
        ("N\u{0435}wsl\u{0435}tt\u{0435}r", true),
        ("Νewsletter", true),
        ("Nové knihy", false),
        ("\u{1f4f0} knihy", false),
    ] {
        let message = format!("Subject: {subject}\n\nNové knihy.\n");
        assert_eq!(is_kept("label-missing", &message), labelled, "{subject}");
    }
}

/// The same words in every charset that Czech mail comes in, through the way of the whole message.
#[test]
fn charsets_are_read_as_declared() {
    let word = "Žluťoučký kůň";
    let utf_16 =
        |order: fn(u16) -> [u8; 2]| word.encode_utf16().flat_map(order).collect::<Vec<u8>>();
    let latin_2 = b"\xaelu\xbbou\xe8k\xfd k\xf9\xf2".to_vec();
    let windows = b"\x8elu\x9dou\xe8k\xfd k\xf9\xf2".to_vec();
    for (charset, bytes, shown) in [
        ("utf-8", word.as_bytes().to_vec(), word),
        ("us-ascii", word.as_bytes().to_vec(), word),
        ("iso-8859-2", latin_2.clone(), word),
        ("ISO_8859-2", latin_2.clone(), word),
        ("windows-1250", windows.clone(), word),
        ("cp1250", windows.clone(), word),
        ("utf-16le", utf_16(u16::to_le_bytes), word),
        ("utf-16be", utf_16(u16::to_be_bytes), word),
        // Declared wrongly: what the reader sees, wrong letters and all.
        ("utf-8", windows, "\u{fffd}lu\u{fffd}ou\u{fffd}k\u{fffd} k\u{fffd}\u{fffd}"),
        ("windows-1250", latin_2, "®lu»oučký kůň"),
    ] {
        for html in [false, true] {
            let kind = if html { "html" } else { "plain" };
            let head = format!(
                "From: a@b.cz\r\nContent-Type: text/{kind}; charset={charset}\r\n\
                 Content-Transfer-Encoding: 8bit\r\n\r\n"
            );
            let reading = Reading::of(Bytes::from([head.as_bytes(), &bytes].concat()));
            assert_eq!(reading.views[0].text, shown, "{charset} {kind}");
        }
    }
}

/// HTML that says itself in what it is written is believed where its fields are silent, and outweighed
/// by them where they speak.
#[test]
fn html_tells_its_own_charset_where_nobody_else_does() {
    let word = "Žluťoučký kůň";
    let latin_2 = b"\xaelu\xbbou\xe8k\xfd k\xf9\xf2".as_slice();
    let meta = "<meta http-equiv=content-type content='text/html; charset=iso-8859-2'>";
    for (parameter, begins, bytes, shown) in [
        ("", "<meta charset=iso-8859-2>", latin_2, word),
        ("", meta, latin_2, word),
        ("; charset=iso-8859-2", "<meta charset=windows-1252>", latin_2, word),
        ("", "<meta charset=iso-8859-2>", b"plain", "plain"),
        ("", "", word.as_bytes(), word),
        ("", "<meta charset=utf-8>", word.as_bytes(), word),
    ] {
        for encoding in ["8bit", "base64", "quoted-printable"] {
            let text = [begins.as_bytes(), b"<p>", bytes].concat();
            let body = match encoding {
                "base64" => base64_lines(&text),
                "quoted-printable" => {
                    text.iter().map(|byte| format!("={byte:02X}")).collect::<String>().into_bytes()
                }
                _ => text,
            };
            let head = format!(
                "From: a@b.cz\r\nContent-Type: text/html{parameter}\r\n\
                 Content-Transfer-Encoding: {encoding}\r\n\r\n"
            );
            let reading = Reading::of(Bytes::from([head.as_bytes(), &body].concat()));
            assert_eq!(reading.views[0].text, shown, "{parameter} {begins} {encoding}");
        }
    }
}

/// And what is written into it can be read by it.
#[test]
fn a_footer_is_written_in_the_charset_that_html_tells_of_itself() {
    let head = "From: a@knihydobryden.cz\r\nContent-Type: text/html\r\n\r\n";
    let text = b"<meta charset=windows-1250><p>\x8elu\x9dou\xe8k\xfd</p>";
    let reading = Reading::of(Bytes::from([head.as_bytes(), text].concat()));
    let edit = Edit::AddIdentity { text: "Žižkův šálek s.r.o.".into() };
    let edited = render(&reading.message, &[edit], &|_| String::new()).unwrap();
    let again = Reading::of(edited);
    assert_eq!(again.views[0].text, "Žluťoučký\nŽižkův šálek s.r.o.");
}
