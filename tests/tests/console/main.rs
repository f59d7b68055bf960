//! The review console through the real binary: who gets in, how, and to what; and how it looks.

mod accounts;
mod audit;
mod bench;
mod contacts;
mod content;
mod decisions;
mod drafts;
mod held;
mod import;
mod letters;
mod look;
mod look_people;
mod mistakes;
mod openid;
mod overview;
mod policy;
mod purposes;
mod queue;
mod routes;
mod saved;
mod senders;
mod sign_in;
