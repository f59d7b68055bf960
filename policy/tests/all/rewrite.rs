//! Rewriting, held against real mail: what no edit names stays, twice is once, the footer is seen.
//!
//! The messages are read where they are and never committed; where they are not, that is said.

use std::collections::BTreeMap;

use bytes::Bytes;
use policy::{CannotEdit, Edit, Encoding, LinkKind, Message, Part, PartKind, Reading, render};

pub(crate) const IDENTITY: &str =
    "Odesílatel: Žluťoučký kůň s.r.o., IČO 27082440, sídlo Příčná 1, 110 00 Praha & okolí <CZ>";
const NOTICE: &str = "Tuto zprávu dostáváte, protože jste nám dali souhlas & <jste> zákazníkem.";
pub(crate) const SENTENCE: &str = "Nechcete dostávat obchodní sdělení? Odhlaste se zde";
const LINK: &str = "https://relay.example/u/AbC-_123?x=1&y=2";

pub(crate) fn link(kind: &LinkKind) -> String {
    match kind {
        LinkKind::Unsubscribe => LINK.to_owned(),
        LinkKind::UnsubscribeByMail => String::new(),
        LinkKind::Preferences => "https://relay.example/p/1".to_owned(),
        LinkKind::Renew { purpose } => format!("https://relay.example/r/{purpose}"),
        LinkKind::Confirm { purpose } => format!("https://relay.example/c/{purpose}"),
    }
}

pub(crate) fn footer() -> Vec<Edit> {
    vec![
        Edit::AddIdentity { text: IDENTITY.to_owned() },
        Edit::AddUnsubscribe { text: SENTENCE.to_owned() },
    ]
}

pub(crate) fn header_edits() -> Vec<Edit> {
    vec![
        Edit::LabelSubject { label: "[OS]".to_owned() },
        Edit::AddListUnsubscribe,
        Edit::AddListUnsubscribePost,
        Edit::AddListId { id: "news.obchod.cz".to_owned() },
        Edit::RemoveHeader { name: "Souhlas-Stream".to_owned() },
        Edit::RemoveHeader { name: "X-Mailer".to_owned() },
    ]
}

/// Every set of edits that is tried on every message.
fn sets() -> Vec<Vec<Edit>> {
    let mut sets: Vec<Vec<Edit>> = header_edits().into_iter().map(|edit| vec![edit]).collect();
    sets.extend(footer().into_iter().map(|edit| vec![edit]));
    sets.push(vec![Edit::LabelSender { label: "[OS]".to_owned() }]);
    sets.push(vec![Edit::LabelSubject { label: "Obchodní sdělení:".to_owned() }]);
    sets.push(vec![Edit::FillLinks]);
    let notice = |link: Option<&str>| Edit::AddNotice {
        text: NOTICE.to_owned(),
        link: link.map(str::to_owned),
    };
    sets.push(vec![notice(None)]);
    sets.push([footer(), vec![notice(Some("https://relay.example/p?x=1&y=2"))]].concat());
    sets.push(footer());
    sets.push([header_edits(), footer(), vec![Edit::FillLinks]].concat());
    sets
}

fn crlf(bytes: &[u8]) -> Bytes {
    let mut out = Vec::with_capacity(bytes.len() + bytes.len() / 40);
    let mut last = 0;
    for byte in bytes {
        if *byte == b'\n' && last != b'\r' {
            out.push(b'\r');
        }
        out.push(*byte);
        last = *byte;
    }
    Bytes::from(out)
}

/// What the corpus has in these folders, by name, with its line ends made CRLF.
fn corpus(folders: &[&str]) -> Vec<(String, Bytes)> {
    crate::corpus_files::all()
        .into_iter()
        .filter(|(name, bytes)| {
            bytes.len() < 300_000 && folders.iter().any(|folder| name.starts_with(folder))
        })
        .map(|(name, bytes)| (name, crlf(&bytes)))
        .collect()
}

