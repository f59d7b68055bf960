//! Real messages: each is read, and what is known about some of them is what is read.

use bytes::Bytes;
use mail_parser::MessageParser;
use policy::{Message, PartKind, Reading};

fn messages() -> Vec<(String, Vec<u8>)> {
    let mut files = crate::corpus_files::all();
    files.retain(|(name, _)| {
        let kind = std::path::Path::new(name).extension().and_then(|kind| kind.to_str());
        matches!(kind, Some("eml" | "txt" | "msg" | "email" | "mbox") | None)
    });
    files
}

#[test]
fn parts_and_what_stands_between_them_make_up_the_message() {
    for (name, bytes) in messages() {
        let message = Message::parse(Bytes::from(bytes.clone()));
        let mut copy = Vec::with_capacity(bytes.len());
        let mut at = 0;
        let leaves = message.parts().iter().filter(|part| part.kind != PartKind::Multipart);
        for part in leaves {
            for range in [&part.head, &part.body] {
                copy.extend_from_slice(&bytes[at..range.start]);
                copy.extend_from_slice(message.raw(range.clone()));
                at = range.end;
            }
        }
        copy.extend_from_slice(&bytes[at..]);
        assert!(copy == bytes, "{name}");
    }
}

/// Another parser's opinion, where it can be relied on: fields of messages without faults.
#[test]
fn fields_read_as_another_parser_reads_them() {
    let (mut same, mut different) = (0, Vec::new());
    for (name, bytes) in messages() {
        let message = Message::parse(Bytes::from(bytes.clone()));
        if !message.faults().is_empty() {
            continue;
        }
        let Ok(Some(other)) = std::panic::catch_unwind(|| {
            MessageParser::default().parse(&bytes).map(|parsed| {
                let from = parsed.from().map(|from| {
                    from.iter().filter_map(|a| a.address().map(str::to_owned)).collect::<Vec<_>>()
                });
                (parsed.subject().unwrap_or_default().to_owned(), from.unwrap_or_default())
            })
        }) else {
            continue;
        };
        let from: Vec<_> = message.mailboxes("From").into_iter().map(|m| m.address).collect();
        let plain = |text: &str| policy::text::fold(text);
        if plain(&other.0) == plain(message.subject()) && other.1 == from {
            same += 1;
        } else {
            different.push((name, message.subject().to_owned(), from, other));
        }
    }
    // The rest are encoded words that the two read with different leniency.
    assert!(different.len() * 20 <= same + 20, "{same} same, different: {different:#?}");
}

#[test]
fn text_bodies_read_as_another_parser_reads_them() {
    let (mut same, mut different) = (0, Vec::new());
    for (name, bytes) in messages() {
        let message = Message::parse(Bytes::from(bytes.clone()));
        let [part] = message.parts() else { continue };
        if part.kind != PartKind::Text || !message.faults().is_empty() {
            continue;
        }
        let Ok(Some(Some(other))) = std::panic::catch_unwind(|| {
            MessageParser::default()
                .parse(&bytes)
                .map(|parsed| parsed.body_text(0).map(|text| policy::text::fold(&text)))
        }) else {
            continue;
        };
        let text = message.text(part).map(|text| policy::text::fold(&text)).unwrap_or_default();
        if text == other {
            same += 1;
        } else {
            different.push(name);
        }
    }
    assert!(different.len() * 10 <= same + 10, "{same} same, different: {different:#?}");
}

#[test]
fn every_message_of_the_charset_folder_is_read() {
    let mut unread = Vec::new();
    for (name, bytes) in messages() {
        if !name.starts_with("charset/") || name.contains("expect") {
            continue;
        }
        let message = Message::parse(Bytes::from(bytes));
        for part in message.parts() {
            let is_text = matches!(part.kind, PartKind::Text | PartKind::Html);
            if is_text && !part.attachment && message.text(part).is_none() {
                unread.push((name.clone(), part.charset.clone(), part.encoding));
            }
        }
    }
    unread.retain(|(name, charset, _)| {
        !charset.to_ascii_lowercase().contains("utf-7") && !name.contains("invalid-charset")
    });
    assert!(unread.is_empty(), "{unread:#?}");
}

#[test]
fn nearly_every_text_part_shows_something() {
    let (mut shown, mut empty) = (0, Vec::new());
    for (name, bytes) in messages() {
        let reading = Reading::of(Bytes::from(bytes));
        for view in &reading.views {
            if reading.message.parts()[view.part].body.len() < 200 || !view.readable {
                continue;
            }
            if view.text.is_empty() { empty.push(name.clone()) } else { shown += 1 }
        }
    }
    assert!(empty.len() * 20 <= shown, "{shown} shown, empty: {empty:#?}");
}
