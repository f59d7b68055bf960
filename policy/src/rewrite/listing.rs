//! The list fields: List-Unsubscribe (RFC 2369), List-Unsubscribe-Post (RFC 8058), List-Id (RFC 2919).

use crate::Message;

use super::{field, splice::Splices};

/// `List-Unsubscribe: <https link>, <mailto>`: the relay's own, which it hears of, or else the tool's.
pub(super) fn unsubscribe(message: &Message, splices: &mut Splices, link: &str, by_mail: &str) {
    let bracketed = |link: &str| ["<", &field::harmless_link(link), ">"].concat();
    let mut value = bracketed(link);
    let mailto = Some(by_mail).filter(|link| link.starts_with("mailto:")).map(bracketed);
    if let Some(mailto) = mailto.or_else(|| own_mailto(message)) {
        let name = "List-Unsubscribe: ".len();
        let fits = name + value.len() + 2 + mailto.len() <= field::LINE_CHARS;
        value.push_str(if fits { ", " } else { ",\r\n " });
        value.push_str(&mailto);
    }
    field::set(message, splices, "List-Unsubscribe", &value);
}

/// `List-Unsubscribe-Post: List-Unsubscribe=One-Click`.
pub(super) fn post(message: &Message, splices: &mut Splices) {
    field::set(message, splices, "List-Unsubscribe-Post", "List-Unsubscribe=One-Click");
}

/// `List-Id: <id>`; a field with that id and a phrase of its own stays.
pub(super) fn id(message: &Message, splices: &mut Splices, id: &str) {
    let id: String =
        id.chars().filter(|c| c.is_ascii_graphic() && !matches!(c, '<' | '>')).collect();
    let bracketed = format!("<{id}>");
    let mut fields = message.headers_named("List-Id");
    let kept = match (fields.next(), fields.next()) {
        (Some(only), None) => field::unfolded(message.raw(only.value.clone()))
            .to_ascii_lowercase()
            .ends_with(bracketed.to_ascii_lowercase().as_bytes()),
        _ => false,
    };
    if !kept {
        field::set(message, splices, "List-Id", &bracketed);
    }
}

/// The first `<mailto:...>` in the message's own fields, if it can be written again safely.
fn own_mailto(message: &Message) -> Option<String> {
    for header in message.headers_named("List-Unsubscribe") {
        let value = message.raw(header.value.clone());
        for item in value.split(|byte| *byte == b'<').skip(1) {
            let Some(end) = memchr::memchr(b'>', item) else { continue };
            // White space inside the brackets is ignored (RFC 2369 §2).
            let target: Vec<u8> =
                item.iter().take(end).copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
            let Ok(target) = String::from_utf8(target) else { continue };
            let scheme = target.get(..7).unwrap_or_default();
            if scheme.eq_ignore_ascii_case("mailto:")
                && target.len() > 7
                && target.bytes().all(|byte| byte.is_ascii_graphic())
            {
                return Some(format!("<{target}>"));
            }
        }
    }
    None
}
