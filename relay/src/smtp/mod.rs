//! The SMTP protocol, without sockets, clocks or tasks.
//!
//! Bytes go in, outputs come out. The listener and the delivery worker own the sockets and do
//! what the outputs say; the tests own byte slices and do the same.

pub mod auth;
pub mod body;
pub mod chunk;
pub mod client;
pub mod command;
pub mod dot;
pub mod ehlo;
pub mod envelope;
pub mod lines;
pub mod params;
pub mod path;
pub mod proxy;
pub mod reply;
pub mod scram;
pub mod session;
pub mod settings;
pub mod when;
pub mod xclient;
pub mod xforward;
pub mod xtext;

#[cfg(test)]
mod pair;
