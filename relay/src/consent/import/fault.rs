//! Why an import does not begin or does not end.

use super::{attest::Origin, elements::Stop};
use crate::db::Error;

/// What was written before stays; the same import goes on from there.
#[derive(Debug)]
pub enum Fault {
    NoPurpose(String),
    Closed(String),
    /// Nothing says what the file's consents are for.
    Purposeless,
    /// Nothing of this origin may be imported.
    Forbidden(Origin),
    /// Nobody attests it, or it names no source.
    Unattested,
    /// Somebody else goes on with the very same import.
    Busy,
    File(std::io::Error),
    /// UTF-16, or bytes that are no text.
    NotText,
    /// Which columns there are instead.
    NoAddressColumn(Vec<String>),
    /// There is no column of the name that decides which lines count.
    NoColumn(String),
    /// JSON that cannot be read on.
    Json {
        line: u64,
        why: &'static str,
    },
    Rejects(std::io::Error),
    Store(Error),
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoPurpose(id) => write!(
                f,
                "there is no purpose `{id}`: see `souhlas purpose list`, or add it first"
            ),
            Self::Closed(id) => write!(f, "the purpose `{id}` is closed and grants nothing more"),
            Self::Purposeless => f.write_str(
                "what did they agree to? Name the purpose, or the purpose of each list: \
                 `--purpose news`, `--purpose LIST=news`",
            ),
            Self::Forbidden(origin) => {
                let why = origin.forbidden().map(|(why, _)| why).unwrap_or_default();
                write!(f, "nothing {} is imported: {why}", origin.word())
            }
            Self::Unattested => f.write_str("an import names its source and who attests it"),
            Self::Busy => f.write_str("the same file is being imported by somebody else: wait"),
            Self::File(error) => write!(f, "the file cannot be read: {error}"),
            Self::NotText => f.write_str(
                "the file is no text in UTF-8 or windows-1250: save it as `CSV UTF-8` and try again",
            ),
            Self::NoAddressColumn(found) => write!(
                f,
                "no column holds an address: call one `email`; the first line has `{}`",
                found.join("`, `")
            ),
            Self::NoColumn(name) => write!(f, "there is no column `{name}`: look at the first line"),
            Self::Json { line, why } => write!(
                f,
                "the JSON is broken in line {line}, {why}: what stood before it is imported"
            ),
            Self::Rejects(error) => {
                write!(f, "the file of rejected lines cannot be written: {error}")
            }
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Fault {}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Store(error)
    }
}

impl From<Stop> for Fault {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::File(error) => Self::File(error),
            Stop::Broken(broken) => Self::Json { line: broken.line, why: broken.why },
        }
    }
}
