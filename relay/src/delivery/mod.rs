//! Sends on what the spool holds: decide again, render, sign, hand over, settle.
//!
//! `worker` takes jobs in, `route` says where each goes, `destination` keeps the connections,
//! `prepare` decides again right before the bytes leave, `attempt` drives one connection.

pub mod schedule;
pub mod settings;

pub use settings::{Credentials, NextHop, Route, Settings, Smarthost, Timeouts, Tls};
