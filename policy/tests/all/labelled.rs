//! How well the class of labelled messages is found: floors under what `souhlas policy report` prints.
//!
//! `tests/mails/<class>/<language>_<name>.eml`, and `apart_<language>_<name>.eml` for the third that
//! nobody looks at while words are chosen. Those without a language have a verdict too.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use bytes::Bytes;
use policy::{
    Class,
    report::{Counted, Figures, Judged, judge},
};

const LANGUAGES: [&str; 5] = ["cs", "sk", "en", "de", "pl"];

static JUDGED: LazyLock<Vec<Judged>> = LazyLock::new(|| files().iter().map(one).collect());

/// Every message, sorted.
pub(crate) fn files() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mails");
    let mut all: Vec<PathBuf> = fs::read_dir(root)
        .unwrap()
        .flat_map(|class| fs::read_dir(class.unwrap().path()).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "eml"))
        .collect();
    all.sort();
    all
}

/// Its name says the language, so it needs no verdict.
pub(crate) fn is_labelled_only(path: &Path) -> bool {
    let name = path.file_name().unwrap().to_str().unwrap();
    let name = name.strip_prefix("apart_").unwrap_or(name);
    LANGUAGES.iter().any(|language| name.strip_prefix(language).is_some_and(|n| n.starts_with('_')))
}

fn one(path: &PathBuf) -> Judged {
    let class = path.parent().unwrap().file_name().unwrap().to_str().unwrap();
    let label: Class = class.parse().unwrap();
    let name = path.file_name().unwrap().to_str().unwrap();
    judge(label, &format!("{class}/{name}"), Bytes::from(fs::read(path).unwrap()))
}

fn of(counted: Counted) -> impl Iterator<Item = &'static Judged> {
    JUDGED.iter().filter(move |one| one.is_in(counted))
}

/// Fails where a figure lies under its floor, naming the messages of `counted` that may be looked at.
fn holds(counted: Counted, floors: &[(&str, f64)]) {
    let figures = Figures::of(of(counted));
    let mut low = Vec::new();
    for (name, floor) in floors {
        let share = figures.named(name).unwrap().unwrap();
        let kept =
            if *name == "transactional-for-commercial" { share <= *floor } else { share >= *floor };
        if !kept {
            low.push(format!("{name}: {share:.3}, wanted {floor}"));
        }
    }
    let wrong: Vec<&str> =
        of(counted).filter(|one| !one.apart && !one.is_right()).map(|one| &*one.file).collect();
    assert!(low.is_empty(), "{counted:?}: {low:#?}; {wrong:#?}");
}

#[test]
fn there_are_enough_messages_of_every_class_and_language() {
    assert!(JUDGED.len() >= 400, "{}", JUDGED.len());
    for class in Class::ALL {
        let of_class = || JUDGED.iter().filter(move |one| one.label == class);
        let apart = of_class().filter(|one| one.apart).count();
        assert!(apart * 4 >= of_class().count(), "{class:?}: {apart} kept apart");
        for language in LANGUAGES {
            let has = of_class().any(|one| one.language.as_deref() == Some(language));
            assert!(has, "no {class:?} in {language}");
        }
    }
}

#[test]
fn the_law_is_kept_on_messages_that_nobody_looked_at() {
    holds(
        Counted::Apart,
        &[("commercial-recall", 0.98), ("transactional-for-commercial", 0.05), ("exact", 0.80)],
    );
}

#[test]
fn the_exact_class_is_found_in_all() {
    holds(
        Counted::All,
        &[
            ("commercial-recall", 0.99),
            ("transactional-for-commercial", 0.03),
            ("exact", 0.90),
            ("transactional-precision", 0.95),
            ("solicited-reply-precision", 0.95),
            ("non-business-precision", 0.95),
            ("opt-in-confirmation-precision", 0.95),
            ("technical-notice-precision", 0.95),
        ],
    );
}
