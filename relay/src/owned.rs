//! Files and folders that hold personal data or keys: made for their owner alone.
//!
//! What is there already stays as it is: whoever opened it to others may have meant it.

use std::{
    fs::{self, DirBuilder, OpenOptions},
    io,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::Path,
};

/// Makes a folder, and those above it, where there is none.
pub fn folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// To open files with: one that this makes is its owner's.
pub fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.mode(0o600);
    options
}

/// Writes the whole of a file, in place of what was in it.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = options().write(true).create(true).truncate(true).open(path)?;
    io::Write::write_all(&mut file, bytes)
}

/// Whether others on the machine may look into what is there. Whom its owner's group has in it, the
/// owner knows.
pub fn is_open(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| found.permissions().mode() & 0o007 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn what_is_made_is_its_owners_and_what_is_there_stays() {
        let home = tempfile::tempdir().unwrap();
        let (inner, file) = (home.path().join("a/b"), home.path().join("a/b/c"));
        folder(&inner).unwrap();
        write(&file, b"1").unwrap();
        assert_eq!(
            (mode(&inner), mode(inner.parent().unwrap()), mode(&file)),
            (0o700, 0o700, 0o600)
        );
        assert!(!is_open(&inner) && !is_open(&file) && !is_open(&home.path().join("nothing")));
        assert!(!is_open(&inner));
        fs::set_permissions(&inner, fs::Permissions::from_mode(0o755)).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
        folder(&inner).unwrap();
        write(&file, b"22").unwrap();
        assert_eq!((mode(&inner), mode(&file)), (0o755, 0o644));
        assert!(is_open(&inner) && is_open(&file));
        assert_eq!(fs::read(&file).unwrap(), b"22");
    }
}
