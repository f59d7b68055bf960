//! The stores' promises, each on SQLite and on PostgreSQL.

mod activity;
mod consent;
mod ends;
mod import;
mod journal;
mod login;
mod make;
mod spool;
mod standing;
mod turn;