/// Messages of every charset and transfer encoding a tool sends.
fn made() -> Vec<(String, Bytes)> {
    let mut made = Vec::new();
    for (charset, encoding, body) in [
        ("us-ascii", "7bit", b"Dobry den,\r\nsleva 20 %.\r\n".to_vec()),
        ("utf-8", "7bit", b"Dobry den.\r\n".to_vec()),
        ("utf-8", "8bit", "Dobrý den, příteli.\r\n".as_bytes().to_vec()),
        ("utf-8", "8bit", "Bez konce řádku".as_bytes().to_vec()),
        ("utf-8", "8bit", "Dobrý den\r\n-- \r\nJan\r\n".as_bytes().to_vec()),
        ("utf-8", "quoted-printable", b"P=C5=99=C3=ADli=C5=A1 =\r\ndlouh=C3=BD".to_vec()),
        ("utf-8", "base64", b"UMWZw61saSDFoQ==\r\n".to_vec()),
        ("iso-8859-2", "8bit", b"P\xf8\xedli\xb9\r\n".to_vec()),
        ("windows-1250", "quoted-printable", b"P=F8=EDli=9A\r\n".to_vec()),
        ("iso-8859-1", "8bit", b"caf\xe9\r\n".to_vec()),
        ("iso-2022-jp", "7bit", b"\x1b$B$3$s\x1b(B\r\n".to_vec()),
        ("utf-16le", "base64", b"YQBoAG8AagA=\r\n".to_vec()),
        ("x-nobody", "7bit", b"ascii\r\n".to_vec()),
        ("utf-8", "7bit", b"".to_vec()),
    ] {
        for kind in ["plain", "html"] {
            let mut text = format!(
                "From: \"Obchod\" <info@obchod.cz>\r\nSubject: Sleva\r\nMIME-Version: 1.0\r\n\
                 Content-Type: text/{kind}; charset={charset}\r\n\
                 Content-Transfer-Encoding: {encoding}\r\n\r\n"
            )
            .into_bytes();
            text.extend_from_slice(&body);
            made.push((format!("text/{kind} {charset} {encoding}"), Bytes::from(text)));
        }
    }
    made
}

/// Real newsletter templates as messages, in the transfer encodings that tools use.
fn templates() -> Vec<(String, Bytes)> {
    let mut out = Vec::new();
    for (index, (name, html)) in corpus(&["templates/"]).into_iter().enumerate() {
        if !name.ends_with(".html") {
            continue;
        }
        let (encoding, body) = match index % 3 {
            0 => ("8bit", html.to_vec()),
            1 => ("quoted-printable", quoted_printable(&html)),
            _ => ("base64", base64_lines(&html)),
        };
        let text = format!(
            "From: <a@b.cz>\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; \
             boundary=b\r\n\r\n--b\r\n\r\nText\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\
             Content-Transfer-Encoding: {encoding}\r\n\r\n"
        );
        let bytes = [text.as_bytes(), &body, b"\r\n--b--\r\n"].concat();
        out.push((format!("{name} {encoding}"), Bytes::from(bytes)));
    }
    out
}

pub(crate) fn quoted_printable(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut column = 0;
    for byte in text {
        let unit = match byte {
            b'\r' => continue,
            b'\n' => "\r\n".to_owned(),
            b'!'..=b'<' | b'>'..=b'~' => char::from(*byte).to_string(),
            _ => format!("={byte:02X}"),
        };
        if column + unit.len() > 75 && *byte != b'\n' {
            out.extend_from_slice(b"=\r\n");
            column = 0;
        }
        column = if *byte == b'\n' { 0 } else { column + unit.len() };
        out.extend_from_slice(unit.as_bytes());
    }
    out
}

pub(crate) fn base64_lines(text: &[u8]) -> Vec<u8> {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = Vec::new();
    for line in text.chunks(57) {
        for group in line.chunks(3) {
            let bits = group.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte))
                << (8 * (3 - group.len()));
            for place in 0..4 {
                let letter = LETTERS[(bits >> (18 - 6 * place) & 63) as usize];
                out.push(if place > group.len() { b'=' } else { letter });
            }
        }
        out.extend_from_slice(b"\r\n");
    }
    out
}

fn all() -> Vec<(String, Bytes)> {
    const REAL: [&str; 7] =
        ["commercial/", "transactional/", "mime/", "charset/", "signed/", "html-tricks/", "dsn/"];
    [made(), templates(), corpus(&REAL)].concat()
}

#[test]
fn no_edits_give_the_same_bytes() {
    for (name, bytes) in all() {
        let message = Message::parse(bytes.clone());
        let out = render(&message, &[], &link).unwrap();
        assert_eq!((out.as_ptr(), out.len()), (bytes.as_ptr(), bytes.len()), "{name}");
    }
}

