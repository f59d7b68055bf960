//! Statements of a transaction whose answers nobody needs before its end. PostgreSQL gets them as
//! one statement, and answers once: each answer waited for costs as much as what it answers.

use std::fmt::Write;

use sqlx::{Arguments, postgres::PgArguments};

/// Parts of one statement. They do not see what each other changes.
#[derive(Default)]
pub(super) struct Later {
    parts: String,
    /// What must not be true of the parts.
    unmet: String,
    bound: PgArguments,
    count: usize,
}

impl Later {
    /// Takes a part; `bind` adds its values. `rows`: how many it has to change.
    pub(super) fn add<E>(
        &mut self,
        sql: &str,
        rows: Option<u64>,
        bind: impl FnOnce(&mut PgArguments) -> Result<(), E>,
    ) -> Result<(), E> {
        let (at, comma) = (self.count, if self.count == 0 { "" } else { ", " });
        let sql = shifted(sql, self.bound.len());
        bind(&mut self.bound)?;
        self.count += 1;
        let _ = match rows {
            None => write!(self.parts, "{comma}p{at} AS ({sql})"),
            Some(rows) => {
                let _ = write!(self.unmet, " OR (SELECT COUNT(*) FROM p{at}) <> {rows}");
                write!(self.parts, "{comma}p{at} AS ({sql} RETURNING 1)")
            }
        };
        Ok(())
    }

    /// The statement, if there is anything to do. A row is its complaint.
    pub(super) fn statement(self) -> Option<(String, PgArguments)> {
        let Self { parts, unmet, bound, count } = self;
        (count > 0).then(|| (format!("WITH {parts} SELECT 1 WHERE false{unmet}"), bound))
    }
}

/// The first value of a part is the whole statement's `by + 1`st.
fn shifted(sql: &str, by: usize) -> String {
    let mut pieces = sql.split('$');
    let mut all = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let rest = piece.trim_start_matches(|c: char| c.is_ascii_digit());
        let number: usize = piece.strip_suffix(rest).unwrap_or_default().parse().unwrap_or(0);
        let _ = write!(all, "${}{rest}", number + by);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_become_one_statement_and_their_values_follow_each_other() {
        let two = |bound: &mut PgArguments| bound.add(1_i64).and_then(|()| bound.add(2_i64));
        let mut later = Later::default();
        later.add("DELETE FROM a WHERE b = $2 AND c = $1", None, two).unwrap();
        later.add("UPDATE d SET e = $1, f = $2", Some(1), two).unwrap();
        let (sql, bound) = later.statement().unwrap();
        assert_eq!(
            sql,
            "WITH p0 AS (DELETE FROM a WHERE b = $2 AND c = $1), \
             p1 AS (UPDATE d SET e = $3, f = $4 RETURNING 1) \
             SELECT 1 WHERE false OR (SELECT COUNT(*) FROM p1) <> 1"
        );
        assert_eq!(bound.len(), 4);
        assert!(Later::default().statement().is_none());
    }
}
