//! Reads policy.toml: controllers, streams, what broken rules ask for, packs made stricter.
//!
//! What belongs to a message is said in `business`; what a rule or a parameter means, in `policy`.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use jiff::tz::TimeZone;
use policy::{
    Address, Class, Controller, Country, Frequency, LabelPlace, Language, OnBroken, Pack, Policy,
    Provider, Stream, Term, UnsubscribeScope,
};

use super::{
    Business, Complaint, Keeping, Mapping, Times,
    document::{Section, Sink, Text},
    form::forms,
    hook::hooks,
    listener::senders,
    review::review,
    words::{meant, not_one_of},
};
use crate::seal;

impl Business {
    /// Reads `policy.toml` in `folder`.
    ///
    /// # Errors
    ///
    /// Every complaint at once, in the order of the file.
    pub fn load(folder: &Path) -> Result<Self, Vec<Complaint>> {
        let (name, text) = super::document::load(&folder.join("policy.toml"))?;
        Self::read(&name, &text)
    }

    /// The settings in `text`; `name` is what complaints call the file.
    pub fn read(name: &str, text: &str) -> Result<Self, Vec<Complaint>> {
        Self::whole(Sink::new(name, text), text)
    }

    /// The same of a text that somebody hands in to be looked at: no file that it names is opened.
    pub fn proposed(name: &str, text: &str) -> Result<Self, Vec<Complaint>> {
        Self::whole(Sink::proposed(name, text), text)
    }

    fn whole(sink: Sink<'_>, text: &str) -> Result<Self, Vec<Complaint>> {
        let business = Self::from_sink(&sink, text);
        let complaints = sink.into_complaints();
        if complaints.is_empty() { Ok(business) } else { Err(complaints) }
    }

    pub(super) fn from_sink(sink: &Sink<'_>, text: &str) -> Self {
        let table = sink.parse();
        let root = Section::root(sink, table.get_ref());
        let (mut controllers, mut keeping) = (Vec::new(), BTreeMap::new());
        for (id, section) in &root.named("controller") {
            controllers.push(Arc::new(controller(id, section)));
            keeping.insert(id.value.clone(), kept(section));
        }
        let streams = streams(&root, &controllers);
        let rules = rules(&root.section("rules"));
        let packs = packs(&root, text);
        let version = version(text, &packs);
        let policy = Policy { version, rules, packs, providers: Provider::builtin() };
        let (forms, hooks) = (forms(&root, &controllers), hooks(&root, &controllers));
        let review = review(&root);
        Self { policy, controllers, streams, forms, hooks, keeping, review, text: text.into() }
    }
}

/// Changes with everything that can change a verdict: the program, the packs, the file.
fn version(text: &str, packs: &[Pack]) -> String {
    let mut digest = seal::Digest::new();
    digest.update(env!("CARGO_PKG_VERSION").as_bytes());
    digest.update(text.as_bytes());
    for pack in packs {
        digest.update(pack.id.as_bytes());
        digest.update(pack.version.as_bytes());
        digest.update(&serde_json::to_vec(&pack.terms).unwrap_or_default());
    }
    seal::hex(&digest.finish()).chars().take(16).collect()
}

fn controller(id: &Text, section: &Section<'_, '_>) -> Controller {
    check_id(id, "controller", section);
    let country = country(section);
    let (language, zone) = match &country.0 {
        b"SK" => (Language::Slovak, "Europe/Bratislava"),
        b"CZ" => (Language::Czech, "Europe/Prague"),
        b"DE" => (Language::German, "Europe/Berlin"),
        b"AT" => (Language::German, "Europe/Vienna"),
        b"PL" => (Language::Polish, "Europe/Warsaw"),
        b"GB" => (Language::English, "Europe/London"),
        _ => (Language::English, "UTC"),
    };
    let language = section.choice_if_any("language", &LANGUAGES).unwrap_or(language);
    let zone = section.text_if_any("time-zone").unwrap_or_else(|| zone.to_owned());
    let time_zone = TimeZone::get(&zone).unwrap_or_else(|_| {
        section.complain(
            "time-zone",
            format!("`{zone}` is not a time zone: write one as in `Europe/Prague`"),
        );
        TimeZone::UTC
    });
    let (domains, contact) = (domains(section), line(section, "contact"));
    Controller {
        id: id.value.clone(),
        name: section.text_needed("name", "the business name as registered, with its suffix"),
        company_id: company_id(section, country),
        seat: line(section, "seat"),
        register: line(section, "register"),
        representative: line(section, "representative"),
        vat_id: line(section, "vat-id"),
        country,
        recipients: section
            .text_if_any("recipients")
            .and_then(|text| code(section, "recipients", &text)),
        language,
        time_zone,
        sender: sender(section, &domains, contact.as_deref()),
        domains,
        contact,
        privacy_url: https_url(section, "privacy-url"),
        dpo: line(section, "dpo"),
        processors: processors(section),
        non_business: section.flag("non-business", false),
        customer_for: customer_for(section),
        needles: Default::default(),
    }
}

