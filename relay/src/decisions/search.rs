//! A filter looked up once, for every question that one page has.

use super::{
    campaign,
    filter::Filter,
    kind::{Kind, Kinds},
};
use crate::{
    db::{Arg, Db, Error, int, places},
    seal::Secret,
};

/// Asks for pages, groups and sums of what its filter takes.
pub struct Search {
    pub(super) db: Db,
    pub(super) secret: Secret,
    pub(super) filter: Filter,
    pub(super) kinds: Kinds,
    /// `None`: all there are.
    pub(super) campaigns: Option<Vec<i64>>,
}

impl Search {
    pub async fn open(db: &Db, secret: &Secret, filter: Filter) -> Result<Self, Error> {
        let mut conn = db.read().await?;
        let kinds = Kinds::read(&mut conn).await?;
        let mut campaigns = filter.campaign.map(|one| vec![one]);
        if let Some(words) = &filter.words {
            let said = campaign::saying(&mut conn, secret, words, CAMPAIGNS_MAX).await?;
            campaigns = Some(match campaigns {
                Some(asked) => asked.into_iter().filter(|one| said.contains(one)).collect(),
                None => said,
            });
        }
        Ok(Self { db: db.clone(), secret: secret.clone(), filter, kinds, campaigns })
    }

    /// All kinds of verdicts there are: what filters can choose from.
    pub fn kinds(&self) -> &Kinds {
        &self.kinds
    }

    /// What to look for, by numbers; `None` where nothing can match.
    pub(super) fn sought(&self, takes: impl Fn(&Kind) -> bool) -> Option<Sought<'_>> {
        let taken = self.kinds.iter().filter(|(_, kind)| takes(kind));
        let taken: Vec<i64> = taken.map(|(id, _)| id).collect();
        let campaigns = self.campaigns.as_deref();
        if taken.is_empty() || campaigns.is_some_and(<[i64]>::is_empty) {
            return None;
        }
        // Of a kind that comes up meanwhile nothing is shown to whoever may not see everything.
        let all = self.filter.scope.is_none() && taken.len() == self.kinds.iter().count();
        Some(Sought { kinds: (!all).then_some(taken), campaigns })
    }
}

/// Numbers that the index has its verdicts by.
pub(super) struct Sought<'s> {
    /// `None`: all there are.
    pub kinds: Option<Vec<i64>>,
    /// `None`: all there are.
    pub campaigns: Option<&'s [i64]>,
}

impl Sought<'_> {
    /// A condition on the columns `kind` and `campaign` of a table; empty where anything is taken.
    pub(super) fn condition(&self, args: &mut Vec<Arg<'_>>, table: &str) -> String {
        let mut sql = String::new();
        if let Some(kinds) = &self.kinds {
            let kinds = places(args, kinds.iter().map(|one| int(*one)));
            sql.push_str(&format!(" AND {table}kind IN ({kinds})"));
        }
        if let Some(campaigns) = self.campaigns {
            // Rows, not values: each line is looked up among these, and PostgreSQL would compare it
            // with hundreds of values one after the other.
            let rows = places(args, campaigns.iter().map(|one| int(*one))).replace(", ", "), (");
            sql.push_str(&format!(" AND {table}campaign IN (VALUES ({rows}))"));
        }
        sql
    }
}

/// Of one search.
pub(super) const CAMPAIGNS_MAX: usize = 1_000;
