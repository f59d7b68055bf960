//! A file that came over the wire: as long as it is read it lies in a folder of its own, for this
//! program's eyes alone, and goes with the last who holds it.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use uuid::Uuid;

use crate::owned;

#[derive(Debug)]
pub struct Upload {
    folder: PathBuf,
    file: PathBuf,
}

impl Upload {
    /// Under the name that its sender calls it, as far as that is one for a file.
    pub fn keep(name: &str, bytes: &[u8]) -> io::Result<Self> {
        let folder = std::env::temp_dir().join(format!("souhlas-{}", Uuid::new_v4()));
        owned::folder(&folder)?;
        // From now on it goes with this.
        let kept = Self { file: folder.join(plain(name)), folder };
        owned::write(&kept.file, bytes)?;
        Ok(kept)
    }

    pub fn path(&self) -> &Path {
        &self.file
    }

    /// For what is written about it: goes with it. No file that is kept has this name.
    pub fn beside(&self) -> PathBuf {
        self.folder.join(".beside")
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        if let Err(fault) = fs::remove_dir_all(&self.folder) {
            tracing::warn!(%fault, "a file that was imported could not be deleted");
        }
    }
}

/// No path, nothing hidden, nothing odd.
fn plain(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let is_plain = |letter: &char| letter.is_alphanumeric() || " ._-".contains(*letter);
    let plain: String = last.chars().filter(is_plain).take(NAME_MAX).collect();
    let plain = plain.trim().trim_start_matches('.');
    if plain.is_empty() { "upload".to_owned() } else { plain.to_owned() }
}

/// In letters: fewer bytes than a file's name may have.
const NAME_MAX: usize = 60;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_lies_there_as_long_as_somebody_holds_it() {
        let upload = Upload::keep("lidé 2026.csv", b"email\n").unwrap();
        let path = upload.path().to_owned();
        assert!(path.ends_with("lidé 2026.csv") && !owned::is_open(&path));
        assert_eq!((upload.beside().parent(), plain(".beside")), (path.parent(), "beside".into()));
        assert_eq!(fs::read(&path).unwrap(), b"email\n");
        drop(upload);
        assert!(!path.exists() && !path.parent().unwrap().exists());
    }

    #[test]
    fn a_name_leads_nowhere_else() {
        for (name, kept) in [
            ("../../etc/passwd", "passwd"),
            ("C:\\x\\seznam.csv", "seznam.csv"),
            ("..", "upload"),
            (".hidden", "hidden"),
            ("", "upload"),
            ("a\0\n<b>.csv", "ab.csv"),
        ] {
            assert_eq!(plain(name), kept, "{name}");
        }
        assert_eq!(plain(&"x".repeat(500)).len(), NAME_MAX);
    }
}
