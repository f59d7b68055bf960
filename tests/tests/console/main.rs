//! The review console through the real binary: who gets in, how, and to what; and how it looks.

mod accounts;
mod audit;
mod decisions;
mod look;
mod openid;
mod overview;
mod routes;
mod sign_in;