#[test]
fn edits_change_what_they_name_and_nothing_else() {
    let mut refused: BTreeMap<String, usize> = BTreeMap::new();
    let mut edited = 0;
    let mut bad = 0;
    for (name, bytes) in all() {
        let message = Message::parse(bytes);
        for edits in sets() {
            let out = match render(&message, &edits, &link) {
                Ok(out) => out,
                Err(why) => {
                    *refused.entry(format!("{why:?}")).or_default() += 1;
                    check_refusal(&name, &message, &edits, why);
                    continue;
                }
            };
            edited += 1;
            let context = format!("{name}\n{edits:?}");
            let checked = std::panic::catch_unwind(|| {
                let after = Message::parse(out.clone());
                check_structure(&context, &message, &after);
                check_fields(&context, &message, &after, &edits);
                check_parts(&context, &message, &after, &edits);
                let twice = render(&after, &edits, &link);
                assert_eq!(twice.as_deref(), Ok(&out[..]), "twice is not once: {context}");
            });
            bad += usize::from(checked.is_err());
        }
    }
    assert_eq!(bad, 0, "each is shown above");
    println!("edited {edited} times, refused {refused:?}");
    assert!(edited > 300);
}

/// The repair is not trusted unseen, but it should be seen: a footer that lands where no reader
/// looks costs a message that could have been sent.
#[test]
fn the_footer_is_seen_wherever_it_was_written() {
    let mut unseen = Vec::new();
    let mut seen = 0;
    for (name, bytes) in all() {
        let before = Message::parse(bytes);
        let Ok(out) = render(&before, &footer(), &link) else { continue };
        let after = Reading::of(out);
        for view in &after.views {
            let (old, new) = (&before.parts()[view.part], &after.message.parts()[view.part]);
            if before.raw(old.body.clone()) == after.message.raw(new.body.clone()) {
                continue;
            }
            let linked = view.links.iter().any(|link| link.href == LINK && link.visible);
            if view.text.contains(IDENTITY) && view.text.contains(SENTENCE) && linked {
                seen += 1;
            } else {
                unseen.push(format!("{name} part {}", old.path));
            }
        }
    }
    println!("seen {seen}, unseen {unseen:#?}");
    assert!(unseen.len() <= seen / 50, "{unseen:#?}");
}

/// An edit is refused only for a reason that stands in the message.
fn check_refusal(name: &str, message: &Message, edits: &[Edit], why: CannotEdit) {
    let texts = message.parts().iter().filter(|part| is_text(part) && !part.attachment);
    match why {
        CannotEdit::Sealed => {
            assert!(message.parts().iter().any(|part| part.sealed), "{name} {edits:?}");
        }
        CannotEdit::Senders => {
            assert!(edits.iter().any(|edit| matches!(edit, Edit::LabelSender { .. })), "{name}");
        }
        CannotEdit::NoText => {
            let readable = texts.filter(|part| message.text(part).is_some());
            for part in readable {
                // A text beside an alternative or below the root of multipart/related is none of
                // the body's.
                assert!(part.parent.is_some(), "{name} {edits:?}");
            }
        }
        CannotEdit::Malformed => {
            assert!(
                message.is_malformed() || message.headers().is_empty() || texts.count() > 0,
                "{name} {edits:?}"
            )
        }
    }
}

fn is_text(part: &Part) -> bool {
    matches!(part.kind, PartKind::Text | PartKind::Html)
}

pub(crate) fn check_structure(context: &str, before: &Message, after: &Message) {
    assert_eq!(before.parts().len(), after.parts().len(), "{context}");
    for (old, new) in before.parts().iter().zip(after.parts()) {
        assert_eq!(
            (&old.path, old.parent, old.kind, &old.media_type, old.attachment, old.sealed),
            (&new.path, new.parent, new.kind, &new.media_type, new.attachment, new.sealed),
            "{context}"
        );
    }
    assert!(before.is_malformed() || !after.is_malformed(), "{context}: {:?}", after.faults());
}

