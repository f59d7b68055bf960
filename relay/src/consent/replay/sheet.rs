//! Rows of a table as JSON, the same from either database, and how two of them differ.

use serde_json::{Map, Value, json};

use crate::db::{Error, Row};

/// What a row holds, by its columns' names.
pub(in crate::consent) type Cells = Map<String, Value>;

/// What a column holds; each may be null.
#[derive(Clone, Copy, Debug)]
pub(in crate::consent) enum Cell {
    Int,
    Text,
    Uuid,
}

/// A table, as far as something else says what stands in it.
#[derive(Debug)]
pub(in crate::consent) struct Sheet {
    pub table: &'static str,
    pub columns: &'static [(&'static str, Cell)],
}

impl Sheet {
    /// The columns, for a `SELECT`.
    pub(in crate::consent) fn names(&self) -> String {
        let names: Vec<&str> = self.columns.iter().map(|(name, _)| *name).collect();
        names.join(", ")
    }

    /// The columns from `first` on. One that holds what such a column cannot hold says so.
    pub(in crate::consent) fn read(&self, row: &Row, first: usize) -> Result<Cells, Error> {
        let mut cells = Cells::new();
        for (at, (name, cell)) in self.columns.iter().enumerate() {
            let at = first + at;
            let value = match cell {
                Cell::Int => row.opt_int(at).map(Value::from),
                Cell::Text => row.opt_text(at).map(Value::from),
                Cell::Uuid => row.opt_uuid(at).map(|id| json!(id)),
            };
            let value = match value {
                Err(Error::Bug(_)) => json!("of another type"),
                read => read?,
            };
            cells.insert((*name).to_owned(), value);
        }
        Ok(cells)
    }
}

/// How a row differs from what is said of it, column by column.
pub(in crate::consent) fn differs(said: &Cells, is: &Cells) -> impl Iterator<Item = String> {
    said.iter().filter(|(name, value)| is.get(*name) != Some(value)).map(|(name, value)| {
        let is = is.get(name).unwrap_or(&Value::Null);
        format!("`{name}` is {}, not {}", short(is), short(value))
    })
}

fn short(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}..", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

const SHOWN: usize = 60;
