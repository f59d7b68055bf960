//! Holds the tree to its own rules: who may import whom, which file may name which foreign crate,
//! how long a file may be, what it may be called, and that each says what it is.

mod layers;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use layers::LAYERS;

const ABOVE_ALL: [&str; 4] = ["lib", "main", "cli", "serve"];

/// `(foreign crate, the only places that may name it)`. To change a library is to change one place.
const FOREIGN: &[(&str, &[&str])] = &[
    ("sqlx", &["relay/src/db"]),
    ("rusqlite", &["relay/src/db"]),
    ("aws_lc_rs", &["relay/src/seal", "relay/src/sign/pair.rs", "relay/src/cli"]),
    ("rustls", &["relay/src/listener/tls.rs", "relay/src/tls", "relay/src/cli"]),
    ("tokio_rustls", &["relay/src/listener", "relay/src/tls"]),
    ("ammonia", &["relay/src/content/clean.rs"]),
    ("similar", &["relay/src/content/diff.rs"]),
    ("hickory_resolver", &["relay/src/delivery/dns"]),
    ("hyper", &["relay/src/http"]),
    ("hyper_util", &["relay/src/http"]),
    ("http_body_util", &["relay/src/http"]),
    ("jsonwebtoken", &["relay/src/openid"]),
    ("axum", &["relay/src/web"]),
    // The page of a case file is made again where it is checked, without a web server.
    ("askama", &["relay/src/web", "relay/src/document/html.rs"]),
    ("krilla", &["relay/src/document"]),
    ("skrifa", &["relay/src/document/font.rs"]),
    ("zip", &["relay/src/evidence/archive.rs"]),
    ("utoipa", &["relay/src/web/api"]),
    ("utoipa_axum", &["relay/src/web/api"]),
    ("serde_path_to_error", &["relay/src/web/api"]),
    ("clap", &["relay/src/cli"]),
    ("flate2", &["relay/src/tls_report"]),
    ("fluent_bundle", &["relay/src/words.rs"]),
    ("indicatif", &["relay/src/cli"]),
    ("qrcode", &["relay/src/web/console/picture.rs"]),
    ("csv_core", &["relay/src/consent/import"]),
    ("md5", &["relay/src/seal"]),
    ("argon2", &["relay/src/login"]),
    ("cssparser", &["policy/src/visible"]),
    ("strsim", &["relay/src/config"]),
    ("toml_edit", &["relay/src/config/exception.rs"]),
    ("rcgen", &["relay/src/listener/tls.rs"]),
    ("rustix", &["relay/src/main.rs", "relay/src/system"]),
    ("tempfile", &["relay/src/cli", "tests.rs"]),
];

const LINES_MAX: usize = 500;
const NAMES_BANNED: [&str; 8] =
    ["utils", "util", "common", "helper", "helpers", "misc", "manager", "types"];

