//! The packs beside each other, for a reader who knows law and no TOML: PACKS.md is made here.

use policy::{Pack, law};
use serde_json::Value;

use crate::pages::up_to_date;

/// What a lawyer asks first, and the parameter that answers.
const QUESTIONS: &[(&str, &str)] = &[
    ("consent needed beforehand", "consent.required"),
    ("only a consent confirmed by a click", "consent.double-opt-in"),
    ("asking for consent by e-mail", "consent.request-by-email"),
    ("a consent counts at most", "consent.max-age"),
    ("customers without consent", "exemption.enabled"),
    ("… for so long after a sale", "exemption.max-age"),
    ("… similar goods only", "exemption.similar-only"),
    ("… offered to object at the sale", "exemption.objection-at-collection"),
    ("… after an enquiry too, for", "exemption.enquiries"),
    ("… wishes too", "exemption.greetings"),
    ("… a charity's supporters too", "exemption.charities"),
    ("… who supported it since", "exemption.charities-since"),
    ("… list of those who object", "exemption.national-list"),
    ("companies without consent", "b2b.exempt-corporate"),
    ("published business addresses without consent", "b2b.exempt-published-address"),
    ("appeals of charities count as commercial", "non-business.commercial"),
    ("marked as advertising", "label.required"),
    ("… where", "label.where"),
    ("… not where there is consent", "label.unless-consent"),
    ("… adult content", "label.adult-prefix"),
    ("the repair writes", "label.prefix"),
    ("the sender's identity", "identity.fields"),
    ("… where there is such", "identity.if-known"),
    ("… behind a link", "identity.link-is-enough"),
    ("… in transactional messages too", "identity.on-transactional"),
    ("… true for", "identity.valid-for"),
    ("the right to object stated", "information.right-to-object"),
    ("a way to unsubscribe in the text", "unsubscribe.in-body"),
    ("… in transactional messages too", "unsubscribe.on-transactional"),
    ("… works for", "unsubscribe.link-valid-for"),
    ("… obeyed within", "unsubscribe.honour-within"),
    ("… confirmed to the person", "unsubscribe.confirm"),
    ("age of consent", "minors.age"),
];

#[test]
fn the_packs_beside_each_other_are_up_to_date() {
    let packs = Pack::builtin();
    let mut list = String::from(
        "# Packs\n\nWritten from `src/packs/` by `UPDATE=1 cargo test -p souhlas-policy`: what the law asks in the wording in\n\
         force last, one column a pack. The files say the rest, with reasons; [LAW.md](LAW.md) what was read.\n\n\
         - `°` a default of this program: no law fixes it.\n\
         - `?` nobody has compared any of its sources with the law's own text.\n\
         - `–` nothing: there is no such limit, or the question does not arise.\n\n\
         Whatever the pack: customers may be told of outages and changed terms though they refused, and the\n\
         relay obeys a refusal at once. A working day is any from Monday to Friday: public holidays are not known, so a\n\
         term in working days ends early rather than late.\n\n",
    );
    let latest: Vec<&Pack> = latest(&packs);
    row(&mut list, "", latest.iter().map(|pack| pack.id.clone()));
    row(&mut list, "---", latest.iter().map(|_| "---".to_owned()));
    row(&mut list, "in the wording since", latest.iter().map(|pack| pack.version.clone()));
    for (question, parameter) in QUESTIONS {
        row(&mut list, question, latest.iter().map(|pack| cell(pack, parameter)));
    }
    list += "\n## Who fines\n\n";
    for pack in &latest {
        let penalty = &pack.terms.penalty;
        list += &format!(
            "- {}: {}: {} {}\n",
            pack.id,
            penalty.authority,
            penalty.note,
            mark(pack, "penalty.note")
        );
    }
    list += "\n## What changed when\n\n";
    for pair in packs.windows(2).filter(|pair| pair[0].id == pair[1].id) {
        for (parameter, was, is) in changes(&pair[0], &pair[1]) {
            list += &format!(
                "- {}, {}: `{parameter}` was {was}, is {is}\n",
                pair[1].id, pair[1].version
            );
        }
    }
    up_to_date("PACKS.md", &list);
}

#[test]
fn every_question_is_a_parameter_of_every_pack() {
    for pack in Pack::builtin() {
        for (_, parameter) in QUESTIONS {
            assert!(pack.terms.law.contains_key(*parameter), "{} {parameter}", pack.id);
        }
    }
}

fn latest(packs: &[Pack]) -> Vec<&Pack> {
    packs.iter().filter(|pack| pack.effective_to.is_none()).collect()
}

fn row(list: &mut String, head: &str, cells: impl Iterator<Item = String>) {
    *list += &format!("| {head} | {} |\n", cells.collect::<Vec<_>>().join(" | "));
}

fn cell(pack: &Pack, parameter: &str) -> String {
    let value = value(pack, parameter);
    // What is not, needs no source.
    if value == "–" { value } else { value + mark(pack, parameter) }
}

fn mark(pack: &Pack, parameter: &str) -> &'static str {
    let sources: Vec<_> = pack.terms.law[parameter].iter().filter_map(|id| law::find(id)).collect();
    if pack.asker(parameter) != pack.law_name() {
        "°"
    } else if parameter.starts_with("penalty.") && sources.iter().any(|one| one.unverified)
        || sources.iter().all(|one| one.unverified)
    {
        "?"
    } else {
        ""
    }
}

fn value(pack: &Pack, parameter: &str) -> String {
    let (section, key) = parameter.split_once('.').unwrap();
    let exempts = pack.terms.consent.required && pack.terms.exemption.enabled;
    let moot = match section {
        "exemption" => !exempts && key != "enabled",
        "label" => !pack.terms.label.required && key != "required",
        _ => false,
    };
    if moot {
        return "–".to_owned();
    }
    let terms = serde_json::to_value(&pack.terms).unwrap();
    match &terms[section][key] {
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Null => "–".to_owned(),
        Value::Array(words) if words.is_empty() => "–".to_owned(),
        Value::Array(words) => {
            words.iter().map(|word| word.as_str().unwrap()).collect::<Vec<_>>().join(", ")
        }
        Value::String(text) if parameter.starts_with("label.") => format!("`{}`", text.trim()),
        Value::String(text) if text == "0 days" => "at once".to_owned(),
        Value::String(text) => text.clone(),
        other @ (Value::Number(_) | Value::Object(_)) => other.to_string(),
    }
}

fn changes(was: &Pack, is: &Pack) -> Vec<(String, String, String)> {
    was.terms
        .law
        .keys()
        .map(|parameter| (parameter.clone(), value(was, parameter), value(is, parameter)))
        .filter(|(_, was, is)| was != is)
        .collect()
}
