//! Puts a new policy.toml in the place of the one that it replaces: all of it or nothing, whenever
//! the machine stops.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    path::Path,
};

use uuid::Uuid;

/// Why the file stays as it was.
#[derive(Debug)]
pub enum Fault {
    /// It is not the text that is to be replaced.
    Changed,
    /// It is a symbolic link: what it leads to may belong to somebody else, as in a mounted
    /// configuration.
    Linked,
    /// It is marked read-only, or it or its folder cannot be written.
    Unwritable(io::Error),
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Changed => f.write_str("it was changed by hand"),
            Self::Linked => f.write_str("it is a symbolic link: put the text where it leads"),
            Self::Unwritable(error) => write!(f, "it cannot be written: {error}"),
        }
    }
}

/// Replaces `old` by `new` in policy.toml of `folder`, where it is `old` still; that one stands as
/// [`BEFORE`] beside it afterwards. Who may read it stays as it was.
///
/// The new text is on disk under another name before it gets its own, by a rename: whoever opens
/// policy.toml finds one of the two, and so does the next start after a power cut.
pub fn place(folder: &Path, old: &str, new: &str) -> Result<(), Fault> {
    let file = folder.join("policy.toml");
    let about = fs::symlink_metadata(&file).map_err(Fault::Unwritable)?;
    if about.is_symlink() {
        return Err(Fault::Linked);
    }
    if about.permissions().readonly() {
        return Err(Fault::Unwritable(io::Error::other("it is marked read-only")));
    }
    let write = |name: &str, text: &str| -> io::Result<()> {
        let fresh = folder.join(format!("{name}.{}.new", Uuid::now_v7().simple()));
        let put = put(&fresh, text, about.permissions());
        let put = put.and_then(|()| fs::rename(&fresh, folder.join(name)));
        put.inspect_err(|_| {
            // Nothing half-written stays; where that fails, too, it is under a name that nobody reads.
            let _ = fs::remove_file(&fresh);
        })
    };
    if fs::read(&file).map_err(Fault::Unwritable)? != old.as_bytes() {
        return Err(Fault::Changed);
    }
    write(BEFORE, old).map_err(Fault::Unwritable)?;
    write("policy.toml", new).map_err(Fault::Unwritable)?;
    // The names, too, are on disk only when the folder is.
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(Fault::Unwritable)
}

fn put(fresh: &Path, text: &str, permissions: fs::Permissions) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(fresh)?;
    file.set_permissions(permissions)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// What the file before is called, beside the new one.
pub const BEFORE: &str = "policy.toml.before";

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    #[test]
    fn the_new_text_takes_the_place_of_the_one_that_it_replaces_and_of_no_other() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("policy.toml");
        fs::write(&file, "old").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(place(home.path(), "older", "new"), Err(Fault::Changed)));
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1, "nothing is left");
        place(home.path(), "old", "new").unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "new");
        assert_eq!(fs::read_to_string(home.path().join(BEFORE)).unwrap(), "old");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 2);
        place(home.path(), "new", "newer").unwrap();
        assert_eq!(fs::read_to_string(home.path().join(BEFORE)).unwrap(), "new");
    }

    #[test]
    fn what_is_a_link_read_only_or_not_there_is_left_alone() {
        let home = tempfile::tempdir().unwrap();
        let (file, other) = (home.path().join("policy.toml"), home.path().join("other"));
        assert!(matches!(place(home.path(), "", "new"), Err(Fault::Unwritable(_))));
        fs::write(&other, "old").unwrap();
        symlink(&other, &file).unwrap();
        assert!(matches!(place(home.path(), "old", "new"), Err(Fault::Linked)));
        fs::remove_file(&file).unwrap();
        fs::rename(&other, &file).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o444)).unwrap();
        assert!(matches!(place(home.path(), "old", "new"), Err(Fault::Unwritable(_))));
        assert_eq!(fs::read_to_string(&file).unwrap(), "old");
    }
}
