//! Holds every rule against its page: names, headings, examples, and the lists made of them.

use std::{collections::BTreeSet, env, fs, path::Path};

use policy::{Citation, Language, OnBroken, Outcome, Reason, Rule, law, rules};

use crate::{fixture::Fixture, said::Texts};

const HEADINGS: [&str; 5] =
    ["## Duty", "## Summary", "## Examples", "## Limits", "## Repair by hand"];

#[test]
fn every_file_in_rules_is_listed_under_its_own_name() {
    for extension in [".rs", ".md"] {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules");
        let mut files: Vec<String> = fs::read_dir(dir)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter_map(|name| name.strip_suffix(extension).map(|stem| stem.replace('_', "-")))
            .filter(|stem| stem != "mod")
            .collect();
        files.sort();
        let listed: Vec<&str> = rules::ALL.iter().map(|rule| rule.id).collect();
        assert_eq!(files, listed, "rules/*{extension} and rules::ALL differ (both sorted by name)");
    }
}

#[test]
fn every_page_has_its_title_and_headings_in_order() {
    for rule in rules::ALL {
        assert_eq!(rule.doc.lines().next(), Some(&*format!("# {}", rule.id)));
        let headings: Vec<&str> = rule.doc.lines().filter(|l| l.starts_with("## ")).collect();
        assert_eq!(headings, HEADINGS, "{}", rule.id);
    }
}

#[test]
fn every_page_sums_up_its_duty_and_says_what_to_do_in_each_language() {
    for rule in rules::ALL {
        for language in Language::ALL {
            let summary = rule.summary(language);
            let is_sentence = summary.starts_with(|c: char| c.is_uppercase())
                && summary.ends_with('.')
                && !summary.contains('\n');
            assert!(is_sentence, "{} in {language:?}: {summary}", rule.id);
            let by_hand = rule.by_hand(language);
            let is_told = by_hand.ends_with('.') && by_hand.starts_with(|c: char| c.is_uppercase());
            assert!(is_told && !by_hand.contains("sk: "), "{} in {language:?}: {by_hand}", rule.id);
        }
    }
}

#[test]
fn every_rule_cites_a_law() {
    for rule in rules::ALL {
        assert!(!rule.law.is_empty(), "{} cites no law", rule.id);
    }
}

