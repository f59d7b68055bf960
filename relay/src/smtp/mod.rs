//! The SMTP protocol, without sockets, clocks or tasks.
//!
//! Bytes go in, outputs come out. The listener and the delivery worker own the sockets and do
//! what the outputs say; the tests own byte slices and do the same.

pub mod auth;
pub mod client;
pub mod envelope;
pub mod proxy;
pub mod reply;
pub mod session;
pub mod settings;
pub mod xclient;
