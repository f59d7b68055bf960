//! What a verdict found in the message, out of the journal's line: which rule, why, and where.

use std::ops::Range;

use policy::Message;
use serde_json::Value;

/// One broken rule.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Found {
    pub rule: String,
    /// As the journal has it.
    pub because: Value,
    /// Ids of sections.
    pub law: Vec<String>,
    pub spots: Vec<Spot>,
}

/// A place that shows it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Spot {
    /// Counted through all that were found, from 1: `e1` is its anchor.
    pub number: usize,
    pub place: Place,
    /// Bytes of the message.
    pub range: Range<usize>,
    /// What stands there, cut short.
    pub says: String,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Place {
    /// A field by its name.
    Header(String),
    /// A part by its number.
    Part(String),
}

/// All that the line's verdict found, in its order. A place that the message does not have is left
/// out: then it is another message's.
pub fn found(detail: &Value, message: &Message) -> Vec<Found> {
    let verdict = detail.get("verdict").unwrap_or(detail);
    let broken = verdict.pointer("/outcomes/broken").and_then(Value::as_array);
    let mut number = 0;
    let one = |broken: &Value| {
        let text = |name: &str| broken.get(name).and_then(Value::as_str).unwrap_or_default();
        let law = broken.get("law").and_then(Value::as_array).into_iter().flatten();
        let places = broken.get("evidence").and_then(Value::as_array).into_iter().flatten();
        let mut spots = Vec::new();
        for place in places {
            let Some((place, range)) = spot(place, message) else { continue };
            if number == SPOTS_MAX {
                break;
            }
            number += 1;
            let says = says(message, &place, &range);
            spots.push(Spot { number, place, range, says });
        }
        Found {
            rule: text("rule").to_owned(),
            because: broken.get("because").cloned().unwrap_or_default(),
            law: law.filter_map(Value::as_str).map(str::to_owned).collect(),
            spots,
        }
    };
    broken.into_iter().flatten().map(one).collect()
}

fn spot(told: &Value, message: &Message) -> Option<(Place, Range<usize>)> {
    let named = |name: &str| Some(told.pointer(name)?.as_str()?.to_owned());
    let place = match named("/place/header") {
        Some(name) => Place::Header(name),
        None => Place::Part(named("/place/part")?),
    };
    let edge = |name: &str| usize::try_from(told.pointer(name)?.as_u64()?).ok();
    let range = edge("/range/start")?..edge("/range/end")?;
    let is_there = range.start <= range.end && range.end <= message.bytes().len();
    is_there.then_some((place, range))
}

fn says(message: &Message, place: &Place, range: &Range<usize>) -> String {
    let text = match place {
        Place::Header(name) => {
            let field =
                message.headers_named(name).find(|field| field.whole.contains(&range.start));
            field.map(|field| message.decoded(field))
        }
        Place::Part(path) => {
            let part = message.parts().iter().find(|part| part.path == *path);
            part.and_then(|part| {
                let text = message.text(part)?;
                let at = message.within(part, std::slice::from_ref(range)).pop()?;
                Some(text.get(at)?.to_owned())
            })
        }
    };
    let text = text.unwrap_or_default();
    let words: Vec<&str> = text.split_whitespace().collect();
    let text = super::mark::plain(&words.join(" "));
    match text.char_indices().nth(SAYS_CHARS_MAX) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

impl Found {
    /// All that were found, in their order.
    pub(super) fn spots(all: &[Self]) -> impl Iterator<Item = &Spot> {
        all.iter().flat_map(|one| &one.spots)
    }
}

/// More than anybody reads.
const SPOTS_MAX: usize = 200;
const SAYS_CHARS_MAX: usize = 160;