#[test]
fn every_example_on_every_page_holds() {
    let mut wrong = Vec::new();
    let english = Texts::of(Language::English);
    for rule in rules::ALL {
        let mut shown = BTreeSet::new();
        for (tags, expected, body) in examples(rule) {
            let fixture = Fixture::new(tags, body);
            let outcome = fixture.with_facts(|facts| (rule.check)(facts));
            let got = match &outcome {
                Outcome::Outside => "outside".into(),
                Outcome::Kept => "kept".into(),
                Outcome::Broken(fault) => format!("broken: {}", english.reason(&fault.because)),
                Outcome::Undecided { .. } => "undecided".into(),
            };
            if got != expected {
                wrong.push(format!("{}: {tags}\n  page {expected}\n  rule {got}\n{body}", rule.id));
            }
            shown.insert(got.split(':').next().unwrap().to_owned());
        }
        for needed in ["kept", "broken", "outside"] {
            if !shown.contains(needed) {
                wrong.push(format!("{} has no example that is {needed}", rule.id));
            }
        }
        if rule.about_recipient && !shown.contains("undecided") {
            wrong.push(format!("{} has no example that is undecided", rule.id));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// So that whoever reads the pages knows them all; in each language of staff, filled whole.
#[test]
fn every_reason_stands_on_a_page() {
    let languages = [Language::English, Language::Czech, Language::Slovak].map(Texts::of);
    let mut shown = BTreeSet::new();
    for rule in rules::ALL {
        for (tags, _, body) in examples(rule) {
            let because = match Fixture::new(tags, body).with_facts(|facts| (rule.check)(facts)) {
                Outcome::Broken(fault) => *fault.because,
                Outcome::Undecided { missing } => Reason::new(missing),
                Outcome::Outside | Outcome::Kept => continue,
            };
            let said: BTreeSet<String> =
                languages.iter().map(|texts| texts.reason(&because)).collect();
            assert_eq!(said.len(), languages.len(), "two languages say the same: {said:?}");
            shown.insert(because.id.into_owned());
        }
    }
    let unseen: Vec<String> =
        languages[0].reasons().filter(|id| !shown.contains(id.as_str())).collect();
    assert_eq!(unseen, UNSEEN);
}

/// What no single rule finds, what no provider asks for today, and what only a broken build has.
const UNSEEN: [&str; 4] = ["links-unfilled", "list-id-wanted", "pack-missing", "tags-unreadable"];

#[test]
fn what_a_person_may_not_waive_is_never_about_the_content() {
    for rule in rules::ALL {
        let advice = ["contact-inactive", "reconsent-repeated"].contains(&rule.id);
        assert_eq!(rule.waivable, !rule.about_recipient || advice, "{}", rule.id);
    }
}

/// The list of rules is written from the rules. `UPDATE=1 cargo test` writes it.
#[test]
fn the_list_of_rules_is_up_to_date() {
    let mut list = String::from(
        "# Rules\n\nWritten from the rules by `UPDATE=1 cargo test -p souhlas-policy`; each name leads to its page.\n\n\
         | rule | when broken | where no edit helps | may be waived | law | since |\n\
         | --- | --- | --- | --- | --- | --- |\n",
    );
    for rule in rules::ALL {
        let law: Vec<&str> = rule.law.iter().map(|citation| citation.id).collect();
        let page = rule.id.replace('-', "_");
        list += &format!(
            "| [{}](src/rules/{page}.md) | {} | {} | {} | {} | {} |\n",
            rule.id,
            word(rule.effect),
            if rule.effect == OnBroken::Repair { word(rule.unrepaired) } else { "" },
            if rule.waivable { "yes" } else { "no" },
            law.join(", "),
            rule.since
        );
    }
    up_to_date("RULES.md", &list);
}

/// For each section known: the rules that cite it, or why none does.
#[test]
fn the_list_of_laws_is_up_to_date() {
    let mut list = String::from(
        "# Law\n\nWritten from `src/law/` by `UPDATE=1 cargo test -p souhlas-policy`: each section known, the rules and\n\
         packs that rest on it, or why none does. \"Compared\" says whether the law's own text was read, and\n\
         not an account of it; \"read in\" where, in the wording of which day. **A section that nobody compared\n\
         may say something else than what the relay does.**\n",
    );
    let packs = policy::Pack::builtin();
    for law in law::LAWS {
        list += &format!(
            "\n## {}\n\n| section | id | compared | read in | rules | packs |\n\
             | --- | --- | --- | --- | --- | --- |\n",
            law.name
        );
        for citation in law.citations {
            let cites = |rule: &&&Rule| rule.law.iter().any(|one| one.id == citation.id);
            let rules: Vec<&str> = rules::ALL.iter().filter(cites).map(|rule| rule.id).collect();
            let in_packs: BTreeSet<&str> = packs
                .iter()
                .filter(|pack| pack.terms.law.values().flatten().any(|id| id == citation.id))
                .map(|pack| pack.id.as_str())
                .collect();
            let why = law.not_covered.iter().find(|(id, _)| *id == citation.id);
            assert!(
                rules.is_empty() == why.is_some(),
                "{}: cited by {rules:?}, and not covered because {why:?}",
                citation.id
            );
            list += &format!(
                "| {citation} | {} | {} | {} | {} | {} |\n",
                citation.id,
                if citation.unverified { "no" } else { "yes" },
                read_in(citation),
                why.map_or_else(|| rules.join(", "), |(_, why)| format!("not covered: {why}")),
                in_packs.into_iter().collect::<Vec<_>>().join(", "),
            );
        }
    }
    up_to_date("LAW.md", &list);
}

fn read_in(citation: &Citation) -> String {
    match (citation.source, citation.read) {
        ("", "") => "nothing: from general knowledge".to_owned(),
        ("", day) => day.to_owned(),
        (source, "") => source.to_owned(),
        (source, day) => format!("{source}, {day}"),
    }
}

fn word(on_broken: OnBroken) -> &'static str {
    match on_broken {
        OnBroken::Repair => "repair",
        OnBroken::Hold => "hold",
        OnBroken::Reject => "reject",
        OnBroken::Report => "report",
        OnBroken::Off => "off",
    }
}

pub(crate) fn up_to_date(name: &str, list: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    if env::var("UPDATE").is_ok() {
        fs::write(&path, list).unwrap();
    }
    let on_disk = fs::read_to_string(&path).unwrap_or_default();
    let differing = on_disk.lines().zip(list.lines()).find(|(old, new)| old != new);
    let hint = "is stale: run UPDATE=1 cargo test -p souhlas-policy";
    assert!(on_disk == list, "{name} {hint}\nthe first lines that differ: {differing:?}");
}

fn examples(rule: &Rule) -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    rule.doc.split("```mail ").skip(1).map(|block| {
        let (head, rest) = block.split_once('\n').unwrap();
        let (tags, expected) = head.split_once(" -> ").unwrap();
        (tags, expected, rest.split_once("\n```").unwrap().0)
    })
}
