//! Aligned columns for lists, and what stands in them; widths count characters, not octets.

use std::fmt;

use jiff::Timestamp;

/// A moment, as lists have it.
pub(super) fn seconds(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%SZ").to_string()
}

/// The same where there may be none.
pub(super) fn maybe_seconds(at: Option<Timestamp>) -> String {
    at.map_or_else(|| "-".to_owned(), seconds)
}

/// Rows of text under headings.
#[derive(Debug, Default)]
pub(super) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(super) fn new(headings: &[&str]) -> Self {
        Self { rows: vec![headings.iter().map(|text| (*text).to_owned()).collect()] }
    }

    pub(super) fn row<T: fmt::Display>(&mut self, cells: impl IntoIterator<Item = T>) {
        // Control characters of foreign text must not reach a terminal.
        let clean = |cell: T| {
            let text = cell.to_string();
            text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
        };
        self.rows.push(cells.into_iter().map(clean).collect());
    }

    /// Whether there is nothing under the headings.
    pub(super) fn is_empty(&self) -> bool {
        self.rows.len() <= 1
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        for (at, row) in self.rows.iter().enumerate() {
            let mut line = String::new();
            for (cell, width) in row.iter().zip(&widths) {
                line.push_str(&format!("{cell:<width$}  "));
            }
            if at > 0 {
                f.write_str("\n")?;
            }
            f.write_str(line.trim_end())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let mut table = Table::new(&["ID", "NAME"]);
        table.row(["žluťoučký", "a"]);
        table.row(["x", "b\u{1b}[31m"]);
        assert_eq!(table.to_string(), "ID         NAME\nžluťoučký  a\nx          b [31m");
    }
}
