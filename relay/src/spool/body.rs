//! Where the bytes of messages are: in the database, or in files beside it.
//!
//! The rest of the spool only sees places. Nothing here decides how long bytes are kept.

use std::sync::Arc;

use uuid::Uuid;

use super::{Message, store};
use crate::db::{Arg, Conn, Error, Tx, uuid};

/// Where a message's bytes lie in a segment file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Place {
    pub segment: i64,
    pub offset: i64,
    pub length: i64,
    pub checksum: [u8; 32],
}

#[derive(Clone, Debug)]
pub(super) enum Bodies {
    /// In table `body`, within the message's own transaction.
    Table,
}

impl Bodies {
    /// Puts the bytes of new messages down; they are on disk no later than the transaction is.
    /// One place per message, in order; `None`: in the database.
    pub(super) async fn put(
        &self,
        tx: &mut Tx<'_>,
        messages: &[Arc<Message>],
    ) -> Result<Vec<Option<Place>>, Error> {
        match self {
            Self::Table => {
                let rows = messages
                    .iter()
                    .flat_map(|message| [uuid(message.id), Arg::bytes(message.bytes.as_ref())]);
                tx.insert("body", &["message", "bytes"], rows.collect(), "").await?;
                Ok(messages.iter().map(|_| None).collect())
            }
        }
    }

    /// The bytes of messages just read, into them.
    pub(super) async fn fetch(
        &self,
        conn: &mut Conn<'_>,
        messages: &mut [(Message, Option<Place>)],
    ) -> Result<(), Error> {
        let ids = messages.iter().filter(|(_, place)| place.is_none()).map(|(one, _)| one.id);
        let mut found = store::bodies(conn, ids.collect()).await?;
        found.sort_by_key(|(id, _)| *id);
        for (message, _) in messages {
            let at = found
                .binary_search_by_key(&message.id, |(id, _)| *id)
                .map_err(|_| Error::Bug(format!("message {} has lost its bytes", message.id)))?;
            message.bytes = found.get(at).map(|(_, bytes)| bytes.clone()).unwrap_or_default();
        }
        Ok(())
    }

    /// Within the transaction that drops the messages.
    pub(super) async fn drop(
        &self,
        tx: &mut Tx<'_>,
        gone: &[(Uuid, Option<Place>)],
    ) -> Result<(), Error> {
        let ids = gone.iter().filter(|(_, place)| place.is_none()).map(|(id, _)| *id).collect();
        store::drop_bodies(tx, ids).await
    }

    /// After the commit: nothing refers to these places any more.
    pub(super) fn committed(&self, _gone: &[(Uuid, Option<Place>)]) {
        match self {
            Self::Table => {}
        }
    }
}