fn customer_for(section: &Section<'_, '_>) -> BTreeMap<String, Term> {
    let mut terms = BTreeMap::new();
    for text in section.texts("customer-for") {
        let parts = text.value.split_once(':').map(|(name, term)| (name.trim(), term.parse()));
        match parts {
            Some((name, Ok(term))) if !name.is_empty() => {
                terms.insert(name.to_owned(), term);
            }
            Some(_) | None => section.complain_at(
                text.at,
                format!(
                    "`{}` is not a category and its term: write it as in `cars: 3 years`",
                    text.value
                ),
            ),
        }
    }
    terms
}

fn kept(section: &Section<'_, '_>) -> Keeping {
    let within = section.text_if_any("reactivate-within").and_then(|text| {
        let term = text.parse::<Term>();
        if let Err(fault) = &term {
            section.complain("reactivate-within", format!("`{text}` {fault}"));
        }
        term.ok()
    });
    Keeping { reactivate_within: within, purge_evidence: section.flag("purge-evidence", false) }
}

/// Two letters; `XX` where the file has none, after a complaint.
fn country(section: &Section<'_, '_>) -> Country {
    let text = section.text_needed("country", "the law that binds it, as in \"CZ\" or \"DE\"");
    let found = if text.is_empty() { None } else { code(section, "country", &text) };
    found.unwrap_or(Country(*b"XX"))
}

fn code(section: &Section<'_, '_>, key: &'static str, text: &str) -> Option<Country> {
    match text.as_bytes() {
        [one, two] if one.is_ascii_uppercase() && two.is_ascii_uppercase() => {
            Some(Country([*one, *two]))
        }
        _ => {
            let message =
                format!("`{text}` is not a country code: write two capitals, as in \"CZ\"");
            section.complain(key, message);
            None
        }
    }
}

/// The company id, without white space; looked over as the country makes it up.
fn company_id(section: &Section<'_, '_>, country: Country) -> Option<String> {
    let text = line(section, "company-id")?;
    // Of a country that is none nothing is known: most are Czech here.
    let country = if country.0 == *b"XX" { Country(*b"CZ") } else { country };
    if let Some(shape) = policy::company_id_fault(country, &text) {
        section.complain("company-id", format!("`{text}` is not a company id: {shape}"));
    }
    // Where letters belong to it, so do the spaces between.
    let plain = !text.chars().any(char::is_alphabetic);
    Some(if plain { text.chars().filter(|c| !c.is_whitespace()).collect() } else { text })
}

