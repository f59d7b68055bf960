//! The JSON API from outside: the real binary, its keys, its document, its answers.

mod apart;
mod decisions;
mod docs;
mod keys;
mod ledger;
mod problems;
mod purposes;
mod schemathesis;
mod topics;
