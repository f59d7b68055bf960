//! Values on their way into a statement and out of a row, the same for both databases.

use std::borrow::Cow;

use jiff::Timestamp;
use rusqlite::types::{FromSql, Value};
use serde::Serialize;
use sqlx::{Row as _, postgres::PgRow};
use uuid::Uuid;

use super::Error;

/// One value bound to `$n`. A missing one still has a type: PostgreSQL wants to know.
#[derive(Clone, Debug)]
pub enum Arg<'a> {
    Int(Option<i64>),
    Text(Option<Cow<'a, str>>),
    Bytes(Option<Cow<'a, [u8]>>),
    Uuid(Option<Uuid>),
}

pub fn int(value: i64) -> Arg<'static> {
    Arg::Int(Some(value))
}

/// How many of something.
pub fn size(count: impl TryInto<i64>) -> Arg<'static> {
    int(count.try_into().unwrap_or(i64::MAX))
}

pub fn text<'a>(value: impl Into<Cow<'a, str>>) -> Arg<'a> {
    Arg::Text(Some(value.into()))
}

pub fn uuid(value: Uuid) -> Arg<'static> {
    Arg::Uuid(Some(value))
}

/// A keyed hash or digest.
pub fn key(value: &[u8; 32]) -> Arg<'_> {
    Arg::Bytes(Some(Cow::Borrowed(value)))
}

/// A unit variant as its bare word; empty for `None`.
pub fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        Ok(_) | Err(_) => String::new(),
    }
}

/// Appends the values to `args`; how a statement's text names them: `$3, $4`.
pub fn places<'a>(args: &mut Vec<Arg<'a>>, values: impl IntoIterator<Item = Arg<'a>>) -> String {
    let first = args.len() + 1;
    args.extend(values);
    let places: Vec<String> = (first..=args.len()).map(|at| format!("${at}")).collect();
    places.join(", ")
}

impl<'a> Arg<'a> {
    pub fn bytes(value: impl Into<Cow<'a, [u8]>>) -> Self {
        Self::Bytes(Some(value.into()))
    }

    /// The same value, borrowed.
    pub fn by_ref(&self) -> Arg<'_> {
        match self {
            Self::Int(value) => Arg::Int(*value),
            Self::Text(value) => Arg::Text(value.as_deref().map(Cow::Borrowed)),
            Self::Bytes(value) => Arg::Bytes(value.as_deref().map(Cow::Borrowed)),
            Self::Uuid(value) => Arg::Uuid(*value),
        }
    }
}

/// What a list in a statement looks for, written `{in}` there.
#[derive(Clone, Debug)]
pub enum Keys<'a> {
    Bytes(Vec<&'a [u8]>),
    Uuids(Vec<Uuid>),
}

impl Keys<'_> {
    pub fn len(&self) -> usize {
        match self {
            Self::Bytes(keys) => keys.len(),
            Self::Uuids(keys) => keys.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// One row of an answer; columns by position.
pub enum Row {
    #[doc(hidden)]
    Sqlite(Vec<Value>),
    #[doc(hidden)]
    Postgres(PgRow),
}

/// Reads one column without comparing declared types: the migrations are ours.
macro_rules! column {
    ($row:expr, $at:expr, $type:ty) => {{
        let fault = |error: &dyn std::fmt::Display| Error::Bug(format!("column {}: {error}", $at));
        match $row {
            Row::Sqlite(row) => match row.get($at) {
                Some(value) => <$type>::column_result(value.into()).map_err(|error| fault(&error)),
                None => Err(fault(&"there is none")),
            },
            Row::Postgres(row) => {
                row.try_get_unchecked::<$type, usize>($at).map_err(|error| fault(&error))
            }
        }
    }};
}

impl Row {
    pub fn int(&self, at: usize) -> Result<i64, Error> {
        column!(self, at, i64)
    }

    pub fn opt_int(&self, at: usize) -> Result<Option<i64>, Error> {
        column!(self, at, Option<i64>)
    }

    /// A count or a size, in whatever unit the column has: never below zero.
    pub fn count(&self, at: usize) -> Result<u64, Error> {
        u64::try_from(self.int(at)?).map_err(|error| Error::Bug(format!("column {at}: {error}")))
    }

    /// A moment, kept as milliseconds since 1970.
    pub fn time(&self, at: usize) -> Result<Timestamp, Error> {
        moment(self.int(at)?)
    }

    pub fn opt_time(&self, at: usize) -> Result<Option<Timestamp>, Error> {
        self.opt_int(at)?.map(moment).transpose()
    }

    pub fn text(&self, at: usize) -> Result<String, Error> {
        column!(self, at, String)
    }

    /// The same, borrowed.
    pub fn str(&self, at: usize) -> Result<&str, Error> {
        let fault = |error: &dyn std::fmt::Display| Error::Bug(format!("column {at}: {error}"));
        match self {
            Self::Sqlite(row) => match row.get(at) {
                Some(Value::Text(text)) => Ok(text),
                Some(_) => Err(fault(&"it is no text")),
                None => Err(fault(&"there is none")),
            },
            Self::Postgres(row) => row.try_get_unchecked(at).map_err(|error| fault(&error)),
        }
    }

    pub fn opt_text(&self, at: usize) -> Result<Option<String>, Error> {
        column!(self, at, Option<String>)
    }

    pub fn uuid(&self, at: usize) -> Result<Uuid, Error> {
        column!(self, at, Uuid)
    }

    pub fn opt_uuid(&self, at: usize) -> Result<Option<Uuid>, Error> {
        column!(self, at, Option<Uuid>)
    }

    pub fn bytes(&self, at: usize) -> Result<Vec<u8>, Error> {
        column!(self, at, Vec<u8>)
    }

    pub fn opt_bytes(&self, at: usize) -> Result<Option<Vec<u8>>, Error> {
        column!(self, at, Option<Vec<u8>>)
    }

    /// A keyed hash or digest.
    pub fn key(&self, at: usize) -> Result<[u8; 32], Error> {
        column!(self, at, [u8; 32])
    }

    pub fn opt_key(&self, at: usize) -> Result<Option<[u8; 32]>, Error> {
        column!(self, at, Option<[u8; 32]>)
    }
}

/// From milliseconds since 1970, as every table keeps it.
pub fn moment(millisecond: i64) -> Result<Timestamp, Error> {
    Timestamp::from_millisecond(millisecond).map_err(|error| Error::Bug(error.to_string()))
}
