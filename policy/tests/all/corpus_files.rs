//! The messages of the shared corpus, where it is at hand; tests pass without it and say so.

use std::path::{Path, PathBuf};

/// Every file but the descriptions, with its path inside the corpus. Sorted.
pub(crate) fn all() -> Vec<(String, Vec<u8>)> {
    let Some(root) = root() else { return Vec::new() };
    let mut files = Vec::new();
    walk(&root, &root, &mut files);
    files.sort();
    files
}

/// One file of it.
pub(crate) fn text(name: &str) -> Option<String> {
    std::fs::read_to_string(root()?.join(name)).ok()
}

fn root() -> Option<PathBuf> {
    let root = match std::env::var_os("SOUHLAS_CORPUS") {
        Some(named) => PathBuf::from(named),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus"),
    };
    if root.is_dir() {
        return Some(root);
    }
    println!("skipped: no corpus at ../shared/corpus nor at $SOUHLAS_CORPUS");
    None
}

fn walk(root: &Path, folder: &Path, files: &mut Vec<(String, Vec<u8>)>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        if path.is_dir() {
            if name != "LICENSES" {
                walk(root, &path, files);
            }
        } else if !matches!(name.as_str(), "SOURCE.txt" | "MANIFEST.json" | "README.md")
            && let Ok(bytes) = std::fs::read(&path)
        {
            let inside = path.strip_prefix(root).unwrap_or(&path);
            files.push((inside.to_string_lossy().into_owned(), bytes));
        }
    }
}
