//! That a person was told of the processing of their data, and by which version of which notice
//! (S70, S84, S96).

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    Recorded,
    event::{Events, Kind},
    record::Desk,
};
use crate::db::{Arg, Error, Tx, int, text, uuid, word};

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

impl NoticeKind {
    /// What is doubtful about it, in one line.
    pub fn doubt(self) -> Option<&'static str> {
        match self {
            Self::Own => None,
            Self::VendorGeneric => Some(
                "a vendor's general text names neither this controller nor its purposes, which the \
                 law asks for (GDPR art. 13): link a notice of your own",
            ),
        }
    }
}

impl<'a> Desk<'a> {
    /// Told at `proof.at`; the newest takes the place of the one before.
    pub(super) async fn inform(
        &self,
        tx: &mut Tx<'_>,
        events: &mut Events<'a>,
        notice: &Notice,
    ) -> Result<Recorded, Error> {
        let sql = "SELECT 1 FROM notice_now WHERE contact = $1 AND version = $2 AND at = $3";
        if self.contact.forgot(self.proof.at) {
            return Ok(Recorded::RefusalStands);
        }
        let at = self.proof.at.as_millisecond();
        let same = vec![uuid(self.contact.id), text(notice.version.clone()), int(at)];
        if !tx.rows(sql, same).await?.is_empty() {
            return Ok(Recorded::Already);
        }
        let row = vec![
            uuid(self.contact.id),
            text(notice.version.clone()),
            text(word(&notice.kind)),
            Arg::Text(notice.url.clone().map(Into::into)),
            int(at),
            int(events.chain()),
            int(events.next()),
        ];
        let newer = "ON CONFLICT (contact) DO UPDATE SET version = excluded.version, \
                     kind = excluded.kind, url = excluded.url, at = excluded.at, \
                     chain = excluded.chain, seq = excluded.seq \
                     WHERE notice_now.at < excluded.at";
        tx.insert("notice_now", COLUMNS, row, newer).await?;
        Ok(self.push(events, Kind::Informed, None, json!({ "notice": notice })))
    }
}

const COLUMNS: &[&str] = &["contact", "version", "kind", "url", "at", "chain", "seq"];
