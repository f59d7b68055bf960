//! The relay: takes messages in, asks `policy`, carries the verdict out, sends on, keeps the proof.
//!
//! `README.md` beside this crate has the map. Each module calls the next and never the one that
//! called it; the order is held by a test.

// Mail is hostile input: nothing it contains may panic us. It binds the product and not its tests.
#![cfg_attr(
    not(test),
    deny(
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::string_slice,
        clippy::unreachable,
        clippy::unwrap_used
    )
)]

pub mod api_key;
pub mod at_rest;
pub mod cli;
pub mod complaints;
pub mod config;
pub mod consent;
pub mod content;
pub mod db;
pub mod decisions;
pub mod delivery;
pub mod doctor;
pub(crate) mod document;
pub mod drafts;
pub mod evidence;
pub mod facts;
pub mod figures;
pub mod http;
pub mod inbound;
pub mod intake;
pub(crate) mod job;
pub mod journal;
pub mod judge;
pub mod listener;
pub mod log;
pub mod login;
pub mod milter;
pub mod mistake;
pub mod news;
pub mod openid;
pub mod owned;
pub mod reach;
pub mod returns;
pub mod review;
pub mod rights;
pub mod rotation;
pub mod sample;
pub mod seal;
pub mod serve;
pub mod sign;
pub mod smtp;
pub mod spool;
pub mod staff;
pub mod system;
pub mod tls;
pub mod tls_report;
pub mod web;
pub mod webhook;
pub mod wish;
pub mod words;
