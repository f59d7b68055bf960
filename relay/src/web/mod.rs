//! HTTP: the pages that links lead to, the API, the console, and what operators watch. Each has a
//! listener and a router of its own.

pub mod api;
mod client;
pub mod console;
pub mod digest;
mod form;
mod guesses;
pub mod hooks;
mod html;
mod kinds;
pub mod ops;
pub mod paper;
mod post;
pub mod public;
mod server;

pub use axum::Router;
pub use post::Post;
pub use server::serve;
