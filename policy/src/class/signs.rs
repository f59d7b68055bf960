//! Signs in header fields and in the text: each with its weight and its place.

use std::ops::Range;

use super::{
    Class, Sign,
    kind::{INTEREST, KINDS, Kind, LABEL, UNSUBSCRIBE},
    lexicon::{self, Found},
};
use crate::{Header, LinkTarget, Message, Place, View, message::shown, text::Folded};

/// Signs that mail goes to many; they say nothing of what it sells.
static BULK: [&str; 10] = [
    UNSUBSCRIBE,
    "list-unsubscribe",
    "list-id",
    "precedence",
    "feedback-id",
    "campaign-header",
    "marketing-tool",
    "tracking",
    "many-links",
    "many-images",
];

impl Sign {
    /// It sells: a word of advertising, or of what the law takes for it. Signs that only show
    /// mail to many are not.
    pub(super) fn is_promotional(&self) -> bool {
        self.speaks_for.is_commercial() && !BULK.contains(&self.name)
    }

    pub(super) fn is_label(&self) -> bool {
        self.name == LABEL
    }

    pub(super) fn is_interest(&self) -> bool {
        self.name == INTEREST
    }
}

/// All signs of a message, header fields first.
pub(super) fn all(message: &Message, views: &[View]) -> Vec<Sign> {
    let mut signs = Vec::new();
    for header in message.headers() {
        if let Some((name, speaks_for, weight)) = of_field(message, header) {
            signs.push(of_header(message, header, name, speaks_for, weight));
        }
    }
    if let Some(header) = message.header("Subject") {
        subject(message, header, &mut signs);
    }
    text(message, views, &mut signs);
    links(message, views, &mut signs);
    signs
}

fn of_header(
    message: &Message,
    header: &Header,
    name: &'static str,
    speaks_for: Class,
    weight: i32,
) -> Sign {
    let evidence = message.evidence_header(header);
    Sign {
        name,
        speaks_for,
        weight,
        place: evidence.place,
        range: evidence.range,
        shown: evidence.shown,
    }
}

/// What a field says by being there (compliance.md 6.2).
fn of_field(message: &Message, header: &Header) -> Option<(&'static str, Class, i32)> {
    let name = header.name.as_str();
    let first = name.bytes().next().map(|byte| byte.to_ascii_lowercase())?;
    // Nearly every field is none of these.
    if !matches!(first, b'a' | b'f' | b'i' | b'l' | b'p' | b'x') {
        return None;
    }
    let lower = name.to_ascii_lowercase();
    let value =
        || String::from_utf8_lossy(message.raw(header.value.clone())).trim().to_ascii_lowercase();
    Some(match lower.as_str() {
        "list-unsubscribe" => ("list-unsubscribe", Class::Commercial, 15),
        "list-id" => ("list-id", Class::Commercial, 15),
        "feedback-id" => ("feedback-id", Class::Commercial, 5),
        "precedence" if matches!(value().as_str(), "bulk" | "list" | "junk") => {
            ("precedence", Class::Commercial, 15)
        }
        "auto-submitted" if value().starts_with("auto-replied") => {
            ("auto-submitted", Class::SolicitedReply, 10)
        }
        "auto-submitted" if value().starts_with("auto-generated") => {
            ("auto-submitted", Class::Transactional, 10)
        }
        "in-reply-to" if !value().is_empty() => ("in-reply-to", Class::SolicitedReply, 30),
        "x-pm-message-stream" if value().contains("broadcast") => {
            ("campaign-header", Class::Commercial, 20)
        }
        "x-mailer" | "x-generator" => {
            let value = value();
            TOOLS.iter().find(|tool| value.contains(**tool))?;
            ("marketing-tool", Class::Commercial, 15)
        }
        lower if CAMPAIGN.iter().any(|start| lower.starts_with(start)) => {
            ("campaign-header", Class::Commercial, 20)
        }
        _ => return None,
    })
}

/// Fields that tools for campaigns add.
static CAMPAIGN: [&str; 12] = [
    "x-campaign",
    "x-mc-user",
    "x-mccid",
    "x-mailgun-tag",
    "x-mc-tags",
    "x-listmonk-",
    "x-mailkit-",
    "x-cmail-",
    "x-mailer-recptid",
    "x-sfmc-",
    "x-roving-",
    "x-emarsys-",
];

static TOOLS: [&str; 22] = [
    "mailchimp",
    "mailerlite",
    "sendinblue",
    "brevo",
    "ecomail",
    "smartemailing",
    "mailkit",
    "getresponse",
    "klaviyo",
    "hubspot",
    "campaign monitor",
    "createsend",
    "emarsys",
    "exponea",
    "bloomreach",
    "activecampaign",
    "listmonk",
    "mautic",
    "phplist",
    "acymailing",
    "mailpoet",
    "newsletter",
];

fn subject(message: &Message, header: &Header, signs: &mut Vec<Sign>) {
    let folded = Folded::of(message.subject());
    let found = lexicon::find(&folded);
    for kind in &KINDS {
        if found.iter().any(|found| std::ptr::eq(found.kind, kind)) {
            signs.push(of_header(message, header, kind.name, kind.class, kind.in_subject));
        }
    }
    if discount(folded.as_str()).is_some() {
        signs.push(of_header(message, header, "discount", Class::Commercial, 30));
    }
    let reply = ["re:", "odp:", "aw:"].iter().any(|start| folded.as_str().starts_with(start));
    if reply && message.header("In-Reply-To").is_some() {
        signs.push(of_header(message, header, "reply-subject", Class::SolicitedReply, 30));
    }
}

