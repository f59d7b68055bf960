//! The stores' promises, each on SQLite and on PostgreSQL.

mod activity;
mod api_key;
mod assign;
mod bytes;
mod checkpoint;
mod clock;
mod consent;
mod decisions;
mod ends;
mod erase;
mod filter;
mod forgotten;
mod hear;
mod import;
mod journal;
mod login;
mod make;
mod order;
mod pending;
mod refused;
mod replay;
mod rotation;
mod spool;
mod staff;
mod standing;
mod turn;