/// Fields of the header that an edit may change, lower case.
fn touched(edit: &Edit) -> Vec<String> {
    let names: &[&str] = match edit {
        // Where the part must be converted to hold the new text.
        Edit::AddIdentity { .. } | Edit::AddNotice { .. } | Edit::AddUnsubscribe { .. } => {
            &["content-type", "content-transfer-encoding", "mime-version"]
        }
        Edit::FillLinks => {
            &["list-unsubscribe", "content-type", "content-transfer-encoding", "mime-version"]
        }
        Edit::LabelSubject { .. } => &["subject"],
        Edit::LabelSender { .. } => &["from"],
        Edit::AddListUnsubscribe => &["list-unsubscribe"],
        Edit::AddListUnsubscribePost => &["list-unsubscribe-post"],
        Edit::AddListId { .. } => &["list-id"],
        Edit::RemoveSignature { .. } => &["dkim-signature"],
        Edit::RemoveHeader { name } => return vec![name.to_ascii_lowercase()],
    };
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// Fields that no edit names are the same bytes in the same order; the edited ones read as they
/// should.
pub(crate) fn check_fields(context: &str, before: &Message, after: &Message, edits: &[Edit]) {
    let touched: Vec<String> = edits.iter().flat_map(touched).collect();
    let fields = |message: &Message| -> Vec<Vec<u8>> {
        message
            .headers()
            .iter()
            .filter(|header| !touched.contains(&header.name.to_ascii_lowercase()))
            .map(|header| message.raw(header.whole.clone()).trim_ascii_end().to_vec())
            .collect()
    };
    assert_eq!(fields(before), fields(after), "{context}");
    for line in after.headers().iter().filter(|header| {
        touched.contains(&header.name.to_ascii_lowercase())
            && !before
                .headers()
                .iter()
                .any(|old| before.raw(old.whole.clone()) == after.raw(header.whole.clone()))
    }) {
        let raw = after.raw(line.whole.clone());
        let longest = raw.split(|byte| *byte == b'\n').map(<[u8]>::len).max().unwrap_or(0);
        assert!(longest <= 999 || before.bytes().len() > 900, "{longest}: {context}");
    }
    for edit in edits {
        match edit {
            Edit::LabelSubject { label } => {
                for header in after.headers_named("Subject") {
                    let subject = after.decoded(header);
                    assert!(subject.contains(label.as_str()), "{subject:?} {context}");
                }
                let (old, new) = (before.subject().trim(), after.subject().trim());
                let removed = new.replacen(label.as_str(), "", 1);
                assert_eq!(squeezed(&removed), squeezed(old), "{context}");
            }
            Edit::LabelSender { label } => {
                let name = after.mailboxes("From").remove(0);
                assert!(name.name.starts_with(label.as_str()), "{name:?} {context}");
                assert_eq!(name.address, before.mailboxes("From")[0].address, "{context}");
                assert_eq!(after.mailboxes("From").len(), 1, "{context}");
                let old = &before.mailboxes("From")[0].name;
                assert!(squeezed(&name.name).ends_with(&squeezed(old)), "{name:?} {context}");
            }
            Edit::AddListUnsubscribe => {
                let found: Vec<_> = after.headers_named("List-Unsubscribe").collect();
                let value = after.decoded(found[0]);
                assert!(found.len() == 1 && value.starts_with(&format!("<{LINK}>")), "{context}");
                let own = before
                    .headers_named("List-Unsubscribe")
                    .any(|header| before.decoded(header).to_ascii_lowercase().contains("<mailto:"));
                assert_eq!(own, value.to_ascii_lowercase().contains("<mailto:"), "{context}");
            }
            Edit::RemoveHeader { name } => {
                assert_eq!(after.headers_named(name).count(), 0, "{context}");
            }
            Edit::FillLinks
            | Edit::AddIdentity { .. }
            | Edit::AddNotice { .. }
            | Edit::AddUnsubscribe { .. }
            | Edit::AddListUnsubscribePost
            | Edit::AddListId { .. }
            | Edit::RemoveSignature { .. } => {}
        }
    }
}

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect()
}

