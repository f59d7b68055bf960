//! That a person was told of the processing of their data, and by which version of which notice
//! (S70, S84, S96).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    Consent, Proof, Recorded, Who,
    event::{Events, Kind, New},
    record::conclude,
    store::{find_or_make, word},
};
use crate::db::{Arg, Error, int, text, uuid};

/// What the person was told.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Notice {
    /// As the controller calls it: `2026-05`.
    pub version: String,
    #[serde(default)]
    pub kind: NoticeKind,
    #[serde(default)]
    pub url: Option<String>,
}

/// Whose text it was.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoticeKind {
    /// The controller's.
    #[default]
    Own,
    /// That of the tool's vendor, which says less about this controller than the law asks for.
    VendorGeneric,
}

impl Consent {
    /// The person was told at `proof.at`; the newest takes the place of the one before.
    pub async fn inform(
        &self,
        now: Timestamp,
        who: &Who,
        notice: &Notice,
        proof: &Proof,
    ) -> Result<Recorded, Error> {
        let mut tx = self.db.begin().await?;
        let contact = find_or_make(&mut tx, self, who, now).await?;
        let sql = "SELECT 1 FROM notice_now WHERE contact = $1 AND version = $2 AND at = $3";
        let same =
            vec![uuid(contact.id), text(notice.version.clone()), int(proof.at.as_millisecond())];
        if !tx.rows(sql, same).await?.is_empty() {
            return Ok(Recorded::Already);
        }
        let mut events = Events::begin(&mut tx, &self.chain).await?;
        let seq = events.push(New {
            contact: contact.id,
            salt: &contact.salt,
            kind: Kind::Informed,
            controller: &who.controller,
            purpose: None,
            recorded_at: now,
            said: proof.into(),
            detail: json!({ "notice": notice }),
        });
        let row = vec![
            uuid(contact.id),
            text(notice.version.clone()),
            text(word(&notice.kind)),
            Arg::Text(notice.url.clone().map(Into::into)),
            int(proof.at.as_millisecond()),
            int(events.chain()),
            int(seq),
        ];
        let newer = "ON CONFLICT (contact) DO UPDATE SET version = excluded.version, \
                     kind = excluded.kind, url = excluded.url, at = excluded.at, \
                     chain = excluded.chain, seq = excluded.seq \
                     WHERE notice_now.at < excluded.at";
        tx.insert("notice_now", COLUMNS, row, newer).await?;
        conclude(tx, events, seq).await
    }
}

const COLUMNS: &[&str] = &["contact", "version", "kind", "url", "at", "chain", "seq"];
