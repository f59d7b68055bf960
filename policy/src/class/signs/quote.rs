//! Whether a message answers somebody: the thread it stands in and what it quotes.
//!
//! Senders of offers answer themselves to look like a conversation; a thread counts little where
//! it began with the sender, and a quotation of oneself not at all.

use super::{Class, Message, Role, Spot, View, Weighed};
use crate::text::fold;

/// Place of the field that names what is answered, and whether that came from elsewhere.
pub(super) fn thread(message: &Message) -> Option<(usize, bool)> {
    let named = |name| message.headers().iter().position(|header| header.is(name));
    let field = named("In-Reply-To").or_else(|| named("References"))?;
    let header = message.headers().get(field)?;
    let value = String::from_utf8_lossy(message.raw(header.value.clone())).to_ascii_lowercase();
    let own = message.senders().first().and_then(|sender| domain(&sender.address))?;
    let ids = || value.split('<').skip(1).filter_map(|id| id.split('>').next());
    ids().next()?;
    let foreign = ids().filter_map(domain).any(|of| !is_kin(of, &own));
    Some((field, foreign))
}

fn domain(address: &str) -> Option<String> {
    Some(address.rsplit_once('@')?.1.trim().to_ascii_lowercase())
}

/// The same domain, or one below the other.
fn is_kin(one: String, other: &str) -> bool {
    let below = |low: &str, high: &str| low.strip_suffix(high).is_some_and(|l| l.ends_with('.'));
    one == other || below(&one, other) || below(other, &one)
}

/// `Re:` and kin at the start of a folded subject.
pub(super) fn is_reply(subject: &str) -> bool {
    ["re:", "odp:", "aw:", "odp.:", "sv:", "antw:"].iter().any(|start| subject.starts_with(start))
}

pub(super) fn all(
    message: &Message,
    views: &[View],
    thread: Option<(usize, bool)>,
    signs: &mut Vec<Weighed>,
) {
    let mut add = |name, role, class, weight, spot| {
        signs.push(Weighed::new(name, role, class, weight, spot));
    };
    if let Some((field, foreign)) = thread {
        let weight = if foreign { 35 } else { 10 };
        add("in-reply-to", Role::Thread, Class::SolicitedReply, weight, Spot::Field(field));
    }
    let quoted = views
        .iter()
        .enumerate()
        .find_map(|(index, view)| Some((index, view, original(&view.text)?)));
    let Some((index, view, at)) = quoted else { return };
    let spot = Spot::Text { view: index, at: at..first_line_end(&view.text, at) };
    if says_who(&view.text, at, message) {
        add("own-thread", Role::Bulk, Class::Commercial, 30, spot);
    } else {
        let weight = if thread.is_some() { 30 } else { 5 };
        add("quoted-original", Role::Act, Class::SolicitedReply, weight, spot);
    }
}

/// Where an earlier message begins: its first line after `>`.
fn original(text: &str) -> Option<usize> {
    memchr::memchr_iter(b'>', text.as_bytes()).take(MARKS_MAX).find(|at| {
        let line = text.get(..*at).unwrap_or_default().rsplit('\n').next().unwrap_or_default();
        line.trim_start().is_empty()
    })
}

fn first_line_end(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    at + rest.find('\n').unwrap_or(rest.len())
}

/// The lines that introduce the quotation name the sender of this message.
fn says_who(text: &str, at: usize, message: &Message) -> bool {
    let Some(sender) = message.senders().first() else { return false };
    let mut from = at.saturating_sub(INTRODUCTION_BYTES);
    while !text.is_char_boundary(from) {
        from -= 1;
    }
    let before = text.get(from..at).unwrap_or_default();
    // The line before, and the first that is quoted: either may say who wrote it.
    let introduction = before.trim_end().rsplit('\n').next().unwrap_or_default();
    let first = text.get(at..first_line_end(text, at)).unwrap_or_default();
    let said = |line: &str| {
        let line = fold(line);
        let wrote = WROTE.iter().any(|word| line.contains(word));
        let name = fold(&sender.name);
        wrote && (name.len() > 3 && line.contains(&name) || line.contains(&fold(&sender.address)))
    };
    said(introduction) || said(first)
}

static WROTE: [&str; 8] =
    ["wrote", "schrieb", "napsal", "napisal", "odesilatel", "pisze", "pise", "am "];
/// A text full of such marks is no letter.
const MARKS_MAX: usize = 200;
const INTRODUCTION_BYTES: usize = 300;
