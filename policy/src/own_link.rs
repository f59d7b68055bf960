//! The relay's own links: as a template writes them, before they are filled in, and as they stand in a
//! message while a repair is looked at.

use crate::{LinkKind, Reading};

/// What a template writes before the kind of link. `.invalid` never resolves (RFC 2606 §2).
const MERGE: &str = "https://souhlas.invalid/";
const MERGE_PLAIN: &str = "http://souhlas.invalid/";
const STAND_IN: &str = "https://relay.invalid/";

/// One that waits to be filled in, or stands in for one: of one of these kinds.
pub(crate) fn is(url: &str, kinds: &[&str]) -> bool {
    let path = url.strip_prefix(MERGE).or_else(|| url.strip_prefix(STAND_IN));
    path.is_some_and(|path| kinds.iter().any(|kind| path.starts_with(kind)))
}

/// One stands in the message and waits to be filled in. Without encryption too: it is filled in by
/// one with it.
pub(crate) fn stands_in(reading: &Reading) -> bool {
    let waits = |url: &str| [MERGE, MERGE_PLAIN].iter().any(|start| url.starts_with(start));
    let mut links = reading.views.iter().flat_map(|view| &view.links);
    let message = &reading.message;
    let mut fields = message.headers_named("List-Unsubscribe");
    links.any(|link| link.target.web().is_some_and(waits))
        || fields.any(|header| message.decoded(header).contains(MERGE))
}

/// What stands in for a recipient's link while a repair is looked at.
pub(crate) fn stand_in(link: &LinkKind) -> String {
    let (kind, purpose) = match link {
        LinkKind::Unsubscribe => ("unsubscribe", None),
        // What is looked at is whether the page's link is there.
        LinkKind::UnsubscribeByMail => return String::new(),
        LinkKind::Preferences => ("preferences", None),
        LinkKind::Renew { purpose } => ("renew/", Some(purpose)),
        LinkKind::Confirm { purpose } => ("confirm/", Some(purpose)),
    };
    [STAND_IN, kind, purpose.map_or("", String::as_str)].concat()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    #[test]
    fn what_stands_in_is_taken_for_what_it_stands_in_for() {
        for (kind, word) in [
            (LinkKind::Unsubscribe, "unsubscribe"),
            (LinkKind::Preferences, "preferences"),
            (LinkKind::Renew { purpose: "news".into() }, "renew"),
            (LinkKind::Confirm { purpose: "news".into() }, "confirm"),
        ] {
            assert!(is(&stand_in(&kind), &[word]), "{kind:?}");
            assert!(is(&format!("{MERGE}{word}/x"), &["other", word]));
            assert!(!is(&stand_in(&kind), &["other"]));
        }
        assert!(!is("https://shop.example/unsubscribe", &["unsubscribe"]));
    }

    #[test]
    fn one_that_waits_is_found_wherever_it_can_be_filled_in() {
        for (text, waits) in [
            ("\r\nhttps://souhlas.invalid/preferences\r\n", true),
            ("\r\nhttp://souhlas.invalid/preferences\r\n", true),
            ("List-Unsubscribe: <https://souhlas.invalid/unsubscribe>\r\n\r\nx\r\n", true),
            ("\r\nhttps://relay.invalid/preferences\r\n", false),
            ("\r\nhttps://shop.example/souhlas.invalid/\r\n", false),
        ] {
            let reading = Reading::of(Bytes::from(format!("From: a@b.cz\r\n{text}")));
            assert_eq!(stands_in(&reading), waits, "{text}");
        }
    }
}
