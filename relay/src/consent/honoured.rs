//! How long it took from a refusal to its record. From then on every message is decided against it,
//! those in the queue, too: so that is how long one could still have passed.

use jiff::{SignedDuration, Timestamp};

use super::Consent;
use crate::db::{Error, int, text};

/// Refusals of one controller that were written down within a time.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Honoured {
    pub count: u64,
    pub median: SignedDuration,
    pub longest: SignedDuration,
}

impl Consent {
    /// Of those that came by pages, hooks, the API or staff, the newest ten thousand. What was
    /// imported or typed on the machine tells nothing: it says when it was refused elsewhere.
    pub async fn honoured(
        &self,
        controller: &str,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Honoured, Error> {
        let sql = "SELECT recorded_at - at FROM consent_event WHERE kind = 'refused' \
                   AND controller = $1 AND recorded_at >= $2 AND recorded_at <= $3 \
                   AND actor <> 'import' AND actor <> 'cli' ORDER BY recorded_at DESC LIMIT $4";
        let times = [from, until].map(|at| int(at.as_millisecond()));
        let mut args = vec![text(controller)];
        args.extend(times);
        args.push(int(LOOKED_AT_MAX));
        let rows = self.db.read().await?.rows(sql, args).await?;
        let took = rows.iter().map(|row| row.int(0)).collect::<Result<Vec<i64>, _>>()?;
        Ok(of(took))
    }
}

fn of(mut took: Vec<i64>) -> Honoured {
    took.sort_unstable();
    let at = |index: usize| {
        let millis = took.get(index).copied().unwrap_or_default();
        SignedDuration::from_millis(millis.max(0))
    };
    Honoured {
        count: u64::try_from(took.len()).unwrap_or_default(),
        median: at(took.len().saturating_sub(1) / 2),
        longest: at(took.len().saturating_sub(1)),
    }
}

const LOOKED_AT_MAX: i64 = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_one_and_the_worst_are_said() {
        let said = of(vec![9_000, -5, 1_000, 2_000]);
        assert_eq!((said.count, said.median), (4, SignedDuration::from_secs(1)));
        assert_eq!(said.longest, SignedDuration::from_secs(9));
        assert_eq!(of(Vec::new()), Honoured::default());
    }
}
