//! Pages of a list, by the last row of the one before: what is added meanwhile moves nothing.

use super::query::Query;

/// Where the other pages of a list are.
pub(super) struct Paging {
    /// The newest rows, where these are not.
    pub first: Option<String>,
    pub next: Option<String>,
}

impl Paging {
    /// Of rows that were read with one more than `PAGE`, which is taken off again; `cursor` says what
    /// the next page comes after.
    pub(super) fn of<R>(
        path: &str,
        query: &Query,
        rows: &mut Vec<R>,
        cursor: impl FnOnce(&R) -> String,
    ) -> Self {
        let more = rows.len() > PAGE;
        rows.truncate(PAGE);
        let last = rows.last().filter(|_| more).map(cursor);
        let first = query.get(BEFORE).map(|_| query.url(path, &[(BEFORE, None), ("done", None)]));
        let next =
            last.map(|last| query.url(path, &[(BEFORE, Some(last.as_str())), ("done", None)]));
        Self { first, next }
    }
}

/// Rows of a page.
pub(super) const PAGE: usize = 50;
/// The name of the cursor in a URL.
pub(super) const BEFORE: &str = "before";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_comes_after_the_last_row_that_is_shown() {
        let query = Query::read(Some("act=x&before=99"));
        let mut rows: Vec<usize> = (0..=PAGE).rev().collect();
        let paging = Paging::of("/audit", &query, &mut rows, ToString::to_string);
        assert_eq!(rows.len(), PAGE);
        assert_eq!(paging.next.as_deref(), Some("/audit?act=x&before=1"));
        assert_eq!(paging.first.as_deref(), Some("/audit?act=x"));
        let mut rows: Vec<usize> = (0..PAGE).collect();
        let paging = Paging::of("/audit", &Query::default(), &mut rows, ToString::to_string);
        assert!(paging.next.is_none() && paging.first.is_none());
    }
}
