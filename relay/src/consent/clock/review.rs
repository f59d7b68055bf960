//! The contacts are looked over once in a while, by a person who signs for it (S45). The clock says
//! when; nothing is deleted by it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Map;
use uuid::Uuid;

use super::Terms;
use crate::{
    consent::{
        Consent,
        customer::{Clocks, Customer},
        filter::Filter,
        register::{self, Entry},
    },
    db::{Error, Row, int, text, uuid},
};

/// What there is to see.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Figures {
    pub contacts: u64,
    /// Contacts without any valid purpose.
    pub holding_nothing: u64,
    pub refused_everything: u64,
    pub active_customers: u64,
    pub former_customers: u64,
    pub inactive_customers: u64,
    pub never_customers: u64,
    /// No sign of life for longer than the pack waits.
    pub silent: u64,
}

/// One that was signed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Review {
    pub at: Timestamp,
    pub actor: String,
    pub note: String,
    pub figures: Figures,
}

impl Consent {
    pub async fn review_figures(
        &self,
        controller: &str,
        clocks: &Clocks,
    ) -> Result<Figures, Error> {
        let of = async |filter: Filter| self.count(controller, &filter, clocks).await;
        let customers = async |which| of(Filter::Customer(which)).await;
        Ok(Figures {
            contacts: of(Filter::everybody()).await?,
            holding_nothing: of(Filter::HoldsNothing {}).await?,
            refused_everything: of(Filter::RefusedEverything {}).await?,
            active_customers: customers(Customer::Active).await?,
            former_customers: customers(Customer::Former).await?,
            inactive_customers: customers(Customer::Inactive).await?,
            never_customers: customers(Customer::Never).await?,
            silent: of(Filter::Silent { since: clocks.lived, kind: None }).await?,
        })
    }

    /// Writes down that somebody looked over the controller's contacts, in the journal too.
    pub async fn review_sign(&self, controller: &str, review: &Review) -> Result<(), Error> {
        let mut tx = self.db.begin().await?;
        let id = Uuid::now_v7();
        let row = vec![
            uuid(id),
            text(controller.to_owned()),
            int(review.at.as_millisecond()),
            text(review.actor.clone()),
            text(review.note.clone()),
            text(serde_json::to_string(&review.figures).unwrap_or_default()),
        ];
        let columns = &["id", "controller", "at", "actor", "note", "figures"];
        tx.insert("review", columns, row, "").await?;
        register::note(&mut tx, self, review.at, Entry::Reviewed(id), Map::new()).await?;
        tx.commit().await
    }

    /// Newest first.
    pub async fn reviews(&self, controller: &str) -> Result<Vec<Review>, Error> {
        let sql = "SELECT at, actor, note, figures FROM review WHERE controller = $1 \
                   ORDER BY at DESC, id DESC";
        let rows = self.db.read().await?.rows(sql, vec![text(controller.to_owned())]).await?;
        rows.iter().map(read).collect()
    }

    /// Since when the next look is due; `None`: not yet, or there is nobody to look at.
    pub async fn review_due(
        &self,
        now: Timestamp,
        terms: &Terms,
    ) -> Result<Option<Timestamp>, Error> {
        let sql = "SELECT COALESCE((SELECT MAX(at) FROM review WHERE controller = $1), \
                   (SELECT created_at FROM contact WHERE controller = $1 \
                   ORDER BY id LIMIT 1))";
        let of = vec![text(terms.controller.clone())];
        let rows = self.db.read().await?.rows(sql, of).await?;
        let last = rows.first().map_or(Ok(None), |row| row.opt_time(0))?;
        let Some(last) = last else { return Ok(None) };
        Ok(Some(terms.review_every.after(last, &terms.zone)).filter(|due| *due <= now))
    }
}

fn read(row: &Row) -> Result<Review, Error> {
    let figures = serde_json::from_str(&row.text(3)?);
    Ok(Review {
        at: row.time(0)?,
        actor: row.text(1)?,
        note: row.text(2)?,
        figures: figures.map_err(|fault| Error::Bug(format!("a review: {fault}")))?,
    })
}
