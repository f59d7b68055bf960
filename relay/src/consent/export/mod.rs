//! Everything on record, written so that others can read it and an import takes it back.

mod cell;
mod gather;
mod receipt;
pub mod table;
mod whole;

pub(super) use cell::plain as plain_cell;
pub use cell::record;
pub use gather::{Export, wholes};
pub use receipt::Receipts;
pub use whole::{Active, Granted, Refused, Told, Whole};
