//! Holds `docs/features.md`: a line for each number, and all that it names exists.

use std::{fs, path::Path};

use policy::{Pack, rules};

const FIRST: u16 = 97;
const LAST: u16 = 133;

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)).unwrap()
}

fn rows(text: &str) -> impl Iterator<Item = Vec<&str>> {
    text.lines().filter(|line| line.starts_with("| ")).map(|line| {
        let line = line.trim_matches('|');
        line.split('|').map(str::trim).collect()
    })
}

fn listed(cell: &str) -> impl Iterator<Item = &str> {
    cell.split(", ").filter(|word| !word.is_empty())
}

#[test]
fn every_duty_names_its_rule_or_parameter() {
    let text = read("docs/features.md");
    let numbered: Vec<Vec<&str>> = rows(&text)
        .filter(|cells| cells[0].strip_prefix('S').is_some_and(|n| n.parse::<u16>().is_ok()))
        .collect();
    let numbers: Vec<String> = numbered.iter().map(|cells| cells[0].to_owned()).collect();
    let expected: Vec<String> = (FIRST..=LAST).map(|number| format!("S{number}")).collect();
    assert_eq!(numbers, expected);
    for cells in &numbered {
        assert_eq!(cells.len(), 6, "{cells:?}");
        assert!(cells[2..].iter().any(|cell| !cell.is_empty()), "{} names nothing", cells[0]);
    }
}

#[test]
fn every_rule_parameter_and_setting_named_exists() {
    let text = read("docs/features.md");
    let settings = read("config/policy.toml");
    let packs = Pack::builtin();
    let mut wrong = Vec::new();
    for cells in rows(&text).filter(|cells| cells.len() == 6 && cells[0].starts_with('S')) {
        for rule in listed(cells[2]).filter(|id| rules::find(id).is_none()) {
            wrong.push(format!("{}: there is no rule {rule}", cells[0]));
        }
        for key in listed(cells[3]) {
            if !packs.iter().all(|pack| pack.terms.law.contains_key(key)) {
                wrong.push(format!("{}: there is no parameter {key}", cells[0]));
            }
        }
        for key in listed(cells[4]) {
            let is_set = |line: &str| {
                let line = line.trim_start_matches(['#', ' ']);
                line.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with('='))
            };
            if !settings.lines().any(is_set) {
                wrong.push(format!("{}: there is no setting {key}", cells[0]));
            }
        }
    }
    let other = rows(&text).filter(|cells| cells.len() == 3 && !cells[0].starts_with('-'));
    for cells in other.skip(1) {
        for rule in listed(cells[1]).filter(|id| rules::find(id).is_none()) {
            wrong.push(format!("{}: there is no rule {rule}", cells[0]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A rule that no duty leads to is one that nobody asked for.
#[test]
fn every_rule_is_named_by_some_duty() {
    let text = read("docs/features.md");
    let named: Vec<&str> = rows(&text)
        .flat_map(|cells| {
            let at = if cells.len() == 6 { 2 } else { 1 };
            listed(cells[at]).collect::<Vec<_>>()
        })
        .collect();
    let unnamed: Vec<&str> =
        rules::ALL.iter().map(|rule| rule.id).filter(|id| !named.contains(id)).collect();
    assert!(unnamed.is_empty(), "docs/features.md names no duty of {unnamed:?}");
}