/// Words of the text. A phrase counts once, in however many alternatives it stands.
fn text(message: &Message, views: &[View], signs: &mut Vec<Sign>) {
    let found: Vec<(&View, Vec<Found>)> =
        views.iter().map(|view| (view, lexicon::find(view.folded()))).collect();
    for kind in &KINDS {
        let mut phrases: Vec<usize> = Vec::new();
        let mut first: Option<(&View, Range<usize>)> = None;
        for (view, found) in &found {
            for hit in found.iter().filter(|hit| std::ptr::eq(hit.kind, kind)) {
                first.get_or_insert_with(|| (*view, hit.at.clone()));
                if phrases.len() < kind.most && !phrases.contains(&hit.phrase) {
                    phrases.push(hit.phrase);
                }
            }
        }
        if let Some((view, at)) = first {
            signs.push(of_text(message, view, at, kind, weight(kind, phrases.len())));
        }
    }
    let discounts = views.iter().find_map(|view| Some((view, discount(view.folded().as_str())?)));
    if let Some((view, at)) = discounts {
        let evidence = view.evidence_folded(message, at);
        signs.push(Sign {
            name: "discount",
            speaks_for: Class::Commercial,
            weight: 12,
            place: evidence.place,
            range: evidence.range,
            shown: evidence.shown,
        });
    }
}

fn weight(kind: &Kind, phrases: usize) -> i32 {
    i32::try_from(phrases).unwrap_or(i32::MAX).saturating_mul(kind.in_text)
}

fn of_text(
    message: &Message,
    view: &View,
    at: Range<usize>,
    kind: &'static Kind,
    weight: i32,
) -> Sign {
    let evidence = view.evidence_folded(message, at);
    Sign {
        name: kind.name,
        speaks_for: kind.class,
        weight,
        place: evidence.place,
        range: evidence.range,
        shown: evidence.shown,
    }
}

/// A percentage taken off: `-20 %`, or one beside a word for cheaper. A tax rate is none.
fn discount(folded: &str) -> Option<Range<usize>> {
    memchr::memchr_iter(b'%', folded.as_bytes()).take(PERCENTS_MAX).find_map(|at| {
        let before = folded.get(..at)?.trim_end();
        let digits = before.bytes().rev().take(3).take_while(u8::is_ascii_digit).count();
        let begin = before.len() - digits;
        let number: u32 = before.get(begin..)?.parse().ok()?;
        if !(1..=100).contains(&number) {
            return None;
        }
        let minus = before.get(..begin)?.trim_end();
        let cut = minus
            .strip_suffix('-')
            .is_some_and(|rest| !rest.trim_end().ends_with(|c: char| c.is_ascii_digit()));
        let near = around(folded, begin, at);
        let cheaper = [
            "slev", "zlav", "zlev", "zliav", "usetr", "discount", " off", "levnej", "lacnej",
            "save ",
        ]
        .iter()
        .any(|word| near.contains(word));
        (cut || cheaper).then_some(begin..at + 1)
    })
}

fn around(text: &str, from: usize, to: usize) -> &str {
    let mut begin = from.saturating_sub(NEAR_BYTES);
    while !text.is_char_boundary(begin) {
        begin -= 1;
    }
    let mut end = (to + NEAR_BYTES).min(text.len());
    while !text.is_char_boundary(end) {
        end += 1;
    }
    text.get(begin..end).unwrap_or_default()
}

const NEAR_BYTES: usize = 24;
const PERCENTS_MAX: usize = 100;

fn links(message: &Message, views: &[View], signs: &mut Vec<Sign>) {
    let Some(view) = views.iter().max_by_key(|view| view.links.len()) else { return };
    let web = |target: &LinkTarget| matches!(target, LinkTarget::Https(_) | LinkTarget::Http(_));
    let whole = |name, weight, shown: String| Sign {
        name,
        speaks_for: Class::Commercial,
        weight,
        place: place(message, view),
        range: message.parts().get(view.part).map(|part| part.body.clone()).unwrap_or_default(),
        shown,
    };
    let tracked = view.links.iter().find(|link| link.href.contains("utm_"));
    if let Some(link) = tracked {
        let mut sign = whole("tracking", 6, shown(&link.href));
        sign.range = link.raw.clone();
        signs.push(sign);
    } else if views.iter().any(|view| view.pixels > 0) {
        signs.push(whole("tracking", 6, String::new()));
    }
    let count = view.links.iter().filter(|link| web(&link.target)).count();
    if count >= LINKS_MANY {
        signs.push(whole("many-links", 8, format!("{count} links")));
    }
    let images = views.iter().map(|view| view.images).max().unwrap_or_default();
    if images >= IMAGES_MANY {
        signs.push(whole("many-images", 8, format!("{images} images")));
    }
}

fn place(message: &Message, view: &View) -> Place {
    Place::Part(message.parts().get(view.part).map(|part| part.path.clone()).unwrap_or_default())
}

const LINKS_MANY: usize = 15;
const IMAGES_MANY: usize = 8;