/// A text on one line; nothing where it is empty.
fn line(section: &Section<'_, '_>, key: &'static str) -> Option<String> {
    let text = section.text_if_any(key)?;
    if text.chars().any(char::is_control) {
        section.complain(key, "it has to stand on one line: remove the line end");
    }
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// Names and places, each on one line.
fn processors(section: &Section<'_, '_>) -> Vec<String> {
    let mut named = Vec::new();
    for text in section.texts("processors") {
        let name = text.value.trim();
        if name.is_empty() || name.chars().any(char::is_control) {
            let why = "a processor's name is empty or has a line end: write it as in \
                       `Hosting s.r.o., Brno (servers)`";
            section.complain_at(text.at, why.to_owned());
        } else {
            named.push(name.to_owned());
        }
    }
    named
}

fn domains(section: &Section<'_, '_>) -> Vec<String> {
    let texts = section.texts("domains");
    if texts.is_empty() {
        section.complain(
            "domains",
            "no domain, so every sender would be a foreign one: list those that From may show",
        );
    }
    for text in &texts {
        if !text.value.contains('.') || !super::is_domain(&text.value) || !text.value.is_ascii() {
            section.complain_at(
                text.at,
                format!(
                    "`{}` is not a domain in A-label form: write `shop.cz` or `xn--...cz`",
                    text.value
                ),
            );
        }
    }
    texts.into_iter().map(|text| text.value.to_ascii_lowercase()).collect()
}

/// Whom the relay's own messages come from: as written, else the contact where it is an address in
/// one of the domains, else nobody's in the first of them.
fn sender(section: &Section<'_, '_>, domains: &[String], contact: Option<&str>) -> String {
    let own = |text: &str| {
        let address = Address::parse(text).ok()?;
        let is_below = |own: &String| {
            let rest = address.domain().strip_suffix(own.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        domains.iter().any(is_below).then(|| text.trim().to_owned())
    };
    if let Some(text) = section.text_if_any("sender") {
        return own(&text).unwrap_or_else(|| {
            let what = format!("`{text}` is not an address in one of its `domains`: correct it");
            section.complain("sender", what);
            text
        });
    }
    let nobody = || format!("noreply@{}", domains.first().map_or("localhost", String::as_str));
    contact.and_then(own).unwrap_or_else(nobody)
}

/// A link that begins with `https://`.
pub(super) fn https_url(section: &Section<'_, '_>, key: &'static str) -> Option<String> {
    let url = section.text_if_any(key)?;
    let host =
        url.strip_prefix("https://").map(|rest| rest.split(['/', '?', '#']).next().unwrap_or(""));
    if !host.is_some_and(super::is_domain) || url.contains(char::is_whitespace) {
        section
            .complain(key, format!("`{url}` is not a link: write one that begins with `https://`"));
    }
    Some(url)
}

fn streams(root: &Section<'_, '_>, controllers: &[Arc<Controller>]) -> Vec<Mapping> {
    let mut streams = Vec::new();
    for (id, section) in &root.named("stream") {
        check_id(id, "stream", section);
        if let Some(mapping) = stream(id, section, controllers) {
            streams.push(mapping);
        }
    }
    streams
}

/// The controller that a section names; `None` where it is not known, which is a complaint.
pub(super) fn owner<'c>(
    section: &Section<'_, '_>,
    controllers: &'c [Arc<Controller>],
    why: &str,
) -> Option<&'c Arc<Controller>> {
    let owner = section.text_needed("controller", why);
    let found = controllers.iter().find(|controller| controller.id == owner);
    if found.is_none() && !owner.is_empty() {
        let known: Vec<&str> =
            controllers.iter().map(|controller| controller.id.as_str()).collect();
        let hint = meant(&owner, &known);
        section.complain("controller", format!("there is no controller `{owner}`: {hint}"));
    }
    found
}

/// `None` where its controller is not known, which is a complaint.
fn stream(
    id: &Text,
    section: &Section<'_, '_>,
    controllers: &[Arc<Controller>],
) -> Option<Mapping> {
    let found = owner(section, controllers, "in whose favour its messages are sent");
    let class = section.choice_if_any("class", &CLASSES);
    let purpose = section.text_if_any("purpose");
    if purpose.is_none() && class.is_none_or(Class::is_commercial) {
        section.complain(
            "purpose",
            format!(
                "stream `{}` may carry commercial messages and names no purpose: \
            add one, or declare its `class`",
                id.value
            ),
        );
    }
    let topic = topic(id, section, purpose.as_deref());
    let stream = |controller: &Arc<Controller>| Stream {
        id: id.value.clone(),
        controller: Arc::clone(controller),
        purpose: purpose.clone(),
        topic: topic.clone(),
        class,
        categories: section.texts("categories").into_iter().map(|text| text.value).collect(),
        list_id: list_id(section),
        unsubscribe: section.choice("unsubscribe", &SCOPES, UnsubscribeScope::Everything),
        at_most: frequency(section),
        label_in: section.choice("label-in", &LABEL_PLACES, LabelPlace::Subject),
        adult: section.flag("adult", false),
        report_only: section.flag("report-only", false),
        rules: rules(&section.section("rules")),
    };
    let (own, times) = (section.section("match"), Times::of_stream(section));
    let texts = |key| own.texts(key).into_iter().map(|text| text.value).collect::<Vec<String>>();
    let (logins, list_ids, header) = (texts("logins"), texts("list-ids"), texts("header"));
    let from = senders(&own, own.texts("from"));
    let Some(found) = found else {
        // Its keys were still asked for, so that none of them counts as unknown.
        let _ = stream(controllers.first()?);
        return None;
    };
    Some(Mapping { stream: Arc::new(stream(found)), logins, from, list_ids, header, times })
}

/// One of its purpose's; whether the purpose has it, only the store knows.
fn topic(id: &Text, section: &Section<'_, '_>, purpose: Option<&str>) -> Option<String> {
    let topic = section.text_if_any("topic")?;
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
    if topic.is_empty() || topic.len() > 64 || !topic.chars().all(plain) {
        let what = "is not a topic's id: write up to 64 of `a-z`, `0-9`, `-` and `_`";
        section.complain("topic", format!("`{topic}` {what}"));
    } else if purpose.is_none() {
        let what = "names a topic and no purpose that could have it: add its `purpose`";
        section.complain("topic", format!("stream `{}` {what}", id.value));
    }
    Some(topic)
}

fn frequency(section: &Section<'_, '_>) -> Option<Frequency> {
    let text = section.text_if_any("at-most")?;
    let found = text.parse().ok().filter(Frequency::allows_some);
    if found.is_none() {
        section.complain("at-most", format!("`{text}` is not a frequency: write `4 in 30 days`"));
    }
    found
}

/// RFC 2919: at most 255 octets, no brackets.
fn list_id(section: &Section<'_, '_>) -> Option<String> {
    let id = section.text_if_any("list-id")?;
    if id.len() > 255 || !id.contains('.') || !super::is_domain(&id.replace('_', "-")) {
        section.complain(
            "list-id",
            format!("`{id}` is not a list id: write `news.shop.cz`, without brackets"),
        );
    }
    Some(id)
}

/// Of the policy, or of one stream.
fn rules(section: &Section<'_, '_>) -> BTreeMap<String, OnBroken> {
    let known: Vec<&str> = policy::rules::ALL.iter().map(|rule| rule.id).collect();
    let mut rules = BTreeMap::new();
    for (id, word) in section.words() {
        if !known.contains(&id.value.as_str()) {
            section.complain_at(
                id.at,
                format!("there is no rule `{}`: {}", id.value, meant(&id.value, &known)),
            );
        }
        let binds = policy::rules::ALL.iter().any(|rule| rule.id == id.value && !rule.waivable);
        if binds && ["off", "report"].contains(&word.value.as_str()) {
            section.complain_at(
                word.at,
                format!("`{}` binds whatever is set: leave it out, or write `reject`", id.value),
            );
        }
        match EFFECTS.iter().find(|(name, _)| *name == word.value) {
            Some((_, effect)) => {
                rules.insert(id.value, *effect);
            }
            None => {
                let names: Vec<&str> = EFFECTS.iter().map(|(name, _)| *name).collect();
                section.complain_at(
                    word.at,
                    format!("`{}`: {}", id.value, not_one_of(&word.value, &names)),
                );
            }
        }
    }
    rules
}

/// The packs that come with the program, each version made as strict as `[packs.<id>]` asks.
fn packs(root: &Section<'_, '_>, text: &str) -> Vec<Pack> {
    let mut packs = Pack::builtin();
    let all: toml::Table = text.parse().unwrap_or_default();
    for (id, section) in root.named("packs") {
        let own =
            all.get("packs").and_then(|own| own.get(&id.value)).and_then(|own| own.as_table());
        let Some(own) = own else { continue };
        let mut is_known = false;
        for pack in packs.iter_mut().filter(|pack| pack.id == id.value) {
            is_known = true;
            match pack.tightened(own) {
                Ok(tightened) => *pack = tightened,
                Err(complaints) => complaints.into_iter().for_each(|complaint| {
                    let at = section.place(&complaint.key).unwrap_or(id.at);
                    section.complain_at(at, format!("`{}` {}", complaint.key, complaint.message));
                }),
            }
        }
        if !is_known {
            let mut known: Vec<&str> = packs.iter().map(|pack| pack.id.as_str()).collect();
            known.dedup();
            root.complain_at(
                id.at,
                format!("there is no pack `{}`: {}", id.value, meant(&id.value, &known)),
            );
        }
    }
    packs
}

pub(super) fn check_id(id: &Text, kind: &str, section: &Section<'_, '_>) {
    let fits =
        |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    if id.value.is_empty() || id.value.len() > 64 || !id.value.chars().all(fits) {
        section.complain_at(
            id.at,
            format!("`{}` cannot name a {kind}: use small letters, digits and hyphens", id.value),
        );
    }
}

const LANGUAGES: [(&str, Language); 5] = [
    ("cs", Language::Czech),
    ("sk", Language::Slovak),
    ("en", Language::English),
    ("de", Language::German),
    ("pl", Language::Polish),
];

pub(super) const SCOPES: [(&str, UnsubscribeScope); 2] =
    [("everything", UnsubscribeScope::Everything), ("purpose", UnsubscribeScope::Purpose)];

const LABEL_PLACES: [(&str, LabelPlace); 2] =
    [("subject", LabelPlace::Subject), ("sender", LabelPlace::FromName)];

/// `Mixed` is a finding, never a declaration.
const CLASSES: [(&str, Class); 9] = [
    ("commercial", Class::Commercial),
    ("greeting", Class::Greeting),
    ("review-request", Class::ReviewRequest),
    ("reconsent-request", Class::ReconsentRequest),
    ("opt-in-confirmation", Class::OptInConfirmation),
    ("technical-notice", Class::TechnicalNotice),
    ("transactional", Class::Transactional),
    ("solicited-reply", Class::SolicitedReply),
    ("non-business", Class::NonBusiness),
];

pub(super) const EFFECTS: [(&str, OnBroken); 5] = [
    ("repair", OnBroken::Repair),
    ("hold", OnBroken::Hold),
    ("reject", OnBroken::Reject),
    ("report", OnBroken::Report),
    ("off", OnBroken::Off),
];
