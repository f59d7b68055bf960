//! What left for an address, as a standing has it. The spool writes it, where a message is counted;
//! how many are too many is the rules' to say.

use policy::Sent;

use super::store::parse_word;
use crate::db::{Error, Row};

/// One row of [`SELECT`].
pub(super) fn read(row: &Row) -> Result<Sent, Error> {
    let class = parse_word(row.str(2)?)?;
    Ok(Sent { purpose: row.text(1)?, class, at: row.time(3)? })
}

pub(super) const SELECT: &str = "SELECT key, purpose, class, at FROM sent \
                                 WHERE key {in}";
