//! What every input must keep true, as plain functions: cargo-fuzz and `tests/all/fuzz.rs` run the
//! same ones. A body panics where a promise is broken.

use std::ops::Range;

use bytes::Bytes;
use policy::{Address, Edit, LinkKind, Message, Part, PartKind, Reading, text::Folded};

/// An address that was read reads as itself.
pub(crate) fn address(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(address) = Address::parse(text) else { return };
    let form = address.as_str();
    assert_eq!(Address::parse(form).as_ref(), Ok(&address), "{form:?} is not stable");
    assert!(form.len() <= 254 && address.local().len() <= 64);
    assert_eq!(format!("{}@{}", address.local(), address.domain()), form);
}

/// Every range lies inside the message, in order, and inside its parent.
pub(crate) fn message(data: &[u8]) {
    let message = Message::parse(Bytes::copy_from_slice(data));
    let parts = message.parts();
    assert!(!parts.is_empty());
    assert_eq!(message.bytes(), data);
    for (index, part) in parts.iter().enumerate() {
        assert_part(data, part);
        match part.parent {
            Some(parent) => {
                assert!(parent < index);
                let above = &parts[parent];
                assert_eq!(above.kind, PartKind::Multipart);
                assert!(within(&(part.head.start..part.body.end), &above.body));
                assert!(part.sealed || !above.sealed);
            }
            None => {
                assert_eq!(index, 0);
                assert_eq!((part.head.start, part.body.end), (0, data.len()));
            }
        }
        let _ = message.text(part);
    }
    for pair in parts.windows(2) {
        assert!(pair[0].head.start <= pair[1].head.start);
    }
    for header in message.headers() {
        let decoded = message.decoded(header);
        assert!(!decoded.contains(['\r', '\n', '\0']), "a control character in a decoded field");
    }
    for name in ["From", "To", "Cc", "Reply-To"] {
        for mailbox in message.mailboxes(name) {
            assert!(!mailbox.address.contains(['\r', '\n', '\0']));
        }
    }
}

fn assert_part(data: &[u8], part: &Part) {
    let whole = 0..data.len();
    assert!(within(&part.head, &whole) && within(&part.body, &whole));
    assert!(part.head.end <= part.body.start);
    let between = &data[part.head.end..part.body.start];
    assert!(matches!(between, b"" | b"\n" | b"\r\n"), "{between:?} between head and body");
    let mut last = part.head.start;
    for header in &part.headers {
        assert!(header.whole.start >= last && within(&header.whole, &part.head));
        assert!(within(&header.value, &header.whole));
        let name = &data[header.whole.start..header.value.start];
        assert!(name.starts_with(header.name.as_bytes()) && name.ends_with(b":"));
        last = header.whole.end;
    }
}

/// What is folded folds to itself, and every range leads back to whole characters.
pub(crate) fn folding(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let folded = Folded::of(&text);
    let form = folded.as_str();
    assert_eq!(Folded::of(form).as_str(), form, "{text:?} does not fold to what folds to itself");
    assert_eq!(form.trim(), form);
    let mut last = 0;
    // Each answer folds a stretch again, so of a long text a part is asked for.
    let step = form.len() / 64 + 1;
    for (at, c) in form.char_indices().step_by(step) {
        let back = folded.original(&text, at..at + c.len_utf8());
        assert!(text.get(back.clone()).is_some(), "{back:?} of {text:?}");
        assert!(back.start >= last, "the way back goes backwards in {text:?}");
        last = back.start;
    }
}

/// A reading is the same every time, and all evidence lies inside the message.
pub(crate) fn reading(data: &[u8]) {
    let bytes = Bytes::copy_from_slice(data);
    let reading = Reading::of(bytes.clone());
    if data.len() < 4_000 {
        assert_eq!(format!("{reading:?}"), format!("{:?}", Reading::of(bytes)));
    }
    let whole = 0..data.len();
    for view in &reading.views {
        let body = &reading.message.parts()[view.part].body;
        let mut last = 0;
        for (text, raw) in &view.spans {
            assert!(text.start == last && view.text.get(text.clone()).is_some());
            assert!(within(raw, body), "{raw:?} outside {body:?}");
            last = text.end;
        }
        assert_eq!(last, view.text.len());
        for link in &view.links {
            assert!(view.text.get(link.at.clone()).is_some());
            assert!(within(&link.raw, body));
        }
        for at in [0..view.text.len(), 0..0, view.text.len()..view.text.len()] {
            assert!(within(&view.evidence(&reading.message, at).range, &whole));
        }
    }
    for sign in reading.signs() {
        assert!(within(&sign.range, &whole));
        assert!(sign.shown.chars().count() <= 120);
    }
}

/// Edits keep the structure and every byte they do not name; twice is once.
pub(crate) fn rewrite(data: &[u8]) {
    let message = Message::parse(Bytes::from(with_crlf(data)));
    let link = |_: &LinkKind| "https://relay.example/u/Zm9v?a=1&b=2".to_owned();
    let label = "[OS]".to_owned();
    let headers = [
        Edit::LabelSubject { label: label.clone() },
        Edit::AddListUnsubscribe,
        Edit::AddListUnsubscribePost,
        Edit::AddListId { id: "news.example.cz".to_owned() },
        Edit::RemoveHeader { name: "Souhlas-Stream".to_owned() },
    ];
    let body = [
        Edit::AddNotice {
            text: "Příliš & <žluťoučký>".to_owned(),
            link: Some("https://relay.example/p?a=1&b=2".to_owned()),
        },
        Edit::AddIdentity { text: "Žlutý kůň s.r.o. & <syn>".to_owned() },
        Edit::AddUnsubscribe { text: "Odhlásit se".to_owned() },
    ];
    for edits in [&headers[..], &body[..], &[Edit::LabelSender { label }], &[Edit::FillLinks]] {
        let Ok(out) = policy::render(&message, edits, &link) else { continue };
        let after = Message::parse(out.clone());
        assert_eq!(message.parts().len(), after.parts().len(), "{edits:?}");
        for (old, new) in message.parts().iter().zip(after.parts()) {
            assert_eq!((old.kind, old.parent, old.sealed), (new.kind, new.parent, new.sealed));
            let text = matches!(old.kind, PartKind::Text | PartKind::Html) && !old.sealed;
            if !text && old.kind != PartKind::Multipart {
                let (before, now) = (message.raw(old.body.clone()), after.raw(new.body.clone()));
                assert_eq!(before, now, "{edits:?} changed what is no text");
            }
        }
        let twice = policy::render(&after, edits, &link);
        assert_eq!(twice.as_deref(), Ok(&out[..]), "{edits:?}: twice is not once");
    }
}

/// Only CRLF ends a line of a message that came over SMTP.
fn with_crlf(data: &[u8]) -> Vec<u8> {
    let lines: Vec<Vec<u8>> = data
        .split(|byte| *byte == b'\n')
        .map(|line| line.iter().copied().filter(|byte| *byte != b'\r').collect())
        .collect();
    lines.join(&b"\r\n"[..])
}

fn within(inner: &Range<usize>, outer: &Range<usize>) -> bool {
    inner.start <= inner.end && inner.start >= outer.start && inner.end <= outer.end
}