/// And a permission that nobody uses is taken back.
#[test]
fn nobody_imports_upwards() {
    let mut faults = vec![];
    let mut used = BTreeSet::new();
    for (path, text) in sources("relay/src") {
        let Some(module) = module_of(&path) else {
            continue;
        };
        let Some((_, allowed)) = LAYERS.iter().find(|(name, _)| *name == module) else {
            faults.push(format!("{}: `{module}` is not in LAYERS", path.display()));
            continue;
        };
        for target in imported(product(&text)) {
            if target != module && !allowed.contains(&target.as_str()) {
                faults.push(format!("{}: `{module}` may not import `{target}`", path.display()));
            }
            used.insert((module.clone(), target));
        }
    }
    for (module, allowed) in LAYERS {
        for target in *allowed {
            if !used.contains(&((*module).to_owned(), (*target).to_owned())) {
                faults.push(format!("`{module}` may import `{target}` and does not: LAYERS"));
            }
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn layers_have_no_cycle() {
    for (at, (name, allowed)) in LAYERS.iter().enumerate() {
        for below in *allowed {
            let depth = LAYERS.iter().position(|(other, _)| other == below);
            assert!(
                depth.is_some_and(|depth| depth < at),
                "{name} stands above {below} or it is unnamed"
            );
        }
    }
}

#[test]
fn each_foreign_crate_is_named_only_where_it_belongs() {
    let mut faults = vec![];
    let mut seen = BTreeSet::new();
    for (path, text) in sources("relay/src").chain(sources("policy/src")) {
        let inside = inside(&path);
        let code = code(product(&text));
        for (name, places) in FOREIGN {
            if !names(&code, name) {
                continue;
            }
            seen.insert(*name);
            if !places.iter().any(|at| inside.starts_with(at) || inside.ends_with(at)) {
                faults.push(format!("{inside}: names `{name}`, which belongs to {places:?}"));
            }
        }
    }
    let gone = FOREIGN.iter().filter(|(name, _)| !seen.contains(name));
    faults.extend(gone.map(|(name, _)| format!("nobody names `{name}`: FOREIGN")));
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

/// Whether a text has a path that begins with this crate.
fn names(code: &str, name: &str) -> bool {
    code.match_indices(name).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        let after = &code[at + name.len()..];
        let begins = !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':');
        begins
            && (after.starts_with("::") || after.starts_with(';') && code[..at].ends_with("use "))
    })
}

/// A dependency that nobody names is one to download, build and audit for nothing; and each says
/// what it is for.
#[test]
fn every_dependency_is_used_and_says_what_for() {
    let mut faults = vec![];
    for package in ["policy", "relay", "tests"] {
        let manifest = fs::read_to_string(root().join(package).join("Cargo.toml")).unwrap();
        let code: String = ["src", "tests", "benches"]
            .into_iter()
            .flat_map(|folder| sources(&format!("{package}/{folder}")))
            .map(|(_, text)| code(&text))
            .collect();
        let sections = manifest.split("\n[").filter(|section| {
            section.starts_with("dependencies]") || section.starts_with("dev-dependencies]")
        });
        for line in sections.flat_map(|section| section.lines().skip(1)) {
            let Some((name, rest)) = line.split_once(" = ") else {
                continue;
            };
            if !names(&code, &name.replace('-', "_")) {
                faults.push(format!("{package}: nobody names `{name}`"));
            }
            if !rest.contains(" # ") && !rest.contains("path = ") {
                faults.push(format!("{package}: `{name}` does not say what for"));
            }
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn every_file_says_what_it_is_and_stays_small() {
    let mut faults = vec![];
    for (path, text) in every_source() {
        let at = inside(&path);
        if !text.starts_with("//!") {
            faults.push(format!("{at}: does not begin with //!"));
        }
        let lines = product(&text).lines().count();
        if lines > LINES_MAX {
            faults.push(format!("{at}: {lines} lines before its tests, {LINES_MAX} at most"));
        }
        let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
        if NAMES_BANNED.contains(&stem.as_str()) {
            faults.push(format!("{at}: a name that says nothing"));
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn nothing_is_left_for_later_and_no_test_is_skipped() {
    let marks = [
        ["TO", "DO"].concat(),
        ["FIX", "ME"].concat(),
        ["#[ig", "nore"].concat(),
        ["todo", "!("].concat(),
    ];
    let mut faults = vec![];
    for (path, text) in every_source() {
        for (number, line) in text.lines().enumerate() {
            if marks.iter().any(|mark| line.contains(mark.as_str())) {
                faults.push(format!("{}:{}: {}", inside(&path), number + 1, line.trim()));
            }
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

/// A map that names a place that is gone is worse than no map.
#[test]
fn every_path_named_in_a_page_exists() {
    let mut faults = vec![];
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        let folder = page.parent().unwrap();
        for named in text.split('`').skip(1).step_by(2) {
            if is_path(named) && !root().join(named).exists() && !folder.join(named).exists() {
                faults.push(format!("{}: names `{named}`, which is not there", inside(&page)));
            }
        }
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = target.split('#').next().unwrap();
            if !target.contains(':') && !file.is_empty() && !folder.join(file).exists() {
                faults.push(format!("{}: links to {target}, which is not there", inside(&page)));
            }
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

/// Every sub-command that a page shows must be one that the binary knows.
#[test]
fn every_command_named_in_a_page_is_known() {
    let known = outside::binary::commands();
    let mut faults = vec![];
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        // A fence of `text` shows what is written, not what is to be called.
        let shown = text.split("```").filter(|part| !part.starts_with("text\n"));
        for line in shown.flat_map(|part| part.split(['`', '\n'])) {
            let Some(rest) = line
                .trim()
                .strip_prefix("souhlas ")
                .or_else(|| line.split("-- ").nth(1).filter(|_| line.contains("cargo run")))
            else {
                continue;
            };
            let word = rest.split_whitespace().next().unwrap_or("");
            let is_word = !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase());
            if is_word && !known.contains(word) {
                faults.push(format!("{}: `souhlas {word}` is no command", inside(&page)));
            }
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

/// `cargo run` without `--bin`, as the README has it, must know which binary is meant.
#[test]
fn cargo_run_means_the_relay() {
    let cargo = Command::new(env!("CARGO"))
        .current_dir(root())
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .output()
        .unwrap();
    let told: serde_json::Value = serde_json::from_slice(&cargo.stdout).unwrap();
    let default = told["workspace_default_members"].as_array().unwrap();
    let binaries: Vec<&str> = told["packages"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|package| default.contains(&package["id"]))
        .flat_map(|package| package["targets"].as_array().unwrap())
        .filter(|target| target["kind"][0] == "bin")
        .filter_map(|target| target["name"].as_str())
        .collect();
    assert_eq!(binaries, ["souhlas"]);
}

fn pages() -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> =
        ["README.md", "relay/README.md", "policy/README.md", "CHANGELOG.md"]
            .iter()
            .map(|page| root().join(page))
            .filter(|page| page.exists())
            .collect();
    found.extend(
        fs::read_dir(root().join("docs"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|ext| ext == "md")),
    );
    assert!(found.contains(&root().join("README.md")), "README.md is missing");
    found
}

/// A word in backticks that can only be a path of this tree.
fn is_path(named: &str) -> bool {
    const TOPS: [&str; 9] = [
        "relay/",
        "policy/",
        "migrations/",
        "config/",
        "tests/",
        "docs/",
        ".ci/",
        ".config/",
        "src/",
    ];
    TOPS.iter().any(|top| named.starts_with(top)) && !named.contains([' ', '*', '<', '{'])
}

/// The modules of this crate that a text names: `crate::x`, `crate::{x, y::z}`.
fn imported(text: &str) -> BTreeSet<String> {
    let code = code(text);
    let mut found = BTreeSet::new();
    for rest in code.split("crate::").skip(1) {
        match rest.strip_prefix('{') {
            None => {
                found.insert(head(rest));
            }
            Some(group) => {
                let mut depth = 0;
                let mut word = String::new();
                for letter in group.chars() {
                    match letter {
                        '}' if depth == 0 => break,
                        '{' => depth += 1,
                        '}' => depth -= 1,
                        ',' if depth == 0 => {
                            found.insert(head(word.trim()));
                            word.clear();
                        }
                        other => word.push(other),
                    }
                }
                if !word.trim().is_empty() {
                    found.insert(head(word.trim()));
                }
            }
        }
    }
    found.retain(|name| name.starts_with(|c: char| c.is_ascii_lowercase()));
    found
}

/// A text without the lines that are comments.
fn code(text: &str) -> String {
    text.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| [line, "\n"])
        .collect()
}

/// What stands before the tests of a file.
fn product(text: &str) -> &str {
    text.split("#[cfg(test)]").next().unwrap_or("")
}

/// The module of relay that a file belongs to: the first folder or file below `src/`.
fn module_of(path: &Path) -> Option<String> {
    let inside = path.strip_prefix(root().join("relay/src")).ok()?;
    let first = inside.iter().next()?.to_str()?.trim_end_matches(".rs");
    (!ABOVE_ALL.contains(&first)).then(|| first.to_owned())
}

fn head(path: &str) -> String {
    path.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect()
}

fn inside(path: &Path) -> String {
    path.strip_prefix(root()).unwrap().to_string_lossy().into_owned()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn every_source() -> impl Iterator<Item = (PathBuf, String)> {
    ["policy/src", "policy/tests", "relay/src", "tests/src", "tests/tests"]
        .into_iter()
        .flat_map(sources)
}

fn sources(below: &str) -> impl Iterator<Item = (PathBuf, String)> + use<> {
    let mut folders = vec![root().join(below)];
    let mut files = vec![];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ext| ext == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                files.push((path, text));
            }
        }
    }
    files.into_iter()
}
