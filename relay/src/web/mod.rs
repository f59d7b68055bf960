//! HTTP: the pages that links lead to, and what operators watch. Two listeners, two routers.

pub mod api;
mod client;
mod guesses;
pub mod hooks;
mod kinds;
pub mod ops;
pub mod paper;
pub mod public;
mod server;

pub use axum::Router;
pub use server::serve;
