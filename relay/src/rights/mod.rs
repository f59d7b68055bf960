//! The rights of a data subject (GDPR chapter III): a copy of everything on record about one
//! person, its erasure with what stays and why, and what a privacy notice has to tell.
//!
//! How a copy looks on paper is `web`'s; what a statement changes is `consent`'s.

mod dossier;
mod erase;
mod notice;
mod table;

pub use dossier::{Dossier, Stores};
pub use erase::{Outcome, Stays, Wish, erase};
pub use notice::notice;
