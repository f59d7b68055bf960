//! Whether a visible link leads to a page that says who the sender is: Impressum, about us, contact.
//!
//! Whether the page says it, nobody looks.

use crate::{Link, View, notice};

/// Some of what one reader is shown links to such a page.
pub(crate) fn is_linked(views: &[&View]) -> bool {
    views.iter().any(|view| view.links.iter().any(|link| leads_there(view, link)))
}

fn leads_there(view: &View, link: &Link) -> bool {
    link.visible
        && link.target.web().is_some()
        // A whole block that leads to the shop is no such link.
        && link.anchor.split_whitespace().count() <= ANCHOR_WORDS_MAX
        && notice::link_says(view, link, WORDS)
}

const ANCHOR_WORDS_MAX: usize = 6;

/// Folded; the end of the last word is open.
static WORDS: &[&str] = &[
    "impressum",
    "imprint",
    "anbieterkennzeichnung",
    "uber uns",
    "kontakt",
    "contact",
    "about us",
    "about the company",
    "who we are",
    "legal notice",
    "legal information",
    "company information",
    "o nas",
    "o spolecnosti",
    "o spolocnosti",
    "kdo jsme",
    "kto sme",
    "kim jestesmy",
    "o firmie",
    "nota prawna",
];
