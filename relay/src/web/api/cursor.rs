//! Where a page ended, for the next one: sealed, so that nobody can make one, and bound to its
//! list and controller, so that none leads elsewhere.
//!
//! It names the last row and not a count of rows: what is added meanwhile moves nothing.

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use utoipa::{IntoParams, ToSchema};

use super::problem::{CURSOR_UNKNOWN, PARAMETER_WRONG, Problem};
use crate::seal::Secret;

/// What a list is asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Paged {
    /// How many rows at most; 100 where nothing is said.
    #[param(minimum = 1, maximum = 1000, example = 100)]
    pub limit: Option<u32>,
    /// `next` of the page before.
    #[param(max_length = 1000)]
    pub cursor: Option<String>,
}

/// A page of a list.
#[derive(Serialize, ToSchema)]
pub(super) struct Page<T> {
    pub items: Vec<T>,
    /// Asks for the next page, as `cursor`; null on the last one.
    #[schema(example = json!(null))]
    pub next: Option<String>,
}

impl Paged {
    pub(super) fn limit(&self) -> Result<usize, Problem> {
        match self.limit {
            None => Ok(LIMIT),
            Some(limit @ 1..=LIMIT_MAX) => Ok(limit as usize),
            Some(_) => {
                Err(Problem::new(PARAMETER_WRONG, "a page has 1 to 1000 rows").parameter("limit"))
            }
        }
    }

    /// After which row the page begins.
    pub(super) fn after<T: DeserializeOwned>(
        &self,
        secret: &Secret,
        list: &str,
    ) -> Result<Option<T>, Problem> {
        let Some(cursor) = &self.cursor else { return Ok(None) };
        let plain = secret.open_token(cursor);
        let read =
            plain.as_deref().and_then(|plain| plain.split_first()).and_then(|(form, rest)| {
                let (own, row): (String, T) = serde_json::from_slice(rest).ok()?;
                (*form == FORM && own == list).then_some(row)
            });
        read.map(Some).ok_or_else(|| {
            Problem::new(CURSOR_UNKNOWN, "it was made by another list, or is not whole")
                .parameter("cursor")
        })
    }
}

impl<T> Page<T> {
    /// Of one row more than the page has, where there are more.
    pub(super) fn of<R>(
        mut rows: Vec<R>,
        limit: usize,
        cursor: impl FnOnce(&R) -> String,
        item: impl FnMut(R) -> T,
    ) -> Self {
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(cursor);
        Self { items: rows.into_iter().map(item).collect(), next }
    }

    /// Of a list that is short enough to be read whole, in the order of `place`.
    pub(super) fn of_whole<R, P: Serialize + DeserializeOwned + Ord>(
        (paged, secret, list): (&Paged, &Secret, &str),
        mut rows: Vec<R>,
        place: impl Fn(&R) -> P,
        item: impl FnMut(R) -> T,
    ) -> Result<Self, Problem> {
        let limit = paged.limit()?;
        if let Some(after) = paged.after::<P>(secret, list)? {
            rows.retain(|row| place(row) > after);
        }
        Ok(Self::of(rows, limit, |last| seal(secret, list, &place(last)), item))
    }
}

/// `list` names list and controller.
pub(super) fn seal(secret: &Secret, list: &str, row: &impl Serialize) -> String {
    let mut plain = vec![FORM];
    // INVARIANT: texts and numbers are always written.
    plain.extend(serde_json::to_vec(&(list, row)).unwrap_or_default());
    secret.seal_token(&plain)
}

/// A link in a message begins with another.
const FORM: u8 = 0xC1;
const LIMIT: usize = 100;
const LIMIT_MAX: u32 = 1_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_for_its_own_list_alone() {
        let secret = Secret::from_bytes([7; 32]);
        let cursor = Some(seal(&secret, "purposes of a", &"novinky"));
        let paged = Paged { limit: None, cursor };
        let after = |list| paged.after::<String>(&secret, list);
        assert_eq!(after("purposes of a").unwrap().as_deref(), Some("novinky"));
        assert!(after("purposes of b").is_err());
        assert!(paged.after::<i64>(&secret, "purposes of a").is_err());
        let other = Secret::from_bytes([8; 32]);
        assert!(paged.after::<String>(&other, "purposes of a").is_err());
    }
}
