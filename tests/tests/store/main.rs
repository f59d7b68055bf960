//! The stores' promises, each on SQLite and on PostgreSQL.

mod journal;
mod make;
mod spool;
