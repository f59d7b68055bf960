//! The stores' promises, each on SQLite and on PostgreSQL.

mod consent;
mod journal;
mod login;
mod make;
mod spool;
