//! Webhooks with the real binary and a real receiver, on both databases.

mod docs;
mod gone;
mod incoming;
mod messages;
mod out;
mod work;
