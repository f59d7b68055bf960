//! The review console through the real binary: who gets in, how, and to what; and how it looks.

mod accounts;
mod audit;
mod bench;
mod content;
mod decisions;
mod held;
mod look;
mod openid;
mod overview;
mod policy;
mod routes;
mod saved;
mod sign_in;
