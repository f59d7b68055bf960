//! What left for an address, as a standing has it. The spool writes it, where a message is counted;
//! how many are too many is the rules' to say.

use policy::Sent;

use super::store::{parse_word, time};
use crate::db::{Error, Row};

/// One row of [`SELECT`], with its controller.
pub(super) fn read(row: &Row) -> Result<(String, Sent), Error> {
    let class = parse_word(&row.text(3)?)?;
    let sent = Sent { purpose: row.text(2)?, class, at: time(row.int(4)?)? };
    Ok((row.text(1)?, sent))
}

pub(super) const SELECT: &str = "SELECT key, controller, purpose, class, at FROM sent \
                                 WHERE key {in}";
