//! A value that is never shown: passwords, database URLs.

use super::document::Section;

/// Keeps a value out of logs and panics: `Debug` is a fixed word in every build.
#[derive(Clone, Eq, PartialEq)]
pub struct Secret<T>(T);

impl<T> Secret<T> {
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The value, for the one place that uses it.
    pub fn reveal(&self) -> &T {
        &self.0
    }
}

impl<T> std::fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("(secret)")
    }
}

/// The text of the file that `key` names, without space around it; what is wrong with it is said.
pub(super) fn of_file(
    section: &Section<'_, '_>,
    key: &'static str,
    file: &str,
) -> Option<Secret<String>> {
    if !section.reads_files() {
        return Some(Secret::new(String::new()));
    }
    let fault = match std::fs::read_to_string(file) {
        Ok(text) if !text.trim().is_empty() => return Some(Secret::new(text.trim().to_owned())),
        Ok(_) => format!("`{file}` is empty"),
        Err(error) => format!("`{file}` cannot be read: {error}"),
    };
    section.complain(key, fault);
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_a_fixed_word() {
        assert_eq!(format!("{:?}", Secret::new("hunter2")), "(secret)");
    }
}
