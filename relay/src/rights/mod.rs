//! The rights of a data subject (GDPR chapter III): a copy of everything on record about one
//! person, and its erasure with what stays and why.
//!
//! How a copy looks on paper is `web`'s; what a statement changes is `consent`'s.

mod dossier;
mod erase;
mod table;

pub use dossier::{Dossier, Stores};
pub use erase::{Outcome, Stays, Wish, erase};
