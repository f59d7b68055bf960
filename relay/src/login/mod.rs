//! The SMTP credentials of mailing tools: who may send, and as whom.

use serde::{Deserialize, Serialize};

pub use crate::config::{Mixed, Refusals};

/// What a verified credential allows.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Login {
    pub name: String,
    /// `@shop.cz`, `@*.shop.cz`, `news@shop.cz`: both MAIL FROM and header From must match one.
    pub senders: Vec<String>,
    pub refusals: Refusals,
    pub mixed: Mixed,
}