/// Parts without text are the same bytes; a text has only the footer more.
pub(crate) fn check_parts(context: &str, before: &Message, after: &Message, edits: &[Edit]) {
    let identity = edits.iter().any(|edit| matches!(edit, Edit::AddIdentity { .. }));
    let unsubscribe = edits.iter().any(|edit| matches!(edit, Edit::AddUnsubscribe { .. }));
    let notice = edits.iter().any(|edit| matches!(edit, Edit::AddNotice { .. }));
    let mut footers = 0;
    for (old, new) in before.parts().iter().zip(after.parts()) {
        let (raw, new_raw) = (before.raw(old.body.clone()), after.raw(new.body.clone()));
        if raw == new_raw {
            continue;
        }
        if old.kind == PartKind::Multipart {
            continue;
        }
        assert!(is_text(old) && !old.sealed, "{context}: part {}", old.path);
        let written = identity || unsubscribe || notice;
        assert!(written || edits.contains(&Edit::FillLinks), "{context}");
        footers += usize::from(written);
        // What could not be read (an unknown charset) is ASCII where it is edited.
        let text = before.text(old).unwrap_or_else(|| String::from_utf8_lossy(raw));
        let new_text = after.text(new).unwrap_or_else(|| String::from_utf8_lossy(new_raw));
        let html = old.kind == PartKind::Html;
        let added = added(&text, &new_text)
            .unwrap_or_else(|| panic!("{context}: part {}\n{text}\n=>\n{new_text}", old.path));
        let read = read_as(html, &added);
        assert!(!identity || read.contains(IDENTITY), "{context}: {added}");
        assert!(!notice || read.contains(NOTICE), "{context}: {added}");
        if unsubscribe {
            let expected = if html { LINK.replace('&', "&amp;") } else { LINK.to_owned() };
            assert!(read.contains(SENTENCE) && added.contains(&expected), "{context}: {added}");
        }
        if identity && unsubscribe {
            assert!(read.find(IDENTITY) < read.find(SENTENCE), "{context}");
        }
        assert!(
            added.split('\n').all(|line| line.len() < 900 || text.contains(line.trim_end())),
            "{context}"
        );
        if new.encoding == Encoding::QuotedPrintable {
            check_lines(context, raw, new_raw);
        }
    }
    assert!(!(identity || unsubscribe || notice) || footers > 0, "no footer: {context}");
}

/// What stands in `new` and not in `old`, if nothing else differs but line ends and the encoding.
fn added(old: &str, new: &str) -> Option<String> {
    let lines = |text: &str| text.replace("\r\n", "\n").replace('\r', "\n");
    let (old, new) = (lines(old), lines(new));
    // Blanks at the end of a quoted-printable line are no part of the text.
    let trimmed = |text: &str| {
        text.split('\n')
            .map(|line| line.trim_end_matches([' ', '\t']))
            .collect::<Vec<_>>()
            .join("\n")
    };
    one_piece(&old, &new).or_else(|| one_piece(&trimmed(&old), &trimmed(&new)))
}

fn one_piece(old: &str, new: &str) -> Option<String> {
    let front = old.bytes().zip(new.bytes()).take_while(|(a, b)| a == b).count();
    let back = old.bytes().rev().zip(new.bytes().rev()).take_while(|(a, b)| a == b).count();
    // The same bytes may count for both ends.
    let front = front.min(old.len());
    let back = back.min(old.len() - front);
    if front + back < old.trim_end_matches([' ', '\t', '=', '\n']).len() {
        return None;
    }
    let start = (0..=front).rev().find(|at| new.is_char_boundary(*at))?;
    let end = (new.len() - back..=new.len()).find(|at| new.is_char_boundary(*at))?;
    // A character more on both sides, where the ends began alike.
    let before = new[..start].rfind('\n').map_or(0, |at| at + 1);
    Some(
        new[before.min(start)..end.max(start)].to_owned()
            + &new[end.max(start)..].chars().take(80).collect::<String>(),
    )
}

/// Character references and line breaks undone.
fn read_as(html: bool, text: &str) -> String {
    if !html {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("&#") {
        out.push_str(before);
        let (number, after) = behind.split_once(';').unwrap();
        match number.parse().ok().and_then(char::from_u32) {
            Some(character) => out.push(character),
            None => out.push_str(&format!("&#{number};")),
        }
        rest = after;
    }
    out.push_str(rest);
    out.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

/// New encoded lines are at most 76 characters.
fn check_lines(context: &str, old: &[u8], new: &[u8]) {
    let longest = |raw: &[u8]| {
        raw.split(|byte| *byte == b'\n').map(|line| line.trim_ascii_end().len()).max().unwrap_or(0)
    };
    assert!(longest(new) <= longest(old).max(76), "{context}");
}
