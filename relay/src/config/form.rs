//! Forms of policy.toml: what people may subscribe to on a page, and what such a page may do.
//!
//! How a form looks and what it collects is the pages' affair.

use std::{sync::Arc, time::Duration};

use policy::Controller;

use super::{
    document::{Section, Text},
    policy_file::{check_id, https_url, owner},
};

/// A page to subscribe on.
#[derive(Clone, Debug)]
pub struct Form {
    pub id: String,
    pub controller: Arc<Controller>,
    /// Its heading; `None`: a general one.
    pub title: Option<String>,
    /// What sending it is about, first the main purpose, then those with a box.
    pub offers: Vec<Offer>,
    /// Its own, or the controller's.
    pub privacy_url: String,
    /// Origins whose pages may show it in a frame or send to it: `https://www.shop.cz`.
    pub embed_from: Vec<String>,
    /// Where the person goes once it is confirmed; `None`: a page of the relay's own.
    pub thank_you: Option<String>,
    /// What nobody confirmed is deleted after this.
    pub confirm_within: Duration,
    /// One address gets one letter of it within this time.
    pub again_after: Duration,
    /// All addresses together.
    pub letters_per_hour: u32,
}

/// One purpose of a form.
#[derive(Clone, Debug)]
pub struct Offer {
    pub purpose: String,
    /// What the person agrees to; `None`: a sentence made of controller and purpose.
    pub wording: Option<String>,
    /// Chosen by a box, and not by sending the form.
    pub has_box: bool,
}

pub(super) fn forms(root: &Section<'_, '_>, controllers: &[Arc<Controller>]) -> Vec<Form> {
    let named = root.named("form");
    named.iter().filter_map(|(id, section)| form(id, section, controllers)).collect()
}

/// `None` where its controller is not known, which is a complaint.
fn form(id: &Text, section: &Section<'_, '_>, controllers: &[Arc<Controller>]) -> Option<Form> {
    check_id(id, "form", section);
    let found = owner(section, controllers, "who is subscribed to");
    let own = https_url(section, "privacy-url");
    let theirs = found.and_then(|controller| controller.privacy_url.clone());
    let privacy_url = own.or(theirs);
    if privacy_url.is_none() && found.is_some() {
        section.complain(
            "privacy-url",
            "nobody could read what becomes of the data: write the link here, or as the \
             controller's `privacy-url`",
        );
    }
    let confirm_within = section.time("confirm-within", "7d");
    let again_after = section.time("again-after", "1d");
    if again_after > confirm_within || again_after.is_zero() {
        section.complain(
            "again-after",
            "has to be more than nothing and at most `confirm-within`: \
             what is deleted cannot hold back the next letter",
        );
    }
    let letters_per_hour = section.number("letters-per-hour", 200, 1..100_001);
    Some(Form {
        id: id.value.clone(),
        title: section.text_if_any("title").filter(|title| !title.trim().is_empty()),
        offers: offers(section),
        privacy_url: privacy_url.unwrap_or_default(),
        embed_from: origins(section),
        thank_you: https_url(section, "thank-you"),
        confirm_within,
        again_after,
        letters_per_hour: u32::try_from(letters_per_hour).unwrap_or(u32::MAX),
        controller: Arc::clone(found?),
    })
}

fn offers(section: &Section<'_, '_>) -> Vec<Offer> {
    let mut offers: Vec<Offer> = Vec::new();
    let (main, wording) = (section.text_if_any("purpose"), section.text_if_any("wording"));
    if main.is_none() && wording.is_some() {
        section.complain("wording", "belongs to a `purpose`, which is not written");
    }
    offers.extend(main.map(|purpose| Offer { purpose, wording, has_box: false }));
    for each in section.sections("box") {
        let purpose = each.text_needed("purpose", "what ticking the box is about");
        if offers.iter().any(|other| other.purpose == purpose) {
            each.complain("purpose", format!("`{purpose}` is offered twice: leave one out"));
        }
        let wording = each.text_if_any("wording");
        offers.push(Offer { purpose, wording, has_box: true });
    }
    if offers.is_empty() {
        section.complain_here(
            "a form without a purpose collects addresses for nothing: write its `purpose`, or a \
             `[[form.NAME.box]]` for each",
        );
    }
    offers
}

/// Scheme and host alone, in lower case.
fn origins(section: &Section<'_, '_>) -> Vec<String> {
    let mut origins = Vec::new();
    for text in section.texts("embed-from") {
        let host = text.value.strip_prefix("https://").unwrap_or_default();
        let (name, port) = host.split_once(':').unwrap_or((host, "443"));
        if !super::is_domain(name) || !name.is_ascii() || port.parse::<u16>().is_err() {
            section.complain_at(
                text.at,
                format!(
                    "`{}` is not an origin: write `https://` and the host alone, as in \
                     `https://www.shop.cz`",
                    text.value
                ),
            );
        }
        origins.push(text.value.to_ascii_lowercase());
    }
    origins
}
