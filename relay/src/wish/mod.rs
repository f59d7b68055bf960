//! What people wrote back that may mean no, and that no machine should understand alone: kept, sealed,
//! until somebody on the staff has read it and said what it means.
//!
//! The letter goes on to the controller's own mailbox, too: it may say more than that.

mod store;

use jiff::Timestamp;
use policy::Scope;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

pub use store::{erase, forget};

use crate::{
    db::Db,
    seal::{AddressKey, Secret},
};

/// All of them; cheap to clone.
#[derive(Clone, Debug)]
pub struct Wishes {
    pub db: Db,
    pub secret: Secret,
}

/// One letter.
#[derive(Clone, Debug)]
pub struct Wish {
    pub id: Uuid,
    pub at: Timestamp,
    pub about: About,
    pub told: Told,
    /// `None`: nobody has read it yet.
    pub read: Option<Read>,
}

/// What it answers, as far as that is on record.
#[derive(Clone, Debug)]
pub struct About {
    pub message: Uuid,
    pub controller: String,
    pub stream: String,
    pub login: String,
    /// Its writer; `None`: the address is none of the message's recipients.
    pub recipient: Option<AddressKey>,
}

/// The letter itself.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Told {
    pub from: Option<String>,
    pub date: Option<String>,
    pub message_id: Option<String>,
    pub subject: String,
    /// Up to [`TEXT_MAX`] letters.
    pub text: String,
}

impl Told {
    /// What a refusal is proven by: the header, and the message that it answers.
    pub fn evidence(&self, message: Uuid) -> Value {
        let Self { from, date, message_id, subject, .. } = self;
        json!({
            "message": message,
            "from": from,
            "date": date,
            "message_id": message_id,
            "subject": subject,
        })
    }
}

/// What somebody says that it means.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Read {
    pub at: Timestamp,
    /// `staff/<account>`.
    pub by: String,
    /// `None`: it is no refusal.
    pub refuses: Option<Scope>,
}

/// What came of a letter that is to be kept.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kept {
    /// Now, or when it came before.
    Yes,
    /// So many about one message wait already that nobody reads them all.
    TooMany,
}

/// Letters of the text that are kept.
pub const TEXT_MAX: usize = 4_000;
/// Unread ones about one message.
const UNREAD_MAX: i64 = 50;
/// For so many days one that was read can be shown to whoever complains about it.
pub const KEPT_DAYS: i64 = 365;
